from odoo import SUPERUSER_ID, api

from odoo.addons.amazon_connector.amazon_api.shapes import ShapeError
from odoo.addons.amazon_connector.amazon_api.transactions import read_transaction


def migrate(cr, version):
    """Give transactions of before the ids under which Amazon defers and releases them, and make one of those that are the same money.

    It may run again: a transaction that has its ids stays as it is.
    """
    transactions = api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True})['amazon.transaction']
    for transaction in transactions.search([('deferred_ref', '=', False), ('release_ref', '=', False)], order='posted_date, id'):
        if transaction.exists():
            _join(transaction)


def _join(transaction):
    try:
        told = read_transaction(transaction.payload)
    except ShapeError:
        # It is an exception, or waits, and says so when it is tried again.
        return
    if len(told.deferred_refs) <= 1:
        known = transaction | transaction._find_known(transaction.seller_id, told)
        known._take_in(told, transaction._prepare_vals(transaction.seller_id, told, transaction.payload))

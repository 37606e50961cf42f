from odoo import SUPERUSER_ID, api
from odoo.tools import split_every

from odoo.addons.amazon_connector.amazon_api.shapes import ShapeError
from odoo.addons.amazon_connector.amazon_api.transactions import read_transaction

PORTION = 1000


def migrate(cr, version):
    """Give transactions of before the ids under which Amazon defers and releases them, and make one of those that are
    the same money.

    It may run again: a transaction that has its ids stays as it is.
    """
    env = api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True})
    found = env['amazon.transaction'].search(
        [('deferred_ref', '=', False), ('release_ref', '=', False)], order='posted_date, id')
    for portion in split_every(PORTION, found.ids, env['amazon.transaction'].browse):
        for transaction in portion:
            # Those before it may have taken it in.
            if transaction.exists():
                _join(transaction)
        env.flush_all()
        env.invalidate_all()


def _join(transaction):
    try:
        told = read_transaction(transaction.payload)
    except ShapeError:
        # It is an exception, or waits, and says so when it is tried again.
        return
    if len(told.deferred_refs) <= 1:
        known = transaction | transaction._find_known(transaction.seller_id, told)
        known._update_known(told, transaction._prepare_vals(transaction.seller_id, told, transaction.payload))

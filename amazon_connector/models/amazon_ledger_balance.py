import json

from odoo import api, fields, models
from odoo.tools import SQL

from ..amazon_reports.ledger_summary import read_balances
from ..utils.amazon_words import label_field
from ..utils.copy_rows import copy_rows
from ..utils.words import say

COUNTS = ('starting', 'in_transit', 'receipts', 'shipments', 'returns', 'removals', 'transfers', 'found', 'lost',
          'damaged', 'disposed', 'other', 'ending', 'unknown')
COLUMNS = ('seller_id', 'date', 'sku', 'fnsku', 'asin', 'title', 'disposition', 'country_code', *COUNTS, 'extra')
# Balances of so many days are kept, and those of the ends of months.
KEEP_DAYS = 62


class AmazonLedgerBalance(models.Model):
    """Amazon's balance of one SKU in one country and condition at the end of a day, against which Odoo's stock is
    proved; written below the ORM.
    """

    _name = 'amazon.ledger.balance'
    _description = "Amazon Ledger Balance"
    _rec_name = 'sku'
    _log_access = False
    _order = 'date desc, sku, country_code, disposition'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='seller_id.company_id')
    date = fields.Date(required=True, readonly=True, index=True)
    sku = fields.Char("SKU", readonly=True)
    fnsku = fields.Char("FNSKU", readonly=True)
    asin = fields.Char("ASIN", readonly=True)
    title = fields.Char(readonly=True)
    disposition = fields.Char(readonly=True)
    disposition_label = label_field("Condition", 'disposition', 'disposition')
    country_code = fields.Char("Country", readonly=True)
    starting = fields.Integer("Starting balance", readonly=True)
    in_transit = fields.Integer("In transit between warehouses", readonly=True)
    receipts = fields.Integer(readonly=True)
    shipments = fields.Integer("Customer shipments", readonly=True)
    returns = fields.Integer("Customer returns", readonly=True)
    removals = fields.Integer("Vendor returns", readonly=True)
    transfers = fields.Integer("Warehouse transfers", readonly=True)
    found = fields.Integer(readonly=True)
    lost = fields.Integer(readonly=True)
    damaged = fields.Integer(readonly=True)
    disposed = fields.Integer(readonly=True)
    other = fields.Integer("Other events", readonly=True)
    ending = fields.Integer("Ending balance", readonly=True)
    unknown = fields.Integer("Unknown events", readonly=True)
    extra = fields.Json("Other columns", readonly=True)

    @api.model
    def _import_report(self, report, sync):
        """Store the balances of a report in the place of those of its days; see `amazon_report.IMPORTERS`."""
        rows = list(read_balances(report._get_content(), report.charset or ''))
        report._set_problems({row.number: say(self.env, row.problem) for row in rows if row.problem})
        days = self.env['amazon.ledger.day']
        wanted = {days._to_date(report.seller_id, moment) for moment in (report.start_date, report.end_date)}
        good = [row for row in rows if row.date in wanted and row.ending is not None]
        report.row_count = len(good)
        dates = {row.date for row in good}
        self.search([('seller_id', '=', report.seller_id.id), ('date', 'in', list(dates))]).unlink()
        copy_rows(self.env.cr, 'amazon_ledger_balance', COLUMNS, ((
            report.seller_id.id, row.date, row.sku, row.fnsku, row.asin, row.title, row.disposition, row.location,
            *(getattr(row, name) or 0 for name in COUNTS), json.dumps(row.extra) if row.extra else None)
            for row in good))
        self.invalidate_model()
        return sync._commit() or True

    @api.model
    def _get_last_date(self, seller):
        """Return the last day with balances of a seller, or False."""
        return self.search([('seller_id', '=', seller.id)], order='date desc', limit=1).date

    @api.autovacuum
    def _gc_balances(self):
        self.env.cr.execute(SQL(
            """DELETE FROM amazon_ledger_balance WHERE date < CURRENT_DATE - %s::int
                  AND date != (date_trunc('month', date) + interval '1 month - 1 day')::date""", KEEP_DAYS))

from odoo import api, fields, models

from ..utils.access import check_companies

# Where the counterpart of a movement lies; those of `amazon_kind` are locations of the seller, see `stock.location`.
ROUTES = [
    ('inbound', "Inbound shipment"), ('dispatch', "Shipped to customers"), ('customer', "Customers"),
    ('removal', "On its way back from Amazon"), ('transfer', "In transit at Amazon"), ('change', "Another condition"),
    ('loss', "Lost and found"), ('disposed', "Disposed of"), ('none', "Not booked"),
]


class AmazonLedgerReason(models.Model):
    """What a row of Amazon's inventory ledger means for stock: the location on the other side of its movement."""

    _name = 'amazon.ledger.reason'
    _description = "Amazon Ledger Reason"
    _inherit = ['amazon.access.mixin']
    _order = 'event_type, code, company_id, id'

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one('res.company', default=lambda self: False if self.env.su else self.env.company,
                                 help="Empty: built in, for all companies. A company's own reason comes before it.")
    event_type = fields.Char(required=True, help="As Amazon writes it in the ledger: Receipts, Adjustments …")
    code = fields.Char("Reason code", help="As Amazon writes it; empty for all codes of this event without a reason of "
                       "their own.")
    route = fields.Selection(ROUTES, "Counterpart", required=True,
                             help="The other side of the movement. Another condition: it comes back in the same "
                             "fulfillment center, as damaged or as sellable.")
    claim_kind = fields.Selection(
        [('lost', "Lost"), ('found', "Found"), ('damaged', "Damaged by Amazon"), ('disposed', "Disposed of")],
        "For claims", help="What the movement means for what Amazon owes.")

    _reason_unique = models.UniqueIndex(
        "(COALESCE(company_id, 0), event_type, COALESCE(code, '')) WHERE active",
        "A company has one reason for each code of an event.")

    @api.model_create_multi
    def create(self, vals_list):
        """Create reasons; users only for their companies."""
        reasons = super().create(vals_list)
        check_companies(self.env, reasons.company_id.ids)
        reasons._let_book_again()
        return reasons

    def write(self, vals):
        """Write reasons; days with rows that have none are booked again."""
        check_companies(self.env, filter(None, [vals.get('company_id')]))
        result = super().write(vals)
        self._let_book_again()
        return result

    @api.model
    def _let_book_again(self):
        """Let the next run book the rows that had no reason until now."""
        self.env['amazon.sync'].sudo()._wake_event_flow('fba_stock')

    @api.model
    def _get_book(self, company):
        """Return the reasons of a company by event (in lower case) and code, '' for the code of all others."""
        found = self.search([('company_id', 'in', (False, company.id))])
        return {(reason.event_type.lower(), reason.code or ''): reason
                for reason in found.sorted(lambda reason: bool(reason.company_id))}

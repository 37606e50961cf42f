from odoo import fields, models

from ..utils.amazon_words import label_field
from ..utils.conditions import unknown_field
from .amazon_ledger_reason import ROUTES


class AmazonLedgerLine(models.Model):
    """One row of Amazon's inventory ledger as Amazon wrote it; written below the ORM, by `amazon.ledger.day`.

    Rows that are equal in every column are movements of their own. Product, pieces, components and counterpart of a
    booked row are those that it was booked with: what is mapped otherwise later leaves them as they are.
    """

    _name = 'amazon.ledger.line'
    _description = "Amazon Ledger Row"
    _rec_name = 'sku'
    _log_access = False
    _order = 'date desc, day_id desc, number'

    day_id = fields.Many2one('amazon.ledger.day', required=True, readonly=True, ondelete='cascade', index=True)
    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='day_id.company_id')
    number = fields.Integer("Line of the file", readonly=True)
    date = fields.Date(required=True, readonly=True, index=True)
    sku = fields.Char("SKU", readonly=True, index='btree_not_null')
    fnsku = fields.Char("FNSKU", readonly=True)
    asin = fields.Char("ASIN", readonly=True)
    title = fields.Char(readonly=True)
    event_type = fields.Char(readonly=True)
    code = fields.Char("Reason code", readonly=True)
    reference = fields.Char(readonly=True, index='btree_not_null',
                            help="The inbound shipment of receipts, or Amazon's number of an adjustment.")
    quantity = fields.Integer("Units", readonly=True, help="Units as Amazon sells them; of a pack, one is several "
                              "pieces of the product.")
    center = fields.Char("Fulfillment center", readonly=True)
    disposition = fields.Char(readonly=True)
    disposition_label = label_field("Condition", 'disposition', 'disposition')
    is_condition_unknown = unknown_field()
    country_code = fields.Char("Country", readonly=True)
    reconciled = fields.Integer(readonly=True)
    unreconciled = fields.Integer(readonly=True)
    extra = fields.Json("Other columns", readonly=True)
    product_id = fields.Many2one('product.product', readonly=True, index='btree_not_null', ondelete='set null')
    pack_quantity = fields.Integer("Pieces per unit", readonly=True, help="That the row was booked with.")
    parts = fields.Json("Components", readonly=True, help="Of a kit: product and pieces per unit that the row was "
                        "booked with.")
    route = fields.Selection(ROUTES, "Counterpart", readonly=True, help="That the row was booked with.")
    reason_id = fields.Many2one('amazon.ledger.reason', readonly=True, ondelete='set null')
    obstacle = fields.Selection(
        [('unmapped', "SKU without a product"), ('reason', "Unknown reason"), ('country', "Unknown country"),
         ('ambiguous', "Several products have this SKU"), ('kit', "Kit without components")],
        "Not booked", readonly=True, index='btree_not_null')

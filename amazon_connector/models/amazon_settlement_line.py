from odoo import api, fields, models
from odoo.tools import SQL

from ..utils.amazon_words import label_field
from ..utils.settlement_rows import DECIDED
from .amazon_settlement_rule import TREATMENTS


class AmazonSettlementLine(models.Model):
    """One row of a settlement report as Amazon wrote it; written once, below the ORM, by `amazon.settlement`."""

    _name = 'amazon.settlement.line'
    _description = "Amazon Settlement Row"
    _rec_name = 'amount_description'
    _log_access = False
    _order = 'settlement_id desc, number'

    settlement_id = fields.Many2one('amazon.settlement', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='settlement_id.company_id')
    currency_id = fields.Many2one(related='settlement_id.currency_id')
    number = fields.Integer("Line of the file", readonly=True)
    transaction_type = fields.Char(readonly=True)
    transaction_type_label = label_field("Transaction", 'transaction_type', 'transaction_type')
    amount_type = fields.Char(readonly=True)
    amount_type_label = label_field("Kind of amount", 'transaction_type', 'amount_type')
    amount_description = fields.Char("Description", readonly=True)
    amount = fields.Monetary(readonly=True)
    posted_date = fields.Datetime("Posted on", readonly=True)
    order_ref = fields.Char("Order ID", readonly=True, index='btree_not_null',
                            help="Amazon writes shipment ids here, too.")
    merchant_order_ref = fields.Char("Merchant order ID", readonly=True)
    adjustment_ref = fields.Char("Adjustment ID", readonly=True)
    shipment_ref = fields.Char("Shipment ID", readonly=True)
    item_ref = fields.Char("Order item", readonly=True)
    merchant_item_ref = fields.Char("Merchant order item", readonly=True)
    adjustment_item_ref = fields.Char("Adjustment item", readonly=True)
    marketplace_name = fields.Char("Marketplace in the file", readonly=True)
    fulfillment = fields.Char("Fulfilment", readonly=True)
    channel = fields.Selection([('fba', "FBA"), ('fbm', "FBM")], readonly=True)
    sku = fields.Char("SKU", readonly=True)
    quantity = fields.Integer(readonly=True)
    promotion_ref = fields.Char("Promotion", readonly=True)
    extra = fields.Json("Other columns", readonly=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', readonly=True)
    marketplace_inferred = fields.Boolean("Marketplace inferred", readonly=True,
                                          help="The file does not name it: it is that of the order, or of most "
                                          "other rows.")
    sale_order_id = fields.Many2one('sale.order', readonly=True, index='btree_not_null', ondelete='set null')
    product_id = fields.Many2one('product.product', readonly=True, index='btree_not_null', ondelete='set null')
    reimbursement_id = fields.Many2one(
        'amazon.reimbursement', readonly=True, index='btree_not_null', ondelete='set null',
        help="What Amazon says that it paid for; the same money in another report.")
    rule_id = fields.Many2one('amazon.settlement.rule', readonly=True, index='btree_not_null', ondelete='restrict')
    treatment = fields.Selection(TREATMENTS, readonly=True)
    is_late = fields.Boolean("Order came later", readonly=True,
                             help="The order came into Odoo after the settlement was booked.")
    is_cleared = fields.Boolean("Clears an invoice", readonly=True,
                                help="Its order has invoices, which are the revenue; decided when it is booked.")
    booked_as = fields.Json("Booked as", readonly=True, help="Account and taxes (ids) that it was summed up with; an "
                            "invoice afterwards takes out these.")
    account_id = fields.Many2one('account.account', "Account of the rule", compute='_compute_account_id',
                                 help="In the company of the row. What clears an invoice is on the customer's account, "
                                 "tax on that of the tax.")

    def init(self):
        """Leave room beside each row: it is written again once, when it is booked, and PostgreSQL needs no second entry
        in every index for that if the new version fits into the same page.
        """
        self.env.cr.execute("ALTER TABLE amazon_settlement_line SET (fillfactor = 50)")

    @api.depends('rule_id', 'company_id')
    def _compute_account_id(self):
        for company, lines in self.grouped('company_id').items():
            for rule, of_rule in lines.grouped('rule_id').items():
                of_rule.account_id = rule.with_company(company).account_id

    @api.model
    def _link_orders(self, orders):
        """Link rows to sales orders that were imported after their settlement, and update what Amazon charged for them.
        """
        self.flush_model()
        orders.flush_recordset(['amazon_order_ref'])
        linked = self.env.execute_query(SQL(
            """UPDATE amazon_settlement_line line SET sale_order_id = sale.id, is_late = settlement.stage = ANY(%s)
                 FROM sale_order sale
                 JOIN amazon_seller_marketplace market ON market.id = sale.amazon_marketplace_id
                 JOIN amazon_settlement settlement ON settlement.seller_id = market.seller_id
                WHERE sale.id = ANY(%s) AND line.order_ref = sale.amazon_order_ref
                  AND line.settlement_id = settlement.id AND line.sale_order_id IS NULL
            RETURNING sale.id""", list(DECIDED), orders.ids))
        if linked:
            self.invalidate_model(['sale_order_id', 'is_late'])
            orders.browse({row[0] for row in linked})._amazon_update_fees()

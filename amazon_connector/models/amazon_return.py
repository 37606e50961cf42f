import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare

from ..utils.access import USER, WAREHOUSE, check_group
from ..utils.amazon_words import label_field
from ..utils.conditions import unknown_field
from ..utils.phrases import tell

# A refund whose goods are not here after so many days is a case for a SAFE-T claim.
GOODS_DUE = datetime.timedelta(days=21)


class AmazonReturn(models.Model):
    """Goods that a buyer sends back: to the merchant (one item of an RMA) or to Amazon (one license plate, or one row).

    Three facts stay apart, and each may come without the others: the return was announced, the goods were received, the
    buyer was refunded. A return moves no stock by itself: the merchant's by a return of Odoo (see
    `amazon_return_picking`), Amazon's by its inventory ledger.
    """

    _name = 'amazon.return'
    _description = "Amazon Return"
    _inherit = ['amazon.access.mixin']
    _rec_names_search = ['rma_ref', 'order_ref', 'license_plate', 'tracking_ref']
    _order = 'date desc, id desc'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', readonly=True, ondelete='set null')
    channel = fields.Selection([('fbm', "To the warehouse"), ('fba', "To Amazon")], "Sent back", required=True,
                               readonly=True)
    date = fields.Date(required=True, readonly=True, index=True,
                           help="When the buyer asked for it; of goods that Amazon takes back, when they arrived.")

    order_ref = fields.Char("Order ID", readonly=True, index='btree_not_null')
    item_ref = fields.Char("Amazon Item", readonly=True)
    sale_order_id = fields.Many2one('sale.order', "Sales order", readonly=True, index='btree_not_null',
                                    ondelete='set null')
    sale_line_id = fields.Many2one('sale.order.line', "Sales order line", readonly=True, index='btree_not_null',
                                   ondelete='set null')
    product_id = fields.Many2one('product.product', readonly=True, index='btree_not_null', ondelete='set null')
    sku = fields.Char("SKU", required=True, readonly=True)
    asin = fields.Char("ASIN", readonly=True)
    title = fields.Char(readonly=True)
    quantity = fields.Integer("Units", readonly=True, help="At most what was ordered.")
    amazon_quantity = fields.Integer("Units by Amazon", readonly=True, help="As Amazon writes them.")
    reason_id = fields.Many2one('amazon.return.reason', readonly=True, index='btree_not_null', ondelete='restrict')
    reason_group = fields.Selection(related='reason_id.reason_group', string="Reason group", store=True)
    is_of_buyer = fields.Boolean("Return of a buyer", readonly=True, compute='_compute_is_of_buyer', store=True)
    status = fields.Char("Status code", readonly=True)
    status_label = label_field("Status at Amazon", 'return_status', 'status')

    announced_date = fields.Date("Announced", readonly=True)
    received_date = fields.Datetime("Received", readonly=True)
    received_quantity = fields.Float("Received units", digits=(16, 2), readonly=True)
    refunded_date = fields.Datetime("Refunded", readonly=True)
    refunded_amount = fields.Monetary("Refund", readonly=True, help="What the buyer got back.")
    refunded_quantity = fields.Integer("Refunded units", readonly=True, help="By Amazon's transactions and the price.")
    reported_refund = fields.Monetary("Refund by the report", readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    transaction_ids = fields.Many2many('amazon.transaction', string="Refunds", readonly=True)
    credit_note_ids = fields.Many2many('account.move', string="Credit notes", compute='_compute_credit_note_ids',
                                       groups='account.group_account_readonly,account.group_account_invoice')
    missing_since = fields.Date("Goods missing since", readonly=True, compute='_compute_missing_since', store=True,
                                index='btree_not_null',
                                help="21 days after the refund, as long as not all that was refunded has come back: a "
                                "case for a SAFE-T claim.")
    is_missing = fields.Boolean("Refunded without goods", compute='_compute_is_missing', search='_search_is_missing')
    is_unpaid = fields.Boolean("Goods without refund", compute='_compute_is_unpaid', search='_search_is_unpaid')
    is_settled = fields.Boolean("Resolved", readonly=True, help="Somebody has decided that nothing is left to do.")

    rma_ref = fields.Char("RMA", readonly=True, index='btree_not_null', help="Amazon's number of the return.")
    merchant_rma_ref = fields.Char("Your RMA", readonly=True)
    label_type = fields.Char("Label code", readonly=True)
    label_type_label = label_field("Label type", 'return_detail', 'label_type')
    label_cost = fields.Monetary("Label", readonly=True)
    label_payer = fields.Char("Label payer code", readonly=True)
    label_payer_label = label_field("Label paid by", 'return_detail', 'label_payer')
    carrier = fields.Char(readonly=True)
    tracking_ref = fields.Char("Tracking number", readonly=True, index='btree_not_null')
    a_to_z = fields.Boolean("A-to-z claim", readonly=True)
    is_prime = fields.Boolean("Prime", readonly=True)
    in_policy = fields.Char(readonly=True, help="Y or N, as Amazon writes it.")
    return_type = fields.Char("Return type code", readonly=True)
    return_type_label = label_field("Return type", 'return_detail', 'return_type')
    resolution = fields.Char("Resolution code", readonly=True)
    resolution_label = label_field("Resolution", 'return_detail', 'resolution')
    invoice_ref = fields.Char("Invoice by Amazon", readonly=True)
    delivery_date = fields.Date("Delivered by the carrier", readonly=True, help="By Amazon's report.")
    order_amount = fields.Monetary("Order total", readonly=True)
    order_quantity = fields.Integer("Ordered units", readonly=True)
    safet_reason = fields.Char("SAFE-T reason", readonly=True)
    safet_ref = fields.Char("SAFE-T claim", readonly=True)
    safet_state = fields.Char("State of the SAFE-T claim", readonly=True)
    safet_date = fields.Date("SAFE-T claim of", readonly=True)
    safet_amount = fields.Monetary("Paid on the SAFE-T claim", readonly=True)

    license_plate = fields.Char(readonly=True, index='btree_not_null', help="Amazon's label on the returned unit.")
    fnsku = fields.Char("FNSKU", readonly=True)
    center = fields.Char("Fulfillment center", readonly=True)
    disposition = fields.Char(readonly=True, help="The condition that Amazon found: SELLABLE, CUSTOMER_DAMAGED …")
    disposition_label = label_field("Condition", 'disposition', 'disposition')
    is_condition_unknown = unknown_field()
    number = fields.Integer("Number among equal rows", readonly=True)
    extra = fields.Json("Other columns", readonly=True)
    is_counted = fields.Boolean("In the margin by the ledger", readonly=True, copy=False,
                                help="Its order counts these goods as back in Amazon's stock.")

    _rma_unique = models.UniqueIndex(
        "(seller_id, rma_ref, sku, COALESCE(item_ref, '')) WHERE channel = 'fbm' AND rma_ref IS NOT NULL",
        "This item of the return is already there.")
    _request_unique = models.UniqueIndex(
        "(seller_id, order_ref, sku, COALESCE(item_ref, ''), announced_date)"
        " WHERE channel = 'fbm' AND rma_ref IS NULL",
        "This request of a return is already there.")
    _unannounced_unique = models.UniqueIndex(
        "(seller_id, order_ref, sku, COALESCE(item_ref, '')) WHERE channel = 'fbm' AND announced_date IS NULL",
        "This refund without a return is already there.")
    _plate_unique = models.UniqueIndex(
        "(seller_id, license_plate, sku, COALESCE(order_ref, '')) WHERE license_plate IS NOT NULL",
        "This returned unit is already there.")
    _row_unique = models.UniqueIndex(
        "(seller_id, COALESCE(order_ref, ''), sku, received_date, number)"
        " WHERE channel = 'fba' AND license_plate IS NULL",
        "This row of returned units is already there.")

    # For what became known of goods at Amazon since a settlement was booked, see `settlement_cost`.
    _written = models.Index("(write_date) WHERE channel = 'fba' AND sale_line_id IS NOT NULL")

    @api.depends('rma_ref', 'license_plate', 'order_ref')
    def _compute_display_name(self):
        for record in self:
            record.display_name = record.rma_ref or record.license_plate or record.order_ref or record.sku

    @api.depends('reason_id.is_of_buyer', 'channel', 'announced_date', 'received_quantity')
    def _compute_is_of_buyer(self):
        for record in self:
            # A refund is no return of goods unless goods come.
            is_return = not record._is_unannounced() or record.received_quantity > 0
            record.is_of_buyer = is_return and (not record.reason_id or record.reason_id.is_of_buyer)

    @api.depends('transaction_ids.move_id')
    def _compute_credit_note_ids(self):
        for record in self:
            record.credit_note_ids = record.sudo().transaction_ids.move_id.sudo(False)

    # === WHAT DOES NOT FIT === #

    @api.depends('channel', 'refunded_date', 'refunded_quantity', 'quantity', 'received_quantity', 'picking_obstacle')
    def _compute_missing_since(self):
        for record in self:
            refunded = min(max(record.refunded_quantity, 1), record.quantity)
            owed = (record.channel == 'fbm' and record.refunded_date and record.picking_obstacle != 'returnless'
                    and float_compare(record.received_quantity, refunded, precision_digits=2) < 0)
            record.missing_since = owed and (record.refunded_date + GOODS_DUE).date()

    @api.model
    def _get_missing_domain(self):
        return [('missing_since', '!=', False), ('missing_since', '<=', fields.Date.today()),
                ('is_settled', '=', False)]

    @api.model
    def _get_unpaid_domain(self):
        return [('channel', '=', 'fbm'), ('received_date', '!=', False), ('refunded_date', '=', False),
                ('is_settled', '=', False)]

    @api.depends('missing_since', 'is_settled')
    def _compute_is_missing(self):
        found = self.filtered_domain(self._get_missing_domain())
        for record in self:
            record.is_missing = record in found

    @api.depends('channel', 'received_date', 'refunded_date', 'is_settled')
    def _compute_is_unpaid(self):
        found = self.filtered_domain(self._get_unpaid_domain())
        for record in self:
            record.is_unpaid = record in found

    def _search_is_missing(self, operator, value):
        return self._search_by(self._get_missing_domain(), operator, value)

    def _search_is_unpaid(self, operator, value):
        return self._search_by(self._get_unpaid_domain(), operator, value)

    def _search_by(self, domain, operator, value):
        wanted = True in value if operator in ('in', 'not in') else bool(value)
        if wanted == (operator in ('=', 'in')):
            return domain
        return ['!', *['&'] * (len(domain) - 1), *domain]

    # === ACTIONS === #

    def action_settle(self):
        """Take these returns off the lists of what does not fit: somebody has decided about them."""
        self._check_decision()
        self.sudo().is_settled = True
        return True

    def action_reopen(self):
        """Show these returns on the lists again on which they belong."""
        self._check_decision()
        self.sudo().is_settled = False
        return True

    def _check_decision(self):
        self.check_access('read')
        check_group(self.env, USER, WAREHOUSE)

    def action_view_pickings(self):
        """Show the operations of the warehouse by which the goods of these returns come back."""
        self.check_access('read')
        pickings = self.sudo().move_ids.picking_id
        action = {'type': 'ir.actions.act_window', 'name': self.env._("Returns"), 'res_model': 'stock.picking'}
        if len(pickings) == 1:
            return {**action, 'view_mode': 'form', 'res_id': pickings.id}
        return {**action, 'view_mode': 'list,form', 'domain': [('id', 'in', pickings.ids)]}

    def action_open_order(self):
        """Show the sales order of this return."""
        self.ensure_one()
        self.check_access('read')
        if not self.sale_order_id:
            raise UserError(tell(self.env)._("Order %s is not in Odoo.", self.order_ref or '?'))
        return {'type': 'ir.actions.act_window', 'res_model': 'sale.order', 'view_mode': 'form',
                'res_id': self.sale_order_id.id}

    def action_inspect(self):
        """Ask what becomes of the goods that came back."""
        self.ensure_one()
        self.check_access('read')
        check_group(self.env, WAREHOUSE)
        if not self.uninspected_quantity:
            raise UserError(tell(self.env)._("Nothing of this return is to be inspected."))
        return self.env['amazon.return.inspect']._open(self)

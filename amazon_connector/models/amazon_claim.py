from odoo import api, fields, models
from odoo.exceptions import UserError

from ..utils.access import USER, check_group
from ..utils.amazon_words import label_field
from ..utils.kits import get_cost
from ..utils.phrases import tell
from .amazon_claim_policy import KINDS
from .amazon_ledger_day import MANAGER

STATES = [
    ('found', "Found"), ('filed', "Filed"), ('partly', "Paid in part"), ('paid', "Paid"), ('cleared', "Turned up"),
    ('refused', "Refused"), ('expired', "Expired"),
]
OPEN = ('found', 'filed', 'partly')
YARDSTICKS = [('cost', "Own cost"), ('price', "Sales price less fees"), ('shortfall', "What lacks to the cost")]


class AmazonClaim(models.Model):
    """Units that Amazon owes for: one record for one event, found by the rules, filed by hand in Seller Central.

    It is kept up to date by the finder: what turns up, is paid or taken back changes it, and its state follows.
    """

    _name = 'amazon.claim'
    _description = "Amazon Claim"
    _inherit = ['amazon.access.mixin', 'mail.thread']
    _order = 'deadline, id'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    key = fields.Char(required=True, readonly=True, help="By which the event is known, so that it is found once.")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default='found', index=True, tracking=True)
    product_id = fields.Many2one('product.product', readonly=True, index='btree_not_null', ondelete='set null')
    pack_quantity = fields.Integer("Pieces per unit", readonly=True, default=1)
    sku = fields.Char("SKU", readonly=True)
    fnsku = fields.Char("FNSKU", readonly=True)
    asin = fields.Char("ASIN", readonly=True)
    country_id = fields.Many2one('res.country', readonly=True)
    country_code = fields.Char("Country at Amazon", readonly=True)
    center = fields.Char("Fulfillment center", readonly=True)
    disposition = fields.Char(readonly=True)
    disposition_label = label_field("Condition", 'disposition', 'disposition')
    reference = fields.Char(readonly=True, help="What Amazon asks for: the number of the adjustment, of the removal "
                            "order, of its parcel, or of the shipment.")
    order_ref = fields.Char("Order ID", readonly=True, index='btree_not_null')
    sale_order_id = fields.Many2one('sale.order', readonly=True, index='btree_not_null', ondelete='set null')
    removal_id = fields.Many2one('amazon.removal', "Removal order", readonly=True, ondelete='set null')
    inbound_id = fields.Many2one('amazon.inbound', "Shipment to Amazon", readonly=True, ondelete='set null')
    reimbursement_id = fields.Many2one('amazon.reimbursement', "Reimbursement below cost", readonly=True,
                                       ondelete='set null')
    event_date = fields.Date("Happened on", required=True, readonly=True)
    deadline = fields.Date(readonly=True, index=True)
    is_deadline_open = fields.Boolean("Deadline is uncertain", readonly=True,
                                      help="Sources differ on Amazon's window for this kind of claim.")
    units = fields.Integer(readonly=True)
    found_units = fields.Integer("Turned up", readonly=True)
    paid_units = fields.Integer("Paid", readonly=True, help="In money.")
    open_units = fields.Integer("Open units", readonly=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    unit_value = fields.Monetary("Value per unit", readonly=True)
    yardstick = fields.Selection(YARDSTICKS, "Valued at", readonly=True)
    value = fields.Monetary("Open value", compute='_compute_value', store=True)
    is_unvalued = fields.Boolean("Value unknown", compute='_compute_value', store=True,
                                 help="Its product, or the cost of its product, is not known: the value is left out "
                                 "of all sums.")
    filed_date = fields.Date("Filed on", readonly=True)
    case_ref = fields.Char("Case", copy=False, tracking=True,
                           help="Amazon's number of the case. What is paid on this case settles this claim.")
    note = fields.Text("Notes")
    evidence_ids = fields.One2many('amazon.claim.evidence', 'claim_id', readonly=True)
    fingerprint = fields.Char(readonly=True)

    _key_unique = models.Constraint('UNIQUE(seller_id, key)', "This event is a claim already.")

    @api.depends('kind', 'sku', 'fnsku', 'reference')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for claim in self:
            claim.display_name = ' '.join(filter(None, [
                kinds.get(claim.kind), claim.sku or claim.fnsku, claim.reference and f'({claim.reference})']))

    @api.depends('state', 'open_units', 'unit_value')
    def _compute_value(self):
        for claim in self:
            is_open = claim.state in OPEN
            claim.is_unvalued = is_open and not claim.unit_value
            claim.value = claim.open_units * claim.unit_value if is_open else 0.0

    # === VALUE === #

    def _measure(self):
        """Value the units of these claims that have no value yet, by what Amazon pays by: the seller's own cost, and
        for goods that were sold the price less fees.
        """
        for claim in self.filtered(lambda claim: not claim.unit_value):
            value = claim._get_sale_value() if claim.kind in ('return', 'return_bad') else None
            if value:
                claim.write({'unit_value': value, 'yardstick': 'price'})
            elif claim.product_id:
                cost = get_cost(claim.product_id, claim.company_id)
                claim.write({'unit_value': cost * claim.pack_quantity, 'yardstick': 'cost'})

    def _get_sale_value(self):
        """Return price less Amazon's fees of one unit of the sales order, in the company's currency, or None where it
        is not known.
        """
        order, currency = self.sale_order_id, self.currency_id
        lines = order.order_line.filtered(lambda line: line.product_id == self.product_id and line.product_uom_qty)
        pieces = sum(lines.mapped('product_uom_qty'))
        if not pieces or order.currency_id._amazon_find_without_rate(self.company_id, order.date_order.date()):
            return None
        price = sum(lines.mapped('price_subtotal'))
        fees = order.amazon_fees * price / order.amount_untaxed if order.amount_untaxed else 0.0
        return order.currency_id._convert((price + fees) / pieces * self.pack_quantity, currency, self.company_id,
                                          order.date_order.date())

    # === WHAT PEOPLE DO === #

    def _get_chosen(self):
        """Return these records as superuser after checking the user's rights."""
        self.check_access('write')
        check_group(self.env, USER, MANAGER)
        return self.sudo()

    def action_file(self):
        """Mark these claims as filed at Amazon, today; the number of the case may be added later."""
        claims = self._get_chosen().filtered(lambda claim: claim.state in ('found', 'partly', 'expired'))
        if not claims:
            raise UserError(tell(self.env)._("Only claims that are open, or whose time is over, can be marked as "
                                             "filed."))
        today = fields.Date.context_today(self)
        for claim in claims:
            claim.write({'state': 'partly' if claim.paid_units else 'filed', 'filed_date': claim.filed_date or today})
        claims.seller_id._warn_of_deadlines()
        return True

    def action_refuse(self):
        """Mark these claims as refused by Amazon."""
        claims = self._get_chosen().filtered(lambda claim: claim.state in ('found', 'filed', 'partly', 'expired'))
        if not claims:
            raise UserError(tell(self.env)._("Only open claims can be refused."))
        claims.state = 'refused'
        claims.seller_id._warn_of_deadlines()
        return True

    def action_reopen(self):
        """Open refused claims again, as when Amazon looks at them once more."""
        claims = self._get_chosen().filtered(lambda claim: claim.state == 'refused')
        if not claims:
            raise UserError(tell(self.env)._("None of these claims was refused."))
        for claim in claims:
            claim.state = claim._find_state(fields.Date.context_today(self), again=True)
        claims.seller_id._warn_of_deadlines()
        return True

    # === STATE === #

    def _find_state(self, today, again=False):
        """Return the state that follows from what is open, paid and filed.

        :param bool again: whether what Amazon refused counts as open
        """
        if not self.open_units:
            return 'paid' if self.paid_units else 'cleared'
        if self.state == 'refused' and not again:
            return 'refused'
        if not self.filed_date and self.deadline and self.deadline < today:
            return 'expired'
        if self.paid_units:
            return 'partly'
        return 'filed' if self.filed_date else 'found'

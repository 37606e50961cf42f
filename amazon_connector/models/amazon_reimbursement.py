import collections

from odoo import api, fields, models
from odoo.tools import SQL

from ..amazon_reports.reimbursements import read_reimbursements
from ..utils.amazon_words import label_field
from ..utils.kits import get_cost
from ..utils.reimbursement_match import find_original, match_payments
from .amazon_removal_line import link_products

# Amazon's reasons, as the report writes them, by what they mean for claims. Unknown ones are kept and shown.
KINDS = [
    ('lost', "Lost by Amazon"), ('damaged', "Damaged by Amazon"), ('inbound', "Lost or damaged on arrival"),
    ('outbound', "Lost on the way to a customer"), ('return', "Customer return"), ('service', "Customer service"),
    ('removal', "Removal"), ('reversal', "Taken back"), ('other', "Other"),
]
REASONS = {
    'lostwarehouse': 'lost', 'damagedwarehouse': 'damaged', 'lostinbound': 'inbound', 'damagedinbound': 'inbound',
    'lostoutbound': 'outbound', 'customerreturn': 'return', 'customerserviceissue': 'service',
    'reimbursementreversal': 'reversal',
}
# What is paid by the cost of the goods; what was lost behind a sale is paid by its price less fees.
BY_COST = ('lost', 'damaged', 'inbound')
CHUNK = 500


class AmazonReimbursement(models.Model):
    """What Amazon paid or gave back for units of one SKU, or took back again.

    The same money comes with a settlement, which books it: this is its other view, and books nothing.
    """

    _name = 'amazon.reimbursement'
    _description = "Amazon Reimbursement"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'reimbursement_ref'
    _order = 'approval_date desc, id desc'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    approval_date = fields.Datetime("Approved on", required=True, readonly=True)
    reimbursement_ref = fields.Char("Reimbursement", required=True, readonly=True, index=True)
    case_ref = fields.Char("Case", readonly=True, index='btree_not_null')
    order_ref = fields.Char("Order ID", readonly=True, index='btree_not_null')
    reason = fields.Char("Reason code", required=True, readonly=True)
    reason_label = label_field("Amazon's reason", 'reimbursement', 'reason')
    kind = fields.Selection(KINDS, required=True, readonly=True, default='other')
    original_kind = fields.Selection(KINDS, "Took back what was paid for", readonly=True)
    sku = fields.Char("SKU", readonly=True)
    fnsku = fields.Char("FNSKU", readonly=True)
    asin = fields.Char("ASIN", readonly=True)
    title = fields.Char(readonly=True)
    condition = fields.Char(readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    currency_code = fields.Char("Currency in the report", readonly=True)
    unit_amount = fields.Monetary("Per unit", readonly=True)
    amount = fields.Monetary(readonly=True, help="Negative where Amazon takes money back.")
    cash_quantity = fields.Integer("Units paid", readonly=True)
    inventory_quantity = fields.Integer("Units given back", readonly=True)
    quantity = fields.Integer("Units", readonly=True)
    original_ref = fields.Char("Takes back", readonly=True)
    original_type = fields.Char("Reason code of the original", readonly=True)
    original_type_label = label_field("Reason of the original", 'reimbursement', 'original_type')
    original_id = fields.Many2one('amazon.reimbursement', "What it takes back", readonly=True, index='btree_not_null',
                                  ondelete='set null')
    reversal_ids = fields.One2many('amazon.reimbursement', 'original_id', "Taken back by", readonly=True)
    product_id = fields.Many2one('product.product', readonly=True, index='btree_not_null', ondelete='set null')
    pack_quantity = fields.Integer("Pieces per unit", readonly=True, default=1)
    sale_order_id = fields.Many2one('sale.order', readonly=True, index='btree_not_null', ondelete='set null')
    company_currency_id = fields.Many2one(related='company_id.currency_id', string="Company's currency")
    unit_cost = fields.Monetary("Cost per unit", currency_field='company_currency_id', readonly=True,
                                help="The product's cost when the reimbursement came; of a pack, that of all its "
                                "pieces. Empty: unknown.")
    unit_value = fields.Monetary("Paid per unit", currency_field='company_currency_id', readonly=True,
                                 help="In the company's currency at the rate of the day; empty without a rate.")
    is_below_cost = fields.Boolean("Below cost", readonly=True)
    settlement_line_ids = fields.One2many('amazon.settlement.line', 'reimbursement_id', "Rows of settlements",
                                          readonly=True)
    is_settled = fields.Boolean("In a settlement", readonly=True, help="The settlement that paid it is in Odoo.")
    ledger_line_ids = fields.Many2many('amazon.ledger.line', string="Movements that it pays for", readonly=True)
    extra = fields.Json("Other columns", readonly=True)

    _key_unique = models.UniqueIndex(
        "(seller_id, reimbursement_ref, COALESCE(sku, ''), COALESCE(fnsku, ''), reason)",
        "This reimbursement is already there.")

    # === IMPORT === #

    @api.model
    def _import_report(self, report, sync):
        """Store what a report says that Amazon paid, and update what is known of it; see `amazon_report.IMPORTERS`."""
        rows = list(read_reimbursements(report._get_content(), report.charset or ''))
        report._begin(rows)
        found = list(_join_rows(row for row in rows if not row.problem))
        for start in range(report.position, len(found), CHUNK):
            self._store(report.seller_id, found[start:start + CHUNK])
            report.position = start + CHUNK
            if not sync._commit():
                return False
        return True

    @api.model
    def _store(self, seller, rows):
        """Create or update one record for each row."""
        known = {record._get_key(): record for record in self.search(
            [('seller_id', '=', seller.id), ('reimbursement_ref', 'in', [row.reimbursement_ref for row in rows])])}
        currencies = {currency.name: currency for currency in
                      self.env['res.currency'].with_context(active_test=False).search([])}
        new = []
        for row in rows:
            vals = self._prepare(row, currencies)
            record = known.get((row.reimbursement_ref, row.sku, row.fnsku, row.reason))
            if record:
                record._write_changes(vals)
            else:
                new.append({'seller_id': seller.id, **vals})
        self.create(new)._link()

    def _get_key(self):
        return self.reimbursement_ref, self.sku or '', self.fnsku or '', self.reason

    def _write_changes(self, vals):
        if not vals['original_kind']:
            # It may be known by what is taken back.
            vals = {name: value for name, value in vals.items() if name != 'original_kind'}
        changed = {name: value for name, value in vals.items()
                   if (self[name].id if name == 'currency_id' else self[name]) != value}
        if changed:
            self.write(changed)
            self._link()

    @api.model
    def _prepare(self, row, currencies):
        kind, unit = find_kind(row.reason), row.unit_amount
        if unit is None and row.cash_quantity:
            unit = row.amount / abs(row.cash_quantity)
        return {
            'approval_date': row.approval_date, 'reimbursement_ref': row.reimbursement_ref,
            'case_ref': row.case_ref or False, 'order_ref': row.order_ref or False, 'reason': row.reason, 'kind': kind,
            'original_kind': find_kind(row.original_type) if kind == 'reversal' and row.original_type else False,
            'sku': row.sku or False, 'fnsku': row.fnsku or False, 'asin': row.asin or False,
            'title': row.title or False, 'condition': row.condition or False, 'currency_code': row.currency,
            'currency_id': currencies[row.currency].id if row.currency in currencies else False,
            'unit_amount': float(unit or 0), 'amount': float(row.amount),
            'cash_quantity': row.cash_quantity or 0, 'inventory_quantity': row.inventory_quantity or 0,
            'quantity': row.quantity or (row.cash_quantity or 0) + (row.inventory_quantity or 0),
            'original_ref': row.original_ref or False, 'original_type': row.original_type or False,
            'extra': row.extra or False,
        }

    # === WHAT IT BELONGS TO === #

    def _link(self):
        """Link these to products, orders and, where they take money back, to what was paid before."""
        for seller, records in self.grouped('seller_id').items():
            link_products(records)
            refs = set(records.mapped('order_ref')) - {False}
            orders = {order.amazon_order_ref: order for order in seller._find_sale_orders(refs)} if refs else {}
            for record in records.filtered(lambda record: not record.sale_order_id):
                if record.order_ref in orders:
                    record.sale_order_id = orders[record.order_ref]
            open_ones = records.filtered(lambda record: not record.original_id)
            open_ones.filtered('original_ref')._link_originals()
            open_ones.filtered(lambda record: record.kind == 'reversal' and not record.original_ref)._guess_originals()
            records._measure()

    def _link_originals(self):
        """Link reversals to what they take back: of that reimbursement, the row of the same unit."""
        for record in self:
            found = self.search([('seller_id', '=', record.seller_id.id), ('id', '!=', record.id),
                                 ('reimbursement_ref', '=', record.original_ref)])
            same = found.filtered(lambda other, record=record: other.fnsku == record.fnsku or (
                other.sku and other.sku == record.sku))
            original = same[:1] if same else found if len(found) == 1 else self.browse()
            if original:
                record.write({'original_id': original.id, 'original_kind': record.original_kind or original.kind})

    def _guess_originals(self):
        """Link reversals of which Amazon does not say what they take back to what was paid for as many of these units;
        where several payments together are meant, only the kind of all of them is known.
        """
        for record in self.filtered(lambda record: record.cash_quantity < 0).sorted('approval_date'):
            paid = self.search([
                ('seller_id', '=', record.seller_id.id), ('cash_quantity', '>', 0), ('kind', '!=', 'reversal'),
                ('approval_date', '<=', record.approval_date), ('currency_code', '=', record.currency_code),
                '|', ('fnsku', '=', record.fnsku), ('sku', '=', record.sku)]).filtered(record._may_take_back)
            kinds, original = set(paid.mapped('kind')), find_original(record, paid)
            if original:
                record.write({'original_id': original.id, 'original_kind': original.kind})
            elif len(kinds) == 1 and not record.original_kind:
                record.original_kind = kinds.pop()

    def _may_take_back(self, paid):
        """Return whether this reversal may be about a payment: of the same goods and order, and for the same reason,
        as far as Amazon says.
        """
        is_same = paid.fnsku == self.fnsku if paid.fnsku and self.fnsku else bool(self.sku) and paid.sku == self.sku
        return (is_same and (not self.order_ref or paid.order_ref in (False, self.order_ref))
                and self.original_kind in (False, paid.kind))

    def _measure(self):
        """Compare what was paid for a unit with its cost, both in the company's currency."""
        for record in self:
            company = record.company_id
            cost = get_cost(record.product_id, company) * record.pack_quantity
            value = record.unit_amount and record._convert(record.unit_amount)
            record.write({
                'unit_cost': record.unit_cost or cost, 'unit_value': value or 0.0,
                'is_below_cost': bool(
                    record.kind in BY_COST and record.cash_quantity > 0 and value and cost
                    and company.currency_id.compare_amounts(value, record.unit_cost or cost) < 0)})

    def _convert(self, amount):
        """Return an amount in the company's currency at the rate of the day of approval, or None where there is no
        rate: Odoo would take one for one.
        """
        company, currency, day = self.company_id, self.currency_id, self.approval_date.date()
        if not currency or currency._amazon_find_without_rate(company, day):
            return None
        return currency._convert(amount, company.currency_id, company, day)

    # === SETTLEMENTS === #

    @api.model
    def _tie(self, seller):
        """Tie the reimbursements of a seller to orders, products and originals that came later, and to the rows of
        settlements that paid them.
        """
        self.search([('seller_id', '=', seller.id), '|', '|', ('product_id', '=', False),
                     '&', '|', ('original_ref', '!=', False), ('kind', '=', 'reversal'), ('original_id', '=', False),
                     '&', ('order_ref', '!=', False), ('sale_order_id', '=', False)])._link()
        self._tie_settlements(seller)

    @api.model
    def _tie_settlements(self, seller):
        lines = self.env['amazon.settlement.line'].sudo()
        domain = [('settlement_id.seller_id', '=', seller.id), ('treatment', '=', 'reimbursement')]
        unpaid = self.search([('seller_id', '=', seller.id), ('settlement_line_ids', '=', False), ('amount', '!=', 0)])
        free = lines.search([*domain, ('reimbursement_id', '=', False)])
        for record, paid in match_payments(unpaid, free):
            paid.reimbursement_id = record
        self.flush_model()
        lines.flush_model(['reimbursement_id'])
        self.env.cr.execute(SQL(
            """UPDATE amazon_reimbursement record SET is_settled = NOT COALESCE(record.is_settled, FALSE)
                WHERE seller_id = %s AND COALESCE(record.is_settled, FALSE) != EXISTS (
                      SELECT FROM amazon_settlement_line line WHERE line.reimbursement_id = record.id)""", seller.id))
        self.invalidate_model(['is_settled', 'settlement_line_ids'])

    def action_view_settlements(self):
        """Show the settlements that paid these."""
        self.check_access('read')
        self.env['amazon.settlement'].check_access('read')
        settlements = self.sudo().settlement_line_ids.settlement_id
        return {'type': 'ir.actions.act_window', 'name': self.env._("Settlements"),
                'res_model': 'amazon.settlement', 'view_mode': 'list,form', 'domain': [('id', 'in', settlements.ids)]}


def find_kind(reason):
    """Return what a reason of Amazon's means for claims, as `kind` of `amazon.reimbursement` has it."""
    folded = ''.join(filter(str.isalnum, reason or '')).lower()
    # The report's words for removals are not known; settlements call them REMOVAL_ORDER_LOST and _DAMAGED.
    return REASONS.get(folded) or ('removal' if folded.startswith('removal') else 'other')


def _join_rows(rows):
    """Yield one row for each key; a row that is there twice counts once, different rows of one key are added up."""
    by_key = collections.defaultdict(dict)
    for row in rows:
        by_key[row.reimbursement_ref, row.sku, row.fnsku, row.reason].setdefault(
            row._replace(number=0, extra=''), row)
    for found in by_key.values():
        first, *others = found.values()
        for other in others:
            first = first._replace(
                amount=first.amount + other.amount, unit_amount=None,
                **{name: (getattr(first, name) or 0) + (getattr(other, name) or 0)
                   for name in ('cash_quantity', 'inventory_quantity', 'quantity')})
        yield first

from odoo import fields, models
from odoo.tools import SQL

from ..utils.analysis_facts import AMOUNTS, AnalysisFacts

SALES = ('goods', 'charges', 'discounts')
FEES = ('fee_commission', 'fee_fba', 'fee_storage', 'fee_other')
PAYOUT = ('sales', 'refunds', 'refunds_estimate', 'fees', 'fees_estimate', 'advertising', 'shipping', 'other')
# Sums in the currency of the sale, each as the sum that it is of in the company's currency.
OWN = {'own_sales': 'sales', 'own_refunds': 'refunds', 'own_fees': 'fees', 'own_profit': 'profit',
       'own_payout': 'payout'}


class AmazonAnalysis(models.Model):
    """Sales on Amazon, what Amazon charges for them, what they cost and what is left, by product, marketplace and day.

    Amounts are in the currency of the current company, at the rate of the order's day; those without a rate are left
    out. What is estimated is apart from what settlements say, and orders whose fees are unknown have no profit.
    """

    _name = 'amazon.analysis'
    _description = "Amazon Sales Analysis"
    _auto = False
    _order = 'date desc, id desc'
    _rec_name = 'sku'

    date = fields.Datetime(readonly=True, help="Of the order; of refunds and of what is of no order, of Amazon's "
                           "posting.")
    sale_order_id = fields.Many2one('sale.order', "Order", readonly=True)
    settlement_id = fields.Many2one('amazon.settlement', readonly=True)
    seller_id = fields.Many2one('amazon.seller', readonly=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    product_id = fields.Many2one('product.product', readonly=True)
    sku = fields.Char("SKU", readonly=True)
    channel = fields.Selection([('fbm', "Fulfilled by merchant"), ('fba', "Fulfilled by Amazon")], readonly=True)
    country_id = fields.Many2one('res.country', "Buyer's country", readonly=True)
    margin_state = fields.Selection(
        [('settled', "Settled"), ('estimated', "Estimated"), ('unknown', "Unknown")], "Amazon's fees are",
        readonly=True, help="Of orders that are not settled, the fees are estimated by what Amazon charged for the "
        "same SKU; where there is no such sale they are unknown, and there is no profit.")
    currency_id = fields.Many2one('res.currency', "Currency of the sale", readonly=True)
    shown_currency_id = fields.Many2one('res.currency', "Currency of the company", readonly=True)
    is_converted = fields.Boolean("Has an exchange rate", readonly=True)
    no_cost = fields.Boolean("Has no cost", readonly=True, help="Goods whose product had no cost when they were sold.")
    units = fields.Float(digits=(16, 2), readonly=True)

    goods = fields.Monetary("Goods sold", readonly=True, currency_field='shown_currency_id')
    charges = fields.Monetary("Shipping and wrapping charged", readonly=True, currency_field='shown_currency_id')
    discounts = fields.Monetary(readonly=True, currency_field='shown_currency_id')
    sales = fields.Monetary(readonly=True, currency_field='shown_currency_id',
                            help="Goods, shipping and wrapping less discounts, without tax.")
    refunds = fields.Monetary(readonly=True, currency_field='shown_currency_id')
    refunds_estimate = fields.Monetary("Refunds (not settled)", readonly=True, currency_field='shown_currency_id')
    fee_commission = fields.Monetary("Commissions", readonly=True, currency_field='shown_currency_id')
    fee_fba = fields.Monetary("FBA fees", readonly=True, currency_field='shown_currency_id')
    fee_storage = fields.Monetary("Storage", readonly=True, currency_field='shown_currency_id')
    fee_other = fields.Monetary("Other fees", readonly=True, currency_field='shown_currency_id')
    fees = fields.Monetary(readonly=True, currency_field='shown_currency_id',
                           help="Commissions, FBA fees, storage and other fees by Amazon's settlements, without tax "
                           "that can be claimed back.")
    fees_estimate = fields.Monetary("Fees (estimate)", readonly=True, currency_field='shown_currency_id')
    advertising = fields.Monetary(readonly=True, currency_field='shown_currency_id')
    shipping = fields.Monetary("Shipping labels", readonly=True, currency_field='shown_currency_id',
                               help="What Amazon charged for labels and kept of shipping, and labels of returns.")
    other = fields.Monetary("Reimbursements and other", readonly=True, currency_field='shown_currency_id')
    cost = fields.Monetary(readonly=True, currency_field='shown_currency_id',
                           help="Cost of the goods sold, less that of goods that came back.")
    profit = fields.Monetary(readonly=True, currency_field='shown_currency_id',
                             help="Nothing for orders whose fees are unknown.")
    payout = fields.Monetary("Payout (estimate)", readonly=True, currency_field='shown_currency_id',
                             help="What Amazon pays out or will pay out, without tax; nothing for orders whose fees "
                             "are unknown.")
    known_sales = fields.Monetary("Sales with a known profit", readonly=True, currency_field='shown_currency_id')
    unknown_sales = fields.Monetary("Sales with unknown fees", readonly=True, currency_field='shown_currency_id')
    margin = fields.Float("Margin (%)", readonly=True, aggregator='avg', help="Profit by sales with a known profit.")

    own_sales = fields.Monetary("Sales (in their currency)", readonly=True,
                                help="Only where one currency is chosen: several are never added up.")
    own_refunds = fields.Monetary("Refunds (in their currency)", readonly=True)
    own_fees = fields.Monetary("Fees (in their currency)", readonly=True)
    own_profit = fields.Monetary("Profit (in their currency)", readonly=True)
    own_payout = fields.Monetary("Payout (estimate, in their currency)", readonly=True)

    @property
    def _table_query(self):
        for model in ('sale.order', 'sale.order.line', 'amazon.settlement', 'amazon.settlement.line',
                      'amazon.settlement.rule', 'amazon.transaction', 'res.currency.rate', 'res.partner'):
            self.env[model].flush_model()
        sums = {'sales': _add(SALES), 'fees': _add(FEES)}
        paid = SQL(" + ").join(sums.get(name, SQL.identifier(name)) for name in PAYOUT)
        known = SQL("CASE WHEN margin_state = 'unknown' THEN 0 ELSE %s END", sums['sales'])
        # Nothing, and not zero, where it is unknown.
        payout, profit = (SQL("CASE WHEN margin_state != 'unknown' THEN %s END", amount)
                          for amount in (paid, SQL("%s + cost", paid)))
        amounts = {**{name: SQL.identifier(name) for name in AMOUNTS}, **sums, 'profit': profit, 'payout': payout}
        amounts |= {'known_sales': known, 'unknown_sales': SQL("%s - %s", sums['sales'], known)}
        return SQL(
            """(SELECT fact.id, date, sale_order_id, settlement_id, seller_id, marketplace_id, company_id, product_id,
                       sku, channel, country_id, margin_state, currency_id, %(shown)s::int AS shown_currency_id,
                       factor IS NOT NULL AS is_converted, no_cost, units, %(amounts)s, %(own)s,
                       100 * %(profit)s / NULLIF(%(known)s, 0) AS margin
                  FROM (%(facts)s) fact)""",
            shown=self.env.company.currency_id.id, facts=AnalysisFacts(self.env).select(), profit=profit, known=known,
            amounts=SQL(", ").join(SQL("(%s) * factor AS %s", amount, SQL.identifier(name))
                                   for name, amount in amounts.items()),
            own=SQL(", ").join(SQL("%s AS %s", amounts[of], SQL.identifier(name)) for name, of in OWN.items()))

    def _read_group_select(self, aggregate_spec, query):
        """Return SQL of an aggregate: the margin of all together, and of several currencies no sum in their own."""
        name, _colon, function = aggregate_spec.partition(':')
        if name == 'margin' and function == 'avg':
            return SQL("100 * SUM(%s) / NULLIF(SUM(%s), 0)", SQL.identifier(self._table, 'profit'),
                       SQL.identifier(self._table, 'known_sales'))
        if name in OWN and function.startswith('sum'):
            return SQL("CASE WHEN COUNT(DISTINCT %s) = 1 THEN SUM(%s) END",
                       SQL.identifier(self._table, 'currency_id'), SQL.identifier(self._table, name))
        return super()._read_group_select(aggregate_spec, query)

    def action_open(self):
        """Show the order, or the settlement of what is of no order."""
        self.ensure_one()
        self.check_access('read')
        record = self.sale_order_id or self.settlement_id
        record.check_access('read')
        return {'type': 'ir.actions.act_window', 'res_model': record._name, 'view_mode': 'form', 'res_id': record.id}


def _add(names):
    return SQL("(%s)", SQL(" + ").join(SQL.identifier(name) for name in names))

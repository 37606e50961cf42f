import collections
import datetime

from odoo import fields, models
from odoo.tools import SQL

DAYS = 30
SUMS = ('units', 'own_sales', 'own_profit')


class AmazonProductFigure(models.Model):
    """What was sold of a product on a marketplace in 30 days, what came back, and what is left of it.

    Amounts are in the currency of the marketplace, so that they need no rate (see `amazon.analysis`).
    """

    _name = 'amazon.product.figure'
    _description = "Amazon Product in 30 Days"
    _auto = False
    _order = 'product_id, marketplace_id'
    _rec_name = 'marketplace_id'

    product_id = fields.Many2one('product.product', readonly=True)
    product_tmpl_id = fields.Many2one('product.template', "Product template", readonly=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    sales_rank = fields.Integer("Sales rank", readonly=True, help="The best of its pages on this marketplace.")
    sales_rank_group = fields.Char("Ranked in", readonly=True)
    currency_id = fields.Many2one(related='marketplace_id.currency_id')
    units = fields.Float("Units sold", digits=(16, 2), compute='_compute_sums')
    returned_units = fields.Float("Returned units", digits=(16, 2), compute='_compute_returned_units')
    sales = fields.Monetary(compute='_compute_sums')
    profit = fields.Monetary(compute='_compute_sums', help="Of orders whose fees are known or estimated.")
    margin = fields.Float("Margin (%)", compute='_compute_sums', help="Profit by sales with a known profit.")
    is_known = fields.Boolean("Its profit is known", compute='_compute_sums')

    @property
    def _table_query(self):
        self.env['amazon.listing'].flush_model()
        self.env['product.product'].flush_model(['product_tmpl_id'])
        return SQL(
            """(SELECT MIN(listing.id) AS id, listing.product_id, product.product_tmpl_id, listing.marketplace_id,
                       market.company_id, MIN(NULLIF(listing.sales_rank, 0)) AS sales_rank,
                       (ARRAY_AGG(listing.sales_rank_group ORDER BY NULLIF(listing.sales_rank, 0) NULLS LAST))[1]
                           AS sales_rank_group
                  FROM amazon_listing listing
                  JOIN product_product product ON product.id = listing.product_id
                  JOIN amazon_seller_marketplace market ON market.id = listing.marketplace_id
                 WHERE market.active
              GROUP BY listing.product_id, product.product_tmpl_id, listing.marketplace_id, market.company_id)""")

    def _compute_sums(self):
        known, unknown = (self._read_sums(states) for states in (('settled', 'estimated'), ('unknown',)))
        for figure in self:
            key = figure.product_id.id, figure.marketplace_id.id
            units, sales, figure.profit = known[key]
            figure.units, figure.sales = units + unknown[key][0], sales + unknown[key][1]
            figure.margin = figure.profit / sales if sales else 0.0
            figure.is_known = bool(sales or not unknown[key][1])

    def _read_sums(self, states):
        """Return units, sales and profit where Amazon's fees are in some states, by ids of product and marketplace."""
        sums = collections.defaultdict(lambda: [0.0] * len(SUMS))
        for product, market, *values in self.env['amazon.analysis']._read_group(
                [*self._get_domain(), ('date', '>=', self._get_start()), ('margin_state', 'in', states)],
                ['product_id', 'marketplace_id'], [f'{name}:sum' for name in SUMS]):
            sums[product.id, market.id] = [value or 0.0 for value in values]
        return sums

    def _compute_returned_units(self):
        found = {(product.id, market.id): units for product, market, units in self.env['amazon.return']._read_group(
            [*self._get_domain(), ('is_of_buyer', '=', True), ('received_date', '>=', self._get_start())],
            ['product_id', 'marketplace_id'], ['received_quantity:sum'])}
        for figure in self:
            figure.returned_units = found.get((figure.product_id.id, figure.marketplace_id.id), 0.0)

    def _get_domain(self):
        return [('product_id', 'in', self.product_id.ids), ('marketplace_id', 'in', self.marketplace_id.ids)]

    def _get_start(self):
        return fields.Datetime.now() - datetime.timedelta(days=DAYS)

    def action_open(self):
        """Show the facts that these sums are of."""
        self.ensure_one()
        self.check_access('read')
        return {**self.env['ir.actions.act_window']._for_xml_id('amazon_connector.amazon_analysis_action'),
                'domain': [*self._get_domain(), ('date', '>=', fields.Datetime.to_string(self._get_start()))],
                'context': {}}

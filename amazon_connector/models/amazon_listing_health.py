import datetime

from odoo import api, fields, models
from odoo.tools import SQL

# What keeps a listing from selling: its label, how severe it is, and whether nothing is sold meanwhile.
PROBLEMS = {
    'suspended': ("Marketplace is suspended", 'high', True),
    'incomplete': ("Incomplete at Amazon", 'high', True),
    'suppressed': ("Suppressed by Amazon", 'high', True),
    'hidden': ("Hidden from Amazon's search", 'high', True),
    'error': ("Amazon found errors", 'high', True),
    'inactive': ("Inactive at Amazon", 'high', True),
    'no_price': ("No price", 'high', True),
    'sold_out': ("Sold out", 'high', True),
    'unmapped': ("No product", 'medium', False),
    'price': ("Price is held back or refused", 'medium', False),
    'stock': ("Quantity is held back or refused", 'medium', False),
    'content': ("Texts are held back or refused", 'medium', False),
    'no_image': ("Main picture is missing", 'medium', False),
    'warning': ("Amazon warns", 'low', False),
}
SEVERITIES = [('high', "Does not sell"), ('medium', "Needs somebody"), ('low', "To improve")]
# Field with the reason, where a problem has one.
REASONS = {
    **dict.fromkeys(('suppressed', 'hidden', 'error', 'warning', 'no_image'), 'issue_text'),
    'price': 'price_error', 'stock': 'stock_error', 'content': 'content_error',
}
DAYS_SOLD = 90
_HAS_STOCK = ("COALESCE(CASE listing.channel WHEN 'fba' THEN listing.fba_quantity ELSE listing.amazon_quantity END, 0) "
              "> 0")
# What Amazon does about an issue (`IssueEnforcementAction` of the Listings Items API).
_ENFORCED = "jsonb_path_exists(listing.issues, '$[*].actions[*] ? (@ == {})')"
CONDITIONS = {
    'suspended': "market.is_suspended AND listing.status = 'active'",
    'incomplete': "listing.status = 'incomplete'",
    'suppressed': _ENFORCED.format('"LISTING_SUPPRESSED" || @ == "CATALOG_ITEM_REMOVED"'),
    'hidden': _ENFORCED.format('"SEARCH_SUPPRESSED"'),
    'error': "listing.issue_level = 'error'",
    'inactive': f"listing.status = 'inactive' AND {_HAS_STOCK}",
    'no_price': "listing.amazon_price_missing",
    'sold_out': "listing.mapping_state = 'mapped' AND listing.status IN ('active', 'inactive') "
                "AND listing.stock_paused IS NOT TRUE AND (listing.channel = 'fba' OR listing.channel = 'fbm' "
                f"AND listing.amazon_date IS NOT NULL) AND NOT {_HAS_STOCK}",
    'unmapped': "listing.mapping_state = 'unmapped'",
    'price': "market.price_sync AND listing.price_paused IS NOT TRUE "
             "AND listing.price_state IN ('failed', 'held', 'blocked')",
    'stock': "market.stock_sync AND listing.channel = 'fbm' AND listing.stock_paused IS NOT TRUE "
             "AND listing.stock_state IN ('failed', 'held', 'blocked')",
    'content': "market.content_sync AND listing.follows_product AND listing.content_state IN ('failed', 'held')",
    # Amazon names the attribute and the category in every language.
    'no_image': "listing.issues::text ~ 'main_product_image|MISSING_IMAGE'",
    'warning': "listing.issue_level = 'warning'",
}


class AmazonListingHealth(models.Model):
    """What keeps listings from selling, one row a listing and problem, with the sales that are lost by it."""

    _name = 'amazon.listing.health'
    _description = "Amazon Listing Health"
    _auto = False
    _order = 'rank, lost_sales desc nulls last, monthly_sales desc nulls last, id'
    _rec_name = 'sku'

    listing_id = fields.Many2one('amazon.listing', readonly=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', readonly=True)
    seller_id = fields.Many2one('amazon.seller', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    product_id = fields.Many2one('product.product', readonly=True)
    sku = fields.Char("SKU", readonly=True)
    title = fields.Char("Title at Amazon", readonly=True)
    channel = fields.Selection([('fbm', "FBM"), ('fba', "FBA")], readonly=True)
    problem = fields.Selection([(kind, label) for kind, (label, *_rest) in PROBLEMS.items()], readonly=True)
    severity = fields.Selection(SEVERITIES, readonly=True)
    rank = fields.Integer(readonly=True)
    reason = fields.Text(compute='_compute_reason')
    shown_currency_id = fields.Many2one('res.currency', "Currency of the company", readonly=True)
    monthly_sales = fields.Monetary("Sales of a month", readonly=True, currency_field='shown_currency_id',
                                    help="Average of the last 90 days, without tax.")
    lost_sales = fields.Monetary("Lost a month", readonly=True, currency_field='shown_currency_id',
                                 help="What this listing sells in a month, where nothing is sold now.")

    @api.depends_context('lang')
    def _compute_reason(self):
        for record in self:
            name = REASONS.get(record.problem)
            record.reason = record.listing_id[name] if name else False

    @property
    def _table_query(self):
        for model in ('amazon.listing', 'amazon.seller.marketplace', 'sale.order', 'sale.order.line'):
            self.env[model].flush_model()
        places = {kind: place for place, (kind, _label) in enumerate(SEVERITIES)}
        problems = SQL(", ").join(
            SQL("(%s, %s, %s, %s, %s, " + f"COALESCE({CONDITIONS[kind]}, FALSE))", number, kind, severity,
                places[severity], stops) for number, (kind, (_label, severity, stops)) in enumerate(PROBLEMS.items()))
        return SQL(
            """(SELECT listing.id * 16::bigint + found.number AS id, listing.id AS listing_id, market.id AS
                       marketplace_id, market.seller_id, market.company_id, listing.product_id, listing.sku,
                       listing.title, listing.channel, found.problem, found.severity, found.rank,
                       %(shown)s::int AS shown_currency_id,
                       COALESCE(sold.amount, 0) * rate.factor AS monthly_sales,
                       CASE WHEN found.stops THEN COALESCE(sold.amount, 0) * rate.factor ELSE 0 END AS lost_sales
                  FROM amazon_listing listing
                  JOIN amazon_seller_marketplace market ON market.id = listing.marketplace_id AND market.active
            CROSS JOIN LATERAL (VALUES %(problems)s) AS found (number, problem, severity, rank, stops, holds)
             LEFT JOIN (%(sold)s) sold ON sold.marketplace_id = market.id AND sold.sku = listing.sku
             LEFT JOIN (%(rates)s) rate ON rate.currency_id = market.currency_id
                 WHERE found.holds AND listing.ignored IS NOT TRUE AND listing.status IS DISTINCT FROM 'removed')""",
            shown=self.env.company.currency_id.id, problems=problems, sold=self._select_sold(),
            rates=self._select_rates())

    def _select_sold(self):
        """Return SQL of what each SKU sells in a month on each marketplace, in its currency."""
        return SQL(
            """SELECT sale.amazon_marketplace_id AS marketplace_id, line.amazon_sku AS sku,
                      SUM(line.price_subtotal) * 30 / %s AS amount
                 FROM sale_order sale JOIN sale_order_line line ON line.order_id = sale.id
                WHERE sale.date_order >= %s AND sale.amazon_order_ref IS NOT NULL AND sale.state != 'cancel'
                  AND line.amazon_charge = 'item'
             GROUP BY 1, 2""", DAYS_SOLD, fields.Datetime.now() - datetime.timedelta(days=DAYS_SOLD))

    def _select_rates(self):
        """Return SQL of the rates of today of the marketplaces' currencies; of those without one, nothing is known."""
        company, today = self.env.company, fields.Date.context_today(self)
        currencies = self.env['amazon.seller.marketplace'].sudo().search([('active', '=', True)]).currency_id
        rows = [(currency.id, currency._get_conversion_rate(currency, company.currency_id, company, today))
                for currency in currencies - currencies._amazon_find_without_rate(company)]
        return SQL("SELECT * FROM (VALUES %s) AS known (currency_id, factor)", SQL(", ").join(
            SQL("(%s::int, %s::numeric)", *row) for row in rows or [(None, None)]))

    def action_open(self):
        """Show the listing."""
        self.ensure_one()
        self.check_access('read')
        self.listing_id.check_access('read')
        return {'type': 'ir.actions.act_window', 'res_model': 'amazon.listing', 'view_mode': 'form',
                'res_id': self.listing_id.id}

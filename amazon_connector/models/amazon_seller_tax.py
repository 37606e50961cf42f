from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..utils.access import ADMIN, check_group
from ..utils.order_taxes import ItemTaxes, get_rate
from ..utils.tax_places import TaxPlaces
from ..utils.tax_questions import TaxQuestion

# Days for which destinations of orders count.
PERIOD = relativedelta(days=90)


class AmazonSeller(models.Model):
    """Taxes of the sales of a seller, and missing ones."""

    _inherit = 'amazon.seller'

    tax_gap_count = fields.Integer("Sales without a tax", readonly=True, copy=False,
                                   help="Counted once a day, and when the list of taxes is opened.")
    tax_gap_date = fields.Datetime("Sales without a tax counted on", readonly=True, copy=False)

    @api.model
    def _cron_count_tax_gaps(self):
        """Count daily the kinds of sales without a tax: charts, marketplaces and destinations change."""
        for seller in self.search([('state', '=', 'connected')]):
            seller._set_tax_gaps(seller._prepare_tax_kinds(seller.marketplace_ids.company_id))

    def _set_tax_gaps(self, kinds):
        self.sudo().write({'tax_gap_count': sum(kind['is_missing'] for kind in kinds),
                           'tax_gap_date': fields.Datetime.now()})

    def _get_retaining(self):
        """Return Amazon's ids of the marketplaces where withheld tax is the seller's own, paid on account by law."""
        self.ensure_one()
        markets = self.with_context(active_test=False).marketplace_ids.filtered(
            lambda market: market._is_tax_retained())
        return set(markets.mapped('marketplace_ref'))

    def action_set_up_taxes(self):
        """Open the list of the kinds of sales with their taxes, and those that Odoo lacks."""
        self.check_access('read')
        check_group(self.env, ADMIN, 'account.group_account_manager')
        self.ensure_one()
        return self.env['amazon.tax.setup']._open(self)

    def _prepare_tax_kinds(self, companies):
        """Return the kinds of sales to consumers as values of `amazon.tax.setup.line`, those that lack a tax first.

        :param companies: whose sales they are; a seller may sell for several
        """
        kinds, destinations = {}, self._find_destinations()
        for market in self.marketplace_ids.filtered(lambda market: market.company_id in companies):
            places = TaxPlaces(market)
            for channel, country, count in destinations.get(market) or [('fbm', market.country_id, 0)] * bool(
                    market.country_id):
                source = places.find_source(channel)
                key = market.company_id, source, country
                if key not in kinds:
                    kinds[key] = self._prepare_tax_kind(market, places, channel, source, country)
                kinds[key]['order_count'] += count
        return sorted(kinds.values(), key=lambda kind: not kind['is_missing'])

    def _find_destinations(self):
        """Return the destinations of the orders of the last months: marketplace -> channels, countries and numbers of
        orders.
        """
        found = {}
        for market, channel, country, count in self.env.execute_query(SQL(
                """SELECT sale.amazon_marketplace_id, sale.amazon_channel, partner.country_id, COUNT(*)
                     FROM sale_order sale
                     JOIN res_partner partner ON partner.id = sale.partner_shipping_id
                    WHERE sale.amazon_marketplace_id = ANY(%s) AND sale.date_order > %s AND sale.state != 'cancel'
                      AND sale.amazon_channel IS NOT NULL AND partner.country_id IS NOT NULL
                 GROUP BY sale.amazon_marketplace_id, sale.amazon_channel, partner.country_id ORDER BY COUNT(*) DESC""",
                self.marketplace_ids.ids, fields.Datetime.now() - PERIOD)):
            found.setdefault(self.marketplace_ids.browse(market),
                             []).append((channel, self.env['res.country'].browse(country), count))
        return found

    def _prepare_tax_kind(self, market, places, channel, source, country):
        buyer = self.env['res.partner'].new({'country_id': country.id})
        place = places.find(buyer, buyer, source)
        item_taxes = ItemTaxes(places, place)
        taxes = self.env['account.tax'] if market._is_tax_apart() or place.question else item_taxes.map_taxes(
            self.env['product.product'])
        asked = item_taxes.find_question()
        question = TaxQuestion(market.company_id, asked) if asked else None
        proposal = question and question.propose()
        return {
            'order_count': 0, 'company_id': market.company_id.id, 'marketplace_id': market.id, 'channel': channel,
            'source_id': source.id, 'target_id': country.id, 'position_id': place.position.id,
            'taxes': ', '.join(f'{tax.name} ({get_rate(tax) or 0:g} %)' for tax in taxes),
            'is_missing': bool(asked), 'question': asked or False, 'reason': question.describe() if question else False,
            'proposal': question.describe_proposal(proposal) if proposal else False,
        }

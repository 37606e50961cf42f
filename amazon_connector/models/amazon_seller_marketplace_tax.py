from odoo import api, fields, models

from ..utils.access import ADMIN, check_group
from ..utils.phrases import tell
from ..utils.tax_places import AMAZON_COLLECTS, AMAZON_RETAINS

# Members of the Union, and the neighbours whose buyers see prices with VAT and whose taxes a company of the Union
# knows.
NEIGHBOURS = ('GB',)
# Orders after which no more are counted: the proposal does not change any more, and each count locks the marketplace.
ENOUGH = 500


class AmazonSellerMarketplace(models.Model):
    """How the orders of a marketplace are taxed."""

    _inherit = 'amazon.seller.marketplace'

    fiscal_position_id = fields.Many2one(
        'account.fiscal.position', check_company=True, help="Instead of the one that the countries, the buyer's VAT "
        "number and Amazon's scheme lead to.")
    tax_policy = fields.Selection(
        [('rate', "Odoo's taxes"), ('line', "Separate tax line")], "Taxes", required=True, default='rate',
        help="Odoo's taxes: those of the country that taxes the sale, as Odoo's fiscal positions find it; what Amazon "
        "states is a check. "
             "Separate tax line: the tax that Amazon states is a line of its own, and no tax of the company is used, "
        "unless the goods leave the country. "
             "So it always is where Amazon collects the tax by law (United States).")
    tax_believed = fields.Boolean(
        "Amazon calculates the tax", help="Whether a tax of 0.00 is to be believed: it is where you use Amazon's VAT "
        "calculation service. Otherwise "
                                          "it means that Amazon does not know, and the price contains the tax of the "
        "country.")
    tax_stated_count = fields.Integer("Orders with tax", readonly=True, copy=False)
    tax_unstated_count = fields.Integer("Orders without tax", readonly=True, copy=False)
    tax_proposal = fields.Char(compute='_compute_tax_proposal')
    fba_country_id = fields.Many2one(
        'res.country', "FBA ships from", compute='_compute_fba_country_id', store=True, readonly=False,
        help="The country of the stock at Amazon that serves this marketplace, where Amazon does not state it of "
        "an order.")

    @api.depends('country_id', 'company_id')
    def _compute_fba_country_id(self):
        union = self.env.ref('base.europe').country_ids
        for market in self:
            home = market.company_id.account_fiscal_country_id or market.company_id.country_id
            market.fba_country_id = home if {home, market.country_id} <= set(union) else market.country_id

    @api.depends('tax_believed', 'tax_stated_count', 'tax_unstated_count')
    def _compute_tax_proposal(self):
        for market in self:
            stated, unstated = market.tax_stated_count, market.tax_unstated_count
            market.tax_proposal = False
            if not market.tax_believed and stated > 10 * max(unstated, 1):
                market.tax_proposal = tell(self.env)._(
                    "Amazon stated the tax of %(stated)s of %(all)s taxed orders: it seems to calculate it.",
                    stated=stated, all=stated + unstated)
            elif market.tax_believed and unstated > stated:
                market.tax_proposal = tell(self.env)._(
                    "Amazon stated no tax for %(unstated)s of %(all)s taxed orders: it does not seem to calculate it.",
                    unstated=unstated, all=stated + unstated)

    def action_accept_tax_proposal(self):
        """Switch on or off that a stated tax of 0.00 is trusted, as the orders of these marketplaces suggest."""
        self.check_access('write')
        check_group(self.env, ADMIN)
        for market in self.filtered('tax_proposal'):
            market.tax_believed = not market.tax_believed

    @api.model
    def _get_default_tax_policy(self, company, country_id):
        """Return Odoo's taxes where the company can have them: at home, or anywhere in Europe for a company there."""
        home = company.account_fiscal_country_id
        country = self.env['res.country'].browse(country_id)
        europe = set(self.env.ref('base.europe').country_ids) | set(
            self.env['res.country'].search([('code', 'in', NEIGHBOURS)]))
        if country.code in AMAZON_COLLECTS:
            return 'line'
        return 'rate' if country == home or {country, home} <= europe else 'line'

    def _is_tax_apart(self) -> bool:
        """Return whether the tax that Amazon states is a line of its own for every order."""
        self.ensure_one()
        return self.tax_policy == 'line' or self._is_tax_amazons()

    def _is_tax_retained(self) -> bool:
        """Return whether what Amazon withholds here is tax that the seller owes, kept on account."""
        self.ensure_one()
        return self.country_id.code in AMAZON_RETAINS and self.country_id == self.company_id.account_fiscal_country_id

    def _is_tax_amazons(self) -> bool:
        """Return whether Amazon collects and remits the tax of all sales here by law."""
        return self.country_id.code in AMAZON_COLLECTS

    def _count_stated_taxes(self, stated, unstated):
        """Count orders with a taxable jurisdiction by whether Amazon stated a tax, until there are enough for a
        proposal.
        """
        if (stated or unstated) and self.tax_stated_count + self.tax_unstated_count < ENOUGH:
            self.write({'tax_stated_count': self.tax_stated_count + stated,
                        'tax_unstated_count': self.tax_unstated_count + unstated})

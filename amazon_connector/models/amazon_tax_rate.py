from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import formatLang

from ..utils.order_taxes import get_rate
from ..utils.phrases import tell
from ..utils.tax_questions import is_of_place

# Rates that are no further apart are the same.
CLOSE = 0.005


class AmazonTaxRate(models.Model):
    _name = 'amazon.tax.rate'
    _description = "Tax of a Rate at Amazon"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'tax_id'
    _order = 'company_id, country_id, rate'
    _check_company_auto = True

    company_id = fields.Many2one('res.company', required=True, ondelete='cascade',
                                 default=lambda self: self.env.company)
    country_id = fields.Many2one('res.country', required=True, help="The country that taxes.")
    position_id = fields.Many2one('account.fiscal.position', "Fiscal position", check_company=True, ondelete='cascade',
                                  help="Empty for the company's own taxes at home.")
    rate = fields.Float("Rate (%)", digits=(7, 4))
    deemed = fields.Boolean("Amazon supplies", help="By law Amazon is the seller to the buyer and remits the tax; the "
                            "sale to Amazon is zero-rated.")
    original_tax_id = fields.Many2one(
        'account.tax', "Instead of", ondelete='cascade', check_company=True,
        help="A tax of products that the fiscal position leads to no tax. Empty: what Amazon charges at this rate, "
        "whatever the product.")
    tax_id = fields.Many2one('account.tax', required=True, string="Tax in Odoo", ondelete='cascade', check_company=True,
                             domain=[('type_tax_use', '=', 'sale')])

    _rate_unique = models.UniqueIndex(
        "(company_id, (COALESCE(position_id, 0)), country_id, (COALESCE(deemed, FALSE)), rate, "
        "(COALESCE(original_tax_id, 0)))", "There is a tax for this rate already.")

    @api.constrains('tax_id', 'position_id', 'rate', 'deemed')
    def _check_tax(self):
        for choice in self:
            problem = choice._find_problem()
            if problem:
                raise ValidationError(problem)

    def _find_problem(self):
        """Return why this tax cannot be what Amazon charged here, or None; the dialog on orders uses the same check."""
        tax, rate = self.tax_id, get_rate(self.tax_id)
        if tax.type_tax_use != 'sale' or rate is None:
            return tell(self.env)._("%s is no tax on sales: what is withheld or fixed cannot be what Amazon charged.",
                                    tax.name)
        if not is_of_place(tax, self.position_id, self.company_id):
            return tell(self.env)._("%(tax)s is the tax of %(positions)s: sales to another country are not reported "
                                    "there.",
                                    tax=tax.name, positions=', '.join(tax.fiscal_position_ids.mapped('name')[:3]))
        if self.deemed and (rate or self.rate):
            return tell(self.env)._("Where Amazon is the seller to the buyer, the sale to Amazon is zero-rated: "
                                    "%(tax)s is %(rate)s %%.", tax=tax.name, rate=formatLang(self.env, rate, digits=2))
        if abs(rate - self.rate) >= CLOSE:
            return tell(self.env)._("Amazon charged %(asked)s %%, but %(tax)s is %(rate)s %%.", tax=tax.name,
                                    asked=formatLang(self.env, self.rate, digits=2),
                                    rate=formatLang(self.env, rate, digits=2))
        return None

    @api.model
    def _find(self, company, place, country, deemed, originals=()):
        """Return the choices of persons in a jurisdiction (`utils.tax_places.Place`) for the country that taxes,
        without those of archived taxes.

        :param originals: taxes of a product, for what is chosen instead of these; by default, what is chosen for rates
        """
        positions = [place.position.id, *([False, company.domestic_fiscal_position_id.id] if place.is_home else [])]
        return self.search([('company_id', '=', company.id), ('position_id', 'in', positions),
                            ('country_id', '=', country.id), ('deemed', '=', deemed), ('tax_id.active', '=', True),
                            ('original_tax_id', 'in', originals.ids) if originals else ('original_tax_id', '=', False)])

    @api.model
    def _remember(self, company, position, country, deemed, tax, original=None):
        """Store a tax by its own rate (that of small amounts is imprecise), or as the one instead of a product's tax
        (id).
        """
        rate = get_rate(tax)
        values = {'company_id': company.id, 'position_id': position.id, 'country_id': country.id, 'deemed': deemed,
                  'original_tax_id': original or False}
        known = self.sudo().search([(field, '=', value) for field, value in values.items()]).filtered(
            lambda choice: original or abs(choice.rate - rate) < CLOSE)
        return known.write({'tax_id': tax.id, 'rate': rate}) if known else self.sudo().create(
            {**values, 'rate': rate, 'tax_id': tax.id})

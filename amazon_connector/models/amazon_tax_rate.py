from odoo import api, fields, models


class AmazonTaxRate(models.Model):
    _name = 'amazon.tax.rate'
    _description = "Tax of a Rate at Amazon"
    _rec_name = 'tax_id'
    _order = 'company_id, country_id, rate'
    _check_company_auto = True

    company_id = fields.Many2one('res.company', required=True, ondelete='cascade', default=lambda self: self.env.company)
    country_id = fields.Many2one('res.country', required=True, help="The country that taxes.")
    position_id = fields.Many2one('account.fiscal.position', "Fiscal position", check_company=True, ondelete='cascade',
                                  help="Empty for the company's own taxes at home.")
    rate = fields.Float("Rate (%)", digits=(7, 4))
    deemed = fields.Boolean("Amazon supplies", help="By law Amazon is the seller to the buyer and remits the tax; the sale to Amazon is zero-rated.")
    tax_id = fields.Many2one('account.tax', required=True, string="Tax in Odoo", ondelete='cascade', check_company=True,
                             domain="[('type_tax_use', '=', 'sale')]")

    @api.model
    def _find(self, company, place, deemed):
        """Return what persons chose in a jurisdiction (`utils.tax_places.Place`)."""
        return self.search([('company_id', '=', company.id), ('position_id', '=', place.position.id), ('deemed', '=', deemed)])

    @api.model
    def _remember(self, company, position, country, rate, deemed, tax):
        values = {'company_id': company.id, 'position_id': position.id, 'country_id': country.id, 'deemed': deemed}
        known = self.sudo().search([(field, '=', value) for field, value in values.items()]).filtered(lambda choice: abs(choice.rate - rate) < 0.005)
        return known.write({'tax_id': tax.id}) if known else self.sudo().create({**values, 'rate': rate, 'tax_id': tax.id})

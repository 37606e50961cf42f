from odoo import api, fields, models


class AmazonTaxPlace(models.Model):
    _name = 'amazon.tax.place'
    _description = "Fiscal Position of Amazon Sales"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'position_id'
    _order = 'company_id, source_id, target_id, business'
    _check_company_auto = True

    company_id = fields.Many2one('res.company', required=True, ondelete='cascade',
                                 default=lambda self: self.env.company)
    source_id = fields.Many2one('res.country', "From country", required=True, help="The country that goods leave from.")
    target_id = fields.Many2one('res.country', "To country",
                                help="Empty for all countries to which sales from there are exports, whoever buys.")
    business = fields.Boolean("With VAT number")
    position_id = fields.Many2one(
        'account.fiscal.position', required=True, string="Fiscal position", check_company=True, ondelete='cascade',
        help="Amazon's orders get this one where Odoo finds no fiscal position; other sales do not use it.")

    _place_unique = models.UniqueIndex(
        "(company_id, source_id, (COALESCE(target_id, 0)), (COALESCE(business, FALSE)))",
        "There is a fiscal position for these sales already.")

    @api.model
    def _remember(self, company, source, target, business, position):
        values = {'company_id': company.id, 'source_id': source.id, 'target_id': target.id, 'business': business}
        known = self.sudo().search([(field, '=', value) for field, value in values.items()])
        return known.write({'position_id': position.id}) if known else self.sudo().create(
            {**values, 'position_id': position.id})

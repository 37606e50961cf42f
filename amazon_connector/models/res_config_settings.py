from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    amazon_invoice_data = fields.Selection(related='company_id.amazon_invoice_data', readonly=False)
    amazon_invoice_years = fields.Integer(related='company_id.amazon_invoice_years', readonly=False)
    amazon_invoice_reason = fields.Text(related='company_id.amazon_invoice_reason', readonly=False)

from odoo import fields, models


class AmazonCarrierService(models.Model):
    _name = 'amazon.carrier.service'
    _description = "Amazon Carrier Service"
    _inherit = ['amazon.access.mixin']
    _order = 'carrier_id, id'

    carrier_id = fields.Many2one('amazon.carrier', required=True, ondelete='cascade', index=True)
    name = fields.Char("Shipping method", required=True)
    country_ids = fields.Many2many('res.country', string="Marketplaces",
                                   help="Countries of the marketplaces that know it; none for all.")

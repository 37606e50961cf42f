from odoo import fields, models


class StockLocation(models.Model):
    _inherit = 'stock.location'

    amazon_fba = fields.Boolean("Held by Amazon (FBA)", help="What lies here is in Amazon's fulfilment centres.")

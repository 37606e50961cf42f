from odoo import fields, models


class StockScrap(models.Model):
    _inherit = 'stock.scrap'

    amazon_return_id = fields.Many2one(
        'amazon.return', "Amazon return", readonly=True, copy=False, index='btree_not_null', ondelete='set null')

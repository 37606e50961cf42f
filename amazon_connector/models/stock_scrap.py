from odoo import fields, models

from ..utils.access import WAREHOUSE


class StockScrap(models.Model):
    _inherit = 'stock.scrap'

    amazon_return_id = fields.Many2one(
        'amazon.return', "Amazon return", readonly=True, copy=False, index='btree_not_null', ondelete='set null',
        groups=WAREHOUSE)

from odoo import fields, models
from odoo.tools import SQL

from .stock_location import KINDS, LOST

PLACES = [(kind, label) for kind, label in KINDS if kind not in (*LOST, 'view')]


class AmazonFbaStock(models.Model):
    """What a seller has at Amazon, on the way there and on the way back, by product, country and condition."""

    _name = 'amazon.fba.stock'
    _description = "FBA Stock by Country"
    _auto = False
    _order = 'product_id, country_id, place'
    _rec_name = 'product_id'

    product_id = fields.Many2one('product.product', readonly=True)
    seller_id = fields.Many2one('amazon.seller', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    country_id = fields.Many2one('res.country', readonly=True)
    place = fields.Selection(PLACES, readonly=True)
    lot_id = fields.Many2one('stock.lot', readonly=True)
    quantity = fields.Float("Pieces", digits=(16, 2), readonly=True)

    @property
    def _table_query(self):
        return SQL("""
            SELECT quant.id, quant.product_id, quant.lot_id, quant.quantity, location.amazon_seller_id AS seller_id,
                   location.company_id, location.amazon_country_id AS country_id, location.amazon_kind AS place
              FROM stock_quant quant JOIN stock_location location ON location.id = quant.location_id
             WHERE location.amazon_seller_id IS NOT NULL AND location.amazon_kind = ANY(%s)""",
                   [kind for kind, _label in PLACES])

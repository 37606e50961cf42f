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
        """What is on its way to Amazon lies at one location, so its countries are those of the shipments; the rest, of
        transfers without a shipment and of receipts without a transfer, has none.
        """
        # In brackets, which not every Odoo adds.
        return SQL("""(
            SELECT quant.id * 3::bigint AS id, quant.product_id, quant.lot_id, quant.quantity,
                   location.amazon_seller_id AS seller_id, location.company_id,
                   location.amazon_country_id AS country_id, location.amazon_kind AS place
              FROM stock_quant quant JOIN stock_location location ON location.id = quant.location_id
             WHERE location.amazon_seller_id IS NOT NULL AND location.amazon_kind = ANY(%(places)s)
         UNION ALL
            SELECT way.id * 3 + 1, way.product_id, NULL, way.missing, inbound.seller_id, inbound.company_id,
                   inbound.country_id, 'inbound'
              FROM %(shipments)s way JOIN amazon_inbound inbound ON inbound.id = way.inbound_id
             WHERE way.missing > 0
         UNION ALL
            SELECT MIN(part.id) * 3 + 2, part.product_id, NULL, SUM(part.quantity), part.seller_id, part.company_id,
                   NULL, 'inbound'
              FROM (
                SELECT quant.id::bigint AS id, quant.product_id, quant.quantity, location.amazon_seller_id AS seller_id,
                       location.company_id
                  FROM stock_quant quant JOIN stock_location location ON location.id = quant.location_id
                 WHERE location.amazon_kind = 'inbound'
             UNION ALL
                SELECT way.id + 1000000000000, way.product_id, -way.missing, inbound.seller_id, inbound.company_id
                  FROM %(shipments)s way JOIN amazon_inbound inbound ON inbound.id = way.inbound_id
                 WHERE way.missing > 0) part
          GROUP BY part.product_id, part.seller_id, part.company_id
            HAVING SUM(part.quantity) != 0)""",
                   places=[kind for kind, _label in PLACES if kind != 'inbound'],
                   shipments=self.env['amazon.inbound.line']._table_query)

from odoo import fields, models
from odoo.tools import SQL


class AmazonInboundLine(models.Model):
    """What was sent of a product in a shipment to Amazon, and what became of it; read from the stock moves themselves.
    """

    _name = 'amazon.inbound.line'
    _description = "Product in a Shipment to Amazon"
    _auto = False
    _rec_name = 'product_id'
    _order = 'inbound_id desc, product_id'

    inbound_id = fields.Many2one('amazon.inbound', readonly=True)
    seller_id = fields.Many2one(related='inbound_id.seller_id')
    company_id = fields.Many2one(related='inbound_id.company_id')
    country_id = fields.Many2one(related='inbound_id.country_id')
    state = fields.Selection(related='inbound_id.state')
    product_id = fields.Many2one('product.product', readonly=True)
    sent = fields.Float(digits=(16, 2), readonly=True, help="Pieces that transfers of Odoo have sent.")
    received = fields.Float(digits=(16, 2), readonly=True, help="Pieces that Amazon has received by its ledger.")
    written_off = fields.Float(digits=(16, 2), readonly=True)
    missing = fields.Float(digits=(16, 2), readonly=True)
    extra = fields.Float("Too much", digits=(16, 2), readonly=True, help="Received, and not sent by a transfer.")

    @property
    def _table_query(self):
        # In brackets, which not every Odoo adds.
        return SQL("""(
            SELECT MIN(part.id) AS id, part.inbound_id, part.product_id, SUM(part.sent) AS sent,
                   SUM(part.received) AS received, SUM(part.written_off) AS written_off,
                   GREATEST(SUM(part.sent - part.received - part.written_off), 0) AS missing,
                   GREATEST(SUM(part.received + part.written_off - part.sent), 0) AS extra
              FROM (
                SELECT line.id, picking.amazon_inbound_id AS inbound_id, line.product_id,
                       CASE WHEN target.amazon_kind = 'inbound' THEN 1 ELSE -1 END * line.quantity_product_uom AS sent,
                       0 AS received, 0 AS written_off
                  FROM stock_picking picking JOIN stock_move_line line ON line.picking_id = picking.id
                  JOIN stock_location source ON source.id = line.location_id
                  JOIN stock_location target ON target.id = line.location_dest_id
                 WHERE picking.amazon_inbound_id IS NOT NULL AND line.state = 'done'
                   AND COALESCE(source.amazon_kind = 'inbound', FALSE)
                       != COALESCE(target.amazon_kind = 'inbound', FALSE)
             UNION ALL
                SELECT line.id, inbound.id, line.product_id, 0,
                       CASE WHEN move.amazon_ledger_undo THEN -1 ELSE 1 END * line.quantity_product_uom, 0
                  FROM amazon_inbound inbound
                  JOIN stock_move move ON move.amazon_ledger_ref = inbound.shipment_ref
                  JOIN amazon_ledger_day day ON day.id = move.amazon_ledger_day_id
                   AND day.seller_id = inbound.seller_id
                  JOIN stock_move_line line ON line.move_id = move.id
                 WHERE line.state = 'done'
             UNION ALL
                SELECT line.id, move.amazon_inbound_id, line.product_id, 0, 0,
                       CASE WHEN target.amazon_kind = 'inbound' THEN -1 ELSE 1 END * line.quantity_product_uom
                  FROM stock_move move JOIN stock_move_line line ON line.move_id = move.id
                  JOIN stock_location target ON target.id = line.location_dest_id
                 WHERE move.amazon_inbound_id IS NOT NULL AND line.state = 'done') part
          GROUP BY part.inbound_id, part.product_id)""")

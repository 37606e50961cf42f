from odoo import models


class StockMoveLine(models.Model):
    _inherit = 'stock.move.line'

    # For the last movements of a product and lot to and from where goods only pass, see `amazon_ledger_leftover`.
    _amazon_come = models.Index("(location_dest_id, product_id, COALESCE(lot_id, 0), date, id) WHERE state = 'done'")
    _amazon_gone = models.Index("(location_id, product_id, COALESCE(lot_id, 0), date, id) WHERE state = 'done'")

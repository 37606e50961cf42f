from odoo import models


class StockMoveLine(models.Model):
    _inherit = 'stock.move.line'

    # For the last movements of a product to and from a place that goods only pass, see `amazon_ledger_leftover`.
    _amazon_come = models.Index("(location_dest_id, product_id, date, id) WHERE state = 'done'")
    _amazon_gone = models.Index("(location_id, product_id, date, id) WHERE state = 'done'")

from odoo import api, models

COUNTED = {'quantity', 'reserved_quantity', 'location_id'}


class StockQuant(models.Model):
    _inherit = 'stock.quant'

    @api.model_create_multi
    def create(self, vals_list):
        """Create quants and wake the stock flow."""
        quants = super().create(vals_list)
        self._amazon_wake()
        return quants

    def write(self, vals):
        """Write quants and wake the stock flow."""
        result = super().write(vals)
        if COUNTED & vals.keys():
            self._amazon_wake()
        return result

    @api.model
    def _amazon_wake(self):
        """Wake the stock flow at the end of this transaction: quantities changed."""
        self.env['amazon.sync']._wake_if_wanted('stock', 'stock_sync')

from odoo import api, models


class ProductPricelistItem(models.Model):
    _inherit = 'product.pricelist.item'

    @api.model_create_multi
    def create(self, vals_list):
        """Create price rules and wake the price flow."""
        items = super().create(vals_list)
        self._amazon_wake()
        return items

    def write(self, vals):
        """Write price rules and wake the price flow."""
        result = super().write(vals)
        self._amazon_wake()
        return result

    def unlink(self):
        """Delete price rules and wake the price flow."""
        result = super().unlink()
        self._amazon_wake()
        return result

    @api.model
    def _amazon_wake(self):
        """Wake the price flow at the end of this transaction: prices changed."""
        self.env['amazon.sync']._wake_if_wanted('prices', 'price_sync')

from odoo import models


class StockReturnPicking(models.TransientModel):
    _inherit = 'stock.return.picking'

    def _prepare_picking_default_values(self):
        """Return the values of a return; goods of Amazon orders go where the warehouse inspects them, if it says so."""
        vals = super()._prepare_picking_default_values()
        place = self.picking_id._amazon_get_return_location()
        return {**vals, 'location_dest_id': place.id} if place else vals

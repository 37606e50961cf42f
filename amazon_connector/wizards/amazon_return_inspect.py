from odoo import api, fields, models

from ..models.amazon_return_inspection import OUTCOMES
from ..utils.access import WAREHOUSE, check_group


class AmazonReturnInspect(models.TransientModel):
    """What becomes of goods that a buyer sent back."""

    _name = 'amazon.return.inspect'
    _description = "Inspection of an Amazon Return"
    _inherit = ['amazon.access.mixin']
    _check_company_auto = True

    return_id = fields.Many2one('amazon.return', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='return_id.company_id')
    product_id = fields.Many2one(related='return_id.product_id')
    reason_id = fields.Many2one(related='return_id.reason_id')
    uninspected_quantity = fields.Float(related='return_id.uninspected_quantity')
    outcome = fields.Selection(OUTCOMES, "What becomes of it", required=True, default='stock')
    quantity = fields.Float("Units", digits=(16, 2), required=True)
    location_id = fields.Many2one('stock.location', "Where it is now", required=True, check_company=True,
                                  domain=[('usage', '=', 'internal')])
    lot_id = fields.Many2one('stock.lot', "Lot or serial number", check_company=True)
    tracking = fields.Selection(related='product_id.tracking')

    @api.model
    def _open(self, record):
        """Return the action of a new inspection of a return, with all that is left to inspect."""
        known = record.sudo()
        moves = known.move_ids.filtered(lambda move: move.state == 'done' and move._amazon_is_back())
        wizard = self.sudo().create({
            'return_id': record.id, 'quantity': known.uninspected_quantity, 'location_id': known._find_place().id
            or known.sale_order_id.warehouse_id.lot_stock_id.id, 'lot_id': moves.move_line_ids.lot_id[:1].id})
        return {'type': 'ir.actions.act_window', 'name': self.env._("Inspect"), 'res_model': self._name,
                'res_id': wizard.id, 'view_mode': 'form', 'target': 'new'}

    def action_apply(self):
        """Move the goods to where the inspection sends them."""
        self.ensure_one()
        self.check_access('write')
        check_group(self.env, WAREHOUSE)
        self.return_id.check_access('read')
        self.location_id.check_access('read')
        self.lot_id.check_access('read')
        self.return_id._inspect(self.outcome, self.quantity, self.location_id, self.lot_id)
        return {'type': 'ir.actions.act_window_close'}

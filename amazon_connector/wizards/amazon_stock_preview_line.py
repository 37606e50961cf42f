from odoo import fields, models

from ..utils.stock_plan import StockPlan

SIZES = [('0_pieces', "Confirm the pieces"), ('0_jump', "Far above Amazon's"), ('1_zero', "To zero"),
         ('2_large', "Large"), ('3_small', "Small"), ('4_none', "None")]


class AmazonStockPreviewLine(models.TransientModel):
    _name = 'amazon.stock.preview.line'
    _description = "Preview of a Quantity for Amazon"
    _inherit = ['amazon.access.mixin']
    _order = 'size, change, id'

    preview_id = fields.Many2one('amazon.stock.preview', ondelete='cascade')
    listing_id = fields.Many2one('amazon.listing', readonly=True)
    product_id = fields.Many2one(related='listing_id.product_id')
    title = fields.Char(related='listing_id.title')
    pack_quantity = fields.Integer(related='listing_id.pack_quantity', string="Pieces")
    pack_proposed = fields.Integer(related='listing_id.pack_proposed')
    pack_evidence = fields.Char(related='listing_id.pack_evidence')
    quantity_before = fields.Integer("Amazon shows", readonly=True)
    quantity_after = fields.Integer("Odoo would send", readonly=True)
    change = fields.Integer(readonly=True)
    size = fields.Selection(SIZES, "Change is", readonly=True)

    def action_confirm_pieces(self):
        """Confirm that the pieces that are set are right."""
        self.listing_id.action_confirm_pieces()
        return self._plan_again()

    def action_use_proposed_pieces(self):
        """Set the pieces that are proposed."""
        self.listing_id.action_use_proposed_pieces()
        return self._plan_again()

    def _plan_again(self):
        """Compute these lines anew, and show their preview."""
        self.check_access('write')
        preview = self.preview_id
        plan = StockPlan(preview.marketplace_id, self.listing_id)
        found = {line['listing_id']: line for line in preview._prepare_lines(plan)}
        for line in self.sudo():
            line.write(found.get(line.listing_id.id, {
                'quantity_after': line.quantity_before, 'change': 0, 'size': '4_none'}))
        return {'type': 'ir.actions.act_window', 'name': self.env._("First stock sync"), 'res_model': preview._name,
                'res_id': preview.id, 'view_mode': 'form', 'target': 'new'}

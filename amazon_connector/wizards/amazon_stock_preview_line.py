from odoo import fields, models

SIZES = [('0_pieces', "Confirm the pieces"), ('0_jump', "Far above Amazon's"), ('1_zero', "To zero"),
         ('2_large', "Large"), ('3_small', "Small"), ('4_none', "None")]


class AmazonStockPreviewLine(models.TransientModel):
    _name = 'amazon.stock.preview.line'
    _description = "Preview of a Quantity for Amazon"
    _inherit = ['amazon.access.mixin']
    _order = 'size, change, id'

    preview_id = fields.Many2one('amazon.stock.preview', ondelete='cascade')
    listing_id = fields.Many2one('amazon.listing', readonly=True)
    marketplace_id = fields.Many2one(related='preview_id.marketplace_id')
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
        """Compute these lines anew, and those that asked for pieces, too: the answer counts on every marketplace. Show
        their preview.
        """
        self.check_access('write')
        for preview in self.preview_id.start_id.preview_ids or self.preview_id:
            preview._plan_again(preview.line_ids.filtered(lambda line: line in self or line.size == '0_pieces'))
        return self.preview_id._show()

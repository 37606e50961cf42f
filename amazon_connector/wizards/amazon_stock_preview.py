from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..utils.stock_plan import StockPlan


class AmazonStockPreview(models.TransientModel):
    _name = 'amazon.stock.preview'
    _description = "Preview of Quantities for Amazon"
    _inherit = ['amazon.access.mixin']

    start_id = fields.Many2one('amazon.stock.start', readonly=True, ondelete='cascade',
                               help="The preview of several marketplaces that this one is part of.")
    is_chosen = fields.Boolean("Send", default=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, readonly=True)
    line_ids = fields.One2many('amazon.stock.preview.line', 'preview_id', readonly=True)
    listing_count = fields.Integer("Listings with a quantity", readonly=True)
    pieces_count = fields.Integer("Held back: pieces to confirm", compute='_compute_counts')
    jump_count = fields.Integer("Held back: far above Amazon's", compute='_compute_counts')
    zero_count = fields.Integer("Set to zero", compute='_compute_counts')
    large_count = fields.Integer("Large changes", compute='_compute_counts')
    small_count = fields.Integer("Small changes", compute='_compute_counts')
    unmapped_count = fields.Integer("Left out: no product", readonly=True)
    fba_count = fields.Integer("Left out: fulfilled by Amazon", readonly=True)
    unknown_count = fields.Integer("Left out: channel unknown", readonly=True)
    send_jumps = fields.Boolean("Send what is far above Amazon's, too")

    @api.depends('line_ids.size')
    def _compute_counts(self):
        for preview in self:
            sizes = preview.line_ids.mapped('size')
            preview.pieces_count, preview.jump_count = sizes.count('0_pieces'), sizes.count('0_jump')
            preview.zero_count = sizes.count('1_zero')
            preview.large_count, preview.small_count = sizes.count('2_large'), sizes.count('3_small')

    @api.model
    def _open(self, marketplace):
        """Return the action that shows the changes that sending quantities would make; nothing is sent.

        :raises UserError: what is to be sent cannot be worked out
        """
        return self.sudo().create({'marketplace_id': marketplace.id, **self._prepare(marketplace)})._show()

    def _show(self):
        """Return the action that shows this preview, or that of several marketplaces that it is part of."""
        record = self.start_id or self
        return {'type': 'ir.actions.act_window', 'name': self.env._("First stock sync"), 'res_model': record._name,
                'res_id': record.id, 'view_mode': 'form', 'target': 'new', 'context': {'dialog_size': 'extra-large'}}

    @api.model
    def _prepare(self, marketplace):
        plan = StockPlan(marketplace)
        obstacle = plan.find_obstacle()
        if obstacle:
            raise UserError(obstacle)
        lines = self._prepare_lines(plan)
        others = [('marketplace_id', '=', marketplace.id), ('status', '!=', 'removed')]
        count = self.env['amazon.listing'].search_count
        return {
            'line_ids': [Command.create(line)
                         for line in sorted(lines, key=lambda line: (line['size'], line['change']))],
            'listing_count': len(plan.listings),
            'unmapped_count': count([*others, ('mapping_state', '=', 'unmapped')]),
            'fba_count': count([*others, ('channel', '=', 'fba'), ('mapping_state', '=', 'mapped')]),
            'unknown_count': count([*others, ('channel', '=', False), ('mapping_state', '=', 'mapped')]),
        }

    def _plan_again(self, lines):
        """Compute some lines of this preview anew."""
        self.ensure_one()
        plan = StockPlan(self.marketplace_id, lines.listing_id)
        found = {line['listing_id']: line for line in self._prepare_lines(plan)}
        for line in lines.sudo():
            line.write(found.get(line.listing_id.id, {
                'quantity_after': line.quantity_before, 'change': 0, 'size': '4_none'}))

    @api.model
    def _prepare_lines(self, plan):
        """Return the values of a line for each listing whose quantity would change, or is held back."""
        held = plan.find_held()
        return [self._prepare_line(listing, plan.get_known(listing), quantity, held.get(listing))
                for listing in plan.listings
                if (quantity := plan.quantity(listing)) is not None
                and (quantity != plan.get_known(listing) or held.get(listing) == 'pieces')]

    @api.model
    def _prepare_line(self, listing, known, quantity, held):
        change = quantity - known
        size = (f'0_{held}' if held else '1_zero' if not quantity
                else '2_large' if abs(change) >= max(5, known / 2) else '3_small')
        return {'listing_id': listing.id, 'quantity_before': known, 'quantity_after': quantity, 'change': change,
                'size': size}

    def action_start(self):
        """Send the quantities of this marketplace from now on, these first; what is held back is not sent."""
        self.check_access('write')
        self.marketplace_id.check_access('write')
        self.ensure_one()
        marketplace = self.marketplace_id
        if self.send_jumps:
            for line in self.line_ids.filtered(lambda line: line.size == '0_jump'):
                line.listing_id.sudo().stock_approved = line.quantity_after
        marketplace.sudo().write({'stock_sync': True, 'guard_passed': True, 'guard_message': False})
        marketplace.seller_id._wake('stock')
        return marketplace.seller_id._notify(
            'success', self.env._("Quantities for %s are sent from now on.", marketplace.name), close=True)

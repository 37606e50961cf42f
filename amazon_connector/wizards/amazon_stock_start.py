from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class AmazonStockStart(models.TransientModel):
    """The first quantities of several marketplaces in one preview: nothing is sent before somebody agrees."""

    _name = 'amazon.stock.start'
    _description = "First Stock Sync of Several Marketplaces"
    _inherit = ['amazon.access.mixin']

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True)
    preview_ids = fields.One2many('amazon.stock.preview', 'start_id')
    line_ids = fields.Many2many('amazon.stock.preview.line', compute='_compute_lines')
    pieces_count = fields.Integer("Held back: pieces to confirm", compute='_compute_lines')
    jump_count = fields.Integer("Held back: far above Amazon's", compute='_compute_lines')
    obstacles = fields.Text("Left out", readonly=True)

    @api.depends('preview_ids.is_chosen', 'preview_ids.line_ids.size')
    def _compute_lines(self):
        for start in self:
            chosen = start.preview_ids.filtered('is_chosen')
            start.line_ids = chosen.line_ids.sorted(lambda line: (line.size or '', line.change, line._origin.id))
            start.pieces_count = sum(chosen.mapped('pieces_count'))
            start.jump_count = sum(chosen.mapped('jump_count'))

    @api.onchange('preview_ids')
    def _onchange_preview_ids(self):
        """Show the lines of a marketplace again that was left out for a moment: to Odoo 18 and 17 nothing has changed,
        because it is chosen in the database.
        """
        self._compute_lines()

    @api.model
    def _open(self, markets):
        """Return the action that shows what sending quantities to these marketplaces would change.

        :raises UserError: it can be worked out for none of them
        """
        previews, obstacles = [], []
        model = self.env['amazon.stock.preview']
        for market in markets:
            try:
                previews.append({'marketplace_id': market.id, **model._prepare(market)})
            except UserError as error:
                obstacles.append(f'{market.name}: {error.args[0]}')
        if not previews:
            raise UserError('\n'.join(obstacles) or self.env._("Quantities are sent to all marketplaces already."))
        start = self.sudo().create({
            'seller_id': markets.seller_id.id, 'obstacles': '\n'.join(obstacles) or False,
            'preview_ids': [Command.create(vals) for vals in previews]})
        return start.preview_ids[0]._show()

    def action_start(self):
        """Send the quantities of the chosen marketplaces from now on, these first."""
        self.ensure_one()
        self.check_access('write')
        self.seller_id.check_access('write')
        chosen = self.preview_ids.filtered('is_chosen')
        if not chosen:
            raise UserError(self.env._("Choose one marketplace at least."))
        for preview in chosen:
            preview.action_start()
        return self.seller_id._notify('success', self.env._(
            "Quantities for %s are sent from now on.", ', '.join(chosen.marketplace_id.mapped('name'))), close=True)

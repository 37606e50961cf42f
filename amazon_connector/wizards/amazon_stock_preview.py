from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..utils.stock_plan import StockPlan

SIZES = [('1_zero', "To zero"), ('2_large', "Large"), ('3_small', "Small")]


class AmazonStockPreview(models.TransientModel):
    _name = 'amazon.stock.preview'
    _description = "Preview of Quantities for Amazon"
    _inherit = ['amazon.access.mixin']

    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, readonly=True)
    line_ids = fields.One2many('amazon.stock.preview.line', 'preview_id', readonly=True)
    listing_count = fields.Integer("Listings with a quantity", readonly=True)
    zero_count = fields.Integer("Set to zero", readonly=True)
    large_count = fields.Integer("Large changes", readonly=True)
    small_count = fields.Integer("Small changes", readonly=True)
    unmapped_count = fields.Integer("Left out: no product", readonly=True)
    fba_count = fields.Integer("Left out: fulfilled by Amazon", readonly=True)
    unknown_count = fields.Integer("Left out: channel unknown", readonly=True)

    @api.model
    def _open(self, marketplace):
        """Return the action that shows the changes that sending quantities would make; nothing is sent.

        :raises UserError: what is to be sent cannot be worked out
        """
        preview = self.sudo().create({'marketplace_id': marketplace.id, **self._prepare(marketplace)})
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("First stock sync"), 'res_model': self._name,
            'res_id': preview.id, 'view_mode': 'form', 'target': 'new',
        }

    @api.model
    def _prepare(self, marketplace):
        plan = StockPlan(marketplace)
        obstacle = plan.find_obstacle()
        if obstacle:
            raise UserError(obstacle)
        lines = [self._prepare_line(listing, plan.get_known(listing), quantity) for listing in plan.listings
                 if (quantity := plan.quantity(listing)) is not None and quantity != plan.get_known(listing)]
        sizes = [line['size'] for line in lines]
        others = [('marketplace_id', '=', marketplace.id), ('status', '!=', 'removed')]
        count = self.env['amazon.listing'].search_count
        return {
            'line_ids': [Command.create(line)
                         for line in sorted(lines, key=lambda line: (line['size'], line['change']))],
            'listing_count': len(plan.listings), 'zero_count': sizes.count('1_zero'),
            'large_count': sizes.count('2_large'), 'small_count': sizes.count('3_small'),
            'unmapped_count': count([*others, ('mapping_state', '=', 'unmapped')]),
            'fba_count': count([*others, ('channel', '=', 'fba'), ('mapping_state', '=', 'mapped')]),
            'unknown_count': count([*others, ('channel', '=', False), ('mapping_state', '=', 'mapped')]),
        }

    @api.model
    def _prepare_line(self, listing, known, quantity):
        change = quantity - known
        size = '1_zero' if not quantity else '2_large' if abs(change) >= max(5, known / 2) else '3_small'
        return {'listing_id': listing.id, 'quantity_before': known, 'quantity_after': quantity, 'change': change,
                'size': size}

    def action_start(self):
        """Send the quantities of this marketplace from now on, these first."""
        self.check_access('write')
        self.marketplace_id.check_access('write')
        self.ensure_one()
        marketplace = self.marketplace_id
        marketplace.sudo().write({'stock_sync': True, 'guard_passed': True, 'guard_message': False})
        marketplace.seller_id._wake('stock')
        return marketplace.seller_id._notify(
            'success', self.env._("Quantities for %s are sent from now on.", marketplace.name), close=True)


class AmazonStockPreviewLine(models.TransientModel):
    _name = 'amazon.stock.preview.line'
    _description = "Preview of a Quantity for Amazon"
    _inherit = ['amazon.access.mixin']
    _order = 'size, change, id'

    preview_id = fields.Many2one('amazon.stock.preview', ondelete='cascade')
    listing_id = fields.Many2one('amazon.listing', readonly=True)
    product_id = fields.Many2one(related='listing_id.product_id')
    title = fields.Char(related='listing_id.title')
    quantity_before = fields.Integer("Amazon shows", readonly=True)
    quantity_after = fields.Integer("Odoo would send", readonly=True)
    change = fields.Integer(readonly=True)
    size = fields.Selection(SIZES, "Change is", readonly=True)

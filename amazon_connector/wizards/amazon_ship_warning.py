from odoo import api, fields, models
from odoo.fields import Command


class AmazonShipWarning(models.TransientModel):
    """Show shipments that Amazon would refuse to confirm, or that break its rules, before deliveries are validated."""

    _name = 'amazon.ship.warning'
    _description = "Amazon Delivery Warning"
    _inherit = ['amazon.access.mixin']

    picking_ids = fields.Many2many('stock.picking')
    line_ids = fields.One2many('amazon.ship.warning.line', 'wizard_id')
    has_others = fields.Boolean(compute='_compute_has_others')

    @api.depends('picking_ids', 'line_ids')
    def _compute_has_others(self):
        for wizard in self:
            wizard.has_others = bool(wizard.picking_ids - wizard.line_ids.picking_id)

    @api.model
    def _open(self, pickings, problems):
        """Return the action that shows problems (pairs of delivery and text) before these deliveries are validated."""
        wizard = self.sudo().create({
            'picking_ids': [Command.set(pickings.ids)],
            'line_ids': [Command.create({'picking_id': picking.id, 'problem': problem})
                         for picking, problem in problems]})
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Look at these deliveries first"),
            'res_model': self._name, 'res_id': wizard.id,
            'view_mode': 'form', 'target': 'new', 'context': self.env.context,
        }

    def _check_may_validate(self):
        self.check_access('write')
        self.picking_ids.check_access('write')

    def action_check_again(self):
        """Validate these deliveries with what was entered here; show what Amazon would still refuse."""
        self._check_may_validate()
        return self.picking_ids.action_amazon_validate()

    def action_validate(self):
        """Validate all the same: the shipment is confirmed to Amazon when what is missing is there."""
        self._check_may_validate()
        return self.picking_ids.with_context(skip_amazon_check=True).action_amazon_validate()

    def action_validate_others(self):
        """Validate the deliveries without a problem and leave the others."""
        self._check_may_validate()
        others = self.picking_ids - self.line_ids.picking_id
        return others.with_context(skip_amazon_check=True).action_amazon_validate()


class AmazonShipWarningLine(models.TransientModel):
    _name = 'amazon.ship.warning.line'
    _description = "Amazon Delivery Warning Line"
    _inherit = ['amazon.access.mixin']

    wizard_id = fields.Many2one('amazon.ship.warning', required=True, ondelete='cascade')
    picking_id = fields.Many2one('stock.picking', "Delivery", required=True)
    problem = fields.Text(required=True)
    carrier_id = fields.Many2one(related='picking_id.carrier_id', readonly=False)
    carrier_tracking_ref = fields.Char(related='picking_id.carrier_tracking_ref', readonly=False)

from odoo import fields, models
from odoo.exceptions import UserError


class AmazonEmergencyStop(models.TransientModel):
    _name = 'amazon.emergency.stop'
    _description = "Emergency Stop"
    _inherit = ['amazon.access.mixin']

    seller_ids = fields.Many2many('amazon.seller', string="Sellers", default=lambda self: self._default_seller_ids())
    reason = fields.Text(required=True)

    def _default_seller_ids(self):
        return self.env['amazon.seller'].with_context(active_test=False).search([('stop_date', '=', False)])

    def action_stop(self):
        """Delete the credentials of the chosen sellers and stop all requests to Amazon for them.

        :raises AccessError: a seller is none of the user's
        """
        self.ensure_one()
        self.seller_ids.check_access('write')
        if not self.seller_ids:
            raise UserError(self.env._("Choose the sellers to stop."))
        self.seller_ids._stop(self.reason)
        return self.seller_ids._notify('warning', self.env._("Nothing more is sent to Amazon for the chosen sellers."),
                                       close=True)

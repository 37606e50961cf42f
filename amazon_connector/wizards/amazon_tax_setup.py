from odoo import api, fields, models
from odoo.fields import Command

from ..utils.access import ADMIN, check_group


class AmazonTaxSetup(models.TransientModel):
    _name = 'amazon.tax.setup'
    _description = "Taxes of Amazon Sales"
    _inherit = ['amazon.access.mixin']

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True)
    line_ids = fields.One2many('amazon.tax.setup.line', 'setup_id')

    @api.model
    def _open(self, seller):
        """Return the action that shows the taxes of a seller's sales, kinds without a tax first."""
        check_group(self.env, ADMIN, 'account.group_account_manager')
        kinds = seller.sudo()._prepare_tax_kinds(seller.sudo().marketplace_ids.company_id)
        seller._set_tax_gaps(kinds)
        setup = self.sudo().create({'seller_id': seller.id, 'line_ids': [
            Command.create(kind) for kind in kinds if kind['company_id'] in self.env.user.company_ids.ids]})
        return {
            'type': 'ir.actions.act_window', 'res_model': self._name, 'res_id': setup.id, 'view_mode': 'form',
            'target': 'new', 'context': {'dialog_size': 'extra-large'}, 'name': self.env._("Taxes of %s", seller.name),
        }

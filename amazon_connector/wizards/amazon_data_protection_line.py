from odoo import fields, models


class AmazonDataProtectionLine(models.TransientModel):
    _name = 'amazon.data.protection.line'
    _description = "User Who Can See Buyers"
    _inherit = ['amazon.access.mixin']

    page_id = fields.Many2one('amazon.data.protection', required=True, ondelete='cascade')
    user_id = fields.Many2one('res.users', required=True, ondelete='cascade')
    reason = fields.Char("Because of")
    two_factor = fields.Boolean("Two-factor login")
    login_date = fields.Datetime("Last login")

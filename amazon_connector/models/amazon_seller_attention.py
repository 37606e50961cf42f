from odoo import api, fields, models


class AmazonSeller(models.Model):
    """Who is told of what needs a person with this seller."""

    _inherit = 'amazon.seller'

    user_id = fields.Many2one(
        'res.users', "Responsible", check_company=True, domain=[('share', '=', False)],
        tracking=True,
        help="Gets an activity for order exceptions, failing synchronizations and refused listings. Empty: whoever "
        "connected the seller.")
    accounting_user_id = fields.Many2one(
        'res.users', "Responsible for settlements", check_company=True, domain=[('share', '=', False)],
        tracking=True,
        help="Gets an activity for settlements and refunds that need a person. Empty: the responsible person.")
    attention_ids = fields.One2many('amazon.attention', 'seller_id', "Needs attention", readonly=True)

    @api.ondelete(at_uninstall=False)
    def _unlink_attention(self):
        # The database would leave their activities.
        self.sudo().attention_ids.unlink()

from odoo import api, models
from odoo.exceptions import ValidationError


class ResUsers(models.Model):
    _inherit = 'res.users'

    @api.constrains('partner_id')
    def _check_amazon_buyer(self):
        """Refuse logins of Amazon's buyers: a user shows all that is known of its partner to whoever made the login."""
        for partner in self.sudo().partner_id._amazon_filter_hidden():
            raise ValidationError(self.env._(
                "%s is a buyer at Amazon and gets no access to Odoo. Make another contact for a customer of your own.",
                partner.name))

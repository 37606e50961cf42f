from odoo import models


class MailFollowers(models.Model):
    _inherit = 'mail.followers'

    def _format_for_chatter(self):
        """Return followers as the chatter shows them, without e-mail addresses that the user may not see."""
        result = super()._format_for_chatter()
        for follower, values in zip(self, result, strict=True):
            values['email'] = follower.sudo().partner_id._amazon_get_shown_email()
        return result

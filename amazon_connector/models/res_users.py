from odoo import api, models
from odoo.exceptions import ValidationError

from ..utils.phrases import tell


class ResUsers(models.Model):
    _inherit = 'res.users'

    def write(self, vals):
        if vals.get('active') is False:
            self._amazon_hand_over()
        return super().write(vals)

    def action_archive(self):
        # Odoo deletes the activities of users who leave.
        self._amazon_hand_over()
        return super().action_archive()

    def _amazon_hand_over(self):
        """Give the tasks about sellers that these users leave behind to others who are responsible."""
        tasks = self.env['mail.activity'].sudo().search([
            ('user_id', 'in', self.ids), ('res_model', 'in', ('amazon.seller', 'amazon.attention'))])
        for model, of_model in tasks.grouped('res_model').items():
            for record in self.env[model].sudo().with_context(amazon_leaving=self.ids).browse(
                    set(of_model.mapped('res_id'))).exists():
                for user in self:
                    tasks._amazon_hand_over(record, user)

    @api.constrains('partner_id')
    def _check_amazon_buyer(self):
        """Refuse logins of Amazon's buyers: a user shows all that is known of its partner to whoever made the login."""
        for partner in self.sudo().partner_id._amazon_filter_hidden():
            raise ValidationError(tell(self.env)._(
                "%s is a buyer at Amazon and gets no access to Odoo. Make another contact for a customer of your own.",
                partner.name))

from odoo import api, fields, models

from ..utils.access import ADMIN


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

    def _find_responsible(self, model='amazon.seller', accounting=False):
        """Return who is to look at records of this seller: whoever is responsible, else who connected the seller, else
        an administrator; nobody if none of them can.

        :param str model: the records
        :param bool accounting: whether they are about its books
        """
        self.ensure_one()
        chosen = [self.accounting_user_id] if accounting else []
        for user in [*chosen, self.user_id, self.create_uid]:
            if self._may_look(user, model):
                return user
        others = self.env['res.users'].sudo().search([('share', '=', False)], order='id')
        return next((user for user in others if user.has_group(ADMIN) and self._may_look(user, model)),
                    others.browse())

    def _find_person(self):
        """Return whom a task about this seller is given to: somebody in any case."""
        return self._find_responsible() or self.create_uid or self.env.user

    def _may_look(self, user, model):
        """Return whether a user is active, works for the company and may read these records."""
        return (bool(user) and user.active and not user.share and self.company_id in user.company_ids
                and self.env[model].with_user(user).has_access('read'))

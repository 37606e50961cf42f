from odoo import api, fields, models

from ..utils.access import ADMIN
from .amazon_attention import KINDS, OF_ACCOUNTING


class AmazonSeller(models.Model):
    """Who is told of what needs a person with this seller."""

    _inherit = 'amazon.seller'

    user_id = fields.Many2one(
        'res.users', "Responsible", check_company=True, domain=[('share', '=', False)],
        tracking=True,
        help="Gets an activity for order exceptions, failing synchronizations, refused listings, and FBA stock that "
        "differs, cannot be booked or came short. Empty: whoever connected the seller.")
    accounting_user_id = fields.Many2one(
        'res.users', "Responsible for settlements", check_company=True, domain=[('share', '=', False)],
        tracking=True,
        help="Gets an activity for settlements and refunds that need a person. Empty: the responsible person.")
    attention_ids = fields.One2many('amazon.attention', 'seller_id', "Needs attention", readonly=True)

    @api.ondelete(at_uninstall=False)
    def _unlink_attention(self):
        # The database would leave their activities.
        self.sudo().attention_ids.unlink()

    def write(self, vals):
        """Write sellers; whoever is responsible from now on gets the open tasks of whoever was before."""
        if vals.keys().isdisjoint(('user_id', 'accounting_user_id')):
            return super().write(vals)
        before = [(record, record._find_responsible()) for seller in self.sudo()
                  for record in (seller, *seller.attention_ids)]
        result = super().write(vals)
        for record, user in before:
            self.env['mail.activity']._amazon_hand_over(record, user)
        return result

    def _find_responsible(self, model='amazon.seller', accounting=False, attention=None):
        """Return who is to look at records of this seller: whoever is responsible, else who connected the seller, else
        an administrator; nobody if none of them can.

        :param str model: the records
        :param bool accounting: whether they are about its books
        :param attention: the `amazon.attention` that counts them, where the task is about that
        """
        self.ensure_one()
        chosen = [self.accounting_user_id] if accounting else []
        for user in [*chosen, self.user_id, self.create_uid]:
            if self._may_look(user, model, attention):
                return user
        others = self.env['res.users'].sudo().search([('share', '=', False)], order='id')
        return next((user for user in others if user.has_group(ADMIN) and self._may_look(user, model, attention)),
                    others.browse())

    def _find_unseen(self):
        """Return the kinds of tasks about this seller whose records those who are responsible may not see: somebody
        else gets them.
        """
        self.ensure_one()
        return [kind for kind, entry in KINDS.items() if not any(
            self._may_look(user, entry.model) and self._may_look(user, 'amazon.attention')
            for user in ([self.accounting_user_id] if kind in OF_ACCOUNTING else []) + [self.user_id])]

    def _find_person(self):
        """Return whom a task about this seller is given to: somebody in any case."""
        return self._find_responsible() or self.create_uid or self.env.user

    def _for_person(self):
        """Return this seller in the language of whom a task about it is given to, for texts that jobs write."""
        return self.with_context(lang=self._find_person().lang or self.env.lang)

    def _give(self, tasks, user):
        """Give activities about this seller to a user."""
        tasks.write({'user_id': user.id})

    def _may_look(self, user, model, attention=None):
        """Return whether a user is active, works for the company and may read these records, and what counts them."""
        if not user or not user.active or user.share or self.company_id not in user.company_ids:
            return False
        if user.id in self.env.context.get('amazon_leaving', ()):
            return False
        records = [self.env[model], *([attention] if attention else [])]
        return all(record.with_user(user).with_context(allowed_company_ids=self.company_id.ids).has_access('read')
                   for record in records)

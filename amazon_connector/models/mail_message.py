from odoo import models

from odoo.addons.mail.tools.discuss import Store


class MailMessage(models.Model):
    _inherit = 'mail.message'

    def _to_store_defaults(self, target):
        """Return what the chatter shows of messages; the sender's address is read with `sudo` there."""
        return [self._amazon_guard(field) if getattr(field, 'field_name', None) == 'email_from' else field
                for field in super()._to_store_defaults(target)]

    @staticmethod
    def _amazon_guard(field):
        """Return an attribute of the chatter that is left out for authors whose address the user may not read."""
        return Store.Attr(field.field_name, predicate=lambda message: message._amazon_shows_sender()
                          and (not field.predicate or field.predicate(message)))

    def _amazon_shows_sender(self):
        author = self.sudo().author_id.sudo(False)
        return self.env['res.partner']._amazon_may_read_buyers() or not author._amazon_filter_hidden()

from odoo import api, models

NEGATIVE = {'!=': '=', '<>': '='}


class MailThread(models.AbstractModel):
    """The chatter finds and suggests recipients with `sudo`; buyers' addresses stay hidden all the same."""

    _inherit = 'mail.thread'

    @api.model
    def _search_message_partner_ids(self, operator, operand):
        """Search documents by their followers; conditions on partners are resolved as the user, and Odoo's own search
        gets partners only.
        """
        partners = self.env['res.partner']
        if operator in ('any', 'not any'):
            operator, operand = operator.replace('any', 'in'), partners._search(operand)
        elif isinstance(operand, str):
            positive = NEGATIVE.get(operator, operator.removeprefix('not '))
            is_tree = positive in ('child_of', 'parent_of')
            found = partners._search([('display_name', 'ilike' if is_tree else positive, operand)])
            operator, operand = (operator, list(found)) if is_tree else (
                'in' if positive == operator else 'not in', found)
        return super()._search_message_partner_ids(operator, operand)

    def _message_get_suggested_recipients_batch(self, *args, **kwargs):
        """Return suggested recipients of each document, without e-mail addresses that the user may not see."""
        result = super()._message_get_suggested_recipients_batch(*args, **kwargs)
        for recipient in (recipient for recipients in result.values() for recipient in recipients):
            partner = self.env['res.partner'].sudo().browse(recipient['partner_id'] or ())
            if partner and not partner._amazon_get_shown_email():
                recipient['email'] = False
        return result

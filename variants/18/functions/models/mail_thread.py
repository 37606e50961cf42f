class MailThread:

    # Left out 57c6dbc1: recipients are suggested one by one.
    def _message_get_suggested_recipients_batch(self, *args, **kwargs):
        pass

    # New: what `_message_get_suggested_recipients_batch` is for Odoo 19.
    def _message_add_suggested_recipient(self, result, *args, **kwargs):
        """Add a suggested recipient, without an e-mail address that the user may not see."""
        result = super()._message_add_suggested_recipient(result, *args, **kwargs)
        for recipient in result:
            found = self.env['res.partner'].sudo().browse(recipient.get('partner_id') or ())
            if found and not found._amazon_get_shown_email():
                recipient.pop('email', None)
        return result

class MailThread:

    # In place of 3842e13e: recipients are tuples.
    def _message_add_suggested_recipient(self, result, *args, **kwargs):
        """Add a suggested recipient, without an e-mail address that the user may not see."""
        result = super()._message_add_suggested_recipient(result, *args, **kwargs)
        for recipients in result.values():
            for index, (partner_id, _name, *rest) in enumerate(recipients):
                found = self.env['res.partner'].sudo().browse(partner_id or ())
                if found and not found._amazon_get_shown_email():
                    recipients[index] = (partner_id, found.name, *rest)
        return result

class AmazonRetention:

    # In place of 296e9a28: the audit trail is a module of its own.
    @api.model
    def _is_audited(self, record, field):
        """Whether the audit trail of a company protects this: what was logged on its journal entries, not on buyers."""
        message = (record if record._name == 'mail.message' else record.mail_message_id
                   if 'mail_message_id' in record._fields else None)
        if not message or not record[field] or message.model != 'account.move':
            return False
        move = self.env['account.move'].browse(message.res_id)
        return is_audited(move.company_id) and bool(move.posted_before)

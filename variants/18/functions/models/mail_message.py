class MailMessage:

    # Left out a5a7e416: see `_to_store`.
    def _to_store_defaults(self, target):
        pass

    # Left out 0eb8924b: see `_to_store`.
    def _amazon_guard(field):
        pass

    # New: what `_to_store_defaults` is for Odoo 19.
    def _to_store(self, store, /, **options):  # pylint: disable=missing-return
        """Add what the chatter shows of messages, without the address of an author whom the user may not read."""
        super()._to_store(store, **options)
        for message in self:
            if message.sudo().email_from and not message._amazon_shows_sender():
                store.add(message, {'email_from': False})

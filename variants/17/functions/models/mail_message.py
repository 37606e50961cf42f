class MailMessage:

    # Left out 0971e74a: the chatter reads messages as the user.
    def _to_store(self, store, /, **options):
        pass

    # Left out 5dec9266: see `_to_store`.
    def _amazon_shows_sender(self):
        pass

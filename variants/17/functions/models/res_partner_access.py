class ResPartner:

    # New: the chatter reads attributes.
    def mail_partner_format(self, fields=None):
        """Return what the chatter shows of partners, without e-mail addresses that the user may not see."""
        result = super().mail_partner_format(fields=fields)
        for partner, values in result.items():
            if 'email' in values:
                values['email'] = partner._amazon_get_shown_email()
        return result

    # Left out bc7b06ac: see `mail_partner_format`.
    def _to_store(self, store, /, **options):
        pass

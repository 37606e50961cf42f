class ResPartner:

    # Left out d0d0b346: see `_signup_retrieve_partner`.
    def _get_partner_from_token(self, token):
        pass

    # New: what `_get_partner_from_token` is for later versions.
    @api.model
    def _signup_retrieve_partner(self, token, check_validity=False, raise_exception=False):
        partner = super()._signup_retrieve_partner(token, check_validity, raise_exception)
        if partner and partner._amazon_filter_hidden():
            # Odoo's own answer to a key that is none.
            return super()._signup_retrieve_partner('', check_validity, raise_exception)
        return partner

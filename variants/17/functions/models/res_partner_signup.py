class ResPartner:

    # Left out 478d9c65: see `_signup_retrieve_partner`.
    def _get_partner_from_token(self, token):
        pass

    # New: what `_get_partner_from_token` is for later versions.
    @api.model
    def _signup_retrieve_partner(self, token, check_validity=False, raise_exception=False):
        partner = super()._signup_retrieve_partner(token, check_validity, raise_exception)
        if partner and partner._amazon_filter_buyers():
            # Odoo's own answer to a key that is none.
            return super()._signup_retrieve_partner('', check_validity, raise_exception)
        return partner

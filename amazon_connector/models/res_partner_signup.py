from odoo import api, models


class ResPartner(models.Model):
    """Keys with which contacts sign up show the e-mail address to whoever has one; those of Amazon's buyers open
    nothing.
    """

    _inherit = 'res.partner'

    @api.model
    def _get_partner_from_token(self, token):
        partner = super()._get_partner_from_token(token)
        return None if partner and partner._amazon_filter_hidden() else partner

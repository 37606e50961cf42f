from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..amazon_api import marketplaces as amazon_marketplaces
from ..amazon_api.addresses import is_base_address
from ..amazon_api.errors import AmazonError, LoginFailed
from ..amazon_api.lwa import LWA_URL, LoginWithAmazon
from ..amazon_api.transport import Transport
from ..utils.access import check_companies
from ..utils.phrases import tell
from .amazon_rate_bucket import DatabaseLimiter
from .amazon_seller_secrets import SECRETS

ADDRESS_FIELDS = {'environment', 'custom_url', 'home_marketplace'}


class AmazonSeller(models.Model):
    _inherit = 'amazon.seller'

    # Whoever decides where secrets are sent could read them there, so these fields are as protected as the secrets.
    environment = fields.Selection(
        [('production', "Production"), ('sandbox', "Amazon's sandbox"), ('custom', "Other address")],
        required=True, default='production', tracking=True, groups='base.group_system', copy=False,
        help="The credentials are deleted when the address changes: enter them again.")
    custom_url = fields.Char(
        "Address", groups='base.group_system', tracking=True, copy=False,
        help="Base address that serves the SP-API, Login with Amazon and the consent page, beginning with https://.")

    @api.constrains('environment', 'custom_url')
    def _check_custom_url(self):
        for seller in self.sudo():
            if seller.environment == 'custom' and not is_base_address(seller.custom_url or ''):
                raise ValidationError(tell(self.env)._("Enter the address, beginning with https://."))

    def write(self, vals):
        """Write sellers, and delete the credentials where the address changes that they are sent to."""
        check_companies(self.env, filter(None, [vals.get('company_id')]))
        if not ADDRESS_FIELDS & set(vals):
            return super().write(vals)
        before = {seller: seller._get_addresses() for seller in self}
        result = super().write(vals)
        for seller in self:
            if seller._get_addresses() != before[seller]:
                seller._forget_credentials(kept=vals)
        return result

    def _get_addresses(self):
        """Return the addresses that this seller's secrets and tokens are sent to."""
        seller = self.sudo()
        if seller.environment == 'custom' and not seller.custom_url:
            return None
        return seller._get_endpoint(), seller._get_lwa_url()

    def _forget_credentials(self, kept=()):
        """Delete the stored secrets, except those whose fields are named in `kept`; the seller is then not connected.

        :param kept: names of fields
        """
        self.ensure_one()
        taken = [name for name in SECRETS if name not in kept and self.sudo()[SECRETS[name][0]]]
        if taken:
            self.sudo().write({**dict.fromkeys(taken, False), 'state': 'draft', 'state_message': False})

    # === ADDRESSES === #

    def _get_transport(self):
        seller = self.sudo()
        return Transport(DatabaseLimiter(self.env.registry, self.id), loopback=seller.environment == 'custom')

    def _get_endpoint(self):
        seller = self.sudo()
        if seller.environment == 'custom':
            return seller.custom_url.rstrip('/')
        return amazon_marketplaces.endpoint(seller.region, sandbox=seller.environment == 'sandbox')

    def _get_lwa_url(self):
        seller = self.sudo()
        return f"{seller.custom_url.rstrip('/')}/auth/o2/token" if seller.environment == 'custom' else LWA_URL

    def _get_seller_central(self):
        """Return the base address of the pages on which this seller's account gives its consent."""
        seller = self.sudo()
        if seller.environment == 'custom':
            return f"{seller.custom_url.rstrip('/')}/{seller.region}"
        return amazon_marketplaces.BY_COUNTRY[seller.home_marketplace].seller_central_url

    # === CONSENT === #

    def _accept_consent(self, code, selling_partner_ref):
        """Connect with the data that Amazon sent back from its consent page.

        :param str code: is exchanged for a refresh token, once
        :param str selling_partner_ref: the account that consented
        :return: why that was refused, in words, or None
        """
        refusal = self._find_refusal(selling_partner_ref)
        if refusal:
            return refusal
        try:
            self._authorize(code, selling_partner_ref)
        except AmazonError as error:
            return self._describe_error(error)
        return None

    def _find_wrong_secret(self):
        """Return in words that Amazon does not accept the client ID and secret, or None where it does or does not say.
        """
        self.ensure_one()
        seller = self.sudo()
        credentials = seller._get_credentials()._replace(refresh_token='')
        try:
            LoginWithAmazon(credentials, seller._get_transport(), seller._get_lwa_url()).check_application()
        except AmazonError as error:
            # Of anything else the consent shows it.
            if isinstance(error, LoginFailed) and error.code == 'invalid_client':
                return tell(self.env)._(
                    "Amazon does not accept this client ID and secret. Copy both again from \"View credentials\" of "
                    "the application: a secret expires after 180 days.")
        return None

    def _find_refusal(self, selling_partner_ref):
        """Return why an account cannot be that of this seller, or None."""
        self.ensure_one()
        seller = self.sudo()
        if not selling_partner_ref:
            return tell(self.env)._("Amazon did not say which seller account consented. Authorize again.")
        if seller.selling_partner_ref not in (False, '', selling_partner_ref):
            return tell(self.env)._(
                "The consent was given by seller account %(other)s, but this seller is account %(own)s. Log in "
                "to Seller "
                "Central with the right account and authorize again, or connect the other account as a seller of "
                "its own.", other=selling_partner_ref, own=seller.selling_partner_ref)
        if seller.with_context(active_test=False).search_count([
                ('selling_partner_ref', '=', selling_partner_ref), ('region', '=', seller.region),
                ('environment', '=', seller.environment), ('id', '!=', seller.id)]):
            return tell(self.env)._("Seller account %s is connected already in this region.", selling_partner_ref)
        return None

    def _authorize(self, code, selling_partner_ref):
        """Exchange the code of a consent for a refresh token and connect.

        :raises AmazonError: Login with Amazon does not accept the code or the application
        """
        self.ensure_one()
        seller = self.sudo()
        credentials = seller._get_credentials()._replace(refresh_token='')
        login = LoginWithAmazon(credentials, seller._get_transport(), seller._get_lwa_url())
        seller.write({'refresh_token': login.exchange(code), 'selling_partner_ref': selling_partner_ref})
        # The code works once: the token must be stored when the next call fails, and the seller must not stay locked.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        self._connect()

    def _set_refusal(self, message):
        """Show why a consent failed; a connection that works is kept."""
        self.ensure_one()
        self.sudo().write({'state_message': message, **({} if self.state == 'connected' else {'state': 'error'})})

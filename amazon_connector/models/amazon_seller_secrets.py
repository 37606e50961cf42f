import configparser
import logging
import os
import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, config

from ..amazon_api.errors import NotConfigured
from ..amazon_api.lwa import Credentials
from ..utils.phrases import tell
from ..utils.secret_box import KeyInvalid, SecretBox, SecretUnreadable, is_encrypted

_logger = logging.getLogger(__name__)

# Field for entering a secret -> the column that stores it, and the date of its last replacement.
SECRETS = {
    'lwa_client_secret': ('client_secret_stored', 'client_secret_date'),
    'refresh_token': ('refresh_token_stored', 'refresh_token_date'),
}
KEYS_VARIABLE = 'AMAZON_CONNECTOR_SECRET_KEYS'
CONFIG_SECTION, CONFIG_OPTION = 'amazon_connector', 'secret_keys'


def read_keys():
    """Return the keys that the server names for secrets at rest, the one that encrypts first.

    They stand in the environment variable `AMAZON_CONNECTOR_SECRET_KEYS` or, where that is not set, in Odoo's
    configuration file as `secret_keys` of the section `[amazon_connector]`; several are separated by commas.
    """
    text = os.environ.get(KEYS_VARIABLE)
    if not text:
        # A section of our own: Odoo warns of options in its own section that it does not know.
        parser = configparser.RawConfigParser()
        try:
            parser.read(config['config'] or [])
            text = parser.get(CONFIG_SECTION, CONFIG_OPTION, fallback='')
        except configparser.Error:
            _logger.warning("The configuration file cannot be read, so no key for Amazon's secrets is known")
            text = ''
    return [key for key in re.split(r'[\s,]+', text) if key]


class AmazonSeller(models.Model):
    _inherit = 'amazon.seller'

    # Can be written but never read: not by system administrators, and not by code that runs with more rights than its
    # user.
    lwa_client_secret = fields.Char(
        "Client secret", compute='_compute_secrets', inverse='_inverse_lwa_client_secret', search='_search_secret',
        groups='base.group_system')
    refresh_token = fields.Char(
        compute='_compute_secrets', inverse='_inverse_refresh_token', search='_search_secret',
        groups='base.group_system')
    client_secret_stored = fields.Char(groups=fields.NO_ACCESS, copy=False, prefetch=False, readonly=True)
    refresh_token_stored = fields.Char(groups=fields.NO_ACCESS, copy=False, prefetch=False, readonly=True)
    client_secret_date = fields.Datetime("Client secret entered", readonly=True, copy=False)
    refresh_token_date = fields.Datetime("Authorized at", readonly=True, copy=False)
    secrets_state = fields.Selection([
        ('missing', "Missing"), ('plain', "Not encrypted"), ('encrypted', "Encrypted"),
        ('unreadable', "Cannot be read"),
    ], "Credentials", compute='_compute_secrets_state')

    def _compute_secrets(self):
        self.lwa_client_secret = self.refresh_token = False

    def _search_secret(self, _operator, _value):
        """Refuse: what is searched for would be found out step by step, and a condition that is passed over finds all.
        """
        raise AccessError(self.env._("Nobody can search for secrets."))

    def _inverse_lwa_client_secret(self):
        self._store_secret('lwa_client_secret')

    def _inverse_refresh_token(self):
        self._store_secret('refresh_token')

    def _compute_secrets_state(self):
        stored = self._read_stored()
        for seller in self:
            seller.secrets_state = self._find_secrets_state(
                [text for text in stored.get(seller._origin.id, {}).values() if text])

    @api.model
    def _find_secrets_state(self, stored):
        try:
            for text in stored:
                SecretBox(read_keys()).decrypt(text)
        except (SecretUnreadable, KeyInvalid):
            return 'unreadable'
        if len(stored) < len(SECRETS):
            return 'missing'
        return 'encrypted' if all(map(is_encrypted, stored)) else 'plain'

    def _store_secret(self, name):
        """Store the secrets that were written to a field, encrypted where there is a key, and empty the field.

        :raises UserError: what the server names as a key is none
        """
        texts = {seller: seller[name] for seller in self}
        # Pending writes are flushed first: a statement that fails is logged, and must hold no secret.
        self.flush_recordset()
        for seller, text in texts.items():
            seller._write_secret(name, self._encrypt(text) if text else None, fields.Datetime.now() if text else None)
        self.invalidate_recordset([name])

    def _write_secret(self, name, stored, date):
        column, date_column = SECRETS[name]
        self.env.cr.execute(SQL(
            "UPDATE amazon_seller SET %s = %s, %s = %s WHERE id = %s",
            SQL.identifier(column), stored, SQL.identifier(date_column), date, self.id), log_exceptions=False)
        self.invalidate_recordset([column, date_column, 'secrets_state'], flush=False)

    @api.model
    def _encrypt(self, text):
        try:
            return SecretBox(read_keys()).encrypt(text)
        except KeyInvalid:
            raise UserError(self._explain_keys()) from None

    def _read_stored(self):
        """Return by the id of these sellers what is stored of each secret, by the name of its field.

        The ORM never reads these columns: what it has in its cache, it does not guard any more.
        """
        columns = [SQL.identifier(column) for column, _date in SECRETS.values()]
        rows = self.env.execute_query(SQL("SELECT id, %s FROM amazon_seller WHERE id = ANY(%s)",
                                          SQL(", ").join(columns), self._origin.ids))
        return {number: dict(zip(SECRETS, stored, strict=True)) for number, *stored in rows}

    def _read_secret(self, name):
        """Return a secret in clear text, '' where there is none. No other code reads it.

        :raises NotConfigured: the server lacks the key that the secret was encrypted with
        """
        self.ensure_one()
        stored = self._read_stored().get(self.id, {}).get(name) or ''
        try:
            return SecretBox(read_keys()).decrypt(stored)
        except SecretUnreadable:
            raise NotConfigured(tell(self.env)._(
                "The credentials of %s were encrypted with a key that this server does not have. Put that key "
                "back into "
                "the server's configuration, or enter the credentials again with \"Replace credentials\".",
                self.name)) from None
        except KeyInvalid:
            raise NotConfigured(self._explain_keys()) from None

    @api.model
    def _explain_keys(self):
        return tell(self.env)._(
            "The key for Amazon's secrets that the server's configuration names is no valid key. Make one as the page "
            "\"Security and personal data\" of the documentation says.")

    def _get_credentials(self):
        """Return the credentials of this seller; '' for missing ones.

        :raises NotConfigured: the server lacks the key that they were encrypted with
        """
        self.ensure_one()
        client_ref = self.sudo().lwa_client_ref or ''
        return Credentials(client_ref, self._read_secret('lwa_client_secret'), self._read_secret('refresh_token'))

    def _encrypt_again(self):
        """Store those secrets of these sellers anew that are not encrypted with the server's first key.

        :return: the sellers whose secrets cannot be read, which stay as they are
        """
        unreadable = self.browse()
        box = SecretBox(read_keys())
        for seller in self.sudo() if box else ():
            try:
                seller._encrypt_again_with(box)
            except (SecretUnreadable, KeyInvalid):
                _logger.warning("The secrets of Amazon seller %s cannot be read with the keys of this server",
                                seller.id)
                unreadable |= seller.sudo(self.env.su)
        return unreadable

    @api.model
    def _warn_about_secrets(self):
        """Encrypt secrets that are not encrypted yet, before the dates of expiry are checked; called once a day."""
        for unread in self.with_context(active_test=False).search([('id', '!=', False)])._encrypt_again():
            seller = unread._for_person()
            seller._alert(
                seller.env._("Credentials that cannot be read"),
                seller.env._("They were encrypted with a key that the server's configuration does not name. "
                             "Put the key back, or enter the credentials again."))
        return super()._warn_about_secrets()

    def _encrypt_again_with(self, box):
        for name, stored in self._read_stored().get(self.id, {}).items():
            if stored and not box.is_current(stored):
                self._write_secret(name, box.encrypt(box.decrypt(stored)), self[SECRETS[name][1]] or None)

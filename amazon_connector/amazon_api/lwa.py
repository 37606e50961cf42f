"""Login with Amazon: the consent page, the exchange of its code, and access tokens."""

from typing import NamedTuple
from urllib.parse import urlencode

from cachetools import TLRUCache
from sp_api.auth import AccessTokenClient, AccessTokenResponse

from .errors import Unavailable
from .transport import Transport
from .words import _

LWA_URL = 'https://api.amazon.com/auth/o2/token'
# A token is renewed this many seconds before Amazon would refuse it.
EXPIRY_MARGIN = 60
# Lifetime (seconds) where Amazon does not state it.
LIFETIME = 3600
# Of operations that no seller authorises.
GRANTLESS_SCOPE = 'sellingpartnerapi::notifications'
# The code, beside Amazon's own, of a login that was not tried because something is missing.
NO_CREDENTIALS = 'no_credentials'

_tokens = TLRUCache(maxsize=10_000, ttu=lambda _key, token, now: now + max(token['expires_in'] - EXPIRY_MARGIN,
                                                                           token['expires_in'] / 2))


class Credentials(NamedTuple):
    """An application (`client_id`, `client_secret`) and the `refresh_token` by which a seller authorised it."""

    client_id: str
    client_secret: str
    refresh_token: str = ''

    def __repr__(self):
        return f'Credentials(client_id={self.client_id!r}, ...)'


class LoginWithAmazon(AccessTokenClient):
    """The token client of python-amazon-sp-api over this package's transport, with a cache for any number of sellers.
    """

    def __init__(self, credentials: Credentials, transport: Transport, url: str = LWA_URL):
        self.cred = credentials
        self._lwa_transport = transport
        self._url = url

    def get_auth(self) -> AccessTokenResponse:
        """Return a valid access token (they live one hour).

        :raises LoginFailed: the application or the refresh token is not accepted
        :raises Unavailable: Login with Amazon cannot be reached
        """
        key = self._get_cache_key()
        token = _tokens.get(key)
        if token is None:
            reply = self._request(self._url, self.data, self.headers)
            seconds = reply.get('expires_in')
            usable = isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 < seconds <= 24 * LIFETIME
            token = _tokens[key] = {'access_token': _read_token(reply, 'access_token'), 'expires_in': seconds if usable
                                    else LIFETIME}
        return AccessTokenResponse(**token)

    def forget(self) -> None:
        """Drop the cached access token, because Amazon refused it."""
        _tokens.pop(self._get_cache_key(), None)

    def exchange(self, code: str) -> str:
        """Return the refresh token for the `spapi_oauth_code` of a consent; the code works once, for five minutes.

        :raises LoginFailed: the code is wrong, used or too old, or the application is not accepted
        """
        body = self._auth_code_request_body(code)
        return _read_token(self._request(self._url, body, self.headers, idempotent=False), 'refresh_token')

    def check_application(self) -> None:
        """Ask for a token of the application alone, which shows whether its client ID and secret are right before any
        seller authorises it.

        :raises LoginFailed: they are not (`invalid_client`), or the application may not have such a token
        :raises Unavailable: Login with Amazon cannot be reached
        """
        body = {'grant_type': 'client_credentials', 'client_id': self.cred.client_id,
                'client_secret': self.cred.client_secret, 'scope': GRANTLESS_SCOPE}
        self._request(self._url, body, self.headers, idempotent=False)

    def _request(self, url, data, headers, idempotent=True):
        reply = self._lwa_transport.send('LoginWithAmazon', 'POST', url, idempotent=idempotent, data=data, headers={
            'content-type': headers['content-type'],
        })
        body = reply.json()
        return body if isinstance(body, dict) else {}

    def _get_cache_key(self, token_flavor=''):
        return super()._get_cache_key(f'{self._url} {self.cred.client_id} {token_flavor}')


def forget_tokens() -> None:
    """Drop all access tokens of this process; those of other processes are found only by the refresh tokens that they
    were made from.
    """
    _tokens.clear()


def _read_token(reply, name) -> str:
    """Return a token of a reply.

    :raises Unavailable: there is none, or none that can travel in a header
    """
    token = reply.get(name)
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        raise Unavailable(_("Login with Amazon answered without a token"), operation='LoginWithAmazon')
    return token


def consent_url(seller_central: str, application_id: str, state: str, redirect_uri: str, *, draft=False) -> str:
    """Return the address of Amazon's page on which a seller authorises the application.

    :param str seller_central: base URL of the seller's Seller Central
    :param bool draft: whether the application is not yet published
    """
    query = {'application_id': application_id, 'state': state, 'redirect_uri': redirect_uri}
    if draft:
        query['version'] = 'beta'
    return f'{seller_central}/apps/authorize/consent?{urlencode(query)}'

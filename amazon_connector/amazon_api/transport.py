"""The one place where HTTP happens: throttling, time-outs, retries, and the outcome of a reply.

`Transport.bind(...)` gives python-amazon-sp-api (2.1.35) a transport in place of its own. What it makes good: that
library treats any reply without an `errors` key as a success, sets no time-out, adds the marketplace to GET requests in
four spellings, and cuts its `host` header at a fixed offset.
"""

import logging
import random
import time
from urllib.parse import unquote, urlsplit

import requests

from .addresses import is_safe_address
from .errors import AmazonError, Forbidden, LoginFailed, NotFound, Unavailable
from .replies import decode_json, is_reply, read_error
from .throttle import Limiter
from .words import _

_logger = logging.getLogger(__name__)
# The library logs headers and bodies, that is tokens and buyers, where a server runs at the level DEBUG.
logging.getLogger('sp_api').setLevel(logging.INFO)

TIMEOUT = (10, 60)
USER_AGENT = 'amazon_connector/19.0 (Language=Python; Platform=Odoo)'
ATTEMPTS = 5
BACKOFF_BASE, BACKOFF_CAP = 1.0, 20.0
PATIENCE = 10.0
# Requests per second; a header that names more (or infinity) is ignored.
MOST_RATE = 10_000
TRANSIENT_STATUSES = {408, 429, 500, 502, 503, 504}
DOTS = {'.', '..'}
LOGIN_ERRORS = {'invalid_client', 'invalid_grant', 'unauthorized_client', 'invalid_request', 'unsupported_grant_type'}


class Transport:
    """Requests of one seller.

    :param Limiter limiter: the seller's rate-limit buckets
    :param float patience: how many seconds a place in a bucket, or a repetition, may be waited for
    :param bool loopback: whether documents may be on this machine, because Amazon is a simulator
    """

    def __init__(self, limiter: Limiter, *, patience=PATIENCE, timeout=TIMEOUT, sleep=time.sleep, session=None,
                 loopback=False):
        self.loopback = loopback
        self._limiter = limiter
        self._patience = patience
        self._timeout = timeout
        self._sleep = sleep
        self._session = session or requests.Session()
        self._session.headers['User-Agent'] = USER_AGENT

    def bind(self, operation: str, rate: float, burst: int) -> '_BoundTransport':
        """Return the transport of one operation in the form that python-amazon-sp-api expects as `_transport`."""
        return _BoundTransport(self, operation, rate, burst)

    def send(self, operation: str, method: str, url: str, *, limits=None, idempotent=None,
             **kwargs) -> requests.Response:
        """Send one request, again where that is safe and may help, and return a reply with a status below 400.

        :param tuple limits: default rate and burst of the operation; none for what Amazon does not meter
        :param bool idempotent: whether sending it twice is harmless; by default all but POST
        :raises RateLimited: the operation's bucket is empty for longer than the patience of this transport
        :raises LoginFailed, Forbidden, NotFound, AmazonError: Amazon refused
        :raises AmazonError: the address is not encrypted (`https`), so nothing is sent
        :raises Unavailable: no good reply after the last attempt
        """
        if not is_safe_address(url):
            raise AmazonError(_("The address does not begin with https://, so nothing is sent to it"),
                              operation=operation)
        if idempotent is None:
            idempotent = method != 'POST'
        for attempt in range(1, ATTEMPTS + 1):
            if limits:
                self._await_turn(operation, limits)
            try:
                return self._send_once(operation, method, url, limits, **kwargs)
            except Unavailable as error:
                # A refusal for want of capacity (429) did nothing at Amazon, so even a POST may be sent again.
                if attempt == ATTEMPTS or not (idempotent or error.status == 429):
                    raise
                _logger.info("%s failed (%s), attempt %d of %d", operation, error.status or 'no reply',
                             attempt, ATTEMPTS)
                self._sleep(random.uniform(0, min(BACKOFF_CAP, BACKOFF_BASE * 2 ** attempt)))
        raise AssertionError("unreachable")

    def _await_turn(self, operation, limits):
        wait = self._limiter.acquire(operation, *limits, self._patience)
        if wait:
            self._sleep(wait)

    def _send_once(self, operation, method, url, limits, **kwargs):
        start = time.monotonic()
        try:
            response = self._session.request(method, url, timeout=self._timeout, allow_redirects=False, **kwargs)
        except requests.RequestException as error:
            # The text of the exception holds the URL and with it tokens, so only its kind is passed on.
            raise Unavailable(_("No reply from Amazon (%(error)s)", error=type(error).__name__),
                              operation=operation) from None
        except UnicodeError:
            raise AmazonError(_("The request holds a character that cannot be sent"), operation=operation) from None
        _logger.debug("%s: %s in %.2f s", operation, response.status_code, time.monotonic() - start)
        if limits:
            self._learn(operation, response, limits)
        if response.status_code < 300 and kwargs.get('stream'):
            return response
        body = _read_body(response)
        if response.status_code >= 300 or not _is_expected(response, body):
            error = _error_of(operation, response, body)
            if limits and isinstance(error, Forbidden):
                self._limiter.record(operation, False)
            raise error
        if limits:
            self._limiter.record(operation, True)
        # All readers of the reply, the library too, get storable values.
        response.json = lambda **_options: body
        return response

    def _learn(self, operation, response, limits):
        try:
            rate = float(response.headers.get('x-amzn-RateLimit-Limit', ''))
        except ValueError:
            rate = 0.0
        if 0 < rate < MOST_RATE:
            self._limiter.learn(operation, rate, limits[0])
        if response.status_code == 429:
            self._limiter.drain(operation, *limits)


class _BoundTransport:
    """What python-amazon-sp-api calls in place of its own transport, for one operation."""

    def __init__(self, transport, operation, rate, burst):
        self._transport, self._operation, self._limits = transport, operation, (rate, burst)

    def request(self, method, url, *, params=None, data=None, content=None, headers=None):
        """Send a request of the library by this package's transport."""
        if DOTS & {unquote(part) for part in urlsplit(url).path.split('/')}:
            # Every library removes such a part from an address, however it is written: the request would be another
            # one.
            raise AmazonError(_("The name '.' or '..' cannot be part of an address, so nothing is asked for it"),
                              operation=self._operation)
        headers = {name: value for name, value in (headers or {}).items() if name not in ('host', 'user-agent')}
        # The client is made without a marketplace, so what the library added by itself has no value. Amazon's lists are
        # CSV.
        params = {name: self._to_text(name, value) for name, value in (params or {}).items()
                  if value not in (None, [None])}
        return self._transport.send(self._operation, method, url, limits=self._limits,
                                    params=params, data=content or data, headers=headers)

    def close(self):
        """Do nothing: the library closes its transport after each call."""

    def _to_text(self, name, value):
        if isinstance(value, bool):
            return str(value).lower()
        if not isinstance(value, list | tuple):
            return value
        # Amazon would read one value as two others, and its answer would not be about the one.
        if unclear := next((entry for entry in value if ',' in str(entry)), None):
            raise AmazonError(_("%(value)s has a comma, so it cannot be one of a list of %(name)s", value=repr(unclear),
                                name=name), operation=self._operation)
        return ','.join(map(str, value))


def _read_body(response):
    """Return the decoded body of a reply, None where there is none or where it is no JSON."""
    try:
        return decode_json(response.content) if response.content else None
    except (ValueError, requests.RequestException):
        return None


def _is_expected(response, body) -> bool:
    """Return whether a reply has the form that its status promises: a page of HTML with status 200 comes from a proxy,
    not from Amazon.

    The library would raise an exception of its own for a success with `errors`.
    """
    if response.status_code == 204 or body is None:
        return response.status_code == 204 or not response.content
    return is_reply(body) and not (isinstance(body, dict) and body.get('errors'))


def _error_of(operation, response, body) -> AmazonError:
    status = response.status_code
    code, message = read_error(body)
    details = {
        'operation': operation, 'status': status, 'code': code,
        'request_id': response.headers.get('x-amzn-RequestId', ''),
    }
    if status in TRANSIENT_STATUSES or (status < 400 and not code):
        return Unavailable(message or f"Amazon answered {status}", **details)
    if code in LOGIN_ERRORS:
        return LoginFailed(message or code, **details)
    # The URL of a document needs no authorization: 403 says that it is too old.
    kind = AmazonError if operation == 'document' else {403: Forbidden, 401: Forbidden,
                                                        404: NotFound}.get(status, AmazonError)
    return kind(message or f"Amazon answered {status}", **details)

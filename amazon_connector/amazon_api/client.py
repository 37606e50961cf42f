"""One client for one seller account in one region, over python-amazon-sp-api."""

from types import SimpleNamespace

from sp_api.base import ApiResponse

from .errors import AmazonError, Forbidden, LoginFailed
from .lwa import LWA_URL, NO_CREDENTIALS, Credentials, LoginWithAmazon
from .operations import OPERATIONS
from .paging import PageGuard
from .transport import Transport
from .words import _


class Client:
    """Call operations of the SP-API by name.

    :param Credentials credentials: application and refresh token
    :param str endpoint: base URL of the SP-API, see `marketplaces.endpoint`
    :param Transport transport: carries the requests and keeps the seller's rate limits
    """

    def __init__(self, credentials: Credentials, endpoint: str, transport: Transport, *, lwa_url: str = LWA_URL):
        self._endpoint = endpoint
        self._transport = transport
        self._login = LoginWithAmazon(credentials, transport, lwa_url)
        self._credentials = credentials
        self._apis = {}
        self._renewed = False

    def call(self, operation: str, *args, **kwargs) -> ApiResponse:
        """Call an operation of `operations.OPERATIONS` with Amazon's own parameter names.

        :return: the reply; `payload` holds its body, `pagination` the page token where there is one
        :raises AmazonError: or a subclass of it, see `Transport.send`
        """
        try:
            return self._call(operation, *args, **kwargs)
        except Forbidden as error:
            # A token that was withdrawn or ran out early is answered like a missing permission: try once with a new
            # one.
            if error.code != 'Unauthorized' or self._renewed:
                raise
            self._renewed = True
            self._login.forget()
            return self._call(operation, *args, **kwargs)

    def pages(self, operation: str, *args, parameter='nextToken', alone=False, **query):
        """Yield the replies of all pages of an operation; after a token that expired they come again from the first
        page.

        :param str parameter: the operation's name for the token of a page
        :param bool alone: whether the token stands for the whole request, so that it comes without other parameters
        :raises TokenRefused: Amazon refuses its tokens again, or gives one twice
        :raises AmazonError: or a subclass of it, as `call`
        """
        guard, token = PageGuard(operation), None
        while True:
            parameters = query if token is None else {**({} if alone else query), parameter: token}
            try:
                reply = self.call(operation, *args, **parameters)
            except AmazonError as error:
                guard.restart(error, token)
                token = None
                continue
            yield reply
            token = guard.next(reply)
            if token is None:
                return

    def _call(self, operation, *args, **kwargs):
        spec = OPERATIONS[operation]
        api = self._apis.get(spec.api) or self._make_api(spec.api)
        api._transport = self._transport.bind(operation, spec.rate, spec.burst)
        return _with_tokens(getattr(api, spec.method)(*args, **kwargs))

    def _make_api(self, api_class):
        if not all(self._credentials):
            # Otherwise the library would read credentials from the environment and from files.
            raise LoginFailed(_("There are no credentials"), operation='LoginWithAmazon', code=NO_CREDENTIALS)
        # Without a marketplace of its own, the library cannot add one to requests that name theirs (see transport).
        api = self._apis[api_class] = api_class(
            SimpleNamespace(endpoint=self._endpoint, marketplace_id=None, region=None),
            credentials={'lwa_app_id': self._credentials.client_id,
                         'lwa_client_secret': self._credentials.client_secret},
            auth_token_client_class=lambda **_kwargs: self._login,
        )
        # The library lets an environment variable override the marketplace that it was given.
        api.endpoint, api.marketplace_id = self._endpoint, None
        api._transport.close()
        return api


def _with_tokens(reply):
    """Put page tokens back where Amazon's models have them: the library removes them from bodies without `payload`, as
    of `getReports`.
    """
    if isinstance(reply.payload, dict):
        if reply.pagination is not None:
            reply.payload.setdefault('pagination', reply.pagination)
        elif reply.next_token and 'NextToken' not in reply.payload:
            reply.payload.setdefault('nextToken', reply.next_token)
    return reply

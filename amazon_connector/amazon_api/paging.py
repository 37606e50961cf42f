"""Pages of one search: tokens that expire, that Amazon always refuses, or that lead back to the same page."""

from .errors import AmazonError
from .words import _

# More pages than any search has: beyond, Amazon repeats pages.
MOST_PAGES = 5000


class TokenRefused(AmazonError):
    """Amazon refuses the tokens of its own pages, or gives one twice: the search cannot be read to its end."""


class PageGuard:
    """Guard the pages of one search in one run: it may begin again once, because tokens expire, and must not read a
    page twice.
    """

    def __init__(self, operation: str):
        self._operation = operation
        self._restarted = False
        self._seen = set()

    def restart(self, error: AmazonError, token: str | None) -> None:
        """Allow a search to begin again because its token was refused.

        :raises AmazonError: what it was given, if there was no token, or if Amazon refused something else
        :raises TokenRefused: it began again before
        """
        if not token or error.status != 400:
            raise error
        if self._restarted:
            raise TokenRefused(_("Amazon refuses the page tokens that it gave (%(operation)s): %(message)s",
                                 operation=self._operation, message=error.message), operation=self._operation,
                               status=error.status, code=error.code, request_id=error.request_id)
        self._restarted = True
        self._seen.clear()

    def next(self, reply) -> str | None:
        """Return the token of the next page, or None on the last one.

        :param reply: an `ApiResponse`
        :raises TokenRefused: the token came before
        """
        token = read_token(reply)
        if token in self._seen or len(self._seen) >= MOST_PAGES:
            raise TokenRefused(_("Amazon gives the same page token again and again (%(operation)s)",
                                 operation=self._operation), operation=self._operation)
        if token:
            self._seen.add(token)
        return token


def read_token(reply) -> str | None:
    """Return the page token of a reply wherever its API has it: beside or in the payload, in `pagination` or not; None
    where there is none.
    """
    payload = reply.payload if isinstance(reply.payload, dict) else {}
    for place in (reply.pagination, payload.get('pagination'), {'nextToken': getattr(reply, 'next_token', None)},
                  payload):
        token = place.get('nextToken') if isinstance(place, dict) else None
        if isinstance(token, str) and token:
            return token
    return None

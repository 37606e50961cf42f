"""What can go wrong at Amazon, in as few classes as callers need to distinguish."""

import datetime

from .words import _


class AmazonError(Exception):
    """Amazon refused a request, in Amazon's own words.

    `operation` is the SP-API operation, `status` the HTTP status (0 where no reply came), `code` Amazon's error code
    and `request_id` what Amazon's support asks for.
    """

    def __init__(self, message, *, operation='', status=0, code='', request_id=''):
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.status = status
        self.code = code
        self.request_id = request_id


class NotFound(AmazonError):
    """The requested object does not exist at Amazon, or not for this seller (404)."""


class Forbidden(AmazonError):
    """The application may not do this for this seller: a role is missing or the authorization was withdrawn (403)."""


class LoginFailed(AmazonError):
    """Login with Amazon refused the application or the refresh token; nothing works until a person corrects it."""


class Unavailable(AmazonError):
    """Amazon could not be reached or failed on its side; the same request may work later."""


class Unclear(AmazonError):
    """Amazon's answer neither accepts nor refuses: the outcome is only known by reading it back."""


class RateLimited(AmazonError):
    """The bucket of the operation is empty for longer than this call may wait; `until` (UTC, aware) is when it has a
    place again.
    """

    def __init__(self, until: datetime.datetime, *, operation=''):
        text = _("%(operation)s: rate limit reached until %(until)s UTC", operation=operation,
                 until=f"{until:%Y-%m-%d %H:%M:%S}")
        super().__init__(text, operation=operation, status=429)
        self.until = until


class NotConfigured(AmazonError):
    """A value that Amazon asks for is not known yet; `message` says where to enter it."""


class Stopped(NotConfigured):
    """The seller was stopped or deleted while a job ran."""

    def __init__(self, *, operation=''):
        super().__init__(_("This seller was stopped or deleted: nothing is sent to Amazon"), operation=operation)


class Unreadable(AmazonError):
    """Amazon's answer is not what Amazon's model says: `field` is the path of the part, `found` a short picture of it
    ('' where it is missing).
    """

    def __init__(self, field: str, found: str = '', *, operation=''):
        text = (_("%(name)s: %(found)s cannot be read", name=field, found=found) if found
                else _("%(name)s is missing", name=field))
        super().__init__(text, operation=operation)
        self.field = field
        self.found = found


class DocumentTooLarge(AmazonError):
    """A report or feed document exceeds the size that was allowed for it."""


# Errors that are not about the requested record, but about the connection: no other request would succeed now.
NOT_OF_THE_RECORD = (RateLimited, Unavailable, LoginFailed, Forbidden, NotConfigured)

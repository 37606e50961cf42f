"""Logging without personal data: the kind, place and SQLSTATE of an error, but never the values that a statement or
message quotes.
"""

import contextlib
import contextvars
import logging
import traceback

import psycopg2

LOCK_NOT_AVAILABLE = '55P03'
# A value too large for an index and the like; psycopg2 has it among the operational errors.
LIMIT_EXCEEDED = '54'
_quiet = contextvars.ContextVar('amazon_connector_quiet', default=False)


class _Filter(logging.Filter):
    """Drop Odoo's log entries of failed statements, which quote all values; conflicts are logged like that, too."""

    def filter(self, record):
        return not _quiet.get()


logging.getLogger('odoo.sql_db').addFilter(_Filter())


@contextlib.contextmanager
def quiet_sql():
    """Keep failed statements of this thread out of the log: they hold personal data. The caller logs the failure."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def is_conflict(error: BaseException) -> bool:
    """Return whether a transaction collided with another one (serialization, deadlock, lock not available): a
    repetition may succeed.
    """
    return isinstance(error, psycopg2.OperationalError) and (not error.pgcode or error.pgcode == LOCK_NOT_AVAILABLE
                                                             or error.pgcode.startswith('40'))


def may_be_conflict(error: BaseException) -> bool:
    """Return whether a transaction collided with another one, or made what the other had made at the same moment (the
    contact of a buyer with two orders): a repetition finds it.
    """
    return is_conflict(error) or isinstance(error, psycopg2.errors.UniqueViolation)


def concerns_record(error: BaseException) -> bool:
    """Return whether an exception is about the record, not about the connection, the server or another transaction."""
    if isinstance(error, psycopg2.OperationalError):
        return (error.pgcode or '').startswith(LIMIT_EXCEEDED)
    return not isinstance(error, psycopg2.InterfaceError)


def describe(error: BaseException) -> str:
    """Return the kind of an exception, with the SQLSTATE where the database raised it."""
    state = error.pgcode if isinstance(error, psycopg2.Error) else None
    return f'{type(error).__name__} {state}' if state else type(error).__name__


def log_failure(logger: logging.Logger, text: str, *arguments, error: BaseException, level=logging.ERROR) -> None:
    """Log that something failed with the kind of the exception and where it was raised, without its message."""
    logger.log(level, f'{text}: %s\n%s', *arguments, describe(error), ''.join(traceback.format_tb(error.__traceback__)))

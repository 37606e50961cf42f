"""Texts of `amazon_api` and `amazon_reports`, of exceptions, and dates, in the reader's language."""

from ..amazon_api.shapes import ShapeError
from .phrases import tell
from .shape_words import describe_shape


def say(env, text: str) -> str:
    """Return a text of these packages in the language of the environment; texts of Amazon stay as they are."""
    return tell(env).again(text)


def explain(env, error: Exception) -> str:
    """Return the text of an exception of these packages, or of Odoo, in the language of the environment.

    What this addon raises with `tell` keeps its source, so that other readers get it in theirs.
    """
    if isinstance(error, ShapeError):
        return describe_shape(env, error)
    return say(env, error.args[0] if error.args else str(error))


def write_day(env, day) -> str:
    """Return a day in words of the reader's language, so that nobody takes its month for its day."""
    return tell(env).day(day)


def write_month(env, day) -> str:
    """Return the month of a day in words of the reader's language."""
    return tell(env).month(day)


def write_moment(env, moment) -> str:
    """Return a moment in UTC, for a text that says so, in the reader's language."""
    return tell(env).moment(moment)

"""Texts of `amazon_api` and `amazon_reports`, and dates, in the reader's language."""

from odoo.tools import format_date, format_datetime
from odoo.tools.translate import code_translations

from ..amazon_api.shapes import ShapeError
from .shape_words import describe_shape


def say(env, text: str) -> str:
    """Return a text of these packages in the language of the environment; texts of Amazon stay as they are."""
    source = getattr(text, 'source', None)
    if source is None:
        return text
    terms = code_translations.get_python_translations('amazon_connector', env.lang) if env.lang else {}
    values = {name: say(env, value) for name, value in text.values.items()}
    return terms.get(source, source) % values if values else terms.get(source, source)


def explain(env, error: Exception) -> str:
    """Return the text of an exception of these packages, in the language of the environment."""
    if isinstance(error, ShapeError):
        return describe_shape(env, error)
    return say(env, error.args[0] if error.args else str(error))


def write_day(env, day) -> str:
    """Return a day in words of the reader's language, so that nobody takes its month for its day."""
    return format_date(env, day, date_format='long')


def write_month(env, day) -> str:
    """Return the month of a day in words of the reader's language."""
    return format_date(env, day, date_format='MMMM y')


def write_moment(env, moment) -> str:
    """Return a moment in UTC, for a text that says so, in the reader's language."""
    return format_datetime(env, moment, tz='UTC', dt_format='medium')

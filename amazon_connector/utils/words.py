"""Texts of `amazon_api` and `amazon_reports` in the reader's language."""

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

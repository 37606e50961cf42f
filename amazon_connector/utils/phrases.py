"""Texts that keep where they come from: a job writes them, and each reader gets them in the own language.

    order.error = tell(self.env)._("Amazon refused: %s", reason)

`tell(env)._` takes the place of `env._` for what is stored (`utils/reader_fields.py`) and for what is raised, which a
job may store. Odoo's export of terms finds the text by the name `_`.
"""

import datetime
import json
import re

from odoo.tools import format_amount, format_date, format_datetime
from odoo.tools.translate import code_translations

MODULE = 'amazon_connector'
FORMAT = re.compile(r'%(?:\(\w+\))?[sd%]')


class Phrase(str):
    """A text in one language that can be said in another: `data` is its source with its values, to be stored as JSON.
    """

    def __new__(cls, text: str, data=None):
        phrase = super().__new__(cls, text)
        phrase.data = data
        return phrase


class Teller:
    """Make phrases in the language of an environment."""

    def __init__(self, env):
        self._env = env

    def _(self, source: str, /, *args, **kwargs) -> Phrase:
        """Return a text of this addon with its values, which may be phrases themselves."""
        values = [get_data(value) for value in args] or {name: get_data(value) for name, value in kwargs.items()}
        return self._make({'source': source, **({'values': values} if values else {})})

    def join(self, parts, by='\n') -> Phrase:
        """Return one text made of several, between them `by`; empty ones are left out."""
        return self._make({'parts': [get_data(part) for part in parts if part], 'by': by})

    def day(self, day) -> Phrase:
        """Return a day in words, so that nobody takes its month for its day."""
        return self._make({'day': str(day)})

    def month(self, day) -> Phrase:
        """Return the month of a day in words."""
        return self._make({'month': str(day)})

    def moment(self, moment) -> Phrase:
        """Return a moment in UTC, for a text that says so."""
        return self._make({'moment': str(moment)})

    def amount(self, amount, currency) -> Phrase:
        """Return an amount of money."""
        return self._make({'amount': float(amount), 'currency': currency.id})

    def choice(self, record, name) -> Phrase:
        """Return the label of the value of a selection field."""
        return self._make({'choice': record[name] or '', 'field': f'{record._name},{name}'})

    def again(self, phrase) -> Phrase:
        """Return a phrase, or a text of `amazon_api` and `amazon_reports`, in the language of this environment; any
        other text stays as it is.
        """
        data = get_data(phrase)
        return self._make(data) if isinstance(data, dict) else phrase

    def _make(self, data):
        return Phrase(render(self._env, data), data)


def tell(env) -> Teller:
    """Return what makes phrases in the language of an environment."""
    return Teller(env)


def get_data(value):
    """Return what is stored of a value."""
    if isinstance(value, Phrase):
        return value.data if value.data is not None else str(value)
    if isinstance(getattr(value, 'source', None), str):
        values = {name: get_data(part) for name, part in value.values.items()}
        return {'source': value.source, **({'values': values} if values else {})}
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def dump(phrase: Phrase) -> str:
    """Return a phrase as it is stored."""
    data = get_data(phrase)
    return json.dumps(data, ensure_ascii=False) if isinstance(data, dict) else data


def dump_lines(text: str) -> list[str]:
    """Return the lines of a text, each as it is stored."""
    data = get_data(text)
    if isinstance(data, dict) and data.get('by') == '\n':
        parts = [part if isinstance(part, str) else json.dumps(part, ensure_ascii=False) for part in data['parts']]
        return list(filter(None, parts))
    return [dump(text)] if isinstance(data, dict) else list(filter(None, data.split('\n')))


def load(env, stored: str) -> str:
    """Return a stored text in the language of an environment: texts of older releases, and Amazon's, stay as they are.
    """
    if stored.startswith('{"'):
        try:
            data = json.loads(stored)
            return Phrase(render(env, data), data)
        except (ValueError, TypeError, KeyError, StopIteration):
            return stored
    return stored


def render(env, data):
    """Return the text of stored data; values without a language as they are."""
    if not isinstance(data, dict):
        return data
    return next(renderer(env, data) for key, renderer in RENDERERS.items() if key in data)


def _render_source(env, data):
    source, values = data['source'], data.get('values')
    if not isinstance(source, str):
        raise TypeError(source)
    terms = code_translations.get_python_translations(MODULE, env.lang) if env.lang else {}
    if not values:
        return terms.get(source, source)
    if '%' in FORMAT.sub('', source):
        # Whoever may write the field, or Amazon, wrote this: a width may take all memory.
        raise ValueError(source)
    said = (tuple(render(env, value) for value in values) if isinstance(values, list)
            else {name: render(env, value) for name, value in values.items()})
    try:
        return terms.get(source, source) % said
    except (TypeError, ValueError, KeyError):
        return source % said


def _render_choice(env, data):
    model, name = data['field'].split(',')
    if not model.startswith('amazon.'):
        raise ValueError(model)
    field = env[model]._fields[name]
    return dict(field._description_selection(env)).get(data['choice'], data['choice'])


def _render_amount(env, data):
    currency = env['res.currency'].browse(data['currency']).exists()
    return format_amount(env, data['amount'], currency) if currency else str(data['amount'])


def _render_day(env, data):
    return format_date(env, datetime.date.fromisoformat(data['day'][:10]), date_format='long')


def _render_month(env, data):
    return format_date(env, datetime.date.fromisoformat(data['month'][:10]), date_format='MMMM y')


def _render_moment(env, data):
    return format_datetime(env, datetime.datetime.fromisoformat(data['moment']), tz='UTC', dt_format='medium')


RENDERERS = {
    'source': _render_source,
    'parts': lambda env, data: data['by'].join(str(render(env, part)) for part in data['parts']),
    'day': _render_day, 'month': _render_month, 'moment': _render_moment,
    'amount': _render_amount, 'choice': _render_choice,
}

"""Check Amazon's data against the shape of the values that are read of it: code behind this gets no value of another
type.

A shape is a kind (`TEXT`, `TIME`, ...), a frozenset of the texts that are known, a list with the shape of its entries,
or a dict of shapes by property; `needed(shape)` marks what Amazon must state. Properties that no shape names are left
as they are. `null` is the same as absent.
"""

import datetime
import re
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from .times import parse_time

TEXT, TIME, AMOUNT, COUNT, CURRENCY = 'text', 'time', 'amount', 'count', 'currency'
LIST, OBJECT, CHOICE, UNIQUE = 'list', 'object', 'choice', 'unique'
# Beyond any sale, and far below numbers that make arithmetic slow: 1e1000000 is a number, too.
MOST_DIGITS, MOST_PLACES, MOST_PIECES = 15, 8, 1_000_000
# No order of Amazon's marketplaces is older.
EARLIEST, LATEST = 2004, 2100


class Needed(NamedTuple):
    """A shape of a required value."""

    shape: object


def needed(shape) -> Needed:
    """Mark a shape as required: Amazon must state the value."""
    return Needed(shape)


class ShapeError(ValueError):
    """Raised for a value of another type than expected; the text is for engineers.

    :param str path: where, as in `orderItems 2: proceeds: proceedsTotal`
    :param str field: the name of the property
    :param str kind: what it must be, one of the kinds of this module
    :param str shown: the value where it is a number or a time; nothing else, for it may name a person
    """

    def __init__(self, path: str, field: str, kind: str, shown: str = ''):
        super().__init__(f"{path} is no {kind}{': ' * bool(shown)}{shown}")
        self.path, self.field, self.kind, self.shown = path, field, kind, shown


class AbsentError(ShapeError):
    """Raised where a value is missing that Amazon must state."""


def read(value, shape, path: str = '', field: str = ''):
    """Return a value of decoded JSON checked against its shape, without `null`.

    :raises AbsentError: something that is needed is missing
    :raises ShapeError: something is of another kind
    """
    if isinstance(shape, Needed):
        if value is None or value in ('', [], {}):
            raise AbsentError(path, field, _kind(shape.shape))
        return read(value, shape.shape, path, field)
    if value is None:
        return None
    if isinstance(shape, dict):
        return _read_object(value, shape, path, field)
    if isinstance(shape, list):
        return _read_list(value, shape[0], path, field)
    if isinstance(shape, frozenset):
        return _read_choice(value, shape, path, field)
    return READERS[shape](value, path, field)


def _read_object(value, shape, path, field):
    if not isinstance(value, dict):
        raise ShapeError(path, field, OBJECT)
    found = {name: entry for name, entry in value.items() if entry is not None and name not in shape}
    for name, part in shape.items():
        entry = read(value.get(name), part, f'{path}: {name}' if path else name, name)
        if entry is not None:
            found[name] = entry
    return found


def _read_list(value, shape, path, field):
    if not isinstance(value, list):
        raise ShapeError(path, field, LIST)
    for position, entry in enumerate(value, 1):
        if entry is None:
            raise ShapeError(f'{path} {position}', field, _kind(shape))
    return [read(entry, shape, f'{path} {position}', field) for position, entry in enumerate(value, 1)]


def _read_choice(value, choices, path, field):
    if not isinstance(value, str):
        raise ShapeError(path, field, TEXT)
    if value not in choices:
        raise ShapeError(path, field, CHOICE, value[:40])
    return value


def _kind(shape):
    if isinstance(shape, Needed):
        return _kind(shape.shape)
    return {dict: OBJECT, list: LIST, frozenset: CHOICE}.get(type(shape), shape)


def spell(word: str) -> str:
    """Return a constant of Amazon's in the spelling of its models: answers have some in other capitals, or with spaces.
    """
    return re.sub('[^A-Z]+', '_', word.strip().upper())


# === KINDS === #

def read_amount(value, path: str = '', field: str = 'amount') -> Decimal:
    """Return an amount of money, given as text or as a number.

    :raises ShapeError: it is none, not finite, or beyond any sale
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ShapeError(path, field, AMOUNT)
    if isinstance(value, float):
        # Further digits of a float are imprecision.
        value = round(value, MOST_PLACES)
    text = str(value) if not isinstance(value, int) or abs(value) < 10 ** MOST_DIGITS else 'more'
    try:
        amount = Decimal(text) if len(text) <= 40 else Decimal('NaN')
    except InvalidOperation:
        amount = Decimal('NaN')
    if not amount.is_finite() or amount.adjusted() >= MOST_DIGITS or amount.as_tuple().exponent < -MOST_PLACES:
        raise ShapeError(path, field, AMOUNT, text[:40])
    return amount


def read_time(text: str) -> datetime.datetime:
    """Return an ISO 8601 time as a naive datetime in UTC, as Odoo stores them.

    :raises ValueError: it is none, or not of our time
    """
    moment = parse_time(text)
    if not EARLIEST < moment.year < LATEST:
        raise ValueError(f"{moment.year} is not of our time")
    if moment.tzinfo:
        moment = moment.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return moment.replace(microsecond=0)


def read_list(payload, name: str) -> list:
    """Return the entries of a page unchecked; none where Amazon names no list.

    :raises ShapeError: the page is of another form, so that nothing can be said of what it has
    """
    if not isinstance(payload, dict):
        raise ShapeError('payload', 'payload', OBJECT)
    entries = payload.get(name)
    if not (entries is None or isinstance(entries, list)):
        raise ShapeError(name, name, LIST)
    return entries or []


def _read_text(value, path, field):
    if not isinstance(value, str):
        raise ShapeError(path, field, TEXT)
    return value


def _read_time(value, path, field):
    try:
        read_time(_read_text(value, path, field))
    except ValueError as error:
        if isinstance(error, ShapeError):
            raise
        raise ShapeError(path, field, TIME, value[:40]) from None
    return value


def _read_amount(value, path, field):
    read_amount(value, path, field)
    return value


def _read_count(value, path, field):
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ShapeError(path, field, COUNT)
    if not 0 <= value <= MOST_PIECES:
        raise ShapeError(path, field, COUNT, str(value) if abs(value) < 10 ** MOST_DIGITS else '')
    return value


def _read_currency(value, path, field):
    if not isinstance(value, str) or not re.fullmatch('[A-Z]{3}', value):
        raise ShapeError(path, field, CURRENCY)
    return value


READERS = {TEXT: _read_text, TIME: _read_time, AMOUNT: _read_amount, COUNT: _read_count, CURRENCY: _read_currency}

"""Read replies of Amazon field by field: a value that differs from Amazon's model is named by its path, and each part
fails alone.
"""

import datetime
from decimal import Decimal

from .errors import Unreadable
from .times import parse_time

# Numbers beyond this are implausible, and computing with them would take minutes.
_MOST = 10**12
_REQUIRED = object()


class Part:
    """One object of a reply.

    Each method takes a field's name; `default` is what a missing field or `null` means, without it the field is
    required. A value of another type is never treated as missing.
    """

    def __init__(self, value, path=''):
        if not isinstance(value, dict):
            raise Unreadable(path or 'answer', _picture(value))
        self._value, self._path = value, path

    @property
    def value(self) -> dict:
        """Return the object as it came."""
        return self._value

    def names(self) -> list[str]:
        """Return the names of the fields that are there."""
        return list(self._value)

    def get_path(self, name: str) -> str:
        """Return the path of a field, from the top of the reply."""
        return f'{self._path}/{name}' if self._path else name

    def _get(self, name, default):
        value = self._value.get(name)
        if value is None:
            if default is _REQUIRED:
                raise Unreadable(self.get_path(name))
            return None
        return value

    def text(self, name: str, default=_REQUIRED) -> str:
        """Return a text that is not empty; Amazon's own examples have numbers where the model has texts (`trackingId`),
        so those count.
        """
        value = self._get(name, default)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is not None and not isinstance(value, str):
            raise Unreadable(self.get_path(name), _picture(value))
        value = value and value.strip()
        if not value and default is _REQUIRED:
            raise Unreadable(self.get_path(name))
        return value or default

    def number(self, name: str, default=_REQUIRED) -> Decimal:
        """Return a finite number of a plausible size."""
        value = self._get(name, default)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not -_MOST < value < _MOST:
            raise Unreadable(self.get_path(name), _picture(value))
        return Decimal(str(value))

    def flag(self, name: str, default=_REQUIRED) -> bool:
        """Return a boolean."""
        value = self._get(name, default)
        if value is not None and not isinstance(value, bool):
            raise Unreadable(self.get_path(name), _picture(value))
        return default if value is None else value

    def time(self, name: str, default=_REQUIRED) -> datetime.datetime:
        """Return a time in UTC, aware."""
        value = self.text(name, default)
        if value is default:
            return default
        try:
            time = parse_time(value)
            return (time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)).astimezone(
                datetime.timezone.utc
            )
        except (ValueError, OverflowError):
            raise Unreadable(self.get_path(name), _picture(value)) from None

    def part(self, name: str, default=_REQUIRED) -> 'Part':
        """Return the object in a field; with any `default`, an empty one where there is none."""
        value = self._get(name, default)
        return Part({} if value is None else value, self.get_path(name))

    def entries(self, name: str, default=_REQUIRED) -> list[tuple]:
        """Return the entries of a list as they came, each with its path, to be read one by one (`read_each`)."""
        value = self._get(name, default)
        if value is not None and not isinstance(value, list):
            raise Unreadable(self.get_path(name), _picture(value))
        return [(entry, f'{self.get_path(name)}/{position}') for position, entry in enumerate(value or ())]

    def parts(self, name: str, default=_REQUIRED) -> list['Part']:
        """Return the objects in a list; an entry that is no object makes the whole list unreadable."""
        return [Part(value, path) for value, path in self.entries(name, default)]

    def values(self, name: str, kind: type, default=_REQUIRED) -> tuple:
        """Return the plain values of a list, all of one type."""
        entries = self.entries(name, default)
        for value, path in entries:
            if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
                raise Unreadable(path, _picture(value))
        return tuple(value for value, _path in entries)


class Faults(list):
    """The `Unreadable` errors of a reply of which everything else is kept, because it is paid."""

    def attempt(self, read, default):
        """Return the result of `read`; where it raises `Unreadable`, keep the error and return `default`."""
        try:
            return read()
        except Unreadable as fault:
            self.append(fault)
            return default


def read_each(entries: list[tuple], read) -> tuple[list, list]:
    """Return the results of `read` for the entries (value and path) that can be read, and an `Unreadable` with its
    value for each of the others.
    """
    good, bad = [], []
    for value, path in entries:
        try:
            good.append(read(Part(value, path)))
        except Unreadable as fault:
            bad.append((value, fault))
    return good, bad


def name_of(value, *names: str) -> str:
    """Return the name of an entry that cannot be read, from those of its fields that are texts."""
    texts = [value.get(name) for name in names] if isinstance(value, dict) else []
    return ' '.join(text for text in texts if text and isinstance(text, str))


def _picture(value) -> str:
    """Return a value in a form for readers: containers and long texts only by their kind."""
    if isinstance(value, dict | list):
        return '{…}' if isinstance(value, dict) else '[…]'
    shown = repr(value)
    return shown if len(shown) <= 30 else f'{shown[:29]}…'

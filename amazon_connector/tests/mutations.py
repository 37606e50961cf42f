"""Replies in which one thing is not as it should be: each field in turn is missing, null, of another type, unknown, or
holds what cannot be stored.

What comes out is the same each time, so that a failure can be looked at again.
"""

import copy
import json

MISSING = object()
_TEXTS = (MISSING, None, ['x'], 'a\x00b', 'UNKNOWN', 7, True, {'x': 1}, '', '\ud800', '9' * 400)
_NUMBERS = (MISSING, None, 'x', float('nan'), -1, 0, True, [], {}, 10 ** 400, 1e308, float('inf'))
_FLAGS = (MISSING, None, 'true', 1, [], {})
_LISTS = (MISSING, None, 'x', 7, True, {}, [], [None], ['x'], [[]])
_OBJECTS = (MISSING, None, 'x', 7, True, [], {})


def mutations(value, most=None):
    """Yield pairs of a name and a copy of a decoded JSON value in which one part is another.

    :param int most: how many substitutes each part gets, by default all
    """
    for place in places(value):
        for substitute in _substitutes(_read(value, place))[:most]:
            shown = 'missing' if substitute is MISSING else repr(substitute)[:30]
            yield f"{'/'.join(map(str, place))}={shown}", mutate(value, place, substitute)


def places(value, path=()):
    """Yield the path of every part of a value: keys of objects and positions in lists."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield (*path, key)
        yield from places(entry, (*path, key))


def mutate(value, place, substitute):
    """Return a copy of a value in which the part at a place is another, or is taken out (`MISSING`)."""
    # Not a deep copy: parts that are one object in Python are several in JSON.
    changed = json.loads(json.dumps(value))
    holder = _read(changed, place[:-1])
    if substitute is MISSING:
        del holder[place[-1]]
    else:
        holder[place[-1]] = copy.deepcopy(substitute)
    return changed


def _read(value, place):
    for key in place:
        value = value[key]
    return value


def _substitutes(value):
    if isinstance(value, bool):
        return _FLAGS
    if isinstance(value, int | float):
        return _NUMBERS
    return {str: _TEXTS, list: _LISTS, dict: _OBJECTS}.get(type(value), _OBJECTS)

"""Make texts storable in PostgreSQL: once, where they come in."""

import math
import re

# PostgreSQL keeps no NUL, and a surrogate that stands alone is no character of UTF-8.
_UNSTORABLE = re.compile('[\x00\ud800-\udfff]')
REPLACEMENT = '\ufffd'


def make_storable(value):
    """Return a value of decoded JSON (or a text) in which each character that cannot be stored is U+FFFD.

    A pair of surrogates that `json` has joined is one character and stays. Keys of objects are made storable, too;
    numbers that JSON does not have (NaN, Infinity) become their names.
    """
    if isinstance(value, str):
        return _UNSTORABLE.sub(REPLACEMENT, value)
    if isinstance(value, dict):
        return {make_storable(name): make_storable(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [make_storable(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value

"""One value that Amazon is to be told of one record."""

from typing import Any, NamedTuple

TO_ZERO, DOWN, UP, OTHER = range(4)


class Change(NamedTuple):
    """`record` is a listing or a package, `value` what Amazon is told of it; the lower the `urgency`, the earlier it goes out."""

    record: Any
    value: dict
    urgency: int

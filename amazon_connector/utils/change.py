"""One value that Amazon is to be told for one listing."""

from typing import Any, NamedTuple

TO_ZERO, DOWN, UP, OTHER = range(4)


class Change(NamedTuple):
    """`value` is what `amazon_feed.PATCHES` makes patches of; the lower the `urgency`, the earlier it goes out."""

    listing: Any
    value: dict
    urgency: int

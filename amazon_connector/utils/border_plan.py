"""Goods that cross borders between fulfillment centers, found in the ledger: it says what left a center and what came
to one, and not which of them belong together.
"""

import collections
import datetime
from typing import NamedTuple

# Goods are on their way for so long at most; a few arrivals are written before their departure.
MOST = datetime.timedelta(days=45)
EARLY = datetime.timedelta(days=3)


class Movement(NamedTuple):
    """What left (negative) or came to the centers of a country on a day, of one FNSKU."""

    key: str
    date: datetime.date
    country: str
    quantity: int


class Crossing(NamedTuple):
    """Units that left one country and came to another."""

    key: str
    departed: datetime.date
    source: str
    target: str
    quantity: int


class _Part:
    """A rest of a movement that nothing was found for yet."""

    def __init__(self, movement):
        self.date, self.country, self.left = movement.date, movement.country, abs(movement.quantity)


def find_crossings(movements) -> list[Crossing]:
    """Return which units crossed borders.

    Units of one FNSKU that left a country are those that came back to it, as far as there are any in time: most
    transfers are between centers of one country. The others came to another country, the first that left first. What
    has not arrived yet, and what came from nowhere, crosses nothing.

    :param movements: `Movement` objects in any order
    """
    by_key = collections.defaultdict(list)
    for movement in movements:
        if movement.quantity:
            by_key[movement.key].append(movement)
    found = collections.Counter()
    for key, of_key in by_key.items():
        for departure, arrival, quantity in _pair(sorted(of_key, key=lambda movement: movement.date)):
            found[key, departure.date, departure.country, arrival.country] += quantity
    return [Crossing(*key, quantity) for key, quantity in sorted(found.items())]


def _pair(movements):
    """Yield departure, arrival and quantity of what crossed a border, of one FNSKU."""
    countries = {movement.country for movement in movements}
    outs, ins = [], []
    for country in sorted(countries):
        here = [movement for movement in movements if movement.country == country]
        rest = _stay(collections.deque(_Part(movement) for movement in here if movement.quantity < 0),
                     [_Part(movement) for movement in here if movement.quantity > 0])
        outs += rest[0]
        ins += rest[1]
    outs.sort(key=lambda part: part.date)
    for arrival in sorted(ins, key=lambda part: part.date):
        for departure in outs:
            if departure.date > arrival.date + EARLY or not arrival.left:
                break
            if departure.left and departure.country != arrival.country and arrival.date - departure.date <= MOST:
                yield departure, arrival, _take(departure, arrival)
        outs = [part for part in outs if part.left and arrival.date - part.date <= MOST]


def _stay(outs, ins):
    """Take away what left a country and came back to it; return the rest of both."""
    late, open_ins = [], []
    for arrival in ins:
        while outs and arrival.left and outs[0].date <= arrival.date + EARLY:
            if arrival.date - outs[0].date <= MOST:
                _take(outs[0], arrival)
            if outs[0].left and arrival.left:
                late.append(outs.popleft())
            elif not outs[0].left:
                outs.popleft()
        if arrival.left:
            open_ins.append(arrival)
    return [*late, *outs], open_ins


def _take(departure, arrival):
    quantity = min(departure.left, arrival.left)
    departure.left -= quantity
    arrival.left -= quantity
    return quantity

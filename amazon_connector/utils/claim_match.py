"""What Amazon owes units for, and what settles it: units that turn up, and units that Amazon pays or gives back.

All counts are units as Amazon sells them. Each unit that turns up, and each that is paid, settles one event once.
"""

import collections
import datetime
from typing import NamedTuple

FOUND, PAID, GIVEN = 'found', 'paid', 'given'
# How many days a unit that Amazon gives back may lie apart from its row in the ledger.
SAME_UNIT = datetime.timedelta(days=7)
# Both have their own clocks: what settles an event may seem to be a little before it.
EARLY = datetime.timedelta(days=2)


class Use(NamedTuple):
    """Units of an event that a supply settles; `how` is FOUND, PAID or GIVEN."""

    supply: object
    quantity: int
    how: str


class Event:
    """Units that Amazon lost, damaged, destroyed or never took in.

    :param tuple key: by which the event is known, whatever rows the ledger has it in now
    :param date date: when it happened
    :param int units: how many units, a positive number
    :param facts: what the rule that found it knows of it
    :param int most: the units that are open by Amazon's own count, None where it does not say
    :param date since: when it began, so that something may settle it, by default when it happened
    """

    def __init__(self, key, date, units, facts=None, most=None, since=None):
        self.key, self.date, self.units, self.facts, self.most = key, date, units, facts, most
        self.since, self.uses = since or date, []
        # What Amazon took back of what had settled it: pairs of a `Reversal` and units.
        self.reversals = []

    @property
    def open_units(self) -> int:
        """Return the units that nothing settles."""
        return self.units - sum(use.quantity for use in self.uses)

    @property
    def owed_units(self) -> int:
        """Return the units that nothing settles, and that are open by Amazon's count, too."""
        return self.open_units if self.most is None else max(min(self.open_units, self.most), 0)

    @property
    def unexplained_units(self) -> int:
        """Return the units that Amazon counts as settled, and nothing does."""
        return self.open_units - self.owed_units

    def count(self, *ways) -> int:
        """Return the units that are settled in one of these ways."""
        return sum(use.quantity for use in self.uses if use.how in ways)

    def give_up(self, supply, quantity) -> int:
        """Take back up to so many units that a supply settled, or any supply if it is None; return how many."""
        taken = 0
        for use in reversed(list(self.uses)):
            count = min(use.quantity, quantity - taken)
            if use.how == PAID and count and supply in (None, use.supply):
                self.uses.remove(use)
                if use.quantity > count:
                    self.uses.append(use._replace(quantity=use.quantity - count))
                taken += count
        return taken


class Supply:
    """Units that turn up or are paid on a day (`date`); `left` of them settle nothing yet.

    :param source: the record or row that it stands for
    """

    def __init__(self, date, quantity, source=None):
        self.date, self.left, self.source = date, quantity, source


class Reversal(NamedTuple):
    """Money for units that Amazon takes back; `original` is the `Supply` that is taken back, None if it is unknown, and
    `source` the record.
    """

    date: datetime.date
    quantity: int
    original: Supply | None
    source: object = None


def pair_given(given: list, found: list) -> None:
    """Take the ledger's rows of units that Amazon gives back out of those that turned up: it is the same unit.

    Taking money back with a unit returned means one that was found before, so that row may be long ago.

    :param list given: pairs of a `Supply` and whether it takes money back
    :param list found: `Supply` objects of the same SKU
    """
    for supply, is_reversal in sorted(given, key=lambda pair: pair[0].date):
        left = supply.left
        near = [other for other in found if other.left and other.date <= supply.date + SAME_UNIT
                and (is_reversal or other.date >= supply.date - SAME_UNIT)]
        for other in sorted(near, key=lambda other: abs(other.date - supply.date)):
            taken = min(other.left, left)
            other.left -= taken
            left -= taken


def settle(events: list, found=(), paid=(), given=(), reversals=(), within=None, latest=None, others=()) -> None:
    """Settle the events of one SKU day by day, the earliest event first.

    :param found: supplies that turned up; they settle losses of the `within` days before first, then any of the
        `latest` days before
    :param paid: supplies that were paid
    :param given: supplies that were given back
    :param reversals: what was taken back
    :param others: events that what was paid or given back settles where these leave something of it
    """
    within, latest = (days if days is None else datetime.timedelta(days=days) for days in (within, latest))
    steps = [*((supply.date, 0, FOUND, supply) for supply in found),
             *((supply.date, 1, PAID, supply) for supply in paid),
             *((step.date, 2, 'reversed', step) for step in reversals),
             *((supply.date, 3, GIVEN, supply) for supply in given)]
    for _date, _order, how, step in sorted(steps, key=lambda step: step[:2]):
        if how == 'reversed':
            _reverse([*events, *others], step)
            continue
        take(events, step, how, as_amazon_counts=True)
        if how == FOUND and within is not None:
            take(events, step, how, within)
        take(events, step, how, latest if how == FOUND else None)
        if how != FOUND:
            take(others, step, how)
    for supply in found:
        # What was taken back may have been found before.
        take(events, supply, FOUND, latest)


def take(events, supply: Supply, how: str, within=None, as_amazon_counts=False) -> None:
    """Let a supply settle the earliest events before it, at most a time (`within`) before it.

    :param bool as_amazon_counts: only those units that Amazon counts as settled itself
    """
    for event in sorted(events, key=lambda event: event.date):
        count = min(supply.left, event.unexplained_units if as_amazon_counts else event.open_units)
        if count > 0 and event.since <= supply.date + EARLY and (within is None or supply.date - event.date <= within):
            event.uses.append(Use(supply, count, how))
            supply.left -= count


def _reverse(events, step):
    left = step.quantity
    if step.original is not None:
        # What settled nothing is taken back first.
        unused = min(step.original.left, left)
        step.original.left -= unused
        left -= unused
    for event in sorted(events, key=lambda event: event.date, reverse=True):
        count = event.give_up(step.original, left)
        if count:
            left -= count
            event.reversals.append((step, count))


def group_by(items, key) -> dict:
    """Return lists of items by key."""
    groups = collections.defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups

"""What a seller has at Amazon's fulfilment centres: one world a region, of events that happened to units.

Every event writes all that Amazon would write of it: rows of the ledger, and what the other reports tell. The reports
are made of nothing else, so they agree. Days are those of the seller's home marketplace.
"""

import bisect
import dataclasses
import datetime
import zlib
import zoneinfo
from typing import NamedTuple

from amazon_api.marketplaces import BY_COUNTRY

from .clock import UTC
from .fba_centers import CENTERS

ZONES = {'DE': 'Europe/Berlin', 'GB': 'Europe/London', 'US': 'America/Los_Angeles', 'JP': 'Asia/Tokyo'}
REGION_ZONES = {'eu': 'Europe/Paris', 'na': 'America/Los_Angeles', 'fe': 'Asia/Tokyo'}
SELLABLE = 'SELLABLE'
DAMAGED = 'WAREHOUSE_DAMAGED'


class Unfit(ValueError):
    """An event that cannot be; its text says why."""


class Item(NamedTuple):
    """What is sold, as Amazon names it in every report."""

    sku: str
    fnsku: str
    asin: str
    title: str


class Moment(NamedTuple):
    """A day and a time of it, in the time zone of the seller's home marketplace."""

    day: datetime.date
    time: datetime.time = datetime.time()


@dataclasses.dataclass(slots=True, eq=False)
class Movement:
    """A row of the ledger.

    `column` is that of the summary in which it counts. `matches` are the units that Amazon has reconciled, each with
    its day and how (`found` or `reimbursed`); None where Amazon leaves both columns empty.
    """

    at: Moment
    item: Item
    event: str
    quantity: int
    center: str
    country: str
    disposition: str
    column: str
    reason: str = ''
    reference: str = ''
    matches: list | None = None

    def reconciled(self, day: datetime.date) -> int:
        """Return how many of its units were reconciled by the end of a day."""
        return sum(quantity for when, quantity, _how in self.matches or () if when <= day)

    def unmatched(self) -> int:
        """Return how many units nothing has ever explained."""
        return abs(self.quantity) - sum(quantity for _when, quantity, _how in self.matches or ())


@dataclasses.dataclass(slots=True, eq=False)
class Transfer:
    """Units between two centres; `arrives` is None where they never do."""

    item: Item
    quantity: int
    disposition: str
    origin: str
    destination: str
    leaves: Moment
    arrives: Moment | None

    def is_under_way(self, moment: Moment) -> bool:
        """Whether the units have left and not arrived by a moment."""
        return self.leaves <= moment and (self.arrives is None or self.arrives > moment)


class World:
    """The units of one seller region, and all that Amazon tells of them.

    :param state: the simulated Amazon
    :param seller: whose units they are
    """

    def __init__(self, state, seller):
        self.state, self.seller = state, seller
        self.home = BY_COUNTRY[state.homes[seller.region]]
        self.zone = zoneinfo.ZoneInfo(ZONES.get(self.home.country) or REGION_ZONES[seller.region])
        self.accepted = []
        self.clear()

    def clear(self) -> None:
        """Let nothing have happened yet; what was accepted is still known."""
        self.centers = dict(CENTERS)
        self.items = {}
        self.movements, self.transfers = [], []
        self._stock = {}
        self.losses, self.finds, self.damages, self.disposals = {}, {}, {}, []
        self.returns, self.replacements, self.reimbursements = [], [], []
        # What a unit costs, by SKU; which units of a parcel reached the seller, by order, SKU and number.
        self.costs, self.arrived = {}, {}
        self.plates = {}
        self.shipments, self.payments = [], []
        self.requests, self.removals, self.plans = {}, {}, {}
        self._number = 0

    # === TIME === #

    def now(self) -> Moment:
        """Return the day and time at the seller's home marketplace."""
        return self.local(self.state.now())

    def local(self, moment: datetime.datetime) -> Moment:
        """Return the day and time at the seller's home marketplace of an aware datetime."""
        local = moment.astimezone(self.zone)
        return Moment(local.date(), local.time().replace(tzinfo=None))

    def today(self) -> datetime.date:
        return self.now().day

    def at(self, moment: Moment) -> datetime.datetime:
        """Return a moment as an aware datetime of the seller's home marketplace."""
        return datetime.datetime.combine(moment.day, moment.time, self.zone)

    def utc(self, moment: Moment) -> datetime.datetime:
        return self.at(moment).astimezone(UTC)

    # === WHAT HAPPENS === #

    def count(self) -> int:
        """Return the next number of those that Amazon gives; the same events get the same numbers."""
        self._number += 1
        return self._number

    def item(self, sku: str, **known) -> Item:
        """Return what is sold under a SKU: as listed, as told once, or made up.

        :param known: fnsku, asin, title where an event tells them
        """
        found = self.items.get(sku)
        if found is None or known:
            found = self.items[sku] = (found or self._make_item(sku))._replace(**known)
        return found

    def _make_item(self, sku):
        listing = next((listing for (owner, _market, name), listing in self.state.listings.items()
                        if owner == self.seller.id and name == sku), None)
        number = zlib.crc32(sku.encode())
        item = Item(sku, f'X00{number % 10 ** 7:07d}', f'B0{number % 10 ** 8:08d}', f"Item {sku}")
        if listing is None:
            return item
        return Item(sku, listing.get('fnsku') or item.fnsku, listing['asin'],
                    listing['attributes']['item_name'][0]['value'])

    def move(self, at: Moment, item: Item, event: str, quantity: int, center: str, disposition: str, column: str,
             *, by_unit=False, **values) -> Movement:
        """Write a row of the ledger, or an equal one for each unit; return the last one.

        :raises Unfit: there are not so many units, then or later
        """
        self._change_stock(at, item, quantity, center, disposition)
        rows = [1 if quantity > 0 else -1] * abs(quantity) if by_unit else [quantity]
        self.movements += [Movement(at, item, event, count, center, self.centers.get(center, ''), disposition, column,
                                    **values) for count in rows]
        return self.movements[-1]

    def _change_stock(self, at, item, quantity, center, disposition):
        moments, quantities = self._stock.setdefault((item.sku, center, disposition), ([], []))
        position = bisect.bisect_right(moments, at)
        moments.insert(position, at)
        quantities.insert(position, quantity)
        if quantity < 0:
            # Quantities are few where a SKU has its own centre and disposition, so they need no running totals.
            left = sum(quantities[:position + 1])
            lowest = left
            for later in quantities[position + 1:]:
                left += later
                lowest = min(lowest, left)
            if lowest < 0:
                raise Unfit(f"{item.sku}: {-quantity} {disposition} at {center} on {at.day}: {-lowest} more than there "
                            "are, or than will be left for what happens later")

    def units(self, sku: str, center: str, disposition: str, at: Moment) -> int:
        """Return how many units may leave a place at a moment: what is there, less what leaves later."""
        moments, quantities = self._stock.get((sku, center, disposition), ((), ()))
        position = bisect.bisect_right(moments, at)
        left = sum(quantities[:position])
        lowest = left
        for later in quantities[position:]:
            left += later
            lowest = min(lowest, left)
        return lowest

    def places(self, sku: str) -> list[tuple[str, str]]:
        """Return centre and disposition of each place that a SKU ever was at."""
        return [(center, disposition) for name, center, disposition in self._stock if name == sku]

    def reference(self) -> str:
        """Return the 14 digits by which Amazon names an adjustment; it is no shipment."""
        return str(20_076_865_000_000 + self.count())

    # === WHAT IS === #

    def limit(self, day: datetime.date | None = None) -> Moment:
        """Return now, or the end of a day that is over: what lies ahead is in no report."""
        now = self.now()
        return now if day is None or day >= now.day else Moment(day, datetime.time.max)

    def visible(self) -> list[Movement]:
        """Return the rows of the ledger so far."""
        now = self.now()
        return [movement for movement in self.movements if movement.at <= now]

    def balance(self, day: datetime.date | None = None) -> dict:
        """Return units by SKU, country and disposition, now or at the end of a day, those that are zero left out."""
        units, limit = {}, self.limit(day)
        for movement in self.movements:
            if movement.at <= limit:
                place = units.setdefault(movement.item.sku, {}).setdefault(movement.country, {})
                place[movement.disposition] = place.get(movement.disposition, 0) + movement.quantity
        return {sku: kept for sku, countries in units.items()
                if (kept := {country: some for country, dispositions in countries.items()
                             if (some := {name: count for name, count in dispositions.items() if count})})}

    def under_way(self, day: datetime.date | None = None) -> list[Transfer]:
        """Return what is between two centres, now or at the end of a day."""
        limit = self.limit(day)
        return [transfer for transfer in self.transfers if transfer.is_under_way(limit)]


def world(state, seller) -> World:
    """Return the world of a seller region; an empty one in the beginning."""
    if seller.id not in state.fba:
        state.fba[seller.id] = World(state, seller)
    return state.fba[seller.id]

"""What happens to a seller's FBA stock when its ledger is opened; arithmetic only, nothing is written."""

import collections
import datetime
from typing import NamedTuple

from odoo.tools import float_compare


class Sent(NamedTuple):
    """Pieces that a transfer (`stock.picking`, empty for none) has brought to an FBA location, or, negative, has taken
    from there; `reference` is Amazon's number of the shipment, '' where nobody has written one down, `date` the day on
    which they left.
    """

    picking: object
    reference: str
    product: object
    location: object
    quantity: float
    date: datetime.date


class OpeningPlan:
    """The opening of a ledger.

    :param plan: the `LedgerPlan` of the seller
    :param needs: pieces at Amazon by product, country and kind of place
    :param held: pieces in Odoo now by product and location
    :param sold: pieces by product, location and day that the ledger ships once more
    :param sent: `Sent` of since the first day
    :param removed: pieces by product, location and day that are on their way back since before the first day
    :param on_way: `Sent` of before the first day that Amazon may still receive, the last first
    :param limits: the most pieces by product that are on their way in a shipment, by its number, as Amazon or a person
        says: what was sent since the first day, and of before exactly the rest as far as transfers have sent it
    :param shared: locations whose rest belongs to others
    :param unmapped: units by SKU without a product, country and kind of place
    """

    def __init__(self, plan, needs, held, *, sold, sent, removed, on_way, limits, shared, unmapped):
        self.plan, self.needs, self.unmapped, self.shared = plan, needs, unmapped, shared
        self._limits = {reference: collections.Counter(limit) for reference, limit in limits.items()}
        self.sold, self.removed = sold, removed
        # Of what was written down since, Amazon may have had some before.
        self.sent = [self._limit(part) for part in sent]
        # As of the evening before the first day.
        self.held = collections.Counter(held)
        for (product, location, _date), quantity in sold.items():
            self.held[product, location] += quantity
        for (product, location, _date), quantity in removed.items():
            self.held[product, location] -= quantity
        for part in self.sent:
            self.held[part.product, part.location] -= part.quantity
        self.placed, self.left_over = [], []
        self.on_way = []
        self._distribute(on_way)

    def _limit(self, part):
        """Return of a part what may still be on its way in its shipment, which it takes then."""
        left = self._limits.get(part.reference)
        if left is None or part.quantity < 0:
            return part
        taken = min(part.quantity, max(left[part.product], 0))
        left[part.product] -= taken
        return part._replace(quantity=taken)

    def _distribute(self, on_way):
        """Give what Odoo holds to the places where Amazon has it, then to what is on its way; the rest is lost."""
        rest = collections.defaultdict(dict)
        for (product, location), quantity in self.held.items():
            rest[product][location] = quantity
        for (product, country, kind), need in self.needs.items():
            for location, quantity in rest[product].items():
                taken = min(max(quantity, 0), need)
                self.placed.append((product, taken, location, kind, country))
                rest[product][location], need = quantity - taken, need - taken
            self.placed.append((product, need, None, kind, country))
        for part in on_way:
            left = rest[part.product].get(part.location, 0)
            taken = (self._limit(part).quantity if part.reference in self._limits
                     else min(max(left, 0), part.quantity))
            if taken > 0 and part.product.is_storable:
                rest[part.product][part.location] = left - taken
                self.on_way.append(part._replace(quantity=taken))
        self.left_over = [(product, quantity, location) for product, by_location in rest.items()
                          for location, quantity in by_location.items()
                          if quantity < 0 or location not in self.shared]

    def count_under_way(self):
        """Return the pieces by product and kind of place that are on their way to Amazon and back then."""
        counts = collections.Counter()
        for part in [*self.sent, *self.on_way]:
            counts[part.product, 'inbound' if part.quantity > 0 else 'removal'] += part.quantity
        for (product, _location, _date), quantity in self.removed.items():
            counts[product, 'removal'] += quantity
        return counts

    def count_by_shipment(self):
        """Return the pieces that are on their way by Amazon's number of the shipment."""
        counts = collections.Counter()
        for part in [*self.sent, *self.on_way]:
            if part.quantity > 0:
                counts[part.reference] += part.quantity
        return counts

    # === MOVEMENTS === #

    def get_transfers(self):
        """Return what is on its way to Amazon by transfer, Amazon's number of the shipment and day: lists of product,
        location that it is taken from, and pieces.
        """
        transfers = collections.defaultdict(list)
        for part in [*self.sent, *self.on_way]:
            if part.quantity > 0 and self._is_moved(part.product, part.quantity):
                transfers[part.picking, part.reference, part.date].append(
                    (part.product, part.location, part.quantity))
        return transfers

    def get_routes(self):
        """Yield the other movements: product, pieces, source, target and day.

        What orders have taken since the first day is given back, as the ledger ships it; what came back since comes by
        the ledger again; what is under way back lies there; what Odoo holds goes where Amazon has it, and the rest is
        found or lost. What is under way then is as old as it is at Amazon, the rest is of the first day.
        """
        get, loss, first = self.plan.get_location, self.plan.get_location('loss'), self.plan.seller.ledger_start
        for (product, location, date), quantity in self.sold.items():
            yield from self._route(product, quantity, get('dispatch'), location, date)
        for part in self.sent:
            if part.quantity < 0:
                yield from self._route(part.product, -part.quantity, get('removal'), part.location, part.date)
        for (product, location, date), quantity in self.removed.items():
            yield from self._route(product, quantity, location, get('removal'), date)
        for product, quantity, location, kind, country in self.placed:
            yield from self._route(product, quantity, location or loss, get(kind, country or None), first)
        for product, quantity, location in self.left_over:
            yield from self._route(product, quantity, location, loss, first)

    def _route(self, product, quantity, source, target, date):
        if self._is_moved(product, quantity):
            ends = (source, target) if quantity > 0 else (target, source)
            yield product, abs(quantity), *ends, date

    def _is_moved(self, product, quantity):
        """Return whether there is something to move; the stock of a kit is that of its components."""
        return (product.type != 'service' and self.plan.find_parts(product.id) == {product.id: 1}
                and float_compare(quantity, 0, precision_rounding=product.uom_id.rounding) != 0)


def net(sent):
    """Return movements without those that others have taken back: what left otherwise than by a parcel from Amazon had
    not arrived there.
    """
    kept = [part for part in sent if part.quantity > 0]
    for back in (part for part in sent if part.quantity < 0):
        rest = back.quantity
        for position in range(len(kept) - 1, -1, -1):
            part = kept[position]
            if not back.picking.amazon_parcel_id and part.quantity > 0 and (
                    part.product, part.location) == (back.product, back.location):
                taken = min(part.quantity, -rest)
                kept[position], rest = part._replace(quantity=part.quantity - taken), rest + taken
        if rest < 0:
            kept.append(back._replace(quantity=rest))
    return kept

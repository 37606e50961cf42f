"""What is missing of shipments to Amazon, by SKU: Amazon owes units of SKUs, and Odoo knows pieces of products.

The SKUs of a shipment are those that Amazon lists for it, those that it has received by its ledger, and the kits whose
components a transfer carries. A kit is made of what it was made of when it was sent.
"""

import collections
import math
from typing import NamedTuple

from odoo.tools import float_is_zero

from ..amazon_api.inbound import VOIDED
from .inbound_goods import InboundGoods
from .kits import count_units, read_sent_parts


class Short(NamedTuple):
    """A product of a shipment that came short under one SKU (`amazon.listing`, empty if there is none): `sent` and
    `missing` are in the product's unit; `is_first` says that it is the first SKU of its product.
    """

    listing: object
    product: object
    sent: float
    missing: float
    is_first: bool


def find_short(inbounds, claimed=()) -> dict:
    """Return what is missing (`Short`) of those shipments of a seller that are over, what was written off in Odoo among
    it: Amazon owes for it all the same. Of those with claims that Amazon knows it is told, too, while Amazon receives
    them again; of what the seller has cancelled Amazon owes nothing.

    :param claimed: number of the shipment, product (id) and SKU of claims that Amazon knows: what may be missing under
        any SKU is missing under these
    """
    inbounds = inbounds.filtered(lambda inbound: inbound.amazon_status not in VOIDED)
    lines = inbounds.env['amazon.inbound.line'].search([('inbound_id', 'in', inbounds.ids)])
    over, known = {missing.inbound for missing in inbounds._get_missing()}, {item[0] for item in claimed}
    over |= set(inbounds.filtered(lambda inbound: inbound.is_closed or inbound.shipment_ref in known))
    over |= {line.inbound_id for line in lines if line.written_off > 0}
    lacking = {line.inbound_id for line in lines if line.sent > line.received}
    lines = lines.filtered(lambda line: line.inbound_id in over)
    found = inbounds.browse(inbound.id for inbound in lines.inbound_id if inbound in lacking or inbound.kit_parts)
    goods = InboundGoods(found, lines) if found else None
    return {inbound: Shipment(goods, inbound, of_one, claimed).find_short()
            for inbound, of_one in lines.grouped('inbound_id').items() if inbound in found}


class Item:
    """A SKU of a shipment: its listing, what Amazon has received of it, and how much was sent where that is known, else
    None, both in the product's unit.
    """

    def __init__(self, listing, parts, received, sent=None):
        self.listing, self.product, self.parts = listing, listing.product_id, parts
        self.received, self.sent = received, sent

    @property
    def short(self) -> float:
        """Return how much is missing by Amazon's numbers alone; no end of it where nobody knows what was sent."""
        return math.inf if self.sent is None else max(self.sent - self.received, 0)


class Shipment:
    """The goods of a shipment that is over.

    :param goods: the `InboundGoods` with this shipment
    :param lines: its `amazon.inbound.line` records
    :param claimed: see `find_short`
    """

    def __init__(self, goods, inbound, lines, claimed=()):
        self.goods, self.inbound, self.env, self._claimed = goods, inbound, inbound.env, claimed
        self.sent = collections.Counter({line.product_id: line.sent for line in lines})
        self.missing = collections.Counter({line.product_id: line.sent - line.received for line in lines})
        self._sent_parts, self._parts = read_sent_parts(inbound), {}
        self.received = self._read_received()
        self.items = self._find_items()

    def find_short(self) -> list:
        """Return what is missing: kits that are short by their own numbers, kits of which more is missing than the
        products that were sent beside them, and these.
        """
        kits = [item for item in self.items if item.product in self._parts]
        known, guessed = ([item for item in kits if (item.sent is None) == unknown] for unknown in (False, True))
        counts = collections.Counter()
        self._take_kits(known, counts, lambda item: item.short, collections.Counter())
        alone = collections.Counter()
        for item in self.items:
            if item not in kits and item.sent is not None:
                alone[item.product] += item.short
        self._take_kits(guessed + known, counts, lambda _item: math.inf, alone)
        found = [self._make_short(item.listing, item.product, self._get_sent(item, count), count)
                 for item, count in counts.items()]
        return found + [short for product in list(self.missing) for short in self._find_short_of(product)]

    def _take_kits(self, kits, counts, get_most, kept):
        """Take whole kits out of what is missing, and add them to `counts`.

        :param get_most: function that returns how many of a kit are missing at most
        :param kept: pieces by product that are left
        """
        for item in kits:
            free = {part: self.missing[part] - kept[part] for part in item.parts}
            count = min(get_most(item), math.floor(round(count_units(item.parts, free), 4)))
            if count > 0:
                counts[item] += count
                self.missing.subtract({part: need * count for part, need in item.parts.items()})

    def _get_sent(self, item, missing):
        sent = math.floor(round(count_units(item.parts, self.sent), 4)) if item.sent is None else item.sent
        return max(sent, missing)

    def _find_short_of(self, product):
        """Yield what is missing of a product: as much under each SKU as is short of it, the rest under the first."""
        left, first = max(self.missing[product], 0), self._get_listings(product)[:1]
        items = [item for item in self.items if item.product == product and item.sent is not None]
        sent, shares = {first: self.sent[product]}, collections.Counter()
        for item in items if len(items) > 1 else ():
            sent[item.listing], pieces = item.sent, min(item.short, left)
            shares[item.listing] += pieces
            left -= pieces
        shares[first] += left
        for listing, pieces in shares.items():
            if not float_is_zero(pieces, precision_rounding=product.uom_id.rounding):
                yield self._make_short(listing, product, max(sent[listing], pieces), pieces)

    def _make_short(self, listing, product, sent, missing):
        return Short(listing, product, sent, missing, listing == self._get_listings(product)[:1])

    def _get_listings(self, product):
        """Return the listings under which a product may have been sent: those of filed claims first, then those that
        Amazon names for it.
        """
        named, reference = {item.listing.sku for item in self.items}, self.inbound.shipment_ref
        return self.goods.find_listings(product).sorted(lambda listing: (
            (reference, product.id, listing.sku) not in self._claimed, listing.sku not in named,
            listing.channel != 'fba', listing.id))

    # === WHAT IS KNOWN === #

    def _read_received(self):
        """Return the pieces by SKU that Amazon has received by its ledger, of kits how many. Those of kits that were
        booked as made of something else than what was sent are missing, or not, by what was sent.
        """
        pieces = collections.Counter()
        for receipt in self.goods.get_receipts(self.inbound):
            count = receipt.quantity * receipt.pack
            pieces[receipt.sku] += count
            if receipt.booked:
                sent = self._get_sent_parts(receipt.product, receipt.booked) or {receipt.product: 1}
                self.missing.update({part: need * count for part, need in receipt.booked.items()})
                self.missing.subtract({part: need * count for part, need in sent.items()})
        return pieces

    def _get_sent_parts(self, product, booked=None):
        """Return what a kit was made of when it was sent; where nobody has kept it what it was booked with when it was
        received (`booked`), else what it is made of now; nothing of other products.
        """
        if product not in self._parts:
            kept, products = self._sent_parts.get(product.id), self.env['product.product']
            parts = {products.browse(part): need for part, need in kept.items()} if kept else (
                booked or self.goods.get_parts(product))
            if parts and parts.keys() != {product}:
                self._parts[product] = parts
        return self._parts.get(product, {})

    def _find_items(self):
        """Return the SKUs of this shipment, those of which it is known how many were sent first."""
        announced = {item.sku: item.shipped for item in self.inbound.item_ids}
        carried = {kit: count_units(self._get_sent_parts(kit), pieces)
                   for kit, pieces in self.goods.get_carried(self.inbound).items() if self._get_sent_parts(kit)}
        named = [*announced, *(sku for sku in self.received if sku not in announced)]
        items = []
        for sku in named:
            if listing := self.goods.find_listing(sku):
                items.append(self._make_item(listing, announced.get(sku), carried))
        for kit in carried:
            if carried[kit] > 0 and kit not in [item.product for item in items]:
                items += [self._make_item(listing, None, carried)
                          for listing in self.goods.find_listings(kit)[:1]]
        return sorted(items, key=lambda item: item.sent is None)

    def _make_item(self, listing, announced, carried):
        """Return a SKU; of a kit that Amazon does not list as much was sent as transfers carry of it under no other."""
        product = listing.product_id
        parts = self._get_sent_parts(product)
        sent = announced * (listing.pack_quantity or 1) if announced is not None else carried.get(product)
        if product in carried and sent:
            carried[product] -= sent
        return Item(listing, parts or {product: 1}, self.received[listing.sku], sent)

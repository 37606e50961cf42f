"""What the rows of Amazon's inventory ledger mean for stock: products, and the two locations of each movement."""

import collections
import json
from typing import NamedTuple

from odoo.tools import SQL

from .kits import find_parts, read_sent_parts

SELLABLE = 'SELLABLE'
# Amazon's codes of countries that are other ones than ISO's.
COUNTRIES = {'UK': 'GB'}


class Group(NamedTuple):
    """Rows of one day that are the same movement: `quantity` is signed, in units as Amazon sells them; `product_id` and
    what follows is how they were booked before, nothing of rows that were not.
    """

    sku: str
    fnsku: str
    event_type: str
    code: str
    is_in: bool
    disposition: str
    country: str
    reference: str
    quantity: int
    row_count: int
    product_id: int = 0
    pack_quantity: int = 0
    parts: str = ''
    route: str = ''


class Mapping(NamedTuple):
    """How rows are booked: the product (id) with its pieces per unit as Amazon sells it, the components (id -> pieces
    per unit) of a kit or else the product itself, and the counterpart (`ROUTES` of `amazon.ledger.reason`).
    """

    product_id: int
    pack_quantity: int
    parts: dict
    is_kit: bool
    route: str

    def write_parts(self) -> str | None:
        """Return the components as they are stored on the rows, None where the product itself is moved."""
        return json.dumps({str(part): pieces for part, pieces in self.parts.items()}) if self.is_kit else None


def read_parts(product_id: int, pack_quantity: int, parts: str) -> dict:
    """Return what moves with one unit of a booked row, as it is stored on it: product (id) -> pieces."""
    return {int(part): pieces for part, pieces in json.loads(parts).items()} if parts else {product_id: pack_quantity}


class Route(NamedTuple):
    """A product and the locations that it moves between; `reference` is the inbound shipment, '' for none."""

    product: object
    source: object
    target: object
    reference: str


class LedgerPlan:
    """The movements of a seller's ledger; the object is used for one batch of days."""

    def __init__(self, seller):
        self.seller = seller
        self.env = seller.env
        self.company = seller.company_id
        self._reasons = self.env['amazon.ledger.reason'].sudo()._get_book(self.company)
        self._countries = {country.code: country for country in self.env['res.country'].search([])}
        self._places, self._products, self._parts, self._sent = {}, {}, {}, {}

    # === SINGLE FACTS === #

    def find_reason(self, event_type: str, code: str):
        """Return the reason of a row, empty if there is none."""
        event = event_type.lower()
        return (self._reasons.get((event, code)) or self._reasons.get((event, ''))
                or self.env['amazon.ledger.reason'])

    def find_country(self, code: str):
        """Return the country of a row, empty if its code is unknown."""
        return self._countries.get(COUNTRIES.get(code, code)) or self.env['res.country']

    def get_location(self, kind: str, country=None):
        """Return a location of the seller, see `stock.location`."""
        key = kind, country
        if key not in self._places:
            self._places[key] = (self._get_customers() if kind == 'customer'
                                 else self.env['stock.location']._amazon_get(self.seller, kind, country))
        return self._places[key]

    def _get_customers(self):
        partner = self.env['res.partner'].with_company(self.company).new()
        return partner.property_stock_customer or self.env.ref('stock.stock_location_customers')

    def learn_products(self, skus, fnskus):
        """Find the products of SKUs, and of FNSKUs where a row has no known SKU.

        A region-wide report names no marketplace: where the listings of a SKU have several products or packs, the SKU
        is ambiguous.
        """
        self.env['amazon.listing'].flush_model(['sku', 'fnsku', 'product_id', 'pack_quantity', 'marketplace_id'])
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT listing.sku, listing.fnsku, listing.product_id, listing.pack_quantity
                 FROM amazon_listing listing JOIN amazon_seller_marketplace market ON market.id = listing.marketplace_id
                 JOIN product_product product ON product.id = listing.product_id
                WHERE market.seller_id = %s AND market.company_id = %s
                  AND (listing.sku = ANY(%s) OR listing.fnsku = ANY(%s))""",
            self.seller.id, self.company.id, list(skus), list(fnskus)))
        found = collections.defaultdict(set)
        for sku, fnsku, product, pack in rows:
            found['sku', sku].add((product, pack))
            found['fnsku', fnsku].add((product, pack))
        self._products.update(found)
        self._learn_parts({product for _sku, _fnsku, product, _pack in rows})

    def _learn_parts(self, ids):
        """Find the components of those products (ids) that are kits, asked once for all."""
        unknown = ids - self._parts.keys()
        kits = find_parts(self.env['product.product'].browse(unknown), self.company)
        self._parts.update(dict.fromkeys(unknown))
        self._parts.update({kit.id: {part.id: pieces for part, pieces in parts.items()}
                            for kit, parts in kits.items()})

    def find_products(self, sku: str, fnsku: str) -> set:
        """Return the pairs of product id and pieces per unit of a row; one where it is clear, else none or several."""
        return self._products.get(('sku', sku)) or (fnsku and self._products.get(('fnsku', fnsku))) or set()

    def find_parts(self, product_id: int, pack_quantity=1) -> dict:
        """Return what moves with one unit of a product as Amazon sells it: product (id) -> pieces; the components of a
        kit, none where it has none.
        """
        self._learn_parts({product_id})
        parts = self._parts[product_id]
        if parts is None:
            return {product_id: pack_quantity}
        return {part: pieces * pack_quantity for part, pieces in parts.items()}

    def learn_shipments(self, references):
        """Find what the units of shipments to Amazon were made of when they were sent, by their numbers."""
        unknown = set(filter(None, references)) - self._sent.keys()
        self._sent.update(dict.fromkeys(unknown, {}))
        for inbound in self.env['amazon.inbound'].search([
                ('seller_id', '=', self.seller.id), ('shipment_ref', 'in', list(unknown))]):
            self._sent[inbound.shipment_ref] = read_sent_parts(inbound)

    def find_received(self, product_id: int, pack_quantity: int, reference: str) -> dict:
        """Return what moves with one unit of a product that Amazon receives of a shipment: what it was made of when it
        was sent; where nobody knows that, what it is made of now. What was sent as itself and is a kit now is its
        components, too: Odoo stocks no kits.
        """
        parts = self._sent.get(reference, {}).get(product_id)
        if parts is None or parts.keys() == {product_id}:
            return self.find_parts(product_id, pack_quantity)
        return {part: pieces * pack_quantity for part, pieces in parts.items()}

    # === MOVEMENTS === #

    def find_obstacle(self, group: Group) -> str:
        """Return why rows cannot be booked, as `obstacle` of `amazon.ledger.line` has it, '' if they can be."""
        if group.product_id:
            return ''
        reason = self.find_reason(group.event_type, group.code)
        if not reason:
            return 'reason'
        if reason.route == 'none':
            return ''
        found = self.find_products(group.sku, group.fnsku)
        if len(found) != 1:
            return 'ambiguous' if found else 'unmapped'
        if not self._find_group_parts(group, reason, *next(iter(found))):
            return 'kit'
        return '' if self.find_country(group.country) else 'country'

    def find_mapping(self, group: Group) -> Mapping | None:
        """Return how rows without obstacles are booked, None of those that are not: as they were before, whatever
        became of product, pack, components and reason since; else by what they are today, receipts of shipments by what
        was sent.
        """
        if group.product_id:
            parts = read_parts(group.product_id, group.pack_quantity, group.parts)
            return Mapping(group.product_id, group.pack_quantity, parts, bool(group.parts), group.route)
        reason = self.find_reason(group.event_type, group.code)
        if reason.route == 'none':
            return None
        (product, pack), = self.find_products(group.sku, group.fnsku)
        parts = self._find_group_parts(group, reason, product, pack)
        return Mapping(product, pack, parts, parts.keys() != {product}, reason.route)

    def _find_group_parts(self, group, reason, product_id, pack_quantity):
        reference = group.reference if reason.route == 'inbound' else ''
        return self.find_received(product_id, pack_quantity, reference)

    def plan(self, groups):
        """Return the pieces that are to move on each route, in the unit of the product.

        :param groups: `Group` objects without obstacles
        :rtype: collections.Counter
        """
        wanted = collections.Counter()
        for group in groups:
            mapping = self.find_mapping(group)
            if not mapping or not group.quantity:
                continue
            place = self.get_location('sellable' if group.disposition == SELLABLE else 'unsellable',
                                      self.find_country(group.country))
            ends = self.get_location(mapping.route), place
            source, target = ends if group.quantity > 0 else reversed(ends)
            reference = group.reference if mapping.route == 'inbound' else ''
            for part, pieces in mapping.parts.items():
                product = self.env['product.product'].browse(part)
                wanted[Route(product, source, target, reference)] += abs(group.quantity) * pieces
        return wanted

"""What the rows of Amazon's inventory ledger mean for stock: products, and the two locations of each movement."""

import collections
from typing import NamedTuple

from odoo.tools import SQL

SELLABLE = 'SELLABLE'
# Amazon's codes of countries that are other ones than ISO's.
COUNTRIES = {'UK': 'GB'}


class Group(NamedTuple):
    """Rows of one day that are the same movement: `quantity` is signed, in units as Amazon sells them."""

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
        self._places, self._products = {}, {}

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

    def find_products(self, sku: str, fnsku: str) -> set:
        """Return the pairs of product id and pieces per unit of a row; one where it is clear, else none or several."""
        return self._products.get(('sku', sku)) or (fnsku and self._products.get(('fnsku', fnsku))) or set()

    # === MOVEMENTS === #

    def find_obstacle(self, group: Group) -> str:
        """Return why rows cannot be booked, as `obstacle` of `amazon.ledger.line` has it, '' if they can be."""
        reason = self.find_reason(group.event_type, group.code)
        if not reason:
            return 'reason'
        if reason.route == 'none':
            return ''
        found = self.find_products(group.sku, group.fnsku)
        if len(found) != 1:
            return 'ambiguous' if found else 'unmapped'
        return '' if self.find_country(group.country) else 'country'

    def plan(self, groups):
        """Return the pieces that are to move on each route, in the unit of the product.

        :param groups: `Group` objects without obstacles
        :rtype: collections.Counter
        """
        wanted = collections.Counter()
        for group in groups:
            reason = self.find_reason(group.event_type, group.code)
            if reason.route == 'none' or not group.quantity:
                continue
            (product, pack), = self.find_products(group.sku, group.fnsku)
            place = self.get_location('sellable' if group.disposition == SELLABLE else 'unsellable',
                                      self.find_country(group.country))
            ends = self.get_location(reason.route), place
            source, target = ends if group.quantity > 0 else reversed(ends)
            reference = group.reference if reason.route == 'inbound' else ''
            wanted[Route(self.env['product.product'].browse(product), source, target, reference)] += abs(
                group.quantity) * pack
        return wanted

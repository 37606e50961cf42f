"""Quantities to push for the merchant-fulfilled listings of a marketplace, computed for all of them at once."""

from odoo import fields

from .change import DOWN, OF_THE_RECORD, TO_ZERO, UP, Change, Notes, describe_problem
from .phrases import tell
from .received import get_counted_date, read_received

LISTING_FIELDS = [
    'sku', 'product_id', 'pack_quantity', 'channel', 'stock_paused', 'own_stock_rule', 'stock_reserve', 'stock_share',
    'stock_cap', 'lead_time_days', 'restock_date', 'stock_pushed', 'stock_state', 'stock_error', 'quantity_pushed',
    'quantity_target', 'amazon_quantity', 'pack_check', 'pack_proposed', 'stock_approved', 'stock_pushed_date',
    'stock_counted_date',
]
BASIS_FIELDS = {'free': 'free_qty', 'forecast': 'virtual_available'}
# Fewer listings than this may go to zero without a person's agreement.
GUARD_LEAST = 10
# A quantity may always rise by fewer units than this.
JUMP_LEAST = 10


class StockPlan:
    """Quantities for one marketplace.

    The number of queries does not depend on the number of listings, as long as no product is a kit.

    :param marketplace: `amazon.seller.marketplace`
    :param listings: those to plan for; by default all that may get a quantity (never those that Amazon fulfils)
    """

    def __init__(self, marketplace, listings=None):
        self.env = marketplace.env
        self.marketplace = marketplace
        domain = [('marketplace_id', '=', marketplace.id), ('channel', '=', 'fbm'), ('product_id', '!=', False),
                  ('status', '!=', 'removed')]
        if listings is not None:
            domain.append(('id', 'in', listings.ids))
        self.listings = self.env['amazon.listing'].search_fetch(domain, LISTING_FIELDS)
        self.notes, self._uncounted = Notes(), {}
        # What is done in Odoo from now on is not counted yet.
        self.moment = self.env.cr.now().replace(microsecond=0)
        self._stock = self._read_stock()

    def _read_stock(self) -> dict:
        """Return product id -> pieces that can be sold here, None for products whose stock Odoo does not track."""
        market, products = self.marketplace, self.env['product.product'].with_context(active_test=False)
        ids = {listing.product_id.id for listing in self.listings} if not self.find_obstacle() else set()
        # One query each, whatever the number: the computation below reads from the cache.
        found = products.search_fetch([('id', 'in', list(ids))], ['product_tmpl_id', 'active'])
        self.env['product.template'].with_context(active_test=False).search_fetch(
            [('id', 'in', found.product_tmpl_id.ids)], ['uom_id', 'type', 'is_storable', 'company_id'])
        places = self._get_places()
        counted = found.filtered(lambda product: product.is_storable or self._is_kit(product))
        quantities = self._count(counted.with_context(location=places.ids))
        basis = BASIS_FIELDS[market.stock_basis]
        return {product.id: quantities[product.id][basis] if product.id in quantities else None for product in found}

    def _get_places(self):
        return self.marketplace.stock_location_ids or self.marketplace.warehouse_id.view_location_id

    def _count(self, products) -> dict:
        """Return Odoo's quantities by product id; a product that cannot be counted (a kit with an invalid bill of
        materials) stops no other.
        """
        try:
            return products._compute_quantities_dict(None, None, None) if products else {}
        except OF_THE_RECORD as error:
            if len(products) == 1:
                self._uncounted[products.id] = describe_problem(self.env, error)
                return {}
            half = len(products) // 2
            return {**self._count(products[:half]), **self._count(products[half:])}

    def find_obstacle(self) -> str | None:
        """Return why no quantity can be sent, or None: without a location, Odoo would count all warehouses."""
        if self.marketplace.warehouse_id or self.marketplace.stock_location_ids:
            return None
        return tell(self.env)._("Choose the warehouse or the locations that %s sells from.", self.marketplace.name)

    def _is_kit(self, product) -> bool:
        return 'is_kits' in product._fields and product.is_kits

    def quantity(self, listing) -> int | None:
        """Return the quantity to push for a listing, in units, or None where the quantity at Amazon is left as it is.

        While the pieces of a unit are asked for, it is that of the larger pack.
        """
        asked = listing.pack_proposed if listing.pack_check == 'ask' else 0
        return self._get_quantity(listing, max(listing.pack_quantity, asked))

    def _get_quantity(self, listing, pack):
        """Return the quantity of a listing if one unit is so many pieces."""
        market, product = self.marketplace, listing.product_id
        if listing.stock_paused:
            return 0 if market.paused_policy == 'zero' else None
        if not product.active:
            return 0 if market.inactive_policy == 'zero' else None
        rule = listing if listing.own_stock_rule else market
        if product.id in self._uncounted:
            return None
        pieces = self._stock[product.id]
        if pieces is None:
            return rule.stock_cap or None
        units = self._to_units(rule, int(pieces) - rule.stock_reserve, pack)
        return max(min(units, rule.stock_cap or units), 0)

    def _to_units(self, rule, pieces, pack):
        # Integers until the last step: a share of 35 % of 20 is 7 and not 6.
        return int(pieces * rule.stock_share // (100 * pack))

    def value(self, listing, quantity: int) -> dict:
        """Return the instance of Amazon's attribute `fulfillment_availability`, without the channel."""
        value = {'quantity': quantity}
        days = listing.lead_time_days or self.marketplace.lead_time_days
        if days:
            value['lead_time_to_ship_max_days'] = days
        if listing.restock_date and listing.restock_date >= fields.Date.context_today(listing):
            value['restock_date'] = listing.restock_date.isoformat()
        return value

    def changes(self) -> list[Change]:
        """Return the values that differ from those pushed last, the urgent ones first (to zero, down, up); fill
        `notes`.
        """
        changes, held = [], self.find_held()
        for listing in self.listings:
            quantity = self.quantity(listing)
            self._set_uncounted(listing)
            if quantity is None:
                continue
            self.notes.add(listing, quantity_target=quantity)
            value = self.value(listing, quantity)
            self._set_held(listing, held, value)
            if value != listing.stock_pushed and listing not in held:
                self.notes.add(listing, stock_counted_date=self.moment)
                changes.append(Change(listing, value, self._get_urgency(quantity, self.get_known(listing))))
        return sorted(changes, key=lambda change: change.urgency)

    def _set_held(self, listing, held, value):
        if listing in held:
            self.notes.add(listing, stock_state='held')
        elif listing.stock_state == 'held':
            # Its cause is removed; Amazon may have accepted this quantity already, or refused it.
            known = 'failed' if listing._is_stock_refused() else 'accepted'
            self.notes.add(listing, stock_state=known if value == listing.stock_pushed else False)

    def _set_uncounted(self, listing):
        problem = self._uncounted.get(listing.product_id.id)
        if problem and not listing._is_stock_refused():
            self.notes.add(listing, stock_state='blocked', stock_error=problem)
        elif listing.stock_state == 'blocked':
            self.notes.add(listing, stock_state=False, stock_error=False)

    def get_known(self, listing) -> int:
        """Return the quantity at Amazon as far as Odoo knows."""
        return listing._get_quantity_known()

    # === HELD BACK === #

    def find_held(self) -> dict:
        """Return the listings whose quantity is not pushed before a person agrees: 'pieces' or 'jump'.

        What is surely less than Amazon has is always pushed, so that nothing is sold that is not there.
        """
        quantities = {listing: quantity for listing in self.listings
                      if (quantity := self.quantity(listing)) is not None}
        held = {listing: 'pieces' for listing, quantity in quantities.items()
                if listing.pack_check == 'ask' and not self._is_sure(listing, quantity)}
        jumps = {listing: quantity for listing, quantity in quantities.items()
                 if listing not in held and self._is_jump(listing, quantity)}
        received = read_received(self._get_places(), jumps, self.marketplace.company_id)
        held.update({listing: 'jump' for listing, quantity in jumps.items()
                     if self._is_jump(listing, quantity - self._get_received_units(listing, received))})
        return held

    def _is_sure(self, listing, quantity):
        """Return whether a quantity is no rise, whatever the pieces are that are asked for: nothing is there, it is not
        above what was pushed last, or even single pieces are fewer than Amazon has.
        """
        most = self._get_quantity(listing, 1)
        return (not most or most < self.get_known(listing) or quantity <= listing.stock_approved > 0
                or listing._has_quantity_pushed() and quantity <= listing.quantity_pushed)

    def _is_jump(self, listing, quantity):
        """Return whether a quantity is far above that at Amazon, and above what somebody agreed to."""
        known, limit = self.get_known(listing), self.marketplace.stock_jump_limit
        # Orders come and go between an agreement and the next run: they are no other question.
        base = max(known, listing.stock_approved)
        rise = quantity - base
        return bool(limit and known > 0 and rise >= JUMP_LEAST and rise * 100 > base * limit)

    def _get_received_units(self, listing, received):
        """Return how many units of a listing came into the warehouse since its last quantity was counted."""
        since = get_counted_date(listing)
        rule = listing if listing.own_stock_rule else self.marketplace
        pieces = sum(pieces for date, pieces in received.get(listing.product_id, ()) if since and date >= since)
        return self._to_units(rule, pieces, listing.pack_quantity)

    def _get_urgency(self, quantity, known):
        return TO_ZERO if not quantity else DOWN if quantity < known else UP

    def find_danger(self, changes) -> tuple[int, int] | None:
        """Return how many of how many listings in stock would go to zero, if a person must agree to that."""
        market = self.marketplace
        in_stock = sum(self.get_known(listing) > 0 for listing in self.listings)
        emptied = sum(change.urgency == TO_ZERO and self.get_known(change.record) > 0 for change in changes)
        if not market.guard_share or emptied < GUARD_LEAST or emptied * 100 <= in_stock * market.guard_share:
            return None
        return emptied, in_stock

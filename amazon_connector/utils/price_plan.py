"""Offers to push for the listings of a marketplace: price, sale price, business price and quantity discounts."""

import datetime

from odoo import fields
from odoo.tools import split_every

from .amounts import to_decimal
from .change import OF_THE_RECORD, OTHER, Change, Notes, describe_problem
from .phrases import tell

LISTING_FIELDS = [
    'sku', 'product_id', 'pack_quantity', 'price_paused', 'price_min', 'price_max', 'price_pushed',
    'price_pushed_value', 'price_target', 'price_state',
    'price_error', 'price_approved', 'amazon_price', 'offer_pushed', 'pack_check',
]
# Odoo reads all rules for each product; in small portions it reads only the rules of these products.
PORTION = 200
MOST_LEVELS = 5


class NoPrice(Exception):
    """Raised where a listing has no price that may be sent, with the reason for the user."""


class PricePlan:
    """Offers for one marketplace, in its currency.

    :param marketplace: `amazon.seller.marketplace`
    """

    def __init__(self, marketplace):
        self.env = marketplace.env
        self.marketplace = marketplace
        self.currency = marketplace.currency_id
        self.now = fields.Datetime.now()
        self.listings = self.env['amazon.listing'].search_fetch([
            ('marketplace_id', '=', marketplace.id), ('product_id', '!=', False), ('status', '!=', 'removed'),
            ('price_paused', '=', False)], LISTING_FIELDS)
        self.notes, self._factors = Notes(), {}

    def find_obstacle(self) -> str | None:
        """Return why no price can be sent, or None: amounts are never converted without the user's knowledge."""
        for pricelist in self._pricelists():
            if pricelist.currency_id != self.currency:
                return tell(self.env)._(
                    "The pricelist %(pricelist)s is in %(currency)s, but %(marketplace)s sells in %(wanted)s. Choose a "
                    "pricelist in that currency.",
                    pricelist=pricelist.name, currency=pricelist.currency_id.name, marketplace=self.marketplace.name,
                    wanted=self.currency.name)
        return None if self.marketplace.pricelist_id else tell(self.env)._("Choose a pricelist on the marketplace.")

    def _pricelists(self):
        market = self.marketplace
        return market.pricelist_id | market.sale_pricelist_id | market.business_pricelist_id

    def changes(self) -> list[Change]:
        """Return the offers that differ from those pushed last; `notes` say why others may not be sent."""
        changes = []
        for listings in split_every(PORTION, self.listings.ids, self.env['amazon.listing'].browse):
            changes += self._get_changes(listings)
        return changes

    def _get_changes(self, listings):
        """Return the changes of a portion; a product whose prices cannot be computed stops no other."""
        try:
            self._load(listings)
        except OF_THE_RECORD as error:
            if len(listings) == 1:
                self._set_state(listings, 'blocked', describe_problem(self.env, error))
                return []
            half = len(listings) // 2
            return self._get_changes(listings[:half]) + self._get_changes(listings[half:])
        return [change for listing in listings if (change := self._get_checked_change(listing))]

    def _get_checked_change(self, listing):
        try:
            return self._get_change(listing)
        except OF_THE_RECORD as error:
            self._set_state(listing, 'blocked', describe_problem(self.env, error))
            return None

    def _load(self, listings):
        """Read the prices of each pricelist for all products of a portion at once."""
        market, products = self.marketplace, listings.product_id
        self._prices = self._ask(market.pricelist_id, products, 1)
        self._sales = self._ask(market.sale_pricelist_id, products, 1)
        self._levels = {}
        for quantity in self._level_quantities(products):
            self._levels[quantity] = self._ask(market.business_pricelist_id, products, quantity)

    def _ask(self, pricelist, products, quantity) -> dict:
        """Return product id -> (price of one piece, id of the rule or False)."""
        return (pricelist._compute_price_rule(products, quantity, currency=self.currency, date=self.now) if pricelist
                else {})

    def _level_quantities(self, products):
        pricelist = self.marketplace.business_pricelist_id
        if not pricelist:
            return []
        rules = pricelist._get_applicable_rules(products, self.now)
        return sorted({1, *(int(rule.min_quantity) for rule in rules if rule.min_quantity > 1)})

    def _get_change(self, listing):
        try:
            value = self.value(listing)
        except NoPrice as problem:
            self._set_state(listing, 'blocked', str(problem))
            return None
        price = value['ALL']['our_price']
        self.notes.add(listing, price_target=price)
        if value == listing.price_pushed:
            if listing.price_state in ('held', 'blocked'):
                # The cause is removed, and Amazon has this price already.
                self._set_state(listing, 'accepted', False)
            return None
        if listing.pack_check == 'ask':
            self._set_state(listing, 'held', False)
            return None
        if self._is_too_large(listing, price):
            self._set_state(listing, 'held', tell(self.env)._(
                "The price would change from %(old)s to %(new)s, more than %(limit)s %%.", old=self._get_known(listing),
                new=price, limit=self.marketplace.price_change_limit))
            return None
        return Change(listing, value, OTHER)

    def _set_state(self, listing, state, text):
        self.notes.add(listing, price_state=state, price_error=text)

    def _get_known(self, listing):
        """Return the price that was pushed last; what Amazon shows, where nothing was pushed, may be that of a sale."""
        pushed = (listing._get_offer_pushed() or {}).get('ALL')
        return pushed['our_price'] if pushed else listing.amazon_price

    def _is_too_large(self, listing, price):
        known, limit = self._get_known(listing), self.marketplace.price_change_limit
        return bool(known and limit and abs(price - known) * 100 > known * limit + 1e-6
                    and price != listing.price_approved)

    # === ONE OFFER === #

    def value(self, listing) -> dict:
        """Return the offer to push: `ALL` and, with a business pricelist, `B2B`, each with plain prices.

        :raises NoPrice: there is no price, or it is outside the limits of the listing
        """
        price = self._to_price(listing, *self._prices[listing.product_id.id])
        if listing.price_min and price < listing.price_min or listing.price_max and price > listing.price_max:
            raise NoPrice(tell(self.env)._("The price %(price)s is outside the limits %(least)s to %(most)s of this "
                                           "listing.",
                                           price=price, least=listing.price_min, most=listing.price_max or '∞'))
        offer = {'our_price': price}
        for key, limit in (('minimum_seller_allowed_price', listing.price_min),
                           ('maximum_seller_allowed_price', listing.price_max)):
            if limit:
                offer[key] = self._round(limit)
        sale = self._get_sale(listing, price)
        if sale:
            offer['discounted_price'] = sale
        business = self._get_business(listing)
        return {'ALL': offer, **({'B2B': business} if business else {})}

    def _to_price(self, listing, piece_price, rule_id):
        """Return the price of one unit at Amazon in the marketplace's currency, rounded, with tax where the
        marketplace's prices include it.
        """
        product = listing.product_id
        if not rule_id and product.currency_id != self.currency:
            raise NoPrice(tell(self.env)._(
                "The pricelist %(pricelist)s has no rule for this product, whose sales price is in %(currency)s. "
                "Add a rule.", pricelist=self.marketplace.pricelist_id.name, currency=product.currency_id.name))
        price = self._round(self._to_buyers_price(product, piece_price * listing.pack_quantity))
        if price <= 0:
            raise NoPrice(tell(self.env)._("The price is zero. Set a sales price or a rule of the pricelist."))
        return price

    def _to_buyers_price(self, product, price):
        """Return a price in Odoo as buyers see it: with or without the taxes of the place where the goods go."""
        taxes = product.taxes_id._filter_taxes_by_company(self.marketplace.company_id)
        if any(tax.amount_type != 'percent' for tax in taxes):
            return self._apply_taxes(taxes, price)
        if taxes not in self._factors:
            self._factors[taxes] = self._apply_taxes(taxes, 1_000_000) / 1_000_000
        return price * self._factors[taxes]

    def _apply_taxes(self, taxes, price):
        totals = self._get_fiscal_position().map_tax(taxes).compute_all(price, currency=self.currency)
        return totals['total_included'] if self.marketplace.price_includes_tax else totals['total_excluded']

    def _get_fiscal_position(self):
        market = self.marketplace
        where = self.env['res.partner'].new({'country_id': market.country_id.id, 'company_id': market.company_id.id})
        return market.fiscal_position_id or self.env['account.fiscal.position'].with_company(
            market.company_id)._get_fiscal_position(where)

    def _round(self, amount):
        return float(to_decimal(amount, self.currency))

    def _get_sale(self, listing, price):
        """Return the sale price that is valid now, if its rule has a start and an end and it is lower."""
        piece_price, rule_id = self._sales.get(listing.product_id.id, (0, False))
        rule = self.env['product.pricelist.item'].browse(rule_id or [])
        if not (rule.date_start and rule.date_end):
            return None
        value = self._to_price(listing, piece_price, rule_id)
        return ({'value_with_tax': value, 'start_at': _to_text(rule.date_start), 'end_at': _to_text(rule.date_end)}
                if value < price else None)

    def _get_business(self, listing):
        """Return the business price and its quantity discounts, each lower than the one before."""
        prices = {quantity: self._to_price(listing, *found[listing.product_id.id])
                  for quantity, found in self._levels.items()
                  if found[listing.product_id.id][1]}
        if 1 not in prices:
            return None
        levels, last = [], prices[1]
        for quantity in sorted(prices.keys() - {1}):
            if prices[quantity] < last:
                last = prices[quantity]
                levels.append({'lower_bound': quantity, 'value': last})
        return {'our_price': prices[1], **({'levels': levels[:MOST_LEVELS]} if levels else {})}


def _to_text(moment: datetime.datetime) -> str:
    return f'{moment.isoformat()}Z'

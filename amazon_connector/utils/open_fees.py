"""Items of orders that no settlement has charged in full yet, and what Amazon will still charge for them."""

from typing import NamedTuple

from odoo.tools import SQL

from .fee_facts import IS_OF_SALE, get_cost_share


class Item(NamedTuple):
    """An item of an order: its units, how many of them no settlement has sold yet, and the price of those with tax.

    `is_started` is whether a settlement has sold some of it.
    """

    ref: str
    sku: str
    ordered: float
    units: float
    price: float
    is_started: bool


class Charge(NamedTuple):
    """What settlements charged for an order already (negative): for an item, for a SKU, or (labels) for the whole."""

    ref: str
    sku: str
    is_withheld: bool
    amount: float
    currency_id: int


def read_items(env, order_ids) -> dict:
    """Return the `Item`s of orders as lists by order (id), settled ones included; none of an order whose settlements do
    not say which item they are about: then all are settled.
    """
    env['sale.order.line'].flush_model()
    env['amazon.settlement.line'].flush_model()
    result = {}
    for order_id, ref, sku, ordered, price, is_started, settled in env.execute_query(_select_items(order_ids)):
        ordered = float(ordered)
        units = max(ordered - float((settled or ordered) if is_started else 0), 0.0)
        result.setdefault(order_id, []).append(
            Item(ref, sku or '', ordered, units, float(price or 0) * units / ordered, is_started))
    return result


def _select_items(order_ids):
    return SQL(
        """WITH item AS (
               SELECT order_id, amazon_item_ref AS ref, MAX(amazon_sku) AS sku, SUM(price_total) AS price,
                      SUM(product_uom_qty) FILTER (WHERE amazon_charge = 'item') AS ordered
                 FROM sale_order_line
                WHERE order_id = ANY(%(orders)s) AND amazon_item_ref IS NOT NULL AND display_type IS NULL
             GROUP BY 1, 2),
           settled AS (
               SELECT sale_order_id AS order_id, item_ref AS ref,
                      SUM(quantity) FILTER (WHERE amount_description = 'Principal') AS units
                 FROM amazon_settlement_line
                WHERE sale_order_id = ANY(%(orders)s) AND treatment = 'revenue'
             GROUP BY 1, 2),
           unclear AS (
               SELECT settled.order_id FROM settled
                WHERE NOT EXISTS (SELECT 1 FROM item
                                   WHERE item.order_id = settled.order_id AND item.ref = settled.ref))
           SELECT item.order_id, item.ref, item.sku, item.ordered, item.price, settled.order_id IS NOT NULL,
                  NULLIF(settled.units, 0)
             FROM item LEFT JOIN settled ON settled.order_id = item.order_id AND settled.ref = item.ref
            WHERE item.ordered > 0 AND item.order_id NOT IN (SELECT order_id FROM unclear)
         ORDER BY item.order_id, item.ref""", orders=list(order_ids))


def read_charges(env, order_ids) -> dict:
    """Return the `Charge`s of the sales of orders as lists by order (id): costs, and the tax that Amazon remitted."""
    env['amazon.settlement.line'].flush_model()
    result, shares = {}, {}
    for order_id, ref, sku, is_withheld, currency_id, amount, *kind in env.execute_query(SQL(
            """SELECT line.sale_order_id, COALESCE(line.item_ref, ''), COALESCE(line.sku, ''),
                      line.treatment = 'withheld', settlement.currency_id, SUM(line.amount), line.rule_id,
                      line.marketplace_id, settlement.company_id
                 FROM amazon_settlement_line line
                 JOIN amazon_settlement settlement ON settlement.id = line.settlement_id
                WHERE line.sale_order_id = ANY(%s) AND line.treatment IN ('fee', 'other', 'withheld') AND %s
             GROUP BY 1, 2, 3, 4, 5, 7, 8, 9""", list(order_ids), IS_OF_SALE)):
        kind = tuple(kind)
        if kind not in shares:
            shares[kind] = get_cost_share(env, *kind)
        result.setdefault(order_id, []).append(
            Charge(ref, sku, is_withheld, float(amount) * shares[kind], currency_id))
    return result


class OpenFees:
    """What Amazon will charge for the rest of an order, without what it has charged for that already."""

    def __init__(self, items, charges, fees, convert):
        """Take the facts of one order.

        :param items: `Item`s
        :param charges: `Charge`s
        :param dict fees: SKU -> `Fees`, of the SKUs that were sold lately
        :param callable convert: amount, currency (id) -> amount in the order's currency
        """
        self._items, self._fees, self._convert = items, fees, convert
        self._withheld = [charge for charge in charges if charge.is_withheld]
        self._charges = [charge for charge in charges if not charge.is_withheld]
        self._open = [item for item in items if item.units > 0 and not self._is_free_and_charged(item)]

    def has_items(self) -> bool:
        """Return whether settlements tell of items at all."""
        return bool(self._items)

    def is_settled(self) -> bool:
        """Return whether nothing is to be charged any more."""
        return not self._open

    def is_known(self) -> bool:
        """Return whether there are facts for all that is open."""
        return all(self._fees.get(item.sku) for item in self._open)

    def estimate(self) -> float:
        """Return the fees to come (negative)."""
        skus = {item.sku for item in self._open}
        return sum(self._estimate_sku(sku) for sku in sorted(skus)) + self._estimate_whole()

    def sum_withheld(self) -> float:
        """Return the tax that Amazon has remitted already (negative)."""
        return self._sum(self._withheld)

    def _is_free_and_charged(self, item):
        # Goods without a price (replacements) are never sold by a settlement: their fees are all that comes.
        return not item.price and not item.is_started and any(
            charge.ref == item.ref if charge.ref else charge.sku in ('', item.sku) for charge in self._charges)

    def _estimate_sku(self, sku):
        items, fees = [item for item in self._open if item.sku == sku], self._fees[sku]
        expected = self._convert(sum(fees.estimate(item.units, item.price) for item in items), fees.currency_id)
        refs = {item.ref for item in items if not item.is_started}
        is_started = any(item.is_started for item in self._items if item.sku == sku)
        return get_rest(expected, self._sum(
            charge for charge in self._charges
            if charge.ref in refs or not charge.ref and charge.sku == sku and not is_started))

    def _estimate_whole(self):
        """Return the fees to come that are about the order as a whole, as labels are."""
        expected = self._expect_whole((item.sku, item.units) for item in self._open)
        of_all = self._expect_whole((item.sku, item.ordered) for item in self._items)
        charged = self._sum(charge for charge in self._charges if not charge.ref and not charge.sku)
        return max(expected, get_rest(of_all, charged)) if expected < 0 else get_rest(expected, charged)

    def _expect_whole(self, pairs):
        known = [(self._fees[sku], units) for sku, units in pairs if sku in self._fees]
        return sum(self._convert(fees.whole * units, fees.currency_id) for fees, units in known)

    def _sum(self, charges):
        return sum(self._convert(charge.amount, charge.currency_id) for charge in charges)


def get_rest(expected: float, charged: float) -> float:
    """Return what is still to come of expected fees when some are charged; nothing if more was charged."""
    rest = expected - charged
    return rest if not charged or rest * expected > 0 else 0.0

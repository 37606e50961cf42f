"""The proceeds of an order of the Orders API 2026-01-01, as exact charges.

Amazon does not say whether its amounts contain tax, nor which sign a discount has, so arithmetic decides item by item:
the breakdowns add up to the item's total either with the TAX entry (tax is on top) or without it (tax is inside).
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from .shapes import read_amount

ITEM, SHIPPING, GIFT_WRAP, DISCOUNT, TIP, OTHER = 'ITEM', 'SHIPPING', 'GIFT_WRAP', 'DISCOUNT', 'DELIVERY_TIP', 'OTHER'
TAX = 'TAX'
MARKETPLACE_FACILITATOR = 'MARKETPLACE_FACILITATOR'


class ProceedsError(ValueError):
    """Raised where the amounts of an order contradict each other; the text names them."""


class PricesMissing(ProceedsError):
    """Raised where Amazon has not stated the prices of items; `items` are their SKUs or ASINs."""

    def __init__(self, items: list[str]):
        super().__init__(f"no prices of {', '.join(items)}")
        self.items = items


class Charge(NamedTuple):
    """One amount of an order, in the order's currency.

    `kind` is a breakdown type of Amazon's; for a discount `of` is the type that it reduces, else it equals `kind`.
    `gross` contains the tax, whichever way Amazon stated it, and is negative for discounts. `tax` is the tax inside
    `gross`, or None where Amazon does not state it. `remitted` says that Amazon withholds and remits that tax.
    `item_ref` is Amazon's order item id, empty for what belongs to the order as a whole. `pieces` are those that Amazon
    taxed one by one.
    """

    kind: str
    of: str
    item_ref: str
    gross: Decimal
    tax: Decimal | None = None
    remitted: bool = False
    pieces: int = 1

    @property
    def rate(self) -> Decimal | None:
        """Return the tax rate (0.19 for 19 %) to the precision of the amounts, None where it is not known."""
        if self.tax is None or self.gross == self.tax:
            return None
        return self.tax / (self.gross - self.tax)


class Proceeds(NamedTuple):
    """`charges` add up to `total`, both in `currency` (ISO 4217); an order without prices yet has no currency."""

    currency: str | None
    total: Decimal
    charges: list[Charge]


def read_proceeds(order: dict, *, free: bool = False) -> Proceeds:
    """Return the charges of an `Order` from `orders.read_order`.

    :param bool free: items without a price are free of charge; else Amazon has not stated their prices
    :raises PricesMissing: items that were ordered have no price
    :raises ProceedsError: the amounts cannot be reconciled with the totals
    """
    charges, total, currencies, missing = [], Decimal(0), set(), []
    for item in order['orderItems']:
        proceeds = item.get('proceeds') or {}
        if item['quantityOrdered'] and not free and not _has_price(proceeds):
            missing.append(item['product'].get('sellerSku') or item['product'].get('asin') or '')
        elif proceeds.get('proceedsTotal'):
            currencies.add(proceeds['proceedsTotal']['currencyCode'])
            charges += _item_charges(item, proceeds)
            total += _amount(proceeds['proceedsTotal'])
    if missing:
        raise PricesMissing(missing)
    grand_total = (order.get('proceeds') or {}).get('grandTotal')
    if grand_total:
        currencies.add(grand_total['currencyCode'])
        charges += _order_charges(order, total)
        total = _amount(grand_total)
    if len(currencies) > 1:
        raise ProceedsError(f"amounts in several currencies: {', '.join(sorted(currencies))}")
    return Proceeds(currencies.pop() if currencies else None, total, charges)


def _has_price(proceeds):
    """Return whether Amazon states what the goods cost: as the only amount, or as one of several."""
    parts = proceeds.get('breakdowns') or []
    return bool(proceeds.get('proceedsTotal')) and (not parts or any(part['type'] == ITEM for part in parts))


def _order_charges(order, items_total):
    """Return charges beyond the items: tips, which Amazon may or may not have in the grand total, and charges of the
    order as a whole. The breakdowns of the order sum up those of its items, and these.
    """
    proceeds = order['proceeds']
    more = _amount(proceeds['grandTotal']) - items_total
    if not more:
        return []
    of_items = _sum_by_type(part for item in order['orderItems']
                            for part in (item.get('proceeds') or {}).get('breakdowns') or [])
    of_order = _sum_by_type(proceeds.get('breakdowns') or [])
    tips = of_order.pop(TIP, Decimal(0))
    beyond = {name: amount - of_items.get(name, 0) for name, amount in of_order.items()
              if name not in (ITEM, DISCOUNT, TAX)}
    beyond = {name: amount for name, amount in beyond.items() if amount > 0}
    for charges in ({TIP: tips}, beyond, {TIP: tips, **beyond}):
        if sum(charges.values()) == more:
            return [Charge(name, name, '', amount) for name, amount in charges.items() if amount]
    raise ProceedsError(f"the items come to {items_total}, tips to {tips}, but the order's total is "
                        f"{_amount(proceeds['grandTotal'])}")


def _item_charges(item, proceeds):
    total = _amount(proceeds['proceedsTotal'])
    parts = _sum_by_type(proceeds.get('breakdowns') or [{'type': ITEM, 'subtotal': proceeds['proceedsTotal']}])
    discount, tax = abs(parts.pop(DISCOUNT, Decimal(0))), parts.pop(TAX, None)
    parts = parts or {ITEM: Decimal(0)}
    net = sum(parts.values()) - discount
    if tax is not None and net + tax == total:
        on_top = True
    elif net == total:
        on_top = False
    else:
        raise ProceedsError(f"item {item['orderItemId'][:40]}: {_describe(parts, discount, tax)} do not add up "
                            f"to {total}")
    discounts = _discounts(proceeds, discount)
    taxes = _taxes(proceeds, tax, parts, discounts)
    remitted = any(collection.get('model') == MARKETPLACE_FACILITATOR
                   for collection in (item.get('tax') or {}).get('taxCollections') or [])
    charges = []
    for name in dict.fromkeys([*parts, *discounts]):
        charges += _component(item['orderItemId'], name, parts.get(name, Decimal(0)), discounts.get(name, Decimal(0)),
                              *taxes.get(name, (None, None)), on_top, remitted)
    return [charge._replace(pieces=max(item['quantityOrdered'], 1)) for charge in charges]


def _component(item_ref, name, amount, discount, tax, tax_of_discount, on_top, remitted):
    """Return the charge of one type and the discount on it, with the tax of both; where Amazon states it of both
    together, in proportion.

    :param tax: of the amount and the discount together, None if it is not stated
    :param tax_of_discount: the part of the discount (negative), None where it is not stated by itself
    """
    net = amount - discount
    if tax is not None and tax_of_discount is None:
        tax_of_amount = tax if not discount else _round_like(amount * tax / net, tax + amount) if net else Decimal(0)
        tax_of_discount = tax - tax_of_amount
    else:
        tax_of_amount = None if tax is None else tax - tax_of_discount
    charges = []
    if amount or name == ITEM:
        charges.append(Charge(name, name, item_ref, amount + (tax_of_amount or 0) * on_top, tax_of_amount, remitted))
    if discount:
        charges.append(Charge(DISCOUNT, name, item_ref, -discount + (tax_of_discount or 0) * on_top, tax_of_discount,
                              remitted))
    return charges


def _discounts(proceeds, discount):
    """Return discounts by the charge that they reduce; one without details reduces the item's price."""
    details = _details(proceeds, DISCOUNT)
    named = {name: abs(amount) for name, amount in details.items()}
    return named if sum(named.values()) == discount else {ITEM: discount} if discount else {}


def _taxes(proceeds, tax, parts, discounts):
    """Return tax by charge, as pairs: of amount and discount together, and of the discount, None where Amazon does not
    state that by itself.

    From the details of the tax where these add up, else in proportion to the amounts.
    """
    if tax is None:
        return {}
    details = _details(proceeds, TAX)
    on_discounts = details.pop(DISCOUNT, Decimal(0))
    for signed in (on_discounts, -on_discounts):
        if sum(details.values()) + signed == tax and set(details) <= set(parts):
            shares = _share(signed, discounts) if signed and set(discounts) <= set(parts) else {}
            rest = {ITEM: signed} if signed and not shares else {}
            return {name: (details.get(name, Decimal(0)) + shares.get(name, 0) + rest.get(name, 0), shares.get(name))
                    for name in parts}
    nets = {name: amount - discounts.get(name, 0) for name, amount in parts.items()}
    return {name: (share, None) for name, share in _share(tax, nets).items()}


def _share(tax, nets):
    total = sum(nets.values())
    shares = {name: _round_like(tax * net / total, tax + total) if total else Decimal(0) for name, net in nets.items()}
    largest = max(nets, key=lambda name: abs(nets[name]))
    shares[largest] += tax - sum(shares.values())
    return shares


def _sum_by_type(breakdowns):
    sums = {}
    for part in breakdowns:
        sums[part['type']] = sums.get(part['type'], Decimal(0)) + _amount(part['subtotal'])
    return sums


def _details(proceeds, kind):
    sums = {}
    for part in proceeds.get('breakdowns') or []:
        for detail in (part.get('detailedBreakdowns') or []) if part['type'] == kind else []:
            # Details without a name or an amount do not add up, so they are not used.
            if detail.get('subtype') and detail.get('value'):
                sums[detail['subtype']] = sums.get(detail['subtype'], Decimal(0)) + _amount(detail['value'])
    return sums


def _describe(parts, discount, tax):
    amounts = [f'{name[:40]} {amount}' for name, amount in parts.items()]
    return ', '.join(amounts + [f'{DISCOUNT} {discount}'] * bool(discount) + [f'{TAX} {tax}'] * (tax is not None))


def _amount(money) -> Decimal:
    return read_amount(money['amount'])


def _round_like(value, example):
    return value.quantize(example, ROUND_HALF_UP)

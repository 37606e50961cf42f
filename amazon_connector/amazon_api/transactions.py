"""`Transaction` objects of Finances 2024-06-19: what moved, for which order, and what of it the buyer paid or got.

What Amazon defers is listed twice: the deferred transaction names the one that releases it (`RELEASE_TRANSACTION_ID`), days or
weeks later that one names the deferred one (`DEFERRED_TRANSACTION_ID`). Both are the same money.
"""

import datetime
from decimal import Decimal
from typing import NamedTuple

from .shapes import AMOUNT, COUNT, CURRENCY, LIST, OBJECT, TEXT, TIME, AbsentError, ShapeError, needed, read, read_amount, read_time

DEFERRED, RELEASED = 'DEFERRED', 'RELEASED'
# Shown under the id of the deferred transaction when it is released.
RELEASED_LATER = 'DEFERRED_RELEASED'
STATUSES = frozenset({DEFERRED, RELEASED, RELEASED_LATER})
# Groups of amounts that are between Amazon and the seller; the rest is the buyer's.
WITHHELD = ('withheld', 'marketplacefacilitator')
NOT_THE_BUYERS = ('fee', 'withheld', 'marketplacefacilitator', 'reimbursement', 'commission')
HALF_A_CENT = Decimal('0.005')

MONEY = {'currencyCode': needed(CURRENCY), 'currencyAmount': needed(AMOUNT)}
BREAKDOWN = {'breakdownType': needed(TEXT), 'breakdownAmount': MONEY}
BREAKDOWN['breakdowns'] = [BREAKDOWN]
ITEM = {
    'relatedIdentifiers': [{'itemRelatedIdentifierName': TEXT, 'itemRelatedIdentifierValue': TEXT}],
    'contexts': [{'contextType': TEXT, 'sku': TEXT, 'quantityShipped': COUNT}], 'breakdowns': [BREAKDOWN],
}
TRANSACTION = {
    'transactionId': needed(TEXT), 'transactionType': needed(TEXT), 'transactionStatus': needed(STATUSES), 'description': TEXT,
    'postedDate': needed(TIME), 'totalAmount': needed(MONEY),
    'relatedIdentifiers': [{'relatedIdentifierName': TEXT, 'relatedIdentifierValue': TEXT}],
    'marketplaceDetails': {'marketplaceId': TEXT}, 'sellingPartnerMetadata': {'marketplaceId': TEXT},
    'items': [ITEM], 'breakdowns': [BREAKDOWN],
}


class TransactionItem(NamedTuple):
    """One item of an order, in the transaction's currency.

    `goods` and `tax` are what the buyer paid for it (negative: got back), `tax` on its own; `others` is what Amazon takes or
    returns, `withheld` that part of it which is tax that Amazon itself pays to the tax office (positive: got back).
    """

    item_ref: str
    sku: str
    quantity: int
    goods: Decimal
    tax: Decimal
    others: Decimal
    withheld: Decimal = Decimal(0)


class Transaction(NamedTuple):
    """One movement on the seller's account; `posted` is a naive datetime in UTC, `total` includes what Amazon takes.

    `deferred_refs` and `release_refs` are the ids under which Amazon shows the same money, this one's own among them.
    `order_ref` is empty where it belongs to no order, or to several. `parts` are the amounts of the whole (of the buyer, of
    others), None where Amazon names none.
    """

    ref: str
    type: str
    description: str
    is_deferred: bool
    posted: datetime.datetime
    total: Decimal
    currency: str
    order_ref: str
    marketplace_ref: str
    items: tuple
    deferred_refs: tuple = ()
    release_refs: tuple = ()
    parts: tuple | None = None

    @property
    def buyer_total(self) -> Decimal:
        return sum((item.goods + item.tax for item in self.items), Decimal(0))

    @property
    def is_explained(self) -> bool:
        """Whether the amounts come to the total, and the items have all that the buyer paid or got back."""
        others = sum((item.others for item in self.items), Decimal(0))
        buyers, rest = self.parts or (self.buyer_total, others)
        return abs(buyers - self.buyer_total) < HALF_A_CENT and abs(buyers + rest - self.total) < HALF_A_CENT


def read_transaction(payload: dict) -> Transaction:
    """Return a `Transaction` of `listTransactions`.

    :raises AbsentError: Amazon has not told what it must tell
    :raises ShapeError: something is of another kind than it must be
    """
    known = read(payload, needed(TRANSACTION))
    related = _gather(known.get('relatedIdentifiers'), 'relatedIdentifier')
    items, orders, breakdowns = known.get('items') or [], related.get('ORDER_ID', ()), known.get('breakdowns')
    markets = [(known.get(place) or {}).get('marketplaceId') for place in ('marketplaceDetails', 'sellingPartnerMetadata')]
    # Some types have the amounts of their only item on the transaction.
    fallback = breakdowns if len(items) == 1 else None
    deferred, released = _read_names(known, related)
    return Transaction(
        known['transactionId'], known['transactionType'], known.get('description') or '', known['transactionStatus'] == DEFERRED,
        read_time(known['postedDate']), _amount(known['totalAmount']), known['totalAmount']['currencyCode'],
        orders[0] if len(orders) == 1 else '', markets[0] or markets[1] or '',
        tuple(_read_item(item, fallback) for item in items), deferred, released, _sum_up(breakdowns) if breakdowns else None)


def read_page(payload) -> list:
    """Return the entries of a page of `listTransactions`, whatever they are; none where Amazon names no list.

    :raises ShapeError: the page is of another form, so that nothing can be said of what it has
    """
    if not isinstance(payload, dict):
        raise ShapeError('payload', 'payload', OBJECT)
    entries = payload.get('transactions')
    if not (entries is None or isinstance(entries, list)):
        raise ShapeError('transactions', 'transactions', LIST)
    return entries or []


def _gather(identifiers, prefix):
    """Return all values by name, each once."""
    found = {}
    for entry in identifiers or []:
        name, value = entry.get(f'{prefix}Name'), entry.get(f'{prefix}Value')
        if name and value:
            found.setdefault(name, {})[value] = True
    return {name: tuple(values) for name, values in found.items()}


def _read_names(known, related):
    """Return the ids under which this money is, or was, deferred, and those under which it is released."""
    own = known['transactionId']
    deferred, released = (
        [ref for ref in related.get(f'{kind}_TRANSACTION_ID', ()) if ref != own] for kind in ('DEFERRED', 'RELEASE'))
    if known['transactionStatus'] == RELEASED and (deferred or not released):
        return tuple(deferred), (own, *released)
    return (own, *deferred), tuple(released)


def _read_item(item, fallback):
    products = [entry for entry in item.get('contexts') or [] if entry.get('contextType') == 'ProductContext']
    skus = {entry.get('sku') or '' for entry in products}
    refs = _gather(item.get('relatedIdentifiers'), 'itemRelatedIdentifier')
    named = refs.get('ORDER_ADJUSTMENT_ITEM_ID') or refs.get('ORDER_ITEM_ID') or ()
    goods = tax = others = Decimal(0)
    breakdowns = item.get('breakdowns') or fallback or []
    for name, is_buyers, amount in _leaves(breakdowns):
        if not is_buyers:
            others += amount
        elif 'tax' in name.lower():
            tax += amount
        else:
            goods += amount
    return TransactionItem(
        named[0] if len(named) == 1 else '', skus.pop() if len(skus) == 1 else '',
        products[0].get('quantityShipped') or 0 if len(products) == 1 else 0, goods, tax, others, _sum_withheld(breakdowns))


def _sum_up(breakdowns):
    """Return what the buyer paid or got back, and the rest."""
    sums = {True: Decimal(0), False: Decimal(0)}
    for _name, is_buyers, amount in _leaves(breakdowns):
        sums[is_buyers] += amount
    return sums[True], sums[False]


def _leaves(breakdowns, is_buyers=True):
    """Yield name, whether it concerns the buyer, and amount of the innermost breakdowns."""
    for part in breakdowns:
        name = part['breakdownType']
        concerns = is_buyers and not any(word in name.lower() for word in NOT_THE_BUYERS)
        inner = part.get('breakdowns')
        if inner:
            yield from _leaves(inner, concerns)
        elif part.get('breakdownAmount'):
            yield name, concerns, _amount(part['breakdownAmount'])
        else:
            raise AbsentError(f'breakdowns: {name[:40]}: breakdownAmount', 'amount', AMOUNT)


def _sum_withheld(breakdowns, is_withheld=False) -> Decimal:
    """Return the sum of the innermost breakdowns that are, or are within, tax which Amazon withholds."""
    total = Decimal(0)
    for part in breakdowns:
        concerns = is_withheld or any(word in part['breakdownType'].lower() for word in WITHHELD)
        inner = part.get('breakdowns')
        total += _sum_withheld(inner, concerns) if inner else _amount(part['breakdownAmount']) if concerns else 0
    return total


def _amount(money):
    return read_amount(money['currencyAmount'])

"""`Transaction` objects of Finances 2024-06-19: movements, their orders, and the buyer's part of them.

What Amazon defers is listed twice: the deferred transaction names the one that releases it (`RELEASE_TRANSACTION_ID`),
days or weeks later that one names the deferred one (`DEFERRED_TRANSACTION_ID`). Both are the same money.
"""

import datetime
from decimal import Decimal
from typing import NamedTuple

from .shapes import (
    AMOUNT,
    COUNT,
    CURRENCY,
    LIST,
    OBJECT,
    TEXT,
    TIME,
    AbsentError,
    ShapeError,
    needed,
    read,
    read_amount,
    read_time,
    spell,
)
from .withholding import BUYER, REMITS, find_owner

DEFERRED, RELEASED = 'DEFERRED', 'RELEASED'
# Shown under the id of the deferred transaction when it is released.
RELEASED_LATER = 'DEFERRED_RELEASED'
STATUSES = frozenset({DEFERRED, RELEASED, RELEASED_LATER})
# Words of taxes, and of what reduces them.
TAXES, REDUCTIONS = ('tax', 'vat', 'gst'), ('discount', 'promo', 'rebate')
CHARGES = {'shipping': 'shipping', 'gift_wrap': 'giftwrap'}
HALF_A_CENT = Decimal('0.005')

MONEY = {'currencyCode': needed(CURRENCY), 'currencyAmount': needed(AMOUNT)}
BREAKDOWN = {'breakdownType': needed(TEXT), 'breakdownAmount': MONEY}
BREAKDOWN['breakdowns'] = [BREAKDOWN]
ITEM = {
    'relatedIdentifiers': [{'itemRelatedIdentifierName': TEXT, 'itemRelatedIdentifierValue': TEXT}],
    'contexts': [{'contextType': TEXT, 'sku': TEXT, 'quantityShipped': COUNT}], 'breakdowns': [BREAKDOWN],
}
TRANSACTION = {
    'transactionId': needed(TEXT), 'transactionType': needed(TEXT), 'transactionStatus': TEXT, 'description': TEXT,
    'postedDate': needed(TIME), 'totalAmount': needed(MONEY),
    'relatedIdentifiers': [{'relatedIdentifierName': TEXT, 'relatedIdentifierValue': TEXT}],
    'marketplaceDetails': {'marketplaceId': TEXT}, 'sellingPartnerMetadata': {'marketplaceId': TEXT},
    'items': [ITEM], 'breakdowns': [BREAKDOWN], 'contexts': [{'contextType': TEXT}],
}


class TransactionItem(NamedTuple):
    """One item of an order, in the transaction's currency.

    `goods` and `tax` are what the buyer paid for it (negative: got back), `tax` on its own; `others` is what Amazon
    charges or returns, `withheld` that part of it which is tax that Amazon itself owes to the tax office (positive: got
    back). `doubtful` says that a tax has the opposite sign of all else, and no name that says why. `charges` are pairs
    of `shipping` or `gift_wrap` and what the buyer paid for it, tax included: parts of `goods` and `tax`.
    """

    item_ref: str
    sku: str
    quantity: int
    goods: Decimal
    tax: Decimal
    others: Decimal
    withheld: Decimal = Decimal(0)
    doubtful: bool = False
    charges: tuple = ()


class Transaction(NamedTuple):
    """One movement on the seller's account; `posted` is a naive datetime in UTC, `total` includes Amazon's charges.

    `deferred_refs` and `release_refs` are the ids under which Amazon shows the same money, this one's own among them.
    `order_ref` is empty where it belongs to no order, or to several. `parts` are the amounts of the whole (of the
    buyer, of others), None where Amazon names none. `status` is one of `STATUSES`, or a word that Amazon does not
    document: such a transaction counts as deferred, until Amazon says what became of it.
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
    status: str = RELEASED

    @property
    def status_unknown(self) -> str:
        """Return the status where it is none that Amazon documents; else ''."""
        return '' if self.status in STATUSES else self.status

    @property
    def buyer_total(self) -> Decimal:
        """Return the buyer's part of all items."""
        return sum((item.goods + item.tax for item in self.items), Decimal(0))

    @property
    def is_explained(self) -> bool:
        """Return whether the amounts add up to the total, and the items have the whole buyer's part."""
        others = sum((item.others for item in self.items), Decimal(0))
        buyers, rest = self.parts or (self.buyer_total, others)
        # The sums of the whole may have the buyer's tax less what Amazon remits of it.
        remitted = sum((item.withheld for item in self.items), Decimal(0))
        matches = any(abs(buyers - known) < HALF_A_CENT for known in (self.buyer_total, self.buyer_total + remitted))
        return (matches and abs(buyers + rest - self.total) < HALF_A_CENT
                and not any(item.doubtful for item in self.items))


def read_transaction(payload: dict, retaining=()) -> Transaction:
    """Return a `Transaction` of `listTransactions`.

    :param retaining: the ids of the marketplaces where what Amazon withholds is tax of the seller's, kept on account
    :raises AbsentError: Amazon has not stated what it must state
    :raises ShapeError: something is of another kind than it must be
    """
    known = read(unwrap(payload), needed(TRANSACTION))
    related = _gather(known.get('relatedIdentifiers'), 'relatedIdentifier')
    items, orders, breakdowns = known.get('items') or [], related.get('ORDER_ID', ()), known.get('breakdowns')
    markets = [(known.get(place) or {}).get('marketplaceId')
               for place in ('marketplaceDetails', 'sellingPartnerMetadata')]
    market, status = markets[0] or markets[1] or '', read_status(known)
    retains = market in retaining
    # Some types have the amounts of their only item on the transaction.
    fallback = breakdowns if len(items) == 1 else None
    deferred, released = _read_names(known, related, status)
    return Transaction(
        known['transactionId'], known['transactionType'], known.get('description') or '',
        status not in (RELEASED, RELEASED_LATER),
        read_time(known['postedDate']), _amount(known['totalAmount']), known['totalAmount']['currencyCode'], orders[0]
        if len(orders) == 1 else '', market,
        tuple(_read_item(item, fallback, retains) for item in items), deferred, released, _sum_up(breakdowns, retains)
        if breakdowns else None, status)


def read_status(known: dict) -> str:
    """Return the status of a transaction in the spelling of Amazon's documentation; an unknown one unchanged.

    Public answers have it in other capitals, or none: then what the transaction names decides.
    """
    status = (known.get('transactionStatus') or '').strip()
    if status:
        return spell(status) if spell(status) in STATUSES else status
    related = _gather(known.get('relatedIdentifiers'), 'relatedIdentifier')
    if related.get('RELEASE_TRANSACTION_ID') and not related.get('DEFERRED_TRANSACTION_ID'):
        return RELEASED_LATER
    is_deferred = any(context.get('contextType') == 'DeferredContext' for context in known.get('contexts') or [])
    return DEFERRED if is_deferred and not related.get('DEFERRED_TRANSACTION_ID') else RELEASED


def unwrap(payload):
    """Return a transaction with lists of breakdowns wherever Amazon sends an object instead: a list in an object, or
    one entry alone.
    """
    if not isinstance(payload, dict):
        return payload
    found = {**payload, 'breakdowns': _unwrap(payload.get('breakdowns'))}
    if isinstance(found.get('items'), list):
        found['items'] = [unwrap(item) for item in found['items']]
    return found


def _unwrap(breakdowns):
    if isinstance(breakdowns, dict):
        breakdowns = [breakdowns] if 'breakdownType' in breakdowns else breakdowns.get('breakdowns')
        return _unwrap(breakdowns) if isinstance(breakdowns, dict) else _unwrap(breakdowns or [])
    if not isinstance(breakdowns, list):
        return breakdowns
    return [{**part, 'breakdowns': _unwrap(part.get('breakdowns'))} if isinstance(part, dict) else part
            for part in breakdowns]


def read_page(payload) -> list:
    """Return the entries of a page of `listTransactions` unchecked; none where Amazon names no list.

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


def _read_names(known, related, status):
    """Return the ids under which this money is, or was, deferred, and those under which it is released."""
    own = known['transactionId']
    deferred, released = (
        [ref for ref in related.get(f'{kind}_TRANSACTION_ID', ()) if ref != own] for kind in ('DEFERRED', 'RELEASE'))
    if status == RELEASED and (deferred or not released):
        return tuple(deferred), (own, *released)
    return (own, *deferred), tuple(released)


def _read_item(item, fallback, retains):
    products = [entry for entry in item.get('contexts') or [] if entry.get('contextType') == 'ProductContext']
    skus = {entry.get('sku') or '' for entry in products}
    refs = _gather(item.get('relatedIdentifiers'), 'itemRelatedIdentifier')
    named = refs.get('ORDER_ADJUSTMENT_ITEM_ID') or refs.get('ORDER_ITEM_ID') or ()
    leaves = list(_leaves(item.get('breakdowns') or fallback or [], retains))
    goods, tax, others, withheld = (sum((amount for name, owner, amount in leaves if which(name, owner)), Decimal(0))
                                    for which in (
                                        lambda name, owner: owner == BUYER and 'tax' not in name.lower(),
                                        lambda name, owner: owner == BUYER and 'tax' in name.lower(),
                                        lambda _name, owner: owner != BUYER, lambda _name, owner: owner == REMITS))
    return TransactionItem(
        named[0] if len(named) == 1 else '', skus.pop() if len(skus) == 1 else '',
        products[0].get('quantityShipped') or 0 if len(products) == 1 else 0, goods, tax, others, withheld,
        _has_doubtful(leaves, goods + tax),
        tuple((kind, amount) for kind, word in CHARGES.items() if (amount := _sum_named(leaves, word))))


def _sum_named(leaves, word):
    return sum((amount for name, owner, amount in leaves if owner == BUYER and word in name.lower().replace('_', '')),
               Decimal(0))


def _has_doubtful(leaves, total):
    """Return whether a tax of the buyer has the opposite sign of what the buyer paid or got back, and is no discount:
    it may be Amazon's.
    """
    return any(owner == BUYER and amount * total < 0 and any(word in name.lower() for word in TAXES)
               and not any(word in name.lower() for word in REDUCTIONS) for name, owner, amount in leaves)


def _sum_up(breakdowns, retains):
    """Return the buyer's part of an amount, and the rest."""
    sums = {True: Decimal(0), False: Decimal(0)}
    for _name, owner, amount in _leaves(breakdowns, retains):
        sums[owner == BUYER] += amount
    return sums[True], sums[False]


def _leaves(breakdowns, retains, around=()):
    """Yield name, owner and amount of the innermost breakdowns."""
    for part in breakdowns:
        names = (*around, part['breakdownType'])
        inner = part.get('breakdowns')
        if inner:
            yield from _leaves(inner, retains, names)
        elif part.get('breakdownAmount'):
            yield part['breakdownType'], find_owner(names, retains), _amount(part['breakdownAmount'])
        else:
            raise AbsentError(f'breakdowns: {names[-1][:40]}: breakdownAmount', 'amount', AMOUNT)


def _amount(money):
    return read_amount(money['currencyAmount'])

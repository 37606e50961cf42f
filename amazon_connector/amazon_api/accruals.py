"""The stage of Amazon's transactions at a moment (earned and not yet settled), and their amounts by kind of account."""

import datetime
from decimal import Decimal
from typing import NamedTuple

from .shapes import TEXT, TIME, needed, read, read_amount, read_time
from .transactions import DEFERRED, RELEASED_LATER, STATUSES, TRANSACTION, read_status, unwrap
from .withholding import REMITS, RETAINS, find_owner

SHAPE = {**TRANSACTION, 'contexts': [{'contextType': TEXT, 'maturityDate': TIME}]}
# Types that move money between the seller and Amazon, without revenue or fees.
BALANCE = ('transfer', 'payout', 'disbursement', 'reserve', 'debt', 'loan', 'lending', 'capital', 'charge to card',
           'payment to amazon')
# A word of a breakdown, of its groups or of the transaction -> kind of account; the specific ones first.
FEES = [('advertis', 'advertising'), ('sponsored', 'advertising'), ('coupon', 'advertising'), ('deal', 'advertising'),
        ('vine', 'advertising'),
        ('storage', 'storage'), ('fba', 'fba'), ('fulfil', 'fba'), ('removal', 'fba'), ('disposal', 'fba'),
        ('commission', 'commission'),
        ('referral', 'commission'), ('closing', 'commission'), ('shipping', 'shipping'), ('label', 'shipping'),
        ('postage', 'shipping')]
NO_BUYER = ('fee', 'commission', 'expense', 'reimbursement', 'advertis')
HALF_A_CENT = Decimal('0.005')


class Entry(NamedTuple):
    """One transaction with the values that an accrual needs; amounts are Decimals in `currency`.

    `settlement_refs` are the settlements that it names. `matures` is when Amazon releases what it deferred, None where
    it does not say. `amounts` is a dict of (kind, `buyer` or `amazon`) to what was earned without tax that is named;
    `taxes` has the tax that is named, by `buyer` or `amazon`.
    """

    ref: str
    status: str
    posted: datetime.datetime
    matures: datetime.datetime | None
    currency: str
    total: Decimal
    order_ref: str
    marketplace_ref: str
    is_refund: bool
    amounts: dict
    taxes: dict
    settlement_refs: frozenset = frozenset()


def read_entry(payload) -> Entry:
    """Return a transaction of `listTransactions` with the values that an accrual needs.

    :raises ShapeError: it has another form than Amazon's model describes
    """
    known = read(unwrap(payload), needed(SHAPE), 'transaction', 'transactions')
    kind = f"{known['transactionType']} {known.get('description') or ''}".lower()
    orders, settlements = (_find_named(known, name) for name in ('ORDER_ID', 'SETTLEMENT_ID'))
    markets = [(known.get(place) or {}).get('marketplaceId')
               for place in ('marketplaceDetails', 'sellingPartnerMetadata')]
    matures = next((context['maturityDate'] for context in known.get('contexts') or [] if context.get('maturityDate')),
                   None)
    total = read_amount(known['totalAmount']['currencyAmount'])
    is_refund = 'refund' in kind or 'chargeback' in kind
    amounts, taxes = _sort(known, kind, total, is_refund)
    return Entry(
        known['transactionId'], read_status(known), read_time(known['postedDate']), read_time(matures)
        if matures else None,
        known['totalAmount']['currencyCode'], total, min(orders) if len(orders) == 1 else '', markets[0] or markets[1]
        or '', is_refund, amounts, taxes, settlements)


def _find_named(known, name):
    """Return the values of a related identifier."""
    return frozenset(entry['relatedIdentifierValue'] for entry in known.get('relatedIdentifiers') or []
                     if entry.get('relatedIdentifierName') == name and entry.get('relatedIdentifierValue'))


def judge(entry: Entry, until: datetime.datetime, settled_until: datetime.datetime) -> str | None:
    """Return what a transaction was at a moment: `open` (in the open settlement), `deferred`, `unknown` (deferred once,
    and Amazon does not say whether it was released by then, or of a status that nobody knows), or None: settled, or
    counted as what releases it.

    :param until: the moment, naive in UTC; whatever is posted from then on is None
    :param settled_until: the end of the last settlement before it
    """
    if entry.posted >= until:
        return None
    if entry.status == DEFERRED:
        return 'deferred'
    if entry.status == RELEASED_LATER:
        if entry.matures is None:
            return 'unknown'
        return 'deferred' if entry.matures >= until else None
    if entry.status not in STATUSES:
        return 'unknown'
    return 'open' if entry.posted >= settled_until else None


def _sort(known, kind, total, is_refund):
    """Return the amounts by kind of account and party, and the taxes by party."""
    amounts, taxes = {}, {}
    if any(word in kind for word in BALANCE):
        return amounts, taxes
    for names, amount in _find_leaves(known, total):
        path = ''.join(f'/{name.lower()}' for name in names)
        whose = 'amazon' if any(word in path for word in NO_BUYER) or not _is_of_order(path, kind) else 'buyer'
        if find_owner(names) in (REMITS, RETAINS):
            continue
        if names and 'tax' in names[-1].lower():
            # A tax of zero is no information: most sellers' prices have their tax inside.
            if amount:
                taxes[whose] = taxes.get(whose, Decimal(0)) + amount
            continue
        key = (_find_kind(path, kind, whose, is_refund), whose)
        amounts[key] = amounts.get(key, Decimal(0)) + amount
    return amounts, taxes


def _find_leaves(known, total):
    """Return names and amounts of the innermost breakdowns: of the items, which have the single fees and their tax, if
    they come to the total; else of the transaction, which has sums.
    """
    of_items = [leaf for item in known.get('items') or [] for leaf in _leaves(item.get('breakdowns') or [])]
    if of_items and abs(sum(amount for _names, amount in of_items) - total) < HALF_A_CENT:
        return of_items
    return list(_leaves(known.get('breakdowns') or [])) or of_items or [((), total)]


def _is_of_order(path, kind):
    """Return whether an amount is the buyer's: prices and promotions of shipments and refunds."""
    return any(word in path for word in ('charge', 'promo', 'price', 'principal', 'shipping', 'giftwrap', 'goodwill',
                                         'sales')) or (
                                             not path and ('shipment' in kind or 'refund' in kind))


def _find_kind(path, kind, whose, is_refund):
    if whose == 'buyer':
        return 'promotions' if 'promo' in path else 'refunds' if is_refund else 'sales'
    text = f'{path} {kind}'
    if any(word in text for word in ('reimburse', 'warehouse', 'lost', 'damage', 'clawback')):
        return 'reimbursement'
    return next((found for word, found in FEES if word in text), 'fees' if 'fee' in text or 'service' in text
                else 'other')


def _leaves(breakdowns, around=()):
    """Yield names (from the outside in) and amount of the innermost breakdowns."""
    for part in breakdowns:
        names = (*around, part['breakdownType'])
        if part.get('breakdowns'):
            yield from _leaves(part['breakdowns'], names)
        elif part.get('breakdownAmount'):
            yield names, read_amount(part['breakdownAmount']['currencyAmount'])

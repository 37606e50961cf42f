"""`Transaction` objects of Finances 2024-06-19: what moved, for which order, and what of it the buyer paid or got."""

import datetime
from decimal import Decimal
from typing import NamedTuple

# Groups of amounts that are between Amazon and the seller; the rest is the buyer's.
NOT_THE_BUYERS = ('fee', 'withheld', 'marketplacefacilitator', 'reimbursement', 'commission')


class TransactionItem(NamedTuple):
    """One item of an order. `goods` and `tax` are what the buyer paid for it (negative: got back), in the transaction's currency, `tax` on its own."""

    item_ref: str
    sku: str
    quantity: int
    goods: Decimal
    tax: Decimal


class Transaction(NamedTuple):
    """One movement on the seller's account; `posted` is a naive datetime in UTC, `total` includes what Amazon takes."""

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

    @property
    def buyer_total(self) -> Decimal:
        return sum((item.goods + item.tax for item in self.items), Decimal(0))


def read_transaction(payload: dict) -> Transaction:
    """Return a `Transaction` of `listTransactions`.

    :raises KeyError: it has no id, date or amount; TypeError, ValueError, AttributeError or ArithmeticError: one of them is none
    """
    known = {entry['relatedIdentifierName']: entry['relatedIdentifierValue'] for entry in payload.get('relatedIdentifiers') or []}
    posted = datetime.datetime.fromisoformat(payload['postedDate'].replace('Z', '+00:00'))
    if posted.tzinfo:
        posted = posted.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    market = (payload.get('marketplaceDetails') or {}).get('marketplaceId') or (payload.get('sellingPartnerMetadata') or {}).get('marketplaceId')
    items = payload.get('items') or []
    # Some types have the amounts of their only item on the transaction.
    fallback = payload.get('breakdowns') if len(items) == 1 else None
    return Transaction(
        payload['transactionId'], payload.get('transactionType') or '', payload.get('description') or '',
        (payload.get('transactionStatus') or '').upper() == 'DEFERRED', posted.replace(microsecond=0), _amount(payload['totalAmount']),
        payload['totalAmount']['currencyCode'], known.get('ORDER_ID', ''), market or '', tuple(_read_item(item, fallback) for item in items))


def _read_item(item, fallback):
    context = next((entry for entry in item.get('contexts') or [] if entry.get('contextType') == 'ProductContext'), {})
    refs = {entry['itemRelatedIdentifierName']: entry['itemRelatedIdentifierValue'] for entry in item.get('relatedIdentifiers') or []}
    goods = tax = Decimal(0)
    for name, amount in _leaves(item.get('breakdowns') or fallback or []):
        if 'tax' in name.lower():
            tax += amount
        else:
            goods += amount
    item_ref = refs.get('ORDER_ADJUSTMENT_ITEM_ID') or refs.get('ORDER_ITEM_ID') or ''
    return TransactionItem(item_ref, context.get('sku') or '', context.get('quantityShipped') or 0, goods, tax)


def _leaves(breakdowns):
    """Yield name and amount of the innermost breakdowns that concern the buyer."""
    for part in breakdowns:
        name = part.get('breakdownType') or ''
        if any(word in name.lower() for word in NOT_THE_BUYERS):
            continue
        inner = part.get('breakdowns')
        if inner:
            yield from _leaves(inner)
        elif part.get('breakdownAmount'):
            yield name, _amount(part['breakdownAmount'])


def _amount(money):
    return Decimal(str(money['currencyAmount']))

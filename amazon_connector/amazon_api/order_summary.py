"""What a person wants to know of a received order, whatever form the order has: what cannot be read is left out."""

import datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from .order_head import read_id, read_time

MOST_TITLE = 80


class OrderSummary(NamedTuple):
    """Items as triples of quantity, SKU and title; ISO codes of currency and country; a naive time in UTC."""

    items: list[tuple]
    total: Decimal | None
    currency: str | None
    country: str | None
    ship_by: datetime.datetime | None


def read_summary(order) -> OrderSummary:
    """Return the summary of an `Order` of Orders API 2026-01-01."""
    items, total = _dig(order, 'orderItems'), _dig(order, 'proceeds', 'grandTotal')
    return OrderSummary(
        [_read_item(item) for item in (items if isinstance(items, list) else []) if isinstance(item, dict)],
        _read_amount(_dig(total, 'amount')), read_id(_dig(total, 'currencyCode')),
        read_id(_dig(order, 'recipient', 'deliveryAddress', 'countryCode')),
        read_time(_dig(order, 'fulfillment', 'shipByWindow', 'latestDateTime')))


def _read_item(item):
    quantity, title = item.get('quantityOrdered'), _dig(item, 'product', 'title')
    return (quantity if isinstance(quantity, int) else None, read_id(_dig(item, 'product', 'sellerSku')),
            title[:MOST_TITLE] if isinstance(title, str) else None)


def _read_amount(value):
    try:
        amount = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None
    return amount if amount is not None and amount.is_finite() and abs(amount) < 10 ** 12 else None


def _dig(value, *keys):
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value

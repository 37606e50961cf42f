"""`GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA`: what Amazon was asked to send back or to dispose of."""

import datetime
from decimal import Decimal
from typing import NamedTuple

from .cells import read_amount, read_count, read_currency, read_disposition, read_moment
from .flat_file import Column, Layout, read_flat_file
from .text import EmptyReport, ReportError

REPORT_TYPE = 'GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA'


class RemovalRow(NamedTuple):
    """One SKU and disposition of a removal order; its quantities change while the order goes on.

    `order_type`, `source`, `speed` and `status` are Amazon's words, `source` and `speed` '' where a region has none;
    `disposition` is SELLABLE or UNSELLABLE. `fee`, in `currency` (ISO code), is None until it is charged.
    `request_date` and `updated` are naive datetimes in UTC, `number` is the line, `extra` has unknown columns with a
    value, `problem` says why the row cannot be used, '' for most.
    """

    number: int
    request_date: datetime.datetime | None
    order_ref: str
    source: str
    order_type: str
    speed: str
    status: str
    updated: datetime.datetime | None
    sku: str
    fnsku: str
    disposition: str
    requested: int | None
    cancelled: int | None
    disposed: int | None
    shipped: int | None
    in_process: int | None
    fee: Decimal | None
    currency: str
    extra: dict
    problem: str


LAYOUT = Layout(RemovalRow, {
    'request_date': Column('request-date', read_moment, 'row'),
    'order_ref': Column('order-id', must='row'),
    'source': Column('order-source'),
    'order_type': Column('order-type', must='row'),
    'speed': Column('service-speed'),
    'status': Column('order-status', must='row'),
    'updated': Column('last-updated-date', read_moment),
    'sku': Column('sku', must='file'),
    'fnsku': Column('fnsku', must='file'),
    'disposition': Column('disposition', read_disposition, 'row'),
    'requested': Column('requested-quantity', read_count, 'row'),
    'cancelled': Column('cancelled-quantity', read_count, aliases=('canceled-quantity',)),
    'disposed': Column('disposed-quantity', read_count),
    'shipped': Column('shipped-quantity', read_count, 'file'),
    'in_process': Column('in-process-quantity', read_count),
    'fee': Column('removal-fee', read_amount),
    'currency': Column('currency', read_currency),
}, either=('sku', 'fnsku'))


def read_removal_orders(content: bytes, charset: str = ''):
    """Return an iterator of what was to be removed, `RemovalRow`.

    :param str charset: the name that came with the document, '' for none
    :raises EmptyReport: there is not even a header
    :raises ReportError: this is no such report
    """
    return read_flat_file(content, charset, LAYOUT)


__all__ = ['REPORT_TYPE', 'EmptyReport', 'RemovalRow', 'ReportError', 'read_removal_orders']

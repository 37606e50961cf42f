"""`GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL`: what Amazon shipped for orders, and from which centre."""

import datetime
from typing import NamedTuple

from .cells import read_count, read_currency, read_moment
from .flat_file import Column, Layout, read_flat_file
from .text import EmptyReport, ReportError

REPORT_TYPE = 'GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL'


class FulfilledRow(NamedTuple):
    """Units of one order item in a shipment, known by `shipment_item_ref`.

    Nothing of the buyer or the recipient is read. `currency` is an ISO code, dates are naive datetimes in UTC, `number`
    is the line. `problem` says why the row cannot be used, '' for most; then nothing else of it is known, since values
    that are shifted would be those of people.
    """

    number: int
    order_ref: str
    merchant_order_ref: str
    shipment_ref: str
    shipment_item_ref: str
    item_ref: str
    purchase_date: datetime.datetime | None
    shipment_date: datetime.datetime | None
    reporting_date: datetime.datetime | None
    sku: str
    quantity: int | None
    currency: str
    carrier: str
    tracking_ref: str
    center: str
    channel: str
    sales_channel: str
    problem: str


LAYOUT = Layout(FulfilledRow, {
    'order_ref': Column('amazon-order-id', must='row'),
    'merchant_order_ref': Column('merchant-order-id'),
    'shipment_ref': Column('shipment-id', must='row'),
    'shipment_item_ref': Column('shipment-item-id', must='row'),
    'item_ref': Column('amazon-order-item-id', must='file'),
    'purchase_date': Column('purchase-date', read_moment),
    'shipment_date': Column('shipment-date', read_moment, 'row'),
    'reporting_date': Column('reporting-date', read_moment),
    'sku': Column('sku', must='row'),
    'quantity': Column('quantity-shipped', read_count, 'row'),
    'currency': Column('currency', read_currency),
    'carrier': Column('carrier'),
    'tracking_ref': Column('tracking-number'),
    'center': Column('fulfillment-center-id', must='file'),
    'channel': Column('fulfillment-channel'),
    'sales_channel': Column('sales-channel'),
}, private=True)


def read_fulfilled_shipments(content: bytes, charset: str = ''):
    """Return an iterator of what was shipped, `FulfilledRow`.

    :param str charset: the name that came with the document, '' for none
    :raises EmptyReport: there is not even a header
    :raises ReportError: this is no such report
    """
    return read_flat_file(content, charset, LAYOUT)


__all__ = ['REPORT_TYPE', 'EmptyReport', 'FulfilledRow', 'ReportError', 'read_fulfilled_shipments']

"""`GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA`: parcels with goods that Amazon sent back."""

import datetime
from typing import NamedTuple

from .cells import read_count, read_disposition, read_moment
from .flat_file import Column, Layout, read_flat_file
from .text import EmptyReport, ReportError

REPORT_TYPE = 'GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA'


class RemovalShipmentRow(NamedTuple):
    """One SKU and disposition in a parcel of a removal order.

    `carrier` is a name as Amazon has it, `order_type` Amazon's word, `disposition` SELLABLE or UNSELLABLE. Dates are
    naive datetimes in UTC, `number` is the line, `extra` has unknown columns with a value, `problem` says why the row
    cannot be used, '' for most.
    """

    number: int
    request_date: datetime.datetime | None
    order_ref: str
    shipment_date: datetime.datetime | None
    sku: str
    fnsku: str
    disposition: str
    quantity: int | None
    carrier: str
    tracking_ref: str
    order_type: str
    extra: dict
    problem: str


LAYOUT = Layout(RemovalShipmentRow, {
    'request_date': Column('request-date', read_moment),
    'order_ref': Column('order-id', must='row'),
    'shipment_date': Column('shipment-date', read_moment, 'row'),
    'sku': Column('sku', must='file'),
    'fnsku': Column('fnsku', must='file'),
    'disposition': Column('disposition', read_disposition),
    'quantity': Column('shipped-quantity', read_count, 'row'),
    'carrier': Column('carrier'),
    'tracking_ref': Column('tracking-number', must='file'),
    'order_type': Column('removal-order-type'),
}, either=('sku', 'fnsku'))


def read_removal_shipments(content: bytes, charset: str = ''):
    """Return an iterator of what was sent back, `RemovalShipmentRow`.

    :param str charset: the name that came with the document, '' for none
    :raises EmptyReport: there is not even a header
    :raises ReportError: this is no such report
    """
    return read_flat_file(content, charset, LAYOUT)


__all__ = ['REPORT_TYPE', 'EmptyReport', 'RemovalShipmentRow', 'ReportError', 'read_removal_shipments']

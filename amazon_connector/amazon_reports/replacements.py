"""`GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA`: goods that buyers got once more, without paying."""

import datetime
from typing import NamedTuple

from .cells import read_count, read_moment
from .flat_file import Column, Layout, read_flat_file
from .text import EmptyReport, ReportError

REPORT_TYPE = 'GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA'


class ReplacementRow(NamedTuple):
    """Units that were sent as a replacement.

    `order_ref` is the order of the replacement, `original_order_ref` the one that it replaces; `reason` is Amazon's
    code, `shipment_date` a naive datetime in UTC, `number` the line; `extra` has unknown columns with a value,
    `problem` says why the row cannot be used, '' for most.
    """

    number: int
    shipment_date: datetime.datetime | None
    sku: str
    asin: str
    center: str
    original_center: str
    quantity: int | None
    reason: str
    order_ref: str
    original_order_ref: str
    extra: dict
    problem: str


LAYOUT = Layout(ReplacementRow, {
    'shipment_date': Column('shipment-date', read_moment, 'row'),
    'sku': Column('sku', must='row'),
    'asin': Column('asin'),
    'center': Column('fulfillment-center-id'),
    'original_center': Column('original-fulfillment-center-id'),
    'quantity': Column('quantity', read_count, 'row'),
    'reason': Column('replacement-reason-code'),
    'order_ref': Column('replacement-amazon-order-id', must='row'),
    'original_order_ref': Column('original-amazon-order-id', must='file'),
})


def read_replacements(content: bytes, charset: str = ''):
    """Return an iterator of what was sent once more, `ReplacementRow`.

    :param str charset: the name that came with the document, '' for none
    :raises EmptyReport: there is not even a header
    :raises ReportError: this is no such report
    """
    return read_flat_file(content, charset, LAYOUT)


__all__ = ['REPORT_TYPE', 'EmptyReport', 'ReplacementRow', 'ReportError', 'read_replacements']

"""`GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA`: units that came back to Amazon's centres."""

import datetime
from typing import NamedTuple

from .cells import read_count, read_disposition, read_moment, read_text
from .flat_file import Column, Layout, read_flat_file
from .text import EmptyReport, ReportError

REPORT_TYPE = 'GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA'


class FbaReturnRow(NamedTuple):
    """Units of one SKU, mostly one, that arrived at a centre.

    `return_date` is when they did, a naive datetime in UTC; `order_ref` may be the seller's own number of a
    multi-channel order, or ''. `disposition` is a code like CUSTOMER_DAMAGED; `reason` and `status` are Amazon's words.
    Rows without a license plate that are equal in all but `number`, the line, are units each. `extra` has unknown
    columns with a value, `problem` says why the row cannot be used, '' for most.
    """

    number: int
    return_date: datetime.datetime | None
    order_ref: str
    sku: str
    asin: str
    fnsku: str
    title: str
    quantity: int | None
    center: str
    disposition: str
    reason: str
    status: str
    license_plate: str
    comments: str
    extra: dict
    problem: str


LAYOUT = Layout(FbaReturnRow, {
    'return_date': Column('return-date', read_moment, 'row'),
    'order_ref': Column('order-id', must='file'),
    'sku': Column('sku', must='row'),
    'asin': Column('asin'),
    'fnsku': Column('fnsku'),
    'title': Column('product-name', read_text),
    'quantity': Column('quantity', read_count, 'row'),
    'center': Column('fulfillment-center-id'),
    'disposition': Column('detailed-disposition', read_disposition, 'row'),
    'reason': Column('reason'),
    # Some regions have none.
    'status': Column('status'),
    'license_plate': Column('license-plate-number'),
    'comments': Column('customer-comments', read_text),
})


def read_fba_returns(content: bytes, charset: str = ''):
    """Return an iterator of what came back, `FbaReturnRow`.

    :param str charset: the name that came with the document, '' for none
    :raises EmptyReport: there is not even a header
    :raises ReportError: this is no such report
    """
    return read_flat_file(content, charset, LAYOUT)


__all__ = ['REPORT_TYPE', 'EmptyReport', 'FbaReturnRow', 'ReportError', 'read_fba_returns']

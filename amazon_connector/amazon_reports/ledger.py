"""`GET_LEDGER_DETAIL_VIEW_DATA`: every movement of goods at Amazon's, by day, centre, country and disposition."""

import datetime
from typing import NamedTuple

from .cells import read_code, read_count, read_day, read_disposition, read_text
from .flat_file import Column, Layout, fold, read_flat_file
from .text import EmptyReport, ReportError

REPORT_TYPE = 'GET_LEDGER_DETAIL_VIEW_DATA'
# Spellings without blanks, underscores and capitals -> Amazon's word in 2026.
EVENTS = {fold(event): event for event in (
    'Adjustments', 'CustomerReturns', 'Receipts', 'Shipments', 'VendorReturns', 'WhseTransfers')}


class LedgerRow(NamedTuple):
    """One movement; rows that are equal in everything but `number`, the line, are movements each.

    `event_type` is Amazon's word, one of `EVENTS` or one that is not known yet; `quantity` is signed; `disposition` is
    a code like WAREHOUSE_DAMAGED; `reason` and `country` are codes as Amazon has them; `reconciled` and `unreconciled`
    are None where Amazon has none. `date` is the day at the centre, `extra` has unknown columns with a value.
    `problem` says why the row cannot be used, '' for most.
    """

    number: int
    date: datetime.date | None
    fnsku: str
    asin: str
    sku: str
    title: str
    event_type: str
    reference: str
    quantity: int | None
    center: str
    disposition: str
    reason: str
    country: str
    reconciled: int | None
    unreconciled: int | None
    store: str
    extra: dict
    problem: str


def _read_event(text, format_):
    return EVENTS.get(fold(text)) or read_code(text, format_)


LAYOUT = Layout(LedgerRow, {
    'date': Column('Date', read_day, 'row'),
    'fnsku': Column('FNSKU', must='file'),
    'asin': Column('ASIN'),
    'sku': Column('MSKU', must='file'),
    'title': Column('Title', read_text),
    'event_type': Column('Event Type', _read_event, 'row'),
    'reference': Column('Reference ID'),
    'quantity': Column('Quantity', read_count, 'row'),
    'center': Column('Fulfillment Center'),
    'disposition': Column('Disposition', read_disposition, 'row'),
    'reason': Column('Reason'),
    'country': Column('Country', must='file'),
    'reconciled': Column('Reconciled Quantity', read_count),
    'unreconciled': Column('Unreconciled Quantity', read_count),
    'store': Column('Store'),
    # A moment that is always midnight, of another time zone at that.
}, either=('fnsku', 'sku'), ignored=('Date and Time',))


def read_ledger(content: bytes, charset: str = ''):
    """Return an iterator of the movements, `LedgerRow`.

    :param str charset: the name that came with the document, '' for none
    :raises EmptyReport: there is not even a header
    :raises ReportError: this is no such report
    """
    return read_flat_file(content, charset, LAYOUT)


__all__ = ['EVENTS', 'REPORT_TYPE', 'EmptyReport', 'LedgerRow', 'ReportError', 'read_ledger']

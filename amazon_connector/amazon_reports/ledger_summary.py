"""`GET_LEDGER_SUMMARY_VIEW_DATA`: what was at Amazon's before and after each day or month, and why it changed."""

import datetime
from typing import NamedTuple

from .cells import read_count, read_day, read_disposition, read_text
from .flat_file import Column, Layout, read_flat_file
from .text import EmptyReport, ReportError

REPORT_TYPE = 'GET_LEDGER_SUMMARY_VIEW_DATA'


class BalanceRow(NamedTuple):
    """The balance of one SKU, disposition and location, which is a country or a centre, as was asked for.

    All quantities are signed numbers of units, None where Amazon has none: `starting` and all changes make `ending`;
    what is there is `ending` and `in_transit`. `disposition` is a code like WAREHOUSE_DAMAGED, `number` the line,
    `extra` has unknown columns with a value, `problem` says why the row cannot be used, '' for most.
    """

    number: int
    date: datetime.date | None
    fnsku: str
    asin: str
    sku: str
    title: str
    disposition: str
    starting: int | None
    in_transit: int | None
    receipts: int | None
    shipments: int | None
    returns: int | None
    removals: int | None
    transfers: int | None
    found: int | None
    lost: int | None
    damaged: int | None
    disposed: int | None
    other: int | None
    ending: int | None
    unknown: int | None
    location: str
    store: str
    extra: dict
    problem: str


LAYOUT = Layout(BalanceRow, {
    'date': Column('Date', read_day, 'row'),
    'fnsku': Column('FNSKU', must='file'),
    'asin': Column('ASIN'),
    'sku': Column('MSKU', must='file'),
    'title': Column('Title', read_text),
    'disposition': Column('Disposition', read_disposition, 'row'),
    'starting': Column('Starting Warehouse Balance', read_count),
    'in_transit': Column('In Transit Between Warehouses', read_count),
    'receipts': Column('Receipts', read_count),
    'shipments': Column('Customer Shipments', read_count),
    'returns': Column('Customer Returns', read_count),
    'removals': Column('Vendor Returns', read_count),
    'transfers': Column('Warehouse Transfer In/Out', read_count),
    'found': Column('Found', read_count),
    'lost': Column('Lost', read_count),
    'damaged': Column('Damaged', read_count),
    'disposed': Column('Disposed', read_count),
    'other': Column('Other Events', read_count),
    'ending': Column('Ending Warehouse Balance', read_count, 'row'),
    'unknown': Column('Unknown Events', read_count),
    'location': Column('Location', must='row'),
    'store': Column('Store'),
}, either=('fnsku', 'sku'))


def read_balances(content: bytes, charset: str = ''):
    """Return an iterator of the balances, `BalanceRow`.

    :param str charset: the name that came with the document, '' for none
    :raises EmptyReport: there is not even a header
    :raises ReportError: this is no such report
    """
    return read_flat_file(content, charset, LAYOUT)


__all__ = ['REPORT_TYPE', 'BalanceRow', 'EmptyReport', 'ReportError', 'read_balances']

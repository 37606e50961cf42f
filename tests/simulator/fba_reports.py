"""Reports of the world of FBA and of the returns to merchants, as Amazon writes them and with the limits it sets.

The ledger may be asked for ten times in 24 hours. What is asked for again too soon, and what has nothing to tell, is
cancelled; the ledger answers with an empty document then.
"""

import datetime
import re
import time
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from amazon_api.marketplaces import BY_ID

from . import fba_ledger, fba_rows, fbm_returns
from .clock import UTC, parse_time
from .fba import world
from .orders import Refused

NEAR_REAL_TIME, DAILY = 30 * 60, 4 * 3600
LEDGER = (fba_ledger.DETAIL, fba_ledger.SUMMARY)
LEDGER_REQUESTS, DAY_SECONDS = 10, 24 * 3600
# Of a request for so many marketplaces nothing came.
TOO_MANY_MARKETPLACES = 13
SKU = re.compile(rb'M?SKU', re.IGNORECASE)
MARGIN = datetime.timedelta(minutes=5)


class Kind(NamedTuple):
    """How a report is written: `rest` seconds before the same may be asked for again, `max_days` that it may span."""

    columns: tuple
    read: Callable
    rest: int = 0
    encoding: str = 'utf-8'
    charset: str = 'UTF-8'
    blank: str = ''
    max_days: int = 0
    # What older files and other regions lack.
    lacks: tuple = ()


KINDS = {
    fba_ledger.DETAIL: Kind(fba_ledger.DETAIL_COLUMNS, fba_ledger.read_detail, NEAR_REAL_TIME, 'utf-8-sig',
                            lacks=('Date and Time', 'Store')),
    fba_ledger.SUMMARY: Kind(fba_ledger.SUMMARY_COLUMNS, fba_ledger.read_summary, NEAR_REAL_TIME, 'utf-8-sig',
                             lacks=('Store',)),
    fbm_returns.FLAT: Kind(fbm_returns.COLUMNS, fbm_returns.read_requests, blank=' ', max_days=fbm_returns.MAX_DAYS,
                           lacks=('Order Item ID',)),
    fbm_returns.XML: Kind((), fbm_returns.write_xml, max_days=fbm_returns.MAX_DAYS),
    'GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA': Kind(
        fba_rows.RETURN_COLUMNS, fba_rows.read_returns, DAILY, lacks=('customer-comments',)),
    'GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA': Kind(
        fba_rows.REPLACEMENT_COLUMNS, fba_rows.read_replacements, DAILY),
    'GET_FBA_REIMBURSEMENTS_DATA': Kind(
        fba_rows.REIMBURSEMENT_COLUMNS, fba_rows.read_reimbursements, DAILY, 'cp1252', 'Cp1252',
        lacks=('original-reimbursement-id', 'original-reimbursement-type')),
    'GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA': Kind(
        fba_rows.REMOVAL_COLUMNS, fba_rows.read_removal_orders, NEAR_REAL_TIME,
        lacks=('order-source', 'service-speed')),
    'GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA': Kind(
        fba_rows.REMOVAL_SHIPMENT_COLUMNS, fba_rows.read_removal_shipments, NEAR_REAL_TIME),
    'GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL': Kind(
        fba_rows.SHIPMENT_COLUMNS, fba_rows.read_shipments, NEAR_REAL_TIME, max_days=31),
}


class Period(NamedTuple):
    """The days that a report is asked for, as its request writes them."""

    first: datetime.date
    last: datetime.date


# === REQUESTS === #

def ask(state, seller, body) -> dict:
    """Check a request of `createReport`; return `period`, `options`, what was asked for (`key`), and whether it comes
    `too_soon` after the last such request.

    :raises Refused: dates or options are not such as Amazon takes, or the ledger was asked for too often
    """
    kind, options = KINDS[body['reportType']], body.get('reportOptions') or {}
    empty = sorted(name for name, value in options.items() if value == '')
    if empty:
        raise Refused(400, 'InvalidInput', f"reportOptions: {', '.join(empty)}: expected length >= 1.")
    period = _read_period(state, world(state, seller), body)
    if body['reportType'] in LEDGER:
        _count_ledger(state, seller)
    asked = (seller.id, body['reportType'], period, tuple(sorted(options.items())))
    now = time.monotonic()
    too_soon = bool(kind.rest) and now < state.asked.get(asked, 0)
    if not too_soon:
        state.asked[asked] = state.lifetime(kind.rest)
    return {'period': period, 'options': {**options, 'marketplaces': body['marketplaceIds']}, 'key': asked,
            'too_soon': too_soon}


def _read_period(state, world, body):
    start, end = (body.get(name) and parse_time(body[name]) for name in ('dataStartTime', 'dataEndTime'))
    if any(moment and moment > state.now() + MARGIN for moment in (start, end)):
        raise Refused(400, 'InvalidInput', "dataStartTime and dataEndTime must be prior to the current date and time.")
    if start and end and start > end:
        raise Refused(400, 'InvalidInput', "dataEndTime is before dataStartTime.")
    # Without dates it is now; a report tells of whole days, the ledger of those that are named, others of the seller's.
    zone = UTC if body['reportType'] in LEDGER else world.zone
    return Period(start.astimezone(zone).date() if start else world.today(),
                  end.astimezone(zone).date() if end else world.today())


def _count_ledger(state, seller):
    now = time.monotonic()
    asked = state.ledger_requests.setdefault(seller.id, [])
    asked[:] = [end for end in asked if now < end]
    if len(asked) >= LEDGER_REQUESTS:
        raise Refused(429, 'QuotaExceeded', "You exceeded your quota for the requested resource.")
    asked.append(state.lifetime(DAY_SECONDS))


# === DOCUMENTS === #

def make(state, report) -> tuple[str, bytes, str]:
    """Return status, document and content type of a report that was asked for; the document may be none (b'')."""
    kind, period = KINDS[report['type']], report['period']
    if kind.max_days and (period.last - period.first).days > kind.max_days:
        return 'FATAL', f"The date range must not exceed {kind.max_days} days.".encode(), 'text/plain'
    if report['too_soon'] or (not kind.rest and len(report['marketplaces']) >= TOO_MANY_MARKETPLACES):
        return 'CANCELLED', b'', ''
    seller_world = world(state, report['seller'])
    if not kind.columns:
        content = kind.read(seller_world, period, report['options'])
        return ('DONE' if content else 'CANCELLED'), content, 'text/xml; charset=UTF-8'
    rows = list(kind.read(seller_world, period, report['options']))
    if not rows and report['type'] not in LEDGER:
        return 'CANCELLED', b'', ''
    comma = _home(seller_world, report).country == 'DE'
    return 'DONE', write(kind, rows, comma=comma, older=state.older_reports), f'text/plain; charset={kind.charset}'


def _home(world, report):
    """Return the marketplace in whose way amounts are written: the seller's own, or the one that is asked for."""
    return BY_ID.get(report['marketplaces'][0], world.home) if report['type'] == fbm_returns.FLAT else world.home


def write(kind: Kind, rows, *, comma=False, older=False) -> bytes:
    """Return the file of a report; `comma` is the decimal mark, `older` leaves out the columns that came last."""
    kept = [number for number, name in enumerate(kind.columns) if not (older and name in kind.lacks)]
    header = [kind.columns[number] for number in kept]
    if older and kind.encoding == 'utf-8-sig':
        header = [name.replace(' ', '') for name in header]
    lines = ['\t'.join(header), *(
        '\t'.join([_cell(row[number], kind.blank, comma) for number in kept]) for row in rows)]
    return '\r\n'.join([*lines, '']).encode(kind.encoding, 'replace')


def _cell(value, blank, comma):
    if isinstance(value, Decimal):
        text = f'{value:.2f}'
        return text.replace('.', ',') if comma else text
    # A tab or a line break in a title would be another cell or row.
    text = '' if value is None else str(value)
    return ' '.join(text.splitlines()).replace('\t', ' ') or blank


def spoil(content: bytes, fault: str | None) -> bytes:
    """Return a document as a fault leaves it: with its header only, without a name that its readers need, or with a
    byte that is no character of its encoding.
    """
    header, mark, rows = content.partition(b'\r\n')
    if fault == 'report_header_only':
        return header + mark
    if fault == 'report_damaged':
        return SKU.sub(b'article', header) + mark + rows
    if fault == 'report_odd_byte':
        return header + mark + rows.replace(b'Item ', b'It\x81em ', 1)
    return content

"""The two reports of the ledger: every movement, and balances by day, week or month of each country or centre."""

import datetime
from typing import NamedTuple

DETAIL, SUMMARY = 'GET_LEDGER_DETAIL_VIEW_DATA', 'GET_LEDGER_SUMMARY_VIEW_DATA'
DETAIL_COLUMNS = (
    'Date', 'FNSKU', 'ASIN', 'MSKU', 'Title', 'Event Type', 'Reference ID', 'Quantity', 'Fulfillment Center',
    'Disposition', 'Reason', 'Country', 'Reconciled Quantity', 'Unreconciled Quantity', 'Date and Time', 'Store',
)
SUMMARY_COLUMNS = (
    'Date', 'FNSKU', 'ASIN', 'MSKU', 'Title', 'Disposition', 'Starting Warehouse Balance',
    'In Transit Between Warehouses', 'Receipts', 'Customer Shipments', 'Customer Returns', 'Vendor Returns',
    'Warehouse Transfer In/Out', 'Found', 'Lost', 'Damaged', 'Disposed', 'Other Events', 'Ending Warehouse Balance',
    'Unknown Events', 'Location', 'Store',
)
MOVED = ('receipts', 'shipments', 'returns', 'removals', 'transfers', 'found', 'lost', 'damaged', 'disposed', 'other')
DATE = '%m/%d/%Y'
# How long after its end a period is not reported yet, in days; centres come later than countries.
LAGS = {'DAILY': 1, 'WEEKLY': 2, 'MONTHLY': 3}
CENTER_LAG = 10
MONTHS_KEPT = 18
ONE_DAY = datetime.timedelta(days=1)


def read_detail(world, period, options):
    """Yield the rows of the ledger of the days asked for, as far as they have happened."""
    now, first = world.now(), _first_kept(world)
    for movement in world.movements:
        if (movement.at <= now and max(first, period.first) <= movement.at.day <= period.last
                and _is_wanted(movement.item, options)
                and options.get('eventType', movement.event) == movement.event):
            yield _detail_row(world, movement, now)


def _detail_row(world, movement, now):
    day = movement.at.day
    reconciled = movement.reconciled(now.day)
    matched = ('', '') if movement.matches is None else (reconciled, abs(movement.quantity) - reconciled)
    midnight = datetime.datetime.combine(day, datetime.time(), world.zone)
    item = movement.item
    return (day.strftime(DATE), item.fnsku, item.asin, item.sku, item.title, movement.event, movement.reference,
            movement.quantity, movement.center, movement.disposition, movement.reason, movement.country, *matched,
            midnight.strftime('%Y-%m-%dT%H:%M:%S%z'), '')


def _first_kept(world):
    return world.today() - datetime.timedelta(days=MONTHS_KEPT * 365 // 12)


def _is_wanted(item, options):
    return (options.get('MSKU', item.sku) == item.sku and options.get('FNSKU', item.fnsku) == item.fnsku
            and options.get('ASIN', item.asin) == item.asin)


# === SUMMARY === #

class Span(NamedTuple):
    """Days that one row of the summary counts together."""

    first: datetime.date
    last: datetime.date


def read_summary(world, period, options):
    """Yield balances of each SKU, disposition and location: those of periods that are reported by now.

    What is between two centres is counted where it comes from; Amazon does not say which of both it takes.
    """
    by_center = options.get('aggregateByLocation') == 'FC'
    every = options.get('aggregatedByTimePeriod')
    every = every if every in LAGS else 'MONTHLY'
    lag = datetime.timedelta(days=CENTER_LAG if by_center else LAGS[every])
    spans = [span for span in _spans(max(period.first, _first_kept(world)), period.last, every)
             if span.last + lag <= world.today()]
    if not spans:
        return
    groups = _group(world, spans[-1].last, by_center, options)
    transit = _group_transit(world, by_center)
    for span in spans:
        for key, reader in groups.items():
            row = _balance(reader, span, transit.get(key, ()))
            if row:
                yield _summary_row(key, span, *row)


def _spans(first, last, every):
    """Yield the whole days, weeks (from Monday on) or months that have a day between the two."""
    day = first
    if every == 'WEEKLY':
        day -= datetime.timedelta(days=day.weekday())
    elif every == 'MONTHLY':
        day = day.replace(day=1)
    while day <= last:
        after = (day + ONE_DAY if every == 'DAILY' else day + 7 * ONE_DAY if every == 'WEEKLY'
                 else (day + 31 * ONE_DAY).replace(day=1))
        yield Span(day, after - ONE_DAY)
        day = after


def _group(world, last, by_center, options):
    """Return the movements of each SKU, disposition and location in the order of their days, up to the last one."""
    groups = {}
    for movement in world.movements:
        if movement.at.day <= last and _is_wanted(movement.item, options):
            place = movement.center if by_center else movement.country
            groups.setdefault((movement.item, movement.disposition, place), []).append(movement)
    for movements in groups.values():
        movements.sort(key=lambda movement: movement.at.day)
    return {key: _Reader(movements) for key, movements in groups.items()}


def _group_transit(world, by_center):
    groups = {}
    for transfer in world.transfers:
        place = transfer.origin if by_center else world.centers[transfer.origin]
        groups.setdefault((transfer.item, transfer.disposition, place), []).append(transfer)
    return groups


class _Reader:
    """Movements in the order of their days, read span after span."""

    def __init__(self, movements):
        self.movements, self.position, self.total = movements, 0, 0

    def skip(self, day):
        """Go on to the first movement of a day; return what there is before it."""
        while self.position < len(self.movements) and self.movements[self.position].at.day < day:
            self.total += self.movements[self.position].quantity
            self.position += 1
        return self.total

    def read(self, last):
        """Return what moved up to a day by column, None where nothing did."""
        moved = None
        while self.position < len(self.movements) and self.movements[self.position].at.day <= last:
            movement = self.movements[self.position]
            moved = moved or dict.fromkeys(MOVED, 0)
            moved[movement.column] += movement.quantity
            self.total += movement.quantity
            self.position += 1
        return moved


def _balance(reader, span, transfers):
    start = reader.skip(span.first)
    moved = reader.read(span.last)
    under_way = sum(transfer.quantity for transfer in transfers if transfer.leaves.day <= span.last and (
        transfer.arrives is None or transfer.arrives.day > span.last))
    if not (start or moved or under_way):
        return None
    return start, under_way, moved or dict.fromkeys(MOVED, 0), reader.total


def _summary_row(key, span, start, under_way, moved, end):
    item, disposition, place = key
    return (span.last.strftime(DATE), item.fnsku, item.asin, item.sku, item.title, disposition, start, under_way,
            *(moved[name] for name in MOVED), end, 0, place, '')

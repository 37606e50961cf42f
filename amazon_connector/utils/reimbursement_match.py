"""Which rows of settlements paid which reimbursements: one money in two views, each row once."""

import collections
import datetime

# Amazon pays within days of the approval; a row that is posted at another time is of another reimbursement.
BEFORE, AFTER = datetime.timedelta(days=3), datetime.timedelta(days=21)


def match_payments(reimbursements, lines):
    """Yield pairs of a reimbursement and the settlement rows that paid it.

    Rows that name the reimbursement come first; then those of the same SKU, order, currency and amount, the nearest in
    time first; then several rows of one day that add up to it.

    :param reimbursements: `amazon.reimbursement` records without rows
    :param lines: `amazon.settlement.line` records of reimbursements that belong to none yet
    """
    left, open_ones = lines, reimbursements
    for find in (_find_named, _find_equal, _find_sums):
        for record, paid in list(find(open_ones, left)):
            yield record, paid
            left, open_ones = left - paid, open_ones - record


def find_original(reversal, payments):
    """Return the payment whose units a reversal takes back, empty if none has as many that are not taken back yet: one
    of the same order comes first, then one of the same amount for a unit, then the latest.

    :param reversal: an `amazon.reimbursement` of negative units
    :param payments: those that it may take back
    """
    enough = payments.filtered(lambda record: record.cash_quantity - _count_taken_back(record) + reversal.cash_quantity
                               >= 0)
    return enough.sorted(lambda record: (
        record.order_ref == reversal.order_ref, _get_unit(record) == _get_unit(reversal), record.approval_date,
        record.id))[-1:]


def _count_taken_back(record):
    return -sum(min(other.cash_quantity, 0) for other in record.reversal_ids)


def _get_unit(record):
    return round(abs(record.unit_amount), 2)


def _find_named(reimbursements, lines):
    by_ref = lines.filtered('adjustment_ref').grouped(lambda line: (line.adjustment_ref, line.sku or ''))
    for (_ref, _sku), records in reimbursements.grouped(
            lambda record: (record.reimbursement_ref, record.sku or '')).items():
        paid = by_ref.get((_ref, _sku), lines.browse())
        if len(records) == 1 and paid:
            yield records, paid
        else:
            # Several reasons of one SKU: each has its amount.
            yield from _pair(records, paid, within=None)


def _find_equal(reimbursements, lines):
    by_key = lines.grouped(_get_line_key)
    for key, records in reimbursements.grouped(_get_key).items():
        yield from _pair(records, by_key.get(key, lines.browse()))


def _find_sums(reimbursements, lines):
    groups = collections.defaultdict(list)
    dated = lines.filtered('posted_date')
    for (key, _day), group in dated.grouped(lambda line: (_get_line_key(line)[:3], line.posted_date.date())).items():
        if len(group) > 1:
            groups[key].append(group)
    for record in reimbursements:
        near = [group for group in groups[_get_key(record)[:3]]
                if _is_equal(record, sum(group.mapped('amount'))) and _is_near(record, group[0])]
        if near:
            groups[_get_key(record)[:3]].remove(near[0])
            yield record, near[0]


def _get_key(record):
    return record.currency_id, record.sku or '', record.order_ref or '', round(record.amount, 4)


def _get_line_key(line):
    return line.currency_id, line.sku or '', line.order_ref or '', round(line.amount, 4)


def _pair(records, lines, within=True):
    """Yield pairs of records and rows of the same amount, those nearest in time first."""
    pairs = sorted(
        (abs(_get_distance(record, line)), record.id, line.id) for record in records for line in lines
        if _is_equal(record, line.amount) and (within is None or _is_near(record, line)))
    used_records, used_lines = set(), set()
    for _distance, record_id, line_id in pairs:
        if record_id not in used_records and line_id not in used_lines:
            used_records.add(record_id)
            used_lines.add(line_id)
            yield records.browse(record_id), lines.browse(line_id)


def _is_equal(record, amount):
    return not record.currency_id.compare_amounts(record.amount, amount)


def _get_distance(record, line):
    return line.posted_date - record.approval_date if line.posted_date else AFTER


def _is_near(record, line):
    return -BEFORE <= _get_distance(record, line) <= AFTER

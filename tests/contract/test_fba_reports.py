"""The readers of returns and of FBA on files as they were found at sellers and in Amazon's documentation."""

import collections
import importlib

import pytest

from . import samples

# Module and function by type of report.
READERS = {
    'GET_LEDGER_DETAIL_VIEW_DATA': ('ledger', 'read_ledger'),
    'GET_LEDGER_SUMMARY_VIEW_DATA': ('ledger_summary', 'read_balances'),
}
pytestmark = pytest.mark.skipif(not samples.available(), reason=samples.MISSING)


def read(name):
    """Return the rows of a sample, `<type>/<file>`."""
    module, function = READERS[name.split('/')[0]]
    module = importlib.import_module(f'amazon_reports.{module}')
    assert name.split('/')[0] == module.REPORT_TYPE
    return list(getattr(module, function)((samples.DIRECTORY / name).read_bytes()))


def find_files():
    return sorted(str(path.relative_to(samples.DIRECTORY)) for kind in READERS
                  for path in (samples.DIRECTORY / kind).glob('*'))


@pytest.mark.parametrize('name', find_files() or ['none'])
def test_every_sample_is_read_without_a_problem(name):
    lines = len((samples.DIRECTORY / name).read_text().strip().splitlines()) - 1
    rows = read(name)
    assert len(rows) == (1 if name.endswith('.xml') else lines)
    for row in rows:
        assert (row.problem, getattr(row, 'extra', {})) == ('', {} if not name.endswith('.xml') else row.extra)


def test_there_is_a_sample_of_each_type():
    assert {name.split('/')[0] for name in find_files()} == set(READERS)


def test_all_events_of_the_ledger():
    rows = read('GET_LEDGER_DETAIL_VIEW_DATA/rows_constructed_all_events.tsv')
    assert collections.Counter(row.event_type for row in rows) == {
        'Receipts': 1, 'WhseTransfers': 2, 'Shipments': 1, 'CustomerReturns': 1, 'Adjustments': 2, 'VendorReturns': 1}
    assert sum(row.quantity for row in rows) == 23
    assert [(row.date.isoformat(), row.reason, row.disposition, row.unreconciled) for row in rows[5:7]] == [
        ('2026-05-14', 'E', 'SELLABLE', 1), ('2026-05-14', 'P', 'WAREHOUSE_DAMAGED', None)]
    [misplaced] = read('GET_LEDGER_DETAIL_VIEW_DATA/rows_amazon_help_page.tsv')
    assert (misplaced.reason, misplaced.quantity, misplaced.reconciled, misplaced.unreconciled) == ('M', -16, 5, 11)


def test_balances_add_up():
    for row in read('GET_LEDGER_SUMMARY_VIEW_DATA/rows_testmade_fc_and_country.tsv'):
        moved = (row.receipts, row.shipments, row.returns, row.removals, row.transfers, row.found, row.lost,
                 row.damaged, row.disposed, row.other)
        assert row.starting + sum(moved) == row.ending

"""What the simulator writes of FBA and of returns is read, row by row, without a problem, in new and in older files."""

import datetime
import importlib
from decimal import Decimal

import pytest

from .test_fba_reports import READERS
from .test_fba_simulator import EVENTS, TODAY, Reports


@pytest.fixture(params=[False, True], ids=['new', 'older'])
def reports(amazon, request):
    amazon.control('reset', {'speed': 100_000, 'older_reports': request.param})
    amazon.control('fba?seller=eu', EVENTS)
    return Reports(amazon)


def read(reports, type, *days, **options):
    content, content_type = reports.download(reports.wait(type, *days, **options))
    module, function = READERS[type]
    read_rows = getattr(importlib.import_module(f'amazon_reports.{module}'), function)
    rows = list(read_rows(content, content_type.partition('charset=')[2]))
    for row in rows:
        assert (row.problem, getattr(row, 'extra', {}).keys() - {'category'}) == ('', set())
    return rows


@pytest.mark.parametrize('type', READERS)
def test_every_report_is_read(reports, type):
    assert read(reports, type, -30)


def test_movements_and_balances_agree(reports):
    moved = read(reports, 'GET_LEDGER_DETAIL_VIEW_DATA')
    received = next(row for row in moved if row.event_type == 'Receipts')
    assert (received.quantity, received.reference, received.center, received.country, received.title) == (
        20, 'FBA15ABCDEF0', 'WRO5', 'PL', "Täglich 'Brot'")
    assert received.date == TODAY - datetime.timedelta(days=30)
    balances = read(reports, 'GET_LEDGER_SUMMARY_VIEW_DATA', aggregatedByTimePeriod='DAILY')
    for country in {row.country for row in moved}:
        last = max(row.date for row in balances if row.location == country)
        assert sum(row.ending for row in balances if (row.location, row.date) == (country, last)) == sum(
            row.quantity for row in moved if row.country == country and row.date <= last)


def test_money_and_what_came_back(reports):
    [paid] = read(reports, 'GET_FBA_REIMBURSEMENTS_DATA')
    assert (paid.unit_amount, paid.amount, paid.cash_quantity, paid.currency, paid.title) == (
        Decimal('4.10'), Decimal('8.20'), 2, 'EUR', "Täglich 'Brot'")
    [removed] = read(reports, 'GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA')
    assert (removed.fee, removed.disposition, removed.shipped) == (Decimal('1.50'), 'SELLABLE', 1)
    for type in ('GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE', 'GET_XML_RETURNS_DATA_BY_RETURN_DATE'):
        [asked] = read(reports, type)
        assert (asked.rma_ref, asked.label_cost, asked.quantity, asked.order_ref) == (
            'D1RRMA', Decimal('4.14'), 1, '304-0000001-0000001')
        assert asked.request_date.date() in (TODAY - datetime.timedelta(days=12), TODAY - datetime.timedelta(days=13))

"""The readers of returns and of FBA on files as they were found at sellers and in Amazon's documentation."""

import collections
import datetime
import importlib
from decimal import Decimal

import pytest

from . import samples

# Module and function by type of report.
READERS = {
    'GET_LEDGER_DETAIL_VIEW_DATA': ('ledger', 'read_ledger'),
    'GET_LEDGER_SUMMARY_VIEW_DATA': ('ledger_summary', 'read_balances'),
    'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE': ('customer_returns', 'read_returns'),
    'GET_XML_RETURNS_DATA_BY_RETURN_DATE': ('customer_returns_xml', 'read_returns'),
    'GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA': ('fba_returns', 'read_fba_returns'),
    'GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA': ('replacements', 'read_replacements'),
    'GET_FBA_REIMBURSEMENTS_DATA': ('reimbursements', 'read_reimbursements'),
    'GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA': ('removal_orders', 'read_removal_orders'),
    'GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA': ('removal_shipments', 'read_removal_shipments'),
    'GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL': ('fulfilled_shipments', 'read_fulfilled_shipments'),
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
        assert row.problem == ''
        assert getattr(row, 'extra', {}) == ({'category': 'Apparel'} if name.endswith('.xml') else {})


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


def test_returns_to_the_merchant():
    [row] = read('GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE/row_field_us_2025_truncated_after_order_quantity.tsv')
    assert (row.order_date, row.rma_ref, row.merchant_rma_ref, row.label_cost, row.label_payer, row.prime) == (
        datetime.datetime(2025, 7, 10), 'D000000RRMA', '', Decimal('4.14'), 'Seller', 'N')
    assert (row.order_amount, row.order_quantity, row.refunded_amount, row.item_ref) == (Decimal('21.38'), 2, None, '')
    [row] = read('GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE/row_field_us_2026_selected_columns.tsv')
    assert (row.order_amount, row.refunded_amount, row.quantity, row.item_ref, row.label_cost) == (
        Decimal('158.26'), Decimal('79.13'), 1, '160000000000001', None)


def test_returns_in_xml():
    """The file has the item twice; the order has one unit."""
    [row] = read('GET_XML_RETURNS_DATA_BY_RETURN_DATE/sample_field_es_2020.xml')
    assert (row.sku, row.quantity, row.order_quantity, row.refunded_amount) == ('SKU-XL', 1, 1, Decimal('59.9'))
    assert (row.title, row.a_to_z, row.prime, row.in_policy, row.label_cost, row.request_date) == (
        'Sample shirt (tamaño XL) & more', 'N', 'N', 'Y', 0, datetime.datetime(2020, 11, 12, 12, 44, 17))


def test_returns_to_amazon():
    rows = read('GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA/rows_field.tsv')
    assert [(row.return_date.isoformat(), row.disposition, row.status, row.license_plate) for row in rows] == [
        ('2025-06-05T15:31:40', 'CUSTOMER_DAMAGED', 'IMMEDIATE_DONATION', 'LPNNC00000001'),
        ('2026-06-20T07:32:45', 'SELLABLE', 'Unit returned to inventory', 'LPNGS00000002'),
        ('2023-06-04T18:57:09', 'SELLABLE', 'Unit returned to inventory', 'LPNT000000004')]
    [downloaded] = read('GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA/download_quoted.csv')
    assert downloaded == rows[1]._replace(number=2, title='Wall Bracket')
    without = read('GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA/rows_testmade_de_without_comments.tsv')
    assert (without[1].title, without[1].comments, without[0].title) == ('Sneaker weiß, Gr. 42', '',
                                                                         'Bio-Baumwoll-Shirt schwarz, M')


def test_reimbursements():
    rows = read('GET_FBA_REIMBURSEMENTS_DATA/rows_from_field_statistics.tsv')
    reversal = rows[3]
    assert (reversal.amount, reversal.cash_quantity, reversal.inventory_quantity, reversal.quantity) == (
        Decimal('-6.38'), -1, 1, 0)
    assert (reversal.reason, reversal.original_ref, reversal.original_type) == ('Reimbursement_Reversal', '10000000000',
                                                                                'Lost_Warehouse')
    assert sum(row.amount for row in rows) == Decimal('28.37')
    two, _mixed = read('GET_FBA_REIMBURSEMENTS_DATA/rows_testmade_two_units_and_reversal.tsv')
    assert two.unit_amount * two.quantity == two.amount == Decimal('24.68')


def test_removals():
    [row] = read('GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA/rows_testmade_de_order_source.tsv')
    assert (row.source, row.speed, row.disposition, row.requested, row.shipped, row.fee, row.currency) == (
        'Seller-initiated Manual Removal', '', 'UNSELLABLE', 3, 3, Decimal('1.50'), 'EUR')
    [parcel] = read('GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA/rows_testmade.tsv')
    assert (parcel.order_ref, parcel.shipment_date, parcel.carrier, parcel.tracking_ref) == (
        'ABC123', datetime.datetime(2024, 3, 16), 'UPS', '1Z0000000000000000')


def test_replacements():
    [row] = read('GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA/row_testmade.tsv')
    assert (row.order_ref, row.original_order_ref, row.center, row.original_center, row.quantity) == (
        'ORDER-2', 'ORDER-1', 'FC-1', 'FC-2', 2)

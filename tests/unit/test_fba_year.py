"""A made year of units at Amazon: the reports agree with each other, and all that may happen does."""

import collections
import csv
import datetime
import time

import pytest
from amazon_api.marketplaces import BY_ID
from simulator import amazon_models, fba, fba_events, fba_ledger, fba_reports, fba_truths, fba_year
from simulator.state import SELLERS, State

SKUS = 300


@pytest.fixture(scope='module')
def made():
    state = State()
    seller = state.sellers[SELLERS['eu']]
    told = fba_year.make_year(state, seller, skus=SKUS)
    return fba.world(state, seller), told


def read(world, type, first, last, **options):
    """Return the rows of a report, from its file."""
    kind = fba_reports.KINDS[type]
    file = fba_reports.write(kind, kind.read(world, fba_reports.Period(first, last), options))
    return list(csv.DictReader(file.decode('utf-8-sig').splitlines(), delimiter='\t', quoting=csv.QUOTE_NONE))


def days(told):
    return [datetime.date.fromisoformat(told[name]) for name in ('first', 'last')]


def test_the_sum_of_the_ledger_is_what_there_is_and_what_the_summary_says(made):
    world, told = made
    first, last = days(told)
    detail = collections.Counter()
    for row in read(world, fba_ledger.DETAIL, first, last):
        detail[row['MSKU'], row['Country'], row['Disposition']] += int(row['Quantity'])
    detail = {key: count for key, count in detail.items() if count}
    summary = {(row['MSKU'], row['Location'], row['Disposition']): int(row['Ending Warehouse Balance'])
               for row in read(world, fba_ledger.SUMMARY, last, last, aggregatedByTimePeriod='DAILY')}
    assert detail == {key: count for key, count in summary.items() if count}
    truth = fba_truths.tell(world, last)['units']
    assert detail == {(sku, country, disposition): count for sku, countries in truth.items()
                      for country, dispositions in countries.items() for disposition, count in dispositions.items()}
    assert min(detail.values()) > 0


def test_each_month_goes_on_where_the_last_one_ended(made):
    world, told = made
    first, last = days(told)
    by_month = collections.defaultdict(dict)
    for row in read(world, fba_ledger.SUMMARY, first, last, aggregatedByTimePeriod='MONTHLY'):
        by_month[row['Date']][row['MSKU'], row['Location'], row['Disposition']] = row
        moved = sum(int(row[name]) for name in fba_ledger.SUMMARY_COLUMNS[8:18])
        assert int(row['Starting Warehouse Balance']) + moved == int(row['Ending Warehouse Balance'])
    months = list(by_month.values())
    assert len(months) >= 11
    for before, after in zip(months, months[1:], strict=False):
        for key, row in after.items():
            assert row['Starting Warehouse Balance'] == before.get(key, {'Ending Warehouse Balance': '0'})[
                'Ending Warehouse Balance']


def test_centres_add_up_to_their_countries(made):
    world, told = made
    day = datetime.date.fromisoformat(told['last']) - datetime.timedelta(days=20)
    sums = []
    for location in ('COUNTRY', 'FC'):
        counted = collections.Counter()
        for row in read(world, fba_ledger.SUMMARY, day, day, aggregatedByTimePeriod='DAILY',
                        aggregateByLocation=location):
            country = world.centers.get(row['Location'], row['Location'])
            for name in ('Ending Warehouse Balance', 'In Transit Between Warehouses'):
                counted[row['MSKU'], row['Disposition'], country, name] += int(row[name])
        sums.append({key: count for key, count in counted.items() if count})
    assert sums[0] == sums[1]


def test_all_that_may_happen_does(made):
    world, told = made
    truth = fba_truths.tell(world)
    assert {movement.event for movement in world.movements} == {
        'Receipts', 'Shipments', 'CustomerReturns', 'VendorReturns', 'WhseTransfers', 'Adjustments'}
    assert {movement.reason for movement in world.movements} >= {'', 'M', 'F', 'E', 'P', 'Q', 'D', 'G'}
    assert {country for units in truth['units'].values() for country in units} == {'DE', 'FR', 'IT', 'PL'}
    assert any(row['open'] for row in truth['lost']) and any(row['found'] for row in truth['lost'])
    assert any(row['reimbursed'] for row in truth['lost']) and any(row['open'] for row in truth['damaged'])
    assert truth['transit'] and truth['disposed']
    assert any(row['missing'] for row in truth['removals'])
    assert any(row['missing'] and row['status'] == 'CLOSED' for row in truth['inbound'])
    assert any(row['open'] and row['status'] == 'CLOSED' for row in truth['inbound'])
    assert any(row['open'] and row['status'] != 'CLOSED' and row['last'] < told['last'] for row in truth['inbound'])
    assert truth['below_cost'] and truth['spoiled'] and any(row['reimbursed'] for row in truth['spoiled'])
    assert any(row['open'] for row in truth['replaced']) and any(row['returned'] for row in truth['replaced'])
    assert any(row['arrived'] < row['quantity'] for row in truth['parcels'])
    assert {'Lost_Warehouse', 'Damaged_Warehouse', 'CustomerReturn', 'Lost_Inbound', 'Reimbursement_Reversal'} <= set(
        truth['reimbursed'])
    rows = collections.Counter(tuple(row.items()) for row in read(world, fba_ledger.DETAIL, *days(told)))
    assert any(count > 1 for count in rows.values())


def test_what_is_owed_adds_up_for_each_sku(made):
    """Lost and not found is paid or open, whichever row Amazon reconciled with which; what was found although it is
    paid is taken back later.
    """
    world, _told = made
    lost, owed, paid = collections.Counter(), collections.Counter(), collections.Counter()
    for movement in world.movements:
        if movement.column in ('lost', 'found'):
            lost[movement.item.sku] -= movement.quantity
    for row in fba_truths.tell(world)['lost']:
        owed[row['sku']] += row['open']
    for row in world.reimbursements:
        if 'Lost_Warehouse' in (row['reason'], row['original_type']):
            paid[row['item'].sku] += row['cash']
    found = {sku: sum(row.unmatched() for row in rows) for sku, rows in world.finds.items()}
    assert sum(owed.values()) and sum(found.values())
    for sku in lost:
        assert lost[sku] == owed[sku] + paid[sku] - found.get(sku, 0), sku


def test_the_same_seed_makes_the_same_year(made):
    world, told = made
    state = State()
    seller = state.sellers[SELLERS['eu']]
    assert fba_year.make_year(state, seller, skus=SKUS, end=told['last']) == told
    again = fba.world(state, seller)
    assert fba_truths.tell(again) == fba_truths.tell(world)
    assert read(again, fba_ledger.DETAIL, *days(told)) == read(world, fba_ledger.DETAIL, *days(told))
    assert fba_year.make_year(State(), seller, skus=10, seed=2) != fba_year.make_year(State(), seller, skus=10, seed=3)


def test_refunds_are_returned_in_time_or_late_or_paid_or_owed():
    state = State()
    seller = state.sellers[SELLERS['eu']]
    fba_year.make_year(state, seller, skus=10, refunds=60)
    world = fba.world(state, seller)
    refunds = fba_truths.tell(world)['refunds']
    assert len(refunds) == len(state.orders) == 60
    assert sum(row['units'] == row['returned'] for row in refunds) >= 20
    assert sum(row['units'] == row['reimbursed'] for row in refunds) >= 7
    assert sum(row['units'] == row['open'] for row in refunds) >= 10
    assert any(0 < row['open'] < row['units'] for row in refunds)
    refunded = {row['order']: datetime.date.fromisoformat(row['date']) for row in refunds}
    assert any(entry['at'].day > refunded.get(entry['order_ref'], entry['at'].day) + datetime.timedelta(days=46)
               for entry in world.returns)
    assert all(amazon_models.problems('orders_2026-01-01', 'Order', order) == [] for order in state.orders.values())


def make_world(*events):
    state = State()
    world = fba.world(state, state.sellers[SELLERS['eu']])
    day = (world.today() - datetime.timedelta(days=3)).isoformat()
    fba_events.apply(world, [{'date': day, **event} if event['type'] != 'cost' else event for event in events])
    return fba_truths.tell(world)


def test_what_lacks_of_a_shipment_is_owed_until_it_is_received_or_paid():
    shipment = {'type': 'plan', 'reference': 'FBA15AAAAAA1', 'center': 'LEJ1', 'status': 'SHIPPED',
                'items': [{'sku': 'A', 'quantity': 10}, {'sku': 'B', 'quantity': 5}]}
    receipt = {'type': 'receive', 'reference': 'FBA15AAAAAA1', 'center': 'LEJ1'}
    pay = {'type': 'reimburse', 'sku': 'A', 'amount': '5.00', 'shipment_ref': 'FBA15AAAAAA1'}
    events = [shipment, {**receipt, 'sku': 'A', 'quantity': 7}, {**receipt, 'sku': 'B', 'quantity': 5},
              {**pay, 'reason': 'Lost_Inbound', 'cash': 2, 'reference': 'R1'}]
    assert [(row['missing'], row['open']) for row in make_world(*events)['inbound']] == [(3, 1), (0, 0)]
    late = [*events, {**receipt, 'sku': 'A', 'quantity': 2}]
    assert [(row['missing'], row['open']) for row in make_world(*late)['inbound']] == [(1, 0), (0, 0)]
    back = [*late, {**pay, 'reason': 'Reimbursement_Reversal', 'cash': 2, 'inventory': 2, 'original_ref': 'R1'}]
    assert [(row['missing'], row['open']) for row in make_world(*back)['inbound']] == [(1, 1), (0, 0)]


def test_what_is_paid_below_cost_is_owed_as_long_as_it_is_not_taken_back():
    pay = {'type': 'reimburse', 'sku': 'A', 'cash': 2}
    told = make_world(
        {'type': 'cost', 'sku': 'A', 'amount': '10.00'},
        {**pay, 'reason': 'Lost_Warehouse', 'amount': '4.00', 'reference': 'R1'},
        {**pay, 'reason': 'Damaged_Warehouse', 'amount': '10.00'}, {**pay, 'reason': 'Lost_Inbound', 'amount': '12.00'},
        {**pay, 'reason': 'CustomerReturn', 'amount': '4.00'},
        {**pay, 'reason': 'Lost_Warehouse', 'amount': '3.00', 'reference': 'R2'},
        {**pay, 'reason': 'Reimbursement_Reversal', 'cash': 1, 'amount': '4.00', 'original_ref': 'R1'},
        {**pay, 'reason': 'Reimbursement_Reversal', 'amount': '3.00', 'original_ref': 'R2'})
    assert [(row['reference'], row['units'], row['amount'], row['cost']) for row in told['below_cost']] == [
        ('R1', 1, '4.00', '10.00')]


def test_what_amazon_has_shipped_of_orders_leaves_its_centres():
    state = State(orders=120)
    seller = state.sellers[SELLERS['eu']]
    fba_year.make_year(state, seller, skus=0, sold=True)
    world = fba.world(state, seller)
    sold = collections.Counter()
    for order in state.orders.values():
        ours = BY_ID[order['salesChannel']['marketplaceId']].region == 'eu'
        if ours and (order['fulfillment']['fulfilledBy'], order['fulfillment']['fulfillmentStatus']) == (
                'AMAZON', 'SHIPPED'):
            for line in order['orderItems']:
                sold[order['orderId'], line['product']['sellerSku']] += line['quantityOrdered']
    told = collections.Counter()
    for parcel in world.shipments:
        told[parcel['order_ref'], parcel['item'].sku] += parcel['quantity']
    assert sold and told == +sold
    assert not world.balance()


def test_a_year_that_does_not_fit_changes_nothing(made):
    state = State()
    seller = state.sellers[SELLERS['eu']]
    world = fba.world(state, seller)
    told = fba_year.make_year(state, seller, skus=5)
    before = fba_truths.tell(world)
    with pytest.raises(fba.Unfit):
        fba_events.apply(world, [{'type': 'lose', 'date': told['last'], 'sku': 'FBA-00001', 'quantity': 10 ** 6,
                                  'center': 'LEJ1'}])
    assert fba_truths.tell(world) == before


def test_a_big_year_takes_seconds():
    state = State()
    start = time.process_time()
    told = fba_year.make_year(state, state.sellers[SELLERS['eu']])
    assert told['rows'] > 50_000
    assert time.process_time() - start < 20

"""Units at the simulator's fulfilment centres: every event writes what Amazon writes, and all reports agree."""

import collections
import datetime
from decimal import Decimal

import pytest
from lxml import etree
from simulator import fba, fba_events, fba_ledger, fba_reports, fba_truths, fbm_returns, money, removal_feed
from simulator.generator import generate_orders
from simulator.state import SELLERS, State

DAY = datetime.date(2026, 5, 11)
NOW = datetime.datetime(2026, 6, 20, 12, 0, tzinfo=datetime.timezone.utc)
TODAY = NOW.date()


class FrozenState(State):
    """A state whose time is told."""

    moment = NOW

    def now(self):
        return self.moment


@pytest.fixture
def world():
    state = FrozenState()
    return fba.world(state, state.sellers[SELLERS['eu']])


def event(type, day, **values):
    return {'type': type, 'date': (DAY + datetime.timedelta(days=day)).isoformat(), 'sku': 'SKU-1', **values}


def received(quantity=24, center='WRO5', day=0):
    return event('receive', day, quantity=quantity, center=center, reference='FBA15ABCDEF0')


def detail(world, first=DAY, last=TODAY, **options):
    rows = fba_ledger.read_detail(world, fba_reports.Period(first, last), options)
    return [dict(zip(fba_ledger.DETAIL_COLUMNS, row, strict=True)) for row in rows]


def summary(world, first=DAY, last=TODAY, **options):
    rows = fba_ledger.read_summary(world, fba_reports.Period(first, last), options)
    return [dict(zip(fba_ledger.SUMMARY_COLUMNS, row, strict=True)) for row in rows]


def read(world, type, first=DAY, last=TODAY, **options):
    kind = fba_reports.KINDS[type]
    return [dict(zip(kind.columns, row, strict=True))
            for row in kind.read(world, fba_reports.Period(first, last), options)]


def columns(rows, *names):
    return [tuple(row[name] for name in names) for row in rows]


def everything():
    """Events of every type that moves units."""
    return [
        received(), event('transfer', 1, quantity=10, center='WRO5', to_center='LEJ1', arrive='2026-05-13'),
        event('ship', 2, quantity=3, center='LEJ1', order_ref='302-0000001-0000001'),
        event('replace', 3, quantity=1, center='LEJ1', order_ref='302-0000001-0000002',
              original_ref='302-0000001-0000001'),
        event('return', 3, quantity=1, center='LEJ1', disposition='CUSTOMER_DAMAGED'),
        event('damage', 3, quantity=1, center='LEJ1'),
        event('change', 4, quantity=1, center='LEJ1', to_disposition='DEFECTIVE'),
        event('lose', 5, quantity=2, center='LEJ1'), event('find', 6, quantity=1, center='WRO5'),
        event('dispose', 7, quantity=1, center='LEJ1'),
        event('adjust', 7, change=1, center='WRO5', reason='3'),
        event('remove', 7, order_ref='R1', requested=2, disposition='SELLABLE', center='WRO5', order_type='Return',
              parcels=[{'date': '2026-05-20', 'quantity': 1, 'tracking_ref': 'T1'}],
              disposed=[{'date': '2026-05-21', 'quantity': 1}]),
        event('transfer', 8, quantity=3, center='WRO5', to_center='LYS1', arrive='2026-08-01'),
    ]


# === THE LEDGER === #

def test_a_row_of_the_ledger_is_written_as_amazon_writes_it(world):
    fba_events.apply(world, [received()])
    assert detail(world) == [{
        'Date': '05/11/2026', 'FNSKU': world.item('SKU-1').fnsku, 'ASIN': world.item('SKU-1').asin, 'MSKU': 'SKU-1',
        'Title': 'Item SKU-1', 'Event Type': 'Receipts', 'Reference ID': 'FBA15ABCDEF0', 'Quantity': 24,
        'Fulfillment Center': 'WRO5', 'Disposition': 'SELLABLE', 'Reason': '', 'Country': 'PL',
        'Reconciled Quantity': '', 'Unreconciled Quantity': '', 'Date and Time': '2026-05-11T00:00:00+0200',
        'Store': ''}]


def test_units_leave_one_country_and_arrive_in_another_on_their_days(world):
    fba_events.apply(world, everything()[:2])
    rows = columns(detail(world), 'Date', 'Event Type', 'Quantity', 'Country', 'Reference ID')
    assert rows[1:] == [('05/12/2026', 'WhseTransfers', -10, 'PL', ''), ('05/13/2026', 'WhseTransfers', 10, 'DE', '')]


def test_each_unit_shipped_or_returned_is_a_row_and_equal_rows_are_all_there(world):
    fba_events.apply(world, [received(), event('ship', 1, quantity=3, center='WRO5'),
                             event('return', 2, quantity=2, center='WRO5')])
    rows = detail(world)
    assert rows[1] == rows[2] == rows[3] and rows[4] == rows[5]
    assert [row['Quantity'] for row in rows] == [24, -1, -1, -1, 1, 1]


def test_damage_and_change_are_pairs(world):
    fba_events.apply(world, [received(), event('damage', 1, quantity=2, center='WRO5'),
                             event('change', 2, quantity=1, center='WRO5', to_disposition='EXPIRED'),
                             event('damage', 3, quantity=1, center='WRO5', disposition='EXPIRED')])
    assert columns(detail(world)[1:], 'Quantity', 'Disposition', 'Reason') == [
        (-2, 'SELLABLE', 'E'), (2, 'WAREHOUSE_DAMAGED', 'P'), (-1, 'SELLABLE', 'Q'), (1, 'EXPIRED', 'P'),
        (-1, 'EXPIRED', '7'), (1, 'WAREHOUSE_DAMAGED', 'P')]
    assert len({row['Reference ID'] for row in detail(world)}) == 7
    assert all(len(row['Reference ID']) == 14 for row in detail(world)[1:])


def test_losses_are_reconciled_by_what_is_found_and_by_what_is_paid(world):
    fba_events.apply(world, [received(), event('lose', 1, quantity=5, center='WRO5'),
                             event('find', 2, quantity=2, center='POZ1')])
    assert columns(detail(world)[1:], 'Reason', 'Reconciled Quantity', 'Unreconciled Quantity') == [
        ('M', 2, 3), ('F', 2, 0)]
    fba_events.apply(world, [event('reimburse', 20, reason='Lost_Warehouse', amount='4.10', cash=2)])
    assert columns(detail(world)[1:2], 'Reconciled Quantity', 'Unreconciled Quantity') == [(4, 1)]
    loss = fba_truths.tell(world)['lost'][0]
    assert (loss['quantity'], loss['found'], loss['reimbursed'], loss['open']) == (5, 2, 2, 1)
    # On the day of the loss nothing was known yet.
    assert fba_truths.tell(world, DAY + datetime.timedelta(days=1))['lost'][0]['open'] == 5


def test_what_lies_ahead_is_in_no_report_and_today_grows(world):
    today = TODAY - DAY
    fba_events.apply(world, [received(), event('ship', today.days, quantity=1, center='WRO5', time='13:00:00'),
                             event('ship', today.days, quantity=1, center='WRO5', time='18:00:00'),
                             event('ship', today.days + 1, quantity=1, center='WRO5')])
    assert len(detail(world)) == 2  # it is 14:00 in Berlin
    world.state.moment = NOW.replace(hour=17)
    assert len(detail(world)) == 3
    assert world.balance()['SKU-1'] == {'PL': {'SELLABLE': 22}}


def test_the_day_is_that_of_the_home_marketplace():
    state = FrozenState(homes={'eu': 'GB'})
    state.moment = datetime.datetime(2026, 6, 20, 22, 30, tzinfo=datetime.timezone.utc)
    assert fba.world(state, state.sellers[SELLERS['eu']]).today() == datetime.date(2026, 6, 20)
    state = FrozenState()
    state.moment = datetime.datetime(2026, 6, 20, 22, 30, tzinfo=datetime.timezone.utc)
    assert fba.world(state, state.sellers[SELLERS['eu']]).today() == datetime.date(2026, 6, 21)


def test_the_ledger_is_kept_for_18_months(world):
    fba_events.apply(world, [{**received(), 'date': '2024-11-01'}, {**received(), 'date': '2025-01-15'}])
    assert columns(detail(world, datetime.date(2024, 1, 1)), 'Date') == [('01/15/2025',)]
    assert world.balance()['SKU-1'] == {'PL': {'SELLABLE': 48}}


# === THE SUMMARY === #

@pytest.mark.parametrize('location', ['COUNTRY', 'FC'])
@pytest.mark.parametrize('every', ['DAILY', 'WEEKLY', 'MONTHLY'])
def test_detail_and_summary_agree(world, location, every):
    fba_events.apply(world, everything())
    rows = summary(world, aggregateByLocation=location, aggregatedByTimePeriod=every)
    assert rows
    last, names = {}, fba_ledger.SUMMARY_COLUMNS[8:18]
    for row in rows:
        key = row['MSKU'], row['Disposition'], row['Location']
        assert row['Starting Warehouse Balance'] == last.get(key, 0)
        last[key] = row['Ending Warehouse Balance']
        assert row['Ending Warehouse Balance'] == row['Starting Warehouse Balance'] + sum(row[name] for name in names)
    moved = collections.Counter()
    place = 'Fulfillment Center' if location == 'FC' else 'Country'
    end = max(datetime.datetime.strptime(row['Date'], '%m/%d/%Y').date() for row in rows)
    for row in detail(world, last=end):
        moved[row['MSKU'], row['Disposition'], row[place]] += row['Quantity']
    assert +moved == collections.Counter({key: count for key, count in last.items() if count})


def test_each_movement_counts_in_its_column(world):
    fba_events.apply(world, everything())
    sums = collections.Counter()
    for row in summary(world, aggregatedByTimePeriod='DAILY'):
        sums.update({name: row[name] for name in fba_ledger.SUMMARY_COLUMNS[8:18]})
    assert dict(sums) == {
        'Receipts': 24, 'Customer Shipments': -4, 'Customer Returns': 1, 'Vendor Returns': -1,
        'Warehouse Transfer In/Out': -3, 'Found': 1, 'Lost': -2, 'Damaged': 0, 'Disposed': -2, 'Other Events': 1}


def test_what_is_between_centres_is_in_transit_until_it_arrives(world):
    fba_events.apply(world, everything()[:2])
    rows = summary(world, last=DAY + datetime.timedelta(days=2), aggregatedByTimePeriod='DAILY')
    assert columns(rows, 'Date', 'Location', 'In Transit Between Warehouses', 'Ending Warehouse Balance') == [
        ('05/11/2026', 'PL', 0, 24), ('05/12/2026', 'PL', 10, 14), ('05/13/2026', 'PL', 0, 14),
        ('05/13/2026', 'DE', 0, 10)]
    fba_events.apply(world, [event('transfer', 4, quantity=2, center='LEJ1', to_center='WRO5')])
    assert fba_truths.tell(world)['transit'] == {'SKU-1': 2}


@pytest.mark.parametrize(('every', 'location', 'last'), [
    ('DAILY', 'COUNTRY', '06/19/2026'), ('DAILY', 'FC', '06/10/2026'), ('WEEKLY', 'COUNTRY', '06/14/2026'),
    ('MONTHLY', 'COUNTRY', '05/31/2026'), ('Daily', 'COUNTRY', '05/31/2026')])
def test_what_is_too_recent_is_not_in_the_summary(world, every, location, last):
    fba_events.apply(world, [received()])
    rows = summary(world, aggregateByLocation=location, aggregatedByTimePeriod=every)
    assert rows[-1]['Date'] == last
    assert summary(world, TODAY, aggregateByLocation=location, aggregatedByTimePeriod=every) == []


def test_rows_are_chosen_by_sku_and_type_of_event(world):
    fba_events.apply(world, [*everything(), {**received(), 'sku': 'SKU-2'}])
    assert {row['MSKU'] for row in detail(world, MSKU='SKU-2')} == {'SKU-2'}
    assert {row['Event Type'] for row in detail(world, eventType='Adjustments')} == {'Adjustments'}
    assert detail(world, eventType='Receipts,Shipments') == []
    assert {row['MSKU'] for row in summary(world, FNSKU=world.item('SKU-2').fnsku)} == {'SKU-2'}


# === EVENTS THAT CANNOT BE === #

@pytest.mark.parametrize(('wrong', 'words'), [
    ({'type': 'vanish'}, "type must be one of adjust, center"),
    ('receive', "type must be one of"), ({'type': ['ship']}, "type must be one of"),
    (event('lose', 1, quantity=1, center=['WRO5']), "its country is not known"),
    (event('lose', 1, quantity=1, center=None), "center is missing"),
    (event('ship', 1, quantity=25, center='WRO5'), "3 more than there"),
    (event('ship', 1, quantity=1, center='LEJ1'), "1 more than there"),
    (event('ship', 1, center='WRO5'), "sku and quantity are missing"),
    (event('lose', 1, quantity='2', center='WRO5'), "quantity must be a number from 1, not '2'"),
    (event('lose', 1, quantity=0, center='WRO5'), "quantity must be a number from 1, not 0"),
    (event('lose', 1, quantity=True, center='WRO5'), "quantity must be a number"),
    (event('lose', 1, quantity=1), "center is missing"),
    (event('lose', 1, quantity=1, center='ZZZ9'), "'ZZZ9': its country is not known"),
    (event('lose', 1, quantity=1, center='WRO5', colour='red'), "colour: no such field"),
    ({**event('lose', 1, quantity=1, center='WRO5'), 'date': '11.05.2026'}, "date must be a date YYYY-MM-DD"),
    (event('change', 1, quantity=1, center='WRO5', to_disposition='broken'), "must be a disposition such as"),
    (event('damage', 1, quantity=1, center='WRO5', disposition='SCRATCHED'), "disposition must be one of SELLABLE"),
    (event('transfer', 1, quantity=1, center='WRO5', to_center='LEJ1', arrive='2026-05-01'), "arrive is before date"),
    (event('reimburse', 1, reason='Lost_Warehouse', amount='4'), "cash or inventory must be more than 0"),
    (event('reimburse', 1, reason='Lost_Warehouse', amount='much', cash=1), "amount must be an amount"),
    (event('reimburse', 1, reason='Lost_Warehouse', amount='4', inventory=1), "center is missing"),
    (event('reimburse', 1, reason='Reimbursement_Reversal', amount='4', cash=1), "original_ref is missing"),
    (event('remove', 1, order_ref='R9'), "requested is missing"),
    (event('remove', 1, order_ref='R9', requested=1, parcels=[{'date': '2026-05-20', 'quantity': 2,
                                                               'tracking_ref': 'T'}]), "than the 1 requested"),
    (event('remove', 1, order_ref='R9', requested=1, parcels=[{'date': '2026-05-20'}]), "parcels: each has"),
    (event('remove', 1, order_ref='R9', requested=1, disposition='DEFECTIVE', parcels=[
        {'date': '2026-05-20', 'quantity': 1, 'tracking_ref': 'T'}]), "1 of 1 unsellable units are not there"),
    (event('return_request', 1, order_ref='302-1', rma_ref='D1', country='XX'), "country 'XX' has no marketplace"),
    ({'type': 'plan', 'date': '2026-05-11', 'reference': 'FBA1'}, "center is missing"),
    ({'type': 'plan', 'date': '2026-05-11', 'reference': 'FBA1', 'center': 'LEJ1', 'status': 'LOST'}, "status must be"),
])
def test_events_are_refused_in_words_and_as_a_whole(world, wrong, words):
    fba_events.apply(world, [received()])
    before = fba_truths.tell(world), detail(world)
    with pytest.raises(fba.Unfit, match="event 2 ") as refusal:
        fba_events.apply(world, [event('lose', 1, quantity=2, center='WRO5'), wrong])
    assert words in str(refusal.value)
    assert (fba_truths.tell(world), detail(world)) == before


def test_units_that_leave_later_cannot_leave_twice(world):
    fba_events.apply(world, [received(2), event('ship', 5, quantity=2, center='WRO5')])
    with pytest.raises(fba.Unfit, match="1 more than there"):
        fba_events.apply(world, [event('lose', 3, quantity=1, center='WRO5')])


def test_another_centre_may_be_told_with_its_country(world):
    fba_events.apply(world, [{'type': 'center', 'code': 'XYZ1', 'country': 'SK'}, received(center='XYZ1')])
    assert world.balance() == {'SKU-1': {'SK': {'SELLABLE': 24}}}


def test_any_row_may_be_written_as_it_is(world):
    fba_events.apply(world, [event('adjust', 1, change=2, center='WRO5', reason='?', disposition='NEW_WORD',
                                   event_type='Liquidations', reference='')])
    assert columns(detail(world), 'Event Type', 'Reason', 'Disposition', 'Reference ID') == [
        ('Liquidations', '?', 'NEW_WORD', '')]


# === ORDERS, RETURNS, REMOVALS, REIMBURSEMENTS === #

def test_what_amazon_ships_is_told_with_its_centre_and_nothing_personal(world):
    fba_events.apply(world, [received(), event('ship', 1, quantity=2, center='WRO5', order_ref='302-0000001-0000001',
                                               item_ref='123'), event('ship', 2, quantity=1, center='WRO5')])
    first, second = read(world, 'GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL')
    assert (first['amazon-order-id'], first['amazon-order-item-id'], first['quantity-shipped']) == (
        '302-0000001-0000001', '123', 2)
    assert (first['fulfillment-center-id'], first['sales-channel']) == ('WRO5', 'amazon.de')
    assert second['sales-channel'] == 'Non-Amazon' and second['merchant-order-id'] and second['amazon-order-id']
    assert not any(first[name] for name in first if name.startswith(('buyer-', 'recipient-', 'bill-', 'ship-address')))


def test_an_order_that_is_known_is_shipped_as_it_is(world):
    order = next(order for order in generate_orders(60, now=NOW, countries=['DE'])
                 if order['fulfillment']['fulfilledBy'] == 'AMAZON' and order['orderItems'][0]['quantityOrdered'])
    world.state.orders[order['orderId']] = order
    skus = {line['product']['sellerSku'] for line in order['orderItems']}
    fba_events.apply(world, [{**received(100), 'sku': sku} for sku in skus])
    fba_events.apply(world, [{'type': 'ship', 'date': TODAY.isoformat(), 'center': 'WRO5',
                              'order_ref': order['orderId']}])
    rows = read(world, 'GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL')
    assert [(row['amazon-order-item-id'], row['quantity-shipped']) for row in rows] == [
        (line['orderItemId'], line['quantityOrdered']) for line in order['orderItems']]
    assert rows[0]['item-price'] > 0


def test_a_return_goes_into_stock_only_when_it_is_back_in_inventory(world):
    fba_events.apply(world, [
        event('return', 1, quantity=1, center='LEJ1', license_plate='LPN1', disposition='DEFECTIVE'),
        event('return', 2, quantity=1, center='LEJ1', license_plate='LPN2', status='Reimbursed'),
        event('return', 3, quantity=1, center='LEJ1', license_plate='LPN3', status='Pending Repackaging'),
        event('return', 9, quantity=1, center='LEJ1', license_plate='LPN3', status='Repackaged Successfully'),
        event('return', 10, quantity=1, center='LEJ1'), event('return', 10, quantity=1, center='LEJ1')])
    rows = read(world, 'GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA')
    assert columns(rows, 'license-plate-number', 'status') == [
        ('LPN1', 'Unit returned to inventory'), ('LPN2', 'Reimbursed'), ('LPN3', 'Repackaged Successfully'),
        ('', 'Unit returned to inventory'), ('', 'Unit returned to inventory')]
    assert columns(detail(world), 'Date', 'Disposition') == [
        ('05/12/2026', 'DEFECTIVE'), ('05/20/2026', 'SELLABLE'), ('05/21/2026', 'SELLABLE'),
        ('05/21/2026', 'SELLABLE')]


def test_a_removal_order_goes_on_until_it_is_completed(world):
    fba_events.apply(world, [received(), event('remove', 10, order_ref='R1', requested=5, center='WRO5', parcels=[
        {'date': '2026-05-25', 'quantity': 2, 'tracking_ref': 'T1'},
        {'date': '2026-06-19', 'quantity': 1, 'tracking_ref': 'T2'}])])
    names = ('order-status', 'requested-quantity', 'shipped-quantity', 'cancelled-quantity', 'in-process-quantity')
    world.state.moment = NOW - datetime.timedelta(days=2)
    type = 'GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA'
    assert columns(read(world, type), *names) == [('Pending', 5, 2, 0, 3)]
    world.state.moment = NOW
    assert columns(read(world, type), *names) == [('Pending', 5, 3, 0, 2)]
    # What is asked for by days holds orders that went on in these days.
    assert read(world, type, datetime.date(2026, 6, 19)) and not read(world, type, TODAY)
    fba_events.apply(world, [event('remove', 39, order_ref='R1', status='Completed', cancelled=[
        {'date': '2026-06-19', 'quantity': 1}])])
    assert columns(read(world, type), *names) == [('Completed', 5, 3, 1, 0)]
    assert fba_truths.tell(world)['removals'][0]['missing'] == 1
    assert columns(read(world, 'GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA'), 'tracking-number',
                   'shipped-quantity') == [('T1', 2), ('T2', 1)]
    assert columns(detail(world, eventType='VendorReturns'), 'Date', 'Quantity') == [
        ('05/25/2026', -2), ('06/19/2026', -1)]


def test_an_order_to_remove_takes_units_from_wherever_they_are(world):
    fba_events.apply(world, [received(2), received(2, 'LEJ1'), event('damage', 1, quantity=1, center='LEJ1'),
                             event('remove', 10, order_ref='R1', requested=3, parcels=[
                                 {'date': '2026-05-25', 'quantity': 3, 'tracking_ref': 'T1'}])])
    assert world.balance()['SKU-1'] == {'DE': {'WAREHOUSE_DAMAGED': 1}}


def test_money_is_taken_back_when_units_turn_up_and_units_may_be_given(world):
    fba_events.apply(world, [
        received(), event('lose', 1, quantity=3, center='WRO5'),
        event('reimburse', 5, reason='Lost_Warehouse', amount='6.38', cash=2, reference='R1', case_ref='C1'),
        event('find', 9, quantity=1, center='WRO5'), event('find', 9, quantity=1, center='WRO5')])
    before = detail(world)
    fba_events.apply(world, [
        event('reimburse', 10, reason='Reimbursement_Reversal', amount='6.38', cash=1, inventory=1, original_ref='R1'),
        event('reimburse', 11, reason='Damaged_Warehouse', amount='6.38', inventory=2, center='WRO5')])
    rows = read(world, 'GET_FBA_REIMBURSEMENTS_DATA')
    names = ('amount-per-unit', 'amount-total', 'quantity-reimbursed-cash', 'quantity-reimbursed-inventory',
             'quantity-reimbursed-total', 'original-reimbursement-type')
    assert columns(rows, *names) == [
        (Decimal('6.38'), 0, 0, 2, 2, ''), (Decimal('-6.38'), Decimal('-6.38'), -1, 1, 0, 'Lost_Warehouse'),
        (Decimal('6.38'), Decimal('12.76'), 2, 0, 2, '')]
    assert columns(detail(world)[1:], 'Quantity', 'Reason', 'Unreconciled Quantity') == [
        (-3, 'M', 0), (1, 'F', 0), (1, 'F', 0), (2, 'N', '')]
    assert columns(before, 'Reason', 'Unreconciled Quantity')[1:4] == [('M', 0), ('F', 0), ('F', 1)]
    loss = fba_truths.tell(world)['lost'][0]
    assert (loss['found'], loss['reimbursed'], loss['open']) == (2, 1, 0)
    paid = money.events(world.state, world.seller)
    assert [(event['type'], event['rows'][0]['amount-description'], event['rows'][0]['amount'],
             event['rows'][0]['adjustment-id']) for event in paid] == [
        ('FBAInventoryReimbursement', 'WAREHOUSE_LOST', Decimal('12.76'), 'R1'),
        ('FBAInventoryReimbursement', 'COMPENSATED_CLAWBACK', Decimal('-6.38'), rows[1]['reimbursement-id'])]


def test_money_that_is_taken_back_for_another_loss_leaves_that_one_open(world):
    fba_events.apply(world, [
        received(), event('lose', 1, quantity=1, center='WRO5'),
        event('reimburse', 5, reason='Lost_Warehouse', amount='6', cash=1, reference='R1'),
        event('lose', 6, quantity=1, center='WRO5'), event('find', 9, quantity=1, center='WRO5'),
        event('reimburse', 10, reason='Reimbursement_Reversal', amount='6', cash=1, inventory=1, original_ref='R1')])
    lost = fba_truths.tell(world)['lost']
    assert [(row['found'], row['reimbursed'], row['open']) for row in lost] == [(0, 0, 1), (1, 0, 0)]


def test_replacements_name_both_orders(world):
    fba_events.apply(world, everything())
    row = read(world, 'GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA')[0]
    assert (row['replacement-amazon-order-id'], row['original-amazon-order-id']) == (
        '302-0000001-0000002', '302-0000001-0000001')


# === RETURNS TO MERCHANTS === #

def test_a_return_request_is_updated_and_never_twice(world):
    order = next(order for order in generate_orders(60, now=NOW, countries=['FR'])
                 if order['fulfillment']['fulfilledBy'] == 'MERCHANT' and order.get('proceeds'))
    world.state.orders[order['orderId']] = order
    request = {'type': 'return_request', 'date': '2026-06-01', 'order_ref': order['orderId'], 'rma_ref': 'D1RRMA',
               'reason': 'CR-DEFECTIVE', 'label_cost': '4.14', 'twice': True}
    fba_events.apply(world, [request, {**request, 'date': '2026-06-10', 'refunded_amount': '10.00',
                                       'delivery_date': '2026-06-09'}])
    market = order['salesChannel']['marketplaceId']
    rows = read(world, fbm_returns.FLAT, marketplaces=[market])
    assert columns(rows, 'Order ID', 'Return request date', 'Refunded Amount', 'Return delivery date', 'Merchant SKU',
                   'Order Item ID') == [
        (order['orderId'], '01-Jun-2026', Decimal('10.00'), '09-Jun-2026',
         order['orderItems'][0]['product']['sellerSku'], order['orderItems'][0]['orderItemId'])]
    assert rows[0]['Order Amount'] == Decimal(order['proceeds']['grandTotal']['amount'])
    assert read(world, fbm_returns.FLAT, marketplaces=['A1PA6795UKMFR9']) == []
    tree = etree.fromstring(fbm_returns.write_xml(
        world, fba_reports.Period(DAY, TODAY), {'marketplaces': [market]}))
    details = tree.findall('Message/return_details')
    assert len(details) == 1 and len(details[0].findall('item_details')) == 2
    assert details[0].findtext('label_details/label_cost') == '4.14'


def test_returns_to_merchants_are_not_those_to_amazon(world):
    order = next(order for order in generate_orders(60, now=NOW) if order['fulfillment']['fulfilledBy'] == 'AMAZON')
    world.state.orders[order['orderId']] = order
    with pytest.raises(fba.Unfit, match="is fulfilled by Amazon"):
        fba_events.apply(world, [{'type': 'return_request', 'date': '2026-06-01', 'order_ref': order['orderId'],
                                  'rma_ref': 'D1RRMA'}])


# === THE REMOVAL FEED === #

FEED = ("MerchantRemovalOrderID\tREM-0001\nRemovalDisposition\tReturn\nAddressName\tExample GmbH\n"
        "AddressFieldOne\tMusterstrasse 1\nAddressCity\tMusterstadt\nAddressCountryCode\tDE\n"
        "AddressPostalCode\t00000\n\nMerchantSKU\tSellableQuantity\tUnsellableQuantity\n")


def send(world, content, fault=None):
    status, report = removal_feed.process_feed(
        world.state, {'seller': world.seller, 'content': content.encode(), 'fault': fault})
    assert status == 'DONE'
    return report.decode()


def test_a_removal_order_is_made_by_a_feed(world):
    fba_events.apply(world, [received(), event('damage', 1, quantity=3, center='WRO5')])
    report = send(world, FEED + "SKU-1\t5\t3\nSKU-9\t1\t0\n")
    assert 'records processed\t\t2' in report and 'records successful\t\t1' in report
    assert "2\tSKU-9\t90000\tError\tSKU SKU-9 is not in the inventory at Amazon." in report
    rows = read(world, 'GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA')
    assert columns(rows, 'order-id', 'disposition', 'requested-quantity', 'order-status', 'order-type') == [
        ('REM-0001', 'Sellable', 5, 'Pending', 'Return'), ('REM-0001', 'Unsellable', 3, 'Pending', 'Return')]
    assert "was used before" in send(world, FEED + "SKU-1\t1\t0\n")
    fba_events.apply(world, [{**event('remove', 0, order_ref='REM-0001', disposition='DEFECTIVE', parcels=[
        {'date': TODAY.isoformat(), 'quantity': 3, 'tracking_ref': 'T1'}]), 'date': TODAY.isoformat()}])
    assert world.balance()['SKU-1'] == {'PL': {'SELLABLE': 21}}


@pytest.mark.parametrize(('content', 'words'), [
    (FEED.replace("\tReturn", "\tGift") + "SKU-1\t1\t0\n", "RemovalDisposition must be Return or Disposal"),
    (FEED.replace("AddressCity\tMusterstadt\n", "") + "SKU-1\t1\t0\n", "AddressCity is required"),
    (FEED.replace("\n\n", "\n") + "SKU-1\t1\t0\n", "After a blank line"),
    (FEED.replace("MerchantSKU", "SKU") + "SKU-1\t1\t0\n", "header of the items must be"),
    (FEED + "SKU-1\t25\t0\n", "25 sellable units of SKU SKU-1 are not available: there are 24"),
    (FEED + "SKU-1\t0\t1\n", "1 unsellable units"), (FEED + "SKU-1\tx\t1\n", "whole numbers"),
    (FEED + "SKU-1\t0\t0\n", "more than 0")])
def test_a_feed_that_cannot_be_makes_no_order(world, content, words):
    fba_events.apply(world, [received()])
    report = send(world, content)
    assert words in report and 'records successful\t\t0' in report
    assert world.removals == {}

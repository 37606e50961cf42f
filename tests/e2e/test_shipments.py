"""Deliveries leave, Amazon, networks and workers fail; Amazon still records every parcel exactly once (A22, A27)."""

import time

import pytest
from simulator.generator import catalogue, merchant_orders

from .conftest import kill_after, start_worker

PAST = '2020-01-01 00:00:00'
TRIGGER = "env.ref('amazon_connector.ir_cron_amazon_shipments').method_direct_trigger()"


def begin(system, count, country='DE', **options):
    """Orders of a warehouse that has everything; return their deliveries, ready, with carrier and tracking number."""
    system.begin(**options)
    # Odoo's own offer to send the buyer a text message is not what is tested here.
    companies = system.call('res.company', 'search', [])
    system.call('res.company', 'write', companies,
                {'has_received_warning_stock_sms': True, 'stock_text_confirmation': False})
    system.control('orders', merchant_orders(count, country))
    system.connect()
    system.run_orders()
    system.set_stock({good['sku']: 5000 for good in catalogue()})
    pickings = system.call('stock.picking', 'search', [('amazon_order_ref', '!=', False)])
    assert len(pickings) == count
    system.call('stock.picking', 'action_assign', pickings)
    method = make_method(system)
    for position, picking in enumerate(pickings):
        system.call('stock.picking', 'write', [picking],
                    {'carrier_id': method, 'carrier_tracking_ref': f'{position:012d}'})
    return pickings


def make_method(system):
    found = system.call('delivery.carrier', 'search', [('name', '=', "DHL Paket")])
    if found:
        return found[0]
    product = system.call('product.product', 'create', [{'name': "DHL Paket", 'type': 'service'}])[0]
    method = system.call('delivery.carrier', 'create',
                         [{'name': "DHL Paket", 'product_id': product, 'delivery_type': 'fixed'}])[0]
    system.call('amazon.carrier.mapping', 'action_suggest', [])
    mappings = system.call('amazon.carrier.mapping', 'search', [('delivery_carrier_id', '=', method)])
    system.call('amazon.carrier.mapping', 'write', mappings, {'is_for_prime': True})
    return method


def make_buy_shipping(system, rule='cheapest'):
    market = system.call('amazon.seller.marketplace', 'search_read', [('country_id.code', '=', 'DE')],
                         ['warehouse_id', 'company_id'])[0]
    partner = system.call('stock.warehouse', 'read', [market['warehouse_id'][0]], ['partner_id'])[0]['partner_id'][0]
    germany = system.call('res.country', 'search', [('code', '=', 'DE')])[0]
    system.call('res.partner', 'write', [partner], {
        'street': "Lagerweg 1", 'city': "Berlin", 'zip': '10115', 'country_id': germany, 'email': 'lager@example.com',
        'phone': '+49305550100'})
    products = system.call('product.product', 'search', [('default_code', '=like', 'SKU-%')])
    system.call('product.product', 'write', products, {'weight': 0.3})
    box = system.call('stock.package.type', 'create',
                      [{'name': "Box", 'packaging_length': 300, 'width': 200, 'height': 100}])[0]
    service = system.call('product.product', 'create', [{'name': "Amazon Buy Shipping", 'type': 'service'}])[0]
    return system.call('delivery.carrier', 'create', [
        {'name': "Amazon Buy Shipping", 'product_id': service, 'delivery_type': 'amazon', 'amazon_package_type_id': box,
         'amazon_rule': rule}])[0]


def validate(system, pickings):
    assert system.call('stock.picking', 'button_validate', pickings, context={'skip_backorder': True}) is True


def settle(system, done, seconds=300):
    """Run the flows as if the times had passed at which Amazon's answers are looked at, until everything is done."""
    def read_back():
        waiting = system.call('amazon.package', 'search', [('state', '=', 'sent'), ('next_check', '!=', False)])
        if waiting:
            system.update('amazon_package', waiting, next_check=PAST)
        system.run_once('feeds')
        return done()
    system.run('shipments', read_back, seconds)


def all_confirmed(system):
    states = [row['state'] for row in system.call('amazon.package', 'search_read', [], ['state'])]
    return bool(states) and set(states) == {'confirmed'}


def assert_exact(system):
    """Amazon has one package of each order, with all its items and the delivery's tracking number."""
    rows = system.call('amazon.package', 'search_read', [], ['amazon_order_ref', 'tracking_number'])
    sent = {row['amazon_order_ref']: row['tracking_number'] for row in rows}
    for order in system.control('orders'):
        [package] = order['packages']
        assert package['trackingNumber'] == sent[order['orderId']]
        assert {item['orderItemId']: item['quantity'] for item in package['packageItems']} == {
            item['orderItemId']: item['quantityOrdered'] for item in order['orderItems']}
        assert order['fulfillment']['fulfillmentStatus'] == 'SHIPPED'
    assert len(sent) == len(system.control('orders'))


@pytest.mark.parametrize('faults', [
    [{'kind': 'error_500', 'share': 0.3}, {'kind': 'error_503', 'share': 0.2}],
    [{'kind': 'throttle', 'share': 0.4, 'count': 8}],
    [{'kind': 'cut', 'share': 0.5, 'count': 6}, {'kind': 'html_success', 'share': 0.3, 'count': 4}],
    [{'kind': 'unrecorded', 'count': 3}], [{'kind': 'slow', 'seconds': 0.3}], [{'kind': 'clock_shift', 'seconds': 600}],
], ids=lambda faults: '+'.join(fault['kind'] for fault in faults))
def test_every_parcel_is_recorded_once_whatever_happens(system, faults):
    """A22 and A27 under the faults of the orders' import."""
    pickings = begin(system, 12)
    for fault in faults:
        system.fault(operation='confirmShipment', **fault)
    validate(system, pickings)
    settle(system, lambda: all_confirmed(system))
    assert_exact(system)


@pytest.mark.parametrize('count', [40, 130], ids=['calls', 'feed'])
def test_a_killed_worker_loses_and_doubles_nothing(system, count):
    pickings = begin(system, count)
    system.fault('slow', operation='confirmShipment', seconds=0.3)
    system.fault('slow', operation='createFeed', seconds=3)
    with system.without_job('shipments'):
        validate(system, pickings)
        for _time in range(2):
            kill_after(start_worker(TRIGGER), 7)
            # What was sent reaches Amazon, before anybody asks what has.
            time.sleep(4)
    settle(system, lambda: all_confirmed(system))
    assert_exact(system)
    counters = system.control('calls')['counters']
    assert counters.get('createFeed', 0) <= 1


def test_a_wave_goes_by_one_feed_and_is_read_back_with_few_calls(system):
    pickings = begin(system, 150)
    before = system.control('calls')['counters']
    validate(system, pickings)
    system.run('shipments', lambda: system.call('amazon.package', 'search_count', [('state', '=', 'sent')]) == 150)
    system.run('feeds',
               lambda: system.call('amazon.feed', 'search_count', [('kind', '=', 'shipment'), ('state', '=', 'done')]))
    # Amazon shows the last two minutes with the next search.
    time.sleep(1)
    system.run('orders', lambda: all_confirmed(system))
    assert_exact(system)
    after = system.control('calls')['counters']
    made = {name: after.get(name, 0) - before.get(name, 0)
            for name in ('confirmShipment', 'getOrder', 'createFeedDocument', 'createFeed')}
    assert made == {'confirmShipment': 0, 'getOrder': 0, 'createFeedDocument': 1, 'createFeed': 1}


@pytest.mark.parametrize(('operation', 'faults'), [
    ('purchaseShipment', [{'kind': 'cut', 'count': 4}, {'kind': 'error_500', 'count': 3}]),
    ('purchaseShipment', [{'kind': 'throttle', 'count': 4}]),
    ('getRates', [{'kind': 'error_503', 'share': 0.4}, {'kind': 'html_success', 'count': 2}]),
], ids=lambda value: value if isinstance(value, str) else '+'.join(fault['kind'] for fault in value))
def test_every_label_is_bought_once_whatever_happens(system, operation, faults):
    pickings = begin(system, 8, 'FR')
    method = make_buy_shipping(system, 'fastest')
    system.call('stock.picking', 'write', pickings, {'carrier_id': method, 'carrier_tracking_ref': False})
    for fault in faults:
        system.fault(operation=operation, **fault)
    validate(system, pickings)

    def bought():
        return system.call('amazon.label', 'search_count', [('state', '=', 'bought')]) == 8
    system.run('labels', bought)
    settle(system, lambda: all_confirmed(system))
    sold = system.control('shipments')
    assert len(sold) == len({one['order'] for one in sold}) == 8, "each label is paid for once"
    assert_exact(system)

"""Run in Odoo's shell by bench.py: a thousand deliveries leave in waves of 500 and are confirmed."""

import json
import os
import time

import requests

seller = env['amazon.seller'].browse(int(os.environ['BENCH_SELLER']))  # noqa: F821
syncs = {sync.flow: sync for sync in seller.sync_ids}
packages, result = env['amazon.package'], {}  # noqa: F821


def counters():
    return requests.get(f"{os.environ['BENCH_AMAZON']}/_control/calls", timeout=60).json()['counters']


def calls_since(before):
    made = {name: count - before.get(name, 0) for name, count in counters().items() if ' ' not in name}
    return {name: count for name, count in made.items() if count}


def run(flow):
    syncs[flow].next_run = False
    syncs[flow]._run()
    env.cr.commit()  # noqa: F821


def prepare():
    """Orders imported, goods in stock, each delivery with carrier and tracking number."""
    seller.marketplace_ids.warehouse_id.ensure_one()
    location = seller.marketplace_ids.warehouse_id.lot_stock_id
    for product in env['product.product'].search([('default_code', '=like', 'SKU-%')]):  # noqa: F821
        env['stock.quant']._update_available_quantity(product, location, 100_000)  # noqa: F821
    run('orders')
    service = env['product.product'].create({'name': "DHL Paket", 'type': 'service'})  # noqa: F821
    method = env['delivery.carrier'].create({  # noqa: F821
    'name': "DHL Paket", 'product_id': service.id, 'delivery_type': 'fixed'})
    env['amazon.carrier.mapping'].action_suggest()  # noqa: F821
    pickings = env['stock.picking'].search([('amazon_order_ref', '!=', False)])  # noqa: F821
    for position, picking in enumerate(pickings):
        picking.write({'carrier_id': method.id, 'carrier_tracking_ref': f'{position:012d}'})
    env.cr.commit()  # noqa: F821
    return pickings


def confirm():
    """Submit, fetch the result, read back with the next search."""
    run('shipments')
    deadline = time.monotonic() + 60
    open_ones = [('kind', '=', 'shipment'), ('state', '!=', 'done')]
    while env['amazon.feed'].search_count(open_ones) and time.monotonic() < deadline:  # noqa: F821
        env['amazon.feed'].search([('state', '=', 'submitted')]).next_poll = '2020-01-01'  # noqa: F821
        run('feeds')
        time.sleep(0.5)
    time.sleep(1)
    run('orders')
    run('shipments')


pickings = prepare()
start = time.perf_counter()
for position in range(0, len(pickings), 500):
    assert pickings[position:position + 500].with_context(skip_backorder=True, skip_sms=True).button_validate() is True
    env.cr.commit()  # noqa: F821
result['validate_s'] = time.perf_counter() - start
before, start = counters(), time.perf_counter()
confirm()
result['confirm_s'] = time.perf_counter() - start
result['calls'] = calls_since(before)
result['confirmed'] = packages.search_count([('state', '=', 'confirmed')])
sent = {package.amazon_order_ref: package.tracking_number for package in packages.search([])}
result['wrong'] = 0
for order in requests.get(f"{os.environ['BENCH_AMAZON']}/_control/orders", timeout=60).json():
    wanted = {item['orderItemId']: item['quantityOrdered'] for item in order['orderItems']}
    shown = [({item['orderItemId']: item['quantity'] for item in package['packageItems']}, package['trackingNumber'])
             for package in order.get('packages', [])]
    result['wrong'] += shown != [(wanted, sent.get(order['orderId']))]
with open(os.environ['BENCH_RESULT'], 'w') as output:
    json.dump(result, output)

"""Run in Odoo's shell by bench.py, with an Amazon in real time: from a change of stock to what buyers see."""

import json
import os
import time

import requests

seller = env['amazon.seller'].browse(int(os.environ['BENCH_SELLER']))  # noqa: F821
market = seller.marketplace_ids.filtered(lambda market: market.marketplace_ref == 'A1PA6795UKMFR9')
(seller.marketplace_ids - market).active = False
count = int(os.environ['BENCH_LISTINGS'])
known = set(env['product.product'].search([('default_code', 'like', 'SKU-')]).mapped('default_code'))  # noqa: F821
products = env['product.product'].search([('default_code', 'like', 'SKU-')]) | env['product.product'].create([  # noqa: F821
    {'name': f"Thing {number}", 'default_code': f'SKU-{number:05d}', 'is_storable': True, 'taxes_id': False}
    for number in range(len(known), count)])
market.write({'stock_sync': True, 'guard_share': 0, 'stock_jump_limit': 0})
env['amazon.listing'].create([{  # noqa: F821
    'marketplace_id': market.id, 'sku': product.default_code, 'product_id': product.id, 'channel_code': 'DEFAULT',
    'status': 'active'} for product in products])
env['stock.quant'].create([{  # noqa: F821
    'product_id': product.id, 'location_id': market.warehouse_id.lot_stock_id.id, 'quantity': 1000 + position,
} for position, product in enumerate(products)])
env.cr.commit()  # noqa: F821
wanted = {product.default_code: 1000 + position for position, product in enumerate(products)}


def shown():
    answer = requests.get(f"{os.environ['BENCH_AMAZON']}/_control/listings", timeout=60).json()
    return {listing['sku']: listing['fulfillmentAvailability'][0].get('quantity') for listing in answer['listings']
            if listing['marketplace'] == market.marketplace_ref}


start = time.perf_counter()
seller.sync_ids.filtered(lambda sync: sync.flow == 'stock')._run()
env.cr.commit()  # noqa: F821
sent = time.perf_counter() - start
while not wanted.items() <= shown().items():
    time.sleep(0.5)
result = {'changed': len(wanted), 'sent_s': sent, 'shown_s': time.perf_counter() - start}
with open(os.environ['BENCH_RESULT'], 'w') as output:
    json.dump(result, output)

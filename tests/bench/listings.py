"""Run in Odoo's shell by bench.py: listings in by report, quantities out by feed, and the floor with plain Odoo beside
them.
"""

import json
import os
import time

import requests

seller = env['amazon.seller'].browse(int(os.environ['BENCH_SELLER']))  # noqa: F821
market = seller.marketplace_ids.filtered(lambda market: market.marketplace_ref == 'A1PA6795UKMFR9')
(seller.marketplace_ids - market).active = False
listings, result = env['amazon.listing'], {}  # noqa: F821
syncs = {sync.flow: sync for sync in seller.sync_ids}
COPIED = ['sku', 'asin', 'title', 'barcode', 'channel_code', 'condition', 'status', 'amazon_price', 'amazon_quantity',
          'product_id']


def measure(action):
    env.flush_all()  # noqa: F821
    env.cr.commit()  # noqa: F821
    env.invalidate_all()  # noqa: F821
    queries, start = env.cr.sql_log_count, time.perf_counter()  # noqa: F821
    action()
    env.flush_all()  # noqa: F821
    env.cr.commit()  # noqa: F821
    return time.perf_counter() - start, env.cr.sql_log_count - queries  # noqa: F821


def counters():
    return requests.get(f"{os.environ['BENCH_AMAZON']}/_control/calls", timeout=60).json()['counters']


def calls_since(before):
    return sum(count - before.get(name, 0) for name, count in counters().items() if ' ' not in name)


def make_products(count):
    """Products for the SKUs that the generated store lists beyond the catalogue."""
    env['product.product'].with_context(tracking_disable=True).create([  # noqa: F821
        {'name': f"Thing {number}", 'default_code': f'SKU-{number:05d}', 'is_storable': True, 'taxes_id': False}
        for number in range(40, count)])


def import_listings():
    """Ask for the report, let Amazon make it, take it in: waiting is not counted."""
    syncs['listings']._run()
    env.cr.commit()  # noqa: F821
    time.sleep(1)
    env['amazon.report'].search([]).next_poll = '2020-01-01'  # noqa: F821
    syncs['listings']._run()


def plain_create():
    """The same rows by one plain `create`, without rules, comparison or report."""
    rows = [{**{name: row[name] for name in COPIED if name != 'product_id'}, 'product_id': row['product_id']
             and row['product_id'][0], 'marketplace_id': market.id, 'sku': f"PLAIN-{row['sku']}"}
            for row in listings.search([('marketplace_id', '=', market.id)]).read(COPIED)]
    result['plain_create_s'], _queries = measure(lambda: listings.create(rows))
    listings.search([('sku', '=like', 'PLAIN-%')]).status = False
    listings.search([('sku', '=like', 'PLAIN-%')]).unlink()


make_products(int(os.environ['BENCH_LISTINGS']))
before = counters()
result['import_s'], result['import_queries'] = measure(import_listings)
result['import_s'] -= 1
result['import_calls'] = calls_since(before)
result['imported'] = listings.search_count([('marketplace_id', '=', market.id)])
result['mapped'] = listings.search_count([('marketplace_id', '=', market.id), ('product_id', '!=', False)])
plain_create()
result['import_ratio'] = result['import_s'] / result['plain_create_s']

# Quantities: all that were imported, then some, then none.
warehouse = market.warehouse_id
market.write({'stock_sync': True, 'guard_share': 0, 'stock_jump_limit': 0})
products = listings.search([('marketplace_id', '=', market.id)]).product_id
env['stock.quant'].create([{  # noqa: F821
    'product_id': product.id, 'location_id': warehouse.lot_stock_id.id, 'quantity': 10 + position % 40,
} for position, product in enumerate(products)])
before = counters()
result['push_s'], result['push_queries'] = measure(syncs['stock']._run)
result['push_calls'] = calls_since(before)
feeds = env['amazon.feed'].search([])  # noqa: F821
result['feeds'], result['pushed'] = len(feeds), sum(feeds.mapped('line_count'))
before = counters()
result['second_run_s'], _queries = measure(syncs['stock']._run)
result['second_run_calls'] = calls_since(before)

# One urgent change while the feed is in progress.
quant = env['stock.quant'].search([  # noqa: F821
    ('product_id', '=', products[0].id), ('location_id', '=', warehouse.lot_stock_id.id)])
quant.quantity = 0
before, result['urgent_runs'] = counters().get('patchListingsItem', 0), 0
while counters().get('patchListingsItem', 0) == before:
    measure(syncs['stock']._run)
    result['urgent_runs'] += 1
result['open_feeds'] = env['amazon.feed'].search_count([('state', '=', 'submitted')])  # noqa: F821

with open(os.environ['BENCH_RESULT'], 'w') as output:
    json.dump(result, output)

"""Run in Odoo's shell by bench.py: a month of the inventory ledger from document to stock moves, and plain Odoo beside.
"""

import base64
import collections
import datetime
import json
import os
import resource
import time

env = env(context={**env.context, 'tracking_disable': True})  # noqa: F821
seller = env['amazon.seller'].browse(int(os.environ['BENCH_SELLER']))
days, result = env['amazon.ledger.day'], {}
FIRST = datetime.date(2026, 5, 1)
FIELDS = ('product_id', 'location_id', 'location_dest_id')


def measure(action):
    env.flush_all()
    env.cr.commit()
    env.invalidate_all()
    queries, start = env.cr.sql_log_count, time.perf_counter()
    action()
    env.flush_all()
    env.cr.commit()
    return time.perf_counter() - start, env.cr.sql_log_count - queries


def import_month(path):
    with open(path, 'rb') as document:
        report = env['amazon.report'].create({
            'marketplace_id': seller._get_home_market().id, 'report_type': 'GET_LEDGER_DETAIL_VIEW_DATA',
            'state': 'ready', 'content': base64.b64encode(document.read()), 'asked_date': '2026-07-01',
            'start_date': days._to_moment(seller, FIRST),
            'end_date': days._to_moment(seller, FIRST.replace(day=31)) + datetime.timedelta(hours=23)})
    sync = seller.sync_ids.filtered(lambda sync: sync.flow == 'fba_stock')
    assert days._import_report(report, sync)
    result['rows'] = report.row_count
    assert not report.problem_count, report.problem_text


def book_month():
    sync = seller.sync_ids.filtered(lambda sync: sync.flow == 'fba_stock')
    assert days._book_due(sync)


def plain_moves(by_day):
    """So many moves of plain Odoo, day by day, as its own screens make them."""
    for vals_list in by_day.values():
        moves = env['stock.move'].create(vals_list)
        moves._action_confirm(merge=False)
        for move in moves:
            move.quantity = move.product_uom_qty
        moves.picked = True
        moves._action_done()
        env.flush_all()
        env.cr.commit()


skus = json.loads(os.environ['BENCH_SKUS'])
products = env['product.product'].create([{'name': sku, 'default_code': sku, 'is_storable': True} for sku in skus])
env['amazon.listing'].create([{'marketplace_id': seller._get_home_market().id, 'sku': sku, 'product_id': product.id,
                               'channel_code': 'AMAZON_EU'} for sku, product in zip(skus, products, strict=True)])
seller.write({'ledger_state': 'on', 'ledger_start': FIRST})
env.cr.commit()

import_s, _queries = measure(lambda: import_month(os.environ['BENCH_MONTH']))
book_s, queries = measure(book_month)
known = days.search([])
assert set(known.mapped('state')) == {'booked'} and not sum(known.mapped('obstacle_count'))
moves = known.move_ids
by_day = collections.defaultdict(list)
for move in moves:
    by_day[move.amazon_ledger_day_id].append({
        **{field: move[field].id for field in FIELDS}, 'product_uom_qty': move.product_uom_qty,
        'company_id': move.company_id.id})
plain_s, plain_queries = measure(lambda: plain_moves(by_day))
result.update(import_s=import_s, book_s=book_s, plain_s=plain_s, moves=len(moves), queries=queries,
              plain_queries=plain_queries, peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
again_s, _queries = measure(lambda: known._book())
result['again_s'] = again_s

with open(os.environ['BENCH_RESULT'], 'w') as output:
    json.dump(result, output)

"""`make bench`: what imports of orders and listings and pushes of quantities cost: calls, ratios to plain Odoo in the
same run, memory.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import time

import busy
import ledger_month
import psutil
import psycopg2
import stack
from simulator.generator import catalogue, merchant_orders
from simulator.settlements import STYLES, generate, generate_sales, write
from simulator.state import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKENS

DATABASE = f'{stack.PREFIX}_bench'
HERE = pathlib.Path(__file__).parent
CONNECT = """
import json, os
env['product.product'].create([{'name': title, 'default_code': sku, 'is_storable': True, 'taxes_id': False}
                               for sku, title in json.loads(os.environ['BENCH_CATALOGUE'])])
seller = env['amazon.seller'].create({
    'name': 'Bench', 'home_marketplace': 'DE', 'environment': 'custom', 'custom_url': os.environ['BENCH_AMAZON'],
    'import_from': '2020-01-01', 'lwa_client_ref': os.environ['BENCH_CLIENT'],
    'lwa_client_secret': os.environ['BENCH_SECRET'], 'refresh_token': os.environ['BENCH_TOKEN'],
    'selling_partner_ref': 'A1DEMOSELLEREU'})
env.cr.commit()
seller._connect()
env.cr.commit()
"""


def prepare(amazon: str, **options) -> dict:
    """A fresh database with a connected seller, and an Amazon with these options; return the environment for scripts.
    """
    stack.control(amazon, 'reset', {'speed': 2000, **options})
    stack.make_database(DATABASE)
    environment = {
        'BENCH_AMAZON': amazon, 'BENCH_CLIENT': CLIENT_ID, 'BENCH_SECRET': CLIENT_SECRET,
        'BENCH_TOKEN': REFRESH_TOKENS['eu'],
        'BENCH_CATALOGUE': json.dumps([(good['sku'], good['title']) for good in catalogue()]), 'BENCH_SELLER': '1',
    }
    stack.odoo('shell', '-d', DATABASE, '--no-http', '--log-level=error', input=CONNECT, text=True,
               env={**os.environ, **environment})
    return environment


def import_orders(amazon: str, orders: int) -> dict:
    """Time of the import against plain Odoo, and calls counted at the server."""
    environment = prepare(amazon, orders=orders, region_only='eu')
    with tempfile.NamedTemporaryFile('r') as output:
        stack.shell(DATABASE, HERE / 'import_orders.py', BENCH_RESULT=output.name, **environment)
        result = json.load(output)
    counters = stack.control(amazon, 'calls')['counters']
    result['calls'] = counters.get('searchOrders', 0) + counters.get('getOrder', 0)
    result['ratio'] = result['import_s'] / result['plain_s']
    result['ratio_untracked'] = result['import_s'] / result['plain_untracked_s']
    return result


def listings(amazon: str, script: str, count: int, **options) -> dict:
    """Run a script on a marketplace that lists so many SKUs, of all of which Odoo has the products."""
    environment = prepare(amazon, listings=count, marketplaces=['DE'], **options)
    with tempfile.NamedTemporaryFile('r') as output:
        stack.shell(DATABASE, HERE / script, BENCH_RESULT=output.name, BENCH_LISTINGS=str(count), **environment)
        return json.load(output)


def shipments(amazon: str, count: int) -> dict:
    """So many merchant-fulfilled orders are shipped and confirmed."""
    environment = prepare(amazon)
    stack.control(amazon, 'orders', merchant_orders(count))
    with tempfile.NamedTemporaryFile('r') as output:
        stack.shell(DATABASE, HERE / 'shipments.py', BENCH_RESULT=output.name, **environment)
        return json.load(output)


def settlements(amazon: str) -> dict:
    """Documents of 10,000 and 100,000 rows, and one that pays 2,000 invoices."""
    environment = prepare(amazon)
    with tempfile.TemporaryDirectory() as folder:
        def store(name, head, rows):
            path = pathlib.Path(folder, name)
            path.write_bytes(write(head, rows, STYLES['DE']))
            return str(path)

        environment['BENCH_WARM'] = store('warm', *generate('DE', 200, seed=0))
        environment['BENCH_10K'] = ','.join(store(f'10k-{seed}', *generate('DE', 10_000, seed=seed))
                                            for seed in (1, 2, 3))
        environment['BENCH_100K'] = store('100k', *generate('DE', 100_000, seed=4))
        head, rows, paid = generate_sales('DE', 2000)
        environment['BENCH_INVOICES'] = store('invoices', head, rows)
        orders = pathlib.Path(folder, 'orders')
        orders.write_text(json.dumps([(ref, float(amount)) for ref, amount in paid.items()]))
        output = pathlib.Path(folder, 'result')
        stack.shell(DATABASE, HERE / 'settlements.py', BENCH_RESULT=str(output), BENCH_ORDERS=str(orders),
                    **environment)
        return json.loads(output.read_text())


def ledger(amazon: str, rows: int) -> dict:
    """A month of the inventory ledger with so many rows."""
    environment = prepare(amazon)
    with tempfile.TemporaryDirectory() as folder:
        month, output = pathlib.Path(folder, 'month'), pathlib.Path(folder, 'result')
        month.write_bytes(ledger_month.write_month(rows))
        stack.shell(DATABASE, HERE / 'ledger.py', BENCH_RESULT=str(output), BENCH_MONTH=str(month),
                    BENCH_SKUS=json.dumps(ledger_month.SKUS), **environment)
        return json.loads(output.read_text())


def memory(amazon: str, orders: int, seconds: int) -> dict:
    """Peak memory of a worker while so many orders arrive, and while it processes for some seconds more."""
    prepare(amazon, orders=orders, region_only='eu')
    worker = subprocess.Popen([stack.PROJECT / 'scripts' / 'odoo', 'shell', '-d', DATABASE, '--no-http',
                               '--log-level=error'],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True)
    worker.stdin.write("env['amazon.sync'].search([('flow', '=', 'orders')])._run()\n")
    worker.stdin.close()
    peak, arrived, done = 0, 0, None
    while worker.poll() is None and (done is None or time.monotonic() < done):
        family = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)]
        peak = max([peak, *(process.memory_info().rss for process in family)])
        arrived, processed = _count()
        done = done or (time.monotonic() + seconds if arrived == orders else None)
        time.sleep(0.5)
    worker.kill()
    return {'orders': orders, 'arrived': arrived, 'processed': processed, 'peak_mb': peak / 1e6}


def _count():
    with psycopg2.connect(dbname=DATABASE).cursor() as cursor:
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE state IN ('done', 'error')) FROM amazon_order")
        return cursor.fetchone()


def measure_orders(amazon: str) -> dict:
    return {count: import_orders(amazon, count) for count in (50, 500, 1000)}


# What `ONLY` names -> how it is measured, at the address of a simulator.
PARTS = {
    'orders': measure_orders,
    'busy': lambda amazon: busy.compare(prepare, DATABASE, amazon),
    'memory': lambda amazon: memory(amazon, int(os.environ.get('BENCH_MEMORY_ORDERS', '10000')), seconds=60),
    'listings': lambda amazon: listings(amazon, 'listings.py', 25_000),
    'latency': lambda amazon: listings(amazon, 'latency.py', 500, speed=1),
    'shipments': lambda amazon: shipments(amazon, 1000),
    'settlements': settlements,
    'ledger': lambda amazon: ledger(amazon, int(os.environ.get('BENCH_LEDGER_ROWS', '100000'))),
}


def show_orders(found):
    small, medium, large = found[50], found[500], found[1000]
    return [
        ("calls for 1,000 new orders", large['calls'], 12),
        ("500 mixed orders: time / plain Odoo", round(medium['ratio'], 2), 1.2),
        ("500 mixed orders: time / plain Odoo without tracking", round(medium['ratio_untracked'], 2), '-'),
        ("queries a sales order at 50", round(small['import_queries'] / small['orders'], 1), '-'),
        ("queries a sales order at 500", round(medium['import_queries'] / medium['orders'], 1), '-'),
        ("queries a sales order at 500, plain Odoo", round(medium['plain_queries'] / medium['orders'], 1), '-'),
    ]


def show_busy(shared):
    return [
        ("600 orders while others sell, count, edit: time / quiet database", round(shared['ratio'], 1), 3),
        ("  orders that did not arrive", shared['orders'] - shared['processed'], 0),
    ]


def show_memory(held):
    return [("peak MB while 10,000 orders arrive", round(held['peak_mb']), 400)]


def show_listings(goods):
    return [
        (f"{goods['imported']:,} listings imported and mapped: seconds", round(goods['import_s'], 1), 120),
        ("  calls", goods['import_calls'], 10),
        ("  time / plain Odoo `create` of the same rows", round(goods['import_ratio'], 2), 2),
        (f"{goods['pushed']:,} changed quantities to a submitted feed: seconds", round(goods['push_s'], 1), 60),
        ("  feeds", goods['feeds'], 1),
        ("  calls", goods['push_calls'], 5),
        ("  calls of a second run", goods['second_run_calls'], 0),
        ("urgent change during the feed: runs until patched", goods['urgent_runs'], 1),
    ]


def show_latency(latency):
    return [("500 changed SKUs shown by Amazon: its seconds", round(latency['shown_s']), 60)]


def show_shipments(shipped):
    return [
        ("1,000 deliveries confirmed: not confirmed, or wrong at Amazon", 1000 - shipped['confirmed']
         + shipped['wrong'], 0),
        ("  calls", sum(shipped['calls'].values()), 25),
        ("  seconds of our side, beside those of validating them",
         f"{shipped['confirm_s']:.0f} / {shipped['validate_s']:.0f}", '-'),
    ]


def show_settlements(booked):
    return [
        ("settlement of 10,000 rows, document to posted entry: time / plain `create`",
         round(booked['rows_10k_s'] / booked['plain_create_s'], 2), 1.3),
        ("  100,000 rows / 10,000 rows", round(booked['rows_100k_s'] / booked['rows_10k_s'], 1), 11),
        ("  peak MB of the process", round(booked['peak_mb']), 600),
        ("10,000 rows that pay 2,000 invoices: time / plain Odoo",
         round(booked['invoices_s'] / booked['plain_payment_s'], 2), 1.3),
        ("  invoices that are not paid", 2000 - booked['invoices_paid'], 0),
    ]


def show_ledger(booked):
    return [
        (f"ledger of {booked['rows']:,} rows, document to {booked['moves']:,} moves: time / plain Odoo's same moves",
         round((booked['import_s'] + booked['book_s']) / booked['plain_s'], 2), 2),
        ("  queries / plain Odoo", round(booked['queries'] / booked['plain_queries'], 2), '-'),
        ("  the same month once more: time / the first time", round(booked['again_s'] / booked['book_s'], 3), '-'),
        ("  peak MB of the process", round(booked['peak_mb']), '-'),
    ]


SHOW = {
    'orders': show_orders, 'busy': show_busy, 'memory': show_memory, 'listings': show_listings, 'latency': show_latency,
    'shipments': show_shipments, 'settlements': show_settlements, 'ledger': show_ledger,
}


def choose_parts() -> list[str]:
    """Return the parts that `ONLY` names, separated by commas or spaces, or all."""
    names = os.environ.get('ONLY', '').replace(',', ' ').split()
    unknown = set(names) - PARTS.keys()
    if unknown:
        raise SystemExit(f"ONLY: unknown {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return names or list(PARTS)


def main() -> None:
    names = choose_parts()
    stack.stop_all()
    amazon = stack.start_simulator(stack.free_port(int(os.environ['PORT']) + 2000))
    try:
        found = {name: PARTS[name](amazon) for name in names}
    finally:
        stack.stop_all()
    print(f"\n{'figure':<76} {'measured':>9} {'at most':>8}")
    for name in names:
        for row in SHOW[name](found[name]):
            print("{:<76} {:>9} {:>8}".format(*row))
    for name in names:
        for result in found[name].values() if name == 'orders' else [found[name]]:
            print(json.dumps({'bench': 'import' if name == 'orders' else name, **result}))


if __name__ == '__main__':
    main()

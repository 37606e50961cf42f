"""How long an import takes while other people sell, count, edit deliveries and press "Sync now" on the same products.
"""

import collections
import contextlib
import os
import pathlib
import signal
import subprocess
import tempfile
import time

import psycopg2
import stack
from simulator.generator import merchant_orders

HERE = pathlib.Path(__file__).parent
STOCK = """
for warehouse in env['amazon.seller'].search([]).marketplace_ids.warehouse_id:
    for product in env['product.product'].search([('default_code', '=like', 'SKU-%')]):
        env['stock.quant']._update_available_quantity(product, warehouse.lot_stock_id, 100_000)
env['amazon.sync'].search([('flow', '!=', 'orders')]).write({'next_run': '2099-01-01'})
# The orders are older than what was searched already.
env['amazon.sync'].search([('flow', '=', 'orders')]).write({'cursor': False, 'next_run': False})
env.cr.commit()
"""


def measure(database: str, amazon: str, environment: dict, orders: int, users: bool, limit: int = 300) -> dict:
    """Import so many orders by the scheduler of a real server; return the seconds until all are processed, and how many
    are.
    """
    sent = merchant_orders(orders)
    stack.odoo('shell', '-d', database, '--no-http', '--log-level=error', input=STOCK, text=True,
               env={**os.environ, **environment})
    stack.control(amazon, 'orders', sent)
    skus = collections.Counter(item['product']['sellerSku'] for order in sent for item in order['orderItems'])
    with tempfile.TemporaryDirectory() as folder, _people(database, folder, environment,
                                                          skus) if users else contextlib.nullcontext():
        start = time.monotonic()
        server = subprocess.Popen([stack.PROJECT / 'scripts' / 'odoo', 'server', '-d', database, '--no-http',
                                   '--max-cron-threads=1', '--log-level=warn'],
                                  stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            while _processed(database) < orders and time.monotonic() < start + limit:
                _wake_scheduler(database)
                time.sleep(0.5)
            return {'orders': orders, 'processed': _processed(database), 'seconds': time.monotonic() - start}
        finally:
            # The script and the server that it started.
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()


@contextlib.contextmanager
def _people(database, folder, environment, skus):
    end = pathlib.Path(folder, 'end')
    with open(HERE / 'busy_users.py', encoding='utf-8') as script:
        people = subprocess.Popen(
            [stack.PROJECT / 'scripts' / 'odoo', 'shell', '-d', database, '--no-http', '--log-level=critical'],
            stdin=script,
            env={**os.environ, **environment, 'BENCH_END': str(end),
                 'BENCH_SKUS': ','.join(sku for sku, _count in skus.most_common(5))})
    time.sleep(8)
    try:
        yield
    finally:
        end.touch()
        people.wait()


def _wake_scheduler(database):
    """In a quiet database nobody else does, and a server looks for itself once a minute only."""
    with contextlib.closing(psycopg2.connect(dbname='postgres')) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("SELECT pg_notify('cron_trigger', %s)", [database])


def _processed(database) -> int:
    with contextlib.closing(psycopg2.connect(dbname=database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM amazon_order WHERE state IN ('done', 'error')")
        return cursor.fetchone()[0]


def compare(prepare, database: str, amazon: str, orders: int = 600) -> dict:
    """Measure in a quiet and in a busy database.

    :param prepare: makes a fresh database with a connected seller; returns the environment of scripts
    """
    quiet = measure(database, amazon, prepare(amazon), orders, users=False)
    busy = measure(database, amazon, prepare(amazon), orders, users=True)
    return {'orders': orders, 'quiet_s': quiet['seconds'], 'busy_s': busy['seconds'],
            'quiet_processed': quiet['processed'],
            'processed': busy['processed'], 'ratio': busy['seconds'] / quiet['seconds']}

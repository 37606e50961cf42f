"""Orders arrive while somebody sells the same product all the time: all become sales orders, none twice, and nothing is
a failure.
"""

import contextlib
import threading
import time

import psycopg2
from simulator.generator import merchant_orders

from .conftest import DATABASE

ORDERS = 100
HELD, PAUSE = 0.3, 1.0


class Seller:
    """Another process that reserves and sells pieces of products, holding their quants for a moment each time."""

    def __init__(self, products):
        self.products, self.sold, self.collisions = products, 0, 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._end.set()
        self._thread.join()

    def _work(self):
        with contextlib.closing(psycopg2.connect(dbname=DATABASE)) as connection:
            connection.set_session(isolation_level='REPEATABLE READ')
            while not self._end.is_set():
                try:
                    with connection, connection.cursor() as cursor:
                        cursor.execute("SELECT id FROM stock_quant WHERE product_id = ANY(%s) AND quantity > 0 ORDER "
                                       "BY id FOR UPDATE", (self.products,))
                        time.sleep(HELD)
                        cursor.execute("UPDATE stock_quant SET quantity = quantity - 1, write_date = now() WHERE "
                                       "product_id = ANY(%s) AND quantity > 0", (self.products,))
                    self.sold += 1
                except psycopg2.OperationalError:
                    self.collisions += 1
                self._end.wait(PAUSE)


def test_orders_arrive_while_others_sell_the_same_product(system):
    """A busy database does not starve the import."""
    system.begin()
    sent = merchant_orders(ORDERS)
    skus = sorted({item['product']['sellerSku'] for order in sent for item in order['orderItems']})
    system.connect()
    system.set_stock(dict.fromkeys(skus, 100_000))
    products = system.call('product.product', 'search', [('default_code', '=', skus[0])])
    # What was searched when the seller was connected is over: these orders are older.
    system.run_orders(seconds=60)
    system.control('orders', sent)
    system.update('amazon_sync', system.call('amazon.sync', 'search', [('flow', '=', 'orders')]), cursor=None)
    start = time.monotonic()
    with Seller(products) as seller:
        system.run_orders(seconds=60)
    flow = system.call('amazon.sync', 'search_read', [('flow', '=', 'orders')], ['failures', 'error', 'conflicts'])[0]
    print(f"{ORDERS} orders in {time.monotonic() - start:.1f} s, {seller.sold} sales beside them")
    assert sorted(system.references()) == sorted(order['orderId'] for order in sent)
    assert (flow['failures'], flow['error'], flow['conflicts']) == (0, False, 0)
    assert not system.call('amazon.order', 'search', [('state', '!=', 'done')])
    assert seller.sold > 3, "nobody was in the way"

"""`make demo`: a simulated Amazon, a real Odoo, three connected sellers and their orders. CHECK=1 verifies and ends."""

import json
import os
import signal
import sys
import time
import urllib.request

import psycopg2
import stack
from simulator.generator import catalogue, merchant_orders

NAME = f'{stack.PREFIX}_demo'
ORDERS = 230
LISTINGS = 40
COLUMNS = "{:<22} {:<4} {:<18} {:>6} {:>4} {:>16} {:>16} {:>3}"


def build() -> tuple[str, str]:
    """Return the addresses of Odoo and of the simulator, both running, with everything imported."""
    stack.stop_all()
    port = stack.free_port(int(os.environ['PORT']))
    amazon = stack.start_simulator(stack.free_port(port + 100))
    stack.control(amazon, 'reset', {'orders': ORDERS, 'listings': LISTINGS, 'unknown_share': 0.05, 'seed': 7})
    print("==> Database with the addon", flush=True)
    stack.make_database(NAME)
    print("==> Connecting three sellers and importing their orders", flush=True)
    stack.shell(NAME, stack.PROJECT / 'scripts' / 'demo_company.py')
    stack.shell(NAME, stack.TREE / 'scripts' / 'demo_setup.py', DEMO_AMAZON=amazon,
                DEMO_ODOO=f'http://127.0.0.1:{port}', DEMO_CATALOGUE=json.dumps(catalogue(), default=float),
                DEMO_ORDERS=json.dumps(merchant_orders(1, 'DE'), default=float))
    return stack.start_odoo(NAME, port, '--max-cron-threads=1', '--log-level=warn'), amazon


def summarise(amazon: str) -> bool:
    """Print orders by marketplace, channel and state with totals on both sides; return whether all of them agree."""
    truth = {order['orderId']: order for order in stack.control(amazon, 'orders')}
    groups = {}
    for ref, market, channel, status, total, sale in _read_orders():
        entry = groups.setdefault((market, channel, status), [0, 0, 0, 0])
        entry[0] += 1
        entry[1] += bool(sale)
        entry[2] += float(total or 0)
        if not status.startswith('PENDING') and 'proceeds' in truth[ref]:
            entry[3] += float(truth[ref]['proceeds']['grandTotal']['amount'])
    print('\n' + COLUMNS.format("Marketplace", "", "Amazon status", "Orders", "Sale", "Total in Odoo",
                                "Total at Amazon", ""))
    agree = True
    for (market, channel, status), (count, sales, here, there) in sorted(groups.items()):
        same = abs(here - there) < 0.005
        agree &= same
        print(COLUMNS.format(market, channel, status, count, sales, f'{here:,.2f}', f'{there:,.2f}',
                             '=' if same else '!'))
    imported = sum(entry[0] for entry in groups.values())
    exceptions = _count("amazon_order WHERE state = 'error'")
    print(f"\n{imported} of {len(truth)} orders imported, {exceptions} wait as exceptions (unknown products).")
    return agree and imported == len(truth)


def summarise_listings(amazon: str) -> bool:
    """Print what was imported and pushed; return whether Amazon has as many listings, and shows the quantities pushed.
    """
    listings = stack.control(amazon, 'listings')['listings']
    here, mapped = _count('amazon_listing WHERE status IS NOT NULL'), _count(
        'amazon_listing WHERE status IS NOT NULL AND product_id IS NOT NULL')
    there = sum(not listing['sku'].startswith('TEE-') or listing['sku'].count('-') == 3 for listing in listings)
    pushed, shown = _read_pushed(), {(listing['marketplace'], listing['sku']): listing['fulfillmentAvailability'][
        0].get('quantity') for listing in listings}
    right = sum(shown.get((marketplace, sku)) == quantity for marketplace, sku, quantity in pushed)
    print(f"{here} of {there} listings imported, {mapped} of them mapped; {right} of {len(pushed)} pushed quantities "
          f"are shown by Amazon.")
    return here == there and right == len(pushed) > 0


def summarise_shipments(amazon: str) -> bool:
    """Print what was shipped; return whether Amazon shows exactly the packages that Odoo confirmed."""
    there = {(order['orderId'], package.get('trackingNumber')) for order in stack.control(amazon, 'orders')
             for package in order.get('packages', [])}
    here = set(_query('SELECT amazon_order_ref, tracking_number FROM amazon_package'))
    labels = set(_query("SELECT amazon_order_ref, tracking_number FROM amazon_label WHERE state = 'bought'"))
    confirmed = _count("amazon_package WHERE state = 'confirmed'")
    print(f"{len(here)} parcels shipped, {confirmed} confirmed by Amazon; {len(labels)} labels bought from Amazon.")
    return there == here | labels and confirmed == len(here) > 0


def summarise_settlements(amazon: str) -> bool:
    """Print what was settled; return whether all payouts are there with all their rows, and the invoices of Germany are
    paid.
    """
    refs = _query('SELECT settlement_ref, total, row_total FROM amazon_settlement')
    booked, paid = _count("amazon_settlement WHERE state IN ('booked', 'reconciled')"), _count(
        "amazon_settlement WHERE state = 'reconciled'")
    waiting = _count("amazon_settlement WHERE state = 'to_map'")
    invoices = _query(
        """SELECT count(*) FILTER (WHERE payment_state IN ('paid', 'reversed')), count(*) FROM account_move
                          WHERE move_type IN ('out_invoice', 'out_refund') AND state = 'posted'""")[0]
    print(f"{len(refs)} settlements read, {booked} booked, {paid} met by the bank, {waiting} with a row to map; "
          f"{invoices[0]} of {invoices[1]} invoices "
          "and credit notes cleared.")
    return (len(refs) == 5 and booked == 2 and paid == 1 and waiting == 1
            and all(total == rows for _ref, total, rows in refs) and invoices[0] > 0)


def summarise_fba_stock(amazon: str) -> bool:
    """Print what lies at Amazon by country; return whether that is what Amazon has, but for SKUs of which Odoo's
    list of differences says that they have no product.
    """
    rows = _query("""
        SELECT product.default_code, country.code, location.amazon_kind, SUM(quant.quantity)::int
          FROM stock_quant quant JOIN stock_location location ON location.id = quant.location_id
          JOIN product_product product ON product.id = quant.product_id
          JOIN res_country country ON country.id = location.amazon_country_id
         WHERE location.amazon_kind IN ('sellable', 'unsellable') GROUP BY 1, 2, 3 HAVING SUM(quant.quantity) != 0""")
    day = _query("SELECT MAX(date) FROM amazon_ledger_day WHERE state = 'booked'")[0][0]
    units = stack.control(amazon, f'fba?seller=eu&date={day}')['units']
    unmapped = {sku for sku, in _query("SELECT DISTINCT sku FROM amazon_ledger_difference WHERE cause = 'unmapped'")}
    there = {}
    for sku, countries in units.items():
        if sku in unmapped:
            continue
        for country, dispositions in countries.items():
            for disposition, quantity in dispositions.items():
                key = sku, country, 'sellable' if disposition == 'SELLABLE' else 'unsellable'
                there[key] = there.get(key, 0) + quantity
    here = {(sku, country, kind): quantity for sku, country, kind, quantity in rows}
    print(f"{sum(here.values())} units at Amazon in {len({key[1] for key in here})} countries, "
          f"{_count('amazon_ledger_line')} rows of its ledger read, {len(unmapped)} of its SKUs wait for a product, "
          f"{_count('amazon_claim')} claims found.")
    return here == {key: quantity for key, quantity in there.items() if quantity}


def _read_orders():
    return _query("""
            SELECT inbox.amazon_order_ref, market.name, CASE inbox.fulfilled_by WHEN 'AMAZON' THEN 'FBA' ELSE 'FBM' END,
                   inbox.amazon_status, sale.amount_total, sale.id
              FROM amazon_order inbox
              JOIN amazon_seller_marketplace market ON market.id = inbox.marketplace_id
         LEFT JOIN sale_order sale ON sale.id = inbox.sale_order_id""")


def _count(what):
    return _query(f'SELECT count(*) FROM {what}')[0][0]


def _query(statement):
    with psycopg2.connect(dbname=NAME).cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def _read_pushed():
    return _query("""
            SELECT market.marketplace_ref, listing.sku, listing.quantity_pushed
              FROM amazon_listing listing JOIN amazon_seller_marketplace market ON market.id = listing.marketplace_id
             WHERE listing.stock_pushed IS NOT NULL""")


def check(url: str) -> bool:
    """Whether Odoo serves its login page."""
    with urllib.request.urlopen(f'{url}/web/login', timeout=60) as reply:
        return b'name="login"' in reply.read()


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(1))
    start = time.monotonic()
    try:
        url, amazon = build()
        agree = summarise(amazon)
        agree = summarise_listings(amazon) and agree
        agree = summarise_shipments(amazon) and agree
        agree = summarise_settlements(amazon) and agree
        agree = summarise_fba_stock(amazon) and agree
        print(f"\nReady after {time.monotonic() - start:.0f} s.")
        if os.environ.get('CHECK'):
            good = agree and check(url)
            print("Check passed." if good else "CHECK FAILED: the totals differ or Odoo does not answer.")
            return not good
        print(f"Odoo:   {url}   login: admin   password: admin")
        print(f"Amazon: {amazon} (simulated)\nCtrl-C ends both.", flush=True)
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return 0
    finally:
        stack.stop_all()


if __name__ == '__main__':
    sys.exit(main())

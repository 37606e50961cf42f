"""What the tests of upgrades share: what is looked at before and after, and flows that must run afterwards."""

import pathlib
import re
import subprocess
import time

import psycopg2
import stack
from simulator.generator import merchant_orders

HERE = pathlib.Path(__file__).parent
NEW_ORDERS = 10
# What Odoo and its users know, beside the connector: the same before and after.
FACTS = {
    'sales orders': "SELECT name, state, amount_untaxed, amount_tax, amount_total, invoice_status FROM sale_order "
    "ORDER BY name, id",
    'documents': "SELECT name, move_type, state, payment_state, amount_untaxed, amount_tax, amount_total FROM "
    "account_move ORDER BY name, id",
    'balances': """SELECT move_id, account_id, SUM(balance), SUM(amount_currency) FROM account_move_line
                    GROUP BY 1, 2 ORDER BY 1, 2""",
    'tax grids': """SELECT tag.account_account_tag_id, COUNT(*), SUM(line.balance)
                      FROM account_account_tag_account_move_line_rel tag
                      JOIN account_move_line line ON line.id = tag.account_move_line_id GROUP BY 1 ORDER BY 1""",
    'deliveries': "SELECT name, state, origin FROM stock_picking ORDER BY name",
    'stock': "SELECT product_id, location_id, SUM(quantity), SUM(reserved_quantity) FROM stock_quant GROUP BY 1, 2 "
    "ORDER BY 1, 2",
}
# The same of the connector itself, before and after an upgrade; pieces of what has no product are proposals.
OWN_FACTS = {
    'orders': """
        SELECT inbox.amazon_order_ref, inbox.state, sale.name, sale.amount_total
          FROM amazon_order inbox LEFT JOIN sale_order sale ON sale.id = inbox.sale_order_id ORDER BY 1""",
    'listings': """
        SELECT listing.marketplace_id, listing.sku, product.default_code,
               CASE WHEN product.id IS NOT NULL THEN listing.pack_quantity END
          FROM amazon_listing listing LEFT JOIN product_product product ON product.id = listing.product_id
      ORDER BY 1, 2""",
    'settlements': "SELECT settlement_ref, stage, total, row_total FROM amazon_settlement ORDER BY 1",
    'rows': "SELECT settlement_id, treatment, COUNT(*), SUM(amount) FROM amazon_settlement_line GROUP BY 1, 2 "
    "ORDER BY 1, 2",
}


def read(name: str, queries: dict) -> dict:
    """Return what the queries find, by their names; what is about tables that are not there is left out."""
    found = {}
    with psycopg2.connect(dbname=name) as connection, connection.cursor() as cursor:
        for what, query in queries.items():
            cursor.execute("SAVEPOINT query")
            try:
                cursor.execute(query)
                found[what] = cursor.fetchall()
            except (psycopg2.errors.UndefinedTable, psycopg2.errors.UndefinedColumn):
                cursor.execute("ROLLBACK TO SAVEPOINT query")
    return found


def compare(what: str, before: dict, after: dict) -> None:
    """End with words unless everything is as before."""
    for name, rows in before.items():
        others = after.get(name)
        if rows != others:
            changed = [(one, other) for one, other in zip(rows, others or [], strict=False) if one != other][:5]
            raise SystemExit(f"error: {what} changed {name}: {len(rows)} and {len(others or [])}, {changed}")
        print(f"{what}: {len(rows)} {name} as before")


def run_quietly(what: str, name: str, *arguments: str, **options) -> None:
    """Run an Odoo command in which a warning is a failure."""
    done = subprocess.run([stack.PROJECT / 'scripts' / 'odoo', *arguments, '-d', name, '--no-http', '--log-level=warn'],
                          capture_output=True, text=True, check=False, **options)
    said = [line for line in done.stderr.splitlines() if re.search(' WARNING | ERROR |Traceback', line)]
    if done.returncode or said:
        raise SystemExit(f"error: {what} failed or warned:\n{done.stderr[-4000:]}")


def run_flows(name: str) -> None:
    """Let every flow of every seller run against a new simulator, which has new orders and the address of the old one.
    """
    with psycopg2.connect(dbname=name) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT custom_url FROM amazon_seller LIMIT 1")
        port = int(cursor.fetchone()[0].rpartition(':')[2])
    amazon = stack.start_simulator(port)
    try:
        now = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
        stack.control(amazon, 'orders', [{**order, 'lastUpdatedTime': now} for order in merchant_orders(NEW_ORDERS)])
        stack.shell(name, HERE / 'work.py', UPGRADE_AMAZON=amazon, UPGRADE_ORDERS=str(NEW_ORDERS))
    finally:
        stack.stop_all()

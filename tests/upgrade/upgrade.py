"""`make test ONLY=upgrade`: a database of an earlier release, upgraded to this one, works; and the addon goes without a
trace.

The earlier release runs with its own addon, simulator and demo, on the Odoo and the packages of today. `FROM` names it,
by the version of its manifest.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import database
import psycopg2
import stack
from simulator.generator import merchant_orders

HERE = pathlib.Path(__file__).parent
NAME = f'{stack.PREFIX}_upgrade'
# The first that books settlements; older ones have fewer of the things that are looked at.
FIRST = '19.0.1.3.0'
NEW_ORDERS = 10
# What the tree of an earlier release takes from this one, so that it runs on the same Odoo and packages.
SHARED = ('common.sh', 'odoo', 'build', 'environment.txt', 'stack.py', 'database.py', 'postgresql.py',
          'debian_sources.py')
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
# Releases before 19.0.1.5.0 had taxes of their own in it, which an upgrade takes out.
MAPPING = {'replacements of taxes': "SELECT * FROM account_tax_alternatives ORDER BY 1, 2"}
# The same of the connector itself, before and after an upgrade.
OWN_FACTS = {
    'orders': "SELECT amazon_order_ref, state, sale_order_id FROM amazon_order ORDER BY 1",
    'listings': "SELECT marketplace_id, sku, product_id, pack_quantity FROM amazon_listing ORDER BY 1, 2",
    'settlements': "SELECT settlement_ref, stage, total, row_total FROM amazon_settlement ORDER BY 1",
    'rows': "SELECT settlement_id, treatment, COUNT(*), SUM(amount) FROM amazon_settlement_line GROUP BY 1, 2 "
    "ORDER BY 1, 2",
}
# What must not be there once the addon is uninstalled.
TRACES = {
    'tables': r"SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'amazon\_%'",
    'columns': r"SELECT table_name, column_name FROM information_schema.columns WHERE column_name LIKE 'amazon\_%'",
    'records': "SELECT model, name FROM ir_model_data WHERE module = 'amazon_connector'",
    'jobs': "SELECT id, cron_name FROM ir_cron WHERE cron_name ILIKE '%amazon%'",
    'attachments': r"SELECT id, res_model, res_field FROM ir_attachment WHERE res_model LIKE 'amazon.%' OR res_field "
    r"LIKE 'amazon\_%'", 'defaults': r"SELECT id FROM ir_default WHERE json_value LIKE '%amazon%'",
}


def make_tree(version: str) -> pathlib.Path:
    """Return a folder with the addon, scripts and simulator of an earlier release: the last commit before the next one
    began.
    """
    found = subprocess.run(
        ['git', 'log', '--reverse', '--format=%H', f"-S'version': '{version}'", '--',
         'amazon_connector/__manifest__.py'],
        cwd=stack.PROJECT, capture_output=True, text=True, check=False)
    commits = found.stdout.split()
    if len(commits) < 2:
        raise SystemExit(f"error: no release {version} in the history: clone the whole repository (git fetch "
                         f"--unshallow)")
    tree = stack.RUN / 'upgrade' / version
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    archive = subprocess.run(['git', 'archive', f'{commits[1]}^'], cwd=stack.PROJECT, stdout=subprocess.PIPE,
                             check=True)
    subprocess.run(['tar', '-x', '-C', tree], input=archive.stdout, check=True)
    for name in SHARED:
        shutil.copy(stack.PROJECT / 'scripts' / name, tree / 'scripts' / name)
    return tree


def make_database(version: str, port: int) -> None:
    """Fill the database with what an earlier release makes of its simulated Amazon."""
    script = 'source scripts/common.sh; run_python -u "$1"'
    subprocess.run(['bash', '-c', script, '_', str(HERE / 'make_old.py')], cwd=make_tree(version), check=True,
                   env={**os.environ, 'UPGRADE_DATABASE': NAME, 'UPGRADE_AMAZON_PORT': str(port)})


def read(queries: dict) -> dict:
    """Return what the queries find, by their names; what is about tables that are not there is left out."""
    found = {}
    with psycopg2.connect(dbname=NAME) as connection, connection.cursor() as cursor:
        for name, query in queries.items():
            cursor.execute("SAVEPOINT query")
            try:
                cursor.execute(query)
                found[name] = cursor.fetchall()
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


def run_quietly(what: str, *arguments: str, **options) -> None:
    """Run an Odoo command in which a warning is a failure."""
    done = subprocess.run([stack.PROJECT / 'scripts' / 'odoo', *arguments, '-d', NAME, '--no-http', '--log-level=warn'],
                          capture_output=True, text=True, check=False, **options)
    said = [line for line in done.stderr.splitlines() if re.search(' WARNING | ERROR |Traceback', line)]
    if done.returncode or said:
        raise SystemExit(f"error: {what} failed or warned:\n{done.stderr[-4000:]}")


def main() -> None:
    version, port = os.environ.get('FROM') or FIRST, int(os.environ['PORT']) + 3000
    print(f"==> A database of release {version}", flush=True)
    make_database(version, port)
    facts, own = read(FACTS), read(OWN_FACTS)
    print("==> Upgrade", flush=True)
    run_quietly("the upgrade", 'server', '-u', 'amazon_connector', '--stop-after-init')
    compare("the upgrade", {**facts, **own}, {**read(FACTS), **read(OWN_FACTS)})
    amazon = stack.start_simulator(stack.free_port(port))
    try:
        now = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
        stack.control(amazon, 'orders', [{**order, 'lastUpdatedTime': now} for order in merchant_orders(NEW_ORDERS)])
        stack.shell(NAME, HERE / 'work.py', UPGRADE_AMAZON=amazon, UPGRADE_ORDERS=str(NEW_ORDERS))
    finally:
        stack.stop_all()
    print("==> Uninstall", flush=True)
    facts = read({**FACTS, **MAPPING})
    run_quietly("uninstalling", 'shell', input=(HERE / 'remove.py').read_text())
    compare("uninstalling", facts, read({**FACTS, **MAPPING}))
    left = {name: rows for name, rows in read(TRACES).items() if rows}
    if left:
        raise SystemExit(f"error: uninstalling left {left}")
    print("Nothing of the addon is left.")
    database.drop(NAME)


if __name__ == '__main__':
    sys.exit(main())

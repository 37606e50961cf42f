"""What is stored of columns that nobody knows: those of returns and replacements, but nothing about people."""

import pytest
from amazon_reports.cleaning import clean
from amazon_reports.text import names_people
from test_fba_readers import MODULES, columns, make_row, read, table


@pytest.mark.parametrize('name', ['fba_returns', 'customer_returns', 'replacements'])
def test_columns_that_nobody_knows_are_stored_of_returns(name):
    names = ['Future', *(column.name for column in columns(name)), 'Customer note', '', 'Future', 'feedback of Anna']
    row = {'more': 'a', **make_row(name, comments=''), 'note': 'by Anna', 'blank': 'b', 'again': 'c', 'said': 'by Anna'}
    cleaned, charset = clean(MODULES[name].REPORT_TYPE, table(name, row, names=names))
    assert b'Anna' not in cleaned
    [found] = read(name, cleaned, charset)
    place = len(names) - 2
    assert (found.extra, found.problem) == ({'Future': 'a', f'#{place}': 'b', f'Future (#{place + 1})': 'c'}, '')


@pytest.mark.parametrize('name', ['Purchaser', 'ship-town', 'BuyerSurname', 'mobile-number', 'recipient_county'])
def test_columns_about_people_are_known_by_their_names(name):
    assert names_people(name)


def test_columns_that_nobody_knows_are_not_stored_of_what_was_shipped():
    content = table('fulfilled_shipments', {**make_row('fulfilled_shipments'), 'more': 'Anna'},
                    names=[*(column.name for column in columns('fulfilled_shipments')), 'Future'])
    assert b'Anna' not in clean(MODULES['fulfilled_shipments'].REPORT_TYPE, content)[0]

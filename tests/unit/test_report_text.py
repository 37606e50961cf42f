"""Flat files of any marketplace: character sets, headers, local numbers (A10)."""

from decimal import Decimal

import pytest
from amazon_reports.listings import read_listings
from amazon_reports.text import ReportError, decimal_mark, decode, parse_number
from hypothesis import given
from hypothesis import strategies as st

HEADER = ('item-name\tseller-sku\tprice\tquantity\tproduct-id-type\tasin1\tproduct-id\titem-condition'
          '\tfulfillment-channel\tstatus')


def report(*rows, header=HEADER):
    return '\r\n'.join([header, *rows]).encode()


def row(sku='A-1', price='19.99', quantity='5', channel='DEFAULT', kind='1', number='B000000001', status='Active',
        title="Kettle"):
    return '\t'.join([title, sku, price, quantity, kind, 'B000000001', number, '11', channel, status])


def test_a_row():
    kettle, = read_listings(report(row()))
    assert kettle[:9] == ('A-1', "Kettle", 'B000000001', '', Decimal('19.99'), 5, 'DEFAULT', 'new_new', 'active')
    fba, = read_listings(report(row(quantity='', channel='AMAZON_EU', kind='4', number='4006381333931')))
    assert fba.quantity is None and fba.channel == 'AMAZON_EU' and fba.barcode == '4006381333931'


@pytest.mark.parametrize('texts, expected', [
    (['1141,18', '5,00'], ['1141.18', '5.00']), (['1.141,18', '1.234'], ['1141.18', '1234']),
    (['1,141.18', '1,234'], ['1141.18', '1234']),
    (['0.125'], ['0.125']), (['1,234,567'], ['1234567']), (['12', '-3'], ['12', '-3']), (['0,125'], ['0.125'])])
def test_one_file_has_one_number_format(texts, expected):
    mark = decimal_mark(texts)
    assert [parse_number(text, mark) for text in texts] == [Decimal(value) for value in expected]


def test_mixed_formats_and_missing_columns_are_refused():
    with pytest.raises(ReportError, match="mixes"):
        read_listings(report(row('A', '1,50'), row('B', '1.50')))
    with pytest.raises(ReportError, match="lacks the columns price"):
        read_listings(b'seller-sku\tquantity\tfulfillment-channel\nA\t1\tDEFAULT\n')
    with pytest.raises(ReportError, match="lacks"):
        read_listings(b'')


def test_a_value_that_is_no_number_spoils_its_row_only():
    strange, good = read_listings(report(row('A', quantity='many'), row('B')))
    assert strange.quantity is None and "many" in strange.problem and good.problem == ''


def test_a_sku_that_is_there_twice_counts_once():
    rows = read_listings(report(row('A', quantity='1'), row('A', quantity='2'), row('B', quantity='1'), ''))
    assert [(entry.sku, entry.quantity) for entry in rows] == [('A', 2), ('B', 1)]


def test_quotes_are_letters():
    assert read_listings(report(row(title='Screen 24" black')))[0].title == 'Screen 24" black'


@pytest.mark.parametrize('encoded, charset', [
    ('Żółć é'.encode(), ''), (b'\xef\xbb\xbf' + 'Żółć é'.encode(), 'cp1252'), ('é'.encode('cp1252'), ''),
    ('é'.encode('cp1252'), 'Cp1252'), ('商品'.encode('cp932'), 'Shift_JIS')])
def test_character_sets(encoded, charset):
    assert decode(encoded, charset) in ('Żółć é', 'é', '商品')


def test_a_wrong_character_set_is_refused():
    with pytest.raises(ReportError, match="cannot be read"):
        decode(b'\xff\xfe\x81', 'Shift_JIS')


@given(st.lists(st.decimals(-10**9, 10**9, places=2), min_size=1), st.sampled_from(['.', ',']), st.booleans())
def test_any_list_of_prices_comes_back(prices, mark, grouped):
    texts = [f'{price:,.2f}' if grouped else f'{price:.2f}' for price in prices]
    if mark == ',':
        texts = [text.translate(str.maketrans('.,', ',.')) for text in texts]
    assert [parse_number(text, decimal_mark(texts)) for text in texts] == prices


@pytest.mark.parametrize(('texts', 'mark'), [
    ([], '.'), (['5', 'x', ''], '.'), (['1,23'], ','), (['1,2345'], ','), (['1,234'], '.'), (['1,234', '5,5'], ','),
    (['0,123'], ','), (['-0,123'], ','),
    (['1.234.567'], ','), (['1,234,567'], '.'), (['1.234,5'], ','), (['1,234.5'], '.'), ([',5'], ','), (['5,'], ','),
    (['1,5', '1,5', '1.5'], ','), (['1.5', '1.5', '1,5'], '.'), ({'1,5': 2, '1.234': 3}, ',')])
def test_the_mark_of_most_numbers_decides(texts, mark):
    assert decimal_mark(texts) == mark


@pytest.mark.parametrize(('texts', 'where'), [
    (['1,5', '1.5'], r"commas\.$"), (['1,5', '1,5', '1.5', '1.5', '1,5'], r"commas\.$"),
    ({'1,5': 2, '1,6': 3, '1,7': 4, '1.5': 7}, r"line 7 has '1\.5', line 2 has '1,5'")])
def test_marks_that_are_mixed_are_named_where_it_is_money(texts, where):
    with pytest.raises(ReportError, match=where):
        decimal_mark(texts)


@pytest.mark.parametrize(('encoded', 'text'), [
    (b'\xc3\xa9 \xe9 ', 'Ã© é '), (b'\xc3\xa9 \xc3\xa9 \xe9 ', 'é é \ufffd '), (b'a \xe9', 'a é'),
    (b'\x81 \xe9', '\ufffd é')])
def test_letters_that_make_more_sense_decide(encoded, text):
    assert decode(encoded) == text


def test_a_listing_without_pieces_is_a_listing():
    found, = read_listings(report(row(quantity='0', price='0.00')))
    assert (found.quantity, found.price, found.problem) == (0, 0, '')


@pytest.mark.parametrize(('kind', 'barcode'), [('1', ''), ('2', 'B000000001'), ('3', 'B000000001'), ('4', 'B000000001'),
                                               ('5', 'B000000001'), ('', '')])
def test_which_identifiers_are_barcodes(kind, barcode):
    assert read_listings(report(row(kind=kind)))[0].barcode == barcode


@pytest.mark.parametrize(('status', 'read'), [('Active', 'active'), ('INACTIVE', 'inactive'),
                                              ('Incomplete', 'incomplete'), ('Blocked', ''), ('', '')])
def test_a_status_that_is_not_known_is_none(status, read):
    assert read_listings(report(row(status=status)))[0].status == read

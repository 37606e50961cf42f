"""Documents that are damaged, strange or hostile: read within bounds, and one odd row says what is wrong with it and
harms no other.
"""

import datetime

import pytest
from amazon_reports.listings import read_listings
from amazon_reports.settlement import COLUMNS, SettlementFile
from amazon_reports.text import ReportError, parse_number
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator.settlements import write
from test_report_text import HEADER, report, row
from test_settlement_report import HEAD, ROW
from work import count_work

# Calls of functions while a document is read, whatever is in it.
MOST = 200_000

GOOD = [row('GOOD-1'), row('GOOD-2', price='5.00', quantity='7')]
NUMBERS = ['1e1000000', '1E9', 'NaN', 'Infinity', '-Infinity', 'sNaN', '9' * 5000, '1_000', '0x10', '١e٣', '--1',
           '1.2.3.4', '1,50', '', ' ']
SPOILS = ['1e1000000', 'NaN', 'Infinity', '9' * 5000, '1_000', '--1', 'many']


def read(content, charset=''):
    """Return the good rows by SKU and the problems of the others, within bounds."""
    with count_work(MOST):
        rows = list(read_listings(content, charset))
    return {entry.sku: entry for entry in rows if entry.sku and not entry.problem}, [
        entry for entry in rows if entry.problem]


def read_settlement(content, charset=''):
    with count_work(MOST):
        return list(SettlementFile(content, charset).read_rows())


# === LISTINGS: ONE ODD ROW AMONG GOOD ONES === #

@pytest.mark.parametrize('odd, reason', [
    (row('ODD', quantity='1e1000000'), "quantity: '1e1000000' is not a number"),
    (row('ODD', price='NaN'), "price: 'NaN' is not a number"),
    (row('ODD', quantity='Infinity'), "quantity: 'Infinity' is not a number"),
    (row('ODD', price='9' * 5000), "price: '9999999999"),
    (row('ODD', quantity='99999999999'), "quantity: 99999999999 is too large"),
    (row('ODD', quantity='-3'), "quantity: -3 is negative"),
    (row('ODD', quantity='2.5'), "quantity: 2.5 is no whole number"),
    (row('ODD', price='-1.00'), "price: -1.00 is negative"),
    (row('ODD', title="Kettle\tred"), "11 values for 10 columns"),
    (row('ODD').rpartition('\t')[0], "9 values for 10 columns"),
    ('ODD', "1 values for 10 columns"), (row(''), "it names no SKU"), (row('O' * 300), "its SKU is longer than"),
    (row('OD\0D'), "its SKU has characters that cannot be stored"), (row('ODD', title='x' * 3_000_000), "longer than"),
    (row('ODD', price='1,50'), "price: '1,50' is not a number"),
])
def test_an_odd_row_says_what_is_wrong_with_it(odd, reason):
    for lines in ([odd, *GOOD], [GOOD[0], odd, GOOD[1]], [*GOOD, odd]):
        good, problems = read(report(*lines))
        assert (good['GOOD-1'].quantity, good['GOOD-2'].quantity, len(good)) == (5, 7, 2)
        [problem] = problems
        assert reason in problem.problem and problem.number == lines.index(odd) + 2
        assert len(problem.problem) < 500


def test_a_row_whose_values_are_shifted_names_no_sku():
    """A tab inside a title: the value in the column of the SKU is none."""
    _good, [shifted] = read(report(*GOOD, row('TRUE-SKU', title="Kettle\tred")))
    assert shifted.sku == '' and shifted.quantity is None and shifted.channel == ''
    _good, [short] = read(report(*GOOD, row('TRUE-SKU').partition('\t')[2]))
    assert short.sku == ''


def test_what_cannot_be_stored_in_a_title_is_replaced():
    good, problems = read(report(row('A', title="Ket\0tle"), *GOOD))
    assert good['A'].title == "Ket\ufffdtle" and not problems
    good, problems = read(report(*GOOD, row('A')).replace(b'Kettle\tA\t', b'K\xed\xa0\x80ttle\xff\tA\t'), 'utf-8')
    assert '\xa0' in good['A'].title and not problems
    assert len(read(report(*GOOD, row('A')).replace(b'\tA\t', b'\tA\x81\xff\t'), 'utf-8')[1]) == 1


def test_quotes_line_ends_and_blank_lines():
    content = '\r'.join([HEADER, row('A', title='"24 inch'), row('B', title='x"y"')]).encode()
    content += b'\n\n\t\t\t\n' + row('C', title='"').encode() + b'\r\n' + row('D').encode() + b'\n\r'
    good, problems = read(content)
    assert list(good) == ['A', 'B', 'C', 'D'] and not problems and good['A'].title == '"24 inch'


def test_an_offer_of_amazons_own_fulfilment_decides_in_any_order():
    """A SKU that is there with both channels is not the merchant's alone."""
    for rows in ([row('A', channel='AMAZON_EU', quantity=''), row('A', quantity='21')],
                 [row('A', quantity='21'), row('A', channel='AMAZON_EU', quantity='')]):
        good, _problems = read(report(*rows))
        assert good['A'].channel == 'AMAZON_EU'


def test_a_bad_row_of_a_sku_does_not_replace_its_good_one():
    good, problems = read(report(row('A', quantity='4'), row('A', quantity='many')))
    assert good['A'].quantity == 4 and len(problems) == 1


# === LISTINGS: THE WHOLE DOCUMENT === #

@pytest.mark.parametrize('content, reason', [
    (b'', "empty"), (b'\r\n\r\n', "empty"), (b'\xef\xbb\xbf', "empty"),
    (b'<html><body>Service Unavailable</body></html>', "web page"),
    (b'  <?xml version="1.0"?><x/>', "web page"), (b'{"errors": []}', "lacks the columns"),
    (b'PK\x03\x04' + bytes(200), "no text"), (b'\x1f\x8b\x08' + bytes(50), "no text"),
    ('\r\n'.join(GOOD).encode(), "lacks the columns"),
    (f'{HEADER}\tseller-sku\r\n'.encode(), "seller-sku is there twice"),
    (('x\t' * 20_000).encode(), "columns"), (b'x' * 5_000_000, "Line 1"), (b'\xff\xfe\x00', "cannot be read"),
])
def test_what_is_no_listings_report(content, reason):
    with pytest.raises(ReportError, match=reason) as caught:
        read(content)
    assert len(str(caught.value)) < 1000 and '\0' not in str(caught.value)


@pytest.mark.parametrize('name', ['seller-sku', 'price', 'quantity', 'fulfillment-channel'])
def test_a_column_that_is_missing_is_named(name):
    table = [line.split('\t') for line in (HEADER, *GOOD)]
    position = table[0].index(name)
    with pytest.raises(ReportError, match=f"lacks the columns {name}"):
        read('\n'.join('\t'.join(values[:position] + values[position + 1:]) for values in table).encode())


def test_two_listings_that_a_wrong_character_set_made_one_are_named():
    """Where Amazon wrote `?` for what its character set lacks, two SKUs may look like one; a SKU has one ASIN."""
    good, problems = read(report(row('Pi?a'), row('GOOD-1'), row('Pi?a').replace('B000000001', 'B000000002')))
    assert good.keys() == {'Pi?a', 'GOOD-1'}
    assert [(one.number, 'B000000001 and B000000002' in one.problem, one.sku) for one in problems] == [(4, True, '')]
    assert read(report(row('ONE'), row('ONE', channel='AMAZON_EU')))[1] == []


def test_columns_that_are_there_twice_and_matter_not():
    good, problems = read(report(*(f'{line}\tx\ty' for line in GOOD),
                                 header=f'{HEADER}\tDeprecated column\tDeprecated column'))
    assert len(good) == 2 and not problems


@pytest.mark.parametrize('charset', ['utf-8', 'UTF8', 'cp1252', 'nonsense', '', 'Shift_JIS', 'idna', 'hex', 'utf-16',
                                     'undefined'])
def test_a_character_set_that_is_not_the_one_that_was_named(charset):
    good, problems = read(report(*GOOD, row('A', title="Żółć 商品")), charset)
    assert good['A'].title == "Żółć 商品" and not problems


def test_excels_unicode_text_and_one_damaged_byte():
    good, _problems = read(report(*GOOD, row('A', title="Żółć")).decode().encode('utf-16'))
    assert good['A'].title == "Żółć"
    content = report(row('A', title="Żółć é"), row('B', title="DAMAGED"), row('C', title="Größe"))
    good, _problems = read(content.replace(b'DAMAGED', b'DAM\xe9GED'))
    titles = good['A'].title, good['C'].title, good['B'].title
    assert titles == ("Żółć é", "Größe", "DAM\ufffdGED"), "one byte does not change the others' letters"


# === SETTLEMENTS === #

@pytest.mark.parametrize('number', SPOILS)
@pytest.mark.parametrize('column, value',
                         [('amount', '\t12.50\t\t'), ('quantity-purchased', '\t2\t'), ('total-amount', '12.50\tEUR')])
def test_a_number_of_a_settlement_that_is_none(number, column, value):
    content = write(HEAD, [ROW]).decode().replace(value,
                                                  value.replace('12.50', number).replace('\t2\t', f'\t{number}\t'))
    with pytest.raises(ReportError, match=rf"Line [23](, {column}: '{number[:20]}|.*{column} is longer)"):
        read_settlement(content.encode())


@pytest.mark.parametrize('number, reason',
                         [('3000000000', "too large"), ('2.5', "no whole number"), ('2.7', "no whole number")])
def test_a_quantity_that_cannot_be(number, reason):
    with pytest.raises(ReportError, match=f"Line 3, quantity-purchased: {number} is {reason}"):
        read_settlement(write(HEAD, [{**ROW, 'quantity-purchased': number}]))


@pytest.mark.parametrize('date', ['99999-01-01 00:00:00 UTC', '0001-01-01 00:00:00 +1400', '9999-12-31 23:59:59 PST',
                                  '0000-00-00 00:00:00 UTC', '1' * 400])
def test_a_date_that_cannot_be(date):
    [row] = read_settlement(write(HEAD, [ROW]).replace(b'2026-10-20 06:16:22 UTC', date.encode()))
    assert row.posted == datetime.datetime(2026, 10, 20)


def test_a_date_as_long_as_a_book():
    with pytest.raises(ReportError, match=r"Line [23]"):
        read_settlement(write(HEAD, [ROW]).replace(b'2026-10-20 06:16:22 UTC', b'1' * 5000))


@pytest.mark.parametrize('damage, reason', [
    (lambda content: b'', "empty"), (lambda content: b'<!DOCTYPE html><html></html>', "web page"),
    (lambda content: b'PK\x03\x04' + bytes(100), "no text"),
    (lambda content: content.split(b'\n', 1)[1], "lacks the columns"),
    (lambda content: content.split(b'\n')[0] + b'\n', "no rows"),
    (lambda content: content.replace(b'SKU-1', b'SK\0U'), "Line 3"),
    (lambda content: content.replace(b'SKU-1', b'S' * 5000), "Line 3.*sku is longer than"),
    (lambda content: content.replace(b'SKU-1', b'S' * 5_000_000), "Line 3"),
    (lambda content: content.replace(b'15161718', b'1' * 3000), "Line 2.*settlement-id is longer"),
    (lambda content: content.replace(b'\tsku\t', b'\tamount\t'), "amount is there twice"),
    (lambda content: content.replace(b'EUR', b'EURO!'), "Line 2, currency"),
    (lambda content: content.replace(b'\t12.50\tEUR', b'\t12,50\tEUR'), "line 3 has '12.50', line 2 has '12,50'"),
    (lambda content: content.replace(b'SKU-1', b'SK\x81\xff'), "Line 3: .*characters"),
])
def test_a_settlement_that_is_damaged(damage, reason):
    with pytest.raises(ReportError, match=reason) as caught:
        read_settlement(damage(write(HEAD, [ROW])), 'utf-8')
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize('column', COLUMNS)
def test_an_odd_value_in_any_column_of_a_settlement(column):
    """It is taken for text, or refused with its line."""
    lines = [line.split('\t') for line in write(HEAD, [ROW]).decode().split('\n')]
    for odd in ('', *SPOILS, 'a\0b', 'x' * 700, '99999-01-01 00:00:00 UTC', '"'):
        for number in (1, 2):
            values = list(lines[number])
            values[COLUMNS.index(column)] = odd
            table = [*lines[:number], values, *lines[number + 1:]]
            try:
                read_settlement('\n'.join('\t'.join(entry) for entry in table).encode())
            except ReportError as error:
                assert f'ine {number + 1}' in str(error) or 'ine 3' in str(error)
                assert len(str(error)) < 400


# === WHATEVER COMES === #

@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(['', 'utf-8', 'cp1252', 'Shift_JIS', 'utf-16', 'x']),
       st.integers(0, 400))
def test_bytes_of_any_kind_anywhere(noise, charset, position):
    """Rows, or a `ReportError`; nothing else, and nothing that a database refuses."""
    for reader, content in ((read_listings, report(*GOOD)),
                            (lambda *args: list(SettlementFile(*args).read_rows()), write(HEAD, [ROW]))):
        try:
            rows = reader(content[:position] + noise + content[position:], charset)
        except ReportError as error:
            str(error).encode()
        else:
            for entry in rows:
                texts = [value for value in entry if isinstance(value, str)]
                assert '\0' not in ''.join(texts)
                ''.join(texts).encode()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 9), st.one_of(st.sampled_from(NUMBERS), st.text(max_size=30)))
def test_a_cell_of_any_kind_in_any_column(column, text):
    values = row('ODD').split('\t')
    values[column] = text
    good, _problems = read(report(*GOOD, '\t'.join(values), *(row(f'MORE-{number}') for number in range(10))))
    assert {'GOOD-1', 'GOOD-2', *(f'MORE-{number}' for number in range(10))} <= good.keys()


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_none(text):
    try:
        number = parse_number(text, '.')
    except ValueError as error:
        assert "is not a number" in str(error)
    else:
        assert number is None or number.is_finite() and abs(number) < 10 ** 15


def test_binary_zeros_in_any_line_are_named():
    """Also in the second line, which holds the settlement itself."""
    lines = write(HEAD, [ROW, ROW]).decode().split('\n')
    for number in (2, 3, 4):
        damaged = [*lines[:number - 1], lines[number - 1][:-1] + '\0', *lines[number:]]
        with pytest.raises(ReportError, match=f'^Line {number}: the file is damaged, it has binary zeros'):
            read_settlement('\n'.join(damaged).encode())



def test_a_page_is_known_by_its_asin_column_or_by_an_identifier_that_is_an_asin():
    def asin(kind, number):
        return read(report(row('A', kind=kind, number=number)))[0]['A'].asin
    assert asin('4', '4006381333931') == asin('1', 'B000000002') == 'B000000001'
    without = report(row('A', kind='1', number='B000000002').replace('B000000001', ''))
    assert read(without)[0]['A'].asin == 'B000000002'
    assert read(report(row('A', kind='4', number='4006381333931').replace('B000000001', '')))[0]['A'].asin == ''

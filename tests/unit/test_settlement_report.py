"""Settlement reports of any seller: formats, dates, character sets, damaged files (A10)."""

import datetime
from decimal import Decimal

import pytest
from amazon_reports.settlement import COLUMNS, SettlementFile
from amazon_reports.text import ReportError
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator import money
from simulator.settlements import DATES, STYLES, Head, Style, generate, write

UTC = datetime.timezone.utc
START = datetime.datetime(2026, 10, 20, 6, 16, 22, tzinfo=UTC)
HEAD = Head('15161718', START, START + datetime.timedelta(days=14), START + datetime.timedelta(days=16),
            Decimal('12.50'), 'EUR')
ROW = money.row(('Order', 'ItemPrice', 'Principal'), '12.50', posted=START,
                **{'order-id': '302-1234567-1234567', 'sku': 'SKU-1', 'quantity-purchased': '2'})


def read(content, charset=''):
    report = SettlementFile(content, charset)
    return report, list(report.read_rows())


def naive(moment):
    return moment.replace(tzinfo=None)


def test_head_and_row():
    report, [row] = read(write(HEAD, [ROW]))
    assert (report.settlement_ref, report.currency, report.total) == ('15161718', 'EUR', Decimal('12.50'))
    assert (report.start, report.end, report.deposit) == (naive(HEAD.start), naive(HEAD.end), naive(HEAD.deposit))
    assert (row.number, row.transaction_type, row.amount_type, row.amount_description,
            row.amount) == (3, 'Order', 'ItemPrice', 'Principal', Decimal('12.50'))
    assert (row.order_ref, row.sku, row.quantity, row.posted, row.extra) == ('302-1234567-1234567', 'SKU-1', 2,
                                                                             naive(START), {})


@pytest.mark.parametrize('text, expected', [('1141,18', '1141.18'), ('1.141,18', '1141.18'), ('1,141.18', '1141.18'),
                                            ('0.125', '0.125'), ('0,125', '0.125'), ('-1\u00a0141,18', '-1141.18'),
                                            ('\u22121.141,18', '-1141.18'), ("1'141.18", '1141.18')])
def test_numbers_of_the_world(text, expected):
    """A10"""
    content = write(HEAD, [ROW]).decode().replace('12.50', text)
    report, [row] = read(content.encode())
    assert (report.total, row.amount) == (Decimal(expected), Decimal(expected))


def test_the_format_of_a_file_is_not_decided_by_one_value():
    rows = [{**ROW, 'amount': Decimal(1234)}, {**ROW, 'amount': Decimal('1234.56')}]
    _report, found = read(write(HEAD, rows, Style(',', '.')))
    assert [row.amount for row in found] == [Decimal(1234), Decimal('1234.56')], "1.234 is a thousand here"


@pytest.mark.parametrize('text', ['2023-03-28 07:49:55 UTC', '28.03.2023 07:49:55 UTC', '2023-03-28T07:49:55+00:00',
                                  '28/03/2023 07:49:55 UTC',
                                  '3/28/2023 7:49:55 UTC', '2023/03/28 07:49:55 UTC', '2023-03-28T09:49:55+0200',
                                  '28.03.2023 09:49:55 CEST',
                                  '2023-03-28T07:49:55.120Z', '2023-03-28 00:49:55 PDT', '2023-03-28T13:19:55+05:30',
                                  '2023-03-27T23:04:55-08:45', '2023-03-28 17:49:55 +1000', '2023-03-28T09:49:55+02:00',
                                  '28.03.2023 13:19:55 GMT+5:30', '2023-03-28 13:19:55 IST',
                                  '2023-03-28 16:49:55 UTC+9', '28.03.2023 04:49:55 GMT-3',
                                  '2023-03-28 18:49:55 AEDT', '2023-03-28 15:49:55 SGT', '2023-03-28 02:49:55 CDT',
                                  '2023-03-28 10:49:55 TRT',
                                  '2023-03-28 07:49:55 utc', '3/28/2023 12:49:55 AM MST', '3/28/23 7:49:55 UTC',
                                  '28-Mar-2023 07:49:55 UTC',
                                  'Mar 28, 2023 12:49:55 AM PDT', '28 March 2023 07:49:55 GMT',
                                  'March 28, 2023 7:49:55 AM UTC'])
def test_dates_of_the_world(text):
    """A10"""
    content = write(HEAD, [ROW]).decode().replace('2026-10-20 06:16:22 UTC', text).replace('2026-10-20', '')
    content = content.replace('2026-11-03 06:16:22 UTC', '').replace('2026-11-05 06:16:22 UTC', '')
    report, [row] = read(content.encode())
    assert report.start == row.posted == datetime.datetime(2023, 3, 28, 7, 49, 55)


def test_a_date_that_could_be_two_follows_the_others_of_the_file():
    rows = [{**ROW, 'posted': datetime.datetime(2026, 11, 2, tzinfo=UTC)},
            {**ROW, 'posted': datetime.datetime(2026, 10, 28, tzinfo=UTC)}]
    for dates in ('slashes', 'american'):
        _report, found = read(write(HEAD, rows, Style(dates=dates)))
        assert [row.posted.day for row in found] == [2, 28]


def test_unknown_columns_are_kept_and_missing_ones_are_empty():
    columns = [*(name for name in COLUMNS if name != 'promotion-id'), 'future-column']
    _report, [row] = read(write(HEAD, [{**ROW, 'future-column': 'x'}], columns=columns))
    assert (row.promotion_ref, row.extra) == ('', {'future-column': 'x'})


@pytest.mark.parametrize('charset', ['', 'cp1252', 'Shift_JIS', 'utf-8'])
def test_character_sets(charset):
    """A10; Shift-JIS without a name is tried for yen only."""
    text, encoding = ('送料 値引', 'cp932') if charset == 'Shift_JIS' else ('Geschäft é', charset or 'cp1252')
    _report, [row] = read(write(HEAD, [{**ROW, 'amount-description': text}], Style(encoding=encoding)), charset)
    assert row.amount_description == text
    _report, [row] = read(write(HEAD._replace(currency='JPY'), [{**ROW, 'amount-description': '送料 値引'}],
                                Style(encoding='cp932')))
    assert row.amount_description == '送料 値引'


def test_a_byte_order_mark_and_windows_line_ends():
    report, [row] = read(write(HEAD, [ROW], Style(encoding='utf-8-sig', newline='\r\n')))
    assert (report.settlement_ref, row.promotion_ref) == ('15161718', '')


@pytest.mark.parametrize('country', [*STYLES, 'PL', 'CA'])
def test_every_known_row_type_in_the_format_of_a_country(country):
    head, rows = generate(country, 400)
    report, found = read(write(head, rows, STYLES.get(country, Style())))
    assert report.total == head.total == sum(row.amount for row in found)
    assert [(row.transaction_type, row.amount_type, row.amount_description, row.amount) for row in found] == [
        (row['transaction-type'], row['amount-type'], row['amount-description'], row['amount']) for row in rows]
    assert [row.posted for row in found] == [naive(row['posted']) for row in rows]
    assert {(row.transaction_type, row.amount_type, row.amount_description) for row in found} >= {
        kind[:3] for kind in money.KNOWN}


@pytest.mark.parametrize('damage, message', [
    (lambda text: '', "lacks the columns"), (lambda text: 'x\ty\n1\t2\n', "lacks the columns settlement-id"),
    (lambda text: text.split('\n')[0], "no rows"),
    (lambda text: text.replace('\t12.50\t\t', '\t12.5x\t\t'), r"Line 3, amount: '12.5x' is not a number"),
    (lambda text: text.replace('12.50\tEUR', '\tEUR'), "Line 2: the first row"),
    (lambda text: text.rstrip('\n') + '\ttoo\tmany\n', "Line 3: 26 values for 24 columns"),
    (lambda text: text + '999\t' + '\t' * 22 + '\n', "Line 4: it belongs to settlement '999'"),
    (lambda text: text + '15161718\t\t\t\t\t\tOrder\n', "Line 4: it has no amount; the file may be cut"),
    (lambda text: text + '\0', "binary zeros"),
    (lambda text: text.replace('SKU-1', 'x' * 200_000), "Line 3: the file is damaged"),
])
def test_a_damaged_file_is_refused_with_its_line(damage, message):
    with pytest.raises(ReportError, match=message):
        read(damage(write(HEAD, [ROW]).decode()).encode())


@pytest.mark.parametrize('text', ['2026-13-45 06:16:22 UTC', '2026-10-20 06:16:22 XYZ', 'yesterday', '31.02.2026',
                                  '9' * 300, '2026-10-20 13:00:00 PM UTC'])
def test_a_date_that_nobody_understands_harms_its_row_alone(text):
    content = write(HEAD, [ROW, {**ROW, 'sku': 'SKU-2'}]).decode().replace('2026-10-20 06:16:22 UTC\t\t\t\tSKU-1',
                                                                           f'{text}\t\t\t\tSKU-1')
    report, [odd, good] = read(content.encode())
    assert (odd.posted, good.posted.hour, odd.amount) == (datetime.datetime(2026, 10, 20), 6,
                                                          good.amount), "the day has a column of its own"
    assert (odd.extra, good.extra) == ({'posted-date-time': text}, {})
    assert report.odd_dates == [(3, 'posted-date-time', text)]


@pytest.mark.parametrize(('names', 'day'), [
    (('deposit-date',), '2026-11-03'), (('settlement-end-date',), '2026-11-05'),
    (('settlement-end-date', 'deposit-date'), '2026-10-20'),
    (('settlement-start-date', 'settlement-end-date', 'deposit-date'), '2026-10-20')])
def test_a_date_of_the_head_that_nobody_understands_is_the_next_best(names, day):
    lines = [line.split('\t') for line in write(HEAD, [ROW]).decode().split('\n')]
    for name in names:
        lines[1][COLUMNS.index(name)] = 'yesterday'
    report, [row] = read('\n'.join('\t'.join(line) for line in lines).encode())
    assert (str((report.deposit or report.end).date() if names == ('deposit-date',) else report.end.date()),
            row.posted.hour) == (day, 6)
    assert [(number, name) for number, name, _text in report.odd_dates] == [(2, name) for name in names]


def test_a_row_without_a_date_that_is_understood():
    text = write(HEAD, [ROW]).decode().replace('2026-10-20\t2026-10-20 06:16:22 UTC', 'today\tnow')
    report, [row] = read(text.encode())
    assert (row.posted, row.extra) == (None, {'posted-date-time': 'now', 'posted-date': 'today'})
    assert report.odd_dates == [(3, 'posted-date-time', 'now'), (3, 'posted-date', 'today')]


def test_empty_columns_at_the_end_of_a_row():
    text = write(HEAD, [ROW]).decode().rstrip('\n')
    _report, [row] = read(f'{text}\t\t \n'.encode())
    assert row.sku == 'SKU-1'


def test_decimal_points_and_commas_in_one_file_are_refused():
    with pytest.raises(ReportError, match="mixes"):
        read(write(HEAD, [ROW]).replace(b'\t12.50\tEUR', b'\t12,50\tEUR'))


TEXT = st.text(st.characters(exclude_categories=('C', 'Z')), max_size=12)
AMOUNT = st.decimals(-10**7, 10**7, places=2)
MOMENT = st.datetimes(datetime.datetime(2015, 1, 1), datetime.datetime(2035, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC))
# Where day and month could be exchanged, the head of the file decides: it has a day after the twelfth.
STYLE = st.builds(Style, st.sampled_from('.,'), st.just(''), st.sampled_from(sorted(DATES)),
                  st.sampled_from(['utf-8', 'utf-8-sig']), st.sampled_from(['\n', '\r\n']))


@settings(max_examples=200, deadline=None)
@given(STYLE, st.sampled_from(['', 'group']), st.lists(st.tuples(AMOUNT, MOMENT, TEXT, st.integers(0, 999)), min_size=1,
                                                       max_size=8))
def test_whatever_is_written_comes_back(style, grouping, values):
    style = style._replace(thousands={'.': ',', ',': '.'}[style.mark] if grouping else '')
    rows = [{**ROW, 'amount': amount, 'posted': posted, 'amount-description': text, 'quantity-purchased': str(quantity)}
            for amount, posted, text, quantity in values]
    report, found = read(write(HEAD._replace(total=sum(value[0] for value in values)), rows, style))
    assert report.total == sum(row.amount for row in found)
    assert [(row.amount, row.posted, row.amount_description, row.quantity) for row in found] == [
        (amount, naive(posted), text, quantity) for amount, posted, text, quantity in values]


@pytest.mark.parametrize(('currency', 'date', 'others', 'posted'), [
    ('USD', '10/11/2026', (), (10, 11)), ('EUR', '10/11/2026', (), (11, 10)), ('USD', '12/05/2026', (), (12, 5)),
    ('EUR', '05/12/2026', (), (12, 5)),
    ('EUR', '10/11/2026', ('10/13/2026',), (10, 11)), ('USD', '10/11/2026', ('13/10/2026',), (11, 10)),
    ('USD', '10.11.2026', (), (11, 10)), ('USD', '2026/11/10', (), (11, 10)), ('EUR', '2026-10-11', (), (10, 11))])
def test_day_and_month(currency, date, others, posted):
    """A day after the twelfth decides for the whole file, then the points of a German date, then the currency."""
    lines = [line.split('\t') for line in write(HEAD._replace(currency=currency),
                                                [ROW, *[ROW] * len(others)]).decode().rstrip('\n').split('\n')]
    for name in ('settlement-start-date', 'settlement-end-date', 'deposit-date'):
        lines[1][COLUMNS.index(name)] = ''
    for line, text in zip(lines[2:], (date, *others), strict=True):
        line[COLUMNS.index('posted-date')], line[COLUMNS.index('posted-date-time')] = text, ''
    _report, found = read('\n'.join('\t'.join(line) for line in lines).encode())
    assert (found[0].posted.month, found[0].posted.day) == posted


def test_what_is_no_text_is_shown_with_what_is_before_it():
    damaged = write(HEAD, [ROW]).replace(b'SKU-1', b'0123456789abcdef\x00ghijklmnopqrstuvwxyz')
    with pytest.raises(ReportError) as caught:
        read(damaged)
    assert str(caught.value) == r"Line 3: the file is damaged, it has binary zeros: '6789abcdef\x00ghijklmno'."
    with pytest.raises(ReportError, match=r"it has characters that are no text: 'ab\\udc81"):
        read(write(HEAD, [ROW]).replace(b'15161718\t\t', b'ab\x81\t\t'), 'utf-8')


def test_the_shops_of_a_settlement_are_counted():
    report, _rows = read(
        write(HEAD, [{**ROW, 'marketplace-name': name} for name in ('Amazon.de', 'Amazon.de', 'Amazon.fr')]))
    assert report.shops == {'': 1, 'Amazon.de': 2, 'Amazon.fr': 1}

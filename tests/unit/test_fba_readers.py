"""All readers of returns and of FBA: what each row says, and what becomes of odd rows and documents."""

import datetime
import importlib
from decimal import Decimal

import pytest
from amazon_reports import listings, settlement
from amazon_reports.cells import DATES, NUMBERS, read_amount, read_text
from amazon_reports.cleaning import TYPES, clean
from amazon_reports.flat_file import fold
from amazon_reports.text import EmptyReport, ReportError, names_people
from hypothesis import given, settings
from hypothesis import strategies as st
from work import count_work

# Calls of functions while a document is read, whatever is in it.
MOST = 500_000

READERS = {
    'ledger': 'read_ledger', 'ledger_summary': 'read_balances', 'customer_returns': 'read_returns',
    'fba_returns': 'read_fba_returns', 'replacements': 'read_replacements', 'reimbursements': 'read_reimbursements',
    'removal_orders': 'read_removal_orders', 'removal_shipments': 'read_removal_shipments',
    'fulfilled_shipments': 'read_fulfilled_shipments',
}
MODULES = {name: importlib.import_module(f'amazon_reports.{name}') for name in READERS}
MONEY = {name for name, module in MODULES.items() if any(column.read is read_amount
                                                         for column in module.LAYOUT.columns.values())}
every = pytest.mark.parametrize('name', READERS)


def read(name, content, charset=''):
    with count_work(MOST):
        return list(getattr(MODULES[name], READERS[name])(content, charset))


def columns(name):
    return list(MODULES[name].LAYOUT.columns.values())


def make_row(name, **changes):
    """Texts of a good row by field, each of its own kind."""
    texts = {}
    for field, column in MODULES[name].LAYOUT.columns.items():
        kind = column.read.__name__
        texts[field] = changes.get(field, {
            'read_count': '2', 'read_amount': '12.50', 'read_moment': '2026-05-14T10:00:00+02:00',
            'read_day': '05/14/2026', 'read_currency': 'EUR', 'read_flag': 'Y', 'read_disposition': 'Sellable',
        }.get(kind, f'{field}-1'))
    return texts


def table(name, *rows, names=None, separator='\t', quote='{}'):
    lines = [names or [column.name for column in columns(name)], *(row.values() for row in rows)]
    return ''.join(separator.join(map(quote.format, line)) + '\r\n' for line in lines).encode()


# === ROWS === #

@every
def test_each_column_is_read_into_its_field(name):
    fields = MODULES[name].LAYOUT.columns
    assert [field for field in MODULES[name].LAYOUT.row_class._fields
            if field not in ('number', 'extra', 'problem')] == list(fields)
    [row] = read(name, table(name, make_row(name)))
    for field, column in fields.items():
        assert getattr(row, field) == {
            'read_count': 2, 'read_amount': Decimal('12.50'), 'read_moment': datetime.datetime(2026, 5, 14, 8),
            'read_day': datetime.date(2026, 5, 14), 'read_currency': 'EUR', 'read_flag': 'Y',
            'read_disposition': 'SELLABLE'}.get(column.read.__name__, f'{field}-1'), field
    assert (row.number, row.problem, getattr(row, 'extra', {})) == (2, '', {})


@every
@pytest.mark.parametrize('spell', [str.upper, str.title, lambda text: text.replace('-', ' ').replace(' ', '_'),
                                   lambda text: f' {text} ', fold])
@pytest.mark.parametrize('options', [{}, {'separator': ',', 'quote': '"{}"'}])
def test_spellings_of_columns_quotes_and_order(name, spell, options):
    row = make_row(name)
    names = [spell(column.name) for column in columns(name)]
    backward = dict(reversed(row.items()))
    assert read(name, table(name, row, names=names, **options)) == read(name, table(name, row)) == read(
        name, table(name, backward, names=names[::-1], **options))


@every
def test_columns_that_may_be_missing_and_those_that_may_not(name):
    for position, (field, column) in enumerate(MODULES[name].LAYOUT.columns.items()):
        names = [one.name for one in columns(name)]
        row = make_row(name)
        del names[position], row[field]
        if column.must:
            with pytest.raises(ReportError, match=f"^The report lacks the columns {column.name}; it has: "):
                read(name, table(name, row, names=names))
        else:
            [found] = read(name, table(name, row, names=names))
            assert (getattr(found, field), found.problem) == (None if column.read in NUMBERS | DATES else '', '')


@every
def test_cells_that_may_be_empty_and_those_that_may_not(name):
    for field, column in MODULES[name].LAYOUT.columns.items():
        for empty in ('', ' '):
            odd, good = read(name, table(name, make_row(name, **{field: empty}), make_row(name)))
            assert odd.problem == (f"it has no {column.name}" if column.must == 'row' else '') and not good.problem
            assert getattr(odd, field) in ('', None)


@every
def test_a_column_that_is_there_twice(name):
    for column in columns(name):
        names = [*(one.name for one in columns(name)), column.name.upper()]
        content = table(name, {**make_row(name), 'again': 'x'}, names=names)
        if column.must:
            with pytest.raises(ReportError, match=f"Line 1: the column {column.name} is there twice"):
                read(name, content)
        else:
            [row] = read(name, content)
            assert row.problem == '' and row[1:-2] == read(name, table(name, make_row(name)))[0][1:-2]


@every
def test_unknown_columns(name):
    names = [*(one.name for one in columns(name)), 'Future', '']
    [row] = read(name, table(name, {**make_row(name), 'future': 'new', 'unnamed': '5'}, names=names))
    assert row.problem == ''
    if hasattr(row, 'extra'):
        assert row.extra == {'Future': 'new', f'#{len(names)}': '5'}
    else:
        assert 'new' not in row


# === ODD VALUES === #

@every
@pytest.mark.parametrize('odd', ['1e1000000', 'NaN', 'Infinity', '9' * 5000, '1_000', '--1', 'many', '0x10', '1.2.3.4'])
def test_a_number_that_is_none(name, odd):
    for field, column in MODULES[name].LAYOUT.columns.items():
        if column.read in NUMBERS:
            good, bad, last = read(name, table(name, make_row(name), make_row(name, **{field: odd}), make_row(name)))
            assert getattr(bad, field) is None and f"{column.name}: " in bad.problem and len(bad.problem) < 200
            assert not good.problem and not last.problem and bad.number == 3


@every
@pytest.mark.parametrize('odd', ['99999-01-01', '0001-01-01T00:00:00+14:00', '9999-12-31 23:59:59 PST', '2026-02-30',
                                 'soon', '1' * 400, '2026-05-14T25:00:00', '2026-05-14 10:00 XYZ'])
def test_a_date_that_cannot_be(name, odd):
    """Where a row can be without it, it is kept as it is."""
    for field, column in MODULES[name].LAYOUT.columns.items():
        if column.read in DATES:
            if column.read.__name__ == 'read_day' and odd[:10] == '2026-05-14':
                continue
            good, bad = read(name, table(name, make_row(name), make_row(name, **{field: odd})))
            assert getattr(bad, field) is None and not good.problem
            if column.must or not hasattr(bad, 'extra'):
                assert f"{column.name}: " in bad.problem
            else:
                assert (bad.problem, bad.extra) == ('', {column.name: odd})


@every
def test_codes_that_cannot_be_stored(name):
    for field, column in MODULES[name].LAYOUT.columns.items():
        if column.read not in NUMBERS | DATES | {read_text} and column.read.__name__ != 'read_currency':
            for odd in ('a\0b', 'x' * 256):
                bad, good = read(name, table(name, make_row(name, **{field: odd}), make_row(name)))
                assert f"{column.name}: " in bad.problem and not good.problem and getattr(bad, field) == ''


@pytest.mark.parametrize('name', sorted(MONEY))
def test_amounts_of_either_format(name):
    fields = [field for field, column in MODULES[name].LAYOUT.columns.items() if column.read is read_amount]

    def amounts(*texts):
        rows = read(name, table(name, *(make_row(name, **dict.fromkeys(fields, text)) for text in texts)))
        assert all({getattr(row, field) for field in fields} == {getattr(row, fields[0])} for row in rows)
        return [getattr(row, fields[0]) for row in rows]
    assert amounts('4,10', '1,50', '1.234', '-1.234,50') == [Decimal(text) for text in ('4.10', '1.50', '1234',
                                                                                       '-1234.50')]
    assert amounts('4.10', '1.50', '1,234', '-6.38') == [Decimal(text) for text in ('4.10', '1.50', '1234', '-6.38')]
    mixed = amounts('4,10', '1.50', '1,234', '7', '1.000')
    assert mixed == [Decimal('4.10'), Decimal('1.50'), None, Decimal(7), None], "never guessed"
    assert all(isinstance(amount, Decimal) for amount in mixed if amount is not None)
    rows = read(name, table(name, *(make_row(name, **dict.fromkeys(fields, text)) for text in ('1,234', '1,234'))))
    assert all("'1,234' may be meant with a decimal point or with a decimal comma" in row.problem for row in rows)


@pytest.mark.parametrize('name', ['reimbursements', 'removal_orders', 'customer_returns', 'fulfilled_shipments'])
def test_currencies(name):
    for odd in ('EURO', '€', 'eur', 'x' * 300):
        bad, good = read(name, table(name, make_row(name, currency=odd), make_row(name)))
        assert f"{[column.name for column in columns(name) if column.read.__name__ == 'read_currency'][0]}: " in (
            bad.problem) and bad.currency == '' and good.currency == 'EUR'


@pytest.mark.parametrize(('text', 'moment'), [
    ('2026-06-20T07:32:45+00:00', (2026, 6, 20, 7, 32, 45)), ('2023-06-04T19:57:09+01:00', (2023, 6, 4, 18, 57, 9)),
    ('2026-08-11', (2026, 8, 11)), ('10-Jul-2025', (2025, 7, 10)), ('03.08.2026', (2026, 8, 3)),
    ('08/03/2026', (2026, 8, 3)), ('2026-05-13T00:00:00-0700', (2026, 5, 13, 7)),
    ('2026-06-20T07:32:45.123Z', (2026, 6, 20, 7, 32, 45))])
def test_moments(text, moment):
    [row] = read('fba_returns', table('fba_returns', make_row('fba_returns', return_date=text)))
    assert (row.return_date, row.problem) == (datetime.datetime(*moment), '')


def test_flags():
    texts = ('Y', 'n', 'true', 'FALSE', 'yes', 'No', '', 'Maybe')
    rows = read('customer_returns', table('customer_returns', *(make_row('customer_returns', prime=text, a_to_z=text)
                                                                for text in texts)))
    assert [row.prime for row in rows] == ['Y', 'N', 'Y', 'N', 'Y', 'N', '', 'Maybe'] == [row.a_to_z for row in rows]


def test_comments_are_texts_for_people():
    row = make_row('fba_returns', comments="It doesn&#39;t fit|T&uuml;r", license_plate='', order_ref='')
    rows = read('fba_returns', table('fba_returns', row, row))
    assert [found.comments for found in rows] == ["It doesn't fit|Tür"] * 2, "units without a plate are units each"


def test_what_buyers_wrote_of_returns_is_not_stored():
    rows = [make_row('fba_returns', comments="Broken by Anna", disposition='SELLABLE'),
            make_row('fba_returns', comments="", license_plate='', title='12" "Best" mug')]
    shifted = {**rows[0], 'one more': 'Anna Schmidt'}
    content = table('fba_returns', *rows, shifted)
    cleaned, charset = clean(MODULES['fba_returns'].REPORT_TYPE, content)
    assert b'Anna' not in cleaned
    before, after = read('fba_returns', content), read('fba_returns', cleaned, charset)
    assert [row._replace(comments='') for row in before[:2]] == after[:2]
    assert before[2].problem and after[2].problem, "a row that cannot be read is still one"


def test_columns_of_removal_orders_in_their_four_sets():
    full = [column.name for column in columns('removal_orders')]
    for absent in ((), ('order-source',), ('service-speed',), ('order-source', 'service-speed')):
        names = [name for name in full if name not in absent]
        row = {field: text for (field, text), name in zip(make_row('removal_orders', fee='').items(), full, strict=True)
               if name not in absent}
        [found] = read('removal_orders', table('removal_orders', row, names=[
            f'{name} ' if name == 'service-speed' else name for name in names]))
        assert (found.source, found.speed, found.fee, found.problem) == (
            '' if 'order-source' in absent else 'source-1', '' if 'service-speed' in absent else 'speed-1', None, '')


def test_returns_of_regions_without_a_status():
    names = [column.name for column in columns('fba_returns') if column.name != 'status']
    row = {field: text for field, text in make_row('fba_returns').items() if field != 'status'}
    [found] = read('fba_returns', table('fba_returns', row, names=names))
    assert (found.status, found.license_plate, found.comments, found.problem) == (
        '', 'license_plate-1', 'comments-1', '')


@pytest.mark.parametrize('bad', [b'\x81', b'\x9d ', b'\xff\xfe', b'\x00', b'\xed\xa0\x80'])
def test_bytes_of_no_character_set_are_stored_as_signs_of_them(bad):
    """As in a comment of a buyer that was cut off within a letter."""
    for name, charset in (('fba_returns', 'cp1252'), ('fulfilled_shipments', 'cp1252'), ('customer_returns', '')):
        field = 'carrier' if name == 'fulfilled_shipments' else 'title'
        content = table(name, make_row(name, **{field: 'Caf\u00e9@'})).decode().encode('cp1252').replace(b'@', bad)
        cleaned, stored = clean(MODULES[name].REPORT_TYPE, content, charset)
        [row] = read(name, cleaned, stored)
        assert row.problem == '' and getattr(row, field).startswith('Caf\u00e9')


# === PERSONAL DATA === #

PEOPLE = ('buyer-email', 'buyer-name', 'recipient-name', 'ship-address-1')
# The head of a document with buyers' addresses, which Amazon delivered under the id of a report of returns.
ORDERS = ('order-id', 'order-item-id', 'purchase-date', 'payments-date', 'reporting-date', 'promise-date',
          'days-past-promise', 'buyer-email', 'buyer-phone-number', 'sku', 'product-name', 'quantity-purchased',
          'quantity-shipped', 'quantity-to-ship', 'ship-service-level', 'recipient-name', 'ship-address-1',
          'ship-address-2', 'ship-address-3', 'ship-city', 'ship-state', 'ship-postal-code', 'ship-country',
          'is-business-order', 'purchase-order-number', 'price-designation')
MARKER = 'ANNA-SCHMIDT'
# Of the types that are read by other modules, the columns that these know.
TABLES = {listings.REPORT_TYPE: ('item-name', 'seller-sku', 'price', 'quantity', 'fulfillment-channel', 'asin1'),
          settlement.REPORT_TYPE: settlement.COLUMNS}


def get_columns(report_type):
    return TABLES.get(report_type) or next([column.name for column in module.LAYOUT.columns.values()]
                                           for module in MODULES.values() if report_type == module.REPORT_TYPE)


@pytest.mark.parametrize('report_type', sorted(TYPES))
def test_columns_about_people_are_not_stored_of_any_report(report_type):
    known = get_columns(report_type)
    more = [*PEOPLE, 'Buyer Comment', 'ShipToAddress', 'contact_person', 'recipient-phone-number', 'customer-name',
            'GiftMessage', 'E-Mail', 'Postal Code']
    names = [*known[:3], *more, *known[3:]]
    assert not [name for name in known if names_people(name) and name != 'customer-comments']
    content = '\n'.join('\t'.join(line) for line in (
        names, [MARKER if name in more else '7' for name in names], ['7', *[MARKER] * (len(names) + 3)])).encode()
    if report_type in TABLES:
        content = content.rsplit(b'\n', 1)[0]
    cleaned, _charset = clean(report_type, content, '')
    lines = cleaned.decode().splitlines()
    assert MARKER not in cleaned.decode() and not set(more) & set(lines[0].split('\t'))
    assert len(lines) == len(content.splitlines())
    assert set(lines[1].split('\t')) == {'7'}


@pytest.mark.parametrize('report_type', sorted(TYPES))
def test_documents_without_people_are_stored_as_they_are_read(report_type):
    known = [name for name in get_columns(report_type) if name != 'customer-comments']
    content = ('\t'.join(known) + '\n' + '\t'.join(map(str, range(len(known)))) + '\n').encode()
    assert clean(report_type, content, 'utf-8') == (content, 'utf-8')


@pytest.mark.parametrize('report_type', sorted(TYPES))
def test_a_document_of_another_kind_is_none(report_type):
    for content in ('\t'.join(ORDERS) + '\n' + '\t'.join([MARKER] * len(ORDERS)) + '\n', '', '\n',
                    f'<html>{MARKER}</html>', '{"a": 1}', 'x' * 2_000_000):
        with pytest.raises(ReportError):
            clean(report_type, content.encode(), '')
    with pytest.raises(EmptyReport):
        clean(report_type, b'', '')



def shipped(**changes):
    """A document with columns of people on both sides of the others."""
    row = make_row('fulfilled_shipments', **changes)
    names = [*PEOPLE[:2], *(column.name for column in columns('fulfilled_shipments')), *PEOPLE[2:]]
    values = ['secret@example.com', 'Secret Name', *row.values(), 'Secret Other', 'Secret Street']
    return names, values


def join(*lines):
    return ''.join('\t'.join(line) + '\n' for line in lines).encode()


def test_nothing_of_people_is_read():
    names, values = shipped()
    for lines in ([names, values], [names, values[1:]], [names, ['x', *values]], [names, [*values, 'x']],
                  [names, values[:3] + values[4:]], [names, values[:-1], [*values[:1], 'Secret', *values[1:]]]):
        for row in read('fulfilled_shipments', join(*lines)):
            assert 'ecret' not in repr(row)
    assert read('fulfilled_shipments', join(names, values))[0].problem == ''


def test_an_odd_row_of_shipments_has_nothing_but_its_problem():
    """Its values may be shifted: then they are those of people."""
    names, values = shipped(quantity='Secret Name')
    [row] = read('fulfilled_shipments', join(names, values))
    assert row == (2, *[''] * 5, None, None, None, '', None, *[''] * 6, "quantity-shipped: it cannot be read")


def test_a_document_without_a_header_shows_nothing_of_people():
    _names, values = shipped()
    for content in (join(values), join(values, values), b'"' + join(values)):
        with pytest.raises(ReportError, match="lacks the columns") as caught:
            read('fulfilled_shipments', content)
        assert 'ecret' not in str(caught.value)


# === DOCUMENTS === #

@every
def test_no_document_and_no_rows(name):
    for content in (b'', b'\n \n', b'\xef\xbb\xbf'):
        with pytest.raises(EmptyReport):
            read(name, content)
    assert read(name, table(name)) == []


@every
@pytest.mark.parametrize('content', [
    b'<html>Service Unavailable</html>', b'{"errors": []}', b'PK\x03\x04' + bytes(100), b'x' * 10_000_000,
    b'\xff\xfe\x00', b'x\t' * 20_000, b'seller-sku\tprice\tquantity\r\nA\t1\t2\r\n'])
def test_what_is_no_report(name, content):
    with pytest.raises(ReportError) as caught:
        read(name, content)
    assert len(str(caught.value)) < 1500 and not isinstance(caught.value, EmptyReport)


@every
def test_no_report_is_another(name):
    for other in READERS:
        if other != name:
            with pytest.raises(ReportError, match="lacks the columns"):
                read(name, table(other, make_row(other)))


@every
@pytest.mark.parametrize('line', [b'x' * 10_000_000, b'\0' * 50, b'\xff' * 50, b'\t' * 20_000 + b'x', b'x'])
def test_a_line_of_any_kind_harms_no_other(name, line):
    lines = table(name, make_row(name), make_row(name)).split(b'\r\n')
    lines.insert(2, line)
    first, odd, last = read(name, b'\n'.join(lines))
    assert not first.problem and not last.problem and odd.number == 3 and odd.problem and len(odd.problem) < 1000


@every
def test_a_document_that_is_cut_off_anywhere(name):
    """What is read is what it was, or is no row."""
    content = table(name, make_row(name), make_row(name)).rstrip()
    whole = read(name, content)
    start = content.rindex(b'\n') + 1
    for end in range(start + 1, len(content)):
        first, *rest = read(name, content[:end])
        assert first == whole[0]
        # Nobody can know it of the last cell.
        assert all(row.problem for row in rest) or content.count(b'\t', start, end) == content.count(b'\t', start)


@every
@pytest.mark.parametrize(('encoding', 'charset'), [
    ('utf-8', 'cp1252'), ('utf-8-sig', ''), ('cp1252', ''), ('cp1252', 'utf-8'), ('cp1252', 'cp1252'),
    ('cp1252', 'x-unknown'), ('utf-16', 'utf-8')])
def test_character_sets(name, encoding, charset):
    row = make_row(name, sku='Größe-ß', title="Für Übergrößen")
    [found] = read(name, table(name, row).decode().encode(encoding), charset)
    assert (found.sku, found.problem, getattr(found, 'title', row.get('title'))) == ('Größe-ß', '', row.get('title'))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(READERS)), st.binary(max_size=100), st.integers(0, 900),
       st.sampled_from(['', 'utf-8', 'Shift_JIS', 'utf-16']))
def test_bytes_of_any_kind_anywhere(name, noise, position, charset):
    """Rows, or a `ReportError`; nothing else, and nothing that a database refuses."""
    content = table(name, *[make_row(name)] * 3)
    try:
        rows = read(name, content[:position] + noise + content[position:], charset)
    except ReportError as error:
        str(error).encode()
        return
    for row in rows:
        extra = getattr(row, 'extra', {})
        texts = ''.join([*(value for value in row if isinstance(value, str)), *extra, *extra.values()])
        assert '\0' not in texts
        texts.encode()


def test_types_and_names():
    assert {module.REPORT_TYPE for module in MODULES.values()} == {
        'GET_LEDGER_DETAIL_VIEW_DATA', 'GET_LEDGER_SUMMARY_VIEW_DATA', 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE',
        'GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA', 'GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA',
        'GET_FBA_REIMBURSEMENTS_DATA', 'GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA',
        'GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA', 'GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL'}

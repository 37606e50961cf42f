"""The ledger of goods at Amazon's: each movement, and balances, in every spelling that was found."""

import datetime

import pytest
from amazon_reports import ledger, ledger_summary
from amazon_reports.ledger import EmptyReport, ReportError, read_ledger
from amazon_reports.ledger_summary import read_balances
from work import count_work

NAMES = ('Date', 'FNSKU', 'ASIN', 'MSKU', 'Title', 'Event Type', 'Reference ID', 'Quantity', 'Fulfillment Center',
         'Disposition', 'Reason', 'Country', 'Reconciled Quantity', 'Unreconciled Quantity', 'Date and Time', 'Store')
ROW = {'Date': '05/14/2026', 'FNSKU': 'X001AAAAA1', 'ASIN': 'B000000001', 'MSKU': 'SKU-1', 'Title': 'Kettle',
       'Event Type': 'Adjustments', 'Reference ID': '20076865361276', 'Quantity': '-1', 'Fulfillment Center': 'LEJ1',
       'Disposition': 'SELLABLE', 'Reason': 'E', 'Country': 'DE', 'Reconciled Quantity': '0',
       'Unreconciled Quantity': '1', 'Date and Time': '2026-05-14T00:00:00+0200'}
BALANCES = ('Date', 'FNSKU', 'ASIN', 'MSKU', 'Title', 'Disposition', 'Starting Warehouse Balance',
            'In Transit Between Warehouses', 'Receipts', 'Customer Shipments', 'Customer Returns', 'Vendor Returns',
            'Warehouse Transfer In/Out', 'Found', 'Lost', 'Damaged', 'Disposed', 'Other Events',
            'Ending Warehouse Balance', 'Unknown Events', 'Location', 'Store')


def table(*rows, names=NAMES, separator='\t', quote='{}'):
    """The document of rows, which are dicts or lists of cells."""
    lines = [names, *([row.get(name, '') for name in names] if isinstance(row, dict) else row for row in rows)]
    return ''.join(separator.join(map(quote.format, line)) + '\r\n' for line in lines).encode()


def read_one(**changes):
    [row] = read_ledger(table({**ROW, **{name.replace('_', ' '): value for name, value in changes.items()}}))
    return row


def test_a_movement():
    [row] = read_ledger(table(ROW))
    assert row == (2, datetime.date(2026, 5, 14), 'X001AAAAA1', 'B000000001', 'SKU-1', 'Kettle', 'Adjustments',
                   '20076865361276', -1, 'LEJ1', 'SELLABLE', 'E', 'DE', 0, 1, '', {}, '')


def test_what_is_empty_is_none_or_an_empty_text():
    [row] = read_ledger(table({name: ROW[name] for name in ('Date', 'MSKU', 'Event Type', 'Quantity', 'Disposition')}))
    assert row[:-1] == (2, datetime.date(2026, 5, 14), '', '', 'SKU-1', '', 'Adjustments', '', -1, '', 'SELLABLE', '',
                        '', None, None, '', {}) and row.problem == ''
    assert read_one(Reference_ID=' ', Reason=' ').reference == ''


@pytest.mark.parametrize('spell', [
    str, str.upper, str.lower, str.capitalize, lambda name: name.replace(' ', ''), lambda name: name.replace(' ', '_'),
    lambda name: f' {name.replace(" ", "-")} '])
def test_spellings_of_columns(spell):
    assert [*read_ledger(table([ROW.get(name, '') for name in NAMES], names=list(map(spell, NAMES))))] == [
        *read_ledger(table(ROW))]


def test_columns_in_another_order_columns_that_are_unknown_and_columns_that_are_missing():
    names = ['Future', *reversed(NAMES), '', 'Future']
    values = ['1', *(ROW.get(name, '') for name in reversed(NAMES)), '7', '2']
    [row] = read_ledger(table(values, names=names))
    assert row[:-2] == next(read_ledger(table(ROW)))[:-2]
    assert row.extra == {'Future': '1', '#18': '7', 'Future (#19)': '2'}
    [row] = read_ledger(table(ROW, names=NAMES[:12]))
    assert (row.quantity, row.reconciled, row.store, row.problem) == (-1, None, '', '')


@pytest.mark.parametrize('column', ['Date', 'FNSKU', 'MSKU', 'Event Type', 'Quantity', 'Disposition', 'Country'])
def test_columns_without_which_it_is_no_ledger(column):
    names = [name for name in NAMES if name != column]
    with pytest.raises(ReportError, match=f"lacks the columns {column}; it has: "):
        read_ledger(table(ROW, names=names))
    with pytest.raises(ReportError, match=f"Line 1: the column {column} is there twice"):
        read_ledger(table(ROW, names=[*NAMES, column.upper()]))


def test_of_another_column_that_is_there_twice_the_first_counts():
    [row] = read_ledger(table([*(ROW.get(name, '') for name in NAMES), 'Other'], names=[*NAMES, 'TITLE']))
    assert (row.title, row.extra) == ('Kettle', {'TITLE': 'Other'})


@pytest.mark.parametrize(('text', 'word'), [
    ('WhseTransfers', 'WhseTransfers'), ('Whse Transfers', 'WhseTransfers'), ('customer_returns', 'CustomerReturns'),
    ('VENDORRETURNS', 'VendorReturns'), ('Teleported', 'Teleported')])
def test_words_for_events(text, word):
    row = read_one(Event_Type=text)
    assert (row.event_type, row.problem) == (word, '')


@pytest.mark.parametrize(('text', 'code'), [
    ('Sellable', 'SELLABLE'), ('Fulfillment center damaged', 'WAREHOUSE_DAMAGED'),
    ('Fulfilment Centre damaged', 'WAREHOUSE_DAMAGED'), ('WAREHOUSE_DAMAGED', 'WAREHOUSE_DAMAGED'),
    ('Customer damaged', 'CUSTOMER_DAMAGED'), ('CarrierDamaged', 'CARRIER_DAMAGED'), ('Expired ', 'EXPIRED'),
    ('Half-eaten', 'HALF_EATEN')])
def test_words_for_dispositions(text, code):
    row = read_one(Disposition=text)
    assert (row.disposition, row.problem) == (code, '')


@pytest.mark.parametrize(('date', 'day'), [
    ('05/14/2026', (2026, 5, 14)), ('05/06/2026', (2026, 5, 6)), ('14/05/2026', (2026, 5, 14)),
    ('14.05.2026', (2026, 5, 14)), ('05.06.2026', (2026, 6, 5)), ('2026-05-14', (2026, 5, 14)),
    ('14-May-2026', (2026, 5, 14)), ('2026-05-14T00:00:00+0200', (2026, 5, 14)),
    ('2026-05-13T00:00:00-0700', (2026, 5, 13))])
def test_days_are_those_at_the_centre(date, day):
    row = read_one(Date=date)
    assert (row.date, row.problem) == (datetime.date(*day), '')


def test_days_are_read_like_most_of_the_file():
    def days(*dates):
        return [row.date and row.date.isoformat() for row in read_ledger(table(*({**ROW, 'Date': date}
                                                                                 for date in dates)))]
    assert days('05/06/2026', '31/05/2026') == ['2026-06-05', '2026-05-31']
    assert days('05/06/2026', '05/31/2026') == ['2026-05-06', '2026-05-31']
    assert days('05/06/2026', '05/31/2026', '31/05/2026', '06/06/2026') == [None, '2026-05-31', '2026-05-31',
                                                                           '2026-06-06'], "never guessed"
    assert days('05/06/2026', '05/31/2026', '05/30/2026', '31/05/2026')[0] == '2026-05-06'
    assert days('05-06-2026', '06-06-2026', '06/05/2026') == [None, '2026-06-06', None]
    assert days('05-06-2026', '06.05.2026') == ['2026-06-05', '2026-05-06']


@pytest.mark.parametrize(('changes', 'problem'), [
    ({'Date': '02/30/2026'}, "Date: '02/30/2026' is no date"), ({'Date': 'soon'}, "Date: 'soon' is no date"),
    ({'Date': ''}, "it has no Date"), ({'Date': '05/14/1889'}, "is no date"), ({'Quantity': ''}, "it has no Quantity"),
    ({'Quantity': 'many'}, "Quantity: 'many' is not a number"), ({'Quantity': '1.5'}, "1.5 is no whole number"),
    ({'Quantity': '99999999999'}, "is too large"), ({'Quantity': '9' * 5000}, "is not a number"),
    ({'Quantity': '--1'}, "is not a number"), ({'Quantity': '-'}, "is not a number"),
    ({'Quantity': '1e3'}, "is not a number"),
    ({'Reconciled Quantity': 'x'}, "Reconciled Quantity: 'x' is not a number"),
    ({'FNSKU': '', 'MSKU': ''}, "it has neither FNSKU nor MSKU"), ({'Event Type': ''}, "it has no Event Type"),
    ({'Disposition': ''}, "it has no Disposition"), ({'MSKU': 'S' * 256}, "MSKU: it is longer than 255 characters"),
    ({'MSKU': 'A\0B'}, r"MSKU: 'A\x00B' cannot be stored"),
    ({'Quantity': 'x', 'Date': 'y'}, "Date: 'y' is no date; Quantity: 'x' is not a number")])
def test_an_odd_row_says_what_is_wrong_with_it_and_harms_no_other(changes, problem):
    for place in range(3):
        rows = [ROW, {**ROW, 'Quantity': '7'}]
        rows.insert(place, {**ROW, **changes})
        found = [*read_ledger(table(*rows))]
        odd = found.pop(place)
        assert odd.number == place + 2 and problem in odd.problem and len(odd.problem) < 300
        assert [(row.quantity, row.problem) for row in found] == [(-1, ''), (7, '')]


def test_of_an_odd_row_the_rest_is_known():
    row = read_one(Quantity='many')
    assert (row.quantity, row.sku, row.date, row.country) == (None, 'SKU-1', datetime.date(2026, 5, 14), 'DE')


@pytest.mark.parametrize(('text', 'quantity'), [
    ('1,234', 1234), ('1.234', 1234), ('1.000', 1000), ('-1,234,567', -1234567), ('2.0', 2), ('2,00', 2), ('+3', 3),
    ('\u22124', -4), ('0', 0), ('-0', 0)])
def test_quantities_however_they_are_written(text, quantity):
    assert read_one(Quantity=text).quantity == quantity


def test_movements_that_are_equal_are_movements_each():
    rows = [*read_ledger(table(ROW, ROW, ROW))]
    assert [row.number for row in rows] == [2, 3, 4] and len({row[1:-2] for row in rows}) == 1


def test_a_balance():
    values = ['09/12/2026', 'X1', 'B1', 'SKU-1', 'Kettle', 'Sellable', *map(str, range(-4, 9)), '', 'DE', '']
    [row] = read_balances(table(values, names=BALANCES))
    assert row == (2, datetime.date(2026, 9, 12), 'X1', 'B1', 'SKU-1', 'Kettle', 'SELLABLE', *range(-4, 9), None, 'DE',
                   '', {}, '')
    assert (row.starting, row.in_transit, row.receipts, row.transfers, row.ending) == (-4, -3, -2, 2, 8)


@pytest.mark.parametrize('column', ['Date', 'FNSKU', 'MSKU', 'Disposition', 'Ending Warehouse Balance', 'Location'])
def test_columns_without_which_it_is_no_summary(column):
    with pytest.raises(ReportError, match=f"lacks the columns {column}"):
        read_balances(table({}, names=[name for name in BALANCES if name != column]))


def test_no_document_and_no_rows():
    for read in (read_ledger, read_balances):
        for content in (b'', b'\r\n\t\r\n', b'\xef\xbb\xbf', ' \n'.encode('utf-16')):
            with pytest.raises(EmptyReport, match="it is empty"):
                read(content)
    assert [*read_ledger(table())] == [] == [*read_balances(table(names=BALANCES))]


@pytest.mark.parametrize('options', [{}, {'separator': ',', 'quote': '"{}"'}])
def test_each_row_of_a_month_costs_the_same(options):
    """A month has 100,000 of them."""
    def count(pairs):
        content = table(*[ROW, {**ROW, 'Date': '05/15/2026', 'Quantity': '12'}] * pairs, **options)
        with count_work() as work:
            assert sum(row.quantity for row in read_ledger(content) if not row.problem) == 11 * pairs
        return work.calls
    count(1)
    few, more, many = count(500), count(1000), count(2000)
    assert many - more <= 2 * (more - few) + 100
    assert (more - few) / 1000 < 300


def test_types():
    assert (ledger.REPORT_TYPE, ledger_summary.REPORT_TYPE) == ('GET_LEDGER_DETAIL_VIEW_DATA',
                                                                'GET_LEDGER_SUMMARY_VIEW_DATA')

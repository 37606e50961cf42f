"""Tables of any origin: character sets, tabs and quoted commas, notes above the header, damage, hostile bytes."""

import pytest
from amazon_reports.ledger import LAYOUT, EmptyReport, ReportError, read_ledger
from hypothesis import given, settings
from hypothesis import strategies as st
from test_ledger import NAMES, ROW, table
from work import count_work

# Calls of functions while a document is read, whatever is in it.
MOST = 4_000_000

QUOTED = {'separator': ',', 'quote': '"{}"'}


def read(content, charset=''):
    """The rows of a ledger, within bounds."""
    with count_work(MOST):
        return list(read_ledger(content, charset))


def titled(title, **options):
    return table({**ROW, 'Title': title}, ROW, **options)


# === CHARACTER SETS === #

@pytest.mark.parametrize(('encoding', 'charset'), [
    ('utf-8', ''), ('utf-8-sig', ''), ('utf-8-sig', 'cp1252'), ('utf-8', 'cp1252'), ('utf-8', 'nonsense'),
    ('utf-16', ''), ('utf-16', 'utf-8'), ('iso-8859-2', 'ISO-8859-2'), ('cp1250', 'windows-1250')])
def test_character_sets(encoding, charset):
    first, second = read(titled("Żółć ü").decode().encode(encoding), charset)
    assert (first.title, first.number, second.problem) == ("Żółć ü", 2, '')


@pytest.mark.parametrize('charset', ['', 'utf-8', 'UTF-8', 'cp1252', 'iso-8859-1', 'idna', 'x' * 500])
def test_what_is_not_utf_8_is_of_western_europe(charset):
    assert read(titled("Größe 5 €").decode().encode('cp1252'), charset)[0].title == "Größe 5 €"


def test_a_damaged_byte_is_replaced_in_a_text_and_refused_in_a_code():
    content = table({**ROW, 'Title': "Żółć DAMAGED"}, {**ROW, 'MSKU': 'Ż-DAMAGED', 'Title': "Größe"}, ROW)
    first, second, third = read(content.replace(b'DAMAGED', b'DAM\xe9GED'))
    assert (first.title, first.problem, third.problem) == ("Żółć DAM\ufffdGED", '', '')
    assert (second.sku, second.title) == ('', "Größe") and "MSKU: 'Ż-DAM" in second.problem
    second.problem.encode()


def test_texts_of_html_are_texts():
    first, _second = read(titled("Grandma&#39;s &amp; Dad&quot;s &lt;kettle&gt; &#0;&#xD800; & more &unknown; AT&T"))
    assert first.title == "Grandma's & Dad\"s <kettle> \ufffd\ufffd & more &unknown; AT&T"
    assert read(table({**ROW, 'MSKU': 'A&amp;B'}))[0].sku == 'A&amp;B', "a code is what it is"


def test_codes_with_odd_letters():
    for sku in ('Ü+%,;\'"', '商品-1', 'a b', '24" x', '-', '0'):
        assert read(table({**ROW, 'MSKU': sku}))[0].sku == sku
        assert read(table({**ROW, 'MSKU': sku.replace('"', '""')}, **QUOTED))[0].sku == sku


# === QUOTES, SEPARATORS, NOTES === #

@pytest.mark.parametrize('options', [
    {}, QUOTED, {'separator': '\t', 'quote': '"{}"'}, {'separator': ';', 'quote': '"{}"'}, {'separator': ','},
    {'separator': ';'}])
def test_tabs_and_quotes(options):
    assert read(table(ROW, **options)) == read(table(ROW))


@pytest.mark.parametrize('note', [
    "Amazon ledger, downloaded on 2026-05-14", '"Period: 1 May, to 31 May"', "\t\t\nA note\n\n\"and\" another, one",
    "Date,Quantity", "Note:\tDate\tFNSKU\tMSKU"])
def test_notes_above_the_header(note):
    for options in ({}, QUOTED):
        [row] = read(note.encode() + b'\n' + table(ROW, **options))
        assert row[1:] == read(table(ROW))[0][1:] and row.number == note.count('\n') + 3


def test_notes_have_ten_lines():
    assert len(read(b'note\n' * 10 + table(ROW))) == 1
    with pytest.raises(ReportError, match=r"^The report lacks the columns Date, .*; it has: note$"):
        read(b'note\n' * 11 + table(ROW))


def test_quotes_in_tables_of_tabs_are_letters():
    for title in ('Screen 24"', '"Screen"', '"', '"Screen', 'a "quoted" word'):
        first, second = read(titled(title))
        assert (first.title, second.problem) == (title, '')


def test_quoted_cells_may_hold_separators_quotes_and_lines():
    title = 'Kettle, "red"\r\nand; blue\n\tindeed'
    for separator in ',;\t':
        first, second = read(titled(title.replace('"', '""'), separator=separator, quote='"{}"'))
        assert (first.title, first.number) == ('Kettle, "red"\nand; blue\n\tindeed', 2)
        assert (second.number, second.problem, second.quantity) == (5, '', -1)


def test_quotes_that_are_not_doubled():
    for separator in ',;\t':
        first, second = read(titled('Screen 24" wide', separator=separator, quote='"{}"'))
        assert (first.title, first.problem, second.problem) == ('Screen 24" wide', '', '')


@pytest.mark.parametrize('damage', [
    lambda line: line.replace('"SKU-1"', '"SKU-1'), lambda line: line.replace('"SKU-1"', 'SKU-1"'),
    lambda line: line[1:], lambda line: line.rstrip()[:-1] + '\r\n', lambda line: line.replace('"', '', 7),
    lambda line: line[:40].rstrip('"') + '\r\n', lambda line: '"\r\n', lambda line: '""""x\r\n'])
def test_a_row_whose_quotes_do_not_match_harms_no_other(damage):
    """It is read, or a row with a problem; the rows around it are what they were."""
    lines = table(*({**ROW, 'Quantity': str(number)} for number in range(5)), **QUOTED).decode().splitlines(True)
    lines[3] = damage(lines[3])
    for content in (''.join(lines), ''.join(lines[:5])):
        rows = {row.number: row for row in read(content.encode())}
        assert [rows[number].quantity for number in (2, 3, 5)] == [0, 1, 3]
        assert rows[4].problem or rows[4].quantity == 2
        assert len(rows) == content.count('\n') - 1


def test_many_quotes_without_an_end():
    rows = read(table(ROW, **QUOTED) + b'"open,\n' * 30_000)
    assert (len(rows), rows[0].problem) == (30_001, '') and {row.problem for row in rows[1:]} == {
        "its quotes do not match"}
    for line, count in ((b'"' + b'x' * 400_000 + b'\n', 40), (b'"' + b'x' * 40_000 + b'\n', 400), (b'"a\n', 30_000)):
        assert len(read(table(ROW, **QUOTED) + line * count)) == count + 1


def test_rows_of_many_lines_after_lines_that_are_damaged():
    """Two hundred lines whose quotes do not match are a damaged document; then a row has one line."""
    two_lines = table({**ROW, 'Title': 'two\nlines'}, **QUOTED).split(b'\r\n', 1)[1]
    odd = b'"\n' + b'even\n' * 21
    rows = read(table(ROW, **QUOTED) + odd * 199 + two_lines + odd + two_lines)
    good = [row.title for row in rows if not row.problem]
    assert good == ['Kettle', 'two\nlines'] and rows[-2].problem == "its quotes do not match"


@pytest.mark.parametrize(('lines', 'good'), [(20, True), (21, False)])
def test_a_cell_has_twenty_further_lines(lines, good):
    content = table({**ROW, 'Title': '\n'.join('x' * (lines + 1))}, ROW, **QUOTED)
    rows = read(content)
    assert (not rows[0].problem, not rows[-1].problem, len(rows)) == (good, True, 2 if good else lines + 2)


# === ROWS OF ANOTHER WIDTH === #

def test_trailing_cells_may_be_missing():
    cells = [ROW.get(name, '') for name in NAMES]
    first, second = read(table(cells[:12], cells))
    assert first[1:13] == second[1:13] and (first.reconciled, first.problem, second.problem) == (None, '', '')


def test_empty_cells_at_the_end_of_all_lines_or_of_one():
    cells = [ROW.get(name, '') for name in NAMES]
    rows = read(table([*cells, '', ' '], cells, [*cells, '', ''], [*cells, '', 'x'], [*cells, '', '', '']))
    assert [row.problem[:24] for row in rows] == ['', '', '', "18 values for 16 columns", "19 values for 16 columns"]
    first, shifted, last = read(table(cells, [*cells[:4], "Kettle", "red", *cells[5:]], cells))
    assert (first.problem, last.problem) == ('', '') and "17 values" in shifted.problem and shifted.quantity is None


def test_cells_that_are_shifted_are_not_read():
    cells = [ROW.get(name, '') for name in NAMES]
    shifted, good, _good = read(table([*cells[:4], "Kettle", "red", *cells[5:]], cells, cells))
    assert shifted == (2, None, *[''] * 6, None, *[''] * 4, None, None, '', {},
                       "17 values for 16 columns: its values may be shifted") and good.problem == ''


@pytest.mark.parametrize('size', [1, 30, 60, 90])
def test_a_document_that_is_cut_off(size):
    content = table(ROW, {**ROW, 'Quantity': '-12345'}, names=NAMES[:12]).rstrip()
    rows = read(content[:-size])
    assert rows[0].problem == '' and (rows[1].problem or rows[1].quantity == -12345)
    cut = content[:content.index(b'-12345') + 3]
    assert read(cut)[1][8:] == (None, '', '', '', '', None, None, '', {}, "the document is cut off within it")
    assert read(cut.decode().encode('utf-16'))[1].problem == "the document is cut off within it"
    assert read(content)[1].problem == '' == read(content + b'\n')[1].problem


def test_blank_lines_and_ends_of_lines():
    header, row, _end = table(ROW).decode().split('\r\n')
    rows = read(f'{header}\r{row}\n\n \t\t\n{row}\r\n\r\n{row}'.encode())
    assert [(row.number, row.problem) for row in rows] == [(2, ''), (5, ''), (7, '')]


# === DAMAGE === #

@pytest.mark.parametrize(('content', 'reason'), [
    (b'<html><body>Service Unavailable</body></html>', "web page"), (b'  <?xml version="1.0"?><x/>', "web page"),
    (b'{"errors": []}', "lacks the columns"), (b'PK\x03\x04' + bytes(200), "no text"),
    (b'\x1f\x8b\x08' + bytes(50), "no text"), (b'\xff\xfe\x00', "cannot be read"), (b'x' * 10_000_000, "Line 1"),
    (b'\t'.join(b'%d' % number for number in range(20_000)), "lacks the columns"), (b'"' * 3_000, "lacks the columns"),
    (table(ROW).split(b'\r\n')[1], "lacks the columns Date"), (b',' * 3_000, "lacks the columns"),
    (table(ROW, names=[*NAMES, *map(str, range(500))]), "516 columns")])
def test_what_is_no_report(content, reason):
    with pytest.raises(ReportError, match=reason) as caught:
        read(content)
    assert len(str(caught.value)) < 1000 and '\0' not in str(caught.value) and not isinstance(caught.value, EmptyReport)


@pytest.mark.parametrize('line', [
    b'x' * 10_000_000, b'\t' * 999 + b'x', b'\0' * 50, b'\xff' * 50, b'"', b'<html>', b'PK\x03\x04', b'x',
    b'\t'.join([b'1'] * 16), b'\t' * 20_000 + b'x'])
@pytest.mark.parametrize('options', [{}, QUOTED])
def test_a_line_of_any_kind_harms_no_other(line, options):
    for ends in ((b'\r\n', b'\r\n'), (b'\n', b'')):
        lines = table(ROW, {**ROW, 'Quantity': '7'}, **options).split(b'\r\n')[:-1]
        lines.insert(2, line)
        first, odd, last = read(ends[0].join(lines) + ends[1])
        assert (first.quantity, last.quantity, first.problem, last.problem) == (-1, 7, '', '')
        assert odd.number == 3 and odd.problem and len(odd.problem) < 500 and '\0' not in odd.problem


def test_names_of_unknown_columns_can_be_stored():
    values = [*(ROW.get(name, '') for name in NAMES), 'a\0b', 'x' * 20_000, '3']
    note = b'note\n'
    row, = read(note + table(values, names=[*NAMES, 'z\0', 'y' * 1000, 'Ż']))
    assert [*row.extra.values()] == ['a\ufffdb', 'x' * 10_000, '3']
    assert [*row.extra] == ['z\ufffd', 'y' * 100, 'Ż']
    ''.join(row.extra).encode()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(['', 'utf-8', 'cp1252', 'Shift_JIS', 'utf-16', 'x']),
       st.integers(0, 600), st.sampled_from([{}, QUOTED]))
def test_bytes_of_any_kind_anywhere(noise, charset, position, options):
    """Rows, or a `ReportError`; nothing else, and nothing that a database refuses."""
    content = table(*[ROW] * 3, **options)
    try:
        rows = read(content[:position] + noise + content[position:], charset)
    except ReportError as error:
        str(error).encode()
        return
    for row in rows:
        texts = ''.join([*(value for value in row if isinstance(value, str)), *row.extra, *row.extra.values()])
        assert '\0' not in texts
        texts.encode()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(NAMES) - 1), st.text(max_size=30))
def test_a_cell_of_any_kind_in_any_column(column, text):
    cells = [ROW.get(name, '') for name in NAMES]
    cells[column] = text.replace('\r', '').replace('\n', '')
    numbered = [{**ROW, 'Reference ID': str(number)} for number in range(10)]
    rows = read(table(cells, *numbered))
    assert [row.reference for row in rows if not row.problem][-10:] == [str(number) for number in range(10)]


def test_fields_and_columns_have_one_order():
    assert LAYOUT.row_class._fields == ('number', *LAYOUT.columns, 'extra', 'problem')

"""Each bound at its edge: what is just allowed arrives whole, one more is refused in words or cut, and what is shown of
it stays short.
"""

import base64
import datetime
import gzip
import json
from decimal import Decimal
from types import SimpleNamespace

import pytest
import test_returns_xml as xml_returns
from amazon_api import feed_messages, fulfillment_feed, order_head, processing_report
from amazon_api.errors import Unclear, Unreadable
from amazon_api.items import read_attribute, read_inventory, read_item
from amazon_api.label_documents import decode
from amazon_api.paging import PageGuard, TokenRefused
from amazon_api.patches import read_issues, read_submission
from amazon_api.replies import decode_json, read_error
from amazon_api.report_replies import read_report
from amazon_api.shapes import AMOUNT, COUNT, TIME, ShapeError, read, read_amount, read_time
from amazon_reports import customer_returns_xml
from amazon_reports.ledger import read_ledger
from amazon_reports.listings import read_listings
from amazon_reports.settlement import COLUMNS as ROW_COLUMNS
from amazon_reports.settlement import SettlementFile
from amazon_reports.text import ReportError, decimal_mark, parse_number, parse_quantity, read_header, read_lines, show
from simulator.settlements import write
from test_ledger import NAMES as LEDGER_NAMES
from test_ledger import ROW as LEDGER_ROW
from test_ledger import table as ledger_table
from test_report_text import HEADER, report, row
from test_settlement_report import HEAD, ROW

MARKET = 'A1PA6795UKMFR9'


# === AMOUNTS, COUNTS AND TIMES OF REPLIES === #

@pytest.mark.parametrize(('value', 'amount'), [
    ('9' * 15, Decimal('9' * 15)), (10 ** 15 - 1, Decimal('9' * 15)), (1 - 10 ** 15, Decimal('-' + '9' * 15)),
    ('0.00000001', Decimal('0.00000001')),
    (0.1 + 0.2, Decimal('0.3')), (1 / 3, Decimal('0.33333333')), ('0' * 39 + '7', Decimal(7))])
def test_the_largest_and_the_finest_amount(value, amount):
    assert read_amount(value) == amount


@pytest.mark.parametrize('value', [10 ** 15, -10 ** 15, '1' + '0' * 15, '0.000000001', '0' * 40 + '7'])
def test_an_amount_beyond_them_is_refused(value):
    with pytest.raises(ShapeError) as caught:
        read_amount(value)
    assert caught.value.shown == (str(value)[:40] if isinstance(value, str) else 'more')


def test_pieces_are_counted_up_to_a_million():
    assert read(1_000_000, COUNT) == 1_000_000 and read(0, COUNT) == 0
    for count, shown in ((1_000_001, '1000001'), (-1, '-1'), (10 ** 15 - 1, '9' * 15), (10 ** 15, ''), (-10 ** 15, '')):
        with pytest.raises(ShapeError) as caught:
            read(count, COUNT)
        assert caught.value.shown == shown


def test_years_of_orders():
    assert read_time('2005-01-01T00:00:00Z').year == 2005 and read_time('2099-12-31T23:59:59Z').year == 2099
    assert read_time('2026-10-25T00:30:59.999Z') == datetime.datetime(2026, 10, 25, 0, 30, 59)


@pytest.mark.parametrize(('shape', 'value'), [(TIME, 'x' * 50), (AMOUNT, 'x' * 50), (frozenset({'A'}), 'x' * 50)])
def test_forty_characters_are_shown_of_what_is_of_another_kind(shape, value):
    with pytest.raises(ShapeError) as caught:
        read(value, shape, 'place')
    assert caught.value.shown == 'x' * 40 and str(caught.value).startswith('place is no ')


# === WHAT THE INBOX KNOWS OF AN ORDER === #

@pytest.mark.parametrize(('text', 'moment'), [
    ('1990-01-01T00:00:00Z', datetime.datetime(1990, 1, 1)),
    ('2199-12-31T23:59:59Z', datetime.datetime(2199, 12, 31, 23, 59, 59)),
    ('2026-10-01T12:00:00+02:00', datetime.datetime(2026, 10, 1, 10)),
    ('2026-10-01T12:00:00.987', datetime.datetime(2026, 10, 1, 12)),
    ('2026-10-01T12:00:00.9Z', datetime.datetime(2026, 10, 1, 12)),
    ('2026-10-01T12:00:00.1234567Z', datetime.datetime(2026, 10, 1, 12)),
    ('2026-10-01', datetime.datetime(2026, 10, 1)),
    ('1989-12-31T23:59:59Z', None), ('2200-01-01T00:00:00Z', None), ('0001-01-01T00:00:00+14:00', None),
    ('9999-12-31T23:59:59-14:00', None), ('soon', None), (None, None), (5, None)])
def test_a_time_or_none(text, moment):
    assert order_head.read_time(text) == moment


def test_a_time_is_no_novel_and_an_id_neither():
    assert order_head.read_time('2026-10-01T12:00:00.' + '0' * 14 + '+00:00') is not None, "forty characters"
    assert order_head.read_time('2026-10-01T12:00:00.' + '0' * 15 + '+00:00') is None
    assert [order_head.read_id(value) for value in ('x', 'x' * 200, 'x' * 201, '', None, 5)] == [
        'x', 'x' * 200, None, None, None, None]


# === REPLIES === #

def test_numbers_of_thirty_digits_are_numbers():
    assert decode_json(b'9' * 30) == int('9' * 30)
    assert decode_json(b'9' * 31) == '9' * 30
    assert decode_json(b'1' * 40 + b'.5e999') == '1' * 30


def test_two_thousand_characters_of_what_amazon_says():
    assert read_error({'errors': [{'code': 'c' * 2001, 'message': 'm' * 2001, 'details': 'd'}, {'code': 'other'}]}) == (
        'c' * 2000, 'm' * 2000 + ' d')
    errors, notes = read_issues([{'severity': 'ERROR', 'message': 'x' * 2001}])
    assert (errors, notes) == ('x' * 2000, False)


@pytest.mark.parametrize(('answer', 'words'), [
    ('x' * 200, "Amazon's answer is not understood: " + 'x' * 100),
    ({'status': 's' * 50}, f"Amazon's answer has the status '{'s' * 40}'."),
])
def test_an_unclear_answer_is_shown_by_its_beginning(answer, words):
    with pytest.raises(Unclear) as caught:
        read_submission(answer)
    assert caught.value.message == words


def test_an_issue_that_is_not_understood_is_shown_by_its_beginning():
    assert read_issues(['y' * 200])[0] == "an issue that is not understood: " + 'y' * 100
    assert read_issues([{'severity': 's' * 50, 'message': "Odd"}])[0] == f"Odd (severity {'s' * 40})"
    assert read_issues([{'severity': 'INFO', 'message': "Odd"}])[1] == "Odd"


def test_texts_of_items_have_two_thousand_characters():
    summary = {'marketplaceId': MARKET, 'itemName': 'x' * 2000}
    assert read_item({'summaries': [summary]}, MARKET).title == 'x' * 2000
    assert read_attribute({'attributes': {'a': [{'value': 'x' * 2001}]}}, 'a') == 'x' * 2000
    with pytest.raises(ShapeError) as caught:
        read_inventory({'sellerSku': 's' * 300, 'fnSku': 'x' * 2001})
    assert caught.value.path == f"SKU {'s' * 255}: fnSku"
    with pytest.raises(ShapeError):
        read_item({'fulfillmentAvailability': [{'fulfillmentChannelCode': 'x' * 2001}]}, MARKET)


def test_the_number_of_a_report_is_cut_to_what_is_stored():
    assert read_report({'reportId': 'r' * 300, 'processingStatus': 'DONE'}).report_ref == 'r' * 255
    with pytest.raises(ShapeError) as caught:
        read_report({'reportId': 'r' * 300, 'processingStatus': 5})
    assert caught.value.path == f"report {'r' * 100}: processingStatus"


def test_a_search_has_five_thousand_pages():
    guard = PageGuard('searchOrders')
    for number in range(5000):
        assert guard.next(SimpleNamespace(payload={'nextToken': f't{number}'}, pagination=None)) == f't{number}'
    with pytest.raises(TokenRefused):
        guard.next(SimpleNamespace(payload={'nextToken': 'one more'}, pagination=None))


def test_a_label_has_thirty_two_megabytes_and_says_what_it_is_early():
    def label(content, **options):
        return decode(base64.b64encode(content).decode(), 'contents', **options)

    def squeezed(size):
        return label(gzip.compress(b'%PDF-' + bytes(size - 5), 1), gzipped=True)
    most = 32 * 1024 * 1024
    assert len(squeezed(most)[1]) == most
    with pytest.raises(Unreadable, match=f'{most} bytes of more'):
        squeezed(most + 1)
    assert label(b' ' * 1019 + b'%PDF-')[0] == 'PDF'
    for content in (b' ' * 1020 + b'%PDF-', b' \x89PNG\r\n\x1a\n'):
        with pytest.raises(Unreadable, match=f'{len(content)} bytes'):
            label(content)
    assert label(b'\n^xa^FD^XZ')[0] == 'ZPL'


# === FEEDS AND THEIR REPORTS === #

def test_a_message_has_a_quarter_of_a_megabyte_and_a_document_ten():
    assert feed_messages.MOST_DOCUMENT == 10_485_760
    assert feed_messages.check_size(bytes(262_144)) == bytes(262_144)
    with pytest.raises(feed_messages.MessageProblem, match="262145 bytes, more than 262144"):
        feed_messages.check_size(bytes(262_145))


def test_an_identifier_is_shown_by_its_beginning():
    with pytest.raises(feed_messages.MessageProblem) as caught:
        feed_messages.check_text("The SKU", 'x' * 70 + '\0')
    assert str(caught.value) == f"The SKU '{'x' * 60}' is empty or has a character that Amazon refuses"


def test_a_confirmation_has_values_of_250_characters():
    package = {'packageReferenceId': '5', 'carrierCode': 'Other', 'shipDate': '2026-10-01T10:00:00Z', 'orderItems': []}
    assert b'n' * 250 in fulfillment_feed.make_message(1, '302-1', {**package, 'carrierName': 'n' * 250})
    with pytest.raises(fulfillment_feed.MessageProblem, match="CarrierName has more than 250 characters"):
        fulfillment_feed.make_message(1, '302-1', {**package, 'carrierName': 'n' * 251})


def listings_report(issues=(), feed='77', processed=1, accepted=1):
    return json.dumps({'header': {'feedId': feed}, 'issues': list(issues), 'summary': {
        'messagesProcessed': processed, 'messagesAccepted': accepted}}).encode()


def test_a_processing_report_has_bounds():
    most = 64 * 1024 * 1024
    for read_it in (processing_report.read_listings_report, processing_report.read_fulfillment_report):
        with pytest.raises(processing_report.ReportProblem, match="no JSON|not XML"):
            read_it(b'x' * most, '77')
        with pytest.raises(processing_report.ReportProblem, match="too large"):
            read_it(bytes(most + 1), '77')
    assert len(processing_report.read_listings_report(listings_report([1] * 200_000), '77').issues) == 200_000
    with pytest.raises(processing_report.ReportProblem, match="200001 issues"):
        processing_report.read_listings_report(listings_report([1] * 200_001), '77')


@pytest.mark.parametrize(('content', 'words'), [
    (b'x' * 100, "it is no JSON, it begins with '" + 'x' * 60 + "'"),
    (listings_report(feed='8' * 50), f"it is the report of another feed ({'8' * 40})"),
    (listings_report(processed=-1), "its summary has no messagesProcessed"),
])
def test_what_is_no_processing_report_is_shown_by_its_beginning(content, words):
    with pytest.raises(processing_report.ReportProblem) as caught:
        processing_report.read_listings_report(content, '77')
    assert str(caught.value) == words


def test_no_message_at_all_is_a_report_too():
    assert processing_report.read_listings_report(listings_report(processed=0, accepted=0), '77') == ([], 0, 0)


def test_messages_are_known_by_numbers_of_eighteen_digits():
    issues = [{'messageId': value} for value in ('9' * 18, '9' * 19, ' 7 ', 7, 0, '0', -1, '٧', None, 'x')]
    found = processing_report.read_listings_report(listings_report([*issues, 'z' * 200]), '77').issues
    assert [issue['messageId'] for issue in found] == [int('9' * 18), None, 7, 7, *[None] * 7]
    assert found[-1]['message'] == 'z' * 100


def xml_report(processed='1', successful='1', warned='', feed='77', result=''):
    return (
        f'<A><ProcessingReport><DocumentTransactionID>{feed}</DocumentTransactionID><ProcessingSummary><MessagesProcessed>{processed}</MessagesProcessed>'
            f'<MessagesSuccessful>{successful}</MessagesSuccessful>{warned}</ProcessingSummary>{result}</ProcessingReport></A>').encode()


def test_counts_of_a_report_in_xml():
    def read_it(*args, **options):
        return processing_report.read_fulfillment_report(xml_report(*args, **options), '77')
    assert read_it('9' * 9, '1')[1:] == (999_999_999, 1)
    assert read_it('5', '2',
                   '<MessagesWithWarning>3</MessagesWithWarning>').accepted == 5, "what has a warning was accepted"
    assert read_it('5', '2', '<MessagesWithWarning/>').accepted == 2
    for options in ({'processed': '9' * 10}, {'processed': ''}, {'successful': ''},
                    {'warned': '<MessagesWithWarning>x</MessagesWithWarning>'}):
        with pytest.raises(processing_report.ReportProblem, match="its summary has no Messages"):
            read_it(**options)
    with pytest.raises(processing_report.ReportProblem) as caught:
        read_it(feed='8' * 50)
    assert str(caught.value) == f"it is the report of another feed ({'8' * 40})"
    [issue] = read_it(result='<Result><MessageID>1</MessageID><ResultCode> error '
                      '</ResultCode><ResultMessageCode>18028</ResultMessageCode></Result>').issues
    assert issue == {'messageId': 1, 'severity': 'ERROR', 'message': '18028'}


def test_five_strangers_are_named():
    report = processing_report.Report([{'messageId': number, 'severity': 'INFO'} for number in (9, 8, 7, 6, 5, 4)], 1,
                                      1)
    assert processing_report.find_outcome(report, {1: None}).problems == [
        "The report names messages that were not sent: 4, 5, 6, 7, 8."]


# === FLAT FILES === #

def test_numbers_of_flat_files_have_fifteen_digits():
    assert parse_number('9' * 15, '.') == Decimal('9' * 15) and parse_number('-999999999999999.99',
                                                                             '.') == Decimal('-999999999999999.99')
    for text in ('1' + '0' * 15, '-1' + '0' * 15, '0.' + '0' * 31):
        with pytest.raises(ValueError, match="is not a number"):
            parse_number(text, '.')
    assert parse_number('0.' + '0' * 29 + '1', '.') == Decimal('1e-30'), "thirty-two characters"
    assert decimal_mark(['0,' + '0' * 30]) == ',' and decimal_mark(
        ['0,' + '0' * 31]) == '.', "what is longer says nothing"


def test_quantities_are_what_four_bytes_hold():
    assert parse_quantity('2147483647', '.') == 2147483647 and parse_quantity('-2147483647', '.') == -2147483647
    for text in ('2147483648', '-2147483648'):
        with pytest.raises(ValueError, match="is too large"):
            parse_quantity(text, '.')


def test_sixty_characters_are_shown():
    assert show('x' * 60) == repr('x' * 60) and show('x' * 61) == repr('x' * 60 + '…')


def test_lines_have_a_million_characters():
    content = b'a' * 999_999 + b'\n' + b'b' * 1_000_000 + b'\n' + b'c' * 3_000_000 + b'\nd\n' + b'e' * 1_000_000
    assert [(number, line and line[0]) for number, line in read_lines(content, 'utf-8')] == [
        (1, 'a'), (2, None), (3, None), (4, 'd'), (5, None)]


def test_headers_have_five_hundred_columns():
    names = [f'c{number}' for number in range(500)]
    assert read_header(iter([(1, '\t'.join(names))]), {}, ('c1',)) == names
    with pytest.raises(ReportError, match="Line 1: it has 501 columns"):
        read_header(iter([(1, '\t'.join([*names, 'x']))]), {}, ('c1',))
    with pytest.raises(ReportError) as caught:
        read_header(iter([(1, 'x' * 600)]), {}, ('c1',))
    assert str(caught.value) == "The report lacks the columns c1; it has: " + 'x' * 500
    for position, words in ((9_999, "no text"), (10_000, "lacks")):
        with pytest.raises(ReportError, match=words):
            read_header(iter([(1, 'x' * position + '\0')]), {}, ('c1',))


def test_skus_titles_and_identifiers_of_listings():
    good, = read_listings(report(row('S' * 255, title='t' * 2001, kind='4', number='4' * 50)))
    assert (good.sku, good.title, good.barcode, good.problem) == ('S' * 255, 't' * 2000, '4' * 50, '')
    [odd], [strange] = read_listings(report(row('S', kind='4', number='4' * 51))), read_listings(report(row('S' * 256)))
    assert (odd.barcode, odd.problem) == ('', f"product-id: {'4' * 51!r} cannot be stored")
    assert strange.problem == "its SKU is longer than 255 characters"
    channels = {channel: read_listings(report(row('S', channel=channel)))[0]
                for channel in ('AMAZON' + '_' * 30, 'AMAZON' + '_' * 31, 'OTHER', '')}
    assert [bool(found.problem) for found in channels.values()] == [False, True, True, False]


@pytest.mark.parametrize(('kind', 'condition'), [('11', 'new_new'), ('1', 'used_like_new'), ('99', ''), ('', '')])
def test_conditions_of_listings(kind, condition):
    found, = read_listings('\n'.join([HEADER, row('S').replace('\t11\t', f'\t{kind}\t')]).encode())
    assert found.condition == condition


def test_codes_have_255_characters_and_texts_ten_thousand():
    def ledger(sku, title):
        return list(read_ledger(ledger_table({**LEDGER_ROW, 'MSKU': sku, 'Title': title})))[0]
    good = ledger('S' * 255, 't' * 10_001)
    assert (good.sku, good.title, good.problem) == ('S' * 255, 't' * 10_000, '')
    assert ledger('S' * 256, '').problem == "MSKU: it is longer than 255 characters"


def test_notes_above_a_header_have_ten_lines_and_names_a_hundred_characters():
    content = ledger_table([*(LEDGER_ROW.get(name, '') for name in LEDGER_NAMES), 'x'],
                           names=[*LEDGER_NAMES, 'n' * 101])
    [found] = read_ledger(b'note\n' * 10 + content)
    assert (found.extra, found.number) == ({'n' * 100: 'x'}, 12)
    with pytest.raises(ReportError, match="lacks the columns Date"):
        read_ledger(b'note\n' * 11 + content)


def test_returns_in_xml_have_a_million_characters():
    def read_it(size):
        item = xml_returns.make_return({**xml_returns.ITEM, 'item_name': ''})
        padded = item.replace('<item_name>', f"<item_name>{'x' * (size - len(item))}")
        [found] = customer_returns_xml.read_returns(xml_returns.report(padded))
        return found
    assert (read_it(1_000_000).problem, read_it(1_000_000).title) == ('', 'x' * 10_000)
    assert read_it(1_000_001).problem == "it is longer than 1000000 characters"


# === SETTLEMENTS === #

def settlement(content):
    return list(SettlementFile(content).read_rows())


def test_values_of_settlements_have_five_hundred_characters_and_unknown_ones_ten_thousand():
    columns = [*ROW_COLUMNS, 'future']

    def with_values(sku, future):
        return settlement(write(HEAD, [{**ROW, 'sku': sku, 'future': future}], columns=columns))
    [found] = with_values('s' * 500, 'f' * 10_000)
    assert (found.sku, found.extra) == ('s' * 500, {'future': 'f' * 10_000})
    with pytest.raises(ReportError, match="Line 3: the file is damaged, sku is longer than 500 characters"):
        with_values('s' * 501, '')
    with pytest.raises(ReportError, match="Line 3: the file is damaged, 'future' is longer than 10000 characters"):
        with_values('s', 'f' * 10_001)


@pytest.mark.parametrize(('zone', 'hours'), [
    ('', 0), ('UTC', 0), ('GMT', 0), ('BST', 1), ('CET', 1), ('MEZ', 1), ('CEST', 2), ('MESZ', 2), ('JST', 9),
    ('PST', -8), ('PDT', -7), ('EST', -5), ('EDT', -4), ('+05:30', 5.5), ('-0330', -3.5)])
def test_time_zones_of_settlements(zone, hours):
    content = write(HEAD, [ROW]).decode().replace('2026-10-20 06:16:22 UTC\t\t\t\tSKU-1',
                                                  f'2026-10-20 06:16:22 {zone}'.strip() + '\t\t\t\tSKU-1')
    [found] = settlement(content.encode())
    assert found.posted == datetime.datetime(2026, 10, 20, 6, 16, 22) - datetime.timedelta(hours=hours)


@pytest.mark.parametrize(('year', 'good'), [(1990, True), (1989, False), (2200, True), (2201, False)])
def test_years_of_settlements(year, good):
    content = write(HEAD, [ROW]).decode().replace('2026-10-20 06:16:22 UTC\t\t\t\tSKU-1',
                                                  f'{year}-10-20\t\t\t\tSKU-1').encode()
    if good:
        assert settlement(content)[0].posted == datetime.datetime(year, 10, 20)
    else:
        assert settlement(content)[0].posted == datetime.datetime(2026, 10, 20), "the day has a column of its own"

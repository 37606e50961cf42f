"""The feed of a removal order, and Amazon's result of it, a table below a summary."""

import pytest
from amazon_api import removal_feed
from amazon_api.feed_messages import MessageProblem
from amazon_api.processing_report import ReportProblem, find_outcome, read_table_report, refuse_whole

ADDRESS = {'AddressName': 'Example GmbH', 'AddressFieldOne': 'Musterstraße 1', 'AddressCity': 'Musterstadt',
           'AddressCountryCode': 'DE', 'AddressPostalCode': '00000'}
SUMMARY = "Feed Processing Summary:\n\tNumber of records processed\t\t{}\n\tNumber of records successful\t\t{}\n\n"
HEADER = "original-record-number\tsku\terror-code\terror-type\terror-message\n"


def test_a_return_has_its_address_and_one_line_for_each_sku():
    content = removal_feed.make_document('REM-1', 'Return', ADDRESS, '', [('A', 0, 3), ('B', 5, 0)]).decode()
    head, table = content.split('\n\n')
    assert head.splitlines()[0] == 'MerchantRemovalOrderID\tREM-1'
    assert 'AddressFieldOne\tMusterstraße 1' in head
    assert table == 'MerchantSKU\tSellableQuantity\tUnsellableQuantity\nA\t0\t3\nB\t5\t0\n'


def test_a_disposal_has_none():
    assert b'Address' not in removal_feed.make_document('REM-1', 'Disposal', ADDRESS, '', [('A', 0, 3)])


@pytest.mark.parametrize('name', removal_feed.NEEDED)
def test_an_incomplete_address_is_no_order(name):
    with pytest.raises(MessageProblem, match=name):
        removal_feed.make_document('REM-1', 'Return', {**ADDRESS, name: ' '}, '', [('A', 0, 3)])


def test_what_would_shift_the_table_is_no_order():
    for sku, notes in (('A\tB', ''), ('A', 'one\ntwo')):
        with pytest.raises(MessageProblem):
            removal_feed.make_document('REM-1', 'Return', ADDRESS, notes, [(sku, 0, 3)])
    with pytest.raises(MessageProblem):
        removal_feed.make_document('REM-1', 'Return', ADDRESS, '', [])


def outcome(text, charset='', encoding='utf-8'):
    return find_outcome(read_table_report(text.encode(encoding), charset), {1: 'A', 2: 'Bü'})


def test_all_lines_are_accepted():
    assert outcome(SUMMARY.format(2, 2)) == ({1: False, 2: False}, {}, set(), [])


@pytest.mark.parametrize('word', ['Error', 'Fatal', 'Fehler', 'Erreur', ''])
def test_a_line_is_refused_by_its_sku(word):
    found = outcome(SUMMARY.format(2, 1) + HEADER + f"7\tBü\t99\t{word}\tNo stock\n")
    assert (found.accepted, found.refused) == ({1: False}, {2: "No stock"})


def test_a_warning_is_none():
    found = outcome(SUMMARY.format(2, 2) + HEADER + "1\tA\t1\tWarnung\tSpät\n", 'cp1252', 'cp1252')
    assert found.accepted == {1: "Spät", 2: False}


def test_counts_that_do_not_bear_it_out_leave_it_unclear():
    assert outcome(SUMMARY.format(0, 0)).unclear == {1, 2}
    assert outcome(SUMMARY.format(2, 1)).unclear == {1, 2}
    assert outcome(SUMMARY.format(2, 1) + HEADER + "1\tOTHER\t1\tError\tNo stock\n").unclear == {1, 2}


@pytest.mark.parametrize('text, refused', [
    (SUMMARY.format(0, 0) + HEADER + "100001\t-\t3\tInfo\tNo order\n100002\t-\t1\tError\tNot here\n", True),
    (SUMMARY.format(0, 0) + HEADER + "100001\t-\t3\tInfo\tNo order\n", False),
    (SUMMARY.format(0, 0) + HEADER + "100002\tA\t1\tError\tNot here\n", False),
    (SUMMARY.format(2, 0) + HEADER + "100002\t-\t1\tError\tNot here\n", False),
    (SUMMARY.format(0, 0), False)])
def test_an_error_of_the_whole_feed_is_one_of_each_line_where_none_was_processed(text, refused):
    sent = {1: 'A', 2: 'Bü'}
    found = find_outcome(refuse_whole(read_table_report(text.encode()), sent), sent)
    assert (found.refused == {1: "Not here", 2: "Not here"}) == refused
    assert not found.accepted and (found.unclear == set()) == refused or 2 in found.unclear


@pytest.mark.parametrize('content', [b'', b'<html></html>', b'{"a": 1}', HEADER.encode(), b'\xff\xfe\x00'])
def test_what_is_no_report_is_named(content):
    with pytest.raises(ReportProblem):
        read_table_report(content)

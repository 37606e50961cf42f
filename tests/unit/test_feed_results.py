"""What Amazon answers to changes: accepted is only what it says that it accepted."""

import json
import pathlib

import pytest
from addon_modules import load
from amazon_api.errors import Unclear
from amazon_api.patches import read_issues, read_submission
from amazon_api.processing_report import ReportProblem, find_outcome, read_fulfillment_report, read_listings_report

mutations = load('tests/mutations').mutations
SENT = {1: 'A', 2: 'B', 3: 'C'}
REPORT = {
    'header': {'sellerId': 'A1', 'version': '2.0', 'feedId': '77'},
    'issues': [{'messageId': 2, 'sku': 'B', 'code': '90220', 'severity': 'ERROR', 'message': "Brand is missing.",
                'attributeName': 'brand'},
               {'messageId': 3, 'sku': 'C', 'code': '1', 'severity': 'WARNING', 'message': "Late."}],
    'summary': {'errors': 1, 'warnings': 1, 'messagesProcessed': 3, 'messagesAccepted': 2, 'messagesInvalid': 1}}


def outcome(report=None, sent=None, **summary):
    report = report or {**REPORT, 'summary': {**REPORT['summary'], **summary}}
    return find_outcome(read_listings_report(json.dumps(report).encode(), '77'), sent or SENT)


def test_a_report_message_by_message():
    assert outcome() == ({1: False, 3: "Late."}, {2: "brand: Brand is missing."}, set(), [])
    assert outcome({**REPORT, 'issues': [],
                    'summary': {'messagesProcessed': 3, 'messagesAccepted': 3}}).accepted.keys() == SENT.keys()


def test_an_error_of_the_feed_accepts_nothing():
    """selling-partner-api-docs 2201"""
    found = outcome(
        {**REPORT, 'issues': [{'code': '4002001', 'severity': 'ERROR', 'message': "Item 'Feed' cannot be parsed."}],
         'summary': {'messagesProcessed': 0, 'messagesAccepted': 0, 'messagesInvalid': 0}})
    assert (found.accepted, found.unclear) == ({}, {1, 2, 3})
    assert found.problems == ["Item 'Feed' cannot be parsed.", "Of 3 messages Amazon processed 0 and accepted 0."]


@pytest.mark.parametrize('summary', [{'messagesProcessed': 2}, {'messagesAccepted': 1},
                                     {'messagesProcessed': 0, 'messagesAccepted': 0}])
def test_fewer_than_were_sent_leave_the_rest_unclear(summary):
    found = outcome(**summary)
    assert (found.accepted, found.refused.keys(), found.unclear) == ({}, {2}, {1, 3})


def test_an_issue_is_understood_by_its_sku_and_those_of_strangers_are_named():
    by_sku = {**REPORT, 'issues': [{**REPORT['issues'][0], 'messageId': None}]}
    assert outcome(by_sku).refused == {2: "brand: Brand is missing."}
    stranger = {**REPORT, 'issues': [*REPORT['issues'], {'messageId': 99, 'severity': 'ERROR', 'message': "?"}]}
    assert outcome(stranger).problems == ["The report names messages that were not sent: 99."]


@pytest.mark.parametrize('content, words', [
    (b'', "empty"), (b'<html>Service unavailable</html>', "no JSON"), (b'[]', "no JSON object"),
    (b'{"header": {}, "issues": {}}', "no issues"),
    (b'\xff\xfe\x00', "no JSON"), (b'[' * 100_000, "no JSON"),
    (json.dumps({**REPORT, 'header': {'feedId': '78'}}).encode(), "another feed"),
    (json.dumps({**REPORT, 'summary': {'messagesProcessed': '3'}}).encode(), "messagesProcessed"),
    (json.dumps({**REPORT, 'summary': {'messagesProcessed': 3, 'messagesAccepted': True}}).encode(),
     "messagesAccepted"),
])
def test_what_is_no_report_says_why(content, words):
    with pytest.raises(ReportProblem, match=words):
        read_listings_report(content, '77')


def test_whatever_is_odd_in_a_report_accepts_no_refused_message():
    """Each field missing, null, of another type, unknown: B is never accepted, and A and C only where the numbers bear
    it out.
    """
    harmless = 'header', 'errors', 'warnings', 'Invalid', 'code', 'attributeName', 'sku'
    for name, report in mutations(REPORT):
        try:
            content = json.dumps(report).encode()
            found = find_outcome(read_listings_report(content, '77'), SENT)
        except ReportProblem as error:
            assert str(error)
            continue
        assert 2 not in found.accepted or 'severity' in name and report['issues'][0]['severity'] in (
            'WARNING', 'INFO'), name
        assert found.accepted.keys() | found.refused.keys() | found.unclear == SENT.keys(), name
        assert all(isinstance(text, str) for text in [*found.refused.values(), *found.problems])
        if name.split('=')[0].split('/')[-1] in harmless:
            assert found.accepted.keys() == {1, 3}, name
        if found.unclear:
            assert found.problems, name


def xml(results='', processed='3', successful='2', feed='77', root='ProcessingReport'):
    return (
        f'<AmazonEnvelope><Message><{root}><DocumentTransactionID>{feed}</DocumentTransactionID><ProcessingSummary><MessagesProcessed>{processed}'
            f'</MessagesProcessed><MessagesSuccessful>{successful}</MessagesSuccessful></ProcessingSummary>{results}</{root}></Message></AmazonEnvelope>').encode()


def result(message_id='2', code='Error', text="Unknown order."):
    return (f'<Result><MessageID>{message_id}</MessageID><ResultCode>{code}</ResultCode>'
            f'<ResultDescription>{text}</ResultDescription></Result>')


@pytest.mark.parametrize('content, accepted, refused', [
    (xml(result()), {1, 3}, {2}), (xml(result(code='Warning'), successful='3'), {1, 2, 3}, set()),
    (xml(result(code='Fatal')), {1, 3}, {2}),
    (xml(result('0'), '0', '0'), set(), set()), (xml(result(), '2'), set(), {2}),
    (xml(successful='3'), {1, 2, 3}, set()),
    (xml(result('x'), '3', '2'), set(), set()), (xml(result(code='')), {1, 3}, {2}),
])
def test_a_report_in_xml(content, accepted, refused):
    found = find_outcome(read_fulfillment_report(content, '77'), SENT)
    assert (found.accepted.keys(), found.refused.keys()) == (accepted, refused)
    assert found.unclear == SENT.keys() - accepted - refused and bool(found.problems) == bool(found.unclear)


@pytest.mark.parametrize('content, words', [
    (b'nothing', "not XML"), (b'', "not XML"), (b'<html/>', "no ProcessingReport"), (xml(feed='78'), "another feed"),
    (xml(root='Other'), "no ProcessingReport"),
    (xml(processed=''), "MessagesProcessed"), (xml(successful='-1'), "MessagesSuccessful"),
    (xml(processed='9' * 400), "MessagesProcessed"),
])
def test_what_is_no_report_in_xml_says_why(content, words):
    with pytest.raises(ReportProblem, match=words):
        read_fulfillment_report(content, '77')


def test_a_report_without_entities():
    report = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + xml(result(text='&x;late'))
    [issue] = read_fulfillment_report(report, '77').issues
    assert pathlib.Path('/etc/hostname').read_text().strip() not in issue['message']


# === patchListingsItem, putListingsItem === #

ANSWER = {'sku': 'A', 'status': 'ACCEPTED', 'submissionId': '1', 'issues': [
    {'code': '1', 'message': "Late.", 'severity': 'WARNING', 'attributeNames': ['quantity'], 'categories': []}]}


def test_answers_of_the_listings_items_api():
    assert read_submission(ANSWER) == (True, False, "quantity: Late.")
    for issues in ([], None):
        assert read_submission({**ANSWER, 'issues': issues}).accepted
    assert read_submission({**ANSWER, 'status': 'VALID'}, 'VALID').accepted
    assert read_submission({**ANSWER, 'status': 'INVALID', 'issues': []}) == (False, False, False)
    assert not read_submission({**ANSWER, 'issues': [{**ANSWER['issues'][0], 'severity': 'ERROR'}]}).accepted


@pytest.mark.parametrize('answer', [None, [], 'ACCEPTED', {}, {**ANSWER, 'status': None},
                                    {**ANSWER, 'status': 'accepted'}, {**ANSWER, 'status': 'VALID'},
                                    {**ANSWER, 'status': ['ACCEPTED']}])
def test_an_answer_that_says_neither_is_unclear(answer):
    with pytest.raises(Unclear, match="Amazon's answer"):
        read_submission(answer)


def test_whatever_is_odd_in_an_answer_is_said():
    harmless = 'sku', 'submissionId', 'code', 'message', 'attributeNames', 'categories', '0'
    for name, answer in mutations(ANSWER):
        try:
            submission = read_submission(answer)
        except Unclear as error:
            assert 'status' in name and len(str(error)) < 3000
            continue
        field = name.split('=')[0].split('/')
        odd = 'severity' in field or (field[:1] == ['issues'] and len(field) < 3)
        assert submission.accepted or odd and submission.errors, name
        assert submission.accepted or not set(field[-1:]) & set(harmless[:3]), name


def test_texts_are_bounded():
    errors, notes = read_issues([{'severity': 'ERROR', 'message': 'x' * 9000},
                                 {'severity': 'INFO', 'message': 'y' * 9000}])
    assert len(errors) == len(notes) == 2000

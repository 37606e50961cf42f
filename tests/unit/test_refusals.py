"""What each status and body of a reply means: tried again, refused, or good."""

import json

import pytest
import requests
from amazon_api.errors import AmazonError, Forbidden, LoginFailed, NotFound, RateLimited, Unavailable
from amazon_api.throttle import MemoryLimiter
from amazon_api.transport import Transport


class Session:
    """A session that answers with one reply again and again."""

    def __init__(self, status, body=b'', **headers):
        self.headers, self.requests = {}, []
        self._answer = status, body if isinstance(body, bytes) else json.dumps(body).encode(), headers

    def request(self, method, url, **options):
        self.requests.append((method, url, options))
        reply = requests.Response()
        reply.status_code, reply._content, headers = self._answer
        reply.headers.update(headers)
        return reply


def send(status, body=b'', operation='getOrder', method='GET', limiter=None, headers=None, **options):
    session, pauses = Session(status, body, **(headers or {})), []
    transport = Transport(limiter or MemoryLimiter(), session=session, sleep=pauses.append)
    return transport.send(operation, method, 'https://amazon.example', **options), session, pauses


@pytest.mark.parametrize(('status', 'body'),
                         [(200, {}), (200, [{}]), (200, b''), (204, b''), (202, {'a': 1}), (299, {})])
def test_replies_that_are_good(status, body):
    reply, session, _pauses = send(status, body)
    assert reply.json() == (body or (None if body == b'' else body)) and len(session.requests) == 1


@pytest.mark.parametrize(('status', 'body', 'kind'), [
    *((status, body, Unavailable) for status in (408, 429, 500, 502, 503, 504)
      for body in (b'', {'errors': [{'code': 'X'}]})),
    (300, b'', Unavailable), (302, b'', Unavailable), (399, b'', Unavailable), (200, b'<html>', Unavailable),
    (201, [], Unavailable),
    (200, {'errors': [{'code': 'X'}]}, AmazonError), (300, {'errors': [{'code': 'X'}]}, AmazonError),
    (400, b'', AmazonError), (400, {'errors': [{'code': 'X'}]}, AmazonError), (401, b'', Forbidden),
    (403, b'', Forbidden), (404, b'', NotFound),
    (405, b'', AmazonError), (501, b'', AmazonError), (505, b'', AmazonError), (413, b'', AmazonError),
    *((400, {'error': code}, LoginFailed) for code in (
        'invalid_client', 'invalid_grant', 'unauthorized_client', 'invalid_request', 'unsupported_grant_type')),
    (400, {'error': 'other'}, AmazonError), (503, {'error': 'invalid_client'}, Unavailable),
])
def test_replies_that_are_not(status, body, kind):
    with pytest.raises(AmazonError) as caught:
        send(status, body, headers={'x-amzn-RequestId': 'R1'})
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.request_id, caught.value.operation) == (status, 'R1', 'getOrder')
    assert caught.value.message


@pytest.mark.parametrize('status', [401, 403, 404])
def test_a_document_that_is_refused_says_nothing_of_the_application(status):
    with pytest.raises(AmazonError) as caught:
        send(status, operation='document')
    assert type(caught.value) is AmazonError


def test_what_is_streamed_is_good_by_its_status():
    assert send(299, b'<html>', stream=True)[0].content == b'<html>'
    with pytest.raises(Unavailable):
        send(300, b'<html>', stream=True)


def test_the_words_are_amazons_and_without_any_the_status():
    for body, words in (({'errors': [{'code': 'X', 'message': "No such order", 'details': "at all"}]},
                         "No such order at all"),
                        (b'', "Amazon answered 400"), ({'error': 'invalid_grant'}, 'invalid_grant'),
                        ({'error': 'invalid_grant', 'error_description': "Too old"}, "Too old")):
        with pytest.raises(AmazonError) as caught:
            send(400, body)
        assert caught.value.message == words
    with pytest.raises(Unavailable) as caught:
        send(503)
    assert caught.value.message == "Amazon answered 503"


def test_a_broken_connection_has_no_status_and_no_address():
    def broken(*_args, **_options):
        raise requests.ConnectionError("https://amazon.example?token=secret")
    session = Session(200)
    session.request = broken
    with pytest.raises(Unavailable) as caught:
        Transport(MemoryLimiter(), session=session, sleep=lambda _seconds: None).send(
            'getOrder', 'GET', 'https://amazon.example')
    assert (caught.value.status, caught.value.message) == (0, "No reply from Amazon (ConnectionError)")


def test_a_letter_that_no_request_holds_is_a_refusal_of_it():
    def refuse(*_args, **_options):
        raise UnicodeEncodeError('latin-1', 'ü', 0, 1, 'x')
    session = Session(200)
    session.request = refuse
    with pytest.raises(AmazonError, match="cannot be sent") as caught:
        Transport(MemoryLimiter(), session=session).send('getOrder', 'GET', 'https://amazon.example')
    assert type(caught.value) is AmazonError


def test_a_place_in_the_bucket_is_waited_for_and_not_too_long():
    limiter = MemoryLimiter(lambda: 1000.0)
    assert send(200, {}, limiter=limiter, limits=(0.5, 2))[2] == []
    [pause] = send(200, {}, limiter=limiter, limits=(0.5, 2))[2]
    assert pause == pytest.approx(2 / 0.99)
    for _request in range(3):
        send(200, {}, limiter=limiter, limits=(0.5, 2))
    with pytest.raises(RateLimited) as caught:
        send(200, {}, limiter=limiter, limits=(0.5, 2))
    assert caught.value.status == 429 and caught.value.until.timestamp() == pytest.approx(1000 + 10 / 0.99)
    assert "1970-01-01 00:16:50 UTC" in str(caught.value)


def test_a_refusal_for_want_of_capacity_empties_the_bucket():
    limiter = MemoryLimiter(lambda: 1000.0)
    with pytest.raises(RateLimited):
        send(429, limiter=limiter, limits=(0.05, 20))
    limiter.drain('other', 0.5, 20)
    assert limiter.acquire('other', 0.5, 20, patience=100) == pytest.approx(2 / 0.99)


def test_a_rate_that_is_learned_before_the_first_request_is_used():
    limiter = MemoryLimiter(lambda: 1000.0)
    limiter.learn('getOrder', 2.0, 0.5)
    assert [limiter.acquire('getOrder', 0.5, 2, patience=9) for _request in range(2)] == [0, pytest.approx(0.5 / 0.99)]
    limiter.learn('getOrder', 1.0, 0.5)
    assert limiter.acquire('getOrder', 0.5, 2, patience=9) == pytest.approx(2 * 1 / 0.99 + 1 / 0.99 - 1 / 0.99)


def test_what_the_library_gives_arrives_as_amazon_has_it():
    session = Session(200, {})
    bound = Transport(MemoryLimiter(), session=session).bind('searchOrders', 5, 5)
    bound.request('POST', 'https://amazon.example', data='body',
                  headers={'host': 'x', 'user-agent': 'y', 'x-amz-access-token': 't'}, params={
                      'details': True, 'more': False, 'ids': ['a', 1], 'pair': ('b', 'c'), 'none': None,
                      'market': [None], 'zero': 0, 'text': 'a,b'})
    [(method, url, options)] = session.requests
    assert (method, url, options['data'], options['headers']) == ('POST', 'https://amazon.example', 'body',
                                                                  {'x-amz-access-token': 't'})
    assert options['params'] == {'details': 'true', 'more': 'false', 'ids': 'a,1', 'pair': 'b,c', 'zero': 0,
                                 'text': 'a,b'}
    bound.request('PUT', 'https://amazon.example', content=b'bytes')
    assert (session.requests[1][2]['data'], session.requests[1][2]['params'], session.requests[1][2]['headers']) == (
        b'bytes', {}, {})
    bound.close()

"""What comes from outside is read once, in a form that readers can work with and the database can keep."""

import json

import pytest
import requests
from amazon_api.errors import AmazonError, Forbidden, Unavailable
from amazon_api.lwa import Credentials, LoginWithAmazon
from amazon_api.replies import decode_json, is_reply, read_error
from amazon_api.transport import Transport


class Server:
    """A session that answers with what it was given."""

    def __init__(self, *replies):
        self.headers, self.replies = {}, list(replies)

    def request(self, *_args, **_kwargs):
        status, content = self.replies.pop(0)
        reply = requests.Response()
        reply.status_code, reply._content = (status, content if isinstance(content, bytes)
                                             else json.dumps(content).encode())
        return reply


class Limiter:
    def learn(self, *_args):
        pass

    drain = acquire = record = learn


def send(*replies, operation='getOrder'):
    return Transport(Limiter(), session=Server(*replies), sleep=lambda _seconds: None).send(
        operation, 'GET', 'https://amazon', limits=(1, 1))


def test_text_that_cannot_be_stored_is_replaced():
    body = send((200, rb'{"name": "M\u0000ller \ud800", "na\u0000me": [{"city": "\ud83d\ude00"}]}')).json()
    assert body == {'name': 'M\ufffdller \ufffd', 'na\ufffdme': [{'city': '\U0001f600'}]}


@pytest.mark.parametrize('number', ['NaN', 'Infinity', '-Infinity', '1e1000000', '-1e400', '9' * 5000])
def test_a_number_that_is_none_becomes_its_text(number):
    value = decode_json(b'{"amount": %s}' % number.encode())['amount']
    assert isinstance(value, str) and len(value) <= 30
    json.dumps(value, allow_nan=False)


@pytest.mark.parametrize('number', ['0', '-17', '1.50', '1e3', '12345678901234567890'])
def test_usual_numbers_stay_numbers(number):
    assert decode_json(number.encode()) == json.loads(number)


@pytest.mark.parametrize('content', [b'\xff{"a": 1}', b'[' * 100_000, b'{"a": ', b'', b'<html>'])
def test_what_is_no_json_is_a_value_error(content):
    with pytest.raises(ValueError):
        decode_json(content)


def test_an_odd_byte_and_a_control_character_spoil_one_character():
    assert decode_json(b'{"name": "M\xffller\x01"}') == {'name': 'M\ufffdller\x01'}
    assert decode_json('{"name": "Müller"}'.encode('utf-16')) == {'name': 'Müller'}


@pytest.mark.parametrize('body', [[], 'text', 5, True, ['text'], None])
def test_a_reply_of_another_form_is_no_reply(body):
    assert not is_reply(body)
    with pytest.raises(Unavailable):
        send(*[(200, body)] * 5)


def test_errors_with_status_200_are_an_error():
    with pytest.raises(AmazonError) as caught:
        send((200, {'errors': [{'code': 'InvalidInput', 'message': 'No'}]}))
    assert (caught.value.code, caught.value.message) == ('InvalidInput', 'No')


@pytest.mark.parametrize('body', [
    {'errors': []}, {'errors': None}, {'errors': 'x'}, {'errors': ['x']}, {'errors': [None]},
    {'errors': [{'code': 5, 'message': {}}]}, [], 'x', None, {'error': 5}, {'error': {}}, {'errors': {'a': 1}}])
def test_a_refusal_of_any_form_is_a_refusal(body):
    with pytest.raises(Forbidden):
        send((403, body))


def test_the_words_of_a_refusal_can_be_stored():
    with pytest.raises(AmazonError) as caught:
        send((400, rb'{"errors": [{"code": "X", "message": "bad \u0000 \ud800", "details": null}]}'))
    assert caught.value.message == "bad \ufffd \ufffd"
    assert len(read_error({'error': 'x', 'error_description': 'y' * 10_000})[1]) == 2000


@pytest.mark.parametrize('body', [{}, [], {'access_token': None}, {'access_token': ''}, {'access_token': 'x\r\ny'},
                                  {'access_token': 'ü'}, {'access_token': 5}])
def test_a_login_without_a_token_is_tried_again_later(body):
    transport = Transport(Limiter(), session=Server(*[(200, body)] * 5), sleep=lambda _seconds: None)
    with pytest.raises(Unavailable):
        LoginWithAmazon(Credentials('client', 'secret', f'refresh {body}'), transport, 'https://login').get_auth()
    with pytest.raises(Unavailable):
        transport = Transport(Limiter(), session=Server((200, {**dict(body or {}), 'refresh_token': 'ä'})),
                              sleep=lambda _seconds: None)
        LoginWithAmazon(Credentials('client', 'secret'), transport, 'https://login').exchange('code')


@pytest.mark.parametrize('seconds', [None, 'x', -1, 0, 1e300, True, []])
def test_a_token_of_unknown_life_is_used(seconds):
    transport = Transport(Limiter(), session=Server((200, {'access_token': 'Atza|x', 'expires_in': seconds})),
                          sleep=lambda _seconds: None)
    login = LoginWithAmazon(Credentials('client', 'secret', f'of {seconds}'), transport, 'https://login')
    assert login.get_auth().access_token == login.get_auth().access_token == 'Atza|x'

"""How long Amazon is waited for, and how often it is asked: each number is a decision."""

import requests
from amazon_api import transport
from amazon_api.errors import Unavailable
from amazon_api.transport import Transport


class Away:
    """A session to which Amazon answers one status for ever."""

    def __init__(self, status):
        self.status, self.headers, self.asked = status, {}, []

    def request(self, method, url, **options):
        self.asked.append(options['timeout'])
        reply = requests.Response()
        reply.status_code, reply._content = self.status, b''
        return reply


class Limiter:
    def learn(self, *_args):
        pass

    drain = acquire = record = learn


def ask(status, method='GET', **options):
    session, pauses = Away(status), []
    try:
        Transport(Limiter(), session=session, sleep=pauses.append).send('getOrder', method, 'https://amazon',
                                                                        limits=(1, 1), **options)
    except Unavailable as error:
        assert error.status == status
    return session.asked, pauses


def test_five_attempts_with_a_minute_for_each_answer():
    asked, pauses = ask(500)
    assert asked == [(10, 60)] * 5
    assert len(pauses) == 4
    assert ask(503, 'POST')[0] == [(10, 60)], "what may have been done is not done again"
    assert len(ask(429, 'POST')[0]) == 5, "what was refused for want of capacity was not done"
    assert len(ask(500, 'POST', idempotent=True)[0]) == 5
    assert len(ask(500, 'PUT')[0]) == 5


def test_pauses_grow_up_to_twenty_seconds(monkeypatch):
    monkeypatch.setattr(transport.random, 'uniform', lambda least, most: (least, most))
    assert ask(500)[1] == [(0, 2.0), (0, 4.0), (0, 8.0), (0, 16.0)]
    monkeypatch.setattr(transport, 'ATTEMPTS', 7)
    assert ask(500)[1][4:] == [(0, 20.0), (0, 20.0)]


def test_a_rate_is_believed_within_reason():
    class Server(Away):
        def request(self, *args, **options):
            reply = super().request(*args, **options)
            reply.headers['x-amzn-RateLimit-Limit'] = self.rate
            return reply
    for rate, learned in (('5', [5.0]), ('0', []), ('-1', []), ('9999', [9999.0]), ('10000', []), ('inf', []),
                          ('nan', []), ('x', []), ('', [])):
        session, found = Server(204), []
        session.rate = rate

        class Learning(Limiter):
            def learn(self, _operation, rate, _default, found=found):
                found.append(rate)
        Transport(Learning(), session=session).send('getOrder', 'GET', 'https://amazon', limits=(1, 1))
        assert found == learned, rate

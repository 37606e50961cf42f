"""A real simulator on loopback for every test that asks for it."""

import json
import socket
import threading
import time
import urllib.request

import pytest
import uvicorn
from amazon_api import lwa
from amazon_api.client import Client
from amazon_api.lwa import Credentials
from amazon_api.throttle import MemoryLimiter
from amazon_api.transport import Transport
from simulator.app import create_app
from simulator.state import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKENS


class Amazon:
    """The simulator as tests see it: its address, its control API, and clients for it."""

    def __init__(self, port):
        self.url = f'http://127.0.0.1:{port}'
        self.lwa_url = f'{self.url}/auth/o2/token'
        self.pauses = []

    def control(self, path, body=None, method=None):
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f'{self.url}/_control/{path}', data, {'Content-Type': 'application/json'},
                                         method=method)
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.load(reply)

    def fault(self, kind, **options):
        self.control('faults', {'kind': kind, **options})

    def counters(self):
        return self.control('calls')['counters']

    def transport(self, **options):
        """A transport that notes its pauses in place of making them."""
        return Transport(options.pop('limiter', None) or MemoryLimiter(), sleep=self.pauses.append, loopback=True,
                         **options)

    def client(self, region='eu', *, credentials=None, **options):
        credentials = credentials or Credentials(CLIENT_ID, CLIENT_SECRET, REFRESH_TOKENS[region])
        return Client(credentials, self.url, self.transport(**options), lwa_url=self.lwa_url)


@pytest.fixture(scope='session')
def amazon_server():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(), host='127.0.0.1', port=port, log_level='critical',
                                           lifespan='off'))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.02)
    yield port
    server.should_exit = True


@pytest.fixture
def amazon(amazon_server):
    lwa._tokens.clear()
    simulated = Amazon(amazon_server)
    simulated.control('reset', {'speed': 1000})
    return simulated

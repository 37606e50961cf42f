"""Plain requests to the simulator, and replies held against Amazon's models."""

import requests
from simulator import amazon_models
from simulator.state import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKENS


class Caller:
    """Plain requests, without the connector's client."""

    def __init__(self, amazon, region='eu'):
        self.amazon = amazon
        answer = requests.post(f'{amazon.url}/auth/o2/token', timeout=10, data={
            'grant_type': 'refresh_token', 'client_id': CLIENT_ID, 'client_secret': CLIENT_SECRET,
            'refresh_token': REFRESH_TOKENS[region]})
        self.headers = {'x-amz-access-token': answer.json()['access_token']}

    def get(self, path, **query):
        return requests.get(f'{self.amazon.url}{path}', params=query, headers=self.headers, timeout=10)

    def send(self, method, path, body=None, **query):
        return requests.request(method, f'{self.amazon.url}{path}', params=query, json=body, headers=self.headers,
                                timeout=30)

    def search(self, **query):
        return self.get('/orders/2026-01-01/orders', **query)


def assert_valid(operation, reply):
    assert amazon_models.reply_problems(operation, reply.status_code, reply.json()) == []

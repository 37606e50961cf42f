"""The simulator speaks as Amazon's models say (A30): what it answers, what it refuses, what it leaves out."""

import datetime
import re
import time

import pytest
import requests
from amazon_api.operations import OPERATIONS
from simulator import amazon_models
from simulator.generator import generate_orders
from simulator.orders import ITEM_DATA, ORDER_DATA
from simulator.ratelimits import LIMITS

from .caller import Caller, assert_valid

ALL_DATA = ['BUYER', 'RECIPIENT', 'PROCEEDS', 'EXPENSE', 'PROMOTION', 'CANCELLATION', 'FULFILLMENT', 'PACKAGES',
            'TAX', 'PAYMENT']
SEARCH = {'createdAfter': '2020-01-01T00:00:00Z', 'includedData': ','.join(ALL_DATA)}


@pytest.fixture
def caller(amazon):
    amazon.control('reset', {'speed': 100, 'orders': 460, 'unknown_share': 0.05})
    return Caller(amazon)


def test_every_page_and_every_order_is_valid(caller):
    query, pages = dict(SEARCH), 0
    while query:
        reply = caller.search(**query)
        assert_valid('searchOrders', reply)
        pages += 1
        token = reply.json().get('pagination', {}).get('nextToken')
        query = {**SEARCH, 'paginationToken': token} if token else None
    assert pages == 4
    order_id = reply.json()['orders'][0]['orderId']
    single = caller.get(f'/orders/2026-01-01/orders/{order_id}', includedData=SEARCH['includedData'])
    assert_valid('getOrder', single)


def test_participations_are_valid(caller):
    assert_valid('getMarketplaceParticipations', caller.get('/sellers/v1/marketplaceParticipations'))


@pytest.mark.parametrize('query', [
    {}, {**SEARCH, 'lastUpdatedAfter': '2020-01-01T00:00:00Z'}, {'createdAfter': 'yesterday'},
    {**SEARCH, 'MarketplaceId': 'A1PA6795UKMFR9'},
    {**SEARCH, 'fulfillmentStatuses': 'Shipped'}, {**SEARCH, 'maxResultsPerPage': 'many'},
    {**SEARCH, 'maxResultsPerPage': '101'},
    {**SEARCH, 'paginationToken': 'invented'}, {**SEARCH, 'createdBefore': '2999-01-01T00:00:00Z'},
])
def test_an_invalid_request_gets_amazons_400(caller, query):
    reply = caller.search(**query)
    assert reply.status_code == 400
    assert_valid('searchOrders', reply)


def test_refusals_are_valid(caller, amazon):
    assert_valid('getOrder', caller.get('/orders/2026-01-01/orders/000-0000000-0000000'))
    assert caller.search(**SEARCH, marketplaceIds='ATVPDKIKX0DER').status_code == 403
    for kind, status in (('throttle', 429), ('error_500', 500)):
        amazon.fault(kind, count=1)
        reply = caller.search(**SEARCH)
        assert reply.status_code == status
        assert_valid('searchOrders', reply)


def test_what_was_not_asked_for_is_left_out(caller):
    for order in caller.search(createdAfter=SEARCH['createdAfter']).json()['orders']:
        assert not set(ORDER_DATA) & set(order)
        assert not any(set(ITEM_DATA) & set(item) for item in order['orderItems'])


def test_what_the_role_does_not_allow_is_left_out(amazon):
    amazon.control('reset', {'speed': 100, 'orders': 100, 'roles': ['tax']})
    orders = Caller(amazon).search(**SEARCH).json()['orders']
    assert orders and not any('buyer' in order or 'recipient' in order for order in orders)


def test_pending_orders_have_no_prices_and_no_address(caller):
    pending = caller.search(**SEARCH, fulfillmentStatuses='PENDING').json()['orders']
    assert pending and not any('proceeds' in order or 'recipient' in order for order in pending)


def test_filters(caller):
    orders = caller.search(**SEARCH, fulfilledBy='AMAZON', marketplaceIds='A1PA6795UKMFR9').json()['orders']
    assert orders and all(order['fulfillment']['fulfilledBy'] == 'AMAZON' for order in orders)
    assert {order['salesChannel']['marketplaceId'] for order in orders} == {'A1PA6795UKMFR9'}


def test_page_tokens_expire(amazon):
    amazon.control('reset', {'speed': 3600 * 24 * 5, 'orders': 230})
    caller = Caller(amazon)
    token = caller.search(**SEARCH, maxResultsPerPage=10).json()['pagination']['nextToken']
    time.sleep(0.3)
    reply = caller.search(**SEARCH, maxResultsPerPage=10, paginationToken=token)
    assert reply.status_code == 400
    assert_valid('searchOrders', reply)


def test_access_tokens_expire(amazon):
    amazon.control('reset', {'token_seconds': 0.2})
    caller = Caller(amazon)
    assert caller.search(**SEARCH).status_code == 200
    time.sleep(0.3)
    assert caller.search(**SEARCH).status_code == 403


def test_the_limit_is_enforced_and_named(amazon):
    amazon.control('reset', {'speed': 1})
    caller = Caller(amazon)
    replies = [caller.search(**SEARCH) for _request in range(21)]
    assert [reply.status_code for reply in replies] == [200] * 20 + [429]
    assert float(replies[-1].headers['x-amzn-RateLimit-Limit']) == 0.0056


def test_orders_that_are_not_amazons_shape_are_refused(amazon):
    order = generate_orders(1, now=datetime.datetime.now(datetime.timezone.utc))[0]
    reply = requests.post(f'{amazon.url}/_control/orders', json=[{**order, 'OrderStatus': 'Shipped'}], timeout=10)
    assert reply.status_code == 422
    assert requests.post(f'{amazon.url}/_control/orders', json=[order], timeout=10).status_code == 200


def test_orders_live(amazon):
    order = generate_orders(12, now=datetime.datetime.now(datetime.timezone.utc), countries=['DE'])[5]
    order['fulfillment']['fulfillmentStatus'] = 'PENDING'
    amazon.control('orders', [order])
    path = f"orders/{order['orderId']}/events"
    item = next(item for item in order['orderItems'] if item['quantityOrdered'])
    statuses = [amazon.control(path, event)['fulfillment']['fulfillmentStatus'] for event in (
        {'type': 'authorize'}, {'type': 'change', 'quantities': {item['orderItemId']: 4}},
        {'type': 'ship', 'items': {item['orderItemId']: 1}}, {'type': 'ship'})]
    assert statuses == ['UNSHIPPED', 'UNSHIPPED', 'PARTIALLY_SHIPPED', 'SHIPPED']
    cancelled = amazon.control(path, {'type': 'cancel', 'by': 'BUYER'})
    assert cancelled['fulfillment']['fulfillmentStatus'] == 'CANCELLED'
    assert amazon_models.problems('orders_2026-01-01', 'Order', cancelled) == []


def test_rates_are_those_that_amazon_documents():
    text = (amazon_models.DIRECTORY.parent / 'operations.md').read_text()
    for operation, (rate, burst) in LIMITS.items():
        rows = re.findall(rf'^\| {operation.rpartition(".")[2]} \| \w+ \| \S+ \| (\S+) \| (\d+) \| *\|', text,
                          re.MULTILINE)
        # The list lacks version 0 of inbound, whose model says it.
        rows += re.findall(r'^\| ([\d.]+) \| (\d+) \|$', amazon_models.operation(operation)['description'],
                           re.MULTILINE)
        assert (str(rate), str(burst)) in rows
        if operation in OPERATIONS:
            assert (OPERATIONS[operation].rate, OPERATIONS[operation].burst) == (rate, burst)
    assert LIMITS.keys() >= OPERATIONS.keys()

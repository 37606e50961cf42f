"""Every reply in Amazon's own models of orders and finances is understood by our readers, and the odd ones of the
simulator, too.
"""

import functools
import json

import pytest
from amazon_api.orders import count_shipped, find_replaced, is_foreign, read_order
from amazon_api.proceeds import PricesMissing, read_proceeds
from amazon_api.shapes import AbsentError
from amazon_api.transactions import read_transaction
from simulator import amazon_models
from simulator.generator import merchant_orders

from .caller import Caller, assert_valid

POSTED = '2026-01-05T10:00:00Z'


@functools.cache
def examples(model, kind):
    """Return all objects in the replies of a model that have a list (or object) of this name around them, and where
    they are.
    """
    found = []
    if amazon_models.available():
        specification = json.loads((amazon_models.DIRECTORY / f'{model}.json').read_text())
        _collect(specification['paths'], kind, '', found)
    return found


def _collect(value, kind, path, found):
    if isinstance(value, list):
        for position, entry in enumerate(value):
            _collect(entry, kind, f'{path}/{position}', found)
    elif isinstance(value, dict):
        for name, entry in value.items():
            several = entry if isinstance(entry, list) else [entry]
            if name in (kind, f'{kind}s') and ('/response' in path) and all(isinstance(one, dict) for one in several):
                found += [(f'{path}/{name}', one) for one in several]
            else:
                _collect(entry, kind, f'{path}/{name}', found)


def orders():
    return [pytest.param(order, id=order['orderId']) for _path, order in examples('orders_2026-01-01', 'order')
            if 'orderItems' in order]


@pytest.mark.parametrize('order', orders())
def test_amazons_own_orders(order):
    known = read_order(order)
    proceeds = read_proceeds(known, free=find_replaced(known) is not None)
    assert sum(charge.gross for charge in proceeds.charges) == proceeds.total
    assert proceeds.currency == order['proceeds']['grandTotal']['currencyCode']
    assert not is_foreign(order)
    assert set(count_shipped(known)) == {item['orderItemId'] for item in order['orderItems']}


def test_there_are_examples():
    assert len(orders()) >= 8
    assert len(examples('finances_2024-06-19', 'transaction')) >= 1


def test_amazons_own_transactions():
    """The example has no id and no status: it is named as what it lacks, and as a payment of an order it is not read at
    all.
    """
    for _path, transaction in examples('finances_2024-06-19', 'transaction'):
        assert transaction['transactionType'] == 'Shipment'
        with pytest.raises(AbsentError) as raised:
            read_transaction(transaction)
        assert raised.value.field == 'transactionId'
        completed = read_transaction({**transaction, 'transactionId': 'T', 'transactionStatus': 'RELEASED'})
        assert (completed.order_ref, completed.currency, completed.total) == ('8129762527551', 'USD', 10)


# === ODD ONES OF THE SIMULATOR === #

@pytest.fixture
def caller(amazon):
    amazon.control('reset', {'speed': 100000, 'orders': 60, 'marketplaces': ['DE'], 'foreign_share': 0.2,
                             'replacement_share': 0.2})
    return Caller(amazon)


def search(caller):
    reply = caller.search(createdAfter='2020-01-01T00:00:00Z',
                          includedData='BUYER,RECIPIENT,PROCEEDS,FULFILLMENT,TAX,PROMOTION')
    assert_valid('searchOrders', reply)
    return {order['orderId']: order for order in reply.json()['orders']}


def test_orders_of_other_shops_and_replacements(caller):
    found = search(caller).values()
    foreign, replacing = [order for order in found if is_foreign(order)], [order for order in found
                                                                           if find_replaced(order)]
    assert foreign and replacing
    assert not any('proceeds' in order for order in [*foreign, *replacing])
    for order in replacing:
        if order['fulfillment']['fulfillmentStatus'] != 'CANCELLED':
            assert read_proceeds(read_order(order), free=True).total == 0


def test_what_is_stated_later(caller, amazon):
    order, = merchant_orders(1)
    amazon.control('orders', [order])
    path = f"orders/{order['orderId']}/events"
    amazon.control(path, {'type': 'withhold', 'what': [order['orderItems'][0]['orderItemId']]})
    with pytest.raises(PricesMissing):
        read_proceeds(read_order(search(caller)[order['orderId']]))
    amazon.control(path, {'type': 'withhold', 'what': ['proceeds', 'fulfilledBy']})
    unstated = search(caller)[order['orderId']]
    assert 'proceeds' not in unstated
    with pytest.raises(AbsentError) as raised:
        read_order(unstated)
    assert raised.value.field == 'fulfilledBy'
    amazon.control(path, {'type': 'tell'})
    stated = search(caller)[order['orderId']]
    assert read_proceeds(read_order(stated)).total and stated['lastUpdatedTime'] == unstated['lastUpdatedTime']


def test_deferred_and_released_transactions_name_each_other(caller, amazon):
    fee = {'country': 'DE', 'kind': ['other-transaction', 'other-transaction', 'Storage Fee'], 'amount': '-3.20',
           'posted': POSTED, 'type': 'ServiceFee'}
    held, ended = amazon.control('money',
                                 [{**fee, 'deferred': True},
                                  {**fee, 'deferred': True, 'released': '2026-01-25T10:00:00Z'}])

    def listed(**query):
        reply = caller.get('/finances/2024-06-19/transactions', postedAfter='2026-01-01T00:00:00Z',
                           postedBefore='2026-02-01T00:00:00Z', **query)
        assert_valid('listTransactions', reply)
        return {entry['transactionId']: read_transaction(entry) for entry in reply.json()['payload']['transactions']}
    found = listed()
    waiting, first, second = found[f"T{held['id']}"], found[f"T{ended['id']}"], found[f"R{ended['id']}"]
    assert waiting.is_deferred and (waiting.deferred_refs, waiting.release_refs) == ((waiting.ref,), ())
    assert (first.deferred_refs, first.release_refs) == (second.deferred_refs, second.release_refs) == (
        (first.ref,), (second.ref,))
    assert (second.posted - first.posted).days == 20 and second.total == first.total
    amazon.control('money', {'release': held['id'], 'released': '2026-01-28T10:00:00Z'})
    assert len(listed()) == 4
    assert set(listed(transactionStatus='DEFERRED_RELEASED')) == {f"T{held['id']}", f"T{ended['id']}"}
    assert set(listed(transactionStatus='DEFERRED')) == set()

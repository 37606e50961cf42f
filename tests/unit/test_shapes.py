"""What Amazon sends is of the kind that is read of it, bounded, or named in words for a person."""

import datetime
from decimal import Decimal

import pytest
from amazon_api.orders import count_shipped, find_replaced, is_foreign
from amazon_api.shapes import (
    AMOUNT,
    COUNT,
    CURRENCY,
    TEXT,
    TIME,
    AbsentError,
    ShapeError,
    needed,
    read,
    read_amount,
    read_time,
)

SHAPE = {'name': needed(TEXT), 'when': TIME, 'lines': [{'pieces': needed(COUNT)}],
         'price': {'amount': needed(AMOUNT), 'currency': CURRENCY}}


def test_null_is_absent_and_what_no_shape_names_stays():
    found = read({'name': "A", 'when': None, 'lines': [{'pieces': 2.0, 'more': 1}], 'other': {'kept': True},
                  'nothing': None}, SHAPE)
    assert found == {'name': "A", 'lines': [{'pieces': 2, 'more': 1}], 'other': {'kept': True}}


@pytest.mark.parametrize('value, path, kind', [
    ({}, 'name', 'text'), ({'name': ''}, 'name', 'text'), ({'name': "A", 'lines': [{}]}, 'lines 1: pieces', 'count'),
    ({'name': "A", 'price': {}}, 'price: amount', 'amount'),
])
def test_what_is_missing_is_named(value, path, kind):
    with pytest.raises(AbsentError) as raised:
        read(value, SHAPE)
    assert (raised.value.path, raised.value.kind) == (path, kind)


@pytest.mark.parametrize('value, path, shown', [
    ([], '', ''), ({'name': 5}, 'name', ''), ({'name': "A", 'when': 'soon'}, 'when', 'soon'),
    ({'name': "A", 'lines': {}}, 'lines', ''), ({'name': "A", 'lines': [{'pieces': 1}, None]}, 'lines 2', ''),
    ({'name': "A", 'lines': [{'pieces': -1}]}, 'lines 1: pieces', '-1'),
    ({'name': "A", 'lines': [{'pieces': 10 ** 5000}]}, 'lines 1: pieces', ''),
    ({'name': "A", 'price': {'amount': '1', 'currency': 'Euro'}}, 'price: currency', ''),
])
def test_what_is_of_another_kind_is_named(value, path, shown):
    with pytest.raises(ShapeError) as raised:
        read(value, SHAPE)
    assert not isinstance(raised.value, AbsentError)
    assert (raised.value.path, raised.value.shown) == (path, shown)


def test_a_name_is_never_shown():
    with pytest.raises(ShapeError) as raised:
        read({'name': ["Anna Schmidt"]}, SHAPE)
    assert "Anna" not in str(raised.value) + raised.value.shown


@pytest.mark.parametrize('value', ['1e1000000', '1e-1000000', 'NaN', '-Infinity', 'sNaN', float('nan'), float('inf'),
                                   10 ** 400, True, None, [], '', '1,5', '1' * 16, '0.' + '0' * 9 + '1'])
def test_amounts_have_bounds(value):
    with pytest.raises(ShapeError):
        read_amount(value)


@pytest.mark.parametrize('value, amount', [('119.00', '119.00'), (119, '119'), (-119.5, '-119.5'), ('-0.07', '-0.07'),
                                           ('1e2', '1E+2'), ('0', '0')])
def test_amounts_are_exact(value, amount):
    assert read_amount(value) == Decimal(amount)


def test_times_are_naive_and_in_utc():
    assert read_time('2026-10-25T00:30:00.123+02:00') == datetime.datetime(2026, 10, 24, 22, 30)
    for text in ('0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59-14:00', 'yesterday', '2026-13-01',
                 '2004-12-31T00:00:00Z', '2100-01-01T00:00:00Z'):
        with pytest.raises(ValueError):
            read_time(text)


def test_what_an_order_says_of_itself():
    assert is_foreign({'salesChannel': {'channelName': 'NON_AMAZON'}})
    others = (None, [], {}, {'salesChannel': 'NON_AMAZON'}, {'salesChannel': {'channelName': 'AMAZON'}})
    assert not any(is_foreign(payload) for payload in others)
    exchange = {'orderId': '1', 'associationType': 'EXCHANGE_ORIGINAL_ID'}
    assert find_replaced(
        {'associatedOrders': [exchange, {'orderId': '2', 'associationType': 'REPLACEMENT_ORIGINAL_ID'}]}) == '2'
    assert find_replaced({'associatedOrders': [{'associationType': 'REPLACEMENT_ORIGINAL_ID'}]}) == ''
    assert find_replaced({'associatedOrders': [exchange]}) is find_replaced({}) is None
    items = [{'orderItemId': 'a', 'quantityOrdered': 2, 'fulfillment': {'quantityFulfilled': 1}},
             {'orderItemId': 'b', 'quantityOrdered': 3}]
    assert count_shipped({'fulfillment': {'fulfillmentStatus': 'SHIPPED'}, 'orderItems': items}) == {'a': 1, 'b': 3}
    assert count_shipped({'fulfillment': {'fulfillmentStatus': 'UNSHIPPED'}, 'orderItems': items}) == {'a': 1, 'b': 0}

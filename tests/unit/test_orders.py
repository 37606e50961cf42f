"""What an order must say before anything is made of it, and what is read of packages."""

import pytest
from addon_modules import load
from amazon_api.errors import Unreadable
from amazon_api.orders import count_shipped, read_order
from amazon_api.packages import read_packages
from amazon_api.shapes import AbsentError, ShapeError

payloads = load('tests/payloads')
item, order = payloads.item, payloads.order
NOWHERE = {key: value for key, value in payloads.address().items() if key != 'countryCode'}


@pytest.mark.parametrize('payload', [
    order(item()), order(item(quantity=0, total=None), status='CANCELLED'), order(item(), item(quantity=0)),
    order(item(), recipient=None),
    order(item(), to=NOWHERE, status='PENDING'), order(item(), to=NOWHERE, status='PENDING_AVAILABILITY'),
    order(item(sku='', product={'asin': 'B0'})),
    order(item(sku='A', product={'asin': None})), order(item(quantity=2, shipped=2), status='PARTIALLY_SHIPPED'),
    order(item(fulfillment={'quantityFulfilled': None})),
], ids=['usual', 'cancelled to nothing', 'one item left out', 'nobody to ship to', 'pending',
        'pre-ordered', 'ASIN only', 'SKU only', 'all shipped', 'unstated'])
def test_what_can_be_taken(payload):
    assert read_order(payload)['orderId'] == payload['orderId']


@pytest.mark.parametrize(('payload', 'error', 'path'), [
    (order(item(quantity=0), item(quantity=0)), AbsentError, 'orderItems: quantityOrdered'),
    (order(item(), to=NOWHERE), AbsentError, 'recipient: deliveryAddress: countryCode'),
    (order(item(), to=NOWHERE, status='SHIPPED'), AbsentError, 'recipient: deliveryAddress: countryCode'),
    (order(item(item_ref='1'), item(item_ref='2'), item(item_ref='1')), ShapeError, 'orderItems 3: orderItemId'),
    (order(item(sku='', product={'asin': ''})), AbsentError, 'orderItems 1: product: sellerSku'),
    (order(item(), item(fulfillment={'quantityFulfilled': None}), status='PARTIALLY_SHIPPED'), AbsentError,
     'orderItems 2: fulfillment: quantityFulfilled'),
    (order(item(quantity=2, shipped=3)), ShapeError, 'orderItems 1: fulfillment: quantityFulfilled'),
    (order(item(), status='LOST'), ShapeError, 'fulfillment: fulfillmentStatus'), (order(), AbsentError, 'orderItems'),
    (order(item(), ref=''), AbsentError, 'orderId'), (None, AbsentError, ''),
])
def test_what_is_missing_or_contradicts_itself_is_named(payload, error, path):
    with pytest.raises(error) as caught:
        read_order(payload)
    assert caught.value.path == path
    assert isinstance(caught.value, AbsentError) is (error is AbsentError)


def test_shipped_quantities_are_amazons_even_if_they_are_zero():
    def shipped(status, **more):
        return list(count_shipped(read_order(order(item(quantity=3, **more), status=status))).values())
    unstated = {'fulfillment': {'quantityFulfilled': None}}
    assert (shipped('SHIPPED'), shipped('SHIPPED', **unstated), shipped('UNSHIPPED', **unstated)) == ([0], [3], [0])
    assert shipped('PARTIALLY_SHIPPED', shipped=2) == [2]


def package(*items, **more):
    return {'packages': [{'packageReferenceId': '1', 'trackingNumber': 'T1', 'packageItems': [
        {'orderItemId': ref, 'quantity': quantity} for ref, quantity in items], **more}]}


def test_an_item_that_is_twice_in_a_package_counts_twice():
    assert read_packages(package(('A', 2), ('B', 1), ('A', 3)))[0][0].items == {'A': 5, 'B': 1}
    assert read_packages(package(('A', 2.0)))[0][0].items == {'A': 2}


def test_a_package_holds_these_items_under_this_number_however_it_is_spaced():
    [found], _faults = read_packages(package(('A', 2), trackingNumber='1Z 99 9'))
    assert found.holds({'A': 2}, '1Z999') and found.holds({'A': 2}, '1 Z 9 9 9')
    assert not found.holds({'A': 1}, '1Z999') and not found.holds({'A': 2}, '1Z998')
    [unnumbered], _faults = read_packages(package(('A', 2), trackingNumber=None))
    assert unnumbered.holds({'A': 2}, '') and not unnumbered.holds({'A': 2}, 'T')


def test_a_part_of_a_piece_is_no_quantity():
    packages, [fault] = read_packages(package(('A', 1.5)))
    assert packages == [] and isinstance(fault, Unreadable) and (fault.field, fault.found) == (
        'order/packages/0/packageItems/0/quantity', '1.5')
    assert read_packages({}) == ([], [])

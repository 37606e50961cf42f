"""Labels through the real client, against the simulator: Shipping v2 for France, Merchant Fulfillment v0 for Germany."""

import datetime
from decimal import Decimal

import pytest
from amazon_api.buy_shipping import Address, Parcel, make_shop
from amazon_api.errors import AmazonError

SENDER = Address("Lager Nord", "Weg 1", '', "Berlin", "BE", '10115', 'DE', 'lager@example.com', '+49301')


@pytest.fixture(params=['FR', 'DE'])
def country(request):
    return request.param


@pytest.fixture
def shop(amazon, country):
    amazon.control('reset', {'speed': 1000, 'orders': 40, 'marketplaces': [country]})
    return make_shop(amazon.client(), country)


def make_parcel(amazon, grams=900.0):
    order = next(order for order in amazon.control('orders') if order['fulfillment']['fulfillmentStatus'] == 'UNSHIPPED'
                 and order['fulfillment']['fulfilledBy'] == 'MERCHANT')
    items = [(item['orderItemId'], item['quantityOrdered']) for item in order['orderItems']]
    return Parcel(order['orderId'], items, grams, (30.0, 20.0, 10.0), Decimal('19.99'), 'EUR', SENDER)


def packages(amazon, parcel):
    return next(order for order in amazon.control('orders') if order['orderId'] == parcel.order_ref).get('packages', [])


@pytest.mark.parametrize(('form', 'begin'), [('PDF', b'%PDF'), ('PNG', b'\x89PNG'), ('ZPL', b'^XA')])
def test_buy_and_cancel(amazon, shop, form, begin):
    parcel = make_parcel(amazon)
    offers, refusals = shop.get_offers(parcel)
    assert refusals == []
    offer = min(offers, key=lambda offer: offer.price)
    assert (offer.price, offer.currency, offer.formats) == (Decimal('3.95'), 'EUR', ('PDF', 'PNG', 'ZPL'))
    assert offer.arrives > datetime.datetime.now(datetime.timezone.utc)
    assert offer.benefits == ('CLAIMS_PROTECTED',) or offer.lacks == {'CLAIMS_PROTECTED': ['LATE_DELIVERY_RISK']}
    label = shop.buy(shop.make_request(parcel, offer, form, {}), 'key')
    assert label.content.startswith(begin)
    assert label.form == form
    assert [package['trackingNumber'] for package in packages(amazon, parcel)] == [label.tracking_number]
    assert shop.track(label.tracking_number, offer.carrier_ref) == ('PreTransit' if shop.is_repeatable else '')
    shop.cancel(label.shipment_ref)
    assert packages(amazon, parcel) == []


def test_inputs(amazon, shop):
    parcel = make_parcel(amazon)
    express = next(offer for offer in shop.get_offers(parcel)[0] if offer.needs_inputs)
    wanted = [entry for entry in shop.get_inputs(parcel, express) if entry.required]
    assert [(entry.name, entry.title, entry.choices) for entry in wanted] == [('contents', "What is inside", ('Merchandise', 'Gift', 'Documents'))]
    with pytest.raises(AmazonError, match="inputs are required"):
        shop.buy(shop.make_request(parcel, express, 'PDF', {}), 'key')
    assert shop.buy(shop.make_request(parcel, express, 'PDF', {'contents': 'Gift'}), 'second').tracking_number


def test_nobody_takes_it(amazon, shop):
    offers, refusals = shop.get_offers(make_parcel(amazon, 50_000.0))
    assert offers == []
    assert len(refusals) == 4
    assert "too heavy" in refusals[0]


def test_a_purchase_happens_once_for_a_key(amazon):
    amazon.control('reset', {'speed': 1000, 'orders': 40, 'marketplaces': ['FR']})
    shop = make_shop(amazon.client(), 'FR')
    parcel = make_parcel(amazon)
    request = shop.make_request(parcel, shop.get_offers(parcel)[0][0], 'PDF', {})
    assert shop.buy(request, 'key') == shop.buy(request, 'key')
    assert len(packages(amazon, parcel)) == 1
    assert not make_shop(amazon.client(), 'DE').is_repeatable

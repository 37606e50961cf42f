"""Labels through the real client, against the simulator: Shipping v2 for France, Merchant Fulfillment v0 for Germany.
"""

import datetime
from decimal import Decimal

import pytest
from amazon_api.buy_shipping import make_shop
from amazon_api.errors import AmazonError
from amazon_api.label_documents import Printer
from amazon_api.offers import Address, Parcel

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
    label = shop.buy(shop.make_request(parcel, offer, Printer(form), {}), 'key')
    [document] = label.documents
    assert document.content.startswith(begin)
    assert (document.kind, document.form, label.faults) == ('LABEL', form, ())
    assert shop.fetch(label.shipment_ref).documents == label.documents
    assert [package['trackingNumber'] for package in packages(amazon, parcel)] == [label.tracking_number]
    assert shop.track(label.tracking_number, offer.carrier_ref) == ('PreTransit' if shop.is_repeatable else '')
    shop.cancel(label.shipment_ref)
    assert packages(amazon, parcel) == []


def test_inputs(amazon, shop):
    parcel = make_parcel(amazon)
    express = next(offer for offer in shop.get_offers(parcel)[0] if offer.needs_inputs)
    wanted = [entry for entry in shop.get_inputs(parcel, express) if entry.required]
    assert [(entry.name, entry.title, entry.choices) for entry in wanted] == [
        ('contents', "What is inside", ('Merchandise', 'Gift', 'Documents'))]
    with pytest.raises(AmazonError, match="inputs are required"):
        shop.buy(shop.make_request(parcel, express, Printer('PDF'), {}), 'key')
    assert shop.buy(shop.make_request(parcel, express, Printer('PDF'), {'contents': 'Gift'}), 'second').tracking_number


def test_no_carrier_accepts_it(amazon, shop):
    offers, refusals = shop.get_offers(make_parcel(amazon, 50_000.0))
    assert offers == []
    assert len(refusals) == 4
    assert "too heavy" in refusals[0].reason


def test_a_purchase_happens_once_for_a_key(amazon):
    amazon.control('reset', {'speed': 1000, 'orders': 40, 'marketplaces': ['FR']})
    shop = make_shop(amazon.client(), 'FR')
    parcel = make_parcel(amazon)
    request = shop.make_request(parcel, shop.get_offers(parcel)[0][0], Printer('PDF'), {})
    assert shop.buy(request, 'key') == shop.buy(request, 'key')
    assert len(packages(amazon, parcel)) == 1


def test_what_each_api_can_do(amazon):
    """Merchant Fulfillment has no key that makes a purchase happen once, and tracks nothing."""
    for country, can in (('FR', True), ('US', True), ('DE', False), ('PL', False)):
        shop = make_shop(amazon.client(), country)
        assert (shop.is_repeatable, shop.can_track) == (can, can)


def test_what_a_carrier_demands_is_bought_and_in_the_price(amazon):
    """UPS sells nothing without a confirmation of delivery: the cheapest is taken unless another is chosen
    (selling-partner-api-models 4759).
    """
    amazon.control('reset', {'speed': 1000, 'orders': 40, 'marketplaces': ['FR']})
    shop = make_shop(amazon.client(), 'FR')
    parcel = make_parcel(amazon)
    ups = next(offer for offer in shop.get_offers(parcel)[0] if offer.carrier == 'UPS')
    assert [(group.ref, group.required, group.cheapest.ref) for group in ups.groups] == [
        ('CONFIRMATION', True, 'UPS_CONFIRMATION'), ('INSURANCE', False, 'UPS_INSURANCE')]
    assert (ups.price - ups.charge, ups.get_price({'CONFIRMATION': 'UPS_SIGNATURE'}) - ups.charge) == (
        Decimal('0.5'), Decimal('2.5'))
    with pytest.raises(LookupError):
        ups.get_price({'CONFIRMATION': 'none'})
    request = shop.make_request(parcel, ups, Printer('PDF'), {'contents': 'Gift'},
                                {'CONFIRMATION': 'UPS_SIGNATURE', 'INSURANCE': 'UPS_INSURANCE'})
    assert request['requestedValueAddedServices'] == [{'id': 'UPS_SIGNATURE'}, {'id': 'UPS_INSURANCE'}]
    assert shop.buy(request, 'key').shipment_ref


@pytest.mark.parametrize(('printer', 'size', 'dpi'), [
    (Printer('PDF'), (4, 6, 'INCH'), 203), (Printer('ZPL', dpi=300), (4, 6, 'INCH'), 300),
    (Printer('PDF', 'sheet'), (8.5, 11, 'INCH'), 300),
    (Printer('PNG', wanted='10.5 × 14.8 cm'), (10.5, 14.8, 'CENTIMETER'), 203)])
def test_the_document_is_what_the_printer_takes(amazon, printer, size, dpi):
    amazon.control('reset', {'speed': 1000, 'orders': 40, 'marketplaces': ['FR']})
    shop = make_shop(amazon.client(), 'FR')
    parcel = make_parcel(amazon)
    request = shop.make_request(parcel, min(shop.get_offers(parcel)[0], key=lambda offer: offer.price), printer, {})
    document = request['requestedDocumentSpecification']
    assert (document['size'], document['dpi']) == (dict(zip(('width', 'length', 'unit'), size, strict=True)), dpi)
    assert shop.buy(request, 'key').documents

"""Shipment confirmations of the simulator, by call and by feed, are of Amazon's shape and do what Amazon does (A30)."""

import base64
import gzip
import time

import pytest
import requests
from amazon_api import fulfillment_feed
from amazon_api.processing_report import find_outcome, read_fulfillment_report
from simulator import shipments

from .caller import Caller, assert_valid

DE, SELLER = 'A1PA6795UKMFR9', 'A1DEMOSELLEREU'


@pytest.fixture
def caller(amazon):
    amazon.control('reset', {'speed': 1000, 'orders': 60, 'marketplaces': ['DE']})
    return Caller(amazon)


def orders(caller, status='UNSHIPPED', fulfilled_by='MERCHANT'):
    return [order for order in caller.amazon.control('orders')
            if order['fulfillment']['fulfillmentStatus'] == status
            and order['fulfillment']['fulfilledBy'] == fulfilled_by]


def detail(order, quantity=None, **changes):
    return {'packageReferenceId': '1', 'carrierCode': 'DHL', 'trackingNumber': '123456789012',
            'shipDate': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()),
            'orderItems': [{'orderItemId': item['orderItemId'], 'quantity': quantity or item['quantityOrdered']}
                           for item in order['orderItems']], **changes}


def confirm(caller, order, package, marketplace=DE):
    reply = caller.send('POST', f"/orders/v0/orders/{order['orderId']}/shipmentConfirmation",
                        {'marketplaceId': marketplace, 'packageDetail': package})
    if reply.status_code != 204:
        assert_valid('confirmShipment', reply)
    return reply


def read(caller, order):
    reply = caller.get(f"/orders/2026-01-01/orders/{order['orderId']}", includedData='PACKAGES,FULFILLMENT')
    assert_valid('getOrder', reply)
    return reply.json()['order']


def test_a_confirmation_is_recorded_and_the_order_follows(caller):
    order = next(order for order in orders(caller) if order['orderItems'][0]['quantityOrdered'] > 1)
    first = {**detail(order), 'orderItems': [{'orderItemId': order['orderItems'][0]['orderItemId'], 'quantity': 1}]}
    assert confirm(caller, order, first).status_code == 204
    assert read(caller, order)['fulfillment']['fulfillmentStatus'] == 'PARTIALLY_SHIPPED'
    rest = detail(order, packageReferenceId='2')
    rest['orderItems'][0]['quantity'] -= 1
    assert confirm(caller, order, rest).status_code == 204
    shown = read(caller, order)
    assert shown['fulfillment']['fulfillmentStatus'] == 'SHIPPED'
    assert [package['packageReferenceId'] for package in shown['packages']] == ['1', '2']
    assert confirm(caller, order,
                   {**rest, 'trackingNumber': '999999999999'}).status_code == 204, "the same reference is a correction"
    assert [package['trackingNumber'] for package in read(caller, order)['packages']] == [
        '123456789012', '999999999999']


@pytest.mark.parametrize(('changes', 'words'), [
    ({'packageReferenceId': 'A'}, "positive numeric"), ({'carrierCode': 'dhl'}, "not a valid carrier"),
    ({'carrierCode': 'Other'}, "CarrierName"), ({'shipDate': '2001-01-01T00:00:00Z'}, "ShipDate"),
    ({'orderItems': [{'orderItemId': '1', 'quantity': 1}]}, "not an item"),
    ({'orderItems': []}, "at least one"), ({'trackingNumber': None}, "trackingNumber"),
], ids=['reference', 'carrier', 'other', 'date', 'item', 'no item', 'no tracking'])
def test_wrong_confirmations_are_refused(caller, changes, words):
    order = orders(caller)[0]
    reply = confirm(caller, order, {key: value for key, value in detail(order, **changes).items() if value is not None})
    assert reply.status_code == 400
    assert words in reply.text
    assert 'packages' not in read(caller, order)


def test_more_than_ordered_and_wrong_orders_are_refused(caller):
    order = orders(caller)[0]
    assert "exceeds" in confirm(caller, order, detail(order, 99)).text
    assert "marketplace" in confirm(caller, order, detail(order), 'A13V1IB3VIYZZH').text
    assert "status is" in confirm(caller, orders(caller, 'PENDING')[0], detail(order)).text
    assert "by Amazon" in confirm(caller, orders(caller, 'SHIPPED', 'AMAZON')[0], detail(order)).text


def test_accepted_and_not_recorded(caller):
    caller.amazon.control('faults', {'kind': 'unrecorded', 'operation': 'confirmShipment', 'count': 1})
    order = orders(caller)[0]
    assert confirm(caller, order, detail(order)).status_code == 204
    assert 'packages' not in read(caller, order)


def test_feed(caller):
    good, wrong = orders(caller)[:2]
    document = make(
        (1, good['orderId'], {**detail(good), 'trackingNumber': ''}), (2, wrong['orderId'], detail(wrong, 99)),
        (3, '000-0000000-0000000', detail(good)))
    outcome = find_outcome(read_fulfillment_report(submit(caller, document), '7'), {1: None, 2: None, 3: None})
    assert (outcome.accepted, outcome.refused.keys(), outcome.problems) == ({1: False}, {2, 3}, [])
    assert "exceeds" in outcome.refused[2]
    assert read(caller, good)['fulfillment']['fulfillmentStatus'] == 'SHIPPED'
    assert 'trackingNumber' not in read(caller, good)['packages'][0]
    assert 'packages' not in read(caller, wrong)
    again = read_fulfillment_report(submit(caller, make((1, good['orderId'], detail(good)))), '7')
    assert (again.issues, again.processed, again.accepted) == ([], 1, 1)
    assert [package['trackingNumber'] for package in read(caller, good)['packages']] == [
        '123456789012'], "what is shipped is corrected"


def test_a_feed_that_is_no_xml_is_fatal(caller):
    assert "not XML" in read_fulfillment_report(submit(caller, b'{}', 'FATAL'), '7').issues[0]['message']


def make(*messages):
    return fulfillment_feed.make_document(SELLER, [fulfillment_feed.make_message(*message) for message in messages])


def submit(caller, document, outcome='DONE'):
    created = caller.send('POST', '/feeds/2021-06-30/documents', {'contentType': fulfillment_feed.CONTENT_TYPE}).json()
    requests.put(created['url'], data=document, headers={'Content-Type': fulfillment_feed.CONTENT_TYPE},
                 timeout=10).raise_for_status()
    feed = caller.send('POST', '/feeds/2021-06-30/feeds', {
        'feedType': fulfillment_feed.FEED_TYPE, 'marketplaceIds': [DE],
        'inputFeedDocumentId': created['feedDocumentId']}).json()['feedId']
    deadline = time.monotonic() + 10
    while (reply := caller.get(f'/feeds/2021-06-30/feeds/{feed}').json())['processingStatus'] in (
            'IN_QUEUE', 'IN_PROGRESS'):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert reply['processingStatus'] == outcome
    url = caller.get(f"/feeds/2021-06-30/documents/{reply['resultFeedDocumentId']}").json()['url']
    return gzip.decompress(requests.get(url, timeout=10).content)


def test_carriers_of_the_addon_are_read():
    codes = shipments.carrier_codes()
    assert {'DHL', 'UPS', 'Other'} <= codes


# === LABELS === #

FROM = {'name': "Lager", 'addressLine1': "Weg 1", 'city': "Berlin", 'stateOrRegion': "BE", 'postalCode': "10115",
        'countryCode': 'DE'}
MFN_FROM = {'Name': "Lager", 'AddressLine1': "Weg 1", 'City': "Berlin", 'PostalCode': "10115", 'CountryCode': 'DE',
            'Email': 'a@b.c', 'Phone': '1'}
SPECIFICATION = {'format': 'PDF', 'size': {'width': 4, 'length': 6, 'unit': 'INCH'}, 'dpi': 203,
                 'pageLayout': 'DEFAULT', 'needFileJoining': False, 'requestedDocumentTypes': ['LABEL']}


def rates(caller, order, kilograms=1.0):
    items = [{'itemIdentifier': item['orderItemId'], 'quantity': item['quantityOrdered']}
             for item in order['orderItems']]
    reply = caller.send('POST', '/shipping/v2/shipments/rates', {
        'shipFrom': FROM,
        'channelDetails': {'channelType': 'AMAZON', 'amazonOrderDetails': {'orderId': order['orderId']}}, 'packages': [{
            'dimensions': {'length': 30, 'width': 20, 'height': 10, 'unit': 'CENTIMETER'},
            'weight': {'unit': 'KILOGRAM', 'value': kilograms},
            'insuredValue': {'value': 20, 'unit': 'EUR'}, 'packageClientReferenceId': '1', 'items': items}]})
    assert_valid('getRates', reply)
    return reply.json()['payload']


def purchase(caller, found, rate, key='k', **more):
    body = {'requestToken': found['requestToken'], 'rateId': rate['rateId'],
            'requestedDocumentSpecification': SPECIFICATION, **more}
    headers = {**caller.headers, 'x-amzn-IdempotencyKey': key}
    reply = requests.post(f'{caller.amazon.url}/shipping/v2/shipments', json=body, headers=headers, timeout=10)
    assert_valid('purchaseShipment', reply)
    return reply


@pytest.mark.parametrize(('form', 'begin'), [('PDF', b'%PDF'), ('PNG', b'\x89PNG'), ('ZPL', b'^XA')])
def test_a_label_is_bought_once_for_a_key_and_confirms_the_order(caller, form, begin):
    order = orders(caller)[0]
    found = rates(caller, order)
    cheap = min(found['rates'], key=lambda rate: rate['totalCharge']['value'])
    replies = [purchase(caller, found, cheap, requestedDocumentSpecification={**SPECIFICATION, 'format': form}).json()[
        'payload'] for _time in range(2)]
    assert replies[0] == replies[1]
    document = replies[0]['packageDocumentDetails'][0]
    assert base64.b64decode(document['packageDocuments'][0]['contents']).startswith(begin)
    shown = read(caller, order)
    assert [package['trackingNumber'] for package in shown['packages']] == [document['trackingId']]
    assert shown['fulfillment']['fulfillmentStatus'] == 'SHIPPED'
    again = caller.get(f"/shipping/v2/shipments/{replies[0]['shipmentId']}/documents", packageClientReferenceId='1')
    assert_valid('getShipmentDocuments', again)
    tracking = caller.get('/shipping/v2/tracking', trackingId=document['trackingId'], carrierId=cheap['carrierId'])
    assert_valid('getTracking', tracking)
    cancelled = caller.send('PUT', f"/shipping/v2/shipments/{replies[0]['shipmentId']}/cancel")
    assert_valid('cancelShipment', cancelled)
    assert read(caller, order)['fulfillment']['fulfillmentStatus'] == 'UNSHIPPED'


def test_inputs_weight_and_old_rates(caller):
    order = orders(caller)[0]
    heavy = rates(caller, order, 40)
    assert not heavy['rates']
    assert heavy['ineligibleRates'][0]['ineligibilityReasons'][0]['code'] == 'WEIGHT_RESTRICTIONS'
    found = rates(caller, order)
    express = next(rate for rate in found['rates'] if rate['requiresAdditionalInputs'])
    schema = caller.get('/shipping/v2/shipments/additionalInputs/schema', requestToken=found['requestToken'],
                        rateId=express['rateId'])
    assert_valid('getAdditionalInputs', schema)
    assert schema.json()['payload']['required'] == ['contents']
    assert purchase(caller, found, express).status_code == 400
    inputs = {'additionalInputs': {'contents': 'Gift'}}
    assert purchase(caller, found, express, 'other', **inputs).status_code == 400, "UPS demands a confirmation"
    assert purchase(caller, found, express, 'other', requestedValueAddedServices=[{'id': 'UPS_INSURANCE'}],
                    **inputs).status_code == 400
    inputs['requestedValueAddedServices'] = [{'id': 'UPS_CONFIRMATION'}]
    for change in ({'dpi': 600}, {'size': {'width': 4, 'length': 5, 'unit': 'INCH'}}, {'pageLayout': 'RIGHT'},
                   {'requestedDocumentTypes': ['PACKSLIP']}):
        assert purchase(caller, found, express, str(change), **inputs,
                        requestedDocumentSpecification={**SPECIFICATION, **change}).status_code == 400
    assert purchase(caller, found, express, 'fourth', **inputs).status_code == 200
    assert purchase(caller, found, {'rateId': 'none'}, 'third').status_code == 400


@pytest.mark.parametrize(('form', 'begin'), [('PDF', b'%PDF'), ('PNG', b'\x89PNG'), ('ZPL203', b'^XA')])
def test_merchant_fulfillment(caller, form, begin):
    order = orders(caller)[0]
    details = {
        'AmazonOrderId': order['orderId'], 'ShipFromAddress': MFN_FROM, 'Weight': {'Value': 900, 'Unit': 'g'},
        'ItemList': [{'OrderItemId': item['orderItemId'], 'Quantity': item['quantityOrdered']}
                     for item in order['orderItems']],
        'PackageDimensions': {'Length': 30, 'Width': 20, 'Height': 10, 'Unit': 'centimeters'},
        'ShippingServiceOptions': {'DeliveryExperience': 'DeliveryConfirmationWithoutSignature',
                                   'CarrierWillPickUp': False, 'LabelFormat': form}}
    reply = caller.send('POST', '/mfn/v0/eligibleShippingServices', {'ShipmentRequestDetails': details})
    assert_valid('getEligibleShipmentServices', reply)
    services = reply.json()['payload']['ShippingServiceList']
    express = next(service for service in services if service['RequiresAdditionalSellerInputs'])
    inputs = caller.send('POST', '/mfn/v0/additionalSellerInputs', {
        'OrderId': order['orderId'], 'ShippingServiceId': express['ShippingServiceId'], 'ShipFromAddress': MFN_FROM})
    assert_valid('getAdditionalSellerInputs', inputs)
    assert len(inputs.json()['payload']['ShipmentLevelFields']) == 1
    created = caller.send('POST', '/mfn/v0/shipments', {
        'ShipmentRequestDetails': details, 'ShippingServiceId': services[0]['ShippingServiceId'],
        'ShippingServiceOfferId': services[0]['ShippingServiceOfferId']})
    assert_valid('createShipment', created)
    shipment = created.json()['payload']
    assert gzip.decompress(base64.b64decode(shipment['Label']['FileContents']['Contents'])).startswith(begin)
    assert [package['trackingNumber'] for package in read(caller, order)['packages']] == [shipment['TrackingId']]
    assert_valid('getShipment', caller.get(f"/mfn/v0/shipments/{shipment['ShipmentId']}"))
    cancelled = caller.send('DELETE', f"/mfn/v0/shipments/{shipment['ShipmentId']}")
    assert_valid('mfn.cancelShipment', cancelled)
    assert cancelled.json()['payload']['Status'] == 'RefundPending'

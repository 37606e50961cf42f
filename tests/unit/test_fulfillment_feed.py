"""The XML feed of shipment confirmations: every message is made by itself."""

import pytest
from amazon_api.feed_messages import MessageProblem
from amazon_api.fulfillment_feed import make_document, make_message
from lxml import etree

PACKAGE = {'packageReferenceId': '5', 'carrierCode': 'Other', 'carrierName': "Bote & Söhne <schnell>",
           'trackingNumber': 'T1', 'shipDate': '2026-10-01T10:00:00Z',
           'orderItems': [{'orderItemId': '11', 'quantity': 2, 'transparencyCodes': ['AZ:1', 'AZ:2']}]}


def read(**changes):
    return etree.fromstring(make_document('A1 & B', [make_message(7, '302-1', {**PACKAGE, **changes})]))


def test_document():
    root = read()
    assert root.findtext('Header/MerchantIdentifier') == 'A1 & B'
    shipment = root.find('Message/OrderFulfillment')
    assert shipment.findtext('FulfillmentData/CarrierName') == "Bote & Söhne <schnell>"
    assert shipment.findtext('FulfillmentData/ShippingMethod') is None
    assert [node.text for node in shipment.findall('Item/TransparencyCode')] == ['AZ:1', 'AZ:2']


@pytest.mark.parametrize('number', ['\x1d1Z999\x1e', '1Z\x00999', '1Z999\ud800', '\x7f1Z999\ufffe'])
def test_control_characters_of_a_scanner_are_no_part_of_a_number(number):
    assert read(trackingNumber=number).findtext('.//ShipperTrackingNumber').strip('\x7f') == '1Z999'


@pytest.mark.parametrize('changes, words', [
    ({'orderItems': [{'orderItemId': '11', 'quantity': 1, 'transparencyCodes': ['AZ\x1d:1']}]}, 'Transparency code'),
    ({'orderItems': [{'quantity': 1}]}, 'orderItemId'), ({'orderItems': None}, 'NoneType'), ({'carrierName': 7}, 'str'),
    ({'trackingNumber': 'T' * 300}, '250 characters'), ({'shipDate': '2026\x1d'}, 'XML'),
])
def test_what_cannot_be_made_says_why(changes, words):
    with pytest.raises(MessageProblem, match=words):
        read(**changes)
    with pytest.raises(MessageProblem, match="order number"):
        make_message(7, '302\x1d', PACKAGE)

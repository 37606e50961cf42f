"""The XML feed of shipment confirmations and the report on it."""

import pathlib

import pytest
from amazon_api.fulfillment_feed import make_document, read_report
from lxml import etree

PACKAGE = {'packageReferenceId': '5', 'carrierCode': 'Other', 'carrierName': "Bote & Söhne <schnell>", 'trackingNumber': 'T1',
           'shipDate': '2026-10-01T10:00:00Z', 'orderItems': [{'orderItemId': '11', 'quantity': 2, 'transparencyCodes': ['AZ:1', 'AZ:2']}]}


def test_document():
    root = etree.fromstring(make_document('A1', [(7, '302-1', PACKAGE)]))
    assert root.findtext('Header/MerchantIdentifier') == 'A1'
    shipment = root.find('Message/OrderFulfillment')
    assert shipment.findtext('FulfillmentData/CarrierName') == "Bote & Söhne <schnell>"
    assert shipment.findtext('FulfillmentData/ShippingMethod') is None
    assert [node.text for node in shipment.findall('Item/TransparencyCode')] == ['AZ:1', 'AZ:2']


def test_report_without_entities():
    report = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><A><Result><MessageID>7</MessageID><ResultCode>Warning</ResultCode>' \
             b'<ResultDescription>&x;late</ResultDescription></Result></A>'
    [issue] = read_report(report)['issues']
    assert (issue['messageId'], issue['severity']) == (7, 'WARNING')
    assert pathlib.Path('/etc/hostname').read_text().strip() not in issue['message']


def test_damaged_report():
    with pytest.raises(ValueError, match="not XML"):
        read_report(b'nothing')

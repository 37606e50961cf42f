"""The feed `POST_ORDER_FULFILLMENT_DATA`: shipment confirmations of many orders as one XML document, and Amazon's report on it."""

from lxml import etree

FEED_TYPE = 'POST_ORDER_FULFILLMENT_DATA'
CONTENT_TYPE = 'text/xml; charset=UTF-8'


def make_document(merchant_token: str, messages) -> bytes:
    """Return the XML document of shipment confirmations.

    :param messages: triples of message id (int), Amazon order id and `PackageDetail` of Orders v0; a tracking number may be missing
    """
    envelope = etree.Element('AmazonEnvelope')
    header = _add(envelope, 'Header')
    _add(header, 'DocumentVersion', '1.01')
    _add(header, 'MerchantIdentifier', merchant_token)
    _add(envelope, 'MessageType', 'OrderFulfillment')
    for message_id, order_ref, package in messages:
        message = _add(envelope, 'Message')
        _add(message, 'MessageID', message_id)
        _add_shipment(message, order_ref, package)
    return etree.tostring(envelope, xml_declaration=True, encoding='UTF-8')


def _add_shipment(message, order_ref, package):
    shipment = _add(message, 'OrderFulfillment')
    _add(shipment, 'AmazonOrderID', order_ref)
    _add(shipment, 'MerchantFulfillmentID', package['packageReferenceId'])
    _add(shipment, 'FulfillmentDate', package['shipDate'])
    data = _add(shipment, 'FulfillmentData')
    _add(data, 'CarrierCode', package['carrierCode'])
    for tag, key in (('CarrierName', 'carrierName'), ('ShippingMethod', 'shippingMethod'), ('ShipperTrackingNumber', 'trackingNumber')):
        if package.get(key):
            _add(data, tag, package[key])
    for entry in package['orderItems']:
        item = _add(shipment, 'Item')
        _add(item, 'AmazonOrderItemCode', entry['orderItemId'])
        _add(item, 'Quantity', entry['quantity'])
        for code in entry.get('transparencyCodes', []):
            _add(item, 'TransparencyCode', code)


def _add(parent, tag, text=None):
    node = etree.SubElement(parent, tag)
    node.text = None if text is None else str(text)
    return node


def read_report(content: bytes) -> dict:
    """Return a processing report in the form of the reports on JSON feeds.

    :return: `{'issues': [{'messageId': int or None, 'severity': 'ERROR' or 'WARNING', 'message': str}]}`; a message that is not named has none
    :raises ValueError: the content is no XML
    """
    try:
        envelope = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise ValueError(f"the processing report is not XML: {error}") from None
    return {'issues': [{
        'messageId': int(result.findtext('MessageID') or 0) or None,
        'severity': 'ERROR' if result.findtext('ResultCode') == 'Error' else 'WARNING',
        'message': result.findtext('ResultDescription') or result.findtext('ResultMessageCode') or '',
    } for result in envelope.iter('Result')]}

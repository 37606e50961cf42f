"""The feed `POST_ORDER_FULFILLMENT_DATA`: shipment confirmations of many orders as one XML document."""

from lxml import etree

from .feed_messages import MessageProblem, check_size, check_text, clean_text
from .words import _

FEED_TYPE = 'POST_ORDER_FULFILLMENT_DATA'
CONTENT_TYPE = 'text/xml; charset=UTF-8'
TEXTS = (('CarrierName', 'carrierName'), ('ShippingMethod', 'shippingMethod'),
         ('ShipperTrackingNumber', 'trackingNumber'))
MOST_CHARACTERS = 250


def make_message(message_id: int, order_ref: str, package: dict) -> bytes:
    """Return the message of one package.

    :param dict package: `PackageDetail` of Orders v0; a tracking number may be missing
    :raises MessageProblem: it cannot be made: something is missing, too long, or not to be written in XML
    """
    message = etree.Element('Message')
    try:
        _add(message, 'MessageID', message_id)
        _add_shipment(message, order_ref, package)
    except KeyError as error:
        raise MessageProblem(_("%(name)s is missing", name=error)) from None
    except (TypeError, ValueError) as error:
        raise error if isinstance(error, MessageProblem) else MessageProblem(str(error)) from None
    return check_size(etree.tostring(message, encoding='UTF-8', xml_declaration=False))


def make_document(merchant_token: str, messages: list[bytes]) -> bytes:
    """Return the document with messages of `make_message`."""
    envelope = etree.Element('AmazonEnvelope')
    header = _add(envelope, 'Header')
    _add(header, 'DocumentVersion', '1.01')
    _add(header, 'MerchantIdentifier', merchant_token)
    _add(envelope, 'MessageType', 'OrderFulfillment')
    begin, end = etree.tostring(envelope, xml_declaration=True, encoding='UTF-8').rsplit(b'</', 1)
    return begin + b''.join(messages) + b'</' + end


def _add_shipment(message, order_ref, package):
    shipment = _add(message, 'OrderFulfillment')
    _add(shipment, 'AmazonOrderID', check_text(_("The order number"), order_ref))
    _add(shipment, 'MerchantFulfillmentID', package['packageReferenceId'])
    _add(shipment, 'FulfillmentDate', package['shipDate'])
    data = _add(shipment, 'FulfillmentData')
    _add(data, 'CarrierCode', package['carrierCode'])
    for tag, key in TEXTS:
        if package.get(key):
            _add(data, tag, clean_text(package[key]))
    for entry in package['orderItems']:
        item = _add(shipment, 'Item')
        _add(item, 'AmazonOrderItemCode', entry['orderItemId'])
        _add(item, 'Quantity', entry['quantity'])
        for code in entry.get('transparencyCodes', []):
            _add(item, 'TransparencyCode', check_text(_("The Transparency code"), code))


def _add(parent, tag, text=None):
    node = etree.SubElement(parent, tag)
    node.text = None if text is None else str(text)
    if node.text and len(node.text) > MOST_CHARACTERS:
        raise MessageProblem(_("%(name)s has more than %(most)s characters", name=tag, most=MOST_CHARACTERS))
    return node

"""How merchant-fulfilled orders were shipped: `confirmShipment` of Orders v0, and the feed
`POST_ORDER_FULFILLMENT_DATA`.
"""

import csv
import datetime
import pathlib

from lxml import etree

from .clock import format_time, parse_time
from .events import set_status
from .orders import Refused

FEED_TYPE = 'POST_ORDER_FULFILLMENT_DATA'
CARRIERS = pathlib.Path(__file__).resolve().parents[2] / 'amazon_connector' / 'data' / 'amazon.carrier.csv'
OTHER = 'Other'
CLOCK_MARGIN = datetime.timedelta(hours=1)


def carrier_codes() -> set[str]:
    """Return Amazon's carrier codes; the file that the addon ships is where this repository keeps them."""
    with CARRIERS.open(encoding='utf-8', newline='') as file:
        return {row['code'] for row in csv.DictReader(file)}


def confirm_shipment(state, seller, query, body, order_id) -> tuple[int, None]:
    order = state.orders.get(order_id)
    if order is None or order['salesChannel'].get('marketplaceId') not in seller.marketplace_ids:
        raise Refused(404, 'NotFound', f"Order {order_id} was not found")
    detail = body['packageDetail']
    if body['marketplaceId'] != order['salesChannel']['marketplaceId']:
        raise Refused(400, 'InvalidInput', "MarketplaceId: is not the marketplace of the order.")
    if not detail['packageReferenceId'].isdecimal() or int(detail['packageReferenceId']) < 1:
        raise Refused(400, 'InvalidInput', "PackageReferenceId: is invalid, must be a positive numeric value.")
    package = make_package(detail['packageReferenceId'], state.now(), detail.get('carrierCode'),
                           detail.get('carrierName'),
                           detail['trackingNumber'], detail['shipDate'], detail.get('shippingMethod'),
                           detail['orderItems'])
    problem = find_problem(state, order, package, detail.get('carrierCode'), detail.get('carrierName'))
    if problem:
        raise Refused(400, 'InvalidInput', problem)
    if not state.faults.strike('confirmShipment', 'unrecorded'):
        record(state, order, package)
    return 204, None


def make_package(reference, now, code, name, tracking, ship_date, method, items) -> dict:
    """Return an `OrderPackage` of Orders 2026-01-01."""
    package = {
        'packageReferenceId': reference, 'createdTime': format_time(now), 'packageStatus': {'status': 'SHIPPED'},
        'carrier': name if code == OTHER else code, 'shipTime': ship_date, 'shippingService': method,
        'trackingNumber': tracking, 'packageItems': [dict(item) for item in items],
    }
    return {key: value for key, value in package.items() if value}


def find_problem(state, order, package, code, name) -> str:
    """Return in Amazon's way why a package of an order is not recorded, or ''."""
    status = order['fulfillment']['fulfillmentStatus']
    if order['fulfillment']['fulfilledBy'] != 'MERCHANT':
        return "The order is fulfilled by Amazon."
    if 'FBM_SHIP_PLUS' in order.get('programs', []):
        return "Ship+ orders do not support confirmShipment."
    if status.startswith('PENDING') or status in ('CANCELLED', 'UNFULFILLABLE'):
        return f"The order cannot be shipped: its status is {status.capitalize()}."
    if code not in carrier_codes():
        return f"CarrierCode: {code!r} is not a valid carrier code."
    if code == OTHER and not name:
        return "CarrierName: is required when the carrier code is Other."
    try:
        ship_date = parse_time(package['shipTime'])
    except ValueError:
        return "ShipDate: is not in ISO 8601 format."
    if not parse_time(order['createdTime']) <= ship_date <= state.now() + CLOCK_MARGIN:
        return "ShipDate: must be between the date of the order and now."
    return _find_item_problem(order, package)


def _find_item_problem(order, package):
    ordered = {item['orderItemId']: item for item in order['orderItems']}
    before = _packed(order, package['packageReferenceId'])
    if not package.get('packageItems'):
        return "OrderItems: at least one item is required."
    for item in package['packageItems']:
        known = ordered.get(item['orderItemId'])
        if known is None:
            return f"OrderItemId: {item['orderItemId']} is not an item of the order."
        done = known['fulfillment']['quantityFulfilled'] - before.get(item['orderItemId'], 0)
        if item['quantity'] < 1 or done + item['quantity'] > known['quantityOrdered']:
            return f"Quantity: {item['quantity']} of item {item['orderItemId']} exceeds what is left to ship."
        if 'TRANSPARENCY' in known.get('programs', []) and len(set(item.get('transparencyCodes', []))) != item[
                'quantity']:
            return f"TransparencyCodes: one per unit is required for item {item['orderItemId']}."
    return ''


def _packed(order, reference):
    return {item['orderItemId']: item['quantity'] for package in order.get('packages', [])
            if package['packageReferenceId'] == reference for item in package['packageItems']}


def record(state, order, package) -> None:
    """Add a package, or replace the one with its reference; the order's status follows."""
    before = _packed(order, package['packageReferenceId'])
    after = {item['orderItemId']: item['quantity'] for item in package['packageItems']}
    for item in order['orderItems']:
        progress, key = item['fulfillment'], item['orderItemId']
        progress['quantityFulfilled'] += after.get(key, 0) - before.get(key, 0)
        progress['quantityUnfulfilled'] = item['quantityOrdered'] - progress['quantityFulfilled']
    packages = [other for other in order.get('packages', [])
                if other['packageReferenceId'] != package['packageReferenceId']]
    order['packages'] = [*packages, package] if package['packageItems'] else packages
    set_status(order)
    order['lastUpdatedTime'] = format_time(state.now())


# === FEED === #

def process_feed(state, feed) -> tuple[str, bytes]:
    """Return status and processing report (XML) of a feed."""
    try:
        envelope = etree.fromstring(feed['content'], etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        return 'FATAL', _make_report([], 0, f"The document is not XML: {error}")
    if (envelope.findtext('Header/MerchantIdentifier') != feed['seller'].id
        or envelope.findtext('MessageType') != 'OrderFulfillment'):
        return 'FATAL', _make_report([], 0, "MerchantIdentifier or MessageType is wrong")
    messages = envelope.findall('Message')
    results = [(message.findtext('MessageID'), problem) for message in messages
               if (problem := _apply_message(state, feed, message))]
    return 'DONE', _make_report(results, len(messages))


def _apply_message(state, feed, message):
    shipment = message.find('OrderFulfillment')
    order = state.orders.get(shipment.findtext('AmazonOrderID'))
    if order is None or order['salesChannel']['marketplaceId'] not in feed['marketplaces']:
        return "The order was not found on this marketplace."
    data = shipment.find('FulfillmentData')
    code, name = data.findtext('CarrierCode'), data.findtext('CarrierName')
    items = [{'orderItemId': item.findtext('AmazonOrderItemCode'), 'quantity': int(item.findtext('Quantity')),
              **({'transparencyCodes': [node.text for node in item.findall('TransparencyCode')]}
                 if item.find('TransparencyCode') is not None else {})}
             for item in shipment.findall('Item')]
    package = make_package(_choose_reference(order, items), state.now(), code, name,
                           data.findtext('ShipperTrackingNumber'),
                           shipment.findtext('FulfillmentDate'), data.findtext('ShippingMethod'), items)
    problem = find_problem(state, order, package, code, name)
    if not problem and not state.faults.strike('feedMessage', 'unrecorded'):
        record(state, order, package)
    return problem


def _choose_reference(order, items):
    """A feed names no package: what is shipped already is corrected, anything else is a new package."""
    def content(entries):
        return {entry['orderItemId']: entry['quantity'] for entry in entries}
    packages = order.get('packages', [])
    left = {item['orderItemId']: item['fulfillment']['quantityUnfulfilled'] for item in order['orderItems']}
    if any(entry['quantity'] > left.get(entry['orderItemId'], 0) for entry in items):
        for package in packages:
            if content(package['packageItems']) == content(items):
                return package['packageReferenceId']
    return str(len(packages) + 1)


def _make_report(results, count, fatal=''):
    envelope = etree.Element('AmazonEnvelope')
    etree.SubElement(envelope, 'MessageType').text = 'ProcessingReport'
    report = etree.SubElement(etree.SubElement(envelope, 'Message'), 'ProcessingReport')
    etree.SubElement(report, 'StatusCode').text = 'Complete'
    summary = etree.SubElement(report, 'ProcessingSummary')
    for name, value in (('MessagesProcessed', count), ('MessagesSuccessful', count - len(results)),
                        ('MessagesWithError', len(results))):
        etree.SubElement(summary, name).text = str(value)
    for message_id, problem in [*results, *([('0', fatal)] if fatal else [])]:
        result = etree.SubElement(report, 'Result')
        for name, value in (('MessageID', message_id), ('ResultCode', 'Error'), ('ResultMessageCode', '18028'),
                            ('ResultDescription', problem)):
            etree.SubElement(result, name).text = value
    return etree.tostring(envelope, xml_declaration=True, encoding='UTF-8')

"""Buying labels for Amazon's orders: what carriers offer, and what is bought, cancelled and tracked. Two APIs show it
(see `mfn`, `shipping`).

Parcels above 30 kg are taken by nobody; the express service wants to know what is inside; a label that arrives after
the promise to the buyer is not protected. Buying a label confirms the shipment. In Shipping v2, UPS demands a
confirmation of delivery, sold apart, and only documents that were on offer are made: sheets come first in Amazon's
list, labels of four by six inches later.
"""

import base64
import datetime
import hashlib
import json
import secrets
import time
import uuid

from . import shipments
from .clock import format_time, parse_time
from .labels import make_label
from .orders import Refused

MAX_GRAMS = 30_000
# In real seconds: a client's pauses between attempts are real, too.
TOKEN_SECONDS = 600
# Service, carrier id and name, price of the first kilogram and of each more, days.
SERVICES = [
    {'service': 'ECONOMY', 'name': "Economy Parcel", 'carrier': 'HERMES', 'carrier_name': 'Hermes', 'price': 3.95,
     'kilo': 0.3, 'days': 6},
    {'service': 'STANDARD', 'name': "Standard Parcel", 'carrier': 'DPD', 'carrier_name': 'DPD', 'price': 4.75,
     'kilo': 0.4, 'days': 2},
    {'service': 'CLASSIC', 'name': "Classic Parcel", 'carrier': 'DHL', 'carrier_name': 'DHL', 'price': 5.49,
     'kilo': 0.5, 'days': 2},
    {'service': 'EXPRESS', 'name': "Express Parcel", 'carrier': 'UPS', 'carrier_name': 'UPS', 'price': 14.9,
     'kilo': 1.5, 'days': 1, 'inputs': True},
]
FORMATS = ('PDF', 'PNG', 'ZPL')
# Groups of added services by carrier, the dearer first: whether one must be bought, and id, name and price of each.
ADDED_SERVICES = {
    'UPS': [{'group': 'CONFIRMATION', 'title': "Delivery confirmation", 'required': True,
             'services': [('UPS_SIGNATURE', "Signature", 2.5), ('UPS_CONFIRMATION', "Delivery confirmation", 0.5)]},
            {'group': 'INSURANCE', 'title': "Insurance", 'required': False,
             'services': [('UPS_INSURANCE', "Insurance up to 500", 1.2)]}],
}
CONTENTS = ['Merchandise', 'Gift', 'Documents']


def find_order(state, seller, order_id):
    order = state.orders.get(order_id)
    if order is None or order['salesChannel'].get('marketplaceId') not in seller.marketplace_ids:
        raise Refused(404, 'NotFound', f"Order {order_id} was not found")
    if order['fulfillment']['fulfilledBy'] != 'MERCHANT' or order['fulfillment']['fulfillmentStatus'] not in (
            'UNSHIPPED', 'PARTIALLY_SHIPPED'):
        raise Refused(400, 'InvalidInput', "The order cannot be shipped.")
    return order


def check_items(order, quantities):
    """Refuse items that are not open in an order: pairs of order item id and quantity."""
    left = {item['orderItemId']: item['fulfillment']['quantityUnfulfilled'] for item in order['orderItems']}
    for reference, quantity in quantities:
        if not 0 < quantity <= left.get(reference, 0):
            raise Refused(400, 'InvalidInput', f"Item {reference} cannot be shipped in quantity {quantity}.")


def make_offers(state, seller, order, parcel):
    """Return what carriers offer for a parcel: price, delivery date, and whether it comes in time.

    :param dict parcel: `grams`, `currency`, `items` (pairs of order item id and quantity), `from` (country code)
    """
    if parcel['grams'] > MAX_GRAMS:
        return []
    now, limit = state.now(), parse_time(order['fulfillment']['deliverByWindow']['latestDateTime'])
    offers = []
    for service in SERVICES:
        arrives = now + datetime.timedelta(days=service['days'])
        price = round(service['price'] + service['kilo'] * max(parcel['grams'] / 1000 - 1, 0), 2)
        offer = {**service, 'id': secrets.token_hex(12), 'price': price, 'arrives': arrives,
                 'in_time': arrives <= limit, 'order': order['orderId'],
                 'parcel': parcel, 'seller': seller.id, 'expiry': time.monotonic() + TOKEN_SECONDS}
        offers.append(offer)
        state.offers[offer['id']] = offer
    return offers


def find_offer(state, seller, offer_id):
    offer = state.offers.get(offer_id)
    if offer is None or offer['seller'] != seller.id or time.monotonic() > offer['expiry']:
        raise Refused(400, 'InvalidInput', "The rate is not valid any more.")
    return offer


def check_added_services(offer, chosen):
    """Refuse added services as Amazon does: unknown ones, and a required group without any."""
    groups = ADDED_SERVICES.get(offer['carrier'], [])
    known = {ref for group in groups for ref, _name, _price in group['services']}
    lacks = any(group['required'] and not any(ref in chosen for ref, _name, _price in group['services'])
                for group in groups)
    if lacks or not set(chosen) <= known:
        raise Refused(400, 'InvalidInput', "Invalid input.",
                      "The requested value added services are invalid. Please check the value added services offered "
                      "in the GetRates response.")


def buy(state, seller, offer, form, inputs, added=()):
    """Sell a label; the order's packages show it. The order must be as open as it was."""
    if form not in FORMATS:
        raise Refused(400, 'InvalidInput', f"Label format {form} is not available.")
    if offer.get('inputs') and (inputs or {}).get('contents') not in CONTENTS:
        raise Refused(400, 'InvalidInput', "Additional inputs are required: contents.")
    order, parcel = find_order(state, seller, offer['order']), offer['parcel']
    check_items(order, parcel['items'])
    tracking = f"{int(hashlib.sha256(offer['id'].encode()).hexdigest(), 16) % 10 ** 12:012d}"
    lines = [offer['name'], offer['carrier_name'], tracking, order['orderId'],
             order['recipient']['deliveryAddress'].get('name', '')]
    sold = {'id': str(uuid.uuid4()), 'seller': seller.id, 'offer': offer, 'tracking': tracking, 'format': form,
            'added': list(added), 'status': 'Purchased', 'created': state.now(),
            'label': base64.b64encode(make_label(form, lines)).decode(), 'reference': str(900 + len(state.shipments))}
    state.shipments[sold['id']] = sold
    items = [{'orderItemId': reference, 'quantity': quantity} for reference, quantity in parcel['items']]
    shipments.record(state, order, shipments.make_package(
        sold['reference'], state.now(), offer['carrier_name'], None, tracking, format_time(state.now()), offer['name'],
        items))
    return sold


def find_sold(state, seller, shipment_id):
    sold = state.shipments.get(shipment_id)
    if sold is None or sold['seller'] != seller.id:
        raise Refused(404, 'NotFound', f"Shipment {shipment_id} was not found")
    return sold


def cancel(state, seller, shipment_id):
    sold = find_sold(state, seller, shipment_id)
    if state.faults.strike('cancelShipment', 'too_late'):
        raise Refused(400, 'InvalidInput', "The parcel was handed over already; the label cannot be cancelled.")
    if sold['status'] == 'Purchased':
        sold['status'] = 'RefundPending'
        order = state.orders[sold['offer']['order']]
        package = next(package for package in order['packages'] if package['packageReferenceId'] == sold['reference'])
        shipments.record(state, order, {**package, 'packageItems': []})
    return sold


def once(state, key, body, action):
    """Do something once for an idempotency key; the same key with another request is refused."""
    if not key:
        return action()
    text = json.dumps(body, sort_keys=True)
    if key in state.idempotency:
        before, result = state.idempotency[key]
        if before != text:
            raise Refused(400, 'InvalidInput', "The idempotency key was used for another request.")
        return result
    result = action()
    state.idempotency[key] = text, result
    return result

"""Events of orders: what Amazon ships, replaces and takes back, and the returns that merchants are asked for."""

import datetime
import zlib
from decimal import Decimal

from amazon_api.marketplaces import BY_COUNTRY, BY_ID

from . import money
from .clock import parse_time
from .fba import SELLABLE, Unfit

RETURNED = 'Unit returned to inventory'
# With these the unit lies at the centre again; with any other one it is gone, and the ledger does not have it.
BACK = (RETURNED, 'Repackaged Successfully')
# What may be told of a return request, and what it is where nobody tells it.
TOLD = {
    'quantity': 1, 'reason': 'CR-UNWANTED_ITEM', 'status': 'Approved', 'merchant_rma_ref': '',
    'label_type': 'AmazonPrePaidLabel', 'label_cost': None, 'currency': '', 'carrier': '', 'tracking_ref': '',
    'label_payer': 'Seller', 'a_to_z': 'N', 'prime': 'N', 'in_policy': 'Y', 'return_type': 'C-Returns',
    'resolution': 'StandardRefund', 'invoice_ref': '', 'delivery_date': None, 'order_amount': None,
    'order_quantity': None, 'order_date': None, 'safet_reason': '', 'safet_ref': '', 'safet_state': '',
    'safet_date': None, 'safet_amount': None, 'refunded_amount': None, 'category': '', 'request_date': None,
}
REQUEST = set(TOLD)


# === WHAT AMAZON SHIPS === #

def ship(world, at, center, item=None, quantity=None, order_ref='', item_ref='', merchant_order_ref='', **parcel
         ) -> None:
    """Units of an order leave a centre: those that are told, or all of an order that the simulator has.

    Without an order it is one of another shop (multi-channel), which the seller has under his own number.
    """
    order = world.state.orders.get(order_ref)
    if item is not None and quantity is not None:
        lines = [(item, quantity, item_ref)]
    elif order and item is None:
        lines = [(world.item(line['product']['sellerSku'], asin=line['product']['asin']), line['quantityOrdered'],
                  line['orderItemId'])
                 for line in order['orderItems'] if line['quantityOrdered'] and item_ref in ('', line['orderItemId'])]
    else:
        raise Unfit("sku and quantity are missing, and there is no order of which to take them")
    for what, count, line_ref in lines:
        _send(world, at, center, what, count, order_ref, line_ref, merchant_order_ref, **parcel)


def replace(world, at, item, quantity, center, order_ref, original_ref, original_center=None, reason='DAMAGED') -> None:
    """A unit is sent again, free of charge, under an order number of its own."""
    _send(world, at, center, item, quantity, order_ref, '', '')
    world.replacements.append({'at': at, 'item': item, 'quantity': quantity, 'center': center, 'reason': reason,
                               'original_center': original_center or center, 'order_ref': order_ref,
                               'original_ref': original_ref})


def _send(world, at, center, item, quantity, order_ref, item_ref, merchant_order_ref, carrier='AMZN_DE',
          tracking_ref=None):
    # Amazon writes a row for each unit, so equal rows are usual.
    world.move(at, item, 'Shipments', -quantity, center, SELLABLE, 'shipments', by_unit=True)
    number = world.count()
    order = world.state.orders.get(order_ref)
    market = BY_ID[order['salesChannel']['marketplaceId']] if order else world.home
    multi_channel = not order_ref
    line = next((line for line in order['orderItems'] if line['orderItemId'] == item_ref), None) if order else None
    price, tax = _price(line, quantity) if line and line.get('proceeds') else (None, None)
    world.shipments.append({
        'at': at, 'item': item, 'quantity': quantity, 'center': center,
        'order_ref': order_ref or f'S02-{number % 10 ** 7:07d}-{zlib.crc32(item.sku.encode()) % 10 ** 7:07d}',
        'merchant_order_ref': merchant_order_ref or (f'Shop #{number}' if multi_channel else ''),
        'item_ref': item_ref or f'{number:014d}', 'shipment_ref': f'D{number:08d}',
        'shipment_item_ref': f'D{number:08d}N{number % 1000:03d}', 'currency': market.currency, 'carrier': carrier,
        'tracking_ref': tracking_ref or f'DE{number:010d}', 'price': price, 'tax': tax,
        'purchased': parse_time(order['createdTime']) if order else world.utc(at) - datetime.timedelta(days=1),
        'country': market.country, 'channel': 'Non-Amazon' if multi_channel else market.shop,
    })


def _price(line, quantity):
    """Return price and tax of so many pieces of an order line, as the order has them."""
    charges, taxes, _discounts, _on_top = money.read_item(line)
    cent = Decimal('0.01')
    return tuple((Decimal(amount) * quantity / line['quantityOrdered']).quantize(cent)
                 for amount in (charges.get('ITEM', 0), taxes.get('ITEM', 0)))


# === WHAT COMES BACK TO AMAZON === #

def take_back(world, at, item, quantity, center, order_ref='', disposition=SELLABLE, reason='UNWANTED_ITEM',
              status=RETURNED, license_plate='', comments='') -> None:
    """Units come back to a centre. The same licence plate, order and SKU again is the same unit: what became of it."""
    key = license_plate, order_ref, item.sku
    known = world.plates.get(key) if license_plate else None
    if known is None:
        known = world.plates[key] = {'at': at, 'license_plate': license_plate, 'order_ref': order_ref, 'item': item,
                                     'booked': False}
        world.returns.append(known)
    known.update(quantity=quantity, center=center, disposition=disposition, reason=reason, status=status,
                 comments=comments)
    if status in BACK and not known['booked']:
        known['booked'] = True
        world.move(at, item, 'CustomerReturns', quantity, center, disposition, 'returns', by_unit=True)


# === WHAT COMES BACK TO THE MERCHANT === #

def ask_return(world, at, order_ref, rma_ref, item=None, item_ref='', country=None, twice=False, request_date=None,
               **told) -> None:
    """A buyer asks to return what a merchant shipped; the same RMA and item again tells what has changed."""
    order = world.state.orders.get(order_ref)
    if order and order['fulfillment']['fulfilledBy'] == 'AMAZON':
        raise Unfit(f"order {order_ref} is fulfilled by Amazon: its returns are events of type return")
    line = _find_line(order, item_ref, item) if order else None
    item = item or line and world.item(line['product']['sellerSku'], asin=line['product']['asin'],
                                       title=line['product']['title'])
    if item is None:
        raise Unfit("sku is missing, and there is no order of which to take it")
    if country is not None and country not in BY_COUNTRY:
        raise Unfit(f"country {country!r} has no marketplace")
    item_ref = item_ref or (line['orderItemId'] if line else '')
    key = (rma_ref, item_ref or item.sku)
    if key not in world.requests:
        market = (BY_ID[order['salesChannel']['marketplaceId']] if order
                  else BY_COUNTRY[country] if country else world.home)
        world.requests[key] = {**TOLD, **_read_order(order, line), 'order_ref': order_ref, 'rma_ref': rma_ref,
                               'item': item, 'item_ref': item_ref, 'market': market, 'currency': market.currency,
                               'request_date': at.day, 'twice': False, 'changed': at}
    known = world.requests[key]
    known.update(told, changed=at)
    known['twice'] = twice or known['twice']
    known['request_date'] = request_date or known['request_date']


def _find_line(order, item_ref, item):
    lines = [line for line in order['orderItems']
             if (item_ref and line['orderItemId'] == item_ref)
             or (not item_ref and (item is None or line['product'].get('sellerSku') == item.sku))]
    if not lines:
        raise Unfit(f"order {order['orderId']} has no such item")
    return lines[0]


def _read_order(order, line):
    if not order:
        return {}
    total = order.get('proceeds', {}).get('grandTotal', {}).get('amount')
    return {'order_date': parse_time(order['createdTime']).date(), 'order_quantity': line['quantityOrdered'],
            'order_amount': Decimal(total) if total else None}

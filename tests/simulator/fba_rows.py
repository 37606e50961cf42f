"""The rows of the reports of FBA beside the ledger: what came back, was replaced, paid, removed and shipped."""

import datetime
import html

from .clock import UTC
from .fba_claims import COMPLETED, PENDING, count_parts, is_completed

RETURN_COLUMNS = (
    'return-date', 'order-id', 'sku', 'asin', 'fnsku', 'product-name', 'quantity', 'fulfillment-center-id',
    'detailed-disposition', 'reason', 'status', 'license-plate-number', 'customer-comments',
)
REPLACEMENT_COLUMNS = (
    'shipment-date', 'sku', 'asin', 'fulfillment-center-id', 'original-fulfillment-center-id', 'quantity',
    'replacement-reason-code', 'replacement-amazon-order-id', 'original-amazon-order-id',
)
REIMBURSEMENT_COLUMNS = (
    'approval-date', 'reimbursement-id', 'case-id', 'amazon-order-id', 'reason', 'sku', 'fnsku', 'asin',
    'product-name', 'condition', 'currency-unit', 'amount-per-unit', 'amount-total', 'quantity-reimbursed-cash',
    'quantity-reimbursed-inventory', 'quantity-reimbursed-total', 'original-reimbursement-id',
    'original-reimbursement-type',
)
REMOVAL_COLUMNS = (
    'request-date', 'order-id', 'order-source', 'order-type', 'service-speed', 'order-status', 'last-updated-date',
    'sku', 'fnsku', 'disposition', 'requested-quantity', 'cancelled-quantity', 'disposed-quantity',
    'shipped-quantity', 'in-process-quantity', 'removal-fee', 'currency',
)
REMOVAL_SHIPMENT_COLUMNS = (
    'request-date', 'order-id', 'shipment-date', 'sku', 'fnsku', 'disposition', 'shipped-quantity', 'carrier',
    'tracking-number', 'removal-order-type',
)
SHIPMENT_COLUMNS = (
    'amazon-order-id', 'merchant-order-id', 'shipment-id', 'shipment-item-id', 'amazon-order-item-id',
    'merchant-order-item-id', 'purchase-date', 'payments-date', 'shipment-date', 'reporting-date', 'buyer-email',
    'buyer-name', 'buyer-phone-number', 'sku', 'product-name', 'quantity-shipped', 'currency', 'item-price',
    'item-tax', 'shipping-price', 'shipping-tax', 'gift-wrap-price', 'gift-wrap-tax', 'ship-service-level',
    'recipient-name', 'ship-address-1', 'ship-address-2', 'ship-address-3', 'ship-city', 'ship-state',
    'ship-postal-code', 'ship-country', 'ship-phone-number', 'bill-address-1', 'bill-address-2', 'bill-address-3',
    'bill-city', 'bill-state', 'bill-postal-code', 'bill-country', 'item-promotion-discount',
    'ship-promotion-discount', 'carrier', 'tracking-number', 'estimated-arrival-date', 'fulfillment-center-id',
    'fulfillment-channel', 'sales-channel',
)


def _time(world, at):
    return _iso(world.utc(at))


def _iso(moment):
    return moment.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%S+00:00')


def _happened(world, entries, period):
    """Return the entries of the days asked for, as far as they have happened."""
    now = world.now()
    return [entry for entry in entries if entry['at'] <= now and period.first <= entry['at'].day <= period.last]


def read_returns(world, period, _options):
    """Yield what buyers returned to centres, by the day of its receipt there."""
    for entry in _happened(world, world.returns, period):
        item = entry['item']
        yield (_time(world, entry['at']), entry['order_ref'], item.sku, item.asin, item.fnsku, item.title,
               entry['quantity'], entry['center'], entry['disposition'], entry['reason'], entry['status'],
               entry['license_plate'], html.escape(entry['comments']).replace('&#x27;', '&#39;'))


def read_replacements(world, period, _options):
    """Yield what was sent again free of charge."""
    for entry in _happened(world, world.replacements, period):
        yield (_time(world, entry['at']), entry['item'].sku, entry['item'].asin, entry['center'],
               entry['original_center'], entry['quantity'], entry['reason'], entry['order_ref'], entry['original_ref'])


def read_reimbursements(world, period, _options):
    """Yield what Amazon paid, gave or took back for units, the latest first."""
    for entry in reversed(_happened(world, world.reimbursements, period)):
        item = entry['item']
        yield (_time(world, entry['at']), entry['reference'], entry['case_ref'], entry['order_ref'], entry['reason'],
               item.sku, item.fnsku, item.asin, item.title, entry['condition'], entry['currency'],
               entry['unit_amount'], entry['amount'], entry['cash'], entry['inventory'], entry['quantity'],
               entry['original_ref'], entry['original_type'])


def read_removal_orders(world, period, _options):
    """Yield the lines of removal orders that were made or went on in the days asked for, as they are now."""
    now = world.now()
    for line in world.removals.values():
        updated = max((at for at in line['updated'] if at <= now), default=None)
        if line['at'] > now or not line['at'].day <= period.last or updated.day < period.first:
            continue
        parts, done = count_parts(line, now), is_completed(line, now)
        left = 0 if done else line['requested'] - sum(parts.values())
        yield (_time(world, line['at']), line['order_ref'], line['source'], line['order_type'], line['speed'],
               COMPLETED if done else PENDING, _time(world, updated), line['item'].sku, line['item'].fnsku,
               line['class'], line['requested'], parts['cancelled'], parts['disposed'], parts['parcels'], left,
               '' if line['fee'] is None else line['fee'], line['currency'])


def read_removal_shipments(world, period, _options):
    """Yield the parcels of removal orders by the day on which they were sent."""
    now = world.now()
    for line in world.removals.values():
        for at, quantity, tracking_ref, carrier in line['parcels']:
            if at <= now and period.first <= at.day <= period.last:
                yield (_time(world, line['at']), line['order_ref'], _time(world, at), line['item'].sku,
                       line['item'].fnsku, line['class'], quantity, carrier, tracking_ref, line['order_type'])


def read_shipments(world, period, _options):
    """Yield what Amazon shipped, without anything personal."""
    for entry in _happened(world, world.shipments, period):
        shipped = world.utc(entry['at'])
        values = {
            'amazon-order-id': entry['order_ref'], 'merchant-order-id': entry['merchant_order_ref'],
            'shipment-id': entry['shipment_ref'], 'shipment-item-id': entry['shipment_item_ref'],
            'amazon-order-item-id': entry['item_ref'], 'purchase-date': _iso(entry['purchased']),
            'payments-date': _iso(entry['purchased']), 'shipment-date': _iso(shipped),
            'reporting-date': _iso(shipped + datetime.timedelta(hours=2)), 'sku': entry['item'].sku,
            'product-name': entry['item'].title, 'quantity-shipped': entry['quantity'],
            'currency': entry['currency'], 'item-price': _amount(entry['price']), 'item-tax': _amount(entry['tax']),
            'ship-service-level': 'Expedited', 'ship-country': entry['country'], 'carrier': entry['carrier'],
            'tracking-number': entry['tracking_ref'],
            'estimated-arrival-date': _iso(shipped + datetime.timedelta(days=2)),
            'fulfillment-center-id': entry['center'], 'fulfillment-channel': 'AFN',
            'sales-channel': entry['channel']}
        yield tuple(values.get(name, '') for name in SHIPMENT_COLUMNS)


def _amount(value):
    return '' if value is None else value

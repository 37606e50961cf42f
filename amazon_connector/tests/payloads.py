"""Orders as Amazon sends them, for tests. No Odoo here: the contract tests hold them against Amazon's own models."""

import datetime
import itertools
from decimal import Decimal

MARKETPLACES = {
    'US': ('ATVPDKIKX0DER', 'USD'), 'DE': ('A1PA6795UKMFR9', 'EUR'), 'FR': ('A13V1IB3VIYZZH', 'EUR'),
    'GB': ('A1F83G8C2ARO7P', 'GBP'),
    'CA': ('A2EUQ1WTGCTBG2', 'CAD'), 'JP': ('A1VC38T7YXB528', 'JPY'), 'MX': ('A1AM78C64UM0Y8', 'MXN'),
    'BR': ('A2Q3Y263D00KWC', 'BRL'),
}
_numbers = itertools.count(1)


def money(amount, currency='EUR'):
    return {'amount': str(amount), 'currencyCode': currency}


def cents(*amounts):
    """Return amounts to the cent: rounded floats of Odoo need not be those that a number with two digits is."""
    return tuple(round(amount, 2) for amount in amounts)


def breakdown(kind, amount, currency='EUR', **details):
    entry = {'type': kind, 'subtotal': money(amount, currency)}
    if details:
        entry['detailedBreakdowns'] = [{'subtype': name, 'value': money(value, currency)}
                                       for name, value in details.items()]
    return entry


def item(sku='SKU-A', quantity=1, total='119.00', parts=None, currency='EUR', shipped=0, remitted=False, **more):
    """An `OrderItem`; `parts` are pairs or triples of type, amount and details, by default one ITEM of the total."""
    parts = parts or [('ITEM', total)]
    entry = {
        'orderItemId': more.pop('item_ref', f'{next(_numbers):014d}'), 'quantityOrdered': quantity,
        'product': {'asin': 'B0TEST0001', 'sellerSku': sku, 'title': f"Title of {sku}", **more.pop('product', {})},
        'fulfillment': {'quantityFulfilled': shipped, 'quantityUnfulfilled': quantity - shipped,
                        **more.pop('fulfillment', {})},
    }
    if total is not None:
        entry['proceeds'] = {'proceedsTotal': money(total, currency), 'breakdowns': [
            breakdown(part[0], part[1], currency, **(part[2] if len(part) > 2 else {})) for part in parts]}
    if remitted:
        entry['tax'] = {
            'taxCollections': [{'model': 'MARKETPLACE_FACILITATOR', 'responsibleParty': 'Amazon Services, Inc.'}]}
    return {**entry, **more}


def address(name="Anna Schmidt", street="Hauptstraße 5", country='DE', **more):
    return {'name': name, 'addressLine1': street, 'city': "Berlin", 'postalCode': '10115', 'countryCode': country,
            **more}


def order(*items, market='DE', status='UNSHIPPED', channel='MERCHANT', total=None, updated='2026-10-01T10:00:00Z',
          created='2026-10-01T09:00:00Z', email='a1@marketplace.amazon.de', name="Anna Schmidt", to=None, **more):
    """An `Order`; its total is the sum of its items' unless given."""
    marketplace, currency = MARKETPLACES[market]
    number = next(_numbers)
    totals = [entry['proceeds']['proceedsTotal']['amount'] for entry in items if entry.get('proceeds')]
    payload = {
        'orderId': more.pop('ref', f'302-{number:07d}-0000001'), 'createdTime': created, 'lastUpdatedTime': updated,
        'salesChannel': {'channelName': 'AMAZON', 'marketplaceId': marketplace, 'marketplaceName': f'Amazon {market}'},
        'buyer': {key: value for key, value in (('buyerName', name), ('buyerEmail', email)) if value},
        'recipient': {'deliveryAddress': to or address()},
        'fulfillment': {
            'fulfillmentStatus': status, 'fulfilledBy': channel, 'fulfillmentServiceLevel': 'STANDARD',
            'shipByWindow': {'earliestDateTime': '2026-10-02T00:00:00Z', 'latestDateTime': '2026-10-03T21:59:59Z'},
            'deliverByWindow': {'earliestDateTime': '2026-10-05T00:00:00Z', 'latestDateTime': '2026-10-07T21:59:59Z'},
        },
        'orderItems': list(items),
    }
    if totals:
        payload['proceeds'] = {'grandTotal': money(total or _sum(totals), currency),
                               'breakdowns': more.pop('breakdowns', [])}
    payload.update(more)
    return {key: value for key, value in payload.items() if value is not None}


def _sum(amounts):

    return sum(Decimal(amount) for amount in amounts)


def later(payload, minutes=10, status=None, **changes):
    """The same order as Amazon shows it some minutes later."""
    moment = datetime.datetime.fromisoformat(payload['lastUpdatedTime'].replace('Z', '+00:00')) + datetime.timedelta(
        minutes=minutes)
    changed = {**payload, **changes, 'lastUpdatedTime': moment.strftime('%Y-%m-%dT%H:%M:%SZ')}
    if status:
        changed['fulfillment'] = {**payload['fulfillment'], 'fulfillmentStatus': status}
    return changed


def examples():
    """One order of every shape that the tests use, for the contract tests."""
    return [
        order(item()), order(item(total=None), status='PENDING', recipient=None),
        order(item(total='49.99', parts=[('ITEM', '39.99'), ('TAX', '10.00', {'ITEM': '10.00'})], currency='USD',
                   remitted=True), market='US'),
        order(item(total='90.00', parts=[('ITEM', '100.00'), ('DISCOUNT', '-10.00', {'ITEM': '-10.00'})])),
        order(item(shipped=1, product={'serialNumbers': ['SN-1']}), status='SHIPPED', channel='AMAZON', email=None,
              name=None),
        order(item(fulfillment={'packing': {'giftOption': {'giftMessage': "Hello", 'giftWrapLevel': 'STANDARD'}}})),
        order(item(),
              tax={
                  'taxRegistrations': [{'entityType': 'BUYER', 'taxRegistrationType': 'VAT',
                                        'taxRegistrationNumber': 'FR23334175221'}]}),
        order(item(total='13.00'), breakdowns=[breakdown('DELIVERY_TIP', '3.00')], total='16.00'),
        order(
            item(quantity=0, total=None,
                 cancellation={'cancellationExecution': {'cancelledBy': 'BUYER', 'cancelReason': 'X'}}),
            status='CANCELLED'),
        later(order(item()), status='SHIPPED'),
    ]


MARKER = 'zqmark'


def marked_order(number=0, **more):
    """An order with a marker in every text by which Amazon may name or describe a buyer: none may be in the database
    when its time is over.
    """
    marks = itertools.count(1)

    def mark(kind='text'):
        mark = f'{MARKER}{number}x{next(marks)}x'
        return {'text': mark, 'email': f'{mark}@marketplace.amazon.de', 'url': f'https://example.com/{mark}.zip'}[kind]

    def place():
        return {
            **{field: mark() for field in (
                'name', 'companyName', 'addressLine1', 'addressLine2', 'addressLine3', 'city', 'districtOrCounty',
                'stateOrRegion', 'municipality', 'postalCode', 'phone')},
            'countryCode': 'DE',
            'extendedFields': {field: mark() for field in ('streetName', 'streetNumber', 'complement', 'neighborhood')}}

    goods = item(
        shipped=more.pop('shipped', 0), product={'customization': {'customizedUrl': mark('url')}},
        fulfillment={'packing': {'giftOption': {'giftMessage': mark(), 'giftWrapLevel': mark()}},
                     'shipping': {'internationalShipping': {'iossNumber': mark()}}},
        cancellation={'cancellationRequest': {'requester': 'BUYER', 'cancelReason': mark()},
                      'cancellationExecution': {'cancelledBy': 'BUYER', 'cancelReason': mark()}})
    payload = order(
        goods, to=place(), email=None, name=None,
        payment={'paymentExecutions': [{'paymentMethod': mark(), 'paymentAmount': money('119.00'), 'acquirerId': mark(),
                                        'cardBrand': mark(), 'authorizationCode': mark()}]},
        tax={'taxRegistrations': [{
            'entityType': 'BUYER', 'legalName': mark(), 'taxRegistrationType': 'VAT', 'taxRegistrationNumber': mark(),
            'taxRegistrationAddress': place(), 'taxRegistrationAttributes': [{'key': mark(), 'value': mark()}],
        }], 'taxInvoicing': {'buyerInvoicePreference': 'INDIVIDUAL', 'invoiceStatus': mark()}},
        packages=[{'packageReferenceId': '1', 'shipFromAddress': {
            field: mark() for field in ('name', 'addressLine1', 'addressLine2', 'addressLine3', 'city',
                                        'districtOrCounty', 'stateOrRegion', 'municipality',
                                        'postalCode')} | {'countryCode': 'DE'}}], **more)
    payload['buyer'] = {'buyerName': mark(), 'buyerEmail': mark('email'), 'buyerPurchaseOrderNumber': mark(),
                        'buyerCompanyName': mark()}
    payload['recipient']['deliveryPreference'] = {
        'dropOffLocation': mark(), 'addressInstruction': mark(),
        'deliveryTime': {'exceptionDates': [{'exceptionDate': '2026-10-05', 'exceptionDateType': 'CLOSED'}]}}
    return payload

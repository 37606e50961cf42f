"""Finances 2024-06-19: the same movements as in settlements, as transactions, a moment after they happened."""

import datetime
import secrets

from . import money
from .clock import format_time, parse_time
from .orders import Refused

PAGE = 100
DELAY = datetime.timedelta(minutes=2)
# The groups of `breakdowns` by amount-type.
GROUPS = {'ItemPrice': 'ProductCharges', 'ItemFees': 'AmazonFees', 'ItemWithheldTax': 'WithheldTax',
          'Promotion': 'PromoRebates', 'ShipmentFees': 'AmazonFees'}
# The API calls chargebacks and A-to-z claims refunds, and does not say which is which.
TYPES = {'Chargeback Refund': 'Refund'}
PRICES = {'Principal': 'OurPricePrincipal', 'Tax': 'OurPriceTax', 'Shipping': 'ShippingPrincipal',
          'ShippingTax': 'ShippingTax', 'GiftWrap': 'GiftwrapPrincipal', 'GiftWrapTax': 'GiftwrapTax'}


def list_transactions(state, seller, query) -> tuple[int, dict]:
    """`listTransactions`: by time of posting, in pages; the token comes with the arguments that it was given for."""
    if 'postedAfter' not in query and 'relatedIdentifierName' not in query:
        raise Refused(400, 'InvalidInput', "Start date cannot be null")
    limit = state.now() - DELAY
    since = parse_time(query['postedAfter'])
    until = min(parse_time(query['postedBefore']), limit) if 'postedBefore' in query else limit
    if since > limit:
        raise Refused(400, 'InvalidInput', "The start must be more than two minutes before the request.")
    offset = 0
    if 'nextToken' in query:
        offset, asked = state.report_tokens.pop(query['nextToken'], (0, None))
        if asked != {name: value for name, value in query.items() if name != 'nextToken'}:
            raise Refused(400, 'InvalidInput', "The token comes with other arguments than those it was made for.")
    listed = [(posted, transaction) for event in money.events(state, seller)
              for posted, transaction in _list(seller, event)
              if since <= posted < until
              and transaction['transactionStatus'] == query.get('transactionStatus', transaction['transactionStatus'])]
    found = [transaction for _posted, transaction in sorted(listed, key=lambda entry: entry[0])]
    body = {'transactions': found[offset:offset + PAGE]}
    if found[offset + PAGE:]:
        body['nextToken'] = secrets.token_urlsafe(8)
        state.report_tokens[body['nextToken']] = offset + PAGE, {name: value for name, value in query.items()
                                                                 if name != 'nextToken'}
    return 200, {'payload': body}


def _list(seller, event):
    """Yield time of posting and transaction: what is deferred is there from the beginning, and a second time when it is
    released.
    """
    first = _transaction(seller, event)
    if not event.get('deferred'):
        yield event['posted'], first
        return
    first['transactionStatus'] = 'DEFERRED_RELEASED' if event['released'] else 'DEFERRED'
    first['contexts'] = [{'contextType': 'DeferredContext', 'deferralReason': 'DD7', 'maturityDate': format_time(
        event['released'] or event['posted'] + datetime.timedelta(days=20))}]
    if event['released']:
        second = {**_transaction(seller, event), 'transactionId': f"R{event['id']}",
                  'postedDate': format_time(event['released'])}
        _name(first, 'RELEASE_TRANSACTION_ID', second)
        _name(second, 'DEFERRED_TRANSACTION_ID', first)
        yield event['released'], second
    yield event['posted'], first


def _name(transaction, kind, other):
    transaction['relatedIdentifiers'] += [
        {'relatedIdentifierName': kind, 'relatedIdentifierValue': other['transactionId']}]


def _transaction(seller, event):
    market, order, rows = event['market'], event['order'], event['rows']
    kind = TYPES.get(event['type'], event['type'])
    known = [('ORDER_ID', order['orderId'])] if order else []
    if kind == 'Refund':
        known.append(('REFUND_ID', rows[0]['adjustment-id']))
    return {
        'sellingPartnerMetadata': {'sellingPartnerId': seller.id, 'accountType': 'Standard Orders',
                                   'marketplaceId': market.id},
        'relatedIdentifiers': [{'relatedIdentifierName': name, 'relatedIdentifierValue': value}
                               for name, value in known],
        'transactionType': kind, 'transactionId': f"T{event['id']}", 'transactionStatus': 'RELEASED',
        'description': {'Shipment': "Order Payment", 'Refund': "Refund Order"}.get(kind, rows[0]['amount-description']),
        'postedDate': format_time(event['posted']), 'totalAmount': _money(market, rows),
        'marketplaceDetails': {'marketplaceId': market.id,
                               'marketplaceName': f"Amazon.{market.shop.partition('.')[2]}"},
        'items': [_item(market, event, ref) for ref in dict.fromkeys(entry.get('order-item-code') for entry in rows)
                  if ref], 'contexts': [],
        'breakdowns': _groups(market, rows),
    }


def _item(market, event, ref):
    item = next(item for item in event['order']['orderItems'] if item['orderItemId'] == ref)
    rows = [entry for entry in event['rows'] if entry.get('order-item-code') == ref]
    pieces = event.get('pieces', {}).get(ref, item['quantityOrdered'])
    return {
        'description': item['product']['title'], 'totalAmount': _money(market, rows),
        'breakdowns': _groups(market, rows),
        'relatedIdentifiers': [{'itemRelatedIdentifierName': 'ORDER_ADJUSTMENT_ITEM_ID',
                                'itemRelatedIdentifierValue': ref}],
        'contexts': [{'contextType': 'ProductContext', 'asin': item['product']['asin'],
                      'sku': item['product'].get('sellerSku', ''),
                      'quantityShipped': int(pieces), 'fulfillmentNetwork': rows[0]['fulfillment-id']}],
    }


def _groups(market, rows):
    groups = {}
    for entry in rows:
        groups.setdefault(GROUPS.get(entry['amount-type'], entry['amount-type'].replace(' ', '')), []).append(entry)
    return [{'breakdownType': name, 'breakdownAmount': _money(market, entries), 'breakdowns': [
        {'breakdownType': PRICES.get(entry['amount-description'], entry['amount-description'])
         if name == 'ProductCharges' else entry['amount-description'],
         'breakdownAmount': _money(market, [entry])} for entry in entries]} for name, entries in groups.items()]


def _money(market, rows):
    return {'currencyCode': market.currency, 'currencyAmount': float(sum(entry['amount'] for entry in rows))}

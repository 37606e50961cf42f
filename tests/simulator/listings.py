"""Listings Items 2021-08-01: what a seller offers, read, searched, put, patched and deleted.

A listing is a dict with `sku`, `marketplace`, `asin`, `product_type`, `attributes` (as Amazon stores them), `created`,
`updated`, `issues`, and where they apply `fnsku`, `fba_quantity`, `image`.
"""

import copy
import secrets
import zlib

from amazon_api.marketplaces import BY_ID

from . import definitions, patching
from .clock import format_time, parse_time
from .orders import Refused

PAGE_SIZE = 20


def get_listings_item(state, seller, query, seller_id, sku) -> tuple[int, dict]:
    _own(seller, seller_id)
    found = [listing for marketplace in query['marketplaceIds'].split(',')
             if (listing := state.listings.get((seller.id, marketplace, sku)))]
    if not found:
        raise Refused(404, 'NOT_FOUND', f"SKU '{sku}' not found in marketplace {query['marketplaceIds']}")
    return 200, render(state, seller, found[0], _included(query))


def search_listings_items(state, seller, query, seller_id) -> tuple[int, dict]:
    _own(seller, seller_id)
    matches = sorted((listing for listing in _of(state, seller, query['marketplaceIds'].split(','))
                      if _matches(listing, query)), key=lambda one: one['sku'])
    if state.faults.strike('searchListingsItems', 'empty_answer'):
        matches = []
    start, size = int(query.get('pageToken') or 0), int(query.get('pageSize') or 10)
    page = matches[start:start + size]
    reply = {'numberOfResults': len(matches),
             'items': [render(state, seller, listing, _included(query)) for listing in page]}
    return 200, {**reply, 'pagination': {'nextToken': str(start + size)}} if start + size < len(matches) else reply


def put_listings_item(state, seller, query, body, seller_id, sku) -> tuple[int, dict]:
    _own(seller, seller_id)
    return 200, submit(state, seller, query['marketplaceIds'], sku, {'operationType': 'UPDATE', **body},
                       preview='mode' in query)


def patch_listings_item(state, seller, query, body, seller_id, sku) -> tuple[int, dict]:
    _own(seller, seller_id)
    marketplace = query['marketplaceIds'].split(',')[0]
    if (seller.id, marketplace, sku) not in state.listings:
        raise Refused(404, 'NOT_FOUND', f"SKU '{sku}' not found in marketplace {marketplace}")
    for position, patch in enumerate(body['patches']):
        if patch['path'].count('/') != 2 or not patch['path'].startswith('/attributes/'):
            raise Refused(400, 'InvalidInput', f"Invalid path provided in patch at index of {position}.")
    return 200, submit(state, seller, marketplace, sku, {'operationType': 'PATCH', **body}, preview='mode' in query)


def delete_listings_item(state, seller, query, seller_id, sku) -> tuple[int, dict]:
    _own(seller, seller_id)
    if (seller.id, query['marketplaceIds'], sku) not in state.listings:
        raise Refused(404, 'NOT_FOUND', f"SKU '{sku}' not found in marketplace {query['marketplaceIds']}")
    return 200, submit(state, seller, query['marketplaceIds'], sku, {'operationType': 'DELETE'})


# === SUBMISSIONS, BY CALL OR BY FEED === #

def submit(state, seller, marketplace, sku, message, *, preview=False) -> dict:
    """Check a change of one listing and make it unless this is a preview; return a `ListingsItemSubmissionResponse`."""
    problems = _problems(state, seller, marketplace, sku, message)
    errors = any(problem['severity'] == 'ERROR' for problem in problems)
    if not preview and not errors and sku not in state.ignored_skus:
        _apply(state, seller, marketplace, sku, message)
    status = 'INVALID' if errors else 'VALID' if preview else 'ACCEPTED'
    return {'sku': sku, 'status': status, 'submissionId': secrets.token_hex(16), 'issues': problems}


def _problems(state, seller, marketplace, sku, message):
    if sku in state.refused_skus:
        return [{'code': '8560', 'message': "Refused.", 'severity': 'ERROR', 'categories': ['INVALID_ATTRIBUTE'],
                 **state.refused_skus[sku]}]
    listing = state.listings.get((seller.id, marketplace, sku))
    if message['operationType'] == 'UPDATE':
        if message['productType'] not in definitions.PRODUCT_TYPES:
            return [_problem('4000002', f"'{message['productType']}' is not a valid product type.", 'product_type')]
        return definitions.issues(message['productType'], message['attributes'], message.get('requirements', 'LISTING'))
    if listing is None:
        return [_problem('8058', f"SKU {sku} is not in the catalogue.")]
    patches = message.get('patches', [])
    attributes = {name: patching.get_stated(values) for name, values in [
        *message.get('attributes', {}).items(),
        *((patching.get_name(patch), patch.get('value', [])) for patch in patches
          if patch['op'] in ('add', 'replace'))]}
    found = definitions.issues(_known(message.get('productType')), attributes, enforced=False)
    currency = BY_ID[marketplace].currency if marketplace in BY_ID else None
    for offer in attributes.get('purchasable_offer', []):
        if offer.get('marketplace_id') != marketplace or offer.get('currency') != currency:
            found.append(_problem('90248', f"The offer must be for marketplace {marketplace} in {currency}.",
                                  'purchasable_offer'))
        elif currency == 'JPY' and any(value % 1 for value in _values(offer)):
            found.append(_problem('99022', "Prices in JPY have no decimals.", 'purchasable_offer'))
    return found + [_problem(*problem) for problem in patching.find_problems(patches)]


def _problem(code, message, attribute=None):
    names = {'attributeNames': [attribute]} if attribute else {}
    return {'code': code, 'message': message, 'severity': 'ERROR', 'categories': ['INVALID_ATTRIBUTE'], **names}


def _known(product_type):
    return product_type if product_type in definitions.PRODUCT_TYPES else 'KITCHEN'


def _values(offer):
    for part in patching.PRICES:
        for entry in offer.get(part, []):
            yield from (schedule['value_with_tax'] for schedule in entry['schedule'])


def _apply(state, seller, marketplace, sku, message):
    key, now = (seller.id, marketplace, sku), format_time(state.now())
    if message['operationType'] == 'DELETE':
        del state.listings[key]
        return
    listing = state.listings.get(key)
    amazon_before = bool(listing) and channel(listing) != 'DEFAULT'
    if message['operationType'] == 'UPDATE':
        listing = state.listings.setdefault(key, {'sku': sku, 'marketplace': marketplace, 'created': now, 'issues': []})
        listing.update(product_type=message['productType'], attributes=copy.deepcopy(message['attributes']))
        suggested = message['attributes'].get('merchant_suggested_asin')
        listing.setdefault('asin', suggested[0]['value'] if suggested else f'B0{secrets.token_hex(4).upper()}')
    for name, values in message.get('attributes', {}).items() if message['operationType'] == 'PARTIAL_UPDATE' else ():
        patching.replace(listing['attributes'], name, values)
    for patch in message.get('patches', []):
        patching.PATCHES[patch['op']](listing['attributes'], patching.get_name(patch),
                                      copy.deepcopy(patch.get('value')))
    listing['updated'] = now
    if amazon_before and any(instance.get('fulfillment_channel_code') == 'DEFAULT' for instance in _channels(listing)):
        state.turned_to_merchant.append(sku)


# === WHAT AMAZON SHOWS === #

def render(state, seller, listing, included) -> dict:
    """Return an `Item` with the data sets that were asked for."""
    parts = {
        'summaries': lambda: [_summary(listing)], 'attributes': lambda: listing['attributes'],
        'issues': lambda: listing['issues'],
        'offers': lambda: _offers(state, listing), 'fulfillmentAvailability': lambda: _availability(listing),
        'procurement': list, 'relationships': lambda: _relationships(state, seller, listing),
        'productTypes': lambda: [{'marketplaceId': listing['marketplace'], 'productType': listing['product_type']}],
    }
    return {'sku': listing['sku'], **{name: parts[name]() for name in included}}


def _channels(listing):
    return listing['attributes'].get('fulfillment_availability') or []


def channel(listing) -> str:
    """Return the fulfillment channel code, `DEFAULT` for the merchant's own; of several, Amazon's."""
    codes = [instance.get('fulfillment_channel_code', 'DEFAULT') for instance in _channels(listing)] or ['DEFAULT']
    return next((code for code in codes if code != 'DEFAULT'), 'DEFAULT')


def quantity(listing) -> int | None:
    """Return the merchant's quantity; None for what Amazon fulfils."""
    if channel(listing) != 'DEFAULT':
        return None
    return (_channels(listing) or [{}])[0].get('quantity', 0)


def price(listing, audience='ALL'):
    """Return the price of the offer for an audience, or None."""
    for offer in listing['attributes'].get('purchasable_offer', []):
        if offer.get('audience', 'ALL') == audience:
            return offer['our_price'][0]['schedule'][0]['value_with_tax'] if 'our_price' in offer else None
    return None


def status(listing) -> list[str]:
    if listing['attributes'].get('parentage_level', [{}])[0].get('value') == 'parent':
        return ['DISCOVERABLE']
    available = quantity(listing) if channel(listing) == 'DEFAULT' else listing.get('fba_quantity', 0)
    broken = any(issue['severity'] == 'ERROR' for issue in listing['issues'])
    return (['BUYABLE'] if available and price(listing) and not broken else []) + ['DISCOVERABLE']


def _summary(listing):
    names = listing['attributes'].get('item_name')
    summary = {
        'marketplaceId': listing['marketplace'], 'asin': listing['asin'], 'productType': listing['product_type'],
        'status': status(listing),
        'conditionType': listing['attributes'].get('condition_type', [{'value': 'new_new'}])[0]['value'],
        'createdDate': listing['created'], 'lastUpdatedDate': listing['updated'],
    }
    if names:
        summary['itemName'] = names[0]['value']
    if listing.get('image'):
        summary['mainImage'] = {'link': listing['image'], 'height': 500, 'width': 500}
    if listing.get('fnsku'):
        summary['fnSku'] = listing['fnsku']
    return summary


def _offers(state, listing):
    found = []
    for offer in listing['attributes'].get('purchasable_offer', []):
        audience = offer.get('audience', 'ALL')
        if 'our_price' not in offer:
            continue
        found.append({
            'marketplaceId': listing['marketplace'], 'offerType': 'B2B' if audience == 'B2B' else 'B2C',
            'price': {'currencyCode': offer['currency'], 'amount': str(_current(state, offer))},
            'audience': {'value': audience, 'displayName': "Amazon Business" if audience == 'B2B'
                         else "Sell on Amazon"}})
    return found


def _current(state, offer):
    """Return what a buyer pays at the moment: the price of a sale from its start to its end."""
    for entry in offer.get('discounted_price', []):
        for schedule in entry['schedule']:
            begin, end = (parse_time(schedule[key] if 'T' in schedule[key] else f'{schedule[key]}T00:00:00Z')
                          for key in ('start_at', 'end_at'))
            if begin <= state.now() < end:
                return schedule['value_with_tax']
    return offer['our_price'][0]['schedule'][0]['value_with_tax']


def _availability(listing):
    return [{'fulfillmentChannelCode': instance.get('fulfillment_channel_code', 'DEFAULT'),
             **({'quantity': instance['quantity']} if 'quantity' in instance else {})}
            for instance in _channels(listing)]


def _relationships(state, seller, listing):
    parent = _parent_sku(listing)
    children = [other['sku'] for other in _of(state, seller, [listing['marketplace']])
                if _parent_sku(other) == listing['sku']]
    if not parent and not children:
        return [{'marketplaceId': listing['marketplace'], 'relationships': []}]
    family = listing if children else state.listings.get((seller.id, listing['marketplace'], parent), listing)
    theme = family['attributes'].get('variation_theme', [{'name': 'COLOR'}])[0]['name']
    relation = {'type': 'VARIATION', 'variationTheme': {'theme': theme, 'attributes': theme.lower().split('/')}}
    return [{'marketplaceId': listing['marketplace'], 'relationships': [
        {**relation, 'childSkus': children} if children else {**relation, 'parentSkus': [parent]}]}]


def _parent_sku(listing):
    return listing['attributes'].get('child_parent_sku_relationship', [{}])[0].get('parent_sku')


# === SEARCH === #

def _of(state, seller, marketplaces):
    return [listing for (owner, marketplace, _sku), listing in state.listings.items() if owner == seller.id
            and marketplace in marketplaces]


def _matches(listing, query):
    identifiers = query['identifiers'].split(',') if 'identifiers' in query else None
    if identifiers and query.get('identifiersType', 'SKU') == 'SKU' and listing['sku'] not in identifiers:
        return False
    if identifiers and query.get('identifiersType') == 'ASIN' and listing['asin'] not in identifiers:
        return False
    if 'variationParentSku' in query and _parent_sku(listing) != query['variationParentSku']:
        return False
    if 'withIssueSeverity' in query and not any(issue['severity'] in query['withIssueSeverity'].split(',')
                                                for issue in listing['issues']):
        return False
    return not ('lastUpdatedAfter' in query and parse_time(listing['updated']) < parse_time(query['lastUpdatedAfter']))


def _included(query):
    return (query.get('includedData') or 'summaries').split(',')


def _own(seller, seller_id):
    if seller_id != seller.id:
        raise Refused(403, 'Unauthorized', "Access to requested resource is denied.")


# === MAKING LISTINGS === #

def make(state, seller_id, *, marketplace, sku, title='', asin='', price=None, quantity=0, channel='DEFAULT',
         condition='new_new',
         product_type='KITCHEN', barcode=None, business_price=None, attributes=None, issues=(), fba_quantity=0) -> dict:
    """Add a listing in a short form, or replace it; `marketplace` is an id, `price` in its currency."""
    now, currency = format_time(state.now()), BY_ID[marketplace].currency
    text = {'language_tag': 'en_US', 'marketplace_id': marketplace}
    availability = {'fulfillment_channel_code': channel, **({'quantity': quantity} if channel == 'DEFAULT' else {})}
    stored = {'item_name': [{'value': title or sku, **text}],
              'condition_type': [{'value': condition, 'marketplace_id': marketplace}],
              'fulfillment_availability': [availability]}
    if price is not None:
        stored['purchasable_offer'] = [_plain_offer(marketplace, currency, audience, value)
                                       for audience, value in (('ALL', price), ('B2B', business_price))
                                       if value is not None]
    if barcode:
        stored['externally_assigned_product_identifier'] = [{
            'type': 'upc' if len(barcode) == 12 else 'ean', 'value': barcode, 'marketplace_id': marketplace}]
    listing = {
        'sku': sku, 'marketplace': marketplace, 'asin': asin or f'B0{secrets.token_hex(4).upper()}',
        'product_type': product_type,
        'attributes': {**stored, **(attributes or {})}, 'created': now, 'updated': now, 'issues': list(issues),
        'fnsku': f'X00{zlib.crc32(sku.encode()) % 10 ** 7:07d}' if channel != 'DEFAULT' else None,
        'fba_quantity': fba_quantity,
    }
    state.listings[seller_id, marketplace, sku] = listing
    return listing


def _plain_offer(marketplace, currency, audience, value):
    return {'marketplace_id': marketplace, 'currency': currency, 'audience': audience,
            'our_price': [{'schedule': [{'value_with_tax': value}]}]}

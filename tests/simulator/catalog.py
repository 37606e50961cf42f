"""Catalog Items 2022-04-01 and FBA Inventory v1, both read from what the seller lists."""

import zlib

from .listings import channel
from .orders import Refused


def get_catalog_item(state, seller, query, asin) -> tuple[int, dict]:
    marketplaces = query['marketplaceIds'].split(',')
    for (_owner, marketplace, _sku), listing in state.listings.items():
        if listing['asin'] == asin and marketplace in marketplaces:
            return 200, _item(listing, (query.get('includedData') or 'summaries').split(','))
    raise Refused(404, 'NOT_FOUND', f"Requested item '{asin}' not found in marketplace(s) {query['marketplaceIds']}")


def search_catalog_items(state, seller, query) -> tuple[int, dict]:
    wanted, kind = set(query.get('identifiers', '').split(',')), query.get('identifiersType', 'ASIN')
    found = {}
    for (_owner, marketplace, _sku), listing in state.listings.items():
        names = {'ASIN': listing['asin'], 'SKU': listing['sku']}.get(kind, _barcode(listing))
        if marketplace == query['marketplaceIds'] and names in wanted:
            found.setdefault(listing['asin'], _item(listing, (query.get('includedData') or 'summaries').split(',')))
    size = int(query.get('pageSize') or 10)
    return 200, {'numberOfResults': len(found), 'items': list(found.values())[:size]}


def _barcode(listing):
    return (listing['attributes'].get('externally_assigned_product_identifier') or [{}])[0].get('value')


def _rank(listing):
    return zlib.crc32(f"{listing['asin']} {listing['marketplace']}".encode()) % 100_000 + 1


def _item(listing, included):
    marketplace = {'marketplaceId': listing['marketplace']}
    brand = listing['attributes'].get('brand', [{'value': "Generic"}])[0]['value']
    parts = {
        'summaries': [{**marketplace, 'brand': brand, 'itemName': listing['attributes']['item_name'][0]['value'],
                       'itemClassification': 'BASE_PRODUCT'}],
        'attributes': {key: value for key, value in listing['attributes'].items()
                       if key not in ('purchasable_offer', 'fulfillment_availability')},
        'identifiers': [{**marketplace, 'identifiers': [{'identifierType': 'EAN', 'identifier': _barcode(listing)}]
                         if _barcode(listing) else []}],
        'productTypes': [{**marketplace, 'productType': listing['product_type']}],
        'images': [{**marketplace, 'images': []}],
        'salesRanks': [{**marketplace, 'displayGroupRanks': [{
            'websiteDisplayGroup': 'home_display_on_website', 'title': "Home & Kitchen", 'rank': _rank(listing),
            'link': 'https://www.amazon.com/gp/bestsellers/home-garden'}]}],
    }
    return {'asin': listing['asin'], **{name: parts[name] for name in included if name in parts}}


def get_inventory_summaries(state, seller, query) -> tuple[int, dict]:
    marketplace, start, size = query['marketplaceIds'], int(query.get('nextToken') or 0), 50
    found = [listing for (owner, market, _sku), listing in state.listings.items()
             if owner == seller.id and market == marketplace and channel(listing) != 'DEFAULT']
    if state.faults.strike('getInventorySummaries', 'empty_answer'):
        found = []
    # Amazon's own SDK for Python writes True.
    details = query.get('details', '').lower() == 'true'
    reply = {'payload': {'granularity': {'granularityType': 'Marketplace', 'granularityId': marketplace},
                         'inventorySummaries': [_inventory(listing, details) for listing in found[start:start + size]]}}
    return 200, {**reply, 'pagination': {'nextToken': str(start + size)}} if start + size < len(found) else reply


def _inventory(listing, details):
    summary = {'asin': listing['asin'], 'fnSku': listing['fnsku'], 'sellerSku': listing['sku'], 'condition': 'NewItem',
               'totalQuantity': listing['fba_quantity'] + 3,
               'productName': listing['attributes']['item_name'][0]['value'], 'lastUpdatedTime': listing['updated']}
    if details:
        summary['inventoryDetails'] = {
            'fulfillableQuantity': listing['fba_quantity'], 'inboundWorkingQuantity': 0, 'inboundShippedQuantity': 2,
            'inboundReceivingQuantity': 0,
            'reservedQuantity': {'totalReservedQuantity': 1, 'pendingCustomerOrderQuantity': 1,
                                 'pendingTransshipmentQuantity': 0, 'fcProcessingQuantity': 0},
            'unfulfillableQuantity': {'totalUnfulfillableQuantity': 0},
            'researchingQuantity': {'totalResearchingQuantity': 0}}
    return summary

"""Listings, product types, catalogue, feeds, reports and FBA inventory of the simulator are of Amazon's shape (A30)."""

import gzip
import json
import time

import pytest
import requests
from simulator import feeds

from .caller import Caller, assert_valid

DE, SELLER = 'A1PA6795UKMFR9', 'A1DEMOSELLEREU'
ITEMS = f'/listings/2021-08-01/items/{SELLER}'
ALL = 'summaries,attributes,issues,offers,fulfillmentAvailability,procurement,relationships,productTypes'
STOCK = {'op': 'replace', 'path': '/attributes/fulfillment_availability',
         'value': [{'fulfillment_channel_code': 'DEFAULT', 'quantity': 3}]}


@pytest.fixture
def caller(amazon):
    amazon.control('reset', {'speed': 1000, 'listings': 12})
    return Caller(amazon)


def patch(*patches):
    return {'productType': 'PRODUCT', 'patches': list(patches)}


def offer(value, **more):
    return {'marketplace_id': DE, 'currency': 'EUR', 'audience': 'ALL',
            'our_price': [{'schedule': [{'value_with_tax': value}]}], **more}


def shown(caller, sku):
    return caller.get(f'{ITEMS}/{sku}', marketplaceIds=DE, includedData=ALL).json()


def test_every_listing_is_valid(caller):
    query, seen = {'marketplaceIds': DE, 'includedData': ALL, 'pageSize': '20'}, []
    while query:
        reply = caller.get(ITEMS, **query)
        assert_valid('searchListingsItems', reply)
        seen += [item['sku'] for item in reply.json()['items']]
        token = reply.json().get('pagination', {}).get('nextToken')
        query = {**query, 'pageToken': token} if token else None
    assert len(seen) == len(set(seen)) == 12 + 3 + 2 + 10
    assert_valid('getListingsItem', caller.get(f'{ITEMS}/SKU-003', marketplaceIds=DE, includedData=ALL))
    assert_valid('getListingsItem', caller.get(f'{ITEMS}/NONE', marketplaceIds=DE))


OFFER_PATH = '/attributes/purchasable_offer'
SALE = {'discounted_price': [{'schedule': [{'value_with_tax': 9.5, 'start_at': '2026-01-01', 'end_at': '2026-02-01'}]}]}
LIMIT = {'minimum_seller_allowed_price': [{'schedule': [{'value_with_tax': 5}]}]}
PLAN = {
    'quantity_discount_plan': [{'schedule': [{'discount_type': 'fixed', 'levels': [{'lower_bound': 5, 'value': 9}]}]}]}


def change(caller, op, *values, path=OFFER_PATH):
    reply = caller.send('PATCH', f'{ITEMS}/SKU-003', patch({'op': op, 'path': path, 'value': list(values)}),
                        marketplaceIds=DE)
    assert_valid('patchListingsItem', reply)
    return reply.json()['status']


def offers(caller):
    return {entry['audience']: entry for entry in shown(caller, 'SKU-003')['attributes']['purchasable_offer']}


def test_parts_of_an_offer_stay_until_they_are_removed(caller):
    """Guide "Manage purchasable offer"; selling-partner-api-models 4134, 4349, 4898, 5231, 5235."""
    business = {'marketplace_id': DE, 'currency': 'EUR', 'audience': 'B2B'}
    change(caller, 'replace', offer(12.5, **SALE, **LIMIT), {**offer(11), 'audience': 'B2B', **PLAN})
    change(caller, 'replace', offer(13), {**offer(10), 'audience': 'B2B', 'quantity_discount_plan': None})
    kept = offers(caller)
    assert {*SALE, *LIMIT} <= kept['ALL'].keys() and 'quantity_discount_plan' in kept['B2B']
    for part in (*SALE, *PLAN, 'our_price'):
        assert change(caller, 'replace', {**offer(13), part: [{}]}) == 'INVALID'
    assert change(caller, 'merge', {**business, 'our_price': None}) == 'INVALID'
    assert change(caller, 'merge', {'audience': 'B2B', 'quantity_discount_plan': None}) == 'INVALID'
    assert change(caller, 'merge', {'value': "Kettle"}, path='/attributes/item_name') == 'INVALID'
    assert change(caller, 'replace', {**offer(13), 'minimum_seller_allowed_price': [{}]}) == 'ACCEPTED'
    assert change(caller, 'merge', {**business, 'quantity_discount_plan': None}) == 'ACCEPTED'
    assert 'minimum_seller_allowed_price' not in offers(caller)['ALL'] and 'quantity_discount_plan' not in offers(
        caller)['B2B']
    change(caller, 'delete', business)
    assert offers(caller).keys() == {'ALL'}


def test_a_sale_is_what_buyers_pay_until_it_ends(caller):
    def pay():
        return shown(caller, 'SKU-003')['offers'][0]['price']['amount']
    sale = {'value_with_tax': 9.5, 'start_at': '2020-01-01T00:00:00Z'}
    change(caller, 'replace', offer(13, discounted_price=[{'schedule': [{**sale, 'end_at': '2099-01-01T00:00:00Z'}]}]))
    change(caller, 'replace', offer(13))
    assert pay() == '9.5'
    assert change(caller, 'replace',
                  offer(13, discounted_price=[{'schedule': [{**sale, 'end_at': '2019-01-01T00:00:00Z'}]}])) == 'INVALID'
    change(caller, 'replace', offer(13, discounted_price=[{'schedule': [{**sale, 'end_at': '2021-01-01T00:00:00Z'}]}]))
    assert pay() == '13'


def test_what_a_quantity_leaves_as_it_is(caller):
    """Guide "Merge a listing"; selling-partner-api-models 2061, 4841."""
    path, stock = STOCK['path'], {'fulfillment_channel_code': 'DEFAULT', 'quantity': 3}
    change(caller, 'replace', {**stock, 'lead_time_to_ship_max_days': 4, 'restock_date': '2026-12-24'}, path=path)
    change(caller, 'merge', {**stock, 'quantity': 5}, path=path)
    [kept] = shown(caller, 'SKU-003')['attributes']['fulfillment_availability']
    assert kept == {**stock, 'quantity': 5, 'lead_time_to_ship_max_days': 4, 'restock_date': '2026-12-24'}
    change(caller, 'replace', stock, path=path)
    change(caller, 'replace', {'fulfillment_channel_code': 'AMAZON_EU'}, path=path)
    assert shown(caller, 'SKU-003')['attributes']['fulfillment_availability'] == [
        stock, {'fulfillment_channel_code': 'AMAZON_EU'}]


def test_a_preview_changes_nothing(caller):
    before = shown(caller, 'SKU-003')
    reply = caller.send('PATCH', f'{ITEMS}/SKU-003', patch(STOCK), marketplaceIds=DE, mode='VALIDATION_PREVIEW')
    assert_valid('patchListingsItem', reply)
    assert reply.json()['status'] == 'VALID' and shown(caller, 'SKU-003') == before


@pytest.mark.parametrize('body, status', [
    ({'patches': [STOCK]}, 400), (patch({**STOCK, 'op': 'move'}), 400),
    (patch({**STOCK, 'path': '/attributes/fulfillment_availability/0'}), 400),
])
def test_bodies_that_amazons_model_refuses(caller, body, status):
    reply = caller.send('PATCH', f'{ITEMS}/SKU-003', body, marketplaceIds=DE)
    assert reply.status_code == status
    assert_valid('patchListingsItem', reply)


def test_an_incomplete_listing_is_refused_on_the_attribute_that_is_missing(caller):
    reply = caller.send('PUT', f'{ITEMS}/NEW',
                        {'productType': 'SHIRT', 'attributes': {'item_name': [{'value': "Shirt"}]}}, marketplaceIds=DE)
    assert_valid('putListingsItem', reply)
    assert reply.json()['status'] == 'INVALID' and ['brand'] in [issue['attributeNames']
                                                                 for issue in reply.json()['issues']]
    bare = {'productType': 'KITCHEN', 'requirements': 'LISTING_OFFER_ONLY', 'attributes': {
        'condition_type': [{'value': 'new_new', 'marketplace_id': DE}],
        'merchant_suggested_asin': [{'value': 'B0123456789'[:10], 'marketplace_id': DE}]}}
    assert caller.send('PUT', f'{ITEMS}/NEW', bare, marketplaceIds=DE).json()['status'] == 'ACCEPTED'
    reply = caller.send('DELETE', f'{ITEMS}/NEW', marketplaceIds=DE)
    assert_valid('deleteListingsItem', reply)
    assert caller.get(f'{ITEMS}/NEW', marketplaceIds=DE).status_code == 404


def test_a_message_says_what_turns_an_fba_listing_into_fbm(caller, amazon):
    caller.send('PATCH', f'{ITEMS}/SKU-005-FBA', patch(STOCK), marketplaceIds=DE)
    assert amazon.control('listings')['turned_to_merchant'] == ['SKU-005-FBA']


def test_product_types_and_their_schemas(caller):
    assert_valid('searchDefinitionsProductTypes', caller.get('/definitions/2020-09-01/productTypes', marketplaceIds=DE,
                                                             keywords='shirt'))
    for product_type in ('LUGGAGE', 'SHIRT', 'KITCHEN'):
        reply = caller.get(f'/definitions/2020-09-01/productTypes/{product_type}', marketplaceIds=DE, sellerId=SELLER)
        assert_valid('getDefinitionsProductType', reply)
        schema = requests.get(reply.json()['schema']['link']['resource'], timeout=10).json()
        assert 'brand' in schema['required'] and schema['properties']['item_name']['items']['properties']['value'][
            'maxLength']


def test_catalogue_and_fba_inventory(caller):
    asin = shown(caller, 'SKU-003')['summaries'][0]['asin']
    assert_valid('getCatalogItem', caller.get(f'/catalog/2022-04-01/items/{asin}', marketplaceIds=DE,
                                              includedData='summaries,identifiers,productTypes,images'))
    assert_valid('searchCatalogItems', caller.get('/catalog/2022-04-01/items', marketplaceIds=DE,
                                                  identifiers='400000000003', identifiersType='EAN'))
    reply = caller.get('/fba/inventory/v1/summaries', marketplaceIds=DE, granularityType='Marketplace',
                       granularityId=DE, details='true')
    assert_valid('getInventorySummaries', reply)
    assert len(reply.json()['payload']['inventorySummaries']) == 3
    for details, stated in (('True', True), ('true', True), ('False', False), ('false', False)):
        reply = caller.get('/fba/inventory/v1/summaries', marketplaceIds=DE, granularityType='Marketplace',
                           granularityId=DE, details=details)
        assert_valid('getInventorySummaries', reply)
        assert all(('inventoryDetails' in summary) is stated
                   for summary in reply.json()['payload']['inventorySummaries']), "Amazon's SDK writes True"


def submit(caller, *messages, header=None):
    created = caller.send('POST', '/feeds/2021-06-30/documents', {'contentType': 'application/json; charset=UTF-8'})
    assert_valid('createFeedDocument', created)
    content = json.dumps({'header': header or {'sellerId': SELLER, 'version': '2.0'}, 'messages': list(messages)})
    requests.put(created.json()['url'], content, headers={'Content-Type': 'application/json; charset=UTF-8'},
                 timeout=10).raise_for_status()
    reply = caller.send('POST', '/feeds/2021-06-30/feeds', {
        'feedType': 'JSON_LISTINGS_FEED', 'marketplaceIds': [DE],
        'inputFeedDocumentId': created.json()['feedDocumentId']})
    assert_valid('createFeed', reply)
    return reply.json()['feedId']


def result(caller, feed_id):
    feed = caller.get(f'/feeds/2021-06-30/feeds/{feed_id}')
    for _time in range(100):
        if feed.json()['processingStatus'] not in ('IN_QUEUE', 'IN_PROGRESS'):
            break
        time.sleep(0.02)
        feed = caller.get(f'/feeds/2021-06-30/feeds/{feed_id}')
        assert_valid('getFeed', feed)
    document = caller.get(f"/feeds/2021-06-30/documents/{feed.json()['resultFeedDocumentId']}")
    assert_valid('getFeedDocument', document)
    report = json.loads(gzip.decompress(requests.get(document.json()['url'], timeout=10).content))
    assert feeds.problems('listings-feed-processing-report-schema-v2', report) == []
    return feed.json()['processingStatus'], report


def message(number, sku, **more):
    return {'messageId': number, 'sku': sku, 'operationType': 'PATCH', 'productType': 'PRODUCT', 'patches': [STOCK],
            **more}


def test_a_feed_answers_message_by_message(caller, amazon):
    amazon.control('listings/behaviour', {'refuse': {'SKU-004': {'code': '8541', 'message': "Not yours."}}})
    feed_id = submit(caller, message(1, 'SKU-003'), message(2, 'SKU-004'), message(3, 'NOBODY'),
                     message(4, 'SKU-001', patches=[]))
    status, report = result(caller, feed_id)
    assert status == 'DONE' and report['summary']['messagesAccepted'] == 1
    assert {issue['messageId'] for issue in report['issues']} == {2, 3, 4}
    assert shown(caller, 'SKU-003')['fulfillmentAvailability'][0]['quantity'] == 3
    assert_valid('getFeeds', caller.get('/feeds/2021-06-30/feeds', feedTypes='JSON_LISTINGS_FEED'))


def test_feeds_that_fail_as_a_whole(caller, amazon):
    assert result(caller, submit(caller, message(1, 'SKU-003'), header={'sellerId': 'SOMEBODY', 'version': '2.0'}))[
        0] == 'FATAL'
    amazon.fault('feed_cancelled', count=1)
    feed_id = submit(caller, message(1, 'SKU-003'))
    time.sleep(0.1)
    feed = caller.get(f'/feeds/2021-06-30/feeds/{feed_id}').json()
    assert feed['processingStatus'] == 'CANCELLED' and 'resultFeedDocumentId' not in feed
    amazon.fault('feed_stuck', count=1)
    feed_id = submit(caller, message(1, 'SKU-003'))
    time.sleep(0.1)
    assert caller.get(f'/feeds/2021-06-30/feeds/{feed_id}').json()['processingStatus'] == 'IN_PROGRESS'


def test_results_that_accept_nothing(caller, amazon):
    """Feed-level errors (selling-partner-api-docs 2201), half a feed, and no result at all."""
    amazon.fault('feed_error', operation='createFeed', count=1)
    status, report = result(caller, submit(caller, message(1, 'SKU-003')))
    assert status == 'DONE' and report['summary']['messagesProcessed'] == 0 and 'messageId' not in report['issues'][0]
    amazon.fault('feed_partial', operation='createFeed', count=1)
    assert result(caller, submit(caller, message(1, 'SKU-003'), message(2, 'SKU-004')))[1]['summary'][
        'messagesProcessed'] == 1
    amazon.fault('feed_no_result', operation='createFeed', count=1)
    feed_id = submit(caller, message(1, 'SKU-003'))
    time.sleep(0.1)
    feed = caller.get(f'/feeds/2021-06-30/feeds/{feed_id}')
    assert_valid('getFeed', feed)
    assert feed.json()['processingStatus'] == 'DONE' and 'resultFeedDocumentId' not in feed.json()


def test_accepted_but_not_applied(caller, amazon):
    amazon.control('listings/behaviour', {'ignore': ['SKU-003']})
    before = shown(caller, 'SKU-003')['fulfillmentAvailability']
    many = patch({**STOCK, 'value': [{**STOCK['value'][0], 'quantity': 44}]})
    assert caller.send('PATCH', f'{ITEMS}/SKU-003', many, marketplaceIds=DE).json()['status'] == 'ACCEPTED'
    assert shown(caller, 'SKU-003')['fulfillmentAvailability'] == before


@pytest.mark.parametrize('marketplace, region, charset, header', [
    (DE, 'eu', 'cp1252', 'seller-sku'), ('A1F83G8C2ARO7P', 'eu', 'cp1252', 'fulfilment-channel'),
    ('A1VC38T7YXB528', 'fe', 'cp932', '出品者SKU'), ('ATVPDKIKX0DER', 'na', 'utf-8', 'fulfillment-channel')])
def test_the_listings_report_as_each_marketplace_writes_it(amazon, marketplace, region, charset, header):
    amazon.control('reset', {'speed': 1000, 'listings': 12})
    caller = Caller(amazon, region)
    created = caller.send('POST', '/reports/2021-06-30/reports',
                          {'reportType': 'GET_MERCHANT_LISTINGS_ALL_DATA', 'marketplaceIds': [marketplace]})
    assert_valid('createReport', created)
    report = {}
    while report.get('processingStatus') != 'DONE':
        reply = caller.get(f"/reports/2021-06-30/reports/{created.json()['reportId']}")
        assert_valid('getReport', reply)
        report = reply.json()
        time.sleep(0.02)
    document = caller.get(f"/reports/2021-06-30/documents/{report['reportDocumentId']}").json()
    lines = gzip.decompress(requests.get(document['url'], timeout=10).content).decode(charset).splitlines()
    assert header in lines[0].split('\t') and len(lines) == 1 + 12 + 3 + 2 + 8


def test_a_feed_document_wants_the_content_type_that_was_announced(caller):
    url = caller.send('POST', '/feeds/2021-06-30/documents', {'contentType': 'application/json'}).json()['url']
    assert requests.put(url, b'{}', headers={'Content-Type': 'text/plain'}, timeout=10).status_code == 403

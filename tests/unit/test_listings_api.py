"""Operations on listings, feeds and reports through the real client, against the simulator."""

import json

import pytest
from amazon_api.documents import download, upload
from amazon_api.errors import AmazonError, NotFound
from amazon_reports.listings import REPORT_OPTIONS, REPORT_TYPE, read_listings

DE, SELLER = 'A1PA6795UKMFR9', 'A1DEMOSELLEREU'
STOCK = {'productType': 'PRODUCT', 'patches': [{'op': 'replace', 'path': '/attributes/fulfillment_availability',
                                                'value': [{'fulfillment_channel_code': 'DEFAULT', 'quantity': 7}]}]}


@pytest.fixture
def client(amazon):
    amazon.control('reset', {'speed': 100000, 'listings': 12})
    return amazon.client()


def test_read_change_and_delete_a_listing(client, amazon):
    amazon.control('listings', [{'marketplace': DE, 'sku': 'A/B 1&2', 'title': "Odd", 'price': 5}])
    assert client.call('patchListingsItem', SELLER, 'A/B 1&2', marketplaceIds=[DE],
                       body=STOCK).payload['status'] == 'ACCEPTED'
    item = client.call('getListingsItem', SELLER, 'A/B 1&2', marketplaceIds=[DE],
                       includedData=['fulfillmentAvailability', 'summaries']).payload
    assert item['fulfillmentAvailability'][0]['quantity'] == 7
    found = client.call('searchListingsItems', SELLER, marketplaceIds=[DE], identifiers=['SKU-001', 'SKU-002'],
                        identifiersType='SKU', pageSize=20)
    assert [one['sku'] for one in found.payload['items']] == ['SKU-001', 'SKU-002']
    client.call('deleteListingsItem', SELLER, 'A/B 1&2', marketplaceIds=[DE])
    with pytest.raises(NotFound):
        client.call('patchListingsItem', SELLER, 'A/B 1&2', marketplaceIds=[DE], body=STOCK)


@pytest.mark.parametrize('sku', ['.', '..'])
def test_a_sku_that_would_make_another_address_is_not_asked_for(client, sku):
    for operation, options in (('getListingsItem', {}), ('patchListingsItem', {'body': STOCK}),
                               ('deleteListingsItem', {})):
        with pytest.raises(AmazonError, match="cannot be part of an address"):
            client.call(operation, SELLER, sku, marketplaceIds=[DE], **options)


def test_put_a_listing(client):
    body = {'productType': 'KITCHEN', 'requirements': 'LISTING_OFFER_ONLY', 'attributes': {
        'condition_type': [{'value': 'new_new', 'marketplace_id': DE}],
        'merchant_suggested_asin': [{'value': 'B000000001', 'marketplace_id': DE}]}}
    assert client.call('putListingsItem', SELLER, 'NEW', marketplaceIds=[DE], mode='VALIDATION_PREVIEW',
                       body=body).payload['status'] == 'VALID'
    assert client.call('putListingsItem', SELLER, 'NEW', marketplaceIds=[DE], body=body).payload['status'] == 'ACCEPTED'


def test_a_feed_from_document_to_result(client, amazon):
    content_type = 'application/json; charset=UTF-8'
    document = client.call('createFeedDocument', {'contentType': content_type}).payload
    messages = [{'messageId': 1, 'sku': 'SKU-001', 'operationType': 'PATCH', **STOCK},
                {'messageId': 2, 'sku': 'NOBODY', 'operationType': 'PATCH', **STOCK}]
    upload(amazon.transport(), document['url'],
           json.dumps({'header': {'sellerId': SELLER, 'version': '2.0'}, 'messages': messages}).encode(), content_type)
    feed = client.call('createFeed', {'feedType': 'JSON_LISTINGS_FEED', 'marketplaceIds': [DE],
                                      'inputFeedDocumentId': document['feedDocumentId']}).payload
    while (state := client.call('getFeed', feed['feedId']).payload)['processingStatus'] != 'DONE':
        pass
    result = client.call('getFeedDocument', state['resultFeedDocumentId']).payload
    report = json.loads(download(amazon.transport(), result['url'],
                                 gzipped=result.get('compressionAlgorithm') == 'GZIP').content)
    assert [issue['messageId'] for issue in report['issues']] == [2]
    assert feed['feedId'] in [one['feedId']
                              for one in client.call('getFeeds', feedTypes=['JSON_LISTINGS_FEED']).payload['feeds']]


def test_an_upload_with_another_content_type_is_refused(client, amazon):
    document = client.call('createFeedDocument', {'contentType': 'application/json'}).payload
    with pytest.raises(AmazonError):
        upload(amazon.transport(), document['url'], b'{}', 'text/plain')


@pytest.mark.parametrize('region, marketplace', [('eu', DE), ('fe', 'A1VC38T7YXB528'), ('eu', 'A1F83G8C2ARO7P')])
def test_a_report_from_request_to_rows(client, amazon, region, marketplace):
    client = amazon.client(region)
    report = client.call('createReport', reportType=REPORT_TYPE, marketplaceIds=[marketplace],
                         reportOptions=REPORT_OPTIONS).payload
    while (state := client.call('getReport', report['reportId']).payload)['processingStatus'] != 'DONE':
        pass
    reply = client.call('getReportDocument', state['reportDocumentId']).payload
    rows = read_listings(*download(amazon.transport(), reply['url'],
                                   gzipped=reply.get('compressionAlgorithm') == 'GZIP'))
    assert len(rows) == 12 + 3 + 2 + 8
    twin = next(entry for entry in rows if entry.sku == 'SKU-005-FBA')
    assert twin.channel.startswith('AMAZON_') and twin.quantity is None and twin.price
    barcode = next(entry for entry in rows if entry.sku == 'SKU-003').barcode
    assert barcode == '400000000003'


def test_other_reads(client):
    assert client.call('searchDefinitionsProductTypes', marketplaceIds=[DE], keywords=['shirt']).payload[
        'productTypes'][0]['name'] == 'SHIRT'
    definition = client.call('getDefinitionsProductType', 'SHIRT', marketplaceIds=[DE], sellerId=SELLER,
                             requirements='LISTING').payload
    assert definition['schema']['link']['resource'].startswith('http')
    summaries = client.call('getInventorySummaries', granularityId=DE, marketplaceIds=[DE], details=True)
    assert len(summaries.payload['inventorySummaries']) == 3
    asin = summaries.payload['inventorySummaries'][0]['asin']
    assert client.call('getCatalogItem', asin, marketplaceIds=[DE]).payload['asin'] == asin
    assert client.call('searchCatalogItems', marketplaceIds=[DE], identifiers=[asin],
                       identifiersType='ASIN').payload['items']

"""Strange listings from the simulator to the readers: two channels, commas, tabs, empty answers, damaged reports."""

import pytest
from amazon_api.documents import download
from amazon_api.errors import NotFound
from amazon_api.items import read_inventory, read_item, read_items
from amazon_reports.listings import REPORT_OPTIONS, REPORT_TYPE, read_listings
from amazon_reports.text import ReportError

SELLER, DE = 'A1DEMOSELLEREU', 'A1PA6795UKMFR9'
BOTH = [{'fulfillment_channel_code': 'DEFAULT', 'quantity': 21},
        {'fulfillment_channel_code': 'AMAZON_EU', 'quantity': 0}]
PLAIN = {'marketplace': DE, 'price': 10, 'quantity': 4}


@pytest.fixture
def client(amazon):
    amazon.control('reset', {'speed': 1000})
    return amazon.client()


def make(amazon, *listings):
    amazon.control('listings', [{**PLAIN, **listing} for listing in listings])


def search(client, *skus):
    reply = client.call('searchListingsItems', SELLER, marketplaceIds=[DE], identifiers=list(skus),
                        identifiersType='SKU', pageSize=20,
                        includedData=['summaries', 'fulfillmentAvailability', 'issues', 'offers'])
    items, nameless = read_items(reply.payload)
    assert not nameless
    return {item['sku']: item for item in items}


def read_report(amazon, client):
    ref = client.call('createReport', reportType=REPORT_TYPE, marketplaceIds=[DE],
                      reportOptions=REPORT_OPTIONS).payload['reportId']
    report = {}
    while report.get('processingStatus') != 'DONE':
        report = client.call('getReport', ref).payload
    reply = client.call('getReportDocument', report['reportDocumentId']).payload
    return read_listings(*download(amazon.transport(), reply['url'], gzipped=True))


def test_two_channels_in_any_order(amazon, client):
    make(amazon, {'sku': 'ONE', 'attributes': {'fulfillment_availability': BOTH}},
         {'sku': 'OTHER', 'attributes': {'fulfillment_availability': BOTH[::-1]}})
    for item in search(client, 'ONE', 'OTHER').values():
        facts = read_item(item, DE)
        assert (facts.channel, facts.quantity) == ('AMAZON_EU', 21)


def test_a_comma_is_asked_for_by_itself(amazon, client):
    make(amazon, {'sku': '1,5 L'}, {'sku': 'PLAIN'})
    assert search(client, 'PLAIN').keys() == {'PLAIN'}
    item = client.call('getListingsItem', SELLER, '1,5 L', marketplaceIds=[DE], includedData=['summaries']).payload
    assert (item['sku'], read_item(item, DE).buyable) == ('1,5 L', True)
    with pytest.raises(NotFound):
        client.call('getListingsItem', SELLER, '1,6 L', marketplaceIds=[DE])


def test_an_empty_answer_comes_once(amazon, client):
    make(amazon, {'sku': 'PLAIN'}, {'sku': 'FBA', 'channel': 'AMAZON_EU', 'fba_quantity': 6})
    amazon.fault('empty_answer', count=2)
    inventory = {'granularityId': DE, 'marketplaceIds': [DE], 'details': True}
    assert search(client, 'PLAIN') == {}
    assert client.call('getInventorySummaries', **inventory).payload['inventorySummaries'] == []
    assert search(client, 'PLAIN')
    sku, facts = read_inventory(client.call('getInventorySummaries', **inventory).payload['inventorySummaries'][0])
    assert (sku, facts.fulfillable, facts.inbound, facts.reserved) == ('FBA', 6, 2, 1)


def test_odd_titles_in_a_report(amazon, client):
    make(amazon, {'sku': 'TAB', 'title': "Ket\ttle"}, {'sku': 'NUL', 'title': "Ket\0tle"},
         {'sku': 'GOOD', 'title': 'Screen 24" é'}, {'sku': 'BREAK', 'title': "Ket\ntle"})
    rows = read_report(amazon, client)
    assert {row.sku: row.title for row in rows if row.sku} == {'NUL': "Ket\ufffdtle", 'GOOD': 'Screen 24" é',
                                                               'BREAK': "tle"}
    assert [(row.number, 'values may be shifted' in row.problem) for row in rows if row.problem] == [
        (2, True), (5, True)]


def test_reports_without_rows_and_damaged_ones(amazon, client):
    make(amazon, {'sku': 'GOOD'})
    amazon.fault('report_header_only', count=1)
    assert read_report(amazon, client) == []
    amazon.fault('report_damaged', count=1)
    with pytest.raises(ReportError, match="lacks the columns seller-sku"):
        read_report(amazon, client)
    assert [row.sku for row in read_report(amazon, client)] == ['GOOD']

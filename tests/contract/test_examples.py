"""Amazon's own examples of replies are read: by the client, and by what reads labels and types of products.

What only models of the addon read is held against the same examples inside Odoo.
"""

import json
from decimal import Decimal

import pytest
import requests
from amazon_api import items
from amazon_api.client import Client
from amazon_api.errors import AmazonError, Unavailable
from amazon_api.label_documents import Printer
from amazon_api.lwa import Credentials
from amazon_api.merchant_fulfillment import MerchantFulfillmentShop
from amazon_api.offers import Address, Parcel
from amazon_api.paging import read_token
from amazon_api.patches import read_submission
from amazon_api.report_replies import read_report
from amazon_api.shipping import ShippingShop
from amazon_api.throttle import MemoryLimiter
from amazon_api.transport import Transport

from .examples import examples

PARCEL = Parcel('1', [('I', 1)], 100.0, (1, 1, 1), Decimal(5), 'USD', Address(*'abcdefghi'))
# What each operation is called with; the body of the answer does not depend on it.
BUSINESS = {'business': 'AmazonShipping_US'}
CALLS = {
    'getMarketplaceParticipations': ((), {}), 'getOrder': (('1',), {}), 'searchOrders': ((), {}),
    'confirmShipment': (('1',), {'packageDetail': {}, 'marketplaceId': 'A'}), 'getRates': (({},), BUSINESS),
    'getAdditionalInputs': ((), BUSINESS),
    'purchaseShipment': (({},), {**BUSINESS, 'key': 'k'}), 'getShipmentDocuments': (('S',), BUSINESS),
    'cancelShipment': (('S',), BUSINESS), 'getTracking': ((), BUSINESS), 'getEligibleShipmentServices': (({},), {}),
    'getAdditionalSellerInputs': (('S', {}, '1'), {}),
    'createShipment': (({},), {}), 'getShipment': (('S',), {}), 'mfn.cancelShipment': (('S',), {}),
    'createReport': ((), {'reportType': 'A'}),
    'getReport': (('1',), {}), 'getReports': ((), {}), 'getReportDocument': (('1',), {}),
    'createFeedDocument': (({},), {}), 'createFeed': (({},), {}),
    'getFeed': (('1',), {}), 'getFeeds': ((), {}), 'getFeedDocument': (('1',), {}), 'getListingsItem': (('A', 'S'), {}),
    'searchListingsItems': (('A',), {}), 'putListingsItem': (('A', 'S'), {'body': {}}),
    'patchListingsItem': (('A', 'S'), {'body': {}}),
    'deleteListingsItem': (('A', 'S'), {}), 'searchDefinitionsProductTypes': ((), {}),
    'getDefinitionsProductType': (('A',), {}),
    'searchCatalogItems': ((), {}), 'getCatalogItem': (('A',), {}), 'getInventorySummaries': ((), {}),
    'listTransactions': ((), {}), 'listBalances': ((), {}), 'listPayouts': ((), {}),
    'getShipments': ((), {}), 'getShipmentItemsByShipmentId': (('F',), {}), 'listInboundPlans': ((), {}),
    'getInboundPlan': (('P',), {}), 'inbound.getShipment': (('P', 'S'), {}),
}


class Amazon:
    """A session to which every call is answered with one example, and every login with a token."""

    def __init__(self, example):
        self.example, self.headers = example, {}

    def request(self, method, url, **_options):
        reply = requests.Response()
        login = url.endswith('/token')
        reply.status_code = 200 if login else self.example.status
        reply._content = json.dumps({'access_token': 't', 'expires_in': 3600} if login else self.example.body).encode()
        return reply


def call(example):
    transport = Transport(MemoryLimiter(), session=Amazon(example), sleep=lambda _seconds: None)
    args, options = CALLS[example.operation]
    client = Client(Credentials('c', 's', f'r{id(example)}'), 'https://amazon', transport,
                    lwa_url='https://amazon/token')
    return client.call(example.operation, *args, **options)


@pytest.mark.parametrize('example', examples(), ids=str)
def test_the_client_reads_it(example):
    if example.status < 400:
        payload = (dict(call(example).payload) if isinstance(example.body.get('payload'), dict)
                   else call(example).payload)
        if 'payload' in example.body and isinstance(payload, dict):
            payload.pop('pagination', None)
        assert payload == example.body.get('payload', example.body)
        return
    with pytest.raises(AmazonError) as refused:
        call(example)
    errors = example.body.get('errors') or [{}]
    assert isinstance(refused.value, Unavailable) == (example.status in (408, 429, 500, 502, 503, 504))
    assert refused.value.code == errors[0].get('code', '')
    assert (errors[0].get('message') or '') in refused.value.message


def answers(operation):
    return [call(example).payload for example in examples() if example.operation == operation and example.status == 200]


class Answering:
    """A client of which each call is answered with one payload."""

    def __init__(self, payload):
        self.payload = payload

    def call(self, *_args, **_options):
        return self


def shipping(operation):
    return [ShippingShop(Answering(payload), 'AmazonShipping_US') for payload in answers(operation)]


def fulfillment(operation):
    return [MerchantFulfillmentShop(Answering(payload)) for payload in answers(operation)]


def test_rates():
    [shop] = shipping('getRates')
    offers, refusals = shop.get_offers(PARCEL)
    assert not [refusal for refusal in refusals if refusal.code]
    [offer] = offers
    assert (offer.groups[0].ref, offer.groups[0].required, offer.price - offer.charge) == ('SIG_VERIFICATION', True, 2)
    request = shop.make_request(PARCEL, offer, Printer('PNG'), {})
    assert request['requestedValueAddedServices'] == [{'id': 'CUST_SIG_VERIFICATION'}]
    assert request['requestedDocumentSpecification'] == {
        'format': 'PNG', 'size': {'length': 6, 'width': 4, 'unit': 'INCH'}, 'needFileJoining': False,
        'requestedDocumentTypes': ['LABEL'], 'dpi': 203, 'pageLayout': 'LEFT'}


def test_what_was_bought():
    """The tracking number of the example is a number, and its label no document: the shipment is kept all the same."""
    [shop] = shipping('purchaseShipment')
    bought = shop.buy({}, 'k')
    assert (bought.shipment_ref, bought.tracking_number) == ('87852211788104', '1578648261977')
    assert [fault.field.rsplit('/', 1)[1] for fault in bought.faults] == ['contents']
    for shop in shipping('getShipmentDocuments'):
        assert shop.fetch('S').shipment_ref == 'S'
    for operation in ('createShipment', 'getShipment'):
        [shop] = fulfillment(operation)
        bought = shop.buy({}, 'k')
        assert bought.shipment_ref and bought.price is not None, bought.faults


def test_services_inputs_and_tracking():
    [shop] = fulfillment('getEligibleShipmentServices')
    offers, refusals = shop.get_offers(PARCEL)
    assert offers
    assert not [refusal for refusal in refusals if refusal.code == 'unreadable']
    for shop in fulfillment('getAdditionalSellerInputs'):
        shop.get_inputs(PARCEL, offers[0])
    [offer] = shipping('getRates')[0].get_offers(PARCEL)[0]
    assert [[entry.name for entry in shop.get_inputs(PARCEL, offer)] for shop in shipping('getAdditionalInputs')]
    assert [shop.track('1', 'UPS') for shop in shipping('getTracking')]


def bodies(operation):
    found = answers(operation)
    assert found, f"Amazon's models have no example of {operation} any more"
    return found


def test_listings():
    for item in bodies('getListingsItem') + [item for page in bodies('searchListingsItems')
                                             for item in items.read_items(page)[0]]:
        facts = items.read_item(item, item['summaries'][0]['marketplaceId'] if item.get('summaries')
                                else 'ATVPDKIKX0DER')
        assert facts.asin or not item.get('summaries')
        items.read_issues(item.get('issues'))
    assert all(items.read_items(page)[1] == 0 for page in bodies('searchListingsItems'))
    assert all(read_token(call(example)) for example in examples() if example.operation == 'searchListingsItems'
               and 'pagination' in example.body)


@pytest.mark.parametrize('operation', ['putListingsItem', 'patchListingsItem', 'deleteListingsItem'])
def test_submissions(operation):
    said = {}
    for answer in bodies(operation):
        submission = read_submission(answer, 'VALID' if answer['status'] == 'VALID' else 'ACCEPTED')
        said[answer['status']] = submission.accepted
        assert answer['status'] != 'INVALID' or submission.errors, "the reason of a refusal is there"
    assert said['ACCEPTED']
    assert not said.get('INVALID')


def test_reports_and_feeds():
    for report in bodies('getReport'):
        facts = read_report(report)
        assert (facts.report_ref, facts.status, facts.document_ref) == (report['reportId'], report['processingStatus'],
                                                                        report.get('reportDocumentId', ''))
    for page in bodies('getReports'):
        reports = items.read_entries(page, 'reports')
        assert [read_report(report).report_ref for report in reports] == [report['reportId']
                                                                          for report in page['reports']]
    pages = [call(example) for example in examples() if example.operation == 'getReports' and example.status < 300]
    assert pages and all(map(read_token, pages)), "settlements of more than a page are read to the end"
    for operation, names in (('createReport', ['reportId']), ('getReportDocument', ['url', 'reportDocumentId']),
                             ('createFeed', ['feedId']), ('createFeedDocument', ['url', 'feedDocumentId']),
                             ('getFeed', ['processingStatus', 'feedId']), ('getFeedDocument', ['url']),
                             ('getFeeds', ['feeds'])):
        payloads = [call(example).payload for example in examples() if example.operation == operation
                    and example.status < 300]
        assert payloads
        assert all(payload.get(name) for payload in payloads for name in names)


def test_sellers_catalog_and_product_types():
    for participations in bodies('getMarketplaceParticipations'):
        assert all(entry['marketplace']['id'] and entry['participation']['isParticipating'] in (True, False)
                   for entry in participations)
    for operation in ('searchCatalogItems', 'getCatalogItem'):
        for payload in bodies(operation):
            for item in payload.get('items', [payload]):
                assert item['asin']
                assert item['summaries'][0]['itemName']
    for payload in bodies('searchDefinitionsProductTypes'):
        assert all(entry['name'] and entry['displayName'] for entry in payload['productTypes'])
    for payload in bodies('getDefinitionsProductType'):
        assert payload['schema']['link']['resource'].startswith('https://')
        assert payload['displayName']

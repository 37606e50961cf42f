"""The simulator holds every parameter of a request against Amazon's models, as Amazon does: type, values, bounds, what
excludes what.
"""

import pytest
from simulator import amazon_models

from .caller import Caller, assert_valid

AFTER, DE = {'createdAfter': '2026-01-01T00:00:00Z'}, {'marketplaceIds': 'A1PA6795UKMFR9'}
CATALOG = {**DE, 'identifiers': '1', 'identifiersType': 'EAN'}
RECENT = {'lastUpdatedAfter': '2026-01-01T00:00:00Z'}

WRONG = [
    ('searchOrders', {**AFTER, 'lastUpdatedBefore': '2026-02-01T00:00:00Z'}),
    ('searchOrders', {**RECENT, 'createdBefore': '2026-02-01T00:00:00Z'}),
    ('searchOrders', {**AFTER, **RECENT}),
    ('searchOrders', {}),
    ('searchOrders', {**AFTER, 'maxResultsPerPage': '0'}),
    ('searchOrders', {**AFTER, 'maxResultsPerPage': '1.5'}),
    ('searchOrders', {**AFTER, 'marketplaceIds': ','.join('ABC' for _once in range(51))}),
    ('searchOrders', {**AFTER, 'includedData': 'BUYER,buyer'}),
    ('getOrder', {'includedData': 'MONEY'}),
    ('getReports', {}),
    ('getReports', {'reportTypes': 'A', 'pageSize': '101'}),
    ('getReports', {'reportTypes': 'A', 'nextToken': 't'}),
    ('getReports', {'reportTypes': ','.join('ABCDEFGHIJK')}),
    ('getReports', {'reportTypes': 'A', 'processingStatuses': 'READY'}),
    ('getFeeds', {'feedTypes': 'A', 'createdSince': 'yesterday'}),
    ('getFeeds', {'nextToken': 't', 'pageSize': '10'}),
    ('getReportDocument', {'enableContentEncodingUrlHeader': 'yes'}),
    ('searchListingsItems', {**DE, 'identifiers': 'A'}),
    ('searchListingsItems', {**DE, 'identifiers': 'A', 'identifiersType': 'sku'}),
    ('searchListingsItems', {**DE, 'identifiersType': 'SKU'}),
    ('searchListingsItems', {**DE, 'identifiers': ','.join('A' * 21), 'identifiersType': 'SKU'}),
    ('searchListingsItems', {**DE, 'pageSize': '21'}),
    ('searchListingsItems', {**DE, 'identifiers': 'A', 'identifiersType': 'SKU', 'variationParentSku': 'B'}),
    ('searchListingsItems', {}),
    ('searchListingsItems', {**DE, 'sortOrder': 'UP'}),
    ('searchListingsItems', {**DE, 'withStatus': 'GONE'}),
    ('putListingsItem', {'marketplaceIds': 'A,B'}),
    ('patchListingsItem', {**DE, 'mode': 'DRY_RUN'}),
    ('searchDefinitionsProductTypes', {**DE, 'keywords': 'a', 'itemName': 'b'}),
    ('getDefinitionsProductType', {**DE, 'requirements': 'ALL'}),
    ('getDefinitionsProductType', {**DE, 'locale': 'xx_XX'}),
    ('searchCatalogItems', DE),
    ('searchCatalogItems', {**CATALOG, 'keywords': 'a'}),
    ('searchCatalogItems', {**CATALOG, 'identifiersType': 'ASN'}),
    ('searchCatalogItems', {**CATALOG, 'identifiersType': 'SKU'}),
    ('getInventorySummaries', {**DE, 'granularityType': 'Country', 'granularityId': 'A'}),
    ('getInventorySummaries', {**DE, 'granularityType': 'Marketplace'}),
    ('getInventorySummaries', {**DE, 'granularityType': 'Marketplace', 'granularityId': 'A', 'details': '1'}),
    ('listTransactions', {}),
    ('listTransactions', {'postedAfter': '1 May'}),
    ('listTransactions', {'relatedIdentifierName': 'ORDER_ID'}),
    ('getTracking', {'trackingId': '', 'carrierId': 'UPS'}),
    ('getTracking', {'trackingId': '1'}),
    ('getShipmentDocuments', {'packageClientReferenceId': '1', 'dpi': 'x'}),
]
RIGHT = [
    (
        'searchOrders',
        {
            **AFTER,
            'createdBefore': '2026-02-01T00:00:00Z',
            'maxResultsPerPage': '100',
            'includedData': 'BUYER,TAX',
            'fulfilledBy': 'AMAZON',
        },
    ),
    ('searchOrders', RECENT),
    ('getReports', {'nextToken': 't'}),
    ('getReports', {'reportTypes': 'A,B', 'pageSize': '100'}),
    (
        'searchListingsItems',
        {**DE, 'identifiers': 'A,B', 'identifiersType': 'SKU', 'pageSize': '20', 'withIssueSeverity': 'ERROR,WARNING'},
    ),
    ('searchCatalogItems', CATALOG),
    ('searchCatalogItems', {**CATALOG, 'identifiersType': 'SKU', 'sellerId': 'A'}),
    ('searchCatalogItems', {**DE, 'keywords': 'a'}),
    ('getInventorySummaries', {**DE, 'granularityType': 'Marketplace', 'granularityId': 'A', 'details': 'True'}),
    ('listTransactions', {'relatedIdentifierName': 'ORDER_ID', 'relatedIdentifierValue': '1'}),
    ('getShipmentDocuments', {'packageClientReferenceId': '1', 'dpi': '203'}),
]


@pytest.mark.parametrize(
    ('operation', 'query'), WRONG, ids=lambda value: value if isinstance(value, str) else '&'.join(value)
)
def test_refused(operation, query):
    assert amazon_models.request_problems(operation, {name: [value] for name, value in query.items()}) != []


@pytest.mark.parametrize(
    ('operation', 'query'), RIGHT, ids=lambda value: value if isinstance(value, str) else '&'.join(value)
)
def test_answered(operation, query):
    assert amazon_models.request_problems(operation, {name: [value] for name, value in query.items()}) == []


def test_paths_headers_and_bodies_are_held_against_the_model():
    assert amazon_models.request_problems('getShipment', {}, ['S1']) != [], "ids of Merchant Fulfillment are UUIDs"
    assert amazon_models.request_problems('getShipment', {}, ['8a3a1f0c-0000-4000-8000-000000000001']) == []
    header = 'x-amzn-shipping-business-id'
    assert amazon_models.request_problems('cancelShipment', {}, ['S1'], {header: 'AmazonShipping_DE'}) != []
    assert amazon_models.request_problems('cancelShipment', {}, ['S1'], {header: 'AmazonShipping_FR'}) == []
    assert amazon_models.body_problems('createReport', {'reportType': 'A'}) != []
    assert (
        amazon_models.body_problems('createReport', {'reportType': 'A', 'marketplaceIds': ['A'], 'dataStartTime': 'x'})
        != []
    )
    assert (
        amazon_models.body_problems(
            'createReport', {'reportType': 'A', 'marketplaceIds': ['A'], 'startTime': '2026-01-01T00:00:00Z'}
        )
        != []
    )
    assert (
        amazon_models.body_problems(
            'createReport', {'reportType': 'A', 'marketplaceIds': ['A'], 'dataStartTime': '2026-01-01T00:00:00Z'}
        )
        == []
    )


def test_refusals_have_amazons_form(amazon):
    amazon.control('reset', {'speed': 1000, 'orders': 5})
    caller = Caller(amazon)
    for query in (WRONG[0][1], {**AFTER, 'maxResultsPerPage': '0'}):
        reply = caller.search(**query)
        assert reply.status_code == 400
        assert_valid('searchOrders', reply)
    assert caller.get('/shipping/v2/tracking', trackingId='1').status_code == 400

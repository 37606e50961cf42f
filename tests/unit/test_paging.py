"""Every operation that has pages is read to its end, begins again once when a token died, and never turns in a circle.
"""

import pytest
from amazon_api.errors import AmazonError, Forbidden, Unavailable
from amazon_api.paging import PageGuard, TokenRefused, read_token
from simulator.state import SELLERS

GERMANY = 'A1PA6795UKMFR9'
SETTLEMENTS = 'GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2'
SINCE = '2020-01-01T00:00:00Z'


def stage(amazon):
    amazon.control('reset', {'speed': 1000, 'orders': 45, 'listings': 60, 'marketplaces': ['DE']})
    for number in range(3):
        amazon.control('settlements', f'settlement {number}'.encode())


def pages_of(client, operation):
    """All replies of an operation, in pages as small as it allows."""
    return list({
        'searchOrders': lambda: client.pages('searchOrders', parameter='paginationToken', lastUpdatedAfter=SINCE,
                                             maxResultsPerPage=10),
        'getReports': lambda: client.pages('getReports', alone=True, reportTypes=[SETTLEMENTS], createdSince=SINCE,
                                           pageSize=1),
        'searchListingsItems': lambda: client.pages('searchListingsItems', SELLERS['eu'], parameter='pageToken',
                                                    marketplaceIds=[GERMANY], pageSize=20),
        'getInventorySummaries': lambda: client.pages('getInventorySummaries', granularityId=GERMANY,
                                                      marketplaceIds=[GERMANY], details=True),
        'listTransactions': lambda: client.pages('listTransactions', postedAfter=SINCE),
        'listPayouts': lambda: client.pages('listPayouts', createdAfter=SINCE),
    }[operation]())


OPERATIONS = ['searchOrders', 'getReports', 'searchListingsItems', 'getInventorySummaries', 'listTransactions',
              'listPayouts']


@pytest.mark.parametrize(('operation', 'count'), [('searchOrders', 5), ('getReports', 3), ('searchListingsItems', 5)])
def test_all_pages_are_read(amazon, operation, count):
    """The library puts the token where each API has it: beside the payload, or in none of it."""
    stage(amazon)
    assert len(pages_of(amazon.client(), operation)) == count


@pytest.mark.parametrize('operation', OPERATIONS)
def test_a_token_that_leads_in_a_circle_ends_in_words(amazon, operation):
    stage(amazon)
    amazon.fault('token_loop', operation=operation)
    with pytest.raises(TokenRefused) as caught:
        pages_of(amazon.client(), operation)
    assert "same page token" in caught.value.message
    assert amazon.counters()[operation] == 2


@pytest.mark.parametrize('operation', ['searchOrders', 'getReports', 'searchListingsItems'])
def test_a_token_that_is_always_refused_is_given_up_after_one_restart(amazon, operation):
    stage(amazon)
    amazon.fault('stale_token', operation=operation)
    with pytest.raises(TokenRefused):
        pages_of(amazon.client(), operation)
    assert amazon.counters()[operation] == 4


def test_a_token_that_died_once_costs_one_restart(amazon):
    stage(amazon)
    amazon.fault('stale_token', operation='searchListingsItems', count=1)
    skus = {entry['sku'] for reply in pages_of(amazon.client(), 'searchListingsItems')
            for entry in reply.payload['items']}
    assert len(skus) == 88


def test_only_a_refused_token_begins_again():
    guard = PageGuard('searchOrders')
    for error, token in ((AmazonError("bad", status=400), None), (Forbidden("no", status=403), 't'),
                         (Unavailable("away", status=503), 't')):
        with pytest.raises(type(error)) as caught:
            guard.restart(error, token)
        assert caught.value is error


@pytest.mark.parametrize('payload', [None, [], {}, {'pagination': 'x'}, {'pagination': {'nextToken': None}},
                                     {'pagination': {'nextToken': 5}}, {'nextToken': ''}, {'nextToken': []}])
def test_a_page_token_of_another_form_is_none(payload):
    reply = type('Reply', (), {'payload': payload, 'pagination': payload, 'next_token': payload})
    assert read_token(reply) is None

"""What python-amazon-sp-api gets wrong or leaves open, and what HTTP does to us: each test fails without our transport.
"""

import logging

import pytest
import requests
from amazon_api.errors import AmazonError, Forbidden, NotFound, RateLimited, Unavailable
from amazon_api.lwa import Credentials
from amazon_api.throttle import MemoryLimiter
from simulator.state import CLIENT_ID, CLIENT_SECRET

SEARCH = {'lastUpdatedAfter': '2026-01-01T00:00:00Z'}


def test_an_html_error_page_is_an_error(amazon):
    """The library takes a reply of status 503 without JSON for an empty success."""
    amazon.fault('error_503', count=99)
    with pytest.raises(Unavailable) as caught:
        amazon.client().call('searchOrders', **SEARCH)
    assert caught.value.status == 503


def test_an_html_page_with_status_200_is_an_error(amazon):
    amazon.fault('html_success', count=99)
    with pytest.raises(Unavailable):
        amazon.client().call('searchOrders', **SEARCH)


def test_every_request_has_a_time_out(amazon, monkeypatch):
    seen = []
    original = requests.Session.request
    monkeypatch.setattr(requests.Session, 'request', lambda self, *args, **kwargs: seen.append(kwargs['timeout'])
                        or original(self, *args, **kwargs))
    amazon.client().call('searchOrders', **SEARCH)
    assert len(seen) == 2 and all(timeout for timeout in seen)  # Login with Amazon, then the search


def test_a_silent_server_ends_in_an_error(amazon):
    amazon.fault('timeout', operation='searchOrders', seconds=5)
    with pytest.raises(Unavailable):
        amazon.client(timeout=(1, 0.2)).call('searchOrders', **SEARCH)


def test_no_marketplace_is_added_to_a_search(amazon):
    """The library adds the marketplace in four spellings, which Amazon's model refuses."""
    sent = []
    client = amazon.client()
    client._transport._session.hooks['response'].append(lambda reply, **_options: sent.append(reply.request.url))
    client.call('searchOrders', **SEARCH)
    assert 'arketplace' not in sent[-1]


def test_the_host_header_is_the_servers_own(amazon):
    """The library cuts eight characters off the endpoint, so `http://127.0.0.1:1` becomes `27.0.0.1:1`."""
    sent = []
    client = amazon.client()
    client._transport._session.hooks['response'].append(lambda reply, **_options: sent.append(reply.request.headers))
    client.call('searchOrders', **SEARCH)
    assert all('host' not in {name.lower() for name in headers} for headers in sent)
    assert all(headers['User-Agent'].startswith('amazon_connector/') for headers in sent)


def test_more_than_ten_sellers_keep_their_tokens(amazon):
    """The library's cache has ten places a process."""
    amazon.control('reset', {'speed': 10})
    tokens = [amazon.control('sellers', {'region': 'eu'})['refresh_token'] for _number in range(12)]
    for operation, arguments in (('searchOrders', SEARCH), ('getMarketplaceParticipations', {})):
        for token in tokens:
            amazon.client(credentials=Credentials(CLIENT_ID, CLIENT_SECRET, token)).call(operation, **arguments)
    assert amazon.counters()['LoginWithAmazon'] == 12


def test_a_value_with_a_comma_is_no_part_of_a_list(amazon):
    """Amazon would search for two other SKUs, and its empty answer would say nothing of this one."""
    with pytest.raises(AmazonError, match="'1,5 L' has a comma"):
        amazon.client().call('searchListingsItems', 'A1DEMOSELLEREU', marketplaceIds=['A1PA6795UKMFR9'],
                             identifiers=['A', '1,5 L'], identifiersType='SKU')
    assert not amazon.counters().get('searchListingsItems')


def test_a_server_error_is_tried_again_with_growing_random_pauses(amazon):
    amazon.fault('error_500', operation='searchOrders', count=3)
    assert amazon.client().call('searchOrders', **SEARCH).payload['orders'] == []
    assert amazon.counters()['searchOrders 500'] == 3
    assert len(amazon.pauses) == 3 and all(0 <= pause <= 20 for pause in amazon.pauses)


def test_a_connection_cut_in_the_middle_is_tried_again(amazon):
    amazon.control('reset', {'speed': 1000, 'orders': 5})
    amazon.fault('cut', operation='searchOrders', count=1)
    assert 'orders' in amazon.client().call('searchOrders', **SEARCH).payload
    assert amazon.counters()['searchOrders'] == 2


def test_a_post_that_may_have_worked_is_not_sent_twice(amazon):
    amazon.fault('error_500')
    transport = amazon.transport()
    with pytest.raises(AmazonError):
        transport.send('createFeed', 'POST', f'{amazon.url}/auth/o2/token?never', idempotent=False,
                       data={'client_id': 'x'})
    assert amazon.counters()['LoginWithAmazon'] == 1


def test_429_drains_the_bucket_and_says_when_to_go_on(amazon):
    amazon.control('reset', {'speed': 1})
    amazon.fault('throttle', operation='searchOrders', count=1)
    with pytest.raises(RateLimited) as caught:
        amazon.client().call('searchOrders', **SEARCH)
    assert amazon.counters()['searchOrders'] == 1
    assert caught.value.until.tzinfo


def test_the_rate_that_amazon_names_is_used(amazon):
    limiter = MemoryLimiter()
    amazon.client(limiter=limiter).call('searchOrders', **SEARCH)
    assert limiter._rates['searchOrders'] == pytest.approx(5.6)


def test_what_amazon_does_and_refuses_is_recorded_by_operation(amazon):
    limiter = MemoryLimiter()
    client = amazon.client(limiter=limiter)
    with pytest.raises(NotFound):
        client.call('getOrder', '123-1234567-1234567')
    assert limiter.answers == {}, "what is not there says nothing of permissions"
    with pytest.raises(Forbidden):
        client.call('searchOrders', marketplaceIds=['ATVPDKIKX0DER'], **SEARCH)
    assert limiter.answers == {'searchOrders': False}
    client.call('searchOrders', **SEARCH)
    assert limiter.answers == {'searchOrders': True}


def test_amazons_refusals_are_distinguished(amazon):
    client = amazon.client()
    with pytest.raises(NotFound):
        client.call('getOrder', '123-1234567-1234567')
    with pytest.raises(Forbidden):
        client.call('searchOrders', marketplaceIds=['ATVPDKIKX0DER'], **SEARCH)
    with pytest.raises(AmazonError) as caught:
        client.call('searchOrders', createdAfter='2026-01-01T00:00:00Z', **SEARCH)
    assert caught.value.status == 400 and caught.value.code == 'InvalidInput' and caught.value.request_id


def test_an_access_token_that_was_withdrawn_is_renewed(amazon):
    client = amazon.client()
    client.call('searchOrders', **SEARCH)
    amazon.control('reset', {'speed': 1000})
    assert client.call('searchOrders', **SEARCH).payload['orders'] == []


def test_no_secret_reaches_a_log_or_an_error(amazon, caplog):
    caplog.set_level(logging.DEBUG)
    amazon.fault('error_500', count=99, operation='searchOrders')
    client = amazon.client()
    with pytest.raises(Unavailable) as caught:
        client.call('searchOrders', **SEARCH)
    text = caplog.text + repr(caught.value) + repr(client._credentials)
    assert 'Atzr|' not in text and 'Atza|' not in text and 'oa2-cs' not in text

"""What is read of listings items, inventory summaries and reports: the parts that are stated, and what is wrong with
the others.
"""

import datetime

import pytest
from amazon_api.items import (
    add_inventory,
    read_attribute,
    read_inventory,
    read_issues,
    read_item,
    read_items,
    read_picture,
    read_ranks,
    read_relation,
)
from amazon_api.report_replies import read_report
from amazon_api.shapes import AbsentError, ShapeError

DE, FR = 'A1PA6795UKMFR9', 'A13V1IB3VIYZZH'
SUMMARY = {'marketplaceId': DE, 'asin': 'B0', 'fnSku': 'X0', 'itemName': "Kettle", 'productType': 'KETTLE',
           'conditionType': 'new_new', 'status': ['BUYABLE']}


def availability(*entries):
    return {'sku': 'A', 'fulfillmentAvailability': [
        {'fulfillmentChannelCode': code, **({} if number is None else {'quantity': number})}
        for code, number in entries]}


def test_an_item():
    facts = read_item({'sku': 'A', 'summaries': [SUMMARY], **availability(('DEFAULT', 3))}, DE)
    assert facts[:8] == ('B0', 'X0', "Kettle", 'KETTLE', 'new_new', True, 'DEFAULT', 3) and facts.issues is None


def test_what_an_item_does_not_state_is_not_known():
    for item in ({'sku': 'A'}, {'sku': 'A', 'summaries': None, 'fulfillmentAvailability': []},
                 {'sku': 'A', 'summaries': [{**SUMMARY, 'marketplaceId': FR}]}):
        assert read_item(item, DE) == ('', '', '', '', '', None, '', None, None)


@pytest.mark.parametrize('entries, channel, quantity', [
    ([('DEFAULT', 21), ('AMAZON_EU', 0)], 'AMAZON_EU', 21), ([('AMAZON_EU', 0), ('DEFAULT', 21)], 'AMAZON_EU', 21),
    ([('DEFAULT', None)], 'DEFAULT', None),
    ([('SUPPLY_1', 4), ('DEFAULT', 2)], 'DEFAULT', 2), ([('SUPPLY_1', 4)], 'SUPPLY_1', None),
    ([('SUPPLY_1', 4), ('AMAZON_NA', None)], 'AMAZON_NA', None)])
def test_amazons_own_fulfilment_decides_in_any_order(entries, channel, quantity):
    facts = read_item(availability(*entries), DE)
    assert (facts.channel, facts.quantity) == (channel, quantity)


@pytest.mark.parametrize('item, path', [
    (availability(('DEFAULT', 1), ('DEFAULT', 2)), 'fulfillmentAvailability: fulfillmentChannelCode'),
    (availability(('DEFAULT', -1)), 'fulfillmentAvailability 1: quantity'),
    ({'summaries': [SUMMARY, SUMMARY]}, 'summaries: marketplaceId'),
    ({'summaries': [{**SUMMARY, 'status': 'BUYABLE'}]}, 'summaries 1: status'),
    ({'summaries': [{**SUMMARY, 'asin': 'x' * 2001}]}, 'asin'), ({'summaries': {}}, 'summaries'),
    ({'issues': ['x']}, 'issues 1'), ('text', '')])
def test_an_item_of_another_form_says_where(item, path):
    with pytest.raises(ShapeError) as caught:
        read_item(item, DE)
    assert caught.value.path == path


def test_items_without_a_sku_are_counted():
    assert read_items({'items': [{'sku': 'A'}, {}, {'sku': ''}, {'sku': 7}, None]}) == ([{'sku': 'A'}], 4)
    for payload in (None, [], {}, {'items': None}, {'items': {}}):
        with pytest.raises(ShapeError):
            read_items(payload)


def test_issues():
    full = {'code': '1', 'severity': 'INFO', 'message': "Look", 'attributeNames': ['brand'], 'categories': []}
    assert read_issues([full, {'code': '2', 'severity': 'WORSE'}, {}]) == [
        {'code': '1', 'severity': 'INFO', 'message': "Look", 'attributeNames': ['brand']},
        {'code': '2', 'severity': 'ERROR', 'message': '2'}, {'code': '', 'severity': 'ERROR', 'message': '?'}]
    assert read_issues(None) == []


@pytest.mark.parametrize(('enforcements', 'actions'), [
    ({'actions': [{'action': 'SEARCH_SUPPRESSED'}], 'exemption': {'status': 'NOT_EXEMPT'}}, ['SEARCH_SUPPRESSED']),
    ({'actions': [{'action': 'SEARCH_SUPPRESSED'}], 'exemption': {'status': 'EXEMPT'}}, []),
    ({'actions': [{'action': 'LISTING_SUPPRESSED'}],
      'exemption': {'status': 'EXEMPT_UNTIL_EXPIRY_DATE', 'expiryDate': '2026-12-01T00:00:00Z'}}, []),
    ({'actions': [5, {}, {'action': 7}, {'action': 'NEW'}]}, ['NEW']), ({'actions': 'x', 'exemption': 5}, []), (5, []),
])
def test_what_amazon_does_about_an_issue(enforcements, actions):
    read, = read_issues([{'code': '1', 'enforcements': enforcements, 'categories': ['MISSING_IMAGE', 5]}])
    assert (read.get('actions', []), read['categories']) == (actions, ['MISSING_IMAGE'])


def test_inventory():
    details = {'fulfillableQuantity': 5, 'inboundWorkingQuantity': 1, 'inboundReceivingQuantity': 2,
               'reservedQuantity': {'totalReservedQuantity': 3}}
    sku, facts = read_inventory({'sellerSku': 'A', 'fnSku': 'X0', 'condition': 'NewItem', 'inventoryDetails': details})
    assert (sku, facts) == ('A', ('NewItem', 'X0', 5, 3, 3))
    _sku, unknown = read_inventory({'sellerSku': 'A', 'totalQuantity': 9})
    assert unknown == ('', '', None, None, None)
    assert add_inventory(facts, facts) == ('NewItem', 'X0', 10, 6, 6) and add_inventory(facts, unknown)[2:] == (
        None, None, None)
    with pytest.raises(ShapeError) as caught:
        read_inventory({'sellerSku': 'A', 'inventoryDetails': {'fulfillableQuantity': 'many'}})
    assert caught.value.path == 'SKU A: inventoryDetails: fulfillableQuantity'
    for nameless in (None, 7, {}, {'sellerSku': ''}, {'sellerSku': ['A']}):
        with pytest.raises(ShapeError):
            read_inventory(nameless)


def test_relations_and_attributes():
    relation = {'type': 'VARIATION', 'parentSkus': ['P', 'Q'], 'variationTheme': {'attributes': ['size']}}
    item = {'relationships': [{'relationships': [{'type': 'PACKAGE_HIERARCHY'}, relation]}],
            'attributes': {'size': [None, {'value': 'M'}], 'pieces': [{'value': 2}]}}
    assert read_relation(item) == ('P', ['size'])
    assert read_relation({}) == read_relation({'relationships': [{'relationships': [{'type': 'VARIATION'}]}]}) == (
        '', [])
    assert [read_attribute(item, name) for name in ('size', 'pieces', 'color')] == ['M', '2', '?']
    assert {read_attribute({'attributes': odd}, 'size')
            for odd in (None, 7, {'size': 'M'}, {'size': []}, {'size': [{'value': {}}]})} == {'?'}
    with pytest.raises(ShapeError):
        read_relation({'relationships': 'x'})


def test_reports():
    report = {'reportId': 'R', 'reportType': 'T', 'processingStatus': 'DONE', 'reportDocumentId': 'D',
              'marketplaceIds': [DE], 'dataStartTime': '2026-10-01T02:00:00+02:00'}
    assert read_report(report) == ('R', 'T', 'DONE', 'D', [DE], datetime.datetime(2026, 10, 1))
    assert read_report({'reportId': 'R', 'processingStatus': 'IN_QUEUE'}) == ('R', '', 'IN_QUEUE', '', [], None)
    # Nothing but a lost reply needs it.
    assert read_report({**report, 'dataStartTime': 'soon'}).start is None
    with pytest.raises(AbsentError) as caught:
        read_report({'reportId': 'R'})
    assert caught.value.path == 'report R: processingStatus'
    for odd in (None, 'x', {}, {**report, 'reportId': 7}, {**report, 'marketplaceIds': DE}):
        with pytest.raises(ShapeError):
            read_report(odd)


@pytest.mark.parametrize('item', [
    None, 5, [], {}, {'summaries': 5}, {'summaries': 'x'}, {'summaries': {'a': 1}},
    {'summaries': [5, None, {'mainImage': 5}]},
])
def test_a_picture_is_never_worth_an_error(item):
    assert read_picture(item, 'DE') == ''


def test_the_rank_of_a_page_on_one_marketplace():
    classified = {'classificationRanks': [{'classificationId': '1', 'title': "Mugs", 'rank': 4}]}
    shown = {'displayGroupRanks': [{'websiteDisplayGroup': 'k', 'title': "Kitchen", 'rank': 700}]}
    items = [{'asin': 'A', 'salesRanks': [{'marketplaceId': 'FR', **classified},
                                          {'marketplaceId': 'DE', **classified, **shown}]},
             {'asin': 'B', 'salesRanks': [{'marketplaceId': 'DE', **classified}]},
             {'asin': 'C', 'salesRanks': [{'marketplaceId': 'FR', **shown}]}]
    assert read_ranks({'items': items}, 'DE') == {
        'A': (700, "Kitchen"), 'B': (4, "Mugs"), 'C': (0, '')}


@pytest.mark.parametrize('ranks', [
    None, 5, [5, None], {}, [{'marketplaceId': 'DE'}], [{'marketplaceId': 'DE', 'displayGroupRanks': [5]}],
    [{'marketplaceId': 'DE', 'displayGroupRanks': 5}], [{'marketplaceId': 'DE', 'displayGroupRanks': [{'rank': 5}]}],
    *([{'marketplaceId': 'DE', 'displayGroupRanks': [{'title': "Kitchen", 'rank': value}]}]
      for value in ('7', 0, -1, True, 2 ** 40, 1.5))])
def test_a_rank_is_never_worth_an_error(ranks):
    assert read_ranks({'items': [{'asin': 'A', 'salesRanks': ranks}, {'asin': 7}, 5]}, 'DE') == {'A': (0, '')}

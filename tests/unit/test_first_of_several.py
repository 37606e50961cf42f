"""Of several entries the one that is meant is read, wherever it stands."""

import pytest
from amazon_api import items

SUMMARIES = [{'marketplaceId': ref, 'asin': f'ASIN-{ref}', 'itemName': ref} for ref in ('A', 'B', 'C')]


@pytest.mark.parametrize('wanted', ['A', 'B', 'C'])
@pytest.mark.parametrize('order', [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_summary_of_the_marketplace(wanted, order):
    item = {'sku': 'S', 'summaries': [SUMMARIES[position] for position in order]}
    assert items.read_item(item, wanted).asin == f'ASIN-{wanted}'
    assert not items.read_item(
        {**item, 'summaries': [entry for entry in item['summaries'] if entry['marketplaceId'] != wanted]}, wanted).asin


@pytest.mark.parametrize('other', ['AMAZON_EU', 'AMAZON_NA'])
def test_any_channel_of_amazon_decides(other):
    entries = [{'fulfillmentChannelCode': 'DEFAULT', 'quantity': 21}, {'fulfillmentChannelCode': other, 'quantity': 0}]
    for shown in (entries, entries[::-1]):
        facts = items.read_item({'sku': 'S', 'fulfillmentAvailability': shown}, 'A')
        assert (facts.channel, facts.quantity) == (other, 21)


def test_other_channels_are_neither():
    def read(*codes):
        return items.read_item(
            {'sku': 'S', 'fulfillmentAvailability': [{'fulfillmentChannelCode': code, 'quantity': 5}
                                                     for code in codes]}, 'A')
    assert read('ZONE', 'DEFAULT').channel == read('DEFAULT', 'ZONE').channel == 'DEFAULT'
    assert (read('ZONE').channel, read('ZONE').quantity) == ('ZONE', None)
    assert read('ZONE', 'AMAZON_EU').channel == read('AMAZON_EU', 'ZONE').channel == 'AMAZON_EU'

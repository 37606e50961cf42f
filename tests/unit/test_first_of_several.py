"""Of several entries the one that is meant is read, wherever it stands."""

import pytest
from amazon_api import items

SUMMARIES = [{'marketplaceId': ref, 'asin': f'ASIN-{ref}', 'itemName': ref} for ref in ('A', 'B', 'C')]


@pytest.mark.parametrize('wanted', ['A', 'B', 'C'])
@pytest.mark.parametrize('order', [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_summary_of_the_marketplace(wanted, order):
    item = {'sku': 'S', 'summaries': [SUMMARIES[position] for position in order]}
    assert items.read_item(item, wanted).asin == f'ASIN-{wanted}'
    assert not items.read_item({**item, 'summaries': [entry for entry in item['summaries'] if entry['marketplaceId'] != wanted]}, wanted).asin

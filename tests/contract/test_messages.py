"""What the addon tells Amazon is of the shape that Amazon takes: feed messages by its schema, attributes by a product
type's.
"""

import json

import pytest
from amazon_api.listing_offers import price_patches
from amazon_api.patches import content_patches, stock_patches
from amazon_api.processing_report import find_outcome, read_listings_report
from simulator import amazon_models, definitions, feeds, patching

DE = 'A1PA6795UKMFR9'
OFFERS = {
    'ALL': {'our_price': 19.99, 'minimum_seller_allowed_price': 10.0, 'maximum_seller_allowed_price': 30.0,
            'discounted_price': {'value_with_tax': 15.0, 'start_at': '2026-10-01T00:00:00Z',
                                 'end_at': '2026-11-01T00:00:00Z'}},
    'B2B': {'our_price': 18.0, 'levels': [{'lower_bound': 5, 'value': 17.0}]},
}


@pytest.mark.parametrize('patches', [
    stock_patches({'quantity': 0}, DE, 'EUR'),
    stock_patches({'quantity': 3, 'lead_time_to_ship_max_days': 2, 'restock_date': '2026-12-24'}, DE, 'EUR'),
    price_patches({'ALL': {'our_price': 1235.0}}, DE, 'EUR'), price_patches(OFFERS, DE, 'EUR'),
    price_patches({'ALL': OFFERS['ALL']}, DE, 'EUR', OFFERS),
    price_patches({'ALL': {'our_price': 19.99}, 'B2B': {'our_price': 18.0}}, DE, 'EUR', OFFERS),
    content_patches({'item_name': [{'value': "Kettle", 'language_tag': 'de_DE', 'marketplace_id': DE}]}, DE, 'EUR'),
], ids=['zero', 'stock', 'price', 'offers', 'business removed', 'parts removed', 'texts'])
def test_patches(patches):
    message = {'messageId': 1, 'sku': 'A', 'operationType': 'PATCH', 'productType': 'PRODUCT', 'patches': patches}
    assert feeds.problems('listings-feed-message-schema-v2', message) == []
    feed = {'header': {'sellerId': 'A1', 'version': '2.0', 'issueLocale': 'en_US'}, 'messages': [message]}
    assert feeds.problems('listings-feed-schema-v2', feed) == []
    assert amazon_models.body_problems('patchListingsItem', {'productType': 'PRODUCT', 'patches': patches}) == []
    assert patching.find_problems(patches) == []
    for patch in patches:
        if patch['op'] == 'replace':
            assert definitions.issues('KITCHEN', {patching.get_name(patch): patching.get_stated(patch['value'])},
                                      enforced=False) == []


def test_amazons_own_example_of_a_processing_report():
    content = (feeds.SCHEMAS / 'listings-feed-processing-report-schema-v2.example.json').read_bytes()
    report = read_listings_report(content, json.loads(content)['header']['feedId'])
    outcome = find_outcome(report, {number: f'SKU-{number}' for number in (1, 3, 4, 5)})
    assert (outcome.accepted, outcome.refused.keys(), outcome.unclear,
            outcome.problems) == ({1: False, 3: False}, {4, 5}, set(), [])
    assert outcome.refused[4].count("is required but not supplied") == 2

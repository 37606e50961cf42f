"""Offers part by part: what was pushed before and is not any more is removed, and what Amazon shows is compared in
whole.
"""

import copy
import datetime
from decimal import Decimal

import pytest
from addon_modules import load
from amazon_api.listing_offers import find_differences, is_plain, merge_offers, price_patches, read_offers, read_price
from amazon_api.shapes import ShapeError

mutations = load('tests/mutations').mutations
DE = 'A1PA6795UKMFR9'
NOW = datetime.datetime(2026, 11, 25, 15, 0, tzinfo=datetime.timezone.utc)
SALE = {'value_with_tax': 15.0, 'start_at': '2026-11-20T00:00:00Z', 'end_at': '2026-12-24T00:00:00Z'}
ALL = {'our_price': 20.0, 'minimum_seller_allowed_price': 10.0, 'maximum_seller_allowed_price': 30.0,
       'discounted_price': SALE}
WHOLE = {'ALL': ALL, 'B2B': {'our_price': 18.0, 'levels': [{'lower_bound': 5, 'value': 17.0}]}}


def pushed(value, before=None):
    """What patches tell: (operation, audience) -> parts."""
    return {(patch['op'], instance['audience']): {part: entry for part, entry in instance.items()
                                                  if part not in ('audience', 'currency', 'marketplace_id')}
            for patch in price_patches(value, DE, 'EUR', before, NOW) for instance in patch['value']}


def shown(value):
    """What Amazon shows of an offer that it accepted as it was pushed."""
    [patch] = price_patches(value, DE, 'EUR', None, NOW)
    return {'purchasable_offer': copy.deepcopy(patch['value'])}


def read(attributes):
    return read_offers(attributes, DE, 'EUR')


@pytest.mark.parametrize('sale, ended', [
    (SALE, ('2026-11-20T00:00:00Z', '2026-11-23T00:00:00Z')),
    ({**SALE, 'start_at': '2026-12-01T00:00:00Z'}, ('2026-11-22T00:00:00Z', '2026-11-23T00:00:00Z')),
    ({**SALE, 'start_at': '2026-11-23T08:00:00Z'}, ('2026-11-22T00:00:00Z', '2026-11-23T00:00:00Z')),
], ids=['running', 'to come', 'begun yesterday'])
def test_a_sale_that_is_called_off_ends_in_the_past_of_every_time_zone(sale, ended):
    offers = pushed({'ALL': {'our_price': 20.0}}, {'ALL': {'our_price': 20.0, 'discounted_price': sale}})
    [schedule] = offers['replace', 'ALL']['discounted_price'][0]['schedule']
    assert schedule == {'value_with_tax': 15, 'start_at': ended[0], 'end_at': ended[1]}


def test_a_sale_that_is_over_everywhere_is_left_out():
    before = {'ALL': {'our_price': 20.0, 'discounted_price': {**SALE, 'end_at': '2026-11-22T00:00:00Z'}}}
    assert pushed({'ALL': {'our_price': 20.0}}, before) == pushed({'ALL': {'our_price': 20.0}})


def test_limits_quantity_discounts_and_audiences_are_removed():
    assert pushed({'ALL': {'our_price': 20.0}, 'B2B': {'our_price': 18.0}}, WHOLE) == {
        ('replace', 'ALL'): {'our_price': [{'schedule': [{'value_with_tax': 20}]}],
                             'minimum_seller_allowed_price': [{}],
                             'maximum_seller_allowed_price': [{}], 'discounted_price': [{'schedule': [
                                 {'value_with_tax': 15, 'start_at': '2026-11-20T00:00:00Z',
                                  'end_at': '2026-11-23T00:00:00Z'}]}]},
        ('replace', 'B2B'): {'our_price': [{'schedule': [{'value_with_tax': 18}]}]},
        ('merge', 'B2B'): {'quantity_discount_plan': None}}
    assert pushed({'ALL': ALL}, WHOLE).keys() == {('replace', 'ALL'), ('delete', 'B2B')}
    assert not any(entry == [{}] for entry in pushed({'ALL': ALL}, {'ALL': ALL})['replace', 'ALL'].values())


def test_prices_without_decimals_have_none_in_json():
    assert "'value_with_tax': 1235}" in str(price_patches({'ALL': {'our_price': 1235.0}}, DE, 'JPY', None, NOW))
    assert "'value_with_tax': 12.5}" in str(price_patches({'ALL': {'our_price': 12.5}}, DE, 'EUR', None, NOW))


def test_what_amazon_may_have_grows_with_each_change():
    grown = merge_offers(merge_offers(None, {'ALL': ALL}), {'ALL': {'our_price': 21.0}, 'B2B': WHOLE['B2B']})
    assert grown == {'ALL': {**ALL, 'our_price': 21.0}, 'B2B': WHOLE['B2B']}
    assert not is_plain(grown) and is_plain({'ALL': {'our_price': 1.0}}) and is_plain(None)


def test_an_offer_that_is_shown_as_pushed_has_no_differences():
    assert find_differences(WHOLE, WHOLE, read(shown(WHOLE)), NOW) == []
    days = {'ALL': {**ALL, 'discounted_price': {'value_with_tax': 15.0, 'start_at': '2026-11-20',
                                                'end_at': '2026-12-23'}}, 'B2B': WHOLE['B2B']}
    assert find_differences(WHOLE, WHOLE, read(shown(days)),
                            NOW) == [], "Amazon keeps days, by the clock of the marketplace"


@pytest.mark.parametrize('value, differences', [
    ({'ALL': {**ALL, 'our_price': 21.0}, 'B2B': WHOLE['B2B']}, [('ALL', 'our_price')]),
    ({'ALL': {**ALL, 'minimum_seller_allowed_price': 11.0}, 'B2B': WHOLE['B2B']},
     [('ALL', 'minimum_seller_allowed_price')]),
    ({'ALL': {**ALL, 'discounted_price': {**SALE, 'end_at': '2026-12-31T00:00:00Z'}}, 'B2B': WHOLE['B2B']},
     [('ALL', 'discounted_price')]),
    ({'ALL': {**ALL, 'discounted_price': {**SALE, 'value_with_tax': 14.0}}, 'B2B': WHOLE['B2B']},
     [('ALL', 'discounted_price')]),
    ({'ALL': {'our_price': 20.0}, 'B2B': WHOLE['B2B']}, [
        ('ALL', 'minimum_seller_allowed_price'), ('ALL', 'maximum_seller_allowed_price'), ('ALL', 'discounted_price')]),
    ({'ALL': ALL, 'B2B': {'our_price': 18.0, 'levels': [{'lower_bound': 6, 'value': 17.0}]}}, [('B2B', 'levels')]),
    ({'ALL': ALL, 'B2B': {'our_price': 18.0}}, [('B2B', 'levels')]),
    ({'ALL': ALL}, [('B2B', 'our_price'), ('B2B', 'levels')]),
])
def test_differences_are_found_in_both_directions(value, differences):
    assert find_differences(value, WHOLE, read(shown(WHOLE)), NOW) == differences
    assert set(find_differences(WHOLE, WHOLE, read(shown(value)), NOW)) == set(differences)


def test_of_several_prices_or_sales_each_must_be_as_pushed():
    attributes = shown({'ALL': ALL})
    [offer] = attributes['purchasable_offer']
    offer['our_price'][0]['schedule'].append({'value_with_tax': 5})
    offer['discounted_price'].append({'schedule': [{**SALE, 'value_with_tax': 5}]})
    assert find_differences({'ALL': ALL}, None, read(attributes), NOW) == [('ALL', 'our_price'),
                                                                           ('ALL', 'discounted_price')]


def test_offers_of_other_marketplaces_and_currencies_are_not_this_one():
    attributes = shown({'ALL': {'our_price': 20.0}})
    attributes['purchasable_offer'] += [{**attributes['purchasable_offer'][0], 'currency': 'GBP',
                                         'our_price': [{'schedule': [{'value_with_tax': 1}]}]}]
    assert read(attributes) == {'ALL': {'our_price': [{'value_with_tax': 20.0}]}}
    assert read({}) == {} and read({'purchasable_offer': None}) == {}


def test_whatever_is_odd_is_no_confirmation():
    """Each field missing, null, of another type or unknown: it is read as a difference or refused by name, and nothing
    else is raised.
    """
    harmless = {'marketplace_id=missing', 'currency=missing', 'audience=missing', 'audience=None', "audience=''",
                'discount_type'}
    confirmed = []
    for name, attributes in mutations(shown(WHOLE)):
        try:
            differences = find_differences(WHOLE, WHOLE, read(attributes), NOW)
        except ValueError as error:
            assert str(error) and len(str(error)) < 500
            continue
        if not differences and not any(part in name for part in harmless):
            confirmed.append(name)
    assert confirmed == []


def changed_sale(**changes):
    """The differences where Amazon shows a sale otherwise than as pushed."""
    attributes = shown({'ALL': ALL})
    attributes['purchasable_offer'][0]['discounted_price'][0]['schedule'][0].update(changes)
    return find_differences({'ALL': ALL}, None, read(attributes), NOW)


def test_a_sale_is_as_pushed_to_the_day_and_a_price_to_the_cent():
    for start in ('2026-11-19T00:00:00Z', '2026-11-21T00:00:00Z', '2026-11-20T12:00:00+02:00'):
        assert changed_sale(start_at=start) == []
    for changes in ({'start_at': '2026-11-18T23:59:59Z'}, {'start_at': '2026-11-21T00:00:01Z'},
                    {'end_at': '2026-12-25T00:00:01Z'}, {'start_at': ''}):
        assert changed_sale(**changes) == [('ALL', 'discounted_price')]
    for price, differences in ((20.0009, []), (19.9991, []), (20.01, [('ALL', 'our_price')]),
                               (19.99, [('ALL', 'our_price')])):
        assert find_differences({'ALL': {'our_price': 20.0}}, None, {'ALL': {'our_price': [{'value_with_tax': price}]}},
                                NOW) == differences
    levels = [{'lower_bound': 5, 'value': 17.0}]
    for value, differences in ((17.0004, []), (17.001, [('B2B', 'levels')])):
        read_back = {'B2B': {'levels': [{'lower_bound': 5.0, 'value': value}]}}
        assert find_differences({'B2B': {'levels': levels}}, None, read_back, NOW) == differences


@pytest.mark.parametrize(('end', 'is_over'), [('2026-11-25T15:00:00Z', True), ('2026-11-25T15:00:01Z', False),
                                              ('2026-11-25', True), ('2026-11-26', False)])
def test_a_sale_that_is_over_is_not_shown_any_more(end, is_over):
    offer = {'ALL': {'our_price': 20.0, 'discounted_price': {**SALE, 'end_at': end}}}
    without = {'ALL': {'our_price': [{'value_with_tax': 20.0}]}}
    assert find_differences(offer, None, without, NOW) == ([] if is_over else [('ALL', 'discounted_price')])
    assert find_differences({'ALL': {'our_price': 20.0}}, offer, read(shown(offer)),
                            NOW) == ([] if is_over else [('ALL', 'discounted_price')])


@pytest.mark.parametrize(('end', 'left_out'), [('2026-11-23T00:00:00Z', True), ('2026-11-23T00:00:01Z', False)])
def test_a_sale_is_ended_unless_it_is_over_for_two_days(end, left_out):
    before = {'ALL': {'our_price': 20.0, 'discounted_price': {**SALE, 'end_at': end}}}
    assert ('discounted_price' not in pushed({'ALL': {'our_price': 20.0}}, before)['replace', 'ALL']) is left_out


@pytest.mark.parametrize(('attributes', 'part'), [
    (None, 'attributes'), ([], 'attributes'), ({'purchasable_offer': {'a': 1}}, 'purchasable_offer'),
    ({'purchasable_offer': ['x']}, 'purchasable_offer'), ({'purchasable_offer': [{'our_price': 5}]}, 'our_price'),
    ({'purchasable_offer': [{'our_price': [{'schedule': [{}]}]}]}, 'our_price'),
    *(({'purchasable_offer': [{'our_price': [{'schedule': [{'value_with_tax': value}]}]}]}, 'our_price')
      for value in (True, 'x', [], float('nan'), 10 ** 400, 'inf')),
    ({'purchasable_offer': [{'quantity_discount_plan': [{'schedule': [{'levels': [{'lower_bound': 5}]}]}]}]}, 'levels'),
    ({'purchasable_offer': [{'discounted_price': [{'schedule': [{'value_with_tax': 5, 'end_at': 'soon'}]}]}]},
     "'soon' is no date"),
    ({'purchasable_offer': [{'discounted_price': [{'schedule': [{'value_with_tax': 5, 'end_at': 5}]}]}]},
     "5 is no date"),
])
def test_an_offer_of_another_shape_names_the_part(attributes, part):
    with pytest.raises(ValueError) as caught:
        read(attributes)
    assert str(caught.value) == part


def test_prices_are_read_as_text_too_and_empty_parts_are_not_there():
    assert read(
        {'purchasable_offer': [{'our_price': [{'schedule': [{'value_with_tax': '12.50'}]}], 'discounted_price': [{}],
                                'quantity_discount_plan': [{'schedule': [{'levels': None}]}]}]}) == {
                                    'ALL': {'our_price': [{'value_with_tax': 12.5}]}}
    assert read({'purchasable_offer': [{'audience': 'B2B', 'marketplace_id': DE, 'our_price': None}]}) == {'B2B': {}}
    assert read(
        {
            'purchasable_offer': [
                {'marketplace_id': 'OTHER', 'our_price': [{'schedule': [{'value_with_tax': 5}]}]}]}) == {}


def test_only_a_price_for_everybody_is_plain():
    assert is_plain({}) and is_plain({'ALL': {}})
    assert not is_plain({'B2B': {'our_price': 1.0}}) and not is_plain({'ALL': {'our_price': 1.0, 'levels': []}})


def test_a_price_that_only_the_attributes_show_is_one_or_none():
    def priced(*prices):
        return read_price(
            {
                'attributes': {
                    'purchasable_offer': [
                        {'our_price': [{'schedule': [{'value_with_tax': price} for price in prices]}]}]}}, DE, 'EUR')
    assert (priced(), priced(12.5), priced(12.5, 12.5), priced(12.5, 13.0)) == (None, Decimal('12.5'), Decimal('12.5'),
                                                                                None)
    assert read_price({}, DE, 'EUR') is None
    with pytest.raises(ShapeError):
        priced('x')


def test_the_price_is_that_for_consumers_on_this_marketplace():
    def offer(amount, kind='B2C', market=DE, **more):
        return {'marketplaceId': market, 'offerType': kind, 'price': {'amount': amount}, **more}
    others = [offer(1.0, 'B2B'), offer(2.0, market='A13V1IB3VIYZZH')]
    for offers in ([*others, offer(9.5)], [offer(9.5), *others]):
        assert read_price({'offers': offers}, DE, 'EUR') == Decimal('9.5')
    assert read_price({'offers': others}, DE, 'EUR') is None
    for program in ('A_PROGRAM', 'ZZ_PROGRAM'):
        beside = offer(3.0, audience={'value': program})
        for offers in ([beside, offer(9.5)], [offer(9.5, audience={'value': 'ALL'}), beside]):
            assert read_price({'offers': offers}, DE, 'EUR') == Decimal('9.5')

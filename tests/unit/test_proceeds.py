"""Amazon's amounts become charges that add up to the cent, whatever the tax model (A5)."""

import datetime
from decimal import Decimal

import pytest
from amazon_api.proceeds import PricesMissing, ProceedsError, read_proceeds
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator.generator import generate_orders

NOW = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)


def money(amount, currency='EUR'):
    return {'amount': str(amount), 'currencyCode': currency}


def part(kind, amount, **details):
    entry = {'type': kind, 'subtotal': money(amount)}
    if details:
        entry['detailedBreakdowns'] = [{'subtype': name, 'value': money(value)} for name, value in details.items()]
    return entry


def order(*items, total=None, tips=()):
    totals = sum(Decimal(item['proceeds']['proceedsTotal']['amount']) for item in items)
    return {'orderItems': list(items), 'proceeds': {'grandTotal': money(total or totals), 'breakdowns': list(tips)}}


def item(total, *parts, **more):
    return {'orderItemId': '1', 'quantityOrdered': 1, 'product': {},
            'proceeds': {'proceedsTotal': money(total), 'breakdowns': list(parts)}, **more}


def charges(*arguments, **options):
    return [(charge.kind, charge.gross, charge.tax) for charge in read_proceeds(order(*arguments, **options)).charges]


def test_tax_on_top_is_added_to_the_gross():
    assert charges(item('49.99', part('ITEM', '39.99'), part('TAX', '10.00'))) == [
        ('ITEM', Decimal('49.99'), Decimal('10.00'))]


def test_tax_inside_is_not_added_twice():
    assert charges(item('119.00', part('ITEM', '119.00'), part('TAX', '19.00'))) == [
        ('ITEM', Decimal('119.00'), Decimal('19.00'))]


def test_tax_that_is_not_stated_stays_unknown():
    assert charges(item('34.99', part('ITEM', '34.99'))) == [('ITEM', Decimal('34.99'), None)]


@pytest.mark.parametrize('sign', ['', '-'])
def test_a_discount_reduces_whatever_its_sign(sign):
    found = charges(item('90.00', part('ITEM', '100.00'), part('DISCOUNT', f'{sign}10.00')))
    assert found == [('ITEM', Decimal('100.00'), None), ('DISCOUNT', Decimal('-10.00'), None)]


def test_free_shipping_leaves_shipping_and_its_discount():
    found = charges(item('100.00', part('ITEM', '100.00'), part('SHIPPING', '4.99'),
                         part('DISCOUNT', '4.99', SHIPPING='4.99')))
    assert found == [('ITEM', Decimal('100.00'), None), ('SHIPPING', Decimal('4.99'), None),
                     ('DISCOUNT', Decimal('-4.99'), None)]


def test_tax_by_details_keeps_two_rates_apart():
    found = charges(item('16.42', part('ITEM', '10.00'), part('SHIPPING', '5.00'),
                         part('TAX', '1.42', ITEM='1.00', SHIPPING='0.42')))
    assert found == [('ITEM', Decimal('11.00'), Decimal('1.00')), ('SHIPPING', Decimal('5.42'), Decimal('0.42'))]


def test_a_tip_is_a_charge_of_the_order_if_it_is_in_the_total():
    tip = part('DELIVERY_TIP', '3.00')
    assert ('DELIVERY_TIP', Decimal('3.00'), None) in charges(item('10.00', part('ITEM', '10.00')), total='13.00',
                                                              tips=[tip])
    assert len(charges(item('10.00', part('ITEM', '10.00')), total='10.00', tips=[tip])) == 1


def test_amazon_as_the_collector_marks_the_charge():
    collected = item('11.00', part('ITEM', '10.00'), part('TAX', '1.00'),
                     tax={'taxCollections': [{'model': 'MARKETPLACE_FACILITATOR'}]})
    assert read_proceeds(order(collected)).charges[0].remitted


def test_amounts_that_contradict_each_other_are_named():
    with pytest.raises(ProceedsError, match="ITEM 10.00, TAX 1.00 do not add up to 12.00"):
        read_proceeds(order(item('12.00', part('ITEM', '10.00'), part('TAX', '1.00'))))
    with pytest.raises(ProceedsError, match="total is 11.00"):
        read_proceeds(order(item('10.00', part('ITEM', '10.00')), total='11.00'))


def test_an_order_without_prices_names_them_unless_it_is_free():
    unpriced = {'orderItems': [{'orderItemId': '1', 'quantityOrdered': 1, 'product': {'sellerSku': 'SKU-1'}},
                               {'orderItemId': '2', 'quantityOrdered': 0, 'product': {'sellerSku': 'SKU-2'}}]}
    with pytest.raises(PricesMissing) as raised:
        read_proceeds(unpriced)
    assert raised.value.items == ['SKU-1']
    assert read_proceeds(unpriced, free=True) == (None, 0, [])


def test_amounts_in_two_currencies_are_no_order():
    second = item('10.00', part('ITEM', '10.00'))
    second['proceeds']['proceedsTotal']['currencyCode'] = 'USD'
    with pytest.raises(ProceedsError, match="EUR, USD"):
        read_proceeds(order(item('10.00', part('ITEM', '10.00')), second, total='20.00'))


def test_goods_without_a_price_are_not_given_away_because_something_else_has_one():
    for kind in ('TAX', 'SHIPPING', 'SOMETHING_NEW'):
        with pytest.raises(PricesMissing):
            read_proceeds(order(item('3.00', part(kind, '3.00'))))
    taxed, = read_proceeds(order(item('3.00', part('TAX', '3.00'))), free=True).charges
    assert (taxed.kind, taxed.gross, taxed.tax, taxed.rate) == ('ITEM', Decimal('3.00'), Decimal('3.00'), None)


def test_details_without_a_name_or_an_amount_are_not_used():
    taxed = part('TAX', '1.50')
    taxed['detailedBreakdowns'] = [{'value': money('1.00')}, {'subtype': 'SHIPPING'}]
    assert charges(item('16.50', part('ITEM', '10.00'), part('SHIPPING', '5.00'), taxed)) == [
        ('ITEM', Decimal('11.00'), Decimal('1.00')), ('SHIPPING', Decimal('5.50'), Decimal('0.50'))]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000))
def test_generated_orders_of_all_marketplaces_add_up(seed):
    for generated in generate_orders(46, seed=seed, now=NOW):
        proceeds = read_proceeds(generated)
        assert sum(charge.gross for charge in proceeds.charges) == proceeds.total


def rates(*arguments, **options):
    return [charge.rate for charge in read_proceeds(order(*arguments, **options)).charges]


def test_rates_follow_from_tax_and_net():
    assert rates(item('119.00', part('ITEM', '119.00'), part('TAX', '19.00'))) == [Decimal('0.19')]
    assert rates(item('119.00', part('ITEM', '119.00'))) == [None]


def test_tax_is_shared_by_amount_and_its_rounding_goes_to_the_largest():
    found = charges(item('30.01', part('ITEM', '10.00'), part('SHIPPING', '10.00'), part('GIFT_WRAP', '10.00'),
                         part('TAX', '0.01')))
    assert [tax for _kind, _gross, tax in found] == [Decimal('0.01'), 0, 0]
    found = charges(item('31.00', part('SHIPPING', '10.00'), part('ITEM', '20.00'), part('TAX', '1.00')))
    assert found == [('SHIPPING', Decimal('10.33'), Decimal('0.33')), ('ITEM', Decimal('20.67'), Decimal('0.67'))]


def test_a_half_cent_of_tax_is_rounded_up():
    found = charges(item('40.05', part('ITEM', '30.00'), part('SHIPPING', '10.00'), part('TAX', '0.05')))
    assert [tax for _kind, _gross, tax in found] == [Decimal('0.04'), Decimal('0.01')]
    found = charges(item('20.05', part('SHIPPING', '10.00'), part('ITEM', '10.00'), part('TAX', '0.05')))
    assert [tax for _kind, _gross, tax in found] == [Decimal('0.02'),
                                                     Decimal('0.03')], "the first of equals has the rest"


def test_tax_of_what_is_discounted_is_split_between_price_and_discount():
    found = charges(item('107.10', part('ITEM', '100.00'), part('DISCOUNT', '10.00'), part('TAX', '17.10')))
    assert found == [('ITEM', Decimal('119.00'), Decimal('19.00')), ('DISCOUNT', Decimal('-11.90'), Decimal('-1.90'))]
    inside = charges(item('107.10', part('ITEM', '119.00'), part('DISCOUNT', '11.90'), part('TAX', '17.10')))
    assert inside == found, "whichever way Amazon states it"


def test_tax_of_what_costs_nothing_any_more_is_kept_once():
    gifts = item('1.00', part('ITEM', '100.00'), part('SHIPPING', '5.00'),
                 part('DISCOUNT', '105.00', ITEM='100.00', SHIPPING='5.00'), part('TAX', '1.00'))
    found = read_proceeds(order(gifts)).charges
    assert [(charge.kind, charge.of, charge.gross, charge.tax) for charge in found] == [
        ('ITEM', 'ITEM', 100, 0), ('DISCOUNT', 'ITEM', -99, 1), ('SHIPPING', 'SHIPPING', 5, 0),
        ('DISCOUNT', 'SHIPPING', -5, 0)]


@pytest.mark.parametrize('discount', ['-1.00', '1.00'])
def test_tax_on_a_discount_is_taken_from_the_goods_whatever_its_sign(discount):
    found = charges(item('99.00', part('ITEM', '100.00'), part('DISCOUNT', '10.00'),
                         part('TAX', '9.00', ITEM='10.00', DISCOUNT=discount)))
    assert found == [('ITEM', Decimal('110.00'), Decimal('10.00')), ('DISCOUNT', Decimal('-11.00'), Decimal('-1.00'))]


def test_details_that_do_not_add_up_are_not_used():
    shared = [('ITEM', Decimal('11.00'), Decimal('1.00')), ('SHIPPING', Decimal('5.50'), Decimal('0.50'))]
    for details in ({'ITEM': '1.00', 'SHIPPING': '0.49'}, {'ITEM': '1.00', 'TIP': '0.50'}):
        assert charges(item('16.50', part('ITEM', '10.00'), part('SHIPPING', '5.00'),
                            part('TAX', '1.50', **details))) == shared
    assert charges(item('9.00', part('ITEM', '8.00'), part('SHIPPING', '2.00'),
                        part('DISCOUNT', '1.00', SHIPPING='0.50'))) == [
                            ('ITEM', Decimal('8.00'), None), ('DISCOUNT', Decimal('-1.00'), None),
                            ('SHIPPING', Decimal('2.00'), None)]


def test_several_amounts_of_one_type_count_together():
    twice = [part('ITEM', '1.00'), part('ITEM', '2.00'), part('SHIPPING', '4.00'), part('DISCOUNT', '0.50'),
             part('DISCOUNT', '0.50')]
    assert charges(item('6.00', *twice))[0] == ('ITEM', Decimal('3.00'), None)


def test_pieces_are_those_that_were_ordered_and_never_none():
    several = {**item('30.00', part('ITEM', '30.00')), 'quantityOrdered': 3}
    assert [charge.pieces for charge in read_proceeds(order(several)).charges] == [3]
    left_out = {**item('0.00', part('ITEM', '0.00')), 'quantityOrdered': 0}
    found = read_proceeds(order(several, left_out)).charges
    assert [(charge.pieces, charge.gross) for charge in found] == [(3, 30), (1, 0)]
    [tip] = [charge
             for charge in read_proceeds(order(several, total='33.00', tips=[part('DELIVERY_TIP', '3.00')])).charges
             if charge.kind == 'DELIVERY_TIP']
    assert (tip.item_ref, tip.of, tip.pieces, tip.remitted) == ('', 'DELIVERY_TIP', 1, False)


def test_what_does_not_add_up_says_all_amounts_by_short_names():
    long = item('1.00', part('ITEM', '10.00'), part('DISCOUNT', '2.00'), part('L' * 50, '3.00'), part('TAX', '4.00'),
                orderItemId='9' * 50)
    with pytest.raises(ProceedsError) as raised:
        read_proceeds(order(long))
    assert str(
        raised.value) == f"item {'9' * 40}: ITEM 10.00, {'L' * 40} 3.00, DISCOUNT 2.00, TAX 4.00 do not add up to 1.00"
    with pytest.raises(ProceedsError) as raised:
        read_proceeds(order(item('1.00', part('ITEM', '10.00'))))
    assert str(raised.value) == "item 1: ITEM 10.00 do not add up to 1.00"


def test_an_order_that_is_not_paid_yet_has_no_total_of_its_own():
    alone = {'orderItems': [item('10.00', part('ITEM', '10.00'))]}
    assert read_proceeds(alone)[:2] == ('EUR', Decimal('10.00'))
    nameless = {'orderItems': [{'orderItemId': '1', 'quantityOrdered': 1, 'product': product}
                               for product in ({}, {'asin': 'B0'})]}
    with pytest.raises(PricesMissing) as raised:
        read_proceeds(nameless)
    assert raised.value.items == ['', 'B0']


def test_the_tax_of_a_discount_is_on_what_the_discount_is_on():
    found = charges(item('119.00', part('ITEM', '100.00'), part('SHIPPING', '4.20'),
                         part('DISCOUNT', '4.20', SHIPPING='4.20'),
                         part('TAX', '19.00', ITEM='19.00', SHIPPING='0.80', DISCOUNT='-0.80')))
    assert found == [('ITEM', Decimal('119.00'), Decimal('19.00')), ('SHIPPING', Decimal('5.00'), Decimal('0.80')),
                     ('DISCOUNT', Decimal('-5.00'), Decimal('-0.80'))]


@pytest.mark.parametrize(('parts', 'more'), [
    ((('OTHER', '0.29'),), '0.29'), ((('COD_FEE', '2.00'), ('DELIVERY_TIP', '3.00')), '5.00'),
    ((('ITEM', '100.00'), ('COD_FEE', '2.00')), '2.00')])
def test_what_is_charged_for_the_order_as_a_whole(parts, more):
    whole = order(item('100.00', part('ITEM', '100.00')), total=Decimal('100.00') + Decimal(more),
                  tips=[part(*one) for one in parts])
    found = read_proceeds(whole)
    beside = {charge.kind: charge.gross for charge in found.charges if not charge.item_ref}
    assert beside == {name: Decimal(amount) for name, amount in parts if name != 'ITEM'}
    assert sum(charge.gross for charge in found.charges) == found.total


def test_what_the_order_does_not_name_is_refused():
    with pytest.raises(ProceedsError):
        read_proceeds(order(item('100.00', part('ITEM', '100.00')), total='101.00', tips=[part('OTHER', '0.29')]))

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
    return {'orderItemId': '1', 'quantityOrdered': 1, 'product': {}, 'proceeds': {'proceedsTotal': money(total), 'breakdowns': list(parts)}, **more}


def charges(*arguments, **options):
    return [(charge.kind, charge.gross, charge.tax) for charge in read_proceeds(order(*arguments, **options)).charges]


def test_tax_on_top_is_added_to_the_gross():
    assert charges(item('49.99', part('ITEM', '39.99'), part('TAX', '10.00'))) == [('ITEM', Decimal('49.99'), Decimal('10.00'))]


def test_tax_inside_is_not_added_twice():
    assert charges(item('119.00', part('ITEM', '119.00'), part('TAX', '19.00'))) == [('ITEM', Decimal('119.00'), Decimal('19.00'))]


def test_tax_that_is_not_told_stays_unknown():
    assert charges(item('34.99', part('ITEM', '34.99'))) == [('ITEM', Decimal('34.99'), None)]


@pytest.mark.parametrize('sign', ['', '-'])
def test_a_discount_reduces_whatever_its_sign(sign):
    found = charges(item('90.00', part('ITEM', '100.00'), part('DISCOUNT', f'{sign}10.00')))
    assert found == [('ITEM', Decimal('100.00'), None), ('DISCOUNT', Decimal('-10.00'), None)]


def test_free_shipping_leaves_shipping_and_its_discount():
    found = charges(item('100.00', part('ITEM', '100.00'), part('SHIPPING', '4.99'), part('DISCOUNT', '4.99', SHIPPING='4.99')))
    assert found == [('ITEM', Decimal('100.00'), None), ('SHIPPING', Decimal('4.99'), None), ('DISCOUNT', Decimal('-4.99'), None)]


def test_tax_by_details_keeps_two_rates_apart():
    found = charges(item('16.42', part('ITEM', '10.00'), part('SHIPPING', '5.00'), part('TAX', '1.42', ITEM='1.00', SHIPPING='0.42')))
    assert found == [('ITEM', Decimal('11.00'), Decimal('1.00')), ('SHIPPING', Decimal('5.42'), Decimal('0.42'))]


def test_a_tip_is_a_charge_of_the_order_if_it_is_in_the_total():
    tip = part('DELIVERY_TIP', '3.00')
    assert ('DELIVERY_TIP', Decimal('3.00'), None) in charges(item('10.00', part('ITEM', '10.00')), total='13.00', tips=[tip])
    assert len(charges(item('10.00', part('ITEM', '10.00')), total='10.00', tips=[tip])) == 1


def test_amazon_as_the_collector_marks_the_charge():
    collected = item('11.00', part('ITEM', '10.00'), part('TAX', '1.00'), tax={'taxCollections': [{'model': 'MARKETPLACE_FACILITATOR'}]})
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

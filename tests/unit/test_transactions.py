"""Movements of Finances: whose money each amount is, for which item, and under which ids the same money comes again."""

from decimal import Decimal

import pytest
from amazon_api.shapes import AbsentError
from amazon_api.transactions import read_transaction


def money(amount):
    return {'currencyCode': 'EUR', 'currencyAmount': amount}


def leaf(kind, amount):
    return {'breakdownType': kind, 'breakdownAmount': money(amount)}


def group(kind, *parts):
    return {'breakdownType': kind, 'breakdownAmount': money(0), 'breakdowns': list(parts)}


def item(*breakdowns, refs=(('ORDER_ITEM_ID', '1'),), contexts=(('SKU-A', 2),)):
    return {'relatedIdentifiers': [{'itemRelatedIdentifierName': name, 'itemRelatedIdentifierValue': value} for name, value in refs],
            'contexts': [{'contextType': 'ProductContext', 'sku': sku, 'quantityShipped': quantity} for sku, quantity in contexts],
            'breakdowns': list(breakdowns)}


SALE = [group('ProductCharges', leaf('OurPricePrincipal', 100), leaf('OurPriceTax', 19)), group('AmazonFees', leaf('Commission', -15))]


def transaction(*items, total=104, status='RELEASED', refs=(('ORDER_ID', '302-1'),), **more):
    return read_transaction({
        'transactionId': 'T', 'transactionType': 'Shipment', 'transactionStatus': status, 'postedDate': '2026-10-20T10:00:00+02:00',
        'totalAmount': money(total), 'relatedIdentifiers': [{'relatedIdentifierName': name, 'relatedIdentifierValue': value} for name, value in refs],
        'items': list(items), **more})


def test_a_sale():
    found = transaction(item(*SALE), marketplaceDetails={'marketplaceId': 'DE'}, sellingPartnerMetadata={'marketplaceId': 'FR'})
    assert found.items == (('1', 'SKU-A', 2, 100, 19, -15, 0),)
    assert (found.order_ref, found.marketplace_ref, found.posted.hour, found.is_deferred, found.parts) == ('302-1', 'DE', 8, False, None)
    assert (found.buyer_total, found.is_explained) == (119, True)
    assert transaction(sellingPartnerMetadata={'marketplaceId': 'FR'}).marketplace_ref == 'FR'
    assert transaction().marketplace_ref == ''


@pytest.mark.parametrize('name', ['AmazonFees', 'MarketplaceFacilitatorTax', 'TaxWithheld', 'Reimbursement', 'ReferralCommission'])
def test_what_is_between_amazon_and_the_seller_is_not_the_buyers(name):
    within, alone = transaction(item(group(name, leaf('Tax', -5)))), transaction(item(leaf(name, -5)))
    assert within.items[0][3:6] == alone.items[0][3:6] == (0, 0, Decimal(-5))


@pytest.mark.parametrize(('name', 'withheld'), [('MarketplaceFacilitatorTax', -5), ('WithheldTax', -5), ('AmazonFees', 0), ('ProductCharges', 0)])
def test_tax_that_amazon_withholds_is_known(name, withheld):
    assert transaction(item(group(name, leaf('Tax', -5)), *SALE)).items[0].withheld == withheld


@pytest.mark.parametrize(('total', 'explained'), [
    (104, True), (104.004, True), (103.996, True), (104.005, False), (103.995, False), (110, False), (Decimal(98), False)])
def test_amounts_are_explained_to_half_a_cent(total, explained):
    assert transaction(item(*SALE), total=float(total)).is_explained is explained


def test_what_the_buyer_paid_beside_the_items_is_not_explained():
    assert transaction(item(*SALE), breakdowns=SALE).is_explained
    assert not transaction(item(*SALE), breakdowns=[leaf('ProductCharges', 109), leaf('Fees', -5)]).is_explained
    assert transaction(item(*SALE), breakdowns=[leaf('ProductCharges', 119), leaf('Fees', -10)], total=109).is_explained


def test_an_only_item_without_amounts_has_those_of_the_transaction():
    assert transaction(item(), breakdowns=SALE).items[0][3:] == (100, 19, -15, 0)
    assert [found.goods for found in transaction(item(), item(), breakdowns=SALE).items] == [0, 0], "nobody knows whose they are"


def test_of_several_orders_items_and_products_none_is_named():
    assert transaction(refs=(('ORDER_ID', '1'), ('ORDER_ID', '2'))).order_ref == transaction(refs=()).order_ref == ''
    assert transaction(refs=(('ORDER_ID', '1'), ('ORDER_ID', '1'), ('REFUND_ID', '2'))).order_ref == '1'

    def read_item(**options):
        return transaction(item(*SALE, **options)).items[0][:3]
    assert read_item(refs=(('ORDER_ITEM_ID', '1'), ('ORDER_ITEM_ID', '2'))) == ('', 'SKU-A', 2)
    assert read_item(refs=(('ORDER_ITEM_ID', '1'), ('ORDER_ADJUSTMENT_ITEM_ID', '9'))) == ('9', 'SKU-A', 2), "of a refund it is the item of the refund"
    assert read_item(refs=(), contexts=()) == ('', '', 0)
    assert read_item(contexts=(('SKU-A', 2), ('SKU-B', 3))) == ('1', '', 0)
    assert read_item(contexts=(('SKU-A', 2), ('SKU-A', 3))) == ('1', 'SKU-A', 0)
    assert read_item(contexts=((None, None),)) == ('1', '', 0)


DEFERRED, RELEASE = ('DEFERRED_TRANSACTION_ID', 'D'), ('RELEASE_TRANSACTION_ID', 'R')


@pytest.mark.parametrize(('status', 'refs', 'deferred', 'released'), [
    ('RELEASED', (), (), ('T',)), ('RELEASED', (DEFERRED,), ('D',), ('T',)), ('RELEASED', (RELEASE,), ('T',), ('R',)),
    ('RELEASED', (DEFERRED, RELEASE), ('D',), ('T', 'R')), ('DEFERRED', (), ('T',), ()), ('DEFERRED_RELEASED', (RELEASE,), ('T',), ('R',)),
    ('DEFERRED', (DEFERRED,), ('T', 'D'), ()), ('RELEASED', (('RELEASE_TRANSACTION_ID', 'T'),), (), ('T',)),
])
def test_the_ids_of_the_same_money(status, refs, deferred, released):
    found = transaction(status=status, refs=refs)
    assert (found.deferred_refs, found.release_refs, found.is_deferred) == (deferred, released, status == 'DEFERRED')


def test_an_amount_that_is_missing_is_named_by_its_kind():
    with pytest.raises(AbsentError) as caught:
        transaction(item({'breakdownType': 'k' * 50}))
    assert caught.value.path == f"breakdowns: {'k' * 40}: breakdownAmount"
    assert caught.value.field == 'amount'

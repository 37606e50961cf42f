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
    return {'relatedIdentifiers': [{'itemRelatedIdentifierName': name, 'itemRelatedIdentifierValue': value}
                                   for name, value in refs],
            'contexts': [{'contextType': 'ProductContext', 'sku': sku, 'quantityShipped': quantity}
                         for sku, quantity in contexts],
            'breakdowns': list(breakdowns)}


SALE = [group('ProductCharges', leaf('OurPricePrincipal', 100), leaf('OurPriceTax', 19)),
        group('AmazonFees', leaf('Commission', -15))]


def transaction(*items, total=104, status='RELEASED', refs=(('ORDER_ID', '302-1'),), retaining=(), **more):
    return read_transaction({
        'transactionId': 'T', 'transactionType': 'Shipment', 'transactionStatus': status,
        'postedDate': '2026-10-20T10:00:00+02:00', 'totalAmount': money(total),
        'relatedIdentifiers': [{'relatedIdentifierName': name, 'relatedIdentifierValue': value}
                               for name, value in refs],
        'items': list(items), **more}, retaining)


def test_a_sale():
    found = transaction(item(*SALE), marketplaceDetails={'marketplaceId': 'DE'},
                        sellingPartnerMetadata={'marketplaceId': 'FR'})
    assert [entry[:7] for entry in found.items] == [('1', 'SKU-A', 2, 100, 19, -15, 0)]
    assert (found.order_ref, found.marketplace_ref, found.posted.hour, found.is_deferred,
            found.parts) == ('302-1', 'DE', 8, False, None)
    assert (found.buyer_total, found.is_explained) == (119, True)
    assert transaction(sellingPartnerMetadata={'marketplaceId': 'FR'}).marketplace_ref == 'FR'
    assert transaction().marketplace_ref == ''


@pytest.mark.parametrize('name', ['AmazonFees', 'MarketplaceFacilitatorTax', 'TaxWithheld', 'Reimbursement',
                                  'ReferralCommission'])
def test_what_is_between_amazon_and_the_seller_is_not_the_buyers(name):
    within, alone = transaction(item(group(name, leaf('Tax', -5)))), transaction(item(leaf(name, -5)))
    assert within.items[0][3:6] == alone.items[0][3:6] == (0, 0, Decimal(-5))


@pytest.mark.parametrize(('name', 'withheld'), [('MarketplaceFacilitatorTax', -5), ('WithheldTax', -5),
                                                ('AmazonFees', 0), ('ProductCharges', 0)])
def test_tax_that_amazon_withholds_is_known(name, withheld):
    assert transaction(item(group(name, leaf('Tax', -5)), *SALE)).items[0].withheld == withheld


@pytest.mark.parametrize(('total', 'explained'), [
    (104, True), (104.004, True), (103.996, True), (104.005, False), (103.995, False), (110, False),
    (Decimal(98), False)])
def test_amounts_are_explained_to_half_a_cent(total, explained):
    assert transaction(item(*SALE), total=float(total)).is_explained is explained


def test_what_the_buyer_paid_beside_the_items_is_not_explained():
    assert transaction(item(*SALE), breakdowns=SALE).is_explained
    assert not transaction(item(*SALE), breakdowns=[leaf('ProductCharges', 109), leaf('Fees', -5)]).is_explained
    assert transaction(item(*SALE), breakdowns=[leaf('ProductCharges', 119), leaf('Fees', -10)], total=109).is_explained


def test_an_only_item_without_amounts_has_those_of_the_transaction():
    assert transaction(item(), breakdowns=SALE).items[0][3:7] == (100, 19, -15, 0)
    assert [found.goods for found in transaction(item(), item(), breakdowns=SALE).items] == [
        0, 0], "nobody knows whose they are"


def test_of_several_orders_items_and_products_none_is_named():
    assert transaction(refs=(('ORDER_ID', '1'), ('ORDER_ID', '2'))).order_ref == transaction(refs=()).order_ref == ''
    assert transaction(refs=(('ORDER_ID', '1'), ('ORDER_ID', '1'), ('REFUND_ID', '2'))).order_ref == '1'

    def read_item(**options):
        return transaction(item(*SALE, **options)).items[0][:3]
    assert read_item(refs=(('ORDER_ITEM_ID', '1'), ('ORDER_ITEM_ID', '2'))) == ('', 'SKU-A', 2)
    assert read_item(refs=(('ORDER_ITEM_ID', '1'), ('ORDER_ADJUSTMENT_ITEM_ID', '9'))) == (
        '9', 'SKU-A', 2), "of a refund it is the item of the refund"
    assert read_item(refs=(), contexts=()) == ('', '', 0)
    assert read_item(contexts=(('SKU-A', 2), ('SKU-B', 3))) == ('1', '', 0)
    assert read_item(contexts=(('SKU-A', 2), ('SKU-A', 3))) == ('1', 'SKU-A', 0)
    assert read_item(contexts=((None, None),)) == ('1', '', 0)


DEFERRED, RELEASE = ('DEFERRED_TRANSACTION_ID', 'D'), ('RELEASE_TRANSACTION_ID', 'R')


@pytest.mark.parametrize(('status', 'refs', 'deferred', 'released'), [
    ('RELEASED', (), (), ('T',)), ('RELEASED', (DEFERRED,), ('D',), ('T',)), ('RELEASED', (RELEASE,), ('T',), ('R',)),
    ('RELEASED', (DEFERRED, RELEASE), ('D',), ('T', 'R')), ('DEFERRED', (), ('T',), ()),
    ('DEFERRED_RELEASED', (RELEASE,), ('T',), ('R',)),
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


# === FORMS THAT AMAZON HAS BEEN SEEN WITH === #

@pytest.mark.parametrize(('status', 'deferred'), [
    ('Released', False), ('released', False), (None, False), ('', False), ('Deferred', True), ('deferred', True),
    ('Deferred_Released', False), ('Deferred Released', False)])
def test_a_status_is_known_in_any_capitals_and_none_is_not_deferred(status, deferred):
    """Amazon's model writes `Released` in its example, public answers have it as null (issues 4220, 4237 and 4245)."""
    found = transaction(item(*SALE), status=status)
    assert (found.is_deferred, found.status_unknown) == (deferred, '')


def test_a_transaction_without_a_status_is_deferred_if_its_context_says_so():
    context = [{'contextType': 'DeferredContext', 'deferralReason': 'DD7'}]
    assert transaction(item(*SALE), status=None, contexts=context).is_deferred
    released = transaction(item(*SALE), status=None, contexts=context,
                           refs=(('ORDER_ID', '302-1'), ('RELEASE_TRANSACTION_ID', 'R')))
    assert (released.is_deferred, released.deferred_refs, released.release_refs) == (False, ('T',), ('R',))
    releasing = transaction(item(*SALE), status=None, refs=(('ORDER_ID', '302-1'), ('DEFERRED_TRANSACTION_ID', 'D')))
    assert (releasing.is_deferred, releasing.deferred_refs, releasing.release_refs) == (False, ('D',), ('T',))


def test_a_status_that_nobody_knows_waits():
    found = transaction(item(*SALE), status='On hold')
    assert (found.is_deferred, found.status_unknown) == (True, 'On hold')


def test_amounts_may_be_in_an_object():
    """Amazon's model has a list, its own example an object with the list."""
    tree = {
        'breakdowns': [
            group('Sales',
                  {**group('ProductCharges'), 'breakdowns': {'breakdowns': [leaf('OurPricePrincipal', 119)]}})]}
    assert transaction(item(*SALE), breakdowns={'breakdowns': SALE}).parts == (119, -15)
    assert transaction(item(), breakdowns=tree).items[0][3:6] == (119, 0, 0)
    assert transaction({**item(), 'breakdowns': {'breakdowns': SALE}}).items[0][3:6] == (100, 19, -15)
    assert transaction({**item(), 'breakdowns': leaf('OurPricePrincipal', 119)}).items[0][3:6] == (119, 0, 0)
    assert transaction(item(*SALE), breakdowns={}).parts is None


# === WHOSE TAX IT IS === #

REMITTED = [
    'MarketplaceFacilitatorTax-Principal', 'MarketplaceFacilitatorTax-Shipping', 'MarketplaceFacilitatorTax-Giftwrap',
    'MarketplaceFacilitatorTax-Other',
    'MarketplaceFacilitatorVAT-Principal', 'MarketplaceFacilitatorVAT-Shipping', 'LowValueGoodsTax-Principal',
    'LowValueGoodsTax-Shipping', 'TaxWithheld', 'GSTTax-Principal']
RETAINED = ['TCS-CGST', 'TCS-IGST', 'ItemTDS', 'TDS (Section 194-O)', 'IncomeTaxWithheld', 'ISR']


@pytest.mark.parametrize('name', REMITTED)
def test_tax_that_amazon_remits_in_the_sellers_place(name):
    found = transaction(item(group('Tax', leaf('OurPriceTax', -19), leaf(name, 19)), leaf('OurPricePrincipal', -100)),
                        total=-100)
    assert (found.items[0].tax, found.items[0].withheld, found.buyer_total, found.is_explained) == (-19, 19, -119, True)


@pytest.mark.parametrize('name', RETAINED)
def test_tax_that_amazon_keeps_of_the_sellers_own(name):
    """The invoice has all of the buyer's tax: what the tax office gets of the seller's through Amazon is between these
    two.
    """
    found = transaction(item(group('TaxWithheld', leaf(name, 5)), leaf('OurPriceTax', -19),
                             leaf('OurPricePrincipal', -100)), total=-114)
    assert (found.items[0].tax, found.items[0].withheld, found.items[0].others, found.buyer_total) == (-19, 0, 5, -119)


@pytest.mark.parametrize(('market', 'withheld'), [('A1AM78C64UM0Y8', 0), ('A1PA6795UKMFR9', 80)])
def test_where_a_law_says_so_what_amazon_withholds_is_the_sellers_own(market, withheld):
    """Mexico: half of the IVA of a Mexican seller."""
    found = transaction(item(leaf('OurPricePrincipal', -1000), leaf('OurPriceTax', -160),
                             leaf('MarketplaceFacilitatorVAT-Principal', 80)), total=-1080,
                        marketplaceDetails={'marketplaceId': market}, retaining=('A1AM78C64UM0Y8',))
    assert (found.buyer_total, found.items[0].withheld, found.items[0].others) == (-1160, withheld, 80)


def test_a_tax_of_another_sign_that_nobody_knows_is_asked_for():
    """It may be Amazon's: then the credit note would be short by it."""
    def find(name, amount):
        return transaction(item(leaf('OurPricePrincipal', -100),
                                group('Tax', leaf('OurPriceTax', -19), leaf(name, amount))), total=-119 + amount)
    assert not find('ImportVATRemittance', 19).is_explained
    assert find('ShippingTaxDiscount', 1).is_explained
    assert find('ShippingTax', -1).is_explained


def test_words_within_words_are_no_taxes():
    found = transaction(item(leaf('GiftCardsAndRefunDS', -5), leaf('OurPricePrincipal', -100)), total=-105)
    assert found.buyer_total == -105

"""What was earned and not yet settled at the end of a month, to the moment."""

import datetime

import pytest
from amazon_api.accruals import judge, read_entry

END = datetime.datetime(2026, 10, 31, 23)
SETTLED = datetime.datetime(2026, 10, 28, 6)


def money(amount):
    return {'currencyCode': 'EUR', 'currencyAmount': amount}


def leaf(kind, amount):
    return {'breakdownType': kind, 'breakdownAmount': money(amount)}


def entry(*breakdowns, kind='Shipment', status='RELEASED', posted='2026-10-30T10:00:00Z', matures=None, total=119.0):
    contexts = [{'contextType': 'DeferredContext', 'maturityDate': matures}] if matures else []
    return read_entry({
        'transactionId': 'T', 'transactionType': kind, 'transactionStatus': status, 'postedDate': posted,
        'totalAmount': money(total), 'breakdowns': list(breakdowns), 'contexts': contexts, 'relatedIdentifiers': []})


@pytest.mark.parametrize(('posted', 'found'), [
    ('2026-10-31T22:59:59Z', 'open'), ('2026-10-31T23:00:00Z', None), ('2026-10-28T06:00:00Z', 'open'),
    ('2026-10-28T05:59:59Z', None)])
def test_what_is_open_from_the_end_of_a_settlement_to_the_end_of_the_month(posted, found):
    assert judge(entry(posted=posted), END, SETTLED) == found


@pytest.mark.parametrize(('matures', 'found'), [
    ('2026-10-31T22:59:59Z', None), ('2026-10-31T23:00:00Z', 'deferred'), ('2026-11-05T00:00:00Z', 'deferred'),
    (None, 'unknown')])
def test_what_was_deferred_at_the_end_and_released_later(matures, found):
    assert judge(entry(status='DEFERRED_RELEASED', matures=matures), END, SETTLED) == found


@pytest.mark.parametrize(('kind', 'is_refund', 'sort'), [
    ('Refund', True, 'refunds'), ('Chargeback', True, 'refunds'), ('Shipment', False, 'sales')])
def test_money_that_goes_back_to_buyers(kind, is_refund, sort):
    found = entry(leaf('OurPricePrincipal', 100.0), leaf('OurPriceTax', 19.0), kind=kind)
    assert (found.is_refund, found.amounts, found.taxes) == (is_refund, {(sort, 'buyer'): 100}, {'buyer': 19})


def test_tax_that_amazon_remits_is_nothing_earned_or_owed():
    found = entry(leaf('OurPricePrincipal', 100.0), leaf('OurPriceTax', 19.0),
                  leaf('MarketplaceFacilitatorTaxPrincipal', -19.0), total=100.0)
    assert (found.amounts, found.taxes) == ({('sales', 'buyer'): 100}, {'buyer': 19})


def test_a_tax_of_zero_says_nothing():
    assert entry(leaf('OurPricePrincipal', 119.0), leaf('OurPriceTax', 0)).taxes == {}

from odoo.tests import tagged

from .settlement_files import PRINCIPAL, STORAGE, row
from .test_accruals import AccrualCase, moved, sale
from .test_transactions import group, money

FIRST, SECOND = '302-1234567-1234568', '302-1234567-1234569'


def part(kind, amount, *parts):
    """A breakdown with parts or, as Amazon writes it, null."""
    return {'breakdownType': kind, 'breakdownAmount': money(amount), 'breakdowns': list(parts) or None}


def detailed(ref):
    """A sale as Amazon's public answers have it: sums in all, and base and tax of each fee with its item."""
    charges = [part('Tax', 89.8, part('OurPriceTax', 80), part('ShippingTax', 9.8)),
               part('ProductCharges', 320, part('OurPricePrincipal', 320)),
               part('Shipping', 39.2, part('ShippingPrincipal', 39.2))]
    fees = part('AmazonFees', -154.54,
                part('FBAPerUnitFulfillmentFee', -45.54, part('Base', -36.43), part('Tax', -9.11)),
                part('Commission', -60, part('Base', -60)),
                part('ShippingChargeback', -49, part('Base', -39.2), part('Tax', -9.8)))
    return {
        **moved(ref, 294.46, part('Sales', 449, part('Tax', 89.8), part('ProductCharges', 320), part('Shipping', 39.2)),
                part('Expenses', -154.54, part('AmazonFees', -154.54))),
            'items': [{'relatedIdentifiers': [],
                       'contexts': [{'contextType': 'ProductContext', 'sku': 'X', 'quantityShipped': 1}],
                       'breakdowns': [*charges, fees]}]}


@tagged('post_install', '-at_install')
class TestAccrualsSeries(AccrualCase):
    """Two accounts of a seller at one marketplace are settled on different days, and fees are booked by what they are.
    """

    def settle_other_account(self, *rows, **options):
        """A settlement of another account, from 12 to 26 September."""
        return self.book(list(rows), **{'ref': '950', 'start': '2026-09-12', 'end': '2026-09-26', **options})

    def test_what_another_account_settled_later_is_not_all_that_is_settled(self):
        self.settle_other_account(row(PRINCIPAL, '119.00', FIRST, posted='2026-09-20'))
        accrual = self.accrue(
            sale('T1', order=FIRST), sale('T2', order=SECOND), sale('T3', order=FIRST, posted='2026-09-28T10:00:00Z'),
            sale('T4', posted='2026-09-10T10:00:00Z'))
        self.assertEqual(self.sums(accrual), {('open', 'sales'): 200.0, ('open', 'commission'): -35.7}, "T2 and T3")

    def test_a_fee_that_another_account_settled(self):
        self.settle_other_account(row(STORAGE, '-39.00', posted='2026-09-20'), row(PRINCIPAL, '50.00', FIRST))
        fees = [moved(ref, amount, group('AmazonFees', ('StorageFee', amount)), kind='ServiceFee')
                for ref, amount in (('T1', -39.0), ('T2', -12.0))]
        self.assertEqual(self.sums(self.accrue(*fees)), {('open', 'storage'): -12.0})

    def test_a_fee_that_another_account_settled_in_parts(self):
        fee = 'FBA Inventory Storage Fee'
        self.settle_other_account(*(row(('FBAFees', fee, part), amount, posted='2026-09-20') for part, amount in (
            ('Base fee', '-30.00'), ('Tax on fee', '-9.00'))), row(PRINCIPAL, '50.00', FIRST))
        fees = [moved(ref, amount, group('AmazonFees', ('StorageFee', amount)), kind='ServiceFee')
                for ref, amount in (('T1', -39.0), ('T2', -12.0))]
        self.assertEqual(self.sums(self.accrue(*fees)), {('open', 'storage'): -12.0})

    def test_a_settlement_that_a_transaction_names_decides(self):
        def named(entry, ref):
            return {**entry, 'relatedIdentifiers': [*entry['relatedIdentifiers'], {
                'relatedIdentifierName': 'SETTLEMENT_ID', 'relatedIdentifierValue': ref}]}
        self.settle_other_account(row(PRINCIPAL, '50.00', FIRST))
        accrual = self.accrue(named(sale('T1', order=SECOND), '950'), named(sale('T2', order=SECOND), '777'),
                              sale('T3', order=SECOND))
        self.assertEqual(self.sums(accrual)['open', 'sales'], 200.0)

    def test_an_account_that_ended_long_ago_holds_nothing_open(self):
        self.book([row(PRINCIPAL, '10.00', FIRST)], ref='800', start='2026-07-01', end='2026-07-15')
        accrual = self.accrue(sale('T1'), sale('T0', posted='2026-09-10T10:00:00Z'))
        self.assertEqual(self.sums(accrual)['open', 'sales'], 100.0)

    def test_fees_are_of_their_kinds_and_without_tax(self):
        accrual = self.accrue(detailed('T1'))
        self.assertEqual(self.sums(accrual), {('open', 'sales'): 359.2, ('open', 'fba'): -36.43,
                                              ('open', 'commission'): -60.0, ('open', 'shipping'): -39.2})

    def test_items_that_are_not_all_are_not_taken_for_it(self):
        entry = detailed('T1')
        entry['items'][0]['breakdowns'] = entry['items'][0]['breakdowns'][:1]
        self.assertEqual(self.sums(self.accrue(entry)), {('open', 'sales'): 359.2, ('open', 'fees'): -154.54})

    def test_statuses_in_any_spelling(self):
        accrual = self.accrue(
            sale('T1', status='Released'), {**sale('T2', status=None), 'contexts': []}, sale('T3', status='Deferred'),
            {**sale('T4', status='OnHold'),
             'breakdowns': {'breakdowns': [group('ProductCharges', ('OurPricePrincipal', 101.15))]}})
        self.assertEqual({key: amount for key, amount in self.sums(accrual).items() if key[1] == 'sales'},
                         {('open', 'sales'): 200.0, ('deferred', 'sales'): 100.0, ('unknown', 'sales'): 85.0})

    def test_tax_that_amazon_keeps_is_no_income(self):
        charges = group('ProductCharges', ('OurPricePrincipal', 100.0), ('OurPriceTax', 19.0))
        accrual = self.accrue(
            moved('T1', 99.0, charges, group('Tax', ('LowValueGoodsTax-Principal', -19.0), ('TCS-IGST', -1.0))))
        self.assertEqual(self.sums(accrual), {('open', 'sales'): 100.0})

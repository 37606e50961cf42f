from odoo.tests import tagged

from .settlement_files import PRINCIPAL, REFUND, REFUND_TAX, TAX, row
from .test_transactions import TransactionCase, group, refund


@tagged('post_install', '-at_install')
class TestTransactionsForms(TransactionCase):
    """What Amazon has been seen to send of a refund becomes its credit note; what nobody knows is kept and said."""

    def refund_all(self, ref, *leaves, status='RELEASED', sold=None, **vals):
        sale, item = sold or self.sell(1, '119.00')
        leaves = leaves or (('OurPricePrincipal', -100.0), ('OurPriceTax', -19.0))
        self.fetch({**refund(sale, (item, 1, [group('ProductCharges', *leaves)]), ref=ref, status=status), **vals})
        return self.one(ref)

    def test_released_in_any_spelling_is_credited(self):
        for number, status in enumerate(('Released', 'released', None, 'RELEASED')):
            found = self.refund_all(f'S{number}', status=status)
            self.assertEqual((found.state, found.move_id.amount_total), ('done', 119.0), (status, found.error))

    def test_deferred_in_any_spelling_waits_until_it_is_released(self):
        sold = self.sell(1, '119.00')
        found = self.refund_all('D1', status='Deferred', sold=sold)
        self.assertEqual((found.state, found.is_deferred, found.move_id.id), ('waiting', True, False))
        self.refund_all('D1', status='Deferred_Released', sold=sold)
        self.assertEqual((found.state, found.move_id.amount_total), ('done', 119.0), found.error)

    def test_a_status_that_nobody_knows_waits_and_is_said(self):
        sold = self.sell(1, '119.00')
        found = self.refund_all('U1', status='OnHold', sold=sold)
        self.assertEqual((found.state, found.amount, found.buyer_amount), ('waiting', -119.0, -119.0))
        self.assertIn("OnHold", found.error)
        self.refund_all('U1', status='RELEASED', sold=sold)
        self.assertEqual((found.state, found.move_id.amount_total), ('done', 119.0), found.error)

    def test_amounts_in_an_object_are_read(self):
        """As in the example of Amazon's model."""
        found = self.refund_all('B1',
                                breakdowns={
                                    'breakdowns': [group('Refunded Sales', ('ProductCharges', -100.0),
                                                         ('Tax', -19.0))]})
        self.assertEqual((found.state, found.move_id.amount_total), ('done', 119.0), found.error)

    def test_tax_of_low_value_goods_is_amazons(self):
        sold = self.sell(1, '119.00', parts=[('ITEM', '100.00'), ('TAX', '19.00')], remitted=True)
        self.assertEqual(sold[0].invoice_ids.amount_total, 119.0)
        found = self.refund_all('L1', ('OurPricePrincipal', -100.0), ('OurPriceTax', -19.0),
                                ('LowValueGoodsTax-Principal', 19.0), sold=sold)
        self.assertEqual((found.state, found.move_id.amount_total), ('done', 119.0), found.error)
        sale, item = sold
        kinds = {kind: (kind, 'ItemWithheldTax', 'LowValueGoodsTax-Principal') for kind in ('Order', 'Refund')}
        settlement = self.book([row(kind, amount, sale.amazon_order_ref, order_item_code=item) for kind, amount in (
            (PRINCIPAL, '100'), (TAX, '19'), (kinds['Order'], '-19'), (REFUND, '-100'), (REFUND_TAX, '-19'),
            (kinds['Refund'], '19'))])
        self.assertEqual((set(sale.invoice_ids.mapped('amount_residual')), len(settlement.open_line_ids)), ({0.0}, 0))

    def test_a_retention_of_the_seller_is_in_no_credit_note(self):
        """India: tax that Amazon collected of the seller at the source comes back to the seller, not to the buyer."""
        found = self.refund_all('T1', ('OurPricePrincipal', -100.0), ('OurPriceTax', -19.0), ('TCS-IGST', 1.0))
        self.assertEqual((found.state, found.buyer_amount, found.move_id.amount_total), ('done', -119.0, 119.0),
                         found.error)

    def test_sums_less_what_amazon_remits_explain_it(self):
        sold = self.sell(1, '119.00', parts=[('ITEM', '100.00'), ('TAX', '19.00')], remitted=True)
        found = self.refund_all('M1', ('OurPricePrincipal', -100.0), ('OurPriceTax', -19.0),
                                ('MarketplaceFacilitatorTax-Principal', 19.0), sold=sold,
                                breakdowns=[group('Refunded Sales', ('ProductCharges', -100.0), ('Tax', 0.0))])
        self.assertEqual((found.state, found.move_id.amount_total), ('done', 119.0), found.error)

    def test_a_tax_that_nobody_knows_is_asked_for(self):
        found = self.refund_all('Q1', ('OurPricePrincipal', -100.0), ('OurPriceTax', -19.0), ('CarbonTax', 19.0))
        self.assertEqual((found.state, found.move_id.id), ('error', False))

from odoo.tests import Form, tagged

from . import payloads
from .settlement_files import COMMISSION, PRINCIPAL, REFUND, REFUND_COMMISSION, REFUND_TAX, TAX, row
from .test_transactions import TransactionCase, group, refund


@tagged('post_install', '-at_install')
class TestOrderMargin(TransactionCase):
    """Margin after Amazon: what was sold for 100 and cost 30 earns nothing when it is refunded; Amazon charged nothing
    for it until now.
    """

    def setUp(self):
        super().setUp()
        self.product.standard_price = 30.0
        self.know_fees()
        self.sale, self.item = self.sell(quantity=1, total='119.00')
        self.assertEqual((self.sale.amount_untaxed, self.sale.margin, self.sale.amazon_margin), (100.0, 70.0, 70.0))

    def give_back(self, gross='119.00', ref='T1', **options):
        price = round(float(gross) / 1.19, 2)
        charges = group('ProductCharges', ('OurPricePrincipal', -price),
                        ('OurPriceTax', -round(float(gross) - price, 2)))
        return refund(self.sale, (self.item, 1, [charges]), ref=ref, **options)

    def test_a_full_refund_takes_the_sale_back(self):
        self.import_rows([row(PRINCIPAL, '119.00', self.sale.amazon_order_ref),
                      row(COMMISSION, '-15.00', self.sale.amazon_order_ref),
                      row(REFUND, '-119.00', self.sale.amazon_order_ref),
                      row(REFUND_COMMISSION, '12.00', self.sale.amazon_order_ref)])
        self.assertEqual((self.sale.amazon_fees, self.sale.amazon_refunds, self.sale.amazon_margin),
                         (-3.0, -100.0, -33.0))

    def test_the_settlement_and_the_transaction_are_the_same_refund(self):
        self.fetch(self.give_back())
        self.assertEqual((self.sale.amazon_refunds, self.sale.amazon_margin), (-100.0, -30.0))
        self.import_rows([row(REFUND, '-119.00', self.sale.amazon_order_ref)])
        self.assertEqual(self.sale.amazon_refunds, -100.0)
        self.import_rows([row(REFUND, '-59.50', self.sale.amazon_order_ref)], ref='222')
        self.assertEqual(self.sale.amazon_refunds, -150.0, "a second one that is in no transaction")

    def test_goods_that_come_back_are_worth_their_cost(self):
        sale = self.receive_sale(payloads.order(payloads.item(total='119.00'), ref='302-8888888-1234567'))
        picking = sale.picking_ids
        picking.move_ids.picked = True
        picking._action_done()
        self.import_rows([row(REFUND, '-119.00', sale.amazon_order_ref)])
        self.assertEqual((sale.amazon_returned_cost, sale.amazon_margin), (0.0, -30.0))
        wizard = Form(self.env['stock.return.picking'].with_context(active_id=picking.id,
                                                                    active_model='stock.picking')).save()
        wizard.product_return_moves.quantity = 1
        back = self.env['stock.picking'].browse(wizard.action_create_returns()['res_id'])
        self.assertEqual(sale.amazon_returned_cost, 0.0, "they are not here yet")
        back.move_ids.picked = True
        back._action_done()
        self.assertEqual((sale.amazon_returned_cost, sale.amazon_margin), (30.0, 0.0))

    def test_an_order_that_comes_after_its_refund(self):
        ref = '302-9999999-1234567'
        self.import_rows([row(REFUND, '-119.00', ref)])
        sale = self.receive_sale(payloads.order(payloads.item(total='119.00', shipped=1), ref=ref, status='SHIPPED'))
        self.assertEqual((sale.amazon_refunds, sale.amazon_margin), (-100.0, -30.0))

    def test_tax_that_amazon_remits_is_nobodys_gain(self):
        american = self.marketplace('US')
        self.env['res.currency.rate'].create({'currency_id': american.currency_id.id, 'name': '2026-09-01', 'rate': 1,
                                              'company_id': self.company.id})
        parts = [('ITEM', '39.99'), ('TAX', '10.00', {'ITEM': '10.00'})]
        sale = self.receive_sale(
            payloads.order(payloads.item(total='49.99', parts=parts, currency='USD', remitted=True, shipped=1),
                           market='US', status='SHIPPED', ref='111-0000001-0000001'))
        cost, kind = sale.margin - 49.99, 'MarketplaceFacilitatorTax-Principal'
        rows = [(PRINCIPAL, '39.99'), (TAX, '10.00'), (('Order', 'ItemWithheldTax', kind), '-10.00'),
                (REFUND, '-39.99'), (REFUND_TAX, '-10.00'), (('Refund', 'ItemWithheldTax', kind), '10.00')]
        self.import_rows([row(kind, amount, sale.amazon_order_ref, market='Amazon.com') for kind, amount in rows],
                     currency='USD')
        self.assertEqual((round(sale.amazon_fees, 2), sale.amazon_refunds, round(sale.amazon_margin, 2)),
                         (0.0, -49.99, round(cost, 2)))

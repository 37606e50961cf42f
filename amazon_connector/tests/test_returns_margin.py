from odoo.tests import tagged

from . import payloads
from .returns_common import ReturnsCase, request
from .settlement_files import OTHER, row
from .test_settlements import SettlementCase

LABEL = (OTHER, OTHER, 'Shipping label purchase for return')
POSTAGE = (OTHER, OTHER, 'ReturnPostageBilling_Postage')
SURCHARGE = (OTHER, OTHER, 'ReturnPostageBilling_FuelSurcharge')


@tagged('post_install', '-at_install')
class TestReturnsMargin(SettlementCase, ReturnsCase):
    """Labels of returns cost margin once: by the report of returns until the settlement charges them."""

    def setUp(self):
        super().setUp()
        self.product.standard_price = 30.0
        self.know_fees()
        self.sale = self.sell(payloads.item(quantity=2, total='238.00'))
        self.before = self.sale.amazon_margin

    def check(self, labels, fees=0.0):
        self.assertEqual(payloads.cents(self.sale.amazon_return_labels, self.sale.amazon_fees), (labels, fees))
        self.assertAlmostEqual(self.sale.amazon_margin, self.before + labels + fees)

    def test_until_the_settlement_charges_it(self):
        self.announce(request(self.sale))
        self.check(-4.14)
        self.import_rows([row(LABEL, '-4.20', self.sale.amazon_order_ref)])
        self.check(0.0, -4.2)
        self.announce(request(self.sale, status='Closed'))
        self.check(0.0, -4.2)

    def test_a_settlement_before_the_report(self):
        self.import_rows([row(LABEL, '-4.20', self.sale.amazon_order_ref)])
        self.announce(request(self.sale))
        self.check(0.0, -4.2)

    def test_several_rows_of_one_label(self):
        self.announce(request(self.sale), request(self.sale, rma='D2RRMA', date='12-Oct-2026', label_cost='5.00',
                                                  tracking='2'))
        self.check(-9.14)
        self.import_rows([row(POSTAGE, '-4.00', self.sale.amazon_order_ref),
                          row(SURCHARGE, '-0.14', self.sale.amazon_order_ref)])
        self.check(-5.0, -4.14)

    def test_a_label_for_the_way_there_is_another_one(self):
        self.announce(request(self.sale))
        self.import_rows([row((OTHER, OTHER, 'Shipping label purchase'), '-6.00', self.sale.amazon_order_ref)])
        self.check(-4.14, -6.0)

    def test_labels_that_the_buyer_pays(self):
        self.announce(request(self.sale, payer='Customer'))
        self.check(0.0)

    def test_items_of_one_parcel_have_one_label(self):
        sale = self.sell(payloads.item(), payloads.item(sku='SKU-B'))
        first, second = sale.order_line.sorted('id')
        self.announce(request(sale, item=first.amazon_item_ref),
                      request(sale, item=second.amazon_item_ref, sku='SKU-B'))
        self.assertAlmostEqual(sale.amazon_return_labels, -4.14)

    def test_goods_that_are_scrapped_are_worth_nothing(self):
        record = self.announce(request(self.sale, quantity='2', label_cost=''))
        self.validate(record.move_ids.picking_id)
        self.assertEqual(self.sale.amazon_returned_cost, 60.0)
        wizard = self.env['amazon.return.inspect'].browse(record.action_inspect()['res_id'])
        wizard.write({'outcome': 'scrap', 'quantity': 1})
        wizard.action_apply()
        self.assertEqual(self.sale.amazon_returned_cost, 30.0)

from odoo.tests import tagged

from .common import AmazonCase
from .payloads import breakdown, item, order


@tagged('post_install', '-at_install')
class TestAmounts(AmazonCase):
    """A5: the total in Odoo is Amazon's, to the cent, for every tax model."""

    def assert_total(self, payload):
        sale = self.receive_sale(payload)
        self.assertEqual(sale.currency_id.compare_amounts(sale.amount_total,
                                                          float(payload['proceeds']['grandTotal']['amount'])), 0)
        return sale

    def test_german_vat_inside_the_price(self):
        sale = self.assert_total(order(item(total='119.00', parts=[('ITEM', '119.00'), ('TAX', '19.00')])))
        self.assertEqual(sale.amount_tax, 19)
        self.assertTrue(sale.order_line.tax_ids.price_include)

    def test_a_reduced_rate_is_found_by_arithmetic(self):
        sale = self.assert_total(order(item(total='10.70', parts=[('ITEM', '10.70'), ('TAX', '0.70')])))
        self.assertEqual(sale.order_line.tax_ids.amount, 7)

    def test_two_rates_in_one_order(self):
        sale = self.assert_total(order(item(total='119.00', parts=[('ITEM', '119.00'), ('TAX', '19.00')]),
                                       item('SKU-B', total='10.70', parts=[('ITEM', '10.70'), ('TAX', '0.70')])))
        self.assertEqual(sorted(sale.order_line.tax_ids.mapped('amount')), [7, 19])
        self.assertAlmostEqual(sale.amount_tax, 19.70)

    def test_tax_that_is_not_stated_is_the_products(self):
        sale = self.assert_total(order(item(total='34.99')))
        self.assertEqual(sale.order_line.tax_ids.amount, 19)
        self.assertAlmostEqual(sale.amount_tax, 5.59)

    def test_us_tax_on_top_remitted_by_amazon_is_kept_apart(self):
        sale = self.assert_total(order(item(
            total='49.99', parts=[('ITEM', '39.99'), ('TAX', '10.00')], currency='USD', remitted=True), market='US'))
        tax_line = sale.order_line.filtered(lambda line: line.product_id == self.marketplace('US').tax_product_id)
        self.assertEqual(tax_line.price_total, 10)
        self.assertEqual((sale.order_line - tax_line).price_total, 39.99)
        self.assertFalse(sale.order_line.tax_ids)

    def test_uk_without_a_tax_entry(self):
        self.assert_total(order(item(total='34.99', currency='GBP'), market='GB'))

    def test_canadian_tax_on_top(self):
        sale = self.assert_total(order(item(total='22.59', parts=[('ITEM', '19.99'), ('TAX', '2.60')], currency='CAD'),
                                       market='CA'))
        self.assertEqual(len(sale.order_line), 2)

    def test_yen_have_no_decimals(self):
        sale = self.assert_total(order(item(quantity=3, total='10000', currency='JPY'), market='JP'))
        self.assertEqual(sale.amount_total, 10000)

    def test_mexico(self):
        self.assert_total(order(item(total='116.00', parts=[('ITEM', '116.00'), ('TAX', '16.00')], currency='MXN'),
                                market='MX'))

    def test_discount_gift_wrap_shipping_and_its_discount(self):
        gift = {'packing': {'giftOption': {'giftMessage': "With love"}}}
        payload = order(item(fulfillment=gift, total='107.49', parts=[
            ('ITEM', '100.00'), ('SHIPPING', '4.99'), ('GIFT_WRAP', '12.48'),
            ('DISCOUNT', '9.98', {'ITEM': '4.99', 'SHIPPING': '4.99'}),
            ('TAX', '17.16', {'ITEM': '15.17', 'SHIPPING': '0.00', 'GIFT_WRAP': '1.99'})]))
        sale = self.assert_total(payload)
        products = sale.order_line.product_id
        self.assertTrue(self.german.shipping_product_id | self.german.gift_wrap_product_id
                        | self.german.discount_product_id <= products)
        self.assertIn("With love", sale.order_line.filtered(lambda line: line.display_type == 'line_note').name)
        self.assertTrue(sale.order_line.filtered('is_delivery'))

    def test_a_quantity_that_does_not_divide_the_price(self):
        sale = self.assert_total(order(item(quantity=3, total='10.00')))
        self.assertEqual(sale.order_line.filtered(lambda line: line._amazon_is_goods()).product_uom_qty, 3)

    def test_a_tip_is_a_line_of_its_own(self):
        sale = self.assert_total(order(item(total='13.00'), total='16.00',
                                       breakdowns=[breakdown('DELIVERY_TIP', '3.00')]))
        self.assertEqual(
            sale.order_line.filtered(lambda line: line.product_id == self.german.fee_product_id).price_total, 3)

    def test_a_free_replacement(self):
        sale = self.assert_total(order(item(total='0.00')))
        self.assertEqual(sale.amount_total, 0)

    def test_an_intra_community_business_order_has_no_vat(self):
        self.company.vat = 'DE136695976'
        business = order(item(total='100.00', parts=[('ITEM', '100.00'), ('TAX', '0.00')]), market='FR',
                         tax={'taxRegistrations': [{
                             'entityType': 'BUYER', 'legalName': "Acheteur SA", 'taxRegistrationType': 'VAT',
                             'taxRegistrationNumber': 'FR23334175221'}]})
        business['buyer']['buyerCompanyName'] = "Acheteur SA"
        business['recipient']['deliveryAddress']['countryCode'] = 'FR'
        sale = self.assert_total(business)
        self.assertEqual(sale.amount_tax, 0)
        self.assertEqual(sale.partner_id.vat, 'FR23334175221')
        self.assertTrue(sale.fiscal_position_id, "the VAT number must lead to the intra-community fiscal position")

    def test_amounts_that_contradict_each_other_are_never_silent(self):
        row = self.receive(order(item(total='50.00', parts=[('ITEM', '40.00')])))
        self.assertEqual((row.state, bool(row.sale_order_id)), ('error', False))
        self.assertIn("40.00", row.error)

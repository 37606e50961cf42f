from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AmazonCase
from .payloads import item, order


@tagged('post_install', '-at_install')
class TestExceptions(AmazonCase):

    def test_an_unknown_sku_waits_with_its_total_and_its_stock_question(self):
        row = self.receive(order(item('NEW-1')))
        self.assertEqual((row.state, row.sale_order_id.state, row.sale_order_id.amount_total), ('error', 'draft', 119))
        self.assertIn('NEW-1', row.error)
        self.assertEqual(row.sale_order_id.order_line.product_id, self.german.fallback_product_id)
        self.assertEqual(row.listing_ids.mapped('sku'), ['NEW-1'])

    def test_choosing_the_product_corrects_the_order(self):
        row = self.receive(order(item('NEW-1', quantity=2)))
        row.listing_ids.product_id = self.product
        self.assertEqual(row.state, 'new', "choosing the product must retry by itself")
        row._process()
        self.assertEqual((row.state, row.sale_order_id.state), ('done', 'sale'))
        self.assertEqual(row.sale_order_id.order_line.product_id, self.product)
        self.assertEqual(row.sale_order_id.picking_ids.move_ids.product_uom_qty, 2)

    def test_products_by_listing_then_reference_then_barcode_then_asin(self):
        by_barcode = self._make_product(False, barcode='4006381333931')
        by_asin = self._make_product(False, amazon_asin='B0BYASIN01')
        self.env['amazon.listing'].create({'marketplace_id': self.german.id, 'sku': 'SKU-B',
                                           'product_id': self.product.id})
        found = [self.receive_sale(order(entry)).order_line.product_id for entry in (
            item('SKU-A'), item('SKU-B'), item('4006381333931'), item('WHATEVER', product={'asin': 'B0BYASIN01'}))]
        self.assertEqual(found, [self.product, self.product, by_barcode, by_asin])

    def test_an_ambiguous_reference_is_not_guessed(self):
        self._make_product('SKU-A')
        self.assertEqual(self.receive(order(item('SKU-A'))).state, 'error')

    def test_one_strange_order_does_not_stop_the_others(self):
        """A17"""
        inbox = self.env['amazon.order'].sudo()
        good = [order(item()) for _number in range(9)]
        strange = [order(item('NEW-1')), order(item(), created='1995-01-01T00:00:00Z'),
                   order(item(currency='USD'), market='DE')]
        inbox._store(self.seller, good[:5] + strange + good[5:])
        rows = inbox.search([('seller_id', '=', self.seller.id)])
        rows._process()
        states = {row.amazon_order_ref: row.state for row in rows}
        self.assertEqual({states[payload['orderId']] for payload in good}, {'done'})
        self.assertEqual({states[payload['orderId']] for payload in strange}, {'error'})
        self.assertTrue(all(row.error and row.next_step and row.next_attempt for row in rows if row.state == 'error'))

    def test_an_order_that_odoo_itself_refuses_stands_alone(self):
        """A17: not even a database error in one order touches the others of its batch."""
        orders = [order(item()) for _number in range(5)]
        self.env['sale.order'].create({  # takes the unique key of the third order
            'partner_id': self.env.user.partner_id.id, 'amazon_order_ref': orders[2]['orderId'],
            'amazon_marketplace_id': self.german.id, 'company_id': self.company.id})
        inbox = self.env['amazon.order'].sudo()
        inbox._store(self.seller, orders)
        rows = inbox.search([('seller_id', '=', self.seller.id)], order='id')
        with self.assertLogs('odoo.addons.amazon_connector.models.amazon_order', 'WARNING'), self.cr.savepoint():
            rows._process()
        self.assertEqual(sorted(rows.mapped('state')), ['done'] * 4 + ['error'])

    def test_a_marketplace_left_out_is_named(self):
        self.german.active = False
        row = self.receive(order(item()))
        self.assertEqual(row.state, 'error')
        self.assertIn("Activate", row.error)

    def test_retries_back_off(self):
        row = self.receive(order(item('NEW-1')))
        first = row.next_attempt
        row._process()
        self.assertGreater(row.next_attempt, first)
        self.assertEqual(row.attempts, 2)

    def test_retry_all_takes_every_exception(self):
        rows = self.receive(order(item('NEW-1')), order(item('NEW-2')))
        self.env['amazon.order'].action_retry_all()
        self.assertEqual(set(rows.mapped('state')), {'new'})
        self.assertEqual(self.seller.exception_count, 0)

    def test_an_exception_shows_what_it_is_about(self):
        row = self.receive(order(item('NEW-1', quantity=2, total='238.00'), item()))
        self.assertEqual(row.summary_items, "2 × NEW-1 Title of NEW-1\n1 × SKU-A Title of SKU-A")
        self.assertEqual((row.summary_amount, row.summary_currency_id.name, row.summary_country_id.code),
                         (357.0, 'EUR', 'DE'))
        self.assertEqual(str(row.summary_ship_by), '2026-10-03 21:59:59')
        self.assertRegex(row.action_open_amazon()['url'],
                         rf'^https://sellercentral[a-z.-]+/orders-v3/order/{row.amazon_order_ref}$')

    def test_whatever_an_order_looks_like_its_exception_can_be_opened(self):
        row = self.receive(order(item('NEW-1')))
        for payload in (None, [], {'orderItems': 7, 'proceeds': [], 'recipient': 'x'},
                        {'orderItems': [None, {'quantityOrdered': 'x', 'product': {'sellerSku': 5, 'title': {}}}],
                         'proceeds': {'grandTotal': {'amount': 'NaN', 'currencyCode': 'EUR'}},
                         'recipient': {'deliveryAddress': {'countryCode': 'ZZ'}},
                         'fulfillment': {'shipByWindow': {'latestDateTime': 'soon'}}}):
            with self.subTest(payload=payload):
                row.sudo().payload = payload
                self.assertEqual((row.summary_amount, row.summary_country_id.code, row.summary_ship_by),
                                 (0, False, False))

    def test_a_number_that_was_mistyped_can_be_deleted(self):
        known = self.receive(order(item('NEW-1')))
        self.env['amazon.order']._request(self.seller, ['302-0000000-0000000'])
        typed = self.env['amazon.order'].search([('amazon_order_ref', '=', '302-0000000-0000000')])
        with self.assertRaisesRegex(UserError, "came from Amazon"):
            known.unlink()
        typed.unlink()
        self.assertFalse(typed.exists())

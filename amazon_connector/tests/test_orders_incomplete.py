import datetime
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..utils.kits import find_bills
from .common import AmazonCase, FakeAmazon
from .payloads import breakdown, item, later, money, order

REPLACES = [{'orderId': '302-1111111-1111111', 'associationType': 'REPLACEMENT_ORIGINAL_ID'}]


@tagged('post_install', '-at_install')
class TestOrdersIncomplete(AmazonCase):
    """What Amazon should have stated and did not is waited for, then an exception; what it says of itself is believed.
    """

    def assert_waits(self, payload, *words):
        row = self.receive(payload)
        self.assertEqual((row.state, row.lacks_data, bool(row.sale_order_id)), ('requested', True, False), row.error)
        for word in words:
            self.assertIn(word, row.error)
        self.assertTrue(row.next_step and row.next_attempt > fields.Datetime.now())
        return row

    def assert_refused(self, payload, *words):
        row = self.receive(payload)
        self.assertEqual((row.state, row.lacks_data, bool(row.sale_order_id)), ('error', False, False), row.error)
        for word in words:
            self.assertIn(word, row.error)
        return row

    # === PRICES === #

    def test_a_paid_order_without_prices_is_no_sale(self):
        payload = order(item(total=None))
        for status in ('UNSHIPPED', 'PARTIALLY_SHIPPED', 'SHIPPED'):
            for channel in ('MERCHANT', 'AMAZON'):
                self.assert_waits(order(item(total=None, shipped=1), status=status, channel=channel), 'SKU-A')
        self.assertNotIn('proceeds', payload)
        self.assertFalse(self.product.stock_move_ids, "nothing is reserved")

    def test_one_item_of_two_without_a_price(self):
        row = self.assert_waits(order(item(), item('SKU-B', total=None)), 'SKU-B')
        self.assertNotIn('SKU-A', row.error)

    def test_what_costs_nothing_says_so(self):
        sale = self.receive_sale(order(item(), item('SKU-B', total='0.00')))
        self.assertEqual((sale.state, sale.amount_total), ('sale', 119))

    def test_a_cancelled_item_has_no_price(self):
        sale = self.receive_sale(order(item(), item('SKU-B', quantity=0, total=None)))
        self.assertEqual(sale.amount_total, 119)

    def test_pending_orders_may_have_prices_or_not(self):
        for payload, total in ((order(item(total=None), status='PENDING', recipient=None), 0),
                               (order(item(), status='PENDING'), 119),
                               (order(item(), item('SKU-B', total=None), status='PENDING'), 0),
                               (order(item(total=None), status='PENDING_AVAILABILITY'), 0)):
            sale = self.receive_sale(payload)
            self.assertEqual((sale.state, sale.amount_total), ('draft', total))
            self.assertTrue(sale.order_line.amazon_hold_move_ids)

    def test_kits_among_many_lines_are_looked_up_once(self):
        payloads = [order(item(), item('SKU-B'), status='PENDING') for _number in range(3)]
        sales = self.receive(*payloads).sale_order_id
        inbox = self.env['amazon.order'].sudo()
        inbox._store(self.seller, [later(payload) for payload in payloads])
        with patch('odoo.addons.amazon_connector.models.sale_order.find_bills', wraps=find_bills) as found:
            inbox.search([('sale_order_id', 'in', sales.ids), ('state', '=', 'new')])._process()
        self.assertEqual(found.call_count, 1)
        self.assertEqual(len(sales.order_line.amazon_hold_move_ids), 6)

    def test_an_order_that_is_not_fulfilled_holds_nothing(self):
        sale = self.receive_sale(order(item(total=None), status='UNFULFILLABLE'))
        self.assertEqual((sale.state, len(sale.order_line.amazon_hold_move_ids)), ('draft', 0))

    def test_amounts_without_amount_or_currency(self):
        priced = order(item(total='119.00', parts=[('ITEM', '119.00'), ('TAX', '19.00')]))
        parts = priced['orderItems'][0]['proceeds']
        for broken in ({**parts, 'proceedsTotal': {'currencyCode': 'EUR'}},
                       {**parts, 'proceedsTotal': {'amount': '119.00'}}, {**parts, 'breakdowns': [{'type': 'ITEM'}]},
                       {**parts, 'breakdowns': [{'type': 'ITEM', 'subtotal': {'amount': '119.00'}}]},
                       {**parts, 'breakdowns': [{'subtotal': money('119.00')}]}):
            entry = {**priced['orderItems'][0], 'proceeds': broken}
            self.assert_waits({**priced, 'orderId': f"{priced['orderId']}-{id(broken)}", 'orderItems': [entry]})

    def test_amounts_in_two_currencies(self):
        row = self.receive(order(item(), item('SKU-B', currency='USD'), total='238.00'))
        self.assertEqual((row.state, bool(row.sale_order_id)), ('error', False))
        self.assertIn("EUR, USD", row.error)

    def test_amounts_that_no_sale_has(self):
        for amount in ('1e1000000', '-1e999999999', 'NaN', 'Infinity', '1' * 41, '10000000000000000', '0.000000001',
                       'a lot', '1,5'):
            entry = {**item(total=None), 'proceeds': {'proceedsTotal': money(amount)}}
            self.assert_refused({**order(), 'orderItems': [entry]}, amount[:40])

    # === QUANTITIES === #

    def test_quantities(self):
        for quantity in (-1, 1.5, True, '1', 10 ** 400, [1], {'value': 1}):
            self.assert_refused(order({**item(), 'quantityOrdered': quantity}))
        self.assert_waits(order({key: value for key, value in item().items() if key != 'quantityOrdered'}), "quantity")
        self.assert_waits(order(item(quantity=0, total=None)), "quantity")
        self.assert_refused(order(item(quantity=1, shipped=2), status='SHIPPED'), "2")
        self.assertEqual(self.receive_sale(order({**item(), 'quantityOrdered': 1.0})).order_line.product_uom_qty, 1)

    def test_a_shipped_order_is_shipped_though_no_item_says_so(self):
        entry = {**item(), 'fulfillment': {}}
        sale = self.receive_sale(order(entry, status='SHIPPED', channel='AMAZON'))
        self.assertEqual(sale.order_line.qty_delivered, 1)
        self.assert_waits(order(entry, status='PARTIALLY_SHIPPED', channel='AMAZON'), "shipped")

    # === WHAT AN ORDER IS === #

    def test_who_ships_is_not_guessed(self):
        unstated = order(item())
        del unstated['fulfillment']['fulfilledBy']
        self.assert_waits(unstated, "who ships it")
        self.assert_refused(order(item(), channel='STORE'), 'STORE')

    def test_what_else_must_be_stated(self):
        for name in ('createdTime', 'fulfillment', 'orderItems'):
            self.assert_waits({key: value for key, value in order(item()).items() if key != name})
        self.assert_waits({**order(), 'orderItems': []}, "items")
        self.assert_waits(order({**item(), 'product': {}}))
        self.assert_waits(order({**item(), 'product': {'title': "Something"}}), "SKU")
        self.assert_waits(order(item(), fulfillment={'fulfilledBy': 'MERCHANT'}), "status")
        self.assert_waits(order(item(), salesChannel={'channelName': 'AMAZON'}), "marketplace")
        self.assert_refused(order(item(), status='ON_ITS_WAY'), 'ON_ITS_WAY')
        self.assert_refused(order(item(), created='0001-01-01T00:00:00Z'))
        self.assert_refused(order(item(), created='9999-12-31T23:59:59-10:00'))
        twice = item()
        self.assert_refused(order(twice, twice), "twice")

    def test_a_country_is_not_guessed(self):
        payload = order(item())
        del payload['recipient']['deliveryAddress']['countryCode']
        self.assert_waits(payload, "country")
        payload = order(item())
        payload['recipient']['deliveryAddress']['countryCode'] = 'XX'
        self.assert_refused(payload, 'XX')

    def test_whose_tax_number_it_is_must_be_said(self):
        registration = {'taxRegistrationType': 'VAT', 'taxRegistrationNumber': 'DE136695976'}
        self.assert_waits(order(item(), tax={'taxRegistrations': [registration]}), "whose tax number")
        sale = self.receive_sale(
            order(item(), email='merchant@x', tax={'taxRegistrations': [{**registration, 'entityType': 'MERCHANT'}]}))
        self.assertFalse(sale.partner_id.vat)

    def test_the_valid_one_of_two_tax_numbers(self):
        numbers = [{'entityType': 'BUYER', 'taxRegistrationType': kind, 'taxRegistrationNumber': number}
                   for kind, number in (('BUSINESS', 'HRB 12345'), ('VAT', 'DE136695976'))]
        for position, entries in enumerate((numbers, numbers[::-1])):
            sale = self.receive_sale(order(item(), email=f'two{position}@x', tax={'taxRegistrations': entries}))
            self.assertEqual(sale.partner_id.vat, 'DE136695976')

    # === WAITING === #

    def read_again(self, row, payload):
        row.next_attempt = fields.Datetime.now() - datetime.timedelta(seconds=1)
        return self.run_flow('orders', FakeAmazon(getOrder={'order': payload}, searchOrders={'orders': []}))

    def test_prices_that_come_later(self):
        payload = order(item(total=None))
        row = self.receive(payload)
        calls = self.run_flow('orders', FakeAmazon(searchOrders={'orders': []}))
        self.assertNotIn('getOrder', [call[0] for call in calls], "not before its time")
        priced = {**order(item(item_ref=payload['orderItems'][0]['orderItemId']), ref=payload['orderId'])}
        self.read_again(row, priced)
        sale = row.sale_order_id
        self.assertEqual((row.state, row.lacks_data, sale.state, sale.amount_total), ('done', False, 'sale', 119),
                         row.error)

    def test_after_some_hours_a_person_is_asked_and_it_is_read_on(self):
        payload = order(item(total=None))
        row = self.receive(payload)
        waits = []
        while row.state == 'requested':
            waits.append(row.next_attempt - fields.Datetime.now())
            self.read_again(row, payload)
        self.assertEqual((row.state, row.lacks_data, len(waits)), ('error', True, 6))
        self.assertLess(datetime.timedelta(hours=2), sum(waits, datetime.timedelta()))
        self.assertIn('SKU-A', row.error)
        self.read_again(row, order(item(), ref=payload['orderId']))
        self.assertEqual((row.state, row.sale_order_id.amount_total), ('done', 119), row.error)

    def test_retry_reads_it_again(self):
        row = self.receive(order(item(total=None)))
        row.write({'state': 'error', 'attempts': 9})
        row.action_retry()
        self.assertEqual((row.state, row.next_attempt), ('requested', False))

    def test_what_amazon_sends_of_itself_begins_the_wait_anew(self):
        payload = order(item(total=None))
        row = self.receive(payload)
        row.attempts = 5
        self.receive(later(payload))
        self.assertEqual((row.attempts, row.state), (1, 'requested'))

    def test_a_known_sale_stays_as_it_is_while_amazon_states_no_prices(self):
        payload = order(item())
        sale = self.receive_sale(payload)
        row = self.receive(later(payload, orderItems=[{**payload['orderItems'][0], 'proceeds': {}}], proceeds={}))
        self.assertEqual((row.state, sale.amount_total, sale.state), ('requested', 119, 'sale'))
        self.receive(later(payload, minutes=20, status='CANCELLED', orderItems=[]))
        self.assertEqual(sale.state, 'cancel', "a cancellation needs no prices")

    # === FREE, AND FOREIGN === #

    def test_a_replacement_is_free(self):
        payload = order(item(total=None), associatedOrders=REPLACES)
        sale = self.receive_sale(payload)
        self.assertEqual((sale.state, sale.amount_total, sale.order_line.product_uom_qty), ('sale', 0, 1))
        self.assertIn('302-1111111-1111111', sale.origin)
        self.assertTrue(sale.picking_ids)

    def test_a_replacement_with_prices_costs_them(self):
        self.assertEqual(self.receive_sale(order(item(), associatedOrders=REPLACES)).amount_total, 119)

    def test_an_exchange_is_not_taken_for_free(self):
        self.assert_waits(
            order(item(total=None), associatedOrders=[{'orderId': '1', 'associationType': 'EXCHANGE_ORIGINAL_ID'}]))
        self.assert_waits(order(item(total=None), associatedOrders=[{'orderId': '1'}]))

    def foreign(self, **options):
        payload = order(item(total=None, shipped=1), status='SHIPPED', channel='AMAZON', **options)
        payload['salesChannel'] = {**payload['salesChannel'], 'channelName': 'NON_AMAZON',
                                   'marketplaceName': 'Non-Amazon'}
        return payload

    def test_orders_of_other_shops_are_no_sales(self):
        nowhere = self.foreign()
        del nowhere['salesChannel']['marketplaceId']
        row = self.receive(self.foreign())
        other = self.receive(nowhere)
        spelled = self.foreign()
        spelled['salesChannel']['channelName'] = 'Non-Amazon'
        for found in (row, other, self.receive(spelled)):
            self.assertEqual((found.state, bool(found.sale_order_id)), ('ignored', False))
            self.assertIn("Not an order of Amazon", found.error)
            self.assertFalse({'buyer', 'recipient'} & set(found.payload), "the other shop's customer is nobody's here")
        self.assertFalse(self.seller.exception_count)

    def test_a_sale_that_was_made_of_one_before_is_shown(self):
        payload = order(item(total='0.00', shipped=1), status='SHIPPED', channel='AMAZON')
        sale = self.receive_sale(payload)
        row = self.receive(later(payload, salesChannel={**payload['salesChannel'], 'channelName': 'NON_AMAZON'}))
        self.assertEqual(row.state, 'error')
        self.assertIn("Cancel the sales order", row.next_step)
        sale._action_cancel()
        row.action_retry()
        row._process()
        self.assertEqual(row.state, 'ignored')

    # === ROUNDING === #

    def test_tax_that_amazon_rounds_by_piece(self):
        """19 % in 9.97 is 1.5918: rounded by piece and times 9 it is 14.31, of the whole 14.33."""
        payload = order(item(quantity=9, total='89.73', parts=[('ITEM', '89.73'), ('TAX', '14.31', {'ITEM': '14.31'})]))
        sale = self.receive_sale(payload)
        self.assertEqual((sale.amount_total, sale.order_line.tax_ids.amount), (89.73, 19))
        reduced = self.receive_sale(order(item(quantity=9, total='0.90', parts=[('ITEM', '0.90'), ('TAX', '0.09')])))
        self.assertEqual((reduced.amount_total, reduced.order_line.tax_ids.amount), (0.9, 7), "the rate is still found")

    def test_tax_on_nothing_is_named(self):
        payload = order(item(total='3.00', parts=[('TAX', '3.00')]))
        self.assert_waits(payload, 'SKU-A')
        self.assert_refused(order(item(total='3.00', parts=[('TAX', '3.00')]), associatedOrders=REPLACES),
                            "3.00 on nothing")

    def test_details_without_a_name_are_not_used(self):
        entry = item(total='119.00', parts=[('ITEM', '119.00')])
        entry['proceeds']['breakdowns'].append(
            {**breakdown('TAX', '19.00'), 'detailedBreakdowns': [{'value': money('19.00')}, {'subtype': 'ITEM'}]})
        self.assertEqual(self.receive_sale(order(entry)).amount_tax, 19)

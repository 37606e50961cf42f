import datetime

from odoo import fields
from odoo.tests import tagged

from .common import AmazonCase, FakeAmazon
from .payloads import address, item, later, order

MASKED = {'city': "Berlin", 'postalCode': '10115', 'countryCode': 'DE'}


@tagged('post_install', '-at_install')
class TestMaskedAddresses(AmazonCase):
    """Without the role for personal data Amazon sends city, postcode and country: nothing can be sent there."""

    def masked(self, email='m1@marketplace.amazon.de', name=None, to=MASKED, **more):
        return order(item(), email=email, name=name, **{'to': to, **more})

    def assert_held(self, payload):
        row = self.receive(payload)
        self.assertEqual((row.state, row.lacks_data, row.sale_order_id.state), ('error', True, 'draft'), row.error)
        self.assertIn("role", row.error)
        self.assertFalse(row.sale_order_id.picking_ids)
        return row

    def test_an_order_without_a_street_is_held_and_the_banner_names_the_role(self):
        blank = address(name=" ", street="  ")
        for number, to in enumerate(
                (MASKED, {}, blank, {**MASKED, 'extendedFields': {'streetName': " ", 'streetNumber': "7"}})):
            self.seller.missing_data = False
            payload = self.masked(email=f'm{number}@x')
            payload['recipient'] = {'deliveryAddress': to}
            self.assert_held(payload)
            self.assertIn("Direct-to-Consumer", self.seller.missing_roles)
            self.assertNotIn("Buyer Communication", self.seller.missing_roles)

    def test_a_second_or_third_line_is_a_street(self):
        self.receive_sale(self.masked(to={**MASKED, 'addressLine2': "Packstation 101"}))
        self.assertFalse(self.seller.missing_roles)

    def test_what_amazon_sent_is_kept(self):
        for email in ('m1@marketplace.amazon.de', None):
            payload = self.masked(email=email)
            partner = self.assert_held(payload).sale_order_id.partner_id
            self.assertEqual((partner.city, partner.zip, partner.country_id.code), ("Berlin", '10115', 'DE'))
            self.assertNotEqual(partner, self.german.anonymous_partner_id)
            self.assertTrue(partner.amazon_is_buyer)

    def test_it_is_read_again_and_goes_on_with_the_street(self):
        payload = self.masked()
        row = self.assert_held(payload)
        row.next_attempt = fields.Datetime.now() - datetime.timedelta(seconds=1)
        full = {**payload, 'buyer': {**payload['buyer'], 'buyerName': "Anna Schmidt"},
                'recipient': {'deliveryAddress': address()}}
        self.run_flow('orders', FakeAmazon(getOrder={'order': full}, searchOrders={'orders': []}))
        sale = row.sale_order_id
        self.assertEqual((row.state, row.lacks_data, sale.state), ('done', False, 'sale'), row.error)
        self.assertEqual((sale.partner_id.name, sale.partner_id.street, sale.partner_shipping_id.street),
                         ("Anna Schmidt", *["Hauptstraße 5"] * 2))
        self.assertFalse(self.seller.missing_roles)

    def test_a_street_that_is_known_is_not_taken_away(self):
        payload = order(item())
        sale = self.receive_sale(payload)
        before = sale.partner_shipping_id
        row = self.receive(later(payload, recipient={'deliveryAddress': MASKED}))
        self.assertEqual((row.state, sale.partner_shipping_id, before.street), ('error', before, "Hauptstraße 5"))
        self.receive_sale(later(payload, minutes=20, recipient={'deliveryAddress': MASKED}, status='SHIPPED'))
        self.assertEqual(sale.partner_shipping_id, before)

    def test_orders_that_are_shipped_unpaid_or_amazons_need_no_street(self):
        for options in ({'status': 'SHIPPED'}, {'status': 'PENDING'}, {'channel': 'AMAZON', 'status': 'SHIPPED'}):
            sale = self.receive_sale(self.masked(**options))
            self.assertFalse(self.seller.missing_roles)
            self.assertEqual(sale.state, 'draft' if options['status'] == 'PENDING' else 'sale')

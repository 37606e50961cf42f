from odoo.tests import tagged

from .common import AmazonCase
from .payloads import address, item, order


@tagged('post_install', '-at_install')
class TestCustomers(AmazonCase):

    def business(self, number, **more):
        payload = order(item(), tax={'taxRegistrations': [{
            'entityType': 'BUYER', 'legalName': "Acheteur SA", 'taxRegistrationType': 'VAT',
            'taxRegistrationNumber': number}]}, **more)
        payload['buyer']['buyerCompanyName'] = "Acheteur SA"
        return payload

    def test_the_same_buyer_is_one_customer(self):
        first, second = self.receive_sale(order(item())), self.receive_sale(order(item()))
        self.assertEqual(first.partner_id, second.partner_id)

    def test_two_buyers_of_one_name_stay_two(self):
        """A28"""
        first = self.receive_sale(order(item(), email='one@marketplace.amazon.de'))
        second = self.receive_sale(order(item(), email='two@marketplace.amazon.de'))
        self.assertEqual(first.partner_id.name, second.partner_id.name)
        self.assertNotEqual(first.partner_id, second.partner_id)

    def test_without_an_email_name_and_address_decide_together(self):
        """A28"""
        sales = [self.receive_sale(order(item(), email=None, to=address(street=street)))
                 for street in ("Hauptstraße 5", "Hauptstraße 5", "Nebenstraße 9")]
        self.assertEqual(sales[0].partner_id, sales[1].partner_id)
        self.assertNotEqual(sales[0].partner_id, sales[2].partner_id)

    def test_another_address_is_a_delivery_address_of_the_buyer(self):
        self.receive_sale(order(item()))
        gift = self.receive_sale(order(item(), to=address(name="Oma Schmidt", street="Dorfstraße 1")))
        self.assertEqual((gift.partner_shipping_id.name, gift.partner_shipping_id.type), ("Oma Schmidt", 'delivery'))
        self.assertEqual(gift.partner_shipping_id.parent_id, gift.partner_id)

    def test_a_business_buyers_vat_number_is_on_the_customer(self):
        """A3"""
        partner = self.receive_sale(self.business('DE136695976')).partner_id
        self.assertEqual((partner.vat, partner.name, partner.is_company), ('DE136695976', "Acheteur SA", True))

    def test_a_number_that_is_no_vat_number_stops_nothing(self):
        """A3"""
        partner = self.receive_sale(self.business('12-nonsense')).partner_id
        self.assertFalse(partner.vat)
        self.assertIn('12-nonsense', partner.comment)

    def test_anonymous_fba_buyers_share_one_customer_per_marketplace(self):
        """A16"""
        def anonymous(market):
            return order(item(shipped=1), market=market, channel='AMAZON', status='SHIPPED', email=None, name=None,
                         to={'city': "Paris", 'postalCode': '75011', 'countryCode': market})
        sales = [self.receive_sale(anonymous(market)) for market in ('DE', 'DE', 'FR')]
        self.assertEqual(sales[0].partner_id, sales[1].partner_id)
        self.assertNotEqual(sales[0].partner_id, sales[2].partner_id)

    def test_without_the_role_orders_still_come_in_and_the_banner_says_which_role(self):
        """A16"""
        row = self.receive(order(item(), recipient=None, buyer=None))
        self.assertIn("Direct-to-Consumer", self.seller.missing_roles)
        self.assertIn("Buyer Communication", self.seller.missing_roles)
        self.assertEqual((row.state, row.sale_order_id.state), ('error', 'draft'))
        self.assertIn("role", row.error)
        self.receive(order(item()))
        self.assertFalse(self.seller.missing_roles)

    def test_brazilian_streets_japanese_names_and_states_by_name_or_code(self):
        brazil = address(country='BR', stateOrRegion='SP',
                         extendedFields={'streetName': "Av. Paulista", 'streetNumber': "1000", 'complement': "Sala 3"})
        partner = self.receive(order(item(currency='BRL'), market='BR', email='b@x',
                                     to=brazil)).sale_order_id.partner_id
        self.assertEqual((partner.street, partner.street2, partner.state_id.code),
                         ("Av. Paulista, 1000", "Sala 3", 'SP'))
        india = address(country='IN', stateOrRegion='MAHARASHTRA')
        self.assertEqual(self.receive(order(item(), email='i@x', to=india)).sale_order_id.partner_id.state_id.name,
                         "Maharashtra")

    def test_a_state_that_was_made_or_renamed_is_found_at_once(self):
        germany, partners = self.env.ref('base.de'), self.env['res.partner']
        self.assertFalse(partners._amazon_find_state(germany, "New Land"))
        state = self.env['res.country.state'].create({'name': "New Land", 'code': 'NL9', 'country_id': germany.id})
        self.assertEqual((partners._amazon_find_state(germany, "NEW LAND"),
                          partners._amazon_find_state(germany, 'nl9')), (state, state))
        state.name = "Old Land"
        self.assertEqual((partners._amazon_find_state(germany, "old land"),
                          bool(partners._amazon_find_state(germany, "new land"))), (state, False))
        state.unlink()
        self.assertFalse(partners._amazon_find_state(germany, "old land"))

    def test_odd_names_are_kept_as_they_are(self):
        for number, name in enumerate(["<b>Robert</b>", "D'Angelo  Russo ", "佐藤 花子", "X"]):
            partner = self.receive_sale(order(item(), name=name, email=f'{number}@x')).partner_id
            self.assertEqual(partner.name, ' '.join(name.split()))

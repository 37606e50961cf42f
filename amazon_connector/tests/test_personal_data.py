import datetime

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import AmazonCase
from .payloads import item, later, order


@tagged('post_install', '-at_install')
class TestPersonalData(AmazonCase):
    """A29"""

    def anonymise(self, days):
        retention = self.env['amazon.retention']
        for sale in retention._find_over(self.seller, datetime.datetime(2026, 10, 7, 22)
                                         + datetime.timedelta(days=days)):
            retention._erase(sale, retention._find_own_partners(sale))
        self.env.invalidate_all()

    def test_payloads_keep_no_personal_data_once_processed(self):
        row = self.receive(order(item()))
        self.assertFalse({'buyer', 'recipient', 'tax'} & set(row.payload))

    def test_an_exception_keeps_its_data_until_it_is_over(self):
        row = self.receive(order(item('NEW-1')))
        self.assertIn('recipient', row.payload)

    def test_a_buyer_is_anonymised_after_the_last_delivery(self):
        payload = order(item(shipped=1, fulfillment={'packing': {'giftOption': {'giftMessage': "For Bob"}}}),
                        status='SHIPPED')
        sale = self.receive_sale(payload)
        self.anonymise(-1)
        self.assertEqual(sale.partner_id.name, "Anna Schmidt")
        self.anonymise(+1)
        self.assertNotIn("Anna", sale.partner_id.name)
        self.assertFalse(sale.partner_id.street or sale.partner_id.email or sale.partner_id.amazon_email
                         or sale.partner_id.phone)
        self.assertEqual(sale.partner_id.country_id.code, 'DE')
        self.assertFalse(sale.order_line.filtered(lambda line: "Bob" in line.name))

    def test_the_daily_job_anonymises_by_the_sellers_retention(self):
        sale = self.receive_sale(order(item(shipped=1), status='SHIPPED'))
        exception = self.receive(order(item('NEW-1'), email='other@marketplace.amazon.de'))
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'retention')
        for days, kept in ((36500, True), (1, False)):
            self.seller.write({'retention_days': days, 'retention_reason': "A test"})
            sync.next_run = False
            self.run_job('retention')
            self.assertEqual(("Anna" in sale.partner_id.name, 'recipient' in exception.payload), (kept, kept))

    def test_a_buyer_with_an_open_order_is_kept(self):
        first = self.receive_sale(order(item(shipped=1), status='SHIPPED'))
        newer = order(item())
        newer['fulfillment']['deliverByWindow'] = {'latestDateTime': '2026-11-07T21:59:59Z'}
        self.receive_sale(newer)
        self.anonymise(+1)
        self.assertEqual(first.partner_id.name, "Anna Schmidt")

    def test_an_anonymised_buyer_who_comes_back_is_a_new_customer(self):
        payload = order(item(shipped=1), status='SHIPPED')
        first = self.receive_sale(payload)
        self.anonymise(+1)
        self.assertNotEqual(self.receive_sale(order(item())).partner_id, first.partner_id)
        self.receive_sale(later(payload))

    def test_secrets_are_for_system_administrators(self):
        admin = new_test_user(self.env, 'amazon_admin', groups='amazon_connector.group_amazon_admin',
                              company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        seller = self.seller.with_user(admin)
        self.assertEqual(seller.name, "Test seller")
        for field in ('lwa_client_secret', 'refresh_token', 'lwa_client_ref'):
            with self.assertRaises(AccessError):
                seller.read([field])
            self.assertNotIn(field, seller.read()[0])

    def test_a_salesman_sees_no_inbox(self):
        salesman = new_test_user(self.env, 'salesman', groups='sales_team.group_sale_salesman')
        with self.assertRaises(AccessError):
            self.env['amazon.order'].with_user(salesman).search([])

    def test_other_companies_see_nothing(self):
        self.receive(order(item()))
        stranger = new_test_user(self.env, 'stranger', groups='amazon_connector.group_amazon_admin',
                                 company_id=self.env.ref('base.main_company').id,
                                 company_ids=[Command.set(self.env.ref('base.main_company').ids)])
        for model in ('amazon.seller', 'amazon.order', 'amazon.seller.marketplace', 'amazon.listing', 'amazon.sync'):
            self.assertFalse(
                self.env[model].with_user(stranger).with_context(allowed_company_ids=stranger.company_ids.ids).search(
                    [('company_id', '=', self.company.id)]), model)

    def test_ordinary_users_can_resolve_but_not_connect(self):
        user = new_test_user(self.env, 'amazon_user', groups='amazon_connector.group_amazon_user',
                             company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        row = self.receive(order(item('NEW-1')))
        row.with_user(user).listing_ids.product_id = self.product
        self.assertEqual(row.state, 'new')
        with self.assertRaises(AccessError):
            self.seller.with_user(user).name = "Mine"

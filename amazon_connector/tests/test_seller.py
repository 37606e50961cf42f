import datetime

from odoo import fields
from odoo.modules.migration import load_script
from odoo.tests import tagged

from ..amazon_api.errors import Forbidden, LoginFailed, RateLimited, Unavailable
from .common import AmazonCase, Reply


@tagged('post_install', '-at_install')
class TestSeller(AmazonCase):

    def connect(self, answer):
        with self.amazon_answers(getMarketplaceParticipations=[answer]):
            self.seller._connect()

    def test_marketplaces_come_from_amazon_with_defaults_of_the_company(self):
        self.assertEqual((self.german.company_id, self.german.warehouse_id, self.german.currency_id.name),
                         (self.company, self.warehouse, 'EUR'))
        self.assertEqual(self.german.fba_location_id.company_id, self.company)
        self.assertEqual(self.german.pricelist_id.currency_id.name, 'EUR')
        self.assertEqual(self.marketplace('JP').pricelist_id.currency_id.name, 'JPY')
        self.assertEqual((self.german.tax_policy, self.marketplace('FR').tax_policy, self.marketplace('US').tax_policy),
                         ('rate', 'rate', 'line'))
        self.assertEqual([self.marketplace(code).fba_country_id.code for code in ('DE', 'FR', 'GB', 'US')],
                         ['DE', 'DE', 'GB', 'US'])

    def test_a_marketplace_unknown_to_the_code_works(self):
        entry = self.participation('DE')
        entry['marketplace'] = {**entry['marketplace'], 'id': 'A0NEWPLANET', 'countryCode': 'CL',
                                'defaultCurrencyCode': 'CLP', 'name': 'Amazon.cl'}
        self.connect(Reply([entry]))
        new = self.seller.marketplace_ids.filtered(lambda market: market.marketplace_ref == 'A0NEWPLANET')
        self.assertEqual((new.country_id.code, new.currency_id.name, new.active), ('CL', 'CLP', True))

    def test_connecting_again_keeps_what_the_user_chose(self):
        self.german.write({'active': False, 'order_naming': 'sequence'})
        self.connect(Reply([self.participation('DE')]))
        self.assertEqual((self.german.active, self.german.order_naming), (False, 'sequence'))
        self.assertEqual(self.seller.state, 'connected')

    def test_every_refusal_is_explained_in_words(self):
        cases = [(LoginFailed('x', code='invalid_client'), "Replace credentials"),
                 (LoginFailed('x', code='invalid_grant'), "Authorize again"), (Forbidden('x', status=403), "roles")]
        for error, words in cases:
            self.seller.state = 'connected'
            self.connect(error)
            self.assertEqual(self.seller.state, 'error')
            self.assertIn(words, self.seller.state_message)

    def test_a_passing_failure_does_not_disconnect(self):
        for error in (Unavailable('x', status=503), RateLimited(datetime.datetime.now(datetime.timezone.utc))):
            self.connect(error)
            self.assertEqual(self.seller.state, 'connected')

    def test_the_secret_expiry_is_announced_three_times(self):
        """A20"""
        today = fields.Date.context_today(self.seller)
        announced = []
        for days in (40, 30, 29, 14, 13, 7):
            self.seller.secret_expiry_date = today + datetime.timedelta(days=days)
            before = len(self.seller.activity_ids)
            self.env['amazon.seller']._warn_about_secrets()
            if len(self.seller.activity_ids) > before:
                announced.append(days)
        self.assertEqual(announced, [30, 14, 7])
        self.assertIn("Replace credentials", self.seller.activity_ids[0].note)

    def test_the_wizard_asks_for_three_typed_fields_at_most(self):
        """A19"""
        wizard = self.env['amazon.connect'].create({
            'home_marketplace': 'DE', 'lwa_client_ref': 'a', 'lwa_client_secret': 'b', 'refresh_token': 'c',
            'method': 'token'})
        self.assertTrue(wizard.name)
        action = wizard.action_connect()
        seller = self.env['amazon.seller'].search([], order='id desc', limit=1)
        self.assertEqual(action['url'], f'/amazon_connector/connect/{seller.id}')
        self.assertEqual((seller._get_credentials(), seller.state, wizard.lwa_client_secret),
                         (('a', 'b', 'c'), 'draft', False))

    def test_replacing_credentials_keeps_the_seller(self):
        self.env['amazon.connect'].create({
            'seller_id': self.seller.id, 'home_marketplace': 'DE', 'name': "x", 'lwa_client_ref': 'a',
            'lwa_client_secret': 'new', 'refresh_token': 'c',
            'method': 'token', 'environment': 'custom', 'custom_url': 'http://127.0.0.1:9'}).action_connect()
        self.assertEqual(self.seller._get_credentials().client_secret, 'new')
        self.assertEqual(self.seller.name, "Test seller")

    def test_sellers_of_an_earlier_version_get_flows_and_rules(self):
        migration = load_script('amazon_connector/migrations/1.1.0/post-migration.py', 'migration')
        flows = set(self.seller.sync_ids.mapped('flow'))
        self.seller.sync_ids.filtered(lambda sync: sync.flow not in ('orders', 'retention')).unlink()
        self.german.mapping_rule_ids.unlink()
        for _time in range(2):
            migration.migrate(self.cr, '19.0.1.0.0')
            self.env.invalidate_all()
            self.assertEqual(sorted(self.seller.sync_ids.mapped('flow')), sorted(flows))
            self.assertEqual(self.german.mapping_rule_ids.mapped('kind'), ['sku', 'sibling', 'barcode', 'asin'])

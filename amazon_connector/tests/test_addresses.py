from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..amazon_api.lwa import LoginWithAmazon
from .common import AmazonCase

EVIL = 'https://evil.example.com'
SECRETS = {'lwa_client_ref': 'a', 'lwa_client_secret': 'amzn1.oa2-cs.v1.abc', 'refresh_token': 'Atzr|abc'}


@tagged('post_install', '-at_install')
class TestAddresses(AmazonCase):
    """Where secrets are sent is as protected as the secrets are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env['res.company'].create({'name': "Other GmbH"})
        cls.admin = cls.make_user('amazon_admin', cls.company,
                                  'amazon_connector.group_amazon_admin,base.group_allow_export')
        cls.stranger = cls.make_user('stranger', cls.other_company)

    @classmethod
    def make_user(cls, login, company, groups='amazon_connector.group_amazon_admin'):
        return new_test_user(cls.env, login, groups=groups, company_id=company.id,
                             company_ids=[Command.set(company.ids)])

    def as_user(self, model, user=None):
        user = user or self.admin
        return self.env[model].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)

    def knows_secrets(self):
        """Whether the seller still has each of its secrets."""
        self.env.invalidate_all()
        credentials = self.seller._get_credentials()
        return bool(credentials.client_secret), bool(credentials.refresh_token)

    def stored_texts(self, table):
        """All that a table holds, as one text."""
        self.env.flush_all()
        self.env.cr.execute(f'SELECT row_to_json(t)::text FROM {table} t')  # pylint: disable=sql-injection
        return '\n'.join(row[0] for row in self.env.cr.fetchall())

    # === ADDRESSES === #

    def test_an_amazon_administrator_points_no_seller_elsewhere(self):
        seller = self.as_user('amazon.seller').browse(self.seller.id)
        for vals in ({'environment': 'production'}, {'custom_url': EVIL},
                     {'environment': 'custom', 'custom_url': EVIL}):
            with self.assertRaises(AccessError):
                seller.write(vals)
        with self.assertRaises(AccessError):
            seller.read(['custom_url'])
        self.assertFalse({'environment', 'custom_url'} & set(seller.read()[0]))
        self.assertFalse({'environment', 'custom_url'} & set(seller.fields_get()))
        for context in ({}, {'default_environment': 'custom', 'default_custom_url': EVIL}):
            vals = {} if context else {'environment': 'custom', 'custom_url': EVIL}
            with self.assertRaises(AccessError):
                seller.with_context(**context).create({'name': "x", 'home_marketplace': 'DE', **vals})
        self.assertEqual(self.seller.custom_url, 'http://127.0.0.1:9')

    def test_he_finds_no_address_by_other_ways(self):
        sellers = self.as_user('amazon.seller')
        ways = [
            lambda: sellers.search([('environment', '=', 'custom')]),
            lambda: sellers.search([('custom_url', 'like', 'http')]), lambda: sellers.search([], order='custom_url'),
            lambda: sellers.formatted_read_group([], ['environment'], ['__count']),
            lambda: self.as_user('amazon.listing').search([('marketplace_id.seller_id.custom_url', 'like', 'http')]),
            lambda: sellers.browse(self.seller.id).export_data(['custom_url']),
        ]
        for number, way in enumerate(ways):
            with self.assertRaises(AccessError, msg=str(number)):
                way()
        self.assertFalse(sellers.load(['name', 'home_marketplace', 'environment', 'custom_url'],
                                      [['x', 'DE', 'custom', EVIL]])['ids'])
        copied = sellers.browse(self.seller.id).copy({'name': "Copy", 'selling_partner_ref': False})
        self.assertNotIn(EVIL, copied.sudo()._get_endpoint())
        self.assertEqual(copied.sudo()._get_credentials()[1:], ('', ''))

    def test_nor_does_the_wizard_for_him(self):
        for vals in ({'environment': 'custom'}, {'custom_url': EVIL}):
            with self.assertRaises(AccessError):
                self.as_user('amazon.connect').create({'seller_id': self.seller.id, 'home_marketplace': 'DE',
                                                       'name': "x", **SECRETS, **vals})
        with self.assertRaises(AccessError):
            self.as_user('amazon.connect').with_context(default_custom_url=EVIL, default_environment='custom').create(
                {'seller_id': self.seller.id, 'home_marketplace': 'DE', 'name': "x", **SECRETS})
        wizard = self.as_user('amazon.connect').create({'seller_id': self.seller.id, 'home_marketplace': 'DE',
                                                        'name': "x", 'method': 'token', **SECRETS})
        wizard.action_connect()
        self.assertEqual((self.seller.environment, self.seller.custom_url), ('custom', 'http://127.0.0.1:9'),
                         "his connection keeps its address")
        self.assertEqual(self.seller._get_credentials().client_secret, SECRETS['lwa_client_secret'])

    def test_a_new_seller_of_an_amazon_administrator_is_at_amazon_or_where_the_system_parameter_says(self):
        for parameter, expected in ((False, ('production', False)),
                                    ('http://127.0.0.1:8', ('custom', 'http://127.0.0.1:8'))):
            self.env['ir.config_parameter'].set_param('amazon_connector.default_url', parameter)
            self.as_user('amazon.connect').create({'home_marketplace': 'US', 'name': f"New {parameter}",
                                                   'method': 'token', **SECRETS}).action_connect()
            seller = self.env['amazon.seller'].search([('name', '=', f"New {parameter}")])
            self.assertEqual((seller.environment, seller.custom_url), expected)
        with self.assertRaises(AccessError):
            self.as_user('ir.config_parameter').set_param('amazon_connector.default_url', EVIL)

    def test_a_changed_address_takes_the_credentials_away(self):
        for vals in ({'custom_url': 'http://127.0.0.1:10'}, {'environment': 'production'},
                     {'environment': 'custom', 'custom_url': 'https://a.example.com'},
                     {'environment': 'production', 'home_marketplace': 'US'}, {'home_marketplace': 'JP'}):
            self.seller.write({**SECRETS, 'state': 'connected'})
            self.seller.write(vals)
            self.assertEqual(self.knows_secrets(), (False, False), vals)
            self.assertEqual(self.seller.state, 'draft')

    def test_credentials_that_come_with_the_address_stay(self):
        self.seller.write({'custom_url': 'http://127.0.0.1:11', 'refresh_token': 'new'})
        self.assertEqual(self.knows_secrets(), (False, True))

    def test_an_address_that_stays_takes_nothing(self):
        self.seller.write({'environment': 'custom', 'custom_url': 'http://127.0.0.1:9/', 'home_marketplace': 'FR',
                           'name': "x"})
        self.assertEqual(self.knows_secrets(), (True, True))
        self.assertEqual(self.seller.state, 'connected')

    def test_addresses_are_encrypted_or_this_machine(self):
        for url in ('http://api.example.com', 'ftp://127.0.0.1', 'http://127.0.0.1@evil.com',
                    'https://a.example.com/?q=', 'https://', False):
            with self.assertRaises(ValidationError):
                self.seller.write({'environment': 'custom', 'custom_url': url})
        self.seller.write({'environment': 'custom', 'custom_url': 'https://a.example.com/base'})

    def test_documents_on_this_machine_only_in_the_custom_environment(self):
        self.assertTrue(self.seller._get_transport().loopback)
        self.seller.environment = 'production'
        self.assertFalse(self.seller._get_transport().loopback)

    # === THE WIZARD === #

    def test_a_failed_connect_leaves_no_secret(self):
        wizard = self.as_user('amazon.connect').create({'home_marketplace': 'DE', 'name': "x", 'method': 'consent',
                                                        **SECRETS})
        with self.assertRaises(UserError):
            wizard.action_connect()
        self.assertNotIn('abc', self.stored_texts('amazon_connect'))
        wizard.write({'lwa_client_secret': 'amzn1.oa2-cs.v1.abc'})
        self.assertNotIn('abc', self.stored_texts('amazon_connect'))

    def test_nothing_of_a_wizard_that_cannot_be_saved_remains(self):
        """What the browser does: the form is saved, and only then the button's method called."""
        before = self.env['amazon.seller'].search_count([])
        with self.assertRaises(UserError):
            self.as_user('amazon.connect').web_save({'home_marketplace': 'DE', 'name': "x", 'method': 'consent',
                                                     **SECRETS}, {'name': {}})
        self.assertEqual(self.env['amazon.seller'].search_count([]), before)
        self.assertNotIn('abc', self.stored_texts('amazon_connect'))

    def test_what_the_browser_saves_is_connected_by_its_next_call(self):
        vals = {'home_marketplace': 'DE', 'name': "From a browser", 'method': 'token', **SECRETS}
        saved = self.as_user('amazon.connect').web_save(vals,
                                                        {'name': {}, 'lwa_client_secret': {}, 'refresh_token': {}})[0]
        self.assertFalse(saved['lwa_client_secret'] or saved['refresh_token'])
        self.env.invalidate_all()
        action = self.as_user('amazon.connect').browse(saved['id']).action_connect()
        seller = self.env['amazon.seller'].search([('name', '=', "From a browser")])
        self.assertEqual(action['url'], f'/amazon_connector/connect/{seller.id}')
        self.assertEqual(seller._get_credentials().refresh_token, SECRETS['refresh_token'])
        self.assertNotIn('abc', self.stored_texts('amazon_connect'))

    def test_connect_makes_no_seller_in_another_company(self):
        before = self.env['amazon.seller'].search_count([])
        wizard = self.as_user('amazon.connect').sudo().create(
            {'home_marketplace': 'DE', 'name': "x", 'method': 'token', 'company_id': self.other_company.id,
             **SECRETS}).sudo(False)
        with self.assertRaises(AccessError):
            wizard.action_connect()
        self.assertEqual(self.env['amazon.seller'].search_count([]), before)

    def test_connect_replaces_no_credentials_of_another_company(self):
        with self.assertRaises(AccessError):
            self.as_user('amazon.connect', self.stranger).create(
                {'seller_id': self.seller.id, 'home_marketplace': 'DE', 'name': "x", 'method': 'token',
                 **SECRETS}).action_connect()
        self.assertNotEqual(self.seller._get_credentials().client_secret, SECRETS['lwa_client_secret'])

    def test_a_seller_does_not_move_to_a_company_of_others(self):
        with self.assertRaises(AccessError):
            self.as_user('amazon.seller').browse(self.seller.id).company_id = self.other_company
        self.assertEqual(self.seller.company_id, self.company)

    def test_recover_reads_nothing_for_a_seller_of_another_company(self):
        for vals in ({'method': 'numbers', 'references': '302-1234567-1234567'},
                     {'method': 'period', 'date_from': '2026-01-01', 'date_to': '2026-01-02'}):
            wizard = self.as_user('amazon.order.recover', self.stranger).sudo().create(
                {'seller_id': self.seller.id, **vals}).sudo(False)
            with self.assertRaises(AccessError):
                wizard.action_recover()
        self.assertFalse(self.env['amazon.order'].search([('amazon_order_ref', '=', '302-1234567-1234567')]))
        self.assertFalse(self.seller.sync_ids.filtered('backlog'))

    def test_the_wizard_knows_the_seller_whose_credentials_are_replaced(self):
        """In databases with one company, too, where no form shows it."""
        wizard = Form(self.as_user('amazon.connect').with_context(default_seller_id=self.seller.id))
        wizard.method, wizard.lwa_client_ref, wizard.lwa_client_secret, wizard.refresh_token = 'token', 'a', 'b', 'c'
        saved = wizard.save()
        self.assertEqual((saved.name, saved.home_marketplace, saved.company_id), (self.seller.name, 'DE', self.company))
        self.assertEqual(self.seller._get_credentials(), ('a', 'b', 'c'))
        arch = self.env['amazon.seller'].get_view(view_type='form')['arch']
        self.assertIn("'default_seller_id': id}", arch, "no field that some users do not have")

    # === CONSENT === #

    def consent(self, ref):
        """Come back from Amazon's consent page with an account; return what the user reads."""
        with patch.object(LoginWithAmazon, 'exchange', lambda *_arguments: 'Atzr|new'), patch.object(
                self.env.cr, 'commit'), \
                patch.object(type(self.seller), '_connect'):
            return self.seller._accept_consent('code', ref)

    def test_consent_of_another_account_is_refused(self):
        message = self.consent('A2OTHER')
        self.assertIn('A2OTHER', message)
        self.assertEqual((self.seller.selling_partner_ref, self.seller._get_credentials().refresh_token),
                         ('A1TEST', 'token'))

    def test_consent_that_names_no_account_is_refused(self):
        self.assertTrue(self.consent(''))
        self.assertEqual((self.seller.selling_partner_ref, self.seller._get_credentials().refresh_token),
                         ('A1TEST', 'token'))

    def test_consent_of_the_same_account_renews_the_authorization(self):
        self.assertFalse(self.consent('A1TEST'))
        self.assertEqual(self.seller._get_credentials().refresh_token, 'Atzr|new')

    def test_a_refused_consent_stops_no_connection_that_works(self):
        self.seller._set_refusal("No.")
        self.assertEqual((self.seller.state, self.seller.state_message), ('connected', "No."))
        self.seller.state = 'draft'
        self.seller._set_refusal("No.")
        self.assertEqual(self.seller.state, 'error')

import os
from unittest.mock import patch

import psycopg2
from cryptography.fernet import Fernet

from odoo.exceptions import AccessError, UserError
from odoo.modules.migration import load_script
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.sql import column_exists

from ..amazon_api.errors import NotConfigured
from ..models import amazon_seller_secrets
from .common import AmazonCase

SECRET, TOKEN = 'amzn1.oa2-cs.v1.verysecret', 'Atzr|verysecret'
STORED = ('client_secret_stored', 'refresh_token_stored')
FIELDS = ('lwa_client_secret', 'refresh_token', *STORED)


@tagged('post_install', '-at_install')
class TestSecrets(AmazonCase):
    """Secrets are written by those who may and read back by nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system = new_test_user(
            cls.env, 'system', groups='base.group_system,amazon_connector.group_amazon_admin,base.group_allow_export',
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)])

    def setUp(self):
        super().setUp()
        self.use_keys()
        self.seller.write({'lwa_client_secret': SECRET, 'refresh_token': TOKEN})

    def use_keys(self, *keys):
        """Let the server name these keys, newest first."""
        patcher = patch.dict(os.environ, {amazon_seller_secrets.KEYS_VARIABLE: ','.join(keys) or ' '})
        patcher.start()
        self.addCleanup(patcher.stop)
        self.env.invalidate_all()

    def as_system(self):
        return self.seller.with_user(self.system)

    def stored(self):
        self.env.flush_all()
        self.env.cr.execute('SELECT client_secret_stored, refresh_token_stored FROM amazon_seller WHERE id = %s',
                            [self.seller.id])
        return self.env.cr.fetchone()

    # === WRITE-ONLY === #

    def test_they_are_not_found_out_step_by_step(self):
        """What `sudo` leaves in the cache, Odoo compares for everybody, on Odoo 17 over RPC, too."""
        internal = new_test_user(self.env, 'nobody', groups='base.group_user', company_id=self.company.id,
                                 company_ids=[(6, 0, self.company.ids)])
        for stored in STORED:
            self.env.invalidate_all()
            seller = self.seller.with_user(internal)
            with self.subTest(stored), self.assertRaises(AccessError):
                seller.filtered_domain(['&', (stored, '>=', 'A'), ('secrets_state', '!=', False)])

    def test_a_system_administrator_writes_and_reads_nothing_back(self):
        seller = self.as_system()
        seller.write({'lwa_client_secret': f'{SECRET}2'})
        self.assertEqual(seller._get_credentials().client_secret, f'{SECRET}2')
        self.assertNotIn('verysecret', str(seller.read()))
        self.assertNotIn('verysecret', str(seller.web_read(dict.fromkeys(seller.fields_get(), {}))))
        saved = seller.web_save({'refresh_token': f'{TOKEN}2'}, {'refresh_token': {}, 'lwa_client_secret': {}})
        self.assertNotIn('verysecret', str(saved))
        self.assertNotIn('verysecret',
                         str(seller.export_data([*seller.fields_get(), 'lwa_client_secret', 'refresh_token'])))
        self.assertFalse(set(STORED) & set(seller.fields_get()))

    def test_what_is_stored_is_for_nobody(self):
        seller = self.as_system()
        for column in STORED:
            with self.assertRaises(AccessError):
                seller.read([column])
            with self.assertRaises(AccessError):
                seller.write({column: 'x'})
            with self.assertRaises(AccessError):
                seller.create({'name': "x", 'home_marketplace': 'DE', column: 'x'})
            with self.assertRaises(AccessError):
                seller.export_data([column])
            with self.assertRaises(AccessError):
                seller.read_group([], [column], [column])

    def test_nobody_finds_a_seller_by_its_secrets(self):
        for name in FIELDS:
            for model, path in (('amazon.seller', name), ('amazon.seller.marketplace', f'seller_id.{name}'),
                                ('amazon.listing', f'marketplace_id.seller_id.{name}')):
                for domain in ([(path, 'like', 'amzn1%')], [(path, '=like', 'Atzr%')], [(path, '=', TOKEN)],
                               [(path, '!=', False)]):
                    self.refuses(self.env[model].with_user(self.system).search, domain)
            self.refuses(self.env['amazon.seller'].with_user(self.system).search, [], order=name)

    def refuses(self, search, *arguments, **options):
        try:
            with mute_logger('odoo.domains'):
                search(*arguments, **options)
        except (AccessError, ValueError, NotImplementedError, UserError):
            return
        self.fail(f"{arguments} {options} was answered")

    def test_a_copy_and_a_form_hold_none(self):
        copied = self.as_system().copy({'name': "Copy", 'selling_partner_ref': False})
        self.assertEqual(copied._get_credentials()[1:], ('', ''))
        self.assertFalse({*FIELDS} & set(Form(self.as_system())._view['fields']))

    def test_nothing_is_tracked_or_logged(self):
        with self.assertNoLogs('odoo', 'INFO'):
            self.seller.write({'lwa_client_secret': f'{SECRET}3', 'environment': 'production'})
            self.env.flush_all()
        self.assertNotIn('verysecret',
                         str(self.seller.message_ids.mapped('body')
                             + self.seller.message_ids.tracking_value_ids.mapped('new_value_char')))

    def test_a_statement_that_fails_logs_no_secret(self):
        other = self.seller.copy({
            'name': "Other", 'selling_partner_ref': 'A2OTHER', 'environment': 'custom',
            'custom_url': 'http://127.0.0.1:9'})
        with self.assertLogs('odoo.sql_db', 'ERROR') as logs, self.assertRaises(
                psycopg2.IntegrityError), self.env.cr.savepoint():
            other.write({'refresh_token': f'{TOKEN}4', 'selling_partner_ref': 'A1TEST'})
            self.env.flush_all()
        self.assertNotIn('verysecret', str(logs.output))

    def test_the_dates_of_replacement_are_kept(self):
        self.seller.write({'lwa_client_secret': SECRET})
        self.assertTrue(self.seller.client_secret_date and self.seller.refresh_token_date)
        self.seller.write({'refresh_token': False})
        self.assertEqual((self.seller.refresh_token_date, self.seller.secrets_state), (False, 'missing'))
        self.seller._connect()
        self.assertIn("no credentials", self.seller.state_message)

    # === AT REST === #

    def test_without_a_key_a_warning_says_so(self):
        self.assertEqual((self.stored(), self.seller.secrets_state), ((SECRET, TOKEN), 'plain'))

    def test_with_a_key_nothing_is_in_clear_text(self):
        self.use_keys(Fernet.generate_key().decode())
        self.seller.write({'lwa_client_secret': SECRET, 'refresh_token': TOKEN})
        self.assertNotIn('verysecret', str(self.stored()))
        self.assertEqual((self.seller._get_credentials()[1:], self.seller.secrets_state),
                         ((SECRET, TOKEN), 'encrypted'))

    def test_the_daily_job_encrypts_and_follows_the_first_key(self):
        first, second = Fernet.generate_key().decode(), Fernet.generate_key().decode()
        date = self.seller.client_secret_date
        seen = {self.stored()}
        for keys in ([first], [second, first], [second]):
            self.use_keys(*keys)
            self.env['amazon.seller']._warn_about_secrets()
            seen.add(self.stored())
            self.assertEqual((self.seller._get_credentials()[1:], self.seller.secrets_state),
                             ((SECRET, TOKEN), 'encrypted'))
        self.assertEqual(len(seen), 3, "the last run had nothing to do")
        self.assertEqual(self.seller.client_secret_date, date, "that is no replacement")

    def test_a_lost_key_is_explained_and_loses_nothing(self):
        key = Fernet.generate_key().decode()
        self.use_keys(key)
        self.seller.write({'lwa_client_secret': SECRET, 'refresh_token': TOKEN})
        kept = self.stored()
        for keys in ([], [Fernet.generate_key().decode()], ['no-key']):
            self.use_keys(*keys)
            with self.assertRaisesRegex(NotConfigured, "key"):
                self.seller._get_client()
            self.seller._connect()
            self.assertEqual((self.seller.secrets_state, self.seller.state), ('unreadable', 'error'))
            self.assertIn("key", self.seller.state_message)
            with mute_logger('odoo.addons.amazon_connector.models.amazon_seller_secrets'):
                self.env['amazon.seller']._warn_about_secrets()
            self.assertEqual(self.stored(), kept)
        self.assertTrue(self.seller.activity_ids)
        self.use_keys(Fernet.generate_key().decode())
        self.seller.write({'lwa_client_secret': f'{SECRET}5', 'refresh_token': f'{TOKEN}5'})
        self.assertEqual(self.seller._get_credentials().client_secret, f'{SECRET}5', "entered again")

    def test_with_an_invalid_key_nothing_is_saved_in_clear_text(self):
        self.use_keys('no-key')
        with self.assertRaisesRegex(UserError, "no valid key"):
            self.seller.write({'lwa_client_secret': f'{SECRET}6'})

    def test_keys_stand_in_the_configuration_file_or_the_environment(self):
        with patch.dict(os.environ), patch.object(amazon_seller_secrets.configparser.RawConfigParser, 'read',
                                                  lambda parser, _path: parser.read_string(
                                                          '[amazon_connector]\nsecret_keys = one,two\n  three\n')):
            os.environ.pop(amazon_seller_secrets.KEYS_VARIABLE)
            self.assertEqual(amazon_seller_secrets.read_keys(), ['one', 'two', 'three'])
            os.environ[amazon_seller_secrets.KEYS_VARIABLE] = 'four'
            self.assertEqual(amazon_seller_secrets.read_keys(), ['four'])

    # === DATABASES === #

    def test_secrets_of_an_earlier_version_move(self):
        migration = load_script('amazon_connector/migrations/1.4.0/pre-secrets.py', 'migration')
        before = self.stored()
        for new, old in zip(STORED, ('lwa_client_secret', 'refresh_token'), strict=True):
            # pylint: disable=sql-injection
            self.env.cr.execute(f'ALTER TABLE amazon_seller RENAME COLUMN {new} TO {old}')
            self.env.cr.execute(f'ALTER TABLE amazon_connect ADD COLUMN {old} VARCHAR')  # pylint: disable=sql-injection
        for _time in range(2):
            migration.migrate(self.env.cr, '19.0.1.3.0')
            self.assertEqual(self.stored(), before)
        self.assertFalse(column_exists(self.env.cr, 'amazon_seller', 'refresh_token')
                         or column_exists(self.env.cr, 'amazon_connect', 'refresh_token'))

    def test_a_neutralized_copy_cannot_talk_to_amazon(self):
        for query in get_neutralization_queries(['amazon_connector']):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertEqual((self.stored(), self.seller.state), ((None, None), 'draft'))

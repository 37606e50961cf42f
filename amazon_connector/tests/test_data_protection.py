import datetime
import os
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..amazon_api import lwa
from ..amazon_api.errors import LoginFailed, NotConfigured
from ..models import res_partner_access
from ..models.amazon_rate_bucket import DatabaseLimiter
from ..models.amazon_seller_secrets import KEYS_VARIABLE
from ..wizards.amazon_data_protection import READERS
from .common import AmazonCase
from .payloads import item, order


@tagged('post_install', '-at_install')
class TestDataProtection(AmazonCase):
    """The administrator's page: what to look at regularly, and what to do in an emergency."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls.make_user('amazon_admin', 'amazon_connector.group_amazon_admin')
        cls.amazon_user = cls.make_user('amazon_user', 'amazon_connector.group_amazon_user')
        cls.packer = cls.make_user('packer', 'stock.group_stock_user')
        cls.clerk = cls.make_user('clerk', 'base.group_user')

    @classmethod
    def make_user(cls, login, groups, company=None):
        company = company or cls.company
        return new_test_user(cls.env, login, groups=groups, company_id=company.id,
                             company_ids=[Command.set(company.ids)])

    def open_page(self, user=None):
        pages = self.env['amazon.data.protection'].with_user(user or self.admin).with_context(
            allowed_company_ids=self.company.ids)
        return pages.browse(pages.action_open()['res_id'])

    def stop(self, user=None, sellers=None, reason="A laptop was stolen"):
        wizards = self.env['amazon.emergency.stop'].with_user(user or self.admin).with_context(
            allowed_company_ids=(user or self.admin).company_ids.ids)
        wizards.create({'seller_ids': [Command.set((sellers or self.seller).ids)], 'reason': reason}).action_stop()

    # === THE PAGE === #

    def test_the_page_opens_for_administrators_only(self):
        Form(self.open_page())
        for user in (self.amazon_user, self.packer, self.clerk):
            with self.assertRaises(AccessError):
                self.open_page(user)

    def test_who_can_see_buyers(self):
        lines = {line.user_id: line for line in self.open_page().line_ids}
        self.assertEqual(lines[self.packer].reason, "Deliveries")
        self.assertFalse(lines[self.packer].two_factor)
        self.assertNotIn(self.clerk, lines)
        self.assertLessEqual(set(res_partner_access.GROUPS), set(READERS), "whoever may read addresses is listed")
        self.packer.active = False
        self.assertNotIn(self.packer, self.open_page().line_ids.user_id)

    def test_users_of_other_companies_are_not_listed(self):
        other = self.env['res.company'].create({'name': "Other GmbH"})
        stranger = self.make_user('stranger', 'stock.group_stock_user', other)
        self.assertNotIn(stranger, self.open_page().line_ids.user_id)

    def test_who_writes_mail_templates_is_said_and_mended(self):
        """A template reads whatever the server can read; an administrator can give that right to all internal users."""
        editors, everyone = self.env.ref('mail.group_mail_template_editor'), self.env.ref('base.group_user')
        self.assertFalse(self.open_page().has_open_templates, "the default of Odoo, or of the addon")
        by_hand = self.make_user('editor', 'base.group_user,mail.group_mail_template_editor')
        page = self.open_page()
        self.assertEqual(page.line_ids.filtered(lambda line: line.user_id == by_hand).reason, "Mail templates")
        self.assertFalse(page.has_open_templates)
        self.env['ir.config_parameter'].set_param('mail.restrict.template.rendering', False)
        self.assertTrue(self.clerk.has_group('mail.group_mail_template_editor'))
        page = self.open_page()
        self.assertTrue(page.has_open_templates)
        self.assertIn(self.clerk, page.line_ids.user_id)
        self.assertNotIn('action_restrict_templates', page.get_view(view_type='form')['arch'])
        with self.assertRaises(AccessError):
            page.action_restrict_templates()
        system = self.make_user('system', 'base.group_system,amazon_connector.group_amazon_admin')
        page = self.open_page(system)
        self.assertIn('action_restrict_templates', page.get_view(view_type='form')['arch'])
        page.action_restrict_templates()
        self.assertNotIn(editors, everyone.implied_ids)
        self.assertFalse(self.clerk.has_group('mail.group_mail_template_editor'))
        self.assertTrue(system.has_group('mail.group_mail_template_editor'))
        self.assertFalse(self.open_page().has_open_templates)

    def test_overdue_data_is_counted(self):
        page = self.open_page()
        self.assertEqual(page.overdue_count, 0)
        self.receive(order(item(shipped=1), status='SHIPPED'))
        self.env['sale.order'].search([('amazon_order_ref', '!=', False)]).write(
            {'date_order': '2020-01-01', 'amazon_deliver_by': '2020-01-05 12:00:00'})
        self.env.invalidate_all()
        self.assertTrue(page.overdue_count)

    def test_a_review_is_kept_with_user_and_date(self):
        page = self.open_page()
        self.assertFalse(page.last_review_id)
        page.action_mark_reviewed()
        review = self.env['amazon.data.review'].search([])
        self.assertEqual((review.user_id, review.user_count, review.company_id),
                         (self.admin, len(page.line_ids), self.company))
        self.assertEqual(self.open_page().last_review_user_id, self.admin)
        for user in (self.admin, self.amazon_user):
            with self.assertRaises(AccessError):
                review.with_user(user).write({'user_id': self.clerk.id})
            with self.assertRaises(AccessError):
                review.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.env['amazon.data.review'].with_user(user).create({})

    # === EMERGENCY STOP === #

    def test_an_emergency_stop_forgets_everything_and_stops_everything(self):
        lwa._tokens['key'] = {'access_token': 'x', 'expires_in': 3600}
        self.stop()
        self.assertFalse(len(lwa._tokens))
        self.assertEqual((self.seller.state, self.seller._get_credentials()[1:], bool(self.seller.stop_date)),
                         ('error', ('', ''), True))
        self.assertEqual(self.run_flow('orders'), [])
        with self.assertRaises(LoginFailed):
            self.seller._get_client().call('getMarketplaceParticipations')
        message = self.seller.message_ids.filtered(lambda message: "A laptop was stolen" in message.body)
        self.assertEqual(message.create_uid, self.admin)

    def test_a_job_that_runs_already_sends_nothing_more(self):
        limiter = DatabaseLimiter(self.env.registry, self.seller.id)
        with self.in_job():
            self.assertEqual(limiter.acquire('getOrder', 0.5, 4, patience=1), 0)
            self.stop()
            self.env.flush_all()
            with self.assertRaises(NotConfigured):
                limiter.acquire('getOrder', 0.5, 4, patience=1)
            self.seller.write({'lwa_client_secret': 'new', 'refresh_token': 'new'})
            self.env.flush_all()
            self.assertEqual(limiter.acquire('getOrder', 0.5, 4, patience=1), 0, "new credentials end the stop")

    def test_a_stop_is_for_administrators_of_the_company(self):
        other = self.env['res.company'].create({'name': "Other GmbH"})
        stranger = self.make_user('stranger', 'amazon_connector.group_amazon_admin', other)
        for user in (stranger, self.amazon_user, self.clerk):
            with self.assertRaises(AccessError):
                self.stop(user)
        self.assertEqual((self.seller.state, self.seller.stop_date), ('connected', False))

    def test_by_default_all_sellers_are_stopped(self):
        wizard = Form(self.env['amazon.emergency.stop'].with_user(self.admin))
        self.assertIn(self.seller.id, wizard.seller_ids.ids)

    # === INCIDENT REPORT === #

    def test_orders_of_a_period_without_content(self):
        rows = self.receive(order(item()), order(item()))
        waiting = order(item())
        self.env['amazon.order'].sudo()._store(self.seller, [waiting])
        rows |= rows.search([('amazon_order_ref', '=', waiting['orderId'])])
        placed = datetime.datetime(2026, 9, 1, 12)
        rows[0].sale_order_id.date_order = placed
        rows[1].sale_order_id.date_order = placed + datetime.timedelta(days=3)
        rows[2].last_update = placed
        wizard = self.env['amazon.incident.report'].with_user(self.admin).create(
            {'date_from': placed - datetime.timedelta(hours=1), 'date_to': placed + datetime.timedelta(hours=1)})
        action = wizard.action_show()
        found = self.env['amazon.order'].with_user(self.admin).search(action['domain'])
        self.assertEqual(set(found.ids), {rows[0].id, rows[2].id})
        view = self.env['amazon.order'].get_view(action['view_id'][0] if action.get('view_id') else None, 'list')
        self.assertFalse({'payload', 'error', 'sale_order_id'} & set(view['models']['amazon.order']))
        wizard.date_to = wizard.date_from - datetime.timedelta(hours=1)
        with self.assertRaises(UserError):
            wizard.action_show()

    def test_the_dates_of_secrets_are_shown(self):
        page = self.open_page()
        self.assertIn(self.seller, page.seller_ids)
        self.assertLess(fields.Datetime.now()
                        - page.seller_ids.filtered(lambda seller: seller == self.seller).client_secret_date,
                        datetime.timedelta(minutes=10))
        with patch.dict(os.environ, {KEYS_VARIABLE: ' '}), self.assertRaisesRegex(UserError, "Name a key"):
            page.action_encrypt()
        with patch.dict(os.environ, {KEYS_VARIABLE: Fernet.generate_key().decode()}):
            page.action_encrypt()
            self.assertEqual(self.seller.secrets_state, 'encrypted')

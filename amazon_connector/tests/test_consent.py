import re
from unittest.mock import patch

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from ..amazon_api.lwa import LoginWithAmazon
from .common import AmazonCase


@tagged('post_install', '-at_install')
class TestConsent(AmazonCase, HttpCase):
    """The way to Amazon's consent page and back, as a browser goes it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller.application_ref = 'amzn1.sp.solution.x'
        for login in ('first_admin', 'second_admin'):
            new_test_user(cls.env, login, groups='amazon_connector.group_amazon_admin', company_id=cls.company.id,
                          company_ids=[Command.set(cls.company.ids)])

    def begin(self, login):
        """Start a consent as a user; return the `state` that Amazon is to send back."""
        self.authenticate(login, login)
        reply = self.url_open(f'/amazon_connector/authorize/{self.seller.id}', allow_redirects=False)
        self.assertTrue(reply.headers['Location'].startswith('http://127.0.0.1:9/eu/apps/authorize/consent?'))
        return re.search(r'state=([^&]+)', reply.headers['Location']).group(1)

    def come_back(self, state, account='A1TEST', exchanged='Atzr|new'):
        """Return the status of the reply to what Amazon sends, and whether the code was exchanged."""
        codes = []

        def exchange(_login, code):
            codes.append(code)
            return exchanged

        with patch.object(LoginWithAmazon, 'exchange', exchange), patch.object(type(self.seller), '_connect'):
            reply = self.url_open(
                f'/amazon_connector/return?state={state}&spapi_oauth_code=c&selling_partner_id={account}',
                allow_redirects=False)
        self.env.invalidate_all()
        return reply.status_code, bool(codes)

    def test_a_state_works_once(self):
        state = self.begin('first_admin')
        self.assertEqual(self.come_back(state), (303, True))
        self.assertEqual(self.seller._get_credentials().refresh_token, 'Atzr|new')
        self.assertEqual(self.come_back(state, exchanged='Atzr|stolen'), (400, False))
        self.assertEqual(self.seller._get_credentials().refresh_token, 'Atzr|new')

    def test_a_state_is_of_its_session(self):
        state = self.begin('first_admin')
        self.authenticate('second_admin', 'second_admin')
        self.assertEqual(self.come_back(state), (400, False))
        self.assertEqual(self.seller._get_credentials().refresh_token, 'token')

    def test_a_forged_state_uses_the_true_one_up(self):
        state = self.begin('first_admin')
        self.assertEqual(self.come_back('%C3%A9'), (400, False))
        self.assertEqual(self.come_back(state), (400, False))

    def test_another_account_is_refused_and_the_connection_goes_on(self):
        self.assertEqual(self.come_back(self.begin('first_admin'), account='A2OTHER'), (303, False))
        self.assertIn('A2OTHER', self.seller.state_message)
        self.assertEqual((self.seller.state, self.seller.selling_partner_ref,
                          self.seller._get_credentials().refresh_token),
                         ('connected', 'A1TEST', 'token'))

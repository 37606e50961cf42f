from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.http_routing.tests.common import MockRequest

from ..controllers.portal import BuyerPortal
from .buyer_common import BuyerCase
from .payloads import item, order

SECRETS = ("Hauptstraße", "10115", "a1@marketplace")
USERS = {'stock': 'stock.group_stock_user,base.group_partner_manager',
         'creator': 'sales_team.group_sale_salesman_all_leads,base.group_partner_manager',
         'amazon_admin': 'amazon_connector.group_amazon_admin', 'internal': 'base.group_user'}


@tagged('post_install', '-at_install')
class TestBuyerWays(BuyerCase):
    """Ways by which buyers' addresses left Odoo or became contacts that nobody deletes, as they were seen to succeed.
    """

    GROUPS = USERS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls.env['res.partner'].create({'name': "Own", 'is_company': True})

    def assert_hidden(self, result, message=None):
        self.assertFalse([secret for secret in SECRETS if secret in str(result)], message or result)

    def assert_logged(self, action, record, name='stock'):
        self.assertTrue(self.env['amazon.access.log'].search([
            ('action', '=', action), ('model', '=', record._name), ('res_id', '=', record.id),
            ('user_id', '=', self.users[name].id)]))

    # === MOVING AND MERGING === #

    def test_no_contact_takes_over_a_buyers_address(self):
        """Odoo links contacts as the user whose transaction it is."""
        for name, refusal in (('creator', AccessError), ('stock', UserError)):
            buyer, own = self.as_user(name, self.buyer), self.as_user(name, self.own)
            for attack in (lambda buyer=buyer: buyer.write({'parent_id': self.own.id}),
                           lambda own=own: own.write({'child_ids': [Command.link(self.buyer.id)]}),
                           lambda own=own: own.create({'name': "New", 'child_ids': [Command.link(self.buyer.id)]}),
                           lambda own=own: own.write({'parent_id': self.buyer.id})):
                with self.assertRaises(refusal), patch.object(self.env.transaction, 'default_env', buyer.env):
                    attack()
        self.assertFalse(self.own.street or self.own.child_ids)
        below = self.env['res.partner'].create({'name': "Below", 'parent_id': self.buyer.id})
        for parent in (False, self.own.id):
            with self.assertRaises(UserError):
                self.as_user('stock', below).write({'parent_id': parent})
        self.as_user('stock', self.buyer).write({'parent_id': False})

    def test_own_contacts_are_moved_as_ever(self):
        child = self.env['res.partner'].create({'name': "Child"})
        self.as_user('creator', child).write({'parent_id': self.own.id})
        self.assertEqual(child.parent_id, self.own)

    def test_buyers_are_merged_with_buyers(self):
        self.own.email = self.buyer.email
        for name, refusal in (('creator', AccessError), ('stock', UserError)):
            wizard = self.as_user(name, self.env['base.partner.merge.automatic.wizard'])
            for target in (self.own, self.buyer):
                with self.assertRaises(refusal):
                    wizard._merge((self.own | self.buyer).ids, target.with_env(wizard.env))
        wizard = self.env['base.partner.merge.automatic.wizard'].with_user(self.env.ref('base.user_admin'))
        with self.assertRaisesRegex(UserError, "is none"):
            wizard._merge((self.own | self.buyer).ids, self.own.with_env(wizard.env))
        self.assertTrue(self.buyer.exists())
        other = self.receive_sale(order(item(), email='b@marketplace.amazon.de', name="Bob")).partner_id
        (self.buyer | other).email = 'same@marketplace.amazon.de'
        self.as_user('stock', self.env['base.partner.merge.automatic.wizard']).sudo()._merge(
            (self.buyer | other).ids, self.buyer)
        self.assertTrue(self.buyer.amazon_is_buyer and not other.exists())

    # === READING === #

    def test_a_vcard_is_an_export(self):
        for name in ('creator', 'internal', 'amazon_admin'):
            with self.assertRaises(AccessError):
                self.as_user(name, self.buyer)._get_vcard_file()
        self.assertTrue(self.as_user('internal', self.own)._get_vcard_file())
        self.assertIn(b'10115', self.as_user('stock', self.buyer)._get_vcard_file())
        self.assert_logged('export', self.buyer)

    def test_a_form_that_is_not_saved_hides_what_is_stored(self):
        texts = {name: {} for name, field in self.buyer._fields.items() if field.type in ('char', 'text')
                 and not field.groups}
        for values in ({'street2': 'q'}, {'name': 'q'}, {'street2': 'q', 'amazon_is_buyer': False},
                       {'parent_id': False, 'street2': 'q'}):
            buyer = self.as_user('amazon_admin', self.buyer)
            self.assert_hidden(buyer.onchange(values, list(values), texts), values)
            own = self.as_user('amazon_admin', self.own)
            self.assert_hidden(own.onchange({'child_ids': [Command.update(self.buyer.id, values)]}, ['child_ids'],
                                            {'child_ids': {'fields': texts}}), values)
        self.assertIn('10115', str(self.as_user('stock', self.buyer).onchange({'street2': 'q'}, ['street2'], texts)))

    def test_pages_of_orders_are_opened_by_those_who_may(self):
        self.sale._portal_ensure_token()
        public = self.env.ref('base.public_user')
        for user in (self.users['creator'], self.users['amazon_admin'], public):
            with MockRequest(self.env(user=user)), self.assertRaises(AccessError):
                BuyerPortal()._document_check_access('sale.order', self.sale.id, access_token=self.sale.access_token)
        with MockRequest(self.env(user=self.users['stock'])):
            self.assertEqual(BuyerPortal()._document_check_access('sale.order', self.sale.id,
                                                                  access_token=self.sale.access_token), self.sale)
        self.assert_logged('open', self.sale)
        other = self.env['sale.order'].create({'partner_id': self.own.id})
        with MockRequest(self.env(user=public)):
            self.assertEqual(BuyerPortal()._document_check_access('sale.order', other.id,
                                                                  access_token=other._portal_ensure_token()), other)

    def test_helpers_of_odoo_repeat_no_address(self):
        made = {
            'payment.link.wizard': {'partner_id': self.buyer.id, 'res_model': 'sale.order', 'res_id': self.sale.id,
                                    'amount': 1},
            'portal.wizard': {'partner_ids': [Command.set(self.buyer.ids)]},
            'snailmail.letter': {'partner_id': self.buyer.id, 'model': 'sale.order', 'res_id': self.sale.id,
                                 'company_id': self.company.id},
            'sms.composer': {'res_model': 'res.partner', 'res_id': self.buyer.id, 'body': "Hello"},
        }
        self.buyer.phone = self.own.phone = '+49 30 10115'
        for model, values in made.items():
            if model not in self.env:
                continue
            record = self.env[model].sudo().create(values)
            if model == 'portal.wizard':
                record = record.user_ids
            texts = [name for name, field in record._fields.items() if field.type in ('char', 'text')
                     and not field.groups]
            for name in ('amazon_admin', 'stock'):
                seen = record.with_user(self.users[name])
                result = seen._read_format(texts)
                if name == 'amazon_admin':
                    self.assert_hidden(result, model)
                else:
                    self.assertTrue([secret for secret in SECRETS if secret in str(result)], (model, result))

    def test_names_with_addresses_leave_a_line(self):
        self.as_user('stock', self.env['res.partner']).with_context(show_address=True).name_search(self.buyer.name)
        self.assert_logged('open', self.buyer)

    # === WIZARDS === #

    def test_lines_of_wizards_are_their_users_own(self):
        admin = self.users['amazon_admin']
        preview = self.env['amazon.stock.preview'].with_user(admin).sudo().create(
            {'marketplace_id': self.german.id, 'line_ids': [Command.create({})]})
        line = preview.line_ids.sudo(False)
        self.assertTrue(line.with_user(admin).read(['listing_id']))
        other = new_test_user(self.env, 'ways_other', groups=USERS['amazon_admin'], company_id=self.company.id,
                              company_ids=[Command.set(self.company.ids)])
        with self.assertRaises(AccessError):
            line.with_user(other).read(['listing_id'])
        for model in ('amazon.settlement.setup.line', 'amazon.ship.warning.line', 'amazon.label.buy.offer',
                      'amazon.label.buy.input'):
            self.assertIn('create_uid', str(self.env['ir.rule'].with_user(admin)._compute_domain(model, 'read')), model)

    def test_an_upload_without_a_file_says_so(self):
        upload = self.env['amazon.settlement.upload'].create({'seller_id': self.seller.id, 'document': b'bm90aGluZw=='})
        upload.document = False
        with self.assertRaisesRegex(UserError, "Choose the file"):
            upload.action_upload()

    # === LOGINS AND PRINTED DOCUMENTS === #

    def test_buyers_get_no_login(self):
        """Any internal user could sign up in a buyer's name, and users show all of their partner."""
        with self.assertRaises(ValidationError):
            self.env['res.users'].create({'name': "B", 'login': 'b@example.com', 'partner_id': self.buyer.id})
        own = self.env['res.partner'].create({'name': "Own", 'email': 'own@example.com'})
        self.assertTrue(self.env['res.users'].create({'login': 'own@example.com', 'partner_id': own.id}))

    def test_a_key_of_before_shows_no_buyer(self):
        own = self.env['res.partner'].create({'name': "Own", 'email': 'own@example.com'})
        for partner, found in ((self.buyer, False), (own, True)):
            token = partner.sudo()._generate_signup_token()
            self.assertEqual(bool(self.env['res.partner']._signup_retrieve_info(token)), found)

    def test_documents_are_printed_for_readers_only_whatever_sudo_says(self):
        """The portal prints slips, and the composer of mails prints quotations, with `sudo`."""
        picking = self.sale.picking_ids[:1]
        for name, may in (('internal', False), ('creator', False), ('stock', True)):
            report = self.as_user(name, self.env['ir.actions.report']).sudo()
            for ref, record in (('stock.action_report_delivery', picking), ('sale.report_saleorder', self.sale)):
                if not may:
                    with self.assertRaises(AccessError):
                        report._render_qweb_html(ref, record.ids)
                    continue
                report._render_qweb_html(ref, record.ids)
                self.assert_logged('print', record)

    def test_followers_show_no_address(self):
        """Everybody reads followers, of all records; Odoo fills in their e-mail address with `sudo`."""
        self.sale.message_subscribe(self.buyer.ids)
        for name, may in (('internal', False), ('creator', False), ('stock', True)):
            followers = self.as_user(name, self.env['mail.followers'])
            rows = followers.search_read([('partner_id', '=', self.buyer.id)], ['email', 'name'])
            self.assertTrue(rows)
            self.assertEqual({bool(row['email']) for row in rows}, {may}, name)
        shown = self.as_user('creator', self.sale).message_get_followers()
        self.assert_hidden(shown)
        self.assertIn(self.buyer.name, str(shown))

import contextlib
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from . import payloads
from .buyer_common import BuyerCase

SECRETS = ("Hauptstraße", "10115", "a1@marketplace", "40123987")
VIEW = '<t t-name="{}"><p><t t-out="object.partner_id.street"/> <t t-out="object.partner_shipping_id.phone"/></p></t>'


@tagged('post_install', '-at_install')
class TestBuyerChatter(BuyerCase):
    """What the chatter, its templates and the keys of logins show of buyers to users of the least rights."""

    GROUPS = {'internal': 'base.group_user', 'salesman': 'base.group_user,sales_team.group_sale_salesman',
              'stock': 'base.group_user,sales_team.group_sale_salesman_all_leads,stock.group_stock_user'}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer.phone = '+49 30 40123987'
        cls.sale.user_id = cls.users['salesman']
        cls.sale.message_subscribe(cls.buyer.ids)
        cls.env['ir.config_parameter'].set_param('auth_signup.invitation_scope', 'b2c')

    def assert_hidden(self, result, may=False):
        found = [secret for secret in SECRETS if secret in str(result)]
        self.assertEqual(bool(found), may, (found, result))

    # === SUGGESTIONS === #

    def test_nobody_is_mentioned_or_invited_by_address(self):
        channels = self.env['discuss.channel']
        make = getattr(channels, '_create_channel', None) or channels.channel_create
        channel = make("Buyers", None)
        number = channel['id'] if isinstance(channel, dict) else channel.id
        for name in ('internal', 'salesman'):
            partners = self.as_user(name, self.env['res.partner'])
            for word, found in ((self.buyer.name, True), ('a1@marketplace', False)):
                result = partners.get_mention_suggestions(word)
                self.assertEqual(self.buyer.name in str(result), found)
                self.assert_hidden(result)
                self.assert_hidden(partners.get_mention_suggestions_from_channel(number, word))
                self.assert_hidden({**partners.search_for_channel_invite(word, number), 'selectable_email': None})

    def test_suggested_recipients_have_no_address(self):
        picking = self.sale.picking_ids[:1]
        self.sale.message_unsubscribe(self.buyer.ids)
        for name, may in (('internal', False), ('salesman', False), ('stock', True)):
            self.assert_hidden(self.as_user(name, self.buyer)._message_get_suggested_recipients(), may)
            for record in (self.sale, picking) if name != 'internal' else ():
                result = self.as_user(name, record)._message_get_suggested_recipients()
                self.assert_hidden(result, may and 'a1@' in str(result))
        own = self.env['res.partner'].create({'name': "Own", 'email': 'own@example.com'})
        self.assertIn('own@example.com', str(self.as_user('salesman', own)._message_get_suggested_recipients()))

    def test_messages_in_a_buyers_name_have_no_address(self):
        """Odoo fills in the address of the author whom a client names."""
        message = self.as_user('salesman', self.sale).message_post(body="Hello", author_id=self.buyer.id)
        for name, may in (('salesman', False), ('stock', True)):
            texts = [field for field, value in message._fields.items()
                     if value.type in ('char', 'text', 'html') and not value.groups]
            seen = self.as_user(name, message)
            self.assert_hidden(seen.read(texts), may)
            self.assertEqual(bool(seen.search([('id', '=', message.id), ('email_from', 'ilike', 'a1@')])), may)
            self.assertEqual(bool(seen.search([('id', '=', message.id), ('reply_to', 'ilike', 'a1@')])), may)
            self.assert_hidden(self.show_message(seen), may)

    @staticmethod
    def show_message(message):
        """Return what the chatter of a browser gets of a message."""
        if hasattr(message, 'message_format'):
            return message.message_format()
        from odoo.addons.mail.tools.discuss import Store
        store = Store()
        store.add(message)
        return store.get_result()

    # === SEARCHING === #

    def test_followers_are_not_found_by_address(self):
        sales = self.as_user('salesman', self.env['sale.order'])
        for condition in (('message_partner_ids.street', '=like', 'Haupt%'), ('message_partner_ids', 'ilike', 'a1@'),
                          ('message_partner_ids', 'any', [('email', '=like', 'a1@%')]),
                          ('message_partner_ids', 'child_of', 'a1@'),
                          ('message_partner_ids.commercial_partner_id.street', '=like', 'Haupt%'),
                          ('message_follower_ids.partner_id.street', '=like', 'Haupt%')):
            self.assertFalse(sales.search([condition]), condition)
        for condition in (('message_partner_ids.street', 'not like', 'Haupt'),
                          ('message_partner_ids', 'not ilike', 'a1@')):
            same = (condition[0], condition[1], "nobody's")
            self.assertEqual(sales.search([condition]), sales.search([same]), condition)
        for condition in (('message_partner_ids', '=', self.buyer.id),
                          ('message_partner_ids.name', '=', self.buyer.name),
                          ('message_partner_ids', 'ilike', self.buyer.name),
                          ('message_partner_ids', 'in', self.buyer.ids),
                          ('message_partner_ids', 'child_of', self.buyer.id)):
            self.assertIn(self.sale, sales.search([condition]), condition)
        self.assertTrue(self.as_user('stock', sales).search([('message_partner_ids.street', '=like', 'Haupt%')]))

    def test_no_way_to_partners_avoids_the_checks(self):
        """Odoo joins the table of partners, or searches with `sudo`, in some fields: their queries lack the condition
        that leaves buyers out.
        """
        env = self.env(user=self.users['salesman'])
        ways = [(model, name) for model in sorted(self.registry) if self.env[model]._auto
                for name, field in self.env[model]._fields.items()
                if field.relational and field.comodel_name == 'res.partner' and field._description_searchable
                and model not in ('res.partner', 'res.users') and 'amazon_is_buyer' not in str(field.domain)]
        self.assertIn(('account.analytic.account', 'partner_id'), ways)
        bare = [(model, name, tail) for model, name in ways for tail in ('street', 'email')
                if self.is_bare(env[model], [(f'{name}.{tail}', '=like', 'Haupt%')], tail)]
        self.assertEqual(bare, [])

    def is_bare(self, model, domain, name):
        """Return whether the queries of a search compare a field of partners without leaving buyers out."""
        queries, execute = [], type(self.env.cr).execute

        def spy(cursor, query, *args, **kwargs):
            queries.append(str(getattr(query, 'code', query)))
            return execute(cursor, query, *args, **kwargs)

        # Odoo cannot search some of its own fields.
        with contextlib.suppress(UserError, ValueError, NotImplementedError, psycopg2.Error), \
                mute_logger('odoo.sql_db', 'odoo.osv.expression'), self.env.cr.savepoint(flush=False), \
                patch.object(type(self.env.cr), 'execute', spy), \
                patch.object(type(self.env['ir.model.access']), 'check', lambda *args, **kwargs: True):
            list(model._search(domain))
        return f'"{name}"' in ' '.join(queries) and 'amazon_is_buyer' not in ' '.join(queries)

    # === TEMPLATES === #

    def test_users_write_no_templates_that_read(self):
        """A template reads with the rights of whoever uses it and, by `sudo`, whatever the server can read."""
        model = self.env['ir.model']._get_id('res.partner')
        for name in ('internal', 'salesman'):
            for code in ('object.street', "object.env['amazon.seller'].sudo().search([])[:1].refresh_token"):
                for values in ({'body_html': f'<p><t t-out="{code}"/></p>'}, {'subject': f'{{{{ {code} }}}}'}):
                    with self.assertRaises(AccessError):
                        self.as_user(name, self.env['mail.template']).create(
                            {'name': "Spy", 'model_id': model, **values})
                with self.assertRaises(AccessError):
                    self.compose(name, self.buyer, subject=f'{{{{ {code} }}}}')._render_field('subject', self.buyer.ids)

    def compose(self, name, record, **values):
        return self.as_user(name, self.env['mail.compose.message']).create(
            {'model': record._name, 'res_ids': str(record.ids), 'composition_mode': 'comment', **values})

    def test_templates_of_others_show_no_address(self):
        templates = self.env['mail.template'].create([{
            'name': "Label", 'model_id': self.env['ir.model']._get_id(record._name), **values,
        } for record, path in ((self.sale, 'object.partner_shipping_id'), (self.buyer, 'object'))
            for values in ({'subject': f'{{{{ {path}.email }}}}'},
                           {'body_html': f'<div>{{}} <t t-out="{path}.street"/></div>'},
                           {'body_html': f'<div><t t-out="{path}.zip"/> <b t-out="{path}.city"/></div>'})])
        for template in templates:
            record = self.sale if template.model == 'sale.order' else self.buyer
            for name in ('salesman', 'internal'):
                if name == 'salesman' or record == self.buyer:
                    with self.assertRaises(AccessError):
                        self.compose(name, record, template_id=template.id).read(['body', 'subject'])
            seen = self.compose('stock', record, template_id=template.id)
            self.assert_hidden(seen.read(['body', 'subject']), True)
        self.assertTrue(self.env['amazon.access.log'].search(
            [('user_id', '=', self.users['stock'].id), ('model', '=', 'sale.order'), ('action', '=', 'open')]))

    def test_other_templates_are_used_as_ever(self):
        template = self.env['mail.template'].create({
            'name': "Thanks", 'model_id': self.env['ir.model']._get_id('sale.order'), 'subject': "{{ object.name }}",
            'body_html': '<p>Dear <t t-out="object.partner_id.name"/>, greetings from Berlin</p>'})
        seen = self.compose('salesman', self.sale, template_id=template.id)
        self.assertIn(self.buyer.name, seen.body)
        self.assertEqual(seen.subject, self.sale.name)
        own = self.env['res.partner'].create({'name': "Own", 'street': "Hauptstraße 99", 'email': 'own@example.com'})
        sale = self.env['sale.order'].create({'partner_id': own.id, 'user_id': self.users['salesman'].id})
        template.body_html = '<p><t t-out="object.partner_id.street"/></p>'
        self.assertIn("Hauptstraße 99", self.compose('salesman', sale, template_id=template.id).body)

    def make_ways(self):
        """Return records, and expressions by which a template of theirs reads a buyer's address."""
        line, picking = self.sale.order_line[:1], self.sale.picking_ids[:1]
        buyer, ref = self.buyer.id, '302-7777777-7654321'
        self.env['amazon.order']._store(self.seller, [payloads.order(payloads.item(), ref=ref)])
        row = self.env['amazon.order'].search([('amazon_order_ref', '=', ref)])
        seller = {'seller_id': self.seller.id, 'company_id': self.company.id}
        record = self.env['amazon.return'].create({
            **seller, 'channel': 'fbm', 'date': '2026-10-01', 'sku': 'SKU-A', 'sale_order_id': self.sale.id})
        move = picking.move_ids[:1]
        lead = self.env['res.partner'].create({'name': "Own"})
        return [
            (record, 'object.sale_order_id.partner_id.street'),
            (record, 'object.sale_order_id.partner_shipping_id.contact_address'),
            (record, "'%s %s' % (object.sale_order_id.partner_id.city, object.sale_order_id.partner_id.zip)"),
            (move, 'object.picking_id.sale_id.partner_invoice_id.email'),
            (move, 'object.picking_id.sale_id.partner_id.street.upper()'),
            (move, 'object.sale_line_id.order_id.partner_id.email_normalized'),
            (line, 'object.order_id.partner_id.street'),
            (picking, "object.sale_id.partner_id.read(['street'])[0]['street']"),
            (line.product_id, "object.env['sale.order'].sudo().search([]).partner_id.mapped('street')"),
            (self.company, f"object.env['res.partner'].sudo().browse({buyer}).street"),
            (lead, f"object.env['res.partner'].sudo().search_read([('id', '=', {buyer})], ['street'])"),
            (lead, f"object.env['amazon.order'].sudo().browse({row.id}).payload"),
            (lead, f"object.env['mail.message'].sudo().search([('author_id', '=', {buyer})]).mapped('email_from')"),
        ]

    def test_templates_show_no_address_whatever_way_leads_to_it(self):
        self.sale.message_post(body="Hello", author_id=self.buyer.id)
        self.assertFalse([(record._name, code, field) for record, code in self.make_ways()
                          for field in ('body_html', 'subject') if self.leaks(record, code, field)])

    def leaks(self, record, code, field):
        """Return whether a template shows a user who may not see it what those see who may."""
        template = self.env['mail.template'].create({
            'name': "Spy", 'model_id': self.env['ir.model']._get_id(record._name),
            'body_html': f'<p><t t-out="{code}"/></p>', 'subject': f'{{{{ {code} }}}}'})
        self.assertTrue(self.names_buyer(self.render('stock', template, field, record)), code)
        try:
            return self.names_buyer(self.render('salesman', template, field, record))
        except AccessError as error:
            self.assertIn("addresses of Amazon buyers", str(error))
            return False

    def names_buyer(self, text):
        return any(value.casefold() in text.casefold()
                   for value in (self.buyer.street, self.buyer.email, self.buyer.zip))

    def render(self, name, template, field, record):
        return str(self.as_user(name, template)._render_field(field, record.ids)[record.id])

    def test_what_else_was_read_keeps_no_other_mail_from_being_written(self):
        own = self.env['res.partner'].create({'name': "Own", 'street': "Am Berg 99", 'email': 'own@example.com'})
        template = self.env['mail.template'].create({
            'name': "Address", 'model_id': self.env['ir.model']._get_id('res.partner'),
            'body_html': '<p><t t-out="object.street"/>, <t t-out="object.email"/></p>'})
        template = self.as_user('salesman', template)
        self.assertTrue(template.env['res.partner'].sudo().browse(self.buyer.id).street)
        self.assertIn("Am Berg 99", str(template._render_field('body_html', own.ids)[own.id]))

    def make_spy(self):
        """Return a template of other contacts that reads a buyer's address, after it was used once."""
        own = self.env['res.partner'].create({'name': "Own"})
        template = self.env['mail.template'].create({
            'name': "Spy", 'model_id': self.env['ir.model']._get_id('res.partner'), 'body_html':
            f"<p><t t-out=\"object.env['res.partner'].sudo().browse({self.buyer.id}).street\"/></p>"})
        self.assert_hidden(self.render('stock', template, 'body_html', own), True)
        return own, template

    def test_an_address_that_changes_is_hidden_too(self):
        own, template = self.make_spy()
        self.buyer.street = "Nebenstraße 7"
        with self.assertRaises(AccessError):
            self.render('salesman', template, 'body_html', own)

    def test_an_address_that_changes_between_transactions_is_hidden_too(self):
        own, template = self.make_spy()
        self.env.flush_all()
        # As at the end of a transaction, behind which others change what they like.
        self.env.cr.clear()
        self.env.cr.execute("UPDATE res_partner SET street = 'Nebenstraße 7' WHERE id = %s", [self.buyer.id])
        with self.assertRaises(AccessError):
            self.render('salesman', template, 'body_html', own)

    def test_each_address_is_found_once_in_a_long_run(self):
        own, found, partners = self.env['res.partner'].create({'name': "Own"}), [], type(self.env['res.partner'])
        self.buyer.mapped('street')
        find = partners._amazon_find_addresses
        self.patch(partners, '_amazon_find_addresses', lambda records: found.append(records.ids) or find(records))
        mixin = self.as_user('salesman', self.env['mail.render.mixin'])
        for _mail in range(5):
            mixin._amazon_check_rendered('res.partner', {own.id: "Hello"})
        self.assertLessEqual(found.count(self.buyer.ids), 1)

    def test_messages_made_of_views_show_no_address(self):
        view = self.env['ir.ui.view'].create({'type': 'qweb', 'key': 'amazon_connector.spy', 'name': "Spy",
                                              'arch': VIEW.format('amazon_connector.spy')})
        self.env['ir.model.data'].create({'module': 'amazon_connector', 'name': 'spy', 'model': 'ir.ui.view',
                                          'res_id': view.id})
        with self.assertRaises(AccessError):
            self.as_user('salesman', self.sale).message_post_with_source('amazon_connector.spy')
        message = self.as_user('stock', self.sale).message_post_with_source('amazon_connector.spy')
        self.assert_hidden(message.body, True)

    # === KEYS OF LOGINS === #

    def test_keys_of_logins_show_nothing(self):
        own = self.env['res.partner'].create({'name': "Own", 'email': 'own@example.com'})
        for name in ('internal', 'salesman', 'stock'):
            buyer = self.as_user(name, self.buyer)
            for partner, opens in ((buyer, False), (self.as_user(name, own), True)):
                token = partner.signup_get_auth_param()[partner.id]['auth_signup_token']
                self.assertEqual(partner.sudo().email in str(self.open_by(token)), opens)
            if 'signup_url' in buyer._fields and name != 'stock':
                shown = buyer.with_context(create_user=True, signup_valid=True, signup_force_type_in_url='signup')
                self.assert_hidden(shown.read(['signup_url']))
                self.assertNotIn('token=', str(shown.read(['signup_url'])))

    def open_by(self, token):
        """Return what Odoo's page for a key of a login shows."""
        partners = self.env['res.partner'].sudo()
        try:
            return partners._signup_retrieve_info(token)
        except UserError as error:
            return error

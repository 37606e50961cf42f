from unittest.mock import patch

from odoo import Command, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service import model as service
from odoo.tests import new_test_user, tagged

from odoo.addons.base.models.ir_actions_report import IrActionsReport as BaseReport

from .buyer_common import BuyerCase
from .payloads import item, order
from .test_retention import old_order

SECRET = "Hauptstraße"
MAY = {'stock': 'stock.group_stock_user', 'billing': 'account.group_account_invoice',
       'buyer_data': 'sales_team.group_sale_salesman_all_leads,amazon_connector.group_amazon_buyer_data'}
MAY_NOT = {'amazon': 'amazon_connector.group_amazon_user', 'salesman': 'sales_team.group_sale_salesman',
           'internal': 'base.group_user',
           'salesman_creator': 'sales_team.group_sale_salesman,base.group_partner_manager',
           'amazon_admin': 'amazon_connector.group_amazon_admin', 'reader': 'account.group_account_readonly'}


@tagged('post_install', '-at_install')
class TestBuyerAccess(BuyerCase):
    """Who reads buyers' addresses, by every way out of Odoo, and what is left of it in the log."""

    GROUPS = {name: f'{groups},base.group_allow_export' for name, groups in {**MAY, **MAY_NOT}.items()}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls.env['res.partner'].create({'name': "Own customer", 'street': f"{SECRET} 99",
                                                 'company_id': cls.company.id})

    def log(self, action=None):
        return self.env['amazon.access.log'].search([('action', '=', action)] if action else [])

    def ways_out(self, partner):
        """Everything that a user gets of a partner by the calls that a client may make."""
        model, ids = partner.browse(), partner.ids
        yield 'read', partner.read(['name', 'street', 'contact_address', 'email', 'phone', 'zip', 'city', 'vat'])
        yield 'read all texts', partner.read([name for name, field in partner._fields.items()
                                              if field.type in ('char', 'text', 'html') and not field.groups])
        yield 'search_read', model.search_read([('id', 'in', ids)], ['street', 'email'])
        yield 'web_read', partner.web_read({'street': {}, 'contact_address': {}, 'display_name': {}})
        yield 'web_search_read', model.web_search_read([('id', 'in', ids)], {'street': {}})
        yield 'display name', partner.with_context(show_address=True, show_email=True).read(['display_name'])
        yield 'name_search', model.with_context(show_address=True, show_email=True).name_search(partner.sudo().name)
        yield 'read_group', model.formatted_read_group([('id', 'in', ids)], ['street'], ['__count'])
        yield 'read_group maximum', model._read_group([('id', 'in', ids)], [], ['street:max'])

    def test_addresses_are_hidden_by_every_way(self):
        for name in MAY_NOT:
            for way, result in self.ways_out(self.as_user(name, self.buyer)):
                self.assertFalse(SECRET in str(result) or 'a1@marketplace' in str(result), (name, way, result))

    def test_translations_and_the_search_for_personal_data_hide_them_too(self):
        for name in MAY_NOT:
            buyer = self.as_user(name, self.buyer)
            self.assertNotIn(SECRET, str(buyer.get_field_translations('street')), name)
            with self.assertRaises(AccessError):
                buyer.action_privacy_lookup()
        action = self.as_user('buyer_data', self.buyer).action_privacy_lookup()
        self.assertEqual(action['context']['default_email'], self.buyer.email)

    def test_methods_of_recordsets_are_not_called_from_outside(self):
        """They read what `read` hides. Odoo 17 has them called by everybody who has a login."""
        check = getattr(service, 'get_public_method', None) or (lambda _model, name: models.check_method_name(name))
        for name in ('mapped', 'filtered', 'filtered_domain', 'grouped', 'sorted'):
            with self.subTest(name), self.assertRaises(AccessError):
                check(self.buyer, name)
        check(self.buyer, 'name_search')

    def test_those_who_need_them_read_them(self):
        for name in MAY:
            for way, result in self.ways_out(self.as_user(name, self.buyer)):
                self.assertIn(SECRET, str(result), (name, way))

    def test_contacts_of_the_company_are_read_as_ever(self):
        for way, result in self.ways_out(self.as_user('salesman', self.own)):
            self.assertIn(SECRET, str(result), way)

    def test_nobody_finds_out_by_searching(self):
        partners = self.as_user('salesman', self.env['res.partner'])
        for field, value in (('street', SECRET), ('email', 'a1@'), ('zip', '10115'), ('email_normalized', 'a1@'),
                             ('contact_address_complete', SECRET)):
            if field not in partners._fields or not partners._fields[field]._description_searchable:
                continue
            found = partners.search([(field, 'ilike', value)])
            self.assertNotIn(self.buyer.id, found.ids, field)
            self.assertNotIn(self.buyer.id, partners.search(['!', (field, 'not ilike', value)]).ids, field)
        self.assertIn(self.own.id, partners.search([('street', 'ilike', SECRET)]).ids)
        self.assertNotIn(self.buyer.id, [row[0] for row in partners.name_search('a1@marketplace')])
        self.assertIn(self.buyer.id, [row[0] for row in partners.name_search("Anna Schmidt")])
        sales = self.as_user('amazon', self.env['sale.order'])
        self.assertFalse(sales.search([('partner_id.street', 'ilike', SECRET)]))
        self.assertFalse(sales.search([('partner_id', 'any', [('street', 'ilike', SECRET)])]))
        self.assertTrue(
            self.as_user('buyer_data', self.env['sale.order']).search([('partner_id.street', 'ilike', SECRET)]))

    def test_nobody_finds_out_by_comparing_and_sorting(self):
        partners = self.as_user('salesman', self.env['res.partner'])
        both = [('id', 'in', (self.buyer | self.own).ids)]
        self.own.street, self.buyer.street = "M", "Z"
        self.env.flush_all()
        groups = partners.formatted_read_group(both, ['id'], ['__count'], having=[('street:max', '>', 'A')])
        self.assertEqual([group['id'][0] for group in groups], self.own.ids)
        for street in ("A", "Z"):
            self.buyer.street = street
            self.env.flush_all()
            ways = {'groups': [row[0] for row in partners._read_group(both, ['id'], order='street:max')],
                    'web groups': [
                        group['id'][0]
                        for group in partners.formatted_read_group(both, ['id'], ['__count'], order='street:max')],
                    'sets': [row[0] for row in partners._read_grouping_sets(both, [['id']], [], order='street:max')[0]],
                    'records': partners.search(both, order='street').ids}
            for way, found in ways.items():
                self.assertEqual(int(found[0]), self.own.id, (way, street))
        counted = partners._read_group(both, [], ['__count', 'street:max'])
        self.assertEqual(counted, [(2, "M")], "counts are whole, values are not shown")

    def test_texts_that_any_module_adds_are_hidden(self):
        """A VAT number is an electronic address, too (`peppol_endpoint`, of the module for electronic invoices)."""
        self.buyer.vat = 'DE136695976'
        self.env.flush_all()
        self.assertIn('136695976', self.buyer.peppol_endpoint or '')
        texts = [name for name, field in self.buyer._fields.items() if field.type in ('char', 'text', 'html')
                 and not field.groups]
        self.assertNotIn('136695976', str(self.as_user('salesman', self.buyer).read(texts)))
        self.assertNotIn(self.buyer,
                         self.as_user('salesman', self.buyer).search([('peppol_endpoint', 'ilike', '136695976')]))

    def test_not_by_way_of_the_order_either(self):
        for name, may in (('amazon', False), ('buyer_data', True)):
            sale = self.as_user(name, self.sale)
            results = {
                'read': sale.with_context(show_address=True,
                                          show_email=True).read(['partner_id', 'partner_shipping_id']),
                'web_read': sale.web_read(
                    {'partner_id': {'fields': {'display_name': {}, 'street': {}}, 'context': {'show_address': 1}}}),
                'onchange': sale.onchange({'partner_id': self.buyer.id}, ['partner_id'], {
                    'partner_id': {'fields': {'display_name': {}, 'street': {}}, 'context': {'show_address': 1}},
                    'partner_shipping_id': {
                        'fields': {'display_name': {}, 'street': {}}, 'context': {'show_address': 1}}}),
                'read_group': sale._read_group([('id', '=', sale.id)], ['partner_id.street']),
            }
            for way, result in results.items():
                self.assertTrue(may or SECRET not in str(result), (name, way, result))
                self.assertTrue(not may or way == 'onchange' or SECRET in str(result), (name, way, result))
            self.assertIn("Anna Schmidt", str(results['read']))

    def test_export_copy_and_print(self):
        buyer, sale = self.as_user('amazon', self.buyer), self.as_user('amazon', self.sale)
        for refused in (lambda: buyer.export_data(['name', 'street']),
                        lambda: sale.export_data(['name', 'partner_id/street']), buyer.copy_data,
                        lambda: self.env['ir.actions.report'].with_user(self.users['amazon'])._render_qweb_html(
                            'sale.report_saleorder', sale.ids)):
            with self.assertRaises(AccessError):
                refused()
        self.assertTrue(buyer.export_data(['name'])['datas'])
        self.assertIn(SECRET, str(self.as_user('buyer_data', self.sale).export_data(['name', 'partner_id/street'])))
        self.assertTrue(self.log('export').filtered(lambda line: line.res_id == self.buyer.id
                                                    and line.user_id == self.users['buyer_data']))
        self.as_user('buyer_data', self.env['ir.actions.report'])._render_qweb_html('sale.report_saleorder',
                                                                                    self.sale.ids)
        self.assertTrue(
            self.log('print').filtered(lambda line: (line.model, line.res_id) == ('sale.order', self.sale.id)))

    def test_no_contact_below_a_buyer_takes_its_address(self):
        partners = self.as_user('salesman_creator', self.env['res.partner'])
        for refused in (lambda: partners.create({'name': "Below", 'parent_id': self.buyer.id}),
                        lambda: self.as_user('salesman_creator', self.own).write({'parent_id': self.buyer.id})):
            with self.assertRaises(AccessError):
                refused()
        spec = {'name': {}, 'street': {}, 'parent_id': {'fields': {'display_name': {}}}}
        self.assertNotIn(SECRET,
                         str(partners.onchange({'parent_id': self.buyer.id, 'name': "Below"}, ['parent_id'], spec)))
        below = self.env['res.partner'].create({'name': "Below", 'parent_id': self.buyer.id})
        self.assertIn(SECRET, below.street)
        below = self.as_user('salesman_creator', below)
        self.assertNotIn(SECRET, str(below.read(['street'])))
        with self.assertRaises(AccessError):
            below.parent_id = False

    def test_an_order_as_amazon_sent_it_names_the_buyer_to_those_who_may(self):
        row = self.receive(order(item('NEW-1'), email='c@marketplace.amazon.de'))
        system = new_test_user(self.env, 'access_system',
                               groups='base.group_system,base.group_allow_export,amazon_connector.group_amazon_user',
                               company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        seen = row.with_user(system).with_context(allowed_company_ids=self.company.ids)
        payload = seen.read(['payload'])[0]['payload']
        self.assertEqual((payload['orderId'], 'recipient' in payload), (row.amazon_order_ref, False))
        with self.assertRaises(AccessError):
            seen.export_data(['payload'])
        system.group_ids += self.env.ref('amazon_connector.group_amazon_buyer_data')
        self.assertIn(SECRET, str(seen.read(['payload'])))
        self.assertEqual(self.log('open').filtered(lambda line: line.model == 'amazon.order').res_id, row.id)

    def test_jobs_and_forms_compute_as_ever(self):
        """What a user may not read is still what taxes and deliveries are computed from, and no other user's cache
        holds what is hidden.
        """
        seen = self.as_user('amazon', self.buyer)
        seen.read(['street'])
        self.assertIn(SECRET, seen.sudo().street)
        self.assertIn(SECRET, str(self.buyer.with_user(self.users['stock']).read(['street'])))
        self.as_user('amazon', self.sale).web_read({'name': {}, 'partner_id': {'fields': {'display_name': {}}},
                                                    'partner_shipping_id': {}, 'amount_total': {}})

    # === THE LOG === #

    def test_opening_leaves_a_line(self):
        self.as_user('stock', self.buyer).web_read({'street': {}})
        self.as_user('stock', self.buyer).web_read({'name': {}})
        line = self.log('open')
        self.assertEqual((line.user_id, line.model, line.res_id), (self.users['stock'], 'res.partner', self.buyer.id))
        self.as_user('stock', self.own).read(['street'])
        self.assertEqual(self.log('open'), line)

    def test_nobody_changes_the_log(self):
        self.env['amazon.access.log'].with_user(self.users['stock'])._log('open', self.buyer)
        line = self.log()
        admin = self.env.ref('base.user_admin')
        for record in (line, line.with_user(admin), line.sudo()):
            for change in (lambda record=record: record.write({'res_id': 1}), lambda record=record: record.unlink(),
                           lambda record=record: record.create({'date': '2026-01-01', 'action': 'open', 'model': 'x'})):
                with self.assertRaises(AccessError):
                    change()
        for name in ('stock', 'internal', 'amazon'):
            with self.assertRaises(AccessError):
                self.as_user(name, line).read(['action'])
        self.assertTrue(self.as_user('amazon_admin', line).read(['action']))

    def test_lines_are_kept_for_a_year(self):
        self.env['amazon.access.log'].with_user(self.users['stock'])._log('open', self.buyer)
        self.env['amazon.access.log']._gc_old()
        self.assertTrue(self.log())
        self.env.cr.execute("UPDATE amazon_access_log SET date = '2024-01-01'")
        self.env['amazon.access.log']._gc_old()
        self.env.invalidate_all()
        self.assertFalse(self.log())

    def test_the_file_of_a_label_leaves_a_line(self):
        attachment = self.env['ir.attachment'].create({'name': 'slip.pdf', 'raw': b'x', 'res_model': 'sale.order',
                                                       'res_id': self.sale.id})
        self.as_user('stock', attachment)._amazon_log_download()
        self.assertEqual(self.log('download').res_id, self.sale.id)

    def test_files_that_are_no_labels_cost_nothing(self):
        picture = self.env['ir.attachment'].create({'name': 'a.png', 'raw': b'x', 'res_model': 'product.template',
                                                    'res_id': self.product.product_tmpl_id.id})
        picture = self.as_user('stock', picture)
        picture.mapped('res_model')
        with self.assertQueryCount(0):
            picture._amazon_log_download()

    def test_invoices_that_odoo_prints_to_send_them_leave_a_line(self):
        """Print & Send calls this method, not the one of a download (`account.move.send`)."""
        self.product.invoice_policy = 'order'
        invoice = self.sale._create_invoices()
        reports = self.as_user('billing', self.env['ir.actions.report'])
        with patch.object(BaseReport, '_pre_render_qweb_pdf', lambda *_args, **_kwargs: ({}, 'pdf')):
            reports._pre_render_qweb_pdf('account.account_invoices', invoice.ids)
        self.assertEqual(self.log('print').mapped('model'), ['account.move'])

    def test_pages_of_one_administrator_are_not_another_ones(self):
        other = new_test_user(self.env, 'access_other_admin', groups='amazon_connector.group_amazon_admin',
                              company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        for model, vals in (('amazon.data.protection', {}), ('amazon.erase', {'partner_id': self.buyer.id}),
                            ('amazon.emergency.stop', {'reason': "A test"}),
                            ('amazon.incident.report', {'date_from': '2026-01-01'})):
            record = self.as_user('amazon_admin', self.env[model]).create(vals)
            record.read(['create_uid'])
            with self.assertRaises(AccessError, msg=model):
                record.with_user(other).read(['create_uid'])

    # === RETENTION AND ERASURE === #

    def test_more_than_thirty_days_need_a_reason(self):
        with self.assertRaises(ValidationError):
            self.seller.retention_days = 31
        self.seller.write({'retention_days': 40, 'retention_reason': "Law"})
        self.assertEqual(self.seller._get_retention().days, 40)
        with self.assertRaises(ValidationError):
            self.seller.retention_reason = ' '
        self.env.cr.execute("UPDATE amazon_seller SET retention_days = 400, retention_reason = NULL WHERE id = %s",
                            [self.seller.id])
        self.env.invalidate_all()
        self.assertEqual(self.seller._get_retention().days, 30, "no reason, no more days")

    def test_one_buyer_is_erased_on_request(self):
        other = self.receive_sale(order(item(), email='b@marketplace.amazon.de', name="Bob"))
        wizard = self.as_user('amazon_admin', self.env['amazon.erase']).create(
            {'partner_id': self.buyer.id, 'reference': 'T-1'})
        self.assertEqual((wizard.order_count, wizard.open_count, wizard.contact_count, wizard.own_count), (1, 1, 1, 0))
        wizard.action_erase()
        self.assertTrue(self.sale.amazon_is_anonymised)
        self.assertFalse(self.buyer.street)
        self.assertEqual(other.partner_id.name, "Bob")
        line = self.log('erase')
        self.assertEqual((line.user_id, line.res_id), (self.users['amazon_admin'], self.buyer.id))
        self.assertIn('T-1', line.detail)
        self.assertNotIn("Anna", line.detail)
        for name in ('amazon', 'stock', 'salesman'):
            with self.assertRaises(AccessError):
                self.as_user(name, wizard).action_erase()

    def test_own_contacts_are_not_erased_on_request(self):
        wizard = self.as_user('amazon_admin', self.env['amazon.erase']).create({'partner_id': self.own.id})
        with self.assertRaises(UserError):
            wizard.action_erase()

    def test_a_seller_is_counted_by_the_database(self):
        self.product.invoice_policy = 'order'
        self.company.amazon_invoice_data = 'all'
        self.sale._create_invoices().action_post()
        self.env['ir.attachment'].create({'name': 'slip.pdf', 'raw': b'x', 'res_model': 'sale.order',
                                          'res_id': self.sale.id})
        values = {'seller_id': self.seller.id}
        with patch.object(self.env.registry['amazon.retention'], '_find_kept_invoices',
                          side_effect=AssertionError("one order after the other")):
            wizard = self.as_user('amazon_admin', self.env['amazon.erase']).create(values)
            self.assertEqual(
                (wizard.order_count, wizard.open_count, wizard.contact_count, wizard.file_count, wizard.kept_invoices),
                (1, 1, 1, 1, '1'))

    def test_all_data_of_a_seller_is_erased(self):
        self.receive_sale(old_order(email='b@marketplace.amazon.de', name="Bob"))
        wizard = self.as_user('amazon_admin', self.env['amazon.erase']).create(
            {'seller_id': self.seller.id, 'confirmation': "Other"})
        self.assertEqual(wizard.order_count, 2)
        with self.assertRaises(UserError):
            wizard.action_erase()
        wizard.confirmation = self.seller.name
        wizard.action_erase()
        self.assertEqual((self.seller.state, self.seller.erase_all), ('draft', True))
        self.assertEqual(self.log('erase').res_id, self.seller.id)
        self.run_flow('retention')
        self.assertTrue(self.sale.amazon_is_anonymised)
        self.assertFalse(self.env['amazon.retention']._count_overdue(self.seller))
        self.assertIn("All data of this seller", str(self.seller.message_ids[:1].body))
        self.seller.state = 'connected'
        self.assertFalse(self.seller.erase_all)

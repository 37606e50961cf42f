from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.mail.tools.discuss import Store

from .payloads import item, order
from .test_labels import LabelCase

# A picture of one pixel.
SIGNATURE = b'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='


@tagged('post_install', '-at_install')
class TestLabelRights(LabelCase):
    """Whose money is spent on what, and who reads the labels, which name buyers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {name: new_test_user(cls.env, f'label_{name}', groups=groups, company_id=cls.company.id,
                                         company_ids=[Command.set(cls.company.ids)])
                     for name, groups in {'stock': 'stock.group_stock_user',
                                          'salesman': 'sales_team.group_sale_salesman_all_leads',
                                          'amazon': 'amazon_connector.group_amazon_admin',
                                          'internal': 'base.group_user'}.items()}

    def as_user(self, name, records):
        self.env.flush_all()
        self.env.invalidate_all()
        return records.with_user(self.users[name]).with_context(allowed_company_ids=self.company.ids)

    # === BUYING === #

    def make_wizard(self, picking, **vals):
        """A wizard of the warehouse whose fields are not what Amazon was asked for, however they came in."""
        wizard = self.as_user('stock', self.env['amazon.label.buy']).sudo().create({
            'picking_id': picking.id, 'sale_order_id': picking.sale_id.id,
            'items': [{'orderItemId': 'ITEM-1', 'quantity': 1}],
            'offer_ids': [Command.create({'service_ref': 'standard', 'carrier_ref': 'UPS', 'price': 5, 'charge': 5})],
            **vals}).sudo(False)
        wizard.sudo().chosen_id = wizard.offer_ids
        return wizard

    def get_items(self, picking):
        return self.env['amazon.label']._find_parcels(picking)[0][2]

    def test_only_the_parcel_of_the_delivery_is_bought(self):
        picking = self.open_delivery()
        items = self.get_items(picking)
        another = self.receive_sale(order(item(), market='FR'))
        many = [{**items[0], 'quantity': 50}]
        for lie in ({'sale_order_id': another.id}, {'items': many}, {'items': False}):
            wizard = self.make_wizard(picking, **{'items': items, **lie})
            for attack in (wizard.action_buy, wizard.offer_ids.action_choose):
                with self.assertRaises(UserError):
                    attack()
        self.assertFalse(picking.amazon_label_ids)
        self.make_wizard(picking, items=items).action_buy()
        self.assertEqual(picking.amazon_label_ids.items, items)

    def test_an_offer_is_for_its_own_parcel(self):
        picking, other = self.open_delivery(), self.open_delivery()
        wizard = self.make_wizard(picking, items=self.get_items(picking))
        wizard.sudo().chosen_id = self.make_wizard(other, items=self.get_items(other)).offer_ids
        with self.assertRaises(AccessError):
            wizard.action_buy()

    def test_no_company_buys_for_another(self):
        picking = self.open_delivery()
        items = self.get_items(picking)
        company = self.env['res.company'].create({'name': "Other"})
        foreign = self.env['sale.order'].create({'partner_id': self.env['res.partner'].create({'name': "X"}).id,
                                                 'company_id': company.id})
        with self.assertRaises(AccessError):
            self.as_user('stock', self.env['amazon.label'])._want_parcels(
                [(self.as_user('stock', picking), foreign, self.env['stock.package'], items)])
        self.assertFalse(picking.amazon_label_ids)

    def test_fields_of_the_wizard_are_nobodys_to_write(self):
        picking = self.open_delivery()
        wizard = self.make_wizard(picking, items=self.get_items(picking))
        for field in ('picking_id', 'sale_order_id', 'stock_package_id', 'items', 'chosen_id', 'offer_ids', 'total',
                      'currency_id'):
            with self.assertRaises(AccessError, msg=field):
                wizard.write({field: False})

    # === READING === #

    def get_files(self):
        label, _amazon = self.buy(self.open_delivery())
        label.document_ids = self.env['ir.attachment'].create(
            {'name': "Customs", 'raw': b'customs', 'res_model': 'stock.picking', 'res_id': label.picking_id.id})
        return label.attachment_id | label.document_ids, label.picking_id

    def test_labels_are_read_by_those_who_may_read_addresses(self):
        files, picking = self.get_files()
        self.assertEqual(len(files), 2)
        for name in ('salesman', 'amazon', 'internal'):
            for file in files:
                seen = self.as_user(name, file)
                for attack in (lambda seen=seen: seen.read(['datas']), lambda seen=seen: seen.read(['index_content']),
                               seen.generate_access_token, seen.copy,
                               lambda seen=seen: seen.env['ir.binary']._find_record(res_id=seen.id),
                               lambda seen=seen: seen.write({'public': True})):
                    with self.assertRaises(AccessError):
                        attack()
                self.assertFalse(seen.search([('id', '=', seen.id)]))
                if name != 'internal':  # whom Odoo refuses to search for files of deliveries
                    self.assertFalse(seen.search([('res_model', '=', 'stock.picking'), ('res_id', '=', picking.id)]))
        seen = self.as_user('stock', files)
        self.assertTrue(all(row['datas'] for row in seen.read(['datas'])) and all(seen.generate_access_token()))
        self.assertEqual(seen.search([('res_model', '=', 'stock.picking'), ('res_id', '=', picking.id)]), files)

    def test_the_chatter_gives_no_key_to_a_label(self):
        files, picking = self.get_files()
        for name, may in (('salesman', False), ('stock', True)):
            store = Store().add(self.as_user(name, picking).message_ids)
            shown = [row for row in store.get_result()['ir.attachment'] if row['id'] in files.ids]
            self.assertEqual([bool(row['raw_access_token']) for row in shown], [may] * len(shown), name)
            self.assertTrue(shown)

    def test_other_files_of_a_delivery_are_read_as_ever(self):
        _files, picking = self.get_files()
        other = self.env['ir.attachment'].create({'name': "Other", 'raw': b'other', 'res_model': 'stock.picking',
                                                  'res_id': picking.id})
        seen = self.as_user('salesman', other)
        self.assertTrue(seen.read(['datas'])[0]['datas'])
        self.assertEqual(seen.search([('res_model', '=', 'stock.picking'), ('res_id', '=', picking.id)]), other)

    def test_contents_of_fields_are_no_files_of_a_record(self):
        """Odoo leaves them out of what is found by a record, but not where a domain names ids."""
        _files, picking = self.get_files()
        picking.signature = SIGNATURE
        product = self.product.product_tmpl_id
        product.image_1920 = SIGNATURE
        for record in (picking, product):
            place = [('res_model', '=', record._name), ('res_id', '=', record.id)]
            seen = self.as_user('salesman', self.env['ir.attachment'])
            self.assertFalse(seen.search(place).filtered('res_field'))
            self.assertTrue(seen.search([*place, ('res_field', '!=', False)]))

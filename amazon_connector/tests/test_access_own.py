from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .access_common import QUIET, AccessCase

SALESMAN = 'sales_team.group_sale_salesman'
# What somebody who looks after goods or books sees, whoever sold it.
ALL = (f'{SALESMAN}_all_leads', 'stock.group_stock_user', 'account.group_account_readonly',
       'account.group_account_invoice')


@tagged('post_install', '-at_install')
class TestAccessOwn(AccessCase):
    """Salesmen with the right "own documents only" see of Amazon what belongs to the orders that they see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = cls.make_user('own', SALESMAN)
        cls.colleague = cls.make_user('colleague', SALESMAN)
        cls.sale = cls.seeds['own']['sale.order']
        cls.product = cls.sale.order_line.filtered(lambda line: line.amazon_charge == 'item').product_id

    @classmethod
    def make_user(cls, name, groups):
        return new_test_user(cls.env, f'access_own_{name}', groups=groups, company_id=cls.company.id,
                             company_ids=[Command.set(cls.company.ids)])

    def sees(self, record, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        records = record.browse().with_user(user or self.salesman).with_context(allowed_company_ids=self.company.ids)
        found = records.search([('id', '=', record.id)])
        self.assertEqual(records.browse(record.id).has_access('read'), bool(found))
        return bool(found)

    def find_links(self, model):
        """Return the fields by which records of a model are of sales orders."""
        return [name for name, field in model._fields.items() if field.type == 'many2one' and field.store
                and field.comodel_name in ('sale.order', 'sale.order.line')]

    def test_whatever_is_of_an_order_is_seen_with_the_order(self):
        """Each model of the addon that they read and that names an order, those that are added later as well."""
        models = {name: links for name, model in self.addon_models().items() if name.startswith('amazon.')
                  and model._auto and self.env[name].with_user(self.salesman).has_access('read')
                  and (links := self.find_links(model))}
        self.assertLessEqual({'amazon.return', 'amazon.replacement', 'amazon.transaction'}, set(models))
        for name, links in models.items():
            record = self.seeds['own'][name]
            for link in links:
                record.write(dict.fromkeys(links, False))
                self.assertFalse(self.sees(record), f"{name} of no order is nobody's")
                record[link] = self.sale if record._fields[link].comodel_name == 'sale.order' else self.sale.order_line
                if link == 'sale_line_id':
                    record.sale_order_id = self.sale
                for user, seen in ((self.colleague, False), (self.salesman, True), (self.env['res.users'], True)):
                    self.sale.user_id = user
                    self.assertEqual(self.sees(record), seen, f"{name}.{link} of {user.name}")
            self.sale.user_id = self.colleague
            for group in ALL:
                user = self.make_user(f'{name}_{group}', f'{SALESMAN},{group}')
                if self.env[name].with_user(self.make_user(f'{name}_{group}_alone', group)).has_access('read'):
                    self.assertTrue(self.sees(record, user), f"{name}: {group}")
            self.assertFalse(self.sees(self.seeds['other'][name]), f"{name} of another company")

    def test_a_replacement_is_of_both_orders(self):
        record, other = self.seeds['own']['amazon.replacement'], self.sale.copy()
        for replaced, replacing, seen in (
                (self.salesman, self.colleague, True), (self.colleague, self.salesman, True),
                (self.colleague, self.colleague, False), (self.colleague, None, False), (None, self.colleague, False),
                (None, None, True)):
            for sale, user in ((self.sale, replaced), (other, replacing)):
                sale.user_id = user or False
            record.write({'original_order_id': self.sale.id, 'sale_order_id': other.id})
            self.assertEqual(self.sees(record), seen, f"{replaced and replaced.name}, {replacing and replacing.name}")

    def test_figures_of_products_count_what_is_seen(self):
        sale, returned = self.sale, self.seeds['own']['amazon.return']
        sale.write({'amazon_status': 'SHIPPED', 'state': 'sale', 'date_order': '2026-11-01'})
        returned.received_date = '2026-11-02'
        stock = self.make_user('stock', 'stock.group_stock_user')
        for user, seen in ((self.colleague, 0), (self.salesman, 1), (self.env['res.users'], 1)):
            sale.user_id = user
            self.env.flush_all()
            for reader, count in ((self.salesman, seen), (stock, 1)):
                self.env.invalidate_all()
                for product in (self.product, self.product.product_tmpl_id):
                    product = product.with_user(reader)
                    self.assertEqual((product.amazon_shipped_units, product.amazon_returned_units,
                                      product.amazon_return_rate), (count, count, count), f"{reader.name}: {user.name}")

    def test_figures_of_products_are_of_one_scope(self):
        """Who sees all returns but only some orders, and returns of orders that are not in Odoo."""
        sale, returned = self.sale, self.seeds['own']['amazon.return']
        sale.write({'amazon_status': 'SHIPPED', 'state': 'sale', 'date_order': '2026-11-01',
                    'user_id': self.colleague.id})
        returned.received_date = '2026-11-02'
        both = self.make_user('both', f'{SALESMAN},stock.group_stock_user')
        for link, user, figures in ((sale, self.colleague, (0, 0, 0)), (sale, both, (1, 1, 1)),
                                    (sale.browse(), both, (1, 0, 0))):
            sale.user_id, returned.sale_order_id = user, link
            self.env.flush_all()
            self.env.invalidate_all()
            product = self.product.with_user(both)
            self.assertEqual((product.amazon_shipped_units, product.amazon_returned_units, product.amazon_return_rate),
                             figures, f"{link.name}: {user.name}")

    def test_movements_name_a_return_to_the_warehouse_alone(self):
        """A number of a return is told to those who may read it: others read movements of the same goods, too."""
        record = self.seeds['own']['amazon.return']
        record.write({'rma_ref': 'DSECRETRRMA', 'sale_order_id': self.sale.id, 'sale_line_id': self.sale.order_line.id})
        self.sale.user_id = self.colleague
        move = self.env['stock.move'].search([('company_id', '=', self.company.id)], limit=1)
        move.amazon_return_id = record
        self.env.flush_all()
        self.env.invalidate_all()
        for user, seen in ((self.make_user('stock', 'stock.group_stock_user'), True), (self.salesman, False),
                           (self.users['portal'], False)):
            for model in ('stock.move', 'stock.scrap'):
                names = self.env[model].with_user(user).fields_get()
                self.assertEqual('amazon_return_id' in names and self.env[model].with_user(user).has_access('read'),
                                 seen, f"{model}: {user.name}")
            if seen:
                self.assertIn('DSECRETRRMA', str(move.with_user(user).read(['amazon_return_id'])))
                continue
            with mute_logger(*QUIET):
                for read in (lambda found: found.read(['amazon_return_id']),
                             lambda found: found.search([('amazon_return_id.rma_ref', '=like', 'DSECRET%')])):
                    with self.assertRaises(AccessError, msg=user.name):
                        read(move.with_user(user))

    def test_movements_are_merged_by_users_who_see_no_returns(self):
        self.assertNotIn('amazon_return_id', self.env['stock.move'].with_user(
            self.salesman)._prepare_merge_moves_distinct_fields())
        self.assertIn('amazon_return_id', self.env['stock.move'].with_user(
            self.make_user('stock', 'stock.group_stock_user'))._prepare_merge_moves_distinct_fields())

    def test_figures_of_one_user_are_not_shown_to_the_next(self):
        """Computed values are kept for the whole request, whoever asks."""
        self.sale.write({'amazon_status': 'SHIPPED', 'state': 'sale', 'date_order': '2026-11-01',
                         'user_id': self.colleague.id})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual([self.product.with_user(user).amazon_shipped_units
                          for user in (self.colleague, self.salesman)], [1, 0])

    def test_customers_see_nothing_of_returns(self):
        portal = self.users['portal']
        self.sale.write({'partner_id': portal.partner_id.id, 'state': 'sale'})
        self.sale.message_subscribe(portal.partner_id.ids)
        sale = self.as_user(self.sale, 'portal')
        self.assertTrue(sale.read(['name']), "of their own order")
        with mute_logger(*QUIET):
            for name in sale._fields:
                if name.startswith(('amazon_return', 'amazon_replace', 'amazon_transaction')):
                    with self.assertRaises(AccessError, msg=name):
                        sale.read([name])
            for name in ('amazon.return', 'amazon.replacement', 'amazon.transaction', 'amazon.return.reason'):
                for role in ('portal', 'public'):
                    with self.assertRaises(AccessError):
                        self.as_user(self.env[name], role).search([])

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .ledger_common import BALANCES, LedgerCase, balance, document, row


@tagged('post_install', '-at_install')
class TestLedgerProof(LedgerCase):
    """Odoo's stock is proved against Amazon's balances; nothing is adjusted silently."""

    def test_equal_stock_leaves_no_difference(self):
        self.book(row('Receipts', 5), row('WhseTransfers', -2))
        self.assertFalse(self.prove(balance(3, transit=2)))

    def test_later_days_are_left_out(self):
        self.book(row('Receipts', 5), row('Shipments', -1, day=2), last=2)
        self.assertFalse(self.prove(balance(5)))

    def test_a_difference_is_listed_and_gone_by_itself(self):
        self.book(row('Receipts', 5))
        found = self.prove(balance(7))
        self.assertEqual((found.product_id, found.difference, found.cause), (self.product, 2, 'none'))
        self.assertEqual(self.quantity('sellable', 'DE'), 5)
        self.assertFalse(self.prove(balance(5)))

    def test_likely_causes(self):
        self.book(row('Receipts', 5), row('Teleported', 2))
        self.assertEqual(self.prove(balance(7), balance(3, sku='NEW')).mapped('cause'), ['unmapped', 'obstacle'])

    def test_missing_days_are_a_cause(self):
        self.book(row('Receipts', 5))
        self.assertEqual(self.prove(balance(7, day=3), day=3).cause, 'day')

    def test_moves_by_hand_are_a_cause(self):
        self.book(row('Receipts', 5))
        self.env['stock.move'].create({
            'product_id': self.product.id, 'product_uom_qty': 1, 'product_uom': self.product.uom_id.id,
            'location_id': self.place('sellable', 'DE').id, 'location_dest_id': self.warehouse.lot_stock_id.id,
            'company_id': self.company.id})._amazon_complete()
        self.assertEqual(self.prove(balance(5)).cause, 'manual')

    def test_a_difference_is_accepted_with_a_reason(self):
        self.book(row('Receipts', 5))
        found = self.prove(balance(3))
        with self.assertRaisesRegex(UserError, "reason"):
            found.action_accept()
        found.note = "Counted by Amazon"
        found.action_accept()
        self.assertEqual((found.state, found.move_id.product_qty), ('accepted', 2))
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('loss')), (3, 2))
        self.assertFalse(self.prove(balance(3)))

    def count_queries(self, run, *args):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        run(*args)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def make_many(self):
        """Return products with five pieces each at Amazon by the ledger."""
        products = [self._make_product(f'SKU-{number}', stock=0) for number in range(24)]
        for product in products:
            self.make_listing(product.default_code, product, channel='AMAZON_EU')
        self.book(*[row('Receipts', 5, sku=product.default_code) for product in products])
        return products

    def import_balances(self, products, wrong):
        rows = [balance(7 if number < wrong else 5, sku=product.default_code)
                for number, product in enumerate(products)]
        self.import_report('amazon.ledger.balance', 'GET_LEDGER_SUMMARY_VIEW_DATA', document(BALANCES, rows), 1, 1)

    def test_many_differences_cost_no_more_queries(self):
        products, counts = self.make_many(), []
        for wrong in (2, 24):
            self.import_balances(products, wrong)
            counts.append(self.count_queries(self.env['amazon.ledger.difference']._prove, self.seller))
        self.assertLessEqual(counts[1], counts[0] + 6)

    def test_many_differences_are_accepted_at_once(self):
        self.import_balances(self.make_many(), 24)
        differences = self.env['amazon.ledger.difference']
        differences._prove(self.seller)
        found = differences.search([('seller_id', '=', self.seller.id), ('state', '=', 'open')])
        found.note = "Counted"
        few, many = (self.count_queries(part.action_accept) for part in (found[:2], found[2:]))
        self.assertEqual(set(found.mapped('state')), {'accepted'})
        self.assertTrue(all(difference.move_id.product_id == difference.product_id for difference in found))
        # Odoo asks some of each product.
        self.assertLess(many / 22, few / 2 / 3)

    def test_only_inventory_managers_accept(self):
        self.book(row('Receipts', 5))
        found = self.prove(balance(3))
        found.note = "Counted"
        user = new_test_user(self.env, 'ledger-user', 'stock.group_stock_user,amazon_connector.group_amazon_user',
                             company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        with self.assertRaises(AccessError):
            found.with_user(user).action_accept()
        manager = new_test_user(self.env, 'ledger-manager', 'stock.group_stock_manager', company_id=self.company.id,
                                company_ids=[(6, 0, self.company.ids)])
        found.with_user(manager).action_accept()
        self.assertEqual(found.user_id, manager)

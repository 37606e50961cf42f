from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..models.amazon_ledger_day import DAY
from ..models.amazon_ledger_leftover import LIMITS
from .ledger_common import LedgerCase


@tagged('post_install', '-at_install')
class TestLedgerLeftover(LedgerCase):
    """What stays where goods only pass is listed with its age and what to do."""

    def move(self, days, source, target, quantity, product=None):
        """Move pieces so many days ago."""
        product = product or self.product
        self.env['stock.move'].create({
            'product_id': product.id, 'product_uom_qty': quantity, 'product_uom': product.uom_id.id,
            'location_id': self.place(*source).id, 'location_dest_id': self.place(*target).id,
            'company_id': self.company.id})._amazon_complete_at(fields.Date.today() - days * DAY)

    def find(self, **domain):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env['amazon.ledger.leftover'].search(
            [('seller_id', '=', self.seller.id), *((name, '=', value) for name, value in domain.items())])

    def test_every_place_that_goods_only_pass(self):
        for kind in LIMITS:
            self.move(60, ('loss',), (kind,), 3)
        for kind in ('transfer', 'disposed'):
            self.move(60, ('loss',), (kind,), 3)
        found = self.find(is_overdue=True)
        self.assertEqual({(entry.place, entry.quantity, entry.age) for entry in found},
                         {(kind, 3, 60) for kind in LIMITS})
        self.assertTrue(all(found.mapped('advice')))
        self.assertEqual(len(set(found.mapped('advice'))), 4)

    def test_the_age_is_that_of_what_is_left(self):
        self.move(60, ('loss',), ('inbound',), 5)
        self.move(50, ('inbound',), ('sellable', 'DE'), 5)
        self.move(20, ('loss',), ('inbound',), 4)
        self.move(10, ('loss',), ('inbound',), 4)
        self.move(5, ('inbound',), ('sellable', 'DE'), 2)
        found = self.find(place='inbound')
        self.assertEqual((found.quantity, found.age, found.is_overdue), (6, 20, False))

    def test_too_little_has_an_age_too(self):
        self.move(30, ('dispatch',), ('loss',), 2)
        self.move(20, ('sellable', 'DE'), ('dispatch',), 1)
        found = self.find(place='dispatch')
        self.assertEqual((found.quantity, found.age, found.is_overdue), (-1, 30, True))
        self.assertIn("orders have taken", found.advice.lower())

    def test_what_went_through_is_not_listed(self):
        self.move(60, ('loss',), ('change',), 5)
        self.move(50, ('change',), ('loss',), 5)
        self.assertFalse(self.find())

    def test_products_are_apart(self):
        self.move(60, ('loss',), ('removal',), 5)
        self.move(60, ('removal',), ('loss',), 5, self.other_product)
        self.assertEqual({entry.product_id: entry.quantity for entry in self.find()},
                         {self.product: 5, self.other_product: -5})

    # === WHAT IS READ === #

    def test_residues_are_not_listed(self):
        self.move(60, ('loss',), ('change',), 5)
        self.move(60, ('loss',), ('removal',), 3)
        self.env.flush_all()
        for kind, quantity in (('change', 5.6e-17), ('removal', 3 - 4.4e-16)):
            self.env.cr.execute("UPDATE stock_quant SET quantity = %s WHERE location_id = %s",
                                [quantity, self.place(kind).id])
        self.assertEqual([(entry.quantity, entry.age) for entry in self.find()], [(3, 60)])

    def insert_moves(self, count):
        """Insert movements of long ago into the transit to Amazon, and as many out of it."""
        self.move(900, ('loss',), ('inbound',), 1)
        self.move(900, ('inbound',), ('loss',), 1)
        self.env.flush_all()
        lines = self.env['stock.move.line'].search([('product_id', '=', self.product.id)], order='id desc', limit=2)
        self.env.cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'stock_move_line'")
        names = [name for (name,) in self.env.cr.fetchall() if name not in ('id', 'date')]
        columns = ', '.join(f'"{name}"' for name in names)
        self.env.cr.execute(
            f"""INSERT INTO stock_move_line (date, {columns})
                SELECT date - number * interval '1 minute', {columns}
                  FROM stock_move_line, generate_series(1, %s) AS number WHERE id IN %s""",
            [count, tuple(lines.ids)])
        self.env.cr.execute("ANALYZE stock_move_line")

    def count_read(self):
        """Return how many rows of movements PostgreSQL reads for the list."""
        self.env.flush_all()
        query = self.env['amazon.ledger.leftover']._search([('seller_id', '=', self.seller.id)]).select('id', 'since')
        self.env.cr.execute(SQL("EXPLAIN (ANALYZE, FORMAT JSON) %s", query))
        return sum(self.count_rows(plan['Plan']) for plan in self.env.cr.fetchone()[0])

    def count_rows(self, plan):
        below = sum(self.count_rows(part) for part in plan.get('Plans', ()))
        if plan.get('Relation Name') != 'stock_move_line':
            return below
        rows = sum(plan.get(name, 0) for name in ('Actual Rows', 'Rows Removed by Filter',
                                                  'Rows Removed by Index Recheck'))
        return below + rows * plan['Actual Loops']

    def test_what_went_through_is_not_read(self):
        self.move(30, ('loss',), ('inbound',), 3)
        self.move(20, ('loss',), ('inbound',), 4)
        self.move(10, ('inbound',), ('loss',), 1)
        self.move(20, ('loss',), ('removal',), 2, self.other_product)
        self.move(10, ('dispatch',), ('loss',), 2, self.other_product)
        before = self.count_read()
        self.insert_moves(100_000)
        self.assertLessEqual(self.count_read(), before + 5)
        self.assertEqual({(entry.place, entry.quantity, entry.age) for entry in self.find()},
                         {('inbound', 6, 30), ('removal', 2, 20), ('dispatch', -2, 10)})

    def test_what_went_through_of_other_lots_is_not_read(self):
        lotted = self._make_product('LOT', tracking='lot')
        self.insert_moves(100_000)
        self.env.cr.execute("UPDATE stock_move_line SET product_id = %s WHERE product_id = %s AND state = 'done'",
                            [lotted.id, self.product.id])
        self.env.cr.execute("ANALYZE stock_move_line")
        self.env.invalidate_all()
        self.move(60, ('loss',), ('inbound',), 2, lotted)
        self.assertLessEqual(self.count_read(), 5)
        self.assertEqual([(entry.quantity, entry.age) for entry in self.find()], [(2, 60)])

    def test_only_inventory_managers_see_it(self):
        self.move(60, ('loss',), ('removal',), 5)
        for group, is_allowed in (('stock.group_stock_manager', True), ('stock.group_stock_user', False)):
            user = new_test_user(self.env, f'left-{is_allowed}', group, company_id=self.company.id,
                                 company_ids=[(6, 0, self.company.ids)])
            found = self.find().with_user(user)
            if is_allowed:
                self.assertEqual(found.read(['quantity', 'advice'])[0]['quantity'], 5)
            else:
                with self.assertRaises(AccessError):
                    found.read(['quantity'])

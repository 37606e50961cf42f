from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

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

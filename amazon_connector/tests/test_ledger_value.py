from odoo.tests import tagged

from .ledger_common import LedgerCase, row


@tagged('post_install', '-at_install')
class TestLedgerValue(LedgerCase):
    """What is taken back has the value of what it takes back, whatever the cost is meanwhile."""

    @staticmethod
    def lost(quantity):
        return row('Adjustments', -quantity, sku='SKU-V', reason='M')

    def make_valued(self, method):
        """A product with ten pieces at Amazon that cost 10 each."""
        category = self.env['product.category'].create({'name': method, 'property_cost_method': method})
        product = self._make_product('SKU-V', stock=0, categ_id=category.id, standard_price=10)
        self.make_listing('SKU-V', product, channel='AMAZON_EU')
        self.buy(product, 10, 10)
        return product

    def buy(self, product, quantity, price):
        move = self.env['stock.move'].create({
            'product_id': product.id, 'product_uom_qty': quantity, 'product_uom': product.uom_id.id,
            'price_unit': price, 'location_id': self.env.ref('stock.stock_location_suppliers').id,
            'location_dest_id': self.place('sellable', 'DE').id, 'company_id': self.company.id})
        move._amazon_complete()
        if 'value_manual' in move._fields:
            move.value_manual = quantity * price
        return move

    def values(self, moves):
        """Return the values of movements, whichever way they go."""
        if 'value' in moves._fields:
            return [abs(move.value) for move in moves]
        return [abs(sum(move.stock_valuation_layer_ids.mapped('value'))) for move in moves]

    def test_average_cost(self):
        self.check('average')

    def test_first_in_first_out(self):
        self.check('fifo')

    def check(self, method):
        product = self.make_valued(method)
        day = self.book(self.lost(3), self.lost(1))
        lost = day.move_ids
        self.assertEqual(self.values(lost), [40])
        self.buy(product, 10, 50)
        self.assertNotEqual(product.with_company(self.company).standard_price, 10)
        self.book(self.lost(3), row('Receipts', 1))
        back = day.move_ids.filtered('amazon_ledger_undo')
        self.assertEqual((back.origin_returned_move_id, self.values(back)), (lost, [10]))
        day.action_undo()
        back = day.move_ids.filtered(lambda move: move.amazon_ledger_undo and move.product_id == product)
        self.assertEqual((back.origin_returned_move_id, sorted(self.values(back))), (lost, [10, 30]))

    def test_moves_of_several_bookings_are_taken_back_each(self):
        product = self.make_valued('average')
        self.book(self.lost(3))
        self.buy(product, 7, 50)
        price = product.with_company(self.company).standard_price
        day = self.book(self.lost(3), self.lost(2))
        day.action_undo()
        back = day.move_ids.filtered('amazon_ledger_undo')
        self.assertEqual(sorted(round(value, 2) for value in self.values(back)), sorted([30, round(2 * price, 2)]))
        day.action_book()
        self.assertEqual(self.quantity('loss', product=product), 5)
        day.action_undo()
        self.assertEqual((self.quantity('loss', product=product), len(day.move_ids)), (0, 6))

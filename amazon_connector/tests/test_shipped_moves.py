from odoo.tests import TransactionCase, tagged


class ShippedMovesCase(TransactionCase):
    """Products, and movements of them to the customers of a company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env['res.company'].create({'name': "Shipped"})
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context={**cls.env.context, 'allowed_company_ids': cls.company.ids})
        cls.stock = cls.env['stock.warehouse'].search([('company_id', '=', cls.company.id)], limit=1).lot_stock_id
        cls.customers = cls.env.ref('stock.stock_location_customers')
        cls.products = cls.env['product.product'].create([
            {'name': f"Shipped {number}", 'is_storable': True} for number in range(40)])

    def prepare(self, products, quantity=1, **vals):
        return self.env['stock.move'].create([{
            'product_id': product.id, 'product_uom_qty': quantity, 'product_uom': product.uom_id.id,
            'location_id': self.stock.id, 'location_dest_id': self.customers.id, 'company_id': self.company.id,
            'origin': "Amazon", **vals} for product in products])

    def get_stock(self, product, location):
        quants = self.env['stock.quant'].search([
            ('product_id', '=', product.id), ('location_id', '=', location.id)])
        return quants.mapped('quantity'), sum(quants.mapped('reserved_quantity'))


@tagged('post_install', '-at_install')
class TestShippedMoves(ShippedMovesCase):
    """Goods that Amazon has shipped leave stock for all orders at once, below zero if need be."""

    def test_several_moves_of_one_product(self):
        product = self.products[0]
        self.env['stock.quant']._update_available_quantity(product, self.stock, 2)
        moves = self.prepare([product] * 3)
        moves._amazon_complete()
        self.assertEqual(set(moves.mapped('state')), {'done'})
        self.assertEqual(self.get_stock(product, self.stock), ([-1], 0))
        self.assertEqual(self.get_stock(product, self.customers), ([3], 0))

    def test_units_of_several_pieces(self):
        product = self.products[0]
        move = self.prepare([product], 2, product_uom=self.env.ref('uom.product_uom_dozen').id)
        move._amazon_complete(quantities={move: 18})
        self.assertEqual(self.get_stock(product, self.stock), ([-18], 0))
        self.assertEqual(move.quantity, 1.5, "in the unit of the move")

    def test_what_others_reserved_is_free_again(self):
        product = self.products[0]
        self.env['stock.quant']._update_available_quantity(product, self.stock, 5)
        other = self.prepare([product], 4)
        other._action_confirm()
        other._action_assign()
        self.assertEqual(other.quantity, 4)
        self.prepare([product], 3)._amazon_complete()
        self.assertEqual(other.quantity, 2)
        self.assertEqual(self.get_stock(product, self.stock), ([2], 2))

    def test_a_reserved_move_is_completed_in_part(self):
        product = self.products[0]
        self.env['stock.quant']._update_available_quantity(product, self.stock, 5)
        move = self.prepare([product], 4)
        move._action_confirm()
        move._action_assign()
        move._amazon_complete(quantities={move: 3})
        self.assertEqual(self.get_stock(product, self.customers), ([3], 0))
        self.assertEqual(self.get_stock(product, self.stock)[0], [2])

    def test_queries_of_many_moves(self):
        """What a move costs, written to disk as well: it was 11 when each had its line made apart."""
        counts = []
        for products in (self.products[:2], self.products[2:10], self.products[10:40]):
            moves = self.prepare(products)
            self.env.flush_all()
            before = self.cr.sql_log_count
            moves._amazon_complete()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLess((counts[2] - counts[1]) / 22, 9, counts)

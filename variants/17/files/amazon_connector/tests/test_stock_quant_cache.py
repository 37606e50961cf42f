from odoo.tests import tagged

from .test_shipped_moves import ShippedMovesCase


@tagged('post_install', '-at_install')
class TestStockQuantCache(ShippedMovesCase):
    """What is kept of quants while movements are done is what Odoo would find."""

    def test_no_caller_makes_it(self):
        product = self.products[0]
        key = product.id, self.stock.id, False, False
        moves = self.prepare([product]).with_context(amazon_quants={key: [1]})
        moves._action_confirm()
        moves.quantity, moves.picked = 1, True
        moves._action_done()
        self.assertEqual(self.get_stock(product, self.stock), ([-1], 0))

    def test_packages_apart(self):
        product, package = self.products[0], self.env['stock.quant.package'].create({})
        quants = self.env['stock.quant']
        quants._update_available_quantity(product, self.stock, 5, package_id=package)
        quants._update_available_quantity(product, self.stock, 2)
        self.prepare([product] * 2)._amazon_complete()
        packed = quants.search([('package_id', '=', package.id)])
        self.assertEqual(packed.quantity, 5)
        self.assertEqual(sorted(self.get_stock(product, self.stock)[0]), [0, 5])

    def test_deleted_quants_are_not_kept(self):
        product = self.products[0]
        quants = self.env['stock.quant']
        quants._update_available_quantity(product, self.stock, 5)
        moves = self.prepare([product])
        kept = quants.with_context(amazon_quants=moves._amazon_keep_quants())
        found = kept._gather(product, self.stock, strict=True)
        self.assertEqual(found.quantity, 5)
        found.unlink()
        self.assertFalse(kept._gather(product, self.stock, strict=True))

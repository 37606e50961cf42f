from odoo import fields
from odoo.tests import tagged

from ..models.amazon_ledger_day import DAY
from .ledger_common import LedgerCase, row
from .payloads import item, order


@tagged('post_install', '-at_install')
class TestLedgerSales(LedgerCase):
    """Sales are the orders'; the ledger proves them, and books what no order explains."""

    def setUp(self):
        super().setUp()
        self.german.fba_confirm = self.german.fba_deliver = True

    def sell(self, quantity=1):
        return self.receive_sale(order(item('SKU-A', quantity, shipped=quantity), channel='AMAZON', status='SHIPPED'))

    def test_an_order_takes_what_the_ledger_ships(self):
        self.book(row('Receipts', 10), row('Shipments', -1))
        sale = self.sell()
        self.assertEqual(sale.order_line.qty_delivered, 1)
        self.assertEqual((self.quantity('dispatch'), self.quantity('sellable', 'DE')), (0, 9))

    def test_an_order_may_come_first(self):
        self.sell()
        self.assertEqual(self.quantity('dispatch'), -1)
        self.book(row('Shipments', -1))
        self.assertEqual(self.quantity('dispatch'), 0)

    def test_what_no_order_explains_is_shipped_after_a_week(self):
        self.book(row('Shipments', -1), row('Shipments', -1), row('Shipments', -1))
        self.sell()
        self.seller._book_unexplained()
        self.assertEqual(self.quantity('dispatch'), 0)
        self.sell()
        self.seller._book_unexplained()
        self.seller._book_unexplained()
        self.assertEqual(self.quantity('dispatch'), 0)


    def test_what_no_order_explains_is_found_where_much_is_sold(self):
        """Orders of the last days explain what the ledger ships in the last days."""
        today = fields.Date.today()
        self.seller.ledger_start = today - 20 * DAY
        dispatch, customers = self.place('dispatch'), self.env.ref('stock.stock_location_customers')

        def move(date, source, target, quantity, **vals):
            self.env['stock.move'].create({
                'product_id': self.product.id, 'product_uom_qty': quantity, 'product_uom': self.product.uom_id.id,
                'location_id': source.id, 'location_dest_id': target.id, 'company_id': self.company.id, **vals,
            })._amazon_complete_at(date)
        for number in range(1, 20):
            date = today - number * DAY
            day = self.days.create({'seller_id': self.seller.id, 'date': date, 'state': 'booked'})
            move(date, self.place('sellable', 'DE'), dispatch, 11, amazon_ledger_day_id=day.id)
            move(date, dispatch, customers, 10)
        self.seller._book_unexplained()
        self.assertEqual(self.quantity('dispatch'), 6)

    def test_orders_before_the_ledger_take_each_lot_once(self):
        product = self._make_product('SKU-S', tracking='serial')
        self.make_listing('SKU-S', product, channel='AMAZON_EU')
        for name in ('S1', 'S2'):
            lot = self.env['stock.lot'].create({'name': name, 'product_id': product.id, 'company_id': self.company.id})
            self.env['stock.quant']._update_available_quantity(product, self.place('sellable', 'DE'), 1, lot_id=lot)
        for _number in range(2):
            self.receive_sale(order(item('SKU-S', shipped=1), channel='AMAZON', status='SHIPPED'))
        self.book(row('Shipments', -1, sku='SKU-S'), row('Shipments', -1, sku='SKU-S'))
        quants = self.env['stock.quant'].search([('product_id', '=', product.id), ('quantity', '!=', 0)])
        self.assertEqual({(quant.lot_id.name, quant.location_id.usage) for quant in quants},
                         {('S1', 'customer'), ('S2', 'customer')})

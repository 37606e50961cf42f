from odoo.tests import tagged

from .common import AmazonCase
from .payloads import item, later, order


@tagged('post_install', '-at_install')
class TestStock(AmazonCase):

    def quantity(self, product, location):
        return self.env['stock.quant']._get_available_quantity(product, location, allow_negative=True)

    def test_fbm_becomes_a_confirmed_order_with_a_delivery(self):
        sale = self.receive_sale(order(item(quantity=2)))
        self.assertEqual(sale.state, 'sale')
        self.assertEqual(sale.picking_ids.move_ids.product_uom_qty, 2)
        self.assertEqual(sale.picking_ids.picking_type_id.warehouse_id, self.warehouse)

    def test_fba_leaves_the_fba_location_without_a_delivery_order(self):
        sale = self.receive_sale(order(item(quantity=2, shipped=2), channel='AMAZON', status='SHIPPED'))
        self.assertFalse(sale.picking_ids)
        self.assertEqual(sale.order_line.qty_delivered, 2)
        self.assertEqual(self.quantity(self.product, self.german.fba_location_id), 98)
        self.assertEqual(self.quantity(self.product, self.warehouse.lot_stock_id), 100)

    def test_fba_ships_what_there_is_even_below_zero(self):
        product = self._make_product('SKU-EMPTY', stock=0)
        self.receive_sale(order(item('SKU-EMPTY', shipped=1), channel='AMAZON', status='SHIPPED'))
        self.assertEqual(self.quantity(product, self.german.fba_location_id), -1)

    def test_fba_in_two_shipments_is_delivered_twice(self):
        payload = order(item(quantity=3, shipped=1), channel='AMAZON', status='PARTIALLY_SHIPPED')
        sale = self.receive_sale(payload)
        self.assertEqual(sale._amazon_goods().qty_delivered, 1)
        rest = {**payload['orderItems'][0], 'fulfillment': {'quantityFulfilled': 3, 'quantityUnfulfilled': 0}}
        self.receive_sale(later(payload, status='SHIPPED', orderItems=[rest]))
        self.assertEqual(sale._amazon_goods().qty_delivered, 3)
        self.assertEqual(self.quantity(self.product, self.german.fba_location_id), 97)

    def test_the_same_shipment_read_twice_moves_stock_once(self):
        payload = order(item(shipped=1), channel='AMAZON', status='SHIPPED')
        self.receive_sale(payload)
        self.receive_sale(later(payload))
        self.assertEqual(self.quantity(self.product, self.german.fba_location_id), 99)

    def test_a_lot_tracked_fba_product_takes_the_lot_that_expires_first(self):
        """A2"""
        product = self._make_product('SKU-LOT', tracking='lot', use_expiration_date=True)
        lots = self.env['stock.lot'].create([
            {'name': name, 'product_id': product.id, 'company_id': self.company.id, 'expiration_date': expiry,
             'removal_date': expiry}
            for name, expiry in (('LATE', '2027-06-01'), ('EARLY', '2027-01-01'))])
        for lot in lots:
            self.env['stock.quant']._update_available_quantity(product, self.german.fba_location_id, 2, lot_id=lot)
        sale = self.receive_sale(order(item('SKU-LOT', quantity=3, shipped=3), channel='AMAZON', status='SHIPPED'))
        used = {line.lot_id.name: line.quantity for line in sale.order_line.move_ids.move_line_ids}
        self.assertEqual(used, {'EARLY': 2, 'LATE': 1})

    def test_a_lot_that_odoo_does_not_know_is_unknown_and_blocks_nothing(self):
        """A2"""
        self._make_product('SKU-LOT', tracking='lot')
        self._make_product('SKU-SERIAL', tracking='serial')
        rows = self.receive(
            order(item('SKU-LOT', quantity=2, shipped=2), channel='AMAZON', status='SHIPPED'),
            order(item('SKU-SERIAL', quantity=2, shipped=2, product={'serialNumbers': ['SN-77']}), channel='AMAZON',
                  status='SHIPPED'),
            order(item(shipped=1), channel='AMAZON', status='SHIPPED'))
        self.assertEqual(rows.mapped('state'), ['done'] * 3, rows.mapped('error'))
        lots = [row.sale_order_id.order_line.move_ids.move_line_ids.lot_id.mapped('name') for row in rows]
        self.assertEqual(lots[0], ['UNKNOWN'])
        self.assertIn('SN-77', lots[1])
        self.assertEqual(len(lots[1]), 2)

    def test_pending_holds_stock_without_being_confirmed(self):
        """A26"""
        payload = order(item(quantity=5, total=None), status='PENDING', recipient=None, buyer=None)
        sale = self.receive_sale(payload)
        self.assertEqual((sale.state, sale.amount_total, sale.picking_ids.ids), ('draft', 0, []))
        self.assertEqual(self.quantity(self.product, self.warehouse.lot_stock_id), 95)

    def test_pending_takes_its_price_and_address_when_they_are_known(self):
        """A26"""
        pending = order(item(quantity=5, total=None), status='PENDING', recipient=None, buyer=None)
        sale = self.receive_sale(pending)
        paid = order({**item(quantity=5, total='50.00'), 'orderItemId': pending['orderItems'][0]['orderItemId']},
                     ref=pending['orderId'], updated='2026-10-01T11:00:00Z')
        self.assertEqual(self.receive_sale(paid), sale)
        self.assertEqual((sale.state, sale.amount_total, sale.partner_id.name), ('sale', 50, "Anna Schmidt"))
        self.assertEqual(sale.picking_ids.move_ids.product_uom_qty, 5)
        self.assertEqual(len(sale.order_line), 1)
        held = self.env['stock.move'].search([('amazon_hold_line_id', 'in', sale.order_line.ids)])
        self.assertEqual(set(held.mapped('state')), {'cancel'})

    def test_pending_that_is_cancelled_releases_its_stock(self):
        """A26"""
        pending = order(item(quantity=5, total=None), status='PENDING', recipient=None, buyer=None)
        sale = self.receive_sale(pending)
        self.receive_sale(later(pending, status='CANCELLED'))
        self.assertEqual(sale.state, 'cancel')
        self.assertEqual(self.quantity(self.product, self.warehouse.lot_stock_id), 100)

    def test_fbm_that_was_shipped_before_odoo_had_the_order_is_not_shipped_again(self):
        sale = self.receive_sale(order(item(quantity=2, shipped=2), status='SHIPPED'))
        self.assertFalse(sale.picking_ids)
        self.assertEqual(self.quantity(self.product, self.warehouse.lot_stock_id), 98)

    def test_fbm_that_was_shipped_while_it_was_an_exception_is_not_shipped_again(self):
        payload = order(item('NEW-1', quantity=2))
        row = self.receive(payload)
        row.listing_ids.product_id = self.product
        shipped = {**payload['orderItems'][0], 'fulfillment': {'quantityFulfilled': 2, 'quantityUnfulfilled': 0}}
        sale = self.receive_sale(later(payload, status='SHIPPED', orderItems=[shipped]))
        self.assertEqual((sale.state, sale.picking_ids.ids, sale.order_line.qty_delivered), ('sale', [], 2))
        self.assertEqual(self.quantity(self.product, self.warehouse.lot_stock_id), 98)

    def test_the_open_rest_of_a_partly_shipped_order_is_delivered(self):
        sale = self.receive_sale(order(item(quantity=3, shipped=1), status='PARTIALLY_SHIPPED'))
        self.assertEqual(sale.picking_ids.move_ids.product_uom_qty, 2)
        self.assertEqual(sale._amazon_goods().qty_delivered, 1)

    def test_fba_and_fbm_of_one_product_by_the_channel_of_each(self):
        self.receive(order(item(quantity=2)), order(item(quantity=3, shipped=3), channel='AMAZON', status='SHIPPED'))
        self.assertEqual(self.quantity(self.product, self.warehouse.lot_stock_id), 98)
        self.assertEqual(self.quantity(self.product, self.german.fba_location_id), 97)

    def test_automation_is_chosen_by_marketplace_and_channel(self):
        """A24"""
        self.german.write({'fbm_confirm': False, 'fba_deliver': False, 'fba_invoice': 'posted',
                           'invoice_date': 'order'})
        self.product.invoice_policy = 'order'
        fbm = self.receive_sale(order(item()))
        fba = self.receive_sale(order(item(shipped=1), channel='AMAZON', status='SHIPPED'))
        self.assertEqual((fbm.state, fba.state, fba.order_line.qty_delivered), ('draft', 'sale', 0))
        self.assertEqual(fba.invoice_ids.state, 'posted')
        self.assertEqual(str(fba.invoice_ids.invoice_date), '2026-10-01')
        self.assertAlmostEqual(fba.invoice_ids.amount_total, 119)
        self.assertFalse(fbm.invoice_ids)

    def test_an_invoice_has_the_day_of_the_company(self):
        self.german.write({'fba_invoice': 'posted', 'invoice_date': 'order'})
        self.company.resource_calendar_id.tz = 'Europe/Berlin'
        self.product.invoice_policy = 'order'
        sale = self.receive_sale(order(item(shipped=1), channel='AMAZON', status='SHIPPED',
                                       created='2026-10-01T22:30:00Z'))
        self.assertEqual(str(sale.invoice_ids.invoice_date), '2026-10-02')

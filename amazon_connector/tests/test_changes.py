from odoo.fields import Command
from odoo.tests import tagged

from .common import AmazonCase
from .payloads import address, item, later, order


@tagged('post_install', '-at_install')
class TestChanges(AmazonCase):
    """What Amazon or the buyer changes after the import."""

    def deliver(self, sale):
        for picking in sale.picking_ids:
            picking.move_ids.write({'quantity': picking.move_ids[0].product_uom_qty, 'picked': True})
            picking._action_done()

    def changed(self, payload, **item_changes):
        return later(payload, orderItems=[{**payload['orderItems'][0], **item_changes}])

    def test_a_smaller_quantity_reduces_line_and_delivery(self):
        payload = order(item(quantity=5, total='50.00'))
        sale = self.receive_sale(payload)
        smaller = order(item(quantity=2, total='20.00', item_ref=payload['orderItems'][0]['orderItemId']),
                        ref=payload['orderId'], updated='2026-10-01T12:00:00Z')
        self.receive_sale(smaller)
        self.assertEqual((sale.order_line.product_uom_qty, sale.amount_total), (2, 20))
        self.assertEqual(
            sum(sale.picking_ids.move_ids.filtered(lambda move: move.state != 'cancel').mapped('product_uom_qty')), 2)

    def test_a_cancelled_item_leaves_the_others(self):
        first, second = item(total='10.00'), item('SKU-B', total='20.00')
        payload = order(first, second)
        sale = self.receive_sale(payload)
        removed = {**item('SKU-B', quantity=0, total=None), 'orderItemId': second['orderItemId']}
        self.receive_sale(order(first, removed, ref=payload['orderId'], updated='2026-10-01T12:00:00Z'))
        self.assertEqual({line.product_id: line.product_uom_qty for line in sale.order_line},
                         {self.product: 1, self.other_product: 0})
        self.assertEqual(sale.amount_total, 10)

    def test_a_cancelled_order_cancels_the_delivery(self):
        payload = order(item())
        sale = self.receive_sale(payload)
        self.receive_sale(later(payload, status='CANCELLED'))
        self.assertEqual((sale.state, sale.picking_ids.state), ('cancel', 'cancel'))

    def test_a_delivered_order_is_not_silently_undone(self):
        payload = order(item())
        sale = self.receive_sale(payload)
        self.deliver(sale)
        row = self.receive(later(payload, status='CANCELLED'))
        self.assertEqual((row.state, sale.state), ('error', 'sale'))
        self.assertIn("return", row.next_step)
        row.action_resolve()
        self.assertEqual(row.state, 'done')

    def test_less_than_was_delivered_is_an_exception(self):
        payload = order(item(quantity=5, total='50.00'))
        sale = self.receive_sale(payload)
        self.deliver(sale)
        row = self.receive(self.changed(payload, quantityOrdered=3))
        self.assertEqual(row.state, 'error')
        self.assertEqual(sale.order_line.product_uom_qty, 5)

    def test_a_new_address_reaches_the_delivery(self):
        payload = order(item())
        sale = self.receive_sale(payload)
        self.receive_sale(later(payload, recipient={'deliveryAddress': address(street="Nebenstraße 9")}))
        self.assertEqual(sale.partner_shipping_id.street, "Nebenstraße 9")
        self.assertEqual(sale.picking_ids.partner_id, sale.partner_shipping_id)
        self.assertEqual(sale.partner_id.street, "Hauptstraße 5")

    def test_a_new_address_after_delivery_is_an_exception(self):
        payload = order(item())
        self.deliver(self.receive_sale(payload))
        row = self.receive(later(payload, recipient={'deliveryAddress': address(street="Nebenstraße 9")}))
        self.assertEqual(row.state, 'error')
        self.assertIn("address", row.error)

    def test_cancelled_in_odoo_but_not_at_amazon(self):
        payload = order(item())
        sale = self.receive_sale(payload)
        sale._action_cancel()
        row = self.receive(later(payload))
        self.assertEqual(row.state, 'error')
        self.assertIn("Seller Central", row.next_step)

    def test_an_order_cancelled_before_it_was_read_makes_no_sale(self):
        row = self.receive(order(item(quantity=0, total=None), status='CANCELLED'))
        self.assertEqual((row.state, bool(row.sale_order_id)), ('done', False))

    def test_names_dates_and_settings_by_marketplace(self):
        french = self.marketplace('FR')
        french.write({'order_naming': 'prefix', 'order_prefix': 'FR-', 'user_id': self.env.user.id})
        self.german.order_naming = 'sequence'
        payload = order(item(), market='FR', created='2026-10-25T00:30:00+02:00')
        sale = self.receive_sale(payload)
        self.assertEqual(sale.name, f"FR-{payload['orderId']}")
        self.assertEqual(str(sale.date_order), '2026-10-24 22:30:00')
        self.assertEqual(str(sale.amazon_ship_by), '2026-10-03 21:59:59')
        self.assertEqual((sale.team_id, sale.warehouse_id, sale.user_id),
                         (french.team_id, french.warehouse_id, self.env.user))
        self.assertNotIn('302-', self.receive_sale(order(item())).name)

    def test_the_hour_that_daylight_saving_repeats_is_kept_apart(self):
        before = self.receive_sale(order(item(), created='2026-10-25T00:30:00Z'))
        after = self.receive_sale(order(item(), created='2026-10-25T01:30:00Z'))
        self.assertEqual((after.date_order - before.date_order).total_seconds(), 3600)

    def test_an_order_that_is_confirmed_together_with_others_keeps_its_date(self):
        self.german.fbm_confirm = False
        sale = self.receive(order(item())).sale_order_id
        day = sale.date_order
        other = self.env['sale.order'].create({
            'partner_id': self.env['res.partner'].create({'name': "Ordinary"}).id, 'date_order': '2026-01-01',
            'order_line': [Command.create({'product_id': self.product.id})]})
        (other | sale).action_confirm()
        self.assertEqual((sale.state, other.state, sale.date_order), ('sale', 'sale', day))
        self.assertGreater(other.date_order, day, "Odoo's own orders have the day of their confirmation")

    def test_a_locked_order_stays_locked(self):
        self.env.user.group_ids |= self.env.ref('sale.group_auto_done_setting')
        payload = order(item(quantity=2))
        sale = self.receive_sale(payload)
        self.assertTrue(sale.locked)
        self.receive_sale(later(payload, status='PARTIALLY_SHIPPED'))
        self.assertEqual((sale.amazon_status, sale.locked), ('PARTIALLY_SHIPPED', True))

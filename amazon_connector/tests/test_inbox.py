from odoo.tests import tagged

from .common import AmazonCase
from .payloads import item, later, order


@tagged('post_install', '-at_install')
class TestInbox(AmazonCase):
    """A15: replayed, twice, in any order: one sales order per Amazon order, the newest state wins."""

    def sales(self):
        return self.env['sale.order'].search([('amazon_marketplace_id.seller_id', '=', self.seller.id)])

    def test_a_page_replayed_changes_nothing(self):
        orders = [order(item()) for _number in range(4)]
        self.receive(*orders)
        before = {sale.id: sale.write_date for sale in self.sales()}
        self.receive(*orders, orders[0])
        self.assertEqual({sale.id: sale.write_date for sale in self.sales()}, before)

    def test_an_older_state_does_not_overwrite_a_newer_one(self):
        old = order(item())
        self.receive_sale(later(old, status='CANCELLED', minutes=30))
        row = self.receive(old)
        self.assertEqual(row.amazon_status, 'CANCELLED')
        self.assertFalse(self.sales())

    def test_two_states_of_one_order_on_one_page(self):
        old = order(item())
        self.env['amazon.order'].sudo()._store(self.seller, [later(old, status='SHIPPED'), old])
        self.assertEqual(self.env['amazon.order'].search([('amazon_order_ref', '=', old['orderId'])]).amazon_status,
                         'SHIPPED')

    def test_the_same_number_of_two_sellers_are_two_orders(self):
        other = self.seller.copy({'name': "Other", 'selling_partner_ref': 'A2'})
        payload = order(item())
        self.env['amazon.order'].sudo()._store(self.seller, [payload])
        self.env['amazon.order'].sudo()._store(other, [payload])
        self.assertEqual(self.env['amazon.order'].search_count([('amazon_order_ref', '=', payload['orderId'])]), 2)

    def test_recovering_a_known_order_keeps_its_sale(self):
        """A23"""
        payload = order(item())
        sale = self.receive_sale(payload)
        row = self.env['amazon.order']._request(self.seller, [payload['orderId']])
        self.assertEqual((row.state, row.sale_order_id), ('requested', sale))

import datetime

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from . import payloads
from .common import FakeAmazon
from .returns_common import MERCHANT, ReturnsCase, request
from .test_transactions import group, refund

NOW = fields.Date.today()


class RefundsCase(ReturnsCase):
    """Orders of two units for 238.00 that the merchant shipped, and refunds of them."""

    def setUp(self):
        super().setUp()
        self.read_since(datetime.date(2026, 1, 1))
        self.sale = self.sell_shipped()

    def read_since(self, day):
        """Let the returns that were announced since a day be known."""
        self.env['amazon.report'].create({
            'marketplace_id': self.german.id, 'report_type': MERCHANT, 'state': 'empty', 'start_date': day})

    def sell_shipped(self, quantity=2, total='238.00', shipped=None, status='SHIPPED', **options):
        item = payloads.item(quantity=quantity, total=total, shipped=quantity if shipped is None else shipped)
        return self.receive_sale(payloads.order(item, status=status, **options))

    def refund(self, sale=None, quantity=1, days=30, share=1.0, shipping=0.0, **options):
        """Refund units of an order, or a share of their price, some days ago."""
        sale = sale or self.sale
        parts = [group('ProductCharges', ('OurPricePrincipal', round(-100.0 * quantity * share, 2)),
                       ('OurPriceTax', round(-19.0 * quantity * share, 2)))]
        if shipping:
            parts.append(group('Shipping', ('ShippingPrincipal', -shipping)))
        posted = f'{NOW - datetime.timedelta(days=days)}T10:00:00Z'
        with mute_logger('odoo.addons.amazon_connector.models.amazon_transaction'):
            self.run_flow('transactions', FakeAmazon(listTransactions={'transactions': [
                refund(sale, (sale.order_line.filtered('amazon_item_ref')[:1].amazon_item_ref, quantity, parts),
                       posted=posted, **options)]}))
        return self.follow()

    def day(self, days):
        return NOW - datetime.timedelta(days=days)


@tagged('post_install', '-at_install')
class TestReturnsUnannounced(RefundsCase):
    """What was refunded for orders of the merchant, and nobody announced or sent back, is on the list of SAFE-T."""

    def test_a_refund_without_a_return_is_on_the_list(self):
        record = self.refund(days=30)
        self.assertEqual((record.sale_order_id, record.sale_line_id, record.product_id, record.sku, record.channel), (
            self.sale, self.sale.order_line, self.product, 'SKU-A', 'fbm'))
        self.assertEqual((record.date, record.missing_since, record.announced_date), (self.day(30), self.day(9), False))
        self.assertEqual((record.quantity, record.refunded_amount, record.transaction_ids.transaction_ref), (
            1, 119.0, 'T1'))
        self.assertEqual((record.is_missing, self.returns.search([('is_missing', '=', True), (
            'seller_id', '=', self.seller.id)])), (True, record))
        self.assertEqual((record.picking_obstacle, record.move_ids.ids, self.sale.picking_ids.ids), (
            'unannounced', [], []))
        self.assertEqual(self.follow(), record, "and once only")

    def test_it_is_no_return_of_goods_unless_goods_come(self):
        self.sale.date_order = datetime.datetime.now()
        record = self.refund()
        self.assertEqual((self.product.amazon_returned_units, record.is_of_buyer), (0, False))
        moves = self.sale.order_line.move_ids.filtered(lambda move: move.location_dest_id.usage == 'customer')
        back = moves.copy({
            'location_id': moves.location_dest_id.id, 'location_dest_id': moves.location_id.id,
            'origin_returned_move_id': moves.id, 'to_refund': True, 'product_uom_qty': 1})
        back._action_confirm(merge=False)
        back.quantity, back.picked = 1, True
        back._action_done()
        self.env.invalidate_all()
        self.assertEqual((record.received_quantity, record.is_missing, record.is_of_buyer), (1, False, True))
        self.assertEqual(self.product.amazon_returned_units, 1)
        self.assertEqual(self.follow(), record)

    def test_an_announced_return_takes_it_over(self):
        record = self.refund()
        again = self.announce(request(self.sale, date=self.day(20).isoformat()))
        self.assertEqual(again, record)
        self.assertEqual((record.rma_ref, record.announced_date, record.refunded_amount, record.picking_obstacle), (
            'DTEST1RRMA', self.day(20), 119.0, False))
        self.assertEqual((record.is_missing, record.is_of_buyer, len(record.move_ids.picking_id)), (True, True, 1))
        self.assertEqual(self.announce(request(self.sale, date=self.day(20).isoformat(), status='Closed')), record)
        self.validate(record.move_ids.picking_id)
        self.assertFalse(record.is_missing)

    def test_of_two_refunded_units_one_is_announced(self):
        self.refund(quantity=2)
        records = self.announce(request(self.sale, date=self.day(20).isoformat()))
        self.assertEqual([(record.rma_ref, record.quantity, record.refunded_amount) for record in records], [
            ('DTEST1RRMA', 1, 119.0), (False, 1, 119.0)])
        self.assertEqual(records.mapped('is_missing'), [True, True])
        again = self.announce(request(self.sale, quantity='2', date=self.day(20).isoformat()))
        self.assertEqual([(record.rma_ref, record.quantity, record.refunded_amount) for record in again], [
            ('DTEST1RRMA', 2, 238.0)])

    def test_what_was_announced_before_is_no_second_record(self):
        record = self.announce(request(self.sale, date=self.day(40).isoformat()))
        self.assertEqual(self.refund(), record)
        self.assertEqual(len(self.refund(ref='T2', days=25)), 2, "another unit")

    def test_what_came_back_by_hand_before_is_none(self):
        sale = self.sell(payloads.item(total='119.00'))
        self.validate(self.return_by_hand(sale.picking_ids))
        sale.env['amazon.order'].search([('sale_order_id', '=', sale.id)])
        sale.amazon_status = 'SHIPPED'
        self.assertFalse(self.refund(sale))

    def test_a_part_of_the_price_is_kept_by_agreement(self):
        self.assertFalse(self.refund(share=0.3))
        self.assertFalse(self.refund(ref='T2', days=29, share=0.3, shipping=119.0))
        record = self.refund(ref='T3', days=28, share=0.4)
        self.assertEqual((record.quantity, record.date), (1, self.day(28)), "the rest of the price of one")

    def test_orders_that_nobody_delivered(self):
        for status in ('UNSHIPPED', 'CANCELLED'):
            sale = self.sell_shipped(shipped=0, status='UNSHIPPED', ref=f'302-000000{len(status)}-1234567')
            sale.amazon_status = status
            self.assertFalse(self.refund(sale, ref=f'T{status}'))
        sale.amazon_status = 'SHIPPED'
        self.assertEqual(self.follow().sale_order_id, sale, "it was delivered meanwhile")

    def test_orders_that_amazon_ships(self):
        sale = self.sell_shipped(channel='AMAZON', ref='302-0000007-1234567')
        self.assertFalse(self.refund(sale))

    def test_refunds_of_which_no_claim_can_be_made_any_more(self):
        self.assertFalse(self.refund(days=150))

    def test_orders_whose_returns_may_have_been_announced_before_any_report(self):
        self.env['amazon.report'].search([]).unlink()
        self.assertFalse(self.refund(), "nothing was read yet")
        self.sale.date_order = self.day(70)
        self.read_since(self.day(59))
        self.assertFalse(self.follow())
        self.read_since(self.day(118))
        self.assertEqual(self.follow().sale_order_id, self.sale)

    def test_refunds_that_are_deferred_or_none(self):
        self.assertFalse(self.refund(status='DEFERRED'))
        self.assertFalse(self.refund(ref='T2', kind='Adjustment'))

    def test_somebody_settles_it(self):
        record = self.refund()
        record.action_settle()
        self.assertEqual((self.follow(), record.is_missing), (record, False))

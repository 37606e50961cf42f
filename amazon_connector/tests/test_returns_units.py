import datetime

from odoo import fields
from odoo.tests import tagged

from . import payloads
from .returns_common import REPLACED, REPLACED_COLUMNS, ReturnsCase, request, unit
from .test_returns_amazon import replacement
from .test_returns_unannounced import RefundsCase


@tagged('post_install', '-at_install')
class TestReturnsInParts(RefundsCase):
    """Two units were refunded and one came back; an RMA shrinks; a return never comes."""

    def test_two_refunded_and_one_back(self):
        record = self.announce(request(self.sale, quantity='2', date=self.day(40).isoformat()))
        self.refund(quantity=2)
        self.assertTrue(record.is_missing)
        self.validate(record.move_ids.picking_id, quantity=1)
        self.assertEqual((record.received_quantity, record.refunded_quantity, record.is_missing), (1, 2, True))
        self.assertEqual(self.returns.search([('is_missing', '=', True), ('id', '=', record.id)]), record)
        self.validate(record.move_ids.picking_id.filtered(lambda picking: picking.state != 'done'))
        self.assertEqual((record.received_quantity, record.missing_since), (2, False))

    def test_one_refunded_and_one_of_two_back(self):
        record = self.announce(request(self.sale, quantity='2', date=self.day(40).isoformat()))
        self.refund()
        self.refund(ref='T2', share=0.0, shipping=5.9, days=29)
        self.validate(record.move_ids.picking_id, quantity=1)
        self.assertEqual((record.refunded_quantity, record.missing_since), (1, False), "shipping is no unit")

    def test_refunded_by_the_report_alone(self):
        row = {'quantity': '2', 'date': self.day(40).isoformat(), 'rma': 'D7RRMA'}
        record = self.announce(request(self.sale, refunded='238.00', **row))
        self.validate(record.move_ids.picking_id, quantity=1)
        self.assertEqual((record.refunded_quantity, record.missing_since), (
            2, fields.Date.today() + datetime.timedelta(days=21)))
        other = self.sell_shipped(ref='302-0000008-1234567')
        record = self.announce(request(other, refunded='119.00', **{**row, 'rma': 'D8RRMA'})) - record
        self.validate(record.move_ids.picking_id, quantity=1)
        self.assertEqual((record.refunded_quantity, record.missing_since), (1, False))

    def test_an_rma_that_shrinks(self):
        record = self.announce(request(self.sale, quantity='2'))
        picking = record.move_ids.picking_id
        self.announce(request(self.sale, quantity='1'))
        self.assertEqual((picking.state, picking.move_ids.product_uom_qty, picking.move_ids.quantity), (
            'assigned', 1, 1))
        self.assertIn("Amazon return DTEST1RRMA is of 1 units by now.", ' '.join(picking.message_ids.mapped('body')))
        self.announce(request(self.sale, quantity='2'))
        self.assertEqual(sum(record.move_ids.mapped('product_uom_qty')), 2, "and grows again")

    def test_an_rma_that_shrinks_after_some_came(self):
        record = self.announce(request(self.sale, quantity='2'))
        picking = record.move_ids.picking_id
        self.validate(picking, quantity=1)
        self.announce(request(self.sale, quantity='1'))
        self.assertEqual((record.received_quantity, set(picking.backorder_ids.mapped('state'))), (1, {'cancel'}))

    def test_what_somebody_works_on_is_left(self):
        record = self.announce(request(self.sale, quantity='2'))
        record.move_ids.picked = True
        self.announce(request(self.sale, quantity='1'))
        self.assertEqual((record.move_ids.product_uom_qty, record.move_ids.state), (2, 'assigned'))

    def test_a_return_that_never_comes(self):
        sale = self.sell(payloads.item(total='119.00'), ref='302-0000009-1234567')
        delivery = sale.picking_ids
        record = self.announce(request(sale, date=self.day(10).isoformat()))
        receipt = record.move_ids.picking_id
        self.assertEqual(self.follow().move_ids.picking_id.state, 'assigned', "it may still come")
        record.date = self.day(181)
        self.follow()
        self.assertEqual((receipt.state, record.picking_obstacle), ('cancel', 'expired'))
        self.assertIn("within 180 days", ' '.join(receipt.message_ids.mapped('body')))
        messages = len(receipt.message_ids)
        self.follow()
        self.assertEqual((len(sale.picking_ids), len(receipt.message_ids)), (2, messages))
        late = self.return_by_hand(delivery)
        self.validate(late)
        self.assertEqual((record.received_quantity, record.picking_obstacle, record.uninspected_quantity), (
            1, False, 1))

    def test_the_rest_of_a_return_that_never_comes(self):
        record = self.announce(request(self.sale, quantity='2'))
        picking = record.move_ids.picking_id
        self.validate(picking, quantity=1)
        record.date = self.day(181)
        self.follow()
        self.assertEqual((picking.state, picking.backorder_ids.state, record.picking_obstacle), (
            'done', 'cancel', 'expired'))


@tagged('post_install', '-at_install')
class TestReturnsCountedOnce(ReturnsCase):
    """A unit that Amazon reports twice is one return, in the rate and in the analysis."""

    def setUp(self):
        super().setUp()
        self.env['amazon.return'].search([]).unlink()
        self.sale = self.receive_sale(payloads.order(payloads.item(shipped=1), channel='AMAZON', status='SHIPPED'))
        self.sale.date_order = datetime.datetime.now()
        self.ref = self.sale.amazon_order_ref
        self.today = f'{datetime.date.today()}T08:00:00+00:00'
        self.before = f'{datetime.date.today() - datetime.timedelta(days=2)}T08:00:00+00:00'

    def count(self):
        """Return what the rate and the analysis count."""
        self.env.invalidate_all()
        (units,), = self.returns._read_group([('is_of_buyer', '=', True), ('seller_id', '=', self.seller.id)], [], [
            'quantity:sum'])
        return self.product.amazon_returned_units, units

    def test_the_same_unit_under_another_date(self):
        records = self.take_back(unit(self.ref, plate='', date=self.before), unit(self.ref, plate='', date=self.today))
        self.assertEqual((len(records), records.mapped('quantity'), records.mapped('amazon_quantity')), (
            2, [1, 0], [1, 1]))
        self.assertEqual(self.count(), (1, 1))
        moment = records[1].write_date
        self.take_back(unit(self.ref, plate='', date=self.before), unit(self.ref, plate='', date=self.today))
        self.assertEqual((self.count(), records[1].write_date), ((1, 1), moment), "nothing is written again")

    def test_the_same_unit_under_another_date_in_another_report(self):
        self.take_back(unit(self.ref, plate='', date=self.today))
        self.take_back(unit(self.ref, plate='LPN5', date=self.before))
        self.assertEqual(self.count(), (1, 1))

    def test_the_same_unit_under_both_order_numbers(self):
        """The replacement was shipped as well, and did not come back."""
        new = '302-7777777-7654321'
        self.load(REPLACED, REPLACED_COLUMNS, [replacement(new, self.ref)])
        self.take_back(unit(self.ref, date=self.before), unit(new, date=self.today))
        self.assertEqual(self.count(), (1, 1))
        self.take_back(unit(new, date=self.today, plate='LPN9'))
        self.assertEqual(self.count(), (2, 2), "that one came back, too")
        self.take_back(unit(new, date=self.today, plate='LPN8'))
        self.assertEqual(self.count(), (2, 2), "no more than was shipped")

    def test_under_both_order_numbers_with_both_orders_in_odoo(self):
        new = '302-7777777-7654321'
        other = self.receive_sale(payloads.order(payloads.item(shipped=1), channel='AMAZON', status='SHIPPED', ref=new))
        self.load(REPLACED, REPLACED_COLUMNS, [replacement(new, self.ref)])
        records = self.take_back(unit(self.ref, date=self.before), unit(new, date=self.today))
        self.assertEqual((records.sale_order_id, self.count()), (self.sale | other, (1, 1)))

    def test_a_replacement_that_becomes_known_later(self):
        new = '302-7777777-7654321'
        self.take_back(unit(self.ref, plate='', date=self.before), unit(self.ref, plate='', date=self.today))
        self.assertEqual(self.count(), (1, 1))
        self.load(REPLACED, REPLACED_COLUMNS, [replacement(new, self.ref)])
        self.follow()
        self.assertEqual(self.count(), (2, 2))

    def test_an_order_that_comes_later(self):
        ref = '302-9999999-7654321'
        self.take_back(unit(ref, plate='', date=self.before), unit(ref, plate='', date=self.today))
        sale = self.receive_sale(payloads.order(payloads.item(shipped=1), channel='AMAZON', status='SHIPPED', ref=ref))
        sale.date_order = datetime.datetime.now()
        self.follow()
        self.assertEqual(self.count(), (1, 1))

    def test_a_second_request_for_the_same_unit(self):
        sale = self.sell()
        records = self.announce(request(sale, rma='D1RRMA'), request(sale, rma='D2RRMA', date='12-Oct-2026'))
        self.assertEqual((records.mapped('quantity'), records.mapped('picking_obstacle')), (
            [1, 0], [False, 'returned']))
        self.announce(request(sale, rma='D1RRMA', status='Rejected'))
        self.assertEqual((records.mapped('quantity'), records.mapped('picking_obstacle')), (
            [0, 1], ['refused', False]))
        self.assertEqual(records[1].move_ids.product_uom_qty, 1)

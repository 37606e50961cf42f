import base64

from odoo.tests import tagged

from .claims_common import ClaimsCase, reimbursed
from .payloads import item, order
from .returns_common import AMAZON, AMAZON_COLUMNS, unit
from .returns_common import document as make_document
from .test_transactions import group, refund


class ReturnClaimsCase(ClaimsCase):
    """A seller with refunds of goods that Amazon fulfilled."""

    def sell(self, quantity=1, **options):
        payload = item(quantity=quantity, total=f'{119 * quantity}.00', shipped=quantity)
        sale = self.receive_sale(order(payload, channel=options.pop('channel', 'AMAZON'), status='SHIPPED'))
        return sale, payload['orderItemId']

    def refund(self, sold, units=1, amount=-100.0, ref='T1'):
        sale, item_ref = sold
        self.env['amazon.transaction']._store(self.seller, [refund(
            sale, (item_ref, units, [group('ProductCharges', ('OurPricePrincipal', amount))]), ref=ref)])
        return sale

    def take_back(self, *rows):
        self.import_plain(AMAZON, make_document(AMAZON_COLUMNS, rows))

    def import_plain(self, report_type, content):
        report = self.env['amazon.report'].create({
            'marketplace_id': self.german.id, 'report_type': report_type, 'state': 'ready',
            'content': base64.b64encode(content), 'asked_date': self.asked})
        with self.in_job() as env:
            env['amazon.return']._import_report(report.with_env(env), env['amazon.sync'].browse(self.sync.id))


@tagged('post_install', '-at_install')
class TestReturnClaims(ReturnClaimsCase):
    """A refund of goods that Amazon fulfilled, without a return or money for it, is a claim after 45 days."""

    def test_a_refund_without_a_return_is_a_claim(self):
        sale = self.refund(self.sell())
        self.assertFalse(self.find(day=3, month=12))
        claim = self.find(day=4, month=12)
        self.assertEqual((claim.kind, claim.order_ref, claim.sale_order_id, claim.open_units, str(claim.deadline)),
                         ('return', sale.amazon_order_ref, sale, 1, '2027-02-02'))
        self.assertEqual((claim.yardstick, claim.value), ('price', 100))
        self.assertEqual((claim.evidence_ids.kind, claim.evidence_ids.amount), ('refund', -100))

    def test_what_came_back_is_none(self):
        sale = self.refund(self.sell())
        self.take_back(unit(sale.amazon_order_ref))
        self.assertFalse(self.find(day=4, month=12))

    def test_what_came_back_under_the_order_of_a_replacement_is_none(self):
        sale = self.refund(self.sell())
        self.env['amazon.replacement'].create({
            'seller_id': self.seller.id, 'shipment_date': '2026-10-21', 'order_ref': '302-7777777-7777777',
            'original_order_ref': sale.amazon_order_ref, 'sku': 'SKU-A', 'quantity': 1})
        self.take_back(unit('302-7777777-7777777'))
        self.assertFalse(self.find(day=4, month=12))

    def test_a_return_that_comes_late_closes_the_claim(self):
        sale = self.refund(self.sell(2), 2)
        claim = self.find(day=4, month=12)
        self.take_back(unit(sale.amazon_order_ref))
        self.find(day=5, month=12)
        self.assertEqual((claim.open_units, claim.found_units, claim.state), (1, 1, 'found'))
        self.assertEqual(claim.evidence_ids.return_id.license_plate, 'LPN1')
        self.take_back(unit(sale.amazon_order_ref), unit(sale.amazon_order_ref, plate='LPN2'))
        self.find(day=6, month=12)
        self.assertEqual((claim.open_units, claim.state), (0, 'cleared'))

    def test_returns_of_other_orders_and_skus_are_others(self):
        sale = self.refund(self.sell())
        self.take_back(unit(self.sell()[0].amazon_order_ref), unit(sale.amazon_order_ref, sku='SKU-B', plate='LPN2'))
        self.assertEqual(self.find(day=4, month=12).mapped('kind'), ['return'])

    def test_what_was_paid_for_the_order_is_none(self):
        sale = self.refund(self.sell())
        self.reimburse(reimbursed('CustomerReturn', order='302-0000000-0000000', ref='R1'))
        self.assertEqual(self.find(day=4, month=12).state, 'found')
        self.reimburse(reimbursed('CustomerServiceIssue', order=sale.amazon_order_ref, ref='R2'))
        self.assertEqual(self.find(day=5, month=12).state, 'paid')

    def test_a_unit_that_is_refunded_in_parts_is_one(self):
        sold = self.sell()
        self.refund(sold, 1, -40.0)
        self.refund(sold, 1, -60.0, ref='T2')
        self.assertEqual(self.find(day=4, month=12).units, 1)

    def test_goods_of_the_merchant_are_no_claim(self):
        self.refund(self.sell(channel='MERCHANT'))
        self.assertFalse(self.find(day=4, month=12))

    def test_what_came_back_damaged_or_as_something_else_is_a_claim(self):
        sale = self.refund(self.sell(3), 3)
        self.take_back(unit(sale.amazon_order_ref, disposition='CARRIER_DAMAGED'),
                       unit(sale.amazon_order_ref, plate='LPN2', reason='SWITCHEROO'),
                       unit(sale.amazon_order_ref, plate='LPN3', disposition='DEFECTIVE'))
        claims = self.find(day=4, month=12)
        self.assertEqual(claims.mapped('kind'), ['return_bad', 'return_bad'])
        self.assertEqual(set(claims.mapped('reference')), {'LPN1', 'LPN2'})
        self.reimburse(reimbursed('CustomerReturn', 2, order=sale.amazon_order_ref))
        self.assertEqual(set(self.find(day=5, month=12).mapped('state')), {'paid'})

from freezegun import freeze_time

from odoo.tests import tagged

from .claims_common import ClaimsCase, reimbursed
from .ledger_common import row
from .test_inbound import OTHER_REF, REF, InboundCase


@tagged('post_install', '-at_install')
class TestInboundClaims(ClaimsCase, InboundCase):
    """What was sent to Amazon and not received is a claim once Amazon is done with the shipment."""

    def ship(self, pieces, ref=REF, day=1):
        with freeze_time(f'2026-10-{day:02} 12:00:00'):
            picking = self.send((self.product, pieces), ref=ref)
        return picking.amazon_inbound_id

    def receive_at_amazon(self, *rows):
        self.receive_units(*rows, last=31)

    def close(self, inbound):
        inbound.action_close()
        self.env.invalidate_all()

    def test_a_shipment_that_came_short_is_a_claim_once_it_is_closed(self):
        inbound = self.ship(10)
        self.receive_at_amazon(row('Receipts', 7, reference=REF, day=5))
        self.assertFalse(self.find(day=10, month=10))
        self.close(inbound)
        claim = self.find(day=11, month=10)
        self.assertEqual((claim.kind, claim.open_units, claim.reference, claim.product_id, claim.sku, claim.value),
                         ('inbound', 3, REF, self.product, 'SKU-A', 30))
        self.assertEqual((claim.is_deadline_open, claim.inbound_id), (True, inbound))
        self.assertEqual([(entry.kind, entry.quantity) for entry in claim.evidence_ids.sorted('id')],
                         [('shipped', 10), ('received', 7)])

    def test_what_is_received_later_closes_the_claim(self):
        self.close(self.ship(10))
        claim = self.find(day=11, month=10)
        self.receive_at_amazon(row('Receipts', 10, reference=REF, day=20))
        self.find(day=25, month=10)
        self.assertEqual((claim.open_units, claim.state), (0, 'cleared'))

    def test_a_shipment_that_arrived_is_none(self):
        inbound = self.ship(10)
        self.receive_at_amazon(row('Receipts', 10, reference=REF, day=5))
        self.close(inbound)
        self.assertFalse(self.find())

    def test_a_lost_unit_is_never_one_that_lacks_on_arrival(self):
        inbound = self.ship(10)
        self.receive_at_amazon(row('Receipts', 10, reference=REF, day=5), row('Adjustments', -2, reason='M', day=6))
        self.close(inbound)
        self.assertEqual(self.find().mapped('kind'), ['lost'])

    def test_two_shipments_are_not_paid_by_one_reimbursement(self):
        """The report names no shipment."""
        inbounds = self.ship(10) | self.ship(10, ref=OTHER_REF, day=2)
        self.receive_at_amazon(row('Receipts', 8, reference=REF, day=5), row('Receipts', 8, reference=OTHER_REF, day=6))
        self.close(inbounds)
        self.reimburse(reimbursed('Lost_Inbound', 2))
        claim = self.find()
        self.assertEqual((claim.reference, claim.open_units), (OTHER_REF, 2))
        self.reimburse(reimbursed('Damaged_Inbound', 2, ref='R2'))
        self.assertEqual(self.find(day=16).mapped('state'), ['paid'])

    def test_what_is_written_off_in_odoo_is_owed_all_the_same(self):
        inbound = self.ship(10)
        self.receive_at_amazon(row('Receipts', 7, reference=REF, day=5))
        self.close(inbound)
        claim = self.find()
        inbound.note = "Lost"
        inbound.action_write_off()
        self.env.invalidate_all()
        self.find(day=16)
        self.assertEqual((claim.open_units, claim.state), (3, 'found'))

    def test_packs_are_claimed_as_units(self):
        self.env['amazon.listing'].search([('sku', '=', 'SKU-A')]).pack_quantity = 5
        self.close(self.ship(12))
        claim = self.find()
        self.assertEqual((claim.open_units, claim.value), (3, 150))

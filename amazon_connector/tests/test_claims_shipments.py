from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from ..amazon_api.inbound import VOIDED
from ..models.amazon_ledger_day import DAY
from .claims_common import ClaimsCase, reimbursed
from .ledger_common import row
from .test_inbound import OTHER_REF, REF, InboundCase


@tagged('post_install', '-at_install')
class TestClaimsOfShipments(ClaimsCase, InboundCase):
    """Which shipments are over: those that Amazon has closed, and those that it has received nothing of for the days of
    the claim window; never those that the seller has cancelled.
    """

    def ship(self, pieces=10, ref=REF, day=1):
        with freeze_time(f'2026-10-{day:02} 12:00:00'):
            picking = self.send((self.product, pieces), ref=ref)
        return picking.amazon_inbound_id

    def say(self, inbound, status):
        """Let Amazon state a status."""
        inbound.amazon_status = status
        inbound._refresh()
        self.env.invalidate_all()

    def count_open(self, **day):
        self.env.invalidate_all()
        return sum(self.find(**day).mapped('open_units'))

    # === CANCELLED === #

    def test_a_shipment_that_was_cancelled_owes_nothing(self):
        for number, status in enumerate(VOIDED):
            inbound = self.ship(ref=f'FBA15VOID0{number}')
            self.say(inbound, status)
            self.assertEqual((inbound.state, inbound._get_missing()), ('cancel', []), status)
        self.assertFalse(self.find(month=12))

    def test_one_that_was_received_before_it_was_cancelled_owes_nothing_either(self):
        inbound = self.ship()
        self.receive_units(row('Receipts', 7, reference=REF, day=5), last=31)
        self.say(inbound, 'CANCELLED')
        self.assertEqual(inbound.state, 'cancel')
        self.assertFalse(self.find())
        self.receive_units(row('Receipts', 10, reference=REF, day=5), last=31)
        self.assertEqual(inbound.state, 'done')

    def test_a_claim_ends_when_the_shipment_was_cancelled(self):
        inbound = self.ship()
        self.say(inbound, 'CLOSED')
        claim = self.find()
        self.assertEqual(claim.state, 'found')
        self.say(inbound, 'DELETED')
        self.find(day=16)
        self.assertEqual((claim.open_units, claim.state), (0, 'cleared'))

    def test_goods_of_a_cancelled_shipment_can_be_written_off(self):
        inbound = self.ship()
        self.say(inbound, 'ABANDONED')
        inbound.note = "Never came back"
        inbound.action_write_off()
        self.env.invalidate_all()
        self.assertEqual((inbound.state, self.quantity('inbound'), self.quantity('loss')), ('done', 0, 10))
        self.assertFalse(self.find())

    # === NOTHING RECEIVED === #

    def test_what_was_never_received_is_a_claim_after_a_month(self):
        inbound = self.ship()
        self.assertFalse(self.find(day=31, month=10))
        claim = self.find(day=1)
        self.assertEqual((claim.open_units, claim.reference, claim.inbound_id, inbound.state),
                         (10, REF, inbound, 'open'))

    def test_the_last_transfer_counts(self):
        inbound = self.ship()
        self.ship(5, day=20)
        self.assertFalse(self.find(day=10))
        self.assertEqual(self.find(day=20).open_units, 15)
        self.assertEqual(len(inbound.picking_ids), 2)

    def test_the_days_to_wait_are_those_of_the_claim_window(self):
        policy = self.env['amazon.claim.policy'].create({
            'company_id': self.company.id, 'kind': 'inbound', 'wait_days': 45, 'window_days': 200})
        inbound = self.ship()
        self.receive_units(row('Receipts', 7, reference=REF, day=5), last=31)
        self.assertFalse(self.find(day=15))
        self.assertEqual(self.find(day=20).open_units, 3)
        policy.wait_days = 90
        with freeze_time('2026-11-20 12:00:00'):
            self.assertFalse(inbound._get_missing())

    def test_a_country_has_days_of_its_own(self):
        self.env['amazon.claim.policy'].create({
            'company_id': self.company.id, 'kind': 'inbound', 'wait_days': 10, 'window_days': 200,
            'country_id': self.env.ref('base.pl').id})
        inbounds = self.ship() | self.ship(ref=OTHER_REF)
        inbounds[0].country_id = self.env.ref('base.pl')
        self.assertEqual(self.find(day=15, month=10).inbound_id, inbounds[0])

    # === OPENED AGAIN === #

    def test_what_amazon_opens_again_is_no_claim(self):
        inbound = self.ship()
        self.say(inbound, 'CLOSED')
        self.assertEqual((self.count_open(day=10, month=10), inbound.is_closed), (10, True))
        self.say(inbound, 'RECEIVING')
        self.assertEqual((inbound.is_closed, inbound.state), (False, 'open'))
        self.assertEqual(self.count_open(day=11, month=10), 0)
        self.say(inbound, 'CLOSED')
        self.assertEqual(self.count_open(day=12, month=10), 10)

    def test_what_somebody_has_closed_stays_closed(self):
        inbound = self.ship()
        self.say(inbound, 'DELIVERED')
        inbound.with_user(self.manager).action_close()
        self.say(inbound, 'RECEIVING')
        self.assertEqual((inbound.is_closed, inbound.state), (True, 'short'))

    def test_somebody_waits_for_receipts_again_although_amazon_has_closed_it(self):
        inbound = self.ship()
        self.say(inbound, 'CLOSED')
        inbound.with_user(self.manager).action_open_again()
        self.say(inbound, 'CLOSED')
        self.assertEqual((inbound.is_closed, inbound.state), (False, 'open'))
        self.assertEqual(self.count_open(day=15, month=10), 0)
        self.assertEqual(self.count_open(day=15), 10, "nothing came for a month")

    def test_a_claim_that_was_filed_stays_while_amazon_receives_again(self):
        inbound = self.ship()
        self.say(inbound, 'CLOSED')
        claim = self.find(day=10, month=10)
        claim.action_file()
        self.reimburse(reimbursed('Lost_Inbound', 2, day=12))
        self.say(inbound, 'RECEIVING')
        self.find(day=15, month=10)
        self.assertEqual((claim.state, claim.open_units), ('partly', 8))
        self.receive_units(row('Receipts', 8, reference=REF, day=16), last=31)
        self.find(day=18, month=10)
        self.assertEqual((claim.state, claim.open_units), ('paid', 0))

    def test_the_form_lets_somebody_wait_again(self):
        arch = self.env['amazon.inbound'].with_user(self.manager).get_view(view_type='form')['arch']
        self.assertIn('action_open_again', arch)
        self.assertNotIn("amazon_status == 'CLOSED'", arch)

    def test_shipments_that_came_short_are_asked_for_and_older_ones_are_not(self):
        inbound = self.ship()
        self.say(inbound, 'CLOSED')
        self.assertIn(inbound, self.inbounds._get_open(self.seller))
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_inbound SET create_date = create_date - interval '200 days'")
        self.env.invalidate_all()
        inbound.last_receipt = fields.Date.today() - 200 * DAY
        self.assertNotIn(inbound, self.inbounds._get_open(self.seller))

from freezegun import freeze_time

from odoo.tests import tagged

from ..utils.claim_rules import Pool
from ..utils.claim_rules_goods import find_inbound
from ..utils.inbound_short import find_short
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

    # === RECEIVED AFTER IT WAS PAID === #

    def take_back_paid(self):
        """Let Amazon pay two units, receive them all the same, and take the money back: they are given back, it says.
        """
        self.reimburse(
            reimbursed('Lost_Inbound', 2, day=10),
            reimbursed('Reimbursement_Reversal', -2, ref='R2', day=25, inventory=2, original='R1',
                       original_type='Lost_Inbound'))

    def test_units_that_arrived_after_all_are_not_those_of_another_shipment(self):
        inbounds = self.ship(10) | self.ship(10, ref=OTHER_REF, day=2)
        self.receive_at_amazon(
            row('Receipts', 8, reference=REF, day=5), row('Receipts', 2, reference=REF, day=20),
            row('Receipts', 8, reference=OTHER_REF, day=6))
        self.close(inbounds)
        self.take_back_paid()
        claim = self.find()
        self.assertEqual((claim.reference, claim.open_units, claim.paid_units), (OTHER_REF, 2, 0))

    def test_units_that_arrived_after_all_are_not_those_that_were_found(self):
        inbound = self.ship(10)
        self.receive_at_amazon(
            row('Receipts', 8, reference=REF, day=5), row('Adjustments', -2, reason='M', reference='1', day=15),
            row('Receipts', 2, reference=REF, day=20), row('Adjustments', 2, reason='F', reference='2', day=22))
        self.close(inbound)
        self.take_back_paid()
        self.assertFalse(self.find().filtered('open_units'))

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

    # === WHICH SKU, HOW MANY === #

    def list_items(self, inbound, *items):
        """Let Amazon list SKUs of a shipment, with units."""
        self.env['amazon.inbound.item'].create([
            {'inbound_id': inbound.id, 'sku': sku, 'shipped': units} for sku, units in items])

    def check_claims(self, expected, **options):
        """Check the open units of the claims by SKU."""
        self.env.invalidate_all()
        found = self.find(**options)
        self.assertEqual({claim.sku or '': claim.open_units for claim in found if claim.open_units}, expected)
        return found

    def test_a_claim_keeps_its_sku_whatever_amazon_lists_later(self):
        self.make_listing('SKU-A2', self.product, channel='AMAZON_EU')
        inbound = self.ship(20)
        self.list_items(inbound, ('SKU-A2', 20))
        self.receive_at_amazon(row('Receipts', 15, sku='SKU-A2', reference=REF, day=5))
        self.close(inbound)
        filed = self.check_claims({'SKU-A2': 5})
        filed.write({'case_ref': 'C1', 'state': 'filed', 'filed_date': '2026-11-15'})
        self.receive_at_amazon(row('Receipts', 15, sku='SKU-A2', reference=REF, day=5),
                               row('Receipts', 2, reference=REF, day=20))
        self.check_claims({'SKU-A2': 3}, day=16)
        inbound.item_ids.unlink()
        self.list_items(inbound, ('SKU-A', 3), ('SKU-A2', 17))
        self.check_claims({'SKU-A': 1, 'SKU-A2': 2}, day=17)
        self.assertEqual((filed.sku, filed.state, filed.open_units), ('SKU-A2', 'filed', 2))

    def test_a_sku_that_the_merchant_sends_now_is_the_one_that_amazon_names(self):
        """It was changed over after the shipment; Amazon knows it by its receipts, or by its list of the shipment."""
        self.env['amazon.listing'].search([('sku', '=', 'SKU-A')]).channel_code = 'DEFAULT'
        inbounds = self.ship(10) | self.ship(10, ref=OTHER_REF, day=2)
        self.receive_at_amazon(row('Receipts', 7, reference=REF, day=5))
        self.list_items(inbounds[1], ('SKU-A', 10))
        self.close(inbounds)
        self.assertEqual({(claim.sku, claim.reference): claim.open_units for claim in self.find()},
                         {('SKU-A', REF): 3, ('SKU-A', OTHER_REF): 10})

    def test_of_listings_of_a_sku_that_of_fba_is_named(self):
        """Others have no FNSKU."""
        listings = self.env['amazon.listing'].search([('sku', '=', 'SKU-A')])
        listings.channel_code = 'DEFAULT'
        french = self.seller.marketplace_ids.filtered(lambda market: market.country_id.code == 'FR')
        self.make_listing('SKU-A', self.product, market=french, channel='AMAZON_EU', fnsku='X00SKUA')
        inbound = self.ship(10)
        self.receive_at_amazon(row('Receipts', 7, reference=REF, day=5))
        self.close(inbound)
        self.assertEqual(self.check_claims({'SKU-A': 3}).fnsku, 'X00SKUA')

    def test_a_claim_without_a_sku_goes_on_with_its_first(self):
        listings = self.env['amazon.listing'].search([('sku', '=', 'SKU-A')])
        inbound = self.ship(10)
        self.receive_at_amazon(row('Receipts', 7, reference=REF, day=5))
        self.close(inbound)
        listings.product_id = False
        claim = self.check_claims({'': 3})
        listings.product_id = self.product
        self.assertEqual(self.check_claims({'': 3}, day=16), claim)

    def test_claims_of_before_keep_their_key(self):
        """Once the first SKU of a product had none in it, and others had theirs."""
        self.make_listing('SKU-A2', self.product, channel='AMAZON_EU')
        inbound = self.ship(20)
        self.list_items(inbound, ('SKU-A2', 20))
        self.close(inbound)
        claim = self.check_claims({'SKU-A2': 20})
        claim.key = f'inbound|{REF}|{self.product.id}'
        self.list_items(inbound, ('SKU-A', 20))
        inbound.item_ids.filtered(lambda item: item.sku == 'SKU-A2').shipped = 0
        found = self.check_claims({'SKU-A': 20}, day=16)
        self.assertEqual((claim.sku, claim.open_units, len(found)), ('SKU-A2', 0, 2))

    def test_packs_that_differ_between_marketplaces_are_not_guessed(self):
        """Nobody knows how many pieces a unit has: pieces are claimed, and none is said to be a unit of the SKU."""
        french = self.seller.marketplace_ids.filtered(lambda market: market.country_id.code == 'FR')
        self.make_listing('SKU-A', self.product, market=french, channel='AMAZON_EU', pack_quantity=2)
        self.close(self.ship(10))
        claim = self.check_claims({'': 10})
        self.assertEqual((claim.pack_quantity, claim.value), (1, 100))

    def test_units_that_amazon_does_not_state_are_not_zero(self):
        inbound, problems = self.ship(10), []
        inbound._store_items({'ItemData': [{'SellerSKU': 'SKU-A', 'QuantityReceived': 3}]}, problems)
        self.assertEqual((len(problems), len(inbound.item_ids), inbound.items_read), (1, 0, False))
        inbound._store_items({'ItemData': [
            {'SellerSKU': 'SKU-A', 'QuantityShipped': 10, 'QuantityReceived': 3},
            {'SellerSKU': 'SKU-B', 'QuantityShipped': 0, 'QuantityReceived': 1}]}, problems)
        self.assertEqual((len(problems), inbound.item_ids.mapped('shipped')), (1, [10, 0]))
        self.assertTrue(inbound.items_read)
        inbound._store_items({'ItemData': [{'SellerSKU': 'SKU-A', 'QuantityShipped': 10}]}, problems)
        self.assertEqual((inbound.item_ids[0].received, inbound.items_read), (3, False))

    def test_what_was_received_and_is_not_booked_yet_is_not_claimed(self):
        french = self.seller.marketplace_ids.filtered(lambda market: market.country_id.code == 'FR')
        other = self.make_listing('SKU-A', self.other_product, market=french, channel='AMAZON_EU')
        inbound = self.ship(10)
        self.receive_at_amazon(row('Receipts', 10, reference=REF, day=5))
        self.close(inbound)
        self.check_claims({})
        other.product_id = self.product
        self.days.search([])._book()
        self.check_claims({}, day=16)

    # === SPEED === #

    def count_queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        find_inbound(Pool(self.seller), {})
        return self.cr.sql_log_count - before

    def test_shipments_are_read_together(self):
        counts = []
        for numbers in (range(2), range(2, 8)):
            for number in numbers:
                inbound = self.ship(10, ref=f'FBA15SHORT0{number}')
                self.list_items(inbound, ('SKU-A', 10))
                self.close(inbound)
            self.count_queries()
            counts.append(self.count_queries())
        self.assertEqual(counts[0], counts[1])

    def test_shipments_that_arrived_are_not_computed(self):
        inbound, short = self.ship(10), self.ship(10, ref=OTHER_REF, day=2)
        self.receive_at_amazon(row('Receipts', 10, reference=REF, day=5))
        self.close(inbound | short)
        self.assertEqual(list(find_short(inbound | short)), [short])

    def test_shipments_of_long_ago_are_not_read(self):
        inbound = self.ship(10)
        self.close(inbound)
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_inbound SET create_date = create_date - interval '600 days'")
        self.env.invalidate_all()
        self.assertFalse(find_inbound(Pool(self.seller), {}))
        self.receive_at_amazon(row('Receipts', 7, reference=REF, day=5))
        self.assertEqual([event.units for event in find_inbound(Pool(self.seller), {})], [3])

    def test_states_of_shipments_are_found_together(self):
        inbounds, counts = self.inbounds, []
        for numbers in (range(2), range(2, 8)):
            for number in numbers:
                inbounds |= self.ship(10, ref=f'FBA15STATE0{number}')
            inbounds._refresh()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            inbounds._refresh()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

from odoo import Command
from odoo.tests import tagged

from ..utils.claim_rules import Pool
from ..utils.claim_rules_goods import find_inbound
from ..utils.kits import get_cost
from .ledger_common import row
from .test_ledger_kits import KitCase


@tagged('post_install', '-at_install')
class TestInboundKits(KitCase):
    """Kits on their way to Amazon and back."""

    REF = 'FBA15KITKIT0'

    def send(self, **quantities):
        picking_type = self.seller._make_inbound_types()[:1]
        picking = self.env['stock.picking'].create({
            'picking_type_id': picking_type.id, 'location_id': self.warehouse.lot_stock_id.id,
            'location_dest_id': picking_type.default_location_dest_id.id,
            'amazon_inbound_id': self.env['amazon.inbound'].create(
                {'seller_id': self.seller.id, 'shipment_ref': self.REF}).id,
            'move_ids': [Command.create({
                'product_id': product.id, 'product_uom_qty': quantity, 'product_uom': product.uom_id.id,
                'location_id': self.warehouse.lot_stock_id.id,
                'location_dest_id': picking_type.default_location_dest_id.id,
            }) for product, quantity in ((self.kit, quantities.get('kit', 0)), (self.product, quantities.get('a', 0)))
                if quantity]})
        picking.action_confirm()
        picking.move_ids.write({'picked': True})
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty
        picking._action_done()
        return picking.amazon_inbound_id

    def events(self):
        """Return what the claims' rule finds missing: SKU and units."""
        return {(event.facts.vals['sku'], event.open_units) for event in find_inbound(Pool(self.seller), {})
                if event.open_units > 0}

    def test_what_is_received_closes_the_shipment(self):
        inbound = self.send(kit=10)
        self.book(row('Receipts', 10, sku='KIT', reference=self.REF))
        inbound._refresh()
        self.assertEqual(inbound.state, 'done')
        self.assertEqual({line.product_id: (line.sent, line.received, line.missing) for line in inbound.line_ids},
                         {self.product: (20, 20, 0), self.other_product: (10, 10, 0)})
        inbound.is_closed = True
        inbound._refresh()
        self.assertFalse(self.events())

    def test_what_is_missing_is_claimed_in_kits(self):
        inbound = self.send(kit=10, a=5)
        self.book(row('Receipts', 7, sku='KIT', reference=self.REF), row('Receipts', 5, reference=self.REF))
        inbound.is_closed = True
        inbound._refresh()
        self.assertEqual(inbound.state, 'short')
        self.assertEqual(self.events(), {('KIT', 3)})

    def test_a_component_that_is_sent_itself_is_claimed_itself(self):
        inbound = self.send(kit=10, a=5)
        self.book(row('Receipts', 10, sku='KIT', reference=self.REF), row('Receipts', 1, reference=self.REF))
        inbound.is_closed = True
        inbound._refresh()
        self.assertEqual(self.events(), {('SKU-A', 4)})

    def test_a_shipment_that_is_lost_as_a_whole(self):
        inbound = self.send(kit=10)
        inbound.is_closed = True
        inbound._refresh()
        self.assertEqual(self.events(), {('KIT', 10)})

    # === WHICH SKU IS SHORT === #

    def make_duo(self, sku='DUO'):
        """Make a kit of one SKU-A and one SKU-B."""
        duo = self._make_product(sku, stock=0)
        self.make_bill(duo, {self.product: 1, self.other_product: 1})
        self.make_listing(sku, duo, channel='AMAZON_EU')
        return duo

    def send_goods(self, goods, *items):
        """Send pieces by product, as the transfer has them; `items` are what Amazon lists: SKU and units."""
        inbound, quantities = self.env['amazon.inbound'].create(
            {'seller_id': self.seller.id, 'shipment_ref': self.REF}), goods.items()
        kind = self.seller._make_inbound_types()[:1]
        places = {'location_id': self.warehouse.lot_stock_id.id,
                  'location_dest_id': kind.default_location_dest_id.id}
        picking = self.env['stock.picking'].create({
            'picking_type_id': kind.id, **places, 'amazon_inbound_id': inbound.id, 'move_ids': [Command.create({
                'product_id': product.id, 'product_uom_qty': quantity, 'product_uom': product.uom_id.id, **places})
                for product, quantity in quantities]})
        picking.action_confirm()
        picking.move_ids.write({'picked': True})
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty
        picking._action_done()
        self.env['amazon.inbound.item'].create([
            {'inbound_id': inbound.id, 'sku': sku, 'shipped': units} for sku, units in items])
        return inbound

    def close(self, inbound):
        inbound.is_closed = True
        inbound._refresh()
        self.env.invalidate_all()

    def received(self, **units):
        self.book(*(row('Receipts', quantity, sku=sku.replace('_', '-'), reference=self.REF)
                    for sku, quantity in units.items() if quantity))

    def test_the_kit_that_was_sent_and_not_received_is_claimed(self):
        """Both have the components that are missing."""
        duo = self.make_duo()
        inbound = self.send_goods({self.kit: 5, duo: 5})
        self.received(KIT=5, DUO=2)
        self.close(inbound)
        self.assertEqual(self.events(), {('DUO', 3)})

    def test_the_kit_that_amazon_lists_and_has_not_received_is_claimed(self):
        self.make_duo()
        inbound = self.send_goods({self.product: 15, self.other_product: 10}, ('DUO', 5), ('KIT', 5))
        self.received(KIT=5, DUO=2)
        self.close(inbound)
        self.assertEqual(self.events(), {('DUO', 3)})

    def test_a_kit_of_which_nobody_knows_how_many_were_sent_takes_what_is_left(self):
        duo = self.make_duo()
        inbound = self.send_goods({duo: 5, self.product: 10, self.other_product: 5})
        self.received(KIT=4, DUO=5)
        self.close(inbound)
        self.assertEqual(self.events(), {('KIT', 1)})

    def test_components_are_claimed_where_no_kit_is_short(self):
        inbound = self.send_goods({self.product: 4, self.other_product: 2}, ('KIT', 1), ('SKU-A', 2), ('SKU-B', 1))
        self.received(KIT=1)
        self.close(inbound)
        self.assertEqual(self.events(), {('SKU-A', 2), ('SKU-B', 1)})

    def test_no_more_is_claimed_than_odoo_has_sent(self):
        inbound = self.send_goods({self.kit: 8}, ('KIT', 10))
        self.received(KIT=5)
        self.close(inbound)
        self.assertEqual(self.events(), {('KIT', 3)})

    def test_several_skus_of_one_product_and_of_one_kit(self):
        self.make_listing('FIVE-A', self.product, channel='AMAZON_EU', pack_quantity=5)
        self.make_listing('KIT-2', self.kit, channel='AMAZON_EU')
        inbound = self.send_goods({self.product: 30, self.other_product: 5},
                                  ('SKU-A', 10), ('FIVE-A', 2), ('KIT', 2), ('KIT-2', 3))
        self.received(SKU_A=9, KIT=1, KIT_2=1)
        self.close(inbound)
        events = [event for event in find_inbound(Pool(self.seller), {}) if event.open_units]
        self.assertEqual(sorted((event.facts.vals['sku'], event.open_units) for event in events),
                         [('FIVE-A', 2), ('KIT', 1), ('KIT-2', 2), ('SKU-A', 1)])
        self.assertEqual(len({event.key for event in events}), 4, "each is a claim of its own")

    def test_what_came_under_another_sku_of_the_product_is_not_missing(self):
        self.make_listing('FIVE-A', self.product, channel='AMAZON_EU', pack_quantity=5)
        inbound = self.send_goods({self.product: 10}, ('FIVE-A', 2))
        self.received(SKU_A=10)
        self.close(inbound)
        self.assertFalse(self.events())

    def test_kits_are_counted_by_the_bill_with_which_they_were_sent(self):
        for pieces in (1, 3):
            for items in ((), [('KIT', 10)]):
                with self.subTest(pieces=pieces, items=items), self.env.cr.savepoint():
                    inbound = self.send_goods({self.kit: 10}, *items)
                    self.bill.bom_line_ids[0].product_qty = pieces
                    self.received(KIT=7)
                    self.close(inbound)
                    self.assertEqual(self.events(), {('KIT', 3)})
                    self.undo()

    def undo(self):
        """Take the shipment of a test back, so that the next one begins anew."""
        self.bill.bom_line_ids[0].product_qty = 2
        self.env['amazon.inbound'].search([]).picking_ids.amazon_inbound_id = False
        self.env['stock.move'].search([('amazon_ledger_day_id', '!=', False)]).amazon_ledger_ref = False
        self.env['amazon.ledger.line'].search([]).reference = False
        self.env['amazon.inbound'].search([]).unlink()
        self.days.search([]).unlink()

    def test_kits_are_received_as_they_were_sent(self):
        """Today's bill would leave components in transit, and bring others that nobody sent."""
        inbound = self.send(kit=10)
        self.bill.bom_line_ids[0].product_qty = 3
        day = self.book(row('Receipts', 10, sku='KIT', reference=self.REF), row('Receipts', 1, sku='KIT'))
        self.assertEqual(self.counts('sellable', 'DE'), (20 + 3, 10 + 1, 0))
        inbound._refresh()
        self.assertEqual((inbound.state, sum(inbound.line_ids.mapped('extra'))), ('done', 0))
        self.bill.bom_line_ids[0].product_qty = 4
        day._book()
        self.assertEqual(self.counts('sellable', 'DE'), (23, 11, 0), "what is booked stays")

    def test_what_is_no_kit_any_more_is_received_as_it_was_sent(self):
        self.send(kit=10)
        self.bill.active = False
        self.book(row('Receipts', 10, sku='KIT', reference=self.REF))
        self.assertEqual(self.counts('sellable', 'DE'), (20, 10, 0))

    def test_a_kit_that_lost_its_components_is_received_as_it_was_sent(self):
        self.send(kit=10)
        self.bill.bom_line_ids.unlink()
        day = self.book(row('Receipts', 10, sku='KIT', reference=self.REF))
        self.assertEqual((day.obstacle_count, self.counts('sellable', 'DE')), (0, (20, 10, 0)))

    def test_what_was_no_kit_yet_is_claimed_as_it_was_sent(self):
        """Odoo stocks no kits, so the pieces come in as components."""
        self.bill.active = False
        inbound = self.send_goods({self.kit: 10}, ('KIT', 10))
        self.bill.active = True
        inbound._refresh()
        self.received(KIT=7)
        self.assertEqual(self.counts('sellable', 'DE'), (14, 7, 0))
        self.close(inbound)
        self.assertEqual(self.events(), {('KIT', 3)})

    def test_a_bill_that_grew_hides_nothing_that_was_lost(self):
        """By today's bill more pieces came than were sent."""
        inbound = self.send_goods({self.kit: 10})
        self.bill.bom_line_ids.product_qty = 4
        self.received(KIT=7)
        self.close(inbound)
        self.assertEqual(self.events(), {('KIT', 3)})

    def test_a_parcel_comes_back_as_components(self):
        self.kit.standard_price, self.product.standard_price, self.other_product.standard_price = 0, 3, 4
        removal = self.env['amazon.removal'].create(
            {'seller_id': self.seller.id, 'order_ref': 'R1', 'order_type': 'Return', 'request_date': '2026-10-01'})
        parcel = self.env['amazon.removal.parcel'].create({
            'removal_id': removal.id, 'tracking_ref': 'T1', 'shipment_date': '2026-10-02', 'is_expected': True})
        parcel._write_lines({('KIT', '', 'SELLABLE'): 4, ('SKU-A', '', 'SELLABLE'): 1})
        parcel._plan_receipt()
        self.assertEqual(self.expected(parcel), {self.product: 9, self.other_product: 4})
        parcel._write_lines({('KIT', '', 'SELLABLE'): 5, ('SKU-A', '', 'SELLABLE'): 1})
        parcel._plan_receipt()
        self.assertEqual(self.expected(parcel), {self.product: 11, self.other_product: 5})
        self.book(row('VendorReturns', -5, sku='KIT'), row('VendorReturns', -1))
        for move in parcel.picking_ids.move_ids.filtered(lambda move: move.state != 'cancel'):
            move.write({'quantity': 3 if move.product_id == self.other_product else move.product_uom_qty,
                        'picked': True})
        parcel.picking_ids._action_done()
        self.assertEqual(parcel.line_ids.mapped('received'), [3, 1])
        self.assertEqual(parcel.missing, 2)
        parcel.picking_ids.filtered(lambda picking: picking.state != 'done').action_cancel()
        parcel.note = "Never came"
        parcel.action_write_off()
        self.assertEqual(self.counts('removal')[1:], (0, 0))

    def expected(self, parcel):
        """Return the pieces by product that the receipts of a parcel expect."""
        return {product: sum(moves.mapped('product_qty')) for product, moves in parcel.picking_ids.move_ids.filtered(
            lambda move: move.state not in ('done', 'cancel')).grouped('product_id').items()}

    def test_the_cost_of_a_kit_is_that_of_its_components(self):
        self.kit.standard_price, self.product.standard_price, self.other_product.standard_price = 0, 3, 4
        self.assertEqual(get_cost(self.kit, self.company), 10)
        self.assertEqual(get_cost(self.product, self.company), 3)

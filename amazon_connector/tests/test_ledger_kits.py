from odoo import Command
from odoo.tests import tagged

from ..models.amazon_ledger_day import DAY
from ..utils.claim_rules import Pool
from ..utils.claim_rules_goods import find_inbound
from ..utils.kits import get_cost
from .ledger_common import BALANCES, LedgerCase, balance, document, row
from .payloads import item, order


class KitCase(LedgerCase):
    """A kit of two SKU-A and one SKU-B, sold as SKU KIT."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if 'mrp.bom' not in cls.env:
            cls.kit = None
            return
        cls.kit = cls._make_product('KIT', stock=0)
        cls.bill = cls.make_bill(cls.kit, {cls.product: 2, cls.other_product: 1})
        cls.env['amazon.listing'].create({
            'marketplace_id': cls.german.id, 'sku': 'KIT', 'product_id': cls.kit.id, 'channel_code': 'AMAZON_EU',
            'fnsku': 'X00KIT'})

    def setUp(self):
        super().setUp()
        if not self.kit:
            self.skipTest("Kits need Manufacturing.")

    @classmethod
    def make_bill(cls, kit, parts, **vals):
        return cls.env['mrp.bom'].create({
            'product_tmpl_id': kit.product_tmpl_id.id, 'type': 'phantom', **vals, 'bom_line_ids': [
                Command.create({'product_id': part.id, 'product_qty': quantity}) for part, quantity in parts.items()]})

    def counts(self, kind, country=None):
        """Return the pieces of both components, and of the kit itself, at a place."""
        return tuple(self.quantity(kind, country, product)
                     for product in (self.product, self.other_product, self.kit))


@tagged('post_install', '-at_install')
class TestLedgerKits(KitCase):
    """A kit at Amazon is its components in Odoo, as Odoo's own deliveries have it."""

    def test_rows_move_the_components(self):
        day = self.book(row('Receipts', 5, sku='KIT'), row('Shipments', -1, sku='KIT'))
        self.assertEqual(day.state, 'booked')
        self.assertEqual(self.counts('sellable', 'DE'), (8, 4, 0))
        self.assertEqual(self.counts('dispatch'), (2, 1, 0))
        self.assertEqual(day.line_ids.product_id, self.kit)

    def test_a_kit_and_its_component_add_up(self):
        day = self.book(row('Receipts', 5, sku='KIT'), row('Receipts', 3))
        self.assertEqual(self.counts('sellable', 'DE'), (13, 5, 0))
        self.assertEqual(len(day.move_ids), 2)

    def test_packs_of_kits_and_kits_of_kits(self):
        outer = self._make_product('OUTER', stock=0)
        self.make_bill(outer, {self.kit: 3}, product_qty=2)
        self.make_listing('OUTER', outer, channel='AMAZON_EU', pack_quantity=4)
        self.book(row('Receipts', 1, sku='OUTER'))
        self.assertEqual(self.counts('sellable', 'DE'), (12, 6, 0))

    def test_parts_of_a_piece_add_up(self):
        """Odoo rounds up what a bill needs; the rows of many days are not rounded up one by one."""
        box = self._make_product('BOX', stock=0)
        self.make_bill(box, {self.product: 1}, product_qty=12)
        self.make_listing('BOX', box, channel='AMAZON_EU')
        self.book(row('Receipts', 1200, sku='BOX'))
        self.assertEqual(self.quantity('sellable', 'DE'), 100)

    def test_services_are_not_moved(self):
        service = self._make_product('HELP', stock=0, type='service', is_storable=False)
        self.bill.bom_line_ids = [Command.create({'product_id': service.id, 'product_qty': 1})]
        self.book(row('Receipts', 5, sku='KIT'))
        self.assertEqual(self.counts('sellable', 'DE'), (10, 5, 0))

    def test_components_that_nobody_counts_are_no_difference(self):
        carton = self._make_product('CARTON', stock=0, is_storable=False)
        self.bill.bom_line_ids = [Command.create({'product_id': carton.id, 'product_qty': 1})]
        self.book(row('Receipts', 5, sku='KIT'))
        self.assertFalse(self.prove(balance(5, sku='KIT')))

    def test_what_is_no_kit_any_more_is_booked(self):
        empty = self._make_product('EMPTY', stock=0)
        bill = self.make_bill(empty, {})
        self.make_listing('EMPTY', empty, channel='AMAZON_EU')
        day = self.book(row('Receipts', 5, sku='EMPTY'))
        bill.active = False
        self.assertEqual(self.days._find_solved(self.seller), day.ids)
        day._book()
        self.assertEqual((day.obstacle_count, self.quantity('sellable', 'DE', empty)), (0, 5))

    def test_a_kit_without_components_is_listed(self):
        empty = self._make_product('EMPTY', stock=0)
        bill = self.make_bill(empty, {})
        self.make_listing('EMPTY', empty, channel='AMAZON_EU')
        day = self.book(row('Receipts', 5, sku='EMPTY'), row('Receipts', 1))
        self.assertEqual((day.state, day.obstacle_count), ('booked', 1))
        self.assertEqual(day.line_ids.filtered('obstacle').obstacle, 'kit')
        self.assertEqual(self.quantity('sellable', 'DE'), 1)
        self.assertFalse(self.days._find_solved(self.seller))
        bill.bom_line_ids = [Command.create({'product_id': self.other_product.id, 'product_qty': 2})]
        self.assertEqual(self.days._find_solved(self.seller), day.ids)
        day._book()
        self.assertEqual((day.obstacle_count, self.quantity('sellable', 'DE', self.other_product)), (0, 10))

    def test_balances_are_compared_by_component(self):
        self.book(row('Receipts', 5, sku='KIT'), row('Receipts', 3), row('WhseTransfers', -1, sku='KIT'))
        self.assertFalse(self.prove(balance(4, sku='KIT', transit=1), balance(3)))
        found = self.prove(balance(4, sku='KIT', transit=1), balance(4))
        self.assertEqual((found.product_id, found.difference), (self.product, 1))

    def test_a_component_that_changes_later_does_not_change_what_was_booked(self):
        self.book(row('Receipts', 5, sku='KIT'))
        self.bill.bom_line_ids[0].product_qty = 7
        day = self.book(row('Receipts', 5, sku='KIT'), row('Receipts', 1, sku='KIT'))
        self.assertEqual(self.counts('sellable', 'DE'), (17, 6, 0))
        self.assertFalse(day.move_ids.filtered('amazon_ledger_undo'))

    def test_the_opening_counts_components(self):
        self.seller.ledger_state = 'opening'
        self.import_report('amazon.ledger.balance', 'GET_LEDGER_SUMMARY_VIEW_DATA', document(BALANCES, [
            balance(10, sku='KIT', month=9, day=30), balance(75, month=9, day=30)]), 0, 0)
        self.seller._open_ledger()
        self.assertEqual(self.counts('sellable', 'DE'), (95, 10, 0))
        self.assertEqual(self.counts('loss'), (5, 90, 0))

    def test_goods_between_countries_are_the_components(self):
        self.env['amazon.border.transfer']._collect(self.seller)
        today = self.env['amazon.ledger.day']._get_last_date(self.seller)
        self.seller.ledger_start = today - 20 * DAY
        self.env['amazon.fulfillment.center']._learn(self.company, set())
        first = today.replace(day=1)
        day = self.days.create({'seller_id': self.seller.id, 'date': first, 'state': 'ready'})
        for number, (quantity, country) in enumerate(((-2, 'DE'), (2, 'PL'))):
            self.env['amazon.ledger.line'].create({
                'day_id': day.id, 'seller_id': self.seller.id, 'number': number, 'date': first, 'sku': 'KIT',
                'fnsku': 'X00KIT', 'event_type': 'WhseTransfers', 'quantity': quantity, 'country_code': country,
                'disposition': 'SELLABLE'})
        self.env['amazon.border.transfer']._collect(self.seller)
        lines = self.env['amazon.border.transfer'].search([('seller_id', '=', self.seller.id)]).line_ids
        self.assertEqual({line.product_id: line.quantity for line in lines}, {self.product: 4, self.other_product: 2})


@tagged('post_install', '-at_install')
class TestLedgerKitSales(KitCase):
    """Orders of kits take the components, and are delivered once."""

    def setUp(self):
        super().setUp()
        self.german.fba_confirm = self.german.fba_deliver = True

    def test_an_order_takes_what_the_ledger_ships(self):
        self.book(row('Receipts', 10, sku='KIT'), row('Shipments', -2, sku='KIT'))
        payload = order(item('KIT', 2, shipped=2), channel='AMAZON', status='SHIPPED')
        sale = self.receive_sale(payload)
        self.assertEqual(sale.order_line.qty_delivered, 2)
        self.assertEqual(self.counts('dispatch'), (0, 0, 0))
        self.assertEqual(self.counts('sellable', 'DE'), (16, 8, 0))

    def test_an_order_that_is_read_again_is_not_shipped_again(self):
        payload = order(item('KIT', 2, shipped=2), channel='AMAZON', status='SHIPPED')
        sale = self.receive_sale(payload)
        moves = sale.order_line.move_ids
        self.assertEqual({move.product_id: move.quantity for move in moves}, {self.product: 4, self.other_product: 2})
        self.receive({**payload, 'lastUpdatedTime': '2026-10-09T00:00:00Z'})
        self.assertEqual(sale.order_line.move_ids, moves)
        self.assertEqual(sale.order_line.qty_delivered, 2)

    def test_an_order_that_is_shipped_in_parts(self):
        payload = order(item('KIT', 3, '120.00', shipped=1), channel='AMAZON', status='PARTIALLY_SHIPPED')
        sale = self.receive_sale(payload)
        self.assertEqual(sale.order_line.qty_delivered, 1)
        payload['orderItems'][0]['fulfillment']['quantityFulfilled'] = 3
        self.receive({**payload, 'lastUpdatedTime': '2026-10-09T00:00:00Z'})
        self.assertEqual(sale.order_line.qty_delivered, 3)
        self.assertEqual(self.counts('dispatch'), (-6, -3, 0))

    def test_a_kit_that_left_as_a_product_is_not_shipped_again(self):
        """Deliveries of before this addon knew of kits."""
        self.bill.active = False
        payload = order(item('KIT', 2, shipped=2), channel='AMAZON', status='SHIPPED')
        sale = self.receive_sale(payload)
        self.bill.active = True
        sale.order_line.invalidate_recordset()
        self.receive({**payload, 'lastUpdatedTime': '2026-10-09T00:00:00Z'})
        self.assertEqual(sale.order_line.move_ids.product_id, self.kit)

    def test_kits_that_left_as_products_and_as_components(self):
        self.bill.active = False
        payload = order(item('KIT', 3, '120.00', shipped=1), channel='AMAZON', status='PARTIALLY_SHIPPED')
        sale = self.receive_sale(payload)
        self.bill.active = True
        payload['orderItems'][0]['fulfillment']['quantityFulfilled'] = 3
        self.receive({**payload, 'lastUpdatedTime': '2026-10-09T00:00:00Z'})
        self.assertEqual(sale.order_line.qty_delivered, 3)
        self.assertEqual(self.counts('dispatch'), (-4, -2, -1))

    def test_a_kit_with_a_service_is_delivered_once(self):
        service = self._make_product('HELP', stock=0, type='service', is_storable=False)
        self.bill.bom_line_ids = [Command.create({'product_id': service.id, 'product_qty': 1})]
        sale = self.receive_sale(order(item('KIT', 2, shipped=2), channel='AMAZON', status='SHIPPED'))
        self.assertEqual((sale.order_line.qty_delivered, len(sale.order_line.move_ids)), (2, 2))

    def test_a_kit_that_odoo_does_not_track_itself(self):
        kit = self._make_product('LOOSE', stock=0, is_storable=False)
        self.make_bill(kit, {self.product: 3})
        self.make_listing('LOOSE', kit, channel='AMAZON_EU')
        self.book(row('Receipts', 10, sku='LOOSE'), row('Shipments', -2, sku='LOOSE'))
        sale = self.receive_sale(order(item('LOOSE', 2, shipped=2), channel='AMAZON', status='SHIPPED'))
        self.assertEqual((sale.order_line.qty_delivered, self.quantity('dispatch')), (2, 0))
        self.assertEqual(self.quantity('sellable', 'DE'), 24)

    def test_an_order_of_before_the_ledger(self):
        self.seller.ledger_state = 'off'
        sale = self.receive_sale(order(item('KIT', 2, shipped=2), channel='AMAZON', status='SHIPPED'))
        self.assertEqual(sale.order_line.qty_delivered, 2)
        self.assertEqual(self.product.with_context(location=self.german.fba_location_id.id).qty_available, 96)

    def test_the_country_of_departure(self):
        sale = self.receive_sale(order(item('KIT', 2, shipped=2), channel='AMAZON', status='SHIPPED'))
        self.env['amazon.fulfillment.center'].sudo()._learn(self.company, {('WRO5', 'PL')})
        self.env['amazon.fba.shipment'].create({
            'seller_id': self.seller.id, 'shipment_item_ref': 'I1', 'order_ref': sale.amazon_order_ref, 'sku': 'KIT',
            'quantity': 2, 'shipment_date': '2026-10-05', 'center': 'WRO5', 'is_multichannel': False})
        self.env.flush_all()
        orders = self.env['amazon.fba.shipment']._resolve(self.seller)
        orders._amazon_set_departure()
        self.assertEqual(sale.amazon_departure_country_id.code, 'PL')


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
        picking.move_ids._amazon_complete()
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

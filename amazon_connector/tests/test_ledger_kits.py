from odoo import Command
from odoo.tests import tagged

from ..models.amazon_ledger_day import DAY
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

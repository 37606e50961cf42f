import datetime

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.amazon_ledger_day import DAY
from .ledger_common import BALANCES, START, LedgerCase, balance, document, row
from .payloads import item, order

REF = 'FBA15ABCDEF0'


class OpeningCase(LedgerCase):
    """A seller whose ledger is to be opened."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller.write({'ledger_state': 'opening'})
        cls.simple = cls.german.fba_location_id

    def load(self, *rows):
        """Return the wizard with what would change by Amazon's balance."""
        self.import_report('amazon.ledger.balance', 'GET_LEDGER_SUMMARY_VIEW_DATA',
                           document(BALANCES, rows or [balance(60, month=9, day=30),
                                                       balance(30, country='PL', month=9, day=30)]), 0, 0)
        return self.show()

    def show(self):
        return self.env['amazon.ledger.open'].browse(self.env['amazon.ledger.open'].action_open()['res_id'])

    def open(self, *rows, choice=None):
        """Return the wizard that has opened the ledger.

        :param str choice: what a person chooses for shipments of which Amazon has said nothing
        """
        wizard = self.load(*rows)
        self.assertTrue(wizard.is_there)
        for line in wizard.shipment_ids.filtered(lambda line: line.kind == 'way' and not line.choice):
            line.choice = choice
        wizard.action_start()
        return wizard


@tagged('post_install', '-at_install')
class TestLedgerOpening(OpeningCase):
    """The first day: what the FBA locations hold is moved to the countries, the rest is an inventory move."""

    def test_stock_is_moved_and_the_rest_is_lost(self):
        self.open()
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('sellable', 'PL')), (60, 30))
        self.assertEqual(self.env['stock.quant']._get_available_quantity(self.product, self.simple), 0)
        self.assertEqual(self.quantity('loss'), 10)
        self.assertEqual(self.seller.ledger_state, 'on')
        self.assertEqual(self.german.fba_location_id, self.place('sellable', 'DE'))

    def test_more_than_odoo_has_is_found(self):
        self.open(balance(120, month=9, day=30))
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('loss')), (120, -20))

    def test_sales_since_the_first_day_are_not_taken_twice(self):
        self.seller.ledger_state = 'off'
        self.receive_sale(order(item('SKU-A', 2, shipped=2), channel='AMAZON', status='SHIPPED'))
        self.seller.ledger_state = 'opening'
        self.open(balance(100, month=9, day=30))
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('dispatch')), (100, -2))
        self.assertFalse(self.quantity('loss'))
        self.book(row('Shipments', -1), row('Shipments', -1))
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('dispatch')), (98, 0))

    def test_goods_sent_since_the_first_day_are_on_their_way(self):
        self.env['stock.move'].create({
            'product_id': self.product.id, 'product_uom_qty': 20, 'product_uom': self.product.uom_id.id,
            'location_id': self.warehouse.lot_stock_id.id, 'location_dest_id': self.simple.id,
            'company_id': self.company.id})._amazon_complete()
        self.open(balance(100, month=9, day=30))
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('inbound')), (100, 20))
        self.assertFalse(self.quantity('loss'))
        self.book(row('Receipts', 20, reference='FBA15ABCDEF0'))
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('inbound')), (120, 0))

    def test_marketplaces_of_another_company_keep_their_own_stock(self):
        """The ledger is of the whole region: their goods would be booked twice."""
        self.seller.write({'ledger_state': 'off', 'ledger_start': False})
        other = self.env['res.company'].create({'name': "Other"})
        market = self.marketplace('FR')
        market.write({'warehouse_id': False, 'fba_location_id': False, 'pricelist_id': False, 'team_id': False})
        market.company_id = other
        with self.assertRaisesRegex(UserError, market.name):
            self.seller._request_opening(START)
        self.assertEqual(self.seller.ledger_state, 'off')

    def test_the_locations_of_the_ledger_are_of_one_seller(self):
        self.open()
        # Odoo finds locations by name, so the ledger's come first.
        self.simple.name = "Zero"
        other = self.seller.copy({'name': "Other", 'home_marketplace': 'US', 'selling_partner_ref': 'A2TEST'})
        self.env['amazon.seller.marketplace']._update_from_amazon(other, [self.participation('DE')])
        self.assertEqual(other.marketplace_ids.fba_location_id, self.simple)

    def test_what_another_seller_has_there_stays(self):
        other = self.seller.copy({'name': "Other", 'home_marketplace': 'US', 'selling_partner_ref': 'A2TEST'})
        self.german.copy({'seller_id': other.id, 'fba_location_id': self.simple.id})
        self.open()
        self.assertEqual(self.env['stock.quant']._get_available_quantity(self.product, self.simple), 10)
        self.assertFalse(self.quantity('loss'))


class WayCase(OpeningCase):
    """Goods that are under way on the first day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inbound = cls.env['amazon.inbound'].create({'seller_id': cls.seller.id, 'shipment_ref': REF})
        cls.stock = cls.warehouse.lot_stock_id

    def send(self, quantity, date, *, product=None, source=None, target=None, done=True, **vals):
        """Return a transfer to the simple FBA location, done on a day."""
        product, source, target = product or self.product, source or self.stock, target or self.simple
        picking = self.env['stock.picking'].create({
            'picking_type_id': self.warehouse.int_type_id.id, 'location_id': source.id, 'location_dest_id': target.id,
            **vals})
        self.env['stock.move'].create({
            'picking_id': picking.id, 'product_id': product.id, 'product_uom_qty': quantity,
            'product_uom': product.uom_id.id, 'location_id': source.id, 'location_dest_id': target.id,
            'company_id': self.company.id})
        picking.action_confirm()
        if done:
            # Components take the place of kits.
            moves = picking.move_ids
            moves._amazon_complete()
            moves._amazon_set_date(date)
            picking.date_done = datetime.datetime.combine(date, datetime.time(12))
        return picking

    def check_way(self, on_way=20, lost=0):
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('inbound')), (100, on_way))
        self.assertEqual(self.quantity('loss'), lost)
        self.assertFalse(self.env['stock.quant']._get_available_quantity(self.product, self.simple))


@tagged('post_install', '-at_install')
class TestLedgerOpeningWay(WayCase):
    """What is under way on the first day is neither lost nor counted twice; Amazon has said nothing of shipments."""

    def open(self, *rows, choice='balance'):
        return super().open(*rows, choice=choice)

    # === TO AMAZON === #

    def test_what_was_sent_before_the_first_day_is_on_its_way(self):
        self.send(20, START - 3 * DAY, amazon_inbound_id=self.inbound.id)
        wizard = self.open(balance(100, month=9, day=30))
        self.check_way()
        lines = wizard.line_ids.filtered(lambda line: line.product_id == self.product)
        self.assertEqual({line.place: line.amazon_quantity for line in lines},
                         {'sellable': 100, 'inbound': 20})
        self.assertEqual((self.inbound.state, self.inbound.line_ids.sent), ('open', 20))
        self.book(row('Receipts', 20, reference=REF))
        self.inbound._refresh()
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('inbound')), (120, 0))
        self.assertEqual((self.inbound.state, self.inbound.line_ids.received), ('done', 20))

    def test_the_number_of_the_shipment_may_be_in_a_text(self):
        self.send(20, START - 3 * DAY, origin=f"Amazon {REF.lower()} (2 boxes)")
        self.open(balance(100, month=9, day=30))
        self.check_way()
        self.assertEqual(self.inbound.line_ids.sent, 20)

    def test_what_amazon_has_already_is_not_on_its_way(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.send(15, START - 3 * DAY, note="FBA Lager, box FBA15ABCDEF9U000001")
        self.open(balance(100, month=9, day=30), balance(20, country='PL', month=9, day=30))
        self.check_way(15)
        late = self.env['amazon.inbound'].search([('shipment_ref', '=', 'FBA15ABCDEF9')])
        self.assertEqual((late.line_ids.sent, self.inbound.line_ids.sent), (15, 0))

    def test_what_nobody_says_is_on_its_way_is_lost(self):
        self.send(20, START - 3 * DAY)
        self.send(10, START - 200 * DAY, amazon_inbound_id=self.inbound.id)
        self.open(balance(100, month=9, day=30))
        self.check_way(0, 30)

    def test_what_vendors_send_is_on_its_way(self):
        self.send(20, START + DAY, source=self.env.ref('stock.stock_location_suppliers'))
        self.open(balance(100, month=9, day=30))
        self.check_way()

    def test_what_was_taken_back_was_not_sent(self):
        self.send(20, START + DAY, amazon_inbound_id=self.inbound.id)
        self.send(5, START + 2 * DAY, source=self.simple, target=self.stock)
        self.open(balance(100, month=9, day=30))
        self.check_way(15)
        self.assertFalse(self.quantity('removal'))
        self.assertEqual(self.inbound.line_ids.sent, 15)

    def test_the_shipment_of_a_transfer_to_the_simple_location(self):
        self.seller.ledger_state = 'off'
        picking = self.send(20, START + DAY)
        self.assertEqual(picking.amazon_inbound_seller_id, self.seller)
        picking.amazon_inbound_id = self.inbound
        self.assertFalse(self.send(1, START + DAY, target=self.stock, source=self.simple).amazon_inbound_seller_id)

    def test_lots_that_were_sent_are_on_their_way(self):
        product = self._make_product('SKU-L', tracking='lot', stock=0)
        self.make_listing('SKU-L', product, channel='AMAZON_EU')
        old, new = self.env['stock.lot'].create([
            {'name': name, 'product_id': product.id, 'company_id': self.company.id} for name in ('OLD', 'NEW')])
        self.env['stock.quant']._update_available_quantity(product, self.stock, 2, lot_id=new)
        self.send(2, START - 3 * DAY, product=product, amazon_inbound_id=self.inbound.id)
        self.env['stock.quant']._update_available_quantity(product, self.simple, 2, lot_id=old)
        self.open(balance(2, sku='SKU-L', month=9, day=30), balance(100, month=9, day=30))
        quants = self.env['stock.quant'].search([('product_id', '=', product.id), ('quantity', '>', 0)])
        self.assertEqual({quant.location_id: quant.lot_id for quant in quants},
                         {self.place('inbound'): new, self.place('sellable', 'DE'): old})

    def test_open_transfers_go_to_amazon_by_the_ledger(self):
        picking = self.send(20, START, done=False)
        self.open(balance(100, month=9, day=30))
        self.assertEqual(picking.location_dest_id, self.place('inbound'))
        picking.move_ids._amazon_complete()
        self.check_way()

    # === FROM AMAZON === #

    def make_parcel(self, date, quantity=5, order_ref='R1'):
        removal = self.env['amazon.removal'].create(
            {'seller_id': self.seller.id, 'order_ref': order_ref, 'order_type': 'Return', 'request_date': START})
        parcel = self.env['amazon.removal.parcel'].create({
            'removal_id': removal.id, 'tracking_ref': f'T{order_ref}', 'shipment_date': date, 'is_expected': True})
        parcel._write_lines({('SKU-A', '', 'SELLABLE'): quantity})
        parcel._plan_receipt()
        return parcel

    def receive_parcel(self, parcel):
        parcel.picking_ids.move_ids._amazon_complete()
        self.assertEqual(parcel.line_ids.received, parcel.line_ids.quantity)

    def test_parcels_under_way_come_from_amazon(self):
        parcel = self.make_parcel(START - 2 * DAY)
        wizard = self.open(balance(95, month=9, day=30))
        self.assertIn(('removal', 5), [(line.place, line.amazon_quantity) for line in wizard.line_ids])
        self.assertEqual((self.quantity('removal'), self.quantity('loss')), (5, 0))
        self.receive_parcel(parcel)
        self.assertEqual((self.quantity('removal'), self.quantity('loss')), (0, 0))

    def share(self):
        """Let another seller keep his goods in the same location."""
        other = self.seller.copy({'name': "Other", 'home_marketplace': 'US', 'selling_partner_ref': 'A2TEST'})
        self.german.copy({'seller_id': other.id, 'fba_location_id': self.simple.id})

    def test_parcels_under_way_where_sellers_share_a_location(self):
        self.share()
        parcel = self.make_parcel(START - 2 * DAY)
        self.open(balance(95, month=9, day=30))
        self.assertEqual(self.quantity('removal'), 5)
        self.receive_parcel(parcel)
        self.assertEqual(self.quantity('removal'), 0)

    def test_goods_of_nobody_stay_where_sellers_share_a_location(self):
        self.share()
        self.env['stock.move'].create({
            'product_id': self.product.id, 'product_uom_qty': 20, 'product_uom': self.product.uom_id.id,
            'location_id': self.warehouse.lot_stock_id.id, 'location_dest_id': self.simple.id,
            'company_id': self.company.id})._amazon_complete()
        self.open(balance(100, month=9, day=30))
        self.assertEqual(self.quantity('inbound'), 0)
        self.assertEqual(self.env['stock.quant']._get_available_quantity(self.product, self.simple), 20)

    def test_parcels_since_the_first_day_are_the_ledgers(self):
        parcel = self.make_parcel(START + 2 * DAY)
        self.open(balance(100, month=9, day=30))
        self.assertEqual((self.quantity('removal'), self.quantity('loss')), (0, 0))
        self.book(row('VendorReturns', -5))
        self.receive_parcel(parcel)
        self.assertEqual((self.quantity('removal'), self.quantity('sellable', 'DE')), (0, 95))

    def test_parcels_of_before_that_were_received_since(self):
        self.receive_parcel(self.make_parcel(START - 2 * DAY))
        self.open(balance(95, month=9, day=30))
        self.assertEqual((self.quantity('removal'), self.quantity('loss')), (0, 0))

    def test_parcels_since_the_first_day_that_were_received(self):
        self.receive_parcel(self.make_parcel(START + 2 * DAY))
        self.open(balance(100, month=9, day=30))
        self.book(row('VendorReturns', -5))
        self.assertEqual((self.quantity('removal'), self.quantity('loss'), self.quantity('sellable', 'DE')), (0, 0, 95))

    def test_parcels_of_before_that_nobody_knew_of_are_found(self):
        self.open(balance(95, month=9, day=30))
        self.assertEqual(self.quantity('loss'), 5)
        self.receive_parcel(self.make_parcel(START - 2 * DAY))
        self.assertEqual((self.quantity('removal'), self.quantity('loss')), (0, 0))

    # === SALES === #

    def sell(self, quantity=2, shipped=None, created='2026-10-02T09:00:00Z'):
        """Return an order that Odoo has delivered today; Amazon's report says when it was shipped."""
        self.german.fba_confirm = self.german.fba_deliver = True
        sale = self.receive_sale(order(item('SKU-A', quantity, shipped=quantity), channel='AMAZON', status='SHIPPED',
                                       created=created))
        for number, (units, date) in enumerate(shipped or ()):
            self.env['amazon.fba.shipment'].create({
                'seller_id': self.seller.id, 'shipment_item_ref': f'{sale.id}-{number}', 'quantity': units,
                'order_ref': sale.amazon_order_ref, 'item_ref': sale._amazon_goods().amazon_item_ref, 'sku': 'SKU-A',
                'shipment_date': date, 'is_multichannel': False})
        return sale

    def check_sold(self, owed):
        self.assertEqual((self.quantity('dispatch'), self.quantity('loss')), (-owed, 0))

    def test_sales_are_counted_by_amazons_shipment(self):
        self.sell(2, [(2, START - DAY)])
        self.open(balance(98, month=9, day=30))
        self.check_sold(0)

    def test_sales_that_were_shipped_in_parts(self):
        self.sell(3, [(2, START - DAY), (1, START + DAY)])
        self.open(balance(98, month=9, day=30))
        self.check_sold(1)

    def test_sales_without_a_shipment_are_counted_by_their_day(self):
        self.sell(2, created='2026-09-20T09:00:00Z')
        self.sell(1)
        self.open(balance(98, month=9, day=30))
        self.check_sold(1)


@tagged('post_install', '-at_install')
class TestLedgerOpeningAge(WayCase):
    """Goods that are under way by an opening of long ago are as old as Amazon's shipments of them."""

    make_parcel, receive_parcel, sell = (
        TestLedgerOpeningWay.make_parcel, TestLedgerOpeningWay.receive_parcel, TestLedgerOpeningWay.sell)

    def ago(self, days):
        return fields.Date.today() - days * DAY

    def check_age(self, place, quantity, age, is_overdue=False):
        self.env.flush_all()
        self.env.invalidate_all()
        found = self.env['amazon.ledger.leftover'].search([('place', '=', place)])
        self.assertEqual([(entry.quantity, entry.age, entry.is_overdue) for entry in found],
                         [(quantity, age, is_overdue)])

    def open(self):
        return super().open(balance(100, month=9, day=30), choice='balance')

    def test_what_orders_have_taken_is_as_old_as_amazons_shipment(self):
        self.sell(3, [(1, self.ago(20)), (2, self.ago(3))])
        self.open()
        self.check_age('dispatch', -3, 20, True)
        shipped = row('Shipments', -1)
        self.book(shipped)
        self.check_age('dispatch', -2, 3)

    def test_without_a_shipment_it_is_as_old_as_the_order(self):
        self.sell(1, created=f'{self.ago(4)}T12:00:00Z')
        self.open()
        self.check_age('dispatch', -1, 4)

    def test_what_is_too_old_is_one_movement(self):
        """An opening makes as many movements as the last weeks have days, however long ago it is."""
        for days in (40, 30, 20, 2):
            self.sell(1, [(1, self.ago(days))])
        self.open()
        moves = self.env['stock.move'].search([('location_id', '=', self.place('dispatch').id)])
        self.assertEqual({move.date.date(): move.quantity for move in moves}, {self.ago(20): 3, self.ago(2): 1})
        self.check_age('dispatch', -4, 20, True)

    def test_what_is_on_its_way_to_amazon_is_as_old_as_its_transfer(self):
        for days in (100, 5):
            with self.subTest(days=days), self.env.cr.savepoint() as savepoint:
                self.send(20, self.ago(days), amazon_inbound_id=self.inbound.id)
                self.open()
                self.check_age('inbound', 20, days, days == 100)
                self.assertEqual(set(self.inbound.picking_ids.mapped(lambda picking: picking.date_done.date())),
                                 {self.ago(days)})
                savepoint.rollback()
                self.env.invalidate_all()

    def test_what_comes_back_is_as_old_as_its_parcel(self):
        parcel = self.make_parcel(START - 20 * DAY)
        self.open()
        self.check_age('removal', 5, (fields.Date.today() - START).days + 20, True)
        self.receive_parcel(parcel)
        self.assertFalse(self.quantity('removal'))

    def test_what_came_back_before_the_ledger_says_so_is_as_old_as_its_parcel(self):
        self.receive_parcel(self.make_parcel(self.ago(2)))
        self.open()
        self.check_age('removal', -5, 2)

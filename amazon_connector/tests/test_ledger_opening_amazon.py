import datetime

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..amazon_api.errors import AmazonError
from ..models.amazon_ledger_day import DAY
from .common import FakeAmazon
from .ledger_common import START, balance, row
from .test_ledger_opening import REF, WayCase

OTHER_REF = 'FBA15ABCDEF8'


class AmazonWayCase(WayCase):
    """Amazon was asked a fortnight after the first day, and its ledger is known until today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.last = START + 20 * DAY
        cls.classPatch(type(cls.days), '_get_last_date', lambda _model, _seller: cls.last)
        cls.seller.inbound_fetched = cls.at(14)

    @classmethod
    def at(cls, day):
        return datetime.datetime.combine(START + day * DAY, datetime.time(12))

    def know_ledger(self, *rows):
        """Store rows of the ledger from the first day until the last one that is complete."""
        self.store(*(rows or [row('Shipments', 0)]), last=(self.last - START).days + 1)

    def say(self, status, shipped=None, received=0, inbound=None, **items):
        """Let Amazon say the status of a shipment, and its quantities where it does."""
        inbound = inbound or self.inbound
        inbound.write({'amazon_status': status, 'items_read': shipped is not None and self.at(14)})
        units = {'SKU-A': (shipped, received)} if shipped is not None else {}
        self.env['amazon.inbound.item'].create([
            {'inbound_id': inbound.id, 'sku': sku.replace('_', '-'), 'shipped': announced, 'received': counted}
            for sku, (announced, counted) in {**units, **items}.items()])

    def check_start(self, on_way, lost, *rows):
        """Check that nothing is asked, and what is on its way and lost."""
        wizard = self.load(*(rows or [balance(100, month=9, day=30)]))
        self.assertFalse(wizard.is_undecided)
        self.assertEqual(sum(wizard.shipment_ids.mapped('on_way')), on_way)
        wizard.action_start()
        self.check_way(on_way, lost)

    def check_question(self, obstacle, *rows):
        """Check that nothing starts before a person has chosen; return the wizard."""
        wizard = self.load(*(rows or [balance(100, month=9, day=30)]))
        line = wizard.shipment_ids.filtered(lambda line: line.kind == 'way')
        self.assertEqual((line.obstacle, line.choice, wizard.is_undecided), (obstacle, False, True))
        with self.assertRaisesRegex(UserError, line.shipment_ref):
            wizard.action_start()
        self.assertEqual(self.seller.ledger_state, 'opening')
        return wizard


@tagged('post_install', '-at_install')
class TestLedgerOpeningAmazon(AmazonWayCase):
    """What Amazon says of shipments decides what was on its way; what it does not say, a person decides."""

    def test_old_losses_of_closed_shipments_are_not_on_their_way(self):
        self.send(20, START - 90 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('CLOSED', 20, 20)
        self.know_ledger()
        self.check_start(0, 20)
        self.assertFalse(self.inbound._get_missing())

    def test_nothing_is_on_its_way_of_shipments_that_were_given_up(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        for number, status in enumerate(('CANCELLED', 'DELETED', 'ABANDONED')):
            inbound = self.env['amazon.inbound'].create(
                {'seller_id': self.seller.id, 'shipment_ref': f'FBA15GONE{number}00'})
            self.send(5, START - 9 * DAY, amazon_inbound_id=inbound.id)
            self.say(status, 5, inbound=inbound)
        self.say('SHIPPED', 20)
        self.check_start(20, 15)

    def test_shipments_that_a_person_has_closed(self):
        self.send(20, START - 90 * DAY, amazon_inbound_id=self.inbound.id)
        self.seller.inbound_fetched = False
        self.inbound.action_close()
        self.know_ledger()
        self.check_start(0, 20)

    def test_what_odoo_does_not_count_is_not_asked(self):
        uncounted = {'is_storable': False}
        carton = self._make_product('CARTON', stock=0, **uncounted)
        picking = self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.send(2, START - 9 * DAY, product=carton, amazon_inbound_id=self.inbound.id)
        self.say('SHIPPED', 20)
        self.check_start(20, 0)
        self.assertEqual(picking.amazon_inbound_id.line_ids.product_id, self.product)

    def test_what_amazon_has_received_is_not_on_its_way(self):
        self.send(20, START - 90 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('RECEIVING', 20, 15)
        self.know_ledger()
        self.check_start(5, 15)

    def test_what_was_received_since_the_first_day_was_on_its_way(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('RECEIVING', 20, 15)
        self.know_ledger(row('Receipts', 12, reference=REF, day=5), row('Receipts', 4, reference='FBA15OTHER00'))
        self.check_start(17, 3)
        self.days.search([])._book()
        self.inbound._refresh()
        self.assertEqual((self.inbound.line_ids.received, self.inbound.line_ids.missing), (12, 5))

    def test_a_shipment_that_was_closed_since_the_first_day(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('CLOSED', 20, 18)
        self.know_ledger(row('Receipts', 18, reference=REF, day=5))
        self.check_start(20, 0)
        self.days.search([])._book()
        self.inbound._refresh()
        self.assertEqual((self.inbound.state, self.quantity('inbound')), ('short', 2))

    def test_what_is_on_its_way_by_amazon_is_so_whatever_odoo_lacks(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('IN_TRANSIT', 20)
        self.open(balance(110, month=9, day=30))
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('inbound'), self.quantity('loss')),
                         (110, 20, -10))

    def test_no_more_is_on_its_way_than_was_announced(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('SHIPPED', 18)
        self.check_start(18, 2)

    def test_transfers_of_one_shipment_share_what_is_on_its_way(self):
        self.send(10, START - 20 * DAY, amazon_inbound_id=self.inbound.id)
        self.send(10, START - 9 * DAY, origin=REF)
        self.say('RECEIVING', 20, 15)
        self.know_ledger()
        self.check_start(5, 15)

    def test_what_was_taken_back_is_not_on_its_way(self):
        picking = self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.send(5, START - 8 * DAY, source=self.simple, target=self.stock, return_id=picking.id)
        self.say('SHIPPED', 20)
        self.check_start(15, 0)

    def test_a_transfer_that_was_written_down_after_amazon_had_received_it(self):
        self.send(20, START + 5 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('CLOSED', 20, 20)
        self.know_ledger()
        self.open(balance(120, month=9, day=30))
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('inbound'), self.quantity('loss')),
                         (120, 0, 0))

    def test_long_ways_last_as_long_as_amazon_lists_the_shipment(self):
        self.send(20, START - 150 * DAY, origin=f"Sea freight {REF}")
        self.say('IN_TRANSIT', 20)
        self.check_start(20, 0)

    def test_kits_are_received_as_components(self):
        if 'mrp.bom' not in self.env:
            return
        kit = self._make_product('KIT', stock=0)
        self.env['mrp.bom'].create({'product_tmpl_id': kit.product_tmpl_id.id, 'type': 'phantom', 'bom_line_ids': [
            fields.Command.create({'product_id': self.product.id, 'product_qty': 2})]})
        self.make_listing('KIT', kit, channel='AMAZON_EU')
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('RECEIVING', KIT=(10, 4))
        self.inbound.items_read = self.at(14)
        self.know_ledger()
        self.check_start(12, 8)

    def test_kits_are_received_as_they_were_sent(self):
        if 'mrp.bom' not in self.env:
            return
        kit = self._make_product('KIT', stock=0)
        bill = self.env['mrp.bom'].create({
            'product_tmpl_id': kit.product_tmpl_id.id, 'type': 'phantom', 'bom_line_ids': [
                fields.Command.create({'product_id': self.product.id, 'product_qty': 2})]})
        self.make_listing('KIT', kit, channel='AMAZON_EU')
        self.send(10, START - 9 * DAY, product=kit, amazon_inbound_id=self.inbound.id)
        self.inbound._refresh()
        bill.bom_line_ids.product_qty = 5
        self.say('RECEIVING', KIT=(10, 4))
        self.inbound.items_read = self.at(14)
        self.know_ledger(row('Receipts', 1, sku='KIT', reference=REF, day=5))
        self.check_start(14, 6)

    # === NOT CERTAIN === #

    def test_a_shipment_of_which_amazon_was_not_asked(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.seller.inbound_fetched = False
        self.check_question('unasked')

    def test_a_shipment_that_amazon_does_not_list(self):
        self.send(20, START - 9 * DAY, origin=OTHER_REF)
        wizard = self.check_question('unlisted')
        line = wizard.shipment_ids
        self.assertEqual((line.shipment_ref, line.sent, line.on_way), (OTHER_REF, 20, 20))
        line.choice = 'amazon'
        with self.assertRaisesRegex(UserError, OTHER_REF):
            wizard.action_start()
        line.choice = 'none'
        wizard.action_show()
        self.assertEqual((wizard.shipment_ids.on_way, wizard.shipment_ids.choice), (0, 'none'))
        wizard.action_start()
        self.check_way(0, 20)

    def test_a_person_may_choose_what_amazons_balance_lacks(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        wizard = self.check_question('unlisted', balance(110, month=9, day=30))
        wizard.shipment_ids.choice = 'balance'
        wizard.action_show()
        self.assertEqual(wizard.shipment_ids.on_way, 10)
        wizard.action_start()
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('inbound'), self.quantity('loss')),
                         (110, 10, 0))

    def test_an_unknown_status_is_asked(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('ERROR', 20)
        self.check_question('status')

    def test_quantities_that_amazon_did_not_state_are_asked(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('RECEIVING')
        self.check_question('items')

    def test_products_that_amazon_does_not_name_are_asked(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('RECEIVING', OTHER=(20, 15))
        self.inbound.items_read = self.at(14)
        self.check_question('product')

    def test_a_ledger_that_is_not_there_is_asked(self):
        """Until it is, what was received may have been so since the first day."""
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('CLOSED', 20, 20)
        wizard = self.check_question('ledger')
        wizard.shipment_ids.choice = 'amazon'
        wizard.action_start()
        self.check_way(0, 20)

    def test_what_was_received_today_is_asked(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('RECEIVING', 20, 15)
        self.know_ledger()
        self.inbound.items_read = self.at(21)
        self.check_question('ledger')

    # === NAMES === #

    def make_user(self, *groups):
        return new_test_user(self.env, f'opening-{len(groups)}', ','.join(groups), company_id=self.company.id,
                             company_ids=[(6, 0, self.company.ids)])

    def test_shipments_that_no_transfer_names_are_shown_and_can_be_named(self):
        picking = self.send(20, START - 9 * DAY)
        done = self.send(5, START - 9 * DAY, origin=OTHER_REF)
        self.say('IN_TRANSIT', 20)
        manager = self.make_user('stock.group_stock_manager')
        wizard = self.load(balance(100, month=9, day=30)).with_user(manager)
        wizard = self.env['amazon.ledger.open'].with_user(manager).browse(
            self.env['amazon.ledger.open'].with_user(manager).action_open()['res_id'])
        line = wizard.shipment_ids.filtered(lambda line: line.kind == 'unnamed')
        self.assertEqual((line.shipment_ref, line.content), (REF, "SKU-A × 20"))
        self.assertEqual(wizard.candidate_ids, picking)
        self.assertFalse(self.quantity('inbound'))
        line.picking_id = done
        with self.assertRaisesRegex(UserError, "Choose the transfer"):
            line.action_name_transfer()
        line.picking_id = picking
        line.action_name_transfer()
        self.assertEqual(picking.amazon_inbound_id, self.inbound)
        self.assertFalse(wizard.shipment_ids.filtered(lambda line: line.kind == 'unnamed'))
        named = wizard.shipment_ids.filtered(lambda line: line.shipment_ref == REF)
        self.assertEqual((named.kind, named.on_way), ('way', 20))

    def test_a_transfer_that_is_chosen_stays_chosen_until_it_is_named(self):
        self.say('IN_TRANSIT', 20)
        self.say('IN_TRANSIT', 5, inbound=self.env['amazon.inbound'].create(
            {'seller_id': self.seller.id, 'shipment_ref': OTHER_REF}))
        pickings = {REF: self.send(20, START - 3 * DAY), OTHER_REF: self.send(5, START - 3 * DAY)}
        wizard = self.load(balance(100, month=9, day=30))

        def read():
            return {line.shipment_ref: line.picking_id for line in wizard.shipment_ids if line.kind == 'unnamed'}

        for line in wizard.shipment_ids:
            line.picking_id = pickings[line.shipment_ref]
        wizard.action_show()
        self.assertEqual(read(), pickings)
        wizard.shipment_ids.filtered(lambda line: line.shipment_ref == REF).action_name_transfer()
        self.assertEqual(read(), {OTHER_REF: pickings[OTHER_REF]})

    def test_nothing_is_invented_for_shipments_without_a_transfer(self):
        self.say('IN_TRANSIT', 20)
        self.open(balance(100, month=9, day=30))
        self.check_way(0, 0)

    def test_what_the_ledger_has_received_without_a_transfer_is_shown(self):
        self.know_ledger(row('Receipts', 5, reference=OTHER_REF))
        wizard = self.load(balance(100, month=9, day=30))
        self.assertEqual(
            [(line.kind, line.shipment_ref, line.since) for line in wizard.shipment_ids], [('unnamed', OTHER_REF, 5)])

    def test_transfers_that_are_not_done_though_amazon_has_received_them(self):
        picking = self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id, done=False)
        self.say('IN_TRANSIT', 20)
        self.assertFalse(self.load().shipment_ids)
        self.say('RECEIVING', SKU_A=(20, 3))
        line = self.show().shipment_ids
        self.assertEqual((line.kind, line.transfers), ('undone', picking.name))

    def test_who_works_in_the_warehouse_names_the_shipment_before_the_opening(self):
        user = self.make_user('stock.group_stock_user')
        for state in ('off', 'opening'):
            self.seller.ledger_state = state
            picking = self.send(20, START - 3 * DAY).with_user(user)
            picking.amazon_inbound_id = self.env['amazon.inbound'].with_user(user).with_context(
                default_seller_id=self.seller.id).name_create(f'FBA15{state.upper():0>7}'[:12])[0]
            self.assertEqual(picking.amazon_inbound_id.sudo().seller_id, self.seller)


@tagged('post_install', '-at_install')
class TestLedgerOpeningFetch(AmazonWayCase):
    """Amazon is asked about the shipments while the ledger is opened, once."""

    def setUp(self):
        super().setUp()
        self.patch(type(self.env['amazon.fba.shipment']), '_request_due', lambda _model, _seller: None)
        (self.seller.marketplace_ids - self.german).active = False
        self.seller.inbound_fetched = False
        self.shipments = {REF: 'CLOSED', OTHER_REF: 'IN_TRANSIT'}
        self.received = {'QuantityReceived': 15}
        self.amazon = FakeAmazon(
            getShipments=self.list_shipments, listInboundPlans={'inboundPlans': []},
            getShipmentItemsByShipmentId=lambda ref, **_query: {'ItemData': [
                {'SellerSKU': 'SKU-A', 'QuantityShipped': 20, **self.received}]},
            createReport=lambda **query: {'reportId': query['reportType']},
            getReport=lambda ref: {'reportId': ref, 'processingStatus': 'IN_PROGRESS'})

    def list_shipments(self, **query):
        statuses, refs = (query.get(name, '').split(',') for name in ('ShipmentStatusList', 'ShipmentIdList'))
        return {'ShipmentData': [{'ShipmentId': ref, 'ShipmentStatus': status}
                                 for ref, status in self.shipments.items() if status in statuses or ref in refs]}

    def fetch(self):
        self.run_flow('fba_stock', self.amazon)
        self.env.invalidate_all()

    def test_shipments_that_transfers_name_and_those_under_way_are_read(self):
        self.send(20, START - 9 * DAY, origin=REF)
        self.fetch()
        self.assertEqual((self.inbound.amazon_status, self.inbound.item_ids.received), ('CLOSED', 15))
        other = self.env['amazon.inbound'].search([('shipment_ref', '=', OTHER_REF)])
        self.assertEqual((other.amazon_status, other.item_ids.shipped), ('IN_TRANSIT', 20))
        self.assertTrue(self.inbound.items_read and other.items_read)
        reports = self.env['amazon.report'].search([('seller_id', '=', self.seller.id)])
        self.assertEqual(set(reports.mapped('report_type')),
                         {'GET_LEDGER_SUMMARY_VIEW_DATA', 'GET_LEDGER_DETAIL_VIEW_DATA'})

    def test_amazon_is_asked_once_and_again_when_a_person_wants_it(self):
        self.send(20, START - 9 * DAY, origin=OTHER_REF)
        self.fetch()
        self.fetch()
        self.assertEqual(len(self.amazon.named('getShipments')), 1)
        self.shipments[OTHER_REF] = 'CLOSED'
        self.load().action_refresh()
        self.fetch()
        other = self.env['amazon.inbound'].search([('shipment_ref', '=', OTHER_REF)])
        self.assertEqual(other.amazon_status, 'CLOSED')

    def test_what_was_open_before_is_asked_by_its_number(self):
        self.inbound.amazon_status = 'IN_TRANSIT'
        self.fetch()
        self.assertEqual(self.inbound.amazon_status, 'CLOSED')

    def test_a_quantity_that_is_not_stated_is_not_zero(self):
        self.received = {}
        self.send(20, START - 9 * DAY, origin=OTHER_REF)
        self.fetch()
        other = self.env['amazon.inbound'].search([('shipment_ref', '=', OTHER_REF)])
        self.assertEqual((other.item_ids.shipped, other.items_read), (20, False))
        self.check_question('items')

    def test_a_refusal_stops_nothing_else(self):
        self.send(20, START - 9 * DAY, origin=REF)
        self.amazon.answers['getShipments'] = AmazonError("No", operation='getShipments', status=400, code='Bad')
        self.fetch()
        self.assertIn("Shipments to Amazon", self.sync.error)
        self.assertTrue(self.env['amazon.report'].search([('state', '=', 'asked')]))
        self.check_question('unlisted')

    def test_days_that_were_read_for_an_opening_are_forgotten_with_it(self):
        self.know_ledger()
        wizard = self.load()
        self.assertTrue(self.days.search([('seller_id', '=', self.seller.id)]))
        wizard.action_cancel()
        self.assertFalse(self.days.search([('seller_id', '=', self.seller.id)]))
        self.assertEqual((self.seller.ledger_state, self.seller.ledger_start), ('off', False))

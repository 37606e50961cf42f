import itertools

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..amazon_api.errors import AmazonError
from ..models.amazon_ledger_day import DAY
from .common import FakeAmazon
from .ledger_common import LedgerCase, row

REF, OTHER_REF = 'FBA15ABCDEF0', 'FBA15ABCDEF1'


class InboundCase(LedgerCase):
    """Transfers of a warehouse to Amazon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inbounds = cls.env['amazon.inbound']
        cls.type = cls.seller._make_inbound_types().filtered(lambda kind: kind.warehouse_id == cls.warehouse)
        cls.stockman = cls.make_user('inbound-user', 'stock.group_stock_user')
        cls.manager = cls.make_user('inbound-manager', 'stock.group_stock_manager')

    @classmethod
    def make_user(cls, login, groups):
        return new_test_user(cls.env, login, groups, company_id=cls.company.id,
                             company_ids=[(6, 0, cls.company.ids)])

    def make_transfer(self, *goods, ref=REF, lots=None):
        """Return a transfer of goods (pairs of product and pieces) that waits for its validation."""
        picking = self.env['stock.picking'].create({
            'picking_type_id': self.type.id, 'location_id': self.type.default_location_src_id.id,
            'location_dest_id': self.type.default_location_dest_id.id})
        self.env['stock.move'].create([{
            'picking_id': picking.id, 'product_id': product.id, 'product_uom_qty': pieces,
            'product_uom': product.uom_id.id, 'location_id': picking.location_id.id,
            'location_dest_id': picking.location_dest_id.id} for product, pieces in goods])
        if ref:
            picking.amazon_inbound_id = self.inbounds.with_context(default_seller_id=self.seller.id).name_create(ref)[0]
        picking.action_confirm()
        for move in picking.move_ids:
            if lots:
                move.move_line_ids.unlink()
                move.move_line_ids = [(0, 0, {**move._prepare_move_line_vals(), 'lot_id': lot.id, 'quantity': pieces})
                                      for lot, pieces in lots]
            else:
                move.quantity = move.product_uom_qty
            move.picked = True
        return picking

    def send(self, *goods, **options):
        picking = self.make_transfer(*(goods or [(self.product, 10)]), **options)
        picking._action_done()
        self.env.invalidate_all()
        return picking

    def receive_units(self, *rows, **options):
        days = self.book(*rows, **options)
        self.inbounds._find_received(self.seller)
        self.inbounds.search([])._refresh()
        self.env.invalidate_all()
        return days

    def numbers(self, inbound, product=None):
        """Return sent, received, missing and too much of a product."""
        line = inbound.line_ids.filtered(lambda line: line.product_id == (product or self.product))
        return line.sent, line.received, line.missing, line.extra


@tagged('post_install', '-at_install')
class TestInbound(InboundCase):
    """A transfer to Amazon is closed by what the ledger receives with its id, in parts and over weeks."""

    def test_every_warehouse_has_the_operation(self):
        second = self.env['stock.warehouse'].create({'name': "Second", 'code': 'SEC', 'company_id': self.company.id})
        types = self.seller._make_inbound_types()
        self.assertEqual(types.warehouse_id & (second | self.warehouse), second | self.warehouse)
        self.assertEqual(types.default_location_dest_id, self.place('inbound'))
        self.assertEqual(self.seller._make_inbound_types(), types)
        self.seller.ledger_state = 'off'
        self.assertFalse(self.seller._make_inbound_types())

    def test_two_sellers_of_a_company_have_names_of_their_own(self):
        other = self.seller.copy({'name': "Other", 'home_marketplace': 'US', 'selling_partner_ref': 'A2TEST'})
        other.ledger_state = 'on'
        types = (self.seller | other).mapped(lambda seller: seller._make_inbound_types())
        codes = types.filtered(lambda kind: kind.warehouse_id == self.warehouse).mapped('sequence_code')
        self.assertEqual(sorted(codes), ['FBA', 'FBA2'])

    def test_goods_arrive_in_parts(self):
        picking = self.send()
        inbound = picking.amazon_inbound_id
        self.assertEqual((self.quantity('inbound'), inbound.state), (10, 'open'))
        self.receive_units(row('Receipts', 6, reference=REF, country='PL'))
        self.assertEqual(self.numbers(inbound), (10, 6, 4, 0))
        self.assertEqual((inbound.state, inbound.last_receipt.day), ('open', 1))
        self.receive_units(row('Receipts', 3, reference=REF, country='PL', day=20),
                           row('Receipts', 1, reference=REF, country='DE', day=20), first=20, last=20)
        self.assertEqual(self.numbers(inbound), (10, 10, 0, 0))
        self.assertEqual((inbound.state, self.quantity('inbound')), ('done', 0))

    def test_another_shipment_closes_nothing(self):
        inbound = self.send().amazon_inbound_id
        self.receive_units(row('Receipts', 10, reference=OTHER_REF))
        self.assertEqual(self.numbers(inbound), (10, 0, 10, 0))
        other = self.inbounds.search([('shipment_ref', '=', OTHER_REF)])
        self.assertEqual((self.numbers(other), other.state), ((0, 10, 0, 10), 'open'))

    def test_units_taken_back_by_the_ledger_count_less(self):
        inbound = self.send().amazon_inbound_id
        self.receive_units(row('Receipts', 6, reference=REF), row('Receipts', 4, reference=REF))
        self.receive_units(row('Receipts', 6, reference=REF), row('Shipments', -1))
        self.assertEqual(self.numbers(inbound), (10, 6, 4, 0))
        self.assertEqual(inbound.state, 'open')

    def test_what_came_back_to_the_warehouse_was_not_sent(self):
        picking = self.send()
        wizard = self.env['stock.return.picking'].with_context(
            active_id=picking.id, active_ids=picking.ids, active_model='stock.picking').create({})
        wizard.product_return_moves.quantity = 4
        back = self.env['stock.picking'].browse(wizard.action_create_returns()['res_id'])
        back.move_ids.write({'quantity': 4, 'picked': True})
        back._action_done()
        back.amazon_inbound_id = picking.amazon_inbound_id
        self.env.invalidate_all()
        self.assertEqual(self.numbers(picking.amazon_inbound_id), (6, 0, 6, 0))

    def test_a_backorder_is_of_the_same_shipment_and_a_copy_is_not(self):
        picking = self.make_transfer((self.product, 10))
        picking.move_ids.quantity = 7
        picking._action_done()
        backorder = self.env['stock.picking'].search([('backorder_id', '=', picking.id)])
        self.assertEqual(backorder.amazon_inbound_id, picking.amazon_inbound_id)
        self.assertFalse(picking.copy().amazon_inbound_id)

    def test_two_transfers_of_one_shipment(self):
        self.send((self.product, 10))
        inbound = self.send((self.product, 5), (self.other_product, 2)).amazon_inbound_id
        self.receive_units(row('Receipts', 15, reference=REF), row('Receipts', 3, reference=REF, sku='SKU-B'))
        self.assertEqual(self.numbers(inbound), (15, 15, 0, 0))
        self.assertEqual(self.numbers(inbound, self.other_product), (2, 3, 0, 1))

    # === ID === #

    def test_the_id_is_typed_or_scanned_from_a_box(self):
        picking = self.make_transfer((self.product, 1), ref=None)
        with Form(picking.with_user(self.stockman)) as form:
            self.assertEqual(form.amazon_inbound_seller_id, self.seller)
        names = self.inbounds.with_user(self.stockman).with_context(default_seller_id=self.seller.id)
        first = names.name_create(' fba15abcdef0 ')[0]
        self.assertEqual(names.name_create('FBA15ABCDEF0U000012')[0], first)
        self.assertEqual(self.inbounds.browse(first).shipment_ref, REF)
        for wrong in ('', 'hello world!', '12345', "FBA'; DROP"):
            with self.assertRaisesRegex(UserError, "no shipment"):
                names.name_create(wrong)

    def test_an_id_of_another_transfer_or_seller_is_refused(self):
        other = self.seller.copy({'name': "Other", 'home_marketplace': 'US', 'selling_partner_ref': 'A2TEST'})
        foreign = self.inbounds.create({'seller_id': other.id, 'shipment_ref': REF})
        picking = self.make_transfer((self.product, 1), ref=None)
        with self.assertRaises(ValidationError):
            picking.amazon_inbound_id = foreign
        delivery = self.env['stock.picking'].create({
            'picking_type_id': self.warehouse.out_type_id.id, 'location_id': self.warehouse.lot_stock_id.id,
            'location_dest_id': self.env.ref('stock.stock_location_customers').id})
        with self.assertRaises(ValidationError):
            delivery.amazon_inbound_id = self.inbounds.create({'seller_id': self.seller.id, 'shipment_ref': REF})

    def test_the_id_stays_once_goods_were_sent(self):
        inbound = self.send().amazon_inbound_id
        with self.assertRaisesRegex(UserError, "another shipment"):
            inbound.with_user(self.stockman).shipment_ref = OTHER_REF
        inbound.with_user(self.stockman).country_id = self.env.ref('base.pl')
        with self.assertRaises(AccessError):
            inbound.with_user(self.stockman).is_closed = True

    # === LOTS === #

    def make_lots(self, tracking, *quantities):
        product = self._make_product('LOT', tracking=tracking)
        self.make_listing('LOT', product, channel='AMAZON_EU', fnsku='X00LOT')
        lots = self.env['stock.lot'].create([{'product_id': product.id, 'name': f'L{number}',
                                              'company_id': self.company.id} for number in range(len(quantities))])
        for lot, quantity in zip(lots, quantities, strict=True):
            self.env['stock.quant']._update_available_quantity(product, self.warehouse.lot_stock_id, quantity,
                                                               lot_id=lot)
        return product, lots

    def lots_at(self, kind, country, product):
        quants = self.env['stock.quant'].search([('location_id', '=', self.place(kind, country).id),
                                                 ('product_id', '=', product.id), ('quantity', '!=', 0)])
        return {quant.lot_id.name: quant.quantity for quant in quants}

    def test_receipts_take_the_lots_of_their_shipment(self):
        product, (first, second) = self.make_lots('lot', 10, 10)
        self.send((product, 5), lots=[(first, 5)], ref=OTHER_REF)
        self.send((product, 6), lots=[(second, 6)])
        self.receive_units(row('Receipts', 4, sku='LOT', reference=REF),
                           row('Receipts', 1, sku='LOT', reference=REF, disposition='WAREHOUSE_DAMAGED'))
        self.assertEqual(self.lots_at('sellable', 'DE', product), {'L1': 4})
        self.assertEqual(self.lots_at('unsellable', 'DE', product), {'L1': 1})
        self.assertEqual(self.lots_at('inbound', None, product), {'L0': 5, 'L1': 1})
        self.receive_units(row('Receipts', 3, sku='LOT', reference=REF),
                           row('Receipts', 1, sku='LOT', reference=REF, disposition='WAREHOUSE_DAMAGED'))
        self.assertEqual(self.lots_at('sellable', 'DE', product), {'L1': 3}, "what is taken back has the same lot")

    def test_serial_numbers_of_one_day_are_not_taken_twice(self):
        product, serials = self.make_lots('serial', *[1] * 4)
        self.send((product, 4), lots=[(lot, 1) for lot in serials])
        self.receive_units(row('Receipts', 2, sku='LOT', reference=REF),
                           row('Receipts', 1, sku='LOT', reference=REF, country='PL'))
        found = {**self.lots_at('sellable', 'DE', product), **self.lots_at('sellable', 'PL', product)}
        self.assertEqual(len(found), 3)
        self.assertEqual(len(self.lots_at('inbound', None, product)), 1)
        self.assertFalse([name for name in found if 'UNKNOWN' in name])


@tagged('post_install', '-at_install')
class TestInboundShort(InboundCase):
    """What is missing when Amazon has closed a shipment stays in transit, is offered as a claim, and is written off by
    choice.
    """

    def setUp(self):
        super().setUp()
        self.inbound = self.send().amazon_inbound_id
        self.receive_units(row('Receipts', 7, reference=REF))

    def close(self):
        self.inbound.with_user(self.manager).action_close()
        self.env.invalidate_all()

    def test_missing_units_are_offered_once_the_shipment_is_closed(self):
        self.inbound.last_receipt = fields.Date.today()
        self.assertFalse(self.inbound._get_missing())
        self.close()
        self.assertEqual((self.inbound.state, self.quantity('inbound')), ('short', 3))
        missing, = self.inbound._get_missing()
        self.assertEqual((missing.inbound, missing.product, missing.sent, missing.received, missing.missing),
                         (self.inbound, self.product, 10, 7, 3))

    def test_missing_units_are_offered_after_a_month_without_receipts(self):
        self.inbound.last_receipt = fields.Date.today() - 30 * DAY
        self.inbound.picking_ids.date_done = fields.Datetime.now() - 40 * DAY
        self.assertFalse(self.inbound._get_missing())
        self.inbound.last_receipt -= DAY
        self.assertEqual(len(self.inbound._get_missing()), 1)

    def test_late_receipts_close_it_by_themselves(self):
        self.close()
        self.receive_units(row('Receipts', 3, reference=REF, day=9), first=9, last=9)
        self.assertEqual(self.inbound.state, 'done')
        self.assertFalse(self.inbound._get_missing())

    def test_missing_units_are_written_off_with_a_reason_by_a_manager(self):
        self.inbound.note = "Not found"
        with self.assertRaisesRegex(UserError, "still"):
            self.inbound.with_user(self.manager).action_write_off()
        self.close()
        for user in (self.stockman, self.make_user('inbound-admin', 'amazon_connector.group_amazon_admin')):
            with self.assertRaises(AccessError):
                self.inbound.with_user(user).action_write_off()
        self.inbound.note = False
        with self.assertRaisesRegex(UserError, "reason"):
            self.inbound.with_user(self.manager).action_write_off()
        self.inbound.with_user(self.manager).note = "Not found"
        self.inbound.with_user(self.manager).action_write_off()
        self.env.invalidate_all()
        self.assertEqual((self.inbound.state, self.inbound.user_id), ('done', self.manager))
        self.assertEqual((self.quantity('inbound'), self.quantity('loss')), (0, 3))
        self.assertEqual(self.inbound.line_ids.written_off, 3)
        self.assertFalse(self.inbound._get_missing())
        with self.assertRaisesRegex(UserError, "Nothing"):
            self.inbound.with_user(self.manager).action_write_off()
        with self.assertRaisesRegex(UserError, "written off"):
            self.inbound.picking_ids.with_user(self.manager).amazon_inbound_id = False

    def test_what_comes_after_the_write_off_is_too_much_and_can_be_taken_in(self):
        self.close()
        self.inbound.note = "Not found"
        self.inbound.with_user(self.manager).action_write_off()
        self.receive_units(row('Receipts', 3, reference=REF, day=9), first=9, last=9)
        self.assertEqual(self.numbers(self.inbound), (10, 10, 0, 3))
        self.assertEqual(self.quantity('inbound'), -3)
        self.inbound.with_user(self.manager).action_write_off()
        self.assertEqual((self.quantity('inbound'), self.quantity('loss')), (0, 0))

    def test_who_works_in_the_warehouse_does_not_move_what_is_closed(self):
        self.close()
        picking = self.inbound.picking_ids
        with self.assertRaises(AccessError):
            picking.with_user(self.stockman).amazon_inbound_id = False
        picking.with_user(self.manager).amazon_inbound_id = False
        self.env.invalidate_all()
        self.assertEqual(self.numbers(self.inbound), (0, 7, 0, 7))

    def test_the_stock_in_transit_has_the_country_of_the_shipment(self):
        self.inbound.country_id = self.env.ref('base.pl')
        self.send((self.product, 4), ref=None)
        self.env.flush_all()
        found = self.env['amazon.fba.stock'].search([('product_id', '=', self.product.id), ('place', '=', 'inbound')])
        self.assertEqual({stock.country_id.code: stock.quantity for stock in found}, {'PL': 3, False: 4})
        self.assertEqual(self.product.with_user(self.stockman).amazon_fba_quantity, 7 + 3 + 4)
        self.assertEqual(self.product.product_tmpl_id.amazon_fba_quantity, 14)
        action = self.product.product_tmpl_id.with_user(self.stockman).action_amazon_fba_stock()
        self.assertEqual(sum(self.env['amazon.fba.stock'].search(action['domain']).mapped('quantity')), 14)
        self.assertEqual(len(self.env['amazon.fba.stock'].search([]).ids), len(set(
            self.env['amazon.fba.stock'].search([]).ids)))


@tagged('post_install', '-at_install')
class TestInboundFetch(InboundCase):
    """What Amazon says of shipments: once a day, and only while transfers are open."""

    def setUp(self):
        super().setUp()
        (self.seller.marketplace_ids - self.german).active = False
        self.amazon = FakeAmazon(
            getShipments=lambda **query: {'ShipmentData': self.listed(**query)},
            getShipmentItemsByShipmentId=lambda ref, **_query: {'ItemData': [
                {'SellerSKU': 'SKU-A', 'QuantityShipped': 10, 'QuantityReceived': 4}]},
            listInboundPlans={'inboundPlans': []}, createReport=lambda **_query: {'reportId': f'R{next(NUMBERS)}'},
            getReport=lambda ref: {'reportId': ref, 'processingStatus': 'IN_PROGRESS'})
        self.shipments = {REF: 'RECEIVING', OTHER_REF: 'WORKING'}

    def listed(self, **query):
        statuses, refs = (query.get(name, '').split(',') for name in ('ShipmentStatusList', 'ShipmentIdList'))
        return [{'ShipmentId': ref, 'ShipmentName': "Boxes", 'DestinationFulfillmentCenterId': 'WRO5',
                 'ShipmentStatus': status, 'AreCasesRequired': False, 'ShipFromAddress': {'Name': "Lager"}}
                for ref, status in self.shipments.items() if status in statuses or ref in refs]

    def sync_now(self):
        self.seller.inbound_fetched = False
        self.run_flow('fba_stock', self.amazon)
        self.env.invalidate_all()

    def count_calls(self, operation='getShipments'):
        return len(self.amazon.named(operation))

    def test_shipments_are_listed_to_be_chosen_with_their_country(self):
        self.make_transfer((self.product, 1), ref=None)
        self.sync_now()
        found = self.inbounds.search([], order='shipment_ref')
        self.assertEqual(found.mapped('shipment_ref'), [REF, OTHER_REF])
        self.assertEqual(found.mapped('country_id.code'), ['PL'])
        self.assertEqual(found.mapped('amazon_status'), ['RECEIVING', 'WORKING'])

    def test_nothing_is_asked_without_open_transfers_or_twice_a_day(self):
        self.sync_now()
        self.assertFalse(self.count_calls())
        self.send()
        self.sync_now()
        self.assertEqual(self.count_calls(), 1)
        self.run_flow('fba_stock', self.amazon)
        self.assertEqual(self.count_calls(), 1)

    def test_amazon_closes_a_shipment(self):
        inbound = self.send().amazon_inbound_id
        self.shipments[REF] = 'CLOSED'
        self.sync_now()
        self.assertEqual((inbound.is_closed, inbound.state), (True, 'short'))
        self.assertEqual((inbound.item_ids.shipped, inbound.item_ids.received), (10, 4))
        self.assertEqual(len(inbound._get_missing()), 1)
        self.assertEqual(self.count_calls('listInboundPlans'), 0)

    def test_amazon_opens_a_shipment_again(self):
        inbound = self.send().amazon_inbound_id
        self.shipments[REF] = 'CLOSED'
        self.sync_now()
        self.shipments[REF] = 'RECEIVING'
        self.sync_now()
        self.assertEqual((inbound.amazon_status, inbound.is_closed, inbound.state), ('RECEIVING', False, 'open'))
        self.assertFalse(inbound._get_missing())

    def test_a_closed_shipment_that_is_deleted_is_cancelled(self):
        inbound = self.send().amazon_inbound_id
        self.shipments = {REF: 'CLOSED'}
        self.sync_now()
        self.shipments[REF] = 'DELETED'
        self.sync_now()
        self.assertEqual((inbound.is_closed, inbound.state), (False, 'cancel'))

    def test_pages_are_followed(self):
        self.make_transfer((self.product, 1), ref=None)
        one = [self.listed(ShipmentIdList=ref)[0] for ref in (REF, OTHER_REF)]
        self.amazon.answers['getShipments'] = [{'ShipmentData': one[:1], 'NextToken': 'T'}, {'ShipmentData': one[1:]}]
        self.sync_now()
        self.assertEqual(self.inbounds.search_count([]), 2)
        self.assertEqual(self.amazon.named('getShipments')[1][1]['QueryType'], 'NEXT_TOKEN')

    def test_a_shipment_that_only_plans_have_is_found_there(self):
        inbound = self.send().amazon_inbound_id
        self.shipments = {}
        plans = [{'inboundPlanId': f'wf{number}', 'name': "Plan", 'status': 'ACTIVE'} for number in (1, 2)]
        self.amazon.answers.update({
            'listInboundPlans': {'inboundPlans': plans},
            'getInboundPlan': lambda plan: (
                AmazonError("Not supported", operation='getInboundPlan', status=400, code='BadRequest')
                if plan == 'wf1' else {'shipments': [{'shipmentId': 'sh1', 'status': 'CLOSED'}]}),
            'inbound.getShipment': {'shipmentId': 'sh1', 'shipmentConfirmationId': REF, 'status': 'CLOSED',
                                    'name': "Planned", 'destination': {'warehouseId': 'LEJ1'}}})
        self.sync_now()
        self.assertEqual((inbound.name, inbound.country_id.code, inbound.is_closed), ("Planned", 'DE', True))

    def test_entries_that_cannot_be_read_harm_no_other_and_are_shown(self):
        inbound = self.send().amazon_inbound_id
        good = self.listed(ShipmentIdList=REF)
        self.amazon.answers['getShipments'] = {'ShipmentData': [{'ShipmentName': "no id"}, 7, *good]}
        self.amazon.answers['getShipmentItemsByShipmentId'] = {'ItemData': [{'QuantityShipped': 'many'}]}
        self.sync_now()
        self.assertEqual(inbound.amazon_status, 'RECEIVING')
        self.assertTrue(self.sync.error)

    def test_a_refusal_stops_nothing_else(self):
        self.send()
        self.amazon.answers['getShipments'] = AmazonError("No", operation='getShipments', status=400, code='Bad')
        self.book(row('Receipts', 6, reference=REF))
        self.sync_now()
        self.assertEqual(self.inbounds.search([('shipment_ref', '=', REF)]).line_ids.received, 6)
        self.assertIn("Shipments to Amazon", self.sync.error)


NUMBERS = itertools.count(1000)

import datetime
import itertools

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..amazon_api.errors import AmazonError, RateLimited, Unavailable
from .claims_common import ORDERS, ClaimsCase, parcel, removal
from .common import FakeAmazon
from .ledger_common import balance, row


@tagged('post_install', '-at_install')
class TestRemovals(ClaimsCase):
    """Removal orders are what Amazon reports of them; their parcels are received by tracking number."""

    def receive_in_warehouse(self, picking, quantities=None, backorder=True):
        """Receive a picking, or so many pieces by product; return the backorder."""
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty if quantities is None else quantities.get(move.product_id, 0)
            move.picked = True
        picking.with_context(skip_backorder=True, cancel_backorder=not backorder,
                             picking_ids_not_to_backorder=[] if backorder else picking.ids).button_validate()
        self.assertEqual(picking.state, 'done')
        return picking.backorder_ids

    # === ORDERS === #

    def test_an_order_is_replaced_as_a_whole_by_what_amazon_reports(self):
        self.remove(removal(5, status='Pending'), removal(3, disposition='Unsellable', status='Pending'))
        order = self.remove(removal(6, shipped=6, updated=5))
        self.assertEqual((len(order), len(order.line_ids), order.requested, order.shipped), (1, 1, 6, 6))
        self.assertEqual((order.is_open, order.line_ids.product_id), (False, self.product))

    def test_sellable_and_unsellable_units_are_lines_of_their_own(self):
        order = self.remove(removal(5), removal(3, disposition='Unsellable'))
        self.assertEqual(order.line_ids.sorted('requested').mapped('requested'), [3, 5])

    def test_a_report_that_was_held_up_does_not_undo_a_later_one(self):
        self.remove(removal(6, shipped=6, updated=9))
        order = self.remove(removal(6, updated=2, status='Pending'))
        self.assertEqual((order.shipped, order.is_open), (6, False))

    def test_lines_stay_where_a_row_cannot_be_read(self):
        self.remove(removal(5), removal(3, disposition='Unsellable'))
        report = self.import_claims(
            'amazon.removal', 'GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA', ORDERS,
            [removal(6, updated=5), removal(3, disposition='Unsellable').replace('\t3\t', '\tthree\t')])
        self.assertEqual(report.problem_count, 1)
        self.assertEqual(self.env['amazon.removal'].search([]).line_ids.sorted('requested').mapped('requested'), [3, 6])

    def test_unknown_words_are_kept_and_stop_nothing(self):
        order = self.remove(removal(5, kind='Teleport', status='Pondering', disposition='Haunted'))
        self.assertEqual((order.order_type, order.status, order.is_open), ('Teleport', 'Pondering', True))
        self.assertEqual(order.line_ids.requested, 5)

    def test_units_that_never_left_are_counted_once_the_order_is_done(self):
        self.assertEqual(self.remove(removal(5, shipped=2, cancelled=1, status='Pending')).missing, 0)
        self.assertEqual(self.remove(removal(5, shipped=2, cancelled=1, updated=9)).missing, 2)

    def test_what_was_disposed_of_comes_by_the_ledger_alone(self):
        before = self.env['stock.move'].search_count([])
        self.remove(removal(5, disposed=5, kind='Disposal'))
        self.assertEqual(self.env['stock.move'].search_count([]), before)

    # === PARCELS === #

    def test_a_parcel_is_received_by_its_tracking_number(self):
        self.book(row('Receipts', 5), row('VendorReturns', -3, day=2), last=2)
        found = self.send_back(parcel(3))
        picking = found.picking_ids
        self.assertEqual((picking.location_id, picking.picking_type_id, picking.carrier_tracking_ref),
                         (self.place('removal'), self.warehouse.in_type_id, 'T1'))
        self.assertEqual((picking.state, found.state, found.missing), ('assigned', 'waiting', 3))
        self.assertEqual(self.env['stock.picking'].search([('origin', 'ilike', 'T1')]), picking)
        before = self.product.with_context(location=self.warehouse.lot_stock_id.id).qty_available
        self.receive_in_warehouse(picking)
        self.env.invalidate_all()
        self.assertEqual((self.quantity('removal'), found.state, found.missing), (0, 'received', 0))
        self.assertEqual(self.product.with_context(location=self.warehouse.lot_stock_id.id).qty_available, before + 3)

    def test_a_receipt_waits_for_the_ledger(self):
        found = self.send_back(parcel(3))
        self.assertEqual(found.picking_ids.state, 'confirmed')
        self.book(row('Receipts', 5), row('VendorReturns', -3, day=2), last=2)
        found._follow_some()
        self.assertEqual(found.picking_ids.state, 'assigned')

    def test_a_parcel_that_is_reported_again_is_not_received_twice(self):
        self.send_back(parcel(3))
        found = self.send_back(parcel(3))
        self.assertEqual((len(found), len(found.picking_ids), found.picking_ids.move_ids.product_uom_qty), (1, 1, 3))
        self.receive_in_warehouse(found.picking_ids)
        self.assertEqual(len(self.send_back(parcel(3)).picking_ids), 1)

    def test_rows_of_one_parcel_are_added_up(self):
        found = self.send_back(parcel(2), parcel(1), parcel(1, sku='SKU-B'), parcel(1, disposition='Unsellable'))
        self.assertEqual((len(found), found.quantity, len(found.line_ids)), (1, 5, 3))
        self.assertEqual(len(found.picking_ids), 1)

    def test_two_orders_may_share_a_tracking_number(self):
        found = self.send_back(parcel(2), parcel(1, ref='REM2'))
        self.assertEqual((len(found), len(found.picking_ids)), (2, 2))

    def test_a_parcel_that_grows_is_received_by_its_difference(self):
        found = self.send_back(parcel(2))
        self.receive_in_warehouse(found.picking_ids)
        self.send_back(parcel(5))
        new = found.picking_ids.filtered(lambda picking: picking.state != 'done')
        self.assertEqual((new.move_ids.product_uom_qty, found.missing), (3, 3))

    def test_a_report_with_fewer_rows_expects_no_less(self):
        """Amazon's report of the same days has now more, now fewer rows (#4333, #5323), of what has left for good."""
        found = self.send_back(parcel(3), parcel(2), parcel(1, sku='SKU-B'), start='2026-09-01')
        for rows in ([parcel(2)], [parcel(1, sku='SKU-B')], [parcel(3), parcel(2), parcel(1, sku='SKU-B')]):
            self.send_back(*rows, start='2026-09-01')
            self.assertEqual({move.product_id: move.product_uom_qty for move in found.picking_ids.move_ids},
                             {self.product: 5, self.other_product: 1})
            self.assertEqual((found.missing, found.quantity, len(found.line_ids)), (6, 6, 2))

    def test_what_the_warehouse_has_received_stays_received(self):
        found = self.send_back(parcel(5), parcel(1, sku='SKU-B'), start='2026-09-01')
        self.receive_in_warehouse(found.picking_ids)
        self.send_back(parcel(2), start='2026-09-01')
        self.assertEqual((found.quantity, found.received, found.state, len(found.picking_ids)), (6, 6, 'received', 1))
        self.assertFalse(self.find(month=12))

    def test_units_of_another_condition_are_the_same_units(self):
        found = self.send_back(parcel(3), start='2026-09-01')
        self.send_back(parcel(3, disposition='Unsellable'), start='2026-09-01')
        self.assertEqual((found.picking_ids.move_ids.product_uom_qty, found.missing), (3, 3))
        self.receive_in_warehouse(found.picking_ids, {self.product: 2}, backorder=False)
        self.send_back(parcel(1), parcel(2, disposition='Unsellable'), start='2026-09-01')
        self.assertEqual((len(found.picking_ids), found.quantity, found.received, found.missing), (1, 3, 2, 1))

    def test_a_report_that_begins_within_a_parcel_makes_it_no_smaller(self):
        found = self.send_back(parcel(5), start='2026-09-01')
        self.send_back(parcel(2, day=4), start='2026-10-04')
        self.assertEqual(found.quantity, 5)

    def test_what_the_warehouse_refuses_is_not_expected_again(self):
        found = self.send_back(parcel(3))
        self.receive_in_warehouse(found.picking_ids, {self.product: 1}, backorder=False)
        found._follow_some()
        self.assertEqual((len(found.picking_ids), found.state, found.missing), (1, 'short', 2))

    def test_a_backorder_belongs_to_the_parcel(self):
        found = self.send_back(parcel(3))
        backorder = self.receive_in_warehouse(found.picking_ids, {self.product: 1})
        self.assertEqual((backorder.amazon_parcel_id, found.state, found.missing), (found, 'part', 2))
        self.receive_in_warehouse(backorder)
        self.assertEqual((found.state, found.missing), ('received', 0))

    def test_warehouse_users_make_backorders_and_copies(self):
        """Odoo copies a receipt for that, as the user: no field of the connector may be among what is copied."""
        found = self.send_back(parcel(3))
        user = new_test_user(self.env, 'receiver', 'stock.group_stock_user', company_id=self.company.id,
                             company_ids=[(6, 0, self.company.ids)])
        receipt = found.picking_ids.with_user(user)
        receipt.move_ids.write({'quantity': 1, 'picked': True})
        receipt.with_context(skip_backorder=True).button_validate()
        self.assertEqual(len(found.picking_ids), 2)
        self.assertFalse(receipt.copy().sudo().amazon_parcel_id)

    def test_fields_of_the_connector_are_not_copied_by_users(self):
        """A copy writes each copied field, which users may not do with bookkeeping."""
        models = ('stock.picking', 'stock.move', 'stock.location', 'product.product')
        copied = [f'{name}.{field.name}' for name in models
                  for field in self.env[name]._fields.values()
                  if field.readonly and field.store and field.copy and field._modules[:1] == ('amazon_connector',)]
        self.assertEqual(copied, [])

    def test_packs_come_in_pieces(self):
        self.make_listing('PACK', self.product, channel='AMAZON_EU', pack_quantity=6)
        found = self.send_back(parcel(2, sku='PACK'))
        self.assertEqual(found.picking_ids.move_ids.product_uom_qty, 12)
        self.receive_in_warehouse(found.picking_ids, {self.product: 9}, backorder=False)
        self.assertEqual((found.received, found.missing), (1.5, 0.5))

    def test_a_sku_without_a_product_is_received_once_it_has_one(self):
        found = self.send_back(parcel(2, sku='NEW'), parcel(1))
        self.assertEqual((found.picking_ids.move_ids.product_id, found.missing), (self.product, 3))
        self.make_listing('NEW', self.other_product, channel='AMAZON_EU')
        found._follow_some()
        self.assertEqual(found.picking_ids.move_ids.product_id, self.product | self.other_product)

    def test_goods_for_others_are_not_received_unless_somebody_says_so(self):
        found = self.send_back(parcel(3, kind='Liquidations'))
        self.assertEqual((found.state, found.picking_ids, found.missing), ('away', found.picking_ids.browse(), 0))
        found.action_expect()
        self.assertEqual((found.state, found.picking_ids.move_ids.product_uom_qty), ('waiting', 3))

    def test_a_parcel_is_late_days_after_it_was_shipped(self):
        found = self.send_back(parcel(3))
        for day, late in ((17, False), (19, True)):
            with freeze_time(f'2026-10-{day} 12:00:00'):
                found._follow_some()
            self.assertEqual(found.is_late, late)
        self.receive_in_warehouse(found.picking_ids)
        found._follow_some()
        self.assertFalse(found.is_late)

    def test_without_the_ledger_goods_come_from_the_simple_location(self):
        self.seller.ledger_state = 'off'
        self.assertEqual(self.send_back(parcel(3)).picking_ids.location_id, self.german.fba_location_id)

    def test_what_never_came_is_written_off_by_an_inventory_manager_with_a_reason(self):
        self.book(row('Receipts', 5), row('VendorReturns', -3, day=2), last=2)
        found = self.send_back(parcel(3))
        self.receive_in_warehouse(found.picking_ids, {self.product: 1})
        with self.assertRaisesRegex(UserError, "reason"):
            found.action_write_off()
        found.note = "Lost by the carrier"
        with self.assertRaises(AccessError):
            found.with_user(self.make_user('stock.group_stock_user')).action_write_off()
        found.with_user(self.make_user('stock.group_stock_manager')).action_write_off()
        self.assertEqual((found.state, found.missing, self.quantity('removal'), self.quantity('loss')),
                         ('written_off', 2, 0, 2))
        self.assertEqual(set(found.picking_ids.mapped('state')), {'done', 'cancel'})
        with self.assertRaises(UserError):
            found.action_write_off()

    def make_user(self, groups):
        return new_test_user(self.env, f'claims-{len(groups)}-{self.env["res.users"].search_count([])}', groups,
                             company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])


REPORT = "Feed Processing Summary:\n\tNumber of records processed\t\t{}\n\tNumber of records successful\t\t{}\n\n"
GOOD = REPORT.format(1, 1)
TABLE = "original-record-number\tsku\terror-code\terror-type\terror-message\n"


@tagged('post_install', '-at_install')
class TestRemovalRequests(ClaimsCase):
    """Removal orders made in Odoo are sent once, and booked by what Amazon reports alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse.partner_id.write({'name': "Warehouse", 'street': "Street 1", 'city': "Berlin", 'zip': '10115',
                                        'country_id': cls.env.ref('base.de').id, 'phone': '+49 30 1'})
        cls.user = new_test_user(cls.env, 'removals', 'stock.group_stock_manager,amazon_connector.group_amazon_user',
                                 company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)])

    def make_wizard(self, **vals):
        self.prove(balance(10), balance(4, disposition='CUSTOMER_DAMAGED'), balance(7, sku='SKU-B'))
        wizard = self.env['amazon.removal.create'].with_user(self.user).create(
            {'marketplace_id': self.german.id, 'warehouse_id': self.warehouse.id, **vals})
        wizard.action_load()
        return wizard

    def order(self, **vals):
        wizard = self.make_wizard(**vals)
        wizard.action_preview()
        return self.env['amazon.removal.request'].browse(wizard.action_send()['res_id'])

    def answers(self, result=GOOD, status='DONE', **answers):
        numbers = itertools.count()
        amazon = FakeAmazon(**{
            'createFeedDocument': {'feedDocumentId': 'D1', 'url': 'up'}, 'createFeed': {'feedId': 'F1'},
            'createReport': lambda **_options: {'reportId': f'X{next(numbers)}'}, 'getFeeds': {'feeds': []},
            'getReport': {'processingStatus': 'IN_QUEUE', 'reportType': 'T'},
            'getFeed': {'processingStatus': status, 'resultFeedDocumentId': 'R1'},
            'getFeedDocument': {'url': 'result'}, **answers})
        amazon.documents['result'] = result.encode()
        sent = []
        amazon.upload = lambda _transport, _url, content, _type: sent.append(content.decode())
        amazon.sent = sent
        return amazon

    def run_claims(self, amazon):
        """Run the flow; return the problem that it shows, False for none."""
        self.run_flow('fba_claims', amazon)
        return self.sync.error

    def poll(self, amazon):
        self.env['amazon.feed'].search([('state', '=', 'submitted')]).next_poll = '2026-01-01'
        self.run_flow('feeds', amazon)

    # === WIZARD === #

    def test_the_wizard_offers_what_amazon_has(self):
        wizard = self.make_wizard()
        self.assertEqual([(line.sku, line.available_sellable, line.available_unsellable, line.sellable, line.unsellable)
                          for line in wizard.line_ids], [('SKU-A', 10, 4, 0, 4)])
        wizard.condition = 'all'
        wizard.action_load()
        self.assertEqual(wizard.line_ids.mapped('sellable'), [10, 7])

    def test_units_that_another_order_takes_are_not_offered(self):
        self.remove(removal(3, shipped=1, status='Pending'), removal(1, disposition='Unsellable', status='Pending'))
        line = self.make_wizard(condition='all').line_ids[0]
        self.assertEqual((line.available_sellable, line.available_unsellable), (8, 3))

    def test_more_than_there_is_cannot_be_ordered(self):
        wizard = self.make_wizard()
        wizard.line_ids.unsellable = 5
        with self.assertRaisesRegex(UserError, "4 unsellable"):
            wizard.action_preview()
        wizard.line_ids.unsellable = -1
        with self.assertRaises(UserError):
            wizard.action_preview()
        wizard.line_ids.unsellable = 0
        with self.assertRaisesRegex(UserError, "at least one"):
            wizard.action_preview()

    def test_an_incomplete_address_is_named(self):
        self.warehouse.partner_id.city = False
        with self.assertRaisesRegex(UserError, "city"):
            self.make_wizard().action_preview()

    def test_what_changed_after_the_preview_is_shown_first(self):
        wizard = self.make_wizard()
        wizard.action_preview()
        wizard.line_ids.unsellable = 3
        self.assertEqual(wizard.action_send()['res_model'], 'amazon.removal.create')
        self.assertIn('SKU-A\t0\t3', wizard.preview)
        self.assertEqual(wizard.action_send()['res_model'], 'amazon.removal.request')

    def test_only_inventory_managers_with_rights_of_amazon_order_removals(self):
        for groups in ('stock.group_stock_manager', 'stock.group_stock_user,amazon_connector.group_amazon_admin'):
            user = new_test_user(self.env, groups[:20], groups, company_id=self.company.id,
                                 company_ids=[(6, 0, self.company.ids)])
            with self.assertRaises(AccessError):
                self.env['amazon.removal.create'].with_user(user).create(
                    {'marketplace_id': self.german.id, 'warehouse_id': self.warehouse.id}).action_load()

    # === FEED === #

    def test_an_order_is_sent_accepted_and_found_again(self):
        request, amazon = self.order(), self.answers()
        moves = self.env['stock.move'].search_count([])
        self.assertFalse(self.run_claims(amazon))
        self.assertEqual(request.state, 'sent')
        head, _empty, table = amazon.sent[0].partition('\n\n')
        self.assertEqual(dict(line.split('\t') for line in head.splitlines()), {
            'MerchantRemovalOrderID': request.name, 'RemovalDisposition': 'Return', 'AddressName': 'Warehouse',
            'AddressFieldOne': 'Street 1', 'AddressFieldTwo': '', 'AddressFieldThree': '', 'AddressCity': 'Berlin',
            'AddressCountryCode': 'DE', 'AddressStateOrRegion': '', 'AddressPostalCode': '10115',
            'ContactPhoneNumber': '+49 30 1', 'ShippingNotes': ''})
        self.assertEqual(table, 'MerchantSKU\tSellableQuantity\tUnsellableQuantity\nSKU-A\t0\t4\n')
        self.poll(amazon)
        self.assertEqual((request.state, request.line_ids.state), ('accepted', 'accepted'))
        self.assertEqual(self.env['stock.move'].search_count([]), moves)
        self.remove(removal(4, ref=request.name, disposition='Unsellable', status='Pending'))
        self.assertEqual((request.state, request.removal_id.order_ref), ('reported', request.name))

    def test_a_disposal_names_no_address(self):
        request, amazon = self.order(kind='disposal'), self.answers()
        self.run_flow('fba_claims', amazon)
        self.assertNotIn('Address', amazon.sent[0])
        self.assertIn('RemovalDisposition\tDisposal', amazon.sent[0])
        self.assertEqual(request.state, 'sent')

    def test_an_order_is_sent_once(self):
        amazon = self.answers()
        self.order()
        self.run_flow('fba_claims', amazon)
        self.run_flow('fba_claims', amazon)
        self.poll(amazon)
        self.run_flow('fba_claims', amazon)
        self.assertEqual(len(amazon.named('createFeed')), 1)

    def test_a_connection_that_breaks_off_leaves_it_to_a_person(self):
        request = self.order()
        broken = self.answers(createFeed=[Unavailable("Broken", operation='createFeed')])
        self.run_flow('fba_claims', broken)
        amazon = self.answers()
        self.run_flow('fba_claims', amazon)
        self.assertEqual((request.state, len(amazon.named('createFeed'))), ('unclear', 0))
        self.run_flow('fba_claims', amazon)
        self.assertFalse(amazon.named('createFeed'))
        self.assertIn(request.name, ' '.join(self.seller.activity_ids.mapped('summary')))

    def test_a_feed_that_amazon_lists_is_the_one_that_broke_off(self):
        request = self.order()
        self.run_flow('fba_claims', self.answers(createFeed=[Unavailable("Broken", operation='createFeed')]))
        amazon = self.answers(getFeeds={'feeds': [{'feedId': 'F7', 'marketplaceIds': [self.german.marketplace_ref]}]})
        self.run_flow('fba_claims', amazon)
        self.assertEqual((request.state, request.feed_id.feed_ref), ('sent', 'F7'))

    def test_a_rate_limit_is_no_doubt(self):
        request, until = self.order(), datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        self.run_flow('fba_claims', self.answers(createFeed=[RateLimited(until, operation='createFeed')]))
        self.assertEqual(request.state, 'waiting')
        amazon = self.answers()
        self.run_flow('fba_claims', amazon)
        self.assertEqual((request.state, len(amazon.named('createFeed'))), ('sent', 1))

    def test_what_amazon_refuses_at_once_is_refused(self):
        request = self.order()
        self.run_flow('fba_claims', self.answers(createFeed=[AmazonError("Bad feed", operation='createFeed')]))
        self.assertEqual((request.state, request.line_ids.state), ('refused', 'refused'))

    def test_lines_are_refused_by_themselves(self):
        wizard = self.make_wizard(condition='all')
        wizard.action_preview()
        request = self.env['amazon.removal.request'].browse(wizard.action_send()['res_id'])
        report = REPORT.format(2, 1) + TABLE + "2\tSKU-B\t99\tFehler\tNicht genug Bestand\n"
        amazon = self.answers(result=report)
        self.run_flow('fba_claims', amazon)
        self.poll(amazon)
        self.assertEqual(request.line_ids.mapped('state'), ['accepted', 'refused'])
        self.assertEqual(request.state, 'accepted')
        self.assertIn("Nicht genug Bestand", request.message)

    def test_what_amazon_did_not_process_at_all_is_refused_with_its_reason(self):
        """As Amazon has answered a seller, letter by letter but for the reason."""
        result = REPORT.format(0, 0) + TABLE + (
            "100001\t-\t3\tInfo\tAn error prevented this feed from being processed. No removal order was created.\n"
            "100002\t-\t1\tError\tRemovalDisposition is ineligible in your marketplace.\n")
        request, amazon = self.order(), self.answers(result=result)
        self.run_flow('fba_claims', amazon)
        self.poll(amazon)
        self.assertEqual((request.state, request.line_ids.state), ('refused', 'refused'))
        self.assertIn("ineligible in your marketplace", request.message)

    def test_a_result_that_says_too_little_is_left_to_a_person(self):
        for result in (REPORT.format(0, 0), REPORT.format(1, 0)):
            request, amazon = self.order(), self.answers(result=result)
            self.run_flow('fba_claims', amazon)
            self.poll(amazon)
            self.assertEqual(request.state, 'unclear')
            request.unlink()

    def test_an_order_under_amazons_own_number_is_found_by_its_units(self):
        request, amazon = self.order(), self.answers()
        self.run_flow('fba_claims', amazon)
        request.submit_date = '2026-10-01 10:00:00'
        self.remove(removal(3, ref='AMZ1', disposition='Unsellable', status='Pending'))
        self.assertFalse(request.removal_id)
        self.remove(removal(4, ref='AMZ2', disposition='Unsellable', status='Pending'))
        self.assertEqual(request.removal_id.order_ref, 'AMZ2')

    def test_an_order_can_be_stopped_before_it_is_sent(self):
        request, amazon = self.order(), self.answers()
        request.with_user(self.user).action_cancel()
        self.run_flow('fba_claims', amazon)
        self.assertEqual((request.state, amazon.named('createFeed')), ('cancelled', []))
        with self.assertRaises(UserError):
            request.with_user(self.user).action_cancel()

    def test_the_form(self):
        self.prove(balance(10))
        with Form(self.env['amazon.removal.create'].with_user(self.user)) as form:
            form.kind = 'disposal'
        self.assertEqual(form.record.marketplace_id, self.german)

import datetime

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..amazon_api.errors import AmazonError, RateLimited
from ..models.amazon_ledger_day import DAY
from .common import FakeAmazon
from .ledger_common import BALANCES, HEADER, START, LedgerCase, balance, document, row
from .payloads import item, order


@tagged('post_install', '-at_install')
class TestLedgerBooking(LedgerCase):
    """Every row of the ledger becomes a movement between the location of its country and its counterpart."""

    def test_a_shipment_arrives(self):
        day = self.book(row('Receipts', 24, country='PL', reference='FBA15ABCDEF0'))
        self.assertEqual(day.state, 'booked')
        self.assertEqual(self.quantity('sellable', 'PL'), 24)
        self.assertEqual(self.quantity('inbound'), -24)
        self.assertEqual(day.move_ids.amazon_ledger_ref, 'FBA15ABCDEF0')
        self.assertEqual(day.move_ids.date.date(), START)

    def test_rows_that_are_equal_are_movements_each(self):
        day = self.book(*[row('Shipments', -1)] * 3)
        self.assertEqual(day.row_count, 3)
        self.assertEqual(self.quantity('sellable', 'DE'), -3)
        self.assertEqual(self.quantity('dispatch'), 3)

    def test_goods_move_between_countries(self):
        self.book(row('WhseTransfers', -10, country='PL'), row('WhseTransfers', 7, country='DE', day=2), last=2)
        self.assertEqual((self.quantity('sellable', 'PL'), self.quantity('sellable', 'DE')), (-10, 7))
        self.assertEqual(self.quantity('transfer'), 3)

    def test_damage_is_a_pair(self):
        self.book(row('Adjustments', -2, reason='E'),
                  row('Adjustments', 2, reason='P', disposition='WAREHOUSE_DAMAGED'))
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('unsellable', 'DE')), (-2, 2))
        self.assertEqual(self.quantity('change'), 0)
        self.assertFalse(self.quantity('loss'))

    def test_lost_found_disposed_returned_and_sent_back(self):
        self.book(
            row('Adjustments', -5, reason='M'), row('Adjustments', 2, reason='F'),
            row('Adjustments', -1, reason='D', disposition='DEFECTIVE'),
            row('CustomerReturns', 1, disposition='CUSTOMER_DAMAGED'), row('CustomerReturns', 3),
            row('VendorReturns', -1, disposition='CUSTOMER_DAMAGED'))
        self.assertEqual(self.quantity('loss'), 3)
        self.assertEqual(self.quantity('disposed'), 1)
        self.assertEqual(self.quantity('removal'), 1)
        self.assertEqual(self.quantity('sellable', 'DE'), -5 + 2 + 3)
        self.assertEqual(self.quantity('unsellable', 'DE'), -1 + 1 - 1)

    def test_units_of_packs_are_several_pieces(self):
        self.env['amazon.listing'].search([('sku', '=', 'SKU-A')]).pack_quantity = 6
        self.book(row('Receipts', 2))
        self.assertEqual(self.quantity('sellable', 'DE'), 12)

    def test_a_day_that_is_not_over_is_not_booked(self):
        day = self.book(row('Receipts', 5), asked=self.days._get_end(self.seller, START) - DAY / 24)
        self.assertEqual(day.state, 'open')
        self.assertFalse(day.move_ids)
        self.book(row('Receipts', 5), row('Receipts', 4))
        self.assertEqual(self.quantity('sellable', 'DE'), 9)

    def test_a_day_that_changes_is_booked_by_its_difference(self):
        self.book(row('Receipts', 5), row('Adjustments', -1, reason='M'))
        day = self.book(row('Receipts', 5), row('Receipts', 3), row('Adjustments', -1, reason='5'))
        self.assertEqual(self.quantity('sellable', 'DE'), 7)
        self.assertEqual(len(day.move_ids), 3)
        self.assertEqual(sum(day.move_ids.mapped('product_qty')), 9)

    def test_what_is_no_longer_there_is_taken_back(self):
        self.book(row('Receipts', 5), row('Receipts', 4))
        day = self.book(row('Receipts', 5), row('Shipments', -1))
        self.assertEqual(self.quantity('sellable', 'DE'), 4)
        self.assertEqual(day.move_ids.filtered('amazon_ledger_undo').product_qty, 4)
        day._book()
        self.assertEqual(self.quantity('sellable', 'DE'), 4)

    def test_booking_again_books_nothing_twice(self):
        day = self.book(row('Receipts', 5), row('Shipments', -2))
        moves = day.move_ids
        for _time in range(2):
            day._book()
        self.assertEqual(day.move_ids, moves)

    def test_a_day_that_was_over_and_became_smaller_waits_for_a_person(self):
        self.book(row('Receipts', 5), row('Shipments', -1), row('Shipments', -1))
        day = self.book(row('Receipts', 5), row('Shipments', -1))
        self.assertEqual((day.state, day.row_count), ('smaller', 3))
        self.assertEqual(self.quantity('sellable', 'DE'), 3)
        self.assertIn("lost rows", self.seller.activity_ids[-1:].summary)
        day.action_accept_smaller()
        self.book(row('Receipts', 5), row('Shipments', -1))
        self.assertEqual((day.state, self.quantity('sellable', 'DE')), ('booked', 4))

    def test_a_report_that_comes_late_does_not_undo_a_later_one(self):
        self.book(row('Receipts', 5), row('Receipts', 1))
        day = self.book(row('Receipts', 7), row('Receipts', 2), asked=self.asked - DAY)
        self.assertEqual((day.state, self.quantity('sellable', 'DE')), ('booked', 6))

    def test_unknown_things_are_kept_and_stop_nothing(self):
        day = self.book(
            row('Receipts', 5), row('Receipts', 1, sku='UNKNOWN'), row('Teleported', 2),
            row('Receipts', 3, country='QQ'), row('Adjustments', -1, reason='Z'))
        self.assertEqual((day.state, day.obstacle_count), ('booked', 4))
        self.assertEqual(self.quantity('sellable', 'DE'), 5)
        self.assertEqual(sorted(day.line_ids.filtered('obstacle').mapped('obstacle')),
                         ['country', 'reason', 'reason', 'unmapped'])
        self.make_listing('UNKNOWN', self.other_product, channel='AMAZON_EU')
        self.env['amazon.ledger.reason'].create({
            'event_type': 'Adjustments', 'code': 'Z', 'name': "Eaten", 'route': 'loss', 'company_id': self.company.id})
        day._book()
        self.assertEqual(day.obstacle_count, 2)
        self.assertEqual(self.quantity('sellable', 'DE', self.other_product), 1)
        self.assertEqual(self.quantity('sellable', 'DE'), 4)

    def test_unknown_columns_are_kept_and_change_nothing(self):
        def store(*doors):
            rows = [f"{row('Receipts', 5)}\t{door}" for door in doors]
            self.import_report('amazon.ledger.day', 'GET_LEDGER_DETAIL_VIEW_DATA',
                               document(f'{HEADER}\tDock "Door"', rows), 1, 1)
            return self.days.search([('seller_id', '=', self.seller.id)])

        day = store('7\\8 "left"', '')
        day._book()
        self.assertEqual(day.line_ids.sorted('number').mapped('extra'), [{'Dock "Door"': '7\\8 "left"'}, False])
        self.assertEqual(self.quantity('sellable', 'DE'), 10)
        moves = day.move_ids
        # Another text in such a column is written, and moves nothing.
        store('9', '')
        self.assertEqual(day.line_ids.sorted('number').mapped('extra'), [{'Dock "Door"': '9'}, False])
        self.assertEqual((day.state, day.move_ids, day.line_ids.mapped('pack_quantity')), ('booked', moves, [1, 1]))

    def test_unknown_columns_of_balances_are_kept(self):
        self.import_report('amazon.ledger.balance', 'GET_LEDGER_SUMMARY_VIEW_DATA',
                           document(f'{BALANCES}\tHumidity', [f'{balance(5)}\t40 %', f'{balance(3, country="PL")}\t']),
                           1, 1)
        balances = self.env['amazon.ledger.balance'].search([('seller_id', '=', self.seller.id)], order='ending')
        self.assertEqual(balances.mapped('extra'), [False, {'Humidity': '40 %'}])

    def test_a_sku_of_two_products_is_ambiguous(self):
        self.make_listing('SKU-A', self.other_product, self.marketplace('FR'), channel='AMAZON_EU')
        day = self.book(row('Receipts', 5))
        self.assertEqual(day.line_ids.obstacle, 'ambiguous')
        self.assertFalse(day.move_ids)

    def test_a_companys_reason_comes_before_the_built_in_one(self):
        self.env['amazon.ledger.reason'].create({
            'event_type': 'Adjustments', 'code': 'M', 'name': "Ours", 'route': 'disposed',
            'company_id': self.company.id})
        self.book(row('Adjustments', -5, reason='M'))
        self.assertEqual((self.quantity('disposed'), self.quantity('loss')), (5, 0))

    def test_booking_is_undone_and_done_again(self):
        day = self.book(row('Receipts', 5))
        day.action_undo()
        self.assertEqual((day.state, self.quantity('sellable', 'DE')), ('undone', 0))
        self.book(row('Receipts', 5), row('Receipts', 1))
        self.assertEqual((day.state, self.quantity('sellable', 'DE')), ('undone', 0))
        day.action_book()
        self.assertEqual((day.state, self.quantity('sellable', 'DE')), ('booked', 6))

    # === WHAT CHANGES LATER === #

    def test_a_pack_that_changes_later_leaves_what_was_booked(self):
        self.book(row('Receipts', 2), row('Receipts', 2), row('Shipments', -1))
        self.env['amazon.listing'].search([('sku', '=', 'SKU-A')]).pack_quantity = 6
        day = self.book(row('Receipts', 2), row('Receipts', 2), row('Receipts', 2), row('Shipments', -1))
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('dispatch')), (2 + 2 + 12 - 1, 1))
        self.assertFalse(day.move_ids.filtered('amazon_ledger_undo'))
        self.assertEqual(sorted(day.line_ids.mapped('pack_quantity')), [1, 1, 1, 6])

    def test_a_product_that_changes_later_leaves_what_was_booked(self):
        day = self.book(row('Receipts', 5), row('Receipts', 3, sku='NEW'))
        self.env['amazon.listing'].search([('sku', '=', 'SKU-A')]).product_id = self.other_product
        self.make_listing('NEW', self.product, channel='AMAZON_EU')
        day._book()
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('sellable', 'DE', self.other_product)), (8, 0))
        self.assertEqual(day.line_ids.product_id, self.product)

    def test_a_reason_that_changes_later_leaves_what_was_booked(self):
        self.book(row('Adjustments', -5, reason='M'))
        self.env['amazon.ledger.reason'].create({
            'event_type': 'Adjustments', 'code': 'M', 'name': "Ours", 'route': 'disposed',
            'company_id': self.company.id})
        self.book(row('Adjustments', -5, reason='M'), row('Adjustments', -2, reason='M'))
        self.assertEqual((self.quantity('loss'), self.quantity('disposed')), (5, 2))

    def test_what_is_undone_is_booked_by_what_is_mapped_then(self):
        day = self.book(row('Receipts', 2))
        self.env['amazon.listing'].search([('sku', '=', 'SKU-A')]).pack_quantity = 6
        day.action_undo()
        day.action_book()
        self.assertEqual(self.quantity('sellable', 'DE'), 12)

    def test_what_amazon_reconciles_is_written_and_books_nothing(self):
        day = self.book(row('Adjustments', -2, reason='M', reconciled=0, unreconciled=2), row('Receipts', 5))
        moves = day.move_ids
        self.patch(type(day), '_book_one', lambda *_args: self.fail("nothing is to be booked"))
        self.store(row('Receipts', 5), row('Adjustments', -2, reason='M', reconciled=2, unreconciled=0))
        self.assertEqual((day.state, day.move_ids), ('booked', moves))
        lost = day.line_ids.filtered(lambda line: line.event_type == 'Adjustments')
        self.assertEqual((lost.reconciled, lost.unreconciled, lost.product_id, lost.reason_id.code),
                         (2, 0, self.product, 'M'))

    def test_an_older_report_does_not_undo_what_is_reconciled(self):
        day = self.book(row('Adjustments', -2, reason='M', reconciled=0, unreconciled=2))
        self.store(row('Adjustments', -2, reason='M', reconciled=2, unreconciled=0), asked=self.asked + DAY)
        self.store(row('Adjustments', -2, reason='M', reconciled=0, unreconciled=2), asked=self.asked + DAY / 2)
        self.assertEqual(day.line_ids.reconciled, 2)

    def test_days_without_rows_are_days(self):
        days = self.book(row('Receipts', 5, day=2), last=3)
        self.assertEqual(days.mapped('row_count'), [0, 1, 0])
        self.assertEqual(set(days.mapped('state')), {'booked'})

    def test_an_empty_report_says_nothing(self):
        self.book(row('Receipts', 5))
        self.book()
        self.assertEqual(self.days.search([('seller_id', '=', self.seller.id)]).state, 'booked')

    def test_lots_follow_the_first_to_expire(self):
        lotted = self._make_product('SKU-L', tracking='lot')
        self.make_listing('SKU-L', lotted, channel='AMAZON_EU')
        lot = self.env['stock.lot'].create({'name': "L1", 'product_id': lotted.id, 'company_id': self.company.id})
        self.env['stock.quant']._update_available_quantity(lotted, self.place('inbound'), 5, lot_id=lot)
        days = self.book(row('Receipts', 5, sku='SKU-L'), row('Shipments', -2, sku='SKU-L', day=2), last=2)
        self.assertEqual(days.move_ids.move_line_ids.lot_id, lot)
        self.assertEqual(self.quantity('dispatch', product=lotted), 2)

    def test_a_closed_period_is_left_alone(self):
        self.company.fiscalyear_lock_date = '2026-10-31'
        day = self.book(row('Receipts', 5))
        self.assertEqual(day.state, 'booked')
        self.assertEqual(day.move_ids.date.date(), START)


@tagged('post_install', '-at_install')
class TestLedgerSales(LedgerCase):
    """Sales are the orders'; the ledger proves them, and books what no order explains."""

    def setUp(self):
        super().setUp()
        self.german.fba_confirm = self.german.fba_deliver = True

    def sell(self, quantity=1):
        return self.receive_sale(order(item('SKU-A', quantity, shipped=quantity), channel='AMAZON', status='SHIPPED'))

    def test_an_order_takes_what_the_ledger_ships(self):
        self.book(row('Receipts', 10), row('Shipments', -1))
        sale = self.sell()
        self.assertEqual(sale.order_line.qty_delivered, 1)
        self.assertEqual((self.quantity('dispatch'), self.quantity('sellable', 'DE')), (0, 9))

    def test_an_order_may_come_first(self):
        self.sell()
        self.assertEqual(self.quantity('dispatch'), -1)
        self.book(row('Shipments', -1))
        self.assertEqual(self.quantity('dispatch'), 0)

    def test_what_no_order_explains_is_shipped_after_a_week(self):
        self.book(row('Shipments', -1), row('Shipments', -1), row('Shipments', -1))
        self.sell()
        self.seller._book_unexplained()
        self.assertEqual(self.quantity('dispatch'), 0)
        self.sell()
        self.seller._book_unexplained()
        self.seller._book_unexplained()
        self.assertEqual(self.quantity('dispatch'), 0)


    def test_what_no_order_explains_is_found_where_much_is_sold(self):
        """Orders of the last days explain what the ledger ships in the last days."""
        today = fields.Date.today()
        self.seller.ledger_start = today - 20 * DAY
        dispatch, customers = self.place('dispatch'), self.env.ref('stock.stock_location_customers')

        def move(date, source, target, quantity, **vals):
            self.env['stock.move'].create({
                'product_id': self.product.id, 'product_uom_qty': quantity, 'product_uom': self.product.uom_id.id,
                'location_id': source.id, 'location_dest_id': target.id, 'company_id': self.company.id, **vals,
            })._amazon_complete_at(date)
        for number in range(1, 20):
            date = today - number * DAY
            day = self.days.create({'seller_id': self.seller.id, 'date': date, 'state': 'booked'})
            move(date, self.place('sellable', 'DE'), dispatch, 11, amazon_ledger_day_id=day.id)
            move(date, dispatch, customers, 10)
        self.seller._book_unexplained()
        self.assertEqual(self.quantity('dispatch'), 6)

    def test_orders_before_the_ledger_take_each_lot_once(self):
        product = self._make_product('SKU-S', tracking='serial')
        self.make_listing('SKU-S', product, channel='AMAZON_EU')
        for name in ('S1', 'S2'):
            lot = self.env['stock.lot'].create({'name': name, 'product_id': product.id, 'company_id': self.company.id})
            self.env['stock.quant']._update_available_quantity(product, self.place('sellable', 'DE'), 1, lot_id=lot)
        for _number in range(2):
            self.receive_sale(order(item('SKU-S', shipped=1), channel='AMAZON', status='SHIPPED'))
        self.book(row('Shipments', -1, sku='SKU-S'), row('Shipments', -1, sku='SKU-S'))
        quants = self.env['stock.quant'].search([('product_id', '=', product.id), ('quantity', '!=', 0)])
        self.assertEqual({(quant.lot_id.name, quant.location_id.usage) for quant in quants},
                         {('S1', 'customer'), ('S2', 'customer')})


@tagged('post_install', '-at_install')
class TestLedgerProof(LedgerCase):
    """Odoo's stock is proved against Amazon's balances; nothing is adjusted silently."""

    def test_equal_stock_leaves_no_difference(self):
        self.book(row('Receipts', 5), row('WhseTransfers', -2))
        self.assertFalse(self.prove(balance(3, transit=2)))

    def test_later_days_are_left_out(self):
        self.book(row('Receipts', 5), row('Shipments', -1, day=2), last=2)
        self.assertFalse(self.prove(balance(5)))

    def test_a_difference_is_listed_and_gone_by_itself(self):
        self.book(row('Receipts', 5))
        found = self.prove(balance(7))
        self.assertEqual((found.product_id, found.difference, found.cause), (self.product, 2, 'none'))
        self.assertEqual(self.quantity('sellable', 'DE'), 5)
        self.assertFalse(self.prove(balance(5)))

    def test_likely_causes(self):
        self.book(row('Receipts', 5), row('Teleported', 2))
        self.assertEqual(self.prove(balance(7), balance(3, sku='NEW')).mapped('cause'), ['unmapped', 'obstacle'])

    def test_missing_days_are_a_cause(self):
        self.book(row('Receipts', 5))
        self.assertEqual(self.prove(balance(7, day=3), day=3).cause, 'day')

    def test_moves_by_hand_are_a_cause(self):
        self.book(row('Receipts', 5))
        self.env['stock.move'].create({
            'product_id': self.product.id, 'product_uom_qty': 1, 'product_uom': self.product.uom_id.id,
            'location_id': self.place('sellable', 'DE').id, 'location_dest_id': self.warehouse.lot_stock_id.id,
            'company_id': self.company.id})._amazon_complete()
        self.assertEqual(self.prove(balance(5)).cause, 'manual')

    def test_a_difference_is_accepted_with_a_reason(self):
        self.book(row('Receipts', 5))
        found = self.prove(balance(3))
        with self.assertRaisesRegex(UserError, "reason"):
            found.action_accept()
        found.note = "Counted by Amazon"
        found.action_accept()
        self.assertEqual((found.state, found.move_id.product_qty), ('accepted', 2))
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('loss')), (3, 2))
        self.assertFalse(self.prove(balance(3)))

    def count_queries(self, run, *args):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        run(*args)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def make_many(self):
        """Return products with five pieces each at Amazon by the ledger."""
        products = [self._make_product(f'SKU-{number}', stock=0) for number in range(24)]
        for product in products:
            self.make_listing(product.default_code, product, channel='AMAZON_EU')
        self.book(*[row('Receipts', 5, sku=product.default_code) for product in products])
        return products

    def import_balances(self, products, wrong):
        rows = [balance(7 if number < wrong else 5, sku=product.default_code)
                for number, product in enumerate(products)]
        self.import_report('amazon.ledger.balance', 'GET_LEDGER_SUMMARY_VIEW_DATA', document(BALANCES, rows), 1, 1)

    def test_many_differences_cost_no_more_queries(self):
        products, counts = self.make_many(), []
        for wrong in (2, 24):
            self.import_balances(products, wrong)
            counts.append(self.count_queries(self.env['amazon.ledger.difference']._prove, self.seller))
        self.assertLessEqual(counts[1], counts[0] + 6)

    def test_many_differences_are_accepted_at_once(self):
        self.import_balances(self.make_many(), 24)
        differences = self.env['amazon.ledger.difference']
        differences._prove(self.seller)
        found = differences.search([('seller_id', '=', self.seller.id), ('state', '=', 'open')])
        found.note = "Counted"
        few, many = (self.count_queries(part.action_accept) for part in (found[:2], found[2:]))
        self.assertEqual(set(found.mapped('state')), {'accepted'})
        self.assertTrue(all(difference.move_id.product_id == difference.product_id for difference in found))
        # Odoo asks some of each product.
        self.assertLess(many / 22, few / 2 / 3)

    def test_only_inventory_managers_accept(self):
        self.book(row('Receipts', 5))
        found = self.prove(balance(3))
        found.note = "Counted"
        user = new_test_user(self.env, 'ledger-user', 'stock.group_stock_user,amazon_connector.group_amazon_user',
                             company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        with self.assertRaises(AccessError):
            found.with_user(user).action_accept()
        manager = new_test_user(self.env, 'ledger-manager', 'stock.group_stock_manager', company_id=self.company.id,
                                company_ids=[(6, 0, self.company.ids)])
        found.with_user(manager).action_accept()
        self.assertEqual(found.user_id, manager)


@tagged('post_install', '-at_install')
class TestLedgerFlow(LedgerCase):
    """The flow: what is requested when, with few requests."""

    def setUp(self):
        super().setUp()
        self.last = self.days._get_last_date(self.seller)
        self.seller.ledger_start = self.last - 2 * DAY
        self.wanted, self.refused = {}, set()
        # Shipments by Amazon have tests of their own.
        self.patch(type(self.env['amazon.fba.shipment']), '_request_due', lambda _model, _seller: None)
        self.amazon = FakeAmazon(
            createReport=self.create_report, getReportDocument=lambda ref: {'url': f'https://{ref[1:]}'},
            getShipments={'ShipmentData': []},
            getReport=lambda ref: {'reportId': ref, 'reportType': self.wanted[ref]['reportType'],
                                   'processingStatus': 'DONE', 'reportDocumentId': f'D{ref}'})

    def create_report(self, **query):
        if query['reportType'] in self.refused:
            return RateLimited(datetime.datetime.now(datetime.timezone.utc) + DAY)
        ref = f'R{len(self.wanted)}'
        self.wanted[ref] = query
        day = self.last.strftime('%m/%d/%Y')
        content = (document(HEADER, [row('Receipts', 5).replace('10/01/2026', day)])
                   if query['reportType'] == 'GET_LEDGER_DETAIL_VIEW_DATA'
                   else document(BALANCES, [balance(4).replace('10/01/2026', day)]))
        self.amazon.documents[f'https://{ref}'] = content
        return {'reportId': ref}

    def run_all(self):
        for _step in range(2):
            self.env['amazon.report'].search([('state', '=', 'asked')]).next_poll = '2026-01-01'
            self.run_flow('fba_stock', self.amazon)

    def test_a_day_is_fetched_booked_and_proved(self):
        self.run_all()
        self.assertEqual(sorted(query['reportType'] for query in self.wanted.values()),
                         ['GET_LEDGER_DETAIL_VIEW_DATA', 'GET_LEDGER_SUMMARY_VIEW_DATA'])
        detail, = (query for query in self.wanted.values() if 'DETAIL' in query['reportType'])
        # A day more, as nobody knows when Amazon's days end.
        start = self.days._to_moment(self.seller, self.last - 3 * DAY)
        self.assertEqual(detail['dataStartTime'], f'{start.isoformat()}Z')
        self.assertNotIn('reportOptions', detail)
        self.assertEqual(detail['marketplaceIds'], [self.german.marketplace_ref])
        summary, = (query for query in self.wanted.values() if 'SUMMARY' in query['reportType'])
        self.assertEqual(summary['reportOptions'],
                         {'aggregateByLocation': 'COUNTRY', 'aggregatedByTimePeriod': 'DAILY'})
        self.assertEqual(self.days.search([('seller_id', '=', self.seller.id)]).mapped('state'), ['booked'] * 3)
        self.assertEqual(self.quantity('sellable', 'DE'), 5)
        found = self.env['amazon.ledger.difference'].search([('seller_id', '=', self.seller.id)])
        self.assertEqual(found.difference, -1)

    def test_nothing_is_requested_twice_a_day(self):
        self.run_all()
        self.run_all()
        self.assertEqual(len(self.wanted), 2)

    def test_late_rows_are_requested_on_their_weekday(self):
        while self.last.weekday() != 0:
            self.last -= DAY
        self.seller.ledger_start = self.last - 100 * DAY
        self.days.create({'seller_id': self.seller.id, 'date': self.last - 20 * DAY, 'state': 'booked'})
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_ledger_day SET create_date = date")
        self.patch(type(self.days), '_get_last_date', lambda _model, _seller: self.last)
        self.seller._request_due_reports()
        reports = self.env['amazon.report'].search([('report_type', '=', 'GET_LEDGER_DETAIL_VIEW_DATA')], order='id')
        self.assertEqual(
            [self.days._to_date(self.seller, moment) for report in reports
             for moment in (report.start_date, report.end_date)],
            [self.last - number * DAY for number in (100, 70, 44, 15)])

    def test_a_report_whose_reply_was_lost_is_taken_up(self):
        """Amazon cancels what is requested twice."""
        self.amazon.answers['createReport'] = lambda **query: self.create_report(**query) and AmazonError("cut")
        self.amazon.answers['getReports'] = lambda **query: {'reports': [
            {'reportId': ref, 'reportType': found['reportType'], 'processingStatus': 'DONE',
             'dataStartTime': found['dataStartTime'].replace('Z', '+00:00')}
            for ref, found in self.wanted.items() if found['reportType'] in query['reportTypes']]}
        self.run_flow('fba_stock', self.amazon)
        reports = self.env['amazon.report'].search([])
        self.assertEqual(reports.mapped('state'), ['wanted'] * 2)
        reports.next_poll = '2026-01-01'
        self.run_all()
        self.assertEqual((reports.mapped('state'), len(self.wanted)), (['done'] * 2, 2))

    def test_a_report_that_amazon_refuses_today_holds_up_no_other(self):
        self.refused.add('GET_LEDGER_SUMMARY_VIEW_DATA')
        self.run_all()
        self.assertEqual(self.quantity('sellable', 'DE'), 5)
        self.assertFalse(self.sync.failures)
        waiting = self.env['amazon.report'].search([('state', '=', 'wanted')])
        self.assertEqual(waiting.report_type, 'GET_LEDGER_SUMMARY_VIEW_DATA')
        self.assertGreater(waiting.next_poll, fields.Datetime.now())

    def test_sellers_without_the_ledger_ask_nothing(self):
        self.seller.ledger_state = 'off'
        self.run_all()
        self.assertFalse(self.wanted)

    def test_the_opening_asks_for_the_evening_before(self):
        self.seller.write({'ledger_state': 'off', 'ledger_start': False})
        wizard = self.env['amazon.ledger.open'].create({'seller_id': self.seller.id, 'date': START})
        wizard.action_request()
        self.run_all()
        summary, = self.wanted.values()
        self.assertEqual(summary['dataEndTime'], '2026-10-01T22:59:59Z')
        self.assertFalse(self.days.search([('seller_id', '=', self.seller.id)]))

    def test_a_cancelled_report_is_no_error(self):
        self.amazon.answers['getReport'] = lambda ref: {
            'reportId': ref, 'reportType': self.wanted[ref]['reportType'], 'processingStatus': 'CANCELLED'}
        self.run_all()
        self.assertEqual(set(self.env['amazon.report'].search([]).mapped('state')), {'empty'})
        self.assertFalse(self.sync.failures)

from odoo.tests import tagged

from ..models.amazon_ledger_day import DAY
from .ledger_common import BALANCES, HEADER, START, LedgerCase, balance, document, row


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

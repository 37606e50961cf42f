import datetime

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from . import payloads
from .common import FakeAmazon
from .returns_common import COLUMNS, MERCHANT, ReturnsCase, document, request
from .test_transactions import group, refund


@tagged('post_install', '-at_install')
class TestReturnsAnnounced(ReturnsCase):
    """A return that a buyer announces is expected in the warehouse, once, and never more than was delivered."""

    def test_a_return_is_expected(self):
        sale = self.sell()
        record = self.announce(request(sale))
        picking = record.move_ids.picking_id
        self.assertEqual((record.sale_order_id, record.sale_line_id, record.product_id), (
            sale, sale.order_line, self.product))
        self.assertEqual((picking.picking_type_id, picking.state), (self.warehouse.in_type_id, 'assigned'))
        self.assertEqual((picking.move_ids.product_uom_qty, picking.move_ids.to_refund), (1, True))
        for text in ('DTEST1RRMA', sale.amazon_order_ref, '00340434161094000001'):
            self.assertIn(text, picking.note)
        self.assertEqual((str(record.announced_date), record.received_date, record.refunded_date),
                         ('2026-10-10', False, False))
        self.assertFalse(record.picking_obstacle)
        self.assertEqual(self.product.qty_available, 99, "nothing is back yet")

    def test_the_note_of_the_operation_says_no_more_than_the_group_of_the_reason(self):
        """All salesmen read notes of operations, and the buyer on the portal."""
        picking = self.announce(request(self.sell(), reason="My son Ludwig broke it")).move_ids.picking_id
        self.assertNotIn("Ludwig", picking.note)
        self.assertIn("Reason: Other", picking.note)
        sale = self.sell(ref='302-0000002-7654321')
        record = self.announce(request(sale, rma='D2RRMA')).filtered(lambda record: record.sale_order_id == sale)
        self.assertNotIn('CR-DEFECTIVE', record.move_ids.picking_id.note)
        self.assertIn("Reason: Defective or of poor quality", record.move_ids.picking_id.note)

    def test_the_same_row_is_one_return_with_one_operation(self):
        sale = self.sell()
        record = self.announce(request(sale))
        again = self.announce(request(sale), request(sale, status='Closed', label_cost='5.00', refunded='119.00'))
        self.assertEqual(again, record)
        self.assertEqual((record.status, record.label_cost, record.refunded_amount), ('Closed', 5.0, 119.0))
        self.assertEqual(len(sale.picking_ids), 2)

    def test_files_that_name_the_item_and_files_that_do_not_are_of_one_return(self):
        sale = self.sell()
        record = self.announce(request(sale, item=''))
        self.assertEqual(record.sale_line_id, sale.order_line, "by its SKU")
        self.assertEqual(self.announce(request(sale)), record)
        self.assertEqual(record.item_ref, sale.order_line.amazon_item_ref)
        self.assertEqual(self.announce(request(sale, item='')), record)
        self.assertEqual(record.item_ref, sale.order_line.amazon_item_ref)

    def test_a_row_without_an_rma_is_a_return_that_gets_its_number_later(self):
        sale = self.sell()
        record = self.announce(request(sale, rma=''))
        self.assertEqual((len(record), record.rma_ref), (1, False))
        self.assertEqual(self.announce(request(sale, rma='')), record)
        self.assertEqual(self.announce(request(sale)), record)
        self.assertEqual(record.rma_ref, 'DTEST1RRMA')
        self.assertEqual(len(self.announce(request(sale, rma='', date='12-Oct-2026'))), 2, "asked once more")

    def test_two_items_of_one_return(self):
        sale = self.sell(payloads.item(), payloads.item(sku='SKU-B', quantity=3, total='30.00'))
        first, second = sale.order_line.sorted('id')
        records = self.announce(request(sale, item=first.amazon_item_ref), request(
            sale, item=second.amazon_item_ref, sku='SKU-B', quantity='2'))
        self.assertEqual(records.sale_line_id, first | second)
        self.assertEqual(records.mapped('move_ids.product_uom_qty'), [1, 2])

    def test_more_than_was_ordered(self):
        sale = self.sell()
        record = self.announce(request(sale, quantity='7'))
        self.assertEqual((record.quantity, record.amazon_quantity, record.move_ids.product_uom_qty), (1, 7, 1))

    def test_more_than_was_delivered_in_several_returns(self):
        sale = self.sell(payloads.item(quantity=2, total='20.00'))
        first, second, third = self.announce(*(
            request(sale, rma=f'D{number}RRMA', date=f'1{number}-Oct-2026') for number in (1, 2, 3)))
        self.assertEqual((len(first.move_ids), len(second.move_ids), len(third.move_ids)), (1, 1, 0))
        self.assertEqual(third.picking_obstacle, 'returned')

    def test_a_return_made_by_hand_before(self):
        sale = self.sell()
        picking = self.return_by_hand(sale.picking_ids)
        record = self.announce(request(sale))
        self.assertEqual((record.move_ids.picking_id, len(sale.picking_ids)), (picking, 2))

    def test_packs_and_units(self):
        listing = self.env['amazon.listing'].search([('sku', '=', 'SKU-A')])
        listing.pack_quantity = 6
        sale = self.sell(payloads.item(quantity=2, total='20.00'))
        record = self.announce(request(sale))
        self.assertEqual(record.move_ids.product_qty, 6)
        self.validate(record.move_ids.picking_id)
        self.assertEqual(record.received_quantity, 1)

    def test_goods_that_left_without_a_delivery(self):
        sale = self.receive_sale(payloads.order(payloads.item(shipped=1), status='SHIPPED'))
        self.assertFalse(sale.picking_ids)
        record = self.announce(request(sale))
        picking = record.move_ids.picking_id
        self.assertEqual((picking.picking_type_id, picking.state), (self.warehouse.in_type_id, 'assigned'))
        self.assertEqual((picking.sale_id, sale.picking_ids, picking.amazon_order_ref), (
            sale, picking, sale.amazon_order_ref))
        self.assertFalse(sale.partner_shipping_id._amazon_find_own(), "nothing keeps the buyer's data")
        self.validate(picking)
        self.assertEqual((record.received_quantity, sale.order_line.qty_delivered), (1, 0))

    def test_what_came_back_is_not_shipped_again(self):
        self.german.fbm_shipped = 'deliver'
        order = payloads.order(payloads.item(shipped=1), status='SHIPPED')
        sale = self.receive_sale(order)
        self.validate(self.announce(request(sale)).move_ids.picking_id)
        self.receive(payloads.later(order, minutes=60))
        moves = sale.order_line.move_ids.filtered(lambda move: move.location_dest_id.usage == 'customer')
        self.assertEqual(len(moves), 1)

    def test_an_order_that_is_not_delivered_yet(self):
        sale = self.sell(deliver=False)
        record = self.announce(request(sale))
        self.assertEqual((record.picking_obstacle, len(sale.picking_ids)), ('undelivered', 1))
        self.validate(sale.picking_ids)
        self.follow()
        self.assertEqual((record.picking_obstacle, len(record.move_ids)), (False, 1))

    def test_an_order_that_comes_later(self):
        ref, item = '302-9999999-1234567', payloads.item(shipped=1)
        record = self.announce(request(order=ref, item=item['orderItemId']))
        self.assertEqual((record.picking_obstacle, record.sale_order_id.id, record.product_id), (
            'order', False, self.product))
        sale = self.receive_sale(payloads.order(item, ref=ref, status='SHIPPED'))
        self.follow()
        self.assertEqual((record.sale_order_id, record.picking_obstacle), (sale, False))
        self.assertTrue(record.move_ids)

    def test_an_item_that_is_not_clear(self):
        sale = self.sell(payloads.item(), payloads.item())
        record = self.announce(request(sale, item=''))
        self.assertEqual((record.picking_obstacle, record.move_ids.ids), ('item', []))

    def test_buyers_who_keep_the_goods(self):
        sale = self.sell()
        record = self.announce(request(sale, resolution='ReturnlessRefund', refunded='119.00'))
        self.assertEqual((record.picking_obstacle, len(sale.picking_ids)), ('returnless', 1))
        self.assertFalse(record.missing_since, "nobody owes these goods")

    def test_a_return_that_amazon_refuses_afterwards(self):
        sale = self.sell()
        record = self.announce(request(sale))
        self.announce(request(sale, status='Rejected'))
        self.assertEqual((record.picking_obstacle, record.move_ids.state), ('refused', 'cancel'))

    def test_words_that_nobody_knows(self):
        sale = self.sell()
        record = self.announce(request(sale, status='PendingMoonPhase', reason='BOREDOM', resolution='Dance'))
        self.assertEqual((record.status, record.resolution, record.picking_obstacle), (
            'PendingMoonPhase', 'Dance', False))
        self.assertEqual((record.reason_id.code, record.reason_id.name, record.reason_group, record.is_of_buyer), (
            'BOREDOM', "Boredom", 'other', True))

    def test_a_warehouse_that_cancels_is_not_asked_again(self):
        sale = self.sell()
        record = self.announce(request(sale))
        record.move_ids.picking_id.action_cancel()
        self.announce(request(sale, label_cost='1.00', status='Closed'))
        self.assertEqual(len(sale.picking_ids), 2)

    def test_lines_that_cannot_be_read_stop_no_other(self):
        sale = self.sell()
        with mute_logger('odoo.sql_db'):
            report = self.load(MERCHANT, COLUMNS.values(), [
                request(sale, quantity='many'), request(sale, rma='R' * 5000), request(sale, rma='DGOODRRMA')])
        self.assertEqual(report.problem_count, 2)
        self.assertEqual(self.follow().rma_ref, 'DGOODRRMA')

    def test_prefixes_of_the_merchant_are_groups_of_the_same(self):
        found = self.env['amazon.return.reason']._find_or_create([
            'CR-MISSING_PARTS', 'AMZ-PG-APP-TOO-SMALL', 'AMZ-PG-WJ-TOO-SMALL', 'AMZ-PG-BAD-DESC', 'AMZ-PG-XX-MOON',
            'CR-UNDELIVERABLE_NEW', 'SWITCHEROO'])
        self.assertEqual({code: reason.reason_group for code, reason in found.items()}, {
            'CR-MISSING_PARTS': 'wrong', 'AMZ-PG-APP-TOO-SMALL': 'fit', 'AMZ-PG-WJ-TOO-SMALL': 'fit',
            'AMZ-PG-BAD-DESC': 'described', 'AMZ-PG-XX-MOON': 'other', 'CR-UNDELIVERABLE_NEW': 'undeliverable',
            'SWITCHEROO': 'wrong'})
        self.assertEqual(found['CR-MISSING_PARTS'].name, "Parts missing")
        self.assertFalse(found['CR-UNDELIVERABLE_NEW'].is_of_buyer)


@tagged('post_install', '-at_install')
class TestReturnsReceived(ReturnsCase):
    """What the warehouse receives and what an inspection decides."""

    def setUp(self):
        super().setUp()
        self.sale = self.sell(payloads.item(quantity=3, total='30.00'))
        self.record = self.announce(request(self.sale, quantity='3'))
        self.picking = self.record.move_ids.picking_id

    def inspect(self, outcome, quantity, user=None):
        wizard = self.env['amazon.return.inspect'].browse(self.record.action_inspect()['res_id'])
        wizard.write({'outcome': outcome, 'quantity': quantity})
        return wizard.action_apply()

    def count(self, location):
        return sum(self.env['stock.quant'].search([('location_id', 'child_of', location.id), (
            'product_id', '=', self.product.id)]).mapped('quantity'))

    def test_received(self):
        self.validate(self.picking)
        self.assertEqual((self.record.received_quantity, self.record.received_date.date()), (
            3, fields.Date.today()))
        self.assertEqual((self.record.uninspected_quantity, self.record.refunded_date), (3, False))

    def test_received_in_parts(self):
        self.validate(self.picking, quantity=1)
        self.assertEqual(self.record.received_quantity, 1)
        rest = self.picking.backorder_ids
        self.assertEqual((rest.move_ids.amazon_return_id, rest.move_ids.product_uom_qty), (self.record, 2))
        self.validate(rest)
        self.assertEqual(self.record.received_quantity, 3)

    def test_a_return_by_hand_on_the_same_line_counts(self):
        other = self.sell(payloads.item(), created='2026-10-02T09:00:00Z')
        record = self.announce(request(other, rma='DHANDRRMA')) - self.record
        own = record.move_ids.picking_id
        # Somebody received the goods otherwise: Odoo's return of what is returned already.
        move = other.order_line.move_ids.filtered(lambda move: move.location_dest_id.usage == 'customer')
        hand = move.copy({
            'picking_id': False, 'location_id': move.location_dest_id.id, 'location_dest_id': move.location_id.id,
            'origin_returned_move_id': move.id, 'to_refund': True})
        hand._action_confirm(merge=False)
        hand.quantity, hand.picked = 1, True
        hand._action_done()
        self.assertEqual((record.received_quantity, own.state), (1, 'cancel'))

    def test_goods_wait_where_the_warehouse_inspects_them(self):
        place = self.env['stock.location'].create({
            'name': "Inspection", 'usage': 'internal', 'location_id': self.warehouse.view_location_id.id})
        self.warehouse.amazon_return_location_id = place
        other = self.sell()
        record = self.announce(request(other, rma='DPLACERRMA')) - self.record
        self.validate(record.move_ids.picking_id)
        self.assertEqual(self.count(place), 1)
        stock = self.count(self.warehouse.lot_stock_id)
        self.record = record
        self.inspect('stock', 1)
        self.assertEqual((self.count(place), self.count(self.warehouse.lot_stock_id)), (0, stock + 1))
        self.assertEqual((record.stocked_quantity, record.uninspected_quantity), (1, 0))

    def test_returns_made_by_hand_wait_there_too(self):
        place = self.env['stock.location'].create({
            'name': "Inspection", 'usage': 'internal', 'location_id': self.warehouse.view_location_id.id})
        self.warehouse.amazon_return_location_id = place
        picking = self.return_by_hand(self.sell().picking_ids)
        self.assertEqual((picking.location_dest_id, picking.move_ids.location_dest_id), (place, place))

    def test_inspected_three_ways(self):
        place = self.env['stock.location'].create({
            'name': "Refurbish", 'usage': 'internal', 'location_id': self.warehouse.view_location_id.id})
        self.validate(self.picking)
        with self.assertRaisesRegex(UserError, "Choose the location"):
            self.inspect('refurbish', 1)
        self.warehouse.amazon_refurbish_location_id = place
        stock = self.count(self.warehouse.lot_stock_id)
        self.inspect('stock', 1)
        self.inspect('refurbish', 1)
        self.inspect('scrap', 1)
        self.assertEqual((self.count(place), self.count(self.warehouse.lot_stock_id)), (1, stock - 2))
        scrap = self.env['stock.scrap'].search([('amazon_return_id', '=', self.record.id)])
        self.assertEqual((scrap.scrap_qty, scrap.state), (1, 'done'))
        self.assertEqual((self.record.stocked_quantity, self.record.refurbished_quantity,
                          self.record.scrapped_quantity, self.record.uninspected_quantity), (1, 1, 1, 0))
        with self.assertRaises(UserError):
            self.inspect('stock', 1)

    def test_no_more_than_was_received_is_inspected(self):
        self.validate(self.picking, quantity=1)
        with self.assertRaisesRegex(UserError, "1.0 units"):
            self.inspect('scrap', 2)

    def test_serial_numbers_come_back_and_are_inspected_one_by_one(self):
        self.product.tracking = 'serial'
        lots = self.env['stock.lot'].create([{'name': name, 'product_id': self.product.id} for name in ('S1', 'S2')])
        for lot in lots:
            self.env['stock.quant']._update_available_quantity(self.product, self.warehouse.lot_stock_id, 1, lot_id=lot)
        sale = self.sell(payloads.item(quantity=2, total='20.00'), deliver=False)
        sale.picking_ids.action_assign()
        sale.picking_ids.move_ids.picked = True
        sale.picking_ids._action_done()
        sold = sale.picking_ids.move_line_ids.lot_id
        self.record = self.announce(request(sale, rma='DSERIALRRMA', quantity='2')) - self.record
        picking = self.record.move_ids.picking_id
        for line, lot in zip(picking.move_ids.move_line_ids, sold, strict=True):
            line.write({'lot_id': lot.id, 'quantity': 1})
        picking.move_ids.picked = True
        picking._action_done()
        self.assertEqual(self.record.received_quantity, 2)
        wizard = self.env['amazon.return.inspect'].browse(self.record.action_inspect()['res_id'])
        wizard.write({'outcome': 'scrap', 'quantity': 1, 'lot_id': False})
        with self.assertRaisesRegex(UserError, "serial number"):
            wizard.action_apply()
        wizard.lot_id = sold[1]
        wizard.action_apply()
        self.assertEqual(self.env['stock.scrap'].search([('amazon_return_id', '=', self.record.id)]).lot_id, sold[1])

    def test_the_warehouse_inspects_and_salesmen_do_not(self):
        self.validate(self.picking)
        worker = new_test_user(self.env, 'returns_worker', groups='stock.group_stock_user', company_id=self.company.id,
                               company_ids=[(6, 0, self.company.ids)])
        self.env.flush_all()
        record = self.record.with_user(worker)
        wizard = self.env['amazon.return.inspect'].with_user(worker).browse(record.action_inspect()['res_id'])
        wizard.write({'outcome': 'scrap', 'quantity': 1})
        wizard.action_apply()
        self.assertEqual(self.record.scrapped_quantity, 1)
        salesman = new_test_user(self.env, 'returns_salesman', groups='sales_team.group_sale_salesman_all_leads',
                                 company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        with self.assertRaises(AccessError), mute_logger('odoo.addons.base.models.ir_model'):
            self.record.with_user(salesman).action_inspect()


@tagged('post_install', '-at_install')
class TestReturnsMoney(ReturnsCase):
    """Refunds are found, never made; what does not fit is a list; labels cost margin once."""

    def setUp(self):
        super().setUp()
        self.german.write({'fbm_invoice': 'posted', 'refund_policy': 'posted'})
        self.sale = self.receive_sale(payloads.order(payloads.item(quantity=2, total='238.00', shipped=2),
                                                     status='SHIPPED'))
        self.item = self.sale.order_line.amazon_item_ref

    def refund(self, quantity=1, price=-100.0, tax=-19.0, **options):
        parts = [group('ProductCharges', ('OurPricePrincipal', price), ('OurPriceTax', tax))]
        self.run_flow('transactions', FakeAmazon(listTransactions={'transactions': [
            refund(self.sale, (self.item, quantity, parts), **options)]}))

    def test_the_credit_note_of_today_is_tied(self):
        record = self.announce(request(self.sale))
        self.assertFalse(record.refunded_date)
        self.refund()
        notes = self.env['account.move'].search_count([('move_type', '=', 'out_refund')])
        self.follow()
        self.assertEqual((str(record.refunded_date), record.refunded_amount), ('2026-10-20 10:00:00', 119.0))
        self.assertEqual((record.transaction_ids.transaction_ref, record.credit_note_ids.amount_total), ('T1', 119.0))
        self.follow()
        self.assertEqual(self.env['account.move'].search_count([('move_type', '=', 'out_refund')]), notes)
        self.assertEqual(record.received_quantity, 0, "refunded is not received")

    def test_a_refund_before_the_report(self):
        self.refund()
        self.assertEqual(self.announce(request(self.sale)).refunded_amount, 119.0)

    def test_two_returns_of_one_item(self):
        first, second = self.announce(request(self.sale, rma='D1RRMA'), request(self.sale, rma='D2RRMA',
                                                                                date='12-Oct-2026'))
        self.refund()
        self.follow()
        self.assertEqual((first.refunded_amount, second.refunded_amount), (119.0, 0.0))
        self.refund(ref='T2', posted='2026-10-21T10:00:00Z')
        self.follow()
        self.assertEqual((first.refunded_amount, second.refunded_amount), (119.0, 119.0))

    def test_one_refund_of_two_returns(self):
        records = self.announce(request(self.sale, rma='D1RRMA'), request(self.sale, rma='D2RRMA', date='12-Oct-2026'))
        self.refund(quantity=2, price=-200.0, tax=-38.0)
        self.follow()
        self.assertEqual(records.mapped('refunded_amount'), [119.0, 119.0])

    def test_what_was_given_back_long_before_is_for_something_else(self):
        record = self.announce(request(self.sale, date='30-Oct-2026'))
        self.refund()
        self.follow()
        self.assertFalse(record.refunded_date)

    def test_a_deferred_refund_is_not_paid_yet(self):
        record = self.announce(request(self.sale))
        self.refund(status='DEFERRED')
        self.follow()
        self.assertFalse(record.refunded_date)

    def test_refunded_without_goods_for_21_days(self):
        today = fields.Date.today()
        record = self.announce(request(self.sale, date=(today - datetime.timedelta(days=30)).isoformat()))
        self.refund(posted=f'{today - datetime.timedelta(days=22)}T10:00:00Z')
        self.follow()
        self.assertEqual(record.missing_since, today - datetime.timedelta(days=1))
        missing = [('is_missing', '=', True), ('id', '=', record.id)]
        self.assertEqual((record.is_missing, self.returns.search(missing)), (True, record))
        record.action_settle()
        self.assertFalse(self.returns.search(missing))
        record.action_reopen()
        self.assertTrue(self.returns.search(missing))
        self.validate(record.move_ids.picking_id)
        self.assertFalse(self.returns.search(missing))
        self.assertEqual(self.returns.search([('is_missing', '=', False), ('id', '=', record.id)]), record)

    def test_goods_without_a_refund(self):
        record = self.announce(request(self.sale))
        unpaid = [('is_unpaid', '=', True), ('id', '=', record.id)]
        self.assertFalse(self.returns.search(unpaid))
        self.validate(record.move_ids.picking_id)
        self.assertEqual((record.is_unpaid, self.returns.search(unpaid)), (True, record))
        self.refund()
        self.follow()
        self.assertFalse(self.returns.search(unpaid))

    def test_safet_columns_are_kept(self):
        told = {'safet': '123', 'safet_state': 'Granted', 'safet_reason': "Item not returned",
                'safet_date': '05-Nov-2026', 'safet_amount': '50.00'}
        record = self.announce(request(self.sale, **told))
        self.announce(request(self.sale))
        self.assertEqual((record.safet_date, record.safet_amount), (datetime.date(2026, 11, 5), 50.0))


@tagged('post_install', '-at_install')
class TestReturnsFlow(ReturnsCase):
    """The reports are requested once a day, and only where there is something to return."""

    def run_returns(self, **documents):
        amazon = FakeAmazon(
            createReport=lambda **query: {'reportId': query['reportType']},
            getReport=lambda ref: {'reportId': ref, 'reportType': ref, 'processingStatus': 'DONE',
                                   'reportDocumentId': ref},
            getReportDocument=lambda ref: {'url': ref})
        amazon.documents = documents
        self.run_flow('returns', amazon)
        self.env['amazon.report'].search([('state', '=', 'asked')]).next_poll = fields.Datetime.now()
        self.run_flow('returns', amazon)
        return amazon

    def test_from_the_report_to_the_warehouse(self):
        sale = self.sell(created=f'{fields.Date.today()}T01:00:00Z')
        content = document(COLUMNS.values(), [request(sale, date=fields.Date.today().isoformat())])
        amazon = self.run_returns(**{MERCHANT: content})
        ((), query), = amazon.named('createReport')
        self.assertEqual((query['reportType'], query['marketplaceIds']), (MERCHANT, [self.german.marketplace_ref]))
        self.assertTrue(sale.amazon_return_ids.move_ids)
        self.assertFalse(self.run_returns().named('createReport'), "not again today")

    def test_nothing_is_asked_where_nothing_was_sold(self):
        self.assertFalse(self.run_returns().named('createReport'))

    def test_at_most_three_marketplaces_a_day(self):
        for number, code in enumerate(('DE', 'FR', 'GB', 'US')):
            self.env['sale.order'].create({
                'partner_id': self.env.user.partner_id.id, 'amazon_order_ref': f'302-000000{number}-1111111',
                'amazon_channel': 'fbm', 'amazon_marketplace_id': self.marketplace(code).id})
        self.seller._request_returns()
        asked = self.env['amazon.report'].search([('report_type', '=', MERCHANT)]).marketplace_id
        self.assertEqual(len(asked), 3)
        self.env.cr.execute("UPDATE amazon_report SET create_date = create_date - interval '23 hours', state = 'done'")
        self.env.invalidate_all()
        self.assertEqual(len(self.seller._find_due_markets()), 3)
        self.assertNotIn(self.seller._find_due_markets()[0], asked, "the one that waits longest is first")

    def test_empty_reports_are_no_error(self):
        self.sell(created=f'{fields.Date.today()}T01:00:00Z')
        amazon = FakeAmazon(createReport={'reportId': '1'}, getReport={
            'reportId': '1', 'reportType': MERCHANT, 'processingStatus': 'CANCELLED'})
        self.run_flow('returns', amazon)
        self.env['amazon.report'].search([('state', '=', 'asked')]).next_poll = fields.Datetime.now()
        self.run_flow('returns', amazon)
        self.assertEqual(self.env['amazon.report'].search([('report_type', '=', MERCHANT)]).state, 'empty')

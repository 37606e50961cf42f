import datetime

from odoo.tests import tagged

from ..amazon_reports.cleaning import TYPES
from ..models.amazon_report import IMPORTERS, MAY_BE_EMPTY
from . import payloads
from .claims_common import ClaimsCase, reimbursed
from .common import FakeAmazon
from .ledger_common import LedgerCase, row
from .returns_common import AMAZON, AMAZON_COLUMNS, REPLACED, REPLACED_COLUMNS, ReturnsCase, document, unit
from .test_transactions import group, refund


@tagged('post_install', '-at_install')
class TestReturnsToAmazon(ReturnsCase):
    """Each unit that comes back to Amazon is one record, however often it is reported; none moves stock."""

    def setUp(self):
        super().setUp()
        self.sale = self.receive_sale(payloads.order(payloads.item(quantity=2, total='20.00', shipped=2),
                                                     channel='AMAZON', status='SHIPPED'))
        self.ref = self.sale.amazon_order_ref

    def test_on_the_order_and_moving_nothing(self):
        moves, quants = self.env['stock.move'].search_count([]), self.product.with_context(
            location=self.german.fba_location_id.id).qty_available
        record = self.take_back(unit(self.ref, disposition='CUSTOMER_DAMAGED', comments="Broken|by Anna Schmidt"))
        self.assertEqual((record.sale_order_id, record.sale_line_id, record.product_id, record.marketplace_id), (
            self.sale, self.sale.order_line, self.product, self.german))
        self.assertEqual((record.disposition, record.status, record.reason_id.code, record.center), (
            'CUSTOMER_DAMAGED', 'Unit returned to inventory', 'DEFECTIVE', 'LEJ1'))
        self.assertEqual((record.announced_date, record.received_date, record.received_quantity), (
            False, datetime.datetime(2026, 10, 10, 8), 1))
        self.assertEqual((self.sale.amazon_return_count, record.picking_obstacle), (1, False))
        self.assertEqual(moves, self.env['stock.move'].search_count([]))
        self.assertEqual(quants, self.product.with_context(location=self.german.fba_location_id.id).qty_available)

    def test_no_comment_of_a_buyer_is_kept(self):
        self.take_back(unit(self.ref, comments="Broken|by Anna Schmidt"))
        self.env.flush_all()
        self.env.cr.execute("SELECT COUNT(*) FROM amazon_return record WHERE record::text LIKE '%Broken%'")
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_no_comment_of_a_buyer_is_in_the_stored_report(self):
        report = self.env['amazon.report'].create({
            'marketplace_id': self.german.id, 'report_type': AMAZON, 'state': 'asked', 'report_ref': '1'})
        amazon = FakeAmazon(getReportDocument={'url': 'u'})
        amazon.documents['u'] = document(AMAZON_COLUMNS, [unit(self.ref, comments="Broken|by Anna Schmidt")])
        with amazon.patched():
            self.assertTrue(report._fetch(self.seller._get_client(), 'D'))
        self.assertIn(b'LPN1', report._get_content())
        self.assertNotIn(b'Broken', report._get_content())

    def fetch(self, report_type, content):
        """Return a report whose document has just been fetched."""
        report = self.env['amazon.report'].create({
            'marketplace_id': self.german.id, 'report_type': report_type, 'state': 'asked', 'report_ref': report_type})
        amazon = FakeAmazon(getReportDocument={'url': 'u'})
        amazon.documents['u'] = content
        with amazon.patched():
            self.assertTrue(report._fetch(self.seller._get_client(), 'D'))
        return report

    def test_buyers_addresses_under_the_id_of_a_report_are_not_stored(self):
        """Amazon has delivered a report of orders in the place of one of returns, columns and all."""
        self.assertEqual(set(IMPORTERS), set(TYPES), "each type that is imported is cleaned before")
        orders = document(('order-id', 'order-item-id', 'buyer-email', 'sku', 'recipient-name', 'ship-address-1'),
                          [('1', '2', 'a1@marketplace', 'SKU-A', "Anna Schmidt", "Hauptstra\u00dfe 1")])
        for report_type in IMPORTERS:
            report = self.fetch(report_type, orders)
            self.assertEqual((report.state, report.content), ('error', False), report_type)
            self.assertNotIn("Anna", report.error)

    def test_a_document_with_nothing_in_it_is_no_error_where_there_may_be_nothing(self):
        """Of days that are too recent Amazon makes empty documents."""
        for report_type in IMPORTERS:
            may_be = report_type in MAY_BE_EMPTY
            report = self.fetch(report_type, b'')
            self.assertEqual((report.state, report.content), ('empty' if may_be else 'error', False), report_type)
            self.assertTrue(report.error)

    def test_what_a_letter_was_cut_off_of_stops_no_report(self):
        content = document(AMAZON_COLUMNS, [unit(self.ref, comments="Caf\u00e9")]).replace(b'Title', b'T\x81 \xff')
        report = self.fetch(AMAZON, content.decode('utf-8', 'surrogateescape').encode('cp1252', 'surrogateescape'))
        self.assertEqual(report.state, 'ready')

    def test_the_same_unit_with_another_date_and_status(self):
        record = self.take_back(unit(self.ref))
        again = self.take_back(unit(self.ref, date='2026-10-14T09:00:00+00:00', status='Reimbursed'))
        self.assertEqual(again, record)
        self.assertEqual((str(record.received_date), record.status), ('2026-10-10 08:00:00', 'Reimbursed'))

    def test_a_plate_that_is_used_again_for_another_order(self):
        other = self.receive_sale(payloads.order(payloads.item(shipped=1), channel='AMAZON', status='SHIPPED'))
        records = self.take_back(unit(self.ref), unit(other.amazon_order_ref))
        self.assertEqual(records.sale_order_id, self.sale | other)

    def test_equal_rows_without_a_plate_are_units_each(self):
        rows = [unit(self.ref, plate='')] * 2
        records = self.take_back(*rows)
        self.assertEqual(records.mapped('number'), [1, 2])
        self.assertEqual(self.take_back(*rows), records)
        later = self.take_back(unit(self.ref, plate='', status='Disposed'), rows[0])
        self.assertEqual((later, sorted(later.mapped('status'))), (
            records, ['Disposed', 'Unit returned to inventory']))

    def test_a_unit_that_gets_its_plate_later(self):
        records = self.take_back(*[unit(self.ref, plate='')] * 2)
        again = self.take_back(unit(self.ref, plate=''), unit(self.ref, plate='LPN7'))
        self.assertEqual((again, again.mapped('license_plate')), (records, [False, 'LPN7']))

    def test_orders_of_other_channels_and_none(self):
        records = self.take_back(unit("Shop #1001 Müller", plate='LPN1'), unit('', plate='LPN2'),
                                 unit('', sku='GONE', plate=''))
        self.assertEqual((len(records), records.sale_order_id.ids), (3, []))
        self.assertEqual(records.mapped('product_id'), self.product)
        self.assertEqual(self.take_back(unit('', plate='LPN2')), records)

    def test_an_order_that_comes_later(self):
        ref = '302-9999999-7654321'
        record = self.take_back(unit(ref))
        sale = self.receive_sale(payloads.order(payloads.item(shipped=1), channel='AMAZON', status='SHIPPED', ref=ref))
        self.follow()
        self.assertEqual((record.sale_order_id, record.sale_line_id), (sale, sale.order_line))

    def test_more_than_was_ordered(self):
        record = self.take_back(unit(self.ref, quantity=5))
        self.assertEqual((record.quantity, record.amazon_quantity, record.received_quantity), (2, 5, 2))

    def test_the_rate_leaves_out_what_never_reached_the_buyer(self):
        self.env['amazon.return'].search([]).unlink()
        self.sale.date_order = datetime.datetime.now()
        day = f'{datetime.date.today()}T08:00:00+00:00'
        self.take_back(unit(self.ref, date=day), unit(self.ref, date=day, plate='LPN2',
                                                      reason='UNDELIVERABLE_REFUSED'))
        template = self.product.product_tmpl_id
        for product in (self.product, template):
            self.assertEqual((product.amazon_shipped_units, product.amazon_returned_units,
                              product.amazon_return_rate), (2, 1, 0.5))
        self.assertEqual(self.other_product.amazon_return_rate, 0)
        self.sale.date_order -= datetime.timedelta(days=400)
        self.env.invalidate_all()
        self.assertEqual(self.product.amazon_shipped_units, 0)

    def test_it_is_of_the_day_of_the_company(self):
        self.company.resource_calendar_id.tz = 'Europe/Berlin'
        record = self.take_back(unit(self.ref, date='2026-10-31T23:30:00+00:00'))
        self.assertEqual(str(record.date), '2026-11-01')

    def test_analysis(self):
        self.take_back(unit(self.ref), unit(self.ref, plate='LPN2', reason='SWITCHEROO'))
        groups = self.returns._read_group([('is_of_buyer', '=', True), ('seller_id', '=', self.seller.id)], [
            'product_id', 'reason_group', 'marketplace_id', 'date:month'], ['quantity:sum'])
        self.assertEqual({(entry[0], entry[1], entry[2], entry[4]) for entry in groups}, {
            (self.product, 'defective', self.german, 1), (self.product, 'wrong', self.german, 1)})


def replacement(order, original, quantity=1, sku='SKU-A', date='2026-10-01', center='LEJ1'):
    return [date, sku, 'B0TEST0001', center, 'WRO5', str(quantity), 'DAMAGED_BY_CARRIER', order, original]


@tagged('post_install', '-at_install')
class TestReplacements(ReturnsCase, LedgerCase):
    """Replacements are on both orders, with the shipments of the ledger that they are among."""

    def replace(self, *rows):
        self.load(REPLACED, REPLACED_COLUMNS, rows)
        self.follow()
        return self.env['amazon.replacement'].search([('seller_id', '=', self.seller.id)], order='id')

    def setUp(self):
        super().setUp()
        self.sale = self.receive_sale(payloads.order(payloads.item(shipped=1), channel='AMAZON', status='SHIPPED'))

    def test_both_orders(self):
        ref = '302-9999999-1111111'
        record = self.replace(replacement(ref, self.sale.amazon_order_ref))
        self.assertEqual((record.original_order_id, record.sale_order_id.id, record.reason_id.code), (
            self.sale, False, 'DAMAGED_BY_CARRIER'))
        sale = self.receive_sale(payloads.order(payloads.item(shipped=1), channel='AMAZON', status='SHIPPED', ref=ref))
        again = self.replace(replacement(ref, self.sale.amazon_order_ref))
        self.assertEqual((again, record.sale_order_id), (record, sale))
        self.assertEqual((self.sale.amazon_replacement_ids, sale.amazon_replaced_ids), (record, record))

    def test_equal_rows_are_several(self):
        rows = [replacement('302-9999999-1111111', self.sale.amazon_order_ref)] * 2
        self.assertEqual(len(self.replace(*rows)), 2)
        self.assertEqual(len(self.replace(*rows)), 2)

    def test_what_it_explains_in_the_ledger(self):
        self.book(row('Shipments', -1), row('Shipments', -1, country='PL'), row('Receipts', 5))
        record = self.replace(replacement('302-9999999-1111111', self.sale.amazon_order_ref))
        self.assertEqual(record.ledger_line_ids.mapped(lambda line: (line.event_type, line.center)), [
            ('Shipments', 'LEJ1')])

    def test_a_return_under_the_order_of_the_replacement(self):
        ref = '302-9999999-1111111'
        record = self.take_back(unit(ref))
        self.assertFalse(record.sale_order_id)
        self.replace(replacement(ref, self.sale.amazon_order_ref))
        self.assertEqual((record.sale_order_id, record.sale_line_id), (self.sale, self.sale.order_line))

    def test_the_ledger_alone_brings_goods_back(self):
        self.book(row('CustomerReturns', 1))
        self.take_back(unit(self.sale.amazon_order_ref, date='2026-10-01T08:00:00+00:00'))
        self.assertEqual(self.quantity('sellable', 'DE'), 1)


@tagged('post_install', '-at_install')
class TestReturnsClaims(ReturnsCase, ClaimsCase):
    """What was refunded and did not come back is a claim, until a return is reported."""

    def setUp(self):
        super().setUp()
        self.sale = self.receive_sale(payloads.order(payloads.item(shipped=1), channel='AMAZON', status='SHIPPED'))
        parts = [group('ProductCharges', ('OurPricePrincipal', -100.0), ('OurPriceTax', -19.0))]
        self.run_flow('transactions', FakeAmazon(listTransactions={'transactions': [
            refund(self.sale, (self.sale.order_line.amazon_item_ref, 1, [*parts]), posted='2026-10-05T10:00:00Z')]}))

    def test_a_return_closes_the_claim(self):
        claim = self.find(month=12)
        self.assertEqual((claim.kind, claim.order_ref, claim.open_units), ('return', self.sale.amazon_order_ref, 1))
        record = self.take_back(unit(self.sale.amazon_order_ref))
        self.find(month=12)
        self.assertEqual(claim.open_units, 0)
        self.assertEqual((record.refunded_amount, str(record.refunded_date)), (119.0, '2026-10-05 10:00:00'))

    def test_what_comes_back_damaged_is_a_claim(self):
        self.take_back(unit(self.sale.amazon_order_ref, disposition='CARRIER_DAMAGED'))
        self.assertEqual(self.find(month=12).filtered('open_units').mapped('kind'), ['return_bad'])


@tagged('post_install', '-at_install')
class TestReplacementClaims(ReturnsCase, ClaimsCase):
    """Goods that were replaced are owed as goods that were refunded are, until they come back."""

    def setUp(self):
        super().setUp()
        self.sale = self.receive_sale(payloads.order(payloads.item(shipped=1), channel='AMAZON', status='SHIPPED'))
        self.ref, self.new = self.sale.amazon_order_ref, '302-7777777-7654321'

    def replace(self, *rows):
        self.load(REPLACED, REPLACED_COLUMNS, rows or [replacement(self.new, self.ref, date='2026-10-05')])

    def refund(self):
        parts = [group('ProductCharges', ('OurPricePrincipal', -100.0), ('OurPriceTax', -19.0))]
        self.run_flow('transactions', FakeAmazon(listTransactions={'transactions': [
            refund(self.sale, (self.sale.order_line.amazon_item_ref, 1, [*parts]), posted='2026-10-07T10:00:00Z')]}))

    def test_a_replacement_without_a_return_is_a_claim(self):
        self.replace()
        self.assertFalse(self.find(day=30, month=10), "the buyer has some time")
        claim = self.find(month=12)
        self.assertEqual((claim.kind, claim.order_ref, claim.sku, claim.open_units, str(claim.event_date)),
                         ('return', self.ref, 'SKU-A', 1, '2026-10-05'))
        self.assertEqual(claim.evidence_ids.mapped(lambda entry: (entry.kind, entry.reference, entry.quantity)),
                         [('replaced', self.new, 1)])

    def test_a_return_under_either_order_closes_it(self):
        for ref in (self.ref, self.new):
            with self.subTest(ref=ref):
                self.env['amazon.claim'].search([]).unlink()
                self.env['amazon.return'].search([]).unlink()
                self.replace()
                claim = self.find(month=12)
                self.assertEqual(claim.open_units, 1)
                self.take_back(unit(ref))
                self.find(month=12)
                self.assertEqual((claim.open_units, claim.state), (0, 'cleared'))

    def test_what_was_replaced_and_refunded_is_owed_twice(self):
        """Two units left, and none is paid for."""
        self.replace()
        self.refund()
        claim = self.find(month=12)
        self.assertEqual((claim.open_units, str(claim.event_date)), (2, '2026-10-07'))
        self.take_back(unit(self.new))
        self.find(month=12)
        self.assertEqual(claim.open_units, 1)

    def test_what_amazon_pays_for_either_order_settles_it(self):
        self.replace()
        for ref in (self.ref, self.new):
            self.env['amazon.claim'].search([]).unlink()
            self.env['amazon.reimbursement'].search([]).unlink()
            claim = self.find(month=12)
            self.reimburse(reimbursed('FREE_REPLACEMENT_REFUND_ITEMS', order=ref, day=25))
            self.find(month=12)
            self.assertEqual((claim.open_units, claim.state), (0, 'paid'), ref)

    def test_a_replacement_of_a_replacement(self):
        third = '302-8888888-7654321'
        self.replace(replacement(self.new, self.ref, date='2026-10-05'),
                     replacement(third, self.new, date='2026-10-09'))
        claim = self.find(month=12)
        self.assertEqual((claim.order_ref, claim.open_units), (self.ref, 2))
        self.take_back(unit(third), unit(self.new, plate='LPN2'))
        self.find(month=12)
        self.assertEqual(claim.open_units, 0)

    def test_orders_that_replace_each_other_stop_nothing(self):
        self.replace(replacement(self.new, self.ref), replacement(self.ref, self.new))
        self.assertEqual(sum(self.find(month=12).mapped('open_units')), 2)

    def test_a_replacement_of_an_order_that_nobody_names_is_none(self):
        self.replace(replacement(self.new, ''))
        self.assertFalse(self.find(month=12))

import datetime

from odoo import fields
from odoo.tests import tagged

from ..amazon_api.errors import AmazonError, RateLimited
from ..models.amazon_ledger_day import DAY
from .common import FakeAmazon
from .ledger_common import BALANCES, HEADER, START, LedgerCase, balance, document, row


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

"""How many reports all flows of returns, FBA stock and claims request of Amazon on one day of a region."""

import collections
import datetime

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from ..models.amazon_seller_ledger import LATE
from .claims_common import ORDERS, PARCELS, REIMBURSEMENTS
from .common import FakeAmazon
from .ledger_common import BALANCES, HEADER, LedgerCase, balance, document, row

DAY = datetime.timedelta(days=1)
# A day on which the ledger of earlier months is read again, too: its last day, a Monday, is complete since ten minutes.
NOW = datetime.datetime(2026, 11, 24, 6, 10)
FLOWS = ('returns', 'fba_stock', 'fba_claims')
CLAIMS = ('GET_FBA_REIMBURSEMENTS_DATA', 'GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA',
          'GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA')
RETURNS = ('GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA', 'GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA')
TEXTS = {
    'GET_LEDGER_DETAIL_VIEW_DATA': (HEADER, [row('Receipts', 5).replace('10/01/2026', '11/23/2026')]),
    'GET_LEDGER_SUMMARY_VIEW_DATA': (BALANCES, [balance(5).replace('10/01/2026', '11/23/2026')]),
    **dict(zip(CLAIMS, ((REIMBURSEMENTS, []), (ORDERS, []), (PARCELS, [])), strict=True)),
}


@tagged('post_install', '-at_install')
class TestRequestsADay(LedgerCase):
    """Amazon makes few reports a day; what fails or was never read before changes nothing about that."""

    def setUp(self):
        super().setUp()
        freezer = freeze_time(NOW)
        self.clock = freezer.start()
        self.addCleanup(freezer.stop)
        self.requested, self.asked, self.status, self.failing = [], [], 'DONE', ()
        self.amazon = FakeAmazon(
            createReport=self.create_report, getReports={'reports': []}, getShipments={'payload': {}},
            getReportDocument=lambda ref: {'url': f'https://{ref}'},
            getReport=lambda ref: {'reportId': ref, 'processingStatus': self.get_status(ref),
                                   'reportDocumentId': f'{ref}'})

    def get_status(self, ref):
        return 'FATAL' if self.requested[int(ref[1:])] in self.failing else self.status

    def create_report(self, **query):
        ref, kind = f'R{len(self.requested)}', query['reportType']
        self.requested.append(kind)
        self.asked.append((fields.Datetime.now(), kind, query['marketplaceIds'][0], query['dataStartTime'][:10]))
        self.amazon.documents[f'https://{ref}'] = document(*TEXTS.get(kind, ('', [])))
        return {'reportId': ref}

    def make_seller_old(self):
        """Let all have been read until yesterday, with orders on all marketplaces and a removal that goes on."""
        last = self.days._get_last_date(self.seller)
        self.seller.ledger_start = last - 120 * DAY
        self.days.create([{'seller_id': self.seller.id, 'date': last - number * DAY, 'state': 'booked'}
                          for number in range(1, 121)])
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_ledger_day SET create_date = date")
        self.env.invalidate_all()
        self.seller.claim_reports = dict.fromkeys((*CLAIMS, *RETURNS), '2026-11-23 00:10:00')
        self.read_late(last - DAY)
        self.make_busy()

    def read_late(self, last):
        """Let the days that change late have been read on their days of last week."""
        known = self.get_newest()
        for weekday, newest, oldest in LATE:
            day = last - DAY * ((last.weekday() - weekday) % 7)
            self.seller._request_ledger(day - DAY * oldest, day - DAY * newest, by_hand=True)
        self.env['amazon.report'].search([('id', '>', known)]).state = 'done'
        self.stamp(known, NOW - 2 * DAY)

    def make_busy(self):
        self.env['amazon.removal'].create({'seller_id': self.seller.id, 'order_ref': 'OPEN',
                                           'request_date': NOW - 20 * DAY})
        self.env['sale.order'].create([{
            'partner_id': self.env.user.partner_id.id, 'company_id': self.company.id, 'date_order': NOW - 5 * DAY,
            'amazon_marketplace_id': market.id, 'amazon_channel': channel}
            for market in self.seller.marketplace_ids for channel in ('fbm', 'fba')])

    def run_day(self, number=0, late=(), begin=NOW):
        """Run all flows every three hours of a day, some only in its second half; return how many reports of each type
        were requested.
        """
        known = len(self.requested)
        for step in range(8):
            for flow in FLOWS:
                if step >= 4 or flow not in late:
                    self.run_at(begin + number * DAY + step * datetime.timedelta(hours=3), flow)
        return collections.Counter(self.requested[known:])

    def run_at(self, moment, flow):
        """Run a flow at a moment, with reports that say so: the database has a clock of its own."""
        self.clock.move_to(moment)
        known = self.get_newest()
        self.run_flow(flow, self.amazon)
        self.stamp(known, moment)

    def get_newest(self):
        return self.env['amazon.report'].search([], order='id desc', limit=1).id or 0

    def stamp(self, known, moment):
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_report SET create_date = %s WHERE id > %s", [moment, known])
        self.env.invalidate_all()

    def check(self, counts):
        self.assertLessEqual(counts.total(), 12, counts)
        self.assertEqual(len(counts), 9, counts)

    def test_a_common_day(self):
        self.make_seller_old()
        self.check(self.run_day())

    def test_a_day_on_which_the_ledger_goes_on(self):
        self.make_seller_old()
        self.check(self.run_day(begin=NOW - datetime.timedelta(hours=6)))

    def test_a_day_on_which_amazon_makes_no_report(self):
        self.make_seller_old()
        self.status = 'FATAL'
        self.check(self.run_day())

    def test_the_first_day_of_a_ledger_of_many_months(self):
        self.seller.ledger_start = NOW.date() - 500 * DAY
        self.make_busy()
        self.check(self.run_day())

    # === A TYPE THAT ALWAYS FAILS === #

    def fill(self):
        """Let a person request all that a day has room for, a moment before."""
        known, moment = self.get_newest(), NOW - datetime.timedelta(minutes=10)
        for _number in range(12):
            self.env['amazon.report']._want(
                self.german, CLAIMS[0], True, start_date=NOW - DAY * 45, end_date=NOW).write(
                    {'state': 'done', 'row_count': 1})
        self.stamp(known, moment)

    def check_others(self, kind, asked):
        """Check that all but a failing type are requested as on a common day, and that one at most twice."""
        counts = collections.Counter(found[1] for found in asked)
        self.assertLessEqual(counts.pop(kind), 2, kind)
        self.assertEqual(len(counts), 8, counts)
        self.assertLessEqual(len(asked), 12)

    def test_a_type_that_always_fails_takes_no_others_place(self):
        self.make_seller_old()
        for kind in ('GET_LEDGER_DETAIL_VIEW_DATA', 'GET_LEDGER_SUMMARY_VIEW_DATA', CLAIMS[0]):
            with self.subTest(kind=kind):
                self.env['amazon.report'].search([('create_date', '>=', NOW)]).unlink()
                self.failing, self.asked = (kind,), []
                self.run_day(late=('returns',))
                self.check_others(kind, self.asked)
                self.assertGreaterEqual(len({found[2] for found in self.asked if 'RETURNS_DATA_BY' in found[1]}), 2)

    def test_all_types_are_read_each_day_while_one_fails_for_days(self):
        self.make_seller_old()
        self.failing = (CLAIMS[0],)
        for number in range(3):
            self.asked = []
            self.run_day(number, late=('returns',) if number % 2 else ())
            self.check_others(CLAIMS[0], self.asked)

    def test_all_fail_for_days(self):
        self.make_seller_old()
        self.status, self.asked = 'FATAL', []
        for number in range(3):
            self.run_day(number)
        for moment, _kind, _market, _start in self.asked:
            within = [found for found in self.asked if moment - DAY < found[0] <= moment]
            self.assertLessEqual(len(within), 12)
            self.assertLessEqual(max(collections.Counter(found[1:3] for found in within).values()), 2)
        self.assertEqual(len({found[1] for found in self.asked if found[0] >= NOW + 2 * DAY}), 9)

    def test_a_type_that_fails_says_when_it_is_requested_again(self):
        self.make_seller_old()
        self.failing = (CLAIMS[0],)
        self.run_day(late=('returns',))
        first, second = self.env['amazon.report'].search([('report_type', '=', CLAIMS[0])], order='id')
        self.assertNotIn("at most twice", first.error)
        self.assertIn("at most twice", second.error)

    # === WHAT FOUND NO ROOM === #

    def find_late(self):
        """Return on which days of the ledger the requests of days that change late began."""
        return [found[3] for found in self.asked if 'LEDGER_DETAIL' in found[1] and found[3] < '2026-11']

    def test_late_days_that_found_no_room_come_the_next_day(self):
        self.make_seller_old()
        self.fill()
        self.run_day()
        self.assertFalse(self.find_late())
        self.run_day(1)
        self.assertEqual(self.find_late(), ['2026-10-08'])
        self.run_day(2)
        self.assertEqual(self.find_late(), ['2026-10-08', '2026-09-10'], "once, and then those of the next weekday")

    def test_late_days_are_first_where_others_come_before_them(self):
        self.make_seller_old()
        self.fill()
        self.run_day()
        for flow in ('fba_claims', 'returns', 'fba_stock'):
            self.run_at(NOW + DAY, flow)
        self.assertTrue(self.find_late())

    def test_what_is_not_due_any_more_holds_up_nothing(self):
        self.make_seller_old()
        self.fill()
        self.run_day()
        self.env['amazon.ledger.day'].search([]).unlink()
        self.seller.ledger_state = 'off'
        for number in range(1, 3):
            self.asked = []
            self.run_day(number)
            self.assertGreaterEqual(len({found[2] for found in self.asked if 'RETURNS_DATA_BY' in found[1]}), 3)

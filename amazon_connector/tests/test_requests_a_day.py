"""How many reports all flows of returns, FBA stock and claims request of Amazon on one day of a region."""

import collections
import datetime

from freezegun import freeze_time

from odoo.tests import tagged

from .claims_common import ORDERS, PARCELS, REIMBURSEMENTS
from .common import FakeAmazon
from .ledger_common import BALANCES, HEADER, LedgerCase, balance, document, row

DAY = datetime.timedelta(days=1)
# A day on which the ledger of earlier months is read again, too.
NOW = datetime.datetime(2026, 11, 24, 0, 10)
FLOWS = ('returns', 'fba_stock', 'fba_claims')
CLAIMS = ('GET_FBA_REIMBURSEMENTS_DATA', 'GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA',
          'GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA')
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
        self.requested, self.status = [], 'DONE'
        self.amazon = FakeAmazon(
            createReport=self.create_report, getReports={'reports': []}, getShipments={'payload': {}},
            getReportDocument=lambda ref: {'url': f'https://{ref}'},
            getReport=lambda ref: {'reportId': ref, 'processingStatus': self.status, 'reportDocumentId': f'{ref}'})

    def create_report(self, **query):
        ref, kind = f'R{len(self.requested)}', query['reportType']
        self.requested.append(kind)
        self.amazon.documents[f'https://{ref}'] = document(*TEXTS.get(kind, ('', [])))
        return {'reportId': ref}

    def make_seller_old(self):
        """Let all have been read until yesterday, with orders on all marketplaces and a removal that goes on."""
        last = self.days._get_last_date(self.seller)
        self.seller.ledger_start = last - 120 * DAY
        self.days.create([{'seller_id': self.seller.id, 'date': last - number * DAY, 'state': 'booked'}
                          for number in range(1, 121)])
        self.seller.claim_reports = dict.fromkeys(CLAIMS, '2026-11-23 00:10:00')
        self.make_busy()

    def make_busy(self):
        self.env['amazon.removal'].create({'seller_id': self.seller.id, 'order_ref': 'OPEN',
                                           'request_date': NOW - 20 * DAY})
        self.env['sale.order'].create([{
            'partner_id': self.env.user.partner_id.id, 'company_id': self.company.id, 'date_order': NOW - 5 * DAY,
            'amazon_marketplace_id': market.id, 'amazon_channel': channel}
            for market in self.seller.marketplace_ids for channel in ('fbm', 'fba')])

    def run_day(self):
        """Run all flows every two hours of a day; return how many reports of each type were requested."""
        begin = len(self.requested)
        for step in range(12):
            self.clock.move_to(NOW + step * datetime.timedelta(hours=2))
            for flow in FLOWS:
                self.run_flow(flow, self.amazon)
        return collections.Counter(self.requested[begin:])

    def check(self, counts):
        self.assertLessEqual(counts.total(), 12, counts)
        self.assertEqual(len(counts), 9, counts)

    def test_a_common_day(self):
        self.make_seller_old()
        self.check(self.run_day())

    def test_a_day_on_which_amazon_makes_no_report(self):
        self.make_seller_old()
        self.status = 'FATAL'
        self.check(self.run_day())

    def test_the_first_day_of_a_ledger_of_many_months(self):
        self.seller.ledger_start = NOW.date() - 500 * DAY
        self.make_busy()
        self.check(self.run_day())

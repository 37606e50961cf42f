import datetime

from odoo import fields
from odoo.tests import tagged

from ..amazon_api.errors import RateLimited
from .claims_common import ORDERS, PARCELS, REIMBURSEMENTS, ClaimsCase, parcel, reimbursed, removal
from .common import FakeAmazon
from .ledger_common import document

MONEY, REMOVALS, SHIPMENTS = ('GET_FBA_REIMBURSEMENTS_DATA', 'GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA',
                              'GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA')
DAY = datetime.timedelta(days=1)


@tagged('post_install', '-at_install')
class TestClaimsFlow(ClaimsCase):
    """What is requested when: few reports, none of them twice, and what goes on is not lost from sight."""

    def setUp(self):
        super().setUp()
        self.wanted, self.status = {}, 'DONE'
        self.contents = {MONEY: document(REIMBURSEMENTS, [reimbursed('Lost_Warehouse')]),
                         REMOVALS: document(ORDERS, [removal(3, status='Pending')]),
                         SHIPMENTS: document(PARCELS, [parcel(3)])}
        self.amazon = FakeAmazon(
            createReport=self.create_report, getReportDocument=lambda ref: {'url': f'https://{ref[1:]}'},
            getReport=lambda ref: {'reportId': ref, 'reportType': self.wanted[ref]['reportType'],
                                   'processingStatus': self.status, 'reportDocumentId': f'D{ref}'})

    def create_report(self, **query):
        ref = f'R{len(self.wanted)}'
        self.wanted[ref] = query
        self.amazon.documents[f'https://{ref}'] = self.contents[query['reportType']]
        return {'reportId': ref}

    def run_all(self, days=0):
        """Run the flow twice, so many days later than the last time."""
        self.move_back(days)
        for _step in range(2):
            self.env['amazon.report'].search([('state', '=', 'asked')]).next_poll = '2026-01-01'
            self.run_flow('fba_claims', self.amazon)
        self.assertFalse(self.sync.error)

    def move_back(self, days):
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_report SET create_date = create_date - %s * interval '1 day', "
                            "end_date = end_date - %s * interval '1 day'", [days, days])
        self.env.invalidate_all()

    def read_types(self):
        return [query['reportType'] for query in self.wanted.values()]

    def read_days(self, report_type):
        """Return how many days each request of a type is long, and how many days ago it begins."""
        now = fields.Datetime.now()
        found = []
        for query in self.wanted.values():
            if query['reportType'] == report_type:
                start, end = (datetime.datetime.fromisoformat(query[name][:-1])
                              for name in ('dataStartTime', 'dataEndTime'))
                found.append((round((end - start) / DAY), (now - start) // DAY))
        return found

    def test_all_is_fetched_and_followed(self):
        self.run_all()
        self.run_all(1)
        self.assertEqual(sorted(set(self.read_types())), sorted([MONEY, REMOVALS, SHIPMENTS]))
        self.assertEqual(self.env['amazon.reimbursement'].search([]).reimbursement_ref, 'R1')
        self.assertEqual(self.env['amazon.removal.parcel'].search([]).picking_ids.move_ids.product_uom_qty, 3)

    def test_a_type_of_which_amazon_makes_no_more_holds_up_no_other(self):
        """Of parcels of removals Amazon has refused more reports for hours, while it made others."""
        until = datetime.datetime(2026, 12, 1, tzinfo=datetime.timezone.utc)
        self.amazon.answers['createReport'] = lambda **query: (
            RateLimited(until) if query['reportType'] == MONEY else self.create_report(**query))
        self.run_flow('fba_claims', self.amazon)
        self.run_flow('fba_claims', self.amazon)
        self.assertEqual(self.read_types(), [REMOVALS])
        self.assertEqual(self.env['amazon.report'].search([('report_type', '=', MONEY)]).state, 'wanted')
        self.env['amazon.report'].search([('report_type', '=', MONEY)]).next_poll = '2026-01-01'
        self.amazon.answers['createReport'] = self.create_report
        self.run_all()
        self.assertIn(MONEY, self.read_types())

    def test_each_report_is_requested_once_a_day(self):
        self.run_all()
        self.run_all()
        self.assertEqual(len(self.read_types()), len(set(self.read_types())))

    def test_parcels_are_asked_for_while_there_are_removals(self):
        self.contents[REMOVALS] = document(ORDERS, [])
        self.run_all()
        self.run_all(1)
        self.assertNotIn(SHIPMENTS, self.read_types())

    def test_reports_are_those_of_the_whole_region(self):
        self.run_all()
        self.assertEqual({tuple(query['marketplaceIds']) for query in self.wanted.values()},
                         {(self.german.marketplace_ref,)})

    def test_half_a_year_is_read_in_parts_and_then_what_is_new(self):
        self.contents[REMOVALS] = document(ORDERS, [])
        for _step in range(5):
            self.run_all(1)
        lengths = self.read_days(MONEY)
        self.assertEqual(lengths[0], (60, 180))
        self.assertTrue(all(length <= 62 for length, _begin in lengths), lengths)
        self.assertLessEqual(lengths[-1][1], 61)
        last = max(query['dataEndTime'] for query in self.wanted.values() if query['reportType'] == MONEY)
        self.assertGreater(datetime.datetime.fromisoformat(last[:-1]), fields.Datetime.now() - DAY)

    def test_a_removal_that_goes_on_is_asked_for_from_its_beginning(self):
        request = fields.Datetime.now() - 150 * DAY
        self.env['amazon.removal'].create({'seller_id': self.seller.id, 'order_ref': 'OLD', 'request_date': request})
        self.seller.claim_reports = {name: fields.Datetime.to_string(fields.Datetime.now() - DAY)
                                     for name in (MONEY, REMOVALS, SHIPMENTS)}
        self.run_all()
        self.assertEqual([begin for _length, begin in self.read_days(REMOVALS)], [151])
        self.assertEqual([begin for _length, begin in self.read_days(MONEY)], [46])

    def test_the_first_parcels_are_read_from_the_first_removal_on(self):
        self.env['amazon.removal'].create({'seller_id': self.seller.id, 'order_ref': 'NEW',
                                           'request_date': fields.Datetime.now() - 3 * DAY})
        self.run_all()
        self.assertEqual(self.read_days(SHIPMENTS), [(4, 4)])

    def test_parcels_of_a_new_removal_do_not_wait_for_months_without_any(self):
        self.contents |= {REMOVALS: document(ORDERS, []), SHIPMENTS: document(PARCELS, [])}
        now = fields.Datetime.now()
        self.env['amazon.removal'].create([
            {'seller_id': self.seller.id, 'order_ref': ref, 'request_date': now - days * DAY, 'is_open': is_open}
            for ref, days, is_open in (('OLD', 500, False), ('LATE', 320, False), ('NEW', 3, True))])
        self.seller.claim_reports = {name: fields.Datetime.to_string(now - days * DAY)
                                     for name, days in ((MONEY, 1), (REMOVALS, 1), (SHIPMENTS, 250))}
        self.run_all()
        self.assertEqual(self.read_days(SHIPMENTS), [(60, 251)])
        self.env['amazon.removal'].search([('order_ref', '=', 'LATE')]).request_date = now - 360 * DAY
        self.seller.claim_reports |= {SHIPMENTS: fields.Datetime.to_string(now - 250 * DAY)}
        self.run_all(1)
        self.assertEqual(self.read_days(SHIPMENTS)[1:], [(4, 4)])

    def test_nothing_to_report_is_no_error_and_time_goes_on(self):
        """Amazon also says so where it had no time: months that nobody reads again are asked for twice."""
        self.status = 'CANCELLED'
        for _step in range(4):
            self.run_all(1)
        begins = [begin for _length, begin in self.read_days(MONEY)]
        self.assertEqual(begins[:2], [180, 180])
        self.assertLess(begins[2], 130)
        self.assertEqual(len(set(begins[2:])), 1)
        self.assertFalse(self.seller.activity_ids)

    def test_a_seller_without_goods_at_amazon_asks_nothing(self):
        self.seller.ledger_state = 'off'
        self.env['amazon.listing'].search([('seller_id', '=', self.seller.id)]).channel_code = 'DEFAULT'
        self.run_all()
        self.assertFalse(self.wanted)

    def test_a_file_that_cannot_be_read_stops_no_other(self):
        self.contents[MONEY] = b'<html>no report</html>'
        self.run_all()
        self.assertEqual(self.env['amazon.removal'].search([]).order_ref, 'REM1')
        self.assertEqual(self.env['amazon.report'].search([('report_type', '=', MONEY)]).state, 'error')

    def test_an_import_that_was_stopped_goes_on_and_doubles_nothing(self):
        self.remove(removal(3, status='Pending'))
        report = self.import_claims('amazon.removal', REMOVALS, ORDERS, [
            removal(3, status='Pending'), removal(4, ref='REM2', status='Pending')])
        report.position = 0
        with self.in_job() as env:
            env['amazon.removal']._import_report(report.with_env(env), env['amazon.sync'].browse(self.sync.id))
        self.assertEqual(self.env['amazon.removal'].search([], order='id').mapped('requested'), [3, 4])

    # === WHAT IS KNOWN === #

    def know(self, days, ledger_days=1):
        now = fields.Datetime.now()
        self.seller.claim_reports = {name: fields.Datetime.to_string(now - days * DAY) for name in (MONEY, REMOVALS)}
        last = self.days._get_last_date(self.seller)
        self.seller.ledger_start = last - 60 * DAY
        self.days.create([{'seller_id': self.seller.id, 'date': last - number * DAY, 'state': 'booked'}
                          for number in range(ledger_days, 61)])
        return self.seller._knows_enough()

    def test_claims_wait_until_what_was_paid_is_known(self):
        self.assertTrue(self.know(1))
        self.assertFalse(self.know(50, ledger_days=61))

    def test_claims_wait_until_the_ledger_is_known(self):
        self.assertFalse(self.know(1, ledger_days=20))

    def test_reports_go_back_to_the_beginning_of_the_ledger(self):
        self.seller.ledger_start = fields.Date.today() - 300 * DAY
        self.run_all()
        begins = [query['dataStartTime'][:10] for query in self.wanted.values() if query['reportType'] == MONEY]
        self.assertEqual(begins, [str(self.seller.ledger_start)])

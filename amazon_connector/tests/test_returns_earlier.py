import datetime

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .returns_common import AMAZON, REPLACED
from .test_claims_goods import ReturnClaimsCase

DAY = datetime.timedelta(days=1)
# Before these days it is known what came back, as the tests have it.
KNOWN, UNKNOWN = '2026-12-03 00:00:00', '2026-11-01 00:00:00'


@tagged('post_install', '-at_install')
class TestReturnsEarlier(ReturnClaimsCase):
    """What came back to Amazon before the connector read returns, or while it did not, is read before it is claimed."""

    def run_days(self, days=1, rows=1, report_type=AMAZON):
        """Request what is due in the hours of a day, which ends some days later; return of which days ago the new
        reports are: from, until.
        """
        asked, now = [], fields.Datetime.now()
        for _hour in range(4):
            known = self.env['amazon.report'].search([])
            self.seller._request_returns()
            new = (self.env['amazon.report'].search([]) - known).sorted('id')
            asked += [(round((now - report.start_date) / DAY), round((now - report.end_date) / DAY)) for report in new
                      if report.report_type == report_type]
            new.write({'state': 'done' if rows else 'empty', 'row_count': rows})
        self.pass_time(days=days)
        return asked

    def pass_time(self, **time):
        """Let time pass, as far as reports and what is known by them are concerned."""
        step = datetime.timedelta(**time)
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_report SET create_date = create_date - %(step)s, start_date = start_date - "
                            "%(step)s, end_date = end_date - %(step)s", {'step': step})
        self.env.invalidate_all()
        self.seller.claim_reports = {
            name: fields.Datetime.to_string(fields.Datetime.to_datetime(until) - step)
            for name, until in (self.seller.claim_reports or {}).items()}

    def test_older_returns_are_read_one_report_a_day(self):
        self.assertEqual(self.run_days(), [(59, 0), (151, 92)])
        self.assertFalse(self.seller._knows_returns())
        self.assertEqual(self.run_days(), [(59, 0), (94, 57)])
        self.assertTrue(self.seller._knows_returns())
        self.assertEqual(self.run_days(), [(59, 0)])

    def test_replacements_are_read_like_them(self):
        self.assertEqual(self.run_days(report_type=REPLACED), [(59, 0), (151, 92)])
        self.assertEqual(self.run_days(report_type=REPLACED), [(59, 0), (94, 57)])

    def test_a_time_in_which_nothing_was_read_is_read_later(self):
        self.run_days()
        self.run_days()
        self.pass_time(days=80)
        self.assertFalse(self.seller._knows_returns())
        self.assertEqual(self.run_days(), [(59, 0), (82, 57)])
        self.assertEqual(self.run_days(), [(59, 0)])
        self.assertTrue(self.seller._knows_returns())

    def test_that_nothing_came_back_is_told_twice(self):
        for until in (92, 92, 57, 57):
            self.assertFalse(self.seller._knows_returns())
            self.assertEqual([end for _since, end in self.run_days(rows=0)], [0, until])
        self.assertTrue(self.seller._knows_returns())

    def test_what_failed_is_requested_the_next_day(self):
        self.run_days()
        self.env['amazon.report'].search([('end_date', '<', fields.Datetime.now() - DAY * 50)]).write(
            {'state': 'error', 'row_count': 0})
        self.seller.claim_reports = False
        self.assertEqual(self.run_days(), [(59, 0), (151, 92)])

    # === CLAIMS === #

    def follow(self, known, day=4):
        """Run the finder as the flow does, with returns that are known until a moment; return the claims."""
        self.seller.claim_reports = {AMAZON: known, REPLACED: known}
        self.patch(type(self.seller), '_knows_enough', lambda seller: True)
        with freeze_time(f'2026-12-{day:02} 12:00:00'), self.in_job() as env:
            env['amazon.claim']._follow(env['amazon.sync'].browse(self.sync.id))
        return self.claims.search([('seller_id', '=', self.seller.id)])

    def test_a_refund_is_no_claim_before_returns_are_known(self):
        self.refund(self.sell())
        self.assertFalse(self.follow(UNKNOWN))
        self.assertEqual(self.follow(KNOWN).kind, 'return')

    def test_a_claim_stays_while_returns_are_not_known(self):
        self.refund(self.sell())
        claim = self.follow(KNOWN)
        self.follow(UNKNOWN, day=20)
        self.assertEqual((claim.state, claim.open_units, claim.message_ids.filtered(
            lambda message: "any more" in (message.body or ''))), ('found', 1, self.env['mail.message']))

import datetime

from odoo import fields
from odoo.tests import tagged

from ..models.amazon_ledger_day import DAY
from .ledger_common import LedgerCase

DETAIL = 'GET_LEDGER_DETAIL_VIEW_DATA'


@tagged('post_install', '-at_install')
class TestLedgerLate(LedgerCase):
    """Days that change late are read once in their week, and keep no other days from being read."""

    def setUp(self):
        super().setUp()
        self.last = self.days._get_last_date(self.seller)
        while self.last.weekday() != 0:
            self.last -= DAY
        self.seller.ledger_start = self.last - 100 * DAY
        self.days.create([{'seller_id': self.seller.id, 'date': self.last - number * DAY, 'state': 'booked'}
                          for number in range(1, 101)])
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_ledger_day SET create_date = date")
        self.patch(type(self.days), '_get_last_date', lambda _model, _seller: self.last)
        self.reports = self.env['amazon.report']

    def request(self):
        """Return the new reports of the detail that are requested, as days before the last one."""
        known = self.reports.search([], order='id desc', limit=1).id or 0
        self.seller._request_due_reports()
        found = self.reports.search([('id', '>', known), ('report_type', '=', DETAIL)], order='id')
        return [tuple((self.last - self.days._to_date(self.seller, moment)).days
                      for moment in (report.start_date, report.end_date)) for report in found]

    def answer(self, state, hours=7, row_count=0):
        """Let Amazon have answered all, some hours ago."""
        self.reports.search([('state', '=', 'wanted')]).write({'state': state, 'row_count': row_count})
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_report SET create_date = create_date - %s", [
            datetime.timedelta(hours=hours)])
        self.env.invalidate_all()

    def read_days(self, newest, oldest, hours=1, **vals):
        """Let days have been read some hours ago."""
        report = self.reports.create({
            'marketplace_id': self.seller._get_home_market().id, 'report_type': DETAIL, 'state': 'done',
            'start_date': self.days._to_moment(self.seller, self.last - DAY * oldest),
            'end_date': self.seller._get_end_of(self.last - DAY * newest), **vals})
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_report SET create_date = %s WHERE id = %s", [
            fields.Datetime.now() - datetime.timedelta(hours=hours), report.id])
        self.env.invalidate_all()

    def test_days_that_amazon_cancelled_are_requested_once_more(self):
        """It cancels what it made a moment ago, too."""
        self.read_days(0, 14, row_count=1)
        late = self.request()
        self.assertIn((44, 15), late)
        self.answer('empty', hours=1)
        self.assertFalse(self.request(), "not at once")
        self.answer('empty', hours=25)
        self.read_days(0, 14, row_count=1)
        self.assertEqual(self.request(), late)
        self.answer('empty', hours=25)
        self.read_days(0, 14, row_count=1)
        self.assertFalse(self.request(), "Amazon has nothing to tell of them")

    def test_days_that_failed_are_requested_until_they_are_read(self):
        self.read_days(0, 14, row_count=1)
        late = self.request()
        for _number in range(3):
            self.answer('error', hours=25)
            self.read_days(0, 14, row_count=1)
            self.assertEqual(self.request(), late)

    def test_late_days_without_rows_do_not_hold_up_the_latest(self):
        for newest, oldest in ((15, 44), (50, 79), (78, 94)):
            self.read_days(newest, oldest)
        self.assertEqual(self.request()[0], (14, 0))

    def test_cancelled_late_days_hold_up_the_latest_for_some_hours_only(self):
        for newest, oldest in ((15, 44), (50, 79), (78, 94)):
            self.read_days(newest, oldest, hours=7, state='empty')
        self.assertEqual(self.request()[0], (14, 0))

    def test_latest_days_without_rows_are_not_requested_at_once(self):
        for newest, oldest in ((15, 44), (50, 79), (78, 94)):
            self.read_days(newest, oldest, row_count=1)
        self.read_days(0, 14)
        self.assertFalse(self.request())

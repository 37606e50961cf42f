import datetime

from odoo import fields, models
from odoo.tools import SQL

from ..amazon_reports import ledger, ledger_summary
from .amazon_ledger_day import DAY

# Late rows come within these days. What Amazon reconciles changes rows for three months: a third of them is read again
# on each of three days of a week.
RECENT, LATE = 14, ((0, 15, 44), (2, 45, 74), (4, 75, 91))
# The most days of one report.
MOST_DAYS = 31
# Amazon makes about ten of these reports a day and seller. One that failed or was empty is not requested again at once;
# those of earlier months follow each other. One that Amazon has cancelled twice had nothing to tell.
PAUSE, MOST_A_DAY, MOST_EMPTY = datetime.timedelta(hours=6), 8, 2
DAILY = {'aggregateByLocation': 'COUNTRY', 'aggregatedByTimePeriod': 'DAILY'}


class AmazonSeller(models.Model):
    """Which days of the ledger are requested when."""

    _inherit = 'amazon.seller'

    ledger_state = fields.Selection(
        [('off', "One location for each marketplace"), ('opening', "Waits for the opening balance"),
         ('on', "By Amazon's ledger")],
        "FBA stock", required=True, readonly=True, default='off', copy=False)
    ledger_start = fields.Date("First day of the ledger", readonly=True, copy=False)

    def _get_home_market(self):
        """Return the marketplace for which reports of the whole region are requested."""
        self.ensure_one()
        markets = self.marketplace_ids
        return markets.filtered(lambda market: market.country_id.code == self.home_marketplace)[:1] or markets[:1]

    def _has_several_countries(self) -> bool:
        """Return whether Amazon keeps stock of this seller in more than one country."""
        return self.env['stock.location'].sudo().search_count(
            [('amazon_seller_id', '=', self.id), ('amazon_kind', '=', 'sellable')], limit=2) > 1

    def _request_due_reports(self, by_hand=False):
        """Request the reports of the ledger for which it is time.

        :param bool by_hand: whether a person waits for them, however many there were today
        """
        self.ensure_one()
        days = self.env['amazon.ledger.day']
        last = days._get_last_date(self)
        if self.ledger_state == 'opening':
            self._request_opening_reports(by_hand)
        if self.ledger_state != 'on' or last < self.ledger_start:
            return
        if self._is_due(ledger_summary.REPORT_TYPE, last):
            self._want_ledger(ledger_summary.REPORT_TYPE, last, last, DAILY, by_hand=by_hand)
        if self._is_due(ledger.REPORT_TYPE, last):
            self._request_ledger(max(self.ledger_start, min(self._find_missing_day(last), last - DAY * RECENT)), last)
        for weekday, newest, oldest in LATE:
            self._request_late(last - DAY * ((last.weekday() - weekday) % 7), newest, oldest)

    def _request_late(self, day, newest, oldest):
        """Request days that change late, once in the week that begins with a day: on that day, or when there is room.
        """
        days, reports = self.env['amazon.ledger.day'], self.env['amazon.report']
        first, last = max(self.ledger_start, day - DAY * oldest), day - DAY * newest
        if last < first or not days.search_count([
                ('seller_id', '=', self.id), ('date', '>=', first), ('date', '<=', last), ('state', '!=', 'open'),
                ('create_date', '<', days._get_end(self, day))], limit=1):
            # Nothing of them was read before that day.
            return
        known = reports.search([
            ('seller_id', '=', self.id), ('report_type', '=', ledger.REPORT_TYPE),
            ('start_date', '=', days._to_moment(self, first)), ('end_date', '=', self._get_end_of(last))])
        failed, empty = (known.filtered(lambda report, state=state: report.state == state)
                         for state in ('error', 'empty'))
        is_recent = any(report.create_date > fields.Datetime.now() - PAUSE for report in known)
        if known == failed | empty and len(empty) < MOST_EMPTY and not is_recent:
            self._request_ledger(first, last)

    def _is_due(self, report_type, last):
        """Return whether a report up to a day is to be requested: none that tells something was, none failed lately,
        and Amazon makes one more today.
        """
        reports = self.env['amazon.report'].search([
            ('seller_id', '=', self.id), ('report_type', '=', report_type)], order='id desc', limit=20)
        until = self.env['amazon.ledger.day']._to_moment(self, last)
        told = reports.filtered(lambda report: report.end_date and report.end_date > until
                                and (report.state in ('wanted', 'asked', 'ready') or report.row_count))
        return not told and self._may_request(report_type, until)

    def _may_request(self, report_type, until=None):
        """Return whether Amazon may be asked for a report now: none failed lately, and it makes one more today.

        :param datetime until: reports of days before that moment (naive UTC) may be without rows
        """
        now = fields.Datetime.now()
        last = self.env['amazon.report'].search([
            ('seller_id', '=', self.id), ('report_type', '=', report_type)], order='id desc', limit=1)
        is_fine = last.row_count or last.state == 'done' and until and last.end_date <= until
        failed = last and not is_fine and last.create_date > now - PAUSE
        return not failed and self._count_requests(now - DAY) < MOST_A_DAY

    def _count_requests(self, since):
        return self.env['amazon.report'].search_count([
            ('seller_id', '=', self.id), ('create_date', '>', since),
            ('report_type', 'in', (ledger.REPORT_TYPE, ledger_summary.REPORT_TYPE))])

    def _find_missing_day(self, last):
        """Return the first day of the ledger that is not known as a whole yet, at most the day behind `last`."""
        self.env['amazon.ledger.day'].flush_model()
        rows = self.env.execute_query(SQL(
            """SELECT MIN(day.date) FROM generate_series(%s::date, %s::date, '1 day') AS day(date)
                WHERE NOT EXISTS (SELECT FROM amazon_ledger_day known WHERE known.seller_id = %s
                                     AND known.date = day.date AND known.state != 'open')""",
            self.ledger_start, last, self.id))
        return rows[0][0].date() if rows[0][0] else last + DAY

    def _request_ledger(self, first, last, by_hand=False):
        """Request the rows of the ledger from one day to another, at most of a month; later ones follow another time.
        """
        last = min(last, first + DAY * (MOST_DAYS - 1), self.env['amazon.ledger.day']._get_last_date(self))
        self._want_ledger(ledger.REPORT_TYPE, first, last, by_hand=by_hand)

    def _want_ledger(self, report_type, first, last, options=None, by_hand=False):
        days = self.env['amazon.ledger.day']
        self.env['amazon.report'].sudo()._want(
            self._get_home_market(), report_type, by_hand, start_date=days._to_moment(self, first),
            end_date=self._get_end_of(last), options=options or False)

    def _get_end_of(self, last):
        """Return the last moment of a day of the ledger (naive UTC)."""
        return self.env['amazon.ledger.day']._to_moment(self, last + DAY) - datetime.timedelta(seconds=1)

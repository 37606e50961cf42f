import contextlib
import datetime

from odoo import api, fields, models

from ..amazon_api.errors import RateLimited
from ..amazon_api.items import read_entries
from ..amazon_api.report_replies import read_report
from ..amazon_api.shapes import TEXT, ShapeError, needed, read
from ..amazon_reports import ledger, ledger_summary
from ..amazon_reports import listings as listings_report
from ..amazon_reports import settlement as settlement_report
from ..utils.locks import try_lock
from ..utils.phrases import tell
from .amazon_report import CLOSED, DAY, FLOWS, MAY_BE_EMPTY, OPEN, POLL_FIRST

# So many of these are requested in 24 hours: Amazon makes few, and those of all apps of a seller count. One of them is
# for each type, so that none takes another's; the others are for more marketplaces, and for days that change late.
MOST_A_DAY = 12
# One that brings nothing is requested again so often in 24 hours that it does no harm to others.
MOST_FRUITLESS = 2
# What found no room and did not come again for so long is not due any more: flows come again sooner.
FORGET = datetime.timedelta(hours=9)
# Amazon allows about ten of these in 24 hours, however slowly they are requested; afterwards it refuses them for hours.
CAPPED = (ledger.REPORT_TYPE, ledger_summary.REPORT_TYPE)
CAP_PAUSE = datetime.timedelta(hours=2)
BUSY_PAUSE = datetime.timedelta(minutes=5)
# Their days end at midnight of a time zone that Amazon does not name: they are requested with a margin, and what they
# tell of other days is not used.
OF_DAYS, MARGIN = CAPPED, datetime.timedelta(days=1)
OPTIONS = {listings_report.REPORT_TYPE: listings_report.REPORT_OPTIONS}
# How far the clocks of Amazon and this server may be apart; and the states of reports that Amazon makes or has made.
CLOCKS, UNFAILED = datetime.timedelta(minutes=5), ['IN_QUEUE', 'IN_PROGRESS', 'DONE']
CREATED = {'reportId': needed(TEXT)}


class AmazonReport(models.Model):
    _inherit = 'amazon.report'

    # === WHAT IS DUE === #

    @api.model
    def _want(self, marketplaces, report_type, by_hand=False, **vals):
        """Request a report for each marketplace that has none on its way, as far as a day has room for those of goods
        and returns, and return the new ones.

        :param bool by_hand: whether a person wants them, however many there were
        :param vals: `start_date`, `end_date` (naive UTC) and `options` of the report, where it has any; those of
            `OF_DAYS` are other reports if they are of other days
        """
        days = [(name, '=', vals.get(name)) for name in ('start_date', 'end_date') if report_type in OF_DAYS]
        busy = self.search([('marketplace_id', 'in', marketplaces.ids), ('report_type', '=', report_type),
                            ('state', 'in', OPEN), *days])
        reports = self.browse()
        for marketplace in marketplaces - busy.marketplace_id:
            report = self.new({'marketplace_id': marketplace.id, 'report_type': report_type, **vals})
            if by_hand or report_type not in MAY_BE_EMPTY or report._is_its_turn():
                reports += self.create({'marketplace_id': marketplace.id, 'report_type': report_type, **vals})
        return reports

    # === THE FEW REPORTS OF A DAY === #

    def _is_its_turn(self):
        """Return whether a day has room for this report, and let it wait where there is none: each type has one request
        of its own; the others go to those that wait longest, and to what was requested already today only if nobody
        waits.
        """
        latest = self._find_latest()
        same = latest.filtered(lambda report: report.report_type == self.report_type)
        mine = same.filtered(lambda report: report.marketplace_id == self.marketplace_id)
        fruitless = self._filter_fruitless(mine)
        if fruitless and len(fruitless | mine.filtered(lambda report: report.state in OPEN)) >= MOST_FRUITLESS:
            return False
        room = MOST_A_DAY - len(MAY_BE_EMPTY) - len(latest) + len(set(latest.mapped('report_type')))
        waiting = self._find_waiting()
        if self._get_place() in {report._get_place() for report in mine}:
            return room > len(waiting)
        now = fields.Datetime.to_string(fields.Datetime.now())
        since, place = waiting.get(self._get_place(), now), self._get_place()
        has_turn = not same or room > sum((other, name) < (since, place) for name, other in waiting.items())
        self._set_waiting(None if has_turn else [since, now])
        return has_turn

    def _find_latest(self):
        """Return the reports of goods and returns that were requested for this one's seller in 24 hours."""
        return self.search([
            ('seller_id', '=', self.marketplace_id.seller_id.id), ('report_type', 'in', MAY_BE_EMPTY),
            ('create_date', '>', fields.Datetime.now() - DAY)])

    def _filter_fruitless(self, reports):
        """Return those of some reports of this type that brought nothing: that failed, or of the same days had nothing
        to tell.
        """
        return reports.filtered(lambda report: report.state in CLOSED and not report.row_count and (
            report.state not in ('done', 'empty') or report._get_place() == self._get_place()))

    def _get_place(self):
        """Return what other reports of the same have in common with this one."""
        days = [fields.Datetime.to_string(self.start_date)] if self.report_type in OF_DAYS else []
        return ' '.join([self.report_type, str(self.marketplace_id.id), *days])

    def _find_waiting(self):
        """Return what waits for room for a request: since when (text), by its place."""
        flows = {FLOWS[report_type] for report_type in MAY_BE_EMPTY}
        syncs = self.marketplace_id.seller_id.sync_ids.filtered(lambda sync: sync.flow in flows)
        recent = fields.Datetime.to_string(fields.Datetime.now() - FORGET)
        return {place: since for sync in syncs for place, (since, seen) in (sync.waiting_reports or {}).items()
                if seen > recent}

    def _set_waiting(self, moments):
        """Store since when this report waits and when it was tried last, or that it does not wait."""
        sync = self.marketplace_id.seller_id.sync_ids.filtered(lambda sync: sync.flow == FLOWS[self.report_type])
        recent = fields.Datetime.to_string(fields.Datetime.now() - FORGET)
        known = sync.waiting_reports or {}
        kept = {place: times for place, times in known.items() if times[1] > recent and place != self._get_place()}
        if moments:
            kept[self._get_place()] = moments
        if kept != known:
            sync.waiting_reports = kept or False

    def _explain_pause(self):
        """Return in words when this report is requested again by itself, where it brought nothing again and again."""
        if self.report_type not in MAY_BE_EMPTY:
            return ''
        same = self._find_latest().filtered(lambda report: (report.report_type, report.marketplace_id) == (
            self.report_type, self.marketplace_id))
        return tell(self.env)._(
            "It failed before: it is requested at most twice in 24 hours, so that others have their turn. It goes on "
            "by itself when Amazon makes it.") if len(self._filter_fruitless(same - self)) + 1 >= MOST_FRUITLESS else ''

    @api.model
    def _get_last_date(self, marketplace, report_type):
        """Return when the latest report of a marketplace that did not fail was requested, or False."""
        domain = [('marketplace_id', '=', marketplace.id), ('report_type', '=', report_type), ('state', '!=', 'error')]
        return self.search(domain, order='id desc', limit=1).create_date

    # === REQUESTING === #

    def _request(self, sync, client):
        """Request the report (`createReport`), or take up the one whose request before got no reply; one of which
        Amazon allows no more today waits, and holds up no other.
        """
        report_ref = self._find_lost(client) if self.asked_date and self.report_type in MAY_BE_EMPTY else ''
        if not report_ref:
            self.asked_date = self.asked_date or fields.Datetime.now()
            # A reply may be lost from here on: Amazon cancels what is requested again, so it is looked for first.
            if not sync._commit() or not try_lock(self):
                return
            report_ref = self._create_report(client)
        if report_ref:
            now = fields.Datetime.now()
            self.write({'state': 'asked', 'report_ref': report_ref, 'asked_date': now, 'next_poll': now + POLL_FIRST,
                        'polls': 0, 'error': False})

    def _create_report(self, client):
        """Return Amazon's id of a new report (`createReport`), '' where Amazon makes no more of them today."""
        try:
            reply = client.call('createReport', reportType=self.report_type,
                                marketplaceIds=[self.marketplace_id.marketplace_ref], **self._prepare_query())
        except RateLimited:
            if self.report_type not in CAPPED:
                # It may be this type alone of which Amazon makes no more for hours: others go first next time.
                self.write({'asked_date': False, 'next_poll': fields.Datetime.now() + BUSY_PAUSE})
                self.env['amazon.sync']._commit()
                raise
            self.write({
                'asked_date': False, 'next_poll': fields.Datetime.now() + CAP_PAUSE, 'error': tell(self.env)._(
                    "Amazon makes only so many of these reports a day. This one is requested again by itself.")})
            return ''
        return read(reply.payload or {}, CREATED)['reportId']

    def _find_lost(self, client):
        """Return Amazon's id of this report (`getReports`) where Amazon made it and the reply never came, else ''."""
        market, start = self.marketplace_id.marketplace_ref, self._prepare_query().get('dataStartTime')
        reply = client.call('getReports', reportTypes=[self.report_type], marketplaceIds=[market], pageSize=100,
                            createdSince=f'{(self.asked_date - CLOCKS).isoformat()}Z', processingStatuses=UNFAILED)
        known = self.search([('seller_id', '=', self.seller_id.id), ('report_type', '=', self.report_type)]).mapped(
            'report_ref')
        for report in read_entries(reply.payload, 'reports'):
            with contextlib.suppress(ShapeError):
                facts = read_report(report)
                is_same = not start or facts.start and f'{facts.start.isoformat()}Z' == start
                if is_same and facts.report_ref not in known:
                    return facts.report_ref
        return ''

    def _prepare_query(self):
        """Return the parameters of the report that it does not have by its type alone."""
        options = self.options or OPTIONS.get(self.report_type)
        start, end = self.start_date, self.end_date
        if self.report_type in OF_DAYS:
            start, end = start - MARGIN, min(end + MARGIN, fields.Datetime.now())
        return {
            **({'reportOptions': options} if options else {}),
            **({'dataStartTime': f'{start.isoformat()}Z'} if start else {}),
            **({'dataEndTime': f'{end.isoformat()}Z'} if end else {}),
        }

    def action_request_again(self):
        """Request the same report once more; reports that Amazon makes by itself are only fetched again."""
        self.check_access('write')
        for report in self.sudo():
            if report.report_type == settlement_report.REPORT_TYPE:
                report.write({'state': 'asked', 'asked_date': fields.Datetime.now(),
                              'next_poll': fields.Datetime.now(), 'error': False})
            else:
                self.sudo()._want(report.marketplace_id, report.report_type, True, start_date=report.start_date,
                                  end_date=report.end_date, options=report.options)
        self._wake()

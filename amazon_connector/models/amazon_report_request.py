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
from .amazon_report import MAY_BE_EMPTY, OPEN, POLL_FIRST

# So many of these are requested in 24 hours: Amazon makes few, and those of all apps of a seller count.
MOST_A_DAY = 12
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
        due = marketplaces - busy.marketplace_id
        if report_type in MAY_BE_EMPTY and not by_hand:
            due = due[:self._count_room(marketplaces.seller_id)]
        return self.create([{'marketplace_id': marketplace.id, 'report_type': report_type, **vals}
                            for marketplace in due])

    @api.model
    def _count_room(self, seller):
        """Return how many more reports of goods and returns a region has room for in these 24 hours."""
        since = fields.Datetime.now() - datetime.timedelta(days=1)
        return max(MOST_A_DAY - self.search_count([
            ('seller_id', 'in', seller.ids), ('report_type', 'in', MAY_BE_EMPTY), ('create_date', '>', since)]), 0)

    @api.model
    def _get_last_date(self, marketplace, report_type):
        """Return when the latest report of a marketplace that was not empty was requested, or False."""
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
                'asked_date': False, 'next_poll': fields.Datetime.now() + CAP_PAUSE, 'error': self.env._(
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

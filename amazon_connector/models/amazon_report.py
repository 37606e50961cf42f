import base64
import datetime
import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..amazon_api.documents import download
from ..amazon_api.errors import NOT_OF_THE_RECORD, AmazonError
from ..amazon_api.items import read_entries
from ..amazon_api.report_replies import read_report
from ..amazon_api.shapes import TEXT, ShapeError, needed, read
from ..amazon_reports import (
    customer_returns,
    fba_returns,
    fulfilled_shipments,
    ledger,
    ledger_summary,
    reimbursements,
    removal_orders,
    removal_shipments,
    replacements,
)
from ..amazon_reports import listings as listings_report
from ..amazon_reports import settlement as settlement_report
from ..amazon_reports.cleaning import clean
from ..amazon_reports.text import EmptyReport, ReportError
from ..utils.amazon_words import get_label, label_field
from ..utils.locks import try_lock
from ..utils.pace import get_pause
from ..utils.phrases import dump, load, tell
from ..utils.quiet import concerns_record, describe, log_failure
from ..utils.reader_fields import ReaderText
from ..utils.words import explain, say

_logger = logging.getLogger(__name__)

# Report type -> the model whose `_import_report(report, sync)` imports it, resumably, and returns whether it reached
# the end.
IMPORTERS = {
    listings_report.REPORT_TYPE: 'amazon.listing', settlement_report.REPORT_TYPE: 'amazon.settlement',
    ledger.REPORT_TYPE: 'amazon.ledger.day', ledger_summary.REPORT_TYPE: 'amazon.ledger.balance',
    reimbursements.REPORT_TYPE: 'amazon.reimbursement', removal_orders.REPORT_TYPE: 'amazon.removal',
    removal_shipments.REPORT_TYPE: 'amazon.removal.parcel',
    fulfilled_shipments.REPORT_TYPE: 'amazon.fba.shipment',
    customer_returns.REPORT_TYPE: 'amazon.return', fba_returns.REPORT_TYPE: 'amazon.return',
    replacements.REPORT_TYPE: 'amazon.replacement',
}
FLOWS = {
    listings_report.REPORT_TYPE: 'listings', settlement_report.REPORT_TYPE: 'settlements',
    ledger.REPORT_TYPE: 'fba_stock', ledger_summary.REPORT_TYPE: 'fba_stock',
    reimbursements.REPORT_TYPE: 'fba_claims', removal_orders.REPORT_TYPE: 'fba_claims',
    removal_shipments.REPORT_TYPE: 'fba_claims',
    fulfilled_shipments.REPORT_TYPE: 'fba_stock',
    customer_returns.REPORT_TYPE: 'returns', fba_returns.REPORT_TYPE: 'returns', replacements.REPORT_TYPE: 'returns',
}
# Amazon cancels these where there is nothing to report, and where the same was requested a moment ago.
MAY_BE_EMPTY = (ledger.REPORT_TYPE, ledger_summary.REPORT_TYPE, reimbursements.REPORT_TYPE,
                removal_orders.REPORT_TYPE, removal_shipments.REPORT_TYPE, fulfilled_shipments.REPORT_TYPE,
                customer_returns.REPORT_TYPE, fba_returns.REPORT_TYPE, replacements.REPORT_TYPE)
POLL_FIRST, POLL_MOST = datetime.timedelta(seconds=30), datetime.timedelta(minutes=10)
DAY, GIVE_UP = datetime.timedelta(days=1), datetime.timedelta(hours=12)
KEEP = DAY * 30
DOCUMENT = {'url': needed(TEXT), 'compressionAlgorithm': TEXT}
OPEN, CLOSED = ('wanted', 'asked', 'ready'), ('done', 'partial', 'empty', 'error')
# So many problems of a document are kept, and so many are shown.
PROBLEMS_KEPT, PROBLEMS_SHOWN = 500, 50


class AmazonReport(models.Model):
    _name = 'amazon.report'
    _description = "Amazon Report"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'report_type'
    _order = 'id desc'

    seller_id = fields.Many2one(related='marketplace_id.seller_id', store=True, index=True)
    company_id = fields.Many2one(related='marketplace_id.company_id', store=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, readonly=True, ondelete='cascade')
    report_type = fields.Char(required=True, readonly=True)
    report_type_label = label_field("Report", 'report_type', 'report_type')
    report_ref = fields.Char("Report ID", readonly=True)
    state = fields.Selection(
        [('wanted', "To request"), ('asked', "Amazon works on it"), ('ready', "To import"), ('done', "Done"),
         ('partial', "Done, with problems"), ('empty', "Nothing to report"), ('error', "Error")],
        required=True, readonly=True, default='wanted', index=True)
    start_date = fields.Datetime("From", readonly=True)
    end_date = fields.Datetime("Until", readonly=True)
    options = fields.Json("Options of the report", readonly=True)
    asked_date = fields.Datetime("Requested", readonly=True)
    next_poll = fields.Datetime(readonly=True)
    polls = fields.Integer(readonly=True)
    content = fields.Binary("Document", readonly=True, attachment=True)
    charset = fields.Char(readonly=True)
    position = fields.Integer("Rows done", readonly=True)
    row_count = fields.Integer("Rows", readonly=True)
    error = ReaderText(readonly=True)
    problems = fields.Json("Problem data", readonly=True)
    problem_count = fields.Integer("Lines with problems", readonly=True)
    problem_text = fields.Text("Problems", compute='_compute_problem_text')

    _report_unique = models.UniqueIndex("(seller_id, report_ref) WHERE report_ref IS NOT NULL",
                                        "This report is already there.")

    @api.depends('problems', 'problem_count')
    @api.depends_context('lang')
    def _compute_problem_text(self):
        for report in self:
            lines = sorted((int(line), reason) for line, reason in (report.problems or {}).items())
            texts = [tell(self.env)._("Line %(line)s: %(reason)s", line=line, reason=load(self.env, reason))
                     for line, reason in lines[:PROBLEMS_SHOWN]]
            more = report.problem_count - len(texts)
            report.problem_text = tell(self.env).join([*texts, *([f'… (+{more})'] if more > 0 else [])]) or False

    def _begin(self, rows, count=None):
        """Store at the beginning of an import how many rows the document has, and the problems of those that cannot be
        read; return whether this is the beginning.

        :param rows: all rows of the document, with `number` and `problem`
        :param int count: how many are imported, by default all
        """
        if self.position:
            return False
        self._set_problems({row.number: say(self.env, row.problem) for row in rows if row.problem})
        self.row_count = len(rows) if count is None else count
        return True

    def _set_problems(self, problems):
        """Store the problems of lines of the document that were found when its import began.

        :param dict problems: number of the line -> reason
        """
        self.write({'problem_count': 0, 'problems': False})
        self._add_problems(problems)

    def _add_problems(self, problems):
        """Add problems of more lines of the document to those that are stored; the import goes on.

        :param dict problems: number of the line -> reason
        """
        known, new = self.problems or {}, {str(line): dump(reason) for line, reason in problems.items()}
        self.write({
            'problem_count': self.problem_count + len(new.keys() - known.keys()),
            'problems': dict(list({**known, **new}.items())[:PROBLEMS_KEPT]) or False})

    def _store_in_portions(self, sync, rows, store):
        """Store the rows behind the position of this report in short transactions; a row that fails alone is a problem
        of the report, and stops no other.

        :param list rows: with the line of the file as `number`, or pairs of such a row and something else
        :param store: called with a list of rows, which may come twice
        :return: whether there was time for all
        :rtype: bool
        """
        done = set()

        def advance(portion):
            self.env.flush_all()
            done.update(portion)
            self.position = next((place for place in range(self.position, len(rows)) if place not in done), len(rows))

        def handle(portion):
            store([rows[place] for place in portion])
            advance(portion)

        def give_up(place, error):
            row = rows[place] if hasattr(rows[place], 'number') else rows[place][0]
            self._add_problems({row.number: sync._describe(error)})
            advance([place])

        return sync._in_portions(range(self.position, len(rows)), handle, give_up=give_up)

    # === WHAT AMAZON MADE BY ITSELF === #

    @api.model
    def _list(self, sync, client, **query):
        """Fetch the reports that `getReports` lists, page by page; an entry that cannot be read is a problem of its
        own.

        :raises ShapeError: a page has no list of reports
        :raises AmazonError: Amazon gives the same page again and again
        """
        for reply in client.pages('getReports', alone=True, **query):
            problems = self._store_listed(sync.seller_id, read_entries(reply.payload, 'reports'))
            sync._commit()
            sync._add_problems(tell(self.env)._("List of reports"), problems)

    @api.model
    def _store_listed(self, seller, reports):
        """Store reports that Amazon made by itself, each once however often it is listed.

        :param list reports: `Report` objects of `getReports`, which are done
        :return: what could not be understood
        :rtype: list[str]
        """
        listed, problems = {}, []
        for report in reports:
            try:
                facts = read_report(report)
            except ShapeError as error:
                problems.append(explain(self.env, error))
            else:
                listed.setdefault(facts.report_ref, facts)
        known = set(self.search([('seller_id', '=', seller.id), ('report_ref', 'in', list(listed))]).mapped(
            'report_ref'))
        markets = seller.with_context(active_test=False).marketplace_ids
        by_ref, now = {market.marketplace_ref: market for market in markets}, fields.Datetime.now()
        for facts in listed.values():
            market = next((by_ref[ref] for ref in facts.marketplaces if ref in by_ref), seller.marketplace_ids[:1]
                          or markets[:1])
            if facts.report_ref not in known and facts.report_type in IMPORTERS and market:
                self.create({'marketplace_id': market.id, 'report_type': facts.report_type,
                             'report_ref': facts.report_ref, 'state': 'asked', 'asked_date': now, 'next_poll': now})
        return problems

    # === FETCHING === #

    @api.model
    def _advance(self, sync, client, report_types):
        """Advance all open reports of a seller by one step, as far as Amazon is and time allows.

        :return: False when nothing is open, True when time ran out, else when to look again (datetime, UTC)
        """
        domain = [('seller_id', '=', sync.seller_id.id), ('report_type', 'in', report_types), ('state', 'in', OPEN)]
        for report in self.search(domain, order='id'):
            subject = report._get_subject()
            state, in_time = report.state, True
            with sync._isolate(subject):
                in_time = report._advance_one(sync, client)
            if not in_time:
                return True
            run = sync.env.context.get('amazon_run')
            report._check_progress(state, run and run.describe(self.env, subject))
        waiting = self.search([*domain, ('state', '!=', 'ready'), ('next_poll', '!=', False)]).mapped('next_poll')
        return min(waiting) if waiting else False

    def _get_subject(self):
        kind = get_label(self.env, 'report_type', self.report_type)
        return tell(self.env).join([kind, self.report_ref, f'({self.marketplace_id.name})'], by=' ')

    def _advance_one(self, sync, client):
        """Advance a report by one step; return whether there is time for more."""
        if not try_lock(self):
            # Another process is at it.
            return True
        now = fields.Datetime.now()
        if self.state == 'wanted' and (not self.next_poll or self.next_poll <= now):
            self._request(sync, client)
        elif self.state == 'asked' and self.next_poll <= now:
            self._poll(client)
        if not sync._commit():
            return False
        return self.state != 'ready' or self._import(sync)

    def _check_progress(self, state, problem):
        """Postpone the next attempt of a report that failed, and give it up after some time.

        :param str state: its state before
        :param str problem: what failed in this run, None for nothing
        """
        if problem is None or self.state != state:
            return
        now = fields.Datetime.now()
        # Of one that Amazon has not made, the other date is only that of the first attempt.
        if now - (self.create_date if state == 'wanted' else self.asked_date or self.create_date) > GIVE_UP:
            self._fail(problem)
        else:
            self.write({'error': problem, 'polls': self.polls + 1})
            self.next_poll = now + self._get_pause()
        self.env['amazon.sync']._commit()

    def _get_pause(self):
        return get_pause(POLL_FIRST, self.polls, POLL_MOST)

    def _poll(self, client):
        """Read the state of the report (`getReport`), and download it when it is done."""
        reply = client.call('getReport', self.report_ref).payload
        report = read_report({**reply, 'reportId': self.report_ref} if isinstance(reply, dict) else reply)
        if report.status == 'DONE' and report.document_ref and self._fetch(client, report.document_ref):
            return
        if report.status == 'CANCELLED' and self.report_type in MAY_BE_EMPTY:
            self._set_empty()
        elif report.status in ('FATAL', 'CANCELLED'):
            self._fail(tell(self.env)._("Amazon could not make the report (%s). Ask for it again.", report.status))
        elif fields.Datetime.now() - self.asked_date > GIVE_UP:
            self._fail(self.error or tell(self.env)._("Amazon did not finish the report. Ask for it again."))
        else:
            self.polls += 1
            self.next_poll = fields.Datetime.now() + self._get_pause()

    def _fetch(self, client, document_ref):
        """Download the document (`getReportDocument`); return whether it is complete: a damaged one is fetched again
        later and stops no other.
        """
        try:
            reply = read(client.call('getReportDocument', document_ref).payload or {}, DOCUMENT)
            document = download(self.seller_id._get_transport(), reply['url'],
                                gzipped=reply.get('compressionAlgorithm') == 'GZIP')
        except NOT_OF_THE_RECORD:
            raise
        except (ShapeError, AmazonError) as error:
            self.error = explain(self.env, error)
            return False
        try:
            content, charset = clean(self.report_type, document.content, document.charset or '')
        except EmptyReport as error:
            self._set_empty(self._describe(error))
            return True
        except ReportError as error:
            # It may be anything, so nothing of it is stored.
            self._fail(self._describe(error))
            return True
        self.write({'state': 'ready', 'charset': charset, 'position': 0, 'content': base64.b64encode(content),
                    'error': False})
        return True

    def _get_content(self):
        """Return the bytes of the document."""
        return base64.b64decode(self.with_context(bin_size=False).content or b'')

    def _import(self, sync):
        """Import the report; one that cannot be read is marked with its reason. Return whether the end was reached."""
        try:
            finished = self.env[IMPORTERS[self.report_type]]._import_report(self, sync)
        except (AmazonError, ShapeError):
            # Amazon was not available: the document is not at fault.
            raise
        except Exception as error:
            if not concerns_record(error):
                raise
            self.env.cr.rollback()
            self._fail(self._describe(error))
            sync._commit()
            return True
        if finished:
            self.write({'state': 'partial' if self.problem_count else 'done', 'content': False, 'error': False})
            self._alert_problems()
            sync._commit()
        return finished

    def _describe(self, error):
        """Return in words why a document could not be imported; unexpected errors are logged without the values that
        they quote.
        """
        if isinstance(error, ReportError | UserError):
            return explain(self.env, error)
        log_failure(_logger, "Amazon report %s (%s)", self.id, self.report_type, error=error)
        return tell(self.env)._("The document could not be imported: unexpected error (%s), see the server log.",
                                describe(error))

    def _alert_problems(self):
        """Give somebody a task for lines that could not be read, unless those of the report before had the same
        reasons.
        """
        if self.problem_count:
            before = self.search([('marketplace_id', '=', self.marketplace_id.id),
                                  ('report_type', '=', self.report_type), ('id', '<', self.id),
                                  ('state', 'in', CLOSED)], order='id desc', limit=1)
            if set((self.problems or {}).values()) - set((before.problems or {}).values()):
                seller = self.seller_id._for_person()
                seller._alert(seller.env._("Some lines of a report of %s cannot be read", self.marketplace_id.name),
                              self.with_env(seller.env).problem_text)

    def _set_empty(self, message=None):
        """Mark the report as one with nothing in it, or as failed for a reason where there must be something."""
        if message and self.report_type not in MAY_BE_EMPTY:
            self._fail(message)
            return
        self.write({'state': 'empty', 'error': tell(self.env)._(
            "Amazon has nothing to report, or was asked for the same a moment ago.")})

    def _fail(self, message):
        self.write({'state': 'error', 'error': tell(self.env).join([message, self._explain_pause()])})

    def action_poll(self):
        """Ask Amazon now, not at the planned time, for the report or its state."""
        self.check_access('write')
        self.sudo().filtered(lambda report: report.state in ('wanted', 'asked')).next_poll = fields.Datetime.now()
        self._wake()
        return True

    def _wake(self):
        for flow, reports in self.grouped(lambda report: FLOWS[report.report_type]).items():
            reports.seller_id._wake(flow)

    @api.autovacuum
    def _gc_reports(self):
        self.search([('state', 'in', CLOSED),
                     ('create_date', '<', fields.Datetime.now() - KEEP)]).unlink()

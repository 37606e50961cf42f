import base64
import datetime

from odoo import api, fields, models

from ..amazon_api.documents import download
from ..amazon_api.errors import NOT_OF_THE_RECORD, AmazonError
from ..amazon_reports import listings as listings_report
from ..amazon_reports import settlement as settlement_report
from ..amazon_reports.text import ReportError

# Report type -> the model whose `_import_report(report, sync)` takes it in, resumably, and returns whether it came to the end.
IMPORTERS = {listings_report.REPORT_TYPE: 'amazon.listing', settlement_report.REPORT_TYPE: 'amazon.settlement'}
FLOWS = {listings_report.REPORT_TYPE: 'listings', settlement_report.REPORT_TYPE: 'settlements'}
OPTIONS = {listings_report.REPORT_TYPE: listings_report.REPORT_OPTIONS}
POLL_FIRST, POLL_MOST = datetime.timedelta(seconds=30), datetime.timedelta(minutes=10)
GIVE_UP = datetime.timedelta(hours=12)
KEEP = datetime.timedelta(days=30)


class AmazonReport(models.Model):
    _name = 'amazon.report'
    _description = "Amazon Report"
    _rec_name = 'report_type'
    _order = 'id desc'

    seller_id = fields.Many2one(related='marketplace_id.seller_id', store=True, index=True)
    company_id = fields.Many2one(related='marketplace_id.company_id', store=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, readonly=True, ondelete='cascade')
    report_type = fields.Char(required=True, readonly=True)
    report_ref = fields.Char("Report ID", readonly=True)
    state = fields.Selection(
        [('wanted', "To request"), ('asked', "Amazon works on it"), ('ready', "To import"), ('done', "Done"), ('error', "Error")],
        required=True, readonly=True, default='wanted', index=True)
    asked_date = fields.Datetime("Requested", readonly=True)
    next_poll = fields.Datetime(readonly=True)
    polls = fields.Integer(readonly=True)
    content = fields.Binary("Document", readonly=True, attachment=True)
    charset = fields.Char(readonly=True)
    position = fields.Integer("Rows done", readonly=True)
    row_count = fields.Integer("Rows", readonly=True)
    error = fields.Text(readonly=True)

    _report_unique = models.UniqueIndex("(seller_id, report_ref) WHERE report_ref IS NOT NULL", "This report is already there.")

    @api.model
    def _note_listed(self, seller, reports):
        """Fetch reports that Amazon made by itself, each once however often it is listed.

        :param list reports: `Report` objects of `getReports`, which are done
        """
        known = set(self.search([('seller_id', '=', seller.id), ('report_ref', 'in', [report['reportId'] for report in reports])]).mapped('report_ref'))
        markets = {market.marketplace_ref: market for market in seller.with_context(active_test=False).marketplace_ids}
        now = fields.Datetime.now()
        for report in reports:
            if report['reportId'] not in known:
                known.add(report['reportId'])
                market = next((markets[ref] for ref in report.get('marketplaceIds') or [] if ref in markets), seller.marketplace_ids[:1])
                self.create({'marketplace_id': market.id, 'report_type': report['reportType'], 'report_ref': report['reportId'], 'state': 'asked',
                             'asked_date': now, 'next_poll': now})

    @api.model
    def _want(self, marketplaces, report_type):
        """Ask for a report of each marketplace that does not have one on its way, and return the new ones."""
        busy = self.search([('marketplace_id', 'in', marketplaces.ids), ('report_type', '=', report_type), ('state', 'in', ('wanted', 'asked', 'ready'))])
        return self.create([{'marketplace_id': marketplace.id, 'report_type': report_type} for marketplace in marketplaces - busy.marketplace_id])

    @api.model
    def _get_last_date(self, marketplace, report_type):
        """Return when the latest report of a marketplace that was not in vain was requested, or False."""
        domain = [('marketplace_id', '=', marketplace.id), ('report_type', '=', report_type), ('state', '!=', 'error')]
        return self.search(domain, order='id desc', limit=1).create_date

    @api.model
    def _advance(self, sync, client, report_types):
        """Bring all open reports of a seller one step on, as far as Amazon is and time allows.

        :return: False when nothing is open, True when time ran out, else when to look again (datetime, UTC)
        """
        domain = [('seller_id', '=', sync.seller_id.id), ('report_type', 'in', report_types), ('state', 'in', ('wanted', 'asked', 'ready'))]
        for report in self.search(domain, order='id'):
            if report.state == 'wanted':
                report._request(client)
            elif report.state == 'asked' and report.next_poll <= fields.Datetime.now():
                report._poll(client)
            if not sync._commit():
                return True
            if report.state == 'ready' and not report._import(sync):
                return True
        waiting = self.search([*domain, ('state', '=', 'asked')]).mapped('next_poll')
        return min(waiting) if waiting else False

    def _request(self, client):
        """`createReport`"""
        reply = client.call('createReport', reportType=self.report_type, marketplaceIds=[self.marketplace_id.marketplace_ref],
                            **({'reportOptions': OPTIONS[self.report_type]} if self.report_type in OPTIONS else {}))
        now = fields.Datetime.now()
        self.write({'state': 'asked', 'report_ref': reply.payload['reportId'], 'asked_date': now, 'next_poll': now + POLL_FIRST, 'polls': 0})

    def _poll(self, client):
        """`getReport`, and when it is done `getReportDocument` and the download."""
        report = client.call('getReport', self.report_ref).payload
        status = report['processingStatus']
        if status == 'DONE' and self._fetch(client, report['reportDocumentId']):
            return
        if status in ('FATAL', 'CANCELLED'):
            self._fail(self.env._("Amazon could not make the report (%s). Ask for it again.", status))
        elif fields.Datetime.now() - self.asked_date > GIVE_UP:
            self._fail(self.error or self.env._("Amazon did not finish the report. Ask for it again."))
        else:
            self.polls += 1
            self.next_poll = fields.Datetime.now() + min(POLL_FIRST * 2 ** min(self.polls, 10), POLL_MOST)

    def _fetch(self, client, document_ref):
        """`getReportDocument` and the download; return whether it came whole: what is damaged is fetched again later, and holds no other report."""
        try:
            reply = client.call('getReportDocument', document_ref).payload
            document = download(self.seller_id._get_transport(), reply['url'], gzipped=reply.get('compressionAlgorithm') == 'GZIP')
        except NOT_OF_THE_RECORD:
            raise
        except AmazonError as error:
            self.error = error.message
            return False
        self.write({'state': 'ready', 'charset': document.charset, 'position': 0, 'content': base64.b64encode(document.content), 'error': False})
        return True

    def _get_content(self):
        """Return the bytes of the document."""
        return base64.b64decode(self.with_context(bin_size=False).content or b'')

    def _import(self, sync):
        """Take the report in; a report that is none is kept with its reason. Return whether the end was reached."""
        try:
            finished = self.env[IMPORTERS[self.report_type]]._import_report(self, sync)
        except ReportError as error:
            self._fail(str(error))
            sync._commit()
            return True
        if finished:
            self.write({'state': 'done', 'content': False})
            sync._commit()
        return finished

    def _fail(self, message):
        self.write({'state': 'error', 'error': message})

    def action_poll(self):
        """Ask Amazon whether the report is ready now, not at the time that was planned."""
        self.sudo().filtered(lambda report: report.state == 'asked').next_poll = fields.Datetime.now()
        self._wake()
        return True

    def action_request_again(self):
        """Ask Amazon for the same report once more; what Amazon makes by itself is only fetched again."""
        for report_type, reports in self.grouped('report_type').items():
            if report_type == settlement_report.REPORT_TYPE:
                reports.sudo().write({'state': 'asked', 'asked_date': fields.Datetime.now(), 'next_poll': fields.Datetime.now(), 'error': False})
            else:
                self.sudo()._want(reports.marketplace_id, report_type)
        self._wake()

    def _wake(self):
        for flow, reports in self.grouped(lambda report: FLOWS[report.report_type]).items():
            reports.seller_id._wake(flow)

    @api.autovacuum
    def _gc_reports(self):
        self.search([('state', 'in', ('done', 'error')), ('create_date', '<', fields.Datetime.now() - KEEP)]).unlink()

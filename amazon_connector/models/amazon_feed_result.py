import datetime

from odoo import fields, models
from odoo.tools import split_every

from ..amazon_api import processing_report
from ..amazon_api.documents import download
from ..amazon_api.errors import NOT_OF_THE_RECORD, AmazonError
from ..amazon_reports.listings import REPORT_TYPE
from ..utils.pace import get_pause
from ..utils.phrases import tell
from ..utils.words import explain, say
from .amazon_feed import POLL_FIRST, POLL_MOST

ALARM_AFTER, GIVE_UP_AFTER = datetime.timedelta(hours=2), datetime.timedelta(days=2)
UNFINISHED = ('IN_QUEUE', 'IN_PROGRESS')
# A result that cannot be read is fetched so often, later and later, before its messages are pushed again.
MOST_READS = 6
# The most messages of which the result is written in one transaction.
RESULT_CHUNK = 2000
# Errors of a processing report that is missing or damaged.
UNREADABLE = (ValueError, LookupError, TypeError, AmazonError)
# More listings than this are read back by one report.
READ_BACK_LIMIT = 200


class AmazonFeed(models.Model):
    """Results of submissions, and what Amazon shows afterwards."""

    _inherit = 'amazon.feed'

    reads = fields.Integer(readonly=True, help="How often the result could not be read.")

    def _sync_feeds(self, sync):
        """Fetch the results of feeds, and read back accepted values; the contract is in `amazon_sync`."""
        client, now = sync.seller_id._get_client(), fields.Datetime.now()
        for feed in self.search([('seller_id', '=', sync.seller_id.id), ('state', '=', 'submitted'),
                                 ('next_poll', '<=', now)], order='id'):
            with sync._isolate(feed.display_name):
                feed._poll(sync, client)
            if not sync._commit():
                return True
        if not self._read_back(sync, client):
            return True
        polls = self.search([('seller_id', '=', sync.seller_id.id), ('state', '=', 'submitted')]).mapped('next_poll')
        return min(filter(None, [*polls, self.env['amazon.listing']._get_next_due(sync.seller_id)]), default=False)

    def _poll(self, sync, client):
        """Read the state of the feed (`getFeed`), and the result of each message when it is done."""
        feed = client.call('getFeed', self.feed_ref).payload
        status = feed.get('processingStatus')
        if status == 'DONE':
            self._process_result(sync, client, feed.get('resultFeedDocumentId'))
        elif status in ('FATAL', 'CANCELLED'):
            reasons = self._find_reasons(client, feed.get('resultFeedDocumentId'))
            self._fail(tell(self.env)._("Amazon did not process the feed (%(status)s). %(reasons)s", status=status,
                                        reasons=reasons))
        else:
            if status not in UNFINISHED:
                self.error = tell(self.env)._("Amazon names a state of this feed that is not known: %s",
                                              str(status)[:40])
            self._wait()

    def _wait(self):
        """Set the next poll, later and later; a feed in progress for hours gives a person a task and stops no other."""
        age = fields.Datetime.now() - self.submit_date
        if age > GIVE_UP_AFTER:
            self._fail(tell(self.env)._("Amazon did not finish the feed within two days."))
            return
        if age > ALARM_AFTER and not self.alarmed:
            self.alarmed = True
            seller = self.seller_id._for_person()
            seller._alert(seller.env._("A feed is late"), seller.env._(
                "Amazon has been working on feed %s for hours. Single changes go out beside it. If it stays, contact "
                "Seller Support.", self.feed_ref))
        self.polls += 1
        self.next_poll = fields.Datetime.now() + get_pause(POLL_FIRST, self.polls, POLL_MOST)

    # === THE PROCESSING REPORT === #

    def _process_result(self, sync, client, document_ref):
        """Write the result on each message; a result that cannot be read is fetched again later, then its messages are
        pushed again.
        """
        try:
            report = self._fetch_report(client, document_ref)
        except NOT_OF_THE_RECORD:
            raise
        except UNREADABLE as error:
            self._set_unreadable(tell(self.env)._("Amazon's result of this feed cannot be read: %s",
                                                  explain(self.env, error)))
            return
        self._apply_report(sync, report)

    def _set_unreadable(self, message):
        self.write({'error': message, 'reads': self.reads + 1})
        if self.reads < MOST_READS:
            self._wait()
        else:
            self._fail(message)

    def _fetch_report(self, client, document_ref):
        """Return the processing report of a feed (`getFeedDocument`).

        :raises ReportProblem: there is no report, or it is none
        :raises AmazonError: it is damaged
        """
        if not document_ref:
            raise processing_report.ReportProblem(tell(self.env)._("Amazon names no document"))
        reply = client.call('getFeedDocument', document_ref).payload
        document = download(self.seller_id._get_transport(), reply['url'],
                            gzipped=reply.get('compressionAlgorithm') == 'GZIP', max_bytes=processing_report.MAX_BYTES)
        read = (processing_report.read_fulfillment_report if self.kind == 'shipment'
                else processing_report.read_listings_report)
        return read(document.content, self.feed_ref)

    def _find_reasons(self, client, document_ref):
        """Return why Amazon did not process the feed, as far as it says so."""
        try:
            issues = self._fetch_report(client, document_ref).issues
        except NOT_OF_THE_RECORD:
            raise
        except UNREADABLE:
            return ''
        return ' '.join(str(issue.get('message') or '')[:500] for issue in issues[:5])

    def _apply_report(self, sync, report):
        """Write Amazon's result on each message; a message without a result of acceptance is pushed again.

        Users and the next quantities write the same listings, so clear results are written in portions; those that are
        left for want of time, or because somebody else writes the listing all the time, are written by the next poll of
        this feed.
        """
        lines = self.line_ids.filtered(lambda line: line.state == 'sent')
        outcome = processing_report.find_outcome(self._leave_out_done(report), {line.id: line.sku for line in lines})
        clear = set(lines.ids) - outcome.unclear
        sync._commit()
        in_time = sync._in_portions(
            sorted(clear), lambda ids: self._apply_outcome(ids, outcome), RESULT_CHUNK,
            lambda line_id, error: sync._add_problem(self.line_ids.browse(line_id).display_name, error))
        if self.line_ids.filtered(lambda line: line.state == 'sent' and line.id in clear):
            if in_time:
                self._wait()
            return
        self._close(lines.filtered(lambda line: line.id in outcome.unclear), outcome)

    def _leave_out_done(self, report):
        """Return a report without the entries of messages whose result was written before."""
        done = self.line_ids.filtered(lambda line: line.state in ('accepted', 'refused'))
        ids, skus = set(done.ids), set(done.mapped('sku')) - {False}
        return report._replace(issues=[
            issue for issue in report.issues if issue['messageId'] not in ids
            and (issue['messageId'] or issue.get('sku') not in skus)])

    def _apply_outcome(self, ids, outcome):
        """Write the result of messages (ids) of which Amazon says that it accepted or refused them."""
        lines = self.line_ids.browse(ids)
        lines.filtered(lambda line: outcome.accepted.get(line.id) is False)._accept()
        for line in lines:
            if line.id in outcome.refused:
                line._refuse(outcome.refused[line.id])
            elif outcome.accepted.get(line.id):
                line._accept(outcome.accepted[line.id])

    def _close(self, unclear, outcome):
        """End this submission; messages without a clear result are marked as not recorded."""
        problems = tell(self.env).join(say(self.env, problem) for problem in outcome.problems) or False
        if unclear:
            unclear._mark_not_recorded(tell(self.env)._("Amazon does not say that it accepted this: %s", problems))
            seller = self.seller_id._for_person()
            seller._alert(seller.env._("The result of a feed is not complete"),
                          '\n'.join(say(seller.env, problem) for problem in outcome.problems))
        self.error = problems
        self._finish()

    def _fail(self, message):
        """Mark the whole feed as failed: its messages are pushed again, a few times, and a person gets a task."""
        self.line_ids.filtered(lambda line: line.state in ('waiting', 'sent'))._mark_not_recorded(message)
        self.write({'state': 'failed', 'finish_date': fields.Datetime.now(), 'error': message})
        seller = self.seller_id._for_person()
        seller._alert(seller.env._("A feed failed"), message)

    # === READ BACK === #

    def _read_back(self, sync, client):
        """Read accepted values back some time later and compare them; return whether there was time for all.

        Many listings are read by one report. It shows of an offer only its price, so those with more parts are read one
        by one.
        """
        for marketplace, due in self.env['amazon.listing']._get_due(sync.seller_id).grouped('marketplace_id').items():
            with sync._isolate(marketplace.name):
                single = due if len(due) <= READ_BACK_LIMIT else due.filtered(lambda listing: listing._is_read_singly())
                if due - single:
                    # The import compares them with what the report shows.
                    self.env['amazon.report']._want(marketplace, REPORT_TYPE)
                    self.env['amazon.sync']._wake_event_flow('listings')
                for portion in split_every(20, single.ids, single.browse):
                    portion._read(client)
                    portion._compare()
                    if not sync._commit():
                        return False
            if not sync._commit():
                return False
        return True

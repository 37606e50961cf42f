from odoo import fields, models

from ..amazon_api import processing_report, removal_feed
from ..amazon_api.errors import AmazonError, Forbidden, LoginFailed, RateLimited, Unavailable, Unclear
from ..amazon_api.feed_messages import MessageProblem
from ..utils.phrases import tell
from ..utils.words import explain
from . import amazon_feed, amazon_feed_result


class AmazonFeed(models.Model):
    """Removal orders as feeds. Sent twice they would remove twice, so one of which it is unknown whether Amazon has it
    is a person's.
    """

    _inherit = 'amazon.feed'

    request_id = fields.Many2one('amazon.removal.request', "Removal request", readonly=True, ondelete='cascade',
                                 index='btree_not_null')

    def _get_format(self):
        return removal_feed if self.kind == 'removal' else super()._get_format()

    def _submit_feed(self, sync, client):
        if self.kind != 'removal':
            return super()._submit_feed(sync, client)
        if self.state == 'submitting':
            if not self._adopt(client):
                self._stop(tell(self.env)._("The connection broke off while the order was sent."))
            return sync._commit()
        try:
            content = self.request_id._make_document()
        except MessageProblem as error:
            self.line_ids._refuse(explain(self.env, error))
            self._finish()
            return sync._commit()
        document = client.call('createFeedDocument', {'contentType': removal_feed.CONTENT_TYPE}).payload
        amazon_feed.upload(self.seller_id._get_transport(), document['url'], content, removal_feed.CONTENT_TYPE)
        self.write({'state': 'submitting', 'document_ref': document['feedDocumentId'],
                    'submit_date': fields.Datetime.now()})
        sync._commit()
        return self._create_feed(sync, client)

    def _create_feed(self, sync, client):
        """Create the feed (`createFeed`); what Amazon refuses was not sent, what breaks off may have been."""
        try:
            reply = client.call('createFeed', {
                'feedType': removal_feed.FEED_TYPE, 'marketplaceIds': [self.marketplace_id.marketplace_ref],
                'inputFeedDocumentId': self.document_ref})
        except (RateLimited, Forbidden, LoginFailed):
            self.state = 'draft'
            sync._commit()
            raise
        except (Unavailable, Unclear):
            raise
        except AmazonError as error:
            self.line_ids._refuse(explain(self.env, error))
            self._finish()
            return sync._commit()
        self._set_submitted(reply.payload['feedId'])
        return sync._commit()

    def _set_submitted(self, feed_ref):
        result = super()._set_submitted(feed_ref)
        self.request_id._set_sent()
        return result

    def _stop(self, message):
        """End this submission without sending it again."""
        self.write({'state': 'failed', 'finish_date': fields.Datetime.now(), 'error': message})
        self.request_id._set_unclear(message)

    def _fetch_report(self, client, document_ref):
        if self.kind != 'removal' or not document_ref:
            return super()._fetch_report(client, document_ref)
        reply = client.call('getFeedDocument', document_ref).payload
        document = amazon_feed_result.download(
            self.seller_id._get_transport(), reply['url'], gzipped=reply.get('compressionAlgorithm') == 'GZIP',
            max_bytes=processing_report.MAX_BYTES)
        return processing_report.read_table_report(document.content, document.charset)

    def _apply_report(self, sync, report):
        if self.kind == 'removal':
            # What was not processed at all was not ordered either: nobody needs to look for it.
            report = processing_report.refuse_whole(report, {line.id: line.sku for line in self.line_ids})
        return super()._apply_report(sync, report)

    def _finish(self):
        if self.kind != 'removal':
            return super()._finish()
        self.write({'state': 'done', 'finish_date': fields.Datetime.now()})
        if self.request_id.state == 'waiting':
            self.request_id._set_sent()
        return self.request_id._evaluate()

    def _fail(self, message):
        result = super()._fail(message)
        if self.kind == 'removal':
            self.request_id._evaluate()
        return result

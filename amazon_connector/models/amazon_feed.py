import datetime
import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ..amazon_api import fulfillment_feed
from ..amazon_api.documents import download, upload
from ..amazon_api.errors import NOT_OF_THE_RECORD, AmazonError, RateLimited, Unavailable
from ..amazon_api.patches import CONTENT_TYPE, read_issues
from ..amazon_reports.listings import REPORT_TYPE
from ..utils.change import TO_ZERO
from ..utils.content_plan import ContentPlan
from ..utils.price_plan import PricePlan
from ..utils.stock_plan import StockPlan
from .amazon_told_mixin import READ_BACK_AFTER

LISTINGS_FEED = 'JSON_LISTINGS_FEED'
FEED_TYPES = {'shipment': fulfillment_feed.FEED_TYPE}
CONTENT_TYPES = {'shipment': fulfillment_feed.CONTENT_TYPE}
# Amazon takes 25,000 messages a feed, and works best on documents below 10 MiB: messages with prices are longer.
FEED_SIZES = {'stock': 25_000, 'price': 12_000, 'content': 2_000, 'shipment': 10_000}
# So many single calls are quicker than a feed: `patchListingsItem` has 5 a second, `confirmShipment` 2.
PATCH_LIMIT = 100
POLL_FIRST, POLL_MOST = datetime.timedelta(seconds=60), datetime.timedelta(minutes=15)
ALARM_AFTER, GIVE_UP_AFTER = datetime.timedelta(hours=2), datetime.timedelta(days=2)
ADOPT_MARGIN = datetime.timedelta(minutes=5)
# After so many attempts in vain somebody is told.
TROUBLE_AFTER = 5
# A processing report that is none, or damaged.
UNREADABLE = (ValueError, KeyError, TypeError, AmazonError)
# More listings than this are read back by one report.
READ_BACK_LIMIT = 200
KEEP = datetime.timedelta(days=30)


class AmazonFeed(models.Model):
    _name = 'amazon.feed'
    _description = "Amazon Submission"
    _order = 'id desc'

    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, readonly=True, ondelete='cascade')
    seller_id = fields.Many2one(related='marketplace_id.seller_id', store=True, index=True)
    company_id = fields.Many2one(related='marketplace_id.company_id', store=True)
    kind = fields.Selection([('stock', "Quantities"), ('price', "Prices"), ('content', "Texts and pictures"), ('shipment', "Shipments")],
                            required=True, readonly=True)
    method = fields.Selection([('patch', "One by one"), ('feed', "Feed")], required=True, readonly=True)
    state = fields.Selection(
        [('draft', "To submit"), ('submitting', "Being submitted"), ('submitted', "Amazon works on it"), ('done', "Done"), ('failed', "Failed")],
        required=True, readonly=True, default='draft', index=True)
    feed_ref = fields.Char("Feed ID", readonly=True)
    document_ref = fields.Char(readonly=True)
    submit_date = fields.Datetime("Submitted", readonly=True)
    finish_date = fields.Datetime("Finished", readonly=True)
    next_poll = fields.Datetime(readonly=True)
    polls = fields.Integer(readonly=True)
    alarmed = fields.Boolean("Late", readonly=True)
    error = fields.Text(readonly=True)
    line_ids = fields.One2many('amazon.feed.line', 'feed_id')
    line_count = fields.Integer("Messages", compute='_compute_counts')
    refused_count = fields.Integer("Refused", compute='_compute_counts')

    @api.depends('kind', 'feed_ref', 'marketplace_id')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for feed in self:
            feed.display_name = f"{kinds.get(feed.kind, '')} {feed.marketplace_id.name} {feed.feed_ref or feed.id or ''}"

    @api.depends('line_ids.state')
    def _compute_counts(self):
        groups = self.env['amazon.feed.line']._read_group([('feed_id', 'in', self.ids)], ['feed_id', 'state'], ['__count'])
        for feed in self:
            counts = {state: count for of_feed, state, count in groups if of_feed == feed}
            feed.line_count, feed.refused_count = sum(counts.values()), counts.get('refused', 0)

    def action_poll(self):
        """Ask Amazon for the result now, not at the time that was planned."""
        self.sudo().filtered(lambda feed: feed.state == 'submitted').next_poll = fields.Datetime.now()
        self.seller_id._wake('feeds')
        return True

    # === FLOWS: STOCK, PRICES, CONTENT, SHIPMENTS === #

    def _sync_stock(self, sync):
        """Tell Amazon the quantities that changed; the contract is in `amazon_sync`."""
        return self._send_changes(sync, 'stock', sync.seller_id.marketplace_ids.filtered('stock_sync'), self._plan_stock)

    def _sync_prices(self, sync):
        """Tell Amazon the prices that changed; the contract is in `amazon_sync`."""
        markets = sync.seller_id.marketplace_ids.filtered('price_sync')
        return self._send_changes(sync, 'price', markets, lambda market: self._plan_checked(PricePlan(market), 'price'))

    def _sync_content(self, sync):
        """Tell Amazon the texts and pictures that changed; the contract is in `amazon_sync`."""
        markets = sync.seller_id.marketplace_ids.filtered('content_sync')
        return self._send_changes(sync, 'content', markets, lambda market: self._plan_checked(ContentPlan(market), 'content'))

    def _sync_shipments(self, sync):
        """Look at Amazon's record of what was sent, then tell what left since; the contract is in `amazon_sync`."""
        packages = self.env['amazon.package']
        if not packages._read_back(sync, sync.seller_id._get_client()):
            return True
        more = self._send_changes(sync, 'shipment', packages._get_marketplaces(sync.seller_id), packages._plan)
        return more if more is True else min(filter(None, [more, packages._get_next_check(sync.seller_id)]), default=False)

    def _send_changes(self, sync, kind, marketplaces, plan):
        """Collect the changes of each marketplace, then submit them and what an earlier run left over."""
        client = sync.seller_id._get_client()
        for marketplace in marketplaces:
            self._collect(marketplace, kind, plan(marketplace))
            if not sync._commit():
                return True
        return self._submit_open(sync, client, kind)

    def _plan_stock(self, marketplace):
        plan = StockPlan(marketplace)
        changes = self._plan_checked(plan, 'stock')
        danger = plan.find_danger(changes)
        if danger and not marketplace.guard_passed:
            marketplace._hold_stock(*danger)
            return []
        if marketplace.guard_message or marketplace.guard_passed:
            marketplace.write({'guard_message': False, 'guard_passed': False})
        return changes

    def _plan_checked(self, plan, kind):
        """Return the changes of a plan unless something forbids all of them; the marketplace shows what that is."""
        obstacle = plan.find_obstacle()
        plan.marketplace._note_obstacle(f'{kind}_obstacle', obstacle)
        return [] if obstacle else plan.changes()

    @api.model
    def _collect(self, marketplace, kind, changes):
        """Turn changes into as few submissions as Amazon allows, and note on the listings what is told."""
        feeds = self.browse()
        for method, chosen in self._choose_methods(kind, changes):
            for portion in split_every(FEED_SIZES[kind], chosen, list):
                feeds |= self.create({'marketplace_id': marketplace.id, 'kind': kind, 'method': method})
                self.env['amazon.feed.line'].create([{
                    'feed_id': feeds[-1].id, 'value': change.value, **change.record._prepare_message(kind),
                } for change in portion])
        self._get_model(kind)._note_sent(kind, changes)
        return feeds

    @api.model
    def _get_model(self, kind):
        return self.env['amazon.package' if kind == 'shipment' else 'amazon.listing']

    @api.model
    def _choose_methods(self, kind, changes):
        """Return pairs of method and changes: a few one by one, many by feed; the few of many that go to zero one by one first.

        `confirmShipment` wants a tracking number, so parcels without one go by feed however few they are.
        """
        if kind == 'shipment':
            untracked = [change for change in changes if 'trackingNumber' not in change.value]
            tracked = [change for change in changes if 'trackingNumber' in change.value]
            return [*self._choose_by_count(tracked), *([('feed', untracked)] if untracked else [])]
        return self._choose_by_count(changes)

    @api.model
    def _choose_by_count(self, changes):
        if len(changes) <= PATCH_LIMIT:
            return [('patch', changes)] if changes else []
        urgent = [change for change in changes if change.urgency == TO_ZERO]
        if not 0 < len(urgent) <= PATCH_LIMIT:
            return [('feed', changes)]
        return [('patch', urgent), ('feed', changes[len(urgent):])]

    # === SUBMITTING === #

    @api.model
    def _submit_open(self, sync, client, kind):
        """Submit what is collected, single changes first, and return as a flow does.

        A feed that must wait, for its place in Amazon's rate limit or for Amazon's storage, does not hold single changes.
        """
        domain = [('seller_id', '=', sync.seller_id.id), ('kind', '=', kind), ('state', 'in', ('draft', 'submitting'))]
        for feed in self.search(domain).sorted(lambda feed: (feed.method != 'patch', feed.id)):
            try:
                if not getattr(feed, f'_submit_{feed.method}')(sync, client):
                    return True
            except (RateLimited, Unavailable) as error:
                if feed.method == 'patch':
                    raise
                return feed._postpone_submission(error)
        return False

    def _postpone_submission(self, error):
        """Keep a feed that could not be submitted for later; return when."""
        self.env.cr.rollback()
        if isinstance(error, RateLimited):
            return error.until.replace(tzinfo=None) + datetime.timedelta(seconds=1)
        self.write({'polls': self.polls + 1, 'error': error.message})
        if self.polls == TROUBLE_AFTER:
            self.seller_id._alert(self.env._("A feed cannot be submitted"), error.message)
        return fields.Datetime.now() + min(POLL_FIRST * 2 ** min(self.polls, 10), POLL_MOST)

    def _submit_patch(self, sync, client):
        """`patchListingsItem` for each line, committed one by one; what Amazon refuses does not hold the others."""
        for line in self.line_ids.filtered(lambda line: line.state == 'waiting'):
            if line._drop_superseded():
                self._submit_line(client, line)
            if not sync._commit():
                return False
        self._finish()
        return sync._commit()

    def _submit_line(self, client, line):
        try:
            errors, notes = line._get_record()._send(client, line)
        except NOT_OF_THE_RECORD:
            raise
        except AmazonError as error:
            line._refuse(error.message)
            return
        if errors:
            line._refuse(errors)
        else:
            line._accept(notes)

    def _submit_feed(self, sync, client):
        """Upload the document and create the feed; a feed of which it is not known whether Amazon has it is looked for first."""
        if self.state == 'submitting' and self._adopt(client):
            return sync._commit()
        lines = self.line_ids.filtered(lambda line: line.state == 'waiting')._drop_superseded()
        sync._commit()
        if not lines:
            self._finish()
            return sync._commit()
        content_type = CONTENT_TYPES.get(self.kind, CONTENT_TYPE)
        document = client.call('createFeedDocument', {'contentType': content_type}).payload
        upload(self.seller_id._get_transport(), document['url'], self._make_document(lines), content_type)
        self.write({'state': 'submitting', 'document_ref': document['feedDocumentId'], 'submit_date': fields.Datetime.now()})
        sync._commit()
        reply = client.call('createFeed', {
            'feedType': self._get_type(), 'marketplaceIds': [self.marketplace_id.marketplace_ref], 'inputFeedDocumentId': self.document_ref})
        self._set_submitted(reply.payload['feedId'])
        return sync._commit()

    def _get_type(self):
        return FEED_TYPES.get(self.kind, LISTINGS_FEED)

    def _make_document(self, lines):
        if self.kind == 'shipment':
            messages = ((line.id, line.package_id.amazon_order_ref, line.value) for line in lines)
            return fulfillment_feed.make_document(self.seller_id._get_merchant_token(), messages)
        messages = [{'messageId': line.id, 'sku': line.sku, 'operationType': 'PATCH', **line._get_body()} for line in lines]
        header = {'sellerId': self.seller_id._get_merchant_token(), 'version': '2.0', 'issueLocale': 'en_US'}
        return json.dumps({'header': header, 'messages': messages}, ensure_ascii=False, separators=(',', ':')).encode()

    def _adopt(self, client):
        """Look among Amazon's latest feeds (`getFeeds`) for the one that this was about to become; return whether it is there."""
        known = set(self.search([('seller_id', '=', self.seller_id.id), ('feed_ref', '!=', False)]).mapped('feed_ref'))
        since = (self.submit_date - ADOPT_MARGIN).isoformat()
        feeds = client.call('getFeeds', feedTypes=[self._get_type()], createdSince=f'{since}Z', pageSize=100).payload['feeds']
        mine = [feed for feed in feeds if feed['feedId'] not in known and feed.get('marketplaceIds') == [self.marketplace_id.marketplace_ref]]
        if mine:
            self._set_submitted(mine[0]['feedId'])
        return bool(mine)

    def _set_submitted(self, feed_ref):
        now = fields.Datetime.now()
        self.write({'state': 'submitted', 'feed_ref': feed_ref, 'submit_date': now, 'next_poll': now + POLL_FIRST, 'polls': 0, 'error': False})
        self.line_ids.filtered(lambda line: line.state == 'waiting').state = 'sent'
        self.env['amazon.sync']._wake_event_flow('feeds', at=self.next_poll)

    def _finish(self):
        self.write({'state': 'done', 'finish_date': fields.Datetime.now()})
        if self.kind == 'shipment':
            # Packages follow up on themselves.
            return
        self._alert_refusals()
        if any(line.state == 'accepted' for line in self.line_ids):
            self.env['amazon.sync']._wake_event_flow('feeds', at=fields.Datetime.now() + READ_BACK_AFTER)

    def _alert_refusals(self):
        refused = self.line_ids.filtered(lambda line: line.state == 'refused')
        if refused:
            self.seller_id._alert(self.env._("Amazon refused changes of listings"), self.env._(
                "%(count)s messages were refused, among them: %(skus)s. The listings show Amazon's reason.",
                count=len(refused), skus=', '.join(refused[:20].mapped('sku'))))

    # === FLOW: RESULTS === #

    def _sync_feeds(self, sync):
        """Ask for the results of feeds, and read back what was accepted; the contract is in `amazon_sync`."""
        client, now = sync.seller_id._get_client(), fields.Datetime.now()
        for feed in self.search([('seller_id', '=', sync.seller_id.id), ('state', '=', 'submitted'), ('next_poll', '<=', now)], order='id'):
            feed._poll(client)
            if not sync._commit():
                return True
        if not self._read_back(sync, client):
            return True
        polls = self.search([('seller_id', '=', sync.seller_id.id), ('state', '=', 'submitted')]).mapped('next_poll')
        return min(filter(None, [*polls, self.env['amazon.listing']._get_next_due(sync.seller_id)]), default=False)

    def _poll(self, client):
        """`getFeed`, and when it is done the result of each message."""
        feed = client.call('getFeed', self.feed_ref).payload
        status = feed['processingStatus']
        if status == 'DONE':
            self._take_result(client, feed.get('resultFeedDocumentId'))
        elif status in ('FATAL', 'CANCELLED'):
            reasons = ' '.join(issue['message'] for issue in self._find_reasons(client, feed.get('resultFeedDocumentId')))
            self._fail(self.env._("Amazon did not process the feed (%(status)s). %(reasons)s", status=status, reasons=reasons))
        else:
            self._wait()

    def _wait(self):
        """Look again later and later; a feed in progress for hours raises an alarm and stops nothing else."""
        age = fields.Datetime.now() - self.submit_date
        if age > GIVE_UP_AFTER:
            self._fail(self.env._("Amazon did not finish the feed within two days."))
            return
        if age > ALARM_AFTER and not self.alarmed:
            self.alarmed = True
            self.seller_id._alert(self.env._("A feed is late"), self.env._(
                "Amazon has been working on feed %s for hours. Single changes go out beside it. If it stays, contact Seller Support.", self.feed_ref))
        self.polls += 1
        self.next_poll = fields.Datetime.now() + min(POLL_FIRST * 2 ** min(self.polls, 10), POLL_MOST)

    def _take_result(self, client, document_ref):
        """Write the result back per message; one that is damaged is fetched again later, as that of a feed in progress."""
        try:
            issues = self._fetch_issues(client, document_ref)
        except NOT_OF_THE_RECORD:
            raise
        except UNREADABLE as error:
            self.error = self.env._("Amazon's result of this feed cannot be read: %s", error)
            self._wait()
            return
        self._apply_issues(issues)

    def _find_reasons(self, client, document_ref):
        """Return why Amazon did not process the feed, as far as it says so."""
        try:
            return self._fetch_issues(client, document_ref)
        except NOT_OF_THE_RECORD:
            raise
        except UNREADABLE:
            return []

    def _fetch_issues(self, client, document_ref):
        """Return the issues of the processing report of a feed (`getFeedDocument`), as `listings-feed-processing-report-schema-v2` has them.

        :raises ValueError, KeyError, TypeError: there is no report, or it is none
        :raises AmazonError: it is damaged
        """
        if not document_ref:
            raise ValueError("Amazon names no document")
        reply = client.call('getFeedDocument', document_ref).payload
        document = download(self.seller_id._get_transport(), reply['url'], gzipped=reply.get('compressionAlgorithm') == 'GZIP')
        return (fulfillment_feed.read_report if self.kind == 'shipment' else json.loads)(document.content)['issues']

    def _apply_issues(self, issues):
        """Write what Amazon says of messages to them; those of which it says nothing were accepted."""
        by_line = {}
        for issue in issues:
            by_line.setdefault(issue.get('messageId'), []).append(issue)
        lines = self.line_ids.filtered(lambda line: line.state == 'sent')
        lines.filtered(lambda line: line.id not in by_line)._accept()
        for line in lines.filtered(lambda line: line.id in by_line):
            errors, notes = read_issues(by_line[line.id])
            if errors:
                line._refuse(errors)
            else:
                line._accept(notes)
        self.error = read_issues(by_line.get(None, []))[0]
        self._finish()

    def _fail(self, message):
        """The feed as a whole came to nothing: its messages are told again, a few times, and somebody is told."""
        lines = self.line_ids.filtered(lambda line: line.state in ('waiting', 'sent'))
        current = lines.filtered(lambda line: line._is_current())
        current._get_record()._note_lost(self.kind, message)
        lines.write({'state': 'refused', 'message': message})
        self.write({'state': 'failed', 'finish_date': fields.Datetime.now(), 'error': message})
        self.seller_id._alert(self.env._("A feed failed"), message)

    def _read_back(self, sync, client):
        """Read what was accepted some time ago and compare; many listings are read by one report."""
        for marketplace, due in self.env['amazon.listing']._get_due(sync.seller_id).grouped('marketplace_id').items():
            if len(due) > READ_BACK_LIMIT:
                # The import compares them with what the report shows.
                self.env['amazon.report']._want(marketplace, REPORT_TYPE)
                self.env['amazon.sync']._wake_event_flow('listings')
            else:
                for portion in split_every(20, due.ids, due.browse):
                    portion._read(client)
                    portion._compare()
                    if not sync._commit():
                        return False
            if not sync._commit():
                return False
        return True

    @api.autovacuum
    def _gc_feeds(self):
        self.search([('state', 'in', ('done', 'failed')), ('create_date', '<', fields.Datetime.now() - KEEP)]).unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_open(self):
        if self.filtered(lambda feed: feed.state not in ('done', 'failed')):
            raise UserError(self.env._("A submission that is not done cannot be deleted: what it tells Amazon would be lost."))

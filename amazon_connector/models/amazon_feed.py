import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ..amazon_api import feed_messages, fulfillment_feed
from ..amazon_api.documents import upload
from ..amazon_api.errors import NOT_OF_THE_RECORD, AmazonError, RateLimited, Unavailable, Unclear
from ..utils.change import OF_THE_RECORD, TO_ZERO, describe_problem, write_alike
from ..utils.content_plan import ContentPlan
from ..utils.pace import get_pause
from ..utils.phrases import tell
from ..utils.price_plan import PricePlan
from ..utils.reader_fields import ReaderText
from ..utils.refusals import Refusals
from ..utils.stock_plan import StockPlan
from ..utils.words import explain
from .amazon_push_mixin import FLOWS, READ_BACK_AFTER

# Amazon takes 25,000 messages a feed, and works best on documents below 10 MiB: messages with prices are longer.
FEED_SIZES = {'stock': 25_000, 'price': 12_000, 'content': 2_000, 'shipment': 10_000}
# The messages of the first transaction, and the most of one.
COLLECT_FIRST, COLLECT_CHUNK = 250, 2000
# Up to so many single calls are quicker than a feed: `patchListingsItem` has 5 a second, `confirmShipment` 2.
PATCH_LIMIT = 100
POLL_FIRST, POLL_MOST = datetime.timedelta(seconds=60), datetime.timedelta(minutes=15)
ADOPT_MARGIN = datetime.timedelta(minutes=5)
# After so many failed attempts a person gets a task.
TROUBLE_AFTER = 5
KEEP = datetime.timedelta(days=30)


class AmazonFeed(models.Model):
    _name = 'amazon.feed'
    _description = "Amazon Submission"
    _inherit = ['amazon.access.mixin']
    _order = 'id desc'

    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, readonly=True, ondelete='cascade')
    seller_id = fields.Many2one(related='marketplace_id.seller_id', store=True, index=True)
    company_id = fields.Many2one(related='marketplace_id.company_id', store=True)
    kind = fields.Selection([('stock', "Quantities"), ('price', "Prices"), ('content', "Texts and pictures"),
                             ('shipment', "Shipments"), ('removal', "Removal orders")],
                            required=True, readonly=True)
    method = fields.Selection([('patch', "One by one"), ('feed', "Feed")], required=True, readonly=True)
    state = fields.Selection(
        [('draft', "To submit"), ('submitting', "Being submitted"), ('submitted', "Amazon works on it"),
         ('done', "Done"), ('failed', "Failed")],
        required=True, readonly=True, default='draft', index=True)
    feed_ref = fields.Char("Feed ID", readonly=True)
    document_ref = fields.Char(readonly=True)
    submit_date = fields.Datetime("Submitted", readonly=True)
    finish_date = fields.Datetime("Finished", readonly=True)
    next_poll = fields.Datetime(readonly=True)
    polls = fields.Integer(readonly=True)
    alarmed = fields.Boolean("Late", readonly=True)
    error = ReaderText(readonly=True)
    line_ids = fields.One2many('amazon.feed.line', 'feed_id', readonly=True)
    line_count = fields.Integer("Messages", compute='_compute_counts')
    refused_count = fields.Integer("Refused", compute='_compute_counts')

    @api.depends('kind', 'feed_ref', 'marketplace_id')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for feed in self:
            ref = feed.feed_ref or feed.id or ''
            feed.display_name = f"{kinds.get(feed.kind, '')} {feed.marketplace_id.name} {ref}"

    @api.depends('line_ids.state')
    def _compute_counts(self):
        groups = self.env['amazon.feed.line']._read_group([('feed_id', 'in', self.ids)], ['feed_id', 'state'],
                                                          ['__count'])
        for feed in self:
            counts = {state: count for of_feed, state, count in groups if of_feed == feed}
            feed.line_count, feed.refused_count = sum(counts.values()), counts.get('refused', 0)

    def action_poll(self):
        """Ask Amazon for the result now, not at the planned time."""
        self.check_access('write')
        self.sudo().filtered(lambda feed: feed.state == 'submitted').next_poll = fields.Datetime.now()
        self.seller_id._wake('feeds')
        return self.seller_id._notify_started()

    # === FLOWS: STOCK, PRICES, CONTENT, SHIPMENTS === #

    def _sync_stock(self, sync):
        """Push the quantities that changed; the contract is in `amazon_sync`."""
        return self._push_changes(sync, 'stock', sync.seller_id.marketplace_ids.filtered('stock_sync'),
                                  self._plan_stock)

    def _sync_prices(self, sync):
        """Push the prices that changed; the contract is in `amazon_sync`."""
        markets = sync.seller_id.marketplace_ids.filtered('price_sync')
        return self._push_changes(sync, 'price', markets, lambda market: self._plan_checked(PricePlan(market), 'price'))

    def _sync_content(self, sync):
        """Push the texts and pictures that changed; the contract is in `amazon_sync`."""
        markets = sync.seller_id.marketplace_ids.filtered('content_sync')
        return self._push_changes(sync, 'content', markets,
                                  lambda market: self._plan_checked(ContentPlan(market), 'content'))

    def _sync_shipments(self, sync):
        """Read back the packages that were sent, then confirm those that were shipped since; the contract is in
        `amazon_sync`.
        """
        packages = self.env['amazon.package']
        if not packages._read_back(sync, sync.seller_id._get_client()):
            return True
        more = self._push_changes(
            sync, 'shipment', packages._get_marketplaces(sync.seller_id), lambda market: packages._plan(sync, market))
        return more if more is True else min(filter(None, [more, packages._get_next_check(sync.seller_id)]),
                                             default=False)

    def _push_changes(self, sync, kind, marketplaces, plan):
        """Collect the changes of each marketplace, then submit them together with those that an earlier run left.

        :param plan: called with a marketplace; returns its changes, and the notes to write on its records beside them
        """
        client = sync.seller_id._get_client()
        for marketplace in marketplaces:
            in_time = True
            with sync._isolate(marketplace.name):
                in_time = self._collect(sync, marketplace, kind, *plan(marketplace))
            if not sync._commit() or not in_time:
                return True
        return self._submit_open(sync, client, kind)

    def _plan_stock(self, marketplace):
        plan = StockPlan(marketplace)
        changes, notes = self._plan_checked(plan, 'stock')
        danger = plan.find_danger(changes)
        if danger and not marketplace.guard_passed:
            marketplace._for_person()._hold_stock(*danger)
            return [], notes
        if marketplace.guard_message or marketplace.guard_passed:
            marketplace.write({'guard_message': False, 'guard_passed': False})
        return changes, notes

    def _plan_checked(self, plan, kind):
        """Return changes and notes of a plan, no changes where an obstacle forbids all of them; the marketplace shows
        the obstacle.
        """
        obstacle = plan.find_obstacle()
        plan.marketplace._set_obstacle(f'{kind}_obstacle', obstacle)
        return ([] if obstacle else plan.changes()), plan.notes

    @api.model
    def _collect(self, sync, marketplace, kind, changes, notes):
        """Turn changes into as few submissions as Amazon allows, and set on their records what is pushed.

        A message is a new record, which nobody else locks, but listings and packages are written by users, reports and
        results, too, so this is done in portions. A submission that is filled in part when time is out, or Odoo stops,
        is sent as it is: its records are marked, and the others are collected by the next run.

        :return: whether there was time for all
        :rtype: bool
        """
        # The plan took long: records that were written since must not collide with the first portion.
        sync._commit()
        in_time, other = True, notes.keys() - {change.record.id for change in changes}
        for method, chosen in self._choose_methods(kind, changes):
            for portion in split_every(FEED_SIZES[kind], chosen, list):
                in_time = in_time and self._fill(sync, marketplace, kind, method, portion, notes)
        return in_time and sync._in_portions(
            sorted(other), lambda ids: write_alike(self._get_model(kind).browse(ids).exists(), notes), COLLECT_CHUNK,
            lambda record_id, error: self._add_conflict(sync, kind, record_id, error), COLLECT_FIRST)

    @api.model
    def _fill(self, sync, marketplace, kind, method, changes, notes):
        """Write changes into one new submission; return whether there was time for all."""
        by_id, feed = {change.record.id: change for change in changes}, self.browse()

        def store(ids):
            nonlocal feed
            records = self._get_model(kind).browse(ids).exists()
            write_alike(records, notes)
            due = [by_id[record.id]._replace(record=record) for record in records
                   if record._is_due(kind, by_id[record.id].value)]
            if due:
                # A portion that collided may have taken its submission with it.
                feed = feed.exists() or self.create({'marketplace_id': marketplace.id, 'kind': kind, 'method': method})
                feed._add(due)

        return sync._in_portions(
            by_id, store, COLLECT_CHUNK, lambda record_id, error: self._add_conflict(sync, kind, record_id, error),
            COLLECT_FIRST)

    def _add(self, changes):
        """Write a message for each change into this submission."""
        self.env['amazon.feed.line'].create([{
            'feed_id': self.id, 'value': change.value, **change.record._prepare_message(self.kind)}
            for change in changes])
        self._get_model(self.kind)._mark_sent(self.kind, changes)

    @api.model
    def _add_conflict(self, sync, kind, record_id, error):
        """Show which listing or package collides with other users all the time."""
        sync._add_problem(self._get_model(kind).browse(record_id).display_name, error)

    @api.model
    def _get_model(self, kind):
        return self.env['amazon.package' if kind == 'shipment' else 'amazon.listing']

    @api.model
    def _choose_methods(self, kind, changes):
        """Return pairs of method and changes: few changes one by one, many by feed; quantities of zero one by one
        before the others.

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

        A feed that must wait, for its place in Amazon's rate limit or for Amazon's storage, does not hold single
        changes, and a marketplace that refuses holds no other.
        """
        domain = [('seller_id', '=', sync.seller_id.id), ('kind', '=', kind), ('state', 'in', ('draft', 'submitting'))]
        for feed in self.search(domain).sorted(lambda feed: (feed.method != 'patch', feed.id)):
            more = False
            with sync._isolate(feed.marketplace_id.name):
                more = feed._submit(sync, client)
            if more:
                return more
        return False

    def _submit(self, sync, client):
        """Submit this feed; return what the flow returns if it cannot go on behind it, else False."""
        try:
            return not getattr(self, f'_submit_{self.method}')(sync, client)
        except (RateLimited, Unavailable) as error:
            if self.method == 'patch':
                raise
            return self._postpone_submission(error)

    def _postpone_submission(self, error):
        """Keep a feed that could not be submitted for later; return when it is tried again (datetime, UTC)."""
        self.env.cr.rollback()
        if isinstance(error, RateLimited):
            return error.until.replace(tzinfo=None) + datetime.timedelta(seconds=1)
        self.write({'polls': self.polls + 1, 'error': explain(self.env, error)})
        if self.polls == TROUBLE_AFTER:
            seller = self.seller_id._for_person()
            seller._alert(seller.env._("A feed cannot be submitted"), explain(seller.env, error))
        return fields.Datetime.now() + get_pause(POLL_FIRST, self.polls, POLL_MOST)

    def _submit_patch(self, sync, client):
        """Submit each line by `patchListingsItem` or `confirmShipment` and commit it; a line that Amazon refuses does
        not stop the others.

        :raises Forbidden: Amazon refuses the operation, and not only some of the records
        """
        refusals = Refusals()
        for line in self.line_ids.filtered(lambda line: line.state == 'waiting'):
            if line._drop_superseded():
                with refusals.attempt(line):
                    self._submit_line(client, line)
                self._forbid(refusals.drain())
            if not sync._commit():
                break
        self._forbid(refusals.end(self._is_allowed))
        if self.line_ids.filtered(lambda line: line.state == 'waiting'):
            sync._commit()
            return False
        self._finish()
        return sync._commit()

    @api.model
    def _forbid(self, refused):
        """Mark these messages as refused; their records show Amazon's reason."""
        for line, error in refused:
            line._refuse(self.env['amazon.listing']._describe_refusal(error))

    def _is_allowed(self, line):
        """Return whether Amazon accepted another message by the same operation since this one was made: then it does
        not refuse the operation.
        """
        return bool(self.env['amazon.feed.line'].search([
            ('feed_id.kind', '=', self.kind), ('feed_id.method', '=', 'patch'),
            ('feed_id.marketplace_id', '=', self.marketplace_id.id),
            ('state', '=', 'accepted'), ('write_date', '>=', line.create_date)], limit=1))

    def _submit_line(self, client, line):
        try:
            errors, notes = line._get_record()._send(client, line)
        except NOT_OF_THE_RECORD:
            raise
        except Unclear as error:
            line._mark_not_recorded(explain(self.env, error))
        except AmazonError as error:
            line._refuse(explain(self.env, error))
        except OF_THE_RECORD as error:
            line._refuse(describe_problem(self.env, error))
        else:
            line._refuse(errors) if errors else line._accept(notes)

    def _submit_feed(self, sync, client):
        """Upload the document and create the feed; where it is unknown whether Amazon has it already, it is searched
        first.
        """
        if self.state == 'submitting' and self._adopt(client):
            return sync._commit()
        lines = self.line_ids.filtered(lambda line: line.state == 'waiting')._drop_superseded()
        content = self._make_document(lines)
        sync._commit()
        if not content:
            self._finish()
            return sync._commit()
        document = client.call('createFeedDocument', {'contentType': self._get_format().CONTENT_TYPE}).payload
        upload(self.seller_id._get_transport(), document['url'], content, self._get_format().CONTENT_TYPE)
        self.write({'state': 'submitting', 'document_ref': document['feedDocumentId'],
                    'submit_date': fields.Datetime.now()})
        sync._commit()
        reply = client.call('createFeed', {
            'feedType': self._get_type(), 'marketplaceIds': [self.marketplace_id.marketplace_ref],
            'inputFeedDocumentId': self.document_ref})
        self._set_submitted(reply.payload['feedId'])
        return sync._commit()

    def _get_format(self):
        return fulfillment_feed if self.kind == 'shipment' else feed_messages

    def _get_type(self):
        return self._get_format().FEED_TYPE

    def _make_document(self, lines):
        """Return the document of the lines, or None if none can be made; a line that cannot be sent fails alone, lines
        beyond the limit go later.
        """
        messages, size = [], 0
        for position, line in enumerate(lines):
            message = self._make_message(line)
            size += len(message or b'')
            if messages and size > feed_messages.MOST_DOCUMENT:
                self._move(lines[position:])
                break
            messages += [message] if message else []
        return self._get_format().make_document(self.seller_id._get_merchant_token(), messages) if messages else None

    def _make_message(self, line):
        try:
            if self.kind == 'shipment':
                return fulfillment_feed.make_message(line.id, line.package_id.amazon_order_ref, line.value)
            return feed_messages.make_message(line.id, line.sku, line._get_body())
        except OF_THE_RECORD as error:
            line._refuse(describe_problem(self.env, error))
            return None

    def _move(self, lines):
        """Put messages that have no room in this document into a submission of their own."""
        lines.feed_id = self.create({'marketplace_id': self.marketplace_id.id, 'kind': self.kind,
                                     'method': self.method})
        self.env['amazon.sync']._wake_event_flow(FLOWS.get(self.kind, 'shipments'))

    def _adopt(self, client):
        """Search Amazon's latest feeds (`getFeeds`) for this submission and take its id; return whether it was found.
        """
        known = set(self.search([('seller_id', '=', self.seller_id.id), ('feed_ref', '!=', False)]).mapped('feed_ref'))
        since = (self.submit_date - ADOPT_MARGIN).isoformat()
        feeds = client.call('getFeeds', feedTypes=[self._get_type()], createdSince=f'{since}Z',
                            pageSize=100).payload['feeds']
        mine = [feed for feed in feeds if feed['feedId'] not in known
                and feed.get('marketplaceIds') == [self.marketplace_id.marketplace_ref]]
        if len(mine) != 1:
            # None, or others that somebody else submitted beside it: pushing the same values once more does no harm, a
            # wrong result does.
            return False
        self._set_submitted(mine[0]['feedId'])
        return True

    def _set_submitted(self, feed_ref):
        now = fields.Datetime.now()
        self.write({'state': 'submitted', 'feed_ref': feed_ref, 'submit_date': now, 'next_poll': now + POLL_FIRST,
                    'polls': 0, 'error': False})
        self.line_ids.filtered(lambda line: line.state == 'waiting').state = 'sent'
        self.env['amazon.sync']._wake_event_flow('feeds', at=self.next_poll)

    def _finish(self):
        self.write({'state': 'done', 'finish_date': fields.Datetime.now()})
        if self.kind == 'shipment':
            # Packages are read back by themselves.
            return
        self._alert_refusals()
        if any(line.state == 'accepted' for line in self.line_ids):
            self.env['amazon.sync']._wake_event_flow('feeds', at=fields.Datetime.now() + READ_BACK_AFTER)

    def _alert_refusals(self):
        refused = self.line_ids.filtered(lambda line: line.state == 'refused')
        if refused:
            seller = self.seller_id._for_person()
            seller._alert(seller.env._("Amazon refused changes of listings"), seller.env._(
                "%(count)s messages were refused, among them: %(skus)s. The listings show Amazon's reason.",
                count=len(refused), skus=', '.join(refused[:20].mapped('sku'))))

    @api.autovacuum
    def _gc_feeds(self):
        self.search([('state', 'in', ('done', 'failed')), ('create_date', '<', fields.Datetime.now() - KEEP)]).unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_open(self):
        if self.filtered(lambda feed: feed.state not in ('done', 'failed')):
            raise UserError(tell(self.env)._("A submission that is not done cannot be deleted: its values would not "
                                             "reach Amazon."))

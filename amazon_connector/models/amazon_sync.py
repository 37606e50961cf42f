import datetime
import logging
import time

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import config

from ..amazon_api.errors import AmazonError, Forbidden, LoginFailed, RateLimited

_logger = logging.getLogger(__name__)

# Each flow is `_sync_<flow>(sync)` of the model that owns its data. It talks to Amazon without row locks, commits with
# `sync._commit()` after every step that may stand alone, and stops early when that returns False. It returns True when work is
# left for want of time, a datetime (UTC) when it waits for Amazon until then, else False. What it raises is recorded on the
# row and retried.
FLOW_MODELS = {
    'orders': 'amazon.order', 'stock': 'amazon.feed', 'prices': 'amazon.feed', 'content': 'amazon.feed', 'listings': 'amazon.listing', 'feeds': 'amazon.feed',
    'shipments': 'amazon.feed', 'labels': 'amazon.label', 'fba_inventory': 'amazon.listing', 'settlements': 'amazon.settlement',
    'transactions': 'amazon.transaction', 'retention': 'amazon.order',
}
FLOW_INTERVALS = {
    'orders': datetime.timedelta(minutes=5), 'stock': datetime.timedelta(minutes=15), 'prices': datetime.timedelta(minutes=15),
    'content': datetime.timedelta(minutes=15), 'shipments': datetime.timedelta(minutes=5), 'labels': datetime.timedelta(hours=1),
    'listings': datetime.timedelta(hours=1), 'feeds': datetime.timedelta(minutes=15), 'fba_inventory': datetime.timedelta(hours=1),
    'settlements': datetime.timedelta(hours=6), 'transactions': datetime.timedelta(hours=1), 'retention': datetime.timedelta(days=1),
}
# Those that "Sync now" on a seller wakes, and those that run whenever their job is woken: they call Amazon only for a reason.
USER_FLOWS = ('orders', 'listings', 'stock', 'prices', 'content', 'shipments', 'labels', 'feeds', 'fba_inventory', 'settlements', 'transactions')
EVENT_FLOWS = ('stock', 'prices', 'content', 'shipments', 'labels', 'listings', 'feeds', 'settlements')
CONFLICT_PAUSE = datetime.timedelta(seconds=10)
# A flow that runs often is tried again often, too: what was sold out meanwhile must not wait for hours.
RETRY_FIRST, RETRY_SOME, RETRY_MOST = datetime.timedelta(minutes=1), datetime.timedelta(minutes=15), datetime.timedelta(hours=2)
# The share of Odoo's time limit for a job after which a flow hands over to its next run.
TIME_SHARE = 0.6


class AmazonSync(models.Model):
    _name = 'amazon.sync'
    _description = "Amazon Synchronization"
    _rec_name = 'flow'
    _order = 'seller_id, flow'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    flow = fields.Selection([
        ('orders', "Orders"), ('stock', "Stock"), ('prices', "Prices"), ('content', "Texts and pictures"),
        ('shipments', "Shipments"), ('labels', "Labels"),
        ('listings', "Listings"), ('feeds', "Results of submissions"),
        ('fba_inventory', "FBA inventory"), ('settlements', "Settlements"), ('transactions', "Refunds and other money"), ('retention', "Personal data"),
    ], required=True, readonly=True)
    cursor = fields.Datetime("Complete until", help="Everything that Amazon changed before this moment has been stored.")
    window = fields.Json("Search in progress", readonly=True)
    backlog = fields.Json("Searches asked for", readonly=True)
    last_run = fields.Datetime(readonly=True)
    last_success = fields.Datetime(readonly=True)
    failures = fields.Integer("Failures in a row", readonly=True)
    next_run = fields.Datetime("Next attempt", default=fields.Datetime.now)
    error = fields.Text("Why it failed", readonly=True)

    _flow_unique = models.Constraint('UNIQUE(seller_id, flow)', "A seller has one synchronization per flow.")

    def action_sync_now(self):
        """Make the flow due and wake its job; the job talks to Amazon, not this click."""
        for sync in self:
            if sync.seller_id.state == 'draft':
                raise UserError(self.env._("%s is not connected to Amazon yet.", sync.seller_id.name))
        now = fields.Datetime.now()
        for sync in self.sudo():
            sync.next_run = now
            sync._cron()._trigger()

    def _cron(self):
        self.ensure_one()
        return self.env.ref(f'amazon_connector.ir_cron_amazon_{self.flow}').sudo()

    # === RUNNING === #

    @api.model
    def _cron_run(self, flow):
        """Run the due rows of a flow, called by the flow's `ir.cron`; one row's failure does not touch the others."""
        due = Domain('next_run', '=', False) | Domain('next_run', '<=', fields.Datetime.now())
        if flow in EVENT_FLOWS:
            # Whoever woke the job changed something: only a flow that waits for a cure keeps waiting.
            due |= Domain('error', '=', False)
        due = self.search(due & Domain([
            ('flow', '=', flow), ('seller_id.state', '=', 'connected'), ('seller_id.active', '=', True)]), order='next_run')
        unfinished = 0
        for position, sync in enumerate(due):
            unfinished += sync._run()
            self.env['ir.cron']._commit_progress(1, remaining=unfinished + len(due) - position - 1)
            if not self._has_time():
                break

    def _run(self):
        """Run one row and record how it went.

        :return: whether the flow stopped for want of time and is to go on at once
        :rtype: bool
        """
        self.ensure_one()
        self.last_run = fields.Datetime.now()
        self._commit()
        model = self.env[FLOW_MODELS[self.flow]].with_company(self.company_id)
        try:
            more = getattr(model, f'_sync_{self.flow}')(self)
        except RateLimited as limit:
            self._postpone(limit.until.replace(tzinfo=None) + datetime.timedelta(seconds=1),
                           error=self.env._("Amazon's rate limit is reached, this goes on by itself."))
            return False
        except AmazonError as error:
            self._record_failure(error)
            return False
        except psycopg2.OperationalError:
            # Another transaction changed the same rows: nothing is wrong with them, and what was not committed is done again.
            self._postpone(fields.Datetime.now() + CONFLICT_PAUSE, error=False)
            return False
        except Exception:
            # Whatever one seller's data did must not stop the other sellers; the log has what an engineer needs.
            _logger.exception("Amazon flow %s of seller %s failed", self.flow, self.seller_id.id)
            self._record_failure(AmazonError(self.env._("Unexpected error: see the server log.")))
            return False
        self._record_success(more)
        return more is True

    def _record_success(self, more):
        now = fields.Datetime.now()
        next_run = now if more is True else now + FLOW_INTERVALS[self.flow]
        if isinstance(more, datetime.datetime) and more < next_run:
            next_run = more
            self._cron()._trigger(at=more)
        self.write({'last_success': now, 'failures': 0, 'error': False, 'next_run': next_run})

    @api.model
    def _wake_if_wanted(self, flow, switch):
        """Wake a flow of `EVENT_FLOWS` at the end of this transaction if any marketplace has its switch on, asked once a transaction."""
        asked = self.env.cr.precommit.data.setdefault('amazon_connector.asked', set())
        if flow not in asked:
            asked.add(flow)
            if self.env['amazon.seller.marketplace'].sudo().search_count([(switch, '=', True)], limit=1):
                self._wake_event_flow(flow)

    @api.model
    def _wake_event_flow(self, flow, at=None):
        """Wake a flow of `EVENT_FLOWS` at the end of this transaction, or at a time; once however often it is asked for.

        Unlike "Sync now" this writes no row that a running flow holds.
        """
        waiting = self.env.cr.precommit.data.setdefault('amazon_connector.wake', set())
        if (flow, at) not in waiting:
            waiting.add((flow, at))
            cron = self.env.ref(f'amazon_connector.ir_cron_amazon_{flow}').sudo()
            self.env.cr.precommit.add(lambda: cron._trigger(at=at))

    def _commit(self):
        """Commit what a flow has done so far; return whether there is time for more."""
        self.env['ir.cron']._commit_progress()
        return self._has_time()

    @api.model
    def _has_time(self):
        """Whether this job may go on: not past a share of the time that Odoo gives one job (no limit without workers)."""
        started = self.env.context.get('cron_end_time')
        limit = config['limit_time_real_cron'] if config['limit_time_real_cron'] > 0 else config['limit_time_real']
        if not started or not config['workers'] or not limit:
            return True
        return time.monotonic() < started - 10 + TIME_SHARE * limit

    def _postpone(self, until, error):
        """Keep the place of a flow that must wait; that is no failure (the setting stays as it is)."""
        self.env.cr.rollback()
        self.write({'next_run': until, 'error': error})
        self._cron()._trigger(at=until)

    def _record_failure(self, error):
        self.env.cr.rollback()
        failures = self.failures + 1
        most = min(max(FLOW_INTERVALS[self.flow], RETRY_SOME), RETRY_MOST)
        delay = min(RETRY_FIRST * 2 ** min(failures - 1, 10), most)
        until = fields.Datetime.now() + delay
        text = error.message
        if error.request_id:
            text = self.env._("%(message)s (Amazon's request id: %(request_id)s)", message=text, request_id=error.request_id)
        self.write({'failures': failures, 'next_run': until, 'error': text})
        self._cron()._trigger(at=until)
        if isinstance(error, LoginFailed | Forbidden):
            self.seller_id._set_error(error)

    # === SEARCHES THAT MOVE A CURSOR === #

    def _poll_window(self, overlap):
        """Return the search for what changed since the cursor, begun `overlap` (a timedelta) earlier.

        :return: `{'field': 'lastUpdated'|'created', 'after': ISO time, 'before': ISO time or None, 'token': str or None}`
        """
        self.ensure_one()
        start = (self.cursor or self.seller_id.import_from) - overlap
        return {'field': 'lastUpdated', 'after': f'{start.isoformat()}Z', 'before': None, 'token': None}

    def _close_window(self, window, until):
        """Forget a search that has been stored to its end; one by last update moves the cursor to `until` (UTC, naive)."""
        self.window = False
        if window['field'] == 'lastUpdated':
            self.cursor = max(self.cursor or until, until)
        else:
            self.backlog = (self.backlog or [])[1:] or False

    def _ask_for(self, after, before):
        """Queue a search by creation time, naive UTC datetimes, and make the flow due."""
        self.ensure_one()
        self.backlog = (self.backlog or []) + [{
            'field': 'created', 'after': f'{after.isoformat()}Z', 'before': f'{before.isoformat()}Z', 'token': None,
        }]
        self.action_sync_now()

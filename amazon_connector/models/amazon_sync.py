import contextlib
import datetime
import logging
import time

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import SQL, config

from ..amazon_api.errors import AmazonError, Forbidden, LoginFailed, RateLimited
from ..amazon_api.paging import TokenRefused
from ..amazon_api.shapes import ShapeError
from ..utils.access import USER, check_group
from ..utils.pace import FIRST, Queue
from ..utils.phrases import tell
from ..utils.quiet import concerns_record, describe, is_conflict, log_failure, may_be_conflict, quiet_sql
from ..utils.reader_fields import ReaderText
from ..utils.roles import find_role
from ..utils.run import MOST_SHOWN, Run
from ..utils.words import explain

_logger = logging.getLogger(__name__)

# Each flow is `_sync_<flow>(sync)` of the model that owns its data. It talks to Amazon without row locks, commits with
# `sync._commit()` after every step that may stand alone, and stops early when that returns False. It returns True when
# work is left for want of time, a datetime (UTC) when it waits for Amazon until then, else False. What it raises is
# recorded on the record and retried. Steps that are independent of the rest of the flow (a marketplace, a report, a
# label) run in `sync._isolate(name)`.
FLOW_MODELS = {
    'orders': 'amazon.order', 'stock': 'amazon.feed', 'prices': 'amazon.feed', 'content': 'amazon.feed',
    'listings': 'amazon.listing', 'feeds': 'amazon.feed',
    'shipments': 'amazon.feed', 'labels': 'amazon.label', 'fba_inventory': 'amazon.listing',
    'settlements': 'amazon.settlement', 'transactions': 'amazon.transaction', 'retention': 'amazon.retention',
    'fba_stock': 'amazon.ledger.day', 'fba_claims': 'amazon.claim', 'returns': 'amazon.return',
}
FLOW_INTERVALS = {
    'orders': datetime.timedelta(minutes=5), 'stock': datetime.timedelta(minutes=15),
    'prices': datetime.timedelta(minutes=15),
    'content': datetime.timedelta(minutes=15), 'shipments': datetime.timedelta(minutes=5),
    'labels': datetime.timedelta(hours=1),
    'listings': datetime.timedelta(hours=1), 'feeds': datetime.timedelta(minutes=15),
    'fba_inventory': datetime.timedelta(hours=1), 'fba_stock': datetime.timedelta(hours=2),
    'fba_claims': datetime.timedelta(hours=4), 'returns': datetime.timedelta(hours=1),
    'settlements': datetime.timedelta(hours=6), 'transactions': datetime.timedelta(hours=1),
    'retention': datetime.timedelta(days=1),
}
# Those that "Sync now" on a seller wakes, and those that run whenever their job is woken: they call Amazon only for a
# reason.
USER_FLOWS = ('orders', 'listings', 'stock', 'prices', 'content', 'shipments', 'labels', 'feeds', 'fba_inventory',
              'fba_stock', 'fba_claims', 'returns', 'settlements', 'transactions')
EVENT_FLOWS = ('stock', 'prices', 'content', 'shipments', 'labels', 'listings', 'feeds', 'settlements',
               'fba_stock', 'returns')
# The share of Odoo's time limit for a job after which a flow hands over to its next run.
TIME_SHARE = 0.6


class AmazonSync(models.Model):
    _name = 'amazon.sync'
    _description = "Amazon Synchronization"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'flow'
    _order = 'seller_id, flow'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    flow = fields.Selection([
        ('orders', "Orders"), ('stock', "Stock"), ('prices', "Prices"), ('content', "Texts and pictures"),
        ('shipments', "Shipments"), ('labels', "Labels"),
        ('listings', "Listings"), ('feeds', "Results of submissions"),
        ('fba_inventory', "FBA inventory"), ('fba_stock', "FBA stock by Amazon's ledger"),
        ('fba_claims', "Removals, reimbursements and claims"),
        ('returns', "Returns"),
        ('settlements', "Settlements"), ('transactions', "Refunds and other money"),
        ('retention', "Personal data"),
    ], required=True, readonly=True)
    last_run = fields.Datetime(readonly=True)
    last_success = fields.Datetime(readonly=True)
    failures = fields.Integer("Failures in a row", readonly=True, default=0)
    next_run = fields.Datetime("Next attempt", default=fields.Datetime.now)
    is_waiting = fields.Boolean("Waits until the next attempt", readonly=True,
                                help="Whatever changes meanwhile, nothing would succeed before.")
    conflicts = fields.Integer("Conflicts in a row", readonly=True)
    error = ReaderText("Why it failed", readonly=True)
    # Reports that are due and found no room today: since when, and when last tried; see `amazon_report_request`.
    waiting_reports = fields.Json("Reports without room", readonly=True)

    _flow_unique = models.Constraint('UNIQUE(seller_id, flow)', "A seller has one synchronization per flow.")

    def action_sync_now(self):
        """Make the flow due and wake its job; the job calls Amazon, not this click."""
        self.check_access('read')
        check_group(self.env, USER)
        for sync in self:
            if sync.seller_id.state == 'draft':
                raise UserError(tell(self.env)._("%s is not connected to Amazon yet.", sync.seller_id.name))
        self.seller_id._check_chosen_marketplaces()
        self.sudo()._wake()

    def _wake(self, search=None):
        """Let these flows run soon, without writing the records that a running flow holds.

        :param dict search: a search that the flow is to do, too, as in its backlog
        """
        self.env['amazon.sync.wake'].sudo().create([{'sync_id': sync.id, 'window': search or False} for sync in self])
        for cron in {sync._cron() for sync in self}:
            cron._trigger()

    def _cron(self):
        self.ensure_one()
        return self._get_cron(self.flow)

    @api.model
    def _get_cron(self, flow):
        """Return the job (`ir.cron`) of a flow."""
        return self.env.ref(f'amazon_connector.ir_cron_amazon_{flow}').sudo()

    # === RUNNING === #

    @api.model
    def _cron_run(self, flow):
        """Run the due flows of one kind, called by its `ir.cron`; an error of one seller does not stop the others."""
        left = self._start_clock()._find_due(flow)
        unfinished = False
        while left and left._has_time():
            sync, left = left[0], left[1:]
            try:
                unfinished |= sync._run()
            except Exception as error:
                # Its outcome could not be recorded either, as when the seller was deleted meanwhile.
                self.env.cr.rollback()
                log_failure(_logger, "Amazon flow %s, record %s", flow, sync.id, error=error)
            self.env.cr.commit()  # pylint: disable=invalid-commit
        if unfinished or left:
            self._get_cron(flow)._trigger()

    @api.model
    def _start_clock(self):
        """Return this model with the moment at which the job began, from which `_has_time` counts."""
        return self if 'amazon_started' in self.env.context else self.with_context(amazon_started=time.monotonic())

    @api.model
    def _find_due(self, flow):
        """Return the records of a flow that are to run, the one that waits longest first."""
        asked = self.env['amazon.sync.wake'].search([('sync_id.flow', '=', flow)]).sync_id
        due = ['|', '|', ('next_run', '=', False), ('next_run', '<=', fields.Datetime.now()), ('id', 'in', asked.ids)]
        if flow in EVENT_FLOWS:
            # The job was woken by a change: only a flow that waits after an error keeps waiting.
            due = ['|', ('is_waiting', '=', False), *due]
        return self.search([('flow', '=', flow), *self._get_runnable_domain(flow), *due], order='next_run')

    @api.model
    def _get_runnable_domain(self, _flow):
        return [('seller_id.state', '=', 'connected'), ('seller_id.active', '=', True),
                ('seller_id.marketplace_choice', '!=', 'asked')]

    def _run(self):
        """Run a flow of one seller and record its outcome, whatever happens: one seller must not stop the others.

        :return: whether the flow stopped for want of time and is to go on at once
        :rtype: bool
        """
        self.ensure_one()
        sync = self.with_context(amazon_run=Run())
        with quiet_sql():
            try:
                sync._save({'last_run': fields.Datetime.now()}, sync._consume_wake_requests)
                more = sync._run_flow()
            except Exception as error:
                self.env.cr.rollback()
                sync._record_exception(error)
                return False
            sync._record_success(more)
        return more is True

    def _consume_wake_requests(self):
        """Delete the wake requests made until now and add the searches that they name; later requests are for the next
        run.
        """
        self.env.cr.execute(SQL("DELETE FROM amazon_sync_wake WHERE sync_id = %s RETURNING amazon_sync_wake.window",
                                self.id))
        requests = self.env.cr.fetchall()
        if requests:
            self.next_run = fields.Datetime.now()
        searches = [search for (search,) in requests if search]
        if searches:
            self.backlog = (self.backlog or []) + searches

    def _run_flow(self):
        model = self.env[FLOW_MODELS[self.flow]].with_company(self.company_id)
        more = getattr(model, f'_sync_{self.flow}')(self)
        self._commit()
        return more

    @contextlib.contextmanager
    def _isolate(self, subject):
        """Let an error of one subject (a marketplace, a report, a label) harm only itself: the flow goes on behind the
        block.

        What was not committed is rolled back; subject and reason are shown on the flow when the run ends, and after
        three such runs in a row a person gets a task. Errors that are not about the subject pass through: rate limits,
        failed logins, conflicts with other transactions, and Amazon being away for a second subject in a row. Outside
        of a run everything passes through.

        :param str subject: its name in words, as a person knows it
        """
        run = self.env.context.get('amazon_run')
        try:
            yield
        except (RateLimited, LoginFailed):
            raise
        except Exception as error:
            if not run or not concerns_record(error) or run.is_outage(error):
                raise
            self.env.cr.rollback()
            if self._is_account_refused(error):
                raise
            self._add_problem(subject, error)
        else:
            if run:
                run.succeed()

    def _describe(self, error, subject=''):
        """Return in words why something failed; unexpected errors are logged, without the values that they quote."""
        if isinstance(error, UserError | RedirectWarning | ShapeError):
            return explain(self.env, error)
        if is_conflict(error):
            return self._describe_conflict(error)
        if not isinstance(error, AmazonError):
            log_failure(_logger, "Amazon flow %s of seller %s failed %s", self.flow, self.seller_id.id, subject
                        and f'({subject})', error=error)
            return tell(self.env)._("Unexpected error (%s): see the server log.", describe(error))
        text = explain(self.env, error)
        if isinstance(error, LoginFailed) or (isinstance(error, Forbidden) and self._is_account_refused(error)):
            text = self.seller_id._describe_error(error)
        elif isinstance(error, Forbidden):
            text = tell(self.env)._(
                "Amazon refuses %(operation)s (%(code)s). The application needs the role \"%(role)s\": add it in the "
                "Developer Console and authorize "
                "the seller again. Everything else goes on, and this does as soon as the role is there.",
                operation=error.operation, code=error.code or error.status,
                role=find_role(self.env, error.operation, self.flow))
        if error.request_id:
            text = tell(self.env)._("%(message)s (Amazon's request id: %(request_id)s)", message=text,
                                    request_id=error.request_id)
        return text

    def _add_problem(self, subject, error):
        """Add what failed for one subject, or collided again and again, to the problems of this run; three such runs in
        a row are a person's task.
        """
        run = self.env.context['amazon_run']
        run.add(subject, self._describe(error, subject))
        run.needs_person |= isinstance(error, TokenRefused)

    def _add_problems(self, subject, problems):
        """Add what could not be read of a subject, which went on without it, to the problems of this run.

        :param list problems: in words
        """
        if problems:
            more = len(problems) - MOST_SHOWN + 1
            shown = problems if more <= 1 else [*problems[:MOST_SHOWN - 1], f'… (+{more})']
            self.env.context['amazon_run'].add(subject, tell(self.env).join(shown))

    def _is_account_refused(self, error):
        """Return whether Amazon refuses the account as a whole, and not only one operation; asked once a run
        (`getMarketplaceParticipations`).
        """
        if not isinstance(error, Forbidden):
            return isinstance(error, LoginFailed)
        run = self.env.context['amazon_run']
        if run.account_refused is None:
            run.account_refused = self.seller_id._is_refused()
        return run.account_refused

    # === PORTIONS === #

    def _in_portions(self, ids, handle, most=250, give_up=None, first=FIRST):
        """Process records in short transactions: their length follows the clock, and records that collide with a user
        come again in smaller ones.

        Portions that fail come again in smaller ones, too; a record that fails alone is given up for this run, and the
        others go on.

        :param ids: ids of the records, in order
        :param handle: called with a list of ids, once for each transaction, which is committed behind it; it may come
            twice for the same
        :param int most: the most records of one transaction
        :param give_up: called with an id and the exception when one record collided again and again, or failed, in a
            transaction of its own; without it the record is named on the flow
        :param int first: the records of the first transaction
        :return: whether all came to their end in time
        :rtype: bool
        """
        queue, time_left = Queue(ids, most, first), True
        while queue and time_left:
            portion, started = queue.pop(), time.monotonic()
            try:
                # A user who locks a record for long delays one portion, not the job.
                self.env.cr.execute("SET LOCAL lock_timeout = '3s'")
                handle(portion)
                time_left = self._commit()
                queue.succeed(portion, time.monotonic() - started)
            except Exception as error:
                if not self._concerns_portion(error):
                    raise
                self.env.cr.rollback()
                if queue.collide(portion) if may_be_conflict(error) else queue.fail(portion):
                    self._give_up(portion[0], error, give_up)
                elif may_be_conflict(error):
                    queue.pause(portion)
                time_left = self._has_time()
        return not queue

    def _concerns_portion(self, error):
        """Return whether an exception is about the records of a portion, not about Amazon or the server."""
        return (is_conflict(error) or concerns_record(error) and not isinstance(error, AmazonError)
                and 'amazon_run' in self.env.context)

    def _give_up(self, record_id, error, give_up):
        try:
            if not give_up:
                raise error
            give_up(record_id, error)
            self._commit()
        except Exception as failure:
            if not self._concerns_portion(failure):
                raise
            self.env.cr.rollback()
            self._add_problem(f'{self._get_flow_name()} {record_id}', failure)

    def _describe_conflict(self, error):
        return tell(self.env)._("Other users or jobs change the same records all the time (%s): this is tried again "
                                "and again.", describe(error))

    def _get_flow_name(self):
        return dict(self._fields['flow']._description_selection(self.env))[self.flow]

    # === WAKING AND TIME === #

    @api.model
    def _wake_if_wanted(self, flow, switch):
        """Wake a flow of `EVENT_FLOWS` at the end of this transaction if any marketplace has its switch on, checked
        once a transaction.
        """
        asked = self.env.cr.precommit.data.setdefault('amazon_connector.asked', set())
        if flow not in asked:
            asked.add(flow)
            if self.env['amazon.seller.marketplace'].sudo().search_count([(switch, '=', True)], limit=1):
                self._wake_event_flow(flow)

    @api.model
    def _wake_event_flow(self, flow, at=None):
        """Wake a flow of `EVENT_FLOWS` at the end of this transaction, or at a time (UTC); once however often this is
        called.

        Unlike "Sync now" this writes no record that a running flow holds.
        """
        waiting = self.env.cr.precommit.data.setdefault('amazon_connector.wake', set())
        if (flow, at) not in waiting:
            waiting.add((flow, at))
            cron = self._get_cron(flow)
            self.env.cr.precommit.add(lambda: cron._trigger(at=at))

    def _commit(self):
        """Commit the work of a flow so far; return whether there is time for more."""
        self.env.cr.commit()  # pylint: disable=invalid-commit
        return self._has_time()

    @api.model
    def _has_time(self):
        """Return whether this job may go on: not past a share of the time limit that Odoo gives one job.

        A server without workers has that limit, too: it restarts as a whole when a job passes it
        (`ThreadedServer.process_limit`).
        """
        started = self.env.context.get('amazon_started')
        limit = config['limit_time_real_cron'] if config['limit_time_real_cron'] > 0 else config['limit_time_real']
        if not started or not limit:
            return True
        return time.monotonic() < started + TIME_SHARE * limit

import datetime
import logging
import random
import time

import psycopg2

from odoo import fields, models

from ..amazon_api.errors import RateLimited, Unavailable
from ..amazon_api.paging import TokenRefused
from ..utils.pace import get_pause
from ..utils.phrases import tell
from ..utils.quiet import is_conflict, log_failure
from .amazon_sync import FLOW_INTERVALS

_logger = logging.getLogger(__name__)

CONFLICT_PAUSE = datetime.timedelta(seconds=10)
# After so many runs in a row that failed, or in which something failed, a person gets a task; Amazon being away heals
# by itself.
ALERT_AFTER, ALERT_AFTER_OUTAGES = 3, 8
# How often the outcome of a run is written again when another transaction writes the same flow.
SAVE_ATTEMPTS = 10
# A flow that runs often is retried often, too: products that are sold out meanwhile must not wait for hours.
RETRY_FIRST, RETRY_SOME = datetime.timedelta(minutes=1), datetime.timedelta(minutes=15)
RETRY_MOST = datetime.timedelta(hours=2)


class AmazonSync(models.Model):
    """How a run ended: what is shown and counted, when the flow runs again, and when a person gets a task."""

    _inherit = 'amazon.sync'

    needs_person = fields.Boolean("Needs somebody", readonly=True,
                                  help="It, or a part of it, failed several times in a row.")

    def _record_exception(self, error):
        """Record the exception that ended a run; nothing of the run is committed."""
        if isinstance(error, RateLimited):
            self._postpone(error.until.replace(tzinfo=None) + datetime.timedelta(seconds=1),
                           error=tell(self.env)._("Amazon's rate limit is reached, this goes on by itself."))
        elif is_conflict(error):
            self._record_conflict(error)
        else:
            self._record_failure(error)

    def _record_success(self, more):
        """Record that a run reached its end, or as far as time allowed; errors of single subjects are shown and
        counted.
        """
        now = fields.Datetime.now()
        next_run = now if more is True else now + FLOW_INTERVALS[self.flow]
        wake = isinstance(more, datetime.datetime) and more < next_run
        if wake:
            next_run = more
        self._save({'last_success': now, 'next_run': next_run, 'is_waiting': False, 'conflicts': 0,
                    **self._prepare_problems()},
                   lambda: wake and self._cron()._trigger(at=next_run))

    def _prepare_problems(self):
        """Return the values to write for the problems of this run."""
        run = self.env.context['amazon_run']
        if not run.problems:
            return {'failures': 0, 'error': False}
        return {'failures': self.failures + 1, 'error': run.text(self.env)}

    def _postpone(self, until, error):
        """Record that a flow must wait (until, UTC), which is no failure."""
        problems = self._prepare_problems()
        if problems['failures']:
            problems['error'] = tell(self.env).join([error, problems['error']])
        else:
            problems = {'error': error}
        self._save({'next_run': until, 'is_waiting': True, **problems}, lambda: self._cron()._trigger(at=until))

    def _record_conflict(self, error):
        """Record a conflict with another transaction: the records are fine, and what was not committed is done again.
        """
        conflicts = self.conflicts + 1
        until = fields.Datetime.now() + CONFLICT_PAUSE * random.uniform(0.5, 1.5)
        vals = {'next_run': until, 'is_waiting': False, 'conflicts': conflicts, 'error': False}
        if conflicts >= ALERT_AFTER:
            vals.update(failures=self.failures + 1, error=self._describe_conflict(error))
        self._save(vals, lambda: self._cron()._trigger(at=until))

    def _record_failure(self, error):
        failures = self.failures + 1
        most = min(max(FLOW_INTERVALS[self.flow], RETRY_SOME), RETRY_MOST)
        until = fields.Datetime.now() + get_pause(RETRY_FIRST, failures - 1, most)
        text = tell(self.env).join([self._describe(error), self.env.context['amazon_run'].text(self.env)])
        after = (failures if isinstance(error, TokenRefused) else ALERT_AFTER_OUTAGES if isinstance(error, Unavailable)
                 else ALERT_AFTER)
        refused = self._is_account_refused(error)

        def stop():
            self._cron()._trigger(at=until)
            if refused:
                self.seller_id._set_error(error)
        self._save({'failures': failures, 'next_run': until, 'is_waiting': True, 'error': text}, stop,
                   alert_after=after)

    def _save(self, vals, then, alert_after=ALERT_AFTER):
        """Write the outcome of a run in a transaction of its own, again where somebody wrote the same record at that
        moment.

        :param then: called in the same transaction
        :param int alert_after: with so many failures in a row a person gets a task
        """
        before, vals = self.needs_person, self._add_need(vals, alert_after)
        for attempt in range(1, SAVE_ATTEMPTS + 1):
            try:
                self.write(vals)
                then()
                self.env.cr.commit()  # pylint: disable=invalid-commit
                break
            except psycopg2.OperationalError:
                self.env.cr.rollback()
                if attempt == SAVE_ATTEMPTS:
                    _logger.warning("Amazon flow %s of seller %s: its bookkeeping collides again and again", self.flow,
                                    self.seller_id.id)
                    return
                time.sleep(random.uniform(0, 0.1 * attempt))
        if self.needs_person != before or self.seller_id.state == 'error':
            self._update_attention()

    def _add_need(self, vals, alert_after):
        """Return the outcome of a run with whether a person is needed: until a run succeeds."""
        if 'failures' not in vals:
            return vals
        needed = self.needs_person or self.env.context['amazon_run'].needs_person or vals['failures'] >= alert_after
        return {**vals, 'needs_person': bool(vals['failures']) and needed}

    def _update_attention(self):
        """Give somebody a task, or mark it as done."""
        try:
            self.env['amazon.attention']._update(self.seller_id.sudo(), ('connection', 'flows'))
            self.env.cr.commit()  # pylint: disable=invalid-commit
        except Exception as error:
            self.env.cr.rollback()
            log_failure(_logger, "Amazon flow %s of seller %s: nobody could be notified", self.flow, self.seller_id.id,
                        error=error)

import datetime
import logging

from odoo import api, fields, models

from ..utils.locks import try_lock
from ..utils.phrases import tell
from ..utils.quiet import log_failure
from ..utils.run import Run

_logger = logging.getLogger(__name__)

# The job runs once a day. Where it did not run for longer, Odoo was stopped or a backup was restored, with buyers' data
# that was erased long ago.
STALE_AFTER = datetime.timedelta(days=2)
# Another process has just begun.
RUNNING_FOR = datetime.timedelta(hours=1)


class AmazonSync(models.Model):
    """Run the erasure of buyers' data whether a seller is connected or not, and after a restored backup before all
    other flows.
    """

    _inherit = 'amazon.sync'

    @api.model
    def _cron_run(self, flow):
        """Run the due flows of one kind; where buyers' data was not checked for days, the erasure comes first."""
        self = self._start_clock()
        if flow != 'retention':
            self._run_stale_retention()
        return super()._cron_run(flow)

    @api.model
    def _run_stale_retention(self):
        """Run the erasure of sellers whose buyers' data was not checked for days; a failure is recorded, and a person
        gets a task.
        """
        for sync in self._find_stale_retention():
            try:
                if sync._is_interrupted():
                    sync._record_interrupted()
                elif not sync._has_begun() and try_lock(sync):
                    sync._run()
                self.env.cr.commit()  # pylint: disable=invalid-commit
            except Exception as error:
                self.env.cr.rollback()
                log_failure(_logger, "Amazon flow retention, record %s", sync.id, error=error)
                sync._record_interrupted()

    @api.model
    def _find_stale_retention(self):
        """Return the retention flows that did not succeed for days, without those that failed since: these are shown,
        and must not stop the shop.
        """
        limit = fields.Datetime.now() - STALE_AFTER
        return self.search([
            ('flow', '=', 'retention'), ('failures', '=', 0), '|', ('last_success', '<', limit),
            '&', ('last_success', '=', False), ('create_date', '<', limit)])

    def _has_begun(self):
        """Return whether a run began that did not succeed yet."""
        self.ensure_one()
        return bool(self.last_run) and (not self.last_success or self.last_run > self.last_success)

    def _is_interrupted(self):
        """Return whether a run began and no outcome was recorded, as when its process was killed."""
        return self._has_begun() and self.last_run < fields.Datetime.now() - RUNNING_FOR

    def _record_interrupted(self):
        """Count an interrupted run as a failure: other flows go on, and a person gets a task."""
        self.with_context(amazon_run=Run())._save({'failures': self.failures + 1, 'error': tell(self.env)._(
            "Deleting buyers' data was interrupted: see the server log. The job tries it again every day.")},
            lambda: None, alert_after=self.failures + 1)

    @api.model
    def _get_runnable_domain(self, flow):
        if flow == 'retention':
            return []
        domain = super()._get_runnable_domain(flow)
        waiting = self._find_stale_retention().filtered(lambda sync: not sync._is_interrupted()).seller_id
        return [*domain, ('seller_id', 'not in', waiting.ids)] if waiting else domain

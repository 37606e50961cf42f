import datetime

from odoo import api, fields, models
from odoo.fields import Domain

# The job runs once a day. Where it did not for longer, Odoo stood still or a backup was restored, with buyers' data
# that was erased long ago.
STALE_AFTER = datetime.timedelta(days=2)
# Somebody else has just begun.
RUNNING_FOR = datetime.timedelta(hours=1)


class AmazonSync(models.Model):
    """Buyers' data ends whether its seller is connected or not, and after a backup was restored before anything else
    happens.
    """

    _inherit = 'amazon.sync'

    @api.model
    def _cron_run(self, flow):
        """Run the due rows of a flow; where buyers' data was not looked after for days, this comes first."""
        if flow != 'retention':
            self._run_stale_retention()
        return super()._cron_run(flow)

    @api.model
    def _run_stale_retention(self):
        now = fields.Datetime.now()
        for sync in self._find_stale_retention():
            if (not sync.last_run or sync.last_run < now - RUNNING_FOR) and sync.try_lock_for_update():
                sync._run()
                self.env['ir.cron']._commit_progress()

    @api.model
    def _find_stale_retention(self):
        """Return the retention rows that did not succeed for days, without those that failed since: these are shown,
        and must not stop the shop.
        """
        limit = fields.Datetime.now() - STALE_AFTER
        stale = Domain('last_success', '<', limit) | (Domain('last_success', '=', False) & Domain('create_date', '<', limit))
        return self.search(stale & Domain('flow', '=', 'retention') & Domain('failures', '=', 0))

    @api.model
    def _get_runnable_domain(self, flow):
        if flow == 'retention':
            return Domain.TRUE
        domain = super()._get_runnable_domain(flow)
        waiting = self._find_stale_retention().seller_id
        return domain & Domain('seller_id', 'not in', waiting.ids) if waiting else domain

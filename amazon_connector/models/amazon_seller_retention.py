import datetime

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..utils.phrases import tell

# What Amazon's data protection policy allows without another ground.
MOST_DAYS = 30


class AmazonSeller(models.Model):
    """Retention time of buyers' data by seller, and whether all of it is to be erased."""

    _inherit = 'amazon.seller'

    retention_days = fields.Integer(
        "Keep buyers' data for", default=MOST_DAYS, required=True, tracking=True,
        help="Days after the delivery of an order. More than 30 need a reason, as Amazon's data protection policy "
        "demands.")
    retention_reason = fields.Text("Why longer than 30 days", tracking=True, copy=False,
                                   help="The law or contract that demands it. Without a reason, 30 days are "
                                   "what counts.")
    erase_all = fields.Boolean("All buyers' data is to be erased", readonly=True, copy=False, tracking=True)
    erased_date = fields.Datetime("All buyers' data erased on", readonly=True, copy=False)
    overdue_count = fields.Integer("Overdue", readonly=True, copy=False, groups='amazon_connector.group_amazon_user',
                                   help="Orders, received orders and contacts that hold buyers' data for longer than "
                                   "allowed, "
                                        "as the daily job counted them.")

    @api.constrains('retention_days', 'retention_reason')
    def _check_retention(self):
        for seller in self:
            if seller.retention_days > MOST_DAYS and not (seller.retention_reason or '').strip():
                raise ValidationError(tell(self.env)._("Say why buyers' data is kept for more than 30 days: which law "
                                                       "or contract demands it."))

    def write(self, vals):
        """Write sellers; a seller that is connected again receives orders again, so its data is no longer erased at
        once.
        """
        if vals.get('state') == 'connected':
            vals = {**vals, 'erase_all': False}
        if 'erase_all' in vals:
            vals = {**vals, 'erased_date': False}
        return super().write(vals)

    def _get_retention(self):
        """Return how long buyers' data is kept after an order ended.

        :rtype: datetime.timedelta
        """
        self.ensure_one()
        has_reason = bool((self.retention_reason or '').strip())
        return datetime.timedelta(days=self.retention_days if has_reason else min(self.retention_days, MOST_DAYS))

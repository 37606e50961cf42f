import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..utils.phrases import tell
from ..utils.reader_fields import ReaderText
from ..utils.words import explain


class AmazonLabelBatch(models.Model):
    """Labels that were requested together."""

    _name = 'amazon.label.batch'
    _description = "Amazon Label Batch"
    _inherit = ['amazon.access.mixin']
    _order = 'id desc'

    company_id = fields.Many2one('res.company', required=True, readonly=True)
    label_ids = fields.One2many('amazon.label', 'batch_id', readonly=True)
    count = fields.Integer("Labels", compute='_compute_progress')
    bought_count = fields.Integer("Bought", compute='_compute_progress')
    failed_count = fields.Integer("Failed", compute='_compute_progress')
    progress = fields.Float(compute='_compute_progress', help="Share of the labels that are bought or have failed.")
    refused = ReaderText("Left out", readonly=True)

    @api.depends('create_date')
    @api.depends_context('lang', 'tz')
    def _compute_display_name(self):
        for batch in self:
            batch.display_name = format_datetime(self.env, batch.create_date, self.env.context.get('tz'), False)

    @api.depends('label_ids.state')
    def _compute_progress(self):
        for batch in self:
            states = batch.label_ids.mapped('state')
            batch.count, batch.bought_count, batch.failed_count = len(states), states.count('bought'), states.count(
                'failed')
            batch.progress = (100.0 * sum(state not in ('wanted', 'buying') for state in states) / len(states) if states
                              else 100.0)

    @api.model
    def _make(self, pickings):
        """Request the labels of many deliveries; those that cannot have one are left out with the reason.

        :raises UserError: the deliveries are of several companies
        """
        self.env['amazon.label']._check_may_buy(pickings)
        if len(pickings.company_id) > 1:
            raise UserError(tell(self.env)._("Choose deliveries of one company: each company has labels of its own."))
        batch = self.sudo().create({'company_id': pickings.company_id[:1].id})
        refused = []
        for picking in pickings:
            try:
                with self.env.cr.savepoint():
                    self.env['amazon.label']._want(picking, batch_id=batch.id)
            except UserError as error:
                refused.append(explain(self.env, error))
            except psycopg2.IntegrityError:
                refused.append(tell(self.env)._("%s: somebody else asked for a label of the same parcel.",
                                                picking.name))
        batch.refused = tell(self.env).join(refused) or False
        return batch

    def action_refresh(self):
        """Show the progress of the job."""
        self.check_access('read')
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}

    def action_print(self):
        """Open the bought labels as one document."""
        return self.label_ids.action_print()

    def action_retry(self):
        """Try again to buy the labels that failed."""
        return self.label_ids.action_retry()

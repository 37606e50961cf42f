from odoo import fields, models


class AmazonSyncWake(models.Model):
    """A request that a flow runs soon, apart from the record of the flow: a click never collides with a run that writes
    that record.

    The run that begins deletes what is there; what comes later is for the next one.
    """

    _name = 'amazon.sync.wake'
    _description = "Amazon Synchronization Asked For"

    sync_id = fields.Many2one('amazon.sync', required=True, readonly=True, ondelete='cascade', index=True)
    window = fields.Json("Search asked for", readonly=True, help="As in the backlog of the flow, to which it is moved.")

from odoo import fields, models

from ..utils.reader_fields import ReaderChar


class AmazonListingDraftLine(models.Model):
    _name = 'amazon.listing.draft.line'
    _description = "Attribute of an Amazon Listing to Create"
    _inherit = ['amazon.access.mixin']
    _order = 'sequence, id'
    _rec_name = 'title'

    draft_id = fields.Many2one('amazon.listing.draft', required=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='draft_id.company_id', store=True)
    sequence = fields.Integer()
    path = fields.Char(required=True, readonly=True)
    title = fields.Char("Attribute", readonly=True)
    help = fields.Char("Meaning", readonly=True)
    choices = fields.Json(readonly=True)
    required = fields.Boolean(readonly=True)
    optional = fields.Boolean(readonly=True)
    value = fields.Char()
    problem = ReaderChar(readonly=True)

from odoo import fields, models


class AmazonMarketplaceChooseLine(models.TransientModel):
    _name = 'amazon.marketplace.choose.line'
    _description = "Marketplace to Choose"
    _inherit = ['amazon.access.mixin']
    _order = 'sequence, id'

    wizard_id = fields.Many2one('amazon.marketplace.choose', ondelete='cascade')
    sequence = fields.Integer(readonly=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', readonly=True)
    name = fields.Char(related='marketplace_id.name')
    country_id = fields.Many2one(related='marketplace_id.country_id')
    currency_id = fields.Many2one(related='marketplace_id.currency_id')
    is_suspended = fields.Boolean(related='marketplace_id.is_suspended')
    sold_lately = fields.Boolean(readonly=True)
    is_chosen = fields.Boolean("Use")
    same_settings = fields.Boolean()

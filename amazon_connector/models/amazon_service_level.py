from odoo import fields, models

# What a buyer can choose, as `fulfillmentServiceLevel` of Orders 2026-01-01 names it.
LEVELS = [
    ('FREE_ECONOMY', "Free economy"), ('STANDARD', "Standard"), ('EXPEDITED', "Expedited"),
    ('SECOND_DAY', "Second day"), ('NEXT_DAY', "Next day"),
    ('SAME_DAY', "Same day"), ('PRIORITY', "Priority"), ('SCHEDULED', "Scheduled"),
]


class AmazonServiceLevel(models.Model):
    _name = 'amazon.service.level'
    _description = "Delivery Method by Amazon's Service Level"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'level'

    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, ondelete='cascade', index=True)
    level = fields.Selection(LEVELS, "Service level", required=True)
    delivery_carrier_id = fields.Many2one('delivery.carrier', "Delivery method", required=True, ondelete='cascade')

    _level_unique = models.Constraint('UNIQUE(marketplace_id, level)',
                                      "This service level has a delivery method already.")

from odoo import fields, models


class DeliveryCarrier(models.Model):
    _inherit = 'delivery.carrier'

    amazon_mapping_ids = fields.One2many('amazon.carrier.mapping', 'delivery_carrier_id', "Carrier at Amazon", groups='amazon_connector.group_amazon_user')

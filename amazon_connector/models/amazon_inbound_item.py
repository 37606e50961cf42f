from odoo import fields, models


class AmazonInboundItem(models.Model):
    """What Amazon itself says of a SKU in a shipment to it (`getShipmentItemsByShipmentId`), beside the receipts of its
    ledger.
    """

    _name = 'amazon.inbound.item'
    _description = "SKU in a Shipment to Amazon"
    _rec_name = 'sku'
    _order = 'sku'

    inbound_id = fields.Many2one('amazon.inbound', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='inbound_id.company_id')
    sku = fields.Char("SKU", required=True, readonly=True)
    fnsku = fields.Char("FNSKU", readonly=True)
    shipped = fields.Integer("Units announced", readonly=True)
    received = fields.Integer("Units received", readonly=True)

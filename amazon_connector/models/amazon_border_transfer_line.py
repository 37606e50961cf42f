from odoo import fields, models


class AmazonBorderTransferLine(models.Model):
    """Pieces of one product in a transfer of own goods between countries; a correction of an issued one may be
    negative.
    """

    _name = 'amazon.border.transfer.line'
    _description = "Product Moved between Countries by Amazon"
    _rec_name = 'sku'
    _order = 'transfer_id desc, sku, id'

    transfer_id = fields.Many2one('amazon.border.transfer', required=True, readonly=True, ondelete='cascade',
                                  index=True)
    company_id = fields.Many2one(related='transfer_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='transfer_id.currency_id')
    month = fields.Date(related='transfer_id.month', store=True)
    source_id = fields.Many2one(related='transfer_id.source_id', store=True, string="From")
    target_id = fields.Many2one(related='transfer_id.target_id', store=True, string="To")
    product_id = fields.Many2one('product.product', readonly=True, ondelete='restrict')
    sku = fields.Char("SKU", readonly=True)
    quantity = fields.Float("Pieces", digits=(16, 2), readonly=True)
    unit_cost = fields.Float("Cost of a piece", digits='Product Price', readonly=True)
    value = fields.Monetary("Value at cost", readonly=True)
    hs_code = fields.Char("Commodity code", readonly=True)
    origin_id = fields.Many2one('res.country', "Country of origin", readonly=True)
    weight = fields.Float("Weight (kg)", digits=(16, 3), readonly=True)

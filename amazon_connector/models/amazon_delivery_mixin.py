from odoo import api, fields, models


class AmazonDeliveryMixin(models.AbstractModel):
    """A parcel of a delivery of an Amazon order: what packages to confirm and labels to buy have in common."""

    _name = 'amazon.delivery.mixin'
    _description = "Parcel of an Amazon Order"

    picking_id = fields.Many2one(
        'stock.picking', "Delivery", required=True, readonly=True, ondelete='cascade', index=True)
    sale_order_id = fields.Many2one(
        'sale.order', "Sales Order", required=True, readonly=True, ondelete='cascade', index=True)
    stock_package_id = fields.Many2one('stock.package', "Package", readonly=True)
    marketplace_id = fields.Many2one(related='sale_order_id.amazon_marketplace_id', store=True, index=True)
    seller_id = fields.Many2one(related='marketplace_id.seller_id', store=True, index=True)
    company_id = fields.Many2one(related='sale_order_id.company_id', store=True)
    amazon_order_ref = fields.Char(related='sale_order_id.amazon_order_ref', store=True, index=True)
    items = fields.Json(required=True, readonly=True)

    @api.depends('amazon_order_ref', 'stock_package_id')
    def _compute_display_name(self):
        for parcel in self:
            parcel.display_name = ' '.join(filter(None, [parcel.amazon_order_ref, parcel.stock_package_id.name]))

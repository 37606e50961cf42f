from odoo import fields, models

from ..utils.access import USER, check_group


class ProductProduct(models.Model):
    _name = 'product.product'
    _inherit = ['product.product', 'amazon.return.rate.mixin']

    amazon_asin = fields.Char("ASIN", index='btree_not_null',
                              help="Amazon Standard Identification Number of this product.")
    amazon_listing_ids = fields.One2many('amazon.listing', 'product_id', string="Amazon listings",
                                         groups='amazon_connector.group_amazon_user')
    amazon_figure_ids = fields.One2many('amazon.product.figure', 'product_id', string="Amazon in 30 days",
                                        readonly=True, groups='amazon_connector.group_amazon_user')

    def _amazon_get_variants(self):
        return self

    def write(self, vals):
        """Write products; their template's flows are woken where values at Amazon depend on them."""
        result = super().write(vals)
        self.env['product.template']._amazon_wake(vals)
        return result

    def action_amazon_sync_now(self):
        """Read the listings of this product again, and compare stock and prices, at every seller that lists it."""
        check_group(self.env, USER)
        self.check_access('read')
        if self.amazon_listing_ids:
            self.amazon_listing_ids.action_sync_now()
        return (self.amazon_listing_ids.seller_id
                or self.env['amazon.seller'].search([('state', '=', 'connected')])).action_sync_now()

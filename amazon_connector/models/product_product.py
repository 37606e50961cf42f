from odoo import api, fields, models

from ..utils.access import RETURN_READERS, USER, check_group


class ProductProduct(models.Model):
    _inherit = 'product.product'

    amazon_asin = fields.Char("ASIN", index='btree_not_null',
                              help="Amazon Standard Identification Number of this product.")
    amazon_listing_ids = fields.One2many('amazon.listing', 'product_id', string="Amazon listings",
                                         groups='amazon_connector.group_amazon_user')

    amazon_shipped_units = fields.Float("Shipped in 12 months", digits=(16, 2), compute='_compute_amazon_return_rate',
                                        groups=RETURN_READERS, help="Units of Amazon orders, by date of the order.")
    amazon_returned_units = fields.Float("Returned in 12 months", digits=(16, 2),
                                         compute='_compute_amazon_return_rate', groups=RETURN_READERS,
                                         help="Units that buyers of Amazon orders sent back, by date of receipt.")
    amazon_return_rate = fields.Float("Return rate", digits=(16, 4), compute='_compute_amazon_return_rate',
                                      groups=RETURN_READERS)

    @api.depends_context('allowed_company_ids')
    def _compute_amazon_return_rate(self):
        counts = self.env['sale.order.line']._amazon_count_returned(self)
        for product in self:
            shipped, returned = counts.get(product, (0.0, 0.0))
            product.amazon_shipped_units, product.amazon_returned_units = shipped, returned
            product.amazon_return_rate = returned / shipped if shipped else 0.0

    def action_amazon_view_returns(self):
        """Show the returns of these products."""
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Amazon returns"), 'res_model': 'amazon.return',
            'view_mode': 'list,pivot,graph,form', 'domain': [('product_id', 'in', self.ids)]}

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

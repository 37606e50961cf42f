from odoo import fields, models

from ..utils.access import USER, check_group

# Whoever works for the company's Amazon shops or its warehouses.
GROUPS = f'{USER},stock.group_stock_user'


class ProductTemplate(models.Model):
    """What lies at Amazon of a product, and on the way there and back, whatever its variant."""

    _inherit = 'product.template'

    amazon_fba_quantity = fields.Float("At Amazon", digits=(16, 2), compute='_compute_amazon_fba_quantity',
                                       groups=GROUPS, help="Pieces that belong to the company at Amazon, on the way "
                                       "there and back, where the FBA stock is kept by Amazon's ledger.")

    def _compute_amazon_fba_quantity(self):
        for template in self:
            template.amazon_fba_quantity = sum(template.product_variant_ids.mapped('amazon_fba_quantity'))

    def action_amazon_fba_stock(self):
        """Show the stock at Amazon of these products by country and condition."""
        self.check_access('read')
        return self.product_variant_ids.action_amazon_fba_stock()


class ProductProduct(models.Model):
    _inherit = 'product.product'

    amazon_fba_quantity = fields.Float("At Amazon", digits=(16, 2), compute='_compute_amazon_fba_quantity',
                                       groups=GROUPS)

    def _compute_amazon_fba_quantity(self):
        found = dict(self.env['amazon.fba.stock']._read_group(
            [('product_id', 'in', self.ids)], ['product_id'], ['quantity:sum']))
        for product in self:
            product.amazon_fba_quantity = found.get(product, 0.0)

    def action_amazon_fba_stock(self):
        """Show the stock at Amazon of these products by country and condition."""
        self.check_access('read')
        check_group(self.env, *GROUPS.split(','))
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("FBA Stock by Country"),
            'res_model': 'amazon.fba.stock', 'view_mode': 'pivot,list',
            'domain': [('product_id', 'in', self.ids)]}

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

# Amazon shows orders as shipped once all of their units are.
SHIPPED = 'SHIPPED'
MONTHS = 12


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    @api.model
    def _amazon_count_returned(self, products):
        """Return how many units of products Amazon's orders of the last twelve months shipped, and how many came back
        in that time; a unit is what Amazon sells as one, and parcels that never reached the buyer are left out.

        :return: product -> (shipped, returned)
        :rtype: dict
        """
        start = fields.Datetime.now() - relativedelta(months=MONTHS)
        shipped = dict(self.sudo()._read_group([
            ('product_id', 'in', products.ids), ('amazon_charge', '=', 'item'), ('order_id.date_order', '>=', start),
            ('order_id.amazon_status', '=', SHIPPED), ('order_id.company_id', 'in', self.env.companies.ids)],
            ['product_id'], ['product_uom_qty:sum']))
        returned = dict(self.env['amazon.return'].sudo()._read_group([
            ('product_id', 'in', products.ids), ('is_of_buyer', '=', True), ('received_date', '>=', start),
            ('company_id', 'in', self.env.companies.ids)], ['product_id'], ['received_quantity:sum']))
        return {product: (shipped.get(product, 0.0), returned.get(product, 0.0)) for product in products}

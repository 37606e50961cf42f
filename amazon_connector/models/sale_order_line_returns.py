from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

# Amazon shows orders as shipped once all of their units are.
SHIPPED = 'SHIPPED'
MONTHS = 12
# What Amazon writes of returned units that are in its stock again; others are destroyed, given away or paid for.
IN_STOCK = ('unit returned to inventory', 'repackaged successfully')


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    @api.model
    def _amazon_count_returned(self, products):
        """Return how many units of products Amazon's orders of the last twelve months shipped, and how many came back
        in that time, both of the orders that the user sees; a unit is what Amazon sells as one, and parcels that never
        reached the buyer are left out.

        :return: product -> (shipped, returned)
        :rtype: dict
        """
        start = fields.Datetime.now() - relativedelta(months=MONTHS)
        shipped = dict(self._read_group([
            ('product_id', 'in', products.ids), ('amazon_charge', '=', 'item'), ('order_id.date_order', '>=', start),
            ('order_id.amazon_status', '=', SHIPPED), ('order_id.company_id', 'in', self.env.companies.ids)],
            ['product_id'], ['product_uom_qty:sum']))
        returned = dict(self.env['amazon.return']._read_group([
            ('product_id', 'in', products.ids), ('is_of_buyer', '=', True), ('received_date', '>=', start),
            ('sale_order_id', 'any', [('company_id', 'in', self.env.companies.ids)]),
            ('company_id', 'in', self.env.companies.ids)], ['product_id'], ['received_quantity:sum']))
        return {product: (shipped.get(product, 0.0), returned.get(product, 0.0)) for product in products}

    def _amazon_count_back_at_amazon(self):
        """Return how many units of this line are in Amazon's stock again, where the stock follows Amazon's ledger: its
        movements name no order.
        """
        self.ensure_one()
        records = self.env['amazon.return'].sudo().search([
            ('sale_line_id', '=', self.id), ('channel', '=', 'fba'), ('seller_id.ledger_state', '=', 'on')])
        # Some marketplaces state no status.
        return sum(record.quantity for record in records if (record.status or IN_STOCK[0]).strip().lower() in IN_STOCK
                   and record.date >= record.seller_id.ledger_start)

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from ..utils.return_reasons import IN_STOCK

# Amazon shows orders as shipped once all of their units are.
SHIPPED = 'SHIPPED'
MONTHS = 12


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

    def _amazon_find_back_at_amazon(self, back):
        """Return those of the movements that bring goods of this line back which bring them to Amazon: to where they
        were shipped from by Amazon, or to a place of the ledger.

        :param back: `stock.move` records, done
        """
        sources = (self.move_ids - back).filtered(lambda move: move.state == 'done').location_id
        return back.filtered(lambda move: move.location_dest_id in sources or move.location_dest_id.amazon_seller_id)

    def _amazon_count_back_at_amazon(self, moved):
        """Return how many units of this line are in Amazon's stock again beyond those that movements have brought
        there, where the stock follows Amazon's ledger: its movements name no order.

        What came back before the first day of the ledger is in its opening balance: of that, what somebody has moved
        for the order counts. What was moved beyond that and is reported since the first day is one unit, not two.

        :param float moved: units of this line that movements have brought to Amazon's places
        """
        self.ensure_one()
        before, since = self._amazon_count_reported()
        return max(since - max(moved - before, 0.0), 0.0)

    def _amazon_count_reported(self):
        """Return how many units of this line Amazon reports to be in its stock again, by the ledger: those of before
        its first day, and those of since.
        """
        before = since = 0.0
        for record in self.env['amazon.return'].sudo().search([
                ('sale_line_id', '=', self.id), ('channel', '=', 'fba'), ('seller_id.ledger_state', '=', 'on')]):
            # Some marketplaces state no status.
            if (record.status or IN_STOCK[0]).strip().lower() not in IN_STOCK:
                continue
            if record.received_date >= record.seller_id._get_first_moment():
                since += record.quantity
            else:
                before += record.quantity
        return before, since

from odoo import api, models

from ..utils.kits import find_bills
from ..utils.order_charges import QUOTATION
from .stock_move import DEPARTED


class SaleOrder(models.Model):
    """Take goods out of stock that were shipped without Odoo, as Amazon reports them."""

    _inherit = 'sale.order'

    def _amazon_follows_shipments(self, plan):
        """Return whether goods that Amazon reports as shipped are taken out of stock, though Odoo's delivery may be
        open.
        """
        return plan.channel == 'fba' or self.state in QUOTATION or plan.marketplace.fbm_shipped == 'deliver'

    def _amazon_deliver(self, pairs):
        """Take shipped goods out of stock, in one step for all orders: by their open deliveries, else without one.

        :param list pairs: sales orders with their plans
        """
        moves, quantities, serial_numbers, apart = self.env['stock.move'], {}, {}, {}
        for order, plan in pairs:
            serials = {item['orderItemId']: item['product'].get('serialNumbers') or [] for item in plan.items}
            for line, quantity in order._amazon_find_departed(plan).items():
                serial_numbers[line] = serials.get(line.amazon_item_ref) or []
                opened, rest = line._amazon_assign_open_moves(quantity)
                quantities.update(opened)
                moves = moves.union(*opened)
                if rest > 0:
                    apart[line] = rest
        moves |= moves.create(self._amazon_prepare_departures(apart))
        moves.with_context(amazon_departed=DEPARTED)._amazon_complete(serial_numbers, quantities)

    @api.model
    def _amazon_prepare_departures(self, quantities):
        """Return the values of the stock moves of goods that leave without a delivery order.

        :param dict quantities: sales order line -> quantity in its unit
        """
        lines, vals_list = self.env['sale.order.line'].union(*quantities), []
        for company, of_company in lines.grouped('company_id').items():
            bills = find_bills(of_company.product_id, company)
            for line in of_company:
                vals_list += line._amazon_prepare_departures(quantities[line], bills)
        return vals_list

    def _amazon_find_departed(self, plan):
        """Return for each line of goods how much more Amazon has shipped than Odoo delivered, in the line's unit."""
        delivered, shipped, departed = self._amazon_delivered_quantities(), plan.shipped(), {}
        for line in self.order_line.filtered(lambda line: line._amazon_is_goods()):
            # Goods that came back were shipped, though Odoo does not count them as delivered any more.
            delivered[line.amazon_item_ref] += line._amazon_get_returned_units()
        for line in self.order_line.filtered(lambda line: line._amazon_is_goods()):
            quantity = shipped.get(line.amazon_item_ref, 0) - delivered.get(line.amazon_item_ref, 0)
            if quantity > 0 and line.qty_delivered_method == 'manual':
                line.qty_delivered += quantity
            elif quantity > 0 and line.product_id.type == 'consu':
                departed[line] = quantity
        return departed

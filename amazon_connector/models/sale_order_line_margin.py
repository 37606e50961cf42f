from odoo import models


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    def _amazon_get_returned_cost(self):
        """Return the cost of the returned goods of this line, in the order's currency, at most the cost of the line;
        what was scrapped when it was inspected is worth nothing.
        """
        moves = self.move_ids.filtered(lambda move: move.state == 'done'
                                       and move.location_id.usage != move.location_dest_id.usage)
        back = moves.filtered(lambda move: move.location_id.usage == 'customer')
        whole, at_amazon = self.purchase_price * self.product_uom_qty, self._amazon_count_back_at_amazon()
        if not (back or at_amazon) or not whole:
            return 0.0
        if not back or back.product_id == self.product_id:
            cost = self.purchase_price * sum(move.product_uom._compute_quantity(move.quantity, self.product_uom_id)
                                             for move in back)
        else:
            # Components of a kit: what share of them came back.
            cost = whole * sum(back.mapped('quantity')) / (sum((moves - back).mapped('quantity')) or 1.0)
        scrapped = sum(self.env['amazon.return'].sudo().search([('sale_line_id', '=', self.id)]).mapped(
            'scrapped_quantity'))
        cost += self.purchase_price * at_amazon
        return max(min(cost, whole) - self.purchase_price * scrapped, 0.0)

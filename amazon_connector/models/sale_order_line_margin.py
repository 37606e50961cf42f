from odoo import models


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    def _amazon_get_returned_cost(self):
        """Return the cost of the returned goods of this line, in the order's currency, at most the cost of the line;
        what was scrapped when it was inspected is worth nothing.
        """
        whole = self.purchase_price * self.product_uom_qty
        units = self._amazon_count_back() if whole else 0.0
        if not units:
            return 0.0
        scrapped = sum(self.env['amazon.return'].sudo().search([('sale_line_id', '=', self.id)]).mapped(
            'scrapped_quantity'))
        return max(min(self.purchase_price * units, whole) - self.purchase_price * scrapped, 0.0)

    def _amazon_count_back(self):
        """Return how many units of this line are in stock again, in its unit, here or at Amazon; of a kit, whole ones.
        """
        moves = self.move_ids.filtered(lambda move: move.state == 'done'
                                       and move.location_id.usage != move.location_dest_id.usage)
        back = moves.filtered(lambda move: move.location_id.usage == 'customer')
        at_amazon, needs, returns = (
            self._amazon_find_back_at_amazon(back), self._amazon_get_needs(moves), self.env['amazon.return'])
        moved = returns._to_units(at_amazon, needs)
        return moved + returns._to_units(back - at_amazon, needs) + self._amazon_count_back_at_amazon(moved)

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
        """Return how many units of this line are in stock again, in its unit, here or at Amazon."""
        moves = self.move_ids.filtered(lambda move: move.state == 'done'
                                       and move.location_id.usage != move.location_dest_id.usage)
        back = moves.filtered(lambda move: move.location_id.usage == 'customer')
        at_amazon = self._amazon_find_back_at_amazon(back)
        moved = self._amazon_to_units(at_amazon, moves - back)
        return (moved + self._amazon_to_units(back - at_amazon, moves - back)
                + self._amazon_count_back_at_amazon(moved))

    def _amazon_to_units(self, back, sent):
        """Return how many units of this line movements bring back, in its unit; of a kit, what share of its components.

        :param back: `stock.move` records
        :param sent: those by which the goods of this line left
        """
        if not back or back.product_id == self.product_id:
            return sum(move.product_uom._compute_quantity(move.quantity, self.product_uom_id) for move in back)
        return self.product_uom_qty * sum(back.mapped('quantity')) / (sum(sent.mapped('quantity')) or 1.0)

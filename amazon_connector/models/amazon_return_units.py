import math

from odoo import fields, models

from .amazon_return_picking import EXPECTED, REFUSED, has_word


class AmazonReturn(models.Model):
    """Units of returns: of one order line never more than were shipped, however often Amazon reports a unit."""

    _inherit = 'amazon.return'

    def _share_units(self):
        """Count each unit of the order lines of these returns once, where Amazon reports it under several dates, RMAs
        or order numbers; return the returns that have other units now.
        """
        changed, done = self.browse(), self.env['sale.order.line']
        for line in self.sale_line_id.sudo():
            if line not in done:
                family = self._find_family(line)
                done |= family
                changed |= self._share_units_of(family)
        return changed

    def _share_units_of(self, lines):
        changed, plates, left = self.browse(), set(), self._count_shipped(lines)
        records = self.search([('sale_line_id', 'in', lines.ids)]).filtered(
            lambda record: not record._is_unannounced())
        for record in records.sorted(lambda record: (has_word(record.status, REFUSED), record.date, record.id)):
            is_again = record.license_plate and record.license_plate in plates
            units = 0 if is_again else min(record.amazon_quantity, left)
            plates.add(record.license_plate)
            left -= units
            changed |= record._set_units(units)
        return changed

    def _find_family(self, line):
        """Return an order line with those of the orders that replace its goods, or that it replaces: what comes back
        may name any of them.
        """
        orders = line.order_id
        while more := (orders.amazon_replacement_ids.sale_order_id | orders.amazon_replaced_ids.original_order_id
                       ) - orders:
            orders |= more
        return line | (orders - line.order_id).order_line.filtered(
            lambda other: other.product_id == line.product_id and other._amazon_is_goods())

    def _count_shipped(self, lines):
        """Return how many units of order lines were shipped, with those of replacements whose orders are not in Odoo.
        """
        ordered = sum(lines.mapped('product_uom_qty'))
        replaced = lines.order_id.amazon_replacement_ids.filtered(
            lambda entry: not entry.sale_order_id and entry.product_id in (entry.product_id.browse(), lines.product_id))
        return int(ordered) + sum(replaced.mapped('quantity')) if ordered else math.inf

    def _set_units(self, units):
        """Write of how many units this return is; return it where that is something else than before."""
        vals = {}
        if self.quantity != units:
            is_expected = self.channel == 'fbm' and self.date > fields.Date.today() - EXPECTED
            vals = {'quantity': units, **({'picking_obstacle': 'new'} if is_expected else {})}
        if self.channel == 'fba' and self.received_quantity != units:
            vals['received_quantity'] = units
        if vals:
            self.write(vals)
        return self if vals else self.browse()

"""Content of each parcel of deliveries to Amazon's buyers, counted in units of Amazon's order items."""

import math
from typing import Any, NamedTuple

ROUNDING = 1e-6


class Parcel(NamedTuple):
    """Goods of one sales order in one package (none: loose) of one delivery.

    `items` are those of `PackageDetail` of Orders v0: order item id, whole units, and transparency codes where Amazon
    wants them.
    """

    picking: Any
    order: Any
    package: Any
    items: list


class ParcelPlan:
    """Parcels of move lines that are shipped, done or still to do.

    Goods are counted as units of what was ordered: a kit, or a pack of several, counts in the parcel that completes it.
    Nothing is counted twice, and never more than was ordered.

    :param move_lines: `stock.move.line` records; those that do not go to a buyer of a merchant-fulfilled Amazon order
        are left out
    """

    def __init__(self, move_lines):
        self.env = move_lines.env
        self._lines = move_lines.filtered(lambda line: line.move_id._amazon_is_shipment())
        self._progress = self._read_progress()
        self._packed = self._count_packed()

    def parcels(self) -> list[Parcel]:
        """Return the parcels that hold at least one whole unit."""
        contents = {}
        for line in self._lines.sorted(lambda line: (line.move_id.picking_id.id, line.result_package_id.id,
                                                     line.move_id.sale_line_id.id, line.id)):
            key = line.move_id.picking_id, line.move_id.sale_line_id.order_id, line.result_package_id
            contents.setdefault(key, {}).setdefault(line.move_id.sale_line_id, []).append(line)
        parcels = []
        for key, by_sale_line in contents.items():
            items = [item for sale_line, lines in by_sale_line.items() if (item := self._count(sale_line, lines))]
            if items:
                parcels.append(Parcel(*key, items))
        return parcels

    def _read_progress(self):
        """Return the quantities shipped before, by sales order line and product, in the products' units."""
        lines = self.env['stock.move.line'].search([
            ('move_id.sale_line_id', 'in', self._lines.move_id.sale_line_id.ids), ('state', '=', 'done'),
            ('id', 'not in', self._lines.ids)])
        progress = {}
        for line in lines.filtered(lambda line: line.move_id._amazon_is_shipment()):
            self._add(progress.setdefault(line.move_id.sale_line_id, {}), line)
        return progress

    def _count_packed(self):
        """Return the units in existing packages, by order and order item id: Amazon's item ids are unique within an
        order.
        """
        packed = {}
        packages = self.env['amazon.package'].sudo().search(
            [('sale_order_id', 'in', self._lines.move_id.sale_line_id.order_id.ids)])
        for package in packages:
            for item in package.items:
                key = package.sale_order_id, item['orderItemId']
                packed[key] = packed.get(key, 0) + item['quantity']
        return packed

    def _add(self, quantities, line):
        quantities[line.product_id] = quantities.get(line.product_id, 0) + line.quantity_product_uom

    def _count(self, sale_line, lines):
        quantities, key = self._progress.setdefault(sale_line, {}), (sale_line.order_id, sale_line.amazon_item_ref)
        for line in lines:
            self._add(quantities, line)
        needs = sale_line._amazon_get_needs(sale_line.move_ids)
        units = math.floor(min(quantities.get(product, 0) / need for product, need in needs.items()) + ROUNDING)
        new = min(units, int(sale_line.product_uom_qty)) - self._packed.get(key, 0)
        if new <= 0:
            return None
        self._packed[key] = self._packed.get(key, 0) + new
        item = {'orderItemId': sale_line.amazon_item_ref, 'quantity': new}
        if sale_line.amazon_needs_codes:
            item['transparencyCodes'] = [line.lot_id.name for line in lines if line.lot_id]
        return item

import collections
import itertools

from odoo import fields, models
from odoo.tools import float_compare

from .stock_location import AT_AMAZON

# Where orders and the ledger meet: what one of them takes before the other has brought it is owed.
PASSING = ('dispatch', 'change', 'transfer')


class StockMove(models.Model):
    """Lots and serial numbers of goods that move without anybody who reads them."""

    _inherit = 'stock.move'

    def _amazon_assign_lots(self, open_quantity, taken, names=(), may_guess=True):
        """Write the lots of this move; return whether it has them.

        :param open_quantity: how much, in the unit of the product
        :param collections.Counter taken: what earlier moves that are not done yet take, and is added to, by
            ('from' or 'to', location, lot)
        :param names: serial numbers by Amazon
        :param bool may_guess: whether lots may be guessed; else nothing is written where those that are there do not do
        """
        self.ensure_one()
        # What it has reserved itself is free for it.
        self.move_line_ids.unlink()
        found = self._amazon_find_lots(names, taken)
        if may_guess:
            found = itertools.chain(found, self._amazon_guess_lots(taken))
        lines, rounding, serial = [], self.product_id.uom_id.rounding, self.has_tracking == 'serial'
        for lot, available in found:
            if float_compare(open_quantity, 0, precision_rounding=rounding) <= 0:
                break
            is_taken = serial and lot in dict(lines)
            if not is_taken and (quantity := min(available, open_quantity)) > 0:
                lines.append((lot, quantity))
                open_quantity -= quantity
        if not may_guess and float_compare(open_quantity, 0, precision_rounding=rounding) > 0:
            return False
        while float_compare(open_quantity, 0, precision_rounding=rounding) > 0:
            quantity = 1.0 if serial else open_quantity
            lines.append((self._amazon_unknown_lot(f'/{len(lines) + 1}' if serial else ''), quantity))
            open_quantity -= quantity
        self._amazon_write_lots(lines, taken)
        return True

    def _amazon_write_lots(self, lines, taken):
        self.env['stock.move.line'].create([{
            **self._prepare_move_line_vals(), 'lot_id': lot.id, 'quantity': quantity,
            'product_uom_id': self.product_id.uom_id.id, 'picked': True,
        } for lot, quantity in lines])
        for lot, quantity in lines:
            taken['from', self.location_id, lot] += quantity
            taken['to', self.location_dest_id, lot] += quantity

    def _amazon_find_lots(self, names, taken):
        """Yield lots with the quantity that may be taken of each: those named by Amazon, those owed where this goes,
        then those in stock, first to expire first.
        """
        lots = self.env['stock.lot'].union(*(self._amazon_get_lot(name) for name in names))
        yield from ((lot, 1.0) for lot in lots)
        owed = self._amazon_find_owed(taken)
        yield from owed.items()
        yield from ((lot, free - owed.get(lot, 0)) for lot, free in self._amazon_find_stock(taken).items()
                    if lot not in lots)

    def _amazon_find_stock(self, taken):
        """Return by lot what is free where this comes from, first to expire first."""
        place, free = self.location_id, collections.Counter()
        is_reserved = not place.should_bypass_reservation()
        for quant in self._amazon_sort(self.env['stock.quant']._gather(self.product_id, place)):
            if quant.lot_id:
                free[quant.lot_id] += quant.quantity - (quant.reserved_quantity if is_reserved else 0)
        if not is_reserved:
            free = {lot: quantity - taken['from', place, lot] for lot, quantity in free.items()}
        return {lot: quantity for lot, quantity in free.items() if quantity > 0}

    def _amazon_sort(self, quants):
        """Return quants, first to expire first."""
        if 'removal_date' not in quants._fields:
            return quants
        return quants.sorted(lambda quant: quant.removal_date or quant.lot_id.expiration_date
                             or fields.Datetime.to_datetime('9999-12-31'))

    def _amazon_find_owed(self, taken):
        """Return by lot what has left the place where this goes before it came: orders take from Amazon's shipments
        what the ledger has not told of, and pairs of the ledger arrive before they leave. What lies elsewhere at Amazon
        leaves from there.
        """
        place = self.location_dest_id
        if place.amazon_kind not in PASSING:
            return {}
        quants = self.env['stock.quant']
        mine = [('product_id', '=', self.product_id.id)]
        owed = collections.Counter()
        for quant in quants.search([
                *mine, ('location_id', '=', place.id), ('lot_id', '!=', False), ('quantity', '<', 0)], order='id'):
            owed[quant.lot_id] -= quant.quantity
        owed.subtract({lot: taken['to', place, lot] for lot in owed})
        here, held = collections.Counter(), set()
        if owed and self.location_id.amazon_kind in AT_AMAZON:
            for quant in quants.search([
                    *mine, ('location_id.amazon_seller_id', '=', place.amazon_seller_id.id),
                    ('location_id.amazon_kind', 'in', AT_AMAZON), ('quantity', '>', 0),
                    ('lot_id', 'in', [lot.id for lot in owed])]):
                held.add(quant.lot_id)
                if quant.location_id == self.location_id:
                    here[quant.lot_id] += quant.quantity - quant.reserved_quantity
        due = {lot: min(quantity, here[lot]) if lot in held else quantity for lot, quantity in owed.items()}
        return {lot: quantity for lot, quantity in due.items() if quantity > 0}

    def _amazon_guess_lots(self, taken):
        """Yield lots that are about to come where this leaves from, with what is not awaited there already."""
        origins = self._amazon_find_origins()
        if not origins:
            return
        quants, place = self.env['stock.quant'], self.location_id
        mine = [('product_id', '=', self.product_id.id), ('lot_id', '!=', False)]
        ahead = collections.Counter()
        for key, quantity in taken.items():
            if key[:2] == ('from', place):
                ahead[key[2]] += quantity
        for quant in quants.search([*mine, ('location_id', '=', place.id)]):
            ahead[quant.lot_id] -= quant.quantity
        for quant in self._amazon_sort(quants.search([
                *mine, ('location_id', 'in', origins.ids), ('quantity', '>', 0)], order='in_date, id')):
            free = max(quant.quantity - quant.reserved_quantity, 0)
            less = min(free, max(ahead[quant.lot_id], 0))
            ahead[quant.lot_id] -= less
            yield quant.lot_id, free - less

    def _amazon_find_origins(self):
        """Return the locations that what passes here comes from: orders take what Amazon is about to ship, and what has
        arrived in another condition or country left one before.
        """
        place, target = self.location_id, self.location_dest_id
        kind, kinds = place.amazon_kind, AT_AMAZON
        if kind not in PASSING or kind != 'dispatch' and target.amazon_kind not in AT_AMAZON:
            return place.browse()
        domain = [('amazon_seller_id', '=', place.amazon_seller_id.id), ('id', '!=', target.id)]
        if kind == 'change':
            domain += [('amazon_country_id', '=', target.amazon_country_id.id)]
        else:
            kinds = ('sellable',) if kind == 'dispatch' else (target.amazon_kind,)
        return place.sudo().search([*domain, ('amazon_kind', 'in', kinds)])

    def _amazon_unknown_lot(self, suffix):
        """Return the lot for goods that Amazon shipped from unknown lots; serial numbers need one for each unit."""
        return self._amazon_get_lot(f'UNKNOWN {self.origin}/{self.id}{suffix}' if suffix else 'UNKNOWN')

    def _amazon_get_lot(self, name):
        lots = self.env['stock.lot']
        domain = [('product_id', '=', self.product_id.id), ('name', '=', name),
                  ('company_id', 'in', (False, self.company_id.id))]
        return lots.search(domain, limit=1) or lots.create({
            'product_id': self.product_id.id, 'name': name, 'company_id': self.company_id.id,
        })

import collections

from odoo import models

from .amazon_ledger_day import DAY

# Where goods come back from on the same day, mostly.
PAIRED = ('change', 'transfer', 'loss')
# What comes from outside or is taken back, what leaves for a pair, what arrives of one, what leaves for good.
INCOMING, PARTING, ARRIVING, LEAVING = STAGES = range(4)
UNPAIRED = (2,)


class StockMove(models.Model):
    """Lots by Amazon's ledger, which names none: what leaves one place is what arrives at the other, in whatever order
    the rows of a day are.
    """

    _inherit = 'stock.move'

    def _amazon_complete_by_stages(self):
        """Complete these moves of days of the ledger: those whose lots are there, stage by stage; what waits for
        another one is tried again after it; in the end lots are guessed.
        """
        left = self
        for may_guess in (False, True):
            for stage in STAGES:
                ready, taken = self.browse(), collections.Counter()
                for move in left:
                    if move._amazon_get_stage() <= stage and move._amazon_assign_lots(
                            move.product_qty, taken, may_guess=may_guess):
                        ready |= move
                if ready:
                    ready.picked = True
                    ready._action_done()
                    left -= ready

    def _amazon_get_stage(self):
        source, target = self.location_id.amazon_kind, self.location_dest_id.amazon_kind
        if self.amazon_ledger_undo:
            return PARTING if source in PAIRED else INCOMING
        if target in PAIRED:
            return PARTING
        if source in PAIRED:
            return ARRIVING
        return INCOMING if self.location_dest_id.usage == 'internal' else LEAVING

    def _amazon_find_lots(self, names, taken):
        """Yield lots with the quantity that may be taken of each: what takes a movement back has its lots."""
        if not self.amazon_ledger_undo:
            yield from super()._amazon_find_lots(names, taken)
            return
        stock = self._amazon_find_stock(taken)
        yield from ((lot, min(quantity, stock.get(lot, 0))) for lot, quantity in self._amazon_find_booked().items())

    def _amazon_guess_lots(self, taken):
        """Yield lots that are to be guessed; where those of what is taken back have left since, others have not."""
        if not self.amazon_ledger_undo:
            yield from super()._amazon_guess_lots(taken)
            return
        booked, stock = self._amazon_find_booked(), self._amazon_find_stock(taken)
        yield from ((lot, quantity) for lot, quantity in stock.items() if lot not in booked)
        yield from ((lot, quantity - stock.get(lot, 0)) for lot, quantity in booked.items())

    def _amazon_find_booked(self):
        """Return by lot what is left of the movement of the ledger that this takes back."""
        origin, left = self.origin_returned_move_id, collections.Counter()
        for line in origin.move_line_ids:
            left[line.lot_id] += line.quantity_product_uom
        for line in origin.returned_move_ids.move_line_ids:
            left[line.lot_id] -= line.quantity_product_uom
        return {lot: quantity for lot, quantity in left.items() if lot and quantity > 0}

    # === WHAT CAME FIRST === #

    def _amazon_find_stock(self, taken):
        """Return by lot what is free where this comes from: of returns, what this seller's FBA has sold; of pairs,
        first what left on the same day.
        """
        stock = super()._amazon_find_stock(taken)
        if not self.amazon_ledger_day_id or self.amazon_ledger_undo:
            return stock
        if self.location_id.usage == 'customer':
            sold = self._amazon_find_sold()
            free = {lot: min(quantity - taken['from', self.location_id, lot], stock.get(lot, 0))
                    for lot, quantity in sold.items()}
            return {lot: quantity for lot, quantity in free.items() if quantity > 0}
        ranks = self._amazon_rank_pairs()
        return dict(sorted(stock.items(), key=lambda pair: ranks.get(pair[0], UNPAIRED)))

    def _amazon_rank_pairs(self):
        """Return by lot, for what left on the same day, how likely it is what arrives now, the likeliest first: of
        goods that change their condition, those of another one in the same country; of what is found, what was lost
        there; of transfers, as many as arrive.
        """
        source, target = self.location_id, self.location_dest_id
        kind = source.amazon_kind
        if kind not in PAIRED:
            return {}
        rows = self.env['stock.move.line']._read_group([
            ('move_id.amazon_ledger_day_id', '=', self.amazon_ledger_day_id.id), ('state', '=', 'done'),
            ('product_id', '=', self.product_id.id), ('location_dest_id', '=', source.id), ('lot_id', '!=', False),
        ], ['lot_id', 'location_id'], ['quantity_product_uom:sum'])
        parted = collections.Counter()
        for _lot, place, quantity in rows:
            parted[place] += quantity
        ranks = {}
        for lot, place, _quantity in rows:
            rank = (parted[place] != self.product_qty if kind == 'transfer'
                    else place.amazon_country_id != target.amazon_country_id, (place == target) != (kind == 'loss'))
            ranks[lot] = min(rank, ranks.get(lot, UNPAIRED))
        return ranks

    # === RETURNS OF BUYERS === #

    def _amazon_find_sold(self):
        """Return by lot what this seller's FBA has sold and has not come back: first of orders whose return to Amazon
        is reported, then what was sold last.
        """
        seller, sold, last = self.amazon_ledger_day_id.seller_id, collections.Counter(), {}
        lines = self.env['stock.move.line'].sudo()
        mine = [('state', '=', 'done'), ('product_id', '=', self.product_id.id), ('lot_id', '!=', False)]
        ordered = ['&', ('move_id.sale_line_id.order_id.amazon_channel', '=', 'fba'),
                   ('move_id.sale_line_id.order_id.amazon_marketplace_id.seller_id', '=', seller.id)]
        for ours, theirs, sign in (('location_id', 'location_dest_id', 1), ('location_dest_id', 'location_id', -1)):
            domain = [*mine, (f'{theirs}.usage', '=', 'customer'), (f'{ours}.usage', '!=', 'customer'),
                      '|', (f'{ours}.amazon_seller_id', '=', seller.id), *ordered]
            for lot, quantity, line in lines._read_group(domain, ['lot_id'], ['quantity_product_uom:sum', 'id:max']):
                sold[lot] += sign * quantity
                last[lot] = max(line, last.get(lot, 0))
        known = set(lines.search([
            *mine, ('lot_id', 'in', [lot.id for lot in sold]), ('location_dest_id.usage', '=', 'customer'),
            ('move_id.sale_line_id.order_id', 'in', self._amazon_find_returned_orders().ids)]).lot_id)
        return {lot: sold[lot] for lot in sorted(sold, key=lambda lot: (lot not in known, -last[lot]))
                if sold[lot] > 0}

    def _amazon_find_returned_orders(self):
        """Return the orders of which Amazon's reports have goods come back on this day, in this condition."""
        day, is_sellable = self.amazon_ledger_day_id, self.location_dest_id.amazon_kind == 'sellable'
        return self.env['amazon.return'].sudo().search([
            ('seller_id', '=', day.seller_id.id), ('channel', '=', 'fba'), ('sale_order_id', '!=', False),
            ('date', '>=', day.date - DAY), ('date', '<=', day.date + DAY),
            ('disposition', '=' if is_sellable else '!=', 'SELLABLE')]).sale_order_id

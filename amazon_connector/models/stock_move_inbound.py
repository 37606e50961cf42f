import collections

from odoo import fields, models


class StockMove(models.Model):
    """Lots of goods that Amazon receives: those that the shipment carried."""

    _inherit = 'stock.move'

    amazon_inbound_id = fields.Many2one('amazon.inbound', "Written off of Amazon's shipment", readonly=True, copy=False,
                                        index='btree_not_null', ondelete='restrict')

    def _amazon_find_lots(self, names, taken):
        """Yield lots with the quantity that may be taken of each: first those that the shipment to Amazon carried."""
        carried = self._amazon_find_carried()
        yield from carried.items()
        yield from ((lot, quantity) for lot, quantity in super()._amazon_find_lots(names, taken) if lot not in carried)

    def _amazon_find_carried(self):
        """Return how much of each lot is left of the shipment to Amazon that this move receives, or takes back.

        :return: lot -> pieces, the first to expire first; nothing where this is another movement
        :rtype: dict
        """
        if sent := self.env.context.get('amazon_sent_by'):
            return self._amazon_count_sent(self.env['stock.picking'].browse(sent))
        inbound = self.amazon_inbound_id.sudo() or self._amazon_find_inbound()
        if not inbound:
            return {}
        if self.location_dest_id.amazon_kind == 'inbound':
            # What was received is taken back, or found again.
            rest = self._amazon_count_lots(inbound, -1, pickings=False)
        elif self.location_id.amazon_kind == 'inbound':
            rest = self._amazon_count_lots(inbound, 1)
        else:
            rest = {}
        left = [(lot, quantity) for lot, quantity in rest.items() if lot and quantity > 0]
        return dict(sorted(left, key=lambda pair: (
            str(('expiration_date' in pair[0]._fields and pair[0].expiration_date) or '9999'), pair[0].id)))

    def _amazon_count_sent(self, picking):
        """Return how much of each lot that a transfer has brought here is still here."""
        lots = collections.Counter()
        for line in picking.move_line_ids.filtered(lambda line: line.product_id == self.product_id and line.lot_id):
            lots[line.lot_id] += line.quantity_product_uom
        here = collections.Counter()
        for quant in self.env['stock.quant']._gather(self.product_id, self.location_id):
            here[quant.lot_id] += quant.quantity - quant.reserved_quantity
        return {lot: min(quantity, here[lot]) for lot, quantity in lots.items() if here[lot] > 0}

    def _amazon_find_inbound(self):
        day = self.amazon_ledger_day_id
        if not self.amazon_ledger_ref or not day:
            return self.env['amazon.inbound']
        return self.env['amazon.inbound'].sudo().search([
            ('seller_id', '=', day.seller_id.id), ('shipment_ref', '=', self.amazon_ledger_ref)], limit=1)

    def _amazon_count_lots(self, inbound, sign, pickings=True):
        """Return the pieces by lot at "In transit to Amazon" of a shipment, what is about to leave taken off.

        :param int sign: -1 for what has left instead
        :param bool pickings: whether what transfers sent counts, too
        """
        counts, lines = collections.Counter(), self.env['stock.move.line'].sudo()
        mine = [('product_id', '=', self.product_id.id), ('move_id', '!=', self.id), ('lot_id', '!=', False)]
        sources = [[('move_id.amazon_ledger_ref', '=', inbound.shipment_ref),
                    ('move_id.amazon_ledger_day_id.seller_id', '=', inbound.seller_id.id)],
                   [('move_id.amazon_inbound_id', '=', inbound.id)]]
        sources += [[('picking_id.amazon_inbound_id', '=', inbound.id)]] * pickings
        for source in sources:
            for field, way in (('location_dest_id', 1), ('location_id', -1)):
                # What comes counts once it is there, what goes as soon as it is planned.
                state = [('state', '=', 'done')] if way == sign else [('state', '!=', 'cancel')]
                for lot, quantity in lines._read_group(
                        [*mine, *source, *state, (f'{field}.amazon_kind', '=', 'inbound')], ['lot_id'],
                        ['quantity_product_uom:sum']):
                    counts[lot] += sign * way * quantity
        return counts

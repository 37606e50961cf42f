import collections
import datetime

from odoo import api, fields, models
from odoo.tools import float_compare

from ..utils.access import WAREHOUSE

# An object that only code can put into a context.
DEPARTED = object()


class StockMove(models.Model):
    _inherit = 'stock.move'

    amazon_hold_line_id = fields.Many2one(
        'sale.order.line', "Held for", readonly=True, copy=False, index='btree_not_null', ondelete='cascade',
        help="Line of a pending Amazon order for which this move keeps stock from being sold twice.")

    amazon_ledger_day_id = fields.Many2one(
        'amazon.ledger.day', "Day of Amazon's ledger", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null')
    amazon_ledger_ref = fields.Char("Amazon's shipment", readonly=True, copy=False, index='btree_not_null')
    amazon_ledger_undo = fields.Boolean("Takes back", readonly=True, copy=False,
                                        help="A movement of the ledger that was booked before is not there any more.")

    amazon_unexplained = fields.Boolean("Shipped by Amazon without an order", readonly=True, copy=False)
    amazon_accepted = fields.Boolean("Accepted difference of Amazon's stock", readonly=True, copy=False)
    amazon_parcel_id = fields.Many2one(
        'amazon.removal.parcel', "Written off of a parcel", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict')

    amazon_return_id = fields.Many2one(
        'amazon.return', "Amazon return", readonly=True, copy=False, index='btree_not_null', ondelete='set null',
        groups=WAREHOUSE)

    @api.depends('origin')
    def _compute_reference(self):
        """Name movements without a transfer by their origin: what is lost is an entry in the books, which needs a name.
        """
        result = super()._compute_reference()
        for move in self.filtered(lambda move: not move.reference):
            move.reference = move.origin
        return result

    def _action_done(self, cancel_backorder=False):
        done = super()._action_done(cancel_backorder=cancel_backorder)
        packages = self.env['amazon.package']._create_from_moves(done)
        if self.env.context.get('amazon_departed') is DEPARTED:
            # Amazon reported these shipments itself.
            packages.state = 'confirmed'
        returned = done.sudo().filtered(lambda move: move.location_id.usage == 'customer').sale_line_id.order_id
        returned.filtered('amazon_order_ref')._amazon_update_returned()
        self.env['amazon.return'].sudo()._follow_moves(done)
        return done

    def _prepare_merge_moves_distinct_fields(self):
        """Return the fields by which movements differ; those of several Amazon returns are not merged. Users
        who may not read the field merge movements of other operations only.
        """
        names = super()._prepare_merge_moves_distinct_fields()
        return [*names, 'amazon_return_id'] if self.env.su or self.env.user.has_group(WAREHOUSE) else names

    def _amazon_is_back(self):
        """Return whether this brings goods back from a buyer."""
        return self.location_id.usage == 'customer' and self.location_dest_id.usage != 'customer'

    def _amazon_get_amount(self):
        """Return what this has moved, or is to move, in the unit of its product."""
        if self.state != 'done':
            return self.product_qty
        return self.product_uom._compute_quantity(self.quantity, self.product_id.uom_id)

    def _amazon_is_shipment(self):
        """Return whether this ships goods to the buyer of a merchant-fulfilled Amazon order by a delivery, from the
        warehouse or from a vendor.
        """
        line = self.sale_line_id
        return (line.order_id.amazon_channel == 'fbm' and bool(self.picking_id)
                and self.location_dest_id.usage == 'customer'
                and line._amazon_is_goods())

    def _amazon_complete(self, serial_numbers=(), quantities=()):
        """Complete these moves now: the goods are shipped, so stock is taken as it is, below zero if need be.

        Lots and serial numbers are those that Amazon names, else the first to expire, else a lot "unknown".

        :param dict serial_numbers: sale line -> serial numbers from Amazon
        :param dict quantities: move -> how much of it, in the unit of the product; all by default
        """
        self.filtered(lambda move: move.state == 'draft')._action_confirm(merge=False)
        quantities = dict(quantities)
        tracked = self.filtered(lambda move: move.has_tracking != 'none')
        for move in self - tracked:
            left = quantities.get(move, move.product_qty)
            move.quantity = move.product_id.uom_id._compute_quantity(left, move.product_uom)
        taken = collections.Counter()
        for move in tracked:
            # Those of a kit are none of its components'.
            names = [] if 'bom_line_id' in move._fields and move.bom_line_id else dict(serial_numbers).get(
                move.sale_line_id, [])
            move._amazon_assign_lots(names, quantities.get(move, move.product_qty), taken)
        self.picked = True
        self._action_done()

    def _amazon_complete_at(self, date):
        """Complete these moves as of a day (`date`), or of the first open day of the books after it."""
        if not self:
            return
        entry = self.env['account.move'].new({'company_id': self.company_id.id, 'date': date})
        locks = entry._get_violated_lock_dates(date, False)
        booked = locks[-1][0] + datetime.timedelta(days=1) if locks else date
        # Costs are those of the company of the goods, not of the user's.
        self.with_company(self.company_id).with_context(force_period_date=booked)._amazon_complete()
        self._amazon_set_date(date)

    def _amazon_set_date(self, date):
        """Let these moves, which are done, be of another day (`date`)."""
        self.date = self.move_line_ids.date = datetime.datetime.combine(date, datetime.time(12))

    def _amazon_share(self, needs, units):
        """Return the quantity of each of these moves that belongs to some units of a sales order line, in the unit of
        its product.

        :param dict needs: see `sale.order.line._amazon_get_needs`
        """
        shares = {}
        for product, need in needs.items():
            rest = need * units
            for move in self.filtered(lambda move, product=product: move.product_id == product):
                shares[move] = min(rest, move.product_qty)
                rest -= shares[move]
        return {move: share for move, share in shares.items() if share > 0}

    def _amazon_reduce(self, quantities):
        """Reduce the demand of these moves.

        :param dict quantities: move -> how much less, in the unit of its product
        """
        whole = self.filtered(lambda move: quantities.get(move, 0) >= move.product_qty)
        for move in self - whole:
            less = quantities.get(move, 0)
            move.product_uom_qty -= move.product_id.uom_id._compute_quantity(less, move.product_uom, round=False)
        whole._action_cancel()

    def _amazon_skip_steps(self):
        """Let these moves take goods from the stock, and cancel the steps before them that are not done."""
        for move in self:
            before = move.browse(move._rollup_move_origs()) - move
            steps = before.filtered(lambda step: step.state not in ('done', 'cancel'))
            if steps:
                steps.propagate_cancel = False
                steps._action_cancel()
                stock = move.warehouse_id.lot_stock_id or move.location_id
                move.write({'location_id': stock.id, 'procure_method': 'make_to_stock'})

    def _amazon_assign_lots(self, names, open_quantity, before):
        """Write the lots of this move.

        :param before: what earlier moves of the same transaction took of lots that nothing reserves, and is added to
        """
        self.ensure_one()
        # What it has reserved itself is free for it.
        self.move_line_ids.unlink()
        serial, lines = self.has_tracking == 'serial', []
        unreserved = self.location_id.amazon_kind == 'dispatch' or self.location_dest_id.amazon_kind == 'dispatch'
        for lot, available in self._amazon_find_lots(names):
            taken = min(available - (before[lot] if unreserved else 0), open_quantity)
            if taken > 0:
                lines.append((lot, taken))
                open_quantity -= taken
                before[lot] += taken
        while float_compare(open_quantity, 0, precision_rounding=self.product_id.uom_id.rounding) > 0:
            taken = 1.0 if serial else open_quantity
            lines.append((self._amazon_unknown_lot(f'/{len(lines) + 1}' if serial else ''), taken))
            open_quantity -= taken
        self.env['stock.move.line'].create([{
            **self._prepare_move_line_vals(), 'lot_id': lot.id, 'quantity': taken,
            'product_uom_id': self.product_id.uom_id.id, 'picked': True,
        } for lot, taken in lines])

    def _amazon_find_lots(self, names):
        """Yield lots with the quantity that may be taken of each: those named by Amazon, then those in stock, first to
        expire first.
        """
        lots = self.env['stock.lot'].union(*(self._amazon_get_lot(name) for name in names))
        yield from ((lot, 1.0) for lot in lots)
        owed = self._amazon_find_owed()
        yield from ((quant.lot_id, -quant.quantity) for quant in owed)
        quants = self._amazon_gather().filtered(
            lambda quant: quant.lot_id and quant.lot_id not in lots | owed.lot_id
            and quant.quantity - quant.reserved_quantity > 0)
        if 'removal_date' in quants._fields:
            quants = quants.sorted(lambda quant: quant.removal_date or quant.lot_id.expiration_date
                                   or fields.Datetime.to_datetime('9999-12-31'))
        ahead = self._amazon_count_ahead()
        for quant in quants:
            free = quant.quantity - quant.reserved_quantity
            less = min(free, ahead[quant.lot_id])
            ahead[quant.lot_id] -= less
            yield quant.lot_id, free - less

    def _amazon_count_ahead(self):
        """Return by lot what orders have taken already of what Amazon has still to ship by its ledger."""
        ahead = collections.Counter()
        if self.location_id.amazon_kind == 'dispatch':
            for quant in self.env['stock.quant'].search([
                    ('product_id', '=', self.product_id.id), ('location_id', '=', self.location_id.id),
                    ('lot_id', '!=', False), ('quantity', '<', 0)]):
                ahead[quant.lot_id] -= quant.quantity
        return ahead

    def _amazon_find_owed(self):
        """Return the quants of lots that orders have taken from Amazon's shipments before the ledger told of them."""
        quants = self.env['stock.quant']
        if self.location_dest_id.amazon_kind != 'dispatch':
            return quants
        return quants.search([('product_id', '=', self.product_id.id), ('location_id', '=', self.location_dest_id.id),
                              ('lot_id', '!=', False), ('quantity', '<', 0)], order='id')

    def _amazon_gather(self):
        """Return the quants that goods are taken from; an order takes what Amazon has shipped, or is about to."""
        quants = self.env['stock.quant']._gather(self.product_id, self.location_id)
        if self.location_id.amazon_kind == 'dispatch':
            quants |= quants.search([
                ('product_id', '=', self.product_id.id), ('location_id.amazon_kind', '=', 'sellable'),
                ('location_id.amazon_seller_id', '=', self.location_id.amazon_seller_id.id)])
        return quants

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

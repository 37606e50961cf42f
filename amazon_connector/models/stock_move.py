import collections
import datetime

from odoo import api, fields, models

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
        # Costs and accounts are those of the company of the goods, not of the user's.
        for company, moves in self.grouped('company_id').items():
            moves.with_company(company)._amazon_complete_in_company(dict(serial_numbers), dict(quantities))

    def _amazon_complete_in_company(self, serial_numbers, quantities):
        self.filtered(lambda move: move.state == 'draft')._action_confirm(merge=False)
        tracked = self.filtered(lambda move: move.has_tracking != 'none')
        staged = tracked.filtered('amazon_ledger_day_id')
        (self - tracked)._amazon_set_quantities(quantities)
        taken = collections.Counter()
        for move in tracked - staged:
            # Those of a kit are none of its components'.
            names = [] if 'bom_line_id' in move._fields and move.bom_line_id else serial_numbers.get(
                move.sale_line_id, [])
            move._amazon_assign_lots(quantities.get(move, move.product_qty), taken, names)
        at_once = self - staged
        at_once.picked = True
        at_once._action_done()
        staged._amazon_complete_by_stages()

    def _amazon_set_quantities(self, quantities):
        """Set how much of these moves is done; what is not reserved yet gets its lines for all moves at once."""
        vals_list = []
        for move in self:
            left = move.product_id.uom_id._compute_quantity(quantities.get(move, move.product_qty), move.product_uom)
            if move.move_line_ids:
                move.quantity = left
            elif left:
                vals_list.append({**move._prepare_move_line_vals(), 'quantity': left})
        self.env['stock.move.line'].create(vals_list)._apply_putaway_strategy()

    def _amazon_complete_at(self, date):
        """Complete these moves as of a day (`date`), or of the first open day of the books after it."""
        if not self:
            return
        entry = self.env['account.move'].new({'company_id': self.company_id.id, 'date': date})
        locks = entry._get_violated_lock_dates(date, False)
        booked = locks[-1][0] + datetime.timedelta(days=1) if locks else date
        self.with_context(force_period_date=booked)._amazon_complete()
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

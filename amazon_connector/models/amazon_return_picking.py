import datetime
import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, float_is_zero, plaintext2html

from ..utils.phrases import tell
from ..utils.quiet import quiet_sql
from ..utils.reader_fields import ReaderText
from ..utils.words import explain

OBSTACLES = [
    ('new', "Not looked at yet"), ('order', "The order is not in Odoo"), ('item', "Its item in the order is not clear"),
    ('undelivered', "Not delivered in Odoo"), ('returned', "All that was delivered is on its way back already"),
    ('returnless', "The buyer keeps the goods"), ('refused', "Refused or cancelled at Amazon"),
    ('failed', "Odoo could not make the return"), ('expired', "It did not come within 180 days"),
    ('unannounced', "Refunded, but no return was announced"),
]
# These may pass by themselves: the order comes, somebody validates its delivery.
PASSING = ('new', 'order', 'item', 'undelivered', 'failed')
# Words of statuses and resolutions, without all but letters; Amazon lists them nowhere.
REFUSED = ('reject', 'refus', 'declin', 'cancel', 'denied')
RETURNLESS = ('returnless', 'noreturn', 'keepitem', 'withoutreturn')
DIGITS = 2
# Nothing is expected of older requests: the longest window in which Amazon takes a claim about a return ends 120 days
# after the refund. Whatever comes later is received by a return that somebody makes on the delivery, and counts.
EXPECTED = datetime.timedelta(days=180)


class AmazonReturn(models.Model):
    """Returns to the warehouse: the operation by which the goods are expected, and what has come of them."""

    _inherit = 'amazon.return'

    move_ids = fields.One2many('stock.move', 'amazon_return_id', "Movements", readonly=True,
                               groups='stock.group_stock_user')
    picking_count = fields.Integer("Operations", compute='_compute_picking_count')
    picking_obstacle = fields.Selection(
        OBSTACLES, "No return in the warehouse", readonly=True, index='btree_not_null',
        help="What may pass is tried again every hour, for 180 days after the buyer's request. Make the return on the "
        "delivery by hand if its goods come later.")
    problem = ReaderText(readonly=True)

    @api.depends('move_ids.picking_id')
    def _compute_picking_count(self):
        for record in self:
            record.picking_count = len(record.sudo().move_ids.picking_id)

    # === ANNOUNCED === #

    def _announce(self):
        """Let the warehouse expect the goods of these returns: by Odoo's own return of what was delivered, never more
        than that, unless somebody has made it by hand.
        """
        for record in self.filtered(lambda record: record.channel == 'fbm'):
            record = record.with_company(record.company_id).with_context(tracking_disable=True)
            try:
                with quiet_sql(), self.env.cr.savepoint():
                    obstacle, problem = record._announce_one(), False
            except UserError as error:
                self.env.invalidate_all()
                obstacle, problem = 'failed', explain(self.env, error)
            if (record.picking_obstacle, record.problem) != (obstacle, problem):
                record.write({'picking_obstacle': obstacle, 'problem': problem})

    def _announce_one(self):
        """Make the return of the warehouse as far as it lacks; return why there is none, False if there is one."""
        self.ensure_one()
        obstacle = self._find_obstacle()
        if obstacle:
            if obstacle in ('refused', 'returnless'):
                self._cancel_expected()
            return obstacle
        needs = self._get_needs()
        missing = self.quantity - self._to_units(self.move_ids, needs)
        if float_compare(missing, 0, precision_digits=DIGITS) <= 0:
            self._reduce_expected(needs)
            return False if self.quantity else 'returned'
        missing -= self._adopt(missing, needs)
        taken = self._share_delivered(missing, needs) if missing > 0 else {}
        for picking, quantities in taken.items():
            self._make_return(picking, quantities)
        if self.move_ids.filtered(lambda move: move.state != 'cancel'):
            self._update_received()
            return False
        return 'returned'

    def _find_obstacle(self):
        """Return why the warehouse cannot expect goods of this return, or False."""
        if has_word(self.status, REFUSED):
            return 'refused'
        if has_word(self.resolution, RETURNLESS):
            return 'returnless'
        if not self.sale_order_id:
            return 'order'
        if not self.sale_line_id:
            return 'item'
        return False if self._get_delivered() else 'undelivered'

    def _get_delivered(self):
        """Return the movements by which the goods of this return were delivered to the buyer."""
        return self.sale_line_id.move_ids.filtered(
            lambda move: move.state == 'done' and move.location_dest_id.usage == 'customer'
            and move.location_id.usage != 'customer')

    def _get_back(self):
        """Return the movements by which goods of this order line come back from the buyer, done or expected."""
        return self.sale_line_id.move_ids.filtered(lambda move: move.state != 'cancel' and move._amazon_is_back())

    def _get_needs(self):
        """Return how much of which products one unit of this return is; those of the kit where it is one."""
        line = self.sale_line_id
        return line._amazon_get_needs(line.move_ids) if line else {}

    @api.model
    def _to_units(self, moves, needs):
        """Return how many units of a return some movements of its goods are, cancelled ones included: whoever cancelled
        them does not want them again.
        """
        received = moves.filtered(lambda move: move._amazon_is_back())
        return min((sum(received.filtered(lambda move, product=product: move.product_id == product).mapped(
            lambda move: move._amazon_get_amount())) / need for product, need in needs.items() if need), default=0.0)

    def _adopt(self, missing, needs):
        """Take movements back that somebody has made by hand for this order line as those of this return; return of how
        many units.
        """
        loose = self._get_back().filtered(lambda move: not move.amazon_return_id)
        for picking in loose.picking_id.sorted('id'):
            moves = loose.filtered(lambda move, picking=picking: move.picking_id == picking)
            units = self._to_units(moves, needs)
            if 0 < units <= missing:
                moves.amazon_return_id = self
                return units
        return 0.0

    def _share_delivered(self, missing, needs):
        """Return what of this return's goods is to come back of which delivery, at most what was delivered and is not
        on its way back.

        :return: delivery (`stock.picking`, empty for goods that left without one) -> movement -> quantity in its unit
        :rtype: dict
        """
        free = {move: move._amazon_get_amount() - sum(move.returned_move_ids.filtered(
            lambda back: back.state != 'cancel').mapped(lambda back: back._amazon_get_amount()))
            for move in self._get_delivered()}
        units = min([missing, *(sum(amount for move, amount in free.items() if move.product_id == product) / need
                                for product, need in needs.items() if need)])
        taken = {}
        for product, need in needs.items():
            rest = need * units
            for move, amount in free.items():
                part = min(rest, amount) if move.product_id == product else 0.0
                if part > 0 and not float_is_zero(part, precision_rounding=product.uom_id.rounding):
                    rest -= part
                    taken.setdefault(move.picking_id, {})[move] = product.uom_id._compute_quantity(
                        part, move.product_uom)
        return taken

    def _make_return(self, delivery, quantities):
        """Make the return of goods, by Odoo's own wizard where they left by a delivery.

        :param dict quantities: movement to the buyer -> quantity in its unit
        """
        if delivery:
            wizard = self.env['stock.return.picking'].create({'picking_id': delivery.id})
            for line in wizard.product_return_moves:
                line.quantity = line.move_id.product_uom._compute_quantity(
                    quantities.get(line.move_id, 0.0), line.uom_id)
            picking = self.env['stock.picking'].browse(wizard.action_create_returns()['res_id'])
        else:
            picking = self._make_return_of_loose(quantities)
        picking.move_ids.amazon_return_id = self
        picking.note = plaintext2html(self._describe_for_warehouse())
        if self.tracking_ref:
            picking.carrier_tracking_ref = self.tracking_ref

    def _make_return_of_loose(self, quantities):
        """Make the return of goods that left without a delivery of Odoo, into the warehouse of the order."""
        order = self.sale_order_id
        warehouse = order.warehouse_id
        kind = warehouse.out_type_id.return_picking_type_id or warehouse.in_type_id
        target = warehouse.amazon_return_location_id or kind.default_location_dest_id or warehouse.lot_stock_id
        source = next(iter(quantities)).location_dest_id
        picking = self.env['stock.picking'].create({
            'picking_type_id': kind.id, 'location_id': source.id, 'location_dest_id': target.id,
            'partner_id': order.partner_shipping_id.id, 'company_id': self.company_id.id, 'origin': order.name,
        })
        for move, quantity in quantities.items():
            move.copy({
                'picking_id': picking.id, 'product_uom_qty': quantity, 'location_id': source.id,
                'location_dest_id': target.id, 'picking_type_id': kind.id, 'warehouse_id': warehouse.id,
                'origin_returned_move_id': move.id, 'procure_method': 'make_to_stock', 'to_refund': True,
                'sale_line_id': self.sale_line_id.id, 'date': fields.Datetime.now(), 'state': 'draft'})
        picking.action_confirm()
        picking.action_assign()
        return picking

    def _describe_for_warehouse(self):
        """Return what the warehouse must know of this return, in the language of the database: of the reason its group
        only, as operations are read by more people than returns.
        """
        groups = dict(self._fields['reason_group']._description_selection(self.env))
        lines = [
            tell(self.env)._("Amazon return %(rma)s of order %(order)s", rma=self.rma_ref or '', order=self.order_ref),
            self.reason_group and tell(self.env)._("Reason: %s", groups[self.reason_group]),
            self.tracking_ref and tell(self.env)._("Parcel: %(carrier)s %(number)s", carrier=self.carrier or '',
                                                   number=self.tracking_ref),
        ]
        return '\n'.join(filter(None, lines))

    def _get_expected(self):
        """Return the movements that were made for this return and that nobody has worked on."""
        return self.move_ids.filtered(lambda move: move._amazon_is_back() and move.state not in ('done', 'cancel')
                                      and not move.picked)

    def _cancel_expected(self):
        """Cancel operations that were made for this return and that nobody has worked on; return them."""
        expected = self._get_expected()
        expected._action_cancel()
        return expected.picking_id

    def _reduce_expected(self, needs):
        """Let the warehouse expect no more than this return is of by now."""
        wanted, expected = self.move_ids.filtered(lambda move: move.state != 'cancel'), self._get_expected()
        less = min(self._to_units(wanted, needs) - self.quantity, self._to_units(expected, needs))
        if float_compare(less, 0, precision_digits=DIGITS) <= 0:
            return
        expected._amazon_reduce(expected._amazon_share(needs, less))
        expected.filtered(lambda move: move.state != 'cancel')._action_assign()
        seller = self.seller_id._for_person()
        for picking in expected.picking_id:
            picking.message_post(body=seller.env._("Amazon return %(number)s is of %(units)s units by now.",
                                                   number=self.display_name, units=self.quantity))

    @api.model
    def _find_expired(self, seller):
        """Return the ids of returns that the warehouse expects for too long."""
        return self.search([
            ('seller_id', '=', seller.id), ('channel', '=', 'fbm'), ('date', '<=', fields.Date.today() - EXPECTED),
            ('move_ids', 'any', [('state', 'not in', ('done', 'cancel')), ('picked', '=', False),
                                 ('location_id.usage', '=', 'customer')])], order='date, id').ids

    def _expire(self):
        """Cancel the operations by which nothing has come for so long; what comes later is received by hand."""
        for record in self:
            record = record.with_company(record.company_id).with_context(tracking_disable=True)
            seller = record.seller_id._for_person()
            for picking in record._cancel_expected():
                picking.message_post(body=seller.env._(
                    "Amazon return %s: its goods have not come within 180 days and are not expected any more. If they "
                    "come later, make the return on the delivery by hand.", record.display_name))
            record.picking_obstacle = 'expired'

    # === RECEIVED === #

    @api.model
    def _follow_moves(self, moves):
        """Update the returns of the order lines whose goods came back by movements that are done."""
        back = moves.filtered(lambda move: move._amazon_is_back()).sudo()
        for move in back.filtered('amazon_return_id'):
            # Backorders are copies without it.
            move.picking_id.backorder_ids.move_ids.filtered(
                lambda later, move=move: not later.amazon_return_id and later.sale_line_id == move.sale_line_id
                and later.product_id == move.product_id).amazon_return_id = move.amazon_return_id
        lines = back.sale_line_id
        if lines:
            self.search([('sale_line_id', 'in', lines.ids), ('channel', '=', 'fbm')])._update_received()

    def _update_received(self):
        """Update what the warehouse has received of these returns: by their own operations, and of the same order line
        by those that somebody made by hand.
        """
        for line in self.sale_line_id:
            records = self.search([('sale_line_id', '=', line.id), ('channel', '=', 'fbm')], order='date, id')
            if not records:
                continue
            needs = records[:1]._get_needs()
            done = line.move_ids.filtered(lambda move: move.state == 'done' and move._amazon_is_back())
            loose = done - records.move_ids
            left = self._to_units(loose, needs)
            for record in records:
                own = done & record.move_ids
                units = self._to_units(own, needs)
                more = min(left, max(record.quantity - units, 0.0))
                left -= more
                record._set_received(units + more, own if units else loose)

    def _set_received(self, units, moves):
        if float_compare(units, self.received_quantity, precision_digits=DIGITS) == 0:
            return
        date = max(moves.mapped('date')) if units and moves else False
        self.write({'received_quantity': units, 'received_date': date})
        if float_compare(units, self.quantity, precision_digits=DIGITS) >= 0:
            if self.picking_obstacle == 'expired':
                self.picking_obstacle = False
            # What somebody has received by another operation is not expected any more.
            self._cancel_expected()


def has_word(text, words):
    plain = re.sub('[^a-z]', '', (text or '').lower())
    return any(word in plain for word in words)

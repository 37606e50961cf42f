import collections
import datetime

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..utils.ledger_plan import LedgerPlan
from ..utils.locks import lock
from ..utils.opening_plan import OpeningPlan, net
from ..utils.opening_way import OpeningWays
from ..utils.phrases import tell
from .amazon_ledger_day import DAY
from .amazon_ledger_leftover import LIMITS
from .amazon_seller_opening_way import SENT_FROM

# Orders that Odoo has delivered shortly before the first day may have been shipped after it.
EDGE_DAYS = 7


class AmazonSeller(models.Model):
    """Change over from one FBA location for each marketplace to stock by Amazon's ledger."""

    _inherit = 'amazon.seller'

    def _read_opening(self, choices=None):
        """Return what is to happen to open the ledger, and what is known of the shipments that transfers name; nothing
        is written.

        :param dict choices: number of a shipment -> what a person has chosen, see `opening_way.Way`
        :rtype: tuple[OpeningPlan, OpeningWays]
        """
        self.ensure_one()
        plan = LedgerPlan(self)
        needs, _unknown, unmapped = self.env['amazon.ledger.difference']._read_amazon(plan, self.ledger_start - DAY)
        locations = self._get_simple_locations()
        held = collections.Counter()
        for product, location, quantity in self.env['stock.quant']._read_group(
                [('location_id', 'child_of', locations.ids)], ['product_id', 'location_id'], ['quantity:sum']):
            held[product, location] += quantity
        inside, shared = self._get_inside(), self._get_shared()
        sent, on_way = net(self._find_sent(inside, shared)), self._find_on_way(inside, shared)
        ways = OpeningWays(plan, *([part for part in parts if part.reference and part.quantity > 0]
                                   for parts in (on_way, sent)))
        return OpeningPlan(
            plan, needs, held, sold=self._count_sold(inside), sent=sent, removed=self._count_removed(inside),
            on_way=on_way, limits=ways.get_limits(choices or {}), shared=shared, unmapped=unmapped), ways

    def _get_simple_locations(self):
        """Return the FBA locations of this seller's marketplaces, as they are without the ledger."""
        markets = self.with_context(active_test=False).marketplace_ids
        return markets.filtered(lambda market: market.company_id == self.company_id).fba_location_id.filtered(
            lambda location: not location.amazon_seller_id)

    def _find_shared(self):
        """Return the FBA locations that marketplaces of other sellers use, too: what is too much there is theirs."""
        others = self.env['amazon.seller.marketplace'].search(
            [('seller_id', '!=', self.id), ('fba_location_id', 'in', self._get_simple_locations().ids)])
        return others.fba_location_id

    def _get_inside(self):
        """Return all locations in which this seller has FBA stock without the ledger."""
        return self.env['stock.location'].search([('id', 'child_of', self._get_simple_locations().ids)])

    def _get_shared(self):
        """Return those of them that other sellers use, too."""
        return self.env['stock.location'].search([('id', 'child_of', self._find_shared().ids)])

    def _get_first_moment(self):
        """Return when the first day of the ledger begins (naive UTC)."""
        return self.env['amazon.ledger.day']._to_moment(self, self.ledger_start)

    # === SOLD === #

    def _count_sold(self, inside):
        """Return the pieces by product, location and day that orders of this seller have taken and that Amazon has
        shipped since the first day, returned ones taken off: the ledger ships them once more.

        The day is that of Amazon's shipment, and of the order where Amazon's report of shipments is not known. What is
        older than goods pass there is of one day, the last of them: so many movements less.
        """
        self.env.flush_all()
        days, since, sold = self.env['amazon.ledger.day'], self._get_first_moment(), collections.Counter()
        products, locations = self.env['product.product'], self.env['stock.location']
        for product, location, date, quantity in self.env.execute_query(SQL(
            """SELECT line.product_id, line.location_id, MAX(shipped.day),
                      SUM(line.quantity_product_uom * shipped.share)
                 FROM stock_move_line line JOIN stock_move move ON move.id = line.move_id
                 JOIN sale_order_line item ON item.id = move.sale_line_id
                 JOIN sale_order sale ON sale.id = item.order_id
                 JOIN amazon_seller_marketplace market ON market.id = sale.amazon_marketplace_id
                 JOIN stock_location target ON target.id = line.location_dest_id
                 LEFT JOIN LATERAL (
                     SELECT known.shipment_date AS moment,
                            known.quantity::float / SUM(known.quantity) OVER () AS share
                       FROM amazon_fba_shipment known
                      WHERE known.seller_id = market.seller_id AND known.order_ref = sale.amazon_order_ref
                        AND known.item_ref = item.amazon_item_ref AND known.is_multichannel IS NOT TRUE
                        AND known.quantity > 0) known ON TRUE
           CROSS JOIN LATERAL (
                     SELECT COALESCE(known.share, 1) AS share, COALESCE(known.moment, sale.date_order) AS moment,
                            (COALESCE(known.moment, sale.date_order) AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date
                                AS day) shipped
                WHERE line.state = 'done' AND line.date >= %(early)s AND market.seller_id = %(seller)s
                  AND line.location_id = ANY(%(inside)s) AND target.usage = 'customer'
                  AND shipped.moment >= %(since)s
             GROUP BY line.product_id, line.location_id, GREATEST(shipped.day, %(overdue)s)""",
                since=since, early=since - DAY * EDGE_DAYS, seller=self.id, inside=inside.ids,
                zone=days._get_zone(self).zone, overdue=self._get_overdue_day())):
            sold[products.browse(product), locations.browse(location), date] += quantity
        for line in self.env['stock.move.line'].search(
                [('state', '=', 'done'), ('date', '>=', since), ('location_dest_id', 'in', inside.ids),
                 ('location_id.usage', '=', 'customer'),
                 ('move_id.sale_line_id.order_id.amazon_marketplace_id.seller_id', '=', self.id)]):
            sold[line.product_id, line.location_dest_id, self._to_ledger_day(line.date)] -= line.quantity_product_uom
        return sold

    def _get_overdue_day(self):
        """Return the last day whose shipments are to have been taken by the ledger; it is told apart from none before.
        """
        return self._to_ledger_day(fields.Datetime.now()) - DAY * (LIMITS['dispatch'] + 1)

    # === OPENING === #

    def _open_ledger(self, choices=None):
        """Bring the FBA stock to Amazon's opening balance: what the marketplaces' locations hold is moved to the
        countries, what is under way stays so, and what is more or less then is an inventory move. From then on orders
        take what the ledger ships.

        :param dict choices: see `_read_opening`
        """
        lock(self)
        if self.ledger_state != 'opening' or not self._has_opening():
            raise UserError(tell(self.env)._("Amazon's opening balance of %s is not there yet.", self.name))
        inside, (opening, ways) = self._get_inside(), self._read_opening(choices)
        own = inside - opening.shared
        if undecided := ways.find_undecided(choices or {}):
            raise UserError(tell(self.env)._(
                "Amazon has not said for certain what of these shipments was on its way. Choose it, or ask Amazon "
                "again: %s", ', '.join(undecided)))
        self.ledger_state = 'on'
        origin = tell(self.env)._("Opening balance of %s", self.ledger_start)
        # What is on its way takes the lots that were sent.
        sent = self._make_opening_transfers(opening, origin)
        moves = self._make_opening_moves(opening, origin)
        self._redirect(own, inside)
        markets = self.with_context(active_test=False).marketplace_ids
        for market in markets.filtered(lambda market: market._is_by_ledger()):
            market.fba_location_id = opening.plan.get_location(
                'sellable', market.fba_country_id or market.country_id)
        sent.picking_id.amazon_inbound_id._refresh()
        # What came back since then counts by the ledger now.
        self._wake('returns')
        return moves | sent

    def _make_opening_moves(self, opening, origin):
        """Return the movements of an opening: booked on the first day, and of their own."""
        routes = list(opening.get_routes())
        moves = self.env['stock.move'].create([
            self._prepare_opening_move(origin, *route) for *route, _date in routes])
        moves._amazon_complete_at(self.ledger_start)
        by_date = collections.defaultdict(moves.browse)
        for move, (*_route, date) in zip(moves, routes, strict=True):
            by_date[date] |= move
        for date, of_date in by_date.items():
            of_date._amazon_set_date(date)
        return moves

    def _prepare_opening_move(self, origin, product, quantity, source, target):
        return {
            'product_id': product.id, 'product_uom_qty': quantity, 'product_uom': product.uom_id.id,
            'location_id': source.id, 'location_dest_id': target.id, 'company_id': self.company_id.id,
            'procure_method': 'make_to_stock', 'origin': origin, 'amazon_accepted': True}

    def _make_opening_transfers(self, opening, origin):
        """Make transfers "To Amazon FBA", one for each transfer whose goods are on their way, by which Amazon's
        receipts close the shipment as they close others, of the day on which they were sent; return their movements.
        """
        moves, inbounds = self.env['stock.move'], self.env['amazon.inbound']
        target, kind = opening.plan.get_location('inbound'), self._make_inbound_types()[:1]
        for (sent, reference, date), parts in opening.get_transfers().items():
            source = parts[0][1]
            inbound = inbounds.search([('seller_id', '=', self.id), ('shipment_ref', '=', reference)])
            picking = self.env['stock.picking'].create({
                'picking_type_id': kind.id, 'location_id': source.id, 'location_dest_id': target.id,
                'company_id': self.company_id.id, 'origin': ', '.join(filter(None, [origin, sent.name])),
                'amazon_inbound_id': (inbound or reference and inbounds.create(
                    {'seller_id': self.id, 'shipment_ref': reference}) or inbounds).id})
            made = moves.create([
                {**self._prepare_opening_move(origin, product, quantity, location, target), 'picking_id': picking.id,
                 'picking_type_id': kind.id} for product, location, quantity in parts])
            made.with_context(amazon_sent_by=sent.id)._amazon_complete_at(self.ledger_start)
            made._amazon_set_date(date)
            picking.date_done = datetime.datetime.combine(date, datetime.time(12))
            moves |= made
        return moves

    def _redirect(self, own, inside):
        """Let open transfers to the FBA locations go to "In transit to Amazon", and open receipts of parcels come from
        "On its way back": the ledger moves the goods at Amazon.

        :param own: the locations that no other seller uses; receipts name their seller wherever they come from
        """
        inbound, removal = (self.env['stock.location']._amazon_get(self, kind) for kind in ('inbound', 'removal'))
        opened = [('state', 'not in', ('done', 'cancel'))]
        coming = self.env['stock.move'].search([
            *opened, ('location_dest_id', 'in', own.ids), ('location_id', 'not in', own.ids),
            ('location_id.usage', 'in', SENT_FROM)])
        coming.picking_id.location_dest_id = inbound
        coming.location_dest_id = coming.move_line_ids.location_dest_id = inbound
        if 'location_final_id' in coming._fields:
            coming.filtered(lambda move: move.location_final_id in own).location_final_id = inbound
        self.env['stock.picking.type'].search([
            ('default_location_dest_id', 'in', own.ids)]).default_location_dest_id = inbound
        if receipts := self._find_receipts(inside):
            receipts.do_unreserve()
            moves = receipts.move_ids.filtered(lambda move: move.state not in ('done', 'cancel'))
            receipts.location_id = moves.location_id = removal
            moves._action_assign()

import collections

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, float_is_zero

from ..utils.access import check_group
from ..utils.conditions import find_unknown
from ..utils.kits import find_parts
from ..utils.ledger_plan import Group, LedgerPlan, Route
from ..utils.locks import try_lock
from ..utils.phrases import tell
from .amazon_ledger_day import MANAGER

# So many days are booked in one transaction, where there is time.
DAYS_AT_ONCE = 5


class AmazonLedgerDay(models.Model):
    """Book days of the ledger as stock moves: what is booked is brought to what the rows say, by the difference."""

    _inherit = 'amazon.ledger.day'

    def _book_due(self, sync):
        """Book the days of a flow's seller that are over, and again those with rows for which there is a product or a
        reason now.

        :return: whether there was time for all
        :rtype: bool
        """
        seller = sync.seller_id
        days = self.search([('seller_id', '=', seller.id), ('date', '>=', seller.ledger_start),
                            ('state', '=', 'ready')], order='date')
        return sync._in_portions(
            [*days.ids, *self._find_solved(seller)], lambda ids: self.browse(ids)._book(), DAYS_AT_ONCE, first=1,
            give_up=lambda day_id, error: self.browse(day_id)._keep_problem(sync, error))

    def _find_solved(self, seller):
        """Return the booked days (ids) with rows that could not be booked, and whose obstacle may be gone."""
        for model in ('amazon.ledger.day', 'amazon.ledger.line', 'amazon.ledger.reason', 'amazon.listing'):
            self.env[model].flush_model()
        kits = self.env['amazon.ledger.line'].search(
            [('seller_id', '=', seller.id), ('obstacle', '=', 'kit')]).product_id
        parts = find_parts(kits, seller.company_id)
        # Those that have components now, or are no kits any more.
        filled = [kit.id for kit in kits if parts.get(kit, True)]
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT day.id FROM amazon_ledger_line line JOIN amazon_ledger_day day ON day.id = line.day_id
                WHERE day.seller_id = %(seller)s AND day.state = 'booked' AND line.obstacle IS NOT NULL
                  AND (EXISTS (SELECT FROM amazon_listing listing
                                WHERE listing.seller_id = %(seller)s AND listing.company_id = day.company_id
                                  AND listing.product_id IS NOT NULL
                                  AND (listing.sku = line.sku OR listing.fnsku = line.fnsku)
                                  AND line.obstacle IN ('unmapped', 'ambiguous', 'kit')
                                  AND (line.obstacle = 'unmapped' OR listing.write_date > day.write_date))
                       OR line.obstacle = 'kit' AND line.product_id = ANY(%(kits)s)
                       OR line.obstacle = 'reason' AND EXISTS (
                           SELECT FROM amazon_ledger_reason reason
                            WHERE lower(reason.event_type) = lower(line.event_type)
                              AND reason.write_date > day.write_date))
                ORDER BY day.id""", seller=seller.id, kits=filled))
        return [row[0] for row in rows]

    def _keep_problem(self, sync, error):
        problem = sync._describe(error)
        self.problem = problem
        sync._add_problem(tell(self.env)._("Ledger of %s", self.date), error)

    def _book(self):
        """Bring the stock moves of these days to what their rows say.

        What is booked already is read from the moves themselves, so a day that changed, or whose rows got a product
        meanwhile, is booked by its difference, and one that was booked as a whole is not booked twice.
        """
        for seller, days in try_lock(self.sorted('date')).grouped('seller_id').items():
            plan = LedgerPlan(seller)
            for day in days:
                day._book_one(plan)

    def _book_one(self, plan):
        groups = self._read_groups()
        plan.learn_products({group.sku for group in groups}, {group.fnsku for group in groups if group.fnsku})
        plan.learn_shipments({group.reference for group in groups})
        obstacles = {group: plan.find_obstacle(group) for group in groups}
        wanted = plan.plan([group for group in groups if not obstacles[group]])
        self._move(wanted)
        self._ask_about_conditions(groups)
        self._mark_lines(plan, obstacles)
        self.write({
            'state': 'booked', 'problem': False,
            'obstacle_count': sum(group.row_count for group, obstacle in obstacles.items() if obstacle)})

    def _ask_about_conditions(self, groups):
        """Ask somebody about conditions that Odoo does not know and that no earlier day has."""
        unknown = find_unknown({group.disposition for group in groups}) if self.state != 'booked' else []
        if unknown:
            before = self.env['amazon.ledger.line'].search([
                ('seller_id', '=', self.seller_id.id), ('date', '<', self.date), ('disposition', 'in', unknown)])
            self.seller_id._ask_about_conditions({*unknown} - {*before.mapped('disposition')})

    def _read_groups(self):
        """Return the rows of this day, summed up by what makes the same movement."""
        self.env['amazon.ledger.line'].flush_model()
        return [Group(*values) for values in self.env.execute_query(SQL(
            """SELECT COALESCE(sku, ''), COALESCE(fnsku, ''), COALESCE(event_type, ''), COALESCE(code, ''),
                      quantity > 0, COALESCE(disposition, ''), COALESCE(country_code, ''),
                      CASE WHEN event_type = 'Receipts' THEN COALESCE(reference, '') ELSE '' END,
                      SUM(quantity)::int, COUNT(*)::int, product, pack, COALESCE(kit, ''), COALESCE(way, '')
                 FROM amazon_ledger_line
                 LEFT JOIN LATERAL (
                     SELECT product_id AS product, pack_quantity AS pack, parts::text AS kit, route AS way
                      WHERE pack_quantity > 0 AND product_id IS NOT NULL) booked ON TRUE
                WHERE day_id = %s
                GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, product, pack, kit, way""", self.id))]

    # === MOVES === #

    def _read_booked(self):
        """Return the pieces that the moves of this day have booked by route, corrections taken off."""
        booked = collections.Counter()
        for move in self.move_ids.filtered(lambda move: move.state == 'done'):
            ends = move.location_id, move.location_dest_id
            source, target = reversed(ends) if move.amazon_ledger_undo else ends
            route = Route(move.product_id, source, target, move.amazon_ledger_ref or '')
            booked[route] += -move.product_qty if move.amazon_ledger_undo else move.product_qty
        return booked

    def _move(self, wanted):
        """Make the stock moves by which what is booked becomes what is wanted, by route."""
        booked = self._read_booked()
        vals_list = []
        for route in {**wanted, **booked}:
            missing = wanted[route] - booked[route]
            if float_is_zero(missing, precision_rounding=route.product.uom_id.rounding):
                continue
            vals_list += [self._prepare_move(route, missing)] if missing > 0 else self._prepare_undo(route, -missing)
        # What comes in is there before it goes out again.
        vals_list.sort(key=lambda vals: (vals['amazon_ledger_undo'], vals.pop('is_out'), vals['product_id']))
        self.env['stock.move'].create(vals_list)._amazon_complete_at(self.date)

    def _prepare_move(self, route, quantity, source=None, target=None):
        source, target = source or route.source, target or route.target
        return {
            'product_id': route.product.id, 'product_uom_qty': quantity, 'product_uom': route.product.uom_id.id,
            'location_id': source.id, 'location_dest_id': target.id, 'company_id': self.company_id.id,
            'procure_method': 'make_to_stock', 'origin': self.env._("Amazon %s", self.date),
            'amazon_ledger_day_id': self.id, 'amazon_ledger_ref': route.reference or False,
            'amazon_ledger_undo': False, 'is_out': source.usage == 'internal',
        }

    def _prepare_undo(self, route, quantity):
        """Return the values of the moves that take some pieces of a route back, the last that were booked first: each
        is Odoo's return of its movement, by which it has that movement's value.
        """
        vals_list = []
        for move, left in self._find_booked(route):
            taken = min(left, quantity)
            if taken > 0:
                vals_list.append({
                    **self._prepare_move(route, taken, route.target, route.source), 'amazon_ledger_undo': True,
                    'origin_returned_move_id': move.id})
                quantity -= taken
        return vals_list

    def _find_booked(self, route):
        """Return the moves that have booked a route on this day, the last first, and how much of each is not taken back
        yet.
        """
        moves = self.move_ids.filtered(lambda move: move.state == 'done' and move.product_id == route.product
                                       and (move.amazon_ledger_ref or '') == route.reference)
        booked = moves.filtered(lambda move: not move.amazon_ledger_undo and move.location_id == route.source
                                and move.location_dest_id == route.target).sorted('id', reverse=True)
        undone = moves.filtered(lambda move: move.amazon_ledger_undo and move.location_id == route.target
                                and move.location_dest_id == route.source)
        # Of older ones it is not known what they took back.
        loose = sum(undone.filtered(lambda move: not move.origin_returned_move_id).mapped('product_qty'))
        for move in booked:
            left = move.product_qty - sum(undone.filtered(
                lambda back, move=move: back.origin_returned_move_id == move).mapped('product_qty'))
            less = min(left, loose)
            loose -= less
            yield move, left - less

    def _mark_lines(self, plan, obstacles):
        """Write product, reason and obstacle on the rows of this day, and how they are booked from now on."""
        values = []
        for group, obstacle in obstacles.items():
            if not group.product_id:
                found = plan.find_products(group.sku, group.fnsku)
                product = next(iter(found))[0] if len(found) == 1 else None
                mapping = None if obstacle else plan.find_mapping(group)
                how = (mapping.pack_quantity, mapping.write_parts(), mapping.route) if mapping else (None,) * 3
                values.append((group.sku, group.fnsku, group.event_type, group.code, group.country, group.reference,
                               product, plan.find_reason(group.event_type, group.code).id or None, obstacle or None,
                               *how))
        if values:
            self.env.cr.execute_values(
                f"""UPDATE amazon_ledger_line line SET product_id = found.product_id::int,
                           reason_id = found.reason_id::int, obstacle = found.obstacle,
                           pack_quantity = found.pack_quantity::int, parts = found.parts::jsonb, route = found.route
                      FROM (VALUES %s) AS found(sku, fnsku, event_type, code, country, reference, product_id, reason_id,
                                                obstacle, pack_quantity, parts, route)
                     WHERE line.day_id = {int(self.id)} AND COALESCE(line.sku, '') = found.sku
                       AND COALESCE(line.fnsku, '') = found.fnsku AND COALESCE(line.event_type, '') = found.event_type
                       AND COALESCE(line.code, '') = found.code AND COALESCE(line.country_code, '') = found.country
                       AND CASE WHEN line.event_type = 'Receipts' THEN COALESCE(line.reference, '')
                                ELSE '' END = found.reference
                       AND (COALESCE(line.pack_quantity, 0) = 0 OR line.product_id IS NULL)
                       AND (line.product_id, line.reason_id, line.obstacle, line.route)
                           IS DISTINCT FROM (found.product_id::int, found.reason_id::int, found.obstacle, found.route)
                """, sorted(set(values), key=str))
            self.env['amazon.ledger.line'].invalidate_model()

    def _forget_mapping(self):
        """Let the rows of these days be booked by what their SKUs and reasons are then."""
        self.env['amazon.ledger.line'].flush_model()
        self.env.cr.execute(SQL(
            """UPDATE amazon_ledger_line SET pack_quantity = NULL, parts = NULL, route = NULL
                WHERE day_id = ANY(%s)""", self.ids))
        self.env['amazon.ledger.line'].invalidate_model()

    # === DECISIONS === #

    def action_undo(self):
        """Take the stock moves of these days back, by moves in the other direction; they stay so until they are booked
        again, then by the products, packs and reasons of that time.
        """
        self.check_access('read')
        check_group(self.env, MANAGER)
        days = try_lock(self.sudo().filtered(lambda day: day.state == 'booked'))
        if not days:
            raise UserError(tell(self.env)._("None of these days is booked."))
        for day in days:
            day._move(collections.Counter())
        days._forget_mapping()
        days.state = 'undone'
        return True

    def action_book(self):
        """Book these days again after their booking was undone."""
        self.check_access('read')
        check_group(self.env, MANAGER)
        days = self.sudo().filtered(lambda day: day.state == 'undone')
        if not days:
            raise UserError(tell(self.env)._("Only days whose booking was undone are booked by hand."))
        days.state = 'ready'
        days._book()
        return True

import collections

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, float_is_zero

from ..utils.access import check_group
from ..utils.ledger_plan import Group, LedgerPlan, Route
from ..utils.locks import try_lock
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
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT day.id FROM amazon_ledger_line line JOIN amazon_ledger_day day ON day.id = line.day_id
                WHERE day.seller_id = %(seller)s AND day.state = 'booked' AND line.obstacle IS NOT NULL
                  AND (EXISTS (SELECT FROM amazon_listing listing
                                WHERE listing.seller_id = %(seller)s AND listing.company_id = day.company_id
                                  AND listing.product_id IS NOT NULL
                                  AND (listing.sku = line.sku OR listing.fnsku = line.fnsku)
                                  AND line.obstacle IN ('unmapped', 'ambiguous')
                                  AND (line.obstacle = 'unmapped' OR listing.write_date > day.write_date))
                       OR line.obstacle = 'reason' AND EXISTS (
                           SELECT FROM amazon_ledger_reason reason
                            WHERE lower(reason.event_type) = lower(line.event_type)
                              AND reason.write_date > day.write_date))
                ORDER BY day.id""", seller=seller.id))
        return [row[0] for row in rows]

    def _keep_problem(self, sync, error):
        problem = sync._describe(error)
        self.problem = problem
        sync._add_problem(self.env._("Ledger of %s", self.date), error)

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
        obstacles = {group: plan.find_obstacle(group) for group in groups}
        wanted = plan.plan([group for group in groups if not obstacles[group]])
        self._move(wanted)
        self._mark_lines(plan, obstacles)
        self.write({
            'state': 'booked', 'problem': False,
            'obstacle_count': sum(group.row_count for group, obstacle in obstacles.items() if obstacle)})

    def _read_groups(self):
        """Return the rows of this day, summed up by what makes the same movement."""
        self.env['amazon.ledger.line'].flush_model()
        return [Group(*values) for values in self.env.execute_query(SQL(
            """SELECT COALESCE(sku, ''), COALESCE(fnsku, ''), COALESCE(event_type, ''), COALESCE(code, ''),
                      quantity > 0, COALESCE(disposition, ''), COALESCE(country_code, ''),
                      CASE WHEN event_type = 'Receipts' THEN COALESCE(reference, '') ELSE '' END,
                      SUM(quantity)::int, COUNT(*)::int
                 FROM amazon_ledger_line WHERE day_id = %s
                GROUP BY 1, 2, 3, 4, 5, 6, 7, 8""", self.id))]

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
            if not float_is_zero(missing, precision_rounding=route.product.uom_id.rounding):
                vals_list.append(self._prepare_move(route, missing))
        # What comes in is there before it goes out again.
        vals_list.sort(key=lambda vals: (vals['amazon_ledger_undo'], vals.pop('is_out'), vals['product_id']))
        self.env['stock.move'].create(vals_list)._amazon_complete_at(self.date)

    def _prepare_move(self, route, quantity):
        ends = route.source, route.target
        source, target = reversed(ends) if quantity < 0 else ends
        return {
            'product_id': route.product.id, 'product_uom_qty': abs(quantity), 'product_uom': route.product.uom_id.id,
            'location_id': source.id, 'location_dest_id': target.id, 'company_id': self.company_id.id,
            'procure_method': 'make_to_stock', 'origin': self.env._("Amazon %s", self.date),
            'amazon_ledger_day_id': self.id, 'amazon_ledger_ref': route.reference or False,
            'amazon_ledger_undo': quantity < 0, 'is_out': source.usage == 'internal',
        }

    def _mark_lines(self, plan, obstacles):
        """Write product, reason and obstacle on the rows of this day."""
        values = []
        for group, obstacle in obstacles.items():
            found = plan.find_products(group.sku, group.fnsku)
            product = next(iter(found))[0] if len(found) == 1 else None
            reason = plan.find_reason(group.event_type, group.code).id or None
            values.append((group.sku, group.fnsku, group.event_type, group.code, group.country, product, reason,
                           obstacle or None))
        if values:
            self.env.cr.execute_values(
                f"""UPDATE amazon_ledger_line line SET product_id = found.product_id::int,
                           reason_id = found.reason_id::int, obstacle = found.obstacle
                      FROM (VALUES %s) AS found(sku, fnsku, event_type, code, country, product_id, reason_id, obstacle)
                     WHERE line.day_id = {int(self.id)} AND COALESCE(line.sku, '') = found.sku
                       AND COALESCE(line.fnsku, '') = found.fnsku AND COALESCE(line.event_type, '') = found.event_type
                       AND COALESCE(line.code, '') = found.code AND COALESCE(line.country_code, '') = found.country
                       AND (line.product_id, line.reason_id, line.obstacle)
                           IS DISTINCT FROM (found.product_id::int, found.reason_id::int, found.obstacle)""",
                sorted(set(values), key=str))
            self.env['amazon.ledger.line'].invalidate_model()

    # === DECISIONS === #

    def action_undo(self):
        """Take the stock moves of these days back, by moves in the other direction; they stay so until they are booked
        again.
        """
        self.check_access('read')
        check_group(self.env, MANAGER)
        days = try_lock(self.sudo().filtered(lambda day: day.state == 'booked'))
        if not days:
            raise UserError(self.env._("None of these days is booked."))
        for day in days:
            day._move(collections.Counter())
        days.state = 'undone'
        return True

    def action_book(self):
        """Book these days again after their booking was undone."""
        self.check_access('read')
        check_group(self.env, MANAGER)
        days = self.sudo().filtered(lambda day: day.state == 'undone')
        if not days:
            raise UserError(self.env._("Only days whose booking was undone are booked by hand."))
        days.state = 'ready'
        days._book()
        return True

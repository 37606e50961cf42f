import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..utils.locks import lock
from ..utils.phrases import tell
from ..utils.settlement_offset import OffsetPlan
from ..utils.settlement_rows import BILLED, DECIDED, SUMMED_UP

# A booking and an invoice of the same moment do not find each other; the job may not have run for some days.
SEEN = datetime.timedelta(days=14)


class AmazonSettlement(models.Model):
    """Take orders that are invoiced after a settlement summed them up out of its sums, so that nothing is counted
    twice.
    """

    _inherit = 'amazon.settlement'

    @api.model
    def _find_summed_up(self, orders):
        """Return the settlements that have summed up sales orders, or are about to, with these orders.

        :rtype: dict of `amazon.settlement` to `sale.order`
        """
        self.env['amazon.settlement.line'].flush_model()
        self.flush_model(['stage'])
        rows = self.env.execute_query(SQL(
            """SELECT line.settlement_id, array_agg(DISTINCT line.sale_order_id)
                 FROM amazon_settlement_line line
                 JOIN amazon_settlement_rule rule ON rule.id = line.rule_id
                 JOIN amazon_settlement settlement ON settlement.id = line.settlement_id AND settlement.stage = ANY(%s)
                WHERE line.sale_order_id = ANY(%s) AND %s
             GROUP BY 1 ORDER BY 1""", list(DECIDED), orders.ids, SUMMED_UP)) if orders else []
        return {self.browse(settlement): orders.browse(ids) for settlement, ids in rows}

    @api.model
    def _check_summed_up(self, orders):
        """Raise a `UserError` if settlements that are not booked to the end sum up some of these sales orders."""
        obstacle = self._find_summing_up(orders)
        if obstacle:
            raise UserError(obstacle)

    @api.model
    def _find_summing_up(self, orders):
        """Return why invoices of sales orders have to wait for a settlement that is about to sum them up, or None."""
        for settlement, mine in self._find_summed_up(orders).items():
            if settlement.stage != 'booked':
                return tell(self.env)._(
                    "Settlement %(settlement)s sums up order %(orders)s, and its entries are not all posted yet. Post "
                    "them first, or cancel its booking; "
                    "then post the invoice.", settlement=settlement.settlement_ref,
                    orders=', '.join(mine.mapped('amazon_order_ref')))
        return None

    @api.model
    def _offset_summed_up(self, orders, date):
        """Take orders that are invoiced now out of the sums of their settlements, and clear their invoices.

        :param date: the day of the invoice: the entries have it or, where the sums are of a later day, that of the sums
        :return: the entries
        :rtype: account.move
        """
        moves = self.env['account.move']
        for settlement, mine in self._find_summed_up(orders).items():
            if settlement.stage == 'booked':
                moves |= settlement._offset(mine, date)
        return moves

    def _offset(self, orders, date):
        self.ensure_one()
        lock(self)
        plan = OffsetPlan(self, orders, date)
        values = [vals for vals in map(plan.prepare_move, plan.parts) if vals['line_ids']]
        moves = self.env['account.move'].with_context(skip_invoice_sync=True, tracking_disable=True).create(values)
        plan.costs.store([cost for part in plan.parts for cost in part.costs])
        plan.rows.mark(SUMMED_UP)
        self._post_entries(moves)
        moves.line_ids.filtered(lambda line: line.amazon_role == 'carried').reconcile()
        if moves:
            self.message_post(body=self.env._(
                "%(orders)s was invoiced afterwards: %(moves)s takes it out of the sums of this settlement.",
                orders=', '.join(orders.mapped('amazon_order_ref')), moves=', '.join(moves.mapped('name'))))
        self.env['amazon.transaction']._forget_summed_up([('sale_order_id', 'in', orders.ids)])
        return moves

    def _offset_due(self, sync):
        """Offset orders whose invoices were posted while their settlement was booked; return whether there was time for
        all.
        """
        self.env.flush_all()
        since = fields.Datetime.now() - SEEN
        # Two queries: each begins with the few records that are recent.
        orders = [order for recent in (SQL('settlement.write_date >= %s', since), SQL('move.write_date >= %s', since))
                  for order in self._find_due_orders(sync.seller_id, recent)]
        return sync._in_portions(
            list(dict.fromkeys(orders)), lambda ids: self._offset_invoiced(self.env['sale.order'].browse(ids).exists()),
            give_up=lambda order_id, error: sync._add_problem(self.env['sale.order'].browse(order_id).display_name,
                                                              error))

    @api.model
    def _find_due_orders(self, seller, recent):
        """Return the ids of orders that booked settlements sum up, and posted invoices count, too."""
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT DISTINCT line.sale_order_id
                 FROM amazon_settlement_line line
                 JOIN amazon_settlement_rule rule ON rule.id = line.rule_id
                 JOIN amazon_settlement settlement ON settlement.id = line.settlement_id
                 JOIN (%s) ON sold.order_id = line.sale_order_id
                WHERE settlement.seller_id = %s AND settlement.stage = 'booked' AND %s AND %s
                  AND move.state = 'posted' AND move.move_type = 'out_invoice'""", BILLED, seller.id, recent,
            SUMMED_UP))]

    @api.model
    def _offset_invoiced(self, orders):
        for order in orders:
            invoices = order.invoice_ids.filtered(lambda move: move.move_type == 'out_invoice'
                                                  and move.state == 'posted')
            self._offset_summed_up(order, max(invoices.mapped('date')))

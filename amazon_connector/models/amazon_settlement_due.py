from odoo import api, fields, models

from .amazon_settlement_bank import DAYS_MATCHED


class AmazonSettlement(models.Model):
    """Book and match settlements in the job, while users change the same orders, invoices and bank lines."""

    _inherit = 'amazon.settlement'

    def _process_due(self, sync):
        """Book due settlements, and match new invoices and bank lines; return whether all were processed."""
        domain = [('seller_id', '=', sync.seller_id.id)]
        due = self.search([*domain, ('stage', 'in', ('booking', 'ready'))], order='end_date, id')
        # An entry is one document of the books, so it is one transaction. One that collides stops no other settlement.
        booked = sync._in_portions(due.ids, lambda ids: self.browse(ids).exists()._book_due(sync), 1,
                                   lambda settlement_id, error: (
                                       self.browse(settlement_id)._set_conflict(sync, error)))
        return booked and sync._has_time() and self._match_due(sync) and sync._has_time()

    def _book_due(self, sync):
        """Book these settlements if their marketplace books without a person."""
        for settlement in self:
            if settlement.stage == 'ready' and settlement.problem:
                # A rate, an account or an open period may have come since.
                settlement._evaluate()
            if settlement.stage == 'booking' or (
                    settlement.stage == 'ready' and settlement.marketplace_id.settlement_auto
                    and not settlement._find_problem()):
                if settlement.notice:
                    settlement.message_post(body=self.env._("Booked without a person, who would have been shown: %s",
                                                            settlement.notice))
                settlement._book_in_job(sync)

    def _set_conflict(self, sync, error):
        """Set that this settlement fails, or collides with other transactions; the next run tries it again."""
        sync._add_problem(self.display_name, error)
        self.problem = sync._describe(error, self.display_name)

    @api.model
    def _match_due(self, sync):
        """Match new invoices order by order, then payouts and carried amounts; return whether there was time for all.
        """
        lines = self.env['account.move.line'].search([
            '|', ('amazon_issue', '!=', False), ('reconciled', '=', False), ('amazon_order_id', '!=', False),
            ('parent_state', '=', 'posted'),
            ('date', '>=', fields.Date.today() - DAYS_MATCHED), ('move_id.amazon_part', '!=', False),
            ('move_id.amazon_settlement_id.seller_id', '=', sync.seller_id.id)])
        # Sale and refund of an order may clear each other.
        by_order = {order.id: group.ids for order, group in lines.grouped('amazon_order_id').items()}
        waiting = self._find_waiting(sync.seller_id)
        sync._commit()
        return self._offset_due(sync) and sync._in_portions(
            by_order, lambda ids: lines.browse(line_id for order_id in ids
                                               for line_id in by_order[order_id]).exists()._amazon_match(),
            give_up=lambda order_id, error: sync._add_problem(self.env['sale.order'].browse(order_id).display_name,
                                                              error),
        ) and sync._in_portions(
            waiting.ids, lambda ids: self.browse(ids).exists()._match_money(),
            give_up=lambda settlement_id, error: sync._add_problem(self.browse(settlement_id).display_name, error))

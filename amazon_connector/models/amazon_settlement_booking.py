import datetime
import logging

from odoo import models
from odoo.exceptions import UserError

from ..utils.quiet import concerns_record, describe, log_failure
from ..utils.settlement_plan import CHUNK, SettlementPlan

_logger = logging.getLogger(__name__)


class AmazonSettlement(models.Model):
    """The entries of a settlement: book, match, cancel."""

    _inherit = 'amazon.settlement'

    # === ACTIONS === #

    def action_book(self):
        """Book these settlements: small ones now, those with very many invoices by the job, entry by entry."""
        self.check_access('write')
        for settlement in self:
            settlement._check_bookable()
            plan = SettlementPlan(settlement)
            if len(plan.parts) > 1 and sum(len(part.buyers) for part in plan.parts) > CHUNK:
                settlement.sudo().stage = 'booking'
                self.env['amazon.sync'].sudo()._wake_event_flow('settlements')
            else:
                settlement._book(plan)
        return True

    def action_book_after_lock(self):
        """Book what falls into a closed period on the first open day."""
        self.check_access('write')
        self.sudo().book_after_lock = True
        return self.action_book()

    def action_match(self):
        """Look for invoices and bank lines that came after the booking."""
        self.check_access('write')
        booked = self.filtered(lambda settlement: settlement.stage == 'booked').sudo()
        booked.open_line_ids._amazon_match()
        booked._match_money()
        return True

    def action_cancel(self):
        """Reverse the entries of these settlements, as long as their payout is not matched with the bank; then they can be booked again."""
        self.check_access('write')
        for settlement in self.filtered(lambda settlement: settlement.stage in ('booked', 'booking')):
            settlement._cancel()
        return True

    # === BOOKING === #

    def _check_bookable(self):
        self.ensure_one()
        if self.stage not in ('ready', 'wrong', 'to_map'):
            raise UserError(self.env._("Settlement %s is booked already.", self.settlement_ref))
        problem = self._find_problem()
        if problem:
            raise UserError(problem)

    def _book(self, plan, sync=None):
        """Create, post and match the entries of a plan, those apart that are there already.

        :param sync: the `amazon.sync` of the job that books; it commits after every entry
        :return: whether it came to the end
        """
        self.ensure_one()
        settlement = self.sudo().with_company(self.company_id)
        # The tax of fees may have been chosen since the rows came.
        if not settlement._update_fees(sync):
            return False
        # Whoever comes second finds it booked, or fails at the unique index of the entries.
        settlement.lock_for_update()
        if settlement.stage == 'booked':
            return True
        done = set(settlement.move_ids.mapped('amazon_part'))
        settlement.write({'stage': 'booking', 'problem': False})
        for part in plan.parts:
            if part.key in done:
                continue
            vals = plan.prepare_move(part)
            if not vals['line_ids']:
                continue
            move = self.env['account.move'].sudo().with_context(skip_invoice_sync=True, tracking_disable=True).create(vals)
            move.action_post()
            move.line_ids.filtered('amazon_order_ref')._amazon_match()
            if sync and not sync._commit():
                return part is plan.parts[-1] and self._finish(plan)
        return settlement._finish(plan)

    def _book_in_job(self, sync):
        """Book, and if that fails leave the reason and go on with the next settlement; return whether there is time for that."""
        try:
            return self._book(SettlementPlan(self), sync)
        except Exception as error:
            if not concerns_record(error):
                raise
            self.env.cr.rollback()
            if isinstance(error, UserError):
                self.problem = str(error)
            else:
                log_failure(_logger, "Amazon settlement %s", self.id, error=error)
                self.problem = self.env._("Unexpected error: %s. The server log has more.", describe(error))
            return sync._commit()

    def _finish(self, plan):
        """Match what was carried forward between the entries, and remember which item the bank is to meet."""
        lines = self.move_ids.filtered('amazon_part').line_ids
        carried = lines.filtered(lambda line: line.account_id == self.marketplace_id.settlement_carried_account_id and line.amazon_role == 'carried')
        if not self.currency_id.is_zero(sum(carried.mapped('amount_currency'))):
            raise UserError(self.env._("The entries of settlement %s do not belong together: its marketplace was changed while it was booked. Cancel the "
                                       "booking, then book it again.", self.settlement_ref))
        if carried:
            carried.reconcile()
        self.write({'stage': 'booked', 'payout_line_id': lines.filtered(lambda line: line.amazon_role == 'payout').id})
        self._match_chain()
        self.message_post(body=self.env._("Booked: %s", ', '.join(self.move_ids.filtered('amazon_part').mapped('name'))))
        return True

    def _cancel(self):
        self.ensure_one()
        settlement = self.sudo()
        if settlement._is_in_bank():
            raise UserError(self.env._("The payout of settlement %s is matched with the bank. Undo that matching first.", self.settlement_ref))
        moves = settlement.move_ids.filtered('amazon_part')
        moves.line_ids.remove_move_reconcile()
        reversals = moves._reverse_moves([{
            'date': settlement._get_open_date(move.date, move), 'ref': self.env._("Cancelled: %s", move.ref)} for move in moves], cancel=True)
        (moves | reversals).write({'amazon_part': False, 'amazon_settlement_id': self.id})
        moves.line_ids.amazon_issue = False
        settlement.write({'stage': 'ready', 'payout_line_id': False, 'book_after_lock': False})
        settlement._evaluate()
        settlement.message_post(body=self.env._("Booking cancelled by %(user)s: %(moves)s reversed by %(reversals)s.", user=self.env.user.name,
                                                moves=', '.join(moves.mapped('name')), reversals=', '.join(reversals.mapped('name'))))

    def _get_open_date(self, date, move):
        locks = move._get_violated_lock_dates(date, bool(move.line_ids.tax_ids))
        return locks[-1][0] + datetime.timedelta(days=1) if locks else date

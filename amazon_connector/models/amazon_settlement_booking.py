import datetime
import logging

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..utils import settlement_plan
from ..utils.locks import lock
from ..utils.notices import make_notice
from ..utils.phrases import tell
from ..utils.quiet import concerns_record, describe, log_failure
from ..utils.settlement_plan import SettlementPlan
from ..utils.settlement_rows import DECIDED
from ..utils.words import explain

_logger = logging.getLogger(__name__)


class AmazonSettlement(models.Model):
    """Book, match and cancel the entries of a settlement."""

    _inherit = 'amazon.settlement'

    as_draft = fields.Boolean("Draft entries", readonly=True, copy=False)
    split_month = fields.Boolean("Split by month", readonly=True, tracking=True)

    # === ACTIONS === #

    def action_book(self):
        """Book these settlements: small ones now, those with very many invoices by the job, entry by entry. Of several,
        those that can be booked are booked, and a notice says why the others are not.
        """
        return self._book_each({})

    def _book_each(self, vals):
        """Write values on these settlements and book them; those that are not booked stay as they were.

        :raises UserError: none is booked
        """
        self.check_access('write')
        if len(self) == 1:
            self._book_or_begin(vals)
            return True
        refused = {}
        for settlement in self:
            try:
                with self.env.cr.savepoint():
                    settlement._book_or_begin(vals)
            except UserError as error:
                refused[settlement] = explain(self.env, error)
        return self._tell_booked(refused)

    def _book_or_begin(self, vals):
        self.sudo().write(vals)
        self._check_bookable()
        if len(SettlementPlan(self).rows.invoiced) > settlement_plan.CHUNK:
            self.sudo()._begin()
            self.env['amazon.sync'].sudo()._wake_event_flow('settlements')
        else:
            self._book()

    def _tell_booked(self, refused):
        """Return a notice of how many of these settlements are booked, and why not the others.

        :raises UserError: none is
        """
        reasons = '\n'.join(f'{settlement.settlement_ref}: {reason}' for settlement, reason in refused.items())
        if len(refused) == len(self):
            raise UserError(reasons)
        said = self.env._("Booked: %(count)s of %(all)s.", count=len(self) - len(refused), all=len(self))
        if refused:
            said += '\n' + self.env._("Not booked:") + '\n' + reasons
        return make_notice('warning' if refused else 'success', said,
                           {'type': 'ir.actions.client', 'tag': 'soft_reload'}, sticky=bool(refused))

    def action_book_drafts(self):
        """Make the entries of these settlements as drafts: each is booked when somebody has posted all of its entries.
        """
        return self._book_each({'as_draft': True})

    def action_preview(self):
        """Show the entries that booking would make."""
        self.check_access('write')
        self.ensure_one()
        if self.stage not in ('to_map', 'ready'):
            raise UserError(tell(self.env)._("Settlement %s is booked already.", self.settlement_ref))
        return self.env['amazon.settlement.preview']._open(self)

    def action_book_after_lock(self):
        """Book what falls into a closed period on the first open day."""
        return self._book_each({'book_after_lock': True})

    def action_split(self):
        """Book the rows of these settlements in their own months."""
        return self._set_split(True)

    def action_join_months(self):
        """Book these settlements whole, in the month that they end in, unless their marketplace splits all of its
        settlements.
        """
        return self._set_split(False)

    def _set_split(self, split):
        self.check_access('write')
        settlements = self.filtered(lambda settlement: settlement.stage in ('to_map', 'ready')).sudo()
        settlements.split_month = split
        settlements._evaluate()
        return True

    def action_match(self):
        """Match invoices and bank lines that came after the booking."""
        self.check_access('write')
        booked = self.filtered(lambda settlement: settlement.stage == 'booked').sudo()
        booked.open_line_ids._amazon_match()
        booked._match_money()
        return True

    def action_cancel(self):
        """Reverse the entries of these settlements, as long as their payout is not matched with the bank; then they can
        be booked again.
        """
        self.check_access('write')
        for settlement in self.filtered(lambda settlement: settlement.stage in ('booked', 'booking', 'draft')):
            settlement._cancel()
        return True

    def _is_split(self):
        """Return whether rows are booked in their own months; the decision at the begin of the booking is kept,
        whatever the marketplace says later.
        """
        return self.split_month or self.stage not in DECIDED and self.marketplace_id.settlement_split

    def _check_bookable(self):
        self.ensure_one()
        if self.stage in ('elsewhere', 'ignored'):
            raise UserError(tell(self.env)._("Settlement %s is not booked here. Restore it first.",
                                             self.settlement_ref))
        if self.stage not in ('ready', 'wrong', 'to_map'):
            raise UserError(tell(self.env)._("Settlement %s is booked already.", self.settlement_ref))
        problem = self._find_problem()
        if problem:
            raise UserError(problem)

    # === BOOKING === #

    def _begin(self):
        """Decide which rows clear invoices and which are summed up; that is kept until all entries exist.

        :return: the `Group`s that are summed up, None if it had begun before
        """
        self.ensure_one()
        # A second transaction finds it begun or booked, or fails at the unique index of the entries.
        lock(self)
        if self.stage in ('ready', 'wrong', 'to_map'):
            plan = SettlementPlan(self)
            plan.costs.store(plan.costs.read_costs())
            groups = plan.keep()
            plan.rows.mark()
            self.write({'stage': 'booking', 'problem': False, 'split_month': self._is_split()})
            return groups
        return None

    def _book(self, sync=None):
        """Create, post and match the entries of this settlement, those apart that are there already.

        :param sync: the `amazon.sync` of the job that books; it commits after every entry
        :return: whether it came to the end
        """
        self.ensure_one()
        settlement = self.sudo().with_company(self.company_id)
        # The tax of fees may have been chosen since the rows came.
        if not settlement._update_fees(sync):
            return False
        groups = settlement._begin()
        if settlement.stage != 'booking':
            return True
        plan, done = SettlementPlan(settlement, groups=groups), set(settlement.move_ids.mapped('amazon_part'))
        for part in plan.parts:
            if part.key in done:
                continue
            if not settlement._hold_booking():
                return True
            vals = plan.prepare_move(part)
            if not vals['line_ids']:
                continue
            move = self.env['account.move'].sudo().with_context(skip_invoice_sync=True,
                                                                tracking_disable=True).create(vals)
            if not settlement.as_draft and not settlement.marketplace_id.settlement_draft:
                settlement._post_entries(move)
            if sync and not sync._commit():
                return part is plan.parts[-1] and settlement._complete()
        return settlement._complete()

    def _hold_booking(self):
        """Keep others from cancelling this booking until the next commit; return whether it was not cancelled since the
        last one.

        Written, not only locked: a transaction that began before and cancels would not read the entries that were
        committed meanwhile.
        """
        self.flush_recordset(['stage'])
        self.env.cr.execute(SQL("UPDATE amazon_settlement SET write_date = write_date WHERE id = %s AND stage = "
                                "'booking' RETURNING id", self.id))
        return bool(self.env.cr.fetchone())

    def _post_entries(self, moves):
        """Post entries and clear invoices with them."""
        moves.action_post()
        moves.line_ids.filtered('amazon_order_ref')._amazon_match()

    def _complete(self):
        """Finish this settlement, or let its draft entries wait for a person; return True."""
        if self.stage not in ('draft', 'booking') or self.stage == 'booking' and not self._hold_booking():
            return True
        if 'draft' in self.move_ids.filtered('amazon_part').mapped('state'):
            self.stage = 'draft'
            return True
        return self._finish()

    def _go_on(self, moves):
        """Clear invoices with draft entries that were posted, and finish when all are."""
        for settlement in self:
            moves.filtered(lambda move, settlement=settlement: move.amazon_settlement_id
                           == settlement).line_ids.filtered(
                               'amazon_order_ref')._amazon_match()
            settlement._complete()

    def _book_in_job(self, sync):
        """Book, and on an error set the reason and go on with the next settlement; return whether there is time for
        that.
        """
        try:
            return self._book(sync)
        except Exception as error:
            if not concerns_record(error):
                raise
            self.env.cr.rollback()
            if isinstance(error, UserError):
                self.problem = explain(self.env, error)
            else:
                log_failure(_logger, "Amazon settlement %s", self.id, error=error)
                self.problem = tell(self.env)._("Unexpected error: %s. The server log has more.", describe(error))
            return sync._commit()

    def _finish(self):
        """Match the amounts carried between the entries, and set the item that the bank line will match."""
        lines = self.move_ids.filtered('amazon_part').line_ids
        carried = lines.filtered(lambda line: line.account_id == self.marketplace_id.settlement_carried_account_id
                                 and line.amazon_role == 'carried')
        if not self.currency_id.is_zero(sum(carried.mapped('amount_currency'))):
            raise UserError(tell(self.env)._("The entries of settlement %s do not belong together: its marketplace was "
                                             "changed while it was booked. Cancel the "
                                             "booking, then book it again.", self.settlement_ref))
        if carried:
            carried.reconcile()
        self.write({'stage': 'booked', 'payout_line_id': lines.filtered(lambda line: line.amazon_role == 'payout').id})
        self._match_chain()
        self.env['amazon.transaction']._mark_summed_up(self)
        self.message_post(
            body=self.env._("Booked: %s", ', '.join(self.move_ids.filtered('amazon_part').mapped('name'))))
        return True

    def _cancel(self):
        self.ensure_one()
        settlement = self.sudo()
        # A job may be at its next entry.
        lock(settlement)
        settlement._check_not_matched()
        moves = settlement.move_ids.filtered('amazon_part')._amazon_drop_unposted()
        moves.line_ids.remove_move_reconcile()
        # From now on they are no parts of the settlement: parts cannot be reversed.
        moves.amazon_part = False
        reversals = moves._reverse_moves([{
            'date': settlement._get_open_date(move.date, move), 'ref': self.env._("Cancelled: %s", move.ref)}
            for move in moves], cancel=True)
        reversals.amazon_settlement_id = self
        moves.line_ids.amazon_issue = False
        settlement.write({'stage': 'ready', 'payout_line_id': False, 'book_after_lock': False, 'as_draft': False})
        settlement._forget_decisions()
        settlement._evaluate()
        settlement.message_post(body=self.env._("Booking cancelled by %s.", self.env.user.name) if not moves
                                else self.env._(
                                    "Booking cancelled by %(user)s: %(moves)s reversed by %(reversals)s.",
                                    user=self.env.user.name, moves=', '.join(moves.mapped('name')),
                                    reversals=', '.join(reversals.mapped('name'))))

    def _mark_cancelled_entries(self):
        """Set as the problem that some entries of this settlement were cancelled, so that only a part of its sums is
        booked.
        """
        moves = self.move_ids.filtered(lambda move: move.amazon_part and move.state == 'cancel')
        note = tell(self.env)._("%s was cancelled in Accounting, and other entries of this settlement were not: "
                                "cancel the booking, then book it again.", ', '.join(moves.mapped('name')))
        if not self.message_ids.filtered(lambda message: note in (message.body or '')):
            self.message_post(body=note)

    def _forget_decisions(self):
        """Reset the decisions about all rows."""
        self.env.cr.execute(SQL("UPDATE amazon_settlement_line SET is_cleared = NULL, is_late = NULL, booked_as = NULL "
                                "WHERE settlement_id = %s AND (is_cleared OR is_late OR booked_as IS NOT NULL)",
                                self.id))
        self.env['amazon.settlement.line'].invalidate_model(['is_cleared', 'is_late', 'booked_as'])
        self.env['amazon.settlement.cost'].search([('settlement_id', '=', self.id)]).unlink()
        self.env['amazon.transaction']._forget_summed_up([('settlement_id', '=', self.id)])

    def _get_open_date(self, date, move):
        locks = move._get_violated_lock_dates(date, bool(move.line_ids.tax_ids))
        return locks[-1][0] + datetime.timedelta(days=1) if locks else date

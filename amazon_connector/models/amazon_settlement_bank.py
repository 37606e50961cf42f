import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..utils.amounts import to_decimal
from ..utils.phrases import tell

BANK_BEFORE, BANK_AFTER = datetime.timedelta(days=3), datetime.timedelta(days=14)
# Items that are open for longer wait for a person, who can match them again.
DAYS_MATCHED = datetime.timedelta(days=180)
# Transfers that leave or reach the seller's bank account on their own.
IN_BANK = ('charged', 'deposit', 'failed')
# Journals of money.
MONEY = ('bank', 'cash', 'credit')
# How far Amazon's own rate may be from the rate of the day: its fee, and the days between.
RATE_MARGIN = 0.06
# Amazon's words for payouts that reach no bank.
NOT_PAID = ('FAILED', 'CANCELLED', 'NO_PAYOUT')


class AmazonSettlement(models.Model):
    """Match payouts, charges and refunds of settlements with the lines of the bank."""

    _inherit = 'amazon.settlement'

    payout_ids = fields.Many2many('amazon.payout', 'amazon_payout_settlement_rel', 'settlement_id', 'payout_id',
                                  string="Payouts by Amazon", readonly=True)
    payout_doubt = fields.Text("Not paid by the bank", compute='_compute_payout_doubt')
    bank_match_ids = fields.One2many('amazon.bank.match', 'settlement_id', string="Proposed bank lines", readonly=True,
                                     groups='account.group_account_readonly,account.group_account_invoice')

    bank_line_ids = fields.Many2many('account.bank.statement.line', string="In the bank",
                                     compute='_compute_bank_line_ids',
                                     groups='account.group_account_readonly,account.group_account_invoice')

    @api.depends('payout_line_id.reconciled')
    def _compute_bank_line_ids(self):
        for settlement in self:
            payout = settlement.payout_line_id
            matched = payout.matched_debit_ids.debit_move_id | payout.matched_credit_ids.credit_move_id
            settlement.bank_line_ids = matched.move_id.statement_line_id

    def _match_money(self):
        """Reconcile open items of these settlements with other settlements, then with the bank."""
        for seller in self.seller_id:
            self.env['amazon.payout'].sudo()._link_settlements(seller)
        self._match_chain()
        self._match_bank()

    def _match_bank(self):
        """Reconcile open items with their bank line, found by amount and text; an amount alone is only proposed."""
        for settlement in self:
            for items in settlement._find_bank_items():
                settlement._match_bank_items(items)
        self.bank_match_ids._drop_settled()

    @api.depends('state', 'payout_line_id.reconciled')
    def _compute_payout_doubt(self):
        for settlement in self:
            paid = settlement.sudo().payout_line_id.reconciled and not settlement.sudo()._is_paid()
            moves = settlement.sudo()._find_matched(settlement.sudo().payout_line_id)
            settlement.payout_doubt = bool(paid) and tell(self.env)._(
                "The payout is matched with %s, which is no line of the bank and no other settlement: undo that "
                "matching, so that the bank line can be matched.", ', '.join(moves.mapped('name')))

    def _is_paid(self):
        """Return whether the payout is matched with money or another settlement; an entry that somebody made may be for
        the rest.
        """
        self.ensure_one()
        return self.payout_line_id.reconciled and any(
            move.amazon_part or move.journal_id.type in MONEY for move in self._find_matched(self.payout_line_id))

    @api.model
    def _find_matched(self, items):
        """Return the entries that items are matched with, those of exchange rates apart."""
        moves = (items.matched_debit_ids.debit_move_id | items.matched_credit_ids.credit_move_id).move_id
        return moves.filtered(lambda move: move.journal_id != move.company_id.currency_exchange_journal_id)

    def _find_outside(self):
        """Return the entries outside of settlements that items of these are matched with: bank lines, mostly."""
        items = self.move_ids.filtered('amazon_part').line_ids
        items = items.filtered(lambda item: item.amazon_role == 'payout' or item.amazon_rule_id.treatment == 'transfer')
        return self._find_matched(items).filtered(lambda move: not move.amazon_settlement_id)

    def _check_not_matched(self):
        """Raise a `UserError` if the payout of this settlement is matched with an entry that is no settlement's."""
        moves = self._find_outside()
        if moves.filtered(lambda move: move.journal_id.type in MONEY):
            raise UserError(tell(self.env)._("The payout of settlement %s is matched with the bank. Undo that "
                                             "matching first.", self.settlement_ref))
        if moves:
            raise UserError(tell(self.env)._("The payout of settlement %(settlement)s is matched with %(moves)s. Undo "
                                             "that matching first.",
                                             settlement=self.settlement_ref, moves=', '.join(moves.mapped('name'))))

    @api.model
    def _has_open_payouts(self, companies):
        """Return whether items of settlements of these companies wait for a bank line; checked for every new bank line.
        """
        recent = self.search([('company_id', 'in', companies.ids), ('stage', '=', 'booked'),
                              ('deposit_date', '>=', fields.Date.today() - DAYS_MATCHED)])
        if any(payout and not payout.reconciled for payout in recent.mapped('payout_line_id')):
            return True
        return bool(recent) and bool(self.env['account.move.line'].search_count(
            [('move_id', 'in', recent.move_ids.ids), *self._get_open_domain(('transfer',))], limit=1))

    @api.model
    def _find_waiting(self, seller, treatments=('transfer', 'reserve')):
        """Return the booked settlements of a seller of which a payout, or rows of these treatments, wait for the bank
        or another settlement.
        """
        recent = self.search([('seller_id', '=', seller.id), ('stage', '=', 'booked'),
                              ('deposit_date', '>=', fields.Date.today() - DAYS_MATCHED)])
        items = self.env['account.move.line'].search(
            [('move_id', 'in', recent.move_ids.ids), *self._get_open_domain(treatments)])
        return items.move_id.amazon_settlement_id.sorted('end_date')

    def _find_bank_items(self):
        """Return the items of this settlement that one bank line each may match: several where one payout pays several
        settlements.
        """
        self.ensure_one()
        lines = self.env['account.move.line'].search(
            [('move_id', 'in', self.move_ids.ids), *self._get_open_domain(('transfer',))])
        found = [line for line in lines if line.amazon_rule_id.treatment == 'transfer'
                 and line.amazon_rule_id.transfer_kind in IN_BANK]
        payout = lines & self.payout_line_id
        if payout:
            found.append(
                next(filter(None, (self._find_paid_together(transfer, payout) for transfer in self.payout_ids)),
                     payout))
        return found

    @api.model
    def _find_paid_together(self, transfer, payout):
        """Return the open payouts of all settlements that a transfer of Amazon's pays, if it is of their amount and has
        not failed.
        """
        together = transfer.settlement_ids.payout_line_id.filtered(
            lambda line: not line.reconciled
            and (line.account_id, line.currency_id) == (payout.account_id, payout.currency_id))
        is_paid = transfer.status not in NOT_PAID and not payout.currency_id.compare_amounts(
            _sum_open(together), transfer.amount)
        return together if is_paid else together.browse()

    def _match_bank_items(self, items):
        """Reconcile items with the one bank line of their amount that names them; propose others that may be it."""
        refused = self.sudo().bank_match_ids.filtered(lambda match: match.state == 'refused').statement_line_id
        same, converted = (lines - refused for lines in self._find_bank_lines(items))
        numbers = self._get_bank_numbers()
        exact = same.filtered(lambda line: line._amazon_names_one(numbers))
        named = same.filtered(
            lambda line: line._amazon_is_named(self.marketplace_id.settlement_partner_id)) - self._find_lines_of_others(
                same)
        certain = exact or (named if not self._find_rivals(items) else named.browse())
        if len(certain) == 1 and self._match_line(certain, items):
            return
        reasons = {line: 'refused' if line == certain else 'several' if line in exact | named else 'amount'
                   for line in same}
        self.env['amazon.bank.match']._propose(self, items, {**reasons, **dict.fromkeys(converted, 'converted')})

    @api.model
    def _match_line(self, line, items):
        """Reconcile a bank line with items; return whether Odoo allowed it: its period may be closed."""
        try:
            with self.env.cr.savepoint():
                return line._amazon_match(items)
        except UserError:
            self.env.invalidate_all()
            return False

    def _get_bank_numbers(self):
        """Return the numbers by which a bank line names this settlement: the settlement's, Amazon's payout, the bank's
        transfer.
        """
        return {self.settlement_ref, *self.payout_ids.mapped('payout_ref'), *self.payout_ids.mapped('trace_ref')} - {
            False}

    def _find_lines_of_others(self, lines):
        """Return those lines of the bank that name another settlement of this company."""
        if not lines:
            return lines
        others = self.sudo().search([
            ('company_id', '=', self.company_id.id), ('id', '!=', self.id),
            ('deposit_date', '>=', min(lines.mapped('date')) - 2 * BANK_AFTER),
            ('deposit_date', '<=', max(lines.mapped('date')) + 2 * BANK_AFTER)])
        numbers = set().union(*(other._get_bank_numbers() for other in others))
        return lines.filtered(lambda line: line._amazon_names_one(numbers))

    def _find_rivals(self, items):
        """Return other open items of the same amount that the same bank line may be for."""
        amount = _sum_open(items)
        since, until = self._get_bank_days(items)
        near = self.sudo().search([
            ('company_id', '=', self.company_id.id), ('currency_id', '=', self.currency_id.id),
            ('stage', '=', 'booked'),
            ('deposit_date', '>=', since - BANK_AFTER), ('deposit_date', '<=', until + BANK_BEFORE)])
        return self.env['account.move.line'].sudo().search([
            ('move_id', 'in', near.move_ids.ids), ('id', 'not in', items.ids),
            ('amount_residual_currency', '=', amount), *self._get_open_domain(('transfer',))])

    def _get_bank_days(self, items):
        """Return the first and the last day on which the bank may have items: a payout around its deposit, a charge at
        any time.
        """
        begin = (self.deposit_date if items.filtered(lambda item: item.amazon_role == 'payout')
                 else min(self.start_date.date(), self.deposit_date))
        return begin - BANK_BEFORE, self.deposit_date + BANK_AFTER

    def _find_bank_lines(self, items):
        """Return the unmatched lines of the bank with the amount of items, and those that name Amazon in another
        currency at about the day's rate.
        """
        amount, (since, until) = _sum_open(items), self._get_bank_days(items)
        open_lines = [('company_id', '=', self.company_id.id), ('is_reconciled', '=', False), ('date', '>=', since),
                      ('date', '<=', until)]
        lines = self.env['account.bank.statement.line'].sudo()
        same = lines.search([
            *open_lines, '|', '&', ('foreign_currency_id', '=', self.currency_id.id), ('amount_currency', '=', amount),
            '&', ('foreign_currency_id', '=', False), '&', ('currency_id', '=', self.currency_id.id),
            ('amount', '=', amount)])
        others = lines.search([*open_lines, ('foreign_currency_id', '=', False),
                               ('currency_id', '!=', self.currency_id.id), ('amount', '>' if amount > 0 else '<', 0)])
        return same, others.filtered(lambda line: self._is_converted(line, amount))

    def _is_converted(self, line, amount):
        """Return whether a bank line may be an amount that Amazon converted: it names this payout, or Amazon with about
        the rate of the day.
        """
        if line._amazon_names_one(self._get_bank_numbers()):
            return True
        if not line._amazon_is_named(self.marketplace_id.settlement_partner_id) or self._find_lines_of_others(line):
            return False
        expected = self.currency_id._convert(amount, line.currency_id, self.company_id, line.date)
        return abs(line.amount - expected) <= abs(expected) * RATE_MARGIN


def _sum_open(items):
    """Return the open amount of items together, rounded: a domain finds an amount by its exact value."""
    return float(to_decimal(sum(items.mapped('amount_residual_currency')), items.currency_id))

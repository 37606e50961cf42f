import datetime

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..utils.locks import lock
from ..utils.phrases import tell
from ..utils.words import write_day


class AmazonAccrual(models.Model):
    """The entry of an accrual and its reversal."""

    _inherit = 'amazon.accrual'

    @api.depends('state', 'line_ids.account_id', 'account_id', 'journal_id')
    def _compute_problem(self):
        for accrual in self:
            own = accrual.sudo()
            accrual.problem = (own._find_problem() if own.state == 'ready' else own.state == 'posted'
                               and own._find_documented())

    def _find_problem(self):
        """Return why this accrual cannot be posted, with the way out, or False."""
        self.ensure_one()
        booked = self.line_ids.filtered('is_booked')
        if not booked:
            return tell(self.env)._("Nothing was open at the end of the month.")
        if not self.account_id or not self.journal_id:
            return tell(self.env)._("Choose the journal and the accrual account.")
        missing = booked.filtered(lambda line: not line.account_id)
        if missing:
            kinds = dict(missing._fields['kind']._description_selection(self.env))
            return tell(self.env)._("There is no account for: %s. Let \"Create accounts\" make it.",
                                    ', '.join(sorted({kinds[line.kind] for line in missing})))
        rates = booked.currency_id._amazon_find_without_rate(self.company_id, self.date)
        if rates:
            return tell(self.env)._("There is no exchange rate of %(currencies)s for %(date)s.",
                                    currencies=', '.join(rates.mapped('name')), date=write_day(self.env, self.date))
        settlements = self._find_unbooked()
        if settlements:
            return tell(self.env)._("Book the settlements first that ended before: %s.",
                                    ', '.join(settlements.mapped('settlement_ref')))
        locks = self.company_id._get_violated_lock_dates(self.date, False, self.journal_id)
        if locks:
            return tell(self.env)._("%(date)s is in a closed period (until %(lock)s).", date=write_day(self.env,
                                                                                                       self.date),
                                    lock=write_day(self.env, locks[-1][0]))
        return self._find_change()

    def _find_unbooked(self):
        """Return the settlements that ended before the end of the month and are not booked."""
        return self.env['amazon.settlement'].search([
            ('seller_id', '=', self.seller_id.id), ('company_id', '=', self.company_id.id),
            ('end_date', '<=', self._get_until()), ('stage', 'in', ('to_map', 'ready', 'booking', 'draft'))])

    def _post(self):
        """Post the entry and its reversal, once.

        :raises UserError: it is posted, or something is missing
        """
        self.ensure_one()
        lock(self)
        if self.state != 'ready' or self.move_id:
            raise UserError(tell(self.env)._("%s is not to be posted.", self.display_name))
        problem = self._find_problem()
        if problem:
            raise UserError(problem)
        accrual = self.with_company(self.company_id)
        move = accrual.env['account.move'].create(accrual._prepare_move())
        move._post()
        reversal = move._reverse_moves([{
            'date': self.date + datetime.timedelta(days=1), 'name': '/',
            'ref': self.env._("Reversal of: %s", move.ref)}])
        # Odoo posts it by itself on that day, if that is still to come.
        reversal._post()
        self.write({'state': 'posted', 'move_id': move.id, 'reversal_id': reversal.id})
        self.message_post(body=self.env._(
            "Posted by %(user)s: %(move)s, reversed on %(day)s.", user=self.env.user.name, move=move.name,
            day=write_day(self.env, self.date + datetime.timedelta(days=1))))

    def _cancel_entries(self):
        """Cancel the entry and its reversal; those of a journal with an inalterable hash are reversed on their own
        days.
        """
        moves = (self.move_id | self.reversal_id).filtered(lambda move: move.state != 'cancel')
        hashed = moves.filtered('inalterable_hash')
        moves -= hashed
        moves.filtered(lambda move: move.state == 'posted').button_draft()
        moves.button_cancel()
        hashed._reverse_moves([{'date': move.date, 'ref': self.env._("Cancelled: %s", move.ref)} for move in hashed],
                              cancel=True)

    def _prepare_move(self):
        """Return the values of the entry: one item for each line, and the amounts that Amazon owes by marketplace and
        stage on the accrual account.
        """
        items, stages = [], dict(self.line_ids._fields['stage']._description_selection(self.env))
        kinds = dict(self.line_ids._fields['kind']._description_selection(self.env))
        groups = self.line_ids.filtered('is_booked').grouped(lambda line: (line.marketplace_id, line.stage,
                                                                           line.currency_id))
        for (market, stage, currency), lines in groups.items():
            for line in lines:
                items.append(self._prepare_item(f'{kinds[line.kind]} ({market.name})', line.account_id, currency,
                                                -line.amount, -line.balance))
            items.append(self._prepare_item(f'{stages[stage]} ({market.name})', self.account_id, currency,
                                            sum(lines.mapped('amount')), sum(lines.mapped('balance'))))
        return {
            'move_type': 'entry', 'journal_id': self.journal_id.id, 'date': self.date, 'company_id': self.company_id.id,
            'ref': self.env._("Amazon accrual of %s", self.display_name),
            'line_ids': [Command.create(item) for item in items]}

    def _prepare_item(self, name, account, currency, amount, balance):
        return {'name': name, 'account_id': account.id, 'currency_id': currency.id,
                'amount_currency': currency.round(amount),
                'balance': self.company_id.currency_id.round(balance), 'tax_ids': [Command.clear()]}

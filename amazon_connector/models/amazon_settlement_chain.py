import datetime

from odoo import api, models
from odoo.exceptions import UserError

from ..utils.amounts import to_decimal
from ..utils.phrases import tell
from ..utils.settlement_sums import find_sums, when

# Transfers that settle an open amount of an earlier settlement.
OF_EARLIER = ('owed', 'failed')
# How long before the end of a settlement the next one of the account may begin.
OVERLAP = datetime.timedelta(hours=2)


class AmazonSettlement(models.Model):
    """Match settlements of one account with each other: debts, reserves that are released, and failed payouts that are
    paid again.
    """

    _inherit = 'amazon.settlement'

    def _match_chain(self):
        """Reconcile the amounts that these settlements, and those before and after them on the same marketplace, carry
        over.

        Amazon carries over exactly the open amount of a settlement: other amounts stay open, and the clearing proof
        lists them.
        """
        for market in self.marketplace_id:
            moves = self.env['account.move'].sudo().search([('amazon_settlement_id.marketplace_id', '=', market.id),
                                                            ('amazon_part', '!=', False)])
            items = self.env['account.move.line'].sudo().search(
                [('move_id', 'in', moves.ids), *self._get_open_domain(('transfer', 'reserve'))])
            pairs = []
            for same in items.grouped(lambda item: (item.company_id, item.account_id, item.currency_id)).values():
                found = self._find_carried_pairs(same)
                pairs += found + find_sums(same - same.browse().union(*found),
                                           lambda one, other: _may_settle(one, other) or _may_settle(other, one))
            self._reconcile_pairs(pairs)
        for seller in self.seller_id:
            self._match_debts(seller)

    def _divide_in_series(self):
        """Return these settlements of one marketplace by account, each series in the order of time."""
        series = []
        for settlement in self.sorted(lambda settlement: (settlement.start_date or settlement.end_date,
                                                          settlement.end_date, settlement.id)):
            begin = settlement.start_date or settlement.end_date
            open_ones = [number for number, one in enumerate(series) if one[-1].end_date <= begin + OVERLAP]
            latest = max(open_ones, key=lambda number: series[number][-1].end_date, default=None)
            if latest is None:
                series.append(settlement)
            else:
                series[latest] |= settlement
        return series

    @api.model
    def _match_debts(self, seller):
        """Reconcile the amounts that Amazon charges to one account of a seller for the debt of another one, where the
        amounts are unambiguous.
        """
        moves = self.env['account.move'].sudo().search([('amazon_settlement_id.seller_id', '=', seller.id),
                                                        ('amazon_part', '!=', False)])
        items = self.env['account.move.line'].sudo().search([
            ('move_id', 'in', moves.ids), ('amazon_rule_id.transfer_kind', '=', 'account'),
            *self._get_open_domain(('transfer',))])
        pairs = []
        for item in items.filtered(lambda item: item.amount_residual_currency > 0):
            same = items.filtered(lambda other, item=item: _is_same_amount(other, item)
                                  and other.move_id != item.move_id)
            if len(same) == 1 and len(items.filtered(lambda other, one=same: _is_same_amount(other, one))) == 1:
                pairs.append(item | same)
        for same in (items - items.browse().union(*pairs)).grouped(
                lambda item: (item.company_id, item.account_id, item.currency_id)).values():
            pairs += find_sums(same, lambda one, other: one.move_id != other.move_id)
        self._reconcile_pairs(pairs)

    @api.model
    def _reconcile_pairs(self, pairs):
        """Reconcile pairs and groups of items: all at once or, where Odoo refuses one (no exchange journal, a closed
        period), each by itself.

        Pairs that Odoo refuses stay open, as the clearing proof shows.
        """
        if not pairs:
            return
        try:
            with self.env.cr.savepoint():
                self.env['account.move.line'].sudo()._reconcile_plan(pairs)
        except UserError:
            self.env.invalidate_all()
            for pair in pairs if len(pairs) > 1 else ():
                self._reconcile_pairs([pair])

    def _find_problem(self):
        return super()._find_problem() or self._find_accrual()

    def _find_accrual(self):
        """Return in words which accrual has the rows of this settlement in a month already, if it is to book them
        there, or False.

        Days are the company's: what ends in the last night of a month by UTC may end in the next month.
        """
        first, last = (self.company_id._amazon_get_day(moment)
                       for moment in (self.start_date or self.end_date, self.end_date))
        accruals = self.env['amazon.accrual'].sudo().search([
            ('seller_id', '=', self.seller_id.id), ('company_id', '=', self.company_id.id), ('state', '=', 'posted'),
            ('date', '>=', first),
            ('line_ids', 'any', [('marketplace_id', '=', self.marketplace_id.id), ('stage', '=', 'open')])])
        if self._is_split() and (crossed := accruals.filtered(lambda accrual: accrual.date < last)):
            return tell(self.env)._(
                "The month-end accrual %s has what this settlement would book into that month: cancel the accrual, or "
                "do not split this settlement by month.", crossed[0].display_name)
        # It came after Amazon's answer, which contains its rows.
        late = accruals.filtered(lambda accrual: last <= accrual.date and self._is_after(accrual))
        return bool(late) and tell(self.env)._(
            "The month-end accrual %s has what this settlement books into that month, because it came after Amazon was "
            "asked: cancel the accrual, then make it "
            "anew.", late[0].display_name)

    def _is_after(self, accrual):
        """Return whether this settlement came into Odoo after Amazon was asked for an accrual."""
        return bool(accrual.collected_date and self.create_date) and self.create_date > accrual.collected_date

    @api.model
    def _get_open_domain(self, treatments):
        """Return the domain of the open items of payouts, and of rows of some treatments, in the entries of
        settlements.

        Transfers that settle nothing of Amazon's wait for a person: cash on delivery, what is owed to another company.
        """
        return [('move_id.amazon_part', '!=', False), ('parent_state', '=', 'posted'), ('reconciled', '=', False),
                ('account_id.reconcile', '=', True),
                '|', ('amazon_role', '=', 'payout'), '&', ('amazon_rule_id.treatment', 'in', treatments),
                '|', ('amazon_rule_id.treatment', '!=', 'transfer'), ('amazon_rule_id.transfer_kind', '!=', False)]

    @api.model
    def _find_carried_pairs(self, items):
        """Return pairs of items of one account and currency: the open amount, and the later one that settles it, the
        oldest first.
        """
        pairs, used = [], self.env['account.move.line']
        for item in items.sorted(when).filtered(_settles_earlier):
            opener = (items - used).filtered(lambda other, item=item: _is_settled_by(other, item)).sorted(when)[-1:]
            opener = opener or (items - used).filtered(lambda other, item=item: self._is_charged_for(other, item))[:1]
            if opener:
                pairs.append(opener | item)
                used |= opener | item
        return pairs

    @api.model
    def _is_charged_for(self, charge, item):
        """Return whether a charge in the same settlement is for what an item carries over, because the bank has paid
        that already.
        """
        settlement = item.move_id.amazon_settlement_id
        return (item.amazon_rule_id.transfer_kind == 'owed' and charge.amazon_rule_id.transfer_kind == 'charged'
                and charge.move_id.amazon_settlement_id == settlement and _is_opposite(charge, item)
                and bool(self.sudo().search_count([
                    ('marketplace_id', '=', settlement.marketplace_id.id), ('end_date', '<', settlement.end_date),
                    ('state', '=', 'reconciled'),
                    ('total', '=', -float(to_decimal(item.amount_residual_currency, item.currency_id))),
                    ('payout_line_id.reconciled', '=', True)],
                    limit=1)))


def _settles_earlier(item):
    """Return whether an item settles an open amount of an earlier settlement; rows of the reserve do when they release
    it.
    """
    rule = item.amazon_rule_id
    if rule.treatment == 'reserve':
        return item.amount_currency < 0
    return rule.treatment == 'transfer' and rule.transfer_kind in OF_EARLIER


def _is_opposite(one, other):
    return one.currency_id.is_zero(one.amount_residual_currency + other.amount_residual_currency)


def _is_same_amount(one, other):
    """Return whether two items of one account, currency and company would clear each other."""
    return ((one.company_id, one.account_id, one.currency_id) == (other.company_id, other.account_id, other.currency_id)
            and _is_opposite(one, other))


def _is_settled_by(opener, item):
    """Return whether an item settles the whole open amount of an earlier settlement."""
    return _is_opposite(opener, item) and _may_settle(opener, item)


def _may_settle(opener, item):
    """Return whether an item is of the kind that settles an earlier open amount: payouts are settled by transfers,
    reserves by reserves.
    """
    return (opener.move_id.amazon_settlement_id.end_date < item.move_id.amazon_settlement_id.end_date
            and _settles_earlier(item)
            and not _settles_earlier(opener)
            and (opener.amazon_role == 'payout') == (item.amazon_rule_id.treatment == 'transfer'))

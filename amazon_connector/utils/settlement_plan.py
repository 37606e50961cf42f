"""The journal entries of a settlement, computed before anything is written."""

import dataclasses
import datetime
import functools
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import split_every

from .amounts import to_decimal
from .phrases import tell
from .settlement_cost import SettlementCosts
from .settlement_rows import SettlementRows
from .settlement_taxes import SettlementTaxes
from .words import write_day

# An entry with ten thousand items takes Odoo minutes: items that clear invoices are spread over several.
CHUNK = 1000


@dataclasses.dataclass
class Part:
    """One entry: `groups` of rows by rule, marketplace and tax, `buyers` by order; amounts are Decimals in the
    settlement's currency.

    `rate` is what one unit of the settlement's currency is in the company's, where that is not the rate of its day.
    `country` is that of its taxes where it is not the company's: Odoo wants an entry of its own, with the fiscal
    position of the registration there.
    """

    key: str
    date: datetime.date
    groups: list
    buyers: list
    costs: list = dataclasses.field(default_factory=list)
    carried: Decimal = Decimal(0)
    rate: float | None = None
    country: object = None

    @property
    def total(self):
        """Return the sum of the amounts of this entry."""
        return sum((entry.amount for entry in [*self.groups, *self.buyers]), Decimal(0))


class SettlementPlan:
    """The entries of a settlement that has a rule with an account for every row.

    :param settlement: the `amazon.settlement`
    :param orders: the sales orders whose rows count, None for all rows
    :param list groups: what `keep` of the same transaction returned, so that the rows are not read again
    """

    def __init__(self, settlement, orders=None, groups=None):
        self.settlement = settlement.sudo().with_company(settlement.company_id)
        self.env = self.settlement.env
        self.market, self.company = self.settlement.marketplace_id, self.settlement.company_id
        self.currency = self.settlement.currency_id
        self.rows, self.taxes = SettlementRows(self.settlement, orders), SettlementTaxes(self)
        self.costs, self._groups = SettlementCosts(self), groups

    @staticmethod
    def find_problem(settlement):
        """Return why a settlement whose rows are mapped cannot be booked, with the way out, or False."""
        env, market, company = settlement.env, settlement.marketplace_id, settlement.company_id
        if (not market.settlement_journal_id or not market.settlement_payout_account_id
            or not market.settlement_carried_account_id):
            return tell(env)._("Choose the journal and the accounts for payouts on the marketplace %s, or let \"Create "
                               "accounts\" do it.", market.name)
        if settlement.currency_id != company.currency_id and not (company.income_currency_exchange_account_id
                                                                  and company.expense_currency_exchange_account_id):
            return tell(env)._("Choose the accounts for exchange differences in the settings of Accounting.")
        plan = SettlementPlan(settlement)
        locked = plan.find_locked()
        if locked:
            return tell(env)._("%(date)s is in a closed period (until %(lock)s). Book it on the first open day, or "
                               "ask your accountant to open the period.", date=write_day(env, locked),
                               lock=write_day(env, plan.find_locks(locked)[-1][0]))
        return plan.find_missing_rate() or False

    def find_locked(self):
        """Return the first date of an entry that falls into a closed period, or None."""
        return next((date for date in self._get_dates() if self.find_locks(date)), None)

    def find_locks(self, date):
        """Return the lock dates that the entries violate."""
        return self.company._get_violated_lock_dates(date, True, self.market.settlement_journal_id)

    def find_missing_rate(self):
        """Return in words which exchange rate is missing, or None: Odoo would use amounts as those of its own currency.
        """
        return next(
            filter(None, (self.company._amazon_find_missing_rate(self.currency, date) for date in self._get_dates())),
            None)

    def _get_dates(self):
        return sorted({self._get_date(month) for month in self.rows.read_months()})

    def keep(self, of_orders=True):
        """Store account, taxes and the like that the rows of buyers are booked with: a later invoice reverses just
        these.

        :param bool of_orders: whether the taxes are those of the orders, where these say them
        :return: the `Group`s of all rows, as they are booked
        """
        groups, found = [], []
        for group in self.rows.read_groups():
            rule = self.env['amazon.settlement.rule'].browse(group.rule)
            if rule.is_buyer and group.booked_as is None:
                taxes = self.taxes.find(group if of_orders else group._replace(taxes=None), rule,
                                        self.market.browse(group.market))
                group = group._replace(booked_as={
                    'account': self.taxes.find_account(group, rule).id, 'taxes': taxes.ids,
                    **self._get_party(group, rule)})
                found.append((group.rows, group.booked_as))
            groups.append(group)
        self.rows.keep(found)
        return groups

    # === PARTS === #

    @functools.cached_property
    def parts(self):
        """Return the entries of the settlement."""
        return self._make_parts()

    def _make_parts(self):
        groups, buyers, costs = (self._groups
                                 or self.rows.read_groups(), self.rows.read_buyers(), self.costs.read_costs())
        last, parts = self.rows.get_last_month(), []
        for month in sorted({entry.month for entry in groups} | {entry.month for entry in buyers}
                            | {entry.month for entry in costs} | {last}):
            chunks = list(split_every(CHUNK, [entry for entry in buyers if entry.month == month], list)) or [[]]
            for number, chunk in enumerate(chunks):
                mine = [entry for entry in groups if entry.month == month] if number == len(chunks) - 1 else []
                mine, abroad = self._part_by_country(Part(f'{month:%Y-%m}', self._get_date(month), mine, []))
                parts += abroad
                spent = [entry for entry in costs if entry.month == month] if number == len(chunks) - 1 else []
                if mine or chunk or spent or month == last:
                    parts.append(Part(f'{month:%Y-%m}/{number}', self._get_date(month), mine, chunk, spent))
        for part in parts[:-1]:
            part.carried = part.total
        parts[-1].carried = -sum((part.total for part in parts[:-1]), Decimal(0))
        return parts

    def _part_by_country(self, part):
        """Return the groups of a part with taxes of the company's country, or with none, and parts for those of other
        countries.
        """
        found = {}
        for group in part.groups:
            found.setdefault(self.taxes.find_foreign_country(group), []).append(group)
        own = found.pop(self.env['res.country'], [])
        return own, [dataclasses.replace(part, key=f'{part.key}/{country.code}', groups=groups, buyers=[], costs=[],
                                         country=country)
                     for country, groups in found.items()]

    def _get_date(self, month):
        """Return the last day of the month or of the settlement; the first open day where that is closed and the user
        chose so.
        """
        date = min(month + relativedelta(months=1, days=-1), self.company._amazon_get_day(self.settlement.end_date))
        locks = self.settlement.book_after_lock and self.find_locks(date)
        return self.get_day_after(locks) if locks else date

    @staticmethod
    def get_day_after(locks):
        """Return the first day after the lock dates that a day violates."""
        return locks[-1][0] + datetime.timedelta(days=1)

    # === ENTRIES === #

    def prepare_move(self, part):
        """Return the values of the entry of a part, balanced in both currencies."""
        lines = [*self._prepare_groups(part), *self._prepare_buyers(part), *self.costs.prepare(part.costs)]
        lines += self._prepare_carried(part)
        if part is self.parts[-1] and not self.currency.is_zero(self.settlement.total):
            lines.append(self.prepare_line(
                part, self.env._("Amazon payout %s", self.settlement.settlement_ref),
                self.market.settlement_payout_account_id, self.settlement.total,
                amazon_role='payout', partner_id=self.market.settlement_partner_id.id,
                date_maturity=self.settlement.deposit_date))
        return self._prepare_entry(part, lines, self.env._("Amazon settlement %s", self.settlement.settlement_ref))

    def _prepare_carried(self, part):
        """Return the item that one entry of the settlement carries to another one, if any."""
        return [self.prepare_line(part, self.env._("Carried forward"), self.market.settlement_carried_account_id,
                                  part.carried, amazon_role='carried')] if part.carried else []

    def _prepare_entry(self, part, lines, ref):
        rest = self.company.currency_id.round(sum(line['balance'] for line in lines))
        self._check_balance(part, lines, rest)
        if rest:
            lines.append(self._prepare_rounding(rest))
        return {
            'move_type': 'entry', 'fiscal_position_id': part.country and self.taxes.find_registration(part.country).id,
            'journal_id': self.market.settlement_journal_id.id, 'date': part.date, 'company_id': self.company.id,
            'ref': ref, 'amazon_settlement_id': self.settlement.id, 'amazon_part': part.key,
            'line_ids': [Command.create(line) for line in lines],
        }

    def _check_balance(self, part, lines, rest):
        """Raise a `UserError` if an entry lacks more than rounding explains: half a coin for each amount with fractions
        of a coin, and each conversion.
        """
        odd = sum(to_decimal(float(entry.amount), self.currency) != entry.amount
                  for entry in [*part.groups, *part.buyers])
        lost = sum(line['amount_currency'] for line in lines if line['currency_id'] == self.currency.id)
        company = self.company.currency_id
        if (self.currency.compare_amounts(abs(lost), self.currency.rounding / 2 * odd) > 0
                or not odd and company.compare_amounts(abs(rest), company.rounding / 2 * len(lines)
                                                       if company != self.currency else 0.0) > 0):
            raise UserError(tell(self.env)._(
                "The entry %(part)s of settlement %(settlement)s does not balance by %(amount)s. This is a fault of "
                "the connector: please report it.",
                part=part.key, settlement=self.settlement.settlement_ref, amount=tell(self.env).amount(rest, company)))

    def prepare_line(self, part, name, account, amount, **values):
        """Return the values of an item; `amount` in the settlement's currency, positive for a debit."""
        amount = self.currency.round(float(amount))
        return {
            'name': name, 'account_id': account.id, 'currency_id': self.currency.id, 'amount_currency': amount,
            'balance': self.company.currency_id.round(amount * self.get_rate(part)), **values}

    def get_rate(self, part):
        """Return the rate of one unit of the settlement's currency in the company's."""
        return part.rate or self.env['res.currency']._get_conversion_rate(self.currency, self.company.currency_id,
                                                                          self.company, part.date)

    def _prepare_rounding(self, rest):
        """Return the item for rounding differences: of converting every single item, or of fractions of a coin."""
        account = (self.company.income_currency_exchange_account_id if rest > 0
                   else self.company.expense_currency_exchange_account_id)
        if not account:
            raise UserError(tell(self.env)._("Choose the accounts for exchange differences in the settings of "
                                             "Accounting."))
        return {'name': self.env._("Rounding of the conversion"), 'account_id': account.id,
                'currency_id': self.company.currency_id.id, 'amount_currency': -rest, 'balance': -rest}

    def _prepare_buyers(self, part):
        """Return one item for each order, on the account and the partner of its invoice, so that it can clear it."""
        orders = self.env['sale.order'].browse(buyer.order for buyer in part.buyers)
        receivables, lines = self.env['account.move.line']._amazon_find_receivables(orders), []
        for buyer in part.buyers:
            order = orders.browse(buyer.order)
            item = receivables.get(order.id, self.env['account.move.line']).filtered(
                lambda item: item._amazon_is_of(self.company))[:1]
            partner = (item.partner_id or order.partner_invoice_id.commercial_partner_id
                       or self.market.anonymous_partner_id)
            account = item.account_id or partner.property_account_receivable_id or self.company.partner_id.with_company(
                self.company).property_account_receivable_id
            lines.append(self.prepare_line(
                part, buyer.order_ref, account, -buyer.amount, partner_id=partner.id, amazon_order_ref=buyer.order_ref,
                amazon_order_id=order.id))
        return lines

    def _prepare_groups(self, part):
        """Return one item for each rule, marketplace and tax, with Odoo's taxes and tax grids where there is a tax."""
        summed, inside, lines, exact, rounded = self._sum_up(part.groups), [], [], 0.0, 0.0
        for group in summed:
            # Rows with fractions of a cent are rounded as they run, so that the items still add up to the total.
            exact += float(group['amount'])
            group['amount'] = self.currency.round(self.currency.round(exact) - rounded)
            rounded += group['amount']
            if group['is_apart']:
                lines += self.taxes.prepare_apart(part, group['first'], group)
            elif group['taxes']:
                inside.append(group)
            else:
                lines.append(self.prepare_line(part, group['name'], group['account'], -group['amount'],
                                               **group['values']))
        return lines + self.taxes.prepare_inside(part, inside)

    def _get_party(self, group, rule):
        """Return the partner and the analytic distribution of the item of a group: those that it was booked with, else
        the rule's.
        """
        booked = group.booked_as or {}
        return {'partner_id': booked.get('partner_id', rule.partner_id.id or self.market.settlement_partner_id.id),
                'analytic_distribution': booked.get('analytic_distribution', rule.analytic_distribution)}

    def _sum_up(self, groups):
        """Return groups with the same rule, marketplace and taxes as one, with the values of an item; a transfer stays
        by itself.
        """
        found = {}
        for group in groups:
            rule, market = self.env['amazon.settlement.rule'].browse(group.rule), self.market.browse(group.market)
            taxes, account = self.taxes.find(group, rule, market), self.taxes.find_account(group, rule)
            is_apart = self.taxes.is_apart(group, taxes)
            key = rule, account, market, taxes, is_apart, is_apart and group.is_refund, group.row
            if key in found:
                found[key]['amount'] += group.amount
                found[key]['owed'] += group.owed
                found[key]['pieces'] += group.pieces
                continue
            name = rule.name if market == self.market else f'{rule.name} ({market.name})'
            found[key] = {
                'first': group, 'rule': rule, 'account': account, 'taxes': taxes, 'is_apart': is_apart,
                'amount': group.amount, 'owed': group.owed, 'pieces': group.pieces, 'name': name,
                'values': {**self._get_party(group, rule), 'amazon_rule_id': rule.id}}
        return [entry for entry in found.values() if entry['amount']]

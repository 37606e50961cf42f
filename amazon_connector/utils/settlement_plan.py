"""Which journal entries a settlement becomes, worked out before anything is written."""

import dataclasses
import datetime
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo.fields import Command
from odoo.tools import SQL, split_every

# An entry with ten thousand items takes Odoo minutes: items that clear invoices are spread over several.
CHUNK = 1000
# Rows whose order-id is one: three, seven and seven characters. Shipment ids in the same column are not.
ORDER_PATTERN = '^[A-Z0-9]{3}-[0-9]{7}-[0-9]{7}$'
SALES = ('revenue', 'refund', 'tax')


@dataclasses.dataclass
class Part:
    """One entry: `groups` of rows by rule, marketplace and tax, `buyers` by order; amounts are Decimals in the settlement's currency."""

    key: str
    date: datetime.date
    groups: list
    buyers: list
    carried: Decimal = Decimal(0)

    @property
    def total(self):
        return sum((entry[-1] for entry in [*self.groups, *self.buyers]), Decimal(0))


class SettlementPlan:
    """The entries of a settlement that has a rule with an account for every row.

    :param settlement: the `amazon.settlement`
    """

    def __init__(self, settlement):
        self.settlement = settlement.sudo().with_company(settlement.company_id)
        self.env = self.settlement.env
        self.market, self.company, self.currency = self.settlement.marketplace_id, self.settlement.company_id, self.settlement.currency_id
        self.parts = self._make_parts()

    @staticmethod
    def find_problem(settlement):
        """Return what keeps a settlement whose rows are mapped from being booked, with the way out, or False."""
        env, market, company = settlement.env, settlement.marketplace_id, settlement.company_id
        if not market.settlement_journal_id or not market.settlement_payout_account_id or not market.settlement_carried_account_id:
            return env._("Choose the journal and the accounts for payouts on the marketplace %s, or let \"Create accounts\" do it.", market.name)
        if settlement.currency_id != company.currency_id and not (company.income_currency_exchange_account_id and company.expense_currency_exchange_account_id):
            return env._("Choose the accounts for exchange differences in the settings of Accounting.")
        plan = SettlementPlan(settlement)
        if market.settlement_policy == 'summary' and (invoices := plan.count_invoices()):
            return env._("%s invoices of orders in this settlement exist in Odoo: the summary would book their revenue twice. Choose the policy "
                         "\"Per invoice\" on the marketplace, or cancel these invoices.", invoices)
        locked = plan.find_locked()
        if locked:
            return env._("%(date)s is in a closed period (until %(lock)s). Book it on the first open day, or ask your accountant to open the period.",
                         date=locked, lock=plan.find_locks(locked)[-1][0])
        return False

    def find_locked(self):
        """Return the first date of an entry that falls into a closed period, or None."""
        return next((part.date for part in self.parts if self.find_locks(part.date)), None)

    def find_locks(self, date):
        return self.company._get_violated_lock_dates(date, True, self.market.settlement_journal_id)

    def count_invoices(self):
        """Return how many posted invoices the orders of this settlement have."""
        return self.env.execute_query(SQL(
            """SELECT COUNT(DISTINCT move.id)
                 FROM amazon_settlement_line line
                 JOIN sale_order_line sold ON sold.order_id = line.sale_order_id
                 JOIN sale_order_line_invoice_rel link ON link.order_line_id = sold.id
                 JOIN account_move_line item ON item.id = link.invoice_line_id
                 JOIN account_move move ON move.id = item.move_id
                WHERE line.settlement_id = %s AND line.treatment = 'revenue' AND move.state = 'posted'""", self.settlement.id))[0][0]

    # === PARTS === #

    def _make_parts(self):
        groups, buyers = self._read_groups(), self._read_buyers()
        last = self._month(self.settlement.end_date)
        months = sorted({entry[0] for entry in groups} | {entry[0] for entry in buyers} | {last})
        parts = []
        for month in months:
            chunks = list(split_every(CHUNK, [entry[1:] for entry in buyers if entry[0] == month], list)) or [[]]
            for number, chunk in enumerate(chunks):
                mine = [entry[1:] for entry in groups if entry[0] == month] if number == len(chunks) - 1 else []
                if mine or chunk or month == last:
                    parts.append(Part(f'{month:%Y-%m}/{number}', self._get_date(month), mine, chunk))
        for part in parts[:-1]:
            part.carried = part.total
        parts[-1].carried = -sum((part.total for part in parts[:-1]), Decimal(0))
        return parts

    def _month(self, moment):
        return moment.date().replace(day=1)

    def _get_date(self, month):
        """The last day of the month, or of the settlement; the first open day where that is closed and the user said so."""
        date = min(month + relativedelta(months=1, days=-1), self.settlement.end_date.date())
        locks = self.settlement.book_after_lock and self.find_locks(date)
        return locks[-1][0] + datetime.timedelta(days=1) if locks else date

    def _get_month_sql(self):
        """The month that a row is booked in: its own if the marketplace splits settlements by month, but none after the settlement's end."""
        end = SQL("%s::timestamp", self.settlement.end_date)
        moment = SQL("LEAST(COALESCE(line.posted_date, %s), %s)", end, end) if self.market.settlement_split else end
        return SQL("date_trunc('month', %s)::date", moment)

    def _get_buyer_sql(self):
        """Whether a row clears an invoice."""
        return SQL("%s AND rule.is_buyer AND COALESCE(line.order_ref, '') ~ %s", self.market.settlement_policy == 'invoice', ORDER_PATTERN)

    def _read_groups(self):
        """Return (month, rule, marketplace, tax, document, amount) of all rows that do not clear invoices.

        A tax is inside of the amount, unless `document` says that it has rows of its own: 'invoice' or 'refund', else None.
        """
        self.env['amazon.settlement.line'].flush_model()
        rows = self.env.execute_query(SQL(
            """WITH sold AS (
                   SELECT order_ref, item_ref, transaction_type ILIKE '%%refund%%' AS is_refund, SUM(amount) != 0 AS is_due
                     FROM amazon_settlement_line
                    WHERE settlement_id = %s AND treatment IN ('tax', 'withheld') AND order_ref IS NOT NULL
                 GROUP BY 1, 2, 3)
               SELECT %s, rule.id, line.marketplace_id, sold.is_due, sold.is_refund, SUM(line.amount)::text
                 FROM amazon_settlement_line line
                 JOIN amazon_settlement_rule rule ON rule.id = line.rule_id
            LEFT JOIN sold ON line.treatment = ANY(%s) AND sold.order_ref = line.order_ref
                          AND sold.item_ref IS NOT DISTINCT FROM line.item_ref AND sold.is_refund = (line.transaction_type ILIKE '%%refund%%')
                WHERE line.settlement_id = %s AND NOT (%s)
             GROUP BY 1, 2, 3, 4, 5, rule.sequence ORDER BY 1, rule.sequence, 2, 3""",
            self.settlement.id, self._get_month_sql(), list(SALES), self.settlement.id, self._get_buyer_sql()))
        rules = {rule.id: rule for rule in self.env['amazon.settlement.rule'].browse({row[1] for row in rows})}
        groups = {}
        for month, rule, market, is_due, is_refund, amount in rows:
            tax = self._get_tax(rules[rule], self.market.browse(market), is_due)
            document = ('refund' if is_refund else 'invoice') if tax and is_due else None
            key = month, rules[rule], self.market.browse(market), tax, document
            groups[key] = groups.get(key, 0) + Decimal(amount)
        return [(*key, amount) for key, amount in groups.items() if amount]

    def _get_tax(self, rule, market, is_due):
        """Return the tax of the rows of a rule.

        :param is_due: True: tax has rows of its own beside these, and the seller owes it; False: Amazon remits it; None: there are no such rows
        """
        if market.company_id != self.company:
            market = self.market
        if rule.treatment not in SALES:
            return rule._get_purchase_tax(market) or rule.tax_id
        if is_due is False or rule.treatment == 'tax' and not is_due:
            return self.env['account.tax']
        return rule.tax_id or market.settlement_sale_tax_id

    def _read_buyers(self):
        """Return (month, Amazon's order id, sales order, amount) of the rows that clear invoices, refunds apart from sales."""
        rows = self.env.execute_query(SQL(
            """SELECT %s, line.order_ref, MAX(line.sale_order_id), SUM(line.amount)::text
                 FROM amazon_settlement_line line JOIN amazon_settlement_rule rule ON rule.id = line.rule_id
                WHERE line.settlement_id = %s AND %s
             GROUP BY 1, 2, line.transaction_type ILIKE '%%refund%%' HAVING SUM(line.amount) != 0 ORDER BY 1, 2, SUM(line.amount)""",
            self._get_month_sql(), self.settlement.id, self._get_buyer_sql()))
        return [(month, ref, self.env['sale.order'].browse(order), Decimal(amount)) for month, ref, order, amount in rows]

    # === ENTRIES === #

    def prepare_move(self, part):
        """Return the values of the entry of a part, balanced in both currencies."""
        lines = [*self._prepare_groups(part), *self._prepare_buyers(part)]
        if part.carried:
            lines.append(self._prepare_line(
                part, self.env._("Carried forward"), self.market.settlement_carried_account_id, part.carried, amazon_role='carried'))
        if part is self.parts[-1] and not self.currency.is_zero(self.settlement.total):
            lines.append(self._prepare_line(
                part, self.env._("Amazon payout %s", self.settlement.settlement_ref), self.market.settlement_payout_account_id, self.settlement.total,
                amazon_role='payout', partner_id=self.market.settlement_partner_id.id, date_maturity=self.settlement.deposit_date))
        rest = self.company.currency_id.round(sum(line['balance'] for line in lines))
        if rest:
            lines.append(self._prepare_rounding(rest))
        return {
            'move_type': 'entry', 'journal_id': self.market.settlement_journal_id.id, 'date': part.date, 'company_id': self.company.id,
            'ref': self.env._("Amazon settlement %s", self.settlement.settlement_ref), 'amazon_settlement_id': self.settlement.id, 'amazon_part': part.key,
            'line_ids': [Command.create(line) for line in lines],
        }

    def _prepare_line(self, part, name, account, amount, **values):
        """Values of an item; `amount` in the settlement's currency, positive for a debit."""
        amount = self.currency.round(float(amount))
        return {
            'name': name, 'account_id': account.id, 'currency_id': self.currency.id, 'amount_currency': amount,
            'balance': self.currency._convert(amount, self.company.currency_id, self.company, part.date), **values}

    def _prepare_rounding(self, rest):
        """What the conversion of every single item leaves, shown for what it is."""
        account = self.company.income_currency_exchange_account_id if rest > 0 else self.company.expense_currency_exchange_account_id
        return {'name': self.env._("Rounding of the conversion"), 'account_id': account.id, 'currency_id': self.company.currency_id.id,
                'amount_currency': -rest, 'balance': -rest}

    def _prepare_buyers(self, part):
        """One item an order, on the account and the partner of its invoice, so that it can clear it."""
        receivables = self.env['account.move.line']._amazon_find_receivables(self.env['sale.order'].union(*(order for _ref, order, _amount in part.buyers)))
        lines = []
        for ref, order, amount in part.buyers:
            item = receivables.get(order.id, self.env['account.move.line']).filtered(lambda item: item._amazon_is_of(self.company))[:1]
            partner = item.partner_id or order.partner_invoice_id.commercial_partner_id or self.market.anonymous_partner_id
            account = item.account_id or partner.property_account_receivable_id or self.env['res.partner'].new().property_account_receivable_id
            lines.append(self._prepare_line(part, ref, account, -amount, partner_id=partner.id, amazon_order_ref=ref, amazon_order_id=order.id))
        return lines

    def _prepare_groups(self, part):
        """One item a rule, marketplace and tax, with Odoo's taxes and tax grids where there is a tax."""
        taxed, lines, exact, rounded = [], [], 0.0, 0.0
        for rule, market, tax, document, amount in part.groups:
            # Rows with fractions of a cent are rounded as they run, so that the items still add up to the total.
            exact += float(amount)
            amount = self.currency.round(self.currency.round(exact) - rounded)
            rounded += amount
            values = {'partner_id': rule.partner_id.id or self.market.settlement_partner_id.id, 'analytic_distribution': rule.analytic_distribution,
                      'amazon_rule_id': rule.id}
            name = rule.name if market == self.market else f'{rule.name} ({market.name})'
            if document:
                lines.append(self._prepare_line(part, name, rule.account_id, -amount, **{**values, **self._prepare_tax_apart(rule, tax, document)}))
            elif tax:
                taxed.append((self._prepare_base_line(part, rule, tax, amount, values), {'name': name, **values}))
            else:
                lines.append(self._prepare_line(part, name, rule.account_id, -amount, **values))
        return lines + self._prepare_taxed(taxed)

    def _prepare_tax_apart(self, rule, tax, document):
        """What makes an item the base of a tax that has rows of its own or, for these rows, the item of the tax: Amazon's amounts stay as they are."""
        if rule.treatment != 'tax':
            return {'tax_ids': [Command.set(tax.ids)], 'tax_tag_ids': [Command.set(tax.get_tax_tags(document == 'refund', 'base').ids)]}
        share = tax.repartition_line_ids.filtered(lambda line: (line.document_type, line.repartition_type) == (document, 'tax'))[:1]
        return {'account_id': (share.account_id or rule.account_id).id, 'tax_repartition_line_id': share.id, 'tax_tag_ids': [Command.set(share.tag_ids.ids)]}

    def _prepare_base_line(self, part, rule, tax, amount, values):
        """What Odoo computes the tax of: a sale or, where money comes back from Amazon's fees, the refund of a purchase; Amazon's amounts include the tax."""
        is_sale = tax.type_tax_use == 'sale'
        return tax._prepare_base_line_for_taxes_computation(
            {}, currency_id=self.currency, tax_ids=tax, price_unit=abs(amount), quantity=1.0, sign=-1 if amount > 0 else 1, is_refund=(amount < 0) == is_sale,
            account_id=rule.account_id, partner_id=self.env['res.partner'].browse(values['partner_id']), special_mode='total_included',
            analytic_distribution=rule.analytic_distribution,
            rate=self.env['res.currency']._get_conversion_rate(self.company.currency_id, self.currency, self.company, part.date))

    def _prepare_taxed(self, taxed):
        if not taxed:
            return []
        taxes, base_lines = self.env['account.tax'], [base_line for base_line, _values in taxed]
        taxes._add_tax_details_in_base_lines(base_lines, self.company)
        taxes._round_base_lines_tax_details(base_lines, self.company)
        taxes._add_accounting_data_in_base_lines_tax_details(base_lines, self.company)
        result = taxes._prepare_tax_lines(base_lines, self.company)
        bases = [{**values, **amounts, 'account_id': base_line['account_id'].id, 'currency_id': self.currency.id,
                  'tax_ids': [Command.set(base_line['tax_ids'].ids)]}
                 for (base_line, amounts), (_same, values) in zip(result['base_lines_to_update'], taxed, strict=True)]
        return bases + result['tax_lines_to_add']

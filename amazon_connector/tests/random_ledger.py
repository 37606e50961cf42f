"""What must be in the books of a seller: an accountant with pencil and paper, who knows the law but not Odoo."""

import collections
import dataclasses
from decimal import Decimal

from .random_law import EXPORT, SELLER, Tax
from .random_orders import cents
from .random_year import CHARGED, EXTRAS, FAILED, OWED, RELEASED, RESERVE


@dataclasses.dataclass
class Box:
    """Base and tax in one currency; `slack` is what rounding may make of them."""

    base: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    slack: Decimal = Decimal(0)


class Ledger:
    """What must be in the books by what was handed over; positive amounts are debits, those of `boxes` are sales.

    :param Year year: for its calendar, exchange rates, and which settlements are split by month
    """

    def __init__(self, year):
        self.year = year
        self.open = collections.defaultdict(Decimal)
        self.clearing, self.reserve, self.remitted = (collections.defaultdict(Decimal) for _account in range(3))
        self.fees, self.revenue = collections.defaultdict(Decimal), collections.defaultdict(Decimal)
        self.boxes = collections.defaultdict(Box)
        self.items, self.last = {}, {}

    def get_month(self, moment) -> str:
        """Return the month (YYYY-MM) of a moment where the company is."""
        return f'{moment.astimezone(self.year.zone):%Y-%m}'

    def invoice(self, order):
        """Count an order that Odoo invoices."""
        self.open[order.ref] += order.get_total()
        self.remitted[order.shop.currency] -= self._by_amazon(order, order.parts)
        self._tax(order, order.parts, self.get_month(order.created), 1)

    def credit(self, refund):
        """Count a refund whose order is invoiced: it has a credit note."""
        order = refund.order
        stated = self._by_amazon(order, refund.parts)
        unstated = sum((part.by_amazon for part in refund.parts), Decimal(0)) - stated
        self.open[order.ref] -= sum((part.paid for part in refund.parts), Decimal(0)) - unstated
        self.remitted[order.shop.currency] += stated
        self._tax(order, refund.parts, self.get_month(refund.posted), -1)

    def settle(self, settlement):
        """Count a settlement: what is invoiced is paid, the rest is sold by it."""
        currency = settlement.currency
        for order in settlement.orders:
            self._settle(settlement, order, order.parts, order.posted, 1)
        for refund in settlement.refunds:
            self._settle(settlement, refund.order, refund.parts, refund.posted + refund.deferred, -1)
        self.reserve[currency] -= settlement.sum(RESERVE, RELEASED)
        self.clearing[currency] += settlement.total - settlement.sum(OWED, CHARGED, FAILED)
        self._count_items(settlement)
        for row in settlement.rows:
            kind = row['transaction-type'], row['amount-type'], row['amount-description']
            if row['amount-type'] == 'ItemFees' or kind in [kind for kind, _low, _high in EXTRAS]:
                self.fees[settlement.ref] += row['amount']

    def _count_items(self, settlement):
        """Keep what is open: payouts until they arrive or come back, debts until carried over, charges of the card."""
        shop, last = settlement.shop, self.last.get(settlement.shop)
        if settlement.sum(OWED) or settlement.sum(FAILED):
            del self.items['payout', last.ref]
        if settlement.sum(CHARGED):
            self.items['charge', settlement.ref] = settlement.currency, -settlement.sum(CHARGED)
        if settlement.total:
            self.items['payout', settlement.ref] = settlement.currency, settlement.total
        self.last[shop] = settlement

    def get_held(self) -> dict:
        """Return what is open on the way between Amazon and the bank, debts counted as positive, by currency."""
        found = collections.defaultdict(Decimal)
        for currency, amount in self.items.values():
            found[currency] += abs(amount)
        return found

    def pay(self, line):
        """Count a line of the bank; what is not Amazon's stays for a person."""
        if line.settlement:
            self.clearing[line.currency] -= line.amount
            del self.items['payout' if line.amount > 0 else 'charge', line.settlement.ref]

    def _settle(self, settlement, order, parts, posted, sign):
        stated, every = self._by_amazon(order, parts), sum((part.by_amazon for part in parts), Decimal(0))
        if order.invoiced:
            self.open[order.ref] -= sign * (sum((part.paid for part in parts), Decimal(0)) - every + stated)
            self.remitted[order.shop.currency] += sign * stated
            return
        moment = min(posted, settlement.end) if self.year.splits[settlement.shop] else settlement.end
        self._tax(order, parts, self.get_month(moment), sign)

    def _by_amazon(self, order, parts):
        """The tax that Amazon pays, as far as the order stated of it."""
        return sum((part.by_amazon for part in parts), Decimal(0)) if order.states_tax else Decimal(0)

    def _tax(self, order, parts, month, sign):
        for part in parts:
            self.revenue[month, order.shop.currency] += sign * part.net
            own = [(tax, amount) for tax, amount in part.taxes if tax.payer == SELLER] or [
                (Tax(self.year.company.country, Decimal(0), EXPORT), Decimal(0))
            ]
            for tax, amount in own:
                box = self.boxes[month, tax.country, tax.rate, tax.scheme, order.shop.currency]
                box.base += sign * part.net
                box.tax += sign * amount
                # Who is stated a sum of taxes, or none, works them out by himself.
                exact = order.states_tax and len([tax for tax, _amount in part.taxes if tax.rate]) <= 1
                box.slack += Decimal('0') if exact else Decimal('0.01')
                if order.shop.currency != self.year.company.currency:
                    box.slack += Decimal('0.02')

    def get_boxes(self) -> dict:
        """Return base, tax and slack in the company's currency by (month, country, rate, scheme)."""
        found = collections.defaultdict(Box)
        for (month, country, rate, scheme, currency), box in self.boxes.items():
            together, value = found[month, country, rate, scheme], self.get_rate(currency, month)
            together.base += box.base / value
            together.tax += box.tax / value
            together.slack += box.slack + Decimal('0.005')
        return {key: Box(cents(box.base), cents(box.tax), box.slack) for key, box in found.items()}

    def get_revenue(self) -> dict:
        """Return what was sold without tax, in the company's currency, by month."""
        found = collections.defaultdict(Decimal)
        for (month, currency), amount in self.revenue.items():
            found[month] += amount / self.get_rate(currency, month)
        return {month: cents(amount) for month, amount in found.items()}

    def get_rate(self, currency, month) -> Decimal:
        """Return how many units of a currency one of the company's was worth in a month (YYYY-MM)."""
        rates = self.year.rates.get(currency)
        return Decimal(str(rates[int(month[-2:]) - 1])) if rates and month.startswith('2026') else Decimal(1)

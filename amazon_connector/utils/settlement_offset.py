"""The entry that takes orders out of the sums of a settlement, because they were invoiced after its booking."""

from decimal import Decimal

from .settlement_plan import Part, SettlementPlan


class OffsetPlan(SettlementPlan):
    """The sums of some orders in a settlement, reversed, and on the customers' accounts instead.

    :param settlement: the `amazon.settlement`, booked
    :param orders: sales orders
    :param date: the day of the invoice. What was booked later is taken out where it was booked: the sale is declared
        once, with the invoice. What was booked before stays declared there: the entry, of the invoice's day, and the
        invoice come to nothing.
    """

    def __init__(self, settlement, orders, date):
        self._orders, self._date = orders, date
        super().__init__(settlement, orders)

    def _make_parts(self):
        groups = [group._replace(amount=-group.amount, owed=-group.owed)
                  for group in self.rows.read_groups(of_buyers=True)]
        buyers, costs, number = self.rows.read_buyers(summed_up=True), self.costs.read_offsets(
            self._orders), self._count_offsets()
        months = sorted({entry.month for entry in groups} | {entry.month for entry in buyers}
                        | {entry.month for entry in costs})
        parts = []
        for position, month in enumerate(months):
            booked = self._find_entries(month)
            part = Part(f'offset/{number + position}', self._get_open_date(max([self._date, *booked.mapped('date')])),
                        *([entry for entry in entries if entry.month == month] for entries in (groups, buyers, costs)),
                        rate=self._find_rate(booked))
            part.groups, abroad = self._part_by_country(part)
            for other in abroad:
                other.carried = other.total
            part.carried = -sum((other.total for other in abroad), Decimal(0))
            parts += [*abroad, part]
        return parts

    def _get_open_date(self, date):
        locks = self.find_locks(date)
        return self.get_day_after(locks) if locks else date

    def _find_entries(self, month):
        """Return the entries that the rows of a month were booked with."""
        moves = self.settlement.move_ids.filtered(
            lambda move: move.amazon_part and not move.amazon_part.startswith('offset/') and move.state == 'posted')
        return moves.filtered(lambda move: move.amazon_part.startswith(f'{month:%Y-%m}/')) or moves

    def _find_rate(self, moves):
        """Return the booked rate of one unit of the settlement's currency, where it is not today's in the table of
        rates; else None.

        The largest item has the most exact rate. Where it agrees with the table, the table's rate is used.
        """
        company = self.company.currency_id
        items = moves.line_ids.filtered(lambda item: item.currency_id == self.currency and item.amount_currency)
        item = max(items, key=lambda item: abs(item.amount_currency), default=None)
        if item is None or self.currency == company:
            return None
        rate = self.env['res.currency']._get_conversion_rate(self.currency, company, self.company, item.date)
        return (rate if not company.compare_amounts(item.amount_currency * rate, item.balance)
                else item.balance / item.amount_currency)

    def _count_offsets(self):
        return len([move for move in self.settlement.move_ids if (move.amazon_part or '').startswith('offset/')])

    def prepare_move(self, part):
        """Return the values of the entry of a part."""
        lines = [*self._prepare_groups(part), *self._prepare_buyers(part), *self.costs.prepare(part.costs),
                 *self._prepare_carried(part)]
        return self._prepare_entry(part, lines,
                                   self.env._("Invoiced after Amazon settlement %s", self.settlement.settlement_ref))

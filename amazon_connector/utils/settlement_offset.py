"""The entry that takes orders out of the sums of a settlement, because they were invoiced after it was booked."""

from decimal import Decimal

from .settlement_plan import Part, SettlementPlan


class OffsetPlan(SettlementPlan):
    """What a settlement has summed up of some orders, turned round, and on the customers' accounts instead.

    :param settlement: the `amazon.settlement`, booked
    :param orders: sales orders
    :param date: the day of the entry, that of the invoice
    """

    def __init__(self, settlement, orders, date):
        self._orders, self._date = orders, date
        super().__init__(settlement, orders)

    def _make_parts(self):
        groups = [group._replace(amount=-group.amount, owed=-group.owed) for group in self.rows.read_groups(of_buyers=True)]
        buyers, costs, number = self.rows.read_buyers(summed_up=True), self.costs.read_offsets(self._orders), self._count_offsets()
        locks = self.find_locks(self._date)
        date = self.get_day_after(locks) if locks else self._date
        months = sorted({entry.month for entry in groups} | {entry.month for entry in buyers} | {entry.month for entry in costs})
        # Amounts turn round at the rate that they were booked with.
        parts = []
        for position, month in enumerate(months):
            part = Part(f'offset/{number + position}', date, *([entry for entry in entries if entry.month == month] for entries in (groups, buyers, costs)),
                        rate_date=self._get_date(month))
            part.groups, abroad = self._part_by_country(part)
            for other in abroad:
                other.carried = other.total
            part.carried = -sum((other.total for other in abroad), Decimal(0))
            parts += [*abroad, part]
        return parts

    def _count_offsets(self):
        return len([move for move in self.settlement.move_ids if (move.amazon_part or '').startswith('offset/')])

    def prepare_move(self, part):
        """Return the values of the entry of a part."""
        lines = [*self._prepare_groups(part), *self._prepare_buyers(part), *self.costs.prepare(part.costs), *self._prepare_carried(part)]
        return self._prepare_entry(part, lines, self.env._("Invoiced after Amazon settlement %s", self.settlement.settlement_ref))

"""The orders of a made year whose buyers got their money back."""

import datetime

from . import money
from .clock import UTC
from .fba_centers import COUNTRIES
from .fba_year_values import DAYS, tell_day
from .generator import generate_orders, recompute_totals

REASONS = ('UNWANTED_ITEM', 'DEFECTIVE', 'NOT_AS_DESCRIBED', 'SWITCHEROO', 'UNDELIVERABLE_UNKNOWN')
# Half of them are sold in the last days of a year, where what is owed can still be claimed at its end.
RECENT = 160
# Days after the sale of the refund, of what Amazon pays, and of the return of what was paid.
REFUNDED, PAID, BACK_AFTER_ALL = 5, 52, 62
# What becomes of the goods, one order after the other: they come back; they are paid; nothing; they come back late;
# they are paid, come back all the same, and the money is taken back; one of several units comes back.
FATES = ('returned', 'paid', 'nothing', 'returned_late', 'taken_back', 'returned_partly')


class Refunds:
    """Orders of buyers who got their money back; their units arrive at Amazon for them alone."""

    def __init__(self, rng, names, countries, first):
        self.rng, self.names, self.countries, self.first = rng, names, countries, first
        self.orders, self.made = [], []

    def make(self, count, seed):
        """Return the events of so many orders."""
        for number in range(count):
            order = self._order(number, seed)
            is_recent = number // len(FATES) % 2
            day = self.rng.randrange(DAYS - RECENT if is_recent else 20, DAYS - 15)
            order.update(createdTime=self._time(day - 1), lastUpdatedTime=self._time(day))
            self._sell(number, order, order['orderItems'][0], day)
        # What would lie ahead has not happened.
        return [event for event in self.made if event['date'] < tell_day(self.first, DAYS)]

    def _sell(self, number, order, line, day):
        what = {'sku': line['product']['sellerSku'], 'quantity': line['quantityOrdered'],
                'center': self.rng.choice(COUNTRIES[self.rng.choice(self.countries)])}
        self._write('receive', day - 15, **what, reference=f'FBA15R{number:05d}X')
        self._write('ship', day, **what, order_ref=order['orderId'], item_ref=line['orderItemId'])
        getattr(self, FATES[number % len(FATES)])(day, {**what, 'order_ref': order['orderId']}, number)
        self.orders.append((order, line, day + REFUNDED))

    def _order(self, number, seed):
        """Return an order of one line that Amazon has shipped."""
        for attempt in range(1000):
            order = generate_orders(1, seed=f'{seed}-{number}-{attempt}', countries=[self.rng.choice(self.countries)],
                                    now=datetime.datetime(2026, 1, 1, tzinfo=UTC))[0]
            if (order['fulfillment']['fulfilledBy'], order['fulfillment']['fulfillmentStatus']) == (
                    'AMAZON', 'SHIPPED'):
                break
        del order['orderItems'][1:]
        order['orderItems'][0]['product']['sellerSku'] = self.rng.choice(self.names)
        recompute_totals(order)
        order['orderId'] = f'40{number % 10}-{number:07d}-{self.rng.randrange(10 ** 7):07d}'
        return order

    def _time(self, day):
        return f'{tell_day(self.first, day)}T11:00:00Z'

    def _write(self, kind, day, **values):
        self.made.append({'type': kind, 'date': tell_day(self.first, day),
                          'time': '06:00:00' if kind == 'receive' else '12:00:00', **values})

    # === WHAT BECOMES OF THE GOODS === #

    def returned(self, day, what, number, after=None, reason=None):
        # Amazon refunds before the goods are there, or when they are.
        after = after or self.rng.choice((3, REFUNDED, 10))
        self._write('return', day + after, **what, reason=reason or self.rng.choice(REASONS),
                    license_plate=f'LPNR{number:09d}')

    def returned_late(self, day, what, number):
        self.returned(day, what, number, after=REFUNDED + self.rng.randrange(47, 75))

    def returned_partly(self, day, what, number):
        if what['quantity'] > 1:
            self.returned(day, {**what, 'quantity': 1}, number)

    def nothing(self, day, what, number):
        """It is owed."""

    def paid(self, day, what, number, **values):
        self._write('reimburse', day + PAID, sku=what['sku'], order_ref=what['order_ref'], cash=what['quantity'],
                    reason='CustomerReturn', amount='9.00', **values)

    def taken_back(self, day, what, number):
        reference = f'{80_000_000_000 + number}'
        self.paid(day, what, number, reference=reference)
        self.returned(day, what, number, after=BACK_AFTER_ALL, reason='UNWANTED_ITEM')
        self._write('reimburse', day + BACK_AFTER_ALL + 5, sku=what['sku'], order_ref=what['order_ref'],
                    cash=what['quantity'], inventory=what['quantity'] * (number % 4 // 2), amount='9.00',
                    reason='Reimbursement_Reversal', original_ref=reference)

    # === MONEY === #

    def pay(self, state, seller):
        """Let the simulator have the orders, and the buyers their money."""
        for order, line, day in self.orders:
            state.orders[order['orderId']] = order
            money.happen(state, seller, type='Refund', order=order['orderId'], posted=self._time(day),
                         items={line['orderItemId']: line['quantityOrdered']})

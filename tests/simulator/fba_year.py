"""A year of a seller's units at Amazon: receipts, sales, returns, moves between countries, losses and what became of
them. The same options make the same year.
"""

import collections
import datetime
import heapq
import random

from amazon_api.marketplaces import BY_ID

from . import fba_events
from .clock import parse_time
from .fba import DAMAGED, SELLABLE, world
from .fba_centers import COUNTRIES
from .fba_year_inbound import make_inbound
from .fba_year_refunds import REASONS, Refunds
from .fba_year_values import CENT, DAYS, choose_amount, tell_day

DISPOSITIONS = (SELLABLE, SELLABLE, SELLABLE, 'CUSTOMER_DAMAGED', 'DEFECTIVE', 'CARRIER_DAMAGED')
STATUSES = (*['Unit returned to inventory'] * 9, 'Reimbursed', 'IMMEDIATE_DISPOSAL')
SOURCES = ('Seller-initiated Manual Removal', 'Seller-configured Automated Unfulfillable Removal System')
# How often each happens, of a hundred.
SHARES = {'sell': 56, 'take_back': 10, 'transfer': 16, 'lose': 5, 'damage': 4, 'change': 2, 'dispose': 2, 'remove': 3,
          'sell_elsewhere': 2}


def make_year(state, seller, skus=2000, countries=('DE', 'FR', 'IT', 'PL'), seed=1, *, end=None, events=25,
              refunds=0, sold=False) -> dict:
    """Let a year happen to the units of a seller; return how many events and rows of the ledger there are.

    Of what Amazon loses, a part is found within a month, a part is paid, and a part neither; some of what is paid is
    found later, and the money taken back. Of what it damages, a half is paid. Of all that is paid, some is paid badly.
    Some shipments to Amazon arrive short (see `fba_year_inbound`), some removal orders end short, some of their parcels
    do not arrive as a whole, and some units are destroyed that nobody ordered removed. Some units are sent again, and
    only some of those that they replace come back.

    :param skus: how many, or a list of them
    :param countries: where the centres are
    :param str end: the last day (YYYY-MM-DD), yesterday by default
    :param int events: how often something happens to a SKU, apart from receipts and what follows
    :param int refunds: orders that the simulator then has (`State.orders`), shipped by Amazon and refunded; their units
        come back in time, late, in part or never, or are paid (see `fba_year_refunds`)
    :param bool sold: whether the orders that Amazon has shipped for this seller leave the centres, too
    :raises fba.Unfit: it does not fit what has happened to these SKUs before
    """
    seller_world = world(state, seller)
    last = datetime.date.fromisoformat(end) if end else seller_world.today() - datetime.timedelta(days=1)
    first = last - datetime.timedelta(days=DAYS - 1)
    names = [f'FBA-{number:05d}' for number in range(skus)] if isinstance(skus, int) else list(skus)
    centers = [center for country in countries for center in COUNTRIES[country]]
    goods = {name: _Goods(random.Random(f'{seed}-{name}'), name, centers, first) for name in names}
    made, receipts = make_inbound(random.Random(f'{seed}-inbound'), {name: goods[name].cost for name in names}, centers,
                                  first)
    for name in names:
        made += goods[name].make(events, receipts[name])
    refunded = Refunds(random.Random(f'{seed}-refunds'), names, countries, first)
    made += _ship_orders(random.Random(f'{seed}-sold'), seller_world, centers, first) if sold else []
    made += refunded.make(refunds, seed)
    # What happens to one SKU on one day stays in its order.
    made.sort(key=lambda event: (event['date'], event['time']))
    fba_events.apply(seller_world, [*(
        {'type': 'cost', 'sku': name, 'amount': str(goods[name].cost)} for name in names), *made])
    refunded.pay(state, seller)
    return {'events': len(made), 'rows': len(seller_world.movements), 'first': first.isoformat(),
            'last': last.isoformat()}


# === ORDERS === #

def _ship_orders(rng, seller_world, centers, first):
    """Return the events of the orders that Amazon has shipped: each leaves one centre, where its units have lain since
    the first day.
    """
    shipped, needed = [], collections.Counter()
    for order in seller_world.state.orders.values():
        market = BY_ID[order['salesChannel']['marketplaceId']]
        moment = seller_world.local(parse_time(order['lastUpdatedTime']))
        if (market.region != seller_world.seller.region or moment.day <= first
                or order['fulfillment']['fulfilledBy'] != 'AMAZON'
                or order['fulfillment']['fulfillmentStatus'] != 'SHIPPED'):
            continue
        center = rng.choice(centers)
        shipped.append({'type': 'ship', 'date': moment.day.isoformat(), 'time': moment.time.isoformat('seconds'),
                        'order_ref': order['orderId'], 'center': center})
        for line in order['orderItems']:
            needed[line['product']['sellerSku'], center] += line['quantityOrdered']
    return [*({'type': 'receive', 'date': first.isoformat(), 'time': '06:00:00', 'sku': sku, 'quantity': quantity,
               'center': center, 'reference': f'FBA15S{number:05d}X'}
              for number, ((sku, center), quantity) in enumerate(needed.items()) if quantity), *shipped]


# === AT AMAZON === #

class _Goods:
    """What happens to the units of one SKU; it knows what lies where, so that nothing leaves that is not there."""

    def __init__(self, rng, sku, centers, first):
        self.rng, self.sku, self.centers, self.first = rng, sku, centers, first
        self.made, self.day = [], 0
        self.stock = collections.Counter()
        self.sold = []
        # Whether the seller ever orders units destroyed; of others, what is destroyed was not ordered.
        self.destroys = rng.random() < .4
        self.cost = rng.randrange(300, 3000) * CENT
        # Day, number, what then happens, with which arguments.
        self.later, self.number = [], 0

    def make(self, count, receipts):
        """Return the events of the year, in their order.

        :param list receipts: what Amazon receives: day, centre, units
        """
        for day, center, units in receipts:
            self.plan(day, self.arrive, center, SELLABLE, units)
        for day in (self.rng.randrange(5, DAYS) for _number in range(count)):
            self.plan(day, getattr(self, self.rng.choices(list(SHARES), SHARES.values())[0]))
        while self.later:
            self.day, _number, action, arguments = heapq.heappop(self.later)
            if self.day < DAYS:
                action(*arguments)
        return self.made

    def plan(self, day, action, *arguments):
        self.number += 1
        heapq.heappush(self.later, (day, self.number, action, arguments))

    def write(self, kind, **values):
        self.made.append({'type': kind, 'date': tell_day(self.first, self.day), 'time': '12:00:00', 'sku': self.sku,
                          **values})

    def arrive(self, center, disposition, units):
        self.stock[center, disposition] += units

    def take(self, units, sellable=True):
        """Take up to so many units from one place; return where, their disposition and how many."""
        places = [place for place, left in self.stock.items() if left and (place[1] == SELLABLE) == sellable]
        if not places:
            return None
        place = self.rng.choice(places)
        count = min(self.stock[place], units)
        self.stock[place] -= count
        return (*place, count)

    # === WHAT HAPPENS === #

    def sell(self):
        taken = self.take(self.rng.choice((1, 1, 1, 2, 3)))
        if taken:
            ref = self.order_ref()
            self.write('ship', quantity=taken[2], center=taken[0], order_ref=ref, item_ref=f'{self.number:014d}')
            self.sold.append(ref)
            if self.rng.random() < .03:
                self.plan(self.day + 6, self.replace, ref, taken[0])

    def order_ref(self):
        return f'30{self.rng.randrange(2, 7)}-{self.rng.randrange(10 ** 7):07d}-{self.rng.randrange(10 ** 7):07d}'

    def replace(self, order, original_center):
        """Send a unit again; the first one comes back under either number, soon or late, or never."""
        taken = self.take(1) if order in self.sold else None
        if not taken:
            return
        self.sold.remove(order)
        ref = self.order_ref()
        self.write('replace', quantity=1, center=taken[0], order_ref=ref, original_ref=order,
                   original_center=original_center)
        if self.rng.random() < .6:
            self.plan(self.day + self.rng.choice((12, 55)), self.return_replaced, self.rng.choice((ref, order)))

    def return_replaced(self, order_ref):
        center = self.rng.choice(self.centers)
        self.write('return', quantity=1, center=center, order_ref=order_ref, disposition='DEFECTIVE',
                   reason='DEFECTIVE', license_plate=f'LPN{self.rng.randrange(10 ** 10):010d}')
        self.arrive(center, 'DEFECTIVE', 1)

    def sell_elsewhere(self):
        taken = self.take(1)
        if taken:
            self.write('ship', quantity=1, center=taken[0])

    def take_back(self):
        if not self.sold:
            return
        # One unit of an order comes back: no report says which of several was paid.
        order = self.rng.choice(self.sold)
        self.sold.remove(order)
        disposition, status = self.rng.choice(DISPOSITIONS), self.rng.choice(STATUSES)
        center = self.rng.choice(self.centers)
        self.write('return', quantity=1, center=center, order_ref=order, disposition=disposition, status=status,
                   reason=self.rng.choice(REASONS), license_plate=f'LPN{self.rng.randrange(10 ** 10):010d}')
        if status == STATUSES[0]:
            self.arrive(center, disposition, 1)
        elif status == 'Reimbursed':
            self.plan(self.day + 10, self.pay, 'CustomerReturn', 1, {'order_ref': order})

    def transfer(self):
        taken = self.take(self.rng.randrange(1, 15))
        if taken:
            arrive, center = self.day + self.rng.randrange(1, 10), self.rng.choice(self.centers)
            self.write('transfer', quantity=taken[2], center=taken[0], to_center=center,
                       arrive=tell_day(self.first, arrive))
            self.plan(arrive, self.arrive, center, SELLABLE, taken[2])

    def lose(self):
        taken = self.take(self.rng.choice((1, 1, 2, 3)))
        if not taken:
            return
        self.write('lose', quantity=taken[2], center=taken[0])
        fate = self.rng.random()
        if fate < .35:
            self.plan(self.day + self.rng.randrange(2, 28), self.find, self.rng.randrange(1, taken[2] + 1))
        elif fate < .7:
            self.plan(self.day + self.rng.randrange(30, 40), self.pay, 'Lost_Warehouse', taken[2], {})

    def find(self, units):
        center = self.rng.choice(self.centers)
        self.write('find', quantity=units, center=center)
        self.arrive(center, SELLABLE, units)

    def pay(self, reason, units, values):
        ref = f'{self.rng.randrange(10 ** 10, 10 ** 11)}'
        amount = choose_amount(self.rng, self.cost)
        self.write('reimburse', reason=reason, amount=amount, cash=units, reference=ref, **values)
        if reason == 'Lost_Warehouse' and self.rng.random() < .2:
            self.plan(self.day + 20, self.find, units)
            self.plan(self.day + 25, self.reverse, units, ref, amount)

    def reverse(self, units, ref, amount):
        self.write('reimburse', reason='Reimbursement_Reversal', amount=amount, cash=units, inventory=units,
                   original_ref=ref)

    def damage(self):
        taken = self.take(1)
        if taken:
            self.write('damage', quantity=1, center=taken[0])
            self.arrive(taken[0], DAMAGED, 1)
            if self.rng.random() < .5:
                self.plan(self.day + self.rng.randrange(5, 30), self.pay, 'Damaged_Warehouse', 1, {})

    def change(self):
        taken = self.take(1)
        if taken:
            self.write('change', quantity=1, center=taken[0], to_disposition='EXPIRED')
            self.arrive(taken[0], 'EXPIRED', 1)

    def dispose(self):
        taken = None if self.destroys else self.take(1, sellable=False)
        if taken:
            self.write('dispose', quantity=1, center=taken[0], disposition=taken[1],
                       reason=self.rng.choice(('D', 'D', 'G')))

    def remove(self):
        taken = self.take(self.rng.randrange(1, 5), sellable=self.rng.random() < .4)
        if not taken:
            return
        center, disposition, units = taken
        short = units > 1 and self.rng.random() < .3
        done, ref = units - short, f'REM{self.rng.randrange(10 ** 10):010d}'
        part = {'date': tell_day(self.first, self.day + self.rng.randrange(3, 12)), 'quantity': done}
        back = not self.destroys or self.rng.random() < .4
        order = {'order_ref': ref, 'disposition': disposition, 'center': center}
        self.write('remove', requested=units, order_type='Return' if back else 'Disposal',
                   source=SOURCES[disposition != SELLABLE], **order,
                   **({'parcels': [{**part, 'tracking_ref': f'1Z{ref}', 'arrived': self.choose_arrived(done)}]} if back
                      else {'disposed': [part]}))
        if short:
            self.plan(self.day + 20, self.close, order)

    def choose_arrived(self, units):
        """Return how many units of a parcel reach the seller: all, one less, or none."""
        fate = self.rng.random()
        return 0 if fate < .1 else units - 1 if fate < .2 else units

    def close(self, order):
        """A removal order ends although a unit of it never came; the unit still lies where it was."""
        self.write('remove', status='Completed', **order)
        self.arrive(order['center'], order['disposition'], 1)

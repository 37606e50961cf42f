"""A year of a seller's units at Amazon: receipts, sales, returns, moves between countries, losses and what became of
them. The same options make the same year.
"""

import collections
import datetime
import heapq
import random

from amazon_api.marketplaces import BY_ID

from . import fba_events, money
from .clock import UTC, parse_time
from .fba import DAMAGED, SELLABLE, world
from .fba_centers import COUNTRIES
from .generator import generate_orders, recompute_totals

DAYS = 365
# SKUs of one shipment to Amazon, and on which days of the year shipments begin to arrive.
BATCH, ROUNDS = 25, (3, 120, 240, 355)
CLOSED_AFTER = 35
REASONS = ('UNWANTED_ITEM', 'DEFECTIVE', 'NOT_AS_DESCRIBED', 'SWITCHEROO', 'UNDELIVERABLE_UNKNOWN')
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
    found later, and the money taken back. Of what it damages, a half is paid, some of it badly. Some shipments to
    Amazon arrive short, some removal orders end short, and some units are destroyed that nobody ordered removed.

    :param skus: how many, or a list of them
    :param countries: where the centres are
    :param str end: the last day (YYYY-MM-DD), yesterday by default
    :param int events: how often something happens to a SKU, apart from receipts and what follows
    :param int refunds: orders that the simulator then has (`State.orders`), shipped by Amazon and refunded: units of a
        third of them come back, a third is paid by Amazon, a third neither
    :param bool sold: whether the orders that Amazon has shipped for this seller leave the centres, too
    :raises fba.Unfit: it does not fit what has happened to these SKUs before
    """
    seller_world = world(state, seller)
    last = datetime.date.fromisoformat(end) if end else seller_world.today() - datetime.timedelta(days=1)
    first = last - datetime.timedelta(days=DAYS - 1)
    names = [f'FBA-{number:05d}' for number in range(skus)] if isinstance(skus, int) else list(skus)
    centers = [center for country in countries for center in COUNTRIES[country]]
    made, receipts = _make_inbound(random.Random(f'{seed}-inbound'), names, centers, first)
    for name in names:
        made += _Goods(random.Random(f'{seed}-{name}'), name, centers, first, receipts[name]).make(events)
    refunded = _Refunds(random.Random(f'{seed}-refunds'), names, countries, first)
    made += _ship_orders(random.Random(f'{seed}-sold'), seller_world, centers, first) if sold else []
    made += refunded.make(refunds, seed)
    # What happens to one SKU on one day stays in its order.
    made.sort(key=lambda event: (event['date'], event['time']))
    fba_events.apply(seller_world, made)
    refunded.pay(state, seller)
    return {'events': len(made), 'rows': len(seller_world.movements), 'first': first.isoformat(),
            'last': last.isoformat()}


def _day(first, number):
    return (first + datetime.timedelta(days=number)).isoformat()


# === TO AMAZON === #

def _make_inbound(rng, names, centers, first):
    """Return the events of shipments to Amazon, and what arrives by SKU: day, centre, units."""
    made, receipts = [], collections.defaultdict(list)
    for turn, start in enumerate(ROUNDS):
        for number in range(0, len(names), BATCH):
            ref = f'FBA15{turn}{number // BATCH:05d}X'
            center, begin = rng.choice(centers), start + rng.randrange(4)
            sent = {name: rng.randrange(20, 60) for name in names[number:number + BATCH]}
            plan = {'type': 'plan', 'time': '05:00:00', 'reference': ref}
            made += [{**plan, 'date': _day(first, begin - 9), 'name': f'Shipment {ref}', 'center': center,
                      'items': [{'sku': name, 'quantity': quantity} for name, quantity in sent.items()]},
                     {**plan, 'date': _day(first, begin - 7), 'status': 'SHIPPED'}]
            if begin + CLOSED_AFTER < DAYS:
                made.append({**plan, 'date': _day(first, begin + CLOSED_AFTER), 'status': 'CLOSED'})
            for name, quantity in sent.items():
                made += _receive(rng, first, ref, name, quantity, (center, rng.choice(centers)), begin, receipts[name])
    return made, receipts


def _receive(rng, first, ref, name, quantity, centers, begin, receipts):
    short = rng.randrange(1, 4) if rng.random() < .05 else 0
    late = rng.randrange(1, 10) if rng.random() < .3 else 0
    for day, units, center in ((begin, quantity - short - late, centers[0]),
                               (begin + rng.randrange(2, 9), late, centers[rng.random() < .3])):
        if units:
            receipts.append((day, center, units))
            yield {'type': 'receive', 'date': _day(first, day), 'time': '06:00:00', 'sku': name, 'quantity': units,
                   'center': center, 'reference': ref}
    if short and begin + 60 < DAYS and rng.random() < .3:
        yield {'type': 'reimburse', 'date': _day(first, begin + 60), 'time': '12:00:00', 'sku': name, 'cash': short,
               'reason': 'Lost_Inbound', 'amount': '5.00'}


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


# === REFUNDS === #

class _Refunds:
    """Orders of buyers who got their money back; their units arrive at Amazon for them alone."""

    def __init__(self, rng, names, countries, first):
        self.rng, self.names, self.countries, self.first = rng, names, countries, first
        self.orders, self.refunds = [], []

    def make(self, count, seed):
        """Return the events of so many orders."""
        made = []
        for number in range(count):
            order, fate = self._order(number, seed), number % 3
            line, day = order['orderItems'][0], self.rng.randrange(20, DAYS - 15)
            order.update(createdTime=self._time(day - 1), lastUpdatedTime=self._time(day))
            center = self.rng.choice(COUNTRIES[self.rng.choice(self.countries)])
            what = {'sku': line['product']['sellerSku'], 'center': center, 'quantity': line['quantityOrdered']}
            of_order = {'order_ref': order['orderId']}
            made += [self._event('receive', day - 15, what, reference=f'FBA15R{number:05d}X'),
                     self._event('ship', day, what, **of_order, item_ref=line['orderItemId'])]
            if not fate:
                made.append(self._event('return', day + 10, what, **of_order, reason=self.rng.choice(REASONS),
                                        license_plate=f'LPNR{number:09d}'))
            elif fate == 1:
                made.append(self._event('reimburse', day + 50, {'sku': what['sku'], 'cash': what['quantity']},
                                        **of_order, reason='CustomerReturn', amount='9.00'))
            self.orders.append(order)
            self.refunds.append((order, line, day + 5))
        # What would lie ahead has not happened.
        return [event for event in made if event['date'] < _day(self.first, DAYS)]

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
        return f'{_day(self.first, day)}T11:00:00Z'

    def _event(self, kind, day, what, **values):
        return {'type': kind, 'date': _day(self.first, day), 'time': '06:00:00' if kind == 'receive' else '12:00:00',
                **what, **values}

    def pay(self, state, seller):
        """Let the simulator have the orders, and the buyers their money."""
        for order, line, day in self.refunds:
            state.orders[order['orderId']] = order
            money.happen(state, seller, type='Refund', order=order['orderId'], posted=self._time(day),
                         items={line['orderItemId']: line['quantityOrdered']})


# === AT AMAZON === #

class _Goods:
    """What happens to the units of one SKU; it knows what lies where, so that nothing leaves that is not there."""

    def __init__(self, rng, sku, centers, first, receipts):
        self.rng, self.sku, self.centers, self.first = rng, sku, centers, first
        self.made, self.day = [], 0
        self.stock = collections.Counter()
        self.sold = []
        # Whether the seller ever orders units destroyed; of others, what is destroyed was not ordered.
        self.destroys = rng.random() < .4
        self.cost = rng.randrange(300, 3000)
        # Day, number, what then happens, with which arguments.
        self.later, self.number = [], 0
        for day, center, units in receipts:
            self.plan(day, self.arrive, center, SELLABLE, units)

    def make(self, count):
        """Return the events of the year, in their order."""
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
        self.made.append({'type': kind, 'date': _day(self.first, self.day), 'time': '12:00:00', 'sku': self.sku,
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
            self.sold.append([ref, taken[2]])
            if self.rng.random() < .03:
                self.plan(self.day + 6, self.replace, ref, taken[0])

    def order_ref(self):
        return f'30{self.rng.randrange(2, 7)}-{self.rng.randrange(10 ** 7):07d}-{self.rng.randrange(10 ** 7):07d}'

    def replace(self, original, original_center):
        taken = self.take(1)
        if taken:
            self.write('replace', quantity=1, center=taken[0], order_ref=self.order_ref(), original_ref=original,
                       original_center=original_center)

    def sell_elsewhere(self):
        taken = self.take(1)
        if taken:
            self.write('ship', quantity=1, center=taken[0])

    def take_back(self):
        if not self.sold:
            return
        order = self.rng.choice(self.sold)
        order[1] -= 1
        if not order[1]:
            self.sold.remove(order)
        disposition, status = self.rng.choice(DISPOSITIONS), self.rng.choice(STATUSES)
        center = self.rng.choice(self.centers)
        self.write('return', quantity=1, center=center, order_ref=order[0], disposition=disposition, status=status,
                   reason=self.rng.choice(REASONS), license_plate=f'LPN{self.rng.randrange(10 ** 10):010d}')
        if status == STATUSES[0]:
            self.arrive(center, disposition, 1)
        elif status == 'Reimbursed':
            self.plan(self.day + 10, self.pay, 'CustomerReturn', 1, {'order_ref': order[0]})

    def transfer(self):
        taken = self.take(self.rng.randrange(1, 15))
        if taken:
            arrive, center = self.day + self.rng.randrange(1, 10), self.rng.choice(self.centers)
            self.write('transfer', quantity=taken[2], center=taken[0], to_center=center,
                       arrive=_day(self.first, arrive))
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
        # One in eight is paid badly.
        cost = self.cost // 2 if self.rng.random() < .125 else self.cost
        self.write('reimburse', reason=reason, amount=f'{cost / 100:.2f}', cash=units, reference=ref, **values)
        if reason == 'Lost_Warehouse' and self.rng.random() < .2:
            self.plan(self.day + 20, self.find, units)
            self.plan(self.day + 25, self.reverse, units, ref, f'{cost / 100:.2f}')

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
        done, ref = units - short, f'REM{self.rng.randrange(10 ** 7):07d}'
        part = {'date': _day(self.first, self.day + self.rng.randrange(3, 12)), 'quantity': done}
        back = not self.destroys or self.rng.random() < .4
        order = {'order_ref': ref, 'disposition': disposition, 'center': center}
        self.write('remove', requested=units, order_type='Return' if back else 'Disposal',
                   source=SOURCES[disposition != SELLABLE], **order,
                   **({'parcels': [{**part, 'tracking_ref': f'1Z{ref}'}]} if back else {'disposed': [part]}))
        if short:
            self.plan(self.day + 20, self.close, order)

    def close(self, order):
        """A removal order ends although a unit of it never came; the unit still lies where it was."""
        self.write('remove', status='Completed', **order)
        self.arrive(order['center'], order['disposition'], 1)

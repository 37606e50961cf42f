"""The shipments to Amazon of a made year: most arrive as a whole, some short, and what is missing comes, is paid, or
neither.
"""

import collections

from .fba_year_values import DAYS, choose_amount, tell_day

# SKUs of one shipment, and on which days of the year shipments begin to arrive.
BATCH, ROUNDS = 25, (3, 120, 240, 355)
CLOSED_AFTER, PAID_AFTER, TAKEN_BACK_AFTER = 35, 60, 82
# Of one SKU in so many all shipments arrive short, one shipment in so many Amazon never closes.
SHORT, UNCLOSED = 6, 5
# What becomes of what is missing, one item after the other: nothing; it is received after the shipment was closed, or
# only a part of it; it is paid; it is paid, received all the same, and the money taken back.
FATES = ('nothing', 'received', 'paid', 'nothing', 'taken_back', 'partly')


def make_inbound(rng, costs, centers, first):
    """Return the events of shipments to Amazon, and what arrives by SKU: day, centre, units.

    :param dict costs: SKU -> what a unit costs
    """
    year = _Inbound(rng, costs, centers, first)
    names = list(costs)
    for turn, start in enumerate(ROUNDS):
        for number in range(0, len(names), BATCH):
            year.send(f'FBA15{turn}{number // BATCH:05d}X', names[number:number + BATCH], start + rng.randrange(4))
    # What would lie ahead has not happened.
    return [event for event in year.made if event['date'] < tell_day(first, DAYS)], year.receipts


class _Inbound:
    def __init__(self, rng, costs, centers, first):
        self.rng, self.costs, self.centers, self.first = rng, costs, centers, first
        self.made, self.receipts = [], collections.defaultdict(list)
        self.unlucky = set(list(costs)[2::SHORT])
        self.shorts, self.shipments = 0, 0

    def write(self, kind, day, time, **values):
        self.made.append({'type': kind, 'date': tell_day(self.first, day), 'time': time, **values})

    def send(self, ref, names, begin):
        """Send a shipment that begins to arrive on a day."""
        center = self.rng.choice(self.centers)
        sent = {name: self.rng.randrange(20, 60) for name in names}
        self.write('plan', begin - 9, '05:00:00', reference=ref, name=f'Shipment {ref}', center=center,
                   items=[{'sku': name, 'quantity': quantity} for name, quantity in sent.items()])
        self.write('plan', begin - 7, '05:00:00', reference=ref, status='SHIPPED')
        if self.shipments % UNCLOSED != UNCLOSED // 2:
            self.write('plan', begin + CLOSED_AFTER, '05:00:00', reference=ref, status='CLOSED')
        self.shipments += 1
        for name, quantity in sent.items():
            self.send_item(ref, name, quantity, center, begin)

    def send_item(self, ref, name, quantity, center, begin):
        short = self.rng.randrange(2, 5) if name in self.unlucky else 0
        late = self.rng.randrange(1, 10) if self.rng.random() < .3 else 0
        self.receive(ref, name, begin, quantity - short - late, center)
        if late:
            self.receive(ref, name, begin + self.rng.randrange(2, 9), late, self.choose_center(center))
        if short:
            getattr(self, FATES[self.shorts % len(FATES)])(ref, name, short, center, begin)
            self.shorts += 1

    def choose_center(self, center):
        """Return where the rest of a shipment is received: at times elsewhere than planned."""
        return self.rng.choice(self.centers) if self.rng.random() < .3 else center

    def receive(self, ref, name, day, units, center):
        if day < DAYS:
            self.receipts[name].append((day, center, units))
        self.write('receive', day, '06:00:00', sku=name, quantity=units, center=center, reference=ref)

    # === WHAT BECOMES OF WHAT IS MISSING === #

    def nothing(self, ref, name, short, center, begin):
        """It is owed."""

    def received(self, ref, name, short, center, begin):
        self.receive(ref, name, begin + CLOSED_AFTER + self.rng.randrange(5, 40), short, self.choose_center(center))

    def partly(self, ref, name, short, center, begin):
        self.received(ref, name, 1, center, begin)

    def paid(self, ref, name, short, center, begin, reference=None):
        amount = choose_amount(self.rng, self.costs[name])
        self.write('reimburse', begin + PAID_AFTER, '12:00:00', sku=name, cash=short, reason='Lost_Inbound',
                   amount=amount, shipment_ref=ref, reference=reference)
        return amount

    def taken_back(self, ref, name, short, center, begin):
        reference = str(self.rng.randrange(10 ** 10, 10 ** 11))
        amount = self.paid(ref, name, short, center, begin, reference)
        self.receive(ref, name, begin + TAKEN_BACK_AFTER - 7, short, self.choose_center(center))
        # Amazon counts what it has found as given back, or says nothing of it.
        self.write('reimburse', begin + TAKEN_BACK_AFTER, '12:00:00', sku=name, cash=short,
                   inventory=short * (self.shorts % 2), reason='Reimbursement_Reversal', amount=amount,
                   original_ref=reference, shipment_ref=ref)

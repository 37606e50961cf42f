"""Events that move units between fulfilment centres and dispositions, and the shipments that bring them there."""

from .fba import DAMAGED, SELLABLE, Moment, Transfer, Unfit

ADJUSTMENTS = 'Adjustments'
# The reason of the minus row of a pair by the disposition that is left; the plus row has P.
DAMAGES = {SELLABLE: 'E', 'CARRIER_DAMAGED': '6', 'EXPIRED': '7', 'CUSTOMER_DAMAGED': 'H', 'DEFECTIVE': 'K',
           'DISTRIBUTOR_DAMAGED': 'U'}
# The column of the summary by reason; the plus row of a damage counts as damaged, too, so both rows add up.
COLUMNS = {**dict.fromkeys('M5', 'lost'), **dict.fromkeys('FN', 'found'), **dict.fromkeys('DG', 'disposed'),
           **dict.fromkeys(DAMAGES.values(), 'damaged')}
EVENT_COLUMNS = {'Receipts': 'receipts', 'Shipments': 'shipments', 'CustomerReturns': 'returns',
                 'VendorReturns': 'removals', 'WhseTransfers': 'transfers'}
STATUSES = ('UNCONFIRMED', 'WORKING', 'READY_TO_SHIP', 'SHIPPED', 'IN_TRANSIT', 'DELIVERED', 'CHECKED_IN', 'RECEIVING',
            'CLOSED', 'ABANDONED', 'CANCELLED', 'DELETED', 'MIXED')
BEFORE_RECEIVING = STATUSES[:7]


def tell_center(world, code, country) -> None:
    """Tell the country of a centre that the simulator does not know."""
    world.centers[code] = country


def receive(world, at, item, quantity, center, reference, disposition=SELLABLE) -> None:
    """Units of a shipment to Amazon are booked in, at whichever centre they reached."""
    world.move(at, item, 'Receipts', quantity, center, disposition, 'receipts', reference=reference)
    plan = world.plans.get(reference)
    if plan:
        plan['received'].append((at, item.sku, quantity))
        if get_status(plan, at) in BEFORE_RECEIVING:
            _set_status(plan, at, 'RECEIVING')


def transfer(world, at, item, quantity, center, to_center, arrive=None, disposition=SELLABLE) -> None:
    """Units leave a centre and arrive at another one on a day, or are under way for ever."""
    arrives = arrive and Moment(arrive, at.time)
    if arrives and arrives < at:
        raise Unfit("arrive is before date")
    world.move(at, item, 'WhseTransfers', -quantity, center, disposition, 'transfers')
    if arrives:
        world.move(arrives, item, 'WhseTransfers', quantity, to_center, disposition, 'transfers')
    world.transfers.append(Transfer(item, quantity, disposition, center, to_center, at, arrives))


def adjust(world, at, item, change, center, reason, disposition=SELLABLE, event_type=ADJUSTMENTS, reference=None
           ) -> None:
    """Write one row as it is, with any reason, disposition or type of event, known or not."""
    column = EVENT_COLUMNS.get(event_type) or COLUMNS.get(reason, 'other')
    world.move(at, item, event_type, change, center, disposition, column, reason=reason,
               reference=world.reference() if reference is None else reference)


def damage(world, at, item, quantity, center, disposition=SELLABLE, reason=None) -> None:
    """Units are damaged by Amazon: a pair, out of their disposition and into the damaged ones."""
    reason = reason or DAMAGES.get(disposition)
    if not reason:
        raise Unfit(f"disposition must be one of {', '.join(DAMAGES)}")
    movement = world.move(at, item, ADJUSTMENTS, -quantity, center, disposition, 'damaged', reason=reason,
                          reference=world.reference(), matches=[])
    world.damages.setdefault(item.sku, []).append(movement)
    world.move(at, item, ADJUSTMENTS, quantity, center, DAMAGED, 'damaged', reason='P', reference=world.reference())


def change(world, at, item, quantity, center, to_disposition, disposition=SELLABLE) -> None:
    """Units get another disposition: a pair, and no loss."""
    for sign, place, reason in ((-1, disposition, 'Q'), (1, to_disposition, 'P')):
        world.move(at, item, ADJUSTMENTS, sign * quantity, center, place, 'other', reason=reason,
                   reference=world.reference())


def lose(world, at, item, quantity, center, disposition=SELLABLE, reason='M') -> None:
    """Units are misplaced."""
    movement = world.move(at, item, ADJUSTMENTS, -quantity, center, disposition, 'lost', reason=reason,
                          reference=world.reference(), matches=[])
    world.losses.setdefault(item.sku, []).append(movement)


def find(world, at, item, quantity, center, disposition=SELLABLE, reason='F') -> None:
    """Units turn up, at whichever centre; the earliest losses that nothing explains yet are reconciled with them."""
    movement = world.move(at, item, ADJUSTMENTS, quantity, center, disposition, 'found', reason=reason,
                          reference=world.reference(), matches=[])
    world.finds.setdefault(item.sku, []).append(movement)
    _match_find(world, at, movement)


def _match_find(world, at, movement):
    matched = match(world.losses.get(movement.item.sku, ()), at, movement.unmatched(), 'found')
    if matched:
        movement.matches.append((at.day, matched, 'found'))


def match(movements, at, quantity, how) -> int:
    """Reconcile rows before a moment with so many units, the earliest first; return how many of them were used."""
    left = quantity
    for movement in sorted(movements, key=lambda movement: movement.at):
        taken = min(left, movement.unmatched()) if movement.at <= at else 0
        if taken:
            movement.matches.append((at.day, taken, how))
            left -= taken
    return quantity - left


def take_back_match(world, at, movements, quantity) -> None:
    """So many units are paid no more, the latest first; what was found beyond the losses explains them, if it can."""
    left = quantity
    for movement in reversed(movements):
        paid = sum(count for _day, count, how in movement.matches if how == 'reimbursed')
        taken = min(left, paid)
        if taken:
            movement.matches.append((at.day, -taken, 'reimbursed'))
            left -= taken
    for movement in world.finds.get(movements[0].item.sku, ()) if movements else ():
        _match_find(world, at, movement)


def dispose(world, at, item, quantity, center, disposition=DAMAGED, reason='D') -> None:
    """Amazon destroys (D) or gives away (G) units that nobody ordered removed."""
    world.disposals.append(world.move(at, item, ADJUSTMENTS, -quantity, center, disposition, 'disposed', reason=reason,
                                      reference=world.reference()))


# === SHIPMENTS TO AMAZON === #

def plan(world, at, reference, name=None, center=None, items=(), status=None, plan_ref=None, awd=False) -> None:
    """A shipment to Amazon is announced, or changes: its status and name are those told last, items are added."""
    if status is not None and status not in STATUSES:
        raise Unfit(f"status must be one of {', '.join(STATUSES)}")
    known = world.plans.get(reference)
    if known is None:
        if center is None:
            raise Unfit("center is missing: where is the shipment to go?")
        known = world.plans[reference] = {
            'reference': reference, 'name': name or reference, 'center': center, 'items': [], 'received': [],
            'plan_ref': plan_ref or reference, 'awd': awd, 'created': at, 'updated': [at], 'statuses': []}
        status = status or 'WORKING'
    known['name'] = name or known['name']
    known['center'] = center or known['center']
    known['items'] += [{**row, 'item': world.item(row['sku'])} for row in items]
    known['updated'].append(at)
    if status:
        _set_status(known, at, status)


def get_status(plan, moment) -> str:
    """Return the status of a shipment at a moment, '' before it was made."""
    return next((status for at, status in reversed(plan['statuses']) if at <= moment), '')


def _set_status(plan, at, status):
    plan['statuses'].append((at, status))
    plan['statuses'].sort(key=lambda entry: entry[0])
    plan['updated'].append(at)

"""Events of what the seller has Amazon send back or destroy, and of what Amazon pays for units."""

import datetime

from amazon_api.marketplaces import BY_COUNTRY, BY_ID

from . import money
from .fba import SELLABLE, Moment, Unfit
from .fba_stock import ADJUSTMENTS, match, take_back_match

MANUAL = 'Seller-initiated Manual Removal'
COMPLETED, PENDING = 'Completed', 'Pending'
REVERSAL = 'Reimbursement_Reversal'
# How a settlement and Finances call a reimbursement, by its reason in the report.
DESCRIPTIONS = {'Lost_Warehouse': 'WAREHOUSE_LOST', 'Damaged_Warehouse': 'WAREHOUSE_DAMAGE',
                'Lost_Inbound': 'MISSING_FROM_INBOUND', 'Damaged_Inbound': 'MISSING_FROM_INBOUND',
                'CustomerReturn': 'REVERSAL_REIMBURSEMENT', 'CustomerServiceIssue': 'CS_ERROR_ITEMS',
                'Lost_Outbound': 'MULTICHANNEL_ORDER_LOST', REVERSAL: 'COMPENSATED_CLAWBACK'}


# === COSTS === #

def tell_cost(world, item, amount) -> None:
    """Tell what a unit costs the seller, who has told Amazon so: no report says it."""
    world.costs[item.sku] = amount


# === REMOVALS === #

def remove(world, at, order_ref, item, requested=None, center=None, disposition=None, order_type=None, source=None,
           speed=None, parcels=(), disposed=(), cancelled=(), status=None, fee=None, currency=None) -> None:
    """A removal order is made, or goes on: parcels leave, units are destroyed or cancelled.

    :param disposition: of the ledger; the order has one line for sellable units of a SKU and one for all others
    """
    key = (order_ref, item.sku, get_class(disposition or SELLABLE))
    line = world.removals.get(key)
    if line is None:
        if not requested:
            raise Unfit("requested is missing: the order has no such line yet")
        line = world.removals[key] = {
            'at': at, 'order_ref': order_ref, 'item': item, 'class': key[2], 'requested': 0, 'center': center,
            'disposition': disposition or SELLABLE, 'order_type': order_type or 'Return', 'source': source or MANUAL,
            'speed': speed or 'Standard', 'parcels': [], 'disposed': [], 'cancelled': [], 'closed': None, 'fee': None,
            'currency': currency or world.home.currency, 'updated': [at]}
    line['requested'] += requested or 0
    line['fee'] = fee if fee is not None else line['fee']
    if status == COMPLETED:
        line['closed'] = at
    elif status not in (None, PENDING):
        raise Unfit(f"status must be {PENDING} or {COMPLETED}")
    line['updated'].append(at)
    for parcel in parcels:
        _send_back(world, line, at.time, **{'center': center, 'disposition': disposition, **parcel})
    for part in disposed:
        _destroy(world, line, at.time, **{'center': center, 'disposition': disposition, **part})
    for part in cancelled:
        line['cancelled'].append((Moment(part['date'], at.time), part['quantity']))
        line['updated'].append(Moment(part['date'], at.time))
    if sum(count_parts(line).values()) > line['requested']:
        raise Unfit(f"more units are shipped, disposed of and cancelled than the {line['requested']} requested")


def get_class(disposition) -> str:
    """Return what the removal reports call a disposition."""
    return 'Sellable' if disposition == SELLABLE else 'Unsellable'


def count_parts(line, now=None) -> dict:
    """Return how many units of a line were shipped, disposed of and cancelled, by now or in all."""
    return {name: sum(part[1] for part in line[name] if now is None or part[0] <= now)
            for name in ('parcels', 'disposed', 'cancelled')}


def is_completed(line, now) -> bool:
    """Whether nothing more will come of a line: all of it is done, or Amazon has closed it."""
    return (line['closed'] is not None and line['closed'] <= now) or (
        sum(count_parts(line, now).values()) == line['requested'])


def _send_back(world, line, time, date, quantity, tracking_ref, carrier='DHL', center=None, disposition=None,
               arrived=None):
    at = Moment(date, time)
    for place, kind, count in _take(world, line, at, quantity, center, disposition):
        world.move(at, line['item'], 'VendorReturns', -count, place, kind, 'removals')
    line['parcels'].append((at, quantity, tracking_ref, carrier))
    world.arrived[line['order_ref'], line['item'].sku, tracking_ref] = quantity if arrived is None else arrived
    line['updated'].append(at)


def _destroy(world, line, time, date, quantity, center=None, disposition=None):
    at = Moment(date, time)
    for place, kind, count in _take(world, line, at, quantity, center, disposition):
        world.move(at, line['item'], ADJUSTMENTS, -count, place, kind, 'disposed', reason='D',
                   reference=world.reference())
    line['disposed'].append((at, quantity))
    line['updated'].append(at)


def _take(world, line, at, quantity, center, disposition):
    """Yield centre, disposition and number of the units to take: where it is told, or wherever there are any."""
    center, disposition = center or line['center'], disposition or line['disposition']
    if center:
        yield center, disposition, quantity
        return
    left = quantity
    for place, kind in world.places(line['item'].sku):
        count = min(left, world.units(line['item'].sku, place, kind, at)) if get_class(kind) == line['class'] else 0
        if count > 0:
            left -= count
            yield place, kind, count
    if left:
        raise Unfit(f"{line['item'].sku}: {left} of {quantity} {line['class'].lower()} units are not there")


# === REIMBURSEMENTS === #

def reimburse(world, at, item, reason, amount, cash=0, inventory=0, center=None, case_ref='', order_ref='',
              reference=None, original_ref='', original_type='', condition='NewItem', country=None, shipment_ref=''
              ) -> None:
    """Amazon pays for units (`cash` of them, `amount` each), gives units (`inventory`), or takes money back.

    :param shipment_ref: of which shipment to Amazon the units were missing; no report says it
    """
    if not cash and not inventory:
        raise Unfit("cash or inventory must be more than 0")
    if reason == REVERSAL and not original_ref:
        raise Unfit("original_ref is missing: which reimbursement is reversed?")
    if country is not None and country not in BY_COUNTRY:
        raise Unfit(f"country {country!r} has no marketplace")
    sign = -1 if reason == REVERSAL else 1
    market = _market(world, order_ref, country)
    row = {
        'at': at, 'reference': reference or str(10_000_000_000 + world.count()), 'case_ref': case_ref,
        'order_ref': order_ref, 'reason': reason, 'item': item, 'condition': condition,
        'currency': market.currency, 'unit_amount': sign * amount, 'amount': sign * amount * cash,
        'cash': sign * cash, 'inventory': inventory, 'quantity': sign * cash + inventory, 'original_ref': original_ref,
        'original_type': original_type or (original_ref and next((
            other['reason'] for other in world.reimbursements if other['reference'] == original_ref), ''))}
    row['shipment_ref'] = shipment_ref
    world.reimbursements.append(row)
    rows = {'Lost_Warehouse': world.losses, 'Damaged_Warehouse': world.damages}.get(
        row['original_type'] if reason == REVERSAL else reason, {}).get(item.sku, [])
    if reason == REVERSAL:
        take_back_match(world, at, rows, cash)
    else:
        match(rows, at, cash + inventory, 'reimbursed')
    if inventory and reason != REVERSAL:
        if center is None:
            raise Unfit("center is missing: where are the units that Amazon gives?")
        world.move(at, item, ADJUSTMENTS, inventory, center, SELLABLE, 'found', reason='N',
                   reference=world.reference())
    if cash:
        world.payments.append(_pay(world, row, market))


def _market(world, order_ref, country):
    order = world.state.orders.get(order_ref)
    return BY_COUNTRY[country] if country else BY_ID[order['salesChannel']['marketplaceId']] if order else world.home


def _pay(world, row, market):
    """Return what moves on the seller's account, in the form of `money.events`: the same money in another view."""
    posted = world.utc(row['at']) + datetime.timedelta(minutes=5)
    kind = ('other-transaction', 'FBA Inventory Reimbursement',
            DESCRIPTIONS.get(row['reason'], 'REVERSAL_REIMBURSEMENT'))
    entry = money.row(kind, row['amount'], posted=posted, sku=row['item'].sku, **{
        'order-id': row['order_ref'], 'adjustment-id': row['reference'], 'quantity-purchased': str(abs(row['cash'])),
        'marketplace-name': f"Amazon.{market.shop.partition('.')[2]}"})
    return {'id': f"F-{row['reference']}", 'seller': world.seller, 'type': 'FBAInventoryReimbursement',
            'market': market, 'posted': posted, 'rows': [entry], 'order': None}

"""What is true of the units at Amazon, for tests to compare with: what there is, and what is owed."""

import collections
import datetime

from .fba import Moment
from .fba_claims import REVERSAL, count_parts, is_completed
from .fba_stock import get_status

# What Amazon pays by the cost of the goods; what a customer had is paid by its price.
BY_COST = ('Lost_Warehouse', 'Damaged_Warehouse', 'Lost_Inbound', 'Damaged_Inbound')
# What was shipped is told of so many days.
SHIPPED_DAYS = datetime.timedelta(days=60)
# Goods that come back like that are not those that were sold, and it is not the seller's doing.
SPOILED, EXCHANGED = ('CUSTOMER_DAMAGED', 'CARRIER_DAMAGED'), 'SWITCHEROO'


def tell(world, day=None) -> dict:
    """Return what is true now, or at the end of a day; everything is in units, days are texts.

    - `units`: by SKU, country and disposition, zeros left out; `transit`: by SKU, what is between two centres
    - `lost`, `damaged`: rows of the ledger of units that Amazon lost or damaged, with how many of them were `found`,
      `reimbursed`, and are `open`
    - `overpaid`: by SKU, units paid for as lost that Amazon counts for no loss: found meanwhile, and not taken back
    - `disposed`: rows of units that Amazon destroyed or gave away without an order
    - `removals`: lines of removal orders; `missing` are the units of a closed line of which nothing came
    - `inbound`: items of shipments to Amazon, `missing` what did not arrive so far, `open` what is not paid of it;
      `sent` and `last` are the days when the shipment was sent and when something of it moved last
    - `refunds`: orders that Amazon shipped and refunded, with how many of the units came back (`returned`; gone ones
      count, too), were `reimbursed`, and are `open`; `replaced`: the same of units that Amazon sent again
    - `spoiled`: units that came back damaged or as something else, with what was `reimbursed` for their order
    - `below_cost`: what was paid below cost: `amount` and `cost` of a unit, `units` that were not taken back
    - `reimbursed`: what Amazon paid or gave, by reason: units in cash, units in kind, amount
    - `costs`: what a unit costs the seller, by SKU
    - `paid`: each reimbursement, `parcels`: each parcel of a removal order, by SKU, with how many of its units
      `arrived`, `back`: each unit that customers sent back to Amazon, `requests`: what they asked to send back to the
      merchant, `shipped`: what Amazon shipped lately
    """
    limit = world.limit(day)
    return {
        'day': limit.day.isoformat(), 'units': world.balance(day), 'transit': _count_transit(world, day),
        'lost': [_explain(row, limit) for rows in world.losses.values() for row in rows if row.at <= limit],
        'damaged': [_explain(row, limit) for rows in world.damages.values() for row in rows if row.at <= limit],
        'overpaid': _count_overpaid(world, limit),
        'disposed': [_show(row) for row in world.disposals if row.at <= limit],
        'removals': [_removal(line, limit) for line in world.removals.values() if line['at'] <= limit],
        'inbound': list(_tell_inbound(world, limit)),
        **_tell_customers(world, limit),
        'below_cost': list(_tell_below_cost(world, limit)),
        'reimbursed': _sum_reimbursements(world, limit),
        'costs': {sku: str(cost) for sku, cost in world.costs.items()},
        **_tell_rows(world, limit),
    }


def _count_transit(world, day):
    units = {}
    for transfer in world.under_way(day):
        units[transfer.item.sku] = units.get(transfer.item.sku, 0) + transfer.quantity
    return units


def _show(row):
    return {'date': row.at.day.isoformat(), 'sku': row.item.sku, 'center': row.center, 'country': row.country,
            'disposition': row.disposition, 'reason': row.reason, 'reference': row.reference,
            'quantity': abs(row.quantity)}


def _explain(row, limit: Moment):
    shown = _show(row)
    for how in ('found', 'reimbursed'):
        shown[how] = sum(count for when, count, kind in row.matches if kind == how and when <= limit.day)
    return {**shown, 'open': shown['quantity'] - shown['found'] - shown['reimbursed']}


def _count_overpaid(world, limit):
    units = collections.Counter()
    for row in world.reimbursements:
        if row['at'] <= limit and 'Lost_Warehouse' in (row['reason'], row['original_type']):
            units[row['item'].sku] += row['cash'] + (row['inventory'] if row['reason'] == 'Lost_Warehouse' else 0)
    for sku, rows in world.losses.items():
        units[sku] -= sum(_explain(row, limit)['reimbursed'] for row in rows)
    return dict(+units)


def _removal(line, limit):
    parts, done = count_parts(line, limit), is_completed(line, limit)
    left = line['requested'] - sum(parts.values())
    return {'order': line['order_ref'], 'date': line['at'].day.isoformat(), 'type': line['order_type'],
            'sku': line['item'].sku, 'class': line['class'], 'requested': line['requested'],
            'shipped': parts['parcels'], 'disposed': parts['disposed'], 'cancelled': parts['cancelled'],
            'completed': done, 'missing': left if done else 0}


def _tell_inbound(world, limit):
    paid = collections.Counter()
    for row in world.reimbursements:
        if row['at'] <= limit:
            paid[row['shipment_ref'], row['item'].sku] += row['cash']
    for plan in world.plans.values():
        if get_status(plan, limit):
            yield from _inbound(plan, limit, paid)


def _inbound(plan, limit, paid):
    sent, received = collections.Counter(), collections.Counter()
    for row in plan['items']:
        sent[row['sku']] += row['quantity']
    arrivals = [entry for entry in plan['received'] if entry[0] <= limit]
    for _at, sku, count in arrivals:
        received[sku] += count
    begin = min([at for at, status in plan['statuses'] if status == 'SHIPPED'], default=plan['created'])
    last = max([begin, *(at for at, _sku, _count in arrivals)])
    for sku, count in sent.items():
        missing = count - received[sku]
        yield {'reference': plan['reference'], 'status': get_status(plan, limit), 'sku': sku, 'shipped': count,
               'received': received[sku], 'missing': missing,
               'open': max(missing - paid[plan['reference'], sku], 0), 'sent': begin.day.isoformat(),
               'last': last.day.isoformat()}


def _tell_below_cost(world, limit):
    taken_back = collections.Counter()
    for row in world.reimbursements:
        if row['reason'] == REVERSAL and row['at'] <= limit:
            taken_back[row['original_ref'], row['item'].sku] -= row['cash']
    for row in world.reimbursements:
        sku, cost = row['item'].sku, world.costs.get(row['item'].sku)
        units = row['cash'] - taken_back[row['reference'], sku]
        if (row['reason'] in BY_COST and row['at'] <= limit and units > 0 and cost is not None
                and row['unit_amount'] < cost):
            yield {'date': row['at'].day.isoformat(), 'sku': sku, 'reference': row['reference'], 'units': units,
                   'amount': str(row['unit_amount']), 'cost': str(cost)}


# === CUSTOMERS === #

def _tell_customers(world, limit):
    """Return what became of the units of orders that were refunded or sent again."""
    paid, returned = collections.Counter(), collections.Counter()
    for entry in world.reimbursements:
        if entry['at'] <= limit and 'CustomerReturn' in (entry['reason'], entry['original_type']):
            paid[entry['order_ref'], entry['item'].sku] += entry['cash']
    for entry in world.returns:
        if entry['at'] <= limit:
            returned[entry['order_ref'], entry['item'].sku] += entry['quantity']

    def explain(row, *orders):
        back, reimbursed = (sum(sums[order, row['sku']] for order in orders) for sums in (returned, paid))
        return {**row, 'returned': back, 'reimbursed': reimbursed, 'open': max(row['units'] - back - reimbursed, 0)}

    return {
        'refunds': [explain(row, row['order']) for row in _read_refunds(world, limit)],
        'replaced': [explain({'order': entry['original_ref'], 'date': entry['at'].day.isoformat(),
                              'sku': entry['item'].sku, 'units': entry['quantity']},
                             entry['original_ref'], entry['order_ref'])
                     for entry in world.replacements if entry['at'] <= limit],
        'spoiled': [{'order': entry['order_ref'], 'date': entry['at'].day.isoformat(), 'sku': entry['item'].sku,
                     'plate': entry['license_plate'], 'units': entry['quantity'],
                     'reimbursed': paid[entry['order_ref'], entry['item'].sku]}
                    for entry in world.returns if entry['at'] <= limit
                    and (entry['disposition'] in SPOILED or entry['reason'] == EXCHANGED)],
    }


def _read_refunds(world, limit):
    """Return the refunds of items of orders that Amazon shipped: the day of the last one, and the units of all."""
    refunded = {}
    for event in world.state.money:
        order = event['order']
        if (event['seller'] is not world.seller or event['type'] != 'Refund' or not order
                or order['fulfillment']['fulfilledBy'] != 'AMAZON' or event['posted'] > world.at(limit)):
            continue
        skus = {line['orderItemId']: line['product']['sellerSku'] for line in order['orderItems']}
        for item, pieces in event['pieces'].items():
            known = refunded.setdefault((order['orderId'], skus[item]), {
                'order': order['orderId'], 'sku': skus[item], 'units': 0})
            known['units'] += pieces
            known['date'] = max(event['posted'].date().isoformat(), known.get('date', ''))
    return refunded.values()


def _sum_reimbursements(world, limit):
    sums = {}
    for entry in world.reimbursements:
        if entry['at'] <= limit:
            known = sums.setdefault(entry['reason'], {'cash': 0, 'inventory': 0, 'amount': 0})
            known['cash'] += entry['cash']
            known['inventory'] += entry['inventory']
            known['amount'] += entry['amount']
    return {reason: {**known, 'amount': str(known['amount'])} for reason, known in sums.items()}


def _tell_rows(world, limit):
    """Return what single rows of reports are made of, as far as it has happened."""
    def pick(entry, **names):
        return {'date': entry['at'].day.isoformat(), 'sku': entry['item'].sku,
                **{name: str(entry[key]) if key == 'amount' else entry[key] for name, key in names.items()}}

    return {
        'paid': [pick(entry, reference='reference', cash='cash', inventory='inventory', amount='amount')
                 for entry in world.reimbursements if entry['at'] <= limit],
        'parcels': [{'order': line['order_ref'], 'date': at.day.isoformat(), 'sku': line['item'].sku,
                     'quantity': quantity, 'tracking': tracking,
                     'arrived': world.arrived[line['order_ref'], line['item'].sku, tracking]}
                    for line in world.removals.values() for at, quantity, tracking, _carrier in line['parcels']
                    if at <= limit],
        'back': [pick(entry, order='order_ref', plate='license_plate', quantity='quantity')
                 for entry in world.returns if entry['at'] <= limit],
        'shipped': [pick(entry, ref='shipment_item_ref', order='order_ref', quantity='quantity', center='center')
                    for entry in world.shipments
                    if limit.day - SHIPPED_DAYS < entry['at'].day and entry['at'] <= limit],
        'requests': [{'order': entry['order_ref'], 'rma': entry['rma_ref'], 'sku': entry['item'].sku,
                      'quantity': entry['quantity']}
                     for entry in world.requests.values() if entry['changed'] <= limit],
    }

"""What is true of the units at Amazon, for tests to compare with: what there is, and what is owed."""

import collections

from .fba import Moment
from .fba_claims import count_parts, is_completed
from .fba_stock import get_status


def tell(world, day=None) -> dict:
    """Return what is true now, or at the end of a day; everything is in units, days are texts.

    - `units`: by SKU, country and disposition, zeros left out; `transit`: by SKU, what is between two centres
    - `lost`, `damaged`: rows of the ledger of units that Amazon lost or damaged, with how many of them were `found`,
      `reimbursed`, and are `open`
    - `overpaid`: by SKU, units paid for as lost that Amazon counts for no loss: found meanwhile, and not taken back
    - `disposed`: rows of units that Amazon destroyed or gave away without an order
    - `removals`: lines of removal orders; `missing` are the units of a closed line of which nothing came
    - `inbound`: items of shipments to Amazon, `missing` what did not arrive so far
    - `refunds`: orders that Amazon shipped and refunded, with how many of the units came back (`returned`; gone ones
      count, too), were `reimbursed`, and are `open`
    - `reimbursed`: what Amazon paid or gave, by reason: units in cash, units in kind, amount
    - `paid`: each reimbursement, `parcels`: each parcel of a removal order, by SKU, `back`: each unit that customers
      sent back to Amazon, `requests`: what they asked to send back to the merchant
    """
    limit = world.limit(day)
    return {
        'day': limit.day.isoformat(), 'units': world.balance(day), 'transit': _count_transit(world, day),
        'lost': [_explain(row, limit) for rows in world.losses.values() for row in rows if row.at <= limit],
        'damaged': [_explain(row, limit) for rows in world.damages.values() for row in rows if row.at <= limit],
        'overpaid': _count_overpaid(world, limit),
        'disposed': [_show(row) for row in world.disposals if row.at <= limit],
        'removals': [_removal(line, limit) for line in world.removals.values() if line['at'] <= limit],
        'inbound': [row for plan in world.plans.values() if get_status(plan, limit) for row in _inbound(plan, limit)],
        'refunds': list(_tell_refunds(world, limit)),
        'reimbursed': _sum_reimbursements(world, limit),
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


def _inbound(plan, limit):
    for row in plan['items']:
        received = sum(count for at, sku, count in plan['received'] if sku == row['sku'] and at <= limit)
        yield {'reference': plan['reference'], 'status': get_status(plan, limit), 'sku': row['sku'],
               'shipped': row['quantity'], 'received': received, 'missing': row['quantity'] - received}


def _tell_refunds(world, limit):
    refunded, returned, paid = {}, collections.Counter(), collections.Counter()
    for event in world.state.money:
        order = event['order']
        if (event['seller'] is world.seller and event['type'] == 'Refund' and order
                and order['fulfillment']['fulfilledBy'] == 'AMAZON' and event['posted'] <= world.at(limit)):
            known = refunded.setdefault(order['orderId'], {'date': event['posted'].date().isoformat(), 'units': 0})
            known['units'] += sum(event['pieces'].values())
    for entries, sums in ((world.returns, returned), (world.reimbursements, paid)):
        for entry in entries:
            if entry['at'] <= limit and (entries is world.returns or entry['reason'] == 'CustomerReturn'):
                sums[entry['order_ref']] += entry['quantity']
    for order, known in refunded.items():
        left = known['units'] - returned[order] - paid[order]
        yield {'order': order, **known, 'returned': returned[order], 'reimbursed': paid[order], 'open': max(left, 0)}


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
                     'quantity': quantity, 'tracking': tracking}
                    for line in world.removals.values() for at, quantity, tracking, _carrier in line['parcels']
                    if at <= limit],
        'back': [pick(entry, order='order_ref', plate='license_plate', quantity='quantity')
                 for entry in world.returns if entry['at'] <= limit],
        'requests': [{'order': entry['order_ref'], 'rma': entry['rma_ref'], 'sku': entry['item'].sku,
                      'quantity': entry['quantity']}
                     for entry in world.requests.values() if entry['changed'] <= limit],
    }

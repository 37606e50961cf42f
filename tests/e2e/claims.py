"""What Amazon owes at the end of a simulated year is found, and nothing else."""

import collections
import datetime
from decimal import Decimal

from .seller_year import pass_day, receive_parcels

DAY = datetime.timedelta(days=1)
# A lost unit may turn up within this time: before, it is no claim. Of shipments to Amazon that it does not close it
# receives nothing after so long.
WAIT = QUIET = DAY * 30
# After a refund goods may come back for so long; until when the claim can be filed, which is as far as it is known.
RETURN_WAIT, RETURN_WINDOW = DAY * 45, DAY * 105
# A parcel may be under way for so long.
PARCEL_WAIT = DAY * 15
# What is paid less below cost than this share is no claim.
TOLERANCE = Decimal('0.05')
# The day on which something happened may be another one in another time zone.
EDGE = DAY
RETURNS = ('GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA', 'GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA')
REPORTS = ('GET_FBA_REIMBURSEMENTS_DATA', 'GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA',
           'GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA')
SECONDS = 3600


def read_claims(system, kind, *names, before=None, since=None):
    """Return the open units of claims by what names them."""
    found = collections.Counter()
    days = [('event_date', operator, str(day)) for operator, day in (('<=', before), ('>=', since)) if day]
    for claim in system.call('amazon.claim', 'search_read', [('kind', '=', kind), ('open_units', '>', 0), *days],
                             [*names, 'open_units']):
        found[tuple(claim[name] for name in names)] += claim['open_units']
    return found


def read_truth(rows, units, *names, before=None, since=None):
    found = collections.Counter()
    for row in rows:
        if (before is None or row['date'] <= str(before)) and (since is None or row['date'] >= str(since)):
            found[tuple(row[name] for name in names)] += row[units]
    return found


def compare(kind, owed, found, allowed=None):
    """Check that what is owed is found, and that nothing else is.

    :param allowed: what may be found, by default what is owed
    """
    assert +owed, kind
    missed = {key: (count, found[key]) for key, count in owed.items() if count > found[key]}
    most = owed if allowed is None else allowed
    wrong = {key: (most[key], count) for key, count in found.items() if count > most[key]}
    assert not missed, f'{kind}: owed and claimed {missed}'
    assert not wrong, f'{kind}: claimed more than is owed (owed, claimed) {wrong}'


# === RUNS === #

def run(system, flow, reports, done):
    """Run a flow until something is done; whenever Amazon makes none of its reports (types), a day passes."""
    def is_done():
        if not system.call('amazon.report', 'search_count', [
                ('report_type', 'in', reports), ('state', 'in', ('asked', 'ready'))]):
            pass_day(system)
        return done()
    system.run(flow, is_done, seconds=SECONDS)


def run_customers(system, seller, end):
    """Import the orders that were refunded, the refunds of the time that counts, and what came back of it."""
    system.run_orders(seconds=SECONDS)
    refunds = system.control('fba?seller=eu')['refunds']
    recent = [row for row in refunds if row['date'] >= str(end - RETURN_WINDOW)]
    assert len(recent) > 5
    system.run('transactions', lambda: system.call('amazon.transaction', 'search_count', [
        ('transaction_type', '=ilike', 'refund'), ('sale_order_id', '!=', False),
        ('posted_date', '>=', str(end - RETURN_WINDOW))]) >= len(recent), seconds=SECONDS)
    since = str(datetime.datetime.now() - DAY * 2)

    def are_known():
        known = system.call('amazon.seller', 'read', [seller], ['claim_reports'])[0]['claim_reports'] or {}
        return all(known.get(report_type, '') > since for report_type in RETURNS)
    run(system, 'returns', RETURNS, are_known)


def run_shipments(system):
    """Let Odoo know which shipments to Amazon are closed, and what Amazon has received of them."""
    closed = {row['reference'] for row in system.control('fba?seller=eu')['inbound'] if row['status'] == 'CLOSED'}

    def is_done():
        known = system.call('amazon.inbound', 'search_count', [
            ('shipment_ref', 'in', list(closed)), '|', ('is_closed', '=', True), ('state', '=', 'done')])
        system.update('amazon_seller', system.call('amazon.seller', 'search', []), inbound_fetched=None)
        return known == len(closed)
    run(system, 'fba_stock', (), is_done)


def run_claims(system):
    """Run the flow until the reports of the whole year were read, and the claims found from them: one run may have
    begun before, so the second one counts.
    """
    ends = set()

    def is_done():
        reports = system.call('amazon.report', 'search_read', [
            ('report_type', 'in', REPORTS), ('state', 'in', ('done', 'empty'))], ['report_type', 'end_date'])
        recent = str(datetime.datetime.now() - DAY * 2)
        if {report['report_type'] for report in reports if report['end_date'] > recent} == set(REPORTS):
            ends.update(row['last_success'] for row in system.call(
                'amazon.sync', 'search_read', [('flow', '=', 'fba_claims')], ['last_success']))
        # That of the run before is among them.
        return len(ends) > 2
    run(system, 'fba_claims', REPORTS, is_done)


# === CHECKS === #

def check_claims(system, seller, end):
    """Find the claims of a year whose ledger is booked, and hold them against what is true at its end."""
    run_shipments(system)
    run_customers(system, seller, end)
    run_claims(system)
    receive_parcels(system)
    run_claims(system)
    truth = system.control('fba?seller=eu')
    check_warehouse(system, truth, end - WAIT)
    check_removals(system, truth, end)
    check_inbound(system, truth, end)
    check_customers(system, truth, end)
    check_cost(system, truth)


def check_warehouse(system, truth, before):
    """Lost and not found, damaged, destroyed without an order; a unit that Amazon paid as lost without owing it may be
    that of the next loss, or one that it destroyed.
    """
    spare = collections.Counter(truth['overpaid'])
    for kind, rows, units in (('lost', truth['lost'], 'open'), ('damaged', truth['damaged'], 'open'),
                              ('disposed', truth['disposed'], 'quantity')):
        owed = read_truth(rows, units, 'sku', 'reference', before=before)
        found = read_claims(system, kind, 'sku', 'reference', before=before)
        if kind != 'damaged':
            for key in owed:
                if owed[key] - spare[key[0]] <= found[key] < owed[key]:
                    owed[key] = found[key]
        compare(kind, owed, found)


def check_removals(system, truth, end):
    compare('removal', read_truth(truth['removals'], 'missing', 'sku', 'order'),
            read_claims(system, 'removal', 'sku', 'reference'))
    lacking = [{**row, 'lacking': row['quantity'] - row['arrived']} for row in truth['parcels']]
    late = read_truth(lacking, 'lacking', 'sku', 'tracking', before=end - PARCEL_WAIT - EDGE)
    compare('parcel', late, read_claims(system, 'parcel', 'sku', 'reference'),
            read_truth(lacking, 'lacking', 'sku', 'tracking'))


def check_inbound(system, truth, end):
    """No report says of which shipment Amazon has paid what is missing: it is one count for each SKU."""
    over = [{**row, 'date': row['last']} for row in truth['inbound']
            if row['status'] == 'CLOSED' or row['last'] < str(end - QUIET - EDGE)]
    found = read_claims(system, 'inbound', 'sku', 'reference')
    missing = read_truth(over, 'missing', 'sku', 'reference')
    assert all(count <= missing[key] for key, count in found.items()), (found, missing)
    of_sku = collections.Counter()
    for (sku, _reference), count in found.items():
        of_sku[sku,] += count
    compare('inbound', read_truth(over, 'open', 'sku'), of_sku)


def check_customers(system, truth, end):
    """Goods that were refunded or sent again and did not come back, and that came back damaged or as others: those of
    the time in which a claim can be filed are found, and never more than is owed.
    """
    since, before = end - RETURN_WINDOW + EDGE, end - RETURN_WAIT
    owed = truth['refunds'] + truth['replaced']
    spoiled = [{**row, 'open': max(row['units'] - row['reimbursed'], 0)} for row in truth['spoiled']]
    for kind, rows in (('return', owed), ('return_bad', spoiled)):
        compare(kind, read_truth(rows, 'open', 'order', 'sku', since=since, before=before - EDGE),
                read_claims(system, kind, 'order_ref', 'sku'),
                read_truth(rows, 'open', 'order', 'sku', before=before + EDGE))


def check_cost(system, truth):
    short = [row for row in truth['below_cost']
             if Decimal(row['cost']) - Decimal(row['amount']) > Decimal(row['cost']) * TOLERANCE]
    compare('below_cost', read_truth(short, 'units', 'sku', 'reference'),
            read_claims(system, 'below_cost', 'sku', 'reference'))

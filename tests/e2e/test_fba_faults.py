"""Amazon, networks and workers fail while returns, removals, reimbursements, shipments to Amazon and to customers are
read, and removals are ordered: nothing is lost, and nothing is there twice.
"""

import collections
import datetime

from simulator.generator import merchant_orders

from .conftest import kill_after, start_flow
from .seller_year import make_products
from .test_fba_stock import SKUS, start_ledger
from .test_inbound_browser import make_transfer

FAULTS = [
    {'kind': 'error_500', 'share': 0.3, 'count': 8}, {'kind': 'throttle', 'share': 0.2, 'count': 5},
    {'kind': 'cut', 'share': 0.3, 'count': 8}, {'kind': 'report_fatal', 'share': 0.3, 'count': 4},
    {'kind': 'report_cancelled', 'share': 0.3, 'count': 3}, {'kind': 'report_header_only', 'share': 0.3, 'count': 3},
    {'kind': 'report_damaged', 'share': 0.3, 'count': 3}, {'kind': 'report_odd_byte', 'share': 0.3, 'count': 3},
    {'kind': 'document_cut', 'share': 0.3, 'count': 4}]
# Of what is sent to Amazon.
SENDING = ('createFeedDocument', 'createFeed', 'getFeed', 'getFeedDocument')
FLOWS = ('returns', 'fba_claims', 'fba_stock')
# Of what lies further back it is not known how much was read: claims go back half a year, returns 150 days, what was
# shipped 30 days.
CLAIMS_SINCE, RETURNS_SINCE, SHIPPED_SINCE = 175, 145, 28


def begin(system):
    """A seller with the last three weeks of a year in the ledger, orders of the warehouse and returns of them."""
    system.begin()
    orders = merchant_orders(6)
    system.control('orders', orders)
    seller = system.connect()
    system.run_orders()
    made = system.control('fba_year', {'skus': len(SKUS), 'events': 80})
    system.control('fba', [{'type': 'return_request', 'date': made['last'], 'order_ref': order['orderId'],
                            'rma_ref': f'DFAULT{number}RRMA', 'quantity': 1, 'reason': 'CR-DEFECTIVE'}
                           for number, order in enumerate(orders)])
    products = make_products(system, SKUS, system.control('fba')['costs'])
    start_ledger(system, seller, datetime.date.fromisoformat(made['last']) - datetime.timedelta(days=20))
    return products, datetime.date.fromisoformat(made['last'])


def send_shipment(system, products):
    """Send by Odoo what Amazon received last; return the id of that shipment."""
    rows = system.control('fba')['inbound']
    ref = rows[-1]['reference']
    for row in (row for row in rows if row['reference'] == ref):
        picking = make_transfer(system, products[row['sku']], row['shipped'])
        inbound = system.call('amazon.inbound', 'search', [('shipment_ref', '=', ref)])
        inbound = inbound or system.call('amazon.inbound', 'create', [{
            'shipment_ref': ref, 'seller_id': system.call('amazon.seller', 'search', [])[0]}])
        system.call('stock.picking', 'write', [picking], {'amazon_inbound_id': inbound[0]})
        system.call('stock.picking', 'button_validate', [picking])
    return ref


def fail(system):
    """Kill workers of all flows, and let two be at work at once, while Amazon fails."""
    system.control('faults', FAULTS)
    workers = [start_flow(flow) for flow in FLOWS]
    for seconds, worker in zip((5, 1, 1), workers, strict=True):
        kill_after(worker, seconds)
    for worker in [start_flow('fba_claims') for _number in range(2)]:
        worker.wait()


def order_removal(system):
    """Order a sellable unit destroyed, while Amazon fails; return the id of the request."""
    system.control('faults', [{'kind': kind, 'operation': operation, 'share': 0.5, 'count': 1}
                              for operation in SENDING for kind in ('error_500', 'throttle', 'cut')])
    wizard, = system.call('amazon.removal.create', 'create', [{'kind': 'disposal', 'condition': 'all'}])
    system.call('amazon.removal.create', 'action_load', [wizard])
    model = 'amazon.removal.create.line'
    lines = system.call(model, 'search_read', [('wizard_id', '=', wizard)], ['available_sellable'])
    chosen = max(lines, key=lambda line: line['available_sellable'])
    system.call(model, 'write', [line['id'] for line in lines], {'sellable': 0, 'unsellable': 0})
    system.call(model, 'write', [chosen['id']], {'sellable': 1})
    system.call('amazon.removal.create', 'action_preview', [wizard])
    return system.call('amazon.removal.create', 'action_send', [wizard])['res_id']


def check_removal(system, request):
    """Amazon has the order at most once; where it has it, Odoo knows."""
    request, = system.call('amazon.removal.request', 'read', [request], ['name', 'state'])
    there = [row['requested'] for row in system.control('fba')['removals'] if row['order'] == request['name']]
    assert (request['state'], there) in (('reported', [1]), ('unclear', [])), (request, there)


def run_days(system, days=14):
    """Let days pass, in which Amazon fails for the last time."""
    over = [('state', 'in', ('done', 'partial', 'empty', 'error'))]
    for _day in range(days):
        system.control('fba/rest', {})
        system.update('amazon_report', system.call('amazon.report', 'search', over), create_date='2026-01-01')
        system.update('amazon_seller', system.call('amazon.seller', 'search', []), inbound_fetched=None)
        for flow in FLOWS:
            # It is requested, and then fetched.
            for _step in range(2):
                system.run_once(flow)


def read(system, model, names, *domain):
    """Return how often each combination of values is there; a record counts as its name."""
    def show(value):
        return value[1] if isinstance(value, list) else '' if value is False else value

    rows = system.call(model, 'search_read', list(domain), list(names))
    return collections.Counter(tuple(show(row[name]) for name in names) for row in rows)


def tell(rows, *names, since=''):
    return collections.Counter(tuple(row[name] for name in names) for row in rows if row.get('date', 'z') >= since)


def test_returns_claims_and_shipments_whatever_fails(system):
    products, last = begin(system)
    ref = send_shipment(system, products)
    fail(system)
    run_days(system)
    request = order_removal(system)
    run_days(system, 4)
    check_removal(system, request)
    truth = system.control('fba')
    claims, returns = (str(last - datetime.timedelta(days=days)) for days in (CLAIMS_SINCE, RETURNS_SINCE))

    assert read(system, 'amazon.return', ('order_ref', 'rma_ref', 'quantity'), ('channel', '=', 'fbm')) == tell(
        truth['requests'], 'order', 'rma', 'quantity')
    assert read(system, 'amazon.return', ('order_ref', 'license_plate', 'sku', 'amazon_quantity'),
                ('channel', '=', 'fba'), ('date', '>=', returns)) == tell(
                    truth['back'], 'order', 'plate', 'sku', 'quantity', since=returns)
    paid = read(system, 'amazon.reimbursement', ('reimbursement_ref', 'sku', 'cash_quantity', 'inventory_quantity'),
                ('approval_date', '>=', claims))
    assert paid == tell(truth['paid'], 'reference', 'sku', 'cash', 'inventory', since=claims)
    sums = system.call('amazon.reimbursement', 'search_read', [('approval_date', '>=', claims)], ['amount'])
    assert round(sum(row['amount'] for row in sums), 2) == round(
        sum(float(row['amount']) for row in truth['paid'] if row['date'] >= claims), 2)
    shipped = str(last - datetime.timedelta(days=SHIPPED_SINCE))
    assert read(system, 'amazon.fba.shipment', ('shipment_item_ref', 'order_ref', 'sku', 'quantity', 'center'),
                ('shipment_date', '>=', shipped)) == tell(
                    truth['shipped'], 'ref', 'order', 'sku', 'quantity', 'center', since=shipped)
    counts = ('requested', 'shipped', 'disposed', 'cancelled')
    assert read(system, 'amazon.removal.line', ('removal_id', 'sku', *counts),
                ('removal_id.request_date', '>=', claims)) == tell(
                    truth['removals'], 'order', 'sku', *counts, since=claims)
    assert read(system, 'amazon.removal.parcel.line', ('parcel_id', 'sku', 'quantity'),
                ('parcel_id.removal_id.request_date', '>=', claims)) == tell(
                    [row for row in truth['parcels'] if row['order'] in {
                        entry['order'] for entry in truth['removals'] if entry['date'] >= claims}],
                    'tracking', 'sku', 'quantity')
    lines = {sku: (sent, received, missing) for (_product, sent, received, missing), sku in (
        (key, key[0].split(']')[0].strip('[')) for key in read(
            system, 'amazon.inbound.line', ('product_id', 'sent', 'received', 'missing'),
            ('inbound_id.shipment_ref', '=', ref)))}
    assert lines == {row['sku']: (row['shipped'], row['received'], row['missing'])
                     for row in truth['inbound'] if row['reference'] == ref}
    owed = collections.Counter()
    for row in truth['removals']:
        owed[row['sku'], row['order']] += row['missing'] if row['date'] >= claims else 0
    found = collections.Counter()
    for claim in system.call('amazon.claim', 'search_read', [('kind', '=', 'removal')],
                             ['sku', 'reference', 'open_units', 'event_date']):
        found[claim['sku'], claim['reference']] += claim['open_units']
    assert found == +owed

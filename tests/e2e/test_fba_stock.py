"""A simulated year at Amazon's fulfilment centres: Odoo's stock is the ledger's, by country and condition.

How large a year may be is measured by `FBA_SKUS=2000 FBA_EVENTS=25` and `-k ends_with`.
"""

import collections
import datetime
import os

from .claims import check_claims
from .conftest import kill_after, start_flow
from .seller_year import make_products, pass_day, send_shipments

SKUS = [f'FBA-{number:05d}' for number in range(int(os.environ.get('FBA_SKUS', '10')))]
EVENTS = int(os.environ.get('FBA_EVENTS', '40'))
REFUNDS = 24 + len(SKUS) // 20
SECONDS = 900 + 8 * len(SKUS)


def begin_year(system, refunds=0):
    """Connect a seller with a year of FBA stock at Amazon; return his id, the first day, and his products by SKU."""
    system.begin()
    made = system.control('fba_year', {'skus': len(SKUS), 'events': EVENTS, 'refunds': refunds})
    seller = system.connect()
    system.set_rate()
    products = make_products(system, SKUS, system.control('fba')['costs'])
    return seller, datetime.date.fromisoformat(made['first']), products


def run_flow(system, done):
    def is_done():
        pass_day(system)
        return done()
    system.run('fba_stock', is_done, seconds=SECONDS)


def start_ledger(system, seller, day, with_balance=False):
    """Start the ledger on a day, when Amazon has told what was there before, or that there was nothing."""
    wizard, = system.call('amazon.ledger.open', 'create', [{'seller_id': seller, 'date': str(day)}])
    system.call('amazon.ledger.open', 'action_request', [wizard])
    run_flow(system, lambda: system.call('amazon.ledger.balance', 'search_count', []) if with_balance else system.call(
        'amazon.report', 'search_count', [
            ('report_type', '=', 'GET_LEDGER_SUMMARY_VIEW_DATA'), ('state', 'in', ('done', 'empty'))]))
    wizard = system.call('amazon.ledger.open', 'action_open')['res_id']
    system.press('amazon.ledger.open', 'action_start', wizard)


def stock(system, *places):
    """Return Odoo's units by SKU, country and sellable or not."""
    found = collections.Counter()
    countries = {row['id']: row['code'] for row in system.call('res.country', 'search_read', [], ['code'])}
    for row in system.call('amazon.fba.stock', 'search_read', [('place', 'in', places)],
                           ['product_id', 'country_id', 'place', 'quantity']):
        country = row['country_id'] and countries[row['country_id'][0]]
        sku = row['product_id'][1].split('[')[-1].split(']')[0]
        found[sku, country, row['place']] += row['quantity']
    return {key: quantity for key, quantity in found.items() if quantity}


def at_amazon(truth):
    found = collections.Counter()
    for sku, countries in truth['units'].items():
        for country, dispositions in countries.items():
            for disposition, quantity in dispositions.items():
                found[sku, country, 'sellable' if disposition == 'SELLABLE' else 'unsellable'] += quantity
    return {key: quantity for key, quantity in found.items() if quantity}


def assert_stock_is_amazons(system):
    newest = system.call('amazon.ledger.day', 'search_read', [], ['date'], limit=1, order='date desc')[0]['date']
    truth = system.control(f'fba?seller=eu&date={newest}')
    assert stock(system, 'sellable', 'unsellable') == at_amazon(truth)
    assert sum(stock(system, 'transfer').values()) == sum(truth['transit'].values())
    assert not stock(system, 'change')
    assert not system.call('amazon.ledger.line', 'search_count', [('obstacle', '!=', False)])
    assert system.call('amazon.ledger.difference', 'search_read', [('state', '=', 'open')], ['sku', 'difference']) == []


def book_all(system, seller):
    """Let the flow run until all days are booked and proved."""
    start, = system.call('amazon.seller', 'read', [seller], ['ledger_start'])
    last = datetime.date.fromisoformat(system.control('fba')['day']) - datetime.timedelta(days=1)
    days = (last - datetime.date.fromisoformat(start['ledger_start'])).days

    def is_done():
        booked = system.call('amazon.ledger.day', 'search_count', [('state', '=', 'booked')])
        newest = system.call('amazon.ledger.balance', 'search_count', [('date', '>=', start['ledger_start'])])
        waiting = system.call('amazon.ledger.day', 'search_count', [('state', '!=', 'booked')])
        # A run that ends by its time compares in the next one.
        early = system.call('amazon.ledger.difference', 'search_count', [('state', '=', 'open'), ('cause', '=', 'day')])
        return booked >= days and newest and not waiting and not early
    run_flow(system, is_done)


def test_a_year_ends_with_the_stock_of_the_ledger(system):
    """Workers are killed while they import and book, and two are at work at once."""
    # Orders come when there are products, and a ledger that is open: before, they would take what is not there.
    with system.without_job('orders'):
        seller, first, products = begin_year(system, REFUNDS)
        start_ledger(system, seller, first)
    run_flow(system, lambda: system.call('stock.picking.type', 'search_count', [('amazon_seller_id', '=', seller)]))
    send_shipments(system, seller, products)
    for seconds in (6, 10):
        system.control('fba/rest', {})
        kill_after(start_flow('fba_stock'), seconds)
    for process in [start_flow('fba_stock') for _number in range(2)]:
        process.wait()
    book_all(system, seller)
    assert_stock_is_amazons(system)
    check_claims(system, seller, datetime.date.fromisoformat(system.control('fba')['day']))
    assert_stock_is_amazons(system)


def test_a_year_with_an_opening_balance_whatever_fails(system):
    seller, first, _products = begin_year(system)
    system.control('faults', [
        {'kind': 'error_500', 'share': 0.3, 'count': 3}, {'kind': 'throttle', 'share': 0.2, 'count': 2},
        {'kind': 'cut', 'share': 0.2, 'count': 2}, {'kind': 'document_cut', 'count': 1},
        {'kind': 'report_fatal', 'count': 1}, {'kind': 'report_cancelled', 'count': 1},
        {'kind': 'report_damaged', 'count': 1}, {'kind': 'report_odd_byte', 'count': 1}])
    start_ledger(system, seller, first + datetime.timedelta(days=265), with_balance=True)
    system.control('faults', method='DELETE')
    system.control('faults', [
        {'kind': 'error_500', 'share': 0.3, 'count': 6}, {'kind': 'throttle', 'share': 0.2, 'count': 4},
        {'kind': 'cut', 'share': 0.2, 'count': 4}, {'kind': 'report_fatal', 'share': 0.3, 'count': 2},
        {'kind': 'report_cancelled', 'share': 0.3, 'count': 2},
        {'kind': 'report_header_only', 'share': 0.3, 'count': 2},
        {'kind': 'report_odd_byte', 'share': 0.3, 'count': 2}, {'kind': 'document_cut', 'share': 0.3, 'count': 2}])
    book_all(system, seller)
    assert_stock_is_amazons(system)

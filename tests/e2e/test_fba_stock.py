"""A simulated year at Amazon's fulfilment centres: Odoo's stock is the ledger's, by country and condition.

How large a year may be is measured by `FBA_SKUS=2000 FBA_EVENTS=25` and `-k ends_with`.
"""

import collections
import datetime
import os

import pytest

from .claims import check_claims
from .conftest import kill_after, start_flow

SKUS = [f'FBA-{number:05d}' for number in range(int(os.environ.get('FBA_SKUS', '10')))]
EVENTS = int(os.environ.get('FBA_EVENTS', '40'))
SECONDS = 900 + 2 * len(SKUS)


def make_products(system):
    """Make a product and a listing of each SKU; return the ids of the products by SKU."""
    market, = system.call('amazon.seller.marketplace', 'search', [('country_id.code', '=', 'DE')])
    products = dict(zip(SKUS, system.call('product.product', 'create', [
        {'name': sku, 'default_code': sku, 'is_storable': True, 'standard_price': 4} for sku in SKUS]), strict=True))
    system.call('amazon.listing', 'create', [
        {'marketplace_id': market, 'sku': sku, 'product_id': product} for sku, product in products.items()])
    return products


@pytest.fixture
def year(system):
    """A seller with a year of FBA stock at Amazon, whose SKUs have products; return his id and the first day."""
    system.begin()
    seller = system.connect()
    made = system.control('fba_year', {'skus': len(SKUS), 'events': EVENTS})
    make_products(system)
    return seller, datetime.date.fromisoformat(made['first'])


def run_flow(system, done):
    def is_done():
        # The hours between two requests of the same report pass.
        system.control('fba/rest', {})
        reports = system.call('amazon.report', 'search', [])
        system.update('amazon_report', reports, create_date='2026-01-01')
        return done()
    system.run('fba_stock', is_done, seconds=SECONDS)


def start_ledger(system, seller, day):
    wizard, = system.call('amazon.ledger.open', 'create', [{'seller_id': seller, 'date': str(day)}])
    system.call('amazon.ledger.open', 'action_request', [wizard])
    run_flow(system, lambda: system.call('amazon.report', 'search_count', [
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


def test_a_year_ends_with_the_stock_of_the_ledger(system, year):
    """Workers are killed while they import and book, and two are at work at once."""
    seller, first = year
    start_ledger(system, seller, first)
    for seconds in (6, 9, 12):
        system.control('fba/rest', {})
        kill_after(start_flow('fba_stock'), seconds)
    for process in [start_flow('fba_stock') for _number in range(2)]:
        process.wait()
    book_all(system, seller)
    assert_stock_is_amazons(system)
    check_claims(system, datetime.date.fromisoformat(system.control('fba')['day']))


def test_a_year_with_an_opening_balance_whatever_fails(system, year):
    seller, first = year
    start_ledger(system, seller, first + datetime.timedelta(days=200))
    system.control('faults', [
        {'kind': 'error_500', 'share': 0.3, 'count': 6}, {'kind': 'throttle', 'share': 0.2, 'count': 4},
        {'kind': 'cut', 'share': 0.2, 'count': 4}, {'kind': 'report_fatal', 'share': 0.3, 'count': 2},
        {'kind': 'report_cancelled', 'share': 0.3, 'count': 2},
        {'kind': 'report_header_only', 'share': 0.3, 'count': 2}])
    book_all(system, seller)
    assert_stock_is_amazons(system)

"""Listings in, quantities out, while networks, Amazon and workers fail (A1, A11, A12, A13)."""

import pytest

from .conftest import kill_after, start_flow

LISTED = 12 + 3 + 2 + 8
SKUS = [f'SKU-{number:03d}' for number in range(12)]
FAULTS = [
    [{'kind': 'error_500', 'share': 0.3, 'count': 20}, {'kind': 'error_503', 'share': 0.2, 'count': 20}],
    [{'kind': 'throttle', 'share': 0.4, 'count': 12}],
    [{'kind': 'cut', 'share': 0.3, 'count': 6}, {'kind': 'html_success', 'share': 0.3, 'count': 6}],
    [{'kind': 'slow', 'seconds': 0.2}],
    [{'kind': 'clock_shift', 'seconds': -240}],
]


def names(faults):
    return '+'.join(fault['kind'] for fault in faults)



@pytest.mark.parametrize('faults', FAULTS, ids=names)
def test_every_listing_arrives_and_every_quantity_goes_out(system, faults):
    system.begin(listings=12, marketplaces=['DE'])
    system.connect()
    for fault in faults:
        system.fault(operation='*', **fault)
    assert system.import_listings() == LISTED
    wanted = {sku: 7 + position for position, sku in enumerate(SKUS)}
    system.set_stock(wanted)
    system.start_stock()
    system.run('stock', lambda: {sku: system.shown()[sku] for sku in SKUS} == wanted)
    set_one_price(system, 33.5)
    system.run('prices', lambda: set(system.prices().values()) == {33.5})
    assert system.control('listings')['turned_to_merchant'] == []
    assert system.call('amazon.seller', 'search_count', [('state', '=', 'connected')]) == 1


def set_one_price(system, price):
    """Every product at the same price in Germany."""
    market = system.call('amazon.seller.marketplace', 'search_read', [('country_id.code', '=', 'DE')],
                         ['pricelist_id'])[0]
    rules = system.call('product.pricelist.item', 'search', [('pricelist_id', '=', market['pricelist_id'][0])])
    system.call('product.pricelist.item', 'unlink', rules)
    system.call('product.pricelist.item', 'create', [{
        'pricelist_id': market['pricelist_id'][0], 'applied_on': '3_global', 'compute_price': 'fixed',
        'fixed_price': price}])
    system.call('amazon.seller.marketplace', 'write', [market['id']], {'price_sync': True, 'price_change_limit': 0})


def list_pushes(system):
    """Return the operations on listings and feeds that were called; other flows work meanwhile."""
    return [call['operation'] for call in system.control('calls')['calls']
            if 'Listings' in call['operation'] or 'Feed' in call['operation']]


def test_a_second_run_without_a_change_makes_no_call(system):
    """A13, counted at the server."""
    system.begin(listings=12, marketplaces=['DE'])
    system.connect()
    system.import_listings()
    system.set_stock(dict.fromkeys(SKUS, 5))
    system.start_stock()
    system.run('stock', lambda: {sku: system.shown()[sku] for sku in SKUS} == dict.fromkeys(SKUS, 5))
    calls = list_pushes(system)
    for flow in ('stock', 'prices', 'content'):
        system.run_once(flow)
    assert list_pushes(system) == calls


def begin_with_many(system, **amazon):
    """More changes than go one by one: 160 SKUs of which Odoo knows 40 are made 160 products."""
    system.begin(listings=160, marketplaces=['DE'], **amazon)
    system.connect()
    known = set(SKUS) | {f'SKU-{number:03d}' for number in range(40)}
    have = {row['default_code'] for row in system.call('product.product', 'search_read',
                                                       [('default_code', 'like', 'SKU-00%')], ['default_code'])}
    skus = [f'SKU-{number:05d}' for number in range(40, 160)]
    system.call('product.product', 'create', [{'name': sku, 'default_code': sku, 'is_storable': True, 'taxes_id': False}
                                              for sku in skus if sku not in have])
    system.import_listings()
    wanted = {sku: 3 + position % 40 for position, sku in enumerate([*sorted(known), *skus])}
    system.set_stock(wanted)
    system.start_stock()
    return wanted


def test_an_urgent_change_passes_a_feed_that_is_stuck(system):
    """A11"""
    begin_with_many(system)
    system.fault('feed_stuck', operation='createFeed')
    system.run('stock', lambda: system.call('amazon.feed', 'search_count', [('state', '=', 'submitted')]))
    system.set_stock({'SKU-001': 0})
    system.run('stock', lambda: system.shown()['SKU-001'] == 0)
    assert system.control('calls')['counters']['patchListingsItem 200'] == 1
    assert system.call('amazon.feed', 'search_count', [('state', '=', 'submitted')]) == 1


@pytest.mark.parametrize('fault', ['feed_fatal', 'feed_cancelled'])
def test_a_feed_that_fails_is_pushed_again(system, fault):
    """A12"""
    wanted = begin_with_many(system)
    system.fault(fault, operation='createFeed', count=1)
    system.run('stock', lambda: system.call('amazon.feed', 'search_count', [('state', '=', 'submitted')]))
    system.run('feeds', lambda: system.call('amazon.feed', 'search_count', [('state', '=', 'failed')]))
    assert system.call('mail.activity', 'search_count', [('summary', '=', "A feed failed")])
    system.run('stock', lambda: {sku: system.shown()[sku] for sku in wanted} == wanted)


def test_a_worker_killed_while_it_sends_loses_nothing(system):
    """Killed at any moment and run again: every quantity arrives, and no more than one feed more than needed."""
    wanted = begin_with_many(system)
    for seconds in (3.5, 4.5, 5.5):
        kill_after(start_flow('stock'), seconds)
    system.run('stock', lambda: {sku: system.shown()[sku] for sku in wanted} == wanted)
    assert system.control('calls')['counters']['createFeed 202'] <= 2


def test_accepted_but_not_done(system):
    """A12: read back, sent again, then somebody is notified; the others are confirmed."""
    system.begin(listings=12, marketplaces=['DE'])
    system.connect()
    system.import_listings()
    system.control('listings/behaviour',
                   {'ignore': ['SKU-003'], 'refuse': {'SKU-004': {'code': '8541', 'message': "Not yours."}}})
    system.set_stock(dict.fromkeys(SKUS, 30))
    system.start_stock()
    system.run('stock', lambda: system.call('amazon.feed.line', 'search_count',
                                            [('state', 'in', ('accepted', 'refused'))]) == len(SKUS))
    read_back(system)
    states = {row['sku']: (row['stock_state'], row['stock_error']) for row in system.call(
        'amazon.listing', 'search_read', [('sku', 'in', SKUS)], ['sku', 'stock_state', 'stock_error'])}
    assert states.pop('SKU-003')[0] in ('mismatch', 'sent', 'accepted'), "read back, or sent again already"
    assert states.pop('SKU-004') == ('failed', "Not yours.")
    assert {state for state, _error in states.values()} == {'confirmed'}
    system.run('stock', lambda: system.call('amazon.listing', 'search_count',
                                            [('sku', '=', 'SKU-003'), ('stock_state', '=', 'accepted')]))
    read_back(system)
    listing = system.call('amazon.listing', 'search_read', [('sku', '=', 'SKU-003')], ['stock_state', 'stock_error'])[0]
    assert listing['stock_state'] == 'failed' and "accepted 30" in listing['stock_error']
    assert system.call('mail.activity', 'search_count',
                       [('summary', 'like', "does not show the values that it accepted")])


def read_back(system):
    """As if a quarter of an hour had passed, also since what the scheduler sends meanwhile."""
    def is_done():
        accepted = system.call('amazon.listing', 'search', [('stock_state', '=', 'accepted')])
        system.update('amazon_listing', accepted, stock_pushed_date='2026-01-01 00:00:00')
        return not accepted
    system.run('feeds', is_done)


def test_two_processes_at_once(system):
    """Around Odoo's lock on the job: whoever comes second does nothing wrong."""
    system.begin(listings=12, marketplaces=['DE'])
    system.connect()
    system.import_listings()
    wanted = {sku: 11 + position for position, sku in enumerate(SKUS)}
    system.set_stock(wanted)
    system.start_stock()
    for worker in [start_flow('stock') for _number in range(2)]:
        worker.wait()
    system.run('stock', lambda: {sku: system.shown()[sku] for sku in SKUS} == wanted)
    assert not system.call('amazon.sync', 'search_count', [('flow', '=', 'stock'), ('failures', '>', 0)])
    assert not system.call('amazon.listing', 'search_count', [('stock_state', '=', 'failed')])

"""The start page in a real browser: from the app to the first orders, counted in clicks and typed values, and the
proofs that the flows work.
"""

import datetime
import re

from playwright.sync_api import expect
from simulator.generator import merchant_orders
from simulator.state import APPLICATION_ID, CLIENT_ID, CLIENT_SECRET

from .browser import log_in, make_user, open_action, picture, wait_until
from .test_listings import SKUS, read_back
from .test_shipments import all_confirmed, begin, settle, validate

PROOFS = ('proof_order', 'proof_tracking', 'proof_quantity', 'proof_settlement')
STEPS = ('connection', 'roles', 'marketplaces', 'warehouse', 'taxes', 'products', 'stock', 'carriers', 'fba',
         'accounts', 'bank', 'notifications', 'protection', *PROOFS)


class Hand:
    """Clicks and typed values of a person."""

    def __init__(self, page):
        self.page, self.clicks, self.values = page, 0, 0

    def click(self, selector):
        self.page.click(selector)
        self.clicks += 1

    def paste(self, field, value):
        self.page.fill(f'.modal [name={field}] input', value)
        self.values += 1


def step(kind, state=''):
    return f'.o_amazon_step[data-step={kind}]' + (f'.o_amazon_{state}' if state else '')


def place_orders(system, *countries):
    """An order a country, placed just now, of a number of its own: the generator knows no others."""
    now = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=3)).strftime('%Y-%m-%dT%H:%M:%SZ')
    for position, country in enumerate(countries):
        [order] = merchant_orders(1, country)
        system.control('orders', [{
            **order, 'orderId': f'30{position}-7654321-765432{position}', 'createdTime': now, 'lastUpdatedTime': now}])


def choose_country(hand, name):
    """Two clicks, without typing; Odoo 18 and 17 have the browser's own menu."""
    hand.page.wait_for_selector('.modal [name=home_marketplace]')
    if hand.page.locator('.modal [name=home_marketplace] select').count():
        hand.page.select_option('.modal [name=home_marketplace] select', label=name)
        hand.clicks += 2
    else:
        hand.click('.modal [name=home_marketplace] input')
        hand.click(f".o_select_menu_item:has-text('{name}')")


def test_from_the_app_to_the_first_orders(system, page):
    system.begin()
    place_orders(system, 'DE', 'FR', 'IT')
    hand = Hand(page)
    open_action(system, page, 'amazon_start_action')
    expect(page.locator('.o_amazon_step')).to_have_count(1)
    expect(page.locator('.o_menu_brand')).to_have_text('Amazon')
    picture(page, 'start_empty')
    hand.click(f"{step('connect')} button")
    choose_country(hand, "Germany (amazon.de)")
    expect(page.locator('.modal [name=redirect_uri]')).to_contain_text('/amazon_connector/return')
    picture(page, 'start_connect')
    hand.paste('application_ref', APPLICATION_ID)
    hand.paste('lwa_client_ref', CLIENT_ID)
    hand.paste('lwa_client_secret', CLIENT_SECRET)
    hand.click('.modal button[name=action_connect]')
    page.wait_for_selector('text=Authorize an application')
    hand.click('button[value=allow]')

    page.wait_for_selector(step('marketplaces', 'todo'))
    picture(page, 'start_connected')
    assert not system.call('amazon.order', 'search_count', [])
    before = hand.clicks
    choose_three(hand)
    assert hand.clicks - before <= 5, hand.clicks
    wait_until(lambda: system.call('amazon.order', 'search_count', [('state', '=', 'done')]) == 3)
    assert hand.clicks <= 10 and hand.values <= 3, (hand.clicks, hand.values)
    print(f"connect: {hand.clicks} clicks, {hand.values} values")
    assert sorted(row['name'] for row in system.call('amazon.seller.marketplace', 'search_read', [], ['name'])) == [
        'Amazon.de', 'Amazon.fr', 'Amazon.it'], "only what was chosen"
    open_action(system, page, 'amazon_start_action')
    for kind in ('connection', 'marketplaces', 'warehouse', 'proof_order'):
        page.wait_for_selector(step(kind, 'done'))
    picture(page, 'start_orders')
    assert not page.problems, page.problems


def choose_three(hand):
    """Those that sold lately come first and are chosen already."""
    page = hand.page
    hand.click(f"{step('marketplaces')} button")
    page.wait_for_selector('.modal .o_data_row')
    expect(page.locator('.modal .o_data_row')).to_have_count(16)
    expect(page.locator('.modal [name=is_chosen] input:checked')).to_have_count(3)
    # One is exchanged for another and back, so that the switches work with a click each.
    picture(page, 'start_choose')
    hand.click('.modal .o_data_row:nth-child(2) [name=is_chosen] .o-checkbox')
    expect(page.locator('.modal [name=is_chosen] input:checked')).to_have_count(2)
    hand.click('.modal .o_data_row:nth-child(2) [name=is_chosen] .o-checkbox')
    expect(page.locator('.modal [name=is_chosen] input:checked')).to_have_count(3)
    hand.click('.modal button[name=action_choose]')
    expect(page.locator('.modal')).to_have_count(0)


def test_a_wrong_secret_is_told_before_the_consent(system, page):
    system.begin()
    hand = Hand(page)
    open_action(system, page, 'amazon_start_action')
    hand.click(f"{step('connect')} button")
    choose_country(hand, "Germany (amazon.de)")
    hand.paste('application_ref', APPLICATION_ID)
    hand.paste('lwa_client_ref', CLIENT_ID)
    hand.paste('lwa_client_secret', 'amzn1.oa2-cs.v1.wrong')
    hand.click('.modal button[name=action_connect]')
    expect(page.locator('.o_error_dialog, .modal-content:has-text("client ID and secret")').last).to_contain_text(
        "client ID and secret")
    picture(page, 'start_wrong_secret')


def test_the_proofs_are_passed_by_what_happens_at_amazon(system, page):
    """An order, a parcel, a quantity and a settlement, each green only when it went all the way."""
    pickings = begin(system, 3, listings=12, marketplaces=['DE'])
    open_action(system, page, 'amazon_start_action')
    for kind in PROOFS:
        page.wait_for_selector(step(kind))
        assert not page.locator(step(kind, 'done')).count(), kind
    picture(page, 'start_unproven')
    place_orders(system, 'DE')
    system.run_orders()
    validate(system, pickings)
    settle(system, lambda: all_confirmed(system))
    system.import_listings()
    wanted = {sku: 7 + position for position, sku in enumerate(SKUS)}
    system.set_stock(wanted)
    send_first_quantities(system, page)
    system.run('stock', lambda: {sku: system.shown()[sku] for sku in SKUS} == wanted)
    read_back(system)
    system.set_up_accounts()
    system.control('settle', {'country': 'DE'})
    system.run('settlements', lambda: system.settlements('stage'))
    open_action(system, page, 'amazon_start_action')
    for kind in PROOFS:
        page.wait_for_selector(step(kind, 'done'))
    picture(page, 'start_proven')
    page.click(f"{step('proof_tracking')} button")
    page.wait_for_selector('.o_form_view')
    assert not page.problems, page.problems


def send_first_quantities(system, page):
    """Look at what would be sent, keep one marketplace back for a moment, agree to the jumps and send."""
    open_action(system, page, 'amazon_start_action')
    page.click(f"{step('stock', 'todo')} button")
    lines = page.locator('.modal [name=line_ids] .o_data_row')
    page.wait_for_selector('.modal [name=preview_ids] .o_data_row')
    picture(page, 'start_stock')
    count = lines.count()
    assert count, "what would change is shown"
    switch = page.locator('.modal [name=preview_ids] .o_data_row', has_text='Amazon.de').locator(
        '[name=is_chosen] .o-checkbox')
    switch.click()
    expect(lines).not_to_have_count(count)
    switch.click()
    expect(lines).to_have_count(count)
    for jumps in page.locator('.modal [name=send_jumps] .o-checkbox').all():
        jumps.click()
    page.click('.modal button[name=action_start]')
    page.locator('.modal footer button:visible', has_text=re.compile('^ok$', re.IGNORECASE)).click()
    expect(page.locator('.modal')).to_have_count(0)


def test_whoever_does_not_set_up_sees_no_button(system, page):
    system.begin()
    system.connect()
    log_in(system, page, make_user(system, 'start-user', 'amazon_connector.group_amazon_user'))
    open_action(system, page, 'amazon_start_action')
    expect(page.locator('.o_amazon_step')).to_have_count(len(STEPS))
    expect(page.locator('.o_amazon_step button')).to_have_count(0)
    picture(page, 'start_user')
    assert not page.problems, page.problems

"""The everyday jobs, counted: clicks, typed fields and pages, beside what they took before there was a start page, a
list of what needs attention and a row for each SKU. Each takes at most three quarters of the clicks.

Each job begins where the app opens for whoever does it, and ends when Odoo or Amazon has what it is for.
"""

import collections
import contextlib
import json

import pytest
import stack
from playwright.sync_api import expect
from simulator.generator import merchant_orders
from simulator.state import APPLICATION_ID, CLIENT_ID, CLIENT_SECRET

from .browser import log_in, make_user, open_action, pick, wait_until
from .test_mapping_browser import begin as begin_mapping
from .test_mapping_browser import listings as find_listings
from .test_settlements_browser import PILL, import_rows
from .test_shipments import begin as begin_shipments
from .test_start_browser import choose_country, place_orders, step

SHARE = 0.75
PARCELS = 5
MARKETS = 3
Effort = collections.namedtuple('Effort', 'clicks typed')
BEFORE = {
    "Connect to Amazon": Effort(8, 3),
    "Leave out 13 of 16 marketplaces": Effort(13, 0),
    "Choose the product of an order's unknown SKU": Effort(4, 1),
    "Map one SKU on 16 marketplaces": Effort(8, 1),
    f"First stock sync of {MARKETS} marketplaces": Effort(4 * MARKETS, 0),
    f"Ship {PARCELS} parcels with tracking numbers": Effort(3 * PARCELS, PARCELS),
    "Set up the accounts": Effort(3, 0),
    "Map and book a settlement with an unknown row": Effort(5, 0),
}
HEAD = f"{'job':<50} {'clicks':>6} {'before':>6} {'share':>6} {'typed':>6} {'before':>6} {'pages':>6}"


class Job:
    """Counts what a person does: clicks, typed fields, and the pages that the browser shows on the way."""

    def __init__(self, page, name):
        self.page, self.name, self.clicks, self.typed = page, name, 0, 0
        self._pages = [page.url]
        page.on('framenavigated', self._note_page)

    def _note_page(self, frame):
        if frame == self.page.main_frame and frame.url != self._pages[-1]:
            self._pages.append(frame.url)

    @property
    def pages(self):
        return len(self._pages) - 1

    def click(self, selector):
        self.page.click(selector)
        self.clicks += 1

    def paste(self, field, value):
        self.page.fill(f'.modal [name={field}] input', value)
        self.typed += 1

    def choose(self, field, text):
        """Type into a field and click what it offers."""
        pick(self.page, field, text)
        self.clicks, self.typed = self.clicks + 1, self.typed + 1


@pytest.fixture(scope='module')
def table(request):
    """The jobs that were done; shown at the end, and kept beside the pictures."""
    jobs = []
    yield jobs
    lines = [HEAD]
    for job in jobs:
        before = BEFORE[job.name]
        lines.append(f'{job.name:<50} {job.clicks:>6} {before.clicks:>6} {job.clicks / before.clicks:>6.0%} '
                     f'{job.typed:>6} {before.typed:>6} {job.pages:>6}')
    (stack.RUN / 'clicks.txt').write_text('\n'.join(lines) + '\n', encoding='utf-8')
    with request.config.pluginmanager.get_plugin('capturemanager').global_and_fixture_disabled():
        print('', *lines, sep='\n')


@pytest.fixture
def count(page, table):
    """Return what counts a job; it fails if that takes more than it may."""
    @contextlib.contextmanager
    def counted(name):
        job, before = Job(page, name), BEFORE[name]
        yield job
        table.append(job)
        assert job.clicks <= SHARE * before.clicks and job.typed <= before.typed, (job.clicks, job.typed, before)
        assert not page.problems, page.problems
    return counted


def open_start(system, page):
    open_action(system, page, 'amazon_start_action')
    page.wait_for_selector('.o_amazon_step')


def test_connect(system, page, count):
    system.begin()
    place_orders(system, 'DE', 'FR', 'IT')
    open_start(system, page)
    with count("Connect to Amazon") as job:
        job.click(f"{step('connect')} button")
        choose_country(job, "Germany (amazon.de)")
        for field, value in (('application_ref', APPLICATION_ID), ('lwa_client_ref', CLIENT_ID),
                             ('lwa_client_secret', CLIENT_SECRET)):
            job.paste(field, value)
        job.click('.modal button[name=action_connect]')
        page.wait_for_selector('text=Authorize an application')
        job.click('button[value=allow]')
        page.wait_for_selector(step('marketplaces', 'todo'))
    with count("Leave out 13 of 16 marketplaces") as job:
        job.click(f"{step('marketplaces')} button")
        expect(page.locator('.modal [name=is_chosen] input:checked')).to_have_count(3)
        job.click('.modal button[name=action_choose]')
        expect(page.locator('.modal')).to_have_count(0)
    assert system.call('amazon.seller.marketplace', 'search_count', []) == 3


def map_product(page, job, sku):
    """Choose a product for a SKU, from the start page."""
    job.click(f"{step('products')} button")
    job.click(f'.o_data_row:has-text("{sku}") [name=product_id]')
    job.choose('.o_selected_row [name=product_id]', 'SKU-003')
    page.keyboard.press('Enter')


def test_exception(system, page, count):
    system.begin(orders=0, listings=5, marketplaces=['DE'])
    [order] = merchant_orders(1, 'DE')
    unknown = json.loads(json.dumps(order).replace(order['orderItems'][0]['product']['sellerSku'], 'NEVER-SEEN'))
    system.control('orders', [unknown])
    system.connect()
    system.run_orders()
    assert system.call('amazon.order', 'search_count', [('state', '=', 'error')]) == 1
    open_start(system, page)
    with count("Choose the product of an order's unknown SKU") as job:
        map_product(page, job, 'NEVER-SEEN')
        wait_until(lambda: system.call('amazon.order', 'search_count', [('state', '=', 'done')]))
    assert len(system.references()) == 1


def test_mapping(system, page, count):
    begin_mapping(system, page)
    log_in(system, page, make_user(system, 'mapper', 'amazon_connector.group_amazon_admin'))
    open_start(system, page)
    with count("Map one SKU on 16 marketplaces") as job:
        map_product(page, job, 'WK-77/B')
        job.click('.o_data_row:has-text("WK-77/B") button[name=action_confirm_pieces]')
        wait_until(lambda: all(listing['product_id'] and not listing['pack_check']
                               for listing in find_listings(system)))


def test_first_stock_sync(system, page, count):
    begin_mapping(system, page)
    [product] = system.call('product.product', 'search', [('default_code', '=', 'SKU-003')])
    kept = system.call('amazon.seller.marketplace', 'search', [], limit=MARKETS)
    found = system.call('amazon.listing', 'search', [('sku', '=', 'WK-77/B'), ('marketplace_id', 'in', kept)])
    system.call('amazon.listing', 'write', found, {'product_id': product, 'pack_quantity': 2})
    system.call('amazon.seller.marketplace', 'write', system.call(
        'amazon.seller.marketplace', 'search', [('id', 'not in', kept)]), {'active': False})
    open_start(system, page)
    with count(f"First stock sync of {MARKETS} marketplaces") as job:
        job.click(f"{step('stock', 'todo')} button")
        expect(page.locator('.modal [name=preview_ids] .o_data_row')).to_have_count(MARKETS)
        job.click('.modal button[name=action_start]')
        job.click('.modal footer .btn-primary:text-is("Ok"):visible')
        expect(page.locator('.modal')).to_have_count(0)
    assert system.call('amazon.seller.marketplace', 'search_count', [('stock_sync', '=', True)]) == MARKETS


def test_tracking(system, page, count):
    pickings = begin_shipments(system, PARCELS)
    system.call('stock.picking', 'write', pickings, {'carrier_tracking_ref': False})
    log_in(system, page, make_user(system, 'shipper', 'stock.group_stock_user'))
    open_action(system, page, 'amazon_to_ship_action')
    page.wait_for_selector('.o_kanban_record')
    with count(f"Ship {PARCELS} parcels with tracking numbers") as job:
        job.click('.o_switch_view.o_list')
        job.click('.o_data_row [name=carrier_tracking_ref] >> nth=0')
        for number in range(PARCELS):
            # Enter goes on to the next row, and from the last one to the first.
            page.locator(f'.o_data_row:nth-child({number + 1}).o_selected_row [name=carrier_tracking_ref] input').fill(
                f'00340434{number:012d}')
            job.typed += 1
            page.keyboard.press('Enter')
        expect(page.locator('.o_data_row:nth-child(1).o_selected_row')).to_be_visible()
        job.click('.o_list_button_save:visible')
        job.click('thead .o_list_record_selector input')
        job.click('button[name=action_amazon_validate]')
        wait_until(lambda: system.call('stock.picking', 'search_count', [
            ('id', 'in', pickings), ('state', '=', 'done')]) == PARCELS)


def test_accounts(system, page, count):
    system.begin(orders=10, marketplaces=['DE'])
    system.connect()
    log_in(system, page, make_user(system, 'controller', 'amazon_connector.group_amazon_user',
                                   'account.group_account_manager'))
    open_start(system, page)
    with count("Set up the accounts") as job:
        job.click(f"{step('accounts')} button")
        job.click('.modal footer button[name=action_apply]')
        expect(page.locator('.modal')).to_have_count(0)
    assert not system.call('amazon.settlement.rule', 'search_count', [('account_id', '=', False)])


def test_settlement(system, page, count):
    import_rows(system, [['other-transaction', 'other-transaction', 'Drone Landing Fee', '-5.00']])
    system.call('ir.cron', 'method_direct_trigger', [system._cron('attention')])
    log_in(system, page, make_user(system, 'bookkeeper', 'account.group_account_user'))
    open_action(system, page, 'amazon_attention_action')
    page.wait_for_selector('.o_data_row')
    with count("Map and book a settlement with an unknown row") as job:
        job.click('.o_data_row:has-text("Settlements") button[name=action_open]')
        job.click('[name=rule_ids] button[name=action_confirm]')
        expect(page.locator(PILL)).to_have_text('Ready')
        job.click('button[name=action_book]')
        expect(page.locator(PILL)).to_have_text('Booked')

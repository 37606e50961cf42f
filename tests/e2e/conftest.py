"""A simulator and an Odoo server as real processes, shared by the tests of this folder."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
import xmlrpc.client

import psycopg2
import pytest
import stack
from playwright.sync_api import expect, sync_playwright
from simulator.generator import catalogue
from simulator.state import APPLICATION_ID, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKENS, SELLERS

from .browser import log_in

DATABASE = f'{stack.PREFIX}_e2e'
# Only what hangs takes that long, also on a machine that has more to do: what is waited for comes as soon as it is
# there.
PATIENCE = 90
# For one unit of the company's currency.
EUROS = 0.9
FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
         '--disable-component-update', '--disable-sync']


def start_worker(script):
    """Start an Odoo process of its own, as a worker is, that runs a script; return it."""
    worker = subprocess.Popen([stack.PROJECT / 'scripts' / 'odoo', 'shell', '-d', DATABASE, '--no-http',
                               '--log-level=critical'],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
                              start_new_session=True)
    worker.stdin.write(script)
    worker.stdin.close()
    return worker


def start_flow(flow):
    """Start a worker that runs a flow without the lock of its cron."""
    return start_worker(f"env['amazon.sync'].search([('flow', '=', '{flow}')])._run()\nenv.cr.commit()\n")


def kill_after(worker, seconds):
    """Kill a worker and its children in the middle of what it does."""
    time.sleep(seconds)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def is_in_the_way(fault):
    """Return whether a job was not run because it runs already, or because another one changed the same rows."""
    return 'execut' in str(fault) or 'serialize' in str(fault)


class System:
    """Odoo by XML-RPC as its administrator, and the simulator's control API."""

    def __init__(self, odoo_url, amazon_url):
        self.odoo_url, self.amazon_url = odoo_url, amazon_url
        self._object = xmlrpc.client.ServerProxy(f'{odoo_url}/xmlrpc/2/object', allow_none=True)

    def call(self, model, method, *arguments, **options):
        return self._object.execute_kw(DATABASE, 2, 'admin', model, method, list(arguments), options)

    def press(self, model, method, record):
        """Press a button that refuses while a job is at work on the same, as a person does who tries again."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.call(model, method, [record])
                return
            except xmlrpc.client.Fault as fault:
                if 'Somebody else works on this' not in str(fault) or time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def control(self, path, body=None, method=None):
        return stack.control(self.amazon_url, path, body, method)

    def fault(self, kind, **options):
        self.control('faults', {'kind': kind, **options})

    def connect(self, region='eu', country='DE', name="E2E"):
        """Make a seller with the refresh token of a private application and connect it; return its id."""
        seller = self.call('amazon.seller', 'create', [{
            'name': name, 'home_marketplace': country, 'environment': 'custom', 'custom_url': self.amazon_url,
            'import_from': '2020-01-01 00:00:00',
            'lwa_client_ref': CLIENT_ID, 'lwa_client_secret': CLIENT_SECRET, 'application_ref': APPLICATION_ID,
            'refresh_token': REFRESH_TOKENS[region], 'selling_partner_ref': SELLERS[region]}])[0]
        self.call('amazon.seller', 'action_test_connection', [seller])
        return seller

    def begin(self, **amazon):
        """A new Amazon and no sellers or Amazon orders in Odoo."""
        self.control('reset', {'speed': 2000, **amazon})
        for attempt in range(5):
            try:
                with contextlib.closing(
                        psycopg2.connect(dbname=DATABASE)) as connection, connection, connection.cursor() as cursor:
                    cursor.execute(CLEAN)
                return
            except (psycopg2.OperationalError, psycopg2.IntegrityError):
                # A job of the test before is still at work.
                if attempt == 4:
                    raise
                time.sleep(2)

    def run_orders(self, seconds=300):
        """Run the order flow until nothing is due any more, as the scheduler does."""
        cron = self._cron('orders')
        deadline, before = time.monotonic() + seconds, self._runs()
        while time.monotonic() < deadline:
            syncs = self.call('amazon.sync', 'search', [('flow', '=', 'orders')])
            self.call('amazon.sync', 'write', syncs, {'next_run': False})
            try:
                self.call('ir.cron', 'method_direct_trigger', [cron])
            except xmlrpc.client.Fault as fault:
                assert is_in_the_way(fault), fault
            failing = self.call('amazon.sync', 'search_count',
                                [('flow', '=', 'orders'), '|', ('error', '!=', False), ('window', '!=', False)])
            waiting = self.call('amazon.order', 'search_count', [('state', 'in', ('new', 'requested'))])
            if not failing and not waiting and all(self._is_after(self._runs()[sync], before[sync]) for sync in syncs):
                return
            time.sleep(0.5)
        raise AssertionError("the order flow did not come to rest")

    def _cron(self, flow):
        domain = [('module', '=', 'amazon_connector'), ('name', '=', f'ir_cron_amazon_{flow}')]
        return self.call('ir.model.data', 'search_read', domain, ['res_id'])[0]['res_id']

    @contextlib.contextmanager
    def without_job(self, flow):
        """Keep the scheduler from a flow, so that it is not faster than the workers of a test."""
        self._switch_job(flow, False)
        try:
            yield
        finally:
            self._switch_job(flow, True)

    def _switch_job(self, flow, active):
        """Odoo refuses that while the job runs."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.call('ir.cron', 'write', [self._cron(flow)], {'active': active})
                return
            except xmlrpc.client.Fault as fault:
                assert 'currently being executed' in str(fault) and time.monotonic() < deadline, fault
            time.sleep(0.3)

    def run(self, flow, done, seconds=300):
        """Run a flow as the scheduler does, again and again as if time had passed, until what it is to do is done."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.run_once(flow)
            if done():
                return
            time.sleep(0.3)
        raise AssertionError(f"the flow {flow} did not come to its end: {self._describe(flow)}")

    def _describe(self, flow):
        """Return how the runs of a flow ended and what became of the last reports."""
        return [*self.call('amazon.sync', 'search_read', [('flow', '=', flow)], ['last_success', 'next_run', 'error']),
                *self.call('amazon.report', 'search_read', [],
                           ['report_type', 'state', 'row_count', 'error', 'create_date', 'start_date', 'end_date'],
                           0, 20)]

    def run_once(self, flow):
        cron = self._cron(flow)
        try:
            self.call('amazon.report', 'action_poll',
                      self.call('amazon.report', 'search', [('state', 'in', ('wanted', 'asked'))]))
            self.call('amazon.feed', 'action_poll', self.call('amazon.feed', 'search', [('state', '=', 'submitted')]))
            self.call('amazon.sync', 'write', self.call('amazon.sync', 'search', [('flow', '=', flow)]),
                      {'next_run': False})
            self.call('ir.cron', 'method_direct_trigger', [cron])
        except xmlrpc.client.Fault as fault:
            assert is_in_the_way(fault), fault

    def import_listings(self):
        """Bring in the listings of Germany; return how many there are."""
        self.call('amazon.seller.marketplace', 'write', self.call('amazon.seller.marketplace', 'search',
                                                                  [('country_id.code', '!=', 'DE')]), {'active': False})
        # The job may have asked for those of other marketplaces before.
        self.run('listings', lambda: self.call('amazon.report', 'search_count', [
            ('state', '=', 'done'), ('marketplace_id.country_id.code', '=', 'DE')]))
        return self.call('amazon.listing', 'search_count', [])

    def set_stock(self, quantities):
        """Count products in the warehouse: SKU -> quantity."""
        market = self.call('amazon.seller.marketplace', 'search_read', [('country_id.code', '=', 'DE')],
                           ['warehouse_id'])[0]
        location = self.call('stock.warehouse', 'read', [market['warehouse_id'][0]],
                             ['lot_stock_id'])[0]['lot_stock_id'][0]
        products = {row['default_code']: row['id'] for row in self.call(
            'product.product', 'search_read', [('default_code', 'in', list(quantities))], ['default_code'])}
        self.call('stock.quant', 'create', [
            {'product_id': products[sku], 'location_id': location, 'inventory_quantity_auto_apply': quantity}
            for sku, quantity in quantities.items()],
            context={'inventory_mode': True})

    def start_stock(self):
        germany = self.call('amazon.seller.marketplace', 'search', [('country_id.code', '=', 'DE')])
        self.call('amazon.seller.marketplace', 'write', germany, {'guard_share': 0, 'stock_jump_limit': 0})
        self.update('amazon_seller_marketplace', germany, stock_sync=True)

    def update(self, table, ids, **values):
        """Write what no user may: times that have passed, for one."""
        with contextlib.closing(
                psycopg2.connect(dbname=DATABASE)) as connection, connection, connection.cursor() as cursor:
            for name, value in values.items():
                cursor.execute(f'UPDATE {table} SET {name} = %s WHERE id = ANY(%s)', (value, ids))

    def shown(self):
        """SKU -> quantity that Amazon shows in Germany, without what Amazon fulfils."""
        return {listing['sku']: listing['fulfillmentAvailability'][0]['quantity']
                for listing in self.control('listings')['listings']
                if listing['marketplace'] == 'A1PA6795UKMFR9' and 'quantity' in listing['fulfillmentAvailability'][0]}

    def prices(self):
        """SKU -> price that Amazon shows in Germany for what Odoo has a product for."""
        mapped = {row['sku'] for row in self.call('amazon.listing', 'search_read', [('product_id', '!=', False)],
                                                  ['sku'])}
        return {listing['sku']: float(listing['offers'][0]['price']['amount'])
                for listing in self.control('listings')['listings']
                if listing['marketplace'] == 'A1PA6795UKMFR9' and listing['sku'] in mapped}

    def sell_and_settle(self, orders=120, **period):
        """Shipped orders of Germany with posted invoices, and the accounts of settlements; return the settlement that
        Amazon made of them.
        """
        self.begin(orders=orders, marketplaces=['DE'])
        self.connect()
        germany = self.call('amazon.seller.marketplace', 'search', [('country_id.code', '=', 'DE')])
        self.call('amazon.seller.marketplace', 'write', germany, {'fbm_invoice': 'posted', 'fba_invoice': 'posted'})
        # Invoices wait for an exchange rate, too.
        self.set_up_accounts()
        self.run_orders()
        return self.control('settle', {'country': 'DE', **period})[0]

    def set_up_accounts(self):
        """Accounts of settlements, and an exchange rate."""
        self.call('amazon.settlement.setup', 'action_apply', self.call('amazon.settlement.setup', 'create', [{}]))
        self.set_rate()

    def set_rate(self):
        """Let there be an exchange rate: the company's currency is another one than Germany's."""
        euro = self.call('res.currency', 'search', [('name', '=', 'EUR')])
        if not self.call('res.currency.rate', 'search_count',
                         [('currency_id', 'in', euro), ('name', '<=', '2020-01-01')]):
            self.call('res.currency.rate', 'create', [{'currency_id': euro[0], 'name': '2020-01-01', 'rate': EUROS}])

    def settlements(self, *fields):
        return self.call('amazon.settlement', 'search_read', [], list(fields))

    def _runs(self):
        return {row['id']: (row['last_run'], row['last_success']) for row in self.call(
            'amazon.sync', 'search_read', [('flow', '=', 'orders')], ['last_run', 'last_success'])}

    @staticmethod
    def _is_after(run, before):
        """Return whether a run began after another one, which may have been at work, and went well."""
        return run[0] != before[0] and run[1] and run[1] >= run[0]

    def references(self):
        """Amazon order ids of all sales orders, one for each sales order."""
        return [row['amazon_order_ref'] for row in self.call('sale.order', 'search_read',
                                                             [('amazon_order_ref', '!=', False)], ['amazon_order_ref'])]

    def expected(self):
        """Amazon order ids of all orders at Amazon that make a sales order."""
        return sorted(order['orderId'] for order in self.control('orders')
                      if order['fulfillment']['fulfillmentStatus'] != 'CANCELLED')


# Below the ORM, which would take a new process for every test.
CLEAN = """
SET LOCAL lock_timeout = '5s';
DELETE FROM mail_message WHERE model LIKE 'amazon.%'; DELETE FROM mail_activity WHERE res_model LIKE 'amazon.%';
DELETE FROM account_partial_reconcile; DELETE FROM account_full_reconcile; DELETE FROM account_bank_statement_line;
UPDATE amazon_settlement SET payout_line_id = NULL; DELETE FROM account_move_line; DELETE FROM account_move;
DELETE FROM amazon_accrual; DELETE FROM amazon_settlement;
DELETE FROM amazon_settlement_rule WHERE company_id IS NOT NULL;
DELETE FROM stock_move_line; DELETE FROM stock_move; DELETE FROM stock_picking; DELETE FROM amazon_order;
DELETE FROM amazon_ledger_difference; UPDATE stock_location SET amazon_seller_id = NULL;
DELETE FROM amazon_border_transfer; DELETE FROM sale_order; DELETE FROM stock_quant; DELETE FROM amazon_listing;
DELETE FROM amazon_seller;
UPDATE res_partner SET amazon_key = NULL
"""


@pytest.fixture(scope='session')
def system():
    stack.stop_all()
    port = stack.free_port(int(os.environ['PORT']) + 1000)
    amazon = stack.start_simulator(stack.free_port(port + 100), speed=2000)
    stack.make_database(DATABASE)
    products = [{'name': good['title'], 'default_code': good['sku'], 'is_storable': True, 'taxes_id': False}
                for good in catalogue()]
    stack.odoo('shell', '-d', DATABASE, '--no-http', '--log-level=error', text=True, stdout=subprocess.DEVNULL, input=(
        f"env['product.product'].create({products!r})\n"
        f"env['ir.config_parameter'].set_param('amazon_connector.default_url', {amazon!r})\n"
        f"env['ir.config_parameter'].set_param('web.base.url', 'http://127.0.0.1:{port}')\n"
        f"env['ir.config_parameter'].set_param('web.base.url.freeze', 'True')\n"
        "env.cr.commit()\n"))
    # A run is not cut by Odoo's limits, however slow the machine: calls are counted by the run.
    url = stack.start_odoo(DATABASE, port, '--max-cron-threads=1', '--limit-time-real-cron=3600',
                           '--limit-time-real=3600',
                           '--log-level=info', '--log-handler=odoo.addons.amazon_connector:DEBUG',
                           '--log-handler=urllib3:DEBUG', log='e2e-odoo')
    yield System(url, amazon)
    stack.stop_all()


@pytest.fixture
def page(system, request):
    """A page of a real browser, logged in, that notes what goes wrong in it as `problems`; a test that fails leaves a
    picture of it.
    """
    failed = request.session.testsfailed
    with start_browser() as browser:
        page = open_page(browser)
        log_in(system, page, 'admin')
        yield page
        if request.session.testsfailed > failed:
            page.screenshot(path=stack.RUN / f'failed-{request.node.name}.png')


@contextlib.contextmanager
def start_browser():
    browser_path = next(filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        yield browser
        browser.close()


def open_page(browser):
    """Return a page in a context of its own that notes what goes wrong in it as `problems`."""
    page = browser.new_page(viewport={'width': 1400, 'height': 860})
    page.set_default_timeout(PATIENCE * 1000)
    expect.set_options(timeout=PATIENCE * 1000)
    page.problems = []
    page.on('pageerror', lambda error: page.problems.append(str(error)))
    page.on('console', lambda message: page.problems.append(message.text) if _is_problem(message) else None)
    return page


def _is_problem(message):
    return message.type == 'error' and not message.location.get('url', '').endswith('favicon.ico')

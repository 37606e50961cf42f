import datetime
import json

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from . import payloads
from .settlement_files import COMMISSION, PRINCIPAL, REFUND, row
from .test_analysis import AnalysisCase

CARD = ('overview_graph', 'overview_orders', 'overview_sales', 'overview_to_ship', 'overview_at_risk',
        'overview_exceptions', 'overview_unmapped', 'overview_refused', 'overview_sold_out', 'overview_paid',
        'overview_paid_date', 'overview_paid_state', 'overview_difference', 'overview_unpaid',
        'overview_unpaid_known', 'overview_failing', 'overview_syncs', 'overview_no_rate')


@tagged('post_install', '-at_install')
class TestOverview(AnalysisCase):
    """Cards of marketplaces and tiles of periods show what is behind them."""

    def setUp(self):
        super().setUp()
        self.product.standard_price = 30.0
        self.company.resource_calendar_id.tz = 'Europe/Berlin'
        self.today = self.company._amazon_get_day(fields.Datetime.now())

    def order(self, ago=0, total='119.00', shipped=1, **options):
        """An order of some days ago, at noon."""
        moment = datetime.datetime.combine(self.today - datetime.timedelta(days=ago), datetime.time(11))
        currency = payloads.MARKETPLACES[options.get('market', 'DE')][1]
        item = payloads.item(total=total, shipped=shipped, currency=currency)
        return self.receive_sale(payloads.order(item, created=f'{moment.isoformat()}Z',
                                                status='SHIPPED' if shipped else 'UNSHIPPED', **options))

    def read_card(self, market=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return (market or self.german).read(CARD)[0]

    def read_tiles(self):
        self.env.flush_all()
        self.env.invalidate_all()
        overview = self.env['amazon.overview'].browse(self.company.id)
        return {tile.period: tile for tile in overview.period_ids}

    # === CARDS === #

    def test_the_graph_has_the_orders_of_each_day(self):
        self.order(ago=0), self.order(ago=3), self.order(ago=3), self.order(ago=40)
        card = self.read_card()
        self.assertEqual((card['overview_orders'], card['overview_sales']), (3, 300.0))
        values = json.loads(card['overview_graph'])[0]['values']
        self.assertEqual((len(values), values[-1]['y'], values[-4]['y']), (14, 100.0, 200.0))
        self.assertIn("2", values[-4]['x'].rpartition(':')[2])

    def test_what_is_to_do(self):
        self.order(shipped=0)
        self.german.stock_sync = True
        self.receive(payloads.order(payloads.item(sku='UNKNOWN')))
        self.make_listing('NO-PRODUCT'), self.make_listing('EMPTY', self.product, amazon_date='2026-10-01')
        self.make_listing('REFUSED', self.product, amazon_quantity=5, amazon_date='2026-10-01').stock_state = 'failed'
        card = self.read_card()
        names = ('to_ship', 'at_risk', 'exceptions', 'unmapped', 'refused', 'sold_out')
        for name in names:
            action = self.german.with_context(amazon_overview=name).action_open_overview()
            count = self.env[action['res_model']].search_count(action['domain'])
            self.assertEqual(card[f'overview_{name}'], count, name)
        self.assertEqual([bool(card[f'overview_{name}']) for name in names], [True] * 6)
        self.make_listing('NO-PRODUCT', market=self.marketplace('FR'))
        overview = self.env['amazon.overview'].browse(self.company.id)
        for name in names:
            action = overview.with_context(amazon_overview=name).action_view_to_do()
            count = self.env[action['res_model']].search_count(action['domain'])
            self.assertEqual((overview[name], count > 0), (count, True), name)
        self.assertEqual(overview.unmapped, card['overview_unmapped'] + 1, "of all marketplaces")

    def test_money(self):
        self.know_fees((COMMISSION, '-11.90'))
        self.order()
        settlement = self.import_rows([row(PRINCIPAL, '50.00')], ref='900', end='2026-11-20')
        card = self.read_card()
        self.assertEqual((card['overview_paid'], card['overview_paid_date'], card['overview_paid_state']),
                         (50.0, settlement.deposit_date, settlement.state))
        self.assertEqual((round(card['overview_unpaid'], 2), card['overview_unpaid_known']), (88.1, True),
                         "100.00 less the estimate of the fees")

    def test_a_payout_of_unknown_fees_is_unknown(self):
        self.assertTrue(self.read_card()['overview_unpaid_known'], "without orders there is nothing to pay out")
        self.order()
        self.assertFalse(self.read_card()['overview_unpaid_known'])

    def test_synchronizations(self):
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'orders')
        sync.write({'last_run': fields.Datetime.now(), 'failures': 2})
        card = self.read_card()
        self.assertEqual(card['overview_failing'], 1)
        self.assertIn("never", card['overview_syncs'])

    def test_the_number_of_queries_does_not_depend_on_the_marketplaces(self):
        for code in ('DE', 'FR', 'GB'):
            self.make_listing('SKU', market=self.marketplace(code))
        markets = self.seller.marketplace_ids
        self.assertGreater(len(markets), 5)

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            # What was read through the seller is no longer read together once the seller is not in the cache.
            records.browse(records.ids).read(CARD)
            return self.cr.sql_log_count - before
        count(markets)
        self.assertLessEqual(count(markets), count(markets[:1]))

    def test_others_cannot_open_it(self):
        user = new_test_user(self.env, 'salesman', 'sales_team.group_sale_salesman', company_id=self.company.id,
                             company_ids=self.company.ids)
        market = self.german.with_user(user)
        with self.assertRaises(AccessError):
            market.action_open_overview()
        with self.assertRaises(AccessError):
            market.read(['overview_sales'])

    # === TILES === #

    def test_tiles(self):
        self.know_fees((COMMISSION, '-11.90'), days=100)
        before = {period: tile.sales for period, tile in self.read_tiles().items()}
        self.order(ago=0), self.order(ago=1)
        tiles = self.read_tiles()
        today, yesterday = tiles['today'], tiles['yesterday']
        for tile in (today, yesterday):
            self.assertEqual(payloads.cents(tile.units, tile.sales, tile.fees, tile.cost, tile.profit, tile.margin,
                                            tile.payout), (1, 100, -11.9, -30, 58.1, 0.58, 88.1))
        first = self.today.day == 1
        self.assertEqual(round(tiles['month'].sales - before['month'], 2), 100 if first else 200)
        self.assertEqual(tiles['month'].currency_id, self.company.currency_id)
        self.assertGreater(tiles['forecast'].sales, before['forecast'])
        facts = self.env['amazon.analysis']
        self.assertEqual(sum(facts.search(today.action_open()['domain']).mapped('sales')), today.sales)

    def test_the_forecast_goes_on_as_the_last_weeks(self):
        for ago in (3, 8, 14, 20):
            self.order(ago=ago, total='833.00')
        tiles, today = self.read_tiles(), self.today
        left = (fields.Date.add(today.replace(day=1), months=1) - today).days - 1
        self.assertAlmostEqual(tiles['forecast'].sales, tiles['month'].sales + 2800 / 28 * left, 2)

    def test_refunds_are_of_their_own_day(self):
        sale = self.order(ago=50)
        self.import_rows([row(REFUND, '-119.00', sale.amazon_order_ref, posted=str(self.today))], ref='902')
        self.assertEqual((self.read_tiles()['today'].refunds, self.read_tiles()['today'].sales), (-100.0, 0.0))

    def test_a_marketplace_without_a_rate_is_named_and_left_out(self):
        pounds = self.env.ref('base.GBP')
        self.env['res.currency.rate'].search([('currency_id', '=', pounds.id)]).unlink()
        self.order(), self.order(market='GB', total='50.00')
        self.assertEqual(self.read_tiles()['today'].sales, 100.0)
        self.assertIn("GBP", self.env['amazon.overview'].browse(self.company.id).missing_rates)
        self.assertTrue(self.read_card(self.marketplace('GB'))['overview_no_rate'])
        self.set_rate('GBP', 0.5)
        self.assertGreater(self.read_tiles()['today'].sales, 150.0)
        self.assertFalse(self.read_card(self.marketplace('GB'))['overview_no_rate'])

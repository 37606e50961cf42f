import datetime

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..amazon_api import throttle
from ..amazon_api.errors import AmazonError, LoginFailed, NotFound, RateLimited, Unavailable
from ..models.amazon_rate_bucket import DatabaseLimiter
from .common import AmazonCase, Reply
from .payloads import item, order

UTC = datetime.timezone.utc


@tagged('post_install', '-at_install')
class TestSync(AmazonCase):
    """The order flow as its job runs it."""

    def setUp(self):
        super().setUp()
        self.sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'orders')

    def run_orders(self, **answers):
        self.sync.next_run = False
        with self.amazon_answers(**answers):
            self.run_job('orders')

    def page(self, *orders, token=None, until='2026-10-02T00:00:00Z'):
        return Reply({'orders': list(orders), 'lastUpdatedBefore': until}, token)

    def rows(self):
        return self.env['amazon.order'].search([('seller_id', '=', self.seller.id)])

    def test_pages_are_stored_processed_and_the_cursor_moves(self):
        self.run_orders(searchOrders=[self.page(order(item()), token='t1'), self.page(order(item()))])
        self.assertEqual(self.rows().mapped('state'), ['done', 'done'])
        self.assertEqual(str(self.sync.cursor), '2026-10-02 00:00:00')
        self.assertFalse(self.sync.window)
        self.assertGreater(self.sync.next_run, fields.Datetime.now())

    def test_a_second_run_that_is_not_due_makes_no_call(self):
        """A13"""
        self.run_orders(searchOrders=[self.page(order(item()))])
        with self.amazon_answers():
            self.run_job('orders')
        self.assertEqual(self.sync.failures, 0)

    def test_unchanged_orders_read_again_in_the_overlap_are_not_processed_again(self):
        """A13"""
        payload = order(item())
        self.run_orders(searchOrders=[self.page(payload)])
        written = self.rows().write_date
        self.run_orders(searchOrders=[self.page(payload)])
        self.assertEqual((self.rows().state, self.rows().write_date), ('done', written))

    def test_one_call_for_all_marketplaces_beginning_before_the_cursor(self):
        seen = []
        self.sync.cursor = '2026-10-05 12:00:00'
        self.run_orders(searchOrders=lambda **query: seen.append(query) or self.page())
        self.assertEqual(len(seen), 1)
        self.assertEqual(seen[0]['lastUpdatedAfter'], '2026-10-05T11:55:00Z')
        self.assertEqual(set(seen[0]['marketplaceIds']), set(self.seller.marketplace_ids.mapped('marketplace_ref')))
        self.assertNotIn('lastUpdatedBefore', seen[0])

    def test_a_break_between_pages_keeps_the_place(self):
        self.run_orders(searchOrders=[self.page(order(item()), token='t1'), Unavailable("gone", status=503)])
        self.assertEqual((self.sync.window['token'], self.sync.cursor), ('t1', False))
        self.assertEqual(self.rows().mapped('state'), ['done'], "what was stored is processed although Amazon is away")
        seen = []
        self.run_orders(searchOrders=lambda **query: seen.append(query.get('paginationToken')) or self.page())
        self.assertEqual(seen[0], 't1')

    def test_an_expired_page_token_restarts_the_window(self):
        """A15"""
        self.sync.window = {'field': 'lastUpdated', 'after': '2026-10-01T00:00:00Z', 'before': None, 'token': 'dead',
                            'until': '2026-10-02T00:00:00Z'}
        seen, payload = [], order(item())

        def answer(**query):
            seen.append((query['lastUpdatedAfter'], query.get('paginationToken')))
            if query.get('paginationToken'):
                raise AmazonError("expired", status=400, code='InvalidInput')
            return self.page(payload)
        self.run_orders(searchOrders=answer)
        self.assertEqual(seen[:2], [('2026-10-01T00:00:00Z', 'dead'), ('2026-10-01T00:00:00Z', None)])
        self.assertEqual(self.rows().mapped('state'), ['done'])

    def test_a_rate_limit_changes_no_setting_and_shows_the_next_attempt(self):
        """A18"""
        until = datetime.datetime.now(UTC).replace(microsecond=0) + datetime.timedelta(minutes=3)
        self.run_orders(searchOrders=[RateLimited(until)])
        self.assertEqual((self.seller.state, self.seller.active, self.sync._cron().active, self.sync.failures),
                         ('connected', True, True, 0))
        self.assertEqual(self.sync.next_run, until.replace(tzinfo=None) + datetime.timedelta(seconds=1))
        self.assertTrue(
            self.env['ir.cron.trigger'].search(
                [('cron_id', '=', self.sync._cron().id), ('call_at', '>', fields.Datetime.now())]))

    def test_failures_back_off_and_are_forgotten_after_a_success(self):
        self.run_orders(searchOrders=[Unavailable("gone", status=500, request_id='r-1')])
        first = self.sync.next_run
        self.assertIn('r-1', self.sync.error)
        self.run_orders(searchOrders=[Unavailable("gone", status=500)])
        self.assertEqual(self.sync.failures, 2)
        self.assertGreater(self.sync.next_run, first)
        self.run_orders(searchOrders=[self.page()])
        self.assertEqual((self.sync.failures, self.sync.error), (0, False))

    def test_a_withdrawn_authorization_stops_the_flow_and_says_so(self):
        self.run_orders(searchOrders=[LoginFailed("no", code='invalid_grant')])
        self.assertEqual(self.seller.state, 'error')
        self.run_orders(searchOrders=[])

    def test_one_sellers_bug_does_not_stop_the_others(self):
        other = self.seller.copy({'name': "Other", 'selling_partner_ref': 'A2', 'state': 'connected'})
        other.state = 'connected'
        with self.assertLogs('odoo.addons.amazon_connector.models.amazon_sync', 'ERROR'):
            self.run_orders(searchOrders=[TypeError("bug"), self.page()])
        states = (self.seller | other).sync_ids.filtered(lambda sync: sync.flow == 'orders').mapped('failures')
        self.assertEqual(sorted(states), [0, 1])

    def test_recover_by_number(self):
        """A23"""
        payload = order(item())
        self.env['amazon.order.recover'].create({
            'seller_id': self.seller.id,
            'references': f"please: {payload['orderId']}, 999-9999999-9999999"}).action_recover()

        def answer(reference, **_query):
            if reference != payload['orderId']:
                raise NotFound("no", status=404)
            return Reply({'order': payload})
        self.run_orders(getOrder=answer, searchOrders=[self.page()])
        self.assertEqual({row.amazon_order_ref[:3]: row.state for row in self.rows()}, {'302': 'done', '999': 'error'})
        with self.assertRaises(UserError):
            self.env['amazon.order.recover'].create(
                {'seller_id': self.seller.id, 'references': "nothing"}).action_recover()

    def test_an_answer_without_the_order_makes_no_other_exception(self):
        payload = order(item())
        reference = payload['orderId']
        for answer in ({}, None, {'order': None}, {'order': []}, {'order': {'salesChannel': {}}}):
            self.env['amazon.order'].search([('seller_id', '=', self.seller.id)]).unlink()
            self.env['amazon.order.recover'].create(
                {'seller_id': self.seller.id, 'references': reference}).action_recover()
            for _run in range(2):
                self.run_orders(getOrder=lambda *_args, answer=answer, **_more: Reply(answer),
                                searchOrders=[self.page()])
            self.assertEqual([(row.amazon_order_ref, row.state) for row in self.rows()], [(reference, 'error')], answer)
            self.assertIn("without this order", self.rows().error)

    def test_recover_by_period(self):
        """A23"""
        seen = []
        self.env['amazon.order.recover'].create({
            'seller_id': self.seller.id, 'method': 'period', 'date_from': '2026-01-01',
            'date_to': '2026-02-01'}).action_recover()
        self.sync.cursor = '2026-10-05 12:00:00'
        self.run_orders(searchOrders=lambda **query: seen.append(query) or self.page(until=None))
        self.assertEqual((seen[1]['createdAfter'], seen[1]['createdBefore']),
                         ('2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'))
        self.assertFalse(self.sync.backlog)
        self.assertGreater(self.sync.cursor, fields.Datetime.to_datetime('2026-10-05 12:00:00'))

    def test_refresh_on_the_sales_order_reads_it_again(self):
        payload = order(item())
        sale = self.receive_sale(payload)
        sale.action_amazon_refresh()
        self.run_orders(
            getOrder=lambda *_a, **_k: Reply(
                {'order': {**payload, 'fulfillment': {**payload['fulfillment'], 'fulfillmentStatus': 'CANCELLED'}}}),
                     searchOrders=[self.page()])
        self.assertEqual(sale.state, 'cancel')

    def test_sync_now_only_wakes_the_job(self):
        with self.amazon_answers():
            self.seller.action_sync_now()
            self.product.action_amazon_sync_now()
        self.assertTrue(self.env['amazon.sync.wake'].search([('sync_id', '=', self.sync.id)]))

    def test_the_bucket_in_the_database_is_the_one_of_the_mathematics(self):
        limiter = DatabaseLimiter(self.env.registry, self.seller.id)
        with self.in_job():
            waits = [limiter.acquire('getOrder', 0.5, 4, patience=1000) for _request in range(5)]
            interval, _capacity = throttle.bucket(0.5, 4)
            self.assertEqual(waits[:3], [0, 0, 0])
            self.assertAlmostEqual(waits[3], interval, delta=0.2)
            self.assertAlmostEqual(waits[4], 2 * interval, delta=0.2)
            limiter.learn('getOrder', 5.0, 0.5)
            self.assertAlmostEqual(limiter.acquire('getOrder', 0.5, 4, patience=1000), 0.3 * interval, delta=0.1)
            limiter.drain('getOrder', 5.0, 4)
            with self.assertRaises(RateLimited):
                limiter.acquire('getOrder', 5.0, 4, patience=0.01)

import datetime
import itertools

from odoo import fields
from odoo.tests import tagged

from ..amazon_api.errors import AmazonError, Forbidden, LoginFailed, RateLimited, Unavailable
from .common import AmazonCase, Reply
from .payloads import MARKETPLACES, item, order

FRANCE, GERMANY = MARKETPLACES['FR'][0], MARKETPLACES['DE'][0]
UTC = datetime.timezone.utc


def refuse(operation):
    return Forbidden("Access to requested resource is denied.", operation=operation, status=403, code='Unauthorized')


@tagged('post_install', '-at_install')
class TestScope(AmazonCase):
    """A permission, a page token, a marketplace, a search: each fails alone, for ever if need be, and a person is
    notified.
    """

    def setUp(self):
        super().setUp()
        self.sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'orders')
        self.calls = []
        self.make_responsible()

    def search(self, *answers, **more):
        """Run the order flow; each answer is a page, an exception, or a function of the query."""
        answers = list(answers)

        def call(**query):
            self.calls.append(query)
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            result = answer(query) if callable(answer) else answer
            if isinstance(result, Exception):
                raise result
            return result
        self.sync.next_run = False
        with self.amazon_answers(searchOrders=call, **more):
            self.run_job('orders')

    def page(self, *orders, token=None):
        return Reply({'orders': list(orders), 'lastUpdatedBefore': '2026-10-02T00:00:00Z'}, token)

    def rows(self):
        return self.env['amazon.order'].search([('seller_id', '=', self.seller.id)])

    # === PERMISSIONS === #

    def test_a_missing_role_stops_its_flow_and_names_the_role(self):
        asked = []
        self.search(refuse('searchOrders'), getMarketplaceParticipations=lambda: asked.append(1)
                    or Reply({'payload': []}))
        self.assertEqual((self.seller.state, self.sync.failures, len(asked)), ('connected', 1, 1))
        self.assertIn("Inventory and Order Tracking", self.sync.error)
        self.search(self.page(order(item())))
        self.assertEqual((self.sync.error, self.sync.failures, self.rows().state), (False, 0, 'done'),
                         "it goes on by itself")

    def test_each_flow_names_its_role(self):
        for flow, operation, role in (('transactions', 'listTransactions', "Finance and Accounting"),
                                      ('settlements', 'getReports', "Finance and Accounting")):
            sync = self.seller.sync_ids.filtered(lambda sync, flow=flow: sync.flow == flow)
            self.run_flow(flow, **{operation: refuse(operation)})
            self.assertEqual(self.seller.state, 'connected', flow)
            self.assertIn(role, sync.error)

    def test_an_account_that_is_refused_as_a_whole_is_in_error(self):
        for refusal in (refuse('getMarketplaceParticipations'), LoginFailed("no", code='invalid_grant')):
            self.seller.state = 'connected'
            self.search(refuse('searchOrders'), getMarketplaceParticipations=[refusal])
            self.assertEqual(self.seller.state, 'error')

    def test_an_account_of_which_nothing_is_known_is_not_in_error(self):
        for failure in (Unavailable("away"), RateLimited(datetime.datetime.now(UTC)), AmazonError("odd")):
            self.search(refuse('searchOrders'), getMarketplaceParticipations=[failure])
            self.assertEqual(self.seller.state, 'connected', failure)

    # === MARKETPLACES === #

    def refuse_france(self, query):
        if FRANCE in query['marketplaceIds']:
            return refuse('searchOrders')
        return self.page(*([order(item(), ref='302-0000000-0000009')] if 'includedData' in query else []))

    def test_a_marketplace_that_is_refused_keeps_no_other_from_being_asked(self):
        self.search(self.refuse_france)
        self.assertEqual((self.rows().mapped('state'), self.seller.state), (['done'], 'connected'))
        self.assertIn("Amazon FR", self.sync.error)
        self.assertEqual((self.sync.failures, bool(self.sync.cursor)), (1, True))
        before = len(self.calls)
        self.search(self.refuse_france)
        self.assertEqual(len(self.calls), before + 1, "it is not found out again in every run")
        self.assertIn("Amazon FR", self.sync.error, "and still shown")

    def test_a_marketplace_that_is_allowed_again_is_searched_since_it_was_refused(self):
        self.search(self.refuse_france)
        self.sync.refused_date = fields.Datetime.now() - datetime.timedelta(days=2)
        self.calls.clear()
        self.search(lambda query: self.page())
        self.assertFalse(self.sync.refused)
        since = self.seller.import_from - datetime.timedelta(minutes=5)
        self.assertIn(([FRANCE], f'{since.isoformat()}Z'),
                      [(query['marketplaceIds'], query['lastUpdatedAfter']) for query in self.calls])
        self.assertEqual((self.sync.error, self.sync.backlog), (False, False))

    def test_a_role_that_is_missing_everywhere_is_not_asked_for_everywhere_in_each_run(self):
        self.search(refuse('searchOrders'))
        before = len(self.calls)
        self.search(refuse('searchOrders'))
        self.assertEqual(len(self.calls), before + 1)

    # === PAGE TOKENS === #

    def test_page_tokens_that_are_always_refused_cost_few_calls_and_a_person_is_notified(self):
        first = order(item())

        def answer(query):
            return (AmazonError("bad token", status=400, code='InvalidInput') if 'paginationToken' in query
                    else self.page(first, token='t'))
        self.search(answer)
        self.assertEqual((len(self.calls), self.sync.failures, self.rows().state), (4, 1, 'done'))
        self.assertIn("page tokens", self.sync.error)
        self.assertTrue(self.seller.attention_ids.activity_ids)
        self.search(answer)
        self.assertEqual((len(self.calls), self.sync.failures, len(self.seller.attention_ids.activity_ids)),
                         (8, 2, 1))
        self.search(self.page(first))
        self.assertFalse(self.sync.failures)

    def test_a_token_that_repeats_itself_ends(self):
        self.search(lambda query: self.page(token='same'))
        self.assertEqual((len(self.calls), self.sync.failures), (2, 1))

    def test_a_page_that_comes_again_with_ever_new_tokens_ends_though_every_run_reads_few(self):
        self.sync.window = {'kind': 'poll', 'field': 'lastUpdated', 'after': '2026-10-01T00:00:00Z', 'before': None,
                            'token': 'old', 'until': None}
        same, newer, numbers = order(item()), order(item()), itertools.count(1)

        def answer(query):
            number = next(numbers)
            if 'paginationToken' not in query:
                return self.page(newer)
            return self.page(same, token=f't{number}') if number % 5 else RateLimited(datetime.datetime.now(UTC))
        for _run in range(2):
            self.search(answer)
            self.assertEqual((bool(self.sync.window), len(self.rows()), self.sync.failures), (True, 1, 0))
        self.search(answer)
        self.assertEqual((self.sync.window, len(self.rows()), self.sync.failures), (False, 2, 1))
        self.assertIn("same page", self.sync.error)
        self.assertTrue(self.seller.attention_ids.activity_ids)
        self.assertTrue(self.sync.cursor, "what is new was searched")

    def test_pages_that_are_known_from_another_search_end_nothing(self):
        pages = [order(item()) for _page in range(15)]
        self.receive(*pages)
        self.search(*[self.page(payload, token=f't{number}') for number, payload in enumerate(pages)], self.page())
        self.assertEqual((self.sync.failures, self.sync.error, self.sync.window), (0, False, False))

    # === SEARCHES === #

    def test_a_search_that_fails_alone_keeps_no_other(self):
        self.sync.backlog = [{'field': 'created', 'after': '2026-01-01T00:00:00Z', 'before': '2026-02-01T00:00:00Z',
                              'token': None},
                             {'field': 'created', 'after': '2026-03-01T00:00:00Z', 'before': '2026-04-01T00:00:00Z',
                              'token': None}]
        bad, good = order(item()), order(item())

        def answer(query):
            if query.get('createdAfter') == '2026-01-01T00:00:00Z':
                return AmazonError("too old", status=400)
            return self.page(good if 'createdAfter' in query else bad)
        self.search(answer)
        self.assertEqual(len(self.rows()), 2)
        self.assertEqual([search['after'] for search in self.sync.backlog], ['2026-01-01T00:00:00Z'])
        self.assertIn("too old", self.sync.error)

    def test_a_search_that_is_new_fails_and_the_one_that_was_asked_for_is_done(self):
        self.sync.backlog = [{'field': 'created', 'after': '2026-01-01T00:00:00Z', 'before': '2026-02-01T00:00:00Z',
                              'token': None}]
        self.search(lambda query: self.page(order(item())) if 'createdAfter' in query
                    else AmazonError("odd", status=400))
        self.assertEqual((len(self.rows()), self.sync.backlog, self.sync.failures), (1, False, 1))

    def test_a_single_order_that_amazon_cannot_answer_keeps_no_other(self):
        refs = [f'302-000000{number}-0000001' for number in range(4)]
        self.env['amazon.order']._request(self.seller, refs)
        good = order(item(), ref=refs[3])
        answers = {refs[0]: AmazonError("odd", status=400), refs[1]: Unavailable("500"),
                   refs[2]: Reply({'order': order(item())}), refs[3]: Reply({'order': good})}

        def answer(ref, **_query):
            if isinstance(answers[ref], Exception):
                raise answers[ref]
            return answers[ref]
        self.search(self.page(), getOrder=answer)
        states = {row.amazon_order_ref: row.state for row in self.rows()}
        self.assertEqual([states[ref] for ref in refs], ['error', 'requested', 'error', 'done'])
        self.assertIn(refs[1], self.sync.error)

    def test_a_page_without_orders_is_no_empty_page(self):
        self.search(Reply({'lastUpdatedBefore': '2026-10-02T00:00:00Z'}))
        self.assertEqual((self.sync.cursor, self.sync.failures), (False, 1))

    # === LATE ORDERS === #

    def test_once_a_day_orders_that_appeared_late_are_found(self):
        self.sync.write({'cursor': '2026-10-20 12:00:00', 'deep_date': fields.Datetime.now()
                         - datetime.timedelta(hours=25)})
        late = order(item(), updated='2026-10-18T06:00:00Z')

        def answer(query):
            return self.page(late) if query['lastUpdatedAfter'] < '2026-10-18' else self.page()
        self.search(answer)
        self.assertEqual((len(self.calls), self.rows().state), (2, 'done'))
        self.assertEqual(str(self.sync.cursor), '2026-10-20 12:00:00', "the cursor does not go back")
        self.search(answer)
        self.assertEqual(len(self.calls), 3)

    def test_the_daily_search_leaves_quota_to_what_is_new_and_keeps_its_place(self):
        self.sync.write({'cursor': '2026-10-20 12:00:00', 'deep_date': False})
        tokens = iter(range(100))

        def answer(query):
            return self.page(token=f't{next(tokens)}') if query['lastUpdatedAfter'] < '2026-10-18' else self.page()
        self.search(answer)
        self.assertEqual(len(self.calls), 1 + self.sync._DEEP_PAGES)
        self.calls.clear()
        self.search(answer)
        self.assertEqual(self.calls[1]['paginationToken'], 't2')

        def limited(query):
            return (RateLimited(datetime.datetime.now(UTC) + datetime.timedelta(hours=1))
                    if query['lastUpdatedAfter'] < '2026-10-18' else self.page())
        self.search(limited)
        self.assertEqual((self.sync.error, self.sync.is_waiting), (False, False))

    # === SYNC NOW === #

    def test_a_click_during_a_run_is_for_the_next_run(self):
        self.search(lambda query: self.seller.action_sync_now() and self.page())
        self.assertTrue(self.env['amazon.sync.wake'].search([('sync_id', '=', self.sync.id)]))
        self.sync.next_run = fields.Datetime.now() + datetime.timedelta(hours=1)
        with self.amazon_answers(searchOrders=[self.page(order(item()))]):
            self.run_job('orders')
        self.assertEqual(len(self.rows()), 1)
        self.assertFalse(self.env['amazon.sync.wake'].search([('sync_id', '=', self.sync.id)]))

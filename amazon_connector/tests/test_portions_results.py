import json
from unittest.mock import patch

import psycopg2

from odoo.tests import tagged

from ..models import amazon_feed_result
from ..models.amazon_push_mixin import AmazonPushMixin
from ..models.amazon_settlement_booking import AmazonSettlement
from ..models.amazon_transaction_credit import AmazonTransaction
from ..models.sale_order import SaleOrder
from ..utils import pace
from . import payloads, test_settlements
from .common import FakeAmazon
from .settlement_files import COMMISSION, PRINCIPAL, STORAGE, document, row
from .test_push_results import PushResultsCase
from .test_transactions import TransactionCase, group, refund


class ConflictMixin:
    """Other users and jobs write what a flow is about to write."""

    def colliding(self, model, name, collides):
        """Let a method collide with another transaction for the records of which `collides` says so."""
        work = getattr(model, name)

        def collide(records, *args, **kwargs):
            if collides(records):
                raise psycopg2.errors.SerializationFailure
            return work(records, *args, **kwargs)
        self.patch(pace.time, 'sleep', lambda _seconds: None)
        return patch.object(model, name, collide)

    def sync(self, flow):
        return self.seller.sync_ids.filtered(lambda sync: sync.flow == flow)

    def assert_shown(self, flow, subject):
        self.assertEqual(self.sync(flow).failures, 1)
        self.assertIn(f"{subject}: Other users or jobs", self.sync(flow).error)


@tagged('post_install', '-at_install')
class TestResultPortions(ConflictMixin, PushResultsCase):

    def test_a_listing_in_perpetual_conflict_holds_no_other_result(self):
        lines = self.submit()
        feed, refused = lines.feed_id, {'messageId': lines[0].id, 'sku': 'SKU-A', 'severity': 'ERROR', 'message': "No."}
        with self.colliding(AmazonPushMixin, '_mark_accepted', lambda listings: self.second in listings):
            self.poll(self.report(refused, accepted=1))
        self.assertEqual((self.states(), feed.state, lines.mapped('state')),
                         (['failed', 'sent'], 'submitted', ['refused', 'sent']))
        self.assert_shown('feeds', 'SKU-B')
        self.poll(self.report(refused, accepted=1))
        self.assertEqual((self.states(), feed.state, feed.error), (['failed', 'accepted'], 'done', False))
        self.assertEqual(self.sync('feeds').failures, 0)

    def test_what_is_left_for_want_of_time_follows(self):
        feed = self.submit().feed_id
        self.poll_once_out_of_time(feed)
        self.assertEqual((sorted(self.states()), feed.state), (['accepted', 'sent'], 'submitted'))
        self.poll(self.report())
        self.assertEqual((self.states(), feed.state, feed.error), (['accepted', 'accepted'], 'done', False))

    def poll_once_out_of_time(self, feed):
        sync, amazon = self.sync('feeds'), FakeAmazon(
            getFeed={'processingStatus': 'DONE', 'resultFeedDocumentId': 'RESULT'}, getFeedDocument={'url': 'result'})
        amazon.documents['result'] = json.dumps(self.report()).encode()
        feed.next_poll = '2020-01-01'
        with patch.object(type(sync), '_has_time', lambda _sync: False), patch.object(
                amazon_feed_result, 'RESULT_CHUNK', 1), self.in_job() as env, \
                amazon.patched():
            sync.with_env(env)._run()


@tagged('post_install', '-at_install')
class TestTransactionPortions(ConflictMixin, TransactionCase):

    def test_a_refund_in_perpetual_conflict_holds_no_other(self):
        sales = [self.sell() for _number in range(3)]
        refunds = [refund(sale, (item, 1, [group('ProductCharges', ('OurPricePrincipal', -119.0))]), ref=f'T{number}')
                   for number, (sale, item) in enumerate(sales)]
        with self.colliding(AmazonTransaction, '_process_one', lambda record: record.transaction_ref == 'T1'):
            self.fetch(*refunds)
        self.assertEqual([self.one(f'T{number}').state for number in range(3)], ['done', 'new', 'done'])
        self.assert_shown('transactions', 'T1')
        self.fetch()
        self.assertEqual((self.one('T1').state, self.sync('transactions').failures), ('done', 0))


@tagged('post_install', '-at_install')
class TestSettlementPortions(ConflictMixin, test_settlements.SettlementCase):

    amazon = test_settlements.TestSettlementImport.amazon

    def run_settlements(self, *documents):
        self.sync('settlements').cursor = False
        self.run_flow('settlements', self.amazon(*documents))
        return self.env['amazon.settlement'].search([('seller_id', '=', self.seller.id)], order='settlement_ref')

    def test_a_settlement_in_perpetual_conflict_holds_no_other(self):
        self.german.settlement_auto = True
        documents = [document([row(STORAGE, '-5.00')], ref=ref) for ref in ('111', '222', '333')]
        with self.colliding(AmazonSettlement, '_book', lambda record: record.settlement_ref == '222'):
            found = self.run_settlements(*documents)
        self.assertEqual(found.mapped('stage'), ['booked', 'ready', 'booked'])
        self.assert_shown('settlements', '222')
        self.assertIn("Other users or jobs", found[1].problem)
        found = self.run_settlements()
        self.assertEqual((found.mapped('stage'), found[1].problem, self.sync('settlements').failures),
                         (['booked'] * 3, False, 0))

    def test_an_order_that_somebody_edits_holds_no_settlement(self):
        """The rows are stored in one transaction, what orders were charged is not part of it."""
        sales = [self.receive_sale(payloads.order(payloads.item())) for _number in range(3)]
        rows = [row(kind, amount, sale.amazon_order_ref) for sale in sales
                for kind, amount in ((PRINCIPAL, '10.00'), (COMMISSION, '-1.50'))]
        with self.colliding(SaleOrder, '_amazon_update_fees', lambda orders: sales[1] in orders):
            settlement = self.run_settlements(document(rows))
        self.assertEqual((settlement.row_count, [sale.amazon_fees for sale in sales]), (6, [-1.5, 0, -1.5]))
        self.assertEqual(self.env['amazon.report'].search([('seller_id', '=', self.seller.id)]).state, 'done')
        self.assert_shown('settlements', sales[1].display_name)
        settlement.action_book()
        self.assertEqual(sales[1].amazon_fees, -1.5, "booking sums up once more")

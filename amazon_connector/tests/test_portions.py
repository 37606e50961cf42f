import collections
from unittest.mock import patch

import psycopg2

from odoo.tests import BaseCase, tagged

from ..models.amazon_order import AmazonOrder
from ..utils import pace
from .common import AmazonCase, Reply
from .payloads import item, order


@tagged('post_install', '-at_install')
class TestPace(BaseCase):

    def test_portions_grow_to_the_length_that_is_aimed_at(self):
        sizes, current = [], pace.Pace(most=250)
        for _portion in range(12):
            sizes.append(current.size)
            current.succeed(current.size, seconds=current.size * 0.05)
        self.assertEqual(sizes[:4], [8, 16, 32, 40])
        self.assertTrue(all(size == 40 for size in sizes[3:]), "0.05 s each, 2 s together")

    def test_a_slow_machine_takes_one_at_a_time_and_a_quick_one_not_more_than_allowed(self):
        current = pace.Pace(most=50)
        current.succeed(8, seconds=60)
        self.assertEqual(current.size, 1)
        for _portion in range(20):
            current.succeed(current.size, seconds=0)
        self.assertEqual(current.size, 50)

    def test_a_collision_halves_and_growth_is_careful_then(self):
        current = pace.Pace(most=250)
        current.size = 64
        current.collide(64)
        self.assertEqual(current.size, 32)
        current.succeed(32, seconds=0.1)
        self.assertEqual(current.size, 40)

    def test_what_collides_alone_comes_after_the_others_and_is_given_up_some_time(self):
        queue, seen = pace.Queue(range(20), most=250), []
        while queue:
            portion = queue.pop()
            if 7 in portion:
                if queue.collide(portion):
                    break
            else:
                seen += portion
                queue.succeed(portion, 0.01)
        self.assertEqual((sorted(seen), portion), ([number for number in range(20) if number != 7], [7]))


class Shutdown(psycopg2.OperationalError):
    pgcode = '57P01'


@tagged('post_install', '-at_install')
class TestPortions(AmazonCase):
    """Orders that collide with other transactions: the portion is split, the others arrive, and one in perpetual
    conflict is shown.
    """

    def setUp(self):
        super().setUp()
        self.sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'orders')
        self.orders = [order(item()) for _number in range(5)]
        self.tries = collections.Counter()

    def run_colliding(self, collides, error=psycopg2.errors.SerializationFailure, work=AmazonOrder._set_done,
                      orders=None):
        """Run the flow; `collides(refs)` says whether a portion of these orders collides, before it is worked on."""
        def process(rows):
            refs = rows.mapped('amazon_order_ref')
            self.tries.update(refs)
            if collides(refs):
                raise error
            work(rows)
        page = Reply({'orders': orders or self.orders, 'lastUpdatedBefore': '2026-10-02T00:00:00Z'})
        self.sync.next_run = False
        with patch.object(AmazonOrder, '_process_together', process), patch.object(pace.time, 'sleep'), \
                self.amazon_answers(searchOrders=[page]):
            self.run_job('orders')
        return {row.amazon_order_ref: row
                for row in self.env['amazon.order'].search([('seller_id', '=', self.seller.id)])}

    def test_a_conflict_is_split_and_all_arrive(self):
        for error in (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected,
                      psycopg2.errors.LockNotAvailable):
            orders = [order(item()) for _number in range(6)]
            rows = self.run_colliding(lambda refs: len(refs) > 2, error, orders=orders)
            self.assertEqual({rows[payload['orderId']].state for payload in orders}, {'done'})
        self.assertEqual((self.sync.conflicts, self.sync.failures, self.sync.error), (0, 0, False))

    def test_a_conflict_of_one_order_is_tried_again_by_itself(self):
        victim = self.orders[3]['orderId']
        rows = self.run_colliding(lambda refs: victim in refs and self.tries[victim] < 5)
        self.assertEqual({row.state for row in rows.values()}, {'done'})

    def test_what_another_job_made_at_the_same_moment_is_tried_again(self):
        victim = self.orders[3]['orderId']
        rows = self.run_colliding(lambda refs: victim in refs and self.tries[victim] < 5,
                                  psycopg2.errors.UniqueViolation)
        self.assertEqual({row.state for row in rows.values()}, {'done'})
        self.assertEqual((self.sync.conflicts, self.sync.failures, self.sync.error), (0, 0, False))

    def test_what_is_there_twice_for_good_is_shown_with_its_reason(self):
        victim = self.orders[3]['orderId']
        rows = self.run_colliding(lambda refs: victim in refs, psycopg2.errors.UniqueViolation,
                                  work=AmazonOrder._process_together)
        self.assertEqual({row.state for ref, row in rows.items() if ref != victim}, {'done'})
        self.assertEqual(rows[victim].state, 'error')
        self.assertNotIn("Other users or jobs", rows[victim].error)

    def test_an_order_in_perpetual_conflict_is_shown_and_the_others_arrive(self):
        victim = self.orders[3]['orderId']
        rows = self.run_colliding(lambda refs: victim in refs, work=AmazonOrder._process_together)
        self.assertEqual({row.state for ref, row in rows.items() if ref != victim}, {'done'})
        self.assertEqual((rows[victim].state, rows[victim].attempts), ('error', 1))
        self.assertIn("Other users or jobs", rows[victim].error)
        self.assertTrue(rows[victim].next_attempt and rows[victim].next_step)
        self.assertFalse(rows[victim].sale_order_id)

    def test_a_record_that_cannot_even_be_marked_is_named_on_the_row(self):
        victim = self.orders[3]['orderId']
        with patch.object(AmazonOrder, '_set_conflict', side_effect=psycopg2.errors.SerializationFailure):
            rows = self.run_colliding(lambda refs: victim in refs)
        self.assertEqual((rows[victim].state, self.sync.failures), ('new', 1))
        self.assertIn("Other users or jobs", self.sync.error)

    def test_a_lost_connection_is_no_conflict(self):
        with self.assertLogs('odoo.addons.amazon_connector.models.amazon_sync', 'ERROR'):
            rows = self.run_colliding(lambda refs: True, Shutdown)
        self.assertEqual({row.state for row in rows.values()}, {'new'})
        self.assertEqual((self.sync.failures, set(self.tries.values())), (1, {1}))

import collections
import contextlib
from unittest.mock import patch

import psycopg2

from odoo.tests import tagged

from ..models import amazon_feed
from ..models.amazon_package import AmazonPackage
from ..models.amazon_push_mixin import AmazonPushMixin
from ..utils import pace, stock_plan
from .common import FakeAmazon
from .payloads import item, order
from .test_shipments import ShipmentCase
from .test_stock_push import FEED, StockCase


@tagged('post_install', '-at_install')
class TestPushPortions(StockCase):
    """Quantities that are collected while users and other jobs change the same listings."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sync = cls.seller.sync_ids.filtered(lambda sync: sync.flow == 'stock')

    def setUp(self):
        super().setUp()
        self.listings = self.many(6)
        self.make_responsible()
        self.tries = collections.Counter()

    @contextlib.contextmanager
    def colliding(self, collides, model=AmazonPushMixin):
        """`collides(records)` says whether marking these as pushed collides with another transaction."""
        mark = model._mark_sent

        def mark_sent(records, kind, changes):
            found = records.browse(change.record.id for change in changes)
            self.tries.update(found)
            mark(records, kind, changes)
            if collides(found):
                raise psycopg2.errors.SerializationFailure
        with patch.object(model, '_mark_sent', mark_sent), patch.object(pace.time, 'sleep'):
            yield

    def test_a_conflict_is_split_and_all_are_pushed_in_one_feed(self):
        with self.colliding(lambda found: len(found) > 2), patch.object(amazon_feed, 'PATCH_LIMIT', 2):
            self.send(**FEED)
        feed = self.env['amazon.feed'].search([('seller_id', '=', self.seller.id)])
        self.assertEqual((len(feed), feed.state, len(feed.line_ids)), (1, 'submitted', 6))
        self.assertEqual(set(self.listings.mapped('stock_state')), {'sent'})
        self.assertEqual((self.sync.conflicts, self.sync.failures, self.sync.error), (0, 0, False))

    def test_a_listing_in_perpetual_conflict_is_shown_and_the_others_are_pushed(self):
        victim = self.listings[3]
        for run in (1, 2, 3):
            with self.colliding(lambda found: victim in found):
                pushed = self.pushed(self.send())
            self.assertEqual(set(pushed), set(self.listings.mapped('sku')) - {victim.sku} if run == 1 else set())
            self.assertEqual(self.sync.failures, run)
            self.assertIn(f"{victim.sku}: Other users or jobs", self.sync.error)
        self.assertTrue(self.seller.attention_ids.activity_ids, "a person has a task")
        self.assertFalse(victim.stock_pushed)
        self.assertEqual(self.pushed(self.send()), {victim.sku: 10})
        self.assertEqual((self.sync.failures, self.sync.error), (0, False))

    def test_the_plan_is_read_only(self):
        """What takes long holds no row that somebody else may want."""
        self.env.flush_all()
        written = []
        listing = type(self.env['amazon.listing'])
        with patch.object(listing, 'write', lambda records, vals: written.append(vals)):
            changes, notes = self.env['amazon.feed']._plan_stock(self.german)
        self.assertEqual((written, len(changes)), ([], 6))
        self.assertEqual({notes[record.id]['quantity_target'] for record in self.listings}, {10})

    def test_what_is_collected_in_part_is_sent_and_the_rest_follows(self):
        """Time is out, or Odoo stops, between two portions."""
        self.patch(amazon_feed, 'COLLECT_FIRST', 4)
        with patch.object(type(self.sync), '_has_time',
                          lambda _sync: False), self.in_job() as env, FakeAmazon().patched() as amazon:
            self.assertTrue(self.sync.with_env(env)._run(), "it goes on at once")
        self.assertFalse(amazon.calls)
        self.assertEqual(len(self.listings.filtered('stock_pushed')), 4)
        self.assertEqual(set(self.pushed(self.send())), set(self.listings.mapped('sku')))
        self.assertEqual(set(self.env['amazon.feed'].search([('seller_id', '=', self.seller.id)]).mapped('state')),
                         {'done'})

    def test_targets_of_values_that_are_not_pushed_are_kept(self):
        self.send()
        self.assertEqual(set(self.listings.mapped('quantity_target')), {10})
        self.german.guard_share = 1
        self.patch(stock_plan, 'GUARD_LEAST', 1)
        self.empty(self.listings)
        self.assertFalse(self.pushed(self.send()))
        self.assertTrue(self.german.guard_message)
        self.assertEqual(set(self.listings.mapped('quantity_target')), {0})

    def test_a_listing_that_is_deleted_meanwhile_is_left_out(self):
        first = self.listings[0]
        plan = amazon_feed.AmazonFeed._plan_stock

        def plan_then_delete(feeds, market):
            result = plan(feeds, market)
            first.status = False
            first.unlink()
            return result
        with patch.object(amazon_feed.AmazonFeed, '_plan_stock', plan_then_delete):
            pushed = self.pushed(self.send())
        self.assertEqual(len(pushed), 5)


@tagged('post_install', '-at_install')
class TestConfirmationPortions(ShipmentCase):
    """Packages that are confirmed while their deliveries are edited."""

    def setUp(self):
        super().setUp()
        self.packages = self.env['amazon.package'].concat(*(
            self.deliver(self.receive_sale(order(item('SKU-A', 1)))).amazon_package_ids for _number in range(4)))
        self.sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'shipments')

    def test_a_package_in_perpetual_conflict_is_shown_and_the_others_are_confirmed(self):
        victim, check = self.packages[1], AmazonPackage._check_detail

        def collide(package):
            if package == victim:
                raise psycopg2.errors.LockNotAvailable
            return check(package)
        with patch.object(AmazonPackage, '_check_detail', collide), patch.object(pace.time, 'sleep'):
            pushed = self.confirm()
        self.assertEqual({ref for ref, _detail in pushed}, set((self.packages - victim).mapped('amazon_order_ref')))
        self.assertIn(victim.amazon_order_ref, self.sync.error)
        self.assertEqual((victim.state, self.sync.failures), ('to_confirm', 1))
        self.assertEqual([ref for ref, _detail in self.confirm()], [victim.amazon_order_ref])
        self.assertEqual((self.sync.failures, self.sync.error), (0, False))

    def test_a_tracking_number_that_is_corrected_meanwhile_is_not_overwritten(self):
        package, plan = self.packages[0], AmazonPackage._plan

        def plan_then_correct(packages, sync, market):
            result = plan(packages, sync, market)
            packages.browse(package.id).tracking_number = 'NEW'
            return result
        with patch.object(AmazonPackage, '_plan', plan_then_correct):
            first = self.confirm()
        self.assertNotIn(package.amazon_order_ref, dict(first))
        self.assertEqual((package.state, len(first)), ('to_confirm', 3))
        self.assertEqual([detail['trackingNumber'] for _ref, detail in self.confirm()], ['NEW'])

import datetime
import time
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..amazon_api.errors import AmazonError, LoginFailed, NotFound, RateLimited, Unavailable
from ..models.amazon_order import AmazonOrder
from .common import AmazonCase

LOGGER = 'odoo.addons.amazon_connector.models.amazon_sync'
UTC = datetime.timezone.utc


def unique_violation():
    return psycopg2.errors.UniqueViolation("Anna Schmidt, Hauptstraße 5")


@tagged('post_install', '-at_install')
class TestRuns(AmazonCase):
    """What fails in a flow harms only its subject, is shown, and after some time a person gets a task."""

    def setUp(self):
        super().setUp()
        self.sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'orders')
        self.done = []
        self.make_responsible()

    def run_subjects(self, *subjects, more=False):
        """Run the order flow with one isolated step for each subject, a pair of name and exception or None."""
        def flow(_orders, sync):
            for name, error in subjects:
                with sync._isolate(name):
                    sync.seller_id.name = f"Seen {name}"
                    if error:
                        raise error
                    sync._commit()
                    self.done.append(name)
            return more
        self.sync.next_run = False
        with patch.object(AmazonOrder, '_sync_orders', flow):
            self.run_job('orders')

    def activities(self):
        return self.seller.attention_ids.activity_ids

    def test_what_fails_for_one_subject_is_rolled_back_and_the_others_go_on(self):
        self.run_subjects(("Germany", None), ("France", AmazonError("not there", request_id='r-1')), ("Italy", None),
                          ("Spain", UserError("choose")))
        self.assertEqual((self.done, self.seller.name), (["Germany", "Italy"], "Seen Italy"))
        self.assertIn("France: not there (Amazon's request id: r-1)", self.sync.error)
        self.assertIn("Spain: choose", self.sync.error)
        self.assertEqual((self.sync.failures, self.sync.is_waiting, self.seller.state), (1, False, 'connected'))
        self.assertGreater(self.sync.next_run, fields.Datetime.now() + datetime.timedelta(minutes=4),
                           "the interval stays")

    def test_an_unexpected_error_is_named_by_its_kind_only(self):
        with self.assertLogs(LOGGER, 'ERROR') as logs:
            self.run_subjects(("France", KeyError('Anna')), ("Italy", unique_violation()), ("Spain", None))
        self.assertEqual(self.done, ["Spain"])
        self.assertIn("France: Unexpected error (KeyError)", self.sync.error)
        self.assertIn("Italy: Unexpected error (UniqueViolation", self.sync.error)
        self.assertNotIn("Anna", self.sync.error + ''.join(logs.output))
        self.assertIn("raise error", ''.join(logs.output), "where it happened is there")

    def test_three_runs_in_a_row_give_a_person_a_task_once(self):
        for _run in range(2):
            self.run_subjects(("France", NotFound("no")), ("Italy", None))
        self.assertFalse(self.activities())
        for _run in range(3):
            self.run_subjects(("France", NotFound("no")), ("Italy", None))
        self.assertEqual(len(self.activities()), 1)
        self.assertIn("France: no", self.sync.error)
        self.run_subjects(("France", None))
        self.assertEqual((self.sync.failures, self.sync.error), (0, False))
        self.assertFalse(self.activities(), "it is done by itself")

    def test_amazon_away_once_is_a_problem_of_the_subject_and_twice_of_all(self):
        self.run_subjects(("Germany", Unavailable("away")), ("France", None), ("Italy", Unavailable("away")),
                          ("Spain", None))
        self.assertEqual((self.done, self.sync.failures), (["France", "Spain"], 1))
        self.run_subjects(("Germany", Unavailable("away")), ("France", Unavailable("away")), ("Italy", None))
        self.assertEqual((len(self.done), self.sync.failures, self.sync.is_waiting), (2, 2, True))

    def test_what_says_nothing_of_the_subject_passes_through(self):
        for error in (RateLimited(datetime.datetime.now(UTC) + datetime.timedelta(minutes=9)),
                      LoginFailed("no", code='invalid_grant'), psycopg2.errors.SerializationFailure()):
            self.run_subjects(("Germany", error), ("France", None))
            self.assertFalse(self.done, error)
            self.seller.state = 'connected'

    def test_problems_before_a_rate_limit_are_not_forgotten(self):
        limit = RateLimited(datetime.datetime.now(UTC) + datetime.timedelta(minutes=9))
        self.run_subjects(("Germany", NotFound("no")), ("France", limit))
        self.assertIn("Germany: no", self.sync.error)
        self.assertIn("rate limit", self.sync.error)
        self.assertEqual(self.sync.failures, 1)

    def test_conflicts_in_a_row_become_visible(self):
        for _run in range(5):
            self.run_subjects(("Germany", psycopg2.errors.SerializationFailure()))
        self.assertIn("Other users", self.sync.error)
        self.assertEqual((len(self.activities()), self.seller.state), (1, 'connected'))
        self.run_subjects(("Germany", None))
        self.assertEqual((self.sync.conflicts, self.sync.failures, self.sync.error), (0, 0, False))

    def test_bookkeeping_that_collides_is_done_again(self):
        collisions = [psycopg2.errors.SerializationFailure(), psycopg2.errors.SerializationFailure()]
        original = type(self.sync).write

        def write(records, vals):
            if 'last_success' in vals and collisions:
                raise collisions.pop()
            return original(records, vals)
        with patch.object(type(self.sync), 'write', write):
            self.run_subjects(("Germany", None))
        self.assertFalse(collisions)
        self.assertTrue(self.sync.last_success)

    def test_a_job_hands_over_before_odoo_restarts_the_server(self):
        """Also without workers, where Odoo has the same limit for the threads of its jobs."""
        limits = {'limit_time_real_cron': 0, 'limit_time_real': 120, 'workers': 0}
        for age, time_left in ((10, True), (100, False)):
            sync = self.sync.with_context(amazon_started=time.monotonic() - age)
            with patch('odoo.addons.amazon_connector.models.amazon_sync.config', limits):
                self.assertEqual(sync._has_time(), time_left, age)

    def test_outside_of_a_run_everything_passes_through(self):
        with self.assertRaises(NotFound), self.sync._isolate("Germany"):
            raise NotFound("no")

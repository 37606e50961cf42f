import datetime

import psycopg2

from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import FakeAmazon
from .test_transactions import TransactionCase, group, refund, transaction

GROUPS = [group('ProductCharges', ('OurPricePrincipal', -119.0))]


@tagged('post_install', '-at_install')
class TestTransactionsDeferred(TransactionCase):
    """Amazon lists what it defers twice, under two ids that name each other: it is one movement and one credit note."""

    def setUp(self):
        super().setUp()
        self.sale, self.item = self.sell()

    def make_refund(self, ref, status, posted='2026-10-20T10:00:00Z', item=None, **names):
        return refund(self.sale, (item or self.item, 1, GROUPS), ref=ref, status=status, posted=posted, **names)

    def deferred(self, status='DEFERRED', **names):
        return self.make_refund('D1', status, **names)

    def released(self, ref='R1', **names):
        return self.make_refund(ref, 'RELEASED', posted='2026-11-09T10:00:00Z', **names)

    def store(self, *payloads):
        inbox = self.env['amazon.transaction']
        inbox._store(self.seller, payloads)
        inbox._find_due(self.seller)._process()

    def all(self):
        return self.env['amazon.transaction'].search([('order_ref', '=', self.sale.amazon_order_ref)])

    def notes(self):
        return self.sale.invoice_ids.filtered(lambda move: move.move_type == 'out_refund')

    def assert_one(self, *refs):
        found = self.all()
        self.assertEqual((len(found), found.state, found.is_deferred, len(self.notes())), (1, 'done', False, 1),
                         found.mapped('error'))
        self.assertEqual(found.move_id, self.notes())
        self.assertEqual((found.amount, found.buyer_amount, sum(self.sale.amazon_transaction_ids.mapped('amount'))),
                         (-119, -119, -119))
        self.assertEqual({found.deferred_ref, found.release_ref} - {False}, set(refs))
        return found

    # === WHICHEVER COMES FIRST, WHOEVER NAMES WHOM === #

    def test_every_order_of_arrival(self):
        both = {'RELEASE_TRANSACTION_ID': 'R1'}, {'DEFERRED_TRANSACTION_ID': 'D1'}
        for first_names, second_names in (both, (both[0], {}), ({}, both[1])):
            waiting, ended = self.deferred(), self.deferred('DEFERRED_RELEASED', **first_names)
            release = self.released(**second_names)
            for arrivals in ([waiting, release, ended], [waiting, ended, release], [release, ended], [ended, release],
                             [ended, release, waiting], [release, waiting, ended]):
                if not second_names and arrivals == [release, waiting, ended]:
                    # Nobody has named anybody when the second comes.
                    continue
                with self.subTest(names=(first_names, second_names),
                                  arrivals=[(one['transactionId'], one['transactionStatus']) for one in arrivals]), \
                        self.env.cr.savepoint(flush=True) as savepoint:
                    for payload in arrivals:
                        self.store(payload)
                    self.store(*arrivals)
                    self.store(*arrivals[::-1])
                    found = self.assert_one('D1', 'R1')
                    self.assertEqual(str(found.posted_date.date()), '2026-11-09' if arrivals[0] == release
                                     else '2026-10-20')
                    savepoint.rollback()
                    self.env.invalidate_all()

    def test_on_one_page(self):
        self.fetch(self.released(DEFERRED_TRANSACTION_ID='D1'),
                   self.deferred('DEFERRED_RELEASED', RELEASE_TRANSACTION_ID='R1'))
        self.assertEqual(str(self.assert_one('D1', 'R1').move_id.invoice_date), '2026-10-20',
                         "the day of the refund, not of its release")

    def test_names_that_come_too_late_join_what_is_there(self):
        self.fetch(self.released())
        self.fetch(self.deferred())
        self.assertEqual(len(self.all()), 2)
        self.fetch(self.deferred('DEFERRED_RELEASED', RELEASE_TRANSACTION_ID='R1'))
        self.assert_one('D1', 'R1')

    def test_while_it_is_deferred_nothing_is_made(self):
        self.fetch(self.deferred())
        found = self.all()
        self.assertEqual((found.state, found.is_deferred, len(self.notes())), ('waiting', True, 0))
        self.assertIn("deferred", found.error)

    def test_one_that_a_person_ignored_stays_ignored(self):
        self.fetch(self.deferred())
        self.all().action_ignore()
        self.fetch(self.released(DEFERRED_TRANSACTION_ID='D1'))
        self.assertEqual((self.all().state, len(self.notes())), ('ignored', 0))

    def test_other_kinds_are_counted_once_too(self):
        for kind in ('Adjustment', 'A-to-z Guarantee Refund', 'Chargeback Refund', 'ServiceFee'):
            ref = self.sale.amazon_order_ref
            self.fetch(transaction(ref, -5.0, ref=f'D{kind}', kind=kind, status='DEFERRED_RELEASED',
                                   RELEASE_TRANSACTION_ID=f'R{kind}'),
                       transaction(ref, -5.0, ref=f'R{kind}', kind=kind, DEFERRED_TRANSACTION_ID=f'D{kind}'))
        self.assertEqual((len(self.all()), sum(self.all().mapped('amount'))), (4, -20))

    def test_the_release_says_what_is_paid(self):
        self.fetch(self.deferred())
        less = refund(self.sale, (self.item, 1, [group('ProductCharges', ('Goodwill', -20.0))]), ref='R1',
                      DEFERRED_TRANSACTION_ID='D1')
        self.fetch(less)
        self.assertEqual((self.all().buyer_amount, self.notes().amount_total), (-20, 20))

    # === SEVERAL === #

    def test_a_second_release_is_asked_about(self):
        self.fetch(self.deferred(), self.released(DEFERRED_TRANSACTION_ID='D1'))
        for _time in range(2):
            self.fetch(self.released('R2', DEFERRED_TRANSACTION_ID='D1'))
        second = self.one('R2')
        self.assertEqual((len(self.all()), second.state, len(self.notes())), (2, 'error', 1))
        self.assertIn("a second time", second.error)

    def test_a_release_of_several_is_not_counted_beside_them(self):
        self.fetch(self.deferred(), self.make_refund('D2', 'DEFERRED'))
        release = refund(self.sale, (self.item, 2, [group('ProductCharges', ('OurPricePrincipal', -238.0))]), ref='R1')
        release['relatedIdentifiers'] += [{'relatedIdentifierName': 'DEFERRED_TRANSACTION_ID',
                                           'relatedIdentifierValue': ref} for ref in ('D1', 'D2')]
        for _time in range(2):
            self.fetch(release)
        self.assertEqual(sorted((found.transaction_ref, found.state, found.amount) for found in self.all()),
                         [('D1', 'done', -119), ('D2', 'done', -119), ('R1', 'ignored', 0)], self.all().mapped('error'))
        self.assertEqual(len(self.notes()), 2)
        self.fetch(self.deferred('DEFERRED_RELEASED', RELEASE_TRANSACTION_ID='R1'),
                   self.make_refund('D2', 'DEFERRED_RELEASED', RELEASE_TRANSACTION_ID='R1'))
        self.assertEqual(len(self.all()), 3)

    def test_a_release_of_several_that_are_not_known_is_asked_about(self):
        release = self.released()
        release['relatedIdentifiers'] += [{'relatedIdentifierName': 'DEFERRED_TRANSACTION_ID',
                                           'relatedIdentifierValue': ref} for ref in ('D1', 'D2')]
        self.fetch(release)
        self.assertEqual((self.one('R1').state, len(self.notes())), ('error', 0))

    def test_the_database_keeps_them_apart(self):
        self.fetch(self.deferred('DEFERRED_RELEASED', RELEASE_TRANSACTION_ID='R1'))
        vals = {'seller_id': self.seller.id, 'company_id': self.company.id}
        for values in ({'deferred_ref': 'D1'}, {'release_ref': 'R1'}, {'transaction_ref': 'D1'}):
            with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger(
                    'odoo.sql_db'), self.env.cr.savepoint():
                self.env['amazon.transaction'].create({**vals, 'transaction_ref': 'other', **values})

    # === NOBODY NAMES ANYBODY === #

    def test_a_release_that_nobody_names_is_no_second_credit_note(self):
        waiting, ended, release = self.deferred(), self.deferred('DEFERRED_RELEASED'), self.released()
        for arrivals in ([waiting, ended, release], [waiting, release, ended], [ended, release], [release, ended]):
            with self.subTest([one['transactionStatus'] for one in arrivals]), self.env.cr.savepoint(
                    flush=True) as savepoint:
                self.store(*arrivals)
                self.store(*arrivals[::-1])
                self.assert_one('D1', 'R1')
                savepoint.rollback()
                self.env.invalidate_all()
        self.fetch(waiting)
        self.fetch(ended, release)
        self.assert_one('D1', 'R1')

    def test_refunds_that_say_the_same_stay_two(self):
        self.store(self.make_refund('A', 'RELEASED'), self.make_refund('B', 'RELEASED'))
        self.assertEqual(len(self.notes()), 2, "two refunds that were never deferred")
        self.store(self.make_refund('D9', 'DEFERRED', posted='2026-10-25T10:00:00Z'))
        self.store(self.make_refund('D9', 'DEFERRED_RELEASED', posted='2026-10-25T10:00:00Z'))
        self.assertEqual((len(self.all()), len(self.notes())), (3, 3), "what was paid before is not its release")

    def test_another_amount_is_another_refund(self):
        less = refund(self.sale, (self.item, 1, [group('ProductCharges', ('Goodwill', -20.0))]), ref='R1',
                      posted='2026-11-09T10:00:00Z')
        self.store(self.deferred('DEFERRED_RELEASED'), less)
        self.assertEqual(sorted(self.notes().mapped('amount_total')), [20, 119])

    def test_which_of_two_was_released_is_asked(self):
        self.store(self.deferred('DEFERRED_RELEASED'), self.make_refund('D2', 'DEFERRED_RELEASED'))
        self.store(self.released())
        self.assertEqual((self.one('R1').state, len(self.notes())), ('error', 2))
        self.assertIn("D1", self.one('R1').error)
        self.assertIn("D2", self.one('R1').error)

    def test_long_after_its_credit_note_it_may_be_another_refund(self):
        for first, second in ((self.deferred('DEFERRED_RELEASED'), self.released()),
                              (self.released(), self.deferred('DEFERRED_RELEASED'))):
            with self.subTest(first=first['transactionId']), self.env.cr.savepoint(flush=True) as savepoint:
                self.store(first)
                self.env.cr.execute("UPDATE account_move SET create_date = create_date - interval '20 days' "
                                    "WHERE id = %s", [self.notes().id])
                self.env.invalidate_all()
                self.store(second)
                asked = self.one(second['transactionId'])
                self.assertEqual((asked.state, len(self.notes())), ('error', 1))
                asked.action_ignore()
                self.store(first, second)
                self.assertEqual((asked.state, len(self.notes())), ('ignored', 1))
                savepoint.rollback()
                self.env.invalidate_all()

    # === WEEKS APART === #

    def test_what_is_deferred_for_weeks_is_asked_for_once_a_day(self):
        self.fetch(self.deferred())
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'transactions')
        sync.cursor -= datetime.timedelta(days=1)
        ended = self.deferred('DEFERRED_RELEASED')
        amazon = FakeAmazon(listTransactions=lambda **query: {'transactions': [ended] * ('transactionStatus' in query)})
        calls = [call[2] for call in self.run_flow('transactions', amazon)]
        self.assertEqual([call.get('transactionStatus') for call in calls], ['DEFERRED_RELEASED', None])
        self.assertLess(calls[0]['postedAfter'], '2026-10-20T10:00:01')
        self.assert_one('D1')
        self.assertEqual(len(self.fetch()), 1, "once a day, and only while something is deferred")

    # === BY HAND AND BY JOB === #

    def test_a_credit_note_that_a_person_made_is_not_made_again(self):
        invoice = self.sale.invoice_ids
        reversal = self.env['account.move.reversal'].with_context(active_model='account.move',
                                                                  active_ids=invoice.ids).create(
                                                                      {'journal_id': invoice.journal_id.id,
                                                                       'reason': "Returned"})
        note = self.env['account.move'].browse(reversal.refund_moves()['res_id'])
        note.invoice_line_ids.quantity = 1
        self.fetch(self.released())
        self.assertEqual((self.all().state, len(self.notes())), ('error', 1))
        self.assertIn("credit note of this amount", self.all().error)

    # === BEFORE THIS VERSION === #

    def test_transactions_of_before_are_joined(self):
        self.fetch(self.deferred('DEFERRED_RELEASED', RELEASE_TRANSACTION_ID='R1'))
        counted = self.all()
        again = counted.copy({'transaction_ref': 'R1', 'payload': self.released(DEFERRED_TRANSACTION_ID='D1'),
                              'deferred_ref': False,
                              'release_ref': False, 'state': 'done', 'move_id': self.notes().copy().id})
        third = counted.copy({'transaction_ref': 'D2',
                              'payload': self.make_refund('D2', 'DEFERRED_RELEASED', RELEASE_TRANSACTION_ID='R2'),
                              'deferred_ref': False, 'release_ref': False, 'state': 'waiting', 'move_id': False})
        fourth = counted.copy({'transaction_ref': 'R2', 'payload': self.released('R2'), 'deferred_ref': False,
                               'release_ref': False, 'state': 'waiting', 'move_id': False})
        counted.write({'deferred_ref': False, 'release_ref': False})
        migration = load_script('amazon_connector/migrations/1.4.0/post-transactions.py', 'migration')
        for _time in range(2):
            migration.migrate(self.env.cr, '19.0.1.3.0')
            self.env.invalidate_all()
        self.assertEqual((counted.deferred_ref, counted.release_ref, again.state), ('D1', 'R1', 'error'))
        self.assertIn("both have a credit note", again.error)
        left = (third | fourth).exists()
        self.assertEqual((len(left), left.deferred_ref, left.release_ref), (1, 'D2', 'R2'))

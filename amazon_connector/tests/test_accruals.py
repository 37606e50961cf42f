import datetime

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..amazon_api.errors import Forbidden, RateLimited
from . import payloads
from .common import FakeAmazon
from .settlement_files import PRINCIPAL, RESERVE, row
from .test_settlement_chain import ChainCase
from .test_settlements import ORDER
from .test_transactions import group, money

OTHER_ORDER = '302-7777777-1234567'


def moved(ref, total, *groups, order='', kind='Shipment', status='RELEASED', posted='2026-09-20T10:00:00Z',
          matures=None, currency='EUR', market='DE'):
    """A `Transaction` as Amazon's model has it."""
    return {
        'transactionId': ref, 'transactionType': kind, 'transactionStatus': status, 'description': "Order Payment",
        'postedDate': posted, 'totalAmount': money(total, currency),
        'relatedIdentifiers': [{'relatedIdentifierName': 'ORDER_ID', 'relatedIdentifierValue': order}] * bool(order),
        'marketplaceDetails': {'marketplaceId': payloads.MARKETPLACES[market][0], 'marketplaceName': 'Amazon.de'},
        'items': [], 'breakdowns': list(groups),
        'contexts': [{'contextType': 'DeferredContext', 'deferralReason': 'DD7',
                      **({'maturityDate': matures} if matures else {})}] * (status != 'RELEASED')}


def sale(ref, price=119.0, fee=-17.85, **options):
    return moved(ref, round(price + fee, 2), group('ProductCharges', ('OurPricePrincipal', price)),
                 group('AmazonFees', ('Commission', fee)), **options)


class AccrualCase(ChainCase):
    """A seller with one settled period, for whom Amazon is asked what it owed at the end of September."""

    def setUp(self):
        super().setUp()
        self.accounts = self.env['account.account'].search(
            [('account_type', '=', 'asset_current'), ('company_ids', 'in', self.company.ids)], limit=1)
        self.company.resource_calendar_id.tz = 'Africa/Abidjan'
        self.seller.import_from = '2026-09-01'
        # Until 16 September everything is settled.
        self.settled = self.settle(0, (PRINCIPAL, '100.00', ORDER), (RESERVE, '-20.00'))

    def accrue(self, *transactions, **answers):
        """An accrual of September for which Amazon was asked, as the job does."""
        accrual = self.env['amazon.accrual'].create({'seller_id': self.seller.id, 'company_id': self.company.id,
                                                     'month': '2026-09-05', 'account_id': self.accounts.id})
        accrual.action_collect()
        self.ask(*transactions, **answers)
        return accrual

    def ask(self, *transactions, **answers):
        def listed(**query):
            return {'transactions': [entry for entry in transactions
                                     if query['postedAfter'] <= entry['postedDate'] < query['postedBefore']
                                     and query.get('transactionStatus') in (None, entry['transactionStatus'])]}
        return self.run_flow('transactions',
                             FakeAmazon(**{'listTransactions': listed, 'listBalances': {'balances': []}, **answers}))

    def sums(self, accrual):
        return {(line.stage, line.kind): line.amount for line in accrual.line_ids}


@tagged('post_install', '-at_install')
class TestAccruals(AccrualCase):
    """What Amazon owes at the end of a month is booked on its last day, once, and taken back on the next."""

    def test_the_open_settlement_and_what_is_deferred(self):
        accrual = self.accrue(
            sale('T0', posted='2026-09-10T10:00:00Z'), sale('T1'), sale('T2', posted='2026-09-30T23:59:59Z'),
            sale('T3', posted='2026-10-01T00:00:00Z'), sale('T4', status='DEFERRED', posted='2026-08-20T10:00:00Z'),
            sale('T5', status='DEFERRED_RELEASED', posted='2026-09-01T10:00:00Z', matures='2026-10-02T00:00:00Z'),
            sale('T6', status='DEFERRED_RELEASED', posted='2026-09-18T10:00:00Z', matures='2026-09-25T00:00:00Z'),
            sale('T7', status='DEFERRED_RELEASED', posted='2026-09-18T10:00:00Z'))
        self.assertEqual((accrual.state, str(accrual.date)), ('ready', '2026-09-30'), accrual.error)
        # 19 % are in the prices of orders that are not in Odoo.
        self.assertEqual(self.sums(accrual), {
            ('open', 'sales'): 200.0, ('open', 'commission'): -35.7, ('deferred', 'sales'): 200.0,
            ('deferred', 'commission'): -35.7, ('unknown', 'sales'): 100.0, ('unknown', 'commission'): -17.85})
        self.assertEqual(accrual.amount, 328.6, "what is unknown is shown, and not booked")
        self.assertEqual(set(accrual.line_ids.filtered('is_estimated').mapped('kind')), {'sales'})

    def test_the_entry_is_reversed_on_the_first(self):
        accrual = self.accrue(sale('T1'))
        self.assertFalse(accrual.problem)
        accrual.action_post()
        move, reversal = accrual.move_id, accrual.reversal_id
        self.assertEqual([(str(entry.date), entry.state) for entry in move | reversal],
                         [('2026-09-30', 'posted'), ('2026-10-01', 'posted')])
        self.assertEqual({line.account_id: line.balance for line in move.line_ids}, {
            self.account('sales'): -100.0, self.account('commission'): 17.85, self.accounts: 82.15})
        self.assertFalse(move.line_ids.tax_ids)
        self.assertEqual(
            sum((move | reversal).line_ids.filtered(lambda line: line.account_id == self.accounts).mapped('balance')),
            0)
        with self.assertRaises(UserError):
            accrual.action_post()
        with self.assertRaises(UserError):
            accrual.action_collect()

    def test_a_reversal_that_is_still_to_come_posts_itself(self):
        with freeze_time('2026-10-01 06:00:00'):
            self.company.resource_calendar_id.tz = 'Asia/Tokyo'
            accrual = self.accrue(sale('T1'))
            with freeze_time('2026-09-30 23:00:00'):
                accrual.action_post()
        self.assertEqual((accrual.reversal_id.state, accrual.reversal_id.auto_post), ('draft', 'at_date'))

    def test_one_for_a_seller_and_month(self):
        accrual = self.accrue(sale('T1'))
        with mute_logger('odoo.sql_db'), self.assertRaises(psycopg2.errors.UniqueViolation), self.env.cr.savepoint():
            self.env['amazon.accrual'].create({'seller_id': self.seller.id, 'company_id': self.company.id,
                                               'month': '2026-09-30'})
        accrual.action_post()
        accrual.action_cancel()
        self.assertEqual((accrual.move_id | accrual.reversal_id).mapped('state'), ['cancel', 'cancel'])
        self.assertEqual(self.accrue(sale('T1')).state, 'ready')

    def test_its_entries_are_cancelled_by_the_accrual_only(self):
        accrual = self.accrue(sale('T1'))
        accrual.action_post()
        moves = accrual.move_id | accrual.reversal_id
        for attack in (moves.button_draft, moves.button_cancel, lambda: moves._reverse_moves(cancel=True)):
            with self.assertRaisesRegex(UserError, "cancel it there"), self.env.cr.savepoint():
                attack()
        self.assertEqual((accrual.state, set(moves.mapped('state'))), ('posted', {'posted'}))
        accrual.action_cancel()
        self.assertEqual(set(moves.mapped('state')), {'cancel'})

    def test_the_month_ends_where_the_company_works(self):
        self.company.resource_calendar_id.tz = 'Europe/Berlin'
        accrual = self.accrue(sale('T1', posted='2026-09-30T21:59:59Z'), sale('T2', posted='2026-09-30T22:00:00Z'))
        self.assertEqual(self.sums(accrual), {('open', 'sales'): 100.0, ('open', 'commission'): -17.85})

    def test_what_is_invoiced_is_in_the_books_already(self):
        self.german.fbm_invoice = 'posted'
        order = payloads.order(payloads.item(total='119.00', shipped=1), ref=OTHER_ORDER, status='SHIPPED')
        known = self.receive_sale(order)
        known.invoice_ids.button_draft()
        known.invoice_ids.invoice_date = '2026-09-20'
        known.invoice_ids.action_post()
        refund = moved('T2', -119.0, group('ProductCharges', ('OurPricePrincipal', -119.0)), order=OTHER_ORDER,
                       kind='Refund')
        accrual = self.accrue(sale('T1', order=OTHER_ORDER), refund)
        self.assertEqual(self.sums(accrual), {('open', 'commission'): -17.85, ('open', 'refunds'): -100.0},
                         "the refund has no credit note yet")
        self.assertFalse(any(accrual.line_ids.mapped('is_estimated')), "the order knows its tax")

    def test_a_second_refund_of_an_order_is_not_the_first_one(self):
        """One credit note of the order was taken for all of its refunds."""
        self.german.fbm_invoice = 'posted'
        known = self.receive_sale(payloads.order(payloads.item(total='119.00', shipped=1), ref=OTHER_ORDER,
                                                 status='SHIPPED'))
        note = known.invoice_ids._reverse_moves([{'date': '2026-09-20', 'invoice_date': '2026-09-20'}])
        self.env['amazon.transaction'].create({
            'seller_id': self.seller.id, 'company_id': self.company.id, 'transaction_ref': 'T1',
            'order_ref': OTHER_ORDER, 'sale_order_id': known.id, 'state': 'done', 'move_id': note.id})
        note.action_post()
        refunds = [moved(ref, amount, group('ProductCharges', ('OurPricePrincipal', amount)), order=OTHER_ORDER,
                         kind='Refund')
                   for ref, amount in (('T1', -35.7), ('T2', -47.6))]
        self.assertEqual(self.sums(self.accrue(*refunds)), {('open', 'refunds'): -40.0})

    def test_the_account_is_that_which_most_rules_have(self):
        used, other = self.account('commission'), self.account('other')
        rule = self.env['amazon.settlement.rule'].search([('account_kind', '=', 'commission')], limit=1)
        rule.copy({'company_id': self.company.id, 'sequence': 0, 'transaction_type': 'Odd', 'account_id': other.id})
        line = self.accrue(sale('T1')).line_ids.filtered(lambda line: line.kind == 'commission')
        self.assertEqual(line.account_id, used)

    def test_what_names_no_marketplace_is_of_the_home_one_or_of_nobody(self):
        fee = {**moved('T1', -39.0, group('AmazonFees', ('Subscription', -39.0)), kind='ServiceFee'),
               'marketplaceDetails': {}}
        self.german.name = "Z"
        accrual = self.accrue(fee)
        self.assertEqual(accrual.line_ids.marketplace_id, self.german)
        accrual.action_cancel()
        other = self.env['res.company'].create({'name': "Elsewhere"})
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_seller_marketplace SET company_id = %s, warehouse_id = NULL WHERE id = %s",
                            (other.id, self.marketplace('FR').id))
        self.env.invalidate_all()
        accrual = self.accrue(fee)
        self.assertFalse(accrual.line_ids)
        self.assertIn("1 transactions name no marketplace", accrual.balance_note)

    def test_tax_that_amazon_names_is_no_income(self):
        charges = group('ProductCharges', ('OurPricePrincipal', 100.0), ('OurPriceTax', 19.0))
        withheld = group('WithheldTax', ('MarketplaceFacilitatorVAT-Principal', -19.0))
        fees = group('AmazonFees', ('FBAPerUnitFulfillmentFee', -3.0), ('Tax', -0.57))
        accrual = self.accrue(moved('T1', 96.43, charges, withheld, fees))
        self.assertEqual(self.sums(accrual), {('open', 'sales'): 100.0, ('open', 'fba'): -3.0})

    def test_fees_are_without_the_tax_that_is_claimed_back(self):
        self.german.settlement_fee_tax_id = self.env['account.tax'].search([
            ('company_id', '=', self.company.id), ('type_tax_use', '=', 'purchase'), ('amount', '=', 19),
            ('amount_type', '=', 'percent')], limit=1)
        accrual = self.accrue(sale('T1', fee=-11.90))
        self.assertEqual(self.sums(accrual)['open', 'commission'], -10.0)

    def test_transfers_and_reserves_earn_nothing(self):
        accrual = self.accrue(moved('T1', -500.0, kind='Transfer'), moved('T2', -30.0, kind='ReserveDebit'), sale('T3'))
        self.assertEqual(set(self.sums(accrual)), {('open', 'sales'), ('open', 'commission')})

    def test_amazons_balance_stands_beside_it(self):
        balance = {'partnerMetadata': {'partnerId': 'A', 'accountType': 'Standard Orders',
                                       'marketplaceId': payloads.MARKETPLACES['DE'][0]},
                   'balanceType': 'TOTAL', 'amount': money(125.0)}
        accrual = self.accrue(sale('T1'), listBalances={'balances': [balance]})
        self.assertRegex(accrual.balance_note, r"125\.00.*101\.15.*20\.00.*3\.85")
        accrual.action_cancel()
        accrual = self.accrue(sale('T1'), listBalances=Forbidden("no", status=403, operation='listBalances'))
        self.assertEqual(accrual.state, 'ready', "without the balance it goes on")
        self.assertIn("did not state", accrual.balance_note)

    def test_a_marketplace_that_splits_by_month_books_it_itself(self):
        self.german.settlement_split = True
        accrual = self.accrue(sale('T1'), sale('T2', status='DEFERRED'))
        self.assertEqual(set(self.sums(accrual)), {('deferred', 'sales'), ('deferred', 'commission')})
        self.assertIn("by itself", accrual.balance_note)

    def test_a_month_is_not_booked_by_an_accrual_and_by_its_settlement(self):
        accrual = self.accrue(sale('T1'))
        accrual.action_post()
        later = self.import_rows([row(PRINCIPAL, '119.00', OTHER_ORDER, posted='2026-09-20')], ref='901',
                             start='2026-09-16', end='2026-10-05')
        self.assertFalse(later._find_problem())
        later.action_split()
        self.assertIn("accrual", later.problem)
        later.action_join_months()
        self.assertEqual((later.split_month, later.problem), (False, False), "the other way out")
        later.action_split()
        accrual.action_cancel()
        self.assertFalse(later._find_problem())
        later.action_book()
        self.assertEqual(self.sums(self.accrue(sale('T1'))), {}, "the settlement has it in September")
        later.action_cancel()
        self.assertTrue(later.split_month, "what somebody chose stays until he chooses again")

    def test_asking_goes_on_where_it_was_cut(self):
        accrual = self.env['amazon.accrual'].create({'seller_id': self.seller.id, 'month': '2026-09-05',
                                                     'account_id': self.accounts.id})
        accrual.action_collect()
        calls = []

        def listed(**query):
            calls.append(query)
            if len(calls) > 20:
                return RateLimited(datetime.datetime(2026, 12, 1, tzinfo=datetime.timezone.utc))
            return {'transactions': []}
        self.run_flow('transactions', FakeAmazon(listTransactions=listed, listBalances={'balances': []}))
        self.assertEqual(accrual.state, 'collecting')
        before = accrual.cursor
        self.ask(sale('T1'),
                 sale('T0', status='DEFERRED', posted=f'{before - datetime.timedelta(days=1):%Y-%m-%d}T00:00:00Z'))
        self.assertEqual(accrual.state, 'ready')
        self.assertNotIn(('deferred', 'sales'), self.sums(accrual), "what was read is not read again")
        self.assertEqual(self.sums(accrual)['open', 'sales'], 100.0)

    def test_what_cannot_be_read_is_counted(self):
        accrual = self.accrue(sale('T1'), {**sale('T2'), 'totalAmount': None})
        self.assertIn("1 transactions could not be read", accrual.balance_note)

    def test_what_is_missing_is_said_before_it_is_posted(self):
        self.env['res.currency.rate'].search([('currency_id.name', '=', 'GBP')]).unlink()
        accrual = self.accrue(sale('T1'), sale('T2', market='GB', currency='GBP'))
        self.assertIn("GBP", accrual.problem)
        self.env['res.currency.rate'].create({'currency_id': self.marketplace('GB').currency_id.id,
                                              'name': '2026-09-01', 'rate': 0.8, 'company_id': self.company.id})
        accrual.invalidate_recordset()
        self.assertFalse(accrual.problem)
        self.import_rows([row(PRINCIPAL, '10.00', ORDER)], ref='555', start='2026-09-16', end='2026-09-29')
        accrual.invalidate_recordset()
        self.assertIn("555", accrual.problem)
        with self.assertRaises(UserError):
            accrual.action_post()

    def test_who_may_not_book_may_not_accrue(self):
        accrual = self.accrue(sale('T1'))
        reader = new_test_user(self.env, 'accrual_reader', groups='account.group_account_readonly',
                               company_id=self.company.id)
        other = self.env['res.company'].create({'name': "Elsewhere"})
        stranger = new_test_user(self.env, 'accrual_stranger', groups='account.group_account_user', company_id=other.id)
        for user in (reader, stranger):
            with self.assertRaises(AccessError):
                accrual.with_user(user).with_context(allowed_company_ids=user.company_ids.ids).action_post()
        with self.assertRaises(UserError):
            self.env['amazon.accrual'].create({'seller_id': self.seller.id, 'company_id': other.id,
                                               'month': '2026-08-01'})

    def test_a_month_that_is_not_over_or_long_ago(self):
        for month, words in (('2026-11-01', "not over"), ('2025-01-01', "half year")):
            with freeze_time('2026-11-20'):
                accrual = self.env['amazon.accrual'].create({'seller_id': self.seller.id, 'company_id': self.company.id,
                                                             'month': month})
                with self.assertRaisesRegex(UserError, words):
                    accrual.action_collect()

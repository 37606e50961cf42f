from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.modules.migration import load_script
from odoo.tests import tagged

from .settlement_files import CHARGED, OTHER, OWED, PRINCIPAL, RELEASED, RESERVE, STORAGE, row
from .test_settlements import ORDER, SettlementCase

FAILED, TEST_DEPOSIT = (OTHER, OTHER, 'Failed Disbursement'), (OTHER, OTHER, 'Micro Deposit')
OTHER_DEPOSIT = (OTHER, OTHER, 'Bank Deposit')
PERIODS = [('2026-09-02', '2026-09-16'), ('2026-09-16', '2026-09-30'), ('2026-09-30', '2026-10-14'),
           ('2026-10-14', '2026-10-28')]


class ChainCase(SettlementCase):
    """Settlements that follow each other, and the bank."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.env['account.journal'].search([('company_id', '=', cls.company.id), ('type', '=', 'bank')],
                                                        limit=1)

    def settle(self, number, *rows, **options):
        """Book the settlement of a period (0 to 3)."""
        start, end = PERIODS[number]
        return self.book(
            [row(kind, amount, order, posted=start) for kind, amount, order in [(*entry, '')[:3] for entry in rows]],
                         **{'ref': f'90{number}', 'start': start, 'end': end, **options})

    def bank_line(self, amount, ref="AMAZON PAYMENTS", date='2026-10-31', **vals):
        return self.env['account.bank.statement.line'].create({'journal_id': self.journal.id, 'date': date,
                                                               'payment_ref': ref, 'amount': amount, **vals})

    def open_items(self):
        """Amounts that are not reconciled on the accounts of payouts, reserves and carried amounts."""
        accounts = self.account('payout') | self.account('reserve') | self.account('carried')
        lines = self.env['account.move.line'].search([
            ('account_id', 'in', accounts.ids), ('reconciled', '=', False), ('parent_state', '=', 'posted')])
        return sorted(lines.mapped('amount_residual_currency'))


@tagged('post_install', '-at_install')
class TestSettlementChain(ChainCase):
    """What a settlement leaves open is matched with what settles it later."""

    def test_a_negative_settlement_is_settled_by_the_next_one(self):
        first = self.settle(0, (STORAGE, '-80.00'))
        self.assertEqual((first.state, self.open_items()), ('booked', [-80.0]))
        second = self.settle(1, (PRINCIPAL, '200.00', ORDER), (OWED, '-80.00'))
        self.assertEqual((first.state, self.open_items()), ('reconciled', [120.0]),
                         "only what the bank is to get is open")
        self.bank_line(120.0, date='2026-10-03')
        second.action_match()
        self.assertEqual((second.state, self.open_items()), ('reconciled', []))

    def test_several_negative_settlements_in_a_row(self):
        chain = [self.settle(0, (STORAGE, '-80.00')), self.settle(1, (PRINCIPAL, '20.00', ORDER), (OWED, '-80.00')),
                 self.settle(2, (STORAGE, '-10.00'), (OWED, '-60.00'))]
        self.assertEqual([settlement.state for settlement in chain], ['reconciled', 'reconciled', 'booked'])
        self.settle(3, (PRINCIPAL, '70.00', ORDER), (OWED, '-70.00'))
        self.assertEqual(([settlement.state for settlement in chain], self.open_items()), (['reconciled'] * 3, []))

    def test_the_order_of_booking_does_not_matter(self):
        second = self.settle(1, (PRINCIPAL, '200.00', ORDER), (OWED, '-80.00'))
        first = self.settle(0, (STORAGE, '-80.00'))
        self.assertEqual((first.state, second.state, self.open_items()), ('reconciled', 'booked', [120.0]))

    def test_the_same_amount_twice_is_settled_by_its_own_follower(self):
        first, _second = self.settle(0, (STORAGE, '-80.00')), self.settle(1, (STORAGE, '-80.00'))
        self.settle(2, (PRINCIPAL, '200.00', ORDER), (OWED, '-80.00'))
        self.assertEqual((first.state, _second.state), ('booked', 'reconciled'))

    def test_other_amounts_and_later_settlements_stay_open(self):
        first = self.settle(0, (PRINCIPAL, '100.00', ORDER), (OWED, '-80.00'))
        self.settle(1, (STORAGE, '-80.00'))
        self.settle(2, (PRINCIPAL, '100.00', ORDER), (OWED, '-79.00'))
        self.assertEqual((first.state, self.open_items()), ('booked', [-80.0, 20.0, 21.0, 79.0, 80.0]))

    def test_a_charge_to_the_card_meets_the_bank(self):
        first = self.settle(0, (STORAGE, '-80.00'))
        second = self.settle(1, (PRINCIPAL, '200.00', ORDER), (OWED, '-80.00'), (CHARGED, '80.00'))
        charge = self.bank_line(-80.0, date='2026-09-20')
        self.bank_line(200.0, date='2026-10-02')
        second.action_match()
        self.assertEqual((first.state, second.state, charge.is_reconciled, self.open_items()),
                         ('reconciled', 'reconciled', True, []))

    def test_several_charges_are_several_lines_of_the_bank(self):
        settlement = self.settle(0, (PRINCIPAL, '20.00', ORDER), (CHARGED, '30.00'), (CHARGED, '50.00'),
                                 (OTHER_DEPOSIT, '-5.00'))
        lines = self.bank_line(-30.0, date='2026-09-10') | self.bank_line(-50.0, date='2026-09-12') | self.bank_line(
            5.0, date='2026-09-12')
        settlement.action_match()
        self.assertEqual((lines.mapped('is_reconciled'), self.open_items()), ([True] * 3, [95.0]))

    def test_a_charge_that_the_bank_had_before_the_next_settlement(self):
        first = self.settle(0, (STORAGE, '-80.00'))
        self.bank_line(-80.0, date='2026-09-20')
        first.action_match()
        self.assertEqual(first.state, 'reconciled')
        self.settle(1, (PRINCIPAL, '200.00', ORDER), (OWED, '-80.00'), (CHARGED, '80.00'))
        self.assertEqual(self.open_items(), [200.0])

    def test_a_payout_that_failed_is_paid_again(self):
        first = self.settle(0, (PRINCIPAL, '150.00', ORDER))
        second = self.settle(1, (PRINCIPAL, '50.00', ORDER), (FAILED, '150.00'))
        self.assertEqual((first.state, self.open_items()), ('reconciled', [200.0]))
        self.bank_line(200.0, date='2026-10-02')
        second.action_match()
        self.assertEqual(self.open_items(), [])

    def test_a_test_deposit_meets_the_bank(self):
        settlement = self.settle(0, (PRINCIPAL, '150.00', ORDER), (TEST_DEPOSIT, '-0.07'))
        self.bank_line(0.07, date='2026-09-10')
        settlement.action_match()
        self.assertEqual(self.open_items(), [149.93])

    def test_every_known_transfer_says_what_it_settles(self):
        rules = self.env['amazon.settlement.rule'].search([('treatment', '=', 'transfer'), ('company_id', '=', False)])
        kinds = {kind: {rule.name for rule in group} for kind, group in rules.grouped('transfer_kind').items()}
        self.assertEqual(kinds['owed'], {"Owed from the settlement before"})
        self.assertEqual(kinds['charged'], {"Charged to the card"})
        self.assertEqual(kinds['failed'], {"Payout that failed"})
        self.assertEqual(kinds['deposit'], {"Test deposit", "Transfers"})
        self.assertEqual(kinds['account'], {"Debt of another account"})
        self.assertLessEqual(kinds[False], {"Paid to the seller directly"})

    def test_a_debt_of_another_account(self):
        debt = (OTHER, OTHER, 'Cross-Account Debt Recovery')
        self.settle(0, (PRINCIPAL, '100.00', ORDER), (debt, '-40.00'))
        self.assertEqual(self.open_items(), [40.0, 60.0])
        french = self.book([row(debt, '40.00', market='Amazon.fr')], ref='800', start=PERIODS[0][0], end=PERIODS[0][1])
        self.assertEqual((french.marketplace_id, self.open_items()), (self.marketplace('FR'), [40.0, 60.0]),
                         "only both payouts are open")

    def test_reserves_are_matched_when_they_are_given_back(self):
        self.account('reserve').reconcile = True
        self.settle(0, (PRINCIPAL, '150.00', ORDER), (RESERVE, '-50.00'))
        self.settle(1, (PRINCIPAL, '150.00', ORDER), (RELEASED, '50.00'), (RESERVE, '-20.00'))
        self.assertEqual(self.open_items(), [20.0, 100.0, 180.0])

    def test_cancelling_opens_what_was_matched_in_the_chain(self):
        first = self.settle(0, (STORAGE, '-80.00'))
        second = self.settle(1, (PRINCIPAL, '200.00', ORDER), (OWED, '-80.00'))
        second.action_cancel()
        self.assertEqual((first.state, second.state), ('booked', 'ready'))
        second.action_book()
        self.assertEqual(first.state, 'reconciled')
        self.bank_line(120.0, date='2026-10-03')
        second.action_match()
        with self.assertRaisesRegex(UserError, "matched with the bank"):
            second.action_cancel()

    def test_a_chain_in_another_currency(self):
        british = self.marketplace('GB')
        self.env['res.currency.rate'].create([
            {'currency_id': british.currency_id.id, 'name': day, 'rate': rate, 'company_id': self.company.id}
            for day, rate in (('2026-09-01', 0.8), ('2026-09-20', 0.9))])
        options = {'currency': 'GBP'}
        first = self.settle(0, (STORAGE, '-80.00'), **options)
        self.settle(1, (PRINCIPAL, '200.00', ORDER), (OWED, '-80.00'), **options)
        self.assertEqual((first.state, self.open_items()), ('reconciled', [120.0]))

    def test_what_odoo_refuses_to_reconcile_stops_nothing_else(self):
        """The upgrade of a database failed because of one pair that needs an exchange entry, and so did every later
        booking.
        """
        british = self.marketplace('GB')
        self.env['res.currency.rate'].create([
            {'currency_id': british.currency_id.id, 'name': day, 'rate': rate, 'company_id': self.company.id}
            for day, rate in (('2026-09-01', 0.8), ('2026-09-20', 0.9))])
        chain, match = type(self.env['amazon.settlement']), '_match_chain'
        with patch.object(chain, match, lambda settlements: None):
            first = self.settle(0, (STORAGE, '-80.00'), currency='GBP')
            self.settle(1, (PRINCIPAL, '200.00', ORDER), (OWED, '-80.00'), currency='GBP')
            german = self.settle(0, (STORAGE, '-30.00'), ref='800')
            self.settle(1, (PRINCIPAL, '200.00', ORDER), (OWED, '-30.00'), ref='801')
        self.company.currency_exchange_journal_id.active = False
        load_script('amazon_connector/migrations/1.5.0/post-chains.py',
                    'migration').migrate(self.env.cr, '19.0.1.4.0')
        self.env.invalidate_all()
        self.assertEqual((first.state, german.state), ('booked', 'reconciled'))

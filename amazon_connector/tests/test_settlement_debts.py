from odoo.tests import tagged

from .settlement_files import OWED, PRINCIPAL, RELEASED, RESERVE, STORAGE, row
from .test_settlement_chain import PERIODS, ChainCase
from .test_settlements import ORDER

TAKEN = ('Debt Adjustment', 'Debt Adjustment', 'Cross-Account Debt Adjustment against BE, ES')
GIVEN = ('Debt Adjustment', 'Debt Adjustment', 'Cross-Account Debt Adjustment for ES')


@tagged('post_install', '-at_install')
class TestSettlementDebts(ChainCase):
    """One amount that several others come to is cleared by them, where nothing else comes to it."""

    def settle_abroad(self, ref, amount, period=0):
        """A settlement of another marketplace that had a debt, which is taken from the home one."""
        return self.book([row(GIVEN, amount, market='Amazon.fr'), row(STORAGE, f'-{amount}', market='Amazon.fr')],
                         ref=ref, start=PERIODS[period][0], end=PERIODS[period][1])

    def open_debts(self):
        lines = self.env['account.move.line'].search([
            ('amazon_rule_id.transfer_kind', '=', 'account'), ('reconciled', '=', False),
            ('parent_state', '=', 'posted')])
        return sorted(lines.mapped('amount_residual_currency'))

    def test_one_debt_adjustment_for_two_accounts(self):
        self.settle(0, (PRINCIPAL, '100.00', ORDER), (TAKEN, '-30.00'))
        self.settle_abroad('801', '10.00')
        self.assertEqual(self.open_debts(), [-10.0, 30.0])
        self.settle_abroad('802', '20.00')
        self.assertEqual(self.open_debts(), [])

    def test_two_adjustments_for_one_debt(self):
        self.settle_abroad('801', '30.00')
        self.settle(0, (PRINCIPAL, '100.00', ORDER), (TAKEN, '-12.00'))
        self.settle(1, (PRINCIPAL, '100.00', ORDER), (TAKEN, '-18.00'))
        self.assertEqual(self.open_debts(), [])

    def test_several_ways_are_for_a_person(self):
        for ref, amount in (('801', '10.00'), ('802', '20.00'), ('803', '10.00')):
            self.settle_abroad(ref, amount)
        self.settle(0, (PRINCIPAL, '100.00', ORDER), (TAKEN, '-30.00'))
        self.assertEqual(self.open_debts(), [-20.0, -10.0, -10.0, 30.0])

    def test_a_debt_of_long_ago_is_another(self):
        self.settle_abroad('801', '10.00')
        self.book([row(GIVEN, '20.00', market='Amazon.fr'), row(STORAGE, '-20.00', market='Amazon.fr')], ref='802',
                  start='2026-05-01', end='2026-05-15')
        self.settle(0, (PRINCIPAL, '100.00', ORDER), (TAKEN, '-30.00'))
        self.assertEqual(self.open_debts(), [-20.0, -10.0, 30.0])

    def test_a_debt_that_is_carried_over_in_parts(self):
        first = self.settle(0, (STORAGE, '-80.00'))
        self.settle(1, (PRINCIPAL, '200.00', ORDER), (OWED, '-50.00'))
        self.assertEqual(first.state, 'booked')
        self.settle(2, (PRINCIPAL, '200.00', ORDER), (OWED, '-30.00'))
        self.assertEqual((first.state, self.open_items()), ('reconciled', [150.0, 170.0]))

    def test_a_reserve_that_is_released_in_parts_and_together(self):
        self.settle(0, (PRINCIPAL, '100.00', ORDER), (RESERVE, '-50.00'))
        self.settle(1, (PRINCIPAL, '100.00', ORDER), (RELEASED, '20.00'))
        self.settle(2, (PRINCIPAL, '100.00', ORDER), (RELEASED, '30.00'), (RESERVE, '-7.00'))
        self.assertEqual(self.open_items(), [7.0, 50.0, 120.0, 123.0])

from odoo.fields import Command
from odoo.tests import tagged

from .settlement_files import OWED, PRINCIPAL, RELEASED, RESERVE, STORAGE
from .test_settlement_chain import ChainCase
from .test_settlements import ORDER

WITHHELD = ('Order', 'ItemWithheldTax', 'MarketplaceFacilitatorTax-Principal')
TAX = ('Order', 'ItemPrice', 'Tax')
OPEN = ('payout_open', 'transfer_open', 'reserve_open', 'tax_open', 'carried_open', 'buyer_open')


@tagged('post_install', '-at_install')
class TestClearingProof(ChainCase):
    """The proof names what is open of each settlement, and its columns are the balances of the accounts."""

    def proof(self, settlement):
        """What is open of a settlement by column, zeros apart."""
        self.env.flush_all()
        self.env.invalidate_all()
        proof = self.env['amazon.clearing.proof'].search([('settlement_id', '=', settlement.id)])
        self.assertEqual(proof.is_open, any(proof[name] for name in OPEN))
        self.assertAlmostEqual(proof.total_open, sum(proof[name] for name in OPEN))
        return {name: round(proof[name], 2) for name in OPEN if proof[name]}

    def test_a_chain_is_open_only_where_amazon_holds_something(self):
        self.account('reserve').reconcile = True
        chain = [self.settle(0, (STORAGE, '-80.00')),
                 self.settle(1, (PRINCIPAL, '200.00', ORDER), (OWED, '-80.00'), (RESERVE, '-50.00')),
                 self.settle(2, (PRINCIPAL, '30.00', ORDER), (RELEASED, '50.00'), (RESERVE, '-20.00'))]
        self.assertEqual([self.proof(settlement) for settlement in chain], [
            {}, {'payout_open': 70.0}, {'payout_open': 60.0, 'reserve_open': 20.0}])
        self.bank_line(70.0, date='2026-10-02')
        chain[1].action_match()
        self.assertEqual(self.proof(chain[1]), {})
        self.assertFalse(
            self.env['amazon.clearing.proof'].search([('settlement_id', '=', chain[1].id), ('is_open', '=', True)]))

    def test_what_cannot_be_matched_is_named(self):
        settlement = self.settle(0, (PRINCIPAL, '100.00', ORDER), (OWED, '-80.00'))
        self.assertEqual(self.proof(settlement), {'payout_open': 20.0, 'transfer_open': 80.0})
        settlement.action_cancel()
        self.env.flush_all()
        self.assertFalse(self.env['amazon.clearing.proof'].search([('settlement_id', '=', settlement.id)]))

    def test_entries_of_others_on_the_accounts_are_rows_of_their_own(self):
        settlement = self.settle(0, (PRINCIPAL, '100.00', ORDER))
        account, other = self.account('payout'), self.account('sales')
        move = self.env['account.move'].create({'journal_id': settlement.move_ids.journal_id.id, 'date': '2026-10-01',
                                                'line_ids': [
                                                    Command.create({'account_id': account.id, 'balance': -30.0}),
                                                    Command.create({'account_id': other.id, 'balance': 30.0})]})
        move.action_post()
        self.env.flush_all()
        extra = self.env['amazon.clearing.proof'].search(
            [('settlement_id', '=', False), ('company_id', '=', self.company.id)])
        self.assertEqual((extra.account_id, extra.payout_open), (account, -30.0))
        self.assertIn(('account_id', '=', account.id), extra.action_open_settlement()['domain'])
        rows = self.env['amazon.clearing.proof'].search([('company_id', '=', self.company.id)])
        self.assertEqual(sum(rows.mapped('payout_open')), self.balance('payout'))

    def test_tax_that_amazon_remits(self):
        ends = self.settle(0, (PRINCIPAL, '100.00', ORDER), (TAX, '19.00', ORDER), (WITHHELD, '-19.00', ORDER))
        self.assertEqual(self.proof(ends), {'payout_open': 100.0})
        late = self.settle(1, (PRINCIPAL, '100.00', '302-0000009-0000009'), (TAX, '19.00', '302-0000009-0000009'),
                           (WITHHELD, '-18.00', '302-0000009-0000009'))
        self.assertEqual(self.proof(late), {'payout_open': 101.0, 'tax_open': -1.0})

    def test_in_another_company_nothing_is_shown(self):
        settlement = self.settle(0, (PRINCIPAL, '100.00', ORDER))
        other = self.env['res.company'].create({'name': "Elsewhere"})
        proof = self.env['amazon.clearing.proof'].with_user(self.env.ref('base.user_admin')).with_context(
            allowed_company_ids=other.ids)
        self.env.ref('base.user_admin').company_ids |= other
        self.env.flush_all()
        self.assertFalse(proof.search([('settlement_id', '=', settlement.id)]))

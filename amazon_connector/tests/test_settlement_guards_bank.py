"""What of the bank and of Amazon's payouts belongs to a settlement."""

from odoo.tests import tagged

from .settlement_files import PRINCIPAL
from .test_settlement_chain import ChainCase


@tagged('post_install', '-at_install')
class TestSettlementGuardsBank(ChainCase):
    """Nothing of another company, time, currency or seller is taken."""

    def test_lines_of_another_company_time_or_currency_are_not_taken(self):
        settlement = self.settle(0, (PRINCIPAL, '150.00'))
        own, theirs = (self.bank_line(150.0, "Somebody", date='2026-09-18') for _line in range(2))
        self.bank_line(150.0, "Somebody", date='2026-07-01')
        self.bank_line(150.0, "Somebody", date='2027-01-31')
        pounds = self.env['account.journal'].create({
            'name': "Pounds", 'code': 'GBPX', 'type': 'bank', 'company_id': self.company.id,
            'currency_id': self.env.ref('base.GBP').id})
        self.env['account.bank.statement.line'].create({'journal_id': pounds.id, 'date': '2026-09-18',
                                                        'payment_ref': "Somebody", 'amount': 150.0})
        other = self.env['res.company'].create({'name': "Other Ltd"})
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_bank_statement_line SET company_id = %s WHERE id = %s",
                            [other.id, theirs.id])
        self.env.cr.execute("UPDATE account_move SET company_id = %s WHERE id = %s", [other.id, theirs.move_id.id])
        self.env.invalidate_all()
        self.assertEqual(settlement._find_bank_lines(settlement.payout_line_id)[0], own)

    def test_payouts_are_of_their_sellers_settlements_all_of_them(self):
        first = self.settle(0, (PRINCIPAL, '150.00'))
        vals = {'payout_ref': 'P1', 'missing_refs': '900 901', 'status': 'PAID', 'company_id': self.company.id}
        stranger = self.env['amazon.seller'].create({'name': "Other seller", 'company_id': self.company.id,
                                                     'home_marketplace': 'DE'})
        mine, strange = self.env['amazon.payout'].create(
            [{**vals, 'seller_id': seller.id} for seller in (self.seller, stranger)])
        for seller in (self.seller, stranger):
            self.env['amazon.payout']._link_settlements(seller)
        self.assertEqual((mine.settlement_ids, mine.missing_refs, strange.settlement_ids),
                         (first, '901', first.browse()))
        second = self.settle(1, (PRINCIPAL, '50.00'))
        self.env['amazon.payout']._link_settlements(self.seller)
        self.assertEqual((mine.settlement_ids, mine.missing_refs), (first | second, False))

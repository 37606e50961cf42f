import base64
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.migration import load_script
from odoo.tests import new_test_user, tagged

from ..amazon_reports.text import ReportError
from .settlement_files import COMMISSION, OTHER, PRINCIPAL, document, row
from .test_settlement_chain import ChainCase
from .test_settlements import ORDER, SALE


@tagged('post_install', '-at_install')
class TestSettlementByHand(ChainCase):
    """What persons do to settlements outside of them: they reverse entries, match items, upload documents."""

    # === ENTRIES === #

    def reverse(self, moves):
        billing = new_test_user(self.env, f'billing {moves[:1].id}', groups='account.group_account_invoice',
                                company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        wizard = self.env['account.move.reversal'].with_user(billing).with_context(
            active_model='account.move', active_ids=moves.ids).create({'journal_id': moves.journal_id.id})
        wizard.reverse_moves()

    def enter(self, amount, other, journal=None):
        """Post an entry on the account of payouts; return its item there."""
        journal = journal or self.german.settlement_journal_id
        move = self.env['account.move'].create({'move_type': 'entry', 'journal_id': journal.id, 'date': '2026-11-02',
                                                'line_ids': [
                                                    Command.create({'account_id': self.account('payout').id,
                                                                    'balance': -amount, 'name': "By hand"}),
                                                    Command.create({'account_id': other.id, 'balance': amount,
                                                                    'name': "By hand"})]})
        move.action_post()
        return move.line_ids.filtered(lambda line: line.account_id == self.account('payout'))

    def test_entries_are_not_reversed_beside_their_settlement(self):
        settlement = self.book(SALE)
        with self.assertRaisesRegex(UserError, "cancel its booking"):
            self.reverse(settlement.move_ids)
        self.assertEqual(settlement.state, 'booked')
        settlement.action_cancel()
        self.assertEqual((settlement.state, len(settlement.move_ids), self.balance('payout')), ('ready', 2, 0))

    def test_a_payout_is_reconciled_with_money_only(self):
        settlement = self.book(SALE)
        item = self.enter(62.15, self.account('fees'))
        (settlement.payout_line_id | item).reconcile()
        self.assertEqual((settlement.payout_line_id.reconciled, settlement.state), (True, 'booked'))
        self.assertIn(item.move_id.name, settlement.payout_doubt)
        with self.assertRaisesRegex(UserError, f"matched with {item.move_id.name}"):
            settlement.action_cancel()
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_settlement SET state = 'reconciled' WHERE id = %s", [settlement.id])
        self.env.invalidate_all()
        load_script('amazon_connector/migrations/1.5.0/post-paid-settlements.py',
                    'migration').migrate(self.env.cr, '19.0.1.4.0')
        self.env.invalidate_all()
        self.assertEqual(settlement.state, 'booked')
        item.remove_move_reconcile()
        self.assertEqual((settlement.state, settlement.payout_doubt), ('booked', False))
        line = self.bank_line(62.15)
        settlement.action_match()
        self.assertEqual((settlement.state, line.is_reconciled, settlement.payout_doubt), ('reconciled', True, False))

    def test_an_entry_of_the_bank_and_what_was_written_off_are_money_too(self):
        settlement = self.book(SALE)
        paid, fee = self.enter(60, self.account('fees'), self.journal), self.enter(2.15, self.account('fees'))
        (settlement.payout_line_id | paid | fee).reconcile()
        self.assertEqual((settlement.state, settlement.payout_doubt), ('reconciled', False))

    # === DOCUMENTS === #

    def upload(self, rows, **options):
        wizard = self.env['amazon.settlement.upload'].create({
            'seller_id': self.seller.id, 'document': base64.b64encode(document(rows, **options)),
            'document_name': 'x.txt'})
        return self.env['amazon.settlement'].browse(wizard.action_upload()['res_id'])

    def listed(self, rows, **options):
        """Take a document in as the job does."""
        settlement = self.env['amazon.settlement']._store_file(self.seller, document(rows, **options))
        settlement._update_fees()
        return settlement

    def test_amazons_document_takes_the_place_of_one_that_was_uploaded(self):
        uploaded = self.upload([row(PRINCIPAL, '-100.00', ORDER)], ref='777')
        own = self.listed([*SALE, row(PRINCIPAL, '900.00')], ref='777')
        self.assertEqual((own, own.row_count, len(own.line_ids)), (uploaded, 4, 4))
        self.assertEqual((own.total, own.state, own.contradiction, own.is_uploaded), (962.15, 'ready', False, False))
        self.assertIn("100.00", own.message_ids.filtered(lambda message: "uploaded" in message.body).body)

    def test_what_is_booked_stays_and_says_that_amazon_says_otherwise(self):
        uploaded = self.upload([row(PRINCIPAL, '100.00', ORDER)], ref='777')
        uploaded.action_book()
        self.assertEqual(self.listed([row(PRINCIPAL, '900.00', ORDER)], ref='777'), uploaded)
        self.assertIn("900.00", uploaded.contradiction)
        self.assertIn("900.00", uploaded.message_ids[0].body)
        self.assertEqual((uploaded.state, uploaded.is_uploaded), ('booked', True))
        count = len(uploaded.message_ids)
        self.listed([row(PRINCIPAL, '900.00', ORDER)], ref='777')
        self.assertEqual(len(uploaded.message_ids), count, "it is said once")
        self.assertIn(uploaded, self.env['amazon.settlement'].search([('contradiction', '!=', False)]))
        with self.assertRaisesRegex(UserError, "cancel its booking"):
            uploaded.action_use_other_document()
        uploaded.action_cancel()
        uploaded.action_use_other_document()
        self.assertEqual((uploaded.total, uploaded.state, uploaded.contradiction, uploaded.is_uploaded),
                         (900, 'ready', False, False))
        uploaded.action_book()
        self.assertEqual((uploaded.state, self.balance('payout'), self.balance('sales')), ('booked', 900, -900))

    def test_other_rows_of_the_same_total_are_named(self):
        own = self.listed(SALE, ref='777')
        again = self.upload([row(PRINCIPAL, '117.00', ORDER), *SALE[1:], row(COMMISSION, '2.00')], ref='777')
        self.assertEqual(again, own)
        self.assertIn("Order / ItemPrice / Principal", own.contradiction)
        self.assertEqual((own.row_count, own.state), (3, 'ready'),
                         "an upload changes nothing, and keeps nothing from being booked")
        self.assertFalse(own.message_ids.filtered(lambda message: "nothing changed" in message.body))

    def test_amazons_document_confirms_an_upload(self):
        uploaded = self.upload(SALE, ref='777')
        self.assertTrue(uploaded.is_uploaded)
        self.assertEqual((self.listed(SALE, ref='777'), uploaded.is_uploaded, uploaded.contradiction),
                         (uploaded, False, False))
        # The rows in another order are the same rows.
        self.listed(SALE[::-1], ref='777')
        self.assertFalse(uploaded.contradiction)

    def test_a_damaged_document_takes_nobodys_place(self):
        uploaded = self.upload(SALE, ref='777')
        self.listed(SALE[:1], ref='777', total='62.15')
        self.assertEqual((uploaded.exists(), uploaded.state), (uploaded, 'ready'))
        self.assertTrue(uploaded.contradiction)

    def test_a_file_of_nothing_but_unknown_kinds_is_none_of_amazons(self):
        count, rules = 3, self.env['amazon.settlement.rule']
        before = rules.search_count([])
        rows = [row((OTHER, OTHER, f'Thing {number}'), '1.00') for number in range(count + 1)]
        with patch('odoo.addons.amazon_connector.models.amazon_settlement_rule.MOST_PROPOSED', count):
            with self.assertRaisesRegex(UserError, "3 kinds"):
                self.upload(rows, ref='777')
            with self.assertRaisesRegex(ReportError, "3 kinds"):
                self.listed(rows, ref='777')
            self.assertEqual((rules.search_count([]), self.env['amazon.settlement'].search_count([])), (before, 0))
            self.assertEqual(self.listed(rows[:count], ref='777').state, 'to_map')

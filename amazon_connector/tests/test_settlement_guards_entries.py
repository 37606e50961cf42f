"""Entries and documents of settlements: each of these tests fails without one of the conditions of the booking."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ..utils.settlement_plan import SettlementPlan
from . import payloads
from .settlement_files import CHARGED, COMMISSION, PRINCIPAL, REFUND, SHIPPING, STORAGE, row
from .test_settlement_guards import GuardCase


@tagged('post_install', '-at_install')
class TestSettlementGuardsEntries(GuardCase):
    """Items, accounts, partners and dates of the entries."""

    def test_without_accounts_for_differences_no_other_currency_is_booked(self):
        self.company.income_currency_exchange_account_id = self.company.expense_currency_exchange_account_id = False
        settlement = self.import_rows([row(PRINCIPAL, '20.00')], currency='GBP')
        self.assertIn("exchange differences", settlement.problem or '')

    def test_gains_are_income_and_losses_expenses(self):
        plan = SettlementPlan(self.import_rows([row(PRINCIPAL, '20.00')]))
        for rest, account in ((0.01, self.company.income_currency_exchange_account_id),
                              (-0.01, self.company.expense_currency_exchange_account_id)):
            item = plan._prepare_rounding(rest)
            self.assertEqual((item['balance'], item['account_id']), (-rest, account.id))

    def test_an_entry_that_does_not_balance_in_the_companys_currency_is_refused(self):
        british = self.marketplace('GB')
        self.env['res.currency.rate'].create({'currency_id': british.currency_id.id, 'name': '2026-10-01', 'rate': 0.8,
                                              'company_id': self.company.id})
        prepare = SettlementPlan._prepare_groups
        self.patch(SettlementPlan, '_prepare_groups', lambda plan, part: [
            *prepare(plan, part), {**plan.prepare_line(part, "Lost", self.account('other'), 0.0), 'balance': 1.0}])
        settlement = self.import_rows([row(PRINCIPAL, '20.00')], currency='GBP')
        with self.assertRaisesRegex(UserError, "does not balance"):
            settlement._book()

    def test_the_lock_date_of_taxes_closes_the_period(self):
        self.company.tax_lock_date = '2026-10-31'
        settlement = self.import_rows([row(PRINCIPAL, '20.00')])
        self.assertIn("closed period", settlement.problem or '')
        self.assertIn("October 31, 2026", settlement.problem, "in the language of the reader")
        self.assertTrue(settlement.is_locked)

    def test_the_first_open_day_is_after_all_lock_dates(self):
        self.german.settlement_sale_tax_id = self.french
        self.company.write({'tax_lock_date': '2026-11-30', 'fiscalyear_lock_date': '2026-10-31'})
        settlement = self.import_rows([row(PRINCIPAL, '20.00')])
        settlement.action_book_after_lock()
        self.assertEqual(str(settlement.move_ids.date), '2026-12-01')
        self.company.tax_lock_date = '2027-01-31'
        settlement.action_cancel()
        self.assertEqual(str(settlement.move_ids.filtered('reversed_entry_id').date), '2027-02-01')

    def test_a_reversal_without_taxes_falls_into_a_period_that_is_closed_for_taxes_only(self):
        settlement = self.book([row(STORAGE, '-3.00')])
        settlement.move_ids.line_ids.tax_ids = False
        self.company.tax_lock_date = '2026-11-30'
        date = settlement.move_ids.date
        settlement.action_cancel()
        self.assertEqual(settlement.move_ids.filtered('reversed_entry_id').date, date)

    def test_a_cancelled_booking_forgets_its_choices(self):
        settlement = self.import_rows([row(PRINCIPAL, '20.00')])
        settlement.book_after_lock = True
        settlement.action_book_drafts()
        settlement.action_cancel()
        self.assertFalse(settlement.book_after_lock or settlement.as_draft)
        settlement.action_book()
        self.assertEqual(settlement.move_ids.filtered('amazon_part').state, 'posted')

    def test_a_cancelled_booking_knows_the_order_that_came_late(self):
        ref = '302-0000001-7654321'
        settlement = self.book([row(PRINCIPAL, '105.50', ref)])
        sale = self.sell(1, self.reduced, '105.50')
        self.assertTrue(settlement.line_ids.is_late)
        settlement.action_cancel()
        self.assertFalse(settlement.line_ids.is_late)
        settlement.action_book()
        entries = settlement.move_ids.filtered('amazon_part')
        self.assertEqual((entries.line_ids.tax_line_id, settlement.line_ids.sale_order_id), (self.reduced, sale))

    def test_a_booking_begins_once(self):
        settlement = self.import_rows([row(PRINCIPAL, '20.00')])
        settlement._begin()
        settlement.line_ids.booked_as = {**settlement.line_ids.booked_as, 'partner_id': self.partner.id}
        settlement.stage = 'booked'
        settlement._begin()
        self.assertEqual((settlement.stage, settlement.line_ids.booked_as['partner_id']), ('booked', self.partner.id))
        for action in (settlement.action_book, settlement.action_book_drafts):
            with self.assertRaisesRegex(UserError, "booked already"):
                action()

    def test_what_cannot_be_booked_says_so_at_the_button(self):
        settlement = self.import_rows([row(PRINCIPAL, '20.00')])
        self.german.settlement_carried_account_id = False
        with self.assertRaisesRegex(UserError, "Create accounts"):
            settlement.action_book_drafts()

    def test_who_owes_the_invoice_is_credited_on_its_account(self):
        sale = self.sell(1, self.french)
        invoice = self.invoice(sale, post=False)
        invoice.partner_id = self.partner
        invoice.action_post()
        receivable = invoice.line_ids.filtered(lambda line: line.account_type == 'asset_receivable').account_id
        for partner in self.partner | sale.partner_invoice_id.commercial_partner_id:
            partner.property_account_receivable_id = receivable.copy({'code': f'1499{partner.id}'})
        settlement = self.book(self.rows(sale, (PRINCIPAL, '120.00')))
        item = settlement.move_ids.line_ids.filtered('amazon_order_ref')
        self.assertEqual((item.partner_id, item.account_id, invoice.payment_state), (self.partner, receivable, 'paid'))

    def test_charges_to_the_card_stay_apart(self):
        settlement = self.book([row(STORAGE, '-30.00'), row(CHARGED, '10.00', market=''),
                                row(CHARGED, '20.00', market='')])
        items = settlement.move_ids.line_ids.filtered(lambda line: line.amazon_rule_id.treatment == 'transfer')
        self.assertEqual(sorted(items.mapped('balance')), [-20.0, -10.0])

    def test_each_marketplace_has_an_item(self):
        settlement = self.book([row(COMMISSION, '-1.00'), row(COMMISSION, '-2.00', market='Amazon.fr')])
        items = settlement.move_ids.line_ids.filtered('amazon_rule_id')
        self.assertEqual(sorted(items.mapped('balance')), [1.0, 2.0])
        self.assertIn("Amazon FR", ' '.join(items.mapped('name')))

    def test_fractions_of_a_coin_add_up_over_the_items(self):
        settlement = self.book([row(PRINCIPAL, '10.005'), row(SHIPPING, '1.005'), row(STORAGE, '-1.00')])
        self.assertEqual(len(settlement.move_ids.line_ids), 4, "none for rounding")
        self.assertEqual(settlement.payout_line_id.balance, 10.01)

    def test_what_is_booked_is_split_by_month_no_more(self):
        """Whoever takes an order out of it looks for the entries where they are."""
        settlement = self.book([row(PRINCIPAL, '20.00', posted='2026-09-30'), row(PRINCIPAL, '5.00')])
        settlement.action_split()
        self.assertFalse(settlement.split_month)

    def test_a_rule_names_its_partner(self):
        settlement = self.import_rows([row(PRINCIPAL, '20.00'), row(STORAGE, '-3.00')])
        settlement.line_ids[1].rule_id.partner_id = self.partner
        settlement.action_book()
        items = settlement.move_ids.line_ids.filtered(lambda line: line.partner_id == self.partner)
        self.assertEqual(items.mapped('balance'), [3.0])


@tagged('post_install', '-at_install')
class TestSettlementGuardsDocuments(GuardCase):
    """Invoices and credit notes beside settlements."""

    def run_settlements(self):
        self.run_flow('settlements', getReports={'reports': []})
        self.assertFalse(self.seller.sync_ids.filtered(lambda sync: sync.flow == 'settlements').error)

    def test_what_the_job_takes_out_late_is_booked_on_an_open_day(self):
        sale = self.sell(1, self.french)
        settlement = self.book(self.rows(sale, (PRINCIPAL, '120.00')))
        self.patch(type(self.env['account.move']), '_amazon_offset', lambda moves: None)
        invoice = self.invoice(sale)
        self.company.fiscalyear_lock_date = '2026-11-30'
        self.run_settlements()
        offset = settlement.move_ids.filtered(lambda move: move.amazon_part == 'offset/0')
        self.assertEqual((str(offset.date), invoice.payment_state), ('2026-12-01', 'paid'))

    def test_what_the_job_takes_out_has_the_day_of_the_invoice_not_of_its_credit_note(self):
        sale = self.sell(1, self.french)
        settlement = self.book(self.rows(sale, (PRINCIPAL, '120.00')))
        self.patch(type(self.env['account.move']), '_amazon_offset', lambda moves: None)
        note = self.reverse(self.invoice(sale))
        note.invoice_date = '2026-12-05'
        note.action_post()
        self.run_settlements()
        self.assertEqual(str(settlement.move_ids.filtered(lambda move: move.amazon_part == 'offset/0').date),
                         '2026-11-05')

    def test_a_draft_takes_nothing_out(self):
        sale = self.sell(1, self.french)
        settlement = self.book(self.rows(sale, (PRINCIPAL, '120.00')))
        self.invoice(sale, post=False)
        self.assertFalse(settlement._find_due_orders(self.seller, SQL('TRUE')))
        self.run_settlements()
        self.assertEqual(len(settlement.move_ids), 1)

    def test_an_invoice_of_the_future_takes_nothing_out_before_its_day(self):
        sale = self.sell(1, self.french)
        settlement = self.book(self.rows(sale, (PRINCIPAL, '120.00')))
        invoice = self.invoice(sale, post=False)
        invoice.write({'invoice_date': '2099-01-31', 'date': '2099-01-31'})
        invoice._post(soft=True)
        self.assertEqual((invoice.state, len(settlement.move_ids)), ('draft', 1))

    def test_what_is_not_booked_to_the_end_is_not_taken_out(self):
        sale = self.sell(1, self.french)
        settlement = self.import_rows(self.rows(sale, (PRINCIPAL, '120.00')))
        settlement.action_book_drafts()
        self.patch(type(self.env['amazon.settlement']), '_check_summed_up', lambda _settlements, _orders: None)
        self.invoice(sale)
        self.assertEqual(settlement.move_ids.mapped('amazon_part'), ['2026-10/0'])

    def test_a_credit_note_that_is_linked_by_its_invoice_only_is_known(self):
        sale = self.sell(1, self.french)
        invoice = self.invoice(sale)
        note = self.reverse(invoice)
        note.invoice_line_ids.sale_line_ids = False
        self.assertEqual(note._amazon_get_orders(), sale)

    def test_a_credit_note_of_amazons_refund_is_known(self):
        sale = self.sell(1, self.french)
        note = self.env['account.move'].create({'move_type': 'out_refund', 'partner_id': self.partner.id})
        self.env['amazon.transaction'].create({
            'seller_id': self.seller.id, 'company_id': self.company.id, 'transaction_ref': 'T1',
            'order_ref': sale.amazon_order_ref,
            'transaction_type': 'Refund', 'sale_order_id': sale.id, 'move_id': note.id})
        self.assertEqual(note._amazon_get_orders(), sale)
        note.write({'invoice_date': '2026-11-05', 'invoice_line_ids': [Command.create(
            {'name': "Refund", 'price_unit': 60.0, 'tax_ids': [Command.clear()]})]})
        lines = self.env['account.move.line']
        self.assertFalse(lines._amazon_find_receivables(sale), "not while it is a draft")
        note.action_post()
        self.assertEqual(lines._amazon_find_receivables(sale)[sale.id].move_id, note)
        second = self.env['account.move'].create({'move_type': 'out_refund', 'partner_id': self.partner.id,
                                                  'reversed_entry_id': self.invoice(sale).id,
                                                  'invoice_line_ids': [
                                                      Command.create({'name': "Again", 'price_unit': 60.0,
                                                                      'tax_ids': [Command.clear()]})]})
        self.assertEqual(second.amazon_double_id, note)
        note.button_draft()
        note.button_cancel()
        self.assertFalse(second._amazon_find_doubles(), "a cancelled one counts nothing")

    def test_entries_that_reversed_a_booking_are_no_parts_of_it(self):
        settlement = self.import_rows([row(PRINCIPAL, '20.00')])
        settlement.action_book_drafts()
        draft = settlement.move_ids
        stray = self.env['account.move'].create({
            'move_type': 'entry', 'journal_id': draft.journal_id.id, 'date': '2026-10-28',
            'amazon_settlement_id': settlement.id,
            'line_ids': [Command.create({'account_id': self.account('other').id, 'balance': amount})
                         for amount in (1.0, -1.0)]})
        went = []
        self.patch(type(settlement), '_go_on', lambda settlements, moves: went.append(moves))
        stray.action_post()
        self.assertFalse(any(went))
        draft.action_post()
        self.assertEqual(went[-1], draft)

    def test_a_refund_meets_no_invoice(self):
        sale = self.sell(1, self.french)
        invoice = self.invoice(sale)
        settlement = self.book(self.rows(sale, (REFUND, '-60.00')))
        self.assertEqual((settlement.open_line_ids.mapped('amazon_issue'), invoice.payment_state),
                         (['no_refund'], 'not_paid'))

    def test_money_of_another_currency_does_not_clear_an_invoice(self):
        self.env['res.currency.rate'].create({'currency_id': self.env.ref('base.GBP').id, 'name': '2026-10-01',
                                              'rate': 0.8, 'company_id': self.company.id})
        sale = self.sell(1, self.french)
        invoice = self.invoice(sale)
        settlement = self.book(self.rows(sale, (PRINCIPAL, '96.00')), currency='GBP')
        self.assertEqual((settlement.open_line_ids.mapped('amazon_issue'), invoice.amount_residual),
                         (['currency'], 120.0))

    def test_sale_and_refund_clear_each_other_only_where_their_documents_did(self):
        """The invoice is open on another account: the sale still waits for it."""
        sale = self.sell(1, self.french)
        invoice = self.invoice(sale)
        note = self.reverse(invoice)
        note.action_post()
        open_items = (invoice | note).line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
        other = open_items.account_id.copy({'code': '1498X'})
        settlement = self.import_rows(self.rows(sale, (PRINCIPAL, '120.00'), (REFUND, '-120.00')))
        settlement.action_book_drafts()
        settlement.move_ids.line_ids.filtered('amazon_order_ref').account_id = other
        open_items.remove_move_reconcile()
        settlement.move_ids.action_post()
        items = settlement.move_ids.line_ids.filtered('amazon_order_ref')
        self.assertFalse(any(items.mapped('reconciled')))
        open_items.reconcile()
        items._amazon_match()
        self.assertTrue(all(items.mapped('reconciled')))

    def test_differences_of_exchange_are_nobodys_payment(self):
        """Amazon paid more than the invoice: nothing else has cleared it."""
        british = self.marketplace('GB')
        self.env['res.currency.rate'].create(
            [{'currency_id': british.currency_id.id, 'name': day, 'rate': rate, 'company_id': self.company.id}
             for day, rate in [('2026-10-01', 0.9), ('2026-11-01', 0.8)]])
        sale = self.receive_sale(payloads.order(payloads.item(total='90.00', currency='GBP', shipped=1), market='GB',
                                                status='SHIPPED', ref='203-0000001-0000001'))
        invoice = self.invoice(sale)
        rows = [row(PRINCIPAL, '90.00', sale.amazon_order_ref, market='Amazon.gb')]
        self.book(rows, currency='GBP')
        self.assertTrue(invoice.payment_state == 'paid' and invoice.line_ids.matched_credit_ids.exchange_move_id)
        self.assertEqual(self.book(rows, currency='GBP', ref='222').open_line_ids.mapped('amazon_issue'), ['more'])


@tagged('post_install', '-at_install')
class TestSettlementGuardsRefunds(GuardCase):
    """Refunds of Finances that a settlement sums up, and those that it does not."""

    def refund(self, sale, ref='T1', **vals):
        return self.env['amazon.transaction'].create({
            'seller_id': self.seller.id, 'company_id': self.company.id, 'transaction_ref': ref,
            'order_ref': sale.amazon_order_ref,
            'transaction_type': 'Refund', 'sale_order_id': sale.id, 'state': 'waiting', 'is_deferred': False, **vals})

    def test_a_settlement_sums_up_refunds_of_its_own_rows(self):
        both, sold = self.sell(1, self.french), self.sell(2, self.french)
        refund, deferred, other = self.refund(both), self.refund(both, 'T2', is_deferred=True), self.refund(sold, 'T3')
        settlement = self.book([*self.rows(both, (PRINCIPAL, '120.00'), (REFUND, '-60.00')),
                                *self.rows(sold, (PRINCIPAL, '120.00'))])
        self.assertEqual([one.state for one in (refund, deferred, other)], ['done', 'waiting', 'waiting'])
        self.assertEqual(refund.settlement_id, settlement)
        self.assertEqual((refund._find_summed_up(), other._find_summed_up()), (settlement, settlement.browse()))

    def test_another_seller_has_other_settlements(self):
        sale = self.sell(1, self.french)
        self.book(self.rows(sale, (PRINCIPAL, '120.00'), (REFUND, '-60.00')))
        other = self.env['amazon.seller'].create({'name': "Other seller", 'company_id': self.company.id,
                                                  'home_marketplace': 'DE'})
        self.assertFalse(self.refund(sale, seller_id=other.id)._find_summed_up())

    def test_an_invoice_lets_refunds_become_credit_notes_that_have_none(self):
        sale = self.sell(1, self.french)
        refund = self.refund(sale)
        settlement = self.book(self.rows(sale, (PRINCIPAL, '120.00'), (REFUND, '-60.00')))
        note = self.env['account.move'].create({'move_type': 'out_refund', 'partner_id': self.partner.id})
        credited = self.refund(sale, 'T2', state='done', settlement_id=settlement.id, move_id=note.id)
        self.invoice(sale)
        self.assertEqual((refund.state, refund.settlement_id, credited.state), ('new', settlement.browse(), 'done'))

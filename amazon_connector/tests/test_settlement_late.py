from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.migration import load_script
from odoo.tests import tagged

from ..utils import settlement_plan
from . import payloads
from .settlement_files import PRINCIPAL, row
from .test_settlement_policy import PolicyCase


@tagged('post_install', '-at_install')
class TestSettlementLate(PolicyCase):
    """Orders that are invoiced after a settlement has summed them up: what was booked is turned round, just as it was
    booked.
    """

    def sync(self):
        return self.seller.sync_ids.filtered(lambda sync: sync.flow == 'settlements')

    def run_settlements(self):
        self.run_flow('settlements', getReports={'reports': []})

    def invoice_unseen(self, *sales):
        """Invoices that were posted at the same moment as their settlement, so that the job has to take their orders
        out.
        """
        moves = type(self.env['account.move'])
        offset = moves._amazon_offset
        self.patch(moves, '_amazon_offset', lambda moves: None)
        invoices = [self.invoice(sale) for sale in sales]
        self.patch(moves, '_amazon_offset', offset)
        return invoices

    # === NOTHING TO TAKE OUT, AND WHAT CANNOT BE === #

    def test_an_order_whose_rows_come_to_nothing_is_invoiced(self):
        """Odoo posts no entry without items: such an order could never be invoiced."""
        for number, amounts in enumerate((['50.00', '-50.00'], ['0.00']), 1):
            sale = self.sell(number)
            settlement = self.book([*(row(PRINCIPAL, amount, sale.amazon_order_ref) for amount in amounts),
                                    row(PRINCIPAL, '7.00', '303-0000009-0000009')],
                                   ref=f'11{number}')
            self.assertEqual(self.invoice(sale).state, 'posted')
            self.assertEqual((len(settlement.move_ids), set(settlement.line_ids[:-1].mapped('is_cleared'))),
                             (1, {True}))

    def test_the_job_goes_on_after_an_order_that_cannot_be_taken_out(self):
        """All other orders of the seller waited for it, and so did all payouts."""
        sales = [self.sell(number) for number in (1, 2, 3)]
        self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref) for sale in sales])
        invoices = self.invoice_unseen(*sales)
        odd = type(self.env['amazon.settlement'])
        offset = odd._offset
        self.patch(odd, '_offset', lambda settlement, orders, date: self.refuse() if orders == sales[1]
                   else offset(settlement, orders, date))
        self.run_settlements()
        self.assertEqual([invoice.payment_state for invoice in invoices], ['paid', 'not_paid', 'paid'])
        self.assertEqual((self.sync().failures, self.sync().error), (1, f"{sales[1].display_name}: No such account"))
        self.patch(odd, '_offset', offset)
        self.run_settlements()
        self.assertEqual((invoices[1].payment_state, self.sync().error), ('paid', False))

    def refuse(self):
        reason = "No such account"
        raise UserError(reason)

    # === AS IT WAS BOOKED === #

    def pounds(self, *rates):
        british = self.marketplace('GB')
        self.env['res.currency.rate'].create([
            {'currency_id': british.currency_id.id, 'name': day, 'rate': rate, 'company_id': self.company.id}
            for day, rate in rates])
        return british

    def sell_british(self):
        return self.receive_sale(payloads.order(payloads.item(total='90.00', currency='GBP', shipped=1), market='GB',
                                                status='SHIPPED',
                                                ref='203-0000001-0000001')).with_context(active_test=False)

    def book_british(self, sale, **options):
        settlement = self.import_rows(
            [row(PRINCIPAL, '90.00', sale.amazon_order_ref, market='Amazon.gb',
                 posted=options.pop('posted', '2026-10-20'))],
                                  currency='GBP', **options)
        settlement._book()
        return settlement

    def test_a_rate_that_is_entered_after_the_booking_changes_nothing(self):
        """The job books at 07:00, the central bank publishes at 16:00."""
        british, sale = self.pounds(('2026-10-01', 0.8)), self.sell_british()
        self.book_british(sale)
        self.assertEqual(self.balance('sales'), -94.54)
        self.env['res.currency.rate'].create(
            {'currency_id': british.currency_id.id, 'name': '2026-10-28', 'rate': 0.9, 'company_id': self.company.id})
        invoice = self.invoice(sale)
        self.assertEqual((invoice.payment_state, self.balance('sales')), ('paid', 0))

    def test_a_marketplace_that_is_split_by_month_from_now_on_changes_nothing(self):
        british, sale = self.pounds(('2026-10-01', 0.8), ('2026-11-01', 0.9)), self.sell_british()
        settlement = self.book_british(sale, posted='2026-10-30', start='2026-10-25', end='2026-11-08')
        self.assertEqual((self.balance('sales'), settlement.split_month), (-84.03, False))
        british.settlement_split = True
        self.invoice(sale)
        self.assertEqual(self.balance('sales'), 0)

    def test_a_marketplace_that_is_not_split_by_month_any_more_changes_nothing(self):
        british, sale = self.pounds(('2026-10-01', 0.8), ('2026-11-01', 0.9)), self.sell_british()
        british.settlement_split = True
        settlement = self.book_british(sale, posted='2026-10-30', start='2026-10-25', end='2026-11-08')
        self.assertEqual((self.balance('sales'), settlement.split_month), (-94.54, True))
        british.settlement_split = False
        self.invoice(sale)
        self.assertEqual(self.balance('sales'), 0)

    def test_a_lock_date_that_moves_on_changes_nothing(self):
        self.pounds(('2026-10-01', 0.8), ('2026-11-01', 0.9), ('2026-12-01', 0.75))
        sale = self.sell_british()
        self.company.fiscalyear_lock_date = '2026-10-31'
        settlement = self.import_rows([row(PRINCIPAL, '90.00', sale.amazon_order_ref, market='Amazon.gb')],
                                      currency='GBP')
        settlement.action_book_after_lock()
        self.assertEqual(self.balance('sales'), -84.03)
        self.company.fiscalyear_lock_date = '2026-11-30'
        self.invoice(sale, date='2026-12-05')
        self.assertEqual(self.balance('sales'), 0)

    def test_what_a_rule_says_of_partner_and_analytics_later_changes_nothing(self):
        plan = self.env['account.analytic.plan'].create({'name': "Channels"})
        channel = self.env['account.analytic.account'].create(
            {'name': "Amazon", 'plan_id': plan.id, 'company_id': False})
        partner, sale = self.env['res.partner'].create({'name': "Buyers at Amazon"}), self.sell(1)
        settlement = self.import_rows([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        rule = settlement.line_ids.rule_id
        rule.write({'analytic_distribution': {str(channel.id): 100}, 'partner_id': partner.id})
        settlement.action_book()
        rule.write({'analytic_distribution': False, 'partner_id': False})
        self.invoice(sale)
        items = settlement.move_ids.line_ids.filtered(lambda line: line.account_id == self.account('sales'))
        self.assertEqual([(line.balance, line.analytic_distribution, line.partner_id)
                          for line in items.sorted('balance')],
                         [(-100.0, {str(channel.id): 100.0}, partner), (100.0, {str(channel.id): 100.0}, partner)])

    # === MONTH OF THE TAX === #

    def months(self):
        """Revenue by month."""
        found = {}
        for line in self.env['account.move.line'].search([
                ('company_id', '=', self.company.id), ('parent_state', '=', 'posted'),
                ('account_id.account_type', 'in', ('income', 'income_other'))]):
            found[f'{line.date:%Y-%m}'] = round(found.get(f'{line.date:%Y-%m}', 0) - line.balance, 2)
        return {month: amount for month, amount in found.items() if amount}

    def test_an_invoice_of_the_month_before_takes_the_sum_out_where_it_is(self):
        """September had nothing, though the invoice says September, and October had the sale."""
        sale = self.sell(1)
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        invoice = self.invoice(sale, date='2026-09-30')
        self.assertEqual(self.months(), {'2026-09': 100.0})
        self.assertEqual((invoice.payment_state, str(settlement.move_ids.sorted('id')[-1].date)),
                         ('paid', '2026-10-28'))

    def test_an_invoice_of_a_later_month_leaves_the_month_of_the_sum_alone(self):
        sale = self.sell(1)
        self.german.settlement_sale_tax_id = self.company.account_sale_tax_id
        self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        self.invoice(sale)
        self.assertEqual(self.months(), {'2026-10': 100.0})

    # === ENTRIES THAT ARE NOT IN THE BOOKS ANY MORE === #

    def cancel_in_accounting(self, moves):
        """What the buttons of an entry did before entries of settlements were out of their reach."""
        moves.line_ids.remove_move_reconcile()
        self.patch(type(moves), '_amazon_check_no_part', lambda moves: None)
        moves.button_draft()
        moves.button_cancel()

    def test_cancelling_reverses_no_entry_that_was_cancelled_in_accounting(self):
        """That was possible once: the books had the reversal of nothing."""
        settlement = self.book([row(PRINCIPAL, '119.00', '303-0000009-0000009')])
        self.cancel_in_accounting(settlement.move_ids)
        settlement.action_cancel()
        self.assertEqual((self.balance('sales'), settlement.state, len(settlement.move_ids)), (0, 'ready', 1))
        settlement.action_book()
        self.assertEqual(self.balance('sales'), -119.0)

    def test_a_booking_that_is_cancelled_while_the_job_is_at_it_stays_cancelled(self):
        """The job went on with its next entry: the settlement was ready to be booked, with entries in the books."""
        sales = [self.sell(number, '10.00') for number in range(1, 6)]
        for sale in sales:
            self.invoice(sale)
        sync = self.env['amazon.sync']
        commit = type(sync)._commit
        for entries in (1, 2, 3):
            with patch.object(settlement_plan, 'CHUNK', 2):
                settlement = self.import_rows([row(PRINCIPAL, '10.00', sale.amazon_order_ref) for sale in sales],
                                          ref=f'11{entries}')
                settlement.action_book()

                def cancel(syncs, settlement=settlement, entries=entries):
                    result, own = commit(syncs), settlement.with_env(syncs.env)
                    if own.stage == 'booking' and len(own.move_ids.filtered('amazon_part')) == entries:
                        own.action_cancel()
                    return result
                self.patch(type(sync), '_commit', cancel)
                self.run_settlements()
                self.patch(type(sync), '_commit', commit)
            settlement.invalidate_recordset()
            self.assertEqual((settlement.stage, len(settlement.move_ids), settlement.problem),
                             ('ready', 2 * entries, False))
            self.assertEqual((self.balance('payout'), self.balance('carried')), (0, 0))

    def test_cancelling_keeps_drafts_that_were_posted_once(self):
        """The audit trail lets nobody delete them."""
        self.company.restrictive_audit_trail = True
        settlement = self.import_rows([row(PRINCIPAL, '119.00', '303-0000009-0000009')])
        settlement.action_book_drafts()
        move = settlement.move_ids
        move.state = 'posted'
        move.posted_before, move.state = True, 'draft'
        settlement.stage = 'draft'
        settlement.action_cancel()
        self.assertEqual((settlement.state, move.state, move.amazon_part), ('ready', 'cancel', False))

    def test_databases_with_entries_that_were_cancelled_are_mended(self):
        settlements = [self.book([row(PRINCIPAL, '119.00', '303-0000009-0000009')], ref=ref)
                       for ref in ('111', '222', '333')]
        self.cancel_in_accounting(settlements[0].move_ids)
        settlements[1].move_ids.with_context(skip_readonly_check=True).write({'state': 'draft'})
        migration = load_script('amazon_connector/migrations/1.5.0/post-settlement-entries.py', 'migration')
        for _time in range(2):
            migration.migrate(self.env.cr, '19.0.1.4.0')
            self.env.invalidate_all()
        self.assertEqual([settlement.state for settlement in settlements], ['ready', 'draft', 'booked'])

    # === MATCHED AGAIN === #

    def test_a_matching_that_was_undone_by_hand_is_shown_and_done_again(self):
        sale = self.sell(1)
        invoice = self.invoice(sale)
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual((invoice.payment_state, settlement.open_line_ids.amazon_issue), ('not_paid', 'open'))
        self.run_settlements()
        self.assertEqual((invoice.payment_state, len(settlement.open_line_ids)), ('paid', 0))

    def test_a_matching_that_was_undone_unseen_is_done_again(self):
        sale = self.sell(1)
        invoice = self.invoice(sale)
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        invoice.line_ids.remove_move_reconcile()
        settlement.move_ids.line_ids.amazon_issue = False
        self.run_settlements()
        self.assertEqual(invoice.payment_state, 'paid')

    def test_an_invoice_that_is_reversed_and_made_anew_is_paid(self):
        sale = self.sell(1)
        invoice = self.invoice(sale)
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        wizard = self.env['account.move.reversal'].with_context(active_model='account.move',
                                                                active_ids=invoice.ids).create(
                                                                    {'journal_id': invoice.journal_id.id})
        anew = self.env['account.move'].browse(wizard.modify_moves()['res_id'])
        anew.invoice_date = '2026-11-06'
        self.assertEqual(settlement.open_line_ids.amazon_order_id, sale)
        anew.action_post()
        self.run_settlements()
        self.assertEqual((anew.payment_state, len(settlement.open_line_ids)), ('paid', 0))

    # === WHAT IS DECIDED STAYS, WHAT IS NOT IN THE BOOKS COUNTS FOR NOTHING === #

    def test_drafts_and_invoices_of_a_day_to_come_take_nothing_out(self):
        draft, coming = self.sell(1), self.sell(2)
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref) for sale in (draft, coming)])
        self.invoice(draft, post=False)
        self.invoice(coming, post=False, date='2099-01-01')._post(soft=True)
        self.run_settlements()
        self.assertEqual((coming.invoice_ids.state, len(settlement.move_ids),
                          set(settlement.line_ids.mapped('is_cleared'))), ('draft', 1, {False}))

    def test_what_cleared_an_invoice_once_is_summed_up_by_no_later_settlement(self):
        sale = self.sell(1)
        invoice = self.invoice(sale)
        self.book([row(PRINCIPAL, '100.00', sale.amazon_order_ref)])
        invoice.button_draft()
        later = self.book([row(PRINCIPAL, '19.00', sale.amazon_order_ref)], ref='222')
        self.assertEqual((later.line_ids.is_cleared, self.balance('sales')), (True, 0))
        invoice.action_post()
        self.run_settlements()
        self.assertEqual(invoice.payment_state, 'paid')

    def test_an_invoice_is_cleared_on_its_own_account_and_partner(self):
        """Both may be others by now."""
        sale = self.sell(1)
        invoice = self.invoice(sale)
        item = invoice.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
        partner, account = sale.partner_invoice_id, item.account_id
        partner.property_account_receivable_id = account.copy(
            {'code': '149999', 'company_ids': [Command.set(self.company.ids)]})
        sale.partner_invoice_id = self.env['res.partner'].create({'name': "Head office"})
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        line = settlement.move_ids.line_ids.filtered('amazon_order_ref')
        self.assertEqual((invoice.payment_state, line.partner_id, line.account_id),
                         ('paid', partner.commercial_partner_id, account))

    def test_a_settlement_that_is_booked_is_split_no_more(self):
        settlement = self.book([row(PRINCIPAL, '119.00', '303-0000009-0000009', posted='2026-10-30')],
                               start='2026-10-25', end='2026-11-08')
        settlement.action_split()
        self.assertFalse(settlement.split_month)
        self.german.settlement_split = True
        self.assertFalse(settlement._is_split())
        settlement.action_cancel()
        self.assertTrue(settlement._is_split())

    def test_cancelling_in_a_closed_period_is_of_the_first_open_day(self):
        settlement = self.book([row(PRINCIPAL, '119.00', '303-0000009-0000009')])
        self.company.fiscalyear_lock_date = '2026-10-31'
        settlement.action_cancel()
        self.assertEqual([str(move.date) for move in settlement.move_ids.sorted('id')], ['2026-10-28', '2026-11-01'])
        self.assertIn("closed period", settlement.problem, "asked anew")

    def test_cancelling_forgets_how_it_was_booked(self):
        settlement = self.import_rows([row(PRINCIPAL, '119.00', '303-0000009-0000009')])
        self.company.fiscalyear_lock_date = '2026-10-31'
        settlement.action_book_after_lock()
        self.assertEqual(str(settlement.move_ids.date), '2026-11-01')
        settlement.action_cancel()
        self.assertIn("closed period", settlement.problem)
        self.company.fiscalyear_lock_date = False
        settlement.action_book_drafts()
        settlement.action_cancel()
        settlement.action_book()
        self.assertEqual((settlement.state, str(settlement.payout_line_id.date)), ('booked', '2026-10-28'))

    def test_taxes_of_a_closed_period_go_to_the_first_open_day(self):
        """An invoice without a tax may be of a period whose VAT return was filed, the sum with a tax may not."""
        sale = self.sell(1)
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        self.company.tax_lock_date = '2026-10-31'
        invoice = self.invoice(sale, post=False, date='2026-10-30')
        invoice.invoice_line_ids.tax_ids = False
        invoice.action_post()
        offset = settlement.move_ids.filtered(lambda move: (move.amazon_part or '').startswith('offset/'))
        self.assertEqual((str(invoice.date), str(offset.date)), ('2026-10-30', '2026-11-01'))

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.migration import load_script
from odoo.tests import Form, new_test_user, tagged

from ..utils.settlement_plan import SettlementPlan
from . import payloads
from .common import FakeAmazon
from .settlement_files import COMMISSION, PRINCIPAL, REFUND, SHIPPING, STORAGE, row
from .test_settlements import SettlementCase
from .test_transactions import group, refund


class PolicyCase(SettlementCase):
    """Orders that are sold, invoiced and refunded."""

    def sell(self, number, total='119.00', **item):
        ref = f'302-{number:07d}-7654321'
        sale = self.receive_sale(payloads.order(payloads.item(total=total, shipped=1, **item), ref=ref,
                                                status='SHIPPED'))
        return sale.with_context(active_test=False)

    def invoice(self, sale, post=True, date='2026-11-05'):
        invoice = sale._create_invoices()
        invoice.invoice_date = date
        if post:
            invoice.action_post()
        return invoice

    def revenue(self):
        """What all entries and documents have on income accounts, positive for income."""
        lines = self.env['account.move.line'].search([
            ('company_id', '=', self.company.id), ('parent_state', '=', 'posted'),
            ('account_id.account_type', 'in', ('income', 'income_other'))])
        return round(-sum(lines.mapped('balance')), 2)

    def owed(self, sale):
        """What is open on the customer's account."""
        partner = sale.partner_invoice_id.commercial_partner_id
        lines = self.env['account.move.line'].search([
            ('partner_id', '=', partner.id), ('account_id.account_type', '=', 'asset_receivable'),
            ('parent_state', '=', 'posted')])
        return round(sum(lines.mapped('amount_residual')), 2)

    def fetch(self, *transactions):
        return self.run_flow('transactions', FakeAmazon(listTransactions={'transactions': list(transactions)}))

    def refund(self, sale, amount, ref='T1'):
        item = sale.order_line.filtered('amazon_item_ref')[:1].amazon_item_ref
        return refund(sale, (item, 1, [group('ProductCharges', ('OurPricePrincipal', -amount))]), ref=ref)

    def transactions(self):
        return self.env['amazon.transaction'].search([('seller_id', '=', self.seller.id)], order='id')


@tagged('post_install', '-at_install')
class TestSettlementPolicy(PolicyCase):
    """One policy: what is invoiced is cleared, all else is summed up, and nothing is counted twice."""

    # === ONE SETTLEMENT === #

    def test_invoiced_orders_are_cleared_and_the_others_summed_up(self):
        invoiced, plain = self.sell(1), self.sell(2, '50.00')
        invoice = self.invoice(invoiced)
        revenue = self.revenue()
        settlement = self.book([
            row(PRINCIPAL, '119.00', invoiced.amazon_order_ref), row(PRINCIPAL, '45.00', plain.amazon_order_ref),
            row(SHIPPING, '5.00', plain.amazon_order_ref), row(PRINCIPAL, '7.00', '303-0000009-0000009'),
            row(STORAGE, '-3.00')])
        self.assertEqual((invoice.payment_state, settlement.open_line_ids), ('paid', self.env['account.move.line']))
        self.assertEqual(settlement.line_ids.filtered('is_cleared').mapped('amount'), [119.0])
        taxes = settlement.move_ids.line_ids.filtered('tax_line_id')
        self.assertAlmostEqual(self.revenue() - revenue, 57.0 + sum(taxes.mapped('balance')))
        self.assertEqual(settlement.payout_line_id.balance, 173.0)

    def test_what_was_decided_stays_while_it_is_booked(self):
        sale = self.sell(1)
        invoice = self.invoice(sale)
        settlement = self.import_rows([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        settlement._begin()
        invoice.button_draft()
        settlement._book()
        self.assertEqual((settlement.state, settlement.open_line_ids.amazon_order_id), ('booked', sale))
        invoice.action_post()
        settlement.action_match()
        self.assertEqual(invoice.payment_state, 'paid')

    def test_an_invoice_that_is_set_back_is_open_again(self):
        sale = self.sell(1)
        invoice = self.invoice(sale)
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        self.assertFalse(settlement.open_line_ids)
        invoice.button_draft()
        self.assertEqual(settlement.open_line_ids.amazon_issue, 'no_invoice')
        invoice.action_post()
        settlement.action_match()
        self.assertEqual((invoice.payment_state, len(settlement.open_line_ids)), ('paid', 0))

    def test_a_cancelled_booking_is_decided_anew(self):
        sale = self.sell(1)
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        self.assertFalse(settlement.line_ids.is_cleared)
        settlement.action_cancel()
        invoice = self.invoice(sale)
        self.assertEqual(invoice.payment_state, 'not_paid')
        settlement.action_book()
        self.assertEqual((invoice.payment_state, settlement.line_ids.is_cleared), ('paid', True))

    def test_an_entry_that_does_not_balance_is_refused(self):
        """It is no rounding."""
        british = self.marketplace('GB')
        self.env['res.currency.rate'].create({'currency_id': british.currency_id.id, 'name': '2026-10-01', 'rate': 0.8,
                                              'company_id': self.company.id})
        prepare = SettlementPlan._prepare_groups
        self.patch(SettlementPlan, '_prepare_groups', lambda plan, part: [
            *prepare(plan, part), plan.prepare_line(part, "Lost", self.account('other'), 1.0)])
        for ref, options in (('111', {}), ('222', {'currency': 'GBP'})):
            settlement = self.import_rows([row(PRINCIPAL, '20.00', '302-0000009-0000009')], ref=ref, **options)
            with self.assertRaisesRegex(UserError, "does not balance"):
                settlement._book()

    def test_fractions_of_a_coin_are_rounded_where_there_is_an_account(self):
        sales = self.sell(1, '10.01') | self.sell(2, '10.01')
        (sales[0]._create_invoices() | sales[1]._create_invoices()).action_post()
        exchange = self.company.income_currency_exchange_account_id
        self.company.income_currency_exchange_account_id = self.company.expense_currency_exchange_account_id = False
        settlement = self.import_rows([row(PRINCIPAL, '10.005', sale.amazon_order_ref) for sale in sales])
        with self.assertRaisesRegex(UserError, "exchange differences"):
            settlement._book()
        self.company.income_currency_exchange_account_id = self.company.expense_currency_exchange_account_id = exchange
        settlement._book()
        self.assertEqual((settlement.state, settlement.payout_line_id.balance), ('booked', 20.01))

    # === INVOICED AFTERWARDS === #

    def test_an_invoice_after_the_sum_takes_the_order_out_of_it(self):
        sale, other = self.sell(1), self.sell(2, '50.00')
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref),
                                row(COMMISSION, '-17.85', sale.amazon_order_ref),
                                row(PRINCIPAL, '50.00', other.amazon_order_ref)])
        revenue = self.revenue()
        invoice = self.invoice(sale)
        self.assertEqual((invoice.payment_state, self.revenue(), self.owed(sale)), ('paid', revenue, 0.0))
        self.assertEqual(settlement.line_ids.filtered('is_cleared').mapped('amount'), [119.0])
        self.assertIn("takes it out", settlement.message_ids[0].body)
        self.assertIn("111", invoice.message_ids[0].body)
        offset = settlement.move_ids.filtered(lambda move: move.amazon_part == 'offset/0')
        self.assertEqual((offset.state, offset.date), ('posted', invoice.date))
        invoice.button_draft()
        invoice.action_post()
        self.assertEqual((self.revenue(), len(settlement.move_ids)), (revenue, 2), "once")
        settlement.action_cancel()
        settlement.action_book()
        self.assertEqual((invoice.payment_state, self.revenue()), ('paid', revenue))

    def test_an_order_that_comes_and_is_invoiced_later(self):
        self.german.fbm_invoice = 'posted'
        settlement = self.book([row(PRINCIPAL, '119.00', '302-0000001-7654321')])
        self.assertEqual(self.balance('sales'), -119.0)
        sale = self.sell(1)
        self.assertEqual((sale.invoice_ids.payment_state, self.balance('sales'), len(settlement.open_line_ids)),
                         ('paid', 0, 0))

    def test_draft_entries_and_invoices_do_not_meet(self):
        sale = self.sell(1)
        settlement = self.import_rows([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        settlement.action_book_drafts()
        invoice = self.invoice(sale, post=False)
        with self.assertRaisesRegex(UserError, "not all posted"):
            invoice.action_post()
        settlement.move_ids.action_post()
        self.assertEqual(settlement.state, 'booked')
        invoice.action_post()
        self.assertEqual(invoice.payment_state, 'paid')

    def test_the_jobs_invoice_waits_for_draft_entries(self):
        sale = self.receive_sale(payloads.order(payloads.item(total='119.00'), ref='302-0000001-7654321'))
        settlement = self.import_rows([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        settlement.action_book_drafts()
        sale.write({'amazon_invoice_day': '2026-11-05'})
        self.assertIn("111", sale._amazon_find_invoice_obstacle() or '')

    def test_a_foreign_currency_turns_round_at_its_rate(self):
        british = self.marketplace('GB')
        self.env['res.currency.rate'].create(
            [{'currency_id': british.currency_id.id, 'name': day, 'rate': rate, 'company_id': self.company.id}
             for day, rate in [('2026-10-01', 0.8), ('2026-11-01', 0.9)]])
        sale = self.receive_sale(payloads.order(payloads.item(total='90.00', currency='GBP', shipped=1), market='GB',
                                                status='SHIPPED', ref='203-0000001-0000001'))
        self.book([row(PRINCIPAL, '90.00', sale.amazon_order_ref, market='Amazon.gb')], currency='GBP')
        invoice = self.invoice(sale)
        self.assertEqual((invoice.payment_state, self.balance('sales')), ('paid', 0))

    def test_invoice_and_settlement_of_the_same_moment(self):
        """Two transactions that have not seen each other: the job makes up for it."""
        sale = self.sell(1)
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        self.patch(type(self.env['account.move']), '_amazon_offset', lambda moves: None)
        invoice = self.invoice(sale)
        self.assertEqual(invoice.payment_state, 'not_paid')
        self.run_flow('settlements', getReports={'reports': []})
        self.assertEqual((invoice.payment_state, settlement.line_ids.is_cleared), ('paid', True))

    def test_a_missed_invoice_is_taken_out_however_old_its_settlement_is(self):
        """The job asked when the settlement was written, though the invoice came long after it."""
        sale = self.sell(1)
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        self.patch(type(self.env['account.move']), '_amazon_offset', lambda moves: None)
        invoice = self.invoice(sale)
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_settlement SET write_date = write_date - interval '10 days' WHERE id = %s",
                            [settlement.id])
        self.run_flow('settlements', getReports={'reports': []})
        self.assertEqual((invoice.payment_state, settlement.line_ids.is_cleared), ('paid', True))

    def test_who_sees_own_orders_only_posts_invoices_of_others(self):
        """The order behind the invoice was not found, and the sale counted by the invoice and by the settlement."""
        sale = self.sell(1)
        sale.user_id = self.env.user
        clerk = new_test_user(self.env, 'clerk', groups='account.group_account_invoice,sales_team.group_sale_salesman',
                              company_id=self.company.id, company_ids=self.company.ids)
        invoice = self.invoice(sale, post=False)
        self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        revenue = self.revenue()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(self.env['sale.order'].with_user(clerk).search([('id', '=', sale.id)]))
        invoice.with_user(clerk).action_post()
        self.assertEqual((invoice.payment_state, self.revenue()), ('paid', revenue))

    def test_what_was_booked_per_invoice_before_clears_still(self):
        invoiced, plain = self.sell(1), self.sell(2, '50.00')
        self.invoice(invoiced)
        settlement = self.book([row(PRINCIPAL, '119.00', invoiced.amazon_order_ref),
                                row(COMMISSION, '-10.00', invoiced.amazon_order_ref),
                                row(PRINCIPAL, '50.00', plain.amazon_order_ref)])
        settlement.line_ids.is_cleared = False
        migration = load_script('amazon_connector/migrations/1.5.0/post-settlement-policy.py', 'migration')
        for _time in range(2):
            migration.migrate(self.env.cr, '19.0.1.4.0')
            self.env.invalidate_all()
        self.assertEqual(settlement.line_ids.filtered('is_cleared').mapped('amount'), [119.0])

    # === CREDIT NOTES === #

    def test_a_refund_that_was_summed_up_needs_no_credit_note(self):
        self.german.refund_policy = 'posted'
        sale = self.sell(1)
        self.fetch(self.refund(sale, 119.0))
        self.assertEqual(self.transactions().state, 'waiting')
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref),
                                row(REFUND, '-119.00', sale.amazon_order_ref)])
        self.assertEqual((self.transactions().state, self.transactions().settlement_id), ('done', settlement))
        self.fetch(self.refund(sale, 119.0))
        self.assertEqual((self.transactions().state, self.transactions().move_id.ids), ('done', []))
        invoice = self.invoice(sale)
        self.fetch()
        settlement.action_match()
        self.assertEqual((self.transactions().move_id.payment_state, invoice.payment_state, self.revenue()),
                         ('reversed', 'paid', 0.0))

    def test_a_refund_whose_booking_is_cancelled_becomes_a_credit_note(self):
        self.german.refund_policy = 'posted'
        sale = self.sell(1)
        self.fetch(self.refund(sale, 119.0))
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref),
                                row(REFUND, '-119.00', sale.amazon_order_ref)])
        settlement.action_cancel()
        self.assertFalse(self.transactions().settlement_id)
        invoice = self.invoice(sale)
        settlement.action_book()
        self.fetch()
        settlement.action_match()
        self.assertEqual((self.transactions().move_id.payment_state, invoice.payment_state, self.revenue()),
                         ('reversed', 'paid', 0.0))
        self.assertFalse(settlement.open_line_ids)

    def test_a_credit_note_by_hand_of_what_was_summed_up_is_refused(self):
        sale = self.sell(1)
        invoice = self.invoice(sale)
        note = self.reverse(invoice)
        invoice.button_draft()
        self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref), row(REFUND, '-119.00', sale.amazon_order_ref)])
        with self.assertRaisesRegex(UserError, "summed it up"):
            note.action_post()
        (invoice | note).action_post()
        self.assertEqual((self.revenue(), self.owed(sale)), (0.0, 0.0))

    def test_a_second_credit_note_by_hand_is_asked_about(self):
        self.german.refund_policy = 'posted'
        sale = self.sell(1)
        invoice = self.invoice(sale)
        self.fetch(self.refund(sale, 119.0))
        self.assertTrue(self.transactions().move_id, self.transactions().error)
        note = self.reverse(invoice)
        self.assertEqual(note.amazon_double_id, self.transactions().move_id)
        with self.assertRaisesRegex(UserError, "has the credit note"):
            note.action_post()
        with Form(note) as form:
            form.amazon_is_separate = True
        note.action_post()

    def test_credit_notes_by_hand_of_other_amounts_leave_no_room(self):
        self.german.refund_policy = 'posted'
        sale = self.sell(1)
        self.reverse(self.invoice(sale)).action_post()
        self.fetch(self.refund(sale, 60.0))
        self.assertEqual((self.transactions().state, bool(self.transactions().move_id)), ('error', False))
        self.assertIn("leave", self.transactions().error)

    # === MONTHS === #

    def test_months_are_those_of_the_company(self):
        """An order of 1 November 00:30 in Berlin is November's."""
        self.company.resource_calendar_id.tz = 'Europe/Berlin'
        rows = [row(PRINCIPAL, '100.00', '302-1111111-1111111', posted_date_time='2026-10-31 23:30:00 UTC'),
                row(PRINCIPAL, '40.00', '302-1111111-1111112', posted_date_time='2026-10-31 22:30:00 UTC')]
        settlement = self.import_rows(rows, start='2026-10-25', end='2026-11-08')
        self.assertTrue(settlement.crosses_month)
        self.assertIn("40", settlement.notice)
        settlement.action_split()
        self.assertFalse(settlement.crosses_month)
        settlement.action_book()
        income = self.account('sales')
        self.assertEqual(
            {str(move.date): sum(move.line_ids.filtered(lambda line: line.account_id == income).mapped('balance'))
             for move in settlement.move_ids}, {'2026-10-31': -40.0, '2026-11-08': -100.0})

    def test_a_tax_of_each_piece(self):
        """An eco contribution of 1.00 for each of three pieces, and none for their shipping."""
        eco = self.env['account.tax'].create({
            'name': "Eco 1.00", 'amount': 1.0, 'amount_type': 'fixed', 'type_tax_use': 'sale',
            'company_id': self.company.id, 'country_id': self.company.account_fiscal_country_id.id,
            'tax_group_id': self.company.account_sale_tax_id.tax_group_id.id})
        self.product.taxes_id = self.company.account_sale_tax_id | eco
        self.make_listing('SKU-A', self.product)
        sales = [self.sell(number) for number in (1, 2)]
        settlement = self.book([*(row(PRINCIPAL, amount, sale.amazon_order_ref, quantity_purchased=pieces)
                                  for sale, amount, pieces in zip(sales, ('119.00', '238.00'), ('1', '2'),
                                                                  strict=True)),
                                row(SHIPPING, '11.90', sales[0].amazon_order_ref)])
        self.assertEqual(
            round(sum(settlement.move_ids.line_ids.filtered(lambda line: line.tax_line_id == eco).mapped('balance')),
                  2), -3.0)
        self.assertAlmostEqual(settlement.payout_line_id.balance, 368.9)

    # === TAXES THAT ARE DUE ON PAYMENT === #

    def make_tax_on_payment(self):
        """A tax of 19 % that is due when its sale is paid; return it with the account until then and the one
        afterwards.
        """
        make, country = self.env['account.account'].create, self.company.account_fiscal_country_id
        transition, due = make([{'name': name, 'code': code, 'account_type': 'liability_current', 'reconcile': True,
                                 'company_ids': [Command.set(self.company.ids)]}
                                for name, code in (("VAT to come", '179901'), ("VAT due", '179902'))])
        self.company.tax_exigibility = True
        tag = self.env['account.account.tag'].create({'name': "Base on payment", 'applicability': 'taxes',
                                                      'country_id': country.id})
        shares = [Command.create({'repartition_type': 'base', 'tag_ids': [Command.set(tag.ids)]}),
                  Command.create({'repartition_type': 'tax', 'account_id': due.id})]
        tax = self.env['account.tax'].create({
            'name': "19 on payment", 'amount': 19, 'type_tax_use': 'sale', 'company_id': self.company.id,
            'tax_exigibility': 'on_payment',
            'cash_basis_transition_account_id': transition.id, 'country_id': country.id,
            'tax_group_id': self.company.account_sale_tax_id.tax_group_id.id, 'invoice_repartition_line_ids': shares,
            'refund_repartition_line_ids': shares})
        self.german.settlement_sale_tax_id = tax
        return tag, transition, due

    def get_balances(self, *accounts):
        items = self.env['account.move.line'].search([('account_id', 'in', [account.id for account in accounts]),
                                                      ('parent_state', '=', 'posted')])
        return [round(sum(items.filtered(lambda item, account=account: item.account_id == account).mapped('balance')),
                      2) for account in accounts]

    def test_a_tax_on_payment_is_due_when_amazon_pays(self):
        tag, transition, due = self.make_tax_on_payment()
        settlement = self.book([row(PRINCIPAL, '119.00', '303-0000009-0000009')])
        self.assertEqual(self.get_balances(transition, due), [0, -19])
        self.assertIn(tag, settlement.move_ids.line_ids.tax_tag_ids)

    def test_a_tax_on_payment_does_not_wait_for_another_buyer(self):
        _tag, transition, due = self.make_tax_on_payment()
        sale = self.sell(1)
        self.invoice(sale)
        settlement = self.book([row(PRINCIPAL, '119.00', '303-0000009-0000009'),
                                row(PRINCIPAL, '200.00', sale.amazon_order_ref)])
        self.assertEqual(settlement.open_line_ids.amazon_issue, 'more')
        self.assertEqual(self.get_balances(transition, due), [0, -19])

    # === CREDIT NOTES === #

    def test_a_credit_note_is_not_older_than_its_invoice(self):
        """The refund was summed up with its sale; what takes both out again is of the month of the invoice."""
        self.german.refund_policy = 'posted'
        sale = self.sell(1)
        self.fetch(self.refund(sale, 119.0))
        self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref), row(REFUND, '-119.00', sale.amazon_order_ref)])
        invoice = self.invoice(sale)
        self.fetch()
        self.assertEqual(self.transactions().move_id.invoice_date, invoice.invoice_date)

    def test_a_credit_note_that_was_deleted_is_made_again_by_a_person(self):
        self.german.refund_policy = 'draft'
        sale = self.sell(1)
        self.invoice(sale)
        self.fetch(self.refund(sale, 119.0))
        transaction = self.transactions()
        self.assertEqual((transaction.state, transaction.move_id.state), ('done', 'draft'))
        transaction.move_id.unlink()
        self.fetch()
        self.assertEqual((transaction.state, transaction.move_id.state), ('error', False),
                         "whoever deleted it may have meant it")
        self.assertIn("deleted", transaction.error)
        transaction.action_retry()
        self.fetch()
        self.assertTrue(transaction.move_id)


@tagged('post_install', '-at_install')
class TestSettlementPreview(SettlementCase):
    """What booking would make is shown before, with accounts."""

    def preview(self, settlement):
        return self.env['amazon.settlement.preview'].browse(settlement.action_preview()['res_id'])

    def test_the_entries_are_those_that_booking_makes(self):
        self.german.fbm_invoice = 'posted'
        sales = [
            self.receive_sale(payloads.order(payloads.item(total='10.00', shipped=1), ref=f'302-000000{number}-7654321',
                                             status='SHIPPED'))
                 for number in range(3)]
        self.german.settlement_fee_tax_id = self.company.account_purchase_tax_id
        settlement = self.import_rows([*(row(PRINCIPAL, '10.00', sale.amazon_order_ref) for sale in sales),
                                   row(PRINCIPAL, '7.00', '303-0000009-0000009'), row(COMMISSION, '-11.90')])
        preview = self.preview(settlement)
        self.assertEqual((settlement.state, len(settlement.move_ids)), ('ready', 0))
        self.assertEqual(round(sum(preview.line_ids.mapped('debit')), 2),
                         round(sum(preview.line_ids.mapped('credit')), 2))
        cleared = preview.line_ids.filtered(lambda line: "3 orders" in (line.name or ''))
        self.assertEqual((cleared.credit, cleared.account_id.account_type), (30.0, 'asset_receivable'))
        shown = {account: round(sum(lines.mapped('debit')) - sum(lines.mapped('credit')), 2)
                 for account, lines in preview.line_ids.grouped('account_id').items()}
        preview.action_book()
        booked = {account: round(sum(lines.mapped('balance')), 2)
                  for account, lines in settlement.move_ids.line_ids.grouped('account_id').items()}
        self.assertEqual({account.display_name: amount for account, amount in shown.items()},
                         {account.display_name: amount for account, amount in booked.items()})

    def test_drafts_by_choice(self):
        settlement = self.import_rows([row(PRINCIPAL, '10.00', '303-0000009-0000009')])
        self.preview(settlement).action_draft()
        self.assertEqual((settlement.state, settlement.move_ids.state), ('draft', 'draft'))
        with self.assertRaisesRegex(UserError, "cancel its booking"):
            settlement.move_ids.unlink()
        for refused in ('button_cancel', 'unlink'):
            with self.assertRaisesRegex(UserError, "cancel its booking"):
                getattr(settlement.move_ids.with_context(amazon_cancel=True), refused)()
        settlement.action_cancel()
        self.assertEqual((settlement.state, len(settlement.move_ids)), ('ready', 0))
        self.german.settlement_draft = True
        settlement.action_book()
        settlement.move_ids.action_post()
        self.assertEqual((settlement.state, settlement.payout_line_id.balance), ('booked', 10.0))

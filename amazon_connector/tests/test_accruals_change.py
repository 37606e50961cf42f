from odoo.exceptions import UserError
from odoo.tests import tagged

from . import payloads
from .settlement_files import PRINCIPAL, document, row
from .test_accruals import OTHER_ORDER, AccrualCase, sale


@tagged('post_install', '-at_install')
class TestAccrualsChange(AccrualCase):
    """A month is booked by its accrual, or by what comes into the books beside it: never by both."""

    def refuses(self, accrual, words):
        accrual.invalidate_recordset()
        self.assertIn(words, accrual.problem or '')
        with self.assertRaisesRegex(UserError, words):
            accrual.action_post()

    def invoice(self, known, date='2026-09-20'):
        invoice = known._create_invoices()
        invoice.invoice_date = date
        invoice.action_post()
        return invoice

    def receive_known(self):
        return self.receive_sale(payloads.order(payloads.item(total='119.00', shipped=1), ref=OTHER_ORDER,
                                                status='SHIPPED'))

    # === SETTLEMENTS === #

    def test_a_settlement_that_ends_in_the_last_night_by_utc_ends_in_the_next_month(self):
        """Tokyo: 1 October 05:00 is 30 September 20:00 UTC."""
        self.company.resource_calendar_id.tz = 'Asia/Tokyo'
        self.accrue(sale('T1')).action_post()
        content = document([row(PRINCIPAL, '119.00', OTHER_ORDER, posted='2026-09-20')], ref='901', start='2026-09-16',
                           end='2026-09-30')
        later = self.env['amazon.settlement']._import_file(self.seller,
                                                           content.replace(b'2026-09-30 06:00:00 UTC',
                                                                           b'2026-09-30 20:00:00 UTC'))
        later.action_split()
        self.assertIn("accrual", later.problem or '')
        with self.assertRaisesRegex(UserError, "accrual"):
            later.action_book()
        later.action_join_months()
        self.assertFalse(later.problem)

    def test_an_accrual_waits_where_a_settlement_was_booked_into_its_month(self):
        accrual = self.accrue(sale('T1'))
        later = self.import_rows([row(PRINCIPAL, '119.00', OTHER_ORDER, posted='2026-09-20')], ref='901',
                             start='2026-09-16', end='2026-10-05')
        later.action_split()
        later.action_book()
        self.refuses(accrual, "Settlements of")
        accrual.action_collect()
        self.ask(sale('T1'))
        self.assertFalse(accrual.line_ids)

    def test_an_accrual_waits_where_a_settlement_of_its_month_came_later(self):
        accrual = self.accrue(sale('T1'))
        self.settle(1, (PRINCIPAL, '119.00', OTHER_ORDER), end='2026-09-29')
        self.refuses(accrual, "Settlements of")

    def test_a_settlement_that_came_after_its_month_was_accrued_waits(self):
        accrual = self.accrue(sale('T1'))
        accrual.action_post()
        later = self.import_rows([row(PRINCIPAL, '119.00', OTHER_ORDER, posted='2026-09-20')], ref='901',
                             start='2026-09-16', end='2026-09-29')
        # All of a test is one moment.
        accrual.sudo().collected_date = '2026-10-02 10:00:00'
        self.assertIn("after Amazon was asked", later._find_problem() or '')
        accrual.action_cancel()
        self.assertFalse(later._find_problem())

    # === DOCUMENTS === #

    def test_an_accrual_waits_where_its_order_was_invoiced_into_its_month(self):
        known = self.receive_known()
        accrual = self.accrue(sale('T1', order=OTHER_ORDER))
        self.invoice(known)
        self.refuses(accrual, OTHER_ORDER)
        accrual.action_collect()
        self.ask(sale('T1', order=OTHER_ORDER))
        self.assertFalse(accrual.problem)
        self.assertEqual(set(accrual.line_ids.mapped('kind')), {'commission'})

    def test_an_order_that_comes_later_and_is_invoiced_is_seen(self):
        accrual = self.accrue(sale('T1', order=OTHER_ORDER))
        self.invoice(self.receive_known())
        self.refuses(accrual, OTHER_ORDER)

    def test_an_invoice_of_the_next_month_concerns_no_accrual(self):
        known = self.receive_known()
        accrual = self.accrue(sale('T1', order=OTHER_ORDER))
        self.invoice(known, '2026-10-01')
        accrual.invalidate_recordset()
        self.assertFalse(accrual.problem)
        accrual.action_post()

    def test_an_invoice_in_a_month_that_is_accrued_is_said(self):
        known = self.receive_known()
        accrual = self.accrue(sale('T1', order=OTHER_ORDER))
        accrual.action_post()
        self.assertFalse(accrual.problem)
        self.invoice(known)
        accrual.invalidate_recordset()
        self.assertIn("twice", accrual.problem or '')

    # === ITS ENTRIES === #

    def test_an_accrual_in_a_journal_with_a_hash_is_cancelled(self):
        """Odoo sets none of its entries back: they are reversed on their own days."""
        journal = self.env['account.journal'].create(
            {'name': "Hash", 'code': 'HSH', 'type': 'general', 'company_id': self.company.id,
             'restrict_mode_hash_table': True})
        accrual = self.accrue(sale('T1'))
        accrual.journal_id = journal
        accrual.action_post()
        accrual.action_cancel()
        self.assertEqual(accrual.state, 'cancelled')
        items = self.env['account.move.line'].search([('journal_id', '=', journal.id), ('parent_state', '=', 'posted')])
        days = {str(day): round(sum(line.balance for line in lines if line.account_id == self.accounts), 2)
                for day, lines in items.grouped('date').items()}
        self.assertEqual((days, len(items.move_id)), ({'2026-09-30': 0.0, '2026-10-01': 0.0}, 4))
        self.accrue(sale('T1')).action_post()

    def test_entries_of_an_accrual_are_cancelled_there(self):
        """The entry was cancelled by itself: the accrual was posted still, and its reversal in the books."""
        accrual = self.accrue(sale('T1'))
        accrual.action_post()
        for move in accrual.move_id | accrual.reversal_id:
            for act in (move.button_draft, move.button_cancel):
                with self.assertRaisesRegex(UserError, "accrual"):
                    act()
        accrual.action_cancel()
        self.assertEqual((accrual.move_id | accrual.reversal_id).mapped('state'), ['cancel', 'cancel'])

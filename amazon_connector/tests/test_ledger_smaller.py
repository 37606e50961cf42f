from odoo.tests import tagged

from ..models.amazon_ledger_day import DAY
from .ledger_common import START, LedgerCase, row


@tagged('post_install', '-at_install')
class TestLedgerSmaller(LedgerCase):
    """A smaller day that somebody agreed to is taken, also if Amazon gives no rows of it at all."""

    def setUp(self):
        super().setUp()
        self.book(row('Receipts', 5), row('Shipments', -1), row('Receipts', 2, day=2), last=2)
        self.day, self.other = self.days.search([('seller_id', '=', self.seller.id)], order='date')

    def accept(self, *rows):
        """Let Amazon report fewer rows of the first day, and somebody agree."""
        self.book(*rows, row('Receipts', 2, day=2), last=2)
        self.assertEqual((self.day.state, self.day.smaller_count), ('smaller', len(rows)))
        self.day.action_accept_smaller()

    def test_nothing_at_all_is_taken_as_soon_as_somebody_agrees(self):
        self.accept()
        self.assertEqual((self.day.state, self.day.row_count, self.quantity('sellable', 'DE')), ('booked', 0, 2))
        self.assertFalse(self.day.line_ids)

    def test_rows_that_come_after_it_are_booked_again(self):
        self.accept()
        self.book(row('Receipts', 5))
        self.assertEqual((self.day.state, self.quantity('sellable', 'DE')), ('booked', 7))

    def test_one_that_becomes_empty_meanwhile_asks_again(self):
        """It was requested alone, so the file has no row."""
        self.accept(row('Receipts', 5))
        self.assertEqual(self.day.state, 'open')
        self.store()
        self.assertEqual((self.day.state, self.day.smaller_count, self.day.row_count), ('smaller', 0, 2))
        self.assertEqual(self.quantity('sellable', 'DE'), 6)
        self.day.action_accept_smaller()
        self.assertEqual((self.day.state, self.quantity('sellable', 'DE')), ('booked', 2))

    def test_less_than_somebody_agreed_to_asks_again(self):
        self.accept(row('Receipts', 5))
        self.book(row('Receipts', 2, day=2), last=2)
        self.assertEqual((self.day.state, self.day.smaller_count), ('smaller', 0))

    def test_what_somebody_agreed_to_is_taken_once(self):
        self.accept(row('Receipts', 5))
        self.book(row('Receipts', 5))
        self.assertEqual((self.day.state, self.day.smaller_count, self.quantity('sellable', 'DE')), ('booked', 0, 7))

    def test_an_empty_file_says_nothing_of_days_that_are_not_over(self):
        self.store(row('Receipts', 3, day=5), first=5, last=5, asked=self.days._get_end(self.seller, START))
        day = self.days.search([('date', '=', START + 4 * DAY)])
        self.store(first=5, last=5)
        self.assertEqual((day.state, day.row_count), ('open', 1))

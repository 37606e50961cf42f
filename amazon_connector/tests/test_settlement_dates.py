from odoo.tests import tagged

from .settlement_files import PRINCIPAL, document, row
from .test_settlements import ORDER, SettlementCase


@tagged('post_install', '-at_install')
class TestSettlementDates(SettlementCase):
    """A date in a form that nobody understands does not keep a settlement from the books; it is said, and kept with its
    row.
    """

    def import_rows_with(self, *changes):
        text = document([row(PRINCIPAL, '10.00', ORDER), row(PRINCIPAL, '20.00', ORDER, posted='2026-10-21')]).decode()
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new)
        return self.env['amazon.settlement']._import_file(self.seller, text.encode())

    def test_a_deposit_date_of_india(self):
        settlement = self.import_rows_with(('2026-10-30 06:00:00 UTC', '30.10.2026 23:59 GMT+5:30'))
        self.assertEqual((str(settlement.deposit_date), settlement.state, settlement.odd_dates),
                         ('2026-10-30', 'ready', False))

    def test_dates_of_the_head(self):
        settlement = self.import_rows_with(('2026-10-30 06:00:00 UTC', 'soon'), ('2026-10-28 06:00:00 UTC', 'then'),
                                       ('2026-10-14 06:00:00 UTC', 'once'))
        self.assertEqual((str(settlement.end_date), str(settlement.deposit_date), settlement.state),
                         ('2026-10-21 00:00:00', '2026-10-21', 'ready'))
        self.assertIn("2: soon", settlement.notice)
        settlement.action_book()
        self.assertEqual((settlement.state, str(settlement.payout_line_id.date)), ('booked', '2026-10-21'))

    def test_dates_of_a_row(self):
        settlement = self.import_rows_with(('2026-10-20\t2026-10-20 10:00:00 UTC', 'today\tnow'))
        odd, good = settlement.line_ids.sorted('number')
        self.assertEqual((odd.posted_date, odd.extra, good.posted_date.day),
                         (False, {'posted-date-time': 'now', 'posted-date': 'today'}, 21))
        self.assertIn("3: now", settlement.notice)
        settlement.split_month = True
        settlement.action_book()
        self.assertEqual(
            (settlement.state, sum(settlement.move_ids.line_ids.filtered('amazon_role').mapped('balance'))),
            ('booked', 30.0))

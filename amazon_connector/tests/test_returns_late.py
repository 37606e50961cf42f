import datetime

from odoo import fields
from odoo.tests import tagged

from . import payloads
from .ledger_common import LedgerCase, row
from .returns_common import MERCHANT, ReturnsCase, request, unit


@tagged('post_install', '-at_install')
class TestReturnsLate(ReturnsCase):
    """What changes long after a request is read again, at the price of one report a week."""

    def setUp(self):
        super().setUp()
        self.sale = self.sell(created=f'{fields.Date.today()}T01:00:00Z')

    def announce_before(self, days, **told):
        date = fields.Date.today() - datetime.timedelta(days=days)
        return self.announce(request(self.sale, date=date.isoformat(), **told))

    def ask(self, days=0):
        """Request what is due, some days later; return of how many days ago the new reports are."""
        self.env.cr.execute("UPDATE amazon_report SET state = 'done', row_count = 1, create_date = create_date "
                            "- make_interval(days => %s), start_date = start_date - make_interval(days => %s), "
                            "end_date = end_date - make_interval(days => %s)", [days] * 3)
        self.env.invalidate_all()
        asked = []
        for _hour in range(3):
            known = self.env['amazon.report'].search([])
            self.seller._request_returns()
            new = self.env['amazon.report'].search([('report_type', '=', MERCHANT)]) - known
            asked += [((fields.Datetime.now() - report.start_date).days, (
                fields.Datetime.now() - report.end_date).days) for report in new]
            new.write({'state': 'done', 'row_count': 1})
        return asked

    def test_an_open_claim_is_read_again_once_a_week(self):
        self.announce_before(80, safet='123', safet_state='Under review')
        self.assertEqual(self.ask(days=1), [(59, 0), (118, 59)])
        self.assertEqual(self.ask(days=1), [(59, 0)])
        self.assertEqual(self.ask(days=6), [(59, 0), (118, 59)])

    def test_one_that_was_paid_is_not(self):
        self.announce_before(80, safet='123', safet_state='Granted', safet_amount='50.00')
        self.assertEqual(self.ask(days=1), [(59, 0)])

    def test_one_of_a_third_window(self):
        self.announce_before(130, safet='123')
        self.assertEqual(self.ask(days=1), [(59, 0), (177, 118)])

    def test_refunded_without_goods_and_settled(self):
        record = self.announce_before(80, refunded='10.00')
        self.assertTrue(record.missing_since)
        record.action_settle()
        self.assertEqual(self.ask(days=1), [(59, 0)])
        record.action_reopen()
        self.assertEqual(self.ask(days=1), [(59, 0), (118, 59)])

    def test_recent_and_forgotten_ones(self):
        self.announce_before(30, safet='123')
        self.announce_before(200, safet='124', rma='DOLDRRMA')
        self.assertEqual(self.ask(days=1), [(59, 0)])

    def test_it_takes_no_room_from_others(self):
        self.announce_before(80, safet='123')
        self.env['amazon.report'].search([]).unlink()
        others = self.env['amazon.report'].create([{
            'marketplace_id': self.german.id, 'report_type': 'GET_LEDGER_DETAIL_VIEW_DATA', 'state': 'done',
            'row_count': 1} for _number in range(4)])
        self.seller._request_returns()
        self.env['amazon.report'].search([('report_type', '=', MERCHANT)]).write({'state': 'done', 'row_count': 1})
        self.seller._request_returns()
        reports = self.env['amazon.report'].search([('report_type', '=', MERCHANT), ('end_date', '!=', False)])
        self.assertEqual(len(reports), 1, "what is due each day, and no more")
        others.unlink()
        self.seller._request_returns()
        self.assertEqual(self.env['amazon.report'].search_count([
            ('report_type', '=', MERCHANT), ('end_date', '<', fields.Datetime.now() - datetime.timedelta(days=58))]), 1)


@tagged('post_install', '-at_install')
class TestUnknownConditions(ReturnsCase, LedgerCase):
    """Goods in a condition that Odoo does not know are booked as not sellable, and somebody is asked."""

    def tasks(self):
        return self.seller.activity_ids.filtered(lambda task: "condition" in task.summary)

    def test_the_ledger(self):
        self.book(row('CustomerReturns', 1, disposition='CUSTOMER_DAMAGED'))
        self.assertFalse(self.tasks())
        days = self.book(row('CustomerReturns', 1, disposition='MOON_DUST', day=2), row('Receipts', 5, day=2),
                         first=2, last=2)
        self.assertEqual((self.quantity('unsellable', 'DE'), self.quantity('sellable', 'DE')), (2, 5))
        self.assertEqual(days.mapped('obstacle_count'), [0, 0], "it stops nothing")
        task = self.tasks()
        self.assertEqual(len(task), 1)
        self.assertIn("MOON_DUST", task.note)
        lines = self.env['amazon.ledger.line'].search([('seller_id', '=', self.seller.id)])
        found = lines.filtered('is_condition_unknown')
        self.assertEqual((found.disposition, found.disposition_label), ('MOON_DUST', "Unknown: MOON_DUST"))
        self.assertEqual(lines.search([('is_condition_unknown', '=', True), ('id', 'in', lines.ids)]), found)
        self.assertEqual(lines.search([('is_condition_unknown', '=', False), ('id', 'in', lines.ids)]), lines - found)
        task.unlink()
        self.book(row('CustomerReturns', 1, disposition='MOON_DUST', day=3), first=3, last=3)
        self.assertFalse(self.tasks(), "once for each word")

    def test_the_report_of_returns(self):
        sale = self.receive_sale(payloads.order(payloads.item(shipped=1), channel='AMAZON', status='SHIPPED'))
        record = self.take_back(unit(sale.amazon_order_ref, disposition='Moon dust'))
        self.assertEqual((record.disposition, record.is_condition_unknown, record.quantity), ('MOON_DUST', True, 1))
        self.assertEqual(self.returns.search([('is_condition_unknown', '=', True), ('id', '=', record.id)]), record)
        task = self.tasks()
        self.assertIn("MOON_DUST", task.note)
        task.unlink()
        self.take_back(unit(sale.amazon_order_ref, plate='LPN2', disposition='MOON_DUST'))
        self.assertFalse(self.tasks(), "once for each word")

import datetime

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..models.amazon_ledger_day import DAY
from .common import FakeAmazon
from .ledger_common import BALANCES, START, balance, document
from .test_ledger_opening import OpeningCase

SUMMARY = 'GET_LEDGER_SUMMARY_VIEW_DATA'


@tagged('post_install', '-at_install')
class TestLedgerOpeningBalance(OpeningCase):
    """Amazon's balance of the evening before may never come: it had nothing there, or says nothing."""

    def setUp(self):
        super().setUp()
        self.last = START + 20 * DAY
        self.patch(type(self.days), '_get_last_date', lambda _model, _seller: self.last)
        self.documents = [('CANCELLED', b'')]
        self.amazon = FakeAmazon(
            createReport=self.create_report, getReport=lambda ref: {
                'reportId': ref, 'processingStatus': self.documents[0][0], 'reportDocumentId': 'D'},
            getReportDocument={'url': 'there'}, getShipments={'ShipmentData': []}, getReports={'reports': []})
        # Shipments by Amazon have tests of their own.
        self.patch(type(self.env['amazon.fba.shipment']), '_request_due', lambda _model, _seller: None)
        self.wanted = []

    def create_report(self, **query):
        self.wanted.append(query['reportType'])
        return {'reportId': f'R{len(self.wanted)}'}

    def run_all(self):
        """Run the flow until the report has ended."""
        self.amazon.documents['there'] = self.documents[0][1]
        for _number in range(3):
            self.env['amazon.report'].search([('state', 'in', ('wanted', 'asked'))]).next_poll = '2026-01-01'
            self.run_flow('fba_stock', self.amazon)
            self.env.invalidate_all()

    def ask(self):
        """Let Amazon be asked, and answer; all is some hours ago then."""
        self.run_all()
        reports = self.find_reports()
        for report in reports:
            report.asked_date -= datetime.timedelta(hours=7)
        self.env.flush_all()
        self.env.cr.execute(SQL(
            "UPDATE amazon_report SET create_date = create_date - interval '7 hours' WHERE id = ANY(%s)", reports.ids))
        self.env.invalidate_all()
        return reports

    def find_reports(self):
        return self.env['amazon.report'].search([('seller_id', '=', self.seller.id), ('report_type', '=', SUMMARY)])

    def make_manager(self, *groups):
        return new_test_user(self.env, f'balance-{groups[0]}', ','.join(groups), company_id=self.company.id,
                             company_ids=[(6, 0, self.company.ids)])

    def check_nothing_can_be_said(self):
        """Check that it takes two silent answers, and then says what it does; open the ledger with nothing."""
        self.ask()
        wizard = self.show()
        self.assertEqual((wizard.is_there, wizard.is_silent, wizard.may_say_nothing), (False, True, False))
        with self.assertRaises(UserError):
            wizard.action_say_nothing()
        with self.assertRaises(UserError):
            wizard.action_start()
        self.ask()
        self.assertEqual(len(self.find_reports()), 2, "it was repeated by itself")
        wizard = self.show()
        self.assertTrue(wizard.may_say_nothing)
        self.assertIn("200 pieces of 2 products", wizard.answer)
        manager = self.make_manager('stock.group_stock_manager')
        wizard = self.env['amazon.ledger.open'].with_user(manager).browse(
            self.env['amazon.ledger.open'].with_user(manager).action_open()['res_id'])
        wizard.action_say_nothing()
        self.assertTrue(wizard.is_there)
        self.assertIn("200 pieces", wizard.answer)
        self.assertEqual(self.seller.ledger_nothing, START - DAY)
        message = self.seller.message_ids[0]
        self.assertEqual(message.author_id, manager.partner_id)
        self.assertIn(manager.name, message.body)
        self.assertEqual(self.env['stock.quant']._get_available_quantity(self.product, self.simple), 100)
        wizard.action_start()
        self.assertEqual((self.seller.ledger_state, self.quantity('loss')), ('on', 100))
        self.assertFalse(self.env['stock.quant']._get_available_quantity(self.product, self.simple))

    def test_reports_that_amazon_cancels(self):
        self.check_nothing_can_be_said()

    def test_documents_of_zero_bytes(self):
        self.documents = [('DONE', b'')]
        self.check_nothing_can_be_said()

    def test_documents_with_headers_only(self):
        self.documents = [('DONE', document(BALANCES, []))]
        self.check_nothing_can_be_said()

    def test_documents_of_other_days(self):
        self.documents = [('DONE', document(BALANCES, [balance(3, month=10, day=2)]))]
        self.check_nothing_can_be_said()

    def test_headers_only_say_it_where_odoo_has_nothing_either(self):
        self.env['stock.quant'].search([('location_id', '=', self.simple.id)]).quantity = 0
        self.documents = [('DONE', document(BALANCES, []))]
        self.ask()
        wizard = self.show()
        self.assertTrue(wizard.is_there)
        self.ask()
        self.assertEqual(len(self.find_reports()), 1, "it is not asked again")
        wizard.action_start()
        self.assertEqual(self.seller.ledger_state, 'on')

    def test_a_cancelled_report_does_not_say_that_there_was_nothing(self):
        """Amazon cancels what it made a moment ago, too."""
        self.env['stock.quant'].search([('location_id', '=', self.simple.id)]).quantity = 0
        self.ask()
        self.assertFalse(self.seller._has_opening())

    def test_two_answers_within_half_an_hour_are_one(self):
        self.run_all()
        self.find_reports().copy({'asked_date': fields.Datetime.now(), 'report_ref': 'X'})
        self.assertEqual(len(self.find_reports()), 2)
        self.assertFalse(self.show().may_say_nothing)

    def test_days_of_which_amazon_has_no_balance_yet(self):
        self.last = START + DAY
        self.ask()
        self.ask()
        wizard = self.show()
        self.assertFalse(wizard.may_say_nothing)
        self.assertIn("no balance of that day yet", wizard.answer)

    def test_failed_reports_say_nothing_and_are_shown(self):
        self.documents = [('FATAL', b'')]
        self.ask()
        self.ask()
        wizard = self.show()
        self.assertEqual((wizard.may_say_nothing, wizard.is_silent), (False, True))
        self.assertIn("FATAL", wizard.answer)

    def test_a_person_requests_it_again(self):
        self.run_all()
        wizard = self.show()
        wizard.action_request_again()
        wizard.action_request_again()
        first, again = self.find_reports().sorted('id')
        self.assertEqual(again.next_poll, first.asked_date + datetime.timedelta(minutes=30))
        self.documents = [('DONE', document(BALANCES, [balance(100, month=9, day=30)]))]
        self.run_all()
        wizard = self.show()
        self.assertEqual((wizard.is_there, wizard.answer), (True, False))

    def test_only_inventory_managers_say_it(self):
        self.ask()
        self.ask()
        admin = self.make_manager('amazon_connector.group_amazon_admin')
        opening = self.env['amazon.ledger.open'].with_user(admin)
        wizard = opening.browse(opening.action_open()['res_id'])
        with self.assertRaises(AccessError):
            wizard.action_say_nothing()
        self.assertFalse(self.seller.ledger_nothing)

    def test_it_is_forgotten_with_another_first_day(self):
        self.ask()
        self.ask()
        wizard = self.show()
        wizard.action_say_nothing()
        wizard.action_cancel()
        self.assertFalse(self.seller.ledger_nothing)
        wizard = self.env['amazon.ledger.open'].create({'seller_id': self.seller.id, 'date': START - 30 * DAY})
        wizard.action_request()
        self.assertFalse(self.seller._has_opening())

    def test_an_earlier_first_day_is_requested_though_a_later_one_was_given(self):
        self.documents = [('DONE', document(BALANCES, [balance(100, month=9, day=30)]))]
        self.run_all()
        self.show().action_cancel()
        wizard = self.env['amazon.ledger.open'].create({'seller_id': self.seller.id, 'date': START - 30 * DAY})
        wizard.action_request()
        self.assertEqual(self.find_reports().mapped('state'), ['wanted', 'done'])

    def test_lines_that_cannot_be_read_are_told(self):
        self.documents = [('DONE', document(BALANCES, [
            balance(60, month=9, day=30), balance(40, month=9, day=30, sku='SKU-B') + '\tshifted']))]
        self.ask()
        wizard = self.show()
        self.assertTrue(wizard.is_there)
        self.assertIn("1 lines", wizard.answer)

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import FakeAmazon
from .settlement_files import PRINCIPAL
from .test_settlement_chain import ChainCase
from .test_settlements import ORDER


def payout(ref='P1', settlements=('900',), amount=150.0, status='PAID', currency='EUR', trace='4B03616UONXSAWP',
           failure=''):
    """A `Payout` as Amazon's model has it."""
    return {
        'id': ref, 'partnerMetadata': {'partnerId': 'A1TEST', 'accountType': 'STANDARD_ORDERS',
                                       'marketplaceId': 'A1PA6795UKMFR9'}, 'currentStatus': status,
        'statusHistory': [{'status': 'STARTED', 'lastUpdatedDate': '2026-09-16T06:00:00Z'},
                          {'status': status, 'lastUpdatedDate': '2026-09-18T06:00:00Z',
                           **({'failureReason': failure} if failure else {})}],
        'type': 'SCHEDULED', 'amount': {'currencyCode': currency, 'currencyAmount': amount}, 'accountTail': '1234',
        'creationDate': '2026-09-16T06:00:00Z', 'paymentRail': 'SEPA', 'traceId': trace,
        'relatedIdentifiers': [{'relatedIdentifierName': 'SETTLEMENT_ID', 'relatedIdentifierValue': number}
                               for number in settlements]}


@tagged('post_install', '-at_install')
class TestBankLines(ChainCase):
    """A line of the bank is a payout by its amount and by what it says; an amount alone only proposes."""

    def sold(self, number=0, amount='150.00', **options):
        return self.settle(number, (PRINCIPAL, amount, ORDER), **options)

    def fetch(self, *payouts):
        return self.run_flow('settlements',
                             FakeAmazon(getReports={'reports': []}, listPayouts={'payouts': list(payouts)}))

    def test_an_amount_alone_only_proposes(self):
        settlement = self.sold()
        line = self.bank_line(150.0, "Customer 4711", date='2026-09-18')
        settlement.action_match()
        self.assertEqual((settlement.state, line.is_reconciled), ('booked', False))
        self.assertEqual((settlement.bank_match_ids.statement_line_id, settlement.bank_match_ids.reason),
                         (line, 'amount'))
        settlement.action_match()
        self.assertEqual(len(settlement.bank_match_ids), 1, "it is proposed once")
        settlement.bank_match_ids.action_accept()
        self.assertEqual((settlement.state, line.is_reconciled, len(settlement.bank_match_ids)),
                         ('reconciled', True, 0))

    def test_what_was_refused_is_not_proposed_again(self):
        settlement = self.sold()
        line = self.bank_line(150.0, "Customer 4711", date='2026-09-18')
        settlement.action_match()
        settlement.bank_match_ids.action_refuse()
        settlement.action_match()
        self.assertEqual(settlement.bank_match_ids.mapped('state'), ['refused'])
        line.payment_ref = "AMAZON EU SARL 900"
        settlement.action_match()
        self.assertEqual((settlement.state, settlement.bank_match_ids.state), ('booked', 'refused'),
                         "who refused it may accept it, the job may not")
        settlement.bank_match_ids.action_accept()
        self.assertEqual((settlement.state, len(settlement.bank_match_ids)), ('reconciled', 0))

    def test_what_was_refused_is_not_matched_by_itself_later(self):
        """Two settlements of one amount, and a line that is of neither: when the other one is settled, the line was the
        only one left.
        """
        first, second = self.sold(), self.sold(ref='800')
        line = self.bank_line(150.0, "AMAZON BUSINESS refund of a purchase", date='2026-09-18')
        (first | second).action_match()
        (first | second).bank_match_ids.action_refuse()
        self.bank_line(150.0, "AMAZON EU 900", date='2026-09-18')
        first.action_match()
        second.action_match()
        self.assertEqual((first.state, second.state, line.is_reconciled), ('reconciled', 'booked', False))

    def test_what_was_refused_stays_so_when_the_payout_is_open_again(self):
        settlement = self.sold()
        line = self.bank_line(150.0, "AMAZON BUSINESS", date='2026-09-18')
        self.env['amazon.bank.match']._propose(settlement, settlement.payout_line_id, {line: 'amount'})
        settlement.bank_match_ids.action_refuse()
        own = self.bank_line(150.0, "AMAZON EU 900", date='2026-09-18')
        settlement.action_match()
        self.assertTrue(own.is_reconciled)
        own.action_undo_reconciliation()
        own.unlink()
        settlement.action_match()
        self.assertEqual((settlement.state, line.is_reconciled), ('booked', False))

    def test_amazon_is_known_by_reference_name_or_partner(self):
        partner = self.german.settlement_partner_id
        for number, vals in enumerate(
                [{'ref': "AMZN Mktp DE"}, {'ref': "Credit", 'partner_name': "Amazon Payments Europe SCA"},
                 {'ref': "Credit", 'partner_id': partner.id}][:3 if partner else 2]):
            settlement = self.sold(number, f'15{number}.00')
            self.bank_line(150.0 + number, date=settlement.deposit_date, **vals)
            settlement.action_match()
            self.assertEqual(settlement.state, 'reconciled', vals)

    def test_two_payouts_of_the_same_amount_need_their_numbers(self):
        german, french = self.sold(), self.sold(ref='800')
        line = self.bank_line(150.0, date='2026-09-18')
        (german | french).action_match()
        self.assertEqual(((german | french).mapped('state'), line.is_reconciled), (['booked'] * 2, False),
                         "it may be either's")
        self.assertEqual((german | french).bank_match_ids.mapped('reason'), ['several'] * 2)
        line.payment_ref = "AMAZON EU 800"
        (german | french).action_match()
        self.assertEqual((german.state, french.state), ('booked', 'reconciled'))
        self.bank_line(150.0, date='2026-09-19')
        german.action_match()
        self.assertEqual(german.state, 'reconciled')

    def test_a_line_that_names_another_settlement_is_not_taken(self):
        settlement = self.sold()
        other = self.sold(1, '77.00')
        self.bank_line(150.0, f"AMAZON {other.settlement_ref}", date='2026-09-18')
        settlement.action_match()
        self.assertEqual(settlement.state, 'booked')

    def test_numbers_are_words_of_their_own(self):
        settlement = self.sold()
        self.bank_line(150.0, "Invoice 19001", date='2026-09-18')
        settlement.action_match()
        self.assertEqual((settlement.state, settlement.bank_match_ids.reason), ('booked', 'amount'))

    def test_the_number_of_the_bank_comes_from_amazon(self):
        settlement = self.sold()
        line = self.bank_line(150.0, "TRF 4B03616UONXSAWP", date='2026-09-18')
        calls = self.fetch(payout(), {'id': 7})
        self.assertIn('listPayouts', [call[0] for call in calls])
        self.assertEqual((settlement.state, line.is_reconciled), ('reconciled', True))
        self.assertEqual((settlement.payout_ids.trace_ref, settlement.payout_ids.status, settlement.payout_ids.amount),
                         ('4B03616UONXSAWP', 'PAID', 150.0))
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'settlements')
        self.assertIn("Payouts", sync.error or '', "what cannot be read is named")
        self.assertNotIn('listPayouts', [call[0] for call in self.fetch(payout())],
                         "nothing waits, so nothing is asked")

    def test_a_payout_that_changes_is_one_record(self):
        settlement = self.sold()
        self.fetch(payout(status='IN_TRANSIT'))
        self.fetch(payout(status='FAILED', failure="Account closed"))
        self.assertEqual((settlement.payout_ids.status, settlement.payout_ids.failure), ('FAILED', "Account closed"))
        self.assertIn("Account closed",
                      self.seller.activity_ids.filtered(lambda activity: "payout" in activity.summary).note)

    def test_a_payout_that_came_before_its_settlement(self):
        self.sold(1, '77.00')
        self.fetch(payout())
        known = self.env['amazon.payout'].search([])
        self.assertEqual((known.settlement_ids, known.missing_refs), (self.env['amazon.settlement'], '900'))
        settlement = self.sold()
        settlement.action_match()
        self.assertEqual((known.settlement_ids, known.missing_refs), (settlement, False))

    def test_one_transfer_of_several_settlements(self):
        first, second = self.sold(), self.sold(1, '50.00', ref='901')
        self.fetch(payout(settlements=('900', '901'), amount=200.0))
        line = self.bank_line(200.0, "AMAZON 4B03616UONXSAWP", date='2026-10-01')
        (first | second).action_match()
        self.assertEqual(((first | second).mapped('state'), line.is_reconciled), (['reconciled'] * 2, True))

    def test_a_payout_that_replaces_one_that_failed(self):
        first, second = self.sold(), self.sold(1, '50.00', ref='901')
        self.fetch(payout(settlements=('900', '901'), amount=200.0, status='FAILED', trace='OLD'),
                   payout('P2', settlements=('900', '901'), amount=200.0))
        line = self.bank_line(200.0, "AMAZON 4B03616UONXSAWP", date='2026-10-01')
        (first | second).action_match()
        self.assertEqual(((first | second).mapped('state'), line.is_reconciled), (['reconciled'] * 2, True))

    def test_sums_of_several_settlements_are_rounded(self):
        """2310.45 + 118.22 is 2428.6699999999996 in floating point."""
        first, second = self.sold(amount='2310.45'), self.sold(1, '118.22', ref='901')
        self.fetch(payout(settlements=('900', '901'), amount=2428.67))
        line = self.bank_line(2428.67, "AMAZON 4B03616UONXSAWP", date='2026-10-01')
        (first | second).action_match()
        self.assertEqual(((first | second).mapped('state'), line.is_reconciled), (['reconciled'] * 2, True))

    def convert(self, amount, ref="AMAZON", date='2026-09-18'):
        """A settlement of 150 pounds, and a line of the bank in euros."""
        british = self.marketplace('GB')
        self.env['res.currency.rate'].create({'currency_id': british.currency_id.id, 'name': '2026-09-01', 'rate': 0.8,
                                              'company_id': self.company.id})
        settlement = self.sold(currency='GBP')
        line = self.bank_line(amount, ref, date=date)
        settlement.action_match()
        return settlement, line

    def test_a_payout_that_amazon_converted_is_proposed_with_the_rate(self):
        settlement, line = self.convert(184.5)
        match = settlement.bank_match_ids
        self.assertEqual((settlement.state, match.statement_line_id, match.reason), ('booked', line, 'converted'))
        self.assertEqual((round(match.rate, 6), round(match.rate_day, 6)), (1.23, 1.25))
        match.action_accept()
        self.assertEqual((settlement.state, line.is_reconciled, line.amount_currency, line.foreign_currency_id.name),
                         ('reconciled', True, 150.0, 'GBP'))
        self.assertEqual(self.open_items(), [])
        self.assertEqual(self.balance('payout'), 0, "the difference is Odoo's exchange entry")

    def test_far_from_the_rate_or_without_amazons_name_it_is_not_proposed(self):
        settlement, _line = self.convert(160.0)
        self.bank_line(187.0, "Customer", date='2026-09-18')
        settlement.action_match()
        self.assertFalse(settlement.bank_match_ids)

    def test_a_line_that_odoo_refuses_to_change_stops_nothing(self):
        settlement, other = self.sold(), self.sold(1, '77.00')
        line = self.bank_line(150.0, date='2026-09-18')
        self.bank_line(77.0, date='2026-10-02')
        match, reason = type(line)._amazon_match, "The entry is protected by a hash."

        def refuse(lines, items):
            if lines == line:
                raise UserError(reason)
            return match(lines, items)
        with patch.object(type(line), '_amazon_match', refuse):
            (settlement | other).action_match()
            self.assertEqual((settlement.state, other.state), ('booked', 'reconciled'))
            self.assertEqual((settlement.bank_match_ids.statement_line_id, settlement.bank_match_ids.reason),
                             (line, 'refused'))
            with self.assertRaisesRegex(UserError, "hash"):
                settlement.bank_match_ids.action_accept()

    def test_a_line_that_is_taken_meanwhile_says_so(self):
        settlement = self.sold()
        line = self.bank_line(150.0, "Customer", date='2026-09-18')
        settlement.action_match()
        match = settlement.bank_match_ids
        line._amazon_match(settlement.payout_line_id)
        with self.assertRaisesRegex(UserError, "meanwhile"):
            match.action_accept()

import base64
import csv
import json
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import file_open

from ..amazon_api.errors import AmazonError, Unavailable
from ..amazon_reports.settlement import REPORT_TYPE
from ..amazon_reports.text import ReportError
from . import payloads
from .common import AmazonCase, FakeAmazon
from .settlement_files import (
    ADVERTISING,
    CHARGED,
    COMMISSION,
    LOST,
    OWED,
    PRINCIPAL,
    PROMOTION,
    REFUND,
    REFUND_COMMISSION,
    REFUND_TAX,
    RELEASED,
    RESERVE,
    SHIPPING,
    STORAGE,
    SUBSCRIPTION,
    TAX,
    TAX_DISCOUNT,
    UNKNOWN,
    WITHHELD,
    document,
    row,
)

ORDER = '302-1234567-1234567'
SALE = [row(PRINCIPAL, '119.00', ORDER, sku='SKU-A', quantity_purchased=1, order_item_code='1', fulfillment_id='MFN'),
        row(COMMISSION, '-17.85', ORDER, sku='SKU-A'), row(SUBSCRIPTION, '-39.00', market='')]


class SettlementCase(AmazonCase):
    """A seller whose company has the accounts of settlements, with sales counted by the summary unless a test says
    otherwise.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_accounts()

    @classmethod
    def set_up_accounts(cls, **vals):
        setup = cls.env['amazon.settlement.setup'].create(vals)
        setup.market_ids.write({'fee_tax_id': False, 'ad_tax_id': False})
        setup.action_apply()
        cls.seller.marketplace_ids.settlement_sale_tax_id = False
        return setup

    def import_rows(self, rows, **options):
        return self.env['amazon.settlement']._import_file(self.seller, document(rows, **options))

    def know_fees(self, *fees, sku='SKU-A', total='119.00', quantity=1, market='Amazon.de', channel='MFN', days=9,
                  item='9', **options):
        """Import a settlement of another order with a sale of a SKU some days ago; fees are pairs of kind and amount.
        """
        number = next(payloads._numbers)
        values = {'sku': sku, 'market': market, 'order_item_code': item, 'fulfillment_id': channel,
                  'posted': str(fields.Date.subtract(fields.Date.today(), days=days))}
        order = f'302-{number:07d}-0000009'
        return self.import_rows([row(PRINCIPAL, total, order, quantity_purchased=quantity, **values),
                                 *(row(kind, amount, order, **values) for kind, amount in fees)], ref=f'7{number}',
                                **options)

    def reverse(self, invoice):
        wizard = self.env['account.move.reversal'].with_context(active_model='account.move',
                                                                active_ids=invoice.ids).create(
                                                                    {'journal_id': invoice.journal_id.id})
        return self.env['account.move'].browse(wizard.refund_moves()['res_id'])

    def book(self, rows, **options):
        settlement = self.import_rows(rows, **options)
        settlement.action_book()
        return settlement

    def account(self, kind):
        if kind in ('payout', 'carried'):
            return self.german[f'settlement_{kind}_account_id']
        return self.env['amazon.settlement.rule'].search([('account_kind', '=', kind)]).account_id[:1]

    def balance(self, kind):
        """What is on the account of a kind, positive for a debit."""
        lines = self.env['account.move.line'].search([('account_id', '=', self.account(kind).id),
                                                      ('parent_state', '=', 'posted')])
        return round(sum(lines.mapped('balance')), 2)


@tagged('post_install', '-at_install')
class TestSettlementImport(SettlementCase):
    """From the report to rows that are mapped."""

    def amazon(self, *contents):
        """An Amazon that lists a settlement report for each document, each under every marketplace."""
        reports = [{'reportId': f'R{number}', 'reportType': REPORT_TYPE,
                    'marketplaceIds': list(payloads.MARKETPLACES['DE'][:1]),
                    'createdTime': '2026-10-30T00:00:00Z', 'processingStatus': 'DONE', 'reportDocumentId': f'D{number}'}
                   for number in range(len(contents))]
        amazon = FakeAmazon(getReports=lambda **_kwargs: {'reports': reports},
                            getReport=lambda ref: next(one for one in reports if one['reportId'] == ref),
                            getReportDocument=lambda ref: {'reportDocumentId': ref, 'url': ref})
        amazon.documents.update({f'D{number}': content for number, content in enumerate(contents)})
        return amazon

    def test_each_unreadable_entry_of_the_list_is_named(self):
        amazon = self.amazon(document(SALE))
        [good] = amazon.answers['getReports']()['reports']
        odd = [{**good, 'reportId': 7}, {**good, 'reportId': 'R9', 'processingStatus': 5}, {**good, 'reportType': []}]
        pages = [{'reports': odd[:2], 'nextToken': 'more'}, {'reports': [odd[2], good]}]
        amazon.answers['getReports'] = pages
        self.run_flow('settlements', amazon)
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'settlements')
        self.assertEqual(len(sync.error.splitlines()), 3, sync.error)
        self.assertEqual(self.env['amazon.settlement'].search([]).settlement_ref, '111')

    def test_a_report_becomes_a_settlement_with_all_its_rows(self):
        self.run_flow('settlements', self.amazon(document(SALE)))
        settlement = self.env['amazon.settlement'].search([])
        self.assertEqual((settlement.settlement_ref, settlement.marketplace_id, settlement.marketplace_inferred,
                          settlement.total, settlement.state),
                         ('111', self.german, False, 62.15, 'ready'), settlement.problem)
        self.assertEqual((settlement.amount_sales, settlement.amount_fees, settlement.difference, settlement.row_count),
                         (119.0, -56.85, 0, 3))
        label = json.loads(settlement.chart)[0]['values'][-1]['label']
        self.assertIn("62.15", label[-1], "bars show their amounts")
        line = settlement.line_ids[0]
        self.assertEqual((line.number, line.order_ref, line.product_id, line.quantity, line.channel, line.treatment,
                          str(line.posted_date)),
                         (3, ORDER, self.product.browse(), 1, 'fbm', 'revenue', '2026-10-20 10:00:00'))
        self.assertEqual(base64.b64decode(settlement.document), document(SALE), "the file is kept")

    def test_rows_know_their_order_and_product(self):
        sale = self.receive_sale(payloads.order(payloads.item(), ref=ORDER))
        settlement = self.import_rows(SALE)
        self.assertEqual(settlement.line_ids[0].sale_order_id, sale)
        self.assertEqual(settlement.line_ids[0].product_id, self.product)
        self.assertEqual(sale.amazon_fees, -17.85)
        self.assertEqual(sale.amazon_margin, sale.margin - 17.85)

    def test_an_order_that_comes_later_finds_its_rows_and_transactions(self):
        settlement = self.import_rows(SALE)
        transaction = self.env['amazon.transaction'].create({
            'seller_id': self.seller.id, 'company_id': self.company.id, 'transaction_ref': 'T1', 'order_ref': ORDER,
            'transaction_type': 'Adjustment'})
        sale = self.receive_sale(payloads.order(payloads.item(), ref=ORDER))
        self.assertEqual((settlement.line_ids[0].sale_order_id, transaction.sale_order_id, sale.amazon_fees),
                         (sale, sale, -17.85))

    def test_an_order_of_the_same_moment_finds_its_rows(self):
        """Two workers that have not seen each other's work: the next run makes up for it."""
        settlement = self.import_rows(SALE)
        with patch.object(type(self.env['sale.order']), '_amazon_link_money', lambda orders: None):
            sale = self.receive_sale(payloads.order(payloads.item(), ref=ORDER))
        self.assertFalse(settlement.line_ids[0].sale_order_id)
        self.run_flow('settlements', getReports={'reports': []})
        self.assertEqual((settlement.line_ids[0].sale_order_id, sale.amazon_fees), (sale, -17.85))

    def test_ids_of_shipments_are_no_orders_and_marketplaces_are_inferred(self):
        """A9"""
        self.receive_sale(payloads.order(payloads.item(), ref=ORDER))
        settlement = self.import_rows([row(STORAGE, '-3.00', 'FBA15DXYZ123', market=''),
                                   row(COMMISSION, '-1.00', ORDER, market=''),
                                   row(PRINCIPAL, '9.00', '999-7654321-7654321')])
        storage, fee, sale = settlement.line_ids
        self.assertFalse(storage.sale_order_id)
        self.assertEqual((storage.marketplace_id, storage.marketplace_inferred), (self.german, True))
        self.assertEqual((fee.marketplace_id, fee.marketplace_inferred), (self.german, True))
        self.assertEqual((sale.marketplace_inferred, bool(sale.sale_order_id)), (False, False))

    def test_a_settlement_without_any_marketplace_follows_its_currency(self):
        """A9"""
        british = self.marketplace('GB')
        settlement = self.import_rows([row(STORAGE, '-3.00', market='')], currency=british.currency_id.name)
        self.assertEqual((settlement.marketplace_id, settlement.marketplace_inferred), (british, True))

    def test_a_settlement_is_imported_once(self):
        """A9: the same report under several ids, fetched twice, uploaded by hand."""
        self.run_flow('settlements', self.amazon(document(SALE), document(SALE)))
        self.run_flow('settlements', self.amazon(document(SALE)))
        self.env['amazon.settlement.upload'].create(
            {'seller_id': self.seller.id, 'document': base64.b64encode(document(SALE))}).action_upload()
        self.assertEqual(self.env['amazon.settlement'].search_count([]), 1)
        self.assertEqual(self.env['amazon.settlement.line'].search_count([]), 3)
        self.assertEqual(set(self.env['amazon.report'].search([]).mapped('state')), {'done'})

    def test_reports_are_fetched_once(self):
        amazon = self.amazon(document(SALE))
        self.run_flow('settlements', amazon)
        self.run_flow('settlements', amazon)
        self.assertEqual((len(amazon.named('getReportDocument')), len(amazon.named('getReports'))), (1, 2))

    def test_a_damaged_download_holds_no_other_report(self):
        amazon = self.amazon(AmazonError("The compressed document is damaged"), document(SALE, ref='222'))
        self.run_flow('settlements', amazon)
        self.assertEqual(self.env['amazon.settlement'].search([]).settlement_ref, '222')
        report = self.env['amazon.report'].search([('state', '=', 'asked')])
        self.assertIn("damaged", report.error)
        amazon.documents['D0'] = document(SALE)
        report.action_poll()
        self.run_flow('settlements', amazon)
        self.assertEqual((report.state, report.error, len(self.env['amazon.settlement'].search([]))),
                         ('done', False, 2))

    def test_what_wakes_the_flow_between_is_no_reason_to_call_amazon(self):
        amazon = self.amazon()
        self.run_flow('settlements', amazon)
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'settlements')
        planned = sync.next_run
        with amazon.patched():
            self.run_job('settlements')
        self.assertEqual(len(amazon.named('getReports')), 1)
        self.assertLessEqual(sync.next_run, planned + fields.Datetime.now().resolution * 10**6,
                             "and does not put the next time off")

    def test_all_pages_are_read(self):
        amazon = self.amazon(document(SALE), document(SALE, ref='222'))
        pages = [{'reports': amazon.answers['getReports']()['reports'][:1], 'nextToken': 'more'},
                 {'reports': amazon.answers['getReports']()['reports'][1:]}]
        amazon.answers['getReports'] = pages
        self.run_flow('settlements', amazon)
        self.assertEqual(amazon.named('getReports')[1][1], {'nextToken': 'more'},
                         "a token stands for all other arguments")
        self.assertEqual(set(self.env['amazon.settlement'].search([]).mapped('settlement_ref')), {'111', '222'})

    def test_an_empty_settlement_and_a_currency_that_odoo_does_not_know(self):
        empty = self.book([])
        self.assertEqual((empty.state, len(empty.move_ids)), ('reconciled', 0))
        with self.assertRaisesRegex(ReportError, "XYZ"):
            self.import_rows(SALE, ref='333', currency='XYZ')

    def test_a_damaged_file_stores_nothing_and_says_the_line(self):
        damaged = document(SALE).replace(b'-17.85', b'-17.8x')
        self.run_flow('settlements', self.amazon(damaged, document(SALE, ref='222')))
        self.assertEqual(self.env['amazon.settlement'].search([]).settlement_ref, '222', "the other one is there")
        self.assertIn("Line 4", self.env['amazon.report'].search([('state', '=', 'error')]).error)
        with self.assertRaisesRegex(UserError, "Line 4"):
            self.env['amazon.settlement.upload'].create(
                {'seller_id': self.seller.id, 'document': base64.b64encode(damaged)}).action_upload()
        self.assertFalse(
            self.env['amazon.settlement.line'].search_count([('settlement_id.settlement_ref', '=', '111')]))

    def test_a_file_that_is_damaged_after_thousands_of_rows_stores_nothing(self):
        rows = [row(STORAGE, '-1.00')] * 6000 + [row(STORAGE, '-1.00', quantity_purchased='2.5')]
        with self.assertRaisesRegex(ReportError, "Line 6003"):
            self.import_rows(rows)
        self.assertFalse(self.env['amazon.settlement'].search_count([]))
        self.assertFalse(self.env['amazon.settlement.line'].search_count([]))

    def test_rows_that_do_not_add_up_are_not_booked_and_replaced_by_the_whole_file(self):
        settlement = self.import_rows(SALE[:2], total='62.15')
        self.assertEqual((settlement.state, settlement.difference), ('wrong', -39.0))
        with self.assertRaisesRegex(UserError, "add up"):
            settlement.action_book()
        settlement = self.import_rows(SALE)
        self.assertEqual((settlement.state, settlement.row_count), ('ready', 3))
        self.assertEqual(self.env['amazon.settlement'].search_count([]), 1)

    def test_booking_goes_on_while_amazon_is_down(self):
        settlement = self.import_rows(SALE)
        self.german.settlement_auto = True
        self.run_flow('settlements', getReports=Unavailable("gone", status=503))
        self.assertEqual(settlement.state, 'booked')
        self.assertIn("gone", self.seller.sync_ids.filtered(lambda sync: sync.flow == 'settlements').error)

    def test_rows_have_the_company_and_the_currency_of_their_settlement(self):
        settlement = self.import_rows(SALE)
        lines = self.env['amazon.settlement.line'].with_user(
            new_test_user(self.env, 'bookkeeper', 'account.group_account_user', company_id=self.company.id))
        found = lines._read_group([('settlement_id', '=', settlement.id)], [],
                                  ['amount:sum', 'currency_id:recordset', 'company_id:recordset'])
        self.assertEqual(found, [(62.15, settlement.currency_id, settlement.company_id)])
        other = self.env['res.company'].create({'name': "Other"})
        elsewhere = new_test_user(self.env, 'elsewhere', 'account.group_account_user', company_id=other.id,
                                  company_ids=other.ids)
        self.assertFalse(lines.with_user(elsewhere).with_context(allowed_company_ids=other.ids).search(
            [('settlement_id', '=', settlement.id)]))

    def test_unknown_columns_and_odd_characters_are_kept(self):
        content = document([row(STORAGE, '-1.00', sku='A\\B')]).replace(b'promotion-id\n',
                                                                        b'promotion-id\tfuture\n') + b'\tnew'
        line = self.env['amazon.settlement']._import_file(self.seller, content).line_ids
        self.assertEqual((line.sku, line.extra), ('A\\B', {'future': 'new'}))


@tagged('post_install', '-at_install')
class TestSettlementRules(SettlementCase):
    """A6: every row has an account, or stops its settlement with a proposal."""

    def test_every_shipped_rule_has_an_account(self):
        with file_open('amazon_connector/data/amazon.settlement.rule.csv') as shipped:
            count = len(list(csv.DictReader(shipped)))
        rules = self.env['amazon.settlement.rule'].search([])
        self.assertEqual(len(rules), count)
        self.assertFalse(rules.filtered(lambda rule: rule._is_missing()))

    def test_a_row_without_a_rule_stops_only_its_settlement(self):
        strange = self.import_rows([*SALE, row(UNKNOWN, '-5.00'), row(UNKNOWN, '-2.00')])
        other = self.import_rows(SALE, ref='222')
        self.assertEqual((strange.state, other.state), ('to_map', 'ready'))
        rule = strange.rule_ids
        self.assertEqual((rule.amount_description, rule.treatment, rule.account_id, rule.waiting_count,
                          rule.waiting_amount, rule.waiting_example),
                         ('Drone Landing Fee', 'fee', self.account('fees'), 2,
                          self.company.currency_id.format(-7.0), '111'))
        pounds = self.import_rows([row(UNKNOWN, '-3.00')], ref='333', currency='GBP').currency_id
        rule.invalidate_recordset()
        self.assertEqual(rule.waiting_amount, f'{self.company.currency_id.format(-7.0)}, {pounds.format(-3.0)}')
        with self.assertRaisesRegex(UserError, "no rule"):
            strange.action_book()
        rule.action_confirm()
        self.assertEqual(strange.state, 'ready')
        strange.action_book()
        self.assertEqual(strange.state, 'booked')
        self.assertEqual(self.import_rows([row(UNKNOWN, '-1.00')], ref='333').state, 'ready', "the next one knows it")

    def test_a_proposal_is_made_once_however_many_settlements_have_such_rows(self):
        self.import_rows([row(UNKNOWN, '-5.00')])
        self.import_rows([row(UNKNOWN, '-5.00')], ref='222')
        self.assertEqual(self.env['amazon.settlement.rule'].search_count([('state', '=', 'proposed')]), 1)

    def test_a_settlement_that_waited_is_booked_by_itself_after_the_click(self):
        self.german.settlement_auto = True
        settlement = self.import_rows([row(UNKNOWN, '-5.00')])
        settlement.rule_ids.action_confirm()
        self.run_flow('settlements', getReports={'reports': []})
        self.assertEqual(settlement.state, 'booked')

    def test_priority_wildcards_marketplace_and_channel(self):
        rules, account = self.env['amazon.settlement.rule'], self.account('other')
        german = rules.create({'name': "German FBA commission", 'amount_type': 'ItemFees',
                               'amount_description': 'Comm*', 'marketplace_id': self.german.id,
                               'company_id': self.company.id, 'channel': 'fba', 'account_id': account.id})
        settlement = self.import_rows([row(COMMISSION, '-1.00', fulfillment_id='AFN'),
                                   row(COMMISSION, '-2.00', fulfillment_id='MFN'),
                                   row(COMMISSION, '-3.00', market='Amazon.fr', fulfillment_id='AFN')])
        self.assertEqual([line.rule_id == german for line in settlement.line_ids], [True, False, False])
        german.active = False
        settlement.action_map_again()
        self.assertNotIn(german, settlement.line_ids.rule_id)

    def test_an_own_rule_comes_before_the_shipped_ones(self):
        own = self.env['amazon.settlement.rule'].create({'name': "Own", 'amount_description': 'subscription fee',
                                                         'account_id': self.account('other').id})
        self.assertEqual(self.import_rows([row(SUBSCRIPTION, '-39.00')]).line_ids.rule_id, own,
                         "capitals do not matter")

    def test_another_treatment_of_a_rule_shows_in_open_settlements(self):
        settlement = self.import_rows(SALE)
        settlement.line_ids[2].rule_id.treatment = 'advertising'
        self.assertEqual((settlement.line_ids[2].treatment, settlement.amount_advertising, settlement.amount_fees),
                         ('advertising', -39.0, -17.85))

    def test_rules_have_an_account_for_each_company(self):
        rule = self.env.ref('amazon_connector.settlement_rule_other_transaction_other_transaction_subscription_fee')
        other = self.env['res.company'].create({'name': "Other"})
        self.assertTrue(rule.account_id)
        self.assertFalse(rule.with_company(other).account_id)


@tagged('post_install', '-at_install')
class TestSettlementBooking(SettlementCase):
    """Summary: one item a rule, the payout on its way, taxes, reserves, months, lock dates, currencies."""

    def lines(self, settlement):
        return {(line.name, round(line.amount_currency, 2)) for line in settlement.move_ids.line_ids}

    def test_one_item_a_rule_and_the_payout(self):
        settlement = self.book([*SALE, row(PRINCIPAL, '81.00', '302-1111111-1111111'), row(PROMOTION, '-10.00', ORDER)])
        move = settlement.move_ids
        self.assertEqual((move.state, str(move.date), move.journal_id.code, move.ref),
                         ('posted', '2026-10-28', 'AMZ', "Amazon settlement 111"))
        self.assertEqual(self.lines(settlement), {
            ("Sales", -200.0), ("Promotions", 10.0), ("Commission", 17.85), ("Subscription", 39.0),
            ("Amazon payout 111", 133.15)})
        self.assertEqual(settlement.state, 'booked')
        self.assertEqual((settlement.payout_line_id.account_id, settlement.payout_line_id.balance),
                         (self.account('payout'), 133.15))

    def test_a_settlement_is_booked_once(self):
        settlement = self.book(SALE)
        with self.assertRaisesRegex(UserError, "booked already"):
            settlement.action_book()
        self.assertEqual(len(settlement.move_ids), 1)

    def test_of_several_those_are_booked_that_can_be(self):
        booked = self.book(SALE)
        unmapped = self.import_rows([row(UNKNOWN, '-5.00')], ref='222')
        good, other = (self.import_rows([row(ADVERTISING, '-5.00')], ref=ref) for ref in ('333', '444'))
        with self.assertRaisesRegex(UserError, "booked already"):
            (booked | unmapped).action_book()
        notice = (booked | good | unmapped | other).action_book()['params']
        self.assertEqual((good.state, other.state, unmapped.state), ('booked', 'booked', 'to_map'))
        self.assertIn("Booked: 2 of 4.", notice['message'])
        for settlement in (booked, unmapped):
            self.assertIn(f'{settlement.settlement_ref}: ', notice['message'])
        self.assertTrue(notice['sticky'])

    def test_of_several_what_is_not_booked_stays_as_it_was(self):
        unmapped = self.import_rows([row(UNKNOWN, '-5.00')], ref='222')
        good = self.import_rows([row(ADVERTISING, '-5.00')], ref='333')
        (good | unmapped).action_book_drafts()
        self.assertEqual((good.as_draft, good.state, unmapped.as_draft), (True, 'draft', False))
        (unmapped | self.import_rows([row(ADVERTISING, '-5.00')], ref='444')).action_book_after_lock()
        self.assertFalse(unmapped.book_after_lock)

    def test_reverse_charge_on_fees_fills_the_tax_grids(self):
        tax = self.german.settlement_fee_tax_id = self.env['account.tax'].search(
            [('name', '=', "19% EU O S"), ('company_id', '=', self.company.id)])
        settlement = self.book([row(COMMISSION, '-100.00'), row(REFUND_COMMISSION, '10.00')])
        taxes = settlement.move_ids.line_ids.filtered('tax_line_id')
        self.assertEqual(sorted(taxes.mapped('balance')), [-17.1, 17.1], "output and input tax")
        self.assertTrue(all(line.tax_tag_ids for line in taxes))
        base = settlement.move_ids.line_ids.filtered('tax_ids')
        self.assertEqual((base.mapped('balance'), base.tax_ids), ([90.0], tax))
        self.assertTrue(base.tax_tag_ids)

    def test_local_tax_is_inside_of_fees(self):
        tax = self.german._find_fee_tax()
        self.assertEqual(tax, self.company.account_purchase_tax_id, "proposed for a German company")
        self.german.settlement_fee_tax_id = tax
        settlement = self.book([row(COMMISSION, '-119.00')])
        self.assertEqual({(line.account_id == self.account('commission'), line.balance)
                          for line in settlement.move_ids.line_ids},
                         {(True, 100.0), (False, 19.0), (False, -119.0)})

    def test_margins_are_without_the_tax_of_amazons_invoices(self):
        sale = self.receive_sale(payloads.order(payloads.item(), ref=ORDER))
        settlement = self.import_rows([row(PRINCIPAL, '119.00', ORDER), row(COMMISSION, '-17.85', ORDER),
                                   row(LOST, '9.00', ORDER)])
        self.assertEqual(sale.amazon_fees, -8.85, "what is known before the tax is chosen")
        self.german.settlement_fee_tax_id = self.company.account_purchase_tax_id
        settlement.action_book()
        self.assertEqual((sale.amazon_fees, sale.amazon_margin), (-6.0, sale.margin - 6.0))
        self.german.settlement_fee_tax_id = self.env['account.tax'].search(
            [('name', '=', "19% EU O S"), ('company_id', '=', self.company.id)])
        settlement.action_cancel()
        settlement.action_book()
        self.assertEqual(sale.amazon_fees, -8.85, "reverse charge takes nothing out of Amazon's amounts")

    def test_tax_within_sales_and_refunds(self):
        self.german.settlement_sale_tax_id = self.company.account_sale_tax_id
        settlement = self.book([row(PRINCIPAL, '238.00', ORDER), row(REFUND, '-119.00', ORDER)])
        lines = settlement.move_ids.line_ids
        self.assertEqual(sorted(lines.filtered('tax_line_id').mapped('balance')), [-38.0, 19.0])
        self.assertEqual(sorted(lines.filtered('tax_ids').mapped('balance')), [-200.0, 100.0])
        refund = lines.filtered(lambda line: line.tax_line_id and line.balance > 0)
        self.assertEqual(refund.tax_repartition_line_id.document_type, 'refund')

    def test_tax_in_rows_of_its_own_is_not_taxed_again(self):
        """Some sellers' prices come without tax and the tax beside them: Amazon's tax is the tax, to the cent, and its
        grids are filled.
        """
        tax = self.german.settlement_sale_tax_id = self.company.account_sale_tax_id
        other = '302-7654321-7654321'
        settlement = self.book([
            row(PRINCIPAL, '100.00', ORDER, order_item_code='1'), row(TAX, '19.01', ORDER, order_item_code='1'),
            row(PROMOTION, '-10.00', ORDER, order_item_code='1'), row(TAX, '-1.90', ORDER, order_item_code='1'),
            row(REFUND, '-50.00', ORDER, order_item_code='1'), row(REFUND_TAX, '-9.50', ORDER, order_item_code='1'),
            row(PRINCIPAL, '119.00', other, order_item_code='2')])
        lines = settlement.move_ids.line_ids
        taxes, bases = lines.filtered('tax_line_id'), lines.filtered('tax_ids')
        self.assertEqual(sorted(taxes.mapped('balance')), [-19.0, -17.11, 9.5])
        self.assertEqual(sorted(bases.mapped('balance')), [-100.0, -100.0, 10.0, 50.0])
        self.assertEqual((taxes.tax_line_id, bases.tax_ids, len(taxes.account_id)), (tax, tax, 1))
        self.assertEqual({(line.balance > 0, line.tax_repartition_line_id.document_type) for line in taxes},
                         {(True, 'refund'), (False, 'invoice')})
        self.assertTrue(all(line.tax_tag_ids for line in taxes | bases))
        self.assertEqual((settlement.payout_line_id.balance, self.balance('tax')), (166.61, 0))

    def test_sales_whose_tax_amazon_remits_have_no_tax(self):
        self.german.settlement_sale_tax_id = self.company.account_sale_tax_id
        settlement = self.book([row(PRINCIPAL, '100.00', ORDER, order_item_code='1'),
                                row(TAX, '19.00', ORDER, order_item_code='1'),
                                row(TAX_DISCOUNT, '-1.00', ORDER, order_item_code='1'),
                                row(WITHHELD, '-18.00', ORDER, order_item_code='1')])
        lines = settlement.move_ids.line_ids
        self.assertFalse(lines.tax_ids | lines.tax_line_id)
        self.assertEqual((self.balance('sales'), self.balance('tax'), self.balance('payout')), (-100.0, 0, 100.0))

    def test_rounding_of_taxes_never_unbalances(self):
        self.german.write({'settlement_fee_tax_id': self.company.account_purchase_tax_id.id,
                           'settlement_sale_tax_id': self.company.account_sale_tax_id.id})
        for rounding in ('round_per_line', 'round_globally'):
            self.company.tax_calculation_rounding_method = rounding
            rows = [row(kind, amount) for kind, amount in [
                (PRINCIPAL, '10.01'), (SHIPPING, '3.33'), (COMMISSION, '-1.11'), (STORAGE, '-0.07'),
                (ADVERTISING, '-2.22'), (PROMOTION, '-0.03'), (REFUND, '-0.05'), (SUBSCRIPTION, '-0.01')]]
            settlement = self.book(rows, ref=rounding)
            self.assertAlmostEqual(sum(settlement.move_ids.line_ids.mapped('amount_currency')), 0)
            self.assertAlmostEqual(settlement.payout_line_id.balance, 9.85)

    def test_taxes_are_rounded_as_the_company_rounds_them(self):
        """By the line or all together: inside of Amazon's fees, and by reverse charge."""
        abroad = self.env['account.tax'].search([('name', '=', "19% EU O S"), ('company_id', '=', self.company.id)])
        fees = [row(kind, '-0.08') for kind in (STORAGE, COMMISSION, ADVERTISING, SUBSCRIPTION)]
        for method, tax, expected in [
                ('round_per_line', self.company.account_purchase_tax_id, [0.04]),
                ('round_globally', self.company.account_purchase_tax_id, [0.05]),
                ('round_per_line', abroad, [-0.08, 0.08]), ('round_globally', abroad, [-0.06, 0.06])]:
            with self.subTest(method=method, tax=tax.name):
                self.company.tax_calculation_rounding_method = method
                self.german.settlement_fee_tax_id = tax
                lines = self.book(fees, ref=f'{method}{tax.id}').move_ids.line_ids
                self.assertEqual(sorted(lines.filtered('tax_line_id').mapped('balance')), expected)
                self.assertAlmostEqual(sum(lines.filtered(lambda line: line.tax_ids or line.tax_line_id).mapped(
                    'balance')), 0.32)

    def test_a_cent_of_the_fees_is_no_cent_of_the_sales(self):
        """Each set of taxes adds up by itself: together with its taxes it is what Amazon's rows say."""
        self.company.tax_calculation_rounding_method = 'round_globally'
        export = self.env['account.tax'].search([('name', '=', "0% EX"), ('company_id', '=', self.company.id),
                                                 ('type_tax_use', '=', 'sale')])
        self.german.write({'settlement_fee_tax_id': self.company.account_purchase_tax_id.id,
                           'settlement_sale_tax_id': export.id})
        for number in range(20):
            fees = [row(kind, f'-{(1603 + 37 * number * weight) / 100:.2f}') for weight, kind in enumerate(
                (STORAGE, COMMISSION, ADVERTISING, SUBSCRIPTION))]
            lines = self.book([row(PRINCIPAL, '44.00'), *fees], ref=f'round{number}').move_ids.line_ids
            claimed = lines.filtered(lambda line: line.tax_ids == self.company.account_purchase_tax_id
                                     or line.tax_line_id)
            self.assertEqual(lines.filtered(lambda line: line.tax_ids == export).balance, -44.0)
            self.assertAlmostEqual(sum(claimed.mapped('balance')), -float(sum(fee['amount'] for fee in fees)))

    def test_reserves_are_kept_and_released(self):
        self.book([*SALE, row(RESERVE, '-50.00')])
        self.assertEqual(self.balance('reserve'), 50.0)
        second = self.book([row(RELEASED, '50.00'), row(RESERVE, '-20.00')], ref='222', start='2026-10-28',
                           end='2026-11-11')
        self.assertEqual((self.balance('reserve'), second.amount_reserve), (20.0, 30.0))

    def test_a_negative_total_is_carried_over(self):
        first = self.book([row(STORAGE, '-80.00')])
        self.assertEqual((first.payout_line_id.balance, self.balance('payout')), (-80.0, -80.0))
        self.book([row(PRINCIPAL, '200.00', ORDER), row(OWED, '-80.00')], ref='222', start='2026-10-28',
                  end='2026-11-11')
        self.assertEqual(self.balance('payout'), 120.0, "what the bank is to get")

    def test_a_negative_total_is_charged_to_the_card(self):
        self.book([row(STORAGE, '-80.00')])
        self.book([row(PRINCIPAL, '200.00', ORDER), row(OWED, '-80.00'), row(CHARGED, '80.00')], ref='222',
                  start='2026-10-28', end='2026-11-11')
        self.assertEqual(self.balance('payout'), 120.0, "80 are to leave the bank, 200 are to arrive")

    def test_a_payout_of_zero_waits_for_no_bank(self):
        settlement = self.book([row(PRINCIPAL, '50.00', ORDER), row(RESERVE, '-50.00')])
        self.assertEqual((settlement.state, settlement.payout_line_id), ('reconciled', self.env['account.move.line']))

    def test_a_settlement_across_a_month_end(self):
        """A8"""
        self.german.settlement_split = True
        rows = [row(PRINCIPAL, '100.00', ORDER, posted='2026-10-30'),
                row(COMMISSION, '-15.00', ORDER, posted='2026-10-30'),
                row(PRINCIPAL, '40.00', ORDER, posted='2026-11-02'), row(STORAGE, '-5.00', posted='2026-09-30')]
        settlement = self.book(rows, start='2026-10-25', end='2026-11-08')
        moves = settlement.move_ids.sorted('date')
        self.assertEqual([str(move.date) for move in moves], ['2026-09-30', '2026-10-31', '2026-11-08'])
        income = self.account('sales')
        self.assertEqual([sum(move.line_ids.filtered(lambda line: line.account_id == income).mapped('balance'))
                          for move in moves], [0, -100.0, -40.0])
        self.assertEqual(settlement.payout_line_id.balance, 120.0, "one line meets the deposit")
        self.assertEqual(len(moves.line_ids.filtered(lambda line: line.amazon_role == 'payout')), 1)
        carried = moves.line_ids.filtered(lambda line: line.amazon_role == 'carried')
        self.assertEqual((sum(carried.mapped('balance')), all(carried.mapped('reconciled'))), (0, True))

    def test_without_the_split_everything_is_in_the_month_of_the_end(self):
        settlement = self.book([row(PRINCIPAL, '100.00', ORDER, posted='2026-10-30'),
                                row(PRINCIPAL, '40.00', ORDER, posted='2026-11-02')],
                               start='2026-10-25', end='2026-11-08')
        self.assertEqual([str(date) for date in settlement.move_ids.mapped('date')], ['2026-11-08'])

    def test_a_closed_period_asks_for_a_choice(self):
        self.german.settlement_split = True
        self.company.fiscalyear_lock_date = '2026-10-31'
        settlement = self.import_rows([row(PRINCIPAL, '100.00', ORDER, posted='2026-10-30'),
                                   row(PRINCIPAL, '40.00', ORDER, posted='2026-11-02')],
                                  start='2026-10-25', end='2026-11-08')
        self.assertTrue(settlement.is_locked)
        with self.assertRaisesRegex(UserError, "closed period"):
            settlement.action_book()
        self.company.fiscalyear_lock_date = False
        self.env.invalidate_all()
        self.assertFalse(settlement.is_locked, "the period was opened again")
        self.company.fiscalyear_lock_date = '2026-10-31'
        settlement.action_book_after_lock()
        self.assertEqual(sorted(map(str, settlement.move_ids.mapped('date'))), ['2026-11-01', '2026-11-08'])

    def test_another_currency_has_the_rate_of_the_day(self):
        british = self.marketplace('GB')
        self.env['res.currency.rate'].create(
            [{'currency_id': british.currency_id.id, 'name': day, 'rate': rate, 'company_id': self.company.id}
             for day, rate in [('2026-10-01', 0.8), ('2026-10-28', 0.87)]])
        settlement = self.book([row(PRINCIPAL, '100.00', ORDER, market='Amazon.co.uk'),
                                row(COMMISSION, '-15.01', market='Amazon.co.uk'),
                                row(STORAGE, '-0.33', market='Amazon.co.uk'),
                                row(ADVERTISING, '-7.77', market='Amazon.co.uk')], currency='GBP')
        move = settlement.move_ids
        self.assertEqual(settlement.payout_line_id.balance, round(76.89 / 0.87, 2))
        self.assertAlmostEqual(sum(move.line_ids.mapped('balance')), 0)
        self.assertAlmostEqual(
            sum(move.line_ids.filtered(lambda line: line.currency_id == british.currency_id).mapped('amount_currency')),
            0)

    def test_no_rate_of_the_day_is_no_rate_of_one(self):
        british = self.marketplace('GB')
        rates = self.env['res.currency.rate']
        rates.search([('currency_id', '=', british.currency_id.id)]).unlink()
        rates.create({'currency_id': british.currency_id.id, 'name': '2026-10-29', 'rate': 0.8,
                      'company_id': self.company.id})
        settlement = self.import_rows([row(PRINCIPAL, '100.00', ORDER, market='Amazon.co.uk')], currency='GBP')
        self.assertIn("from GBP to EUR for October 28, 2026", settlement.problem)
        with self.assertRaisesRegex(UserError, "exchange rate"):
            settlement.action_book()
        preview = self.env['amazon.settlement.preview'].browse(settlement.action_preview()['res_id'])
        self.assertFalse(preview.line_ids, "no entry one to one")
        self.assertIn("exchange rate", preview.problem)
        self.env.cr.precommit.data.pop('amazon_connector.wake', None)
        rates.create({'currency_id': british.currency_id.id, 'name': '2026-10-01', 'rate': 0.8,
                      'company_id': self.company.id})
        self.assertIn(('settlements', None), self.env.cr.precommit.data.get('amazon_connector.wake', ()),
                      "the job is woken")
        self.run_flow('settlements', getReports={'reports': []})
        self.assertFalse(settlement.problem, "nobody has to press a button for that")
        settlement.action_book()
        self.assertEqual(settlement.payout_line_id.balance, 125.0)

    def test_without_accounts_it_says_what_to_do(self):
        self.german.settlement_journal_id = False
        with self.assertRaisesRegex(UserError, "Create accounts"):
            self.import_rows(SALE).action_book()

    def test_a_settlement_that_cannot_be_booked_does_not_stop_the_others(self):
        self.german.settlement_auto = True
        strange = self.import_rows([row(SUBSCRIPTION, '-39.00')])
        good = self.import_rows([row(ADVERTISING, '-5.00')], ref='222')
        self.account('fees').active = False
        self.run_flow('settlements', getReports={'reports': []})
        self.assertEqual((strange.state, good.state), ('ready', 'booked'))
        self.assertTrue(strange.problem)

    def test_only_accountants_book(self):
        seller = self.env['res.users'].create({
            'name': "Sales", 'login': 'sales', 'company_ids': self.company.ids, 'company_id': self.company.id,
            'group_ids': [(6, 0, self.env.ref('amazon_connector.group_amazon_user').ids)]})
        settlement = self.import_rows([*SALE, row(UNKNOWN, '-5.00')])
        for record, method in ((settlement, 'action_book'), (settlement, 'action_cancel'),
                               (settlement.rule_ids, 'action_confirm')):
            with self.assertRaises(AccessError):
                getattr(record.with_user(seller), method)()

    def test_cancel_leaves_a_trail_and_books_again(self):
        settlement = self.book([*SALE, row(RESERVE, '-50.00')])
        first = settlement.move_ids
        with self.assertRaisesRegex(UserError, "cancel its booking"):
            first.button_draft()
        settlement.action_cancel()
        self.assertEqual((settlement.state, self.balance('sales'), self.balance('payout'), self.balance('reserve')),
                         ('ready', 0, 0, 0))
        self.assertEqual((first.state, len(settlement.move_ids)), ('posted', 2), "reversed, not deleted")
        self.assertIn("cancelled", settlement.message_ids[0].body)
        settlement.action_book()
        self.assertEqual((settlement.state, self.balance('sales'), self.balance('payout'), len(settlement.move_ids)),
                         ('booked', -119.0, 12.15, 3))
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            settlement.unlink()


@tagged('post_install', '-at_install')
class TestSettlementBank(SettlementCase):
    """The deposit meets the bank."""

    def bank_line(self, amount, ref="AMAZON PAYMENTS", date='2026-10-31', **vals):
        journal = self.env['account.journal'].search([('company_id', '=', self.company.id), ('type', '=', 'bank')],
                                                     limit=1)
        return self.env['account.bank.statement.line'].create(
            {'journal_id': journal.id, 'date': date, 'payment_ref': ref, 'amount': amount, **vals})

    def test_the_line_of_the_bank_is_matched_by_the_job(self):
        settlement = self.book(SALE)
        line = self.bank_line(62.15)
        self.run_flow('settlements', getReports={'reports': []})
        self.assertEqual((settlement.state, line.is_reconciled, self.balance('payout')), ('reconciled', True, 0))
        self.assertEqual(settlement.bank_line_ids, line)
        with self.assertRaisesRegex(UserError, "matched with the bank"):
            settlement._cancel()

    def test_two_lines_of_the_same_amount_are_left_to_a_person(self):
        settlement = self.book(SALE)
        lines = self.bank_line(62.15, "Something") | self.bank_line(62.15, "Else")
        settlement.action_match()
        self.assertEqual(settlement.state, 'booked')
        lines[1].payment_ref = "Amazon Payments Europe 111"
        settlement.action_match()
        self.assertEqual((settlement.state, lines.mapped('is_reconciled')), ('reconciled', [False, True]))

    def test_other_amounts_and_times_are_not_taken(self):
        settlement = self.book(SALE)
        self.bank_line(62.16)
        self.bank_line(62.15, date='2026-12-24')
        settlement.action_match()
        self.assertEqual(settlement.state, 'booked')

    def test_a_negative_payout_is_matched_too(self):
        settlement = self.book([row(STORAGE, '-80.00')])
        self.bank_line(-80.0)
        settlement.action_match()
        self.assertEqual(settlement.state, 'reconciled')

    def test_undone_matching_waits_for_the_bank_again(self):
        settlement = self.book(SALE)
        line = self.bank_line(62.15)
        settlement.action_match()
        line.action_undo_reconciliation()
        self.assertEqual(settlement.state, 'booked')



import datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from ..utils import settlement_plan
from . import payloads
from .settlement_files import ADVERTISING, COMMISSION, PRINCIPAL, PROMOTION, REFUND, SHIPPING, STORAGE, TAX, row
from .test_settlements import SettlementCase


@tagged('post_install', '-at_install')
class TestSettlementInvoices(SettlementCase):
    """A7: what Amazon paid clears the invoices of its orders, and what does not is listed by reason."""

    def setUp(self):
        super().setUp()
        self.german.write({'fbm_invoice': 'posted', 'fba_invoice': 'posted'})

    def sell(self, number, total='119.00', **options):
        """An order that was shipped and invoiced; return its sales order."""
        ref = f'302-{number:07d}-7654321'
        return self.receive_sale(payloads.order(payloads.item(total=total, shipped=1, **options.pop('item', {})),
                                                ref=ref, status='SHIPPED', **options))

    def reverse(self, invoice):
        """The draft of a credit note that a person makes."""
        wizard = self.env['account.move.reversal'].with_context(active_model='account.move',
                                                                active_ids=invoice.ids).create(
                                                                    {'journal_id': invoice.journal_id.id})
        return self.env['account.move'].browse(wizard.refund_moves()['res_id'])

    def receivable(self, sale):
        return sale.invoice_ids.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')

    def test_invoices_are_paid(self):
        """A7"""
        first, second = self.sell(1), self.sell(2, '50.00')
        settlement = self.book([
            row(PRINCIPAL, '110.00', first.amazon_order_ref), row(SHIPPING, '14.00', first.amazon_order_ref),
            row(PROMOTION, '-5.00', first.amazon_order_ref),
            row(COMMISSION, '-17.00', first.amazon_order_ref), row(PRINCIPAL, '50.00', second.amazon_order_ref),
            row(STORAGE, '-3.00')])
        self.assertEqual((first | second).invoice_ids.mapped('payment_state'), ['paid', 'paid'])
        self.assertFalse(settlement.open_line_ids)
        self.assertEqual((settlement.payout_line_id.balance, self.balance('sales')), (149.0, 0),
                         "the invoices are the revenue")
        shown = settlement.action_view_invoices()
        self.assertIn(first.invoice_ids, self.env['account.move'].search(shown['domain']))
        self.assertEqual(shown['context']['default_move_type'], 'out_invoice', "columns of customers' invoices")

    def test_what_does_not_match_is_listed_by_reason(self):
        less, more = self.sell(1, '20.00'), self.sell(2, '10.00')
        settlement = self.book([
            row(PRINCIPAL, '18.00', less.amazon_order_ref), row(PRINCIPAL, '12.00', more.amazon_order_ref),
            row(REFUND, '-4.00', less.amazon_order_ref)])
        issues = {(line.amazon_order_ref, line.amount_currency): line.amazon_issue for line in settlement.open_line_ids}
        self.assertEqual(issues, {
            (less.amazon_order_ref, -18.0): 'less', (more.amazon_order_ref, -12.0): 'more',
            (less.amazon_order_ref, 4.0): 'no_refund'})
        self.assertEqual((less.invoice_ids.payment_state, less.invoice_ids.amount_residual), ('partial', 2.0))
        self.assertEqual(settlement.payout_line_id.balance, 26.0)
        receivables = settlement.move_ids.line_ids.filtered('amazon_order_ref')
        self.assertEqual(set(receivables.mapped('account_type')), {'asset_receivable'},
                         "nothing is plugged: it stays open on the customer")

    def test_an_invoice_that_was_paid_by_hand_is_named(self):
        sale, twice = self.sell(1), self.sell(2, '10.00')
        self.env['account.payment.register'].with_context(active_model='account.move',
                                                          active_ids=sale.invoice_ids.ids).create({})._create_payments()
        self.assertTrue(self.receivable(sale).reconciled)
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref),
                                row(PRINCIPAL, '12.00', twice.amazon_order_ref)])
        self.assertEqual({line.amazon_order_id: line.amazon_issue for line in settlement.open_line_ids},
                         {sale: 'otherwise', twice: 'more'})

    def test_what_is_open_for_long_waits_for_a_person(self):
        """Thousands of orders that will never match must not be gone through again every few hours."""
        sale = self.sell(1)
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref),
                                row(REFUND, '-119.00', sale.amazon_order_ref)])
        self.assertEqual(settlement.open_line_ids.amazon_issue, 'no_refund')
        self.reverse(sale.invoice_ids).action_post()
        with freeze_time(settlement.end_date + datetime.timedelta(days=200)):
            self.run_flow('settlements', getReports={'reports': []})
            self.assertEqual(settlement.open_line_ids.amazon_issue, 'no_refund')
            settlement.action_match()
        self.assertFalse(settlement.open_line_ids)

    def test_an_order_in_several_settlements_is_paid_in_parts(self):
        sale = self.sell(1, '100.00')
        first = self.book([row(PRINCIPAL, '60.00', sale.amazon_order_ref)])
        self.assertEqual((sale.invoice_ids.payment_state, first.open_line_ids.amazon_issue), ('partial', 'less'))
        second = self.book([row(PRINCIPAL, '40.00', sale.amazon_order_ref)], ref='222')
        self.assertEqual((sale.invoice_ids.payment_state, len(second.open_line_ids)), ('paid', 0))
        first.action_match()
        self.assertFalse(first.open_line_ids, "the rest came with the second")

    def test_refunds_clear_credit_notes_and_not_invoices(self):
        sale = self.sell(1)
        invoice = sale.invoice_ids
        self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        note = self.reverse(invoice)
        note.action_post()
        settlement = self.book([row(REFUND, '-119.00', sale.amazon_order_ref)], ref='222')
        self.assertEqual((note.amount_residual, invoice.payment_state, len(settlement.open_line_ids)), (0, 'paid', 0))

    def test_sale_and_refund_in_one_settlement_do_not_hide_each_other(self):
        sale = self.sell(1)
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref),
                                row(REFUND, '-119.00', sale.amazon_order_ref), row(ADVERTISING, '-1.00')])
        self.assertEqual(sale.invoice_ids.payment_state, 'paid')
        self.assertEqual([(line.amazon_issue, line.balance) for line in settlement.open_line_ids],
                         [('no_refund', 119.0)])

    def test_tax_that_amazon_remits_meets_on_one_account(self):
        american = self.marketplace('US')
        american.write({'fbm_invoice': 'posted'})
        self.env['res.currency.rate'].create({'currency_id': american.currency_id.id, 'name': '2026-10-01', 'rate': 1,
                                              'company_id': self.company.id})
        parts = [('ITEM', '39.99'), ('TAX', '10.00', {'ITEM': '10.00'})]
        sale = self.receive_sale(
            payloads.order(payloads.item(total='49.99', parts=parts, currency='USD', remitted=True, shipped=1),
                           market='US', status='SHIPPED', ref='111-0000001-0000001'))
        ref, withheld = sale.amazon_order_ref, ('Order', 'ItemWithheldTax', 'MarketplaceFacilitatorTax-Principal')
        self.book([row(PRINCIPAL, '39.99', ref, market='Amazon.us'), row(TAX, '10.00', ref, market='Amazon.us'),
                   row(withheld, '-10.00', ref, market='Amazon.us')], currency='USD')
        self.assertEqual((sale.invoice_ids.payment_state, self.balance('tax')), ('paid', 0))

    def test_tax_that_amazon_remits_and_did_not_state_clears_no_invoice(self):
        american = self.marketplace('US')
        american.write({'fbm_invoice': 'posted'})
        self.env['res.currency.rate'].create(
            {'currency_id': american.currency_id.id, 'name': '2026-10-01', 'rate': 1, 'company_id': self.company.id})
        item = payloads.item(total='39.99', currency='USD', shipped=1)
        sale = self.receive_sale(payloads.order(item, market='US', status='SHIPPED', ref='111-0000001-0000001'))
        self.assertEqual(sale.invoice_ids.amount_total, 39.99)
        ref, withheld = sale.amazon_order_ref, ('Order', 'ItemWithheldTax', 'MarketplaceFacilitatorTax-Principal')
        values = {'market': 'Amazon.us', 'order_item_code': item['orderItemId']}
        settlement = self.book([row(PRINCIPAL, '39.99', ref, **values), row(TAX, '10.00', ref, **values),
                                row(withheld, '-10.00', ref, **values)], currency='USD')
        self.assertFalse(settlement.open_line_ids)
        self.assertEqual((sale.invoice_ids.payment_state, self.balance('tax')), ('paid', 0))
        sale.invoice_ids.button_draft()
        sale.invoice_ids.action_post()
        settlement.action_match()
        self.assertEqual((sale.invoice_ids.payment_state, self.balance('tax'), len(settlement.move_ids)),
                         ('paid', 0, 1))

    def test_exchange_differences_go_to_the_companys_account(self):
        british = self.marketplace('GB')
        british.write({'fbm_invoice': 'posted', 'tax_policy': 'line'})
        self.env['res.currency.rate'].create(
            [{'currency_id': british.currency_id.id, 'name': day, 'rate': rate, 'company_id': self.company.id}
             for day, rate in [('2026-10-01', 0.8), ('2026-10-28', 0.9)]])
        sale = self.receive_sale(payloads.order(payloads.item(total='90.00', currency='GBP', shipped=1), market='GB',
                                                status='SHIPPED', ref='203-0000001-0000001'))
        self.assertEqual(sale.invoice_ids.currency_id, british.currency_id)
        settlement = self.book([row(PRINCIPAL, '90.00', sale.amazon_order_ref, market='Amazon.gb')], currency='GBP')
        self.assertEqual(sale.invoice_ids.payment_state, 'paid')
        self.assertEqual(settlement.payout_line_id.balance, 100.0)
        accounts = self.company.income_currency_exchange_account_id | self.company.expense_currency_exchange_account_id
        difference = self.env['account.move.line'].search(
            [('account_id', 'in', accounts.ids), ('parent_state', '=', 'posted')])
        self.assertEqual(round(abs(sum(difference.mapped('balance'))), 2), 12.5)

    def test_many_orders_are_spread_over_entries_by_the_job(self):
        """A worker that dies between two entries goes on where it was."""
        sales = [self.sell(number, '10.00') for number in range(1, 6)]
        with patch.object(settlement_plan, 'CHUNK', 2):
            settlement = self.import_rows([row(PRINCIPAL, '10.00', sale.amazon_order_ref) for sale in sales]
                                      + [row(STORAGE, '-1.00')])
            settlement.action_book()
            self.assertEqual((settlement.state, len(settlement.move_ids)), ('booking', 0), "the job does it")
            posted, killed = type(self.env['account.move']).action_post, []

            def die(moves):
                if moves.amazon_part == '2026-10/1' and not killed:
                    killed.append(True)
                    raise ConnectionError("killed")
                return posted(moves)

            self.patch(type(self.env['account.move']), 'action_post', die)
            with self.assertLogs('odoo.addons.amazon_connector.models.amazon_settlement_booking', 'ERROR'):
                self.run_flow('settlements', getReports={'reports': []})
            self.assertEqual((settlement.state, len(settlement.move_ids)), ('booking', 1))
            self.run_flow('settlements', getReports={'reports': []})
        self.assertEqual((settlement.state, len(settlement.move_ids), settlement.payout_line_id.balance),
                         ('booked', 3, 49.0))
        self.assertEqual({sale.invoice_ids.payment_state for sale in sales}, {'paid'})
        self.assertEqual((self.balance('carried'), self.balance('storage')), (0, 1.0))

    def test_what_changes_while_it_is_booked_is_noticed(self):
        sales = [self.sell(number, '10.00') for number in range(1, 6)]
        with patch.object(settlement_plan, 'CHUNK', 2):
            settlement = self.import_rows([row(PRINCIPAL, '10.00', sale.amazon_order_ref) for sale in sales])
            settlement._begin()
            plan = settlement_plan.SettlementPlan(settlement)
            self.env['account.move'].with_context(skip_invoice_sync=True).create(
                plan.prepare_move(plan.parts[0])).action_post()
            settlement.end_date = '2026-11-02 06:00:00'
            self.run_flow('settlements', getReports={'reports': []})
        self.assertIn("do not belong together", settlement.problem)
        self.assertNotEqual(settlement.state, 'booked')

    def test_cancelling_opens_the_invoices_again(self):
        sale = self.sell(1)
        settlement = self.book([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        settlement.action_cancel()
        self.assertEqual((sale.invoice_ids.payment_state, self.receivable(sale).reconciled), ('not_paid', False))
        settlement.action_book()
        self.assertEqual(sale.invoice_ids.payment_state, 'paid')

    def test_invoices_of_another_company_stay_as_they_are(self):
        """A seller's settlement has rows of all its marketplaces, whichever company they belong to."""
        other = self.env['res.company'].create({'name': "Elsewhere"})
        self.env['account.chart.template'].try_loading('generic_coa', company=other, install_demo=False)
        partner, ref = self.env['res.partner'].create({'name': "Buyer"}), '302-0000001-7654321'
        # Companies may share their accounts.
        shared = partner.property_account_receivable_id
        shared.with_company(other).code = '129999'
        shared.company_ids |= other
        partner.with_company(other).property_account_receivable_id = shared
        sale = self.env['sale.order'].with_company(other).create({
            'partner_id': partner.id, 'company_id': other.id, 'amazon_order_ref': ref,
            'amazon_marketplace_id': self.german.id,
            'order_line': [
                (0, 0, {'product_id': self.env['product.product'].create({'name': "Thing", 'type': 'service'}).id,
                        'price_unit': 119})]})
        invoice = self.env['account.move'].with_company(other).create({
            'move_type': 'out_invoice', 'partner_id': partner.id, 'invoice_date': '2026-10-20',
            'currency_id': self.german.currency_id.id,
            'invoice_line_ids': [
                (0, 0, {'name': "Thing", 'price_unit': 119, 'tax_ids': False,
                        'sale_line_ids': [(6, 0, sale.order_line.ids)]})]})
        invoice.action_post()
        self.assertIn(shared, invoice.line_ids.account_id)
        settlement = self.book([row(PRINCIPAL, '119.00', ref)])
        self.assertEqual((settlement.state, settlement.open_line_ids.amazon_issue, invoice.payment_state),
                         ('booked', 'company', 'not_paid'))

    def test_shipment_ids_and_liquidations_clear_nothing(self):
        """A9"""
        sale = self.sell(1)
        settlement = self.book([row(PRINCIPAL, '119.00', 'FBA15DXYZ123'),
                                row(('Liquidations', 'ItemPrice', 'Principal'), '5.00', sale.amazon_order_ref)])
        self.assertEqual((sale.invoice_ids.payment_state, len(settlement.open_line_ids)), ('not_paid', 0))
        self.assertEqual(self.balance('sales'), -124.0, "rows without an order are in the summary")

    def test_a_parallel_booking_finds_it_booked(self):
        sale = self.sell(1)
        settlement = self.import_rows([row(PRINCIPAL, '119.00', sale.amazon_order_ref)])
        of_another_worker = self.env['amazon.settlement'].browse(settlement.id)
        settlement.action_book()
        self.assertTrue(of_another_worker._book())
        self.assertEqual(len(settlement.move_ids), 1)

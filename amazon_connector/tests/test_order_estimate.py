from odoo.tests import new_test_user, tagged

from . import payloads
from .settlement_files import COMMISSION, OTHER, PRINCIPAL, REFUND, TAX, row
from .test_settlements import SettlementCase

FBA_FEE = ('Order', 'ItemFees', 'FBAPerUnitFulfillmentFee')
LABEL = (OTHER, OTHER, 'Shipping label purchase')


@tagged('post_install', '-at_install')
class TestOrderEstimate(SettlementCase):
    """Margin after Amazon of orders that are not settled: by the fees of the same SKU, or unknown."""

    def setUp(self):
        super().setUp()
        self.product.standard_price = 30.0
        self.other_product.standard_price = 10.0

    def sell(self, *items, **options):
        items = items or (payloads.item(),)
        return self.receive_sale(payloads.order(*items, **options))

    def check(self, sale, state, fees, estimate, margin):
        self.assertEqual((sale.amazon_margin_state, *payloads.cents(
            sale.amazon_fees, sale.amazon_fees_estimate, sale.amazon_margin)), (state, fees, estimate, margin))

    def settle(self, sale, *fees, line=None, quantity=1, total='119.00', **options):
        line = line or sale.order_line[:1]
        values = {'sku': line.amazon_sku, 'order_item_code': line.amazon_item_ref, 'fulfillment_id': 'MFN'}
        return self.import_rows([row(PRINCIPAL, total, sale.amazon_order_ref, quantity_purchased=quantity, **values),
                                 *(row(kind, amount, sale.amazon_order_ref, **values) for kind, amount in fees)],
                                **options)

    # === UNKNOWN, ESTIMATED, SETTLED === #

    def test_what_was_never_settled_has_no_margin(self):
        sale = self.sell()
        self.assertEqual(sale.margin, 70.0)
        self.check(sale, 'unknown', 0.0, 0.0, 0.0)

    def test_commission_follows_the_price_and_other_fees_the_units(self):
        self.know_fees((COMMISSION, '-17.85'), (FBA_FEE, '-3.00'))
        self.check(self.sell(), 'estimated', 0.0, -20.85, 49.15)
        sale = self.sell(payloads.item(quantity=2, total='119.00'))
        self.check(sale, 'estimated', 0.0, -23.85, 100.0 - 60.0 - 23.85)

    def test_the_settlement_replaces_the_estimate(self):
        self.know_fees((COMMISSION, '-17.85'))
        sale = self.sell()
        self.check(sale, 'estimated', 0.0, -17.85, 52.15)
        self.settle(sale, (COMMISSION, '-15.00'))
        self.check(sale, 'settled', -15.0, 0.0, 55.0)

    def test_what_is_settled_in_part_is_estimated_for_the_rest(self):
        self.know_fees((FBA_FEE, '-3.00'))
        sale = self.sell(payloads.item(quantity=3, total='357.00'))
        self.settle(sale, (FBA_FEE, '-4.00'))
        # This sale is one of the latest, too: 3.50 for each unit.
        self.check(sale, 'estimated', -4.0, -7.0, 300.0 - 90.0 - 11.0)
        self.settle(sale, (FBA_FEE, '-8.00'), quantity=2, total='238.00', ref='222')
        self.check(sale, 'settled', -12.0, 0.0, 300.0 - 90.0 - 12.0)

    def test_one_item_without_facts_makes_the_order_unknown(self):
        self.know_fees((FBA_FEE, '-3.00'))
        sale = self.sell(payloads.item(), payloads.item('SKU-B', total='23.80'))
        self.check(sale, 'unknown', 0.0, 0.0, 0.0)
        self.settle(sale, (FBA_FEE, '-2.00'), line=sale.order_line.filtered(lambda line: line.amazon_sku == 'SKU-B'),
                    total='23.80')
        self.check(sale, 'estimated', -2.0, -3.0, 120.0 - 40.0 - 5.0)

    def test_a_settlement_that_names_no_items_settles_all(self):
        sale = self.sell(payloads.item(), payloads.item('SKU-B', total='23.80'))
        self.import_rows([row(PRINCIPAL, '142.80', sale.amazon_order_ref),
                          row(COMMISSION, '-9.00', sale.amazon_order_ref)])
        self.check(sale, 'settled', -9.0, 0.0, 71.0)

    def test_a_refund_alone_settles_nothing(self):
        sale = self.sell()
        self.import_rows([row(REFUND, '-119.00', sale.amazon_order_ref)])
        self.assertEqual(sale.amazon_margin_state, 'unknown')

    def test_a_cancelled_order_has_no_fees(self):
        self.know_fees((FBA_FEE, '-3.00'))
        sale = self.sell()
        sale._action_cancel()
        self.check(sale, False, 0.0, 0.0, 0.0)

    def test_other_orders_are_what_they_were(self):
        sale = self.env['sale.order'].create({
            'partner_id': self.env.user.partner_id.id, 'company_id': self.company.id,
            'order_line': [(0, 0, {'product_id': self.product.id, 'price_unit': 100.0, 'tax_ids': False})]})
        self.assertEqual((sale.amazon_margin, sale.amazon_margin_state), (sale.margin, False))

    # === FEES BEFORE THE SALE === #

    def know_label(self, *fees, amount='-8.00'):
        """Have a sale of the SKU some days ago, with a label for the whole order."""
        settlement = self.know_fees(*fees)
        line = settlement.line_ids[:1]
        self.import_rows([row(LABEL, amount, line.order_ref, posted=line.posted_date.date().isoformat())],
                         ref=f'{settlement.settlement_ref}5')

    def test_a_label_before_the_sale_counts_once(self):
        self.know_label((COMMISSION, '-17.85'))
        sale = self.sell()
        self.check(sale, 'estimated', 0.0, -25.85, 44.15)
        self.import_rows([row(LABEL, '-9.50', sale.amazon_order_ref)])
        self.check(sale, 'estimated', -9.5, -17.85, 42.65)
        self.settle(sale, (COMMISSION, '-17.85'), ref='222')
        self.check(sale, 'settled', -27.35, 0.0, 42.65)

    def test_fees_of_an_item_before_its_sale_count_once(self):
        self.know_fees((COMMISSION, '-17.85'), (FBA_FEE, '-3.00'))
        sale = self.sell()
        line = sale.order_line[:1]
        self.import_rows([row(FBA_FEE, '-3.00', sale.amazon_order_ref, sku='SKU-A',
                              order_item_code=line.amazon_item_ref)])
        self.check(sale, 'estimated', -3.0, -17.85, 49.15)

    def test_the_label_of_one_of_two_parcels(self):
        self.know_label()
        sale = self.sell(payloads.item(quantity=2, total='238.00'))
        self.check(sale, 'estimated', 0.0, -16.0, 200.0 - 60.0 - 16.0)
        self.import_rows([row(LABEL, '-8.00', sale.amazon_order_ref)])
        self.check(sale, 'estimated', -8.0, -8.0, 124.0)
        self.settle(sale, ref='222')
        self.check(sale, 'estimated', -8.0, -8.0, 124.0)

    def test_a_free_replacement_is_settled_by_its_label(self):
        self.know_label()
        sale = self.sell(payloads.item(total='0.00'))
        self.check(sale, 'estimated', 0.0, -8.0, -38.0)
        self.import_rows([row(LABEL, '-9.00', sale.amazon_order_ref)])
        self.check(sale, 'settled', -9.0, 0.0, -39.0)

    def test_a_cancelled_order_keeps_what_was_charged(self):
        sale = self.sell()
        self.import_rows([row(LABEL, '-8.00', sale.amazon_order_ref)])
        sale._action_cancel()
        self.check(sale, 'settled', -8.0, 0.0, -8.0)
        other = self.sell()
        other._action_cancel()
        self.import_rows([row(LABEL, '-8.00', other.amazon_order_ref)], ref='222')
        self.check(other, 'settled', -8.0, 0.0, -8.0)
        self.settle(other, (COMMISSION, '-15.00'), ref='333')
        self.check(other, 'settled', -23.0, 0.0, 70.0 - 23.0)
        sale.action_draft()
        self.assertNotEqual(sale.amazon_margin_state, 'settled')

    def test_labels_of_returns_say_nothing_of_sales(self):
        settlement = self.know_fees((FBA_FEE, '-3.00'))
        line = settlement.line_ids[:1]
        self.import_rows([row((OTHER, OTHER, 'Shipping label purchase for return'), '-6.00', line.order_ref,
                              posted=line.posted_date.date().isoformat())])
        self.check(self.sell(), 'estimated', 0.0, -3.0, 67.0)

    # === WHICH FACTS === #

    def test_fees_of_another_marketplace_channel_or_time_say_nothing(self):
        self.know_fees((FBA_FEE, '-3.00'), market='Amazon.fr')
        self.know_fees((FBA_FEE, '-3.00'), channel='AFN')
        self.know_fees((FBA_FEE, '-3.00'), days=400)
        self.know_fees((FBA_FEE, '-3.00'), sku='SKU-B')
        self.check(self.sell(), 'unknown', 0.0, 0.0, 0.0)
        item = payloads.item(shipped=1)
        self.check(self.sell(item, channel='AMAZON', status='SHIPPED'), 'estimated', 0.0, -3.0, 67.0)

    def test_the_latest_sales_count(self):
        for number in range(30):
            self.know_fees((FBA_FEE, '-3.00'), days=2, item=f'{number}')
        self.know_fees((FBA_FEE, '-99.00'), days=90)
        self.check(self.sell(), 'estimated', 0.0, -3.0, 67.0)

    def test_units_of_several_sales_and_labels_of_orders(self):
        order, values = '302-5555555-0000009', {'market': 'Amazon.de', 'fulfillment_id': 'MFN',
                                                'posted': self.know_fees().line_ids[:1].posted_date.date().isoformat()}
        self.import_rows([
            row(PRINCIPAL, '119.00', order, sku='SKU-A', quantity_purchased=1, order_item_code='1', **values),
            row(PRINCIPAL, '119.00', order, sku='SKU-B', quantity_purchased=1, order_item_code='2', **values),
            row(LABEL, '-8.00', order, **values)])
        self.check(self.sell(), 'estimated', 0.0, -2.0, 68.0)

    def test_fees_of_refunds_say_nothing_of_sales(self):
        self.know_fees((FBA_FEE, '-3.00'), (('Refund', 'ItemFees', 'RefundCommission'), '-5.00'))
        self.check(self.sell(), 'estimated', 0.0, -3.0, 67.0)

    def test_tax_that_amazon_remits_is_nobodys_gain(self):
        american = self.marketplace('US')
        self.env['res.currency.rate'].create({'currency_id': american.currency_id.id, 'name': '2020-01-01', 'rate': 1,
                                              'company_id': self.company.id})
        self.know_fees((TAX, '10.00'), (('Order', 'ItemWithheldTax', 'MarketplaceFacilitatorTax-Principal'), '-10.00'),
                       (COMMISSION, '-6.00'), total='39.99', market='Amazon.com', currency='USD')
        parts = [('ITEM', '39.99'), ('TAX', '4.00', {'ITEM': '4.00'})]
        sale = self.sell(payloads.item(total='43.99', parts=parts, currency='USD', remitted=True), market='US')
        cost = 43.99 - sale.margin
        self.check(sale, 'estimated', 0.0, -10.0, round(39.99 - cost - 6.0, 2))

    def test_tax_of_what_is_not_settled_yet_is_nobodys_gain_either(self):
        american = self.marketplace('US')
        self.env['res.currency.rate'].create({'currency_id': american.currency_id.id, 'name': '2020-01-01', 'rate': 1,
                                              'company_id': self.company.id})
        remitted = ('Order', 'ItemWithheldTax', 'MarketplaceFacilitatorTax-Principal')
        options = {'market': 'Amazon.com', 'currency': 'USD'}
        self.know_fees((TAX, '4.00'), (remitted, '-4.00'), (COMMISSION, '-6.00'), total='40.00', **options)
        parts = [('ITEM', '80.00'), ('TAX', '8.00', {'ITEM': '8.00'})]
        sale = self.sell(payloads.item(quantity=2, total='88.00', parts=parts, currency='USD', remitted=True),
                         market='US')
        cost = 88.0 - sale.margin
        self.check(sale, 'estimated', 0.0, -20.0, round(68.0 - cost, 2))
        line = sale.order_line.filtered(lambda line: line.amazon_charge == 'item')
        values = {'sku': 'SKU-A', 'order_item_code': line.amazon_item_ref, 'market': 'Amazon.com'}
        self.import_rows([row(kind, amount, sale.amazon_order_ref, **values, **more) for kind, amount, more in (
            (PRINCIPAL, '40.00', {'quantity_purchased': 1}), (TAX, '4.00', {}), (remitted, '-4.00', {}),
            (COMMISSION, '-6.00', {}))], currency='USD')
        self.check(sale, 'estimated', -10.0, -10.0, round(68.0 - cost, 2))

    def test_tax_in_the_fees_is_no_cost(self):
        self.german.settlement_fee_tax_id = self.env['account.tax'].search([
            ('company_id', '=', self.company.id), ('type_tax_use', '=', 'purchase'), ('amount', '=', 19),
            ('price_include_override', '!=', 'tax_included')], limit=1)
        self.know_fees((FBA_FEE, '-11.90'))
        sale = self.sell()
        self.settle(sale, (FBA_FEE, '-11.90'))
        known = sale.amazon_fees
        self.assertEqual(payloads.cents(self.sell().amazon_fees_estimate), payloads.cents(known))

    # === WHEN === #

    def test_open_orders_are_estimated_after_each_settlement(self):
        sale = self.sell()
        self.check(sale, 'unknown', 0.0, 0.0, 0.0)
        sale.date_order = self.know_fees((FBA_FEE, '-3.00')).line_ids[:1].posted_date
        sale.amazon_estimate_date = '2026-01-01'
        self.run_flow('settlements', getReports={'reports': []})
        self.check(sale, 'estimated', 0.0, -3.0, 67.0)

    def test_orders_of_before_the_update_are_looked_at_once(self):
        sale = self.sell()
        sale.write({'amazon_margin_state': False, 'amazon_estimate_date': False})
        self.run_flow('settlements', getReports={'reports': []})
        self.assertEqual(sale.amazon_margin_state, 'unknown')
        written = sale.amazon_estimate_date
        self.run_flow('settlements', getReports={'reports': []})
        self.assertEqual(sale.amazon_estimate_date, written)

    def test_an_order_that_changes_is_estimated_anew(self):
        self.know_fees((FBA_FEE, '-3.00'))
        payload = payloads.order(payloads.item(quantity=2, total='238.00'))
        sale = self.receive_sale(payload)
        self.check(sale, 'estimated', 0.0, -6.0, 134.0)
        entry = {**payload['orderItems'][0], **{
            name: payloads.item(total='119.00')[name] for name in ('quantityOrdered', 'proceeds', 'fulfillment')}}
        self.receive(payloads.later(payload, orderItems=[entry], proceeds={
            'grandTotal': payloads.money('119.00', 'EUR'), 'breakdowns': []}))
        self.check(sale, 'estimated', 0.0, -3.0, 67.0)

    def test_an_estimate_that_fails_stops_neither_import_nor_cancellation(self):
        self.know_fees((FBA_FEE, '-3.00'))
        original = type(self.env['sale.order'])._amazon_estimate

        def fail(order, *args):
            if order.amazon_order_ref.startswith('999'):
                raise ZeroDivisionError
            return original(order, *args)
        self.patch(type(self.env['sale.order']), '_amazon_estimate', fail)
        with self.assertLogs('odoo.addons.amazon_connector.models.sale_order_estimate', 'ERROR'):
            rows = self.receive(payloads.order(payloads.item()), payloads.order(payloads.item(), ref='999-1-1'))
        self.assertEqual(rows.mapped('state'), ['done', 'done'])
        self.check(rows[0].sale_order_id, 'estimated', 0.0, -3.0, 67.0)
        sale = rows[1].sale_order_id
        self.check(sale, False, 0.0, 0.0, 0.0)
        with self.assertLogs('odoo.addons.amazon_connector.models.sale_order_estimate', 'ERROR'):
            sale._action_cancel()
        self.assertEqual(sale.state, 'cancel')

    def test_the_job_tells_whose_estimate_failed(self):
        sale = self.sell()
        sale.amazon_margin_state = False
        self.patch(type(sale), '_amazon_estimate', lambda order, *args: 1 / 0)
        with self.assertLogs('odoo.addons.amazon_connector.models.amazon_sync', 'ERROR'):
            self.run_flow('settlements', getReports={'reports': []})
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'settlements')
        self.assertIn(sale.name, sync.error)

    def test_as_many_queries_for_many_orders(self):
        self.know_fees((FBA_FEE, '-3.00'), (COMMISSION, '-17.85'))
        sales = self.env['sale.order'].union(*(self.sell() for _number in range(20)))

        def count(orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            orders._amazon_estimate_fees()
            self.env.flush_all()
            return self.cr.sql_log_count - before
        count(sales)
        self.assertLessEqual(count(sales), count(sales[:2]) + 2)

    # === READERS === #

    def test_groups_of_the_list(self):
        sale = self.sell()
        self.know_fees((FBA_FEE, '-3.00'))
        other = self.sell()
        user = new_test_user(self.env, login='estimate', groups='sales_team.group_sale_salesman_all_leads',
                             company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        groups = dict(self.env['sale.order'].with_user(user)._read_group(
            [('id', 'in', (sale | other).ids)], ['amazon_margin_state'], ['amazon_margin:sum']))
        self.assertEqual({state: round(margin, 2) for state, margin in groups.items()},
                         {'unknown': 0.0, 'estimated': 67.0})

    def test_salesmen_cancel_without_rights_of_accounting(self):
        self.know_fees((FBA_FEE, '-3.00'))
        sale = self.sell()
        user = new_test_user(self.env, login='canceller', groups='sales_team.group_sale_salesman_all_leads',
                             company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        sale.with_user(user)._action_cancel()
        self.assertEqual(sale.state, 'cancel')

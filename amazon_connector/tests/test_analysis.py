import collections
import random

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from . import payloads
from .settlement_files import (
    ADVERTISING,
    COMMISSION,
    LOST,
    PRINCIPAL,
    PROMOTION,
    REFUND,
    REFUND_COMMISSION,
    RESERVE,
    STORAGE,
    document,
    row,
)
from .test_transactions import TransactionCase, group, refund

FBA_FEE, LABEL = ('Order', 'ItemFees', 'FBAPerUnitFulfillmentFee'), ('Order', 'Shipment Fees', 'Shipping')
SHOPS = {'DE': 'Amazon.de', 'GB': 'Amazon.co.uk', 'US': 'Amazon.com'}
# What a row is counted as.
MEASURES = {COMMISSION: 'fee_commission', FBA_FEE: 'fee_fba', LABEL: 'shipping', REFUND: 'refunds',
            REFUND_COMMISSION: 'fee_commission', ADVERTISING: 'advertising', STORAGE: 'fee_storage', LOST: 'other'}


class AnalysisCase(TransactionCase):

    def read_sums(self, *measures, domain=(), by=None):
        """Sums of the analysis of this test's companies: a dictionary, or one by group."""
        self.env.flush_all()
        groups = self.env['amazon.analysis']._read_group(
            [('seller_id', 'in', self.sellers.ids), *domain], [by] if by else [],
            [f'{name}:{"avg" if name == "margin" else "sum"}' for name in measures])
        sums = {group[0] if by else None: {name: round(value or 0, 2) for name, value in zip(
            measures, group[-len(measures):], strict=True)} for group in groups}
        return sums if by else sums[None]

    @property
    def sellers(self):
        return self.seller

    def set_rate(self, code, rate, date='2020-01-01', company=None):
        return self.env['res.currency.rate'].create({
            'currency_id': self.env.ref(f'base.{code}').id, 'rate': rate, 'name': date,
            'company_id': (company or self.company).id})


@tagged('post_install', '-at_install')
class TestAnalysis(AnalysisCase):
    """Each amount is counted once, in one currency, and estimates are apart."""

    def setUp(self):
        super().setUp()
        self.product.standard_price = 30.0

    def settle(self, sale, *more, ref='500'):
        values = {'sku': 'SKU-A', 'order_item_code': sale.order_line[:1].amazon_item_ref, 'fulfillment_id': 'MFN'}
        return self.import_rows([row(PRINCIPAL, '119.00', sale.amazon_order_ref, quantity_purchased=1, **values),
                                 *(row(kind, amount, sale.amazon_order_ref, **values) for kind, amount in more)],
                                ref=ref)

    def test_what_is_estimated_becomes_settled(self):
        self.know_fees((COMMISSION, '-11.90'))
        sale, _item = self.sell(quantity=1, total='119.00')
        mine = [('sale_order_id', '=', sale.id)]
        sums = self.read_sums('units', 'sales', 'cost', 'fees', 'fees_estimate', 'profit', domain=mine)
        self.assertEqual(sums, {'units': 1, 'sales': 100, 'cost': -30, 'fees': 0, 'fees_estimate': -11.9,
                                'profit': 58.1})
        self.assertEqual([*self.read_sums('sales', domain=mine, by='margin_state')], ['estimated'])
        self.settle(sale, (COMMISSION, '-15.00'), (LABEL, '-4.00'))
        sums = self.read_sums('units', 'sales', 'fees', 'fee_commission', 'shipping', 'fees_estimate', 'profit',
                              'margin', domain=mine)
        self.assertEqual(sums, {'units': 1, 'sales': 100, 'fees': -15, 'fee_commission': -15, 'shipping': -4,
                                'fees_estimate': 0, 'profit': 51, 'margin': 51})
        self.assertEqual((sale.amazon_margin, [*self.read_sums('sales', domain=mine, by='margin_state')]),
                         (51.0, ['settled']))
        self.assertEqual([*self.read_sums('profit', domain=mine, by='product_id')], [self.product])
        self.assertEqual([*self.read_sums('profit', domain=mine, by='sku')], ['SKU-A'])

    def test_what_is_unknown_has_no_profit(self):
        sale, _item = self.sell(quantity=1, total='119.00')
        sums = self.read_sums('sales', 'profit', 'known_sales', 'unknown_sales',
                              domain=[('sale_order_id', '=', sale.id)])
        self.assertEqual(sums, {'sales': 100, 'profit': 0, 'known_sales': 0, 'unknown_sales': 100})
        for name in ('profit', 'payout', 'own_profit', 'margin'):
            [(amount,)] = self.env['amazon.analysis']._read_group([('sale_order_id', '=', sale.id)], [], [
                f'{name}:{"avg" if name == "margin" else "sum"}'])
            self.assertTrue(amount is None or amount is False, f"{name} is {amount}: nothing is not zero")

    def test_a_refund_counts_once_and_on_its_day(self):
        self.know_fees()
        sale, item = self.sell(quantity=1, total='119.00')
        mine = [('sale_order_id', '=', sale.id)]
        charges = group('ProductCharges', ('OurPricePrincipal', -50.0), ('OurPriceTax', -9.5))
        self.fetch(refund(sale, (item, 1, [charges]), posted='2026-11-10T10:00:00Z'))
        self.assertEqual(self.read_sums('refunds', 'refunds_estimate', domain=mine),
                         {'refunds': 0, 'refunds_estimate': -50})
        self.assertEqual(self.read_sums('refunds_estimate', domain=[*mine, ('date', '>=', '2026-11-01')]),
                         {'refunds_estimate': -50})
        self.import_rows([row(REFUND, '-59.50', sale.amazon_order_ref, posted='2026-11-11')], ref='501')
        self.assertEqual(self.read_sums('refunds', 'refunds_estimate', domain=mine),
                         {'refunds': -50, 'refunds_estimate': 0})
        self.assertEqual(self.read_sums('sales', 'refunds', domain=[*mine, ('date', '>=', '2026-11-01')]),
                         {'sales': 0, 'refunds': -50})

    def test_tax_that_amazon_remits_is_nobodys_sale(self):
        self.set_rate('USD', 2)
        parts = [('ITEM', '39.99'), ('TAX', '10.00', {'ITEM': '10.00'})]
        sale = self.receive_sale(
            payloads.order(payloads.item(total='49.99', parts=parts, currency='USD', remitted=True, shipped=1),
                           market='US', status='SHIPPED', ref='111-0000001-0000001'))
        kind = 'MarketplaceFacilitatorTax-Principal'
        rows = [(PRINCIPAL, '39.99'), (('Order', 'ItemPrice', 'Tax'), '10.00'),
                (('Order', 'ItemWithheldTax', kind), '-10.00'), (REFUND, '-39.99'),
                (('Refund', 'ItemPrice', 'Tax'), '-10.00'), (('Refund', 'ItemWithheldTax', kind), '10.00')]
        self.import_rows([row(kind, amount, sale.amazon_order_ref, market='Amazon.com') for kind, amount in rows],
                         currency='USD')
        sums = self.read_sums('sales', 'refunds', 'own_sales', 'own_refunds', domain=[('sale_order_id', '=', sale.id)])
        self.assertEqual({name: round(value, 1) for name, value in sums.items()},
                         {'sales': 20.0, 'refunds': -20.0, 'own_sales': 40.0, 'own_refunds': -40.0})

    def test_orders_that_are_not_in_odoo_are_known_by_settlements(self):
        ref = '302-7777777-7777777'
        self.import_rows([row(PRINCIPAL, '119.00', ref, sku='SKU-A', quantity_purchased=1),
                          row(PROMOTION, '-19.00', ref, sku='SKU-A'), row(COMMISSION, '-15.00', ref, sku='SKU-A')])
        self.assertEqual(self.read_sums('units', 'sales', 'discounts', 'fees', 'profit'),
                         {'units': 1, 'sales': 100, 'discounts': -19, 'fees': -15, 'profit': 85})
        sale = self.receive_sale(payloads.order(payloads.item(total='100.00', shipped=1), ref=ref, status='SHIPPED'))
        sums = self.read_sums('units', 'sales', 'fees')
        self.assertEqual(sums, {'units': 1, 'sales': round(sale.amount_untaxed, 2), 'fees': -15})

    def test_amounts_of_several_currencies_are_never_added(self):
        self.env['res.currency.rate'].search([('currency_id', '=', self.env.ref('base.GBP').id)]).unlink()
        sale, _item = self.sell(quantity=1, total='119.00')
        foreign = self.receive_sale(payloads.order(
            payloads.item(total='50.00', currency='GBP', shipped=1), market='GB', status='SHIPPED'))
        untaxed = foreign.amount_untaxed
        both = [('sale_order_id', 'in', (sale + foreign).ids)]
        self.assertEqual(self.read_sums('sales', domain=both), {'sales': 100}, "no rate: left out")
        self.assertEqual(self.read_sums('units', domain=[*both, ('is_converted', '=', False)]), {'units': 1})
        self.set_rate('GBP', 0.5)
        self.assertEqual(self.read_sums('sales', 'own_sales', domain=both),
                         {'sales': round(100 + 2 * untaxed, 2), 'own_sales': 0})
        self.assertEqual(self.read_sums('own_sales', domain=both, by='currency_id'), {
            sale.currency_id: {'own_sales': 100}, foreign.currency_id: {'own_sales': round(untaxed, 2)}})

    def test_a_filter_on_a_month_reaches_the_tables(self):
        self.env.flush_all()
        query = self.env['amazon.analysis']._search([('date', '>=', '2026-10-01'), ('date', '<', '2026-11-01')])
        plan = '\n'.join(row[0] for row in self.env.execute_query(SQL("EXPLAIN %s", query.select())))
        for column in ('date_order', 'posted_date', 'end_date'):
            self.assertRegex(plan, rf"(Cond|Filter): .*{column} >= '2026-10-01", column)
        self.assertNotRegex(plan, r"Filter: .*fact\.date", "nothing is read and left out afterwards")

    def test_others_see_nothing(self):
        self.sell()
        other = self.env['res.company'].create({'name': "Elsewhere"})
        user = new_test_user(self.env, 'analyst', 'amazon_connector.group_amazon_user', company_id=other.id,
                             company_ids=[Command.set(other.ids)])
        self.env.flush_all()
        mine = [('seller_id', '=', self.seller.id)]
        facts = self.env['amazon.analysis'].with_user(user).with_context(allowed_company_ids=other.ids)
        self.assertTrue(self.env['amazon.analysis'].search(mine))
        self.assertFalse(facts.search(mine))
        salesman = new_test_user(self.env, 'seller', 'sales_team.group_sale_salesman')
        with self.assertRaises(AccessError):
            facts.with_user(salesman).search(mine)

    def test_a_fact_opens_its_document(self):
        self.know_fees((COMMISSION, '-11.90'))
        sale, _item = self.sell()
        self.env.flush_all()
        facts = self.env['amazon.analysis'].search([('seller_id', '=', self.seller.id)])
        opened = {(action['res_model'], action['res_id']) for action in (fact.action_open() for fact in facts)}
        self.assertEqual(opened, {('sale.order', sale.id), (
            'amazon.settlement', self.env['amazon.settlement'].search([('seller_id', '=', self.seller.id)]).id)})


@tagged('post_install', '-at_install')
class TestAnalysisSums(AnalysisCase):
    """Random orders, refunds and fees of two companies in three currencies: the sums are those of what was drawn."""

    def setUp(self):
        super().setUp()
        self.random = random.Random(7)
        self.rates = {'EUR': [('2020-01-01', 1)], 'GBP': [('2026-01-01', 0.8), ('2026-10-10', 0.5)],
                      'USD': [('2026-01-01', 1.25), ('2026-10-10', 1.6)]}
        self.env['res.currency.rate'].search([('currency_id.name', 'in', list(self.rates))]).unlink()
        self.other = self._make_other_seller()
        for code, rates in self.rates.items():
            for date, rate in rates:
                for company in self.sellers.company_id:
                    self.set_rate(code, rate, date, company)
        self.tax = self.env['account.tax'].create({
            'name': "Analysis 25", 'amount': 25, 'company_id': self.company.id, 'type_tax_use': 'sale',
            'country_id': self.company.account_fiscal_country_id.id,
            'tax_group_id': self.env['account.tax.group'].search([('company_id', '=', self.company.id)], limit=1).id})
        # They give orders their currency.
        self.pricelists = {(seller, code): self.env['product.pricelist'].create({
            'name': code, 'currency_id': self.env.ref(f'base.{code}').id, 'company_id': seller.company_id.id})
            for seller in self.sellers for code in self.rates}
        self.buyer = self.env['res.partner'].create({'name': "Buyer"})
        self.truth, self.rows = collections.Counter(), collections.defaultdict(list)

    @property
    def sellers(self):
        return self.seller | self.other

    def _make_other_seller(self):
        """A seller of a company whose books are in dollars."""
        company = self.env['res.company'].create({
            'name': "Analysis Inc", 'currency_id': self.env.ref('base.USD').id,
            'country_id': self.env.ref('base.us').id})
        self.env.user.company_ids |= company
        seller = self.seller.copy({'name': "Second", 'company_id': company.id, 'selling_partner_ref': 'A2TEST'})
        self.env['amazon.seller.marketplace']._update_from_amazon(
            seller, [self.participation(code) for code in SHOPS])
        return seller

    def draw(self, low, high):
        return self.random.randint(low * 100, high * 100) / 100

    def get_rate(self, code, date):
        return next(rate for since, rate in reversed(self.rates[code]) if since <= date)

    def count(self, measure, amount, factor):
        self.truth[measure] += amount * factor

    def make_order(self, number):
        seller, shop = self.random.choice(self.sellers), self.random.choice(list(SHOPS))
        code = payloads.MARKETPLACES[shop][1]
        market = seller.marketplace_ids.filtered(
            lambda market: market.marketplace_ref == payloads.MARKETPLACES[shop][0])
        date, taxes = f'2026-10-{self.random.randint(1, 20):02d}', seller == self.seller and shop == 'DE'
        # Of the other company, dollars are converted to euros at today's rate, pounds to dollars at the day's.
        factor = (1 / self.get_rate(code, date) if seller == self.seller else
                  self.get_rate('USD', date) / self.get_rate(code, date) / self.get_rate('USD', '2026-12-01'))
        order, lines = f'302-{number:07d}-0000777', []
        for position in range(self.random.randint(1, 3)):
            units, price, cost = self.random.randint(1, 4), self.draw(1, 50), self.draw(1, 20)
            lines.append({'amazon_charge': 'item', 'product_uom_qty': units, 'price_unit': price,
                          'purchase_price': cost, 'amazon_item_ref': f'{number}{position}', 'amazon_sku': 'SKU-A'})
            self.count('units', units, 1), self.count('goods', units * price, factor)
            self.count('cost', -units * cost, factor)
        discount, charge = -self.draw(0, 1), self.draw(0, 5)
        lines += [{'amazon_charge': kind, 'price_unit': amount, 'product_uom_qty': 1, 'purchase_price': 0}
                  for kind, amount in (('discount', discount), ('shipping', charge), ('tax', self.draw(0, 9)))
                  if kind != 'tax' or shop == 'US']
        self.count('discounts', discount, factor), self.count('charges', charge, factor)
        sale = self.env['sale.order'].with_company(seller.company_id).create({
            'partner_id': self.buyer.id, 'company_id': seller.company_id.id, 'date_order': date,
            'amazon_order_ref': order, 'amazon_marketplace_id': market.id, 'amazon_channel': 'fbm',
            'pricelist_id': self.pricelists[seller, code].id, 'order_line': [Command.create({
                'name': line['amazon_charge'], 'product_id': self.product.id, 'amazon_charge_of': line['amazon_charge'],
                'tax_ids': [Command.set(self.tax.ids if taxes else [])], **line}) for line in lines]})
        if self.random.random() < 0.8:
            self.settle(sale, seller, code, shop, sum(
                line['price_unit'] * line['product_uom_qty'] for line in lines if line['amazon_charge'] != 'tax'),
                factor, 1.25 if taxes else 1)
        return sale

    def settle(self, sale, seller, code, shop, net, factor, with_tax):
        """Draw the rows of an order; some have a refund."""
        rows = [(PRINCIPAL, sale.amount_total), (COMMISSION, -self.draw(0, 5)), (FBA_FEE, -self.draw(0, 3)),
                (LABEL, -self.draw(0, 6))]
        if self.random.random() < 0.4:
            part = self.random.choice((0.5, 1))
            rows += [(REFUND, -round(part * sale.amount_total, 2)), (REFUND_COMMISSION, self.draw(0, 2))]
            self.count('refunds', rows[-2][1] * net / sale.amount_total, factor)
        for kind, amount in rows:
            if kind not in (PRINCIPAL, REFUND):
                self.count(MEASURES[kind], round(amount, 2), factor)
        self.rows[seller, code] += [row(kind, round(amount, 2), sale.amazon_order_ref, market=SHOPS[shop], sku='SKU-A')
                                    for kind, amount in rows]

    def add_costs(self, seller, code):
        factor = 1 / self.get_rate(code, '2026-10-20') if seller == self.seller else (
            self.get_rate('USD', '2026-10-20') / self.get_rate(code, '2026-10-20') / self.get_rate('USD', '2026-12-01'))
        for kind in (ADVERTISING, STORAGE, LOST):
            amount = self.draw(1, 30)
            self.count(MEASURES[kind], amount, factor)
            self.rows[seller, code].append(row(kind, amount, market='', posted='2026-10-20'))
        self.rows[seller, code].append(row(RESERVE, '-100.00', market='', posted='2026-10-20'))

    def test_sums_are_those_of_orders_and_settlements(self):
        sales = self.env['sale.order'].concat(*(self.make_order(number) for number in range(1, 61)))
        self.assertEqual(set(sales.currency_id.mapped('name')), set(self.rates))
        for seller, code in list(self.rows):
            self.add_costs(seller, code)
        for number, ((seller, code), rows) in enumerate(self.rows.items()):
            self.env['amazon.settlement']._import_file(seller, document(rows, ref=f'8{number}', currency=code))
        sales._amazon_update_fees()
        sums = self.read_sums(*self.truth)
        for measure, amount in self.truth.items():
            self.assertAlmostEqual(sums[measure], amount, delta=0.02, msg=measure)
        self.assert_profit_is_the_margin_of_orders(sales)
        self.assert_rows_are_all_there()

    def assert_profit_is_the_margin_of_orders(self, sales):
        found, checked = self.read_sums('own_profit', by='sale_order_id'), 0
        for sale in sales:
            tax = sum(sale.order_line.filtered(lambda line: line.amazon_charge == 'tax').mapped('price_subtotal'))
            if sale.amazon_margin_state == 'settled' and not tax:
                checked += 1
                self.assertAlmostEqual(found[sale]['own_profit'], sale.amazon_margin, delta=0.02)
        self.assertGreater(checked, 10)

    def assert_rows_are_all_there(self):
        """In each currency, what settlements say beside sales, tax and reserves."""
        found = self.read_sums('own_fees', by='currency_id')
        lines = self.env['amazon.settlement.line'].search([('settlement_id.seller_id', 'in', self.sellers.ids)])
        fees = lines.filtered(lambda line: line.treatment == 'fee' and line.rule_id.account_kind != 'shipping')
        for currency, of_currency in fees.grouped('currency_id').items():
            self.assertAlmostEqual(found[currency]['own_fees'], sum(of_currency.mapped('amount')), delta=0.02)

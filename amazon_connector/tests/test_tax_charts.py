from odoo.tests import tagged

from .payloads import address, item, order
from .tax_common import TaxCase, buyer


class ChartCase(TaxCase):
    """A company with the chart of its country, which takes Odoo some seconds to load."""

    chart_code = country = None
    currency, market = 'EUR', 'FR'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Only for the headings of reports, and it takes Odoo long.
        cls.classPatch(cls.registry['account.group'], '_adapt_parent_account_group', lambda *_args, **_kwargs: None)
        cls.own, cls.own_seller = cls.make_seller(f"Test {cls.country}", cls.country, cls.chart_code, cls.currency,
                                                  markets=cls.markets)

    def sell(self, total, tax=None, **more):
        return super().sell(total, tax, seller=self.own_seller,
                            **{'to': self.country, 'market': self.markets[0], **more})

    def of_chart(self, name):
        return self.env.ref(f'account.{self.own.id}_{name}')


@tagged('post_install', '-at_install')
class TestFrenchTaxes(ChartCase):
    chart_code, country, markets = 'fr', 'FR', ('FR', 'DE')

    def test_archived_rates_of_the_chart(self):
        self.assert_taxed(self.sell('120.00', '20.00'), 20, 20)
        tax = self.of_chart('tva_intermediaire')
        self.assertFalse(tax.active)
        row, same = self.sell('110.00', '10.00'), self.sell('11.00', '1.00')
        self.assert_waits(row, "France", "10.00 %")
        self.assertIn(tax.name, row.next_step)
        self.assertEqual(self.assert_taxed(self.accept(row), 10, 10), tax)
        same._process()
        for later in (same, self.sell('22.00', '2.00')):
            self.assertEqual(self.taxes(later), tax)

    def test_small_amounts_lead_to_rates_that_the_chart_has(self):
        """0.11 of 1.25 are 9.65 %, which no country has."""
        row = self.sell('1.25', '0.11')
        self.assert_waits(row, "10.00 %")
        self.assertEqual(self.assert_taxed(self.accept(row), 10, 0.11), self.of_chart('tva_intermediaire'))

    def test_an_archived_group_counts_by_its_archived_parts(self):
        parts = self.make_tax(self.own, "part of 3 %", 3, active=False) | self.make_tax(
            self.own, "part of 4 %", 4, active=False)
        group = self.make_tax(self.own, "3 + 4 %", 100, amount_type='group', children_tax_ids=[(6, 0, parts.ids)],
                              active=False, fiscal_position_ids=[(6, 0, self.own.domestic_fiscal_position_id.ids)])
        row = self.sell('107.00', '7.00')
        self.assert_waits(row, "7.00 %")
        self.assertEqual(self.taxes(self.accept(row)), group)
        self.assertEqual(row.sale_order_id.amount_tax, 7)

    def test_exports_and_businesses_by_the_charts_own_positions(self):
        self.assertEqual(self.assert_taxed(self.sell('100.00', to='CH'), 0, 0), self.of_chart('tva_sale_good_export_0'))
        self.assertEqual(self.assert_taxed(self.sell('100.00', '0.00', to='DE', number='DE136695976'), 0, 0),
                         self.of_chart('tva_sale_good_intra_0'))

    def test_consumers_below_the_threshold_pay_the_sellers_tax(self):
        self.assertEqual(self.assert_taxed(self.sell('120.00', to='DE'), 20, 20), self.of_chart('tva_normale'))


@tagged('post_install', '-at_install')
class TestItalianTaxes(ChartCase):
    chart_code, country, markets = 'it', 'IT', ('FR',)

    def test_four_percent_are_no_contribution_to_social_security(self):
        social = self.of_chart('4vinps')
        social.active = True
        row = self.sell('104.00', '4.00')
        if row.state == 'error':
            self.assert_waits(row, "Italy", "4.00 %")
            self.accept(row)
        self.assertEqual(self.assert_taxed(row, 4, 4), self.of_chart('4v'))
        self.assert_taxed(self.sell('122.00', '22.00'), 22, 22)


@tagged('post_install', '-at_install')
class TestSpanishTaxes(ChartCase):
    chart_code, country, markets = 'es_pymes', 'ES', ('FR',)

    def test_taxes_that_other_positions_keep_are_those_at_home(self):
        """Fiscal positions for withholding keep the tax of a sale and add another one."""
        for total, tax, rate in (('121.00', '21.00', 21), ('110.00', '10.00', 10)):
            self.assertEqual(self.assert_taxed(self.sell(total, tax), rate, rate),
                             self.of_chart(f'account_tax_template_s_iva{rate}b'))


@tagged('post_install', '-at_install')
class TestAmericanTaxes(ChartCase):
    """Amazon collects by law: its tax is on top, and never the company's."""

    chart_code, country, currency, markets = 'generic_coa', 'US', 'USD', ('US', 'CA')

    def check(self, row, total, tax):
        self.assertEqual((row.state, row.sale_order_id.state), ('done', 'sale'), row.error)
        sale = row.sale_order_id
        self.assertFalse(sale.order_line.tax_ids)
        self.assertEqual((sale.amount_total, sale.amount_tax), (total, 0))
        lines = sale.order_line.filtered(lambda line: line.product_id == sale.amazon_marketplace_id.tax_product_id)
        self.assertEqual(sum(lines.mapped('price_total')), tax)

    def test_with_and_without_a_word_who_collects(self):
        self.assertTrue(self.own.account_sale_tax_id, "the company has a default tax, which is not to be used")
        for remitted in (True, False):
            self.check(self.sell('108.88', '8.88', on_top=True, remitted=remitted), 108.88, 8.88)
        self.check(self.sell('100.00'), 100, 0)
        self.check(self.sell('100.00', '0.00'), 100, 0)

    def test_some_items_taxed_others_not(self):
        payload = order(item(total='108.88', parts=[('ITEM', '100.00'), ('TAX', '8.88')], currency='USD'),
                        item('SKU-B', total='20.00', currency='USD'), market='US', to=address(country='US'))
        self.check(self.receive_by(self.own_seller, payload), 128.88, 8.88)

    def test_whatever_the_setting_says(self):
        self.own_seller.marketplace_ids.tax_policy = 'rate'
        self.check(self.sell('108.88', '8.88', on_top=True), 108.88, 8.88)


@tagged('post_install', '-at_install')
class TestCanadianTaxes(ChartCase):
    """The province where goods arrive decides."""

    chart_code, country, markets, currency = 'ca_2023', 'CA', ('CA',), 'CAD'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = ('gst_sale_tax_5', 'gstpst_sale_tax_12_bc', 'gstqst_sale_tax_14975', 'hst_sale_tax_13',
                 'hst_sale_tax_14')
        cls.gst, cls.bc, cls.qc, cls.hst, cls.nova_scotia = (cls.env.ref(f'account.{cls.own.id}_{name}')
                                                             for name in names)

    def sell(self, total, tax, province, **more):
        return super().sell(total, tax, to=buyer('CA', stateOrRegion=province), on_top=True, **more)

    def test_each_province_has_its_taxes(self):
        for province, total, tax, taxes in (('AB', '105.00', '5.00', self.gst), ('ON', '113.00', '13.00', self.hst),
                                            ('BC', '112.00', '12.00', self.bc), ('QC', '114.98', '14.98', self.qc),
                                            ('NS', '114.00', '14.00', self.nova_scotia),
                                            ('YT', '105.00', '5.00', self.gst)):
            row = self.sell(total, tax, province)
            self.assertEqual(self.taxes(row), taxes, province)
            self.assertAlmostEqual(row.sale_order_id.amount_tax, float(tax))
            self.assertAlmostEqual(row.sale_order_id.amount_total, float(total))

    def test_the_sum_is_parted_by_the_rates_of_the_province(self):
        sale = self.sell('114.98', '14.98', 'QC').sale_order_id
        sale.order_line.qty_delivered = 1
        taxes = sale._create_invoices().line_ids.filtered('tax_line_id')
        parts = {line.tax_line_id.amount: -line.balance for line in taxes}
        self.assertEqual({rate: round(amount, 2) for rate, amount in parts.items()}, {5: 5.00, 9.975: 9.98})

    def test_provincial_tax_that_amazon_remits(self):
        """The goods and services tax stays the seller's, the province's tax has a line of its own."""
        sale = self.sell('112.00', '12.00', 'BC', remitted=True).sale_order_id
        goods = sale.order_line.filtered('tax_ids')
        self.assertEqual(goods.tax_ids._amazon_get_original(), self.gst)
        self.assertEqual((goods.price_total, goods.price_tax), (105, 5))
        apart = sale.order_line - goods
        self.assertEqual((apart.price_total, apart.product_id), (7, sale.amazon_marketplace_id.tax_product_id))
        self.assertEqual((sale.amount_total, sale.state), (112, 'sale'))

    def test_harmonized_tax_stays_the_sellers(self):
        for province, total, tax, own in (('ON', '113.00', '13.00', self.hst),
                                          ('NS', '114.00', '14.00', self.nova_scotia)):
            sale = self.sell(total, tax, province, remitted=True).sale_order_id
            self.assertEqual((sale.order_line.tax_ids._amazon_get_original(), sale.amount_tax, sale.state),
                             (own, float(tax), 'sale'))

    def test_the_tax_of_the_province_alone(self):
        """Who does not use Amazon's tax calculation has its goods and services tax inside of the price; Amazon charges
        the province's.
        """
        for remitted in (True, None):
            for province, total, tax, own in (('BC', '107.00', '7.00', 4.76), ('QC', '109.98', '9.98', 4.76)):
                sale = self.sell(total, tax, province, remitted=remitted).sale_order_id
                goods = sale.order_line.filtered('tax_ids')
                self.assertEqual(goods.tax_ids._amazon_get_original(), self.gst)
                self.assertEqual((goods.price_total, round(goods.price_tax, 2), sale.amount_total, sale.state),
                                 (100, own, float(total), 'sale'))

    def test_goods_that_the_province_does_not_tax(self):
        sale = self.sell('105.00', '5.00', 'BC', remitted=True).sale_order_id
        self.assertEqual((sale.order_line.tax_ids._amazon_get_original(), sale.amount_tax, sale.amount_total),
                         (self.gst, 5, 105))

    def test_a_small_supplier_has_no_tax_of_its_own(self):
        """Whoever is not registered owes none: Amazon does, for all of it."""
        self.own.account_sale_tax_id = False
        self.product.taxes_id = False
        sale = self.sell('113.00', '13.00', 'ON', remitted=True).sale_order_id
        self.assertEqual((sale.amount_tax, sale.amount_total, sale.state), (0, 113, 'sale'))
        self.assertEqual(sale.order_line.filtered(lambda line: line.amazon_charge == 'tax').price_total, 13)

    def test_provinces_in_other_words(self):
        for spelling, total, tax, taxes in (('Québec', '114.98', '14.98', self.qc),
                                            ('P.E.I.', '115.00', '15.00', self.of_chart('hst_sale_tax_15')),
                                            ('B.C.', '112.00', '12.00', self.bc)):
            self.assertEqual(self.taxes(self.sell(total, tax, spelling)), taxes, spelling)
        row = ChartCase.sell(self, '113.00', to=buyer('CA', stateOrRegion='', postalCode='M5V 2T6'))
        self.assertEqual(self.taxes(row), self.hst, "by the postal code")

    def test_a_tax_that_is_nobodys_by_its_name_is_asked_for(self):
        province = self.bc.children_tax_ids - self.gst
        province.name, province.tax_group_id = "Seven", self.env['account.tax.group'].create(
            {'name': "Taxes", 'company_id': self.own.id})
        row = self.sell('112.00', '12.00', 'BC', remitted=True)
        self.assertEqual(row.state, 'error')
        self.assertIn("tax group", row.error)
        province.tax_group_id.name = "PST"
        row.action_retry()
        row._process()
        self.assertEqual(self.taxes(row), self.gst)

    def test_a_province_that_amazon_does_not_state_is_not_abroad(self):
        """Odoo finds the position of exports, which is for all places that no other is for."""
        zero = self.of_chart('int_sale_tax_0')
        self.assertEqual(self.taxes(ChartCase.sell(self, '100.00', to=buyer('MX'))), zero)
        row = ChartCase.sell(self, '113.00', to=buyer('CA', stateOrRegion="Somewhere", postalCode='?'))
        self.assert_waits(row, "Canada")
        self.assertFalse(row.has_tax_proposal, "no export within the country")
        self.assertFalse(row.sale_order_id.fiscal_position_id & self.of_chart('fiscal_position_template_intl'))

    def test_items_of_one_order_are_split_by_themselves(self):
        collected = {'taxCollections': [{'model': 'MARKETPLACE_FACILITATOR', 'responsibleParty': 'Amazon'}]}
        payload = order(item(total='112.00', parts=[('ITEM', '100.00'), ('TAX', '12.00')], currency='CAD',
                             tax=collected),
                        item('SKU-B', total='11.20', parts=[('ITEM', '10.00'), ('TAX', '1.20')], currency='CAD'),
                        market='CA', to=buyer('CA', stateOrRegion='BC'))
        sale = self.receive_by(self.own_seller, payload).sale_order_id
        self.assertAlmostEqual(sale.amount_tax, 5 + 1.20)
        self.assertAlmostEqual(sum(sale.order_line.filtered(lambda line: not line.tax_ids).mapped('price_total')), 7)
        self.assertEqual(sale.amount_total, 123.20)


@tagged('post_install', '-at_install')
class TestMexicanTaxes(TaxCase):
    """What Amazon withholds is a part of the tax that the seller declares."""

    def test_withheld_tax_stays_the_sellers(self):
        own, seller = self.make_seller("Test Mexico", 'MX', currency='MXN', markets=('MX',))
        own.account_sale_tax_id = self.make_tax(own, "IVA 16%", 16)
        self.make_tax(own, "Exento", 0)
        row = self.sell('1160.00', '160.00', to='MX', market='MX', seller=seller, on_top=True, remitted=True)
        self.assertEqual(self.assert_taxed(row, 16, 160), own.account_sale_tax_id)
        self.assertEqual(row.sale_order_id.amount_total, 1160)


@tagged('post_install', '-at_install')
class TestPlainTaxes(TaxCase):
    """A company with one tax and no fiscal position at all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own, cls.own_seller = cls.make_seller("Test Plain", 'CH', currency='EUR', markets=('DE', 'FR'))
        cls.own.account_sale_tax_id = cls.make_tax(cls.own, "8.1%", 8.1)
        cls.reduced = cls.make_tax(cls.own, "2.6%", 2.6)
        cls.make_tax(cls.own, "held back", -8)
        cls.own_seller.marketplace_ids.tax_policy = 'rate'
        cls.own_seller.marketplace_ids.fba_country_id = cls.own.country_id

    def sell(self, total, tax=None, **more):
        return super().sell(total, tax, seller=self.own_seller, **{'to': 'CH', **more})

    def test_home_and_abroad(self):
        self.assert_taxed(self.sell('108.10', '8.10'), 8.1, 8.10)
        self.assertEqual(self.assert_taxed(self.sell('102.60', '2.60'), 2.6, 2.60), self.reduced)
        row = self.sell('100.00', to='DE')
        self.assert_waits(row, "Switzerland", "Germany")
        taxes = self.assert_taxed(self.accept(row), 0, 0)
        self.assertEqual(taxes.company_id, self.own)
        remitted = self.sell('119.00', '19.00', to='DE', scheme='IOSS', remitted=True)
        self.assertEqual(self.taxes(remitted), taxes, "Amazon's import one stop shop: the buyer's tax is Amazon's, the "
                         "sale an export")
        self.assertEqual((remitted.sale_order_id.amount_tax, remitted.sale_order_id.amount_total), (0, 119))
        ordinary = self.env['account.fiscal.position'].with_company(self.own)._get_fiscal_position(
            self.env['res.partner'].create({'name': "Own customer", 'country_id': self.env.ref('base.de').id}))
        self.assertFalse(ordinary, "the company's own sales to Germany are as before")

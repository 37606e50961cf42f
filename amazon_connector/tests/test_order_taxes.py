import random
from decimal import ROUND_HALF_UP, Decimal

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.modules.migration import load_script
from odoo.tests import Form, tagged

from ..utils.price_plan import PricePlan
from ..utils.tax_places import TaxPlaces
from .payloads import breakdown, cents, item, later, order
from .tax_common import TaxCase, buyer, vat

CENT = Decimal('0.01')


@tagged('post_install', '-at_install')
class TestOrderTaxes(TaxCase):
    """A German company with the One Stop Shop, its products at 19 %: the tax of each order is its country's, and
    Amazon's to the cent.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company._map_eu_taxes()
        cls.company.vat = 'DE136695976'

    def shop(self, country):
        return self.env['account.fiscal.position'].search([
            ('company_id', '=', self.company.id), ('country_id.code', '=', country), ('name', '=like', 'OSS%')])

    def chart(self, name):
        return self.env.ref(f'account.{self.company.id}_{name}')

    # === THE RIGHT ANSWERS === #

    def test_a_consumer_in_france_pays_french_tax(self):
        taxes = self.assert_taxed(self.sell('120.00', '20.00', to='FR'), 20, 20, self.shop('FR'))
        self.assertEqual(taxes.fiscal_position_ids, self.shop('FR'), "not the Austrian tax of the same rate")

    def test_a_consumer_in_france_pays_french_tax_that_amazon_does_not_state(self):
        row = self.sell('120.00', to='FR')
        self.assert_taxed(row, 20, 20, self.shop('FR'))
        self.assertEqual(row.sale_order_id.amount_untaxed, 100)

    def test_a_consumer_in_austria_pays_austrian_tax(self):
        taxes = self.assert_taxed(self.sell('120.00', '20.00', to='AT'), 20, 20, self.shop('AT'))
        self.assertEqual(taxes.fiscal_position_ids, self.shop('AT'))

    def test_a_business_in_france_is_an_intra_community_supply(self):
        for number, stated in (('FR23334175221', '0.00'), ('FR83404833048', None)):
            row = self.sell('100.00', stated, to='FR', number=number)
            taxes = self.assert_taxed(row, 0, 0, self.chart('fiscal_position_eu_vat_id_partner_skr03'))
            self.assertEqual(taxes, self.chart('tax_eu_sale_skr03'))
            self.assertTrue(taxes.invoice_repartition_line_ids.tag_ids, "it has its box of the tax report")

    def test_a_sale_to_switzerland_is_an_export_once_somebody_said_so(self):
        first, second = self.sell('100.00', to='CH'), self.sell('80.00', '0.00', to='CH')
        self.assert_waits(first, "Germany", "Switzerland")
        self.accept(first)
        second._process()
        for row in (first, second, self.sell('50.00', to='CH')):
            taxes = self.assert_taxed(row, 0, 0, self.chart('fiscal_position_non_eu_partner_skr03'))
            self.assertEqual(taxes, self.chart('tax_export_skr03'))
        self.assertFalse(self.chart('fiscal_position_non_eu_partner_skr03').auto_apply,
                         "sales of the company's own are as before")
        business = self.sell('70.00', to=buyer('CH', city="Basel"), number='CHE123456788TVA',
                             email='ch@marketplace.amazon.de')
        for row in (self.sell('60.00', to='NO'), business):
            self.assert_taxed(row, 0, 0, self.chart('fiscal_position_non_eu_partner_skr03'))

    def test_a_consumer_at_home_pays_tax_though_amazon_says_zero(self):
        self.assert_taxed(self.sell('119.00', '0.00'), 19, 19)

    def test_slovakia_twice(self):
        for _time in range(2):
            taxes = self.assert_taxed(self.sell('123.00', '23.00', to='SK'), 23, 23, self.shop('SK'))
            self.assertEqual(taxes.fiscal_position_ids, self.shop('SK'))

    def test_great_britain_and_northern_ireland(self):
        britain = self.sell('100.00', to=buyer('GB', postalCode='SW1A 1AA'))
        ulster = self.sell('120.00', '20.00', to=buyer('GB', postalCode='BT1 5GS'))
        self.assert_waits(britain, "United Kingdom")
        self.assert_waits(ulster, "Northern Ireland")
        self.assert_taxed(self.accept(britain), 0, 0, self.chart('fiscal_position_non_eu_partner_skr03'))
        ulster._process()
        self.assert_waits(ulster, "Northern Ireland")
        taxes = self.assert_taxed(self.accept(ulster), 20, 20)
        self.assertEqual(taxes.fiscal_position_ids.country_id.code, 'XI')
        self.assertFalse(taxes.fiscal_position_ids.auto_apply, "only Amazon's orders take it")
        self.assert_taxed(self.sell('119.00', '19.00'), 19, 19)

    def test_a_business_in_northern_ireland(self):
        row = self.sell('100.00', to=buyer('GB', postalCode='BT1 5GS'), number='XI110305878')
        if row.sale_order_id.partner_id.vat:
            self.assert_waits(row, "businesses", "Northern Ireland")
            self.assert_taxed(self.accept(row), 0, 0, self.chart('fiscal_position_eu_vat_id_partner_skr03'))

    # === AMAZON'S AMOUNT IS A CHECK === #

    def test_a_business_at_home_pays_tax(self):
        self.assert_taxed(self.sell('119.00', '19.00', number='DE136695976'), 19, 19)

    def test_a_business_at_home_pays_tax_where_the_chart_is_of_an_earlier_version(self):
        """The position for the Union, for partners with a number, came before the one for everybody at home."""
        self.env['account.fiscal.position'].search(
            [('company_id', '=', self.company.id), ('country_id', '=', self.company.country_id.id)]
        ).vat_required = False
        self.assert_taxed(self.sell('119.00', '19.00', number='DE136695976'), 19, 19)

    def test_reduced_rates_of_the_same_country(self):
        self.assert_taxed(self.sell('10.70', '0.70'), 7, 0.70)
        self.assertEqual(self.assert_taxed(self.sell('10.55', '0.55', to='FR'), 5.5, 0.55).fiscal_position_ids,
                         self.shop('FR'))

    def test_a_rate_that_the_country_does_not_have_waits_and_is_made_by_one_click(self):
        row = self.sell('110.00', '10.00', to='FR')
        self.assert_waits(row, "France", "10.00 %")
        before = self.shop('FR').map_tax(self.company.account_sale_tax_id)
        taxes = self.assert_taxed(self.accept(row), 10, 10, self.shop('FR'))
        self.assertEqual(taxes.fiscal_position_ids, self.shop('FR'))
        self.assertEqual(self.shop('FR').map_tax(self.company.account_sale_tax_id), before,
                         "sales of the company's own are as before")
        self.assert_taxed(self.sell('11.00', '1.00', to='FR'), 10, 1)

    def test_no_tax_is_made_of_a_rate_that_is_not_sure(self):
        row = self.sell('1.25', '0.11', to='FR')
        self.assert_waits(row, "France", "9.65 %")
        self.assertFalse(row.has_tax_proposal)
        self.accept(self.sell('110.00', '10.00', to='FR'))
        row._process()
        self.assert_taxed(row, 10, 0.11, self.shop('FR'))

    def test_a_tax_is_made_of_the_rate_of_the_law(self):
        """Amazon's tax by Amazon's net is 13.52 %, and a tax of 14 % is archived."""
        archived = self.make_tax(self.company, "14% FR", 14, active=False,
                                 fiscal_position_ids=[(6, 0, self.shop('FR').ids)])
        first, second = self.sell('9.99', '1.19', to='FR'), self.sell('12.49', '1.49', to='FR',
                                                                      email='second@marketplace.amazon.de')
        self.assert_waits(first, "13.50 %")
        self.assertEqual(self.assert_taxed(self.accept(first), 13.5, 1.19).amount, 13.5)
        self.assertFalse(archived.active)
        second._process()
        self.assert_taxed(second, 13.5, 1.49)
        self.assert_taxed(self.sell('500.00', '59.47', to='FR'), 13.5, 59.47)

    def test_an_order_that_lacks_its_product_and_its_tax_is_not_confirmed(self):
        entry = item(sku='NEVER-SEEN', total='120.00', parts=[('ITEM', '120.00')])
        row = self.receive_by(self.seller,
                              order(entry, to=buyer('CH'), email='ch@marketplace.amazon.de', name="Buyer CH"))
        self.assertIn("No product", row.error)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            row.sale_order_id.action_confirm()
        row.action_retry()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            row.sale_order_id.action_confirm()

    def test_a_question_of_tax_is_not_resolved_away(self):
        row = self.sell('100.00', to='CH')
        with self.assertRaisesRegex(UserError, "sold without tax"):
            row.action_resolve()
        row.sale_order_id._action_cancel()
        row.action_resolve()
        self.assertEqual(row.state, 'done')

    def test_a_quotation_that_was_sent_gets_its_tax(self):
        row = self.sell('100.00', to='CH')
        row.sale_order_id.state = 'sent'
        row.action_accept_tax()
        row._process()
        self.assert_taxed(row, 0, 0)

    def test_an_order_that_costs_nothing_has_no_tax_to_ask_for(self):
        self.german.tax_believed = True
        row = self.sell('0.00', '0.00', parts=[('ITEM', '20.00'), ('DISCOUNT', '20.00', {'ITEM': '20.00'})])
        self.assertEqual((row.state, row.sale_order_id.amount_total), ('done', 0), row.error)

    def test_a_tax_that_is_chosen_is_remembered_for_country_and_rate(self):
        row = self.sell('112.00', '12.00')
        self.assert_waits(row, "Germany", "12.00 %")
        self.assertFalse(row.has_tax_proposal)
        tax = self.make_tax(self.company, "12 %", 12)
        wizard = self.env['amazon.tax.choose'].with_context(**row.action_choose_tax()['context']).create({})
        self.assertEqual((wizard.kind, wizard.reason), ('rate', row.error))
        orders = self.env['amazon.order']
        self.assertIn(row, orders.search([('has_tax_question', '=', True)]))
        self.assertNotIn(row, orders.search([('has_tax_question', '=', False)]))
        for wrong in (self.chart('tax_vst_19_skr03'), self.chart('tax_ust_19_skr03'),
                      self.make_tax(self.company, "held", -12)):
            wizard.tax_id = wrong
            with self.assertRaises(UserError), self.env.cr.savepoint():
                wizard.action_choose()
        wizard.tax_id = tax
        wizard.action_choose()
        row._process()
        self.assertEqual(self.assert_taxed(row, 12, 12), tax)
        self.assertEqual(self.assert_taxed(self.sell('11.20', '1.20'), 12, 1.20), tax)
        choice = self.env['amazon.tax.rate'].search([('tax_id', '=', tax.id)])
        self.assertEqual((choice.country_id.code, choice.rate, choice.company_id), ('DE', 12, self.company))

    def test_a_rate_of_another_country_is_never_taken(self):
        self.assert_waits(self.sell('120.00', '20.00'), "Germany", "20.00 %")
        self.assert_waits(self.sell('119.00', '19.00', to='FR'), "France", "19.00 %")

    def test_the_one_stop_shop_as_amazon_says(self):
        self.assert_taxed(self.sell('120.00', '20.00', to='FR', scheme='UOSS'), 20, 20, self.shop('FR'))
        self.shop('FR').active = False
        self.assert_waits(self.sell('120.00', '20.00', to='FR', scheme='UOSS'), "One Stop Shop", "France")

    def test_zero_is_believed_where_amazon_calculates(self):
        self.german.tax_believed = True
        self.assertEqual(self.assert_taxed(self.sell('100.00', '0.00'), 0, 0), self.chart('tax_not_taxable_skr03'))
        self.assert_taxed(self.sell('119.00'), 19, 19)
        self.assert_waits(self.sell('100.00', '0.00', to='FR'), "France", "0.00 %")

    def test_whether_amazon_calculates_is_proposed_from_the_orders_read(self):
        self.german.tax_stated_count = 10
        self.sell('119.00', '19.00')
        self.assertIn("11 of 11", self.german.tax_proposal)
        self.german.action_accept_tax_proposal()
        self.assertTrue(self.german.tax_believed)
        self.assertFalse(self.german.tax_proposal)

    def test_goods_from_a_warehouse_abroad(self):
        """Polish stock: Poles pay Polish tax where the company is registered, others in the Union theirs, and nobody
        the German one.
        """
        self.german.warehouse_id.partner_id = self.env['res.partner'].create(
            {'name': "Magazyn", 'country_id': self.env.ref('base.pl').id})
        self.assert_taxed(self.sell('120.00', '20.00', to='FR'), 20, 20, self.shop('FR'))
        self.assert_waits(self.sell('100.00', '0.00', to='FR', number='FR23334175221'), "Poland", "France")
        self.assert_waits(self.sell('100.00', to='CH'), "Poland", "Switzerland")
        local = self.sell('123.00', '23.00', to='PL')
        self.assert_waits(local, "Poland")
        group = self.env['account.tax.group'].create({'name': "PL", 'company_id': self.company.id,
                                                      'country_id': self.env.ref('base.pl').id})
        tax = self.make_tax(self.company, "PL 23", 23, country_id=self.env.ref('base.pl').id, tax_group_id=group.id)
        position = self.make_position(self.company, "Poland", [tax], country_id=self.env.ref('base.pl').id,
                                      foreign_vat='PL5260250995', sequence=1)
        local._process()
        self.assertEqual(self.assert_taxed(local, 23, 23, position), tax)
        self.assertEqual(self.assert_taxed(self.sell('12.30', to='PL'), 23, 2.30, position), tax)

    def test_a_registration_in_great_britain(self):
        """Odoo's own button makes the taxes of the country, which nothing maps to: the usual one is found all the same.
        """
        position = self.make_position(self.company, "United Kingdom", country_id=self.env.ref('base.uk').id,
                                      foreign_vat='GB980780684', sequence=1)
        position.action_create_foreign_taxes()
        britain = self.marketplace('GB')
        for stated in (None, '20.00'):
            row = self.sell('120.00', stated, to=buyer('GB', postalCode='SW1A 1AA'), market='GB', channel='AMAZON',
                            status='SHIPPED')
            self.assertEqual(britain.fba_country_id.code, 'GB')
            self.assertEqual(self.assert_taxed(row, 20, 20, position).country_id.code, 'GB')
        self.assert_taxed(self.sell('105.00', '5.00', to=buyer('GB', postalCode='SW1A 1AA'), market='GB',
                                    channel='AMAZON', status='SHIPPED'), 5, 5, position)

    def test_a_branch_has_the_taxes_of_the_nearest_level_that_has_some(self):
        """As on Odoo's own lines: not those of its parent beside them."""
        branch, seller = self.make_seller("Branch", 'DE', parent_id=self.company.id)
        usual, own = self.company.account_sale_tax_id, self.make_tax(branch, "Branch 7 %", 7)
        for taxes, rate in ((usual | own, 7), (usual, 19)):
            self.product.taxes_id = taxes
            sale_line = self.env['sale.order'].with_company(branch).create({
                'partner_id': self.env.user.partner_id.id, 'company_id': branch.id,
                'order_line': [Command.create({'product_id': self.product.id})]}).order_line
            self.assertEqual(sale_line.tax_ids.mapped('amount'), [rate])
            total = f'{100 + rate}.00'
            self.assert_taxed(self.sell(total, seller=seller), rate, rate)
            self.assertAlmostEqual(PricePlan(seller.marketplace_ids)._to_buyers_price(self.product, 100.0), 100 + rate)

    def test_the_position_of_a_branch_comes_before_that_of_its_parent(self):
        poland = self.env.ref('base.pl')
        branch, seller = self.make_seller("Branch", 'DE', parent_id=self.company.id)
        values = {'country_id': poland.id, 'foreign_vat': 'PL5260250995'}
        own = self.make_position(branch, "Poland, branch", sequence=5, **values)
        self.make_position(self.company, "Poland", sequence=1, **values)
        buyer = self.env['res.partner'].create({'name': "Kowalski", 'country_id': poland.id})
        self.assertEqual(TaxPlaces(seller.marketplace_ids).find(buyer, buyer, poland).position, own)

    def test_a_position_for_businesses_needs_a_number_that_is_valid(self):
        """VIES says whether it is, where the company asks it."""
        poland = self.env.ref('base.pl')
        business = self.make_position(self.company, "Poland", country_id=poland.id, foreign_vat='PL5260250995',
                                      sequence=1, vat_required=True)
        buyer = self.env['res.partner'].create({'name': "Kowalski", 'country_id': poland.id, 'vat': 'PL5260250995'})
        # Computed while no company asks VIES, so that the test calls no server.
        self.assertFalse(buyer.vies_valid)
        self.company.vat_check_vies = True
        for valid, position in ((False, business.browse()), (True, business)):
            buyer.vies_valid = valid
            self.assertEqual(TaxPlaces(self.german).find(buyer, buyer, poland).position, position)

    def test_a_nameless_buyer_is_taxed_where_the_goods_went(self):
        paris = {'city': "Paris", 'postalCode': '75011', 'countryCode': 'FR', 'name': ''}
        row = self.sell('120.00', '20.00', to=paris, channel='AMAZON', status='SHIPPED', email=None)
        self.assertEqual(row.sale_order_id.partner_id, self.german.anonymous_partner_id)
        self.assert_taxed(row, 20, 20, self.shop('FR'))

    def test_monaco_is_taxed_with_france(self):
        self.assert_taxed(self.sell('120.00', '20.00', to='MC'), 20, 20, self.shop('FR'))

    def test_amazon_as_the_supplier(self):
        """Amazon supplies the buyer and remits the tax; the seller's sale to Amazon is zero-rated, with its box."""
        export = self.chart('fiscal_position_non_eu_partner_skr03')
        self.env['amazon.tax.place']._remember(self.company, self.env.ref('base.de'), self.env.ref('base.uk'),
                                               False, export)
        row = self.sell('120.00', '20.00', to='GB', market='GB', remitted=True)
        self.assertEqual(self.taxes(row), self.chart('tax_export_skr03'))
        remitted = row.sale_order_id.order_line.filtered(lambda line: not line.tax_ids)
        self.assertEqual((remitted.price_total, row.sale_order_id.amount_total), (20, 120))

    # === TO THE CENT === #

    def test_tax_that_amazon_rounds_by_piece(self):
        row = self.sell('9.95', '1.60', quantity=5)
        self.assert_taxed(row, 19, 1.60)
        self.assertEqual(cents(row.sale_order_id.amount_untaxed, row.sale_order_id.amount_total), (8.35, 9.95))

    def test_tax_that_amazon_rounds_by_shipment(self):
        """Since June 2026 items of one rate share the tax of their shipment: one is a coin off, the sum is right."""
        items = [item(sku, total='1.99', parts=[('ITEM', str(Decimal('1.99') - Decimal(tax))), ('TAX', tax)])
                 for sku, tax in (('SKU-A', '0.32'), ('SKU-B', '0.32'), ('SKU-A', '0.31'))]
        row = self.receive_by(self.seller, order(*items, to=buyer('DE')))
        self.assert_taxed(row, 19, 0.95)
        self.assertEqual(row.sale_order_id.amount_total, 5.97)
        odd = self.receive_by(self.seller, order(*items[2:], to=buyer('DE')))
        self.assert_waits(odd, "18.50 %")

    def test_a_number_that_makes_no_supply_within_the_union(self):
        """It must be another member state's than the one that goods leave from."""
        for number in ('DE123456788', 'GB123456782', 'CHE123456788TVA', '12345678Z'):
            row = self.sell('120.00', to='FR', number=number)
            self.assert_taxed(row, 20, 20, self.shop('FR'))
        self.assert_taxed(self.sell('100.00', '0.00', to='FR', number='BE0477472701'), 0, 0,
                          self.chart('fiscal_position_eu_vat_id_partner_skr03'))

    def test_the_import_scheme_is_amazons(self):
        """A British company's parcel to France: Amazon declares the French tax, whether it says so of the item or not.
        """
        british, seller = self.make_seller("Test Import", 'GB', chart='uk', currency='GBP', markets=('GB',))
        row = self.sell('120.00', '20.00', to='FR', market='GB', seller=seller, scheme='IOSS')
        if row.state == 'error':
            row = self.accept(row)
        sale = row.sale_order_id
        self.assertEqual((row.state, sale.amount_total, sale.amount_tax), ('done', 120, 0), row.error)
        self.assertEqual(sale.order_line.filtered(lambda line: line.amazon_charge == 'tax').price_total, 20)

    def test_an_item_with_discounts_is_decided_as_a_whole(self):
        parts = [('ITEM', '9.99'), ('SHIPPING', '4.99'), ('DISCOUNT', '12.99', {'ITEM': '8.00', 'SHIPPING': '4.99'})]
        row = self.sell('1.99', '0.13', parts=parts)
        self.assert_taxed(row, 7, 0.13)

    def test_shipping_may_have_a_rate_of_its_own(self):
        parts = [('ITEM', '107.00'), ('SHIPPING', '11.90'), ('TAX', '8.90', {'ITEM': '7.00', 'SHIPPING': '1.90'})]
        row = self.receive(order(item(total='118.90', parts=parts)))
        self.assertEqual(sorted(self.taxes(row).mapped('amount')), [7, 19])
        self.assertAlmostEqual(row.sale_order_id.amount_tax, 8.90)

    def test_random_orders_have_amazons_tax(self):
        """Rates, quantities, discounts and both ways of rounding, at Amazon and in Odoo: none is refused, and every
        cent is Amazon's.
        """
        for method, seed in (('round_per_line', 1), ('round_globally', 2)):
            self.company.tax_calculation_rounding_method = method
            rng = random.Random(seed)
            orders = [self._make_random_order(rng) for _order in range(12)]
            for payload, row in zip(orders, self.receive(*orders), strict=True):
                stated = sum(float(part['subtotal']['amount']) for goods in payload['orderItems']
                             for part in goods['proceeds']['breakdowns']
                           if part['type'] == 'TAX')
                self.assertEqual(row.state, 'done', row.error)
                self.assertEqual(round(row.sale_order_id.amount_tax - stated, 2), 0, payload['orderItems'])

    def _make_random_order(self, rng):
        return order(*(self._make_random_item(rng, sku) for sku in rng.choice([['SKU-A'], ['SKU-A', 'SKU-B']])))

    def _make_random_item(self, rng, sku):
        share, quantity = Decimal(rng.choice([7, 19])), rng.randint(1, 10)
        price, shipping = Decimal(rng.randint(50, 9999)) / 100 * quantity, Decimal(rng.choice([0, 0, 399, 1290])) / 100
        discounts = {'ITEM': (price * rng.choice([0, 0, 15, 50, 90]) / 100).quantize(CENT),
                     'SHIPPING': shipping * rng.choice([0, 1])}
        pieces = rng.choice([1, quantity])
        tax = sum(pieces * (amount / pieces * share / (100 + share)).quantize(CENT, ROUND_HALF_UP)
                  for amount in (price, shipping, -discounts['ITEM'], -discounts['SHIPPING']))
        parts = [('ITEM', price), *[('SHIPPING', shipping)] * bool(shipping), ('TAX', tax)]
        reduced = {name: amount for name, amount in discounts.items() if amount}
        parts += [('DISCOUNT', sum(reduced.values()), reduced)] * bool(reduced)
        return item(sku, quantity=quantity, total=price + shipping - sum(reduced.values()), parts=parts)

    def test_the_invoice_has_amazons_tax(self):
        self.german.fbm_invoice = 'posted'
        row = self.sell('9.95', '1.60', quantity=5)
        row.sale_order_id.order_line.qty_delivered = 5
        invoice = row.sale_order_id._create_invoices()
        invoice.action_post()
        self.assertEqual(cents(invoice.amount_total, invoice.amount_tax), (9.95, 1.60))
        self.assertEqual(sum(invoice.line_ids.filtered('tax_line_id').mapped('balance')), -1.60)

    # === AMAZON COLLECTS === #

    def test_what_leaves_the_country_is_zero_rated_where_amazon_collects(self):
        row = self.sell('108.88', '8.88', to='US', market='US', on_top=True)
        self.assert_waits(row, "United States")
        self.accept(row)
        self.assertEqual(self.taxes(row), self.chart('tax_export_skr03'))
        self.assertEqual(row.sale_order_id.amount_total, 108.88)

    def test_tax_of_a_line_of_its_own_is_split_by_who_collects(self):
        remitted, own = (item(sku, total='112.00', parts=[('ITEM', '100.00'), ('TAX', '12.00')], currency='CAD',
                              remitted=who)
                         for sku, who in (('SKU-A', True), ('SKU-B', False)))
        sale = self.receive_sale(order(remitted, own, market='CA'))
        lines = sale.order_line.filtered(lambda line: line.amazon_charge == 'tax')
        self.assertEqual(lines.mapped('price_total'), [12, 12])
        self.assertEqual(lines.mapped(lambda line: 'remitted' in line.name), [True, False])
        self.assertEqual((sale.amount_total, sale.order_line.tax_ids), (224, self.env['account.tax']))

    def test_a_missing_role_for_taxes_is_in_the_banner(self):
        american = order(item(total='49.99', parts=[('ITEM', '39.99'), ('TAX', '10.00')], currency='USD'), market='US')
        self.seller._update_missing_data([american])
        self.assertIn("Tax Invoicing", self.seller.missing_roles)
        self.seller._update_missing_data([order(item())])
        self.assertIn("Tax Invoicing", self.seller.missing_roles, "orders that need not say it do not tell")
        self.seller._update_missing_data(
            [order(item(total='49.99', parts=[('ITEM', '39.99'), ('TAX', '10.00')], currency='USD', remitted=True),
                   market='US')])
        self.assertFalse(self.seller.missing_roles)

    # === BUYERS === #

    def test_a_vat_number_that_comes_later(self):
        first = self.sell('120.00', '20.00', to='FR', email='b@marketplace.amazon.de')
        self.assert_taxed(first, 20, 20)
        second = self.sell('100.00', '0.00', to='FR', number='FR23334175221', email='b@marketplace.amazon.de')
        self.assertEqual(first.sale_order_id.partner_id, second.sale_order_id.partner_id)
        self.assertEqual(second.sale_order_id.partner_id.vat, 'FR23334175221')
        self.assert_taxed(second, 0, 0, self.chart('fiscal_position_eu_vat_id_partner_skr03'))
        self.assertEqual(first.sale_order_id.fiscal_position_id, self.shop('FR'))

    def test_a_vat_number_that_comes_later_changes_the_quotation(self):
        self.german.fbm_confirm = False
        payload = order(item(total='120.00', parts=[('ITEM', '120.00'), ('TAX', '20.00')]), to=buyer('FR'),
                        email='c@marketplace.amazon.de')
        row = self.receive(payload)
        self.assertEqual(row.sale_order_id.fiscal_position_id, self.shop('FR'))
        changed = later(payload, tax=vat('FR23334175221'), orderItems=[{**payload['orderItems'][0], 'proceeds': {
            'proceedsTotal': {'amount': '120.00', 'currencyCode': 'EUR'},
            'breakdowns': [breakdown('ITEM', '120.00'), breakdown('TAX', '0.00')]}}])
        row = self.receive(changed)
        self.assertEqual(row.sale_order_id.order_line.tax_ids, self.chart('tax_eu_sale_skr03'))

    def test_what_is_confirmed_keeps_its_tax(self):
        payload = order(item(total='119.00', parts=[('ITEM', '119.00'), ('TAX', '19.00')]))
        sale = self.receive_sale(payload)
        self.company.account_sale_tax_id = self.chart('tax_ust_7_skr03')
        self.product.taxes_id = self.chart('tax_ust_7_skr03')
        self.receive(later(payload, status='PARTIALLY_SHIPPED'))
        self.assertEqual(sale.order_line.tax_ids.amount, 19)

    # === BEFOREHAND === #

    def test_what_is_missing_is_listed_beforehand(self):
        self.sell('119.00', '19.00')
        self.assert_waits(self.sell('100.00', to='CH'))
        kinds = {(kind['source_id'], kind['target_id']): kind for kind in self.seller._prepare_tax_kinds(self.company)}
        home = self.company.country_id.id
        self.assertFalse(kinds[home, home]['is_missing'])
        self.assertIn("19", kinds[home, home]['taxes'])
        missing = kinds[home, self.env.ref('base.ch').id]
        self.assertTrue(missing['is_missing'])
        self.assertIn("Switzerland", missing['reason'])
        self.assertTrue(missing['proposal'])
        self.assertEqual(kinds[home, self.env.ref('base.uk').id]['is_missing'], True,
                         "marketplaces in use without orders, too")
        self.env['amazon.seller']._cron_count_tax_gaps()
        self.assertGreater(self.seller.tax_gap_count, 1)
        setup = self.env['amazon.tax.setup'].browse(self.seller.action_set_up_taxes()['res_id'])
        setup.line_ids.filtered(lambda line: line.target_id.code == 'CH').action_accept()
        self.env.invalidate_all()
        self.assertEqual(self.seller.tax_gap_count, 0, "all exports have the position now")

    def test_an_administrator_of_amazon_answers_and_a_user_does_not(self):
        admin, user = (self.env['res.users'].create({
            'name': group, 'login': f'tax {group}', 'company_id': self.company.id,
            'company_ids': [(6, 0, self.company.ids)],
            'group_ids': [(6, 0, self.env.ref(f'amazon_connector.group_amazon_{group}').ids)]})
            for group in ('admin', 'user'))
        rate, place = self.sell('112.00', '12.00'), self.sell('100.00', to='CH')
        tax = self.make_tax(self.company, "12 %", 12)
        for action in ('action_accept_tax', 'action_choose_tax'):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                getattr(place.with_user(user).sudo(False), action)()
        self.env.invalidate_all()
        form = Form(self.env['amazon.tax.choose'].with_user(admin).with_context(
            **rate.with_user(admin).sudo(False).action_choose_tax()['context']))
        form.tax_id = tax
        form.save().action_choose()
        seller = self.seller.with_user(admin)
        setup = self.env['amazon.tax.setup'].with_user(admin).browse(seller.action_set_up_taxes()['res_id'])
        self.assertTrue(seller.tax_gap_count)
        setup.line_ids.filtered('proposal')[:1].action_accept()
        again = self.sell('90.00', '0.00', to='LI')
        for row in (rate, place):
            row._process()
        self.assertEqual([self.taxes(row) for row in (rate, place, again)],
                         [tax, *[self.chart('tax_export_skr03')] * 2])

    def test_choices_of_earlier_versions_are_kept(self):
        own = self.make_tax(self.company, "12 %", 12)
        self.env.cr.execute("CREATE TABLE amazon_marketplace_tax (marketplace_id int, rate numeric, tax_id int)")
        self.env.cr.execute("INSERT INTO amazon_marketplace_tax VALUES (%(market)s, 12, %(own)s), (%(market)s, 19, "
                            "%(found)s)", {
                                'market': self.german.id, 'own': own.id, 'found': self.company.account_sale_tax_id.id})
        self.marketplace('US').tax_policy = 'rate'
        for _time in range(2):
            load_script('amazon_connector/migrations/1.5.0/post-order-taxes.py',
                        'migration').migrate(self.env.cr, '19.0.1.4.0')
        self.env.invalidate_all()
        self.assertEqual(self.env['amazon.tax.rate'].search([('company_id', '=', self.company.id)]).tax_id, own)
        self.assertEqual(self.marketplace('US').tax_policy, 'line')
        self.assertEqual(self.assert_taxed(self.sell('112.00', '12.00'), 12, 12), own)

import datetime

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ..models.amazon_push_mixin import READ_BACK_AFTER
from .common import AmazonCase, FakeAmazon


class PriceCase(AmazonCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro_list = cls.env['product.pricelist'].create(
            {'name': "Amazon euro", 'currency_id': cls.env.ref('base.EUR').id, 'company_id': cls.company.id})
        cls.german.write({'price_sync': True, 'pricelist_id': cls.euro_list.id})
        # A product of one company has its prices in the currency of that company, euros here.
        cls.product.write({'list_price': 20, 'taxes_id': False, 'company_id': cls.company.id})
        cls.other_product.write({'list_price': 30, 'taxes_id': False, 'company_id': cls.company.id})
        cls.listing = cls.env['amazon.listing'].create({
            'marketplace_id': cls.german.id, 'sku': 'SKU-A', 'product_id': cls.product.id, 'channel_code': 'DEFAULT',
            'status': 'active'})

    def send(self, **answers):
        """Run the flow; return SKU -> patches."""
        amazon = FakeAmazon(**answers)
        self.run_flow('prices', amazon)
        return {args[1]: kwargs['body']['patches'] for args, kwargs in amazon.named('patchListingsItem')}

    def offers(self, **answers):
        """SKU -> audience -> offer without what is the same for all."""
        return {
            sku: {offer['audience']: {key: value for key, value in offer.items()
                                      if key not in ('audience', 'currency', 'marketplace_id')}
                  for offer in patches[0]['value']} for sku, patches in self.send(**answers).items()}

    def price(self):
        """The consumer price that the listing would have now."""
        offers = self.offers()
        return offers and offers['SKU-A']['ALL']['our_price'][0]['schedule'][0]['value_with_tax']

    def rule(self, pricelist=None, **vals):
        return self.env['product.pricelist.item'].create({
            'pricelist_id': (pricelist or self.euro_list).id, 'applied_on': '0_product_variant',
            'product_id': self.product.id, 'compute_price': 'fixed', 'fixed_price': 19.0, **vals})


@tagged('post_install', '-at_install')
class TestPrices(PriceCase):
    """Prices that are pushed to Amazon."""

    def test_a_price_goes_out_once_as_amazon_wants_it(self):
        """A13"""
        self.assertEqual(self.send(), {'SKU-A': [{'op': 'replace', 'path': '/attributes/purchasable_offer', 'value': [{
            'marketplace_id': self.german.marketplace_ref, 'currency': 'EUR', 'audience': 'ALL',
            'our_price': [{'schedule': [{'value_with_tax': 20.0}]}]}]}]})
        self.assertEqual(self.send(), {})
        self.product.list_price = 21
        self.assertEqual(self.price(), 21.0)
        self.assertEqual(self.listing.price_history_ids.mapped('price'), [21.0, 20.0])

    def test_rules_of_the_pricelist(self):
        self.rule(compute_price='percentage', percent_price=10, applied_on='3_global', product_id=False)
        self.assertEqual(self.price(), 18.0)

    def test_fba_listings_have_prices_too(self):
        self.listing.channel_code = 'AMAZON_EU'
        self.assertEqual(self.price(), 20.0)

    def test_packs_cost_their_pieces(self):
        self.listing.pack_quantity = 3
        self.assertEqual(self.price(), 60.0)

    def test_a_pricelist_in_another_currency_sends_nothing(self):
        self.german.pricelist_id = self.env['product.pricelist'].create(
            {'name': "Dollars", 'currency_id': self.env.ref('base.USD').id})
        self.assertEqual(self.send(), {})
        self.assertIn("USD", self.german.price_obstacle)
        self.german.pricelist_id = self.euro_list
        self.send()
        self.assertFalse(self.german.price_obstacle)

    def test_no_conversion_unless_a_rule_says_so(self):
        british = self.marketplace('GB')
        pounds = self.env['product.pricelist'].create({'name': "Pounds", 'currency_id': self.env.ref('base.GBP').id,
                                                       'company_id': self.company.id})
        british.write({'price_sync': True, 'pricelist_id': pounds.id})
        listing = self.make_listing('GB-A', self.product, market=british)
        self.assertNotIn('GB-A', self.send())
        self.assertIn("no rule", listing.price_error)
        self.assertEqual(listing.price_state, 'blocked')
        self.rule(pounds, compute_price='fixed', fixed_price=17.5)
        self.assertEqual(self.offers()['GB-A']['ALL']['our_price'][0]['schedule'][0]['value_with_tax'], 17.5)
        self.assertFalse(listing.price_error)

    def test_yen_have_no_decimals(self):
        japanese = self.marketplace('JP')
        yen = self.env['product.pricelist'].create({'name': "Yen", 'currency_id': self.env.ref('base.JPY').id,
                                                    'company_id': self.company.id})
        japanese.write({'price_sync': True, 'pricelist_id': yen.id})
        self.make_listing('JP-A', self.product, market=japanese)
        self.rule(yen, fixed_price=1234.56)
        self.assertEqual(self.offers()['JP-A']['ALL']['our_price'][0]['schedule'][0]['value_with_tax'], 1235.0)

    def prices_taxed(self, rate, included):
        """Return the prices that are sent where Amazon shows prices with tax, and where it shows them without."""
        self.product.taxes_id = self.env['account.tax'].create({
            'name': "Taxed", 'amount': rate, 'type_tax_use': 'sale', 'company_id': self.company.id,
            'price_include_override': included, 'country_id': self.env.ref('base.de').id})
        with_tax = self.price()
        self.german.price_includes_tax = False
        self.listing.action_push_again()
        return with_tax, self.price()

    def test_a_price_has_the_digits_of_its_currency(self):
        """Rounding in Odoo 17 makes 19.990000000000002 of 19.99."""
        self.product.list_price = 19.99
        self.assertEqual(self.price(), 19.99)

    def test_prices_without_tax_are_sent_with_it(self):
        self.assertEqual(self.prices_taxed(19, 'tax_excluded'), (23.8, 20.0))

    def test_prices_with_tax_are_sent_as_they_are_or_without_it(self):
        self.assertEqual(self.prices_taxed(25, 'tax_included'), (20.0, 16.0))

    def test_a_sale_price_with_its_dates(self):
        sales = self.env['product.pricelist'].create({'name': "Sale", 'currency_id': self.env.ref('base.EUR').id,
                                                      'company_id': self.company.id})
        self.german.sale_pricelist_id = sales
        now = fields.Datetime.now()
        rule = self.rule(sales, fixed_price=15, date_start=now - datetime.timedelta(days=1),
                         date_end=now + datetime.timedelta(days=1))
        schedule = self.offers()['SKU-A']['ALL']['discounted_price'][0]['schedule'][0]
        self.assertEqual(schedule, {'value_with_tax': 15.0, 'start_at': f'{rule.date_start.isoformat()}Z',
                                    'end_at': f'{rule.date_end.isoformat()}Z'})
        rule.date_end = now - datetime.timedelta(hours=1)
        [ended] = self.offers()['SKU-A']['ALL']['discounted_price'][0]['schedule']
        self.assertEqual(ended['value_with_tax'], 15)
        self.assertLess(ended['start_at'], ended['end_at'])
        self.assertLess(ended['end_at'], f'{(now - datetime.timedelta(days=1)).isoformat()}Z',
                        "over in every time zone")
        self.assertEqual(self.send(), {})

    def test_business_price_and_quantity_discounts(self):
        business = self.env['product.pricelist'].create({'name': "B2B", 'currency_id': self.env.ref('base.EUR').id,
                                                         'company_id': self.company.id})
        self.german.business_pricelist_id = business
        self.assertNotIn('B2B', self.offers()['SKU-A'], "without a rule there is no business price")
        for quantity, price in ((0, 19), (5, 18), (10, 17), (20, 17)):
            self.rule(business, min_quantity=quantity, fixed_price=price)
        offer = self.offers()['SKU-A']['B2B']
        self.assertEqual(offer['our_price'][0]['schedule'][0]['value_with_tax'], 19.0)
        self.assertEqual(offer['quantity_discount_plan'][0]['schedule'], [{
            'discount_type': 'fixed',
            'levels': [{'lower_bound': 5, 'value': 18.0}, {'lower_bound': 10, 'value': 17.0}]}])
        self.german.business_pricelist_id = False
        self.assertEqual(self.send()['SKU-A'][1], {'op': 'delete', 'path': '/attributes/purchasable_offer', 'value': [{
            'marketplace_id': self.german.marketplace_ref, 'currency': 'EUR', 'audience': 'B2B'}]})

    def test_limits_of_the_listing_are_pushed_and_kept(self):
        self.listing.write({'price_min': 10, 'price_max': 25})
        offer = self.offers()['SKU-A']['ALL']
        self.assertEqual(offer['minimum_seller_allowed_price'][0]['schedule'], [{'value_with_tax': 10.0}])
        self.assertEqual(offer['maximum_seller_allowed_price'][0]['schedule'], [{'value_with_tax': 25.0}])
        self.product.list_price = 9
        self.assertEqual(self.send(), {})
        self.assertIn("limits", self.listing.price_error)

    def test_a_large_change_is_held_until_somebody_agrees(self):
        self.send()
        self.product.list_price = 2
        self.assertEqual(self.send(), {})
        self.assertEqual(self.listing.price_state, 'held')
        self.assertIn("30 %", self.listing.price_error)
        self.listing.action_approve_price()
        self.assertEqual(self.price(), 2.0)
        self.assertFalse(self.listing.price_error)
        self.product.list_price = 1
        self.assertEqual(self.send(), {}, "the next one is held again")

    def test_what_was_held_or_blocked_is_so_no_longer_when_its_cause_goes(self):
        self.send()
        for price, state in ((2, 'held'), (0, 'blocked')):
            self.product.list_price = price
            self.send()
            self.assertEqual(self.listing.price_state, state)
            self.product.list_price = 20
            self.assertEqual(self.send(), {})
            self.assertEqual((self.listing.price_state, self.listing.price_error), ('accepted', False))

    def test_the_first_price_is_compared_with_amazons(self):
        self.listing.amazon_price = 100
        self.assertEqual(self.send(), {})
        self.german.price_change_limit = 0
        self.assertEqual(self.price(), 20.0)

    def test_a_price_of_zero_is_never_sent(self):
        self.product.list_price = 0
        self.assertEqual(self.send(), {})
        self.assertIn("zero", self.listing.price_error)

    def test_paused_and_not_started(self):
        self.listing.price_paused = True
        self.assertEqual(self.send(), {})
        self.listing.price_paused = False
        self.german.price_sync = False
        self.assertEqual(self.send(), {})

    def test_one_price_that_cannot_be_pushed_does_not_hold_the_others(self):
        self.make_listing('SKU-B', self.other_product, price_min=1000)
        self.assertEqual(list(self.send()), ['SKU-A'])

    def test_read_back(self):
        """A12, for prices"""
        self.send()
        self.listing.price_pushed_date -= READ_BACK_AFTER
        item = {'sku': 'SKU-A', 'offers': [{'offerType': 'B2C', 'price': {'amount': '25.00', 'currencyCode': 'EUR'}}]}
        self.run_flow('feeds', searchListingsItems={'numberOfResults': 1, 'items': [item]})
        self.assertEqual(self.listing.price_state, 'mismatch')
        self.assertEqual(self.price(), 20.0)

    def test_a_rule_wakes_the_flow(self):
        cron = self.env.ref('amazon_connector.ir_cron_amazon_prices')
        self.env.cr.precommit.run()
        self.env['ir.cron.trigger'].search([('cron_id', '=', cron.id)]).unlink()
        self.rule()
        self.env.cr.precommit.run()
        self.assertEqual(self.env['ir.cron.trigger'].search_count([('cron_id', '=', cron.id)]), 1)

    def test_many_rules_and_products(self):
        """Rules of one product are not looked at for another: the answer is right in every portion."""
        products = self.env['product.product'].create([
            {'name': f"P{n}", 'default_code': f'P-{n}', 'list_price': 5, 'taxes_id': [Command.clear()]}
            for n in range(450)])
        self.env['product.pricelist.item'].create([{
            'pricelist_id': self.euro_list.id, 'applied_on': '0_product_variant', 'product_id': product.id,
            'compute_price': 'fixed', 'fixed_price': 10 + position} for position, product in enumerate(products)])
        for product in products:
            self.make_listing(product.default_code, product)
        amazon = FakeAmazon(createFeedDocument={'feedDocumentId': 'D', 'url': 'x'}, createFeed={'feedId': 'F'})
        self.run_flow('prices', amazon)
        pushed = {
            message['sku']: message['patches'][0]['value'][0]['our_price'][0]['schedule'][0]['value_with_tax']
            for message in amazon.uploads[0]['messages']
        }
        self.assertEqual(pushed, {'SKU-A': 20.0, **{f'P-{n}': 10.0 + n for n in range(450)}})

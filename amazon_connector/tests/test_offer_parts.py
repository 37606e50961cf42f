import copy
import datetime

from odoo import fields
from odoo.modules.migration import load_script
from odoo.tests import tagged

from ..models.amazon_push_mixin import READ_BACK_AFTER
from .mutations import mutations
from .test_prices import PriceCase

PRICE = [{'schedule': [{'value_with_tax': 20}]}]


@tagged('post_install', '-at_install')
class TestOfferParts(PriceCase):
    """Amazon keeps the parts of an offer that are left out, so what is no more in Odoo is taken away, and all is read
    back.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lists = [{'name': name, 'currency_id': cls.env.ref('base.EUR').id, 'company_id': cls.company.id}
                 for name in ("Sale", "B2B")]
        cls.sales, cls.business = cls.env['product.pricelist'].create(lists)
        cls.german.write({'sale_pricelist_id': cls.sales.id, 'business_pricelist_id': cls.business.id})

    def sale(self, days=10, **vals):
        now = fields.Datetime.now()
        return self.rule(self.sales, fixed_price=15, date_start=now - datetime.timedelta(days=1),
                         date_end=now + datetime.timedelta(days=days), **vals)

    def show(self, **changes):
        """Let Amazon show the offer that was pushed last, with changes, at the time when it is read back."""
        self.listing.price_pushed_date -= READ_BACK_AFTER
        [line] = self.env['amazon.feed.line'].search([('listing_id', '=', self.listing.id)], order='id desc', limit=1)
        offers = copy.deepcopy(line._get_body()['patches'][0]['value'])
        offers = [{part: entry for part, entry in {**offer, **changes}.items() if entry != [{}]} for offer in offers]
        self.read_back({'purchasable_offer': offers})

    def read_back(self, attributes, price='20.00'):
        item = {'sku': 'SKU-A', 'offers': [{'offerType': 'B2C', 'price': {'amount': price, 'currencyCode': 'EUR'}}],
                'attributes': attributes}
        self.run_flow('feeds', searchListingsItems={'numberOfResults': 1, 'items': [item]})

    def test_a_sale_that_is_called_off_ends(self):
        rule = self.sale()
        self.send()
        rule.unlink()
        [ended] = self.offers()['SKU-A']['ALL']['discounted_price'][0]['schedule']
        self.assertEqual((ended['value_with_tax'], ended['end_at'] < fields.Datetime.now().isoformat()), (15, True))
        self.show()
        self.assertEqual((self.listing.price_state, self.listing.offer_pushed),
                         ('confirmed', {'ALL': {'our_price': 20.0}}))
        self.product.list_price = 21
        self.assertEqual(self.offers()['SKU-A']['ALL'], {'our_price': [{'schedule': [{'value_with_tax': 21}]}]},
                         "it is over")

    def test_limits_that_are_removed(self):
        self.listing.write({'price_min': 10, 'price_max': 30})
        self.send()
        self.listing.write({'price_min': 0, 'price_max': 40})
        offer = self.offers()['SKU-A']['ALL']
        self.assertEqual(offer['minimum_seller_allowed_price'], [{}])
        self.assertEqual(offer['maximum_seller_allowed_price'], [{'schedule': [{'value_with_tax': 40}]}])

    def test_quantity_discounts_and_business_price_that_are_removed(self):
        levels = [self.rule(self.business, min_quantity=quantity, fixed_price=price)
                  for quantity, price in ((0, 19), (5, 18))]
        self.send()
        levels[1].unlink()
        selectors = {'marketplace_id': self.german.marketplace_ref, 'currency': 'EUR', 'audience': 'B2B'}
        self.assertEqual(self.send()['SKU-A'][1:], [
            {'op': 'merge', 'path': '/attributes/purchasable_offer',
             'value': [{**selectors, 'quantity_discount_plan': None}]}])
        levels[0].unlink()
        self.assertEqual(self.send()['SKU-A'][1:],
                         [{'op': 'delete', 'path': '/attributes/purchasable_offer', 'value': [selectors]}])

    def test_pushed_parts_are_kept_beside_the_last_push(self):
        """Sent again, refused, or overtaken: the sale is still at Amazon."""
        rule = self.sale()
        self.send()
        rule.unlink()
        self.listing.action_push_again()
        self.assertIn('discounted_price', self.offers()['SKU-A']['ALL'])
        self.product.list_price = 21
        self.assertIn('discounted_price', self.offers()['SKU-A']['ALL'], "nobody has seen yet that it is over")

    def test_every_part_is_read_back(self):
        """A12, for the whole offer: flagged, pushed again, then somebody is notified."""
        self.listing.write({'price_min': 10, 'price_max': 30})
        self.send()
        self.show()
        self.assertEqual((self.listing.price_state, self.listing.price_error), ('confirmed', False))
        self.listing.price_min = 0
        self.send()
        left = {'minimum_seller_allowed_price': [{'schedule': [{'value_with_tax': 10}]}]}
        self.show(**left)
        self.assertEqual(self.listing.price_state, 'mismatch')
        self.assertIn("lowest price", self.listing.price_error)
        self.assertEqual(self.offers()['SKU-A']['ALL']['minimum_seller_allowed_price'], [{}])
        self.show(**left)
        self.assertEqual(self.listing.price_state, 'failed')
        self.assertIn("does not show", self.seller.activity_ids.mapped('summary')[-1])
        self.assertEqual(self.send(), {})

    def test_buyers_who_pay_the_old_sale_price_are_noticed(self):
        rule = self.sale()
        self.send()
        rule.unlink()
        self.send()
        self.listing.price_pushed_date -= READ_BACK_AFTER
        self.read_back({}, price='15.00')
        self.assertEqual(self.listing.price_state, 'mismatch')
        self.assertIn("shows 15", self.listing.price_error)
        self.assertIn('discounted_price', self.offers()['SKU-A']['ALL'],
                      "pushed again, although 15 to 20 is a large change")

    def test_no_offer_is_not_a_price_of_zero(self):
        """Not the price that was shown before either, although that may be the one that was pushed."""
        self.send()
        self.listing.write({'amazon_price': 20, 'price_pushed_date': self.listing.price_pushed_date - READ_BACK_AFTER})
        item = {'sku': 'SKU-A', 'offers': [], 'attributes': {}}
        self.run_flow('feeds', searchListingsItems={'numberOfResults': 1, 'items': [item]})
        self.assertEqual((self.listing.amazon_price, self.listing.amazon_price_missing), (20, True))
        self.assertEqual((self.listing.price_state, self.listing.out_of_sync), ('mismatch', False))
        self.assertIn("shows no price", self.listing.price_error)
        self.send()
        self.assertTrue(self.listing.out_of_sync)
        self.show()
        self.assertEqual((self.listing.amazon_price_missing, self.listing.price_state), (False, 'confirmed'))

    def test_the_offer_for_everybody_is_the_price(self):
        def offer(amount, kind='B2C', **more):
            return {'marketplaceId': self.german.marketplace_ref, 'offerType': kind,
                    'price': {'currencyCode': 'EUR', 'amount': amount}, **more}
        offers = [offer('1.00', 'B2B'), offer('2.00', audience={'value': 'SOME_PROGRAM'}),
                  offer('20.00', audience={'value': 'ALL'}), offer('3.00', marketplaceId='A1F83G8C2ARO7P')]
        for shown in (offers, offers[::-1]):
            item = {'sku': 'SKU-A', 'offers': shown, 'attributes': {}}
            self.listing.amazon_price = 7
            self.listing._apply_item(item)
            self.assertEqual((self.listing.amazon_price, self.listing.read_problem), (20, False))
        later = [{'value_with_tax': 5, 'start_at': '2099-01-01'}]
        instance = {'marketplace_id': self.german.marketplace_ref, 'currency': 'EUR'}
        for schedule, price in ((PRICE[0]['schedule'], 20), (PRICE[0]['schedule'] + later, 7)):
            self.listing.amazon_price = 7
            item = {'sku': 'SKU-A', 'offers': [], 'attributes': {'purchasable_offer': [
                {**instance, 'marketplace_id': 'A1F83G8C2ARO7P', 'our_price': [{'schedule': later}]},
                {**instance, 'our_price': [{'schedule': schedule}]}]}}
            self.listing._apply_item(item)
            self.assertEqual((self.listing.amazon_price, self.listing.amazon_price_missing), (price, price == 7))

    def test_a_report_confirms_no_more_than_it_shows(self):
        self.listing.price_min = 10
        self.send()
        self.listing.write({'price_pushed_date': self.listing.price_pushed_date - READ_BACK_AFTER, 'amazon_price': 20})
        self.listing._compare(since=fields.Datetime.now())
        self.assertEqual((self.listing.price_state, self.listing._is_read_singly()), ('accepted', True))
        self.listing.write({'price_pushed': {'ALL': {'our_price': 20.0}}, 'offer_pushed': False})
        self.listing._compare(since=fields.Datetime.now())
        self.assertEqual(self.listing.price_state, 'confirmed')

    def test_whatever_is_odd_in_what_amazon_shows_confirms_nothing(self):
        """Each field of `purchasable_offer` missing, null, of another type: read as a difference, and nothing else
        fails.
        """
        self.listing.price_min = 10
        self.send()
        attributes = {'purchasable_offer': [{
            'currency': 'EUR', 'marketplace_id': self.german.marketplace_ref, 'audience': 'ALL', 'our_price': PRICE,
            'minimum_seller_allowed_price': [{'schedule': [{'value_with_tax': 10}]}]}]}
        self.listing.amazon_price = 20
        for name, odd in mutations(attributes, most=3):
            self.listing.amazon_offer = self.listing._read_offer(odd)
            difference = self.listing._find_price_difference(False)
            harmless = name.endswith('missing') and name.split('/')[-1].split('=')[0] in (
                'currency', 'marketplace_id', 'audience')
            self.assertEqual(bool(difference), not harmless and not name.endswith(('audience=None',)), name)
        self.listing.amazon_offer = self.listing._read_offer(attributes)
        self.assertFalse(self.listing._find_price_difference(False))

    def test_a_product_whose_price_cannot_be_computed_holds_no_other(self):
        self.other_product.taxes_id = self.env['account.tax'].create({
            'name': "Strange", 'amount': 1, 'type_tax_use': 'sale', 'company_id': self.company.id,
            'country_id': self.env.ref('base.de').id})
        strange = self.make_listing('SKU-B', self.other_product)
        original = type(self.env['account.tax']).compute_all

        def compute_all(taxes, *args, **kwargs):
            if "Strange" in taxes.mapped('name'):
                raise ZeroDivisionError()
            return original(taxes, *args, **kwargs)

        self.patch(type(self.env['account.tax']), 'compute_all', compute_all)
        with self.assertLogs('odoo.addons.amazon_connector', 'WARNING'):
            self.assertEqual(list(self.send()), ['SKU-A'])
        self.assertEqual(strange.price_state, 'blocked')
        self.assertIn("ZeroDivisionError", strange.price_error)

    def test_closing_an_offer_ends_it_for_businesses_too(self):
        (self.seller.marketplace_ids - self.german).active = False
        self.rule(self.business, fixed_price=19)
        self.send()
        self.listing.action_close()
        amazon = self.run_flow('listings', searchListingsItems={'items': []}, createReport={'reportId': 'R'})
        [(_name, _args, options)] = [call for call in amazon if call[0] == 'patchListingsItem']
        self.assertEqual([offer['audience'] for offer in options['body']['patches'][0]['value']], ['ALL', 'B2B'])
        self.listing.price_paused = False
        self.assertIn('SKU-A', self.send(), "begun again, the price is pushed again")

    def test_an_update_removes_parts_that_earlier_versions_left(self):
        self.listing.price_min = 10
        self.sale()
        self.send()
        offer = {'ALL': {'our_price': 20.0}}
        self.listing.write({'price_min': 0, 'price_pushed': offer, 'price_state': 'confirmed', 'offer_pushed': False})
        self.sales.item_ids.unlink()
        self.assertEqual(self.send(), {}, "as earlier versions saw it")
        migration = load_script('amazon_connector/migrations/1.4.0/post-offers.py', 'migration')
        for _time in range(2):
            migration.migrate(self.cr, '19.0.1.3.0')
        pushed = self.offers()['SKU-A']['ALL']
        self.assertEqual((pushed['minimum_seller_allowed_price'], 'discounted_price' in pushed), ([{}], True))

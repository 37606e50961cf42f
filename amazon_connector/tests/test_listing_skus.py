from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..amazon_api.errors import AmazonError, Forbidden
from ..models import amazon_listing_picture, amazon_listing_rank
from .common import AmazonCase, FakeAmazon


@tagged('post_install', '-at_install')
class TestListingSkus(AmazonCase):
    """What is chosen for a SKU is chosen on all marketplaces of its seller."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.new_user('amazon-skus', 'amazon_connector.group_amazon_user')
        cls.markets = cls.seller.marketplace_ids.sorted('id')

    def make_all(self, sku, **vals):
        return self.env['amazon.listing'].union(*(self.make_listing(sku, market=market, **vals)
                                                  for market in self.markets))

    def row(self, sku):
        self.env.flush_all()
        row = self.env['amazon.listing.sku'].with_user(self.user).search([('sku', '=', sku)])
        row.invalidate_recordset()
        return row

    def test_one_row_maps_all_marketplaces(self):
        listings = self.make_all('ODD', asin='B0ODD')
        row = self.row('ODD')
        self.assertEqual(len(row), 1, "one row for a SKU")
        self.assertEqual((row.listing_count, row.mapped_count, row.mapping_state, row.asin, row.differs),
                         (len(self.markets), 0, 'unmapped', 'B0ODD', False))
        row.write({'product_id': self.product.id})
        self.assertEqual((listings.product_id, row.mapped_count, row.mapping_state),
                         (self.product, len(self.markets), 'mapped'))
        self.assertIn(str(len(self.markets)), row.mapped_text)

    def test_pieces_are_the_same_everywhere_and_answered(self):
        listings = self.make_all('ODD')
        listings[0].title = "Odd, 3er Set"
        row = self.row('ODD')
        self.assertEqual((row.pack_quantity, row.pack_evidence), (3, '3er Set'))
        row.write({'product_id': self.product.id})
        self.assertEqual((listings.mapped('pack_quantity'), listings.mapped('pack_check')),
                         ([3] * len(listings), ['ask'] * len(listings)))
        row.action_confirm_pieces()
        self.assertEqual(set(listings.mapped('pack_check')), {False})
        row.write({'pack_quantity': 4})
        self.assertEqual((set(listings.mapped('pack_quantity')), listings[0].pack_check), ({4}, 'differs'))

    def test_a_marketplace_keeps_its_own_choice_and_shows_it(self):
        listings = self.make_all('ODD')
        listings[1].write({'product_id': self.other_product.id, 'pack_quantity': 2})
        row = self.row('ODD')
        self.assertEqual((row.product_id.id, row.own_choice), (False, listings[1].marketplace_id.name))
        row.write({'product_id': self.other_product.id, 'pack_quantity': 1})
        self.assertEqual(listings.mapped('pack_quantity'), [1, 2, *[1] * (len(listings) - 2)])
        self.assertEqual((row.product_id, row.pack_quantity, row.own_choice),
                         (self.other_product, 1, listings[1].marketplace_id.name))
        row.write({'product_id': self.product.id})
        self.assertEqual((listings[0].product_id, listings[1].product_id), (self.product, self.other_product))
        action = row.action_view_listings()
        self.assertEqual(self.env['amazon.listing'].search(action['domain']), listings)

    def test_ignored_listings_stay_so_unless_all_are(self):
        listings = self.make_all('ODD')
        listings[0].action_ignore()
        self.row('ODD').write({'product_id': self.product.id})
        self.assertEqual((listings[0].mapping_state, listings[1].mapping_state), ('ignored', 'mapped'))
        others = self.make_all('EVEN')
        self.row('EVEN').action_ignore()
        self.assertEqual(self.row('EVEN').mapping_state, 'ignored')
        self.assertEqual(set(others.mapped('mapping_state')), {'ignored'})
        self.row('EVEN').write({'product_id': self.product.id})
        self.assertEqual(set(others.mapped('mapping_state')), {'mapped'})

    def test_what_is_mapped_on_some_marketplaces_is_suggested_for_the_others(self):
        listings = self.make_all('ODD')
        listings[1].write({'product_id': self.product.id, 'pack_quantity': 2})
        row = self.row('ODD')
        self.assertEqual((row.suggested_product_id, row.mapping_state), (self.product, 'unmapped'))
        self.assertIn('1', row.suggestion)
        row.action_accept_suggestion()
        self.assertEqual((listings.product_id, set(listings.mapped('pack_quantity'))), (self.product, {2}))

    def test_suggestions_and_clearing(self):
        listings = self.make_all('SKU-A-2PK')
        listings._map()
        row = self.row('SKU-A-2PK')
        self.assertEqual((row.suggested_product_id, row.pack_quantity), (self.product, 2))
        row.action_accept_suggestion()
        self.assertEqual((listings.product_id, set(listings.mapped('pack_quantity'))), (self.product, {2}))
        row.write({'product_id': False})
        self.assertFalse(listings.product_id)

    def test_pieces_that_were_entered_stay_when_the_product_is_chosen(self):
        """All marketplaces got what the SKU says instead."""
        listings, others = self.make_all('SKU-A-2PK'), self.make_all('ODD')
        listings._map()
        self.row('SKU-A-2PK').write({'pack_quantity': 4})
        self.row('SKU-A-2PK').action_accept_suggestion()
        self.assertEqual((listings.product_id, set(listings.mapped('pack_quantity'))), (self.product, {4}))
        self.row('ODD').write({'pack_quantity': 4})
        self.assertEqual(self.row('ODD').pack_quantity, 4)
        self.row('ODD').write({'product_id': self.product.id})
        self.assertEqual((set(others.mapped('pack_quantity')), set(others.mapped('pack_check'))), ({4}, {False}))

    def test_a_suggestion_answers_no_open_question(self):
        listings = self.make_all('X-2PK')
        listings[0].product_id = self.product
        self.assertEqual((listings[0].pack_quantity, listings[0].pack_check), (1, 'ask'))
        row = self.row('X-2PK')
        self.assertEqual((row.suggested_product_id, row.pack_quantity), (self.product, 2))
        row.action_accept_suggestion()
        self.assertEqual((listings[0].pack_quantity, listings[0].pack_check), (1, 'ask'))
        self.assertEqual(set((listings - listings[0]).mapped('pack_quantity')), {2}, "as the row showed")
        self.assertEqual(set(listings.mapped('pack_check')), {'ask'})
        self.row('X-2PK').action_use_proposed_pieces()
        self.assertEqual((set(listings.mapped('pack_quantity')), set(listings.mapped('pack_check'))), ({2}, {False}))

    def test_a_guess_is_confirmed_once_for_all_marketplaces(self):
        listings = self.make_all('ODD')
        listings[0].title = "Nitrile gloves, Pack of 100"
        self.row('ODD').write({'product_id': self.product.id})
        self.assertEqual((set(listings.mapped('pack_quantity')), set(listings.mapped('pack_check'))), ({100}, {'ask'}))
        self.assertIn('100', listings[1].pack_hint)
        self.row('ODD').action_use_proposed_pieces()
        self.assertEqual((set(listings.mapped('pack_quantity')), set(listings.mapped('pack_check'))), ({100}, {False}))
        self.row('ODD').write({'product_id': False})
        self.assertEqual([listing.pack_quantity for listing in listings], [100, *[1] * (len(listings) - 1)])

    def test_titles_that_contradict_each_other_are_asked_for(self):
        """Sixes in Germany and pairs in Britain, of one SKU."""
        listings = self.make_all('ODD')
        listings[0].title, listings[1].title = "Socken, 6er Pack", "Socks, Pack of 2"
        row = self.row('ODD')
        self.assertEqual((row.pack_proposed, row.pack_evidence), (0, "6er Pack / Pack of 2"))
        row.write({'product_id': self.product.id})
        self.assertEqual(set(listings.mapped('pack_check')), {'ask'})
        with self.assertRaises(UserError):
            self.row('ODD').action_use_proposed_pieces()
        self.row('ODD').write({'pack_quantity': 6})
        self.assertEqual((set(listings.mapped('pack_quantity')), 'ask' in listings.mapped('pack_check')), ({6}, False))

    def test_what_a_row_shows_is_of_one_listing(self):
        listings = self.make_all('ODD')
        listings[0].write({'asin': 'B0AAA', 'barcode': '111', 'title': "First, 2er-Pack"})
        listings[1].write({'asin': 'B0ZZZ', 'barcode': '999', 'title': "Second, lot de 2"})
        row = self.row('ODD')
        self.assertEqual((row.asin, row.barcode, row.title, row.pack_proposed, row.pack_evidence),
                         ('B0AAA', '111', "First, 2er-Pack", 2, '2er-Pack'))

    def test_every_listing_has_its_turn_to_be_read(self):
        """The first ones, without a picture at Amazon, were read for ever."""
        market = self.markets[0]
        for number in range(4):
            self.make_listing(f'PIC-{number}', market=market)
        def answer(_merchant, **query):
            return {'items': [{'sku': sku, 'summaries': [{'marketplaceId': market.marketplace_ref, 'mainImage': {
                'link': 'https://m.media-amazon.com/x.jpg'}}]} for sku in query['identifiers'] if sku == 'PIC-3']}
        amazon = FakeAmazon(searchListingsItems=answer)
        with patch.object(amazon_listing_picture, 'PICTURES', 2), amazon.patched(), patch.object(self.env.cr, 'commit'):
            for _report in range(2):
                self.env['amazon.listing']._read_pictures(market, self.seller._get_client())
        self.assertEqual(self.env['amazon.listing'].search([('image_url', '!=', False)]).mapped('sku'), ['PIC-3'])

    def read_ranks(self, market, answer, times):
        amazon = FakeAmazon(searchCatalogItems=answer)
        with patch.object(amazon_listing_rank, 'RANKS', 3), amazon.patched(), patch.object(self.env.cr, 'commit'):
            for _report in range(times):
                self.env['amazon.listing']._read_ranks(market, self.seller._get_client())
        return [query['identifiers'] for _args, query in amazon.named('searchCatalogItems')]

    def make_page(self, number, **vals):
        return self.make_listing(f'RANK-{number}', self.product, market=self.markets[0], asin=f'B00000000{number}',
                                 **vals)

    def rank(self, asin, *ranks):
        return {'asin': asin, 'salesRanks': [{'marketplaceId': self.markets[0].marketplace_ref, 'displayGroupRanks': [
            {'websiteDisplayGroup': 'x', 'title': "Kitchen", 'rank': rank} for rank in ranks]}]}

    def test_ranks_are_read_of_all_pages_in_turn(self):
        """Amazon lists ten pages of twenty that are asked for, if it is not told otherwise; ASINs that are none kept
        their place for ever.
        """
        market = self.markets[0]
        for number in range(3):
            self.make_listing(f'ODD-{number}', self.product, market=market, asin='no such')
        listings = [self.make_page(number) for number in range(4)]
        self.make_listing('UNMAPPED', market=market, asin='B000000009')

        def answer(**query):
            self.assertEqual((query['identifiersType'], query['pageSize'], query['includedData']),
                             ('ASIN', 20, ['salesRanks']))
            return {'items': [self.rank(asin, 7) for asin in query['identifiers']]}
        asked = self.read_ranks(market, answer, times=3)
        self.assertEqual([listing.sales_rank for listing in listings], [7] * 4)
        self.assertEqual(listings[0].sales_rank_group, "Kitchen")
        self.assertEqual({asin for asins in asked for asin in asins}, {f'B00000000{number}' for number in range(4)})

    def test_a_page_without_a_rank_has_none_and_one_that_amazon_leaves_out_is_as_it_was(self):
        ranked = {'sales_rank': 5, 'sales_rank_group': "Toys"}
        none, absent = (self.make_page(number, **ranked) for number in range(2))
        self.read_ranks(self.markets[0], {'items': [self.rank(none.asin)]}, times=1)
        self.assertEqual([(page.sales_rank, page.sales_rank_group) for page in (none, absent)],
                         [(0, False), (5, "Toys")])
        self.assertTrue(absent.sales_rank_date)

    def test_a_page_that_amazon_refuses_costs_the_others_nothing(self):
        pages = [self.make_page(number) for number in range(3)]

        def answer(**query):
            if pages[1].asin in query['identifiers']:
                raise AmazonError("Invalid ASIN")
            return {'items': [self.rank(asin, 7) for asin in query['identifiers']]}
        self.read_ranks(self.markets[0], answer, times=1)
        self.assertEqual([page.sales_rank for page in pages], [7, 0, 7])
        self.assertTrue(pages[1].sales_rank_date)
        with self.assertRaises(Forbidden):
            self.read_ranks(self.markets[0], Forbidden("No role"), times=1)

    def test_a_product_is_created_once_for_all_marketplaces(self):
        listings = self.make_all('NEW')
        self.row('NEW').action_create_products()
        [pending] = listings.filtered('pending_action')
        product = self._make_product('MADE')
        pending._set_product(product)
        self.assertEqual(listings.product_id, product)

    def test_sellers_are_apart(self):
        other = self.seller.copy({'name': "Other", 'selling_partner_ref': 'A2OTHER'})
        self.env['amazon.seller.marketplace']._update_from_amazon(other, [self.participation('DE')])
        mine, theirs = self.make_listing('ODD'), self.make_listing('ODD', market=other.marketplace_ids)
        rows = self.row('ODD')
        self.assertEqual(len(rows), 2)
        rows.filtered(lambda row: row.seller_id == self.seller).write({'product_id': self.product.id})
        self.assertEqual((mine.product_id, theirs.product_id.id), (self.product, False))

    def test_nothing_else_is_written_and_not_by_everybody(self):
        self.make_all('ODD')
        with self.assertRaises(AccessError):
            self.row('ODD').write({'sku': 'EVEN'})
        self.user.group_ids = [Command.unlink(self.env.ref('amazon_connector.group_amazon_user').id)]
        with self.assertRaises(AccessError):
            self.env['amazon.listing.sku'].with_user(self.user).search([])

    def test_the_list_costs_the_same_whatever_its_length(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            rows = self.env['amazon.listing.sku'].with_user(self.user).search([('sku', 'like', 'MANY')], limit=80)
            rows.read(['sku', 'picture', 'own_choice', 'mapped_text', 'product_id', 'pack_quantity'])
            return self.cr.sql_log_count - before, len(rows)
        for number in range(3):
            self.make_listing(f'MANY-{number}')
        count()
        few, _three = count()
        for number in range(3, 43):
            self.make_listing(f'MANY-{number}')
        self.assertEqual(count(), (few, 43))

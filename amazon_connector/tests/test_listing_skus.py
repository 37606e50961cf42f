from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import AmazonCase


@tagged('post_install', '-at_install')
class TestListingSkus(AmazonCase):
    """What is chosen for a SKU is chosen on all marketplaces of its seller."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.env['res.users'].create(
            {'name': "U", 'login': 'amazon-skus', 'company_ids': [Command.set(cls.company.ids)],
             'company_id': cls.company.id,
             'group_ids': [Command.link(cls.env.ref('amazon_connector.group_amazon_user').id)]})
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
                         ([3] * len(listings), [False] * len(listings)))
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

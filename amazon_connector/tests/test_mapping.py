from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import AmazonCase
from .payloads import item, order


@tagged('post_install', '-at_install')
class TestMapping(AmazonCase):
    """Which product a listing is."""

    def mapped(self, sku, **vals):
        listing = self.make_listing(sku, **vals)
        listing._map()
        return listing

    def add_rule(self, **vals):
        return self.env['amazon.mapping.rule'].create({'marketplace_id': self.german.id, 'kind': 'pattern', **vals})

    def test_internal_reference(self):
        self.assertEqual(self.mapped('SKU-A').product_id, self.product)

    def test_what_two_products_share_is_not_guessed(self):
        self._make_product('TWICE', stock=0)
        self._make_product('TWICE', stock=0)
        listing = self.mapped('TWICE')
        self.assertFalse(listing.product_id)
        self.assertIn('2', listing.suggestion)
        self.assertEqual(listing.mapping_state, 'unmapped')

    def test_what_a_stronger_rule_finds_ambiguous_is_not_decided_by_a_weaker_one(self):
        self._make_product('TWICE', stock=0, amazon_asin='B0ONE')
        self._make_product('TWICE', stock=0)
        self.assertFalse(self.mapped('TWICE', asin='B0ONE').product_id)

    def test_barcode_with_and_without_leading_zeros(self):
        mug = self._make_product('MUG', stock=0, barcode='0012345678905')
        self.assertEqual(self.mapped('X1', barcode='012345678905').product_id, mug)
        self.assertEqual(self.mapped('X2', barcode='00012345678905').product_id, mug)
        self.assertFalse(self.mapped('X3', barcode='112345678905').product_id)

    def test_barcode_of_a_packaging_is_a_pack(self):
        mug = self._make_product('MUG', stock=0)
        six = self.env['uom.uom'].create({'name': "Six", 'relative_uom_id': mug.uom_id.id, 'relative_factor': 6})
        self.env['product.uom'].create({'product_id': mug.id, 'uom_id': six.id, 'barcode': '4006381333931'})
        listing = self.mapped('X1', barcode='4006381333931')
        self.assertEqual((listing.product_id, listing.pack_quantity), (mug, 6))

    def test_asin(self):
        self.product.amazon_asin = 'B0KETTLE'
        self.assertEqual(self.mapped('WHATEVER', asin='B0KETTLE').product_id, self.product)

    def test_patterns(self):
        self.add_rule(prefix='AMZ-')
        self.assertEqual(self.mapped('AMZ-SKU-A').product_id, self.product)
        self.add_rule(suffix='-FBM')
        self.assertEqual(self.mapped('SKU-B-FBM').product_id, self.other_product)
        self.add_rule(expression=r'(?P<ref>.+)-(?P<pack>\d+)PK')
        listing = self.mapped('SKU-A-4PK')
        self.assertEqual((listing.product_id, listing.pack_quantity), (self.product, 4))
        self.assertFalse(self.mapped('SKU-A-0PK').product_id, "a pack of none is none")

    def test_a_regular_expression_that_is_none_is_refused(self):
        with self.assertRaises(ValidationError):
            self.add_rule(expression='(')
        for endless in ('(a+)+b', r'(?P<ref>(\w|\d)*)-X', '((a*)b)*', '(x{1,9}){2,}'):
            with self.assertRaisesRegex(ValidationError, "never end"):
                self.add_rule(expression=endless)
        for usual in (r'(?P<ref>.+)-(?P<pack>\d+)PK', r'(?:AB|CD)-([A-Z]{2}\d+)', r'(\w[-(]+)?x*'):
            self.add_rule(expression=usual)
        with self.assertRaises(ValidationError):
            self.add_rule()

    def test_rules_belong_to_their_marketplace_and_can_be_switched_off(self):
        self.german.mapping_rule_ids.filtered(lambda rule: rule.kind == 'sku').active = False
        self.assertFalse(self.mapped('SKU-A').product_id)
        self.assertEqual(self.mapped('SKU-A', market=self.marketplace('FR')).product_id, self.product)

    def test_the_order_of_rules_decides(self):
        self.product.amazon_asin = 'B0OTHER'
        self.assertEqual(self.mapped('SKU-B', asin='B0OTHER').product_id, self.other_product)
        self.german.mapping_rule_ids.filtered(lambda rule: rule.kind == 'asin').sequence = 1
        self.assertEqual(self.mapped('sku-b', asin='B0OTHER').product_id, self.product)

    def test_what_is_mapped_on_one_marketplace_is_mapped_on_the_others(self):
        self.make_listing('ODD', self.product, market=self.marketplace('FR'), pack_quantity=3)
        listing = self.mapped('ODD')
        self.assertEqual((listing.product_id, listing.pack_quantity), (self.product, 3))

    def test_suggestions_have_a_reason_and_are_taken_by_a_click(self):
        listing = self.mapped('sku a')
        self.assertEqual((listing.product_id.id, listing.suggested_product_id), (False, self.product))
        self.assertIn('reference', listing.suggestion)
        listing.action_accept_suggestion()
        self.assertEqual((listing.product_id, listing.mapping_state, listing.suggestion),
                         (self.product, 'mapped', False))
        named = self.mapped('ZZZ', title="product SKU-B")
        self.assertEqual(named.suggested_product_id, self.other_product)

    def test_ignored_listings_are_left_alone(self):
        listing = self.make_listing('SKU-A')
        listing.action_ignore()
        listing._map()
        self.assertEqual((listing.mapping_state, listing.product_id.id), ('ignored', False))
        listing.action_unignore()
        self.assertEqual(listing.product_id, self.product)

    def test_products_of_another_company_are_not_found(self):
        other = self.env['res.company'].create({'name': "Other"})
        self.env['product.product'].create({'name': "Foreign", 'default_code': 'FOREIGN', 'company_id': other.id})
        self.assertFalse(self.mapped('FOREIGN').product_id)

    def test_unmapped_come_first(self):
        self.make_listing('A-MAPPED', self.product)
        self.make_listing('Z-UNMAPPED')
        skus = self.env['amazon.listing'].search([('marketplace_id', '=', self.german.id)]).mapped('sku')
        self.assertEqual(skus, ['Z-UNMAPPED', 'A-MAPPED'])

    def test_export_change_and_import(self):
        """Odoo's own export and import are enough to map with a spreadsheet."""
        listing = self.make_listing('ODD')
        rows = listing._export_rows([['id'], ['sku'], ['product_id', 'default_code']])
        self.assertEqual(rows[0][1:], ['ODD', ''])
        result = self.env['amazon.listing'].load(['id', 'sku', 'product_id'],
                                                 [[rows[0][0], 'ODD', '[SKU-A] Product SKU-A']])
        self.assertFalse(result['messages'])
        self.assertEqual(listing.product_id, self.product)

    def test_an_order_of_a_pack_sells_its_pieces(self):
        self.make_listing('SKU-A-4PK', self.product, pack_quantity=4)
        sale = self.receive_sale(order(item('SKU-A-4PK', 2, '119.00')))
        line = sale.order_line
        self.assertEqual((line.product_id, line.product_uom_qty, line.product_uom_id.name, sale.amount_total),
                         (self.product, 2, "Pack of 4", 119.0))
        self.assertEqual(sale.picking_ids.move_ids.product_qty, 8)

    def test_an_order_that_amazon_fulfilled_sets_the_channel(self):
        """A1: the SKU is Amazon's from now on, whatever the last report said."""
        listing = self.make_listing('SKU-A', self.product)
        listing.amazon_date = '2026-10-01 12:00:00'
        self.receive_sale(order(item('SKU-A', shipped=1), channel='AMAZON', status='SHIPPED',
                                created='2026-09-01T09:00:00Z'))
        self.assertEqual(listing.channel, 'fbm', "an old order says nothing of a SKU that has moved since")
        self.receive_sale(order(item('SKU-A', shipped=1), channel='AMAZON', status='SHIPPED',
                                created='2026-10-01T13:00:00Z'))
        self.assertEqual(listing.channel, 'fba')

    # === PRODUCTS FROM LISTINGS === #

    def items(self, *entries):
        return {'numberOfResults': len(entries), 'items': list(entries)}

    def child(self, sku, size, color):
        relation = {'type': 'VARIATION', 'parentSkus': ['TEE'],
                    'variationTheme': {'theme': 'SIZE/COLOR', 'attributes': ['size', 'color']}}
        return {'sku': sku, 'relationships': [{'marketplaceId': 'x', 'relationships': [relation]}],
                'attributes': {'size': [{'value': size}], 'color': [{'value': color}]}, 'summaries': []}

    def create_products(self, listings, **answers):
        self.env['amazon.report'].create(
            [{'marketplace_id': market.id, 'report_type': 'GET_MERCHANT_LISTINGS_ALL_DATA', 'state': 'done'}
             for market in self.seller.marketplace_ids])
        listings.action_create_products()
        return self.run_flow('listings', **answers)

    def test_a_product_is_created_with_what_amazon_knows(self):
        american = self.marketplace('US')
        listing = self.make_listing('NEW-1', asin='B0NEW', barcode='4006381333931', amazon_price=19.99, market=american)
        twin = self.make_listing('NEW-1-FBA', asin='B0NEW', channel='AMAZON_NA', market=american)
        self.create_products(listing | twin, searchListingsItems=self.items({'sku': 'NEW-1'}, {'sku': 'NEW-1-FBA'}))
        product = listing.product_id
        self.assertEqual((product.default_code, product.barcode, product.amazon_asin, round(product.list_price, 2),
                          product.is_storable, product.name),
                         ('NEW-1', '4006381333931', 'B0NEW', 19.99, True, "Title of NEW-1"))
        self.assertEqual(twin.product_id, product, "one ASIN is one product")
        self.assertFalse(listing.pending_action)

    def test_children_of_one_parent_become_variants_of_one_template(self):
        children = [self.child(f'TEE-{size}-{color}', size, color)
                    for size, color in (('M', 'Red'), ('M', 'Blue'), ('L', 'Red'))]
        listings = self.env['amazon.listing'].union(*(self.make_listing(child['sku']) for child in children))
        def search(_seller, **query):
            return self.items(*children) if 'variationParentSku' in query else self.items(children[0])
        self.create_products(listings[0], searchListingsItems=search,
                             getListingsItem={'sku': 'TEE', 'summaries': [{'itemName': "T-shirt"}]})
        template = listings.product_id.product_tmpl_id
        self.assertEqual((len(template), template.name, len(template.product_variant_ids)), (1, "T-shirt", 3))
        self.assertEqual(listings[1].product_id.product_template_attribute_value_ids.mapped('name'), ['M', 'Blue'])
        self.assertEqual(listings[1].product_id.default_code, 'TEE-M-Blue')

    def test_a_listing_that_amazon_no_longer_knows_says_so(self):
        listing = self.make_listing('LOST')
        self.create_products(listing, searchListingsItems=self.items())
        self.assertEqual((listing.product_id.id, listing.pending_action), (False, False))
        self.assertIn("does not know", listing.pending_action_error)

    def test_users_map_and_administrators_make_rules(self):
        user = self.env['res.users'].create(
            {'name': "U", 'login': 'amazon-user', 'company_ids': [Command.set(self.company.ids)],
             'company_id': self.company.id,
             'group_ids': [Command.link(self.env.ref('amazon_connector.group_amazon_user').id)]})
        listing = self.make_listing('sku a')
        listing._map()
        listing.with_user(user).action_accept_suggestion()
        self.assertEqual(listing.product_id, self.product)
        listing.with_user(user).action_ignore()
        self.assertTrue(listing.ignored)

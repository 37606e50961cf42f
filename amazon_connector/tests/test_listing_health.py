from odoo.fields import Command, Datetime
from odoo.tests import new_test_user, tagged

from . import payloads
from .common import AmazonCase

IMAGE = [{'code': '1', 'message': "Bild fehlt", 'severity': 'ERROR', 'attributeNames': ['main_product_image_locator']}]


@tagged('post_install', '-at_install')
class TestListingHealth(AmazonCase):
    """What keeps listings from selling, by severity and by the sales that are lost."""

    def read_problems(self, *listings):
        """Pairs of SKU and problem, in the order in which they are shown."""
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env['amazon.listing.health'].search(
            [('listing_id', 'in', [listing.id for listing in listings])] if listings
            else [('seller_id', '=', self.seller.id)])
        return [(row.sku, row.problem) for row in rows]

    def sell(self, sku, total):
        moment = Datetime.now().strftime('%Y-%m-%dT%H:%M:%SZ')
        return self.receive_sale(payloads.order(payloads.item(sku=sku, total=total), created=moment))

    def make(self, sku, product=None, **vals):
        return self.make_listing(sku, product or self.product, **{
            'amazon_quantity': 5, 'amazon_price': 10, 'amazon_date': '2026-10-01', **vals})

    def test_a_listing_that_sells_has_no_problem(self):
        self.assertFalse(self.read_problems(self.make('SKU-A')))

    def test_each_problem(self):
        self.german.write({'stock_sync': True, 'price_sync': True, 'content_sync': True})
        for problem, vals in {
            'incomplete': {'status': 'incomplete'}, 'inactive': {'status': 'inactive'},
            'no_price': {'amazon_price_missing': True}, 'sold_out': {'amazon_quantity': 0},
            'price': {'price_state': 'held'},
            'stock': {'stock_state': 'failed'},
            'content': {'content_state': 'held', 'follows_product': True},
            'warning': {'issue_level': 'warning'}, 'error': {'issue_level': 'error'},
        }.items():
            listing = self.make(problem.upper(), **vals)
            self.assertEqual(self.read_problems(listing), [(listing.sku, problem)])
        never = self.make_listing('NEVER', self.product, channel='AMAZON_EU')
        self.assertEqual(self.read_problems(never), [('NEVER', 'sold_out')], "without a quantity")
        self.assertEqual(self.read_problems(self.make_listing('NO-PRODUCT')), [('NO-PRODUCT', 'unmapped')])
        listing = self.make('PICTURE', issues=IMAGE, issue_level='error')
        self.assertEqual({problem for _sku, problem in self.read_problems(listing)}, {'error', 'no_image'})
        reasons = self.env['amazon.listing.health'].search([('listing_id', '=', listing.id)]).mapped('reason')
        self.assertIn("Bild fehlt", reasons[0])

    def test_what_amazon_does_about_an_issue(self):
        """A page that is hidden from the search sells nothing, though it can be bought."""
        for action, problem in (('LISTING_SUPPRESSED', 'suppressed'), ('CATALOG_ITEM_REMOVED', 'suppressed'),
                                ('SEARCH_SUPPRESSED', 'hidden'), ('ATTRIBUTE_SUPPRESSED', None)):
            listing = self.make(action, issues=[{'code': '1', 'message': "Mot", 'severity': 'WARNING',
                                                 'actions': [action], 'categories': ['MISSING_IMAGE']}])
            self.assertEqual({found for _sku, found in self.read_problems(listing)}, {problem, 'no_image'} - {None})
            row = self.env['amazon.listing.health'].search([('listing_id', '=', listing.id)], limit=1)
            self.assertIn("Mot", row.reason)

    def test_a_suspended_marketplace(self):
        listing = self.make('SKU-A')
        self.german.is_suspended = True
        self.assertEqual(self.read_problems(listing), [('SKU-A', 'suspended')])

    def test_what_is_ignored_or_removed_is_not_shown(self):
        self.assertFalse(self.read_problems(self.make('REMOVED', status='removed', issue_level='error'),
                                   self.make('IGNORED', ignored=True, issue_level='error')))

    def test_stock_at_amazon_counts_for_fba(self):
        full = self.make('FULL', channel='AMAZON_EU', fba_quantity=3, amazon_quantity=0)
        self.assertFalse(self.read_problems(full))
        full.fba_quantity = 0
        self.assertEqual(self.read_problems(full), [('FULL', 'sold_out')])

    def test_the_most_severe_first_and_of_these_what_sold_most(self):
        little = self.make('SKU-A', amazon_quantity=0)
        much = self.make('SKU-B', self.other_product, amazon_quantity=0)
        warned = self.make('WARNED', issue_level='warning')
        self.sell('SKU-A', '119.00'), self.sell('SKU-B', '1190.00'), self.sell('SKU-B', '1190.00')
        self.assertEqual([sku for sku, _problem in self.read_problems(little, much, warned)],
                         ['SKU-B', 'SKU-A', 'WARNED'])
        row = self.env['amazon.listing.health'].search([('listing_id', '=', much.id)])
        self.assertEqual(round(row.lost_sales, 2), round(2000 * 30 / 90, 2))
        self.assertEqual(row.action_open()['res_id'], much.id)

    def test_in_another_company_nothing_is_shown(self):
        listing = self.make('SKU-A', status='incomplete')
        other = self.env['res.company'].create({'name': "Elsewhere"})
        user = new_test_user(self.env, 'lister', 'amazon_connector.group_amazon_user', company_id=other.id,
                             company_ids=[Command.set(other.ids)])
        self.assertTrue(self.read_problems(listing))
        self.assertFalse(self.env['amazon.listing.health'].with_user(user).with_context(
            allowed_company_ids=other.ids).search([('listing_id', '=', listing.id)]))

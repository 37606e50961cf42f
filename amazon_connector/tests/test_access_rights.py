from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .access_common import AccessCase
from .common import FakeAmazon
from .settlement_files import SUBSCRIPTION, document, row

BUILT_IN = 'amazon_connector.settlement_rule_other_transaction_other_transaction_subscription_fee'


@tagged('post_install', '-at_install')
class TestAccessRights(AccessCase):
    """Attacks that were seen to succeed, by their ways round the buttons."""

    def own(self, model, role):
        return self.as_user(self.seeds['own'][model], role)

    def test_nobody_points_an_inbox_row_at_another_order(self):
        with self.assertRaises(AccessError):
            self.own('amazon.order', 'user').sale_order_id = self.seeds['other']['sale.order']

    def test_nobody_deletes_a_listing_by_writing(self):
        with self.assertRaises(AccessError):
            self.own('amazon.listing', 'user').pending_action = 'delete'

    def test_a_listing_stays_the_offer_that_it_is(self):
        listing = self.own('amazon.listing', 'admin')
        for values in ({'sku': 'OTHER'}, {'marketplace_id': self.marketplace('FR').id}):
            with self.assertRaises(AccessError):
                listing.write(values)

    def test_bookkeeping_comes_in_by_no_creation(self):
        listings = self.as_user(self.env['amazon.listing'], 'user')
        values = {'marketplace_id': self.german.id, 'sku': 'NEW'}
        for attack in (
            lambda: listings.create({**values, 'pending_action': 'delete'}),
            lambda: listings.with_context(default_pending_action='delete').create(values),
        ):
            with self.assertRaises(AccessError):
                attack()
        self.assertFalse(listings.create(values).pending_action)

    def test_bookkeeping_comes_in_by_no_default_of_a_user(self):
        defaults = self.as_user(self.env['ir.default'], 'admin')
        for model, name, value in (('amazon.listing', 'pending_action', 'delete'),
                                   ('res.partner', 'amazon_is_buyer', True), ('amazon.seller', 'environment', 'custom'),
                                   ('amazon.seller', 'custom_url', 'http://127.0.0.1:9')):
            defaults.set(model, name, value, True)
        listing = self.as_user(self.env['amazon.listing'],
                               'admin').create({'marketplace_id': self.german.id, 'sku': 'NEW'})
        seller = self.as_user(self.env['amazon.seller'], 'admin').create({'name': "New", 'home_marketplace': 'FR'})
        partner = self.as_user(self.env['res.partner'], 'admin').sudo().create({'name': "Our own"})
        self.assertEqual((listing.pending_action, seller.sudo().environment, partner.amazon_is_buyer),
                         (False, 'production', False))

    def test_an_administrator_tests_the_connection(self):
        amazon = FakeAmazon(
            getMarketplaceParticipations={'payload': [self.participation('DE'), self.participation('GB')]})
        seller = self.own('amazon.seller', 'admin')
        with amazon.patched():
            seller.action_test_connection()
        self.assertEqual(
            (seller.state, bool(seller.marketplace_ids.filtered(lambda market: market.country_id.code == 'GB'))),
            ('connected', True))

    def test_products_of_an_exception_are_chosen_and_nothing_else(self):
        order, listing = self.own('amazon.order', 'user'), self.seeds['own']['amazon.listing']
        order.sudo().listing_ids = listing
        order.write(
            {'listing_ids': [Command.update(listing.id, {'product_id': self.seeds['own']['product.product'].id})]})
        self.assertEqual(listing.product_id, self.seeds['own']['product.product'])
        for command in (Command.unlink(listing.id), Command.clear(),
                        Command.link(self.seeds['other']['amazon.listing'].id)):
            with self.assertRaises(AccessError):
                order.write({'listing_ids': [command]})

    def test_labels_are_bought_for_offers_that_amazon_made(self):
        with self.assertRaises(AccessError):
            self.as_user(self.env['amazon.label.buy'], 'stock').create({
                'picking_id': self.seeds['own']['stock.picking'].id,
                'sale_order_id': self.seeds['other']['sale.order'].id})

    def test_a_wizard_is_its_users_own(self):
        setup = self.as_user(self.env['amazon.order.recover'], 'admin').create({'seller_id': self.seller.id})
        other = self._make_user('other_admin', 'amazon_connector.group_amazon_admin')
        with self.assertRaises(AccessError):
            setup.with_user(other).action_recover()

    def test_nothing_is_given_to_a_company_that_is_not_the_users(self):
        for model, role in (('amazon.seller', 'admin'), ('amazon.seller.marketplace', 'admin'),
                            ('amazon.settlement.rule', 'accountant')):
            with self.assertRaises(UserError):
                self.own(model, role).company_id = self.other_company

    def test_a_company_that_is_not_chosen_at_the_moment_is_the_users_all_the_same(self):
        """What counts for a seller counts for a rule: the companies that the user works for."""
        for model, role in (('amazon.seller', 'admin'), ('amazon.settlement.rule', 'accountant')):
            record = self.own(model, role).with_context(allowed_company_ids=self.company.ids)
            record.env.user.sudo().company_ids = [Command.link(self.other_company.id)]
            record.write({'company_id': self.other_company.id})
            self.assertEqual(record.sudo().company_id, self.other_company)

    # === WHERE BOOKKEEPING IS REFUSED === #

    def test_reading_asks_nothing_of_this_addon(self):
        """`Field.__get__` calls `_has_field_access` for every field of every record that any user reads."""
        slow = [cls.__module__ for cls in type(self.env['res.country']).__mro__ if '_has_field_access' in vars(cls)]
        self.assertFalse([name for name in slow if 'amazon_connector' in name])

    def test_a_document_is_not_replaced_by_its_file(self):
        report = self.own('amazon.report', 'admin')
        report.check_access('write')
        report.sudo().content = b'dGhlaXJz'
        values = {'res_model': 'amazon.report', 'res_id': report.id, 'res_field': 'content', 'name': "x",
                  'raw': b'mine'}
        files = self.env['ir.attachment'].sudo().search(
            [('res_model', '=', 'amazon.report'), ('res_field', '=', 'content'), ('res_id', '=', report.id)])
        self.assertTrue(files)
        with self.assertRaises(AccessError):
            self.as_user(self.env['ir.attachment'], 'admin').create(values)
        with self.assertRaises(AccessError):
            self.as_user(files, 'admin').raw = b'mine'

    # === BUILT-IN RULES === #

    def test_built_in_rules_are_for_reading(self):
        rule = self.as_user(self.env.ref(BUILT_IN), 'accountant')
        for attack in (lambda: rule.write({'treatment': 'other'}), lambda: rule.write({'active': False}), rule.unlink,
                       lambda: self.own('amazon.settlement.rule', 'accountant').write({'company_id': False}),
                       lambda: rule.create({'name': "For all", 'company_id': False})):
            with self.assertRaises(AccessError):
                attack()
        self.assertEqual(rule.create({'name': "Mine"}).company_id, self.company)

    def test_a_company_chooses_its_account_of_a_built_in_rule(self):
        rule = self.as_user(self.env.ref(BUILT_IN), 'accountant')
        rule.account_id = self.env['account.account'].search([('company_ids', 'in', self.company.ids)], limit=1)
        self.assertTrue(rule.account_id)
        self.assertFalse(rule.sudo().with_company(self.other_company).account_id)

    def test_an_own_copy_goes_before_the_built_in_rule(self):
        rule = self.as_user(self.env.ref(BUILT_IN), 'accountant')
        for seeds in self.seeds.values():
            seeds['amazon.settlement.rule'].active = False
        rule.action_copy_for_company()
        copy = self.env['amazon.settlement.rule'].search(
            [('company_id', '=', self.company.id), ('amount_description', '=', rule.amount_description)])
        self.assertEqual((copy.sequence, copy.state), (rule.sequence, 'confirmed'))
        settlement = self.env['amazon.settlement']._import_file(self.seller,
                                                                document([row(SUBSCRIPTION, '-39.00')], ref='777'))
        self.assertEqual(settlement.line_ids.rule_id, copy)
        market = self.seeds['other']['amazon.seller.marketplace']
        elsewhere = self.env['amazon.settlement']._import_file(market.seller_id,
                                                               document(
                                                                   [row(SUBSCRIPTION, '-39.00', market='Amazon.fr')],
                                                                   ref='778'))
        self.assertEqual(elsewhere.line_ids.rule_id, self.env.ref(BUILT_IN))

    # === RELATIONS STAY IN THEIR COMPANY === #

    # Listings of an order come with it, and only their products are chosen; a delivery method without company is
    # everybody's, and so are its carriers at Amazon (`_check_marketplace_company`); what the wizards of accounts and of
    # credentials are given is checked when they write.
    OTHERWISE = {'amazon.accrual.seller_id', 'amazon.order.listing_ids', 'amazon.connect.seller_id',
                 'amazon.carrier.mapping.marketplace_id',
                 'amazon.settlement.setup.journal_id', 'amazon.settlement.setup.line.account_id'}

    def test_relations_that_users_write_are_checked_for_their_company(self):
        """A record that belongs to its parent has the parent's company; everything else says `check_company`."""
        unchecked = []
        for name, model in self.env.items():
            if name.startswith('amazon.') and 'company_id' in model._fields:
                parents = {(model._fields['company_id'].related or '').split('.')[0]}
                unchecked += [f'{name}.{field.name}' for field in model._fields.values() if self.is_of_company(field)
                              and not (
                                  field.name in parents or field.check_company and model._check_company_auto)]
        self.assertEqual(set(unchecked), self.OTHERWISE)

    def is_of_company(self, field):
        """Whether a user chooses a record here that may belong to a company."""
        return (field.type in ('many2one', 'many2many') and field.comodel_name in self.env
                and field.name != 'company_id' and not field.readonly
                and not field.compute
                and bool({'company_id', 'company_ids'} & self.env[field.comodel_name]._fields.keys()))

    def test_what_is_another_companys_is_not_chosen(self):
        product = self.env['product.product'].create(
            {'name': "Theirs", 'company_id': self.seeds['other']['amazon.seller'].company_id.id})
        with self.assertRaises(UserError):
            self.german.fallback_product_id = product
        with self.assertRaises(UserError):
            self.env['amazon.settlement.rule'].create({
                'name': "Ours", 'company_id': self.german.company_id.id,
                'marketplace_id': self.seeds['other']['amazon.seller.marketplace'].id})

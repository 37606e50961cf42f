from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.modules.migration import load_script
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .tax_common import TaxCase


@tagged('post_install', '-at_install')
class TestTaxAnswers(TaxCase):
    """Who answers what, for which company, and which answers cannot be."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company._map_eu_taxes()
        cls.other = cls.env['res.company'].create({'name': "Other GmbH", 'country_id': cls.env.ref('base.de').id})

    def choose(self, row, tax):
        wizard = self.env['amazon.tax.choose'].with_context(**row.action_choose_tax()['context']).create(
            {'tax_id': tax.id})
        wizard.action_choose()
        row._process()

    def shop(self, country):
        return self.env['account.fiscal.position'].search([
            ('company_id', '=', self.company.id), ('country_id.code', '=', country), ('name', '=like', 'OSS%')])

    def user(self, login, *groups, companies=None):
        return new_test_user(self.env, login, groups=','.join(groups), company_id=(companies or self.company)[0].id,
                             company_ids=[Command.set((companies or self.company).ids)])

    def make_choice(self, tax, **vals):
        return self.env['amazon.tax.rate'].create({
            'company_id': self.company.id, 'country_id': self.env.ref('base.de').id, 'rate': 12, 'tax_id': tax.id,
            **vals})

    def test_a_rate_is_remembered_once_and_for_taxes_on_sales_only(self):
        for odd in (self.make_tax(self.company, "Fixed", 3, amount_type='fixed'),
                    self.make_tax(self.company, "Held", -12)):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.make_choice(odd)
        self.make_choice(self.make_tax(self.company, "12 %", 12))
        with self.assertRaises(IntegrityError), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
            self.make_choice(self.make_tax(self.company, "12 % again", 12))

    def test_what_changes_taxes_is_for_administrators_of_accounting(self):
        row = self.sell('110.00', '10.00', to='FR')
        amazon = self.user('only_amazon', 'amazon_connector.group_amazon_admin')
        with self.assertRaisesRegex(AccessError, "administrators of Accounting"):
            row.with_user(amazon).action_accept_tax()
        setup = self.env['amazon.tax.setup'].browse(
            self.env['amazon.tax.setup'].with_user(amazon)._open(self.seller.with_user(amazon))['res_id'])
        line = self.env['amazon.tax.setup.line'].create({
            'setup_id': setup.id, 'company_id': self.company.id, 'question': row.tax_question})
        with self.assertRaisesRegex(AccessError, "administrators of Accounting"):
            line.with_user(amazon).action_accept()
        both = self.user('both', 'amazon_connector.group_amazon_admin', 'account.group_account_manager')
        row.with_user(both).action_accept_tax()
        row._process()
        self.assert_taxed(row, 10, 10, self.shop('FR'))

    def test_the_tax_of_another_country_is_not_chosen(self):
        row = self.sell('110.00', '10.00', to='FR')
        wizard = self.env['amazon.tax.choose'].create({'order_id': row.id})
        wizard.tax_id = self.make_tax(self.company, "10 % AT", 10,
                                      fiscal_position_ids=[Command.set(self.shop('AT').ids)])
        with self.assertRaisesRegex(UserError, "not reported there"):
            wizard.action_choose()
        wizard.tax_id = self.make_tax(self.company, "10 % FR", 10,
                                      fiscal_position_ids=[Command.set(self.shop('FR').ids)])
        wizard.action_choose()
        row._process()
        self.assert_taxed(row, 10, 10, self.shop('FR'))

    def test_one_answer_frees_all_that_ask_the_same_of_a_place(self):
        first, second = self.sell('110.00', '10.00', to='FR'), self.sell('1.25', '0.11', to='FR',
                                                                         email='b@marketplace.amazon.de')
        self.assertNotEqual(first.tax_question['rate'], second.tax_question['rate'])
        abroad = self.sell('111.00', '11.00', to='AT')
        first.action_accept_tax()
        self.assertEqual((first.state, second.state, abroad.state), ('new', 'new', 'error'))

    def test_taxes_of_another_company_are_not_answered(self):
        row = self.sell('110.00', '10.00', to='FR')
        groups = 'amazon_connector.group_amazon_admin', 'account.group_account_manager'
        stranger = self.user('stranger', *groups, companies=self.other)
        asked = row.sudo()
        setup = self.env['amazon.tax.setup'].create({'seller_id': self.seller.id})
        line = self.env['amazon.tax.setup.line'].create({'setup_id': setup.id, 'company_id': self.company.id,
                                                         'question': asked.tax_question})
        wizard = self.env['amazon.tax.choose'].create(
            {'order_id': row.id, 'tax_id': self.company.account_sale_tax_id.id})
        for attack in (row.with_user(stranger).action_accept_tax, row.with_user(stranger).action_choose_tax,
                       line.with_user(stranger).action_accept, wizard.with_user(stranger).action_choose):
            with self.assertRaises(AccessError):
                attack()

    def test_a_seller_of_several_companies_shows_each_its_own(self):
        """The seller is this company's, and one of its marketplaces another one's."""
        market = self.seller.marketplace_ids.filtered(lambda market: market.country_id.code == 'FR')
        market.sudo().write({'company_id': self.other.id, 'warehouse_id': False, 'fba_location_id': False,
                             'pricelist_id': False, 'journal_id': False,
                             'team_id': False, 'anonymous_partner_id': False})
        own = self.user('own', 'amazon_connector.group_amazon_admin', 'account.group_account_manager')
        setup = self.env['amazon.tax.setup'].browse(
            self.env['amazon.tax.setup'].with_user(own)._open(self.seller.with_user(own))['res_id'])
        self.assertEqual(setup.line_ids.company_id, self.company)
        line = self.env['amazon.tax.setup.line'].create({
            'setup_id': setup.id, 'company_id': self.other.id,
            'question': self.sell('110.00', '10.00', to='FR').tax_question})
        with self.assertRaisesRegex(AccessError, "your own companies"):
            line.with_user(own).action_accept()

    def test_wizards_of_others_are_not_read(self):
        groups = 'amazon_connector.group_amazon_admin', 'account.group_account_manager'
        mine, other = self.user('mine', *groups), self.user('his', *groups)
        row = self.sell('110.00', '10.00', to='FR')
        setup = self.env['amazon.tax.setup'].browse(
            self.env['amazon.tax.setup'].with_user(mine)._open(self.seller.with_user(mine))['res_id'])
        wizard = self.env['amazon.tax.choose'].with_user(mine).create({'order_id': row.id})
        self.assertEqual(setup.create_uid, mine)
        for record in (setup, setup.line_ids[:1], wizard):
            self.assertTrue(record.with_user(mine).read(['id']))
            with self.assertRaises(AccessError):
                record.with_user(other).read(['id'])

    def test_two_taxes_of_one_rate_of_earlier_versions_are_asked_for(self):
        first, second = self.make_tax(self.company, "12 % A", 12), self.make_tax(self.company, "12 % B", 12)
        self.env.cr.execute("CREATE TABLE amazon_marketplace_tax (marketplace_id int, rate numeric, tax_id int)")
        self.env.cr.execute("INSERT INTO amazon_marketplace_tax VALUES (%s, 12, %s), (%s, 12, %s)", (
            self.german.id, first.id, self.marketplace('FR').id, second.id))
        load_script('amazon_connector/migrations/1.5.0/post-order-taxes.py',
                    'migration').migrate(self.env.cr, '19.0.1.4.0')
        self.assertFalse(self.env['amazon.tax.rate'].search([('company_id', '=', self.company.id)]))

    def test_an_archived_choice_is_not_taken(self):
        row = self.sell('112.00', '12.00')
        tax = self.make_tax(self.company, "12 %", 12)
        self.choose(row, tax)
        self.assert_taxed(row, 12, 12)
        tax.active = False
        later = self.sell('11.20', '1.20')
        self.assert_waits(later, "12.00 %")

    def test_an_archived_position_is_not_taken(self):
        row = self.sell('100.00', to='CH')
        self.accept(row)
        position = row.sale_order_id.fiscal_position_id
        position.active = False
        self.assert_waits(self.sell('50.00', to='NO'))

    def test_a_choice_for_one_country_is_not_that_of_another(self):
        """A position of several countries."""
        for code in ('FR', 'AT'):
            self.shop(code).active = False
        group_tax = self.make_tax(self.company, "EU 21", 21)
        europe = self.env.ref('base.europe')
        position = self.make_position(self.company, "EU consumers", [group_tax], country_group_id=europe.id, sequence=0)
        french = self.make_tax(self.company, "FR 10", 10)
        row = self.sell('110.00', '10.00', to='FR')
        self.assertEqual(row.sale_order_id.fiscal_position_id, position)
        self.choose(row, french)
        self.assert_taxed(row, 10, 10)
        self.assert_waits(self.sell('11.00', '1.00', to='AT'), "Austria")

    def test_a_products_tax_that_leads_nowhere_is_asked_for_once(self):
        """A position of two rates, and a product whose tax is neither the usual one nor mapped."""
        self.shop('FR').active = False
        high, low = (self.make_tax(self.company, f"FR {rate}", rate) for rate in (20, 5.5))
        position = self.make_position(self.company, "France", [high, low], country_id=self.env.ref('base.fr').id,
                                      auto_apply=True, sequence=0)
        self.product.taxes_id = self.make_tax(self.company, "7 % of its own", 7)
        self.make_listing('SKU-A', self.product)
        row = self.sell('105.50', to='FR')
        self.assert_waits(row, "France")
        self.choose(row, low)
        for sale in (row, self.sell('21.10', to='FR')):
            self.assertEqual(self.taxes(sale), low)
            self.assertEqual(sale.sale_order_id.fiscal_position_id, position)
        self.product.taxes_id = self.make_tax(self.company, "16 % of its own", 16)
        self.assert_waits(self.sell('12.00', to='FR'), "France")

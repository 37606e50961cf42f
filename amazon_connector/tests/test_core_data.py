from odoo.modules.migration import load_script
from odoo.tests import tagged

from .common import AmazonCase
from .payloads import MARKETPLACES

MIGRATION = 'amazon_connector/migrations/1.5.0/post-core-data.py'


@tagged('post_install', '-at_install')
class TestCoreData(AmazonCase):
    """What connecting a seller makes or changes in Odoo is for Amazon only, or somebody is notified of it."""

    def connect(self, *codes):
        seller = self.seller.copy({'name': "Another", 'selling_partner_ref': 'A2TEST'})
        self.env['amazon.seller.marketplace']._update_from_amazon(seller, [self.participation(code) for code in codes])
        return seller

    def test_pricelists_of_marketplaces_are_nobodys_default(self):
        self.env.user.group_ids += self.env.ref('product.group_product_pricelist')
        pricelists = self.env['product.pricelist']
        made = self.seller.marketplace_ids.pricelist_id
        self.assertTrue(made and all(made.mapped('amazon_only')))
        pricelists.search([('id', 'not in', made.ids)]).action_archive()
        customer = self.env['res.partner'].create({'name': "Somebody", 'country_id': self.company.country_id.id})
        self.assertFalse(customer.property_product_pricelist)
        own = pricelists.create({'name': "Own", 'company_id': self.company.id, 'sequence': 20})
        self.env.invalidate_all()
        self.assertEqual(customer.property_product_pricelist, own)
        order = self.env['sale.order'].create({'partner_id': customer.id, 'company_id': self.company.id})
        self.assertEqual(order.currency_id, self.company.currency_id)

    def test_salespeople_without_a_team_do_not_get_amazons(self):
        team = self.env['crm.team'].create({'name': "Shop", 'company_id': self.company.id})
        self.assertLess(team.sequence, self.german.team_id.sequence)
        user = self.env['res.users'].create(
            {'name': "New", 'login': 'new@example.com', 'company_id': self.company.id, 'company_ids': self.company.ids}
        )
        self.assertNotEqual(self.env['crm.team'].with_user(user)._get_default_team_id(user.id), self.german.team_id)

    def test_entries_without_a_journal_do_not_get_amazons(self):
        self.env['account.journal'].search(
            [('company_id', '=', self.company.id), ('type', '=', 'general')]).sequence = 10
        self.env['amazon.settlement.setup'].create({}).action_apply()
        self.assertTrue(self.german.settlement_journal_id)
        entry = self.env['account.move'].with_company(self.company).create({'move_type': 'entry'})
        self.assertNotEqual(entry.journal_id, self.german.settlement_journal_id)

    def test_currencies_are_activated_in_words(self):
        currencies = self.env['res.currency'].with_context(active_test=False)
        wanted = {
            MARKETPLACES[code][1]: currencies.search([('name', '=', MARKETPLACES[code][1])])
            for code in ('MX', 'BR', 'JP')
        }
        self.env['res.currency.rate'].search(
            [('currency_id', 'in', [currency.id for currency in wanted.values()])]
        ).unlink()
        for currency in wanted.values():
            currency.active = False
        absent = self.participation('JP')
        absent['participation']['isParticipating'] = False
        seller = self.connect('MX', 'BR')
        self.env['amazon.seller.marketplace']._update_from_amazon(seller, [absent])
        self.assertEqual(
            [wanted[name].active for name in ('MXN', 'BRL', 'JPY')], [True, True, False], "only what is sold in"
        )
        self.assertTrue({'MXN', 'BRL'} <= set(seller.missing_rates.split(', ')))
        messages = ' '.join(seller.message_ids.mapped('body'))
        self.assertIn('MXN', messages)
        self.assertNotIn('JPY', messages)
        market = seller.with_context(active_test=False).marketplace_ids.filtered(
            lambda market: market.currency_id == wanted['JPY']
        )
        market.active = True
        self.assertTrue(wanted['JPY'].active)
        self.assertIn('JPY', ' '.join(seller.message_ids.mapped('body')))

    def test_currencies_without_a_rate_are_listed(self):
        pound = self.env.ref('base.GBP')
        self.env['res.currency.rate'].search([('currency_id', '=', pound.id)]).unlink()
        self.assertIn('GBP', self.seller.missing_rates)
        self.assertNotIn('EUR', self.seller.missing_rates)
        self.env['res.currency.rate'].create(
            {'currency_id': pound.id, 'rate': 0.85, 'name': '2026-01-01', 'company_id': self.company.id}
        )
        self.env.invalidate_all()
        self.assertNotIn('GBP', self.seller.missing_rates)

    def test_defaults_of_earlier_versions_are_mended(self):
        pricelists, team = self.seller.marketplace_ids.pricelist_id, self.german.team_id
        self.env['amazon.settlement.setup'].create({}).action_apply()
        journal = self.german.settlement_journal_id
        pricelists.amazon_only, team.sequence, journal.sequence = False, 10, 10
        shared = self.german.pricelist_id
        self.env['sale.order'].create(
            {'partner_id': self.company.partner_id.id, 'company_id': self.company.id, 'pricelist_id': shared.id}
        )
        load_script(MIGRATION, 'migration').migrate(self.env.cr, '19.0.1.4.0')
        self.env.invalidate_all()
        self.assertEqual((team.sequence, journal.sequence, shared.amazon_only), (1000, 1000, False))
        self.assertEqual(set((pricelists - shared).mapped('amazon_only')), {True})

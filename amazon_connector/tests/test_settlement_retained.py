from odoo.modules.migration import load_script
from odoo.tests import tagged

from .settlement_files import OTHER, PRINCIPAL, TAX, WITHHELD, row
from .test_settlement_vat import VatCase


@tagged('post_install', '-at_install')
class TestSettlementRetained(VatCase):
    """Where a law makes Amazon keep a part of the seller's own tax, the seller owes all of it, and has a claim to what
    was kept.
    """

    def sell_at_home(self):
        """The marketplace is in the company's own country, and its law is Mexico's."""
        home = self.company.account_fiscal_country_id
        self.env['amazon.settlement.rule'].search([('country_id.code', '=', 'MX')]).sudo().country_id = home
        self.german.country_id = home
        return self.sell(1, self.french)

    def test_half_of_the_tax_is_kept_on_account(self):
        sale = self.sell_at_home()
        settlement = self.book(self.rows(sale, (PRINCIPAL, '100.00'), (TAX, '20.00'), (WITHHELD, '-10.00')))
        self.assertEqual(sale.amazon_fees, 0, "a claim is no cost")
        sale.amazon_fees = -10
        load_script('amazon_connector/migrations/1.5.0/post-withheld-fees.py',
                    'migration').migrate(self.env.cr, '19.0.1.4.0')
        self.assertEqual(sale.amazon_fees, 0, "that of earlier versions")
        self.assertEqual((self.by_tax(settlement), self.by_tax(settlement, 'tax_ids')), ({20.0: -20.0}, {20.0: -100.0}))
        self.assertEqual((self.balance('withholding'), settlement.payout_line_id.balance), (10.0, 110.0))

    def test_all_of_the_tax_may_be_kept(self):
        settlement = self.book(self.rows(self.sell_at_home(), (PRINCIPAL, '100.00'), (TAX, '20.00'),
                                         (WITHHELD, '-20.00')))
        self.assertEqual((self.by_tax(settlement), self.balance('withholding')), ({20.0: -20.0}, 20.0))

    def test_elsewhere_it_is_amazons(self):
        settlement = self.book(self.rows(self.sell(1, self.french), (PRINCIPAL, '100.00'), (TAX, '20.00'),
                                         (WITHHELD, '-20.00')))
        self.assertEqual((self.by_tax(settlement), self.balance('withholding')), ({}, 0))

    def test_the_countries_are_those_of_the_laws(self):
        rules = self.env['amazon.settlement.rule'].search([('country_id', '!=', False)])
        self.assertEqual(sorted(rules.mapped('country_id.code')), ['IN', 'MX', 'TR'])
        self.assertEqual((set(rules.mapped('treatment')), set(rules.mapped('account_kind'))),
                         ({'other'}, {'withholding'}))

    def test_income_tax_is_a_claim_of_the_sellers(self):
        self.book([row((OTHER, OTHER, 'Income Tax Charged'), '-8.00'), row((OTHER, OTHER, 'Retención ISR'), '-2.00'),
                   row(PRINCIPAL, '100.00', '302-8888888-8888888')])
        self.assertEqual((self.balance('withholding'), self.balance('tax')), (10.0, 0))

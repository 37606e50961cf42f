from odoo.tests import tagged

from ..amazon_api.suppliers import get_ad_supplier
from .settlement_files import ADVERTISING, COMMISSION, row
from .test_settlements import ORDER, SettlementCase


@tagged('post_install', '-at_install')
class TestSettlementAdvertising(SettlementCase):
    """Amazon's fees are invoiced by its branch in the seller's country, advertising by its company in the marketplace's
    country.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.input_tax = cls.company.account_purchase_tax_id
        cls.reverse = cls.env['account.tax'].search([('name', '=', "19% EU O S"), ('company_id', '=', cls.company.id)])
        cls.french = cls.marketplace('FR')
        (cls.german | cls.french).settlement_fee_tax_id = cls.input_tax

    def claimed(self, settlement):
        return round(
            sum(settlement.move_ids.line_ids.filtered(lambda line: line.tax_line_id == self.input_tax).mapped(
                'balance')), 2)

    def test_no_tax_of_the_sellers_country_is_in_foreign_advertising(self):
        settlement = self.book([row(ADVERTISING, '-119.00', market='Amazon.fr'), row(ADVERTISING, '-11.90'),
                                row(COMMISSION, '-1.19', ORDER, market='Amazon.fr')])
        self.assertEqual(self.claimed(settlement), 2.09, "1.90 of Amazon.de's advertising, 0.19 of the commission")
        self.assertEqual(self.balance('advertising'), 129.0)

    def test_it_is_said_before(self):
        settlement = self.import_rows([row(ADVERTISING, '-119.00', market='Amazon.fr')])
        self.assertIn("Amazon Online France", settlement.notice)
        self.french.settlement_ad_tax_id = self.reverse
        settlement.invalidate_recordset(['notice'])
        self.assertNotIn("Amazon Online", settlement.notice or '')

    def test_reverse_charge_of_advertising(self):
        self.french.settlement_ad_tax_id = self.reverse
        settlement = self.book([row(ADVERTISING, '-100.00', market='Amazon.fr')])
        taxes = settlement.move_ids.line_ids.filtered(lambda line: line.tax_line_id == self.reverse)
        self.assertEqual((self.balance('advertising'), sorted(taxes.mapped('balance'))), (100.0, [-19.0, 19.0]))

    def test_who_invoices_it(self):
        suppliers = {code: (market.ad_supplier, market.ad_country_id.code) for code in ('DE', 'FR', 'GB')
                     for market in self.marketplace(code)}
        self.assertEqual(suppliers, {
            'DE': ("Amazon Online Germany GmbH", 'DE'), 'FR': ("Amazon Online France SAS", 'FR'),
            'GB': ("Amazon Online UK Limited", 'GB')})
        self.assertEqual((get_ad_supplier('NL').country, get_ad_supplier('US').country, get_ad_supplier('XX')),
                         ('LU', 'US', None))

    def test_the_wizard_proposes_it(self):
        self.seller.marketplace_ids.write({'settlement_journal_id': False, 'settlement_fee_tax_id': False})
        setup = self.env['amazon.settlement.setup'].create({})
        taxes = {line.marketplace_id: (line.fee_tax_id, line.ad_tax_id) for line in setup.market_ids}
        self.assertEqual(taxes[self.french], (self.german._find_fee_tax(), self.french._find_ad_tax()))
        self.assertEqual((taxes[self.german][1], self.french._find_ad_tax()), (self.env['account.tax'], self.reverse))
        setup.action_apply()
        self.assertEqual((self.french.settlement_ad_tax_id, self.german.settlement_ad_tax_id),
                         (self.reverse, self.env['account.tax']))

    def test_an_accrual_has_no_tax_of_foreign_advertising_either(self):
        rule = self.env['amazon.settlement.rule'].search([('account_kind', '=', 'advertising')], limit=1)
        self.assertEqual((rule._get_net_share(self.french), round(rule._get_net_share(self.german), 4)), (1.0, 0.8403))

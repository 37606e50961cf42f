from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, tagged

from ..utils.settlement_accounts import CHARTS, KINDS
from ..wizards import amazon_settlement_setup
from .settlement_files import SUBSCRIPTION, row
from .test_settlements import SettlementCase

# The tax of services bought at home, and from another country of the European Union, as the charts name them.
LOCAL = {'FR': "20% S", 'DE': "19% I", 'IT': "22% S", 'ES': "21% S", 'UK': "20% S"}
REVERSE_CHARGE = {'FR': "20% EU S", 'DE': "19% EU O S", 'IT': "22% S RC", 'ES': "21% EU S"}
BALANCE_SHEET = ('tax', 'reserve', 'payout', 'carried', 'loan')


@tagged('post_install', '-at_install')
class TestSettlementAccounts(SettlementCase):
    """"Create accounts" proposes what fits the chart, creates what somebody agreed to, and changes nothing that was chosen."""

    def test_what_is_there_is_proposed_again_and_created_once(self):
        before = self.env['account.account'].search_count([])
        again = self.set_up_accounts()
        self.assertTrue(all(line.account_id for line in again.line_ids))
        self.assertEqual(self.env['account.account'].search_count([]), before)
        self.assertEqual(self.env['account.journal'].search_count([('code', '=', 'AMZ'), ('company_id', '=', self.company.id)]), 1)

    def test_proposals_can_be_changed_before_anything_is_created(self):
        company, _seller = self.make_company('fr', 'FR')
        setup = self.env['amazon.settlement.setup'].with_company(company).create({'policy': 'summary'})
        line = setup.line_ids.filtered(lambda line: line.kind == 'reserve')
        self.assertFalse(self.env['account.account'].with_company(company).search_count([('code', '=', line.code)]))
        line.write({'code': '467999', 'name': "Réserve"})
        setup.action_apply()
        rule = self.env.ref('amazon_connector.settlement_rule_other_transaction_other_transaction_current_reserve_amount').with_company(company)
        self.assertEqual((rule.account_id.code, rule.account_id.name), ('467999', "Réserve"))

    def test_the_tax_on_sales_is_that_of_the_country(self):
        """At home the company's own rate, in the Union that of the other country once the company charges it, outside none."""
        self.company._map_eu_taxes()
        self.seller.marketplace_ids.filtered('tax_mapping_ids').tax_mapping_ids.unlink()
        for market in self.seller.marketplace_ids:
            market.tax_mapping_ids = [(0, 0, vals) for vals in market._prepare_tax_mappings(self.company, market.country_id.id)]
        setup = self.env['amazon.settlement.setup']
        found = {code: setup._get_sale_tax(self.marketplace(code)) for code in ('DE', 'FR', 'GB', 'US')}
        self.assertEqual([tax.amount for tax in found.values()], [19, 20, 0, 0])
        self.assertTrue(found['FR'].price_include)
        self.company.account_sale_tax_id = self.env['account.tax'].search(
            [('company_id', '=', self.company.id), ('type_tax_use', '=', 'sale'), ('amount', '=', 7), ('price_include', '=', False)], limit=1)
        self.assertEqual([setup._get_sale_tax(self.marketplace(code)).amount for code in ('DE', 'FR')], [7, 20], "the highest rate is not always the usual one")

    def test_what_a_person_chose_stays(self):
        rule = self.env.ref('amazon_connector.settlement_rule_other_transaction_other_transaction_subscription_fee')
        own = self.account('other')
        rule.account_id = own
        self.set_up_accounts()
        self.assertEqual(rule.account_id, own)

    def test_a_code_that_is_taken_and_an_account_that_cannot_be_matched_are_refused(self):
        setup = self.env['amazon.settlement.setup'].create({'policy': 'summary'})
        line = setup.line_ids.filtered(lambda line: line.kind == 'payout')
        line.write({'account_id': False, 'code': self.account('sales').code, 'name': "Twice"})
        with self.assertRaisesRegex(UserError, "there already"):
            setup.action_apply()
        line.account_id = self.account('sales')
        with self.assertRaisesRegex(UserError, "reconciliation"):
            setup.action_apply()

    def test_analytic_accounts_of_a_company_need_a_rule_of_that_company(self):
        plan = self.env['account.analytic.plan'].create({'name': "Channels"})
        account = self.env['account.analytic.account'].create({'name': "Amazon", 'plan_id': plan.id, 'company_id': self.company.id})
        rule = self.env.ref('amazon_connector.settlement_rule_other_transaction_other_transaction_subscription_fee')
        with self.assertRaises(ValidationError):
            rule.analytic_distribution = {str(account.id): 100}
        own = rule.copy({'company_id': self.company.id, 'sequence': 1, 'analytic_distribution': {str(account.id): 100}, 'account_id': rule.account_id.id})
        settlement = self.book([row(SUBSCRIPTION, '-39.00')])
        self.assertEqual(settlement.move_ids.line_ids.filtered(lambda line: line.amazon_rule_id == own).analytic_distribution, {str(account.id): 100})

    def make_company(self, chart, country):
        company = self.env['res.company'].create({'name': f"Test {chart}"})
        company.country_id = self.env.ref(f'base.{country.lower()}')
        self.env['account.chart.template'].try_loading(chart, company=company, install_demo=False)
        self.env.user.company_ids |= company
        return company, self.seller


@tagged('post_install', '-at_install')
class TestCharts(TransactionCase):
    """The accounts of each chart that Odoo has here."""

    def setUp(self):
        super().setUp()
        # Only for the headings of reports, and for the Spanish charts it takes Odoo a minute.
        self.patch(self.registry['account.group'], '_adapt_parent_account_group', lambda *_args, **_kwargs: None)

    def check(self, chart, country):
        company = self.env['res.company'].create({'name': f"Test {chart}"})
        company.country_id = self.env.ref(f'base.{country.lower()}')
        self.env['account.chart.template'].try_loading(chart, company=company, install_demo=False)
        self.assertEqual(company.chart_template, chart)
        self.env.user.write({'company_ids': [(4, company.id)], 'company_id': company.id})
        setup = self.env['amazon.settlement.setup'].with_company(company).create({'policy': 'summary'})
        codes = next(codes for name, codes in CHARTS.items() if chart.startswith(name))
        for line in setup.line_ids:
            wanted = codes[line.kind]
            if wanted.startswith('+'):
                self.assertFalse(line.account_id, f"{chart}: {line.kind} has an account of its own")
            else:
                self.assertEqual(line.account_id.code.rstrip('0'), wanted.rstrip('0'), f"{chart}: {line.kind}")
                self.assertEqual(line.account_id.internal_group, 'income' if line.kind in ('sales', 'refunds', 'promotions', 'reimbursement') else 'expense')
        new = setup.line_ids.filtered(lambda line: not line.account_id)
        self.assertEqual(len(set(new.mapped('code'))), len(new), "no code twice")
        setup.action_apply()
        rules = self.env['amazon.settlement.rule'].with_company(company).search([])
        self.assertFalse(rules.filtered(lambda rule: not rule.account_id))
        by_kind = {rule.account_kind: rule.account_id for rule in rules}
        self.assertEqual({kind: account.account_type for kind, account in by_kind.items() if kind in BALANCE_SHEET},
                         {kind: KINDS[kind][1] for kind in BALANCE_SHEET if kind in by_kind})
        return setup

    def test_charts(self):
        for chart, country in (('generic_coa', 'AU'), ('us', 'US'), ('fr', 'FR'), ('de_skr03', 'DE'), ('de_skr04', 'DE'), ('uk', 'UK'), ('it', 'IT'),
                               ('es_pymes', 'ES'), ('es_full', 'ES')):
            with self.subTest(chart=chart):
                setup = self.check(chart, country)
                self.assertEqual(setup.fee_tax_id.name or None, LOCAL.get(country), f"{chart}: Amazon's branch invoices its fees")
                with patch.object(amazon_settlement_setup, 'BRANCHES', ()):
                    self.assertEqual(setup._default_fee_tax().name or None, REVERSE_CHARGE.get(country), f"{chart}: if they came from Luxembourg")

    def test_a_chart_that_nobody_described_gets_new_accounts(self):
        company = self.env['res.company'].create({'name': "Elsewhere"})
        self.env['account.chart.template'].try_loading('generic_coa', company=company, install_demo=False)
        self.env.user.write({'company_ids': [(4, company.id)], 'company_id': company.id})
        company.chart_template = 'xx'
        setup = self.env['amazon.settlement.setup'].with_company(company).create({'policy': 'summary'})
        self.assertEqual(len(setup.line_ids), len(KINDS))
        setup.action_apply()
        self.assertFalse(self.env['amazon.settlement.rule'].with_company(company).search([('account_id', '=', False)]))

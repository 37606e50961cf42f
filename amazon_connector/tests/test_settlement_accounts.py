import csv

from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open

from ..utils.settlement_accounts import CHARTS, KINDS, RARE, find_chart, get_range
from ..utils.settlement_chart import SettlementChart
from .settlement_files import SUBSCRIPTION, row
from .test_settlements import SettlementCase

# The tax of services bought at home, and from another country of the European Union, as the charts name them.
LOCAL = {'FR': "20% S", 'DE': "19% I", 'IT': "22% S", 'ES': "21% S", 'UK': "20% S"}
REVERSE_CHARGE = {'FR': "20% EU S", 'DE': "19% EU O S", 'IT': "22% S RC", 'ES': "21% EU S"}
FROM_OUTSIDE = {'FR': "20% EX", 'ES': "21% EX S", 'UK': "20% RC EX"}
BALANCE_SHEET = ('tax', 'reserve', 'payout', 'carried', 'loan', 'fee_tax', 'withholding')
INCOME = ('sales', 'refunds', 'promotions', 'reimbursement')
# Charts of modules that are not installed here: read from their files.
OTHER_CHARTS = ('ca_2023', 'jp', 'au', 'in', 'nl', 'pl', 'se', 'be', 'ie', 'at', 'tr', 'mx', 'br')


@tagged('post_install', '-at_install')
class TestSettlementAccounts(SettlementCase):
    """"Create accounts" proposes what fits the chart, creates what somebody agreed to, and changes nothing that was
    chosen.
    """

    def test_what_is_there_is_proposed_again_and_created_once(self):
        before = self.env['account.account'].search_count([])
        again = self.env['amazon.settlement.setup'].create({})
        again.action_apply()
        self.assertTrue(all(line.account_id for line in again.line_ids))
        self.assertEqual(self.env['account.account'].search_count([]), before)
        self.assertEqual(
            self.env['account.journal'].search_count([('code', '=', 'AMZ'), ('company_id', '=', self.company.id)]), 1)

    def test_proposals_can_be_changed_before_anything_is_created(self):
        company, _seller = self.make_company('fr', 'FR')
        setup = self.env['amazon.settlement.setup'].with_company(company).create({})
        line = setup.line_ids.filtered(lambda line: line.kind == 'reserve')
        self.assertFalse(self.env['account.account'].with_company(company).search_count([('code', '=', line.code)]))
        line.write({'code': '467999', 'name': "Réserve"})
        setup.action_apply()
        rule = self.env.ref(
            'amazon_connector.settlement_rule_other_transaction_other_transaction_current_reserve_amount').with_company(
                company)
        self.assertEqual((rule.account_id.code, rule.account_id.name), ('467999', "Réserve"))

    def test_an_account_that_is_out_of_use_is_not_proposed(self):
        company, _seller = self.make_company('fr', 'FR')
        setup = self.env['amazon.settlement.setup'].with_company(company)
        old = setup.create({}).line_ids.filtered(lambda line: line.state == 'found').account_id
        self.assertTrue(old)
        for account in old:
            account.active = False
        lines = setup.create({}).line_ids
        self.assertFalse(old & lines.account_id)
        self.assertNotIn(False, [line.account_id.code or line.code for line in lines])
        choices = self.env['account.account'].with_company(company)
        for model, name in (('amazon.settlement.rule', 'account_id'), ('amazon.settlement.setup.line', 'account_id'),
                            ('amazon.seller.marketplace', 'settlement_payout_account_id'),
                            ('amazon.accrual', 'account_id')):
            self.assertFalse(old & choices.search(self.env[model]._fields[name].domain or []), f'{model}.{name}')

    def test_the_tax_on_sales_is_that_of_the_country(self):
        """At home the company's own rate, in the Union that of the other country once the company charges it, outside
        none.
        """
        self.company._map_eu_taxes()
        setup = self.env['amazon.settlement.setup']
        found = {code: setup._get_sale_tax(self.marketplace(code)) for code in ('DE', 'FR', 'GB', 'US')}
        self.assertEqual([tax.amount for tax in found.values()], [19, 20, 0, 0])
        self.assertTrue(found['FR'].active and not found['FR'].amazon_original_id, "the tax as an accountant knows it")
        self.company.account_sale_tax_id = self.env['account.tax'].search(
            [('company_id', '=', self.company.id), ('type_tax_use', '=', 'sale'), ('amount', '=', 7),
             ('price_include', '=', False)], limit=1)
        self.assertEqual([setup._get_sale_tax(self.marketplace(code)).amount for code in ('DE', 'FR')], [7, 5.5],
                         "the highest rate is not the usual one")

    def test_what_a_person_chose_stays(self):
        rule = self.env.ref('amazon_connector.settlement_rule_other_transaction_other_transaction_subscription_fee')
        own = self.account('other')
        rule.account_id = own
        self.set_up_accounts()
        self.assertEqual(rule.account_id, own)

    def test_the_wizard_again_changes_what_is_changed_and_nothing_else(self):
        """Pressed from a banner, it set all marketplaces to another policy and dropped the accounts that were changed
        in it.
        """
        french, british = self.marketplace('FR'), self.marketplace('GB')
        tax = self.env['account.tax'].search([('name', '=', "19% EU O S"), ('company_id', '=', self.company.id)])
        french.settlement_fee_tax_id = tax
        before = {
            market: market.read(['settlement_journal_id', 'settlement_payout_account_id', 'settlement_fee_tax_id'])
                  for market in self.seller.marketplace_ids}
        again = self.env['amazon.settlement.setup'].create({})
        self.assertEqual((again.effect, set(again.line_ids.mapped('state'))), ("Nothing changes.", {'used'}))
        self.assertEqual([line.fee_tax_id for line in again.market_ids if line.marketplace_id in (french, british)],
                         [tax, tax.browse()])
        again.action_apply()
        self.assertEqual({market: market.read(list(values[0])[1:]) for market, values in before.items()}, before)

        other, changed = self.account('other'), self.env['amazon.settlement.setup'].create({})
        own = self.env.ref('amazon_connector.settlement_rule_other_transaction_other_transaction_storage_fee')
        own.account_id = other
        line = changed.line_ids.filtered(lambda line: line.kind == 'storage')
        number = len(line._get_rules())
        line.account_id = self.account('commission')
        changed.market_ids.filtered(lambda line: line.marketplace_id == british).fee_tax_id = tax
        self.assertEqual((line.state, number), ('changed', 0))
        self.assertIn(f"Storage: {self.account('commission').display_name} for {len(line._get_rules())} rules",
                      changed.effect)
        self.assertIn(f"{british.name}: tax on fees {tax.name}", changed.effect)
        self.assertEqual(len(changed.effect.splitlines()), 2, changed.effect)
        changed.action_apply()
        self.assertEqual((own.account_id, self.account('storage') - other, british.settlement_fee_tax_id,
                          french.settlement_fee_tax_id),
                         (other, self.account('commission'), tax, tax))

    def test_payout_accounts_of_marketplaces_are_told_apart(self):
        french, usual = self.marketplace('FR'), self.account('payout')
        mine, new = usual.copy({'code': '1399'}), usual.copy({'code': '1398'})
        french.settlement_payout_account_id = mine
        setup = self.env['amazon.settlement.setup'].create({})
        line = setup.line_ids.filtered(lambda line: line.kind == 'payout')
        self.assertEqual(line.used_account_id, usual)
        line.account_id = new
        setup.action_apply()
        self.assertEqual((self.german.settlement_payout_account_id, french.settlement_payout_account_id), (new, mine))

    def test_journals_of_marketplaces_are_told_apart(self):
        """Choosing the journal that another marketplace had was taken for no change."""
        french, usual = self.marketplace('FR'), self.german.settlement_journal_id
        mine = usual.copy({'code': 'AMZ2', 'name': "Amazon France"})
        new = usual.copy({'code': 'AMZ3', 'name': "Amazon new"})
        french.settlement_journal_id = mine
        setup = self.env['amazon.settlement.setup'].create({})
        self.assertEqual((setup.journal_id, setup.effect), (usual, "Nothing changes."))
        self.assertEqual([line.journal_id for line in setup.market_ids if line.marketplace_id == french], [mine])
        for chosen, french_after in ((new, mine), (mine, mine)):
            setup = self.env['amazon.settlement.setup'].create({})
            setup.journal_id = chosen
            self.assertIn(f"{self.german.name}", setup.effect)
            self.assertIn(f": journal {chosen.name}", setup.effect)
            self.assertNotIn(french.name, setup.effect)
            setup.action_apply()
            self.assertEqual((self.german.settlement_journal_id, french.settlement_journal_id), (chosen, french_after))

    def test_a_marketplace_of_another_company_is_left_alone(self):
        other = self.env['res.company'].create({'name': "Elsewhere"})
        setup = self.env['amazon.settlement.setup'].create({})
        line = setup.market_ids.filtered(lambda line: line.marketplace_id == self.german)
        line.fee_tax_id = self.company.account_purchase_tax_id
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_seller_marketplace SET company_id = %s, warehouse_id = NULL WHERE id = %s",
                            (other.id, self.german.id))
        self.env.invalidate_all()
        setup.action_apply()
        self.assertFalse(self.german.settlement_fee_tax_id)

    # === TAX ON FEES === #

    def test_the_tax_on_fees_follows_the_company_that_invoices(self):
        """Amazon.com Services LLC and Amazon UK Services give a German company no German input VAT."""
        suppliers = {code: (market.fee_supplier, market.fee_country_id.code, market._find_fee_tax().name or None)
                     for code in ('DE', 'FR', 'GB', 'US') for market in self.marketplace(code)}
        self.assertEqual(suppliers, {
            'DE': ("Amazon EU S.à r.l.", 'DE', "19% I"), 'FR': ("Amazon EU S.à r.l.", 'DE', "19% I"),
            'GB': ("Amazon UK Services Ltd.", 'GB', None), 'US': ("Amazon.com Services LLC", 'US', None)})

    def test_taxes_of_services_are_told_by_their_words_where_a_chart_has_no_scope(self):
        """As in Sweden, the Netherlands, Belgium and Austria."""
        domestic = self.company.domestic_fiscal_position_id
        reverse = self.env['account.tax'].search([('name', '=', "19% EU O S"), ('company_id', '=', self.company.id)])
        usual = self.company.account_purchase_tax_id
        included = usual.copy({'name': "19% S.TTC", 'description': "Services (Tax included)", 'sequence': 0,
                               'fiscal_position_ids': domestic.ids})
        construction = reverse.copy({'name': "19% RC", 'description': "Construction services in the EU", 'sequence': 0,
                                     'fiscal_position_ids': domestic.ids})
        services = usual.copy({'name': "19% S", 'description': "VAT purchases of services", 'sequence': 0,
                               'fiscal_position_ids': domestic.ids})
        self.assertEqual((included.tax_scope, construction.tax_scope, services.tax_scope), (False, False, False))
        self.assertEqual(self.german._find_fee_tax(), services)
        self.german.fee_country_id = self.env.ref('base.lu')
        self.assertEqual(self.german._find_fee_tax(), reverse)

    def test_which_of_several_taxes_it_is_nobody_guesses(self):
        """The first of several was taken, and "neutral" was read as "EU"."""
        reverse = self.env['account.tax'].search([('name', '=', "19% EU O S"), ('company_id', '=', self.company.id)])
        self.german.fee_country_id = self.env.ref('base.lu')
        other = reverse.copy({'name': "19% neutral", 'description': "Services (neutral)", 'fiscal_position_ids': False,
                              'tax_scope': 'service'})
        self.assertEqual(self.german._find_fee_tax(), reverse, "its words do not name the Union")
        other.description = "Services (EU)"
        self.assertFalse(self.german._find_fee_tax())

    def test_input_vat_from_abroad_is_warned_of(self):
        american = self.marketplace('US')
        american.settlement_fee_tax_id = self.company.account_purchase_tax_id
        self.assertIn("invoices from United States: there is no tax of Germany", american.fee_tax_warning)
        american.settlement_fee_tax_id = self.env['account.tax'].search(
            [('name', '=', "19% EU O S"), ('company_id', '=', self.company.id)])
        self.assertFalse(american.fee_tax_warning, "reverse charge claims nothing")
        self.german.settlement_fee_tax_id = self.company.account_purchase_tax_id
        self.assertFalse(self.german.fee_tax_warning)

    def test_reverse_charge_from_outside_is_found_once_it_is_activated(self):
        """The German charts have it archived."""
        american = self.marketplace('US')
        tax = self.env['account.tax'].with_context(active_test=False).search(
            [('name', '=', "19% EX D"), ('company_id', '=', self.company.id)])
        self.assertFalse(tax.active)
        self.assertFalse(american.with_context(active_test=False)._find_fee_tax())
        self.assertIn("reverse charge", american.fee_tax_warning)
        setup = self.env['amazon.settlement.setup'].create({'market_ids': [(0, 0, {'marketplace_id': american.id})]})
        self.assertEqual(setup.market_ids.filtered(lambda line: line.marketplace_id == american)[:1].hint, 'missing')
        tax.active = True
        self.assertEqual(american._find_fee_tax(), tax)
        american.settlement_fee_tax_id = tax
        self.assertFalse(american.fee_tax_warning)

    def test_what_a_person_knows_better_stays(self):
        american = self.marketplace('US')
        american.write({'fee_supplier': "Amazon GmbH", 'fee_country_id': self.env.ref('base.de').id})
        self.assertEqual((american.fee_supplier, american._find_fee_tax()),
                         ("Amazon GmbH", self.company.account_purchase_tax_id))

    def test_a_code_that_is_taken_and_an_account_that_cannot_be_matched_are_refused(self):
        setup = self.env['amazon.settlement.setup'].create({})
        line = setup.line_ids.filtered(lambda line: line.kind == 'payout')
        line.write({'account_id': False, 'code': self.account('sales').code, 'name': "Twice"})
        with self.assertRaisesRegex(UserError, "there already"):
            setup.action_apply()
        line.account_id = self.account('sales')
        with self.assertRaisesRegex(UserError, "reconciliation"):
            setup.action_apply()

    def test_analytic_accounts_of_a_company_need_a_rule_of_that_company(self):
        plan = self.env['account.analytic.plan'].create({'name': "Channels"})
        account = self.env['account.analytic.account'].create(
            {'name': "Amazon", 'plan_id': plan.id, 'company_id': self.company.id})
        rule = self.env.ref('amazon_connector.settlement_rule_other_transaction_other_transaction_subscription_fee')
        with self.assertRaises(ValidationError):
            rule.analytic_distribution = {str(account.id): 100}
        own = rule.copy({'company_id': self.company.id, 'sequence': 1, 'analytic_distribution': {str(account.id): 100},
                         'account_id': rule.account_id.id})
        settlement = self.book([row(SUBSCRIPTION, '-39.00')])
        self.assertEqual(
            settlement.move_ids.line_ids.filtered(lambda line: line.amazon_rule_id == own).analytic_distribution,
            {str(account.id): 100})

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

    def make_company(self, chart, country):
        company = self.env['res.company'].create({'name': f"Test {chart}"})
        company.country_id = self.env.ref(f'base.{country.lower()}')
        self.env['account.chart.template'].try_loading(chart, company=company, install_demo=False)
        self.assertEqual(company.chart_template, chart)
        self.env.user.write({'company_ids': [(4, company.id)], 'company_id': company.id})
        return company

    def check(self, company):
        chart, codes = company.chart_template, find_chart(company.chart_template)
        setup = self.env['amazon.settlement.setup'].with_company(company).create({})
        for line in setup.line_ids:
            wanted = codes[line.kind]
            if wanted.startswith('+'):
                self.assertFalse(line.account_id, f"{chart}: {line.kind} has an account of its own")
            else:
                self.assertEqual(line.account_id.code.rstrip('0'), wanted.rstrip('0'), f"{chart}: {line.kind}")
                self.assertEqual(line.account_id.internal_group, 'income' if line.kind in INCOME else 'expense')
        new = setup.line_ids.filtered(lambda line: not line.account_id)
        self.assertEqual(len(set(new.mapped('code'))), len(new), "no code twice")
        setup.action_apply()
        rules = self.env['amazon.settlement.rule'].with_company(company).search([])
        self.assertFalse(rules.filtered(lambda rule: not rule.account_id))
        by_kind = {rule.account_kind: rule.account_id for rule in rules}
        self.assertEqual({kind: account.account_type for kind, account in by_kind.items() if kind in BALANCE_SHEET},
                         {kind: KINDS[kind][1] for kind in BALANCE_SHEET if kind in by_kind})

    def find_tax(self, company, country):
        """Return the tax on fees of a marketplace that is invoiced from a country."""
        market = self.env['amazon.seller.marketplace'].new(
            {'company_id': company.id, 'fee_country_id': self.env.ref(f'base.{country}').id})
        return market._find_fee_tax().name or None

    def test_charts(self):
        for chart, country in (('generic_coa', 'AU'), ('us', 'US'), ('fr', 'FR'), ('de_skr03', 'DE'),
                               ('de_skr04', 'DE'), ('uk', 'UK'), ('it', 'IT'), ('es_pymes', 'ES'), ('es_full', 'ES')):
            with self.subTest(chart=chart):
                company = self.make_company(chart, country)
                self.check(company)
                home = company.account_fiscal_country_id.code
                self.assertEqual(self.find_tax(company, country.lower()), LOCAL.get(country),
                                 f"{chart}: Amazon's branch invoices its fees")
                if home not in ('US', 'AU', 'GB'):
                    self.assertEqual(self.find_tax(company, 'lu'), REVERSE_CHARGE.get(country),
                                     f"{chart}: if they came from Luxembourg")
                self.assertEqual(self.find_tax(company, 'jp'), FROM_OUTSIDE.get(country),
                                 f"{chart}: if they came from outside of Europe")

    def test_a_chart_that_nobody_described_gets_new_accounts_among_their_like(self):
        company = self.make_company('generic_coa', 'AU')
        company.chart_template = 'xx'
        codes = {account.code: account.account_type
                 for account in self.env['account.account'].with_company(company).search(
                     [('company_ids', 'parent_of', company.id)])}
        setup = self.env['amazon.settlement.setup'].with_company(company).create({})
        self.assertEqual(len(setup.line_ids), len(KINDS) - len(RARE))
        self.assertEqual(setup.line_ids.filtered('account_id').mapped('kind'), ['sales'],
                         "the company's own account of sales")
        for line in setup.line_ids.filtered(lambda line: not line.account_id):
            before = max(code for code in codes if code < line.code)
            self.assertEqual(get_range(before), get_range(line.code))
            self.assertEqual(codes[before], KINDS[line.kind][1], f"{line.kind}: {line.code} after {before}")
        setup.action_apply()
        self.assertFalse(self.env['amazon.settlement.rule'].with_company(company).search([('account_id', '=', False)]))

    def test_a_company_without_default_accounts(self):
        company = self.env['res.company'].create({'name': "No defaults"})
        company.chart_template = 'xx'
        self.env.user.write({'company_ids': [(4, company.id)], 'company_id': company.id})
        setup = self.env['amazon.settlement.setup'].with_company(company).create({})
        self.assertFalse(setup.line_ids.account_id)
        self.assertTrue(all(setup.line_ids.mapped('code')))

    def read_chart(self, chart):
        with file_open(f'l10n_{chart[:2]}/data/template/account.account-{chart}.csv') as accounts:
            return [(entry['code'], entry['account_type']) for entry in csv.DictReader(accounts)]

    def test_described_charts_have_these_accounts(self):
        for chart in OTHER_CHARTS:
            types = dict(self.read_chart(chart))
            for kind, code in find_chart(chart).items():
                found, wanted = types.get(code.lstrip('+'), ''), KINDS[kind][1]
                groups = found.split('_')[0], wanted.split('_')[0]
                with self.subTest(chart=chart, kind=kind):
                    self.assertEqual(groups[0] if groups[0] in ('income', 'expense') else found, groups[1]
                                     if groups[1] in ('income', 'expense') else wanted)

    def test_new_accounts_of_other_charts_lie_among_their_like(self):
        """Japan's sales became 999003, Canada's commissions 999003 to 999010."""
        for chart in ('jp', 'ca_2023', 'pl', 'mx'):
            company = self.env['res.company'].create({'name': f"Test {chart}"})
            rows = self.read_chart(chart)
            self.env['account.account'].with_company(company).create([
                {'code': code, 'name': code, 'account_type': kind, 'company_ids': [(6, 0, company.ids)]}
                for code, kind in rows
                if kind.split('_')[0] in ('income', 'expense') or kind in ('asset_current', 'liability_current')])
            company.chart_template = chart
            proposals, types = SettlementChart(company), dict(rows)
            for kind in KINDS:
                account = proposals.find_account(kind)
                code = account.code or proposals.find_new_code(kind)
                before = max(known for known in types if known <= code)
                with self.subTest(chart=chart, kind=kind, code=code):
                    self.assertEqual((len(code), get_range(code)), (len(before), get_range(before)))
                    self.assertEqual(types[before].split('_')[0], KINDS[kind][1].split('_')[0])
                    self.assertLess(code, max(types))

    def test_every_chart_says_all_kinds(self):
        for chart, codes in CHARTS.items():
            self.assertEqual(set(codes), set(KINDS) - set(RARE), chart)

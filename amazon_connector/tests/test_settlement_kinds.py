from odoo.modules.migration import load_script
from odoo.tests import tagged

from .payloads import cents
from .settlement_files import COMMISSION, OTHER, row
from .settlement_kinds import KNOWN
from .test_settlements import SettlementCase

MIGRATION = 'amazon_connector/migrations/1.5.0/post-settlement-rules.py'
MOON = ('FBAFees', 'Moon Storage Fee', 'Base fee')


@tagged('post_install', '-at_install')
class TestSettlementKinds(SettlementCase):
    """The kinds of rows that are known need nobody; those that are not are named for what they are."""

    def test_all_known_kinds_are_mapped(self):
        settlement = self.import_rows([row(kind, '-1.00') for kind in KNOWN])
        self.assertEqual((settlement.state, settlement.rule_ids), ('ready', self.env['amazon.settlement.rule']),
                         settlement.problem)
        treated = {(line.transaction_type or '', line.amount_type or '', line.amount_description or ''): line.treatment
                   for line in settlement.line_ids}
        self.assertEqual(treated, {kind: treatment for kind, (treatment, _account) in KNOWN.items()})
        self.assertTrue(all(line.account_id == line.rule_id.account_id and line.account_id
                            for line in settlement.line_ids), "the list shows the account")

    def test_a_proposal_says_what_the_row_is(self):
        tax = (*MOON[:2], 'Tax on fee')
        settlement = self.import_rows([row(MOON, '-5.00'), row((*MOON[:2], 'Discount on fee'), '1.00'),
                                       row(tax, '-0.40')])
        self.assertEqual({(line.rule_id.name, line.rule_id.state, line.treatment) for line in settlement.line_ids}, {
            ("Moon Storage Fee", 'proposed', 'fee'), ("Moon Storage Fee: Discount on fee", 'proposed', 'fee'),
            ("Tax on Amazon's fees", 'confirmed', 'fee_tax')})
        self.assertEqual((settlement.amount_fees, settlement.amount_tax), (-4.0, -0.4), "tax is no fee")

    def test_tax_on_fees_is_the_tax_of_its_fee(self):
        """Amazon's rows are what its invoice shows; where there are none, the tax is inside of the fee."""
        tax = self.german.settlement_fee_tax_id = self.company.account_purchase_tax_id
        storage, discount, on_fee = (('FBAFees', 'FBA Inventory Storage Fee', part)
                                     for part in ('Base fee', 'Discount on fee', 'Tax on fee'))
        settlement = self.book([row(storage, '-100.00'), row(discount, '10.00'), row(on_fee, '-17.11'),
                                row(COMMISSION, '-119.00', '302-1111111-1111111')])
        lines = settlement.move_ids.line_ids
        self.assertEqual({(line.name, line.balance) for line in lines.filtered('tax_ids')},
                         {("Storage", 90.0), ("Commission", 100.0)})
        self.assertEqual((lines.tax_ids, sorted(lines.filtered('tax_line_id').mapped('balance'))), (tax, [17.11, 19.0]))
        self.assertEqual(len(lines.filtered('tax_line_id').tax_tag_ids), 1, "the box of input tax")
        self.assertEqual((settlement.payout_line_id.balance, self.balance('fee_tax')), (-226.11, 0))

    def test_tax_on_fees_that_is_no_tax_of_the_company_is_no_expense(self):
        kinds = [('AmazonFees', 'Premium Services Fee', part) for part in ('Base fee', 'Tax on fee')]
        for ref, tax in (('111', False),
                         ('222',
                          self.env['account.tax'].search(
                              [('name', '=', "19% EU O S"), ('company_id', '=', self.company.id)]))):
            self.german.settlement_fee_tax_id = tax
            settlement = self.book([row(kinds[0], '-50.00'), row(kinds[1], '-2.50')], ref=ref)
            self.assertEqual(settlement.payout_line_id.balance, -52.5)
            self.assertEqual(
                sum(
                    settlement.move_ids.line_ids.filtered(
                        lambda line: line.account_id == self.account('fee_tax')).mapped('balance')), 2.5)
        self.assertEqual((self.balance('fees'), self.balance('fee_tax')), (100.0, 5.0))

    def test_a_fee_of_a_foreign_supplier_claims_no_input_tax(self):
        """2.39 of a commission of 15 US dollars was claimed in Germany."""
        american = self.marketplace('US')
        self.env['res.currency.rate'].create({'currency_id': american.currency_id.id, 'name': '2026-10-01', 'rate': 1,
                                              'company_id': self.company.id})
        for market in self.seller.marketplace_ids:
            market.settlement_fee_tax_id = market._find_fee_tax()
        settlement = self.book([row(COMMISSION, '-15.00', '111-1111111-1111111', market='Amazon.us')], currency='USD')
        self.assertFalse(settlement.move_ids.line_ids.tax_line_id)
        self.assertEqual(self.balance('commission'), 15.0)
        german = self.book([row(COMMISSION, '-11.90', '302-1111111-1111111')], ref='222')
        self.assertEqual(cents(*german.move_ids.line_ids.filtered('tax_line_id').mapped('balance')), (1.9,))

    def test_a_text_with_odd_characters_is_proposed_once(self):
        kind = (OTHER, OTHER, 'Moons [new] | 3 for 2? *')
        rules = [self.import_rows([row(kind, '-1.00')], ref=ref).line_ids.rule_id for ref in ('111', '222')]
        self.assertEqual(rules[0], rules[1])
        self.assertNotEqual(self.import_rows([row((OTHER, OTHER, 'Moons'), '-1.00')], ref='333').line_ids.rule_id,
                            rules[0])

    def test_a_rule_takes_the_place_of_a_proposal(self):
        """One that came with an update, or that somebody made for more than one kind."""
        settlement = self.import_rows([row(MOON, '-5.00')])
        self.assertEqual(settlement.state, 'to_map')
        rule = self.env['amazon.settlement.rule'].create({
            'name': "Moon", 'sequence': 90, 'transaction_type': 'FBAFees', 'amount_type': '*Moon*',
            'account_id': self.account('storage').id})
        settlement.action_map_again()
        self.assertEqual((settlement.state, settlement.line_ids.rule_id), ('ready', rule))

    def test_migration_gives_new_rules_accounts_and_asks_about_the_tax_on_fees(self):
        rule = self.env.ref('amazon_connector.settlement_rule_fba_storage').with_company(self.company)
        rule.account_id = False
        proposed = self.env['amazon.settlement.rule'].sudo()._propose(self.company,
                                                                      ('FBAFees', 'FBA Inventory Storage Fee',
                                                                       'Base fee'))
        settlement = self.import_rows([row(('FBAFees', 'FBA Inventory Storage Fee', 'Base fee'), '-5.00')])
        settlement.line_ids.rule_id = proposed
        settlement._evaluate()
        self.assertEqual(settlement.state, 'to_map')
        american, tax = self.marketplace('US'), self.company.account_purchase_tax_id
        (american | self.german).settlement_fee_tax_id = tax
        migration = load_script(MIGRATION, 'migration')
        for _twice in range(2):
            migration.migrate(self.env.cr, '19.0.1.4.0')
        self.env.invalidate_all()
        self.assertEqual((rule.account_id, settlement.state, settlement.line_ids.rule_id, proposed.exists()),
                         (self.account('storage'), 'ready', rule, proposed.browse()))
        self.assertEqual((american.settlement_fee_tax_id, self.german.settlement_fee_tax_id), (tax, tax),
                         "a person decides by Amazon's invoices")
        task = self.seller.activity_ids
        self.assertEqual((len(task), task.summary), (1, "Check the tax on Amazon's fees"))
        self.assertIn(f"{american.name}: {tax.name} ", task.note.replace('&gt;', '>'))
        self.assertNotIn(self.german.name, task.note)

    def test_alternatives_of_a_pattern(self):
        rule = self.env['amazon.settlement.rule'].create({
            'name': "Moon", 'transaction_type': 'FBAFees | Moon*', 'amount_type': '*Moon*',
            'account_id': self.account('storage').id})
        settlement = self.import_rows([row(MOON, '-5.00'), row(('MoonFees', 'A Moon', ''), '-5.00'),
                                   row(('Fees', 'A Moon', ''), '-5.00')])
        self.assertEqual([line.rule_id == rule for line in settlement.line_ids], [True, True, False])

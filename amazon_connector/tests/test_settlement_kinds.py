from odoo.tests import tagged

from .settlement_files import OTHER, row
from .settlement_kinds import KNOWN
from .test_settlements import SettlementCase

MOON = ('FBAFees', 'Moon Storage Fee', 'Base fee')


@tagged('post_install', '-at_install')
class TestSettlementKinds(SettlementCase):
    """The kinds of rows that are known need nobody; those that are not are named for what they are."""

    def test_all_known_kinds_are_mapped(self):
        settlement = self.take_in([row(kind, '-1.00') for kind in KNOWN])
        self.assertEqual((settlement.state, settlement.rule_ids), ('ready', self.env['amazon.settlement.rule']), settlement.problem)
        treated = {(line.transaction_type or '', line.amount_type or '', line.amount_description or ''): line.treatment for line in settlement.line_ids}
        self.assertEqual(treated, {kind: treatment for kind, (treatment, _account) in KNOWN.items()})
        self.assertTrue(all(line.account_id == line.rule_id.account_id and line.account_id for line in settlement.line_ids), "the list shows the account")

    def test_a_proposal_says_what_the_row_is(self):
        tax = (*MOON[:2], 'Tax on fee')
        settlement = self.take_in([row(MOON, '-5.00'), row((*MOON[:2], 'Discount on fee'), '1.00'), row(tax, '-0.40')])
        self.assertEqual({(line.rule_id.name, line.rule_id.state, line.treatment) for line in settlement.line_ids}, {
            ("Moon Storage Fee", 'proposed', 'fee'), ("Moon Storage Fee: Discount on fee", 'proposed', 'fee'),
            ("Tax on Amazon's fees", 'confirmed', 'fee_tax')})
        self.assertEqual((settlement.amount_fees, settlement.amount_tax), (-4.0, -0.4), "tax is no fee")

    def test_a_text_with_odd_characters_is_proposed_once(self):
        kind = (OTHER, OTHER, 'Moons [new] | 3 for 2? *')
        rules = [self.take_in([row(kind, '-1.00')], ref=ref).line_ids.rule_id for ref in ('111', '222')]
        self.assertEqual(rules[0], rules[1])
        self.assertNotEqual(self.take_in([row((OTHER, OTHER, 'Moons'), '-1.00')], ref='333').line_ids.rule_id, rules[0])

    def test_a_rule_takes_the_place_of_a_proposal(self):
        """One that came with an update, or that somebody made for more than one kind."""
        settlement = self.take_in([row(MOON, '-5.00')])
        self.assertEqual(settlement.state, 'to_map')
        rule = self.env['amazon.settlement.rule'].create({
            'name': "Moon", 'sequence': 90, 'transaction_type': 'FBAFees', 'amount_type': '*Moon*', 'account_id': self.account('storage').id})
        settlement.action_map_again()
        self.assertEqual((settlement.state, settlement.line_ids.rule_id), ('ready', rule))

    def test_alternatives_of_a_pattern(self):
        rule = self.env['amazon.settlement.rule'].create({
            'name': "Moon", 'transaction_type': 'FBAFees | Moon*', 'amount_type': '*Moon*', 'account_id': self.account('storage').id})
        settlement = self.take_in([row(MOON, '-5.00'), row(('MoonFees', 'A Moon', ''), '-5.00'), row(('Fees', 'A Moon', ''), '-5.00')])
        self.assertEqual([line.rule_id == rule for line in settlement.line_ids], [True, True, False])

"""Every kind of settlement row that is known has a rule that says the right thing about it."""

import csv

import addon_modules
import pytest
from amazon_reports.settlement_kinds import KindPattern, guess_treatment, name_kind
from simulator import money

KNOWN = addon_modules.load('tests/settlement_kinds').KNOWN
WORDS = 'transaction_type', 'amount_type', 'amount_description'


def read_rules():
    """Return the built-in rules in the order in which they are tried, with what each row fits."""
    with open(addon_modules.ADDON / 'data/amazon.settlement.rule.csv', encoding='utf-8') as shipped:
        # Those of a country are for its own sellers alone.
        rules = sorted((rule for rule in csv.DictReader(shipped) if not rule['country_id/id']),
                       key=lambda rule: int(rule['sequence']))
    return [(rule, KindPattern(tuple(rule[word] for word in WORDS))) for rule in rules]


RULES = read_rules()


def find(kind):
    return next((rule for rule, pattern in RULES if pattern.match(kind)), None)


@pytest.mark.parametrize('kind', KNOWN, ids=' / '.join)
def test_known_kinds_have_the_right_rule(kind):
    rule = find(kind)
    assert rule, "no rule"
    assert (rule['treatment'], rule['account_kind']) == KNOWN[kind], rule['id']


def test_most_kinds_are_from_outside():
    assert len(KNOWN) > 350
    assert {kind[0] for kind in KNOWN} >= {'FBAFees', 'AmazonFees', 'SAFE-T Reimbursement', 'Debt Adjustment',
                                           'Transfers'}


def test_the_simulator_writes_no_kind_that_is_not_in_the_table():
    missing = [kind[:3] for kind in money.KNOWN + money.BALANCE if not find(kind[:3])]
    assert not missing


def test_every_rule_is_reached_or_says_less_than_another():
    """Each rule's own patterns lead to a rule of the same treatment: none is hidden behind one that says something
    else.
    """
    for rule, _pattern in RULES:
        kind = tuple(rule[word].split(' | ')[0].replace('*', '') for word in WORDS)
        found = find(kind)
        assert (found['treatment'], found['account_kind']) == (rule['treatment'], rule['account_kind']), (
            rule['id'], found['id'], kind)


@pytest.mark.parametrize('kind', [
    ('FBAFees', 'Moon Base Fee', 'Base fee'), ('Drones', 'Landing', 'Principal'),
    ('other-transaction', 'other-transaction', 'Drone Landing Fee'),
    ('other-transaction', 'other-transaction', 'Transfer of drones'), ('', '', '')])
def test_unknown_kinds_have_none(kind):
    assert not find(kind)


@pytest.mark.parametrize(('kind', 'name'), [
    (('FBAFees', 'Moon Base Fee', 'Base fee'), "Moon Base Fee"),
    (('FBAFees', 'Moon Base Fee', 'Tax on fee'), "Moon Base Fee: Tax on fee"),
    (('FBAFees', 'Moon Base Fee', 'Discount on fee'), "Moon Base Fee: Discount on fee"),
    (('ServiceFee', 'Cost of Drones', 'TransactionTotalAmount'), "Cost of Drones"),
    (('other-transaction', 'other-transaction', 'Drone Landing Fee'), "Drone Landing Fee"),
    (('X', 'Mystery', 'Principal'), "Mystery: Principal"),
    (('other-transaction', 'FBA Inventory Reimbursement', 'EATEN_BY_MICE'), "Eaten by mice"),
    (('Drones', 'other-transaction', 'Base fee'), "Drones"),
    (('other-transaction', 'other-transaction', 'DroneRenewalBilling'), "Drone Renewal Billing"), (('', '', ''), "?")])
def test_a_proposal_is_named_for_what_the_row_is(kind, name):
    assert name_kind(kind) == name


@pytest.mark.parametrize(('kind', 'guess'), [
    (('FBAFees', 'Moon Storage Fee', 'Tax on fee'), ('fee_tax', 'fee_tax')),
    (('FBAFees', 'Moon Storage Fee', 'Base fee'), ('fee', 'storage')),
    (('Drones', 'Drones', 'Mexican income tax'), ('other', 'withholding')),
    (('Drones', 'Drones', 'Something lost'), ('reimbursement', 'reimbursement')),
    (('Drones', 'Drones', 'Whatever'), ('other', 'other'))])
def test_a_proposal_guesses_by_the_telling_word(kind, guess):
    assert guess_treatment(kind) == guess


def test_patterns():
    pattern = KindPattern(('A* | B', '*', 'Tax'))
    assert pattern.match(('abc', '', 'tax')) and pattern.match(('b', 'x', 'TAX'))
    assert not pattern.match(('bc', '', 'tax')) and not pattern.match(('a', '', 'taxes'))

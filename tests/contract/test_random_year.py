"""The random years of the addon's own tests are such as Amazon may tell them (A30), and their ledger balances."""

import collections
from decimal import Decimal

import pytest
from addon_modules import load_tests
from amazon_reports.settlement import SettlementFile
from simulator import amazon_models

random_year, random_ledger = load_tests('random_year'), load_tests('random_ledger')
SEEDS = range(12)


def play(country, seed):
    """Yield the rounds of a year with its ledger, which has counted each of them."""
    year = random_year.Year(seed, country)
    ledger = random_ledger.Ledger(year)
    for part in year.play():
        for order in filter(lambda order: order.invoiced, part.orders):
            ledger.invoice(order)
        for refund in filter(lambda refund: refund.order.invoiced, part.refunds):
            ledger.credit(refund)
        for settlement in part.settlements:
            ledger.settle(settlement)
        for line in part.bank:
            ledger.pay(line)
        yield year, part, ledger


@pytest.mark.parametrize('country', random_year.COMPANIES)
def test_orders_and_transactions_are_valid(country):
    for _year, part, _ledger in play(country, 1):
        for order in part.orders:
            assert amazon_models.problems('orders_2026-01-01', 'Order', order.get_payload()) == []
        for transaction in (entry for refund in part.refunds for entry in refund.get_transactions()):
            assert amazon_models.problems('finances_2024-06-19', 'Transaction', transaction) == []


@pytest.mark.parametrize('country', random_year.COMPANIES)
def test_settlements_add_up(country):
    for _year, part, _ledger in play(country, 2):
        for settlement in part.settlements:
            file = SettlementFile(settlement.get_file())
            assert file.total == settlement.total == sum((row.amount for row in file.read_rows()), Decimal(0))


@pytest.mark.parametrize('country', random_year.COMPANIES)
def test_the_ledger_balances_in_every_currency(country):
    """What is at the bank, at Amazon and at buyers is what was sold, with tax, less what Amazon charged."""
    for seed in SEEDS:
        bank, currencies = collections.defaultdict(Decimal), {}
        for year, part, ledger in play(country, seed):
            currencies.update((settlement.ref, settlement.currency) for settlement in part.settlements)
            for line in part.bank:
                bank[line.currency] += line.amount if line.settlement else 0
            open_by = collections.defaultdict(Decimal)
            for order in year.orders + part.orders * (part.orders[0] not in year.orders):
                open_by[order.shop.currency] += ledger.open[order.ref]
            for currency in {random_year.SHOPS[shop].currency for shop in year.company.shops}:
                assets = (
                    bank[currency]
                    + ledger.clearing[currency]
                    + ledger.reserve[currency]
                    + ledger.remitted[currency]
                    + open_by[currency]
                )
                sold = sum((amount for key, amount in ledger.revenue.items() if key[-1] == currency), Decimal(0)) + sum(
                    (box.tax for key, box in ledger.boxes.items() if key[-1] == currency), Decimal(0)
                )
                fees = sum((fee for ref, fee in ledger.fees.items() if currencies[ref] == currency), Decimal(0))
                assert assets == sold + fees, (country, seed, currency)


def test_the_years_have_all_that_may_happen():
    seen = collections.Counter()
    for country in random_year.COMPANIES:
        for seed in SEEDS:
            for _year, part, _ledger in play(country, seed):
                for order in part.orders:
                    seen[order.style] += 1
                    seen['business'] += bool(order.case.vat)
                    seen['invoiced' if order.invoiced else 'summed up'] += 1
                    seen.update({tax.scheme for part in order.parts for tax, _amount in part.taxes})
                for refund in part.refunds:
                    seen[refund.kind] += 1
                    seen['deferred'] += bool(refund.deferred)
                for settlement in part.settlements:
                    seen['negative'] += settlement.total < 0
                    seen.update({row['amount-description'] for row in settlement.rows})
    for what in (
        'inside',
        'top',
        'zero',
        'unstated',
        'business',
        'invoiced',
        'summed up',
        'domestic',
        'oss',
        'intra',
        'export',
        'deferred',
        'negative',
        'Chargeback Refund',
        'A-to-z Guarantee Refund',
        'Current Reserve Amount',
        'Previous Reserve Amount Balance',
        'Payable to Amazon',
        'Successful charge',
        'Failed Disbursement',
        'WAREHOUSE_LOST',
        'COMPENSATED_CLAWBACK',
        'MarketplaceFacilitatorTax-Principal',
        'MarketplaceFacilitatorVAT-Principal',
        'GiftWrap',
    ):
        assert seen[what], what

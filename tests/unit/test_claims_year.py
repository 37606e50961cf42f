"""What is owed at the end of a made year, found from the reports alone, is what is true of it."""

import collections
import datetime

import pytest
from addon_modules import load
from amazon_reports.ledger import read_ledger
from amazon_reports.reimbursements import read_reimbursements
from simulator import fba, fba_ledger, fba_reports, fba_truths, fba_year
from simulator.state import SELLERS, State

match = load('utils/claim_match')
DAMAGES = 'E67HKU'


@pytest.fixture(scope='module')
def made():
    state = State()
    seller = state.sellers[SELLERS['eu']]
    told = fba_year.make_year(state, seller, skus=200)
    world = fba.world(state, seller)
    first, last = (datetime.date.fromisoformat(told[name]) for name in ('first', 'last'))

    def read(reader, kind):
        kind = fba_reports.KINDS[kind]
        return list(reader(fba_reports.write(kind, kind.read(world, fba_reports.Period(first, last), {}))))
    return (fba_truths.tell(world, last), read(read_ledger, fba_ledger.DETAIL),
            read(read_reimbursements, 'GET_FBA_REIMBURSEMENTS_DATA'))


def gather(ledger, money, codes, reason):
    """Return events of reason codes by SKU, and what was paid, given and taken back for them."""
    events, supplies = collections.defaultdict(list), collections.defaultdict(
        lambda: {'found': [], 'paid': [], 'given': [], 'reversals': []})
    for row in ledger:
        if row.event_type == 'Adjustments' and row.reason in codes and row.quantity < 0:
            most = row.unreconciled if reason == 'Lost_Warehouse' else None
            events[row.sku].append(match.Event((row.date, row.reference), row.date, -row.quantity, most=most))
        elif reason == 'Lost_Warehouse' and row.reason in 'FN' and row.event_type == 'Adjustments':
            supplies[row.sku]['found'].append(match.Supply(row.date, row.quantity, row))
    by_ref, given = {}, collections.defaultdict(list)
    for row in money:
        date = row.approval_date.date()
        if row.inventory_quantity:
            supply = match.Supply(date, row.inventory_quantity, row)
            given[row.sku].append((supply, row.cash_quantity < 0))
        if reason not in (row.reason, row.original_type):
            continue
        if row.inventory_quantity:
            supplies[row.sku]['given'].append(supply)
        if row.cash_quantity > 0:
            by_ref[row.reimbursement_ref, row.sku] = match.Supply(date, row.cash_quantity, row)
            supplies[row.sku]['paid'].append(by_ref[row.reimbursement_ref, row.sku])
    for row in money:
        if row.cash_quantity < 0 and reason == row.original_type:
            supplies[row.sku]['reversals'].append(match.Reversal(
                row.approval_date.date(), -row.cash_quantity, by_ref.get((row.original_ref, row.sku)), row))
    for sku, pairs in given.items():
        match.pair_given(pairs, supplies[sku]['found'])
    return events, supplies


def count_open(events):
    """Return open units by SKU and reference."""
    return {(sku, event.key[1]): event.owed_units for sku, of_sku in events.items()
            for event in of_sku if event.owed_units}


def read_truth(rows):
    return {(row['sku'], row['reference']): row['open'] for row in rows if row['open']}


def test_every_loss_is_found_and_nothing_that_turned_up_or_was_paid(made):
    truth, ledger, money = made
    events, supplies = gather(ledger, money, 'M5', 'Lost_Warehouse')
    for sku, of_sku in events.items():
        match.settle(of_sku, **supplies[sku], within=30, latest=60)
    assert sum(len(of_sku) for of_sku in events.values()) > 50
    assert count_open(events) == read_truth(truth['lost'])


def test_every_damage_is_found_and_nothing_that_was_paid(made):
    truth, ledger, money = made
    events, supplies = gather(ledger, money, DAMAGES, 'Damaged_Warehouse')
    for sku, of_sku in events.items():
        match.settle(of_sku, **supplies[sku])
    assert sum(len(of_sku) for of_sku in events.values()) > 20
    assert count_open(events) == read_truth(truth['damaged'])

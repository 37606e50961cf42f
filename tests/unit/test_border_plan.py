"""Which units of the ledger crossed a border."""

import datetime
import importlib.util
import pathlib

from hypothesis import given, settings
from hypothesis import strategies as st
from work import count_work

PATH = pathlib.Path(__file__).parents[2] / 'amazon_connector' / 'utils' / 'border_plan.py'
START = datetime.date(2026, 10, 1)


def load():
    spec = importlib.util.spec_from_file_location('border_plan', PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


plan = load()


def move(day, country, quantity, key='X001'):
    return plan.Movement(key, START + datetime.timedelta(days=day), country, quantity)


def found(*movements):
    return [(cross.departed.day, cross.source, cross.target, cross.quantity)
            for cross in plan.find_crossings(movements)]


def test_units_that_left_one_country_and_came_to_another():
    assert found(move(0, 'PL', -10), move(3, 'DE', 10)) == [(1, 'PL', 'DE', 10)]


def test_transfers_within_a_country_cross_nothing():
    assert found(move(0, 'DE', -10), move(0, 'DE', 4), move(6, 'DE', 6)) == []


def test_they_are_told_apart_though_they_overlap():
    movements = [move(0, 'DE', -5), move(1, 'PL', -5), move(2, 'PL', 5), move(3, 'FR', 5)]
    assert found(*movements) == [(1, 'DE', 'FR', 5)]
    assert found(*reversed(movements)) == [(1, 'DE', 'FR', 5)]


def test_what_has_not_arrived_and_what_came_from_nowhere_cross_nothing():
    assert found(move(0, 'PL', -10)) == []
    assert found(move(0, 'DE', 10)) == []
    assert found(move(0, 'PL', -10), move(2, 'DE', 4)) == [(1, 'PL', 'DE', 4)]


def test_arrivals_in_parts_and_over_the_end_of_a_month():
    assert found(move(29, 'PL', -10), move(30, 'DE', 3), move(33, 'DE', 7)) == [(30, 'PL', 'DE', 10)]


def test_an_arrival_may_be_written_some_days_early_but_not_weeks():
    assert found(move(3, 'PL', -2), move(1, 'DE', 2)) == [(4, 'PL', 'DE', 2)]
    assert found(move(9, 'PL', -2), move(1, 'DE', 2)) == []


def test_what_is_lost_on_the_way_is_not_found_months_later():
    assert found(move(0, 'PL', -2), move(80, 'DE', 2)) == []
    assert found(move(0, 'PL', -2), move(75, 'PL', -2), move(80, 'DE', 2)) == [(15, 'PL', 'DE', 2)]


def test_skus_are_apart():
    assert found(move(0, 'PL', -2, 'A'), move(1, 'DE', 2, 'B')) == []


MOVEMENTS = st.lists(st.builds(
    move, st.integers(0, 60), st.sampled_from(['DE', 'FR', 'PL']), st.integers(-9, 9), st.sampled_from('AB')),
    max_size=40)


@settings(deadline=None)
@given(MOVEMENTS)
def test_no_more_crosses_than_left_and_came(movements):
    crossings = plan.find_crossings(movements)
    for key in 'AB':
        for country in ('DE', 'FR', 'PL'):
            mine = [part.quantity for part in movements if (part.key, part.country) == (key, country)]
            left = sum(cross.quantity for cross in crossings if (cross.key, cross.source) == (key, country))
            came = sum(cross.quantity for cross in crossings if (cross.key, cross.target) == (key, country))
            assert left <= -sum(part for part in mine if part < 0)
            assert came <= sum(part for part in mine if part > 0)
    assert all(cross.source != cross.target and cross.quantity > 0 for cross in crossings)


def test_each_sku_of_a_year_costs_the_same():
    """There are thousands of them."""
    def count(skus):
        movements = [move(day, country, quantity, f'X{sku}') for sku in range(skus) for day in range(0, 150, 3)
                     for country, quantity in (('DE', -3), ('PL', 2), ('FR', 1))]
        with count_work() as work:
            assert plan.find_crossings(movements)
        return work.calls
    count(1)
    few, more, many = count(10), count(20), count(40)
    assert many - more <= 2 * (more - few) + 100

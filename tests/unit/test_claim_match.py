"""Each unit that turns up, and each that is paid, settles one event, whatever the order of reports."""

import datetime

from addon_modules import load

match = load('utils/claim_match')
DAY = datetime.date(2026, 1, 1)


def at(day):
    return DAY + datetime.timedelta(days=day)


def event(day, units=1):
    return match.Event(('event', day), at(day), units)


def supply(day, units=1):
    return match.Supply(at(day), units)


def settle(*events, **supplies):
    match.settle(list(events), **supplies)
    return [entry.open_units for entry in events]


def test_the_earliest_event_is_settled_first():
    assert settle(event(1), event(5), paid=[supply(10)]) == [0, 1]
    assert settle(event(5), event(1), paid=[supply(10)]) == [1, 0]


def test_a_supply_settles_no_event_that_comes_after_it():
    assert settle(event(10), paid=[supply(1)], found=[supply(2)]) == [1]
    assert settle(event(10), paid=[supply(9)]) == [0]


def test_a_unit_that_turns_up_is_a_recent_loss_before_it_is_an_old_one():
    assert settle(event(1), event(40), found=[supply(45)], within=30, latest=60) == [1, 0]
    assert settle(event(1), found=[supply(45)], within=30, latest=60) == [0]
    assert settle(event(1), found=[supply(62)], within=30, latest=60) == [1]


def test_units_in_parts():
    assert settle(event(1, 5), event(2, 2), found=[supply(3, 2)], paid=[supply(4, 4)]) == [0, 1]


def test_amazons_own_count_says_which_of_two_is_settled():
    first, second = match.Event('first', at(1), 1, most=1), match.Event('second', at(2), 1, most=0)
    assert settle(first, second, found=[supply(5)], within=30, latest=60) == [1, 0]
    first, second = match.Event('first', at(1), 2, most=0), match.Event('second', at(2), 2, most=2)
    assert settle(first, second, paid=[supply(5, 1)]) == [1, 2]
    assert (first.owed_units, second.owed_units) == (0, 2)


def test_what_amazon_counts_as_open_is_settled_all_the_same():
    assert settle(match.Event('first', at(1), 1, most=1), paid=[supply(5)]) == [0]


def test_two_events_are_not_paid_by_one_supply():
    assert sum(settle(event(1, 3), event(2, 3), paid=[supply(9, 3)])) == 3


def test_a_reversal_reopens_what_its_original_paid():
    first, second = supply(5), supply(6)
    events = [event(1), event(2)]
    match.settle(events, paid=[first, second], reversals=[match.Reversal(at(9), 1, first)])
    assert [entry.open_units for entry in events] == [1, 0]
    assert [step.date for step, _count in events[0].reversals] == [at(9)]


def test_a_reversal_of_what_settled_nothing_reopens_nothing():
    first = supply(5, 2)
    assert settle(event(1), paid=[first], reversals=[match.Reversal(at(9), 1, first)]) == [0]


def test_a_reversal_of_an_unknown_original_reopens_the_latest():
    assert settle(event(1), event(2), paid=[supply(5, 2)], reversals=[match.Reversal(at(9), 1, None)]) == [0, 1]


def test_a_reversal_because_the_unit_was_found_leaves_it_settled():
    paid, found = supply(5), supply(8)
    assert settle(event(1), paid=[paid], found=[found], reversals=[match.Reversal(at(9), 1, paid)],
                  within=30, latest=60) == [0]


def test_a_unit_that_is_given_back_is_the_one_in_the_ledger():
    given, found = supply(10), [supply(3), supply(9)]
    match.pair_given([(given, False)], found)
    assert [entry.left for entry in found] == [1, 0]
    assert given.left == 1


def test_a_reversal_with_a_unit_means_one_that_was_found_before():
    found = [supply(20), supply(70)]
    match.pair_given([(supply(60), True)], found)
    assert [entry.left for entry in found] == [0, 1]
    match.pair_given([(supply(60), False)], found)
    assert [entry.left for entry in found] == [0, 1]


def test_others_get_what_these_leave_of_money_and_nothing_that_turned_up():
    events, others = [event(5)], [event(1, 2)]
    match.settle(events, paid=[supply(10), supply(11)], found=[supply(12)], within=30, latest=60, others=others)
    assert (events[0].open_units, others[0].open_units) == (0, 1)


def test_money_of_others_is_taken_back():
    paid, others = supply(5), [event(1)]
    match.settle([], paid=[paid], reversals=[match.Reversal(at(9), 1, paid)], others=others)
    assert others[0].open_units == 1
    assert [step.date for step, _count in others[0].reversals] == [at(9)]


def test_what_goes_on_for_a_time_is_settled_from_its_beginning_on():
    goes_on = match.Event('shipment', at(20), 1, since=at(1))
    match.settle([goes_on], paid=[supply(10)])
    assert not goes_on.open_units

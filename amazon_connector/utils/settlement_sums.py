"""Find items that one other item clears together."""

import datetime
from itertools import combinations

# With more items than these, sums agree by chance. Amazon charges debts within a few settlements.
MOST, NEAR = 10, datetime.timedelta(days=60)


def find_sums(items, may_match):
    """Return groups of open items of one account and currency that clear each other: one amount, and two or more that
    add up to it.

    Only where exactly one choice of items adds up to an amount: of several, a person decides.

    :param items: `account.move.line` of settlements' entries
    :param may_match: a function that says whether two items may clear each other, apart from their amounts
    """
    groups, used = [], items.browse()
    for item in items.sorted(when):
        if item in used:
            continue
        others = (items - used - item).filtered(lambda other, item=item: (
            other.amount_residual_currency * item.amount_residual_currency < 0 and _is_near(other, item)
            and may_match(other, item)))
        found = list(_find_choices(item, others)) if 1 < len(others) <= MOST else []
        if len(found) == 1:
            group = item.union(*found[0])
            groups.append(group)
            used |= group
    return groups


def when(item):
    """Return the key that sorts items of settlements by time."""
    return item.move_id.amazon_settlement_id.end_date, item.id


def _is_near(one, other):
    return abs(one.move_id.amazon_settlement_id.end_date - other.move_id.amazon_settlement_id.end_date) <= NEAR


def _find_choices(item, others):
    """Yield the choices of two or more items that add up to the open amount of another one."""
    coin = item.currency_id.rounding or 0.01
    wanted, coins = -round(item.amount_residual_currency / coin), {other: round(other.amount_residual_currency / coin)
                                                                   for other in others}
    for count in range(2, len(others) + 1):
        for choice in combinations(others, count):
            if sum(coins[other] for other in choice) == wanted:
                yield choice

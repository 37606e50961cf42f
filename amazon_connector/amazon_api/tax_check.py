"""Whether the tax that Amazon tells of an item can come from a rate, however Amazon rounded it.

Amazon rounds the tax of each amount (price, shipping, gift wrap, and the discounts on them), of one piece or of all pieces
of a line, so the sum is off by up to half a coin for each amount and piece.
"""

from collections.abc import Iterable
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

# Of the smallest coin, for each rounded amount; the hundredth is for halves that are rounded either way.
HALF_A_COIN = Decimal('0.51')


class Told(NamedTuple):
    """What Amazon tells of an item: `tax` inside `gross`, in the order's currency, a sum of `roundings` rounded amounts."""

    gross: Decimal
    tax: Decimal
    roundings: int

    @property
    def rate(self) -> Decimal | None:
        """The rate in percent to the precision of the amounts; None where the tax is on nothing."""
        net = self.gross - self.tax
        return self.tax * 100 / net if net else None


def sum_up(charges: Iterable) -> Told | None:
    """Return what Amazon tells of the charges (`proceeds.Charge`) of one item together; None where it tells no tax."""
    taxed = [charge for charge in charges if charge.tax is not None]
    if not taxed:
        return None
    return Told(sum(charge.gross for charge in taxed), sum(charge.tax for charge in taxed), sum(charge.pieces for charge in taxed))


def get_deviation(told: Told, rate: float | Decimal, coin: Decimal) -> Decimal:
    """Return how far a rate (in percent) is from explaining the tax, in units of the currency's smallest coin."""
    rate = Decimal(str(rate)) / 100
    return abs(told.gross - told.gross / (1 + rate) - told.tax) / coin


def fits(told: Told, rate: float | Decimal, coin: Decimal, taxes: int = 1) -> bool:
    """Return whether a rate (in percent) explains the tax within what rounding may change.

    :param taxes: how many taxes the rate is the sum of (GST and QST: 2): Amazon rounds each by itself
    """
    return get_deviation(told, rate, coin) <= HALF_A_COIN * max(told.roundings, 1) * max(taxes, 1)


def find_nearest(told: Told, rates: Iterable, coin: Decimal) -> int | None:
    """Return the position of what explains the tax best, the first of equals; None where none fits.

    :param rates: pairs of a rate and how many taxes it is the sum of
    """
    deviations = {
        position: get_deviation(told, rate, coin) for position, (rate, taxes) in enumerate(rates) if fits(told, rate, coin, taxes)
    }
    return min(deviations, key=deviations.get, default=None)


def split(amount: Decimal, weights: list, coin: Decimal) -> list[Decimal]:
    """Return the parts of an amount by weights (rates of the taxes that make one rate), whole coins that add up to it."""
    weights = [Decimal(str(weight)) for weight in weights]
    total = sum(weights)
    parts, before, reached = [], Decimal(0), Decimal(0)
    for weight in weights:
        reached += weight
        upto = round_half_up(amount * reached / total, coin) if total else Decimal(0)
        parts.append(upto - before)
        before = upto
    if parts:
        parts[-1] += amount - sum(parts)
    return parts


def round_half_up(amount: Decimal, coin: Decimal) -> Decimal:
    """Return the amount in whole coins, halves away from zero."""
    sign = -1 if amount < 0 else 1
    return sign * (abs(amount) / coin + Decimal('0.5')).to_integral_value(ROUND_DOWN) * coin

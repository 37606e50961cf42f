"""Whether the tax that Amazon states of an item can come from a rate, however Amazon rounded it.

Amazon rounds the tax of each amount (price, shipping, gift wrap, and the discounts on them), of one piece or of all
pieces of a line, so the sum is off by up to half a coin for each amount and piece; or of a shipment, whose items share
the sum.
"""

from collections.abc import Iterable
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

# Of the smallest coin, for each rounded amount; the hundredth is for halves that are rounded either way.
HALF_A_COIN = Decimal('0.51')


class StatedTax(NamedTuple):
    """What Amazon states of an item: `tax` inside `gross`, in the order's currency, a sum of `roundings` rounded
    amounts.
    """

    gross: Decimal
    tax: Decimal
    roundings: int

    @property
    def rate(self) -> Decimal | None:
        """Return the rate in percent to the precision of the amounts; None where the tax is on nothing."""
        net = self.gross - self.tax
        return self.tax * 100 / net if net else None


def sum_up(charges: Iterable) -> StatedTax | None:
    """Return what Amazon states of the charges (`proceeds.Charge`) of one item together; None where it states no tax.
    """
    taxed = [charge for charge in charges if charge.tax is not None]
    if not taxed:
        return None
    return StatedTax(sum(charge.gross for charge in taxed), sum(charge.tax for charge in taxed),
                     sum(charge.pieces for charge in taxed))


def get_deviation(stated: StatedTax, rate: float | Decimal, coin: Decimal) -> Decimal:
    """Return how far a rate (in percent) is from explaining the tax, in units of the currency's smallest coin."""
    rate = Decimal(str(rate)) / 100
    return abs(stated.gross - stated.gross / (1 + rate) - stated.tax) / coin


def fits(stated: StatedTax, rate: float | Decimal, coin: Decimal, taxes: int = 1) -> bool:
    """Return whether a rate (in percent) explains the tax within what rounding may change.

    :param taxes: how many taxes the rate is the sum of (GST and QST: 2): Amazon rounds each by itself
    """
    return get_deviation(stated, rate, coin) <= HALF_A_COIN * max(stated.roundings, 1) * max(taxes, 1)


def fits_with_others(stated: StatedTax, others: Iterable[StatedTax], rate: float | Decimal, coin: Decimal,
                     taxes: int = 1) -> bool:
    """Return whether a rate explains the tax of an item together with that of the others of its order.

    Amazon may compute the tax of one rate for all of a shipment and share it out, so that an item is a coin off though
    the sum is right (changes of the VAT calculation service, June 2026).

    :param others: what Amazon states of each item of the order, this one included
    """
    shared = HALF_A_COIN * max(len(others), 2)
    alike = [one for one in others if get_deviation(one, rate, coin) <= HALF_A_COIN * max(one.roundings, 1)
             * max(taxes, 1) + shared]
    if len(alike) < 2 or stated not in alike:
        return False
    return fits(StatedTax(*(sum(values) for values in zip(*alike, strict=True))), rate, coin, taxes)


def find_nearest(stated: StatedTax, rates: Iterable, coin: Decimal, others: Iterable[StatedTax] = ()) -> int | None:
    """Return the position of what explains the tax best, the first of equals; None where none fits.

    :param rates: pairs of a rate and how many taxes it is the sum of
    :param others: see `fits_with_others`; asked where nothing explains the item by itself
    """
    rates = list(rates)
    fitting = [position for position, (rate, taxes) in enumerate(rates) if fits(stated, rate, coin, taxes)] or [
        position for position, (rate, taxes) in enumerate(rates) if fits_with_others(stated, others, rate, coin, taxes)]
    return min(fitting, key=lambda position: get_deviation(stated, rates[position][0], coin), default=None)


def split(amount: Decimal, weights: list, coin: Decimal) -> list[Decimal]:
    """Return the parts of an amount by weights (rates of the taxes that make one rate), whole coins that add up to it.
    """
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

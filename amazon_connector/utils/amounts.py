"""Amounts as the numbers that they are: rounding a float need not lead to the one nearest to 551.80."""

from decimal import Decimal


def to_decimal(amount: float, currency) -> Decimal:
    """Return an amount with the digits of its currency."""
    return Decimal(f'{currency.round(amount):.{currency.decimal_places}f}')

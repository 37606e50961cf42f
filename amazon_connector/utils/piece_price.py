"""Prices of one piece, where the field that keeps them has so many digits only."""

from decimal import Decimal

from odoo.tools import float_round

from .amounts import to_decimal


def divide(lines, amount: Decimal, quantity: int, currency):
    """Return the price of one piece as `price_unit` of lines keeps it, and what its rounding leaves of the amount.

    :param lines: recordset of the lines' model, for the digits of its `price_unit`, which other modules may set
    :param Decimal amount: of all pieces, in the currency
    :return: price (float) and what is left (Decimal, in the currency, of either sign, mostly zero)
    :rtype: tuple
    """
    price, digits = float(amount) / quantity, lines._fields['price_unit'].get_digits(lines.env)
    if not digits:
        return price, Decimal(0)
    price = float_round(price, precision_digits=digits[1])
    return price, to_decimal(float(amount) - currency.round(price * quantity), currency)

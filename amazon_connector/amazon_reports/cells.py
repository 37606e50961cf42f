"""What the cells of reports mean: codes, texts, numbers, dates. Each `read_…` is the kind of a column.

All take the text of a cell without blanks around it and the `Format` of the file, and raise `ValueError` with words for
a text that cannot be meant; '' stands for none. A value that says itself how it is to be read is read so; the others
are read as most of the file, and where that is not clear they are refused: an amount is never guessed.
"""

import collections
import datetime
import functools
import html
import re
from decimal import Decimal
from typing import NamedTuple

from .dates import find_own_order, is_ambiguous, parse_date, parse_day
from .text import (
    UNSTORABLE,
    ReportError,
    decimal_mark,
    find_mark,
    is_plain,
    make_storable,
    parse_number,
    parse_quantity,
    show,
)
from .words import _

# Longer codes are none, and a database index cannot hold them.
MAX_CODE, MAX_TEXT = 255, 10_000
FLAGS = {'y': 'Y', 'yes': 'Y', 'true': 'Y', 'n': 'N', 'no': 'N', 'false': 'N'}
# Words of Amazon's help pages and downloads, for the code of the reports.
DISPOSITIONS = dict.fromkeys(
    ('FULFILLMENT_CENTER_DAMAGED', 'FULFILLMENT_CENTRE_DAMAGED', 'FULFILMENT_CENTRE_DAMAGED', 'FC_DAMAGED'),
    'WAREHOUSE_DAMAGED')


class Format(NamedTuple):
    """How most of a file is written: `mark`, the decimal mark, and `order`, 'dmy' or 'mdy'; '' if that is not clear."""

    mark: str
    order: str


def find_format(numbers, dates) -> Format:
    """Return the format of a file.

    :param numbers: texts of its numbers
    :param dates: texts of its dates
    """
    numbers = [text for text in numbers if find_mark(text)]
    try:
        mark = decimal_mark(numbers) if numbers else ''
    except ReportError:
        mark = ''
    orders = collections.Counter(filter(None, map(find_own_order, dates)))
    (order, count), *others = orders.most_common() or [('', 0)]
    if others and 2 * others[0][1] > count:
        return Format(mark, '')
    # All dates with slashes that Amazon writes in reports of other languages, too, have the month first.
    return Format(mark, order if orders else 'mdy' if all('/' in text for text in dates if is_ambiguous(text)) else '')


# === TEXTS === #

def read_code(text: str, _format: Format) -> str:
    """Return an identifier or a code as it is."""
    if len(text) > MAX_CODE:
        raise ValueError(_("it is longer than %(most)s characters", most=MAX_CODE))
    if not is_plain(text) and UNSTORABLE.search(text):
        raise ValueError(_("%(value)s cannot be stored", value=show(text)))
    return text


def read_text(text: str, _format: Format) -> str:
    """Return a text for people, without HTML's entities; what cannot be stored is replaced, what is too long is cut."""
    return make_storable(html.unescape(text) if '&' in text else text)[:MAX_TEXT]


def read_currency(text: str, _format: Format) -> str:
    """Return the ISO code of a currency."""
    if text and not re.fullmatch('[A-Z]{3}', text):
        raise ValueError(_("%(value)s is no currency", value=show(text)))
    return text


def read_flag(text: str, format_: Format) -> str:
    """Return 'Y' or 'N', or a word of Amazon's that is neither."""
    return FLAGS.get(text.lower()) or read_code(text, format_)


def read_disposition(text: str, format_: Format) -> str:
    """Return the code of a disposition, like WAREHOUSE_DAMAGED, also where the file has it in words."""
    return _to_disposition(read_code(text, format_))


@functools.lru_cache(maxsize=1024)
def _to_disposition(text):
    code = re.sub(r'[\W_]+|(?<=[a-z])(?=[A-Z])', '_', text).strip('_').upper()
    return DISPOSITIONS.get(code, code)


# === NUMBERS === #

def read_count(text: str, format_: Format) -> int | None:
    """Return a number of units, None for an empty text."""
    digits = text[1:] if text[:1] == '-' else text
    if len(digits) < 10 and digits.isascii() and digits.isdigit():
        return int(text)
    # Units have no decimals: a separator before three digits is one of thousands.
    mark = find_mark(text) or format_.mark or (',' if '.' in text else '.')
    return parse_quantity(text, mark)


def read_amount(text: str, format_: Format) -> Decimal | None:
    """Return an amount, None for an empty text."""
    mark = find_mark(text) or format_.mark
    if not mark and re.search('[.,]', text) and parse_number(text, '.') != parse_number(text, ','):
        raise ValueError(_("%(value)s may be meant with a decimal point or with a decimal comma", value=show(text)))
    return parse_number(text, mark or '.')


# === DATES === #

def read_moment(text: str, format_: Format) -> datetime.datetime | None:
    """Return a naive datetime in UTC, midnight for a date without a time, None for an empty text."""
    return _read_date(text, format_, parse_date)


def read_day(text: str, format_: Format) -> datetime.date | None:
    """Return a day as it is written, None for an empty text."""
    return _read_date(text, format_, parse_day)


def _read_date(text, format_, parse):
    if not text:
        return None
    # Most dates begin with the year.
    order = 'dmy' if text[:4].isdigit() else find_own_order(text) or format_.order
    if not order and is_ambiguous(text):
        raise ValueError(_("%(value)s may be meant with the day or with the month first", value=show(text)))
    try:
        return parse(text, order)
    except (ValueError, OverflowError):
        raise ValueError(_("%(value)s is no date", value=show(text))) from None


NUMBERS, DATES = {read_count, read_amount}, {read_moment, read_day}

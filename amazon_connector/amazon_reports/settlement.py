"""`GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2`: one payout and the rows that add up to it."""

import collections
import contextlib
import datetime
import operator
import re
from decimal import Decimal
from typing import NamedTuple

from .dates import find_order, parse_date
from .text import (
    UNSTORABLE,
    ReportError,
    decimal_mark,
    find_encoding,
    is_plain,
    names_people,
    parse_number,
    parse_quantity,
    read_header,
    read_lines,
    show,
)
from .words import _

REPORT_TYPE = 'GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2'
COLUMNS = (
    'settlement-id', 'settlement-start-date', 'settlement-end-date', 'deposit-date', 'total-amount', 'currency',
    'transaction-type', 'order-id',
    'merchant-order-id', 'adjustment-id', 'shipment-id', 'marketplace-name', 'amount-type', 'amount-description',
    'amount', 'fulfillment-id',
    'posted-date', 'posted-date-time', 'order-item-code', 'merchant-order-item-id', 'merchant-adjustment-item-id',
    'sku', 'quantity-purchased', 'promotion-id',
)
REQUIRED = ('settlement-id', 'total-amount', 'currency', 'transaction-type', 'amount-type', 'amount-description',
            'amount')
# The better one first.
POSTED = ('posted-date-time', 'posted-date')
# Columns whose texts are used unchanged, in the order of `Row`.
TEXTS = (
    'transaction-type', 'order-id', 'merchant-order-id', 'adjustment-id', 'shipment-id', 'marketplace-name',
    'amount-type', 'amount-description',
    'fulfillment-id', 'order-item-code', 'merchant-order-item-id', 'merchant-adjustment-item-id', 'sku', 'promotion-id',
)
HEAD_DATES = ('settlement-start-date', 'settlement-end-date', 'deposit-date')
# Longer values are no ids and no words of Amazon's, and a database index cannot hold them.
MAX_VALUE, MAX_EXTRA = 500, 10_000
CURRENCY = re.compile('[A-Z]{3}')
# How many dates that cannot be read are named.
ODD_DATES = 100


class Row(NamedTuple):
    """One amount of a settlement.

    `amount` is in the currency of the settlement, `posted` a naive datetime in UTC or None, `number` the line of the
    file (the header is line 1), `extra` holds the columns that this code does not know, those apart that are empty, and
    the dates that cannot be read.
    """

    number: int
    transaction_type: str
    order_ref: str
    merchant_order_ref: str
    adjustment_ref: str
    shipment_ref: str
    marketplace_name: str
    amount_type: str
    amount_description: str
    amount: Decimal
    fulfillment: str
    posted: datetime.datetime | None
    item_ref: str
    merchant_item_ref: str
    adjustment_item_ref: str
    sku: str
    quantity: int
    promotion_ref: str
    extra: dict


def find_encoding_of(content: bytes, charset: str = '') -> str:
    """Return the name of the character set of a settlement report; see `text.find_encoding`."""
    # Almost any bytes could be Shift-JIS: it is tried for settlements in yen only.
    return find_encoding(content, charset, ('cp932',) if b'\tJPY\t' in content[:4096] else ('cp1252',))


class SettlementFile:
    """A settlement report: its head at once, its rows one after the other however many there are.

    :param bytes content: the document
    :param str charset: the name that came with it, '' for none
    :raises ReportError: this is no settlement report, or it is damaged; the text names the line

    `settlement_ref`, `currency` (ISO code), `total` (Decimal, in that currency), `start`, `end`, `deposit` (naive
    datetimes in UTC, None where the report has none) are those of its head. `odd_dates` are line, column and text of
    the dates that cannot be read (the first hundred; those of rows once they are read). `shops` counts the names of
    marketplaces on its rows, `order_refs` and `skus` are those that they name.
    """

    def __init__(self, content: bytes, charset: str = ''):
        self._content = content
        self._encoding = find_encoding_of(content, charset)
        self._survey()

    # === FORMAT === #

    def _survey(self):
        """Read the file once, and find the format of its numbers and dates: one file has one."""
        lines = self._read_lines()
        self._header = read_header(lines, {}, REQUIRED)
        self._index = {name: self._header.index(name) for name in COLUMNS if name in self._header}
        self._pick = operator.itemgetter(*(self._index.get(name, -1) for name in TEXTS))
        self._unknown = [(position, name) for position, name in enumerate(self._header) if name and name not in COLUMNS
                         and not names_people(name)]
        self.odd_dates = []
        self.shops, self.order_refs, self.skus = collections.Counter(), set(), set()
        head, amounts, dates = None, {}, set()
        for number, line in lines:
            values = self._split(line)
            if head is None:
                head = number, values
                dates.update(filter(None, (self._value(values, name) for name in HEAD_DATES)))
                amounts[self._value(values, 'total-amount')] = number
            amounts.setdefault(self._value(values, 'amount'), number)
            dates.add(self._value(values, 'posted-date')[:10])
            self.shops[self._value(values, 'marketplace-name')] += 1
            self.order_refs.add(self._value(values, 'order-id'))
            self.skus.add(self._value(values, 'sku'))
        if head is None:
            raise ReportError(_("The report has no rows."))
        self._mark = decimal_mark(amounts)
        self._order = find_order(dates, 'mdy' if self._value(head[1], 'currency') == 'USD' else 'dmy')
        self._days = dates
        self._read_head(*head)

    def _read_head(self, number, values):
        self.settlement_ref, self.currency = self._value(values, 'settlement-id'), self._value(values, 'currency')
        self.total = self._parse_number(number, values, 'total-amount')
        self.start, self.end, self.deposit = (self._parse_date(number, values, name) for name in HEAD_DATES)
        if not self.end and any(name == HEAD_DATES[1] for _number, name, _text in self.odd_dates):
            self.end = self.deposit or self._find_last_day() or self.start
        if self.currency and not CURRENCY.fullmatch(self.currency):
            raise ReportError(_("Line %(number)s, currency: %(value)s is none.", number=number,
                                value=show(self.currency)))
        self._check_lengths(number, values)
        if not self.settlement_ref or not self.currency or self.total is None:
            raise ReportError(_(
                "Line %(number)s: the first row of a settlement names its id, its total and its currency; this one "
                "does not.", number=number))

    def _read_lines(self):
        """Yield line numbers and texts of all lines that have a value."""
        for number, line in read_lines(self._content, self._encoding):
            if line is None:
                raise ReportError(_("Line %(number)s: the file is damaged: the line has no end.", number=number))
            # The header is checked by `read_header`, which recognises other documents.
            if number > 1 and not is_plain(line) and (found := UNSTORABLE.search(line)):
                what = _("binary zeros") if found[0] == '\0' else _("characters that are no text")
                raise ReportError(_(
                    "Line %(number)s: the file is damaged, it has %(what)s: %(value)s.", number=number, what=what,
                    value=show(line[max(found.start() - 10, 0):][:20])))
            yield number, line

    def _check_lengths(self, number, values):
        """Check that every value can be stored; one of an unknown column may be longer."""
        if max(map(len, values)) > MAX_VALUE:
            for name in COLUMNS:
                if len(self._value(values, name)) > MAX_VALUE:
                    raise _too_long(number, name, MAX_VALUE)
            for position, name in self._unknown:
                if len(values[position]) > MAX_EXTRA:
                    raise _too_long(number, show(name), MAX_EXTRA)

    def _split(self, line):
        """Return the values of a line: one for each column at least, then an empty one, which is that of columns that
        the file lacks.
        """
        values = [value.strip() for value in line.split('\t')]
        while len(values) > len(self._header) and not values[-1]:
            values.pop()
        return values + [''] * max(len(self._header) + 1 - len(values), 1)

    def _value(self, values, name):
        return values[self._index.get(name, -1)]

    def _parse_number(self, number, values, name, parse=parse_number):
        try:
            return parse(self._value(values, name), self._mark)
        except ValueError as error:
            raise ReportError(_("Line %(number)s, %(name)s: %(error)s.", number=number, name=name,
                                error=error.args[0])) from None

    def _parse_date(self, number, values, name):
        """Return a date, or None for one that cannot be read: it is listed in `odd_dates`, and the row is kept."""
        text = self._value(values, name)
        if not text:
            return None
        try:
            return parse_date(text, self._order)
        except (ValueError, OverflowError):
            if len(self.odd_dates) < ODD_DATES and (number, name, text) not in self.odd_dates:
                self.odd_dates.append((number, name, text))
            return None

    def _find_last_day(self):
        """Return the last day of a row, None if no row has one."""
        found = []
        for text in self._days:
            with contextlib.suppress(ValueError, OverflowError):
                found.append(parse_date(text, self._order))
        return max(found, default=None)

    # === ROWS === #

    def read_rows(self):
        """Yield all rows that have an amount, as `Row`.

        :raises ReportError: a row is damaged
        """
        lines = self._read_lines()
        next(lines)
        for position, (number, line) in enumerate(lines):
            values = self._split(line)
            self._check_lengths(number, values)
            if len(values) > len(self._header) + 1:
                raise ReportError(_(
                    "Line %(number)s: %(count)s values for %(columns)s columns.", number=number, count=len(values) - 1,
                    columns=len(self._header)))
            if self._value(values, 'settlement-id') != self.settlement_ref:
                raise ReportError(_(
                    "Line %(number)s: it belongs to settlement %(other)s, not to %(settlement)s.", number=number,
                    other=show(self._value(values, 'settlement-id')), settlement=self.settlement_ref))
            amount = self._parse_number(number, values, 'amount')
            if amount is not None:
                yield self._read_row(number, values, amount)
            elif position:
                raise ReportError(_("Line %(number)s: it has no amount; the file may be cut.", number=number))

    def _read_row(self, number, values, amount):
        value, posted, odd = self._value, None, {}
        for name in POSTED:
            posted = posted or self._parse_date(number, values, name)
            if not posted and value(values, name):
                odd[name] = value(values, name)
        quantity = self._parse_number(number, values, 'quantity-purchased', parse_quantity)
        texts = self._pick(values)
        return Row(
            number, *texts[:8], amount, texts[8], posted, *texts[9:13], quantity or 0, texts[13],
            {name: values[position] for position, name in self._unknown if values[position]} | odd)


def _too_long(number, name, most):
    return ReportError(_("Line %(number)s: the file is damaged, %(name)s is longer than %(most)s characters.",
                         number=number, name=name, most=most))


__all__ = ['REPORT_TYPE', 'ReportError', 'Row', 'SettlementFile']

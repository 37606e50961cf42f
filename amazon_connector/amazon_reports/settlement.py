"""`GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2`: one payout and the rows that explain it."""

import collections
import datetime
import re
from decimal import Decimal
from typing import NamedTuple

from .text import (
    UNSTORABLE,
    ReportError,
    decimal_mark,
    find_encoding,
    is_plain,
    parse_number,
    parse_quantity,
    read_header,
    read_lines,
    show,
)
from .words import _

REPORT_TYPE = 'GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2'
COLUMNS = (
    'settlement-id', 'settlement-start-date', 'settlement-end-date', 'deposit-date', 'total-amount', 'currency', 'transaction-type', 'order-id',
    'merchant-order-id', 'adjustment-id', 'shipment-id', 'marketplace-name', 'amount-type', 'amount-description', 'amount', 'fulfillment-id',
    'posted-date', 'posted-date-time', 'order-item-code', 'merchant-order-item-id', 'merchant-adjustment-item-id', 'sku', 'quantity-purchased',
    'promotion-id',
)
REQUIRED = ('settlement-id', 'total-amount', 'currency', 'transaction-type', 'amount-type', 'amount-description', 'amount')
HEAD_DATES = ('settlement-start-date', 'settlement-end-date', 'deposit-date')
# Longer values are no ids and no words of Amazon's, and no index takes them.
MAX_VALUE, MAX_EXTRA = 500, 10_000
CURRENCY = re.compile('[A-Z]{3}')
FIRST_YEAR, LAST_YEAR = 1990, 2200
# Hours from UTC of the time zones that reports have been seen with.
ZONES = {'': 0, 'UTC': 0, 'GMT': 0, 'Z': 0, 'BST': 1, 'CET': 1, 'MEZ': 1, 'CEST': 2, 'MESZ': 2, 'JST': 9, 'PST': -8, 'PDT': -7, 'EST': -5, 'EDT': -4}
DATE = re.compile(r'(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})(?:[T ](\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?)? ?([A-Z]*|[+-]\d\d:?\d\d)')


class Row(NamedTuple):
    """One amount of a settlement.

    `amount` is in the currency of the settlement, `posted` a naive datetime in UTC or None, `number` the line of the file (the header is
    line 1), `extra` holds the columns that this code does not know, those apart that are empty.
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


class SettlementFile:
    """A settlement report: its head at once, its rows one after the other however many there are.

    :param bytes content: the document
    :param str charset: the name that came with it, '' for none
    :raises ReportError: this is no settlement report, or it is damaged; the text names the line

    `settlement_ref`, `currency` (ISO code), `total` (Decimal, in that currency), `start`, `end`, `deposit` (naive datetimes in UTC, None where the
    report has none) are those of its head. `shops` counts the names of marketplaces on its rows, `order_refs` and `skus` are those that they name.
    """

    def __init__(self, content: bytes, charset: str = ''):
        self._content = content
        # Almost any bytes could be Shift-JIS: it is tried for settlements in yen only.
        self._encoding = find_encoding(content, charset, ('cp932',) if b'\tJPY\t' in content[:4096] else ('cp1252',))
        self._survey()

    # === FORMAT === #

    def _survey(self):
        """Look through the file once, and decide the format of its numbers and dates: one file has one."""
        lines = self._read_lines()
        self._header = read_header(lines, {}, REQUIRED)
        self._index = {name: self._header.index(name) for name in COLUMNS if name in self._header}
        self._unknown = [(position, name) for position, name in enumerate(self._header) if name and name not in COLUMNS]
        head, amounts, dates, self.shops, self.order_refs, self.skus = None, {}, set(), collections.Counter(), set(), set()
        for number, line in lines:
            values = line.split('\t')
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
        self._order = _date_order(dates, 'mdy' if self._value(head[1], 'currency') == 'USD' else 'dmy')
        self._read_head(*head)

    def _read_head(self, number, values):
        self.settlement_ref, self.currency = self._value(values, 'settlement-id'), self._value(values, 'currency')
        self.total = self._parse_number(number, values, 'total-amount')
        self.start, self.end, self.deposit = (self._parse_date(number, self._value(values, name)) for name in HEAD_DATES)
        if self.currency and not CURRENCY.fullmatch(self.currency):
            raise ReportError(_("Line %(number)s, currency: %(value)s is none.", number=number, value=show(self.currency)))
        self._check_lengths(number, values)
        if not self.settlement_ref or not self.currency or self.total is None:
            raise ReportError(_(
                "Line %(number)s: the first row of a settlement names its id, its total and its currency; this one does not.", number=number))

    def _read_lines(self):
        """Yield line numbers and texts of all lines that have a value."""
        for number, line in read_lines(self._content, self._encoding):
            if line is None:
                raise ReportError(_("Line %(number)s: the file is damaged: the line has no end.", number=number))
            # The header is looked at by `read_header`, which knows what else a document may be.
            if number > 1 and not is_plain(line) and (found := UNSTORABLE.search(line)):
                what = _("binary zeros") if found[0] == '\0' else _("characters that are no text")
                raise ReportError(_(
                    "Line %(number)s: the file is damaged, it has %(what)s: %(value)s.", number=number, what=what,
                    value=show(line[max(found.start() - 10, 0):][:20])))
            yield number, line

    def _check_lengths(self, number, values):
        """See that every value can be stored; one that is no column of this code may be longer."""
        if max(map(len, values)) > MAX_VALUE:
            for name in COLUMNS:
                if len(self._value(values, name)) > MAX_VALUE:
                    raise _too_long(number, name, MAX_VALUE)
            for position, name in self._unknown:
                if position < len(values) and len(values[position]) > MAX_EXTRA:
                    raise _too_long(number, show(name), MAX_EXTRA)

    def _value(self, values, name):
        position = self._index.get(name)
        return values[position].strip() if position is not None and position < len(values) else ''

    def _parse_number(self, number, values, name, parse=parse_number):
        try:
            return parse(self._value(values, name), self._mark)
        except ValueError as error:
            raise ReportError(_("Line %(number)s, %(name)s: %(error)s.", number=number, name=name, error=error.args[0])) from None

    def _parse_date(self, number, text):
        if not text:
            return None
        match = DATE.fullmatch(text)
        try:
            return _to_datetime(match, self._order)
        except (TypeError, ValueError, KeyError, OverflowError):
            raise ReportError(
                _("Line %(number)s: %(value)s is no date that can be understood.", number=number, value=show(text))) from None

    # === ROWS === #

    def read_rows(self):
        """Yield all rows that have an amount, as `Row`.

        :raises ReportError: a row is damaged
        """
        lines = self._read_lines()
        next(lines)
        for position, (number, line) in enumerate(lines):
            values = line.split('\t')
            self._check_lengths(number, values)
            if len(values) > len(self._header):
                raise ReportError(_(
                    "Line %(number)s: %(count)s values for %(columns)s columns.", number=number, count=len(values), columns=len(self._header)))
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
        value = self._value
        quantity = self._parse_number(number, values, 'quantity-purchased', parse_quantity)
        return Row(
            number, value(values, 'transaction-type'), value(values, 'order-id'), value(values, 'merchant-order-id'), value(values, 'adjustment-id'),
            value(values, 'shipment-id'), value(values, 'marketplace-name'), value(values, 'amount-type'), value(values, 'amount-description'), amount,
            value(values, 'fulfillment-id'), self._parse_date(number, value(values, 'posted-date-time') or value(values, 'posted-date')),
            value(values, 'order-item-code'), value(values, 'merchant-order-item-id'), value(values, 'merchant-adjustment-item-id'),
            value(values, 'sku'), quantity or 0, value(values, 'promotion-id'),
            {name: values[position] for position, name in self._unknown if position < len(values) and values[position]})


def _too_long(number, name, most):
    return ReportError(_("Line %(number)s: the file is damaged, %(name)s is longer than %(most)s characters.", number=number, name=name, most=most))


def _date_order(texts, ambiguous):
    """Return the order of day and month in the dates of a file, 'dmy' or 'mdy'; where the year comes first there is no question."""
    matches = [match for text in texts if (match := DATE.match(text)) and len(match[1]) < 4]
    if any(match[2] == '.' or int(match[1]) > 12 for match in matches):
        return 'dmy'
    if any(int(match[3]) > 12 for match in matches):
        return 'mdy'
    return ambiguous


def _to_datetime(match, order):
    """Return the naive datetime in UTC of a text that `DATE` matched.

    :raises ValueError: there is no such day or time, or it is none of a settlement
    :raises KeyError: the time zone is unknown
    """
    first, middle, last = int(match[1]), int(match[3]), int(match[4])
    year, month, day = (first, middle, last) if len(match[1]) == 4 else (last, middle, first) if order == 'dmy' else (last, first, middle)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(year)
    moment = datetime.datetime(year, month, day, int(match[5] or 0), int(match[6] or 0), int(match[7] or 0))
    zone = match[8]
    if zone[:1] in ('+', '-'):
        offset = datetime.timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        return moment - offset if zone[0] == '+' else moment + offset
    return moment - datetime.timedelta(hours=ZONES[zone])


__all__ = ['REPORT_TYPE', 'ReportError', 'Row', 'SettlementFile']

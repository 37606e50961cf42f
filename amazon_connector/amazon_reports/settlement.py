"""`GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2`: one payout and the rows that explain it."""

import collections
import csv
import datetime
import io
import re
from decimal import Decimal
from typing import NamedTuple

from .text import ReportError, decimal_mark, find_encoding, parse_number

REPORT_TYPE = 'GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2'
COLUMNS = (
    'settlement-id', 'settlement-start-date', 'settlement-end-date', 'deposit-date', 'total-amount', 'currency', 'transaction-type', 'order-id',
    'merchant-order-id', 'adjustment-id', 'shipment-id', 'marketplace-name', 'amount-type', 'amount-description', 'amount', 'fulfillment-id',
    'posted-date', 'posted-date-time', 'order-item-code', 'merchant-order-item-id', 'merchant-adjustment-item-id', 'sku', 'quantity-purchased',
    'promotion-id',
)
REQUIRED = ('settlement-id', 'total-amount', 'currency', 'transaction-type', 'amount-type', 'amount-description', 'amount')
HEAD_DATES = ('settlement-start-date', 'settlement-end-date', 'deposit-date')
UTC = datetime.timezone.utc
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
    report has none) are those of its head. `shops` counts the names of marketplaces on its rows.
    """

    def __init__(self, content: bytes, charset: str = ''):
        if b'\0' in content:
            raise ReportError("The file is no text: it contains binary zeros.")
        self._content = content
        # Almost any bytes could be Shift-JIS: it is tried for settlements in yen only.
        self._encoding = find_encoding(content, charset, ('utf-8', 'cp932') if b'\tJPY\t' in content[:4096] else ('utf-8', 'cp1252'))
        self._survey()

    # === FORMAT === #

    def _survey(self):
        """Look through the file once, and decide the format of its numbers and dates: one file has one."""
        table = self._read_lines()
        _number, header = next(table, (1, []))
        self._header = [name.strip().lower() for name in header]
        missing = [name for name in REQUIRED if name not in self._header]
        if missing:
            raise ReportError(f"The report lacks the columns {', '.join(missing)}; it has: {', '.join(self._header)[:500]}")
        self._index = {name: self._header.index(name) for name in COLUMNS if name in self._header}
        self._unknown = [(position, name) for position, name in enumerate(self._header) if name and name not in COLUMNS]
        head, amounts, dates, self.shops = None, set(), set(), collections.Counter()
        for number, values in table:
            if head is None:
                head = number, values
                dates.update(filter(None, (self._value(values, name) for name in HEAD_DATES)))
                amounts.add(self._value(values, 'total-amount'))
            amounts.add(self._value(values, 'amount'))
            dates.add(self._value(values, 'posted-date')[:10])
            self.shops[self._value(values, 'marketplace-name')] += 1
        if head is None:
            raise ReportError("The report has no rows.")
        self._mark = decimal_mark(amounts)
        self._order = _date_order(dates, 'mdy' if self._value(head[1], 'currency') == 'USD' else 'dmy')
        self._read_head(*head)

    def _read_head(self, number, values):
        self.settlement_ref, self.currency = self._value(values, 'settlement-id'), self._value(values, 'currency')
        self.total = self._parse_number(number, values, 'total-amount')
        self.start, self.end, self.deposit = (self._parse_date(number, self._value(values, name)) for name in HEAD_DATES)
        if not self.settlement_ref or not self.currency or self.total is None:
            raise ReportError(f"Line {number}: the first row of a settlement names its id, its total and its currency; this one does not.")

    def _read_lines(self):
        """Yield line numbers and values of all lines that are not empty."""
        lines = csv.reader(io.TextIOWrapper(io.BytesIO(self._content), self._encoding, newline=''), delimiter='\t', quoting=csv.QUOTE_NONE)
        try:
            for values in lines:
                if any(values):
                    yield lines.line_num, values
        except csv.Error as error:
            raise ReportError(f"Line {lines.line_num}: the file is damaged ({error}).") from None

    def _value(self, values, name):
        position = self._index.get(name)
        return values[position].strip() if position is not None and position < len(values) else ''

    def _parse_number(self, number, values, name):
        try:
            return parse_number(self._value(values, name), self._mark)
        except ValueError as error:
            raise ReportError(f"Line {number}, {name}: {error}.") from None

    def _parse_date(self, number, text):
        if not text:
            return None
        match = DATE.fullmatch(text)
        try:
            return _to_datetime(match, self._order)
        except (TypeError, ValueError, KeyError):
            raise ReportError(f"Line {number}: {text!r} is no date that can be understood.") from None

    # === ROWS === #

    def read_rows(self):
        """Yield all rows that have an amount, as `Row`.

        :raises ReportError: a row is damaged
        """
        table = self._read_lines()
        next(table)
        for position, (number, values) in enumerate(table):
            if len(values) > len(self._header):
                raise ReportError(f"Line {number}: {len(values)} values for {len(self._header)} columns.")
            if self._value(values, 'settlement-id') != self.settlement_ref:
                raise ReportError(f"Line {number}: it belongs to settlement {self._value(values, 'settlement-id')!r}, not to {self.settlement_ref}.")
            amount = self._parse_number(number, values, 'amount')
            if amount is not None:
                yield self._read_row(number, values, amount)
            elif position:
                raise ReportError(f"Line {number}: it has no amount; the file may be cut.")

    def _read_row(self, number, values, amount):
        value = self._value
        quantity = self._parse_number(number, values, 'quantity-purchased')
        return Row(
            number, value(values, 'transaction-type'), value(values, 'order-id'), value(values, 'merchant-order-id'), value(values, 'adjustment-id'),
            value(values, 'shipment-id'), value(values, 'marketplace-name'), value(values, 'amount-type'), value(values, 'amount-description'), amount,
            value(values, 'fulfillment-id'), self._parse_date(number, value(values, 'posted-date-time') or value(values, 'posted-date')),
            value(values, 'order-item-code'), value(values, 'merchant-order-item-id'), value(values, 'merchant-adjustment-item-id'),
            value(values, 'sku'), int(quantity or 0), value(values, 'promotion-id'),
            {name: values[position] for position, name in self._unknown if position < len(values) and values[position]})


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

    :raises ValueError: there is no such day or time
    :raises KeyError: the time zone is unknown
    """
    first, middle, last = int(match[1]), int(match[3]), int(match[4])
    year, month, day = (first, middle, last) if len(match[1]) == 4 else (last, middle, first) if order == 'dmy' else (last, first, middle)
    moment = datetime.datetime(year, month, day, int(match[5] or 0), int(match[6] or 0), int(match[7] or 0))
    zone = match[8]
    if zone[:1] in ('+', '-'):
        offset = datetime.timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        return moment - offset if zone[0] == '+' else moment + offset
    return moment - datetime.timedelta(hours=ZONES[zone])


__all__ = ['REPORT_TYPE', 'ReportError', 'Row', 'SettlementFile']

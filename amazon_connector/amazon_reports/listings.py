"""`GET_MERCHANT_LISTINGS_ALL_DATA`: all listings of a seller on a marketplace, in one report."""

import re
from decimal import Decimal
from typing import NamedTuple

from .text import (
    UNSTORABLE,
    ReportError,
    decimal_mark,
    is_plain,
    join_problems,
    make_storable,
    parse_number,
    parse_quantity,
    read_table,
    show,
)
from .words import _

REPORT_TYPE = 'GET_MERCHANT_LISTINGS_ALL_DATA'
# Ask for English column names; Japan has its own ones all the same.
REPORT_OPTIONS = {'preferredReportDocumentLocale': 'en_US'}
ALIASES = {
    'fulfilment-channel': 'fulfillment-channel', 'asin 1': 'asin1', 'asin1': 'asin1',
    '商品名': 'item-name', '出品id': 'listing-id', '出品者sku': 'seller-sku', '価格': 'price', '数量': 'quantity',
    '出品日': 'open-date',
    '商品idタイプ': 'product-id-type', 'コンディション説明': 'item-note', 'コンディション': 'item-condition',
    '商品id': 'product-id',
    '在庫数': 'pending-quantity', 'フルフィルメント・チャンネル': 'fulfillment-channel', 'ステータス': 'status',
    '商品名称': 'item-name', '卖家 sku': 'seller-sku', '价格': 'price', '商品编码类型': 'product-id-type',
    '商品状况': 'item-condition',
    '商品编码': 'product-id', '配送渠道': 'fulfillment-channel', '状态': 'status',
}
REQUIRED = ('seller-sku', 'price', 'quantity', 'fulfillment-channel')
CONDITIONS = {
    '1': 'used_like_new', '2': 'used_very_good', '3': 'used_good', '4': 'used_acceptable', '5': 'collectible_like_new',
    '6': 'collectible_very_good',
    '7': 'collectible_good', '8': 'collectible_acceptable', '10': 'refurbished_refurbished', '11': 'new_new',
}
BARCODE_TYPES = {'2', '3', '4', '5'}
MERCHANT, AMAZON = 'DEFAULT', 'AMAZON'
MAX_ROWS, MAX_SKU, MAX_TITLE, MAX_IDENTIFIER = 2_000_000, 255, 2000, 50
STATUSES = {'active', 'inactive', 'incomplete'}


class ListingRow(NamedTuple):
    """One SKU; `price` in the marketplace's currency, `quantity` None for what Amazon fulfils, `status` '' if the
    report has none.

    `problem` says what could not be read; it is '' for most. Then the rest of the row is good if it has a `sku`: a row
    that cannot be trusted has none. `number` is the line of the document (the header is line 1).
    """

    sku: str
    title: str
    asin: str
    barcode: str
    price: Decimal | None
    quantity: int | None
    channel: str
    condition: str
    status: str
    problem: str
    number: int


def read_listings(content: bytes, charset: str = '') -> list[ListingRow]:
    """Return the rows of the report: one for each SKU, the last good one of duplicates, and those whose SKU cannot be
    read.

    A row that cannot be read has a problem; the others are not affected.

    :raises ReportError: this is no such report
    """
    table = []
    for row in read_table(content, charset, ALIASES, REQUIRED):
        if len(table) == MAX_ROWS:
            raise ReportError(_("Line %(number)s: the report has more than %(most)s rows.", number=row.number,
                                most=MAX_ROWS))
        table.append(row)
    mark = decimal_mark(row.values['price'] for row in table if row.values)
    found, strange = {}, []
    for row in (_read_row(row, mark) for row in table):
        known = found.get(row.sku)
        if row.sku and known and known.asin and row.asin and known.asin != row.asin:
            # One SKU has one ASIN: these are two with the same spelling, as where Amazon wrote `?` for letters that its
            # character set lacks.
            strange.append(_make_strange(row.number, _(
                "SKU %(sku)s: it is there for %(first)s and %(second)s", sku=show(row.sku), first=known.asin,
                second=row.asin)))
        elif row.sku and not (known and row.problem):
            found[row.sku] = row if known is None or known.problem else _merge(known, row)
        else:
            strange.append(row if not row.sku
                           else _make_strange(row.number,
                                              _("SKU %(sku)s: %(problem)s", sku=show(row.sku), problem=row.problem)))
    return [*found.values(), *strange]


def _merge(known, row):
    """Return one row for a SKU with two channels: Amazon's own fulfilment decides, whichever row comes first."""
    amazon = next((one.channel for one in (row, known) if one.channel.startswith(AMAZON)), '')
    return row._replace(channel=amazon, quantity=None) if amazon else row


def _make_strange(number, problem):
    return ListingRow('', '', '', '', None, None, '', '', '', problem, number)


def _read_row(row, mark):
    if row.problem:
        return _make_strange(row.number, row.problem)
    values, problems = row.values, []
    sku = values['seller-sku']
    if problem := _find_sku_problem(sku):
        return _make_strange(row.number, problem)
    price = _read(values, 'price', problems, lambda text: parse_number(text, mark))
    quantity = _read(values, 'quantity', problems, lambda text: parse_quantity(text, mark))
    channel = _read(values, 'fulfillment-channel', problems, _check_channel)
    asin, identifier = (_read(values, name, problems, _check_identifier) or '' for name in ('asin1', 'product-id'))
    kind, status = values.get('product-id-type'), values.get('status', '').lower()
    return ListingRow(
        sku=sku, title=make_storable(values.get('item-name', ''))[:MAX_TITLE], asin=asin
        or (identifier if kind == '1' else ''),
        barcode=identifier if kind in BARCODE_TYPES else '', price=price, quantity=quantity, channel=channel or '',
        condition=CONDITIONS.get(values.get('item-condition', ''), ''), status=status if status in STATUSES else '',
        problem=join_problems(problems), number=row.number)


def _find_sku_problem(sku):
    if not sku:
        return _("it names no SKU")
    if len(sku) > MAX_SKU:
        return _("its SKU is longer than %(most)s characters", most=MAX_SKU)
    return _("its SKU has characters that cannot be stored") if not is_plain(sku) and UNSTORABLE.search(sku) else ''


def _read(values, name, problems, parse):
    """Return the result of `parse` for a value; where the value is invalid, keep the problem and return None."""
    try:
        value = parse(values.get(name, ''))
        if isinstance(value, Decimal | int) and value < 0:
            raise ValueError(_("%(value)s is negative", value=values[name]))
    except ValueError as error:
        problems.append(_("%(name)s: %(error)s", name=name, error=error.args[0]))
        return None
    return value


def _check_channel(text):
    if text in ('', MERCHANT) or re.fullmatch(rf'{AMAZON}[A-Z_]{{0,30}}', text):
        return text
    raise ValueError(_("%(value)s is not known", value=show(text)))


def _check_identifier(text):
    if len(text) > MAX_IDENTIFIER or not is_plain(text) and UNSTORABLE.search(text):
        raise ValueError(_("%(value)s cannot be stored", value=show(text)))
    return text


__all__ = ['REPORT_OPTIONS', 'REPORT_TYPE', 'ListingRow', 'ReportError', 'read_listings']

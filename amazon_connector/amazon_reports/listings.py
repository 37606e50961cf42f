"""`GET_MERCHANT_LISTINGS_ALL_DATA`: everything that a seller lists on a marketplace, in one report."""

from decimal import Decimal
from typing import NamedTuple

from .text import ReportError, decimal_mark, decode, parse_number, read_table

REPORT_TYPE = 'GET_MERCHANT_LISTINGS_ALL_DATA'
# Ask for English column names; Japan has its own ones all the same.
REPORT_OPTIONS = {'preferredReportDocumentLocale': 'en_US'}
ALIASES = {
    'fulfilment-channel': 'fulfillment-channel', 'asin 1': 'asin1', 'asin1': 'asin1',
    '商品名': 'item-name', '出品id': 'listing-id', '出品者sku': 'seller-sku', '価格': 'price', '数量': 'quantity', '出品日': 'open-date',
    '商品idタイプ': 'product-id-type', 'コンディション説明': 'item-note', 'コンディション': 'item-condition', '商品id': 'product-id',
    '在庫数': 'pending-quantity', 'フルフィルメント・チャンネル': 'fulfillment-channel', 'ステータス': 'status',
    '商品名称': 'item-name', '卖家 sku': 'seller-sku', '价格': 'price', '商品编码类型': 'product-id-type', '商品状况': 'item-condition',
    '商品编码': 'product-id', '配送渠道': 'fulfillment-channel', '状态': 'status',
}
REQUIRED = ('seller-sku', 'price', 'quantity', 'fulfillment-channel')
CONDITIONS = {
    '1': 'used_like_new', '2': 'used_very_good', '3': 'used_good', '4': 'used_acceptable', '5': 'collectible_like_new', '6': 'collectible_very_good',
    '7': 'collectible_good', '8': 'collectible_acceptable', '10': 'refurbished_refurbished', '11': 'new_new',
}
BARCODE_TYPES = {'2', '3', '4', '5'}
STATUSES = {'active', 'inactive', 'incomplete'}


class ListingRow(NamedTuple):
    """One SKU; `price` in the marketplace's currency, `quantity` None for what Amazon fulfils, `status` '' if not told.

    `problem` says which value could not be understood; it is None then, and the rest of the row is good.
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


def read_listings(content: bytes, charset: str = '') -> list[ListingRow]:
    """Return the rows of the report, the last one where a SKU is there twice.

    :raises ReportError: this is no such report
    """
    table = [row for row in read_table(decode(content, charset), ALIASES, REQUIRED) if row['seller-sku']]
    mark = decimal_mark(row.get('price', '') for row in table)
    rows = {row['seller-sku']: _read_row(row, mark) for row in table}
    return list(rows.values())


def _read_row(row, mark):
    problems = []
    price = _number(row, 'price', mark, problems)
    quantity = _number(row, 'quantity', mark, problems)
    identifier, status = row.get('product-id', ''), row.get('status', '').lower()
    is_asin = row.get('product-id-type') == '1'
    return ListingRow(
        sku=row['seller-sku'], title=row.get('item-name', ''), asin=row.get('asin1') or (identifier if is_asin else ''),
        barcode=identifier if row.get('product-id-type') in BARCODE_TYPES else '', price=price,
        quantity=None if quantity is None else int(quantity), channel=row.get('fulfillment-channel', ''),
        condition=CONDITIONS.get(row.get('item-condition', ''), ''), status=status if status in STATUSES else '', problem=' '.join(problems))


def _number(row, name, mark, problems):
    try:
        return parse_number(row.get(name, ''), mark)
    except ValueError as error:
        problems.append(f"{name}: {error}")
        return None


__all__ = ['REPORT_OPTIONS', 'REPORT_TYPE', 'ListingRow', 'ReportError', 'read_listings']

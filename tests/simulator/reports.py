"""Reports 2021-06-30: reports on request, made after a while; `GET_MERCHANT_LISTINGS_ALL_DATA` as each marketplace
writes it, and those of `fba_reports`.
"""

import time
import zlib

from amazon_api.marketplaces import BY_ID

from . import fba_reports
from .clock import format_time
from .listings import channel, price, quantity, status
from .orders import Refused

LISTINGS = 'GET_MERCHANT_LISTINGS_ALL_DATA'
SECONDS = 30
ENGLISH = [
    'item-name', 'item-description', 'listing-id', 'seller-sku', 'price', 'quantity', 'open-date', 'image-url',
    'item-is-marketplace',
    'product-id-type', 'zshop-shipping-fee', 'item-note', 'item-condition', 'zshop-category1', 'zshop-browse-path',
    'zshop-storefront-feature',
    'asin1', 'asin2', 'asin3', 'will-ship-internationally', 'expedited-shipping', 'zshop-boldface', 'product-id',
    'bid-for-featured-placement', 'add-delete', 'pending-quantity', 'fulfillment-channel', 'merchant-shipping-group',
    'status',
]
DEPRECATED = {'image-url', 'zshop-shipping-fee', 'zshop-category1', 'zshop-browse-path', 'zshop-storefront-feature',
              'asin2', 'asin3',
              'zshop-boldface', 'bid-for-featured-placement'}
JAPANESE = {
    'item-name': '商品名', 'listing-id': '出品ID', 'seller-sku': '出品者SKU', 'price': '価格', 'quantity': '数量',
    'open-date': '出品日',
    'product-id-type': '商品IDタイプ', 'item-note': 'コンディション説明', 'item-condition': 'コンディション',
    'will-ship-internationally': '国外へ配送可', 'expedited-shipping': '迅速な配送', 'product-id': '商品ID',
    'pending-quantity': '在庫数',
    'fulfillment-channel': 'フルフィルメント・チャンネル',
    'merchant-shipping-group': 'merchant-shipping-group', 'status': 'ステータス',
}
CONDITIONS = {'new_new': '11', 'used_like_new': '1', 'used_very_good': '2', 'used_good': '3', 'used_acceptable': '4',
              'refurbished_refurbished': '10'}
ENCODINGS = {'JP': ('cp932', 'Shift_JIS'), 'PL': ('cp1252', 'Cp1252'), 'DE': ('cp1252', 'Cp1252'),
             'FR': ('cp1252', 'Cp1252'), 'GB': ('cp1252', 'Cp1252')}

# What becomes of a listings report on its way; a tab or a NUL in a title is written as it is, by Amazon, too.
DAMAGES = {
    None: lambda content: content, 'report_header_only': lambda content: content.split(b'\r\n')[0] + b'\r\n',
    'report_damaged': lambda content: content.replace(b'seller-sku', b'sku', 1),
    'report_odd_byte': lambda content: content,
}
FAILURES = ('report_fatal', 'report_cancelled')


def create_report(state, seller, query, body) -> tuple[int, dict]:
    if body['reportType'] != LISTINGS and body['reportType'] not in fba_reports.KINDS:
        raise Refused(400, 'InvalidInput', f"Report type {body['reportType']} cannot be requested.")
    if not set(body['marketplaceIds']) <= seller.marketplace_ids:
        raise Refused(403, 'Unauthorized', "Access to requested resource is denied.")
    asked = fba_reports.ask(state, seller, body) if body['reportType'] in fba_reports.KINDS else {}
    fault = state.faults.strike('createReport', 'report_fatal', 'report_cancelled', 'report_header_only',
                                'report_damaged', 'report_odd_byte')
    if fault and fault.kind in FAILURES:
        # What came to nothing may be asked for again at once.
        state.asked.pop(asked.get('key'), None)
    report_id = str(60_000_000_000 + len(state.reports))
    state.reports[report_id] = {'id': report_id, 'seller': seller, 'type': body['reportType'],
                                'marketplaces': body['marketplaceIds'], 'document': None, 'status': None,
                                'fault': fault and fault.kind, 'created': format_time(state.now()),
                                'ready': state.lifetime(SECONDS), 'asked': {
                                    name: body[name] for name in ('dataStartTime', 'dataEndTime') if name in body},
                                **asked}
    return 202, {'reportId': report_id}


def get_report(state, seller, query, report_id) -> tuple[int, dict]:
    report = state.reports.get(report_id)
    if report is None or report['seller'] is not seller:
        raise Refused(404, 'NotFound', f"Report {report_id} was not found")
    return 200, render(state, report)


def render(state, report) -> dict:
    """Return a report as `getReport` shows it; its document is made when its time has come."""
    body = {'reportId': report['id'], 'reportType': report['type'], 'marketplaceIds': report['marketplaces'],
            'createdTime': report['created'], **report.get('asked', {})}
    if time.monotonic() < report['ready']:
        return {**body, 'processingStatus': 'IN_PROGRESS'}
    if report['fault'] in FAILURES:
        return {**body, 'processingStatus': report['fault'].removeprefix('report_').upper()}
    if not report.get('status'):
        _finish(state, report)
    return {**body, 'processingStatus': report['status'],
            **({'reportDocumentId': report['document']} if report['document'] else {})}


def _finish(state, report):
    if report['document']:
        report['status'] = 'DONE'
        return
    if report['type'] == LISTINGS:
        content, charset = listings_report(state, report['seller'], report['marketplaces'][0])
        content, content_type = DAMAGES[report['fault']](content), f'text/plain; charset={charset}'
        report['status'] = 'DONE'
    else:
        report['status'], content, content_type = fba_reports.make(state, report)
        content = fba_reports.spoil(content, report['fault'])
    if report['status'] != 'CANCELLED':
        report['document'] = state.documents.add(content, gzipped=True, content_type=content_type)


def listings_report(state, seller, marketplace) -> tuple[bytes, str]:
    """Return all listings of a marketplace as its report has them, and the name of its character set."""
    country = BY_ID[marketplace].country
    columns = [name for name in ENGLISH if country != 'JP' or name in JAPANESE]
    rows = [_header(country, columns)]
    for (owner, market, _sku), listing in state.listings.items():
        if owner == seller.id and market == marketplace and listing['attributes'].get('parentage_level', [{}])[0].get(
                'value') != 'parent':
            values = _row(listing)
            rows.append([values.get(name, '') for name in columns])
    encoding, charset = ENCODINGS.get(country, ('utf-8', 'UTF-8'))
    # Amazon itself replaces what the character set of a report lacks.
    return '\r\n'.join('\t'.join(row) for row in rows).encode(encoding, 'replace') + b'\r\n', charset


def _header(country, columns):
    if country == 'JP':
        return [JAPANESE[name] for name in columns]
    if country in ('GB', 'PL'):
        return ['Deprecated column' if name in DEPRECATED else name.replace('fulfillment', 'fulfilment')
                for name in columns]
    return columns


def _row(listing):
    attributes, value = listing['attributes'], price(listing)
    identifier = attributes.get('externally_assigned_product_identifier')
    kind, number = (('4' if identifier[0]['type'] == 'ean' else '3', identifier[0]['value']) if identifier
                    else ('1', listing['asin']))
    amount = quantity(listing)
    return {
        'item-name': attributes.get('item_name', [{'value': ''}])[0]['value'],
        'listing-id': f"L{zlib.crc32(listing['sku'].encode()):010d}",
        'seller-sku': listing['sku'], 'price': '' if value is None else f'{value:g}' if value == int(value)
        else f'{value:.2f}',
        'quantity': '' if amount is None else str(amount), 'open-date': '2026-01-05 08:15:20 UTC',
        'item-is-marketplace': 'y', 'product-id-type': kind,
        'item-condition': CONDITIONS[attributes['condition_type'][0]['value']], 'asin1': listing['asin'],
        'product-id': number,
        'fulfillment-channel': channel(listing), 'merchant-shipping-group': 'Migrated Template',
        'status': 'Incomplete' if value is None else 'Active' if 'BUYABLE' in status(listing) else 'Inactive',
    }

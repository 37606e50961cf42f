"""Settlement reports as Amazon writes them: one file a payout, in the local format of the seller, listed under every
marketplace.
"""

import datetime
import random
import re
import secrets
import zlib
from decimal import Decimal
from typing import NamedTuple

from amazon_api.marketplaces import BY_COUNTRY
from amazon_reports.settlement import COLUMNS
from amazon_reports.settlement import REPORT_TYPE as SETTLEMENT

from . import money, payouts, reports
from .clock import UTC, format_time, parse_time
from .orders import Refused

DATES = {'iso': '%Y-%m-%d %H:%M:%S UTC', 'dots': '%d.%m.%Y %H:%M:%S UTC', 'offset': '%Y-%m-%dT%H:%M:%S+00:00',
         'slashes': '%d/%m/%Y %H:%M:%S UTC', 'american': '%m/%d/%Y %H:%M:%S UTC', 'japanese': '%Y/%m/%d %H:%M:%S UTC'}
DAYS = 90


class Style(NamedTuple):
    """How a file is written: `mark` decimal mark, `thousands` separator, `dates` a key of `DATES`."""

    mark: str = '.'
    thousands: str = ''
    dates: str = 'iso'
    encoding: str = 'utf-8'
    newline: str = '\n'

    def number(self, value) -> str:
        return f'{value:,f}'.replace(',', 'T').replace('.', self.mark).replace('T', self.thousands)

    def date(self, moment) -> str:
        return moment.strftime(DATES[self.dates])


PLAIN = Style()
STYLES = {
    'DE': Style(',', '', 'dots', 'cp1252', '\r\n'), 'FR': Style(',', '', 'dots'), 'IT': Style(',', '.', 'dots'),
    'ES': Style(',', '.', 'slashes'), 'SE': Style(',', '\u00a0', 'iso'), 'JP': Style('.', ',', 'japanese', 'cp932'),
    'US': Style('.', ',', 'iso', 'utf-8-sig'), 'GB': Style('.', '', 'offset'),
}


class Head(NamedTuple):
    """What the first row of a settlement tells; times are aware, `total` is in `currency`."""

    ref: str
    start: datetime.datetime
    end: datetime.datetime
    deposit: datetime.datetime
    total: Decimal
    currency: str


def write(head: Head, rows: list[dict], style: Style = PLAIN, columns=COLUMNS) -> bytes:
    """Return a settlement report; rows are those of `money.row`, with `posted` (aware datetime) for both columns of the
    time.
    """
    table = [columns, [{
        'settlement-id': head.ref, 'settlement-start-date': style.date(head.start),
        'settlement-end-date': style.date(head.end),
        'deposit-date': style.date(head.deposit), 'total-amount': style.number(head.total),
        'currency': head.currency}.get(name, '') for name in columns]]
    for entry in rows:
        posted = entry.get('posted') or head.start
        values = {**entry, 'settlement-id': head.ref, 'amount': style.number(entry['amount']),
                  'posted-date': re.split('[ T]', style.date(posted))[0], 'posted-date-time': style.date(posted)}
        table.append([values.get(name, '') for name in columns])
    return style.newline.join('\t'.join(line) for line in table).encode(style.encoding,
                                                                        'replace') + style.newline.encode()


def generate(country: str, count: int, *, seed=1, ref='', start=None, end=None, orders=()) -> tuple[Head, list[dict]]:
    """Return a settlement of `count` rows at least: first those of the orders, then all known types, then more orders
    that nobody knows.
    """
    market, rng = BY_COUNTRY[country], random.Random(f'{country}-{seed}')
    end = end or datetime.datetime(2026, 11, 8, 6, 0, tzinfo=UTC)
    start = start or end - datetime.timedelta(days=14)
    rows = [entry for order in orders for entry in money.shipment_rows(market, order)]
    for kind in money.KNOWN:
        rows.append(_row(rng, market, kind, start, end))
    while len(rows) < count:
        rows += _unknown_order(rng, market, start, end)
    total = sum(entry['amount'] for entry in rows)
    return Head(ref or str(rng.randrange(10 ** 10, 10 ** 11)), start, end, end + datetime.timedelta(days=2), total,
                market.currency), rows


def generate_sales(country: str, orders: int, *, seed=1) -> tuple[Head, list[dict], dict]:
    """Return a settlement of five rows an order, and what the buyer of each order paid."""
    market, rng = BY_COUNTRY[country], random.Random(seed)
    end = datetime.datetime(2026, 11, 8, 6, 0, tzinfo=UTC)
    rows, paid = [], {}
    for _number in range(orders):
        *sale, fee, fba = _unknown_order(rng, market, end - datetime.timedelta(days=14), end)
        promotion = {**sale[0], 'amount-type': 'Promotion', 'amount': -money.unit(market.currency)}
        rows += [*sale, promotion, fee, fba]
        paid[fee['order-id']] = sum(entry['amount'] for entry in [*sale, promotion])
    total = sum(entry['amount'] for entry in rows)
    return Head(f'7{seed:09d}', end - datetime.timedelta(days=14), end, end + datetime.timedelta(days=2), total,
                market.currency), rows, paid


def _moment(rng, start, end):
    return start + datetime.timedelta(seconds=rng.randrange(int((end - start).total_seconds())))


def _row(rng, market, kind, start, end):
    """A row of a known type; as at Amazon, rows without an order have a shipment id in the place of its number, or
    nothing.
    """
    values = {'posted': _moment(rng, start, end), 'marketplace-name': rng.choice([_shop(market), ''])}
    if kind[0] in ('other-transaction', 'ServiceFee', 'Fee Adjustment'):
        values['order-id'] = rng.choice(['', f'FBA{rng.randrange(10 ** 9):09d}'])
    else:
        values.update(_order_values(rng))
    return money.row(kind, kind[3] * Decimal(rng.randrange(1, 2000)).quantize(money.unit(market.currency))
                     / (1 if market.currency == 'JPY' else 100), **values)


def _order_values(rng):
    return {'order-id': f'{rng.randrange(100, 999)}-{rng.randrange(10 ** 7):07d}-{rng.randrange(10 ** 7):07d}',
            'sku': f'SKU-{rng.randrange(40):03d}',
            'order-item-code': str(rng.randrange(10 ** 13)), 'fulfillment-id': rng.choice(['AFN', 'MFN'])}


def _unknown_order(rng, market, start, end):
    common = {**_order_values(rng), 'posted': _moment(rng, start, end), 'marketplace-name': _shop(market)}
    price = Decimal(rng.randrange(500, 9000)) / (1 if market.currency == 'JPY' else 100)
    return [money.row(('Order', 'ItemPrice', 'Principal'), price, **common, **{'quantity-purchased': '1'}),
            money.row(('Order', 'ItemPrice', 'Shipping'), price / 10 // money.unit(market.currency)
                      * money.unit(market.currency), **common),
            money.row(('Order', 'ItemFees', 'Commission'),
                      -(price * money.SHARE // money.unit(market.currency) * money.unit(market.currency)), **common),
            money.row(('Order', 'ItemFees', 'FBAPerUnitFulfillmentFee'), -3 * (100 if market.currency == 'JPY' else 1),
                      **common)]


def _shop(market):
    return 'Amazon.' + market.shop.partition('.')[2]


# === AMAZON'S SIDE === #

def settle(state, seller, country: str, *, start=None, end=None, reserve='0', extra=()) -> Head:
    """Close a period on a marketplace: all that moved since the last one, what Amazon keeps back now and gives back
    from last time.

    :param str reserve: what Amazon keeps of this payout
    :param list extra: more rows, each `[transaction-type, amount-type, amount-description, amount]`
    """
    market = BY_COUNTRY[country]
    account = state.accounts.setdefault((seller.id, country), {
        'settled': set(), 'reserve': Decimal(0), 'owed': Decimal(0), 'count': 0, 'settled_at': {}, 'history': []})
    end = parse_time(end) if end else state.now()
    start = parse_time(start) if start else end - datetime.timedelta(days=14)
    rows = []
    for event in money.events(state, seller):
        # What is deferred is paid when it is released.
        paid = event.get('released') if event.get('deferred') else event['posted']
        if event['market'] is market and event['id'] not in account['settled'] and paid and paid < end:
            account['settled'].add(event['id'])
            account['settled_at'][event['id']] = end
            rows += event['rows']
    last = end - datetime.timedelta(seconds=1)
    rows += [money.row(tuple(kind), Decimal(str(amount)), posted=last) for *kind, amount in extra]
    for description, amount in (('Previous Reserve Amount Balance', account['reserve']),
                                ('Current Reserve Amount', -Decimal(reserve)), ('Payable to Amazon', account['owed'])):
        if amount:
            rows.append(money.row(('other-transaction', 'other-transaction', description), amount, posted=last))
    account['reserve'], account['count'] = Decimal(reserve), account['count'] + 1
    total = sum((entry['amount'] for entry in rows), Decimal(0)).quantize(money.unit(market.currency))
    account['owed'] = min(total, Decimal(0))
    account['history'].append((end, account['reserve'], account['owed']))
    ref = f"{zlib.crc32(f'{seller.id}{country}'.encode()):010d}{account['count']:03d}"
    head = Head(ref, start, end, end + datetime.timedelta(days=2), total, market.currency)
    state.payouts.append(payouts.make(seller, head, market))
    publish(state, seller, write(head, rows, STYLES.get(country, PLAIN)), charset=STYLES.get(country, PLAIN).encoding,
            created=end)
    return head


def publish(state, seller, content: bytes, *, charset='', created=None) -> str:
    """Make a settlement report available, as it is; return its report id."""
    report_id = str(70_000_000_000 + len(state.reports))
    content_type = f'text/plain; charset={charset}' if charset else 'text/plain'
    state.reports[report_id] = {
        'id': report_id, 'seller': seller, 'type': SETTLEMENT, 'marketplaces': sorted(seller.marketplace_ids),
        'fault': None, 'ready': 0, 'document': state.documents.add(content, gzipped=True, content_type=content_type),
        'created': format_time(created or state.now())}
    return report_id


def get_reports(state, seller, query) -> tuple[int, dict]:
    """`getReports`: by type and time of creation, up to 90 days back, in pages whose tokens stand for the whole
    request.
    """
    if 'nextToken' in query:
        if set(query) != {'nextToken'} or query['nextToken'] not in state.report_tokens:
            raise Refused(400, 'InvalidInput', "The token is unknown, or comes with other parameters.")
        found, size = state.report_tokens.pop(query['nextToken'])
    else:
        size = int(query.get('pageSize', 10))
        since = max(parse_time(query['createdSince']) if 'createdSince' in query else state.now(),
                    state.now() - datetime.timedelta(days=DAYS))
        wanted, statuses = (set(query.get(name, '').split(',')) - {''} for name in ('marketplaceIds',
                                                                                    'processingStatuses'))
        found = [report for report in state.reports.values()
                 if report['seller'] is seller and report['type'] in query['reportTypes'].split(',')
                 and parse_time(report['created']) >= since
                 and (not wanted or wanted & set(report['marketplaces']))
                 and (not statuses or reports.render(state, report)['processingStatus'] in statuses)]
    body = {'reports': [reports.render(state, report) for report in found[:size]]}
    if found[size:]:
        body['nextToken'] = secrets.token_urlsafe(8)
        state.report_tokens[body['nextToken']] = found[size:], size
    return 200, body

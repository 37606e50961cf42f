"""Transfers 2024-06-01 and the balances of Finances 2024-06-19: what Amazon paid out, and what it holds."""

import datetime
import secrets
from decimal import Decimal

from amazon_api.marketplaces import BY_ID

from . import money
from .clock import format_time, parse_time
from .orders import Refused

PAGE = 20
# Amazon names the same kind of account in two ways.
ACCOUNT_TYPES = ('STANDARD_ORDERS', 'Standard Orders')


def make(seller, head, market) -> dict:
    """Return the payout of a settlement: paid where there is money, else none. `amount` is a Decimal or None."""
    paid = head.total > 0
    return {
        'id': head.ref, 'seller': seller, 'market': market, 'created': head.end, 'amount': head.total if paid else None,
        'currency': head.currency,
        'status': 'PAID' if paid else 'NO_PAYOUT', 'trace': secrets.token_hex(8).upper()[:15] if paid else '',
        'settlements': [head.ref], 'failure': ''}


def list_payouts(state, seller, query) -> tuple[int, dict]:
    """`listPayouts`: the latest first, in pages that may be empty; the token comes with the arguments that it was given
    for.
    """
    wanted = set(query.get('marketplaceIds', '').split(',')) - {''}
    since, until = (parse_time(query[name]) if name in query else None for name in ('createdAfter', 'createdBefore'))
    if query.get('accountType', ACCOUNT_TYPES[0]) not in ACCOUNT_TYPES:
        return 200, {'payouts': []}
    found = [payout for payout in state.payouts if payout['seller'] is seller
             and (not wanted or payout['market'].id in wanted)
             and (since is None or payout['created'] >= since) and (until is None or payout['created'] < until)
             and query.get('payoutId', payout['id']) == payout['id']]
    found.sort(key=lambda payout: payout['created'], reverse=True)
    return 200, _page(state, query, 'payouts', [_payout(payout) for payout in found], PAGE)


def _payout(payout):
    moment = format_time(payout['created'])
    status = {'status': payout['status'], 'lastUpdatedDate': moment,
              **({'failureReason': payout['failure']} if payout['failure'] else {})}
    body = {
        'id': payout['id'], 'partnerMetadata': {'partnerId': payout['seller'].id, 'accountType': ACCOUNT_TYPES[0],
                                                'marketplaceId': payout['market'].id},
        'currentStatus': payout['status'], 'statusHistory': [{'status': 'STARTED', 'lastUpdatedDate': moment}, status],
        'creationDate': moment,
        'relatedIdentifiers': [{'relatedIdentifierName': 'SETTLEMENT_ID', 'relatedIdentifierValue': ref}
                               for ref in payout['settlements']]}
    if payout['amount'] is not None:
        body.update({
            'type': 'SCHEDULED', 'amount': {'currencyCode': payout['currency'],
                                            'currencyAmount': float(payout['amount'])}, 'accountTail': '1234',
            'paymentMethod': 'BANK_ACCOUNT', 'paymentRail': 'SEPA', 'traceId': payout['trace']})
    return body


def change(state, payout_id: str, **values) -> dict:
    """Let a payout go otherwise: `status`, `failure`, `settlements`, `amount`, `currency`, `trace`."""
    payout = next(payout for payout in state.payouts if payout['id'] == payout_id)
    payout.update({**values, **({'amount': Decimal(str(values['amount']))} if 'amount' in values else {})})
    return payout


# === BALANCES === #

def list_balances(state, seller, query) -> tuple[int, dict]:
    """`listBalances`: what Amazon holds for each account, now or at the end of a day."""
    wanted = set(query.get('marketplaceIds', '').split(',')) - {''}
    moment = (parse_time(f"{query['asOfDate']}T00:00:00Z") + datetime.timedelta(days=1) if 'asOfDate' in query
              else state.now())
    found = []
    for market_id in seller.marketplace_ids:
        if (wanted and market_id not in wanted) or query.get('accountType', ACCOUNT_TYPES[1]) not in ACCOUNT_TYPES:
            continue
        total = _balance(state, seller, BY_ID[market_id], moment, 'asOfDate' in query and query['asOfDate'])
        kinds = [total, *total['balances'], *total['balances'][1]['balances']]
        kind = query.get('balanceType', 'TOTAL')
        partner = {'partnerId': seller.id, 'accountType': ACCOUNT_TYPES[1], 'marketplaceId': market_id}
        found += [{'partnerMetadata': partner, **balance} for balance in kinds if balance['balanceType'] == kind]
    return 200, _page(state, query, 'balances', found, 500)


def _balance(state, seller, market, moment, day):
    """Return the balance TOTAL of an account at a moment, with what it consists of."""
    open_money, deferred = Decimal(0), Decimal(0)
    settled = {ref: end for ref, end in state.accounts.get((seller.id, market.country),
                                                           {}).get('settled_at', {}).items() if end <= moment}
    for event in money.events(state, seller):
        if event['market'] is not market or event['posted'] >= moment:
            continue
        amount = sum((row['amount'] for row in event['rows']), Decimal(0))
        if event.get('deferred') and not (event['released'] and event['released'] < moment):
            deferred += amount
        elif event['id'] not in settled:
            open_money += amount
    account = state.accounts.get((seller.id, market.country), {})
    reserve, owed = next(((kept, below) for end, kept, below in reversed(account.get('history', [])) if end <= moment),
                         (Decimal(0), Decimal(0)))

    def entry(kind, amount, *parts):
        stated = {'asOfDate': f'{day}T00:00:00Z'} if day else {'lastUpdatedTime': format_time(moment)}
        return {'balanceType': kind, 'amount': {'currencyCode': market.currency, 'currencyAmount': float(amount)},
                **stated, **({'balances': list(parts)} if parts else {})}
    available = open_money + owed
    reserved = entry('RESERVED', deferred + reserve, entry('DEFERRED', deferred),
                     entry('ACCOUNT_LEVEL_RESERVE', reserve))
    return entry('TOTAL', available + deferred + reserve, entry('AVAILABLE', available), reserved)


def _page(state, query, name, entries, size):
    offset = 0
    if 'nextToken' in query:
        offset, asked = state.report_tokens.pop(query['nextToken'], (0, None))
        if asked != {key: value for key, value in query.items() if key != 'nextToken'}:
            raise Refused(400, 'InvalidInput', "The token comes with other arguments than those it was made for.")
    body = {name: entries[offset:offset + size]}
    if entries[offset + size:]:
        body['nextToken'] = secrets.token_urlsafe(8)
        state.report_tokens[body['nextToken']] = offset + size, {key: value for key, value in query.items()
                                                                 if key != 'nextToken'}
    return body

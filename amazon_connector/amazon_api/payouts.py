"""`Payout` objects of Transfers 2024-06-01 and `Balance` objects of Finances 2024-06-19."""

import datetime
from decimal import Decimal
from typing import NamedTuple

from .shapes import AMOUNT, CURRENCY, TEXT, TIME, needed, read, read_amount, read_list, read_time, spell

MONEY = {'currencyCode': needed(CURRENCY), 'currencyAmount': needed(AMOUNT)}
PARTNER = {'marketplaceId': TEXT, 'accountType': TEXT}
PAYOUT = {
    'id': needed(TEXT), 'partnerMetadata': PARTNER, 'currentStatus': needed(TEXT), 'type': TEXT, 'amount': MONEY,
    'accountTail': TEXT,
    'statusHistory': [{'status': TEXT, 'lastUpdatedDate': TIME, 'failureReason': TEXT}], 'creationDate': TIME,
    'paymentRail': TEXT, 'traceId': TEXT,
    'relatedIdentifiers': [{'relatedIdentifierName': TEXT, 'relatedIdentifierValue': TEXT}],
}
BALANCE = {'partnerMetadata': PARTNER, 'balanceType': needed(TEXT), 'amount': MONEY, 'asOfDate': TEXT}
BALANCE['balances'] = [BALANCE]


class Payout(NamedTuple):
    """One payout; '' and None for what Amazon does not state. `created` is naive in UTC, `amount` in `currency`."""

    ref: str
    marketplace_ref: str
    account_type: str
    status: str
    type: str
    amount: Decimal | None
    currency: str
    account_tail: str
    rail: str
    trace_ref: str
    created: datetime.datetime | None
    failure: str
    settlement_refs: tuple


def read_payout(payload) -> Payout:
    """Return a `Payout` of `listPayouts`.

    :raises ShapeError: it has another form than Amazon's model describes
    """
    known = read(payload, needed(PAYOUT), 'payout', 'payouts')
    partner, status = known.get('partnerMetadata') or {}, spell(known['currentStatus'])
    money, created = known.get('amount'), known.get('creationDate')
    # The reason of the last failure: a payout may fail, and start again.
    reasons = [entry['failureReason'] for entry in known.get('statusHistory') or [] if entry.get('failureReason')]
    settlements = dict.fromkeys(
        entry['relatedIdentifierValue'] for entry in known.get('relatedIdentifiers') or []
        if entry.get('relatedIdentifierName') == 'SETTLEMENT_ID' and entry.get('relatedIdentifierValue'))
    return Payout(
        known['id'], partner.get('marketplaceId', ''), partner.get('accountType', ''), status, known.get('type', ''),
        read_amount(money['currencyAmount']) if money else None, money['currencyCode'] if money else '',
        known.get('accountTail', ''),
        known.get('paymentRail', ''), known.get('traceId', ''), read_time(created) if created else None,
        reasons[-1] if reasons and status == 'FAILED' else '', tuple(settlements))


def read_balances(payload) -> dict:
    """Return the balances of a page of `listBalances`: (marketplace, account type, kind of balance, currency) ->
    Decimal.

    Kinds are those of Amazon's model: TOTAL, AVAILABLE, RESERVED, DEFERRED, ACCOUNT_LEVEL_RESERVE.

    :raises ShapeError: the page has another form than Amazon's model describes
    """
    found = {}

    def collect(balances, partner):
        for balance in balances:
            known = read(balance, needed(BALANCE), 'balance', 'balances')
            partner_here = known.get('partnerMetadata') or partner
            money = known.get('amount')
            if money:
                key = partner_here.get('marketplaceId', ''), partner_here.get('accountType', ''), spell(
                    known['balanceType']), money['currencyCode']
                found[key] = read_amount(money['currencyAmount'])
            collect(known.get('balances') or [], partner_here)

    collect(read_list(payload, 'balances'), {})
    return found

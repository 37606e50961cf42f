"""Payouts and balances as Amazon has been seen to spell them."""

import pytest
from amazon_api.payouts import read_balances, read_payout

MONEY = {'currencyCode': 'EUR', 'currencyAmount': 5}
FAILED = {'status': 'FAILED', 'lastUpdatedDate': '2026-10-29T06:00:00Z', 'failureReason': "Account closed"}
AGAIN = {'status': 'FAILED', 'lastUpdatedDate': '2026-10-31T06:00:00Z', 'failureReason': "Name does not match"}
STARTED = {'status': 'INITIATED', 'lastUpdatedDate': '2026-10-30T06:00:00Z'}


@pytest.mark.parametrize(('stated', 'status', 'failure'), [
    ('PAID', 'PAID', ''), ('Failed', 'FAILED', "closed account"), ('In transit', 'IN_TRANSIT', ''),
    ('ON-HOLD', 'ON_HOLD', '')])
def test_statuses_of_payouts(stated, status, failure):
    found = read_payout({'id': 'P', 'currentStatus': stated, 'amount': MONEY,
                         'statusHistory': [{'status': stated, 'failureReason': "closed account"}]})
    assert (found.status, found.failure) == (status, failure)


def test_kinds_of_balances():
    found = read_balances(
        {
            'balances': [{'balanceType': 'Total', 'amount': MONEY,
                          'balances': [{'balanceType': 'deferred', 'amount': MONEY}]}]})
    assert sorted(kind for _market, _account, kind, _currency in found) == ['DEFERRED', 'TOTAL']


@pytest.mark.parametrize(('status', 'history', 'reason'), [
    ('FAILED', [FAILED], "Account closed"),
    ('FAILED', [FAILED, STARTED, AGAIN], "Name does not match"),
    ('FAILED', [STARTED], ''),
    ('FAILED', [], ''),
    ('COMPLETED', [FAILED, STARTED], ''),
    ('INITIATED', [FAILED, STARTED, AGAIN], ''),
])
def test_the_reason_of_the_last_failure_while_it_stands(status, history, reason):
    assert read_payout({'id': 'P1', 'currentStatus': status, 'statusHistory': history}).failure == reason

"""Payouts and balances as Amazon has been seen to spell them."""

import pytest
from amazon_api.payouts import read_balances, read_payout

MONEY = {'currencyCode': 'EUR', 'currencyAmount': 5}


@pytest.mark.parametrize(('told', 'status', 'failure'), [
    ('PAID', 'PAID', ''), ('Failed', 'FAILED', "closed account"), ('In transit', 'IN_TRANSIT', ''), ('ON-HOLD', 'ON_HOLD', '')])
def test_statuses_of_payouts(told, status, failure):
    found = read_payout({'id': 'P', 'currentStatus': told, 'amount': MONEY, 'statusHistory': [{'status': told, 'failureReason': "closed account"}]})
    assert (found.status, found.failure) == (status, failure)


def test_kinds_of_balances():
    found = read_balances({'balances': [{'balanceType': 'Total', 'amount': MONEY, 'balances': [{'balanceType': 'deferred', 'amount': MONEY}]}]})
    assert sorted(kind for _market, _account, kind, _currency in found) == ['DEFERRED', 'TOTAL']

"""Payouts and balances of the simulator are of Amazon's shape, and agree with its settlements."""

from decimal import Decimal

import pytest
from amazon_api.payouts import read_balances, read_payout

from .caller import Caller, assert_valid

DE = 'A1PA6795UKMFR9'


@pytest.fixture
def caller(amazon):
    amazon.control('reset', {'speed': 100000, 'orders': 60, 'marketplaces': ['DE']})
    return Caller(amazon)


def payouts(caller, **query):
    reply = caller.get('/finances/transfers/2024-06-01/payouts', **query)
    assert_valid('listPayouts', reply)
    return [read_payout(payload) for payload in reply.json()['payouts']]


def test_every_settlement_has_its_payout(caller, amazon):
    first, = amazon.control('settle', {'country': 'DE', 'reserve': '25'})
    second, = amazon.control('settle',
                             {'country': 'DE',
                              'extra': [['ServiceFee', 'Cost of Advertising', 'TransactionTotalAmount', '-80.00']]})
    below, paid = payouts(caller)
    assert (paid.settlement_refs, paid.amount, paid.status, paid.currency) == ((first['ref'],), Decimal(first['total']),
                                                                               'PAID', 'EUR')
    assert paid.trace_ref and paid.marketplace_ref == DE
    assert (below.settlement_refs, below.amount, below.status,
            below.trace_ref) == ((second['ref'],), None, 'NO_PAYOUT', '')
    amazon.control(f"payouts/{first['ref']}",
                   {'status': 'FAILED', 'failure': "Account closed", 'settlements': [first['ref'], second['ref']]})
    failed = payouts(caller)[1]
    assert (failed.status, failed.failure, len(failed.settlement_refs)) == ('FAILED', "Account closed", 2)


def test_balances_are_what_is_not_paid_out(caller, amazon):
    def balances(**query):
        reply = caller.get('/finances/2024-06-19/balances', marketplaceIds=DE, **query)
        assert_valid('listBalances', reply)
        return {kind: amount for (_market, _account, kind, _currency), amount in read_balances(reply.json()).items()}
    open_before = balances()['AVAILABLE']
    head, = amazon.control('settle', {'country': 'DE', 'reserve': '25'})
    assert Decimal(head['total']) == open_before - 25
    held = balances()
    assert (held['TOTAL'], held['AVAILABLE'], held['ACCOUNT_LEVEL_RESERVE']) == (25, 0, 25)
    fee = ['other-transaction', 'other-transaction', 'Storage Fee']
    amazon.control('money', {'type': 'ServiceFee', 'country': 'DE', 'kind': fee, 'amount': '-3.20', 'deferred': True,
                             'posted': '2026-01-05T10:00:00Z'})
    later = balances()
    assert (later['DEFERRED'], later['RESERVED'], later['TOTAL']) == (Decimal('-3.2'), Decimal('21.8'), Decimal('21.8'))
    assert balances(asOfDate='2020-01-01')['TOTAL'] == 0
    assert set(balances(balanceType='DEFERRED')) == {'DEFERRED'}

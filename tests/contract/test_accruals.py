"""What an accrual counts of Amazon's transactions is what Amazon says that it holds at the end of a day."""

import datetime
from decimal import Decimal

import pytest
from amazon_api.accruals import judge, read_entry
from amazon_api.payouts import read_balances, read_payout
from amazon_api.shapes import ShapeError

from .caller import Caller
from .examples import examples

DE, POSTED = 'A1PA6795UKMFR9', '2026-01-05T10:00:00Z'
UNTIL = datetime.datetime(2026, 2, 1)
FEE = ['other-transaction', 'other-transaction', 'Storage Fee']


@pytest.fixture
def caller(amazon):
    amazon.control('reset', {'speed': 100000, 'orders': 40, 'marketplaces': ['DE']})
    return Caller(amazon)


def transactions(amazon, **query):
    found = []
    for reply in amazon.client('eu').pages('listTransactions', postedAfter='2025-12-01T00:00:00Z', **query):
        found += [read_entry(payload) for payload in reply.payload['transactions']]
    return found


def test_open_and_deferred_are_amazons_balance(caller, amazon):
    event = {'type': 'ServiceFee', 'country': 'DE', 'kind': FEE, 'posted': POSTED}
    amazon.control('money', [
        {**event, 'amount': '-3.20'}, {**event, 'amount': '-4.00', 'deferred': True},
        {**event, 'amount': '-5.00', 'posted': '2026-02-01T00:00:00Z'},
        {**event, 'amount': '-6.00', 'deferred': True, 'released': '2026-02-10T10:00:00Z'},
        {**event, 'amount': '-7.00', 'deferred': True, 'released': '2026-01-20T10:00:00Z'}])
    stages = {}
    for entry in transactions(amazon):
        stage = judge(entry, UNTIL, datetime.datetime(2025, 1, 1))
        if stage and entry.status:
            stages[stage] = stages.get(stage, Decimal(0)) + entry.total
    reply = caller.get('/finances/2024-06-19/balances', marketplaceIds=DE, asOfDate='2026-01-31')
    balances = {kind: amount for (_market, _account, kind, _currency), amount in read_balances(reply.json()).items()}
    assert stages == {'open': balances['AVAILABLE'], 'deferred': balances['DEFERRED']} and stages['deferred'] == -10
    assert balances['TOTAL'] == sum(stages.values())


def test_amounts_and_taxes_are_all_of_a_transaction(caller, amazon):
    order = next(order for order in amazon.control('orders') if order['fulfillment']['fulfillmentStatus'] == 'SHIPPED')
    item = order['orderItems'][0]['orderItemId']
    amazon.control('money', [{'type': 'Refund', 'order': order['orderId'], 'items': {item: 1}, 'posted': POSTED}])
    kinds = set()
    for entry in transactions(amazon):
        withheld = entry.total - sum(entry.amounts.values()) - sum(entry.taxes.values())
        assert withheld == 0
        kinds |= {kind for kind, _whose in entry.amounts}
    assert {'sales', 'commission', 'refunds'} <= kinds


def test_amazons_examples_are_read():
    found = 0
    for example in examples('finances_2024-06-19', 'transfers_2024-06-01'):
        if example.status != 200:
            continue
        body = example.body.get('payload', example.body)
        if example.operation == 'listTransactions':
            found += len([read_entry(entry) for entry in body.get('transactions', []) if 'transactionId' in entry])
        elif example.operation == 'listBalances':
            found += len(read_balances(body))
        else:
            found += len([read_payout(entry) for entry in body['payouts']])
    assert found >= 5


@pytest.mark.parametrize('broken', [
    None, [], 'x', {'balances': 'x'}, {'balances': [7]},
    {'balances': [{'balanceType': 'TOTAL', 'amount': {'currencyCode': 'EUR'}}]}])
def test_damaged_balances_are_refused(broken):
    with pytest.raises(ShapeError):
        read_balances(broken)


@pytest.mark.parametrize('broken', [
    None, {}, {'id': '1'}, {'id': '1', 'currentStatus': 7},
    {'id': '1', 'currentStatus': 'PAID', 'amount': {'currencyCode': 'euro'}},
    {'id': '1', 'currentStatus': 'PAID', 'statusHistory': 'x'}])
def test_damaged_payouts_are_refused(broken):
    with pytest.raises(ShapeError):
        read_payout(broken)


@pytest.mark.parametrize('broken', [None, {}, {'transactionId': '1'}, []])
def test_damaged_transactions_are_refused(broken):
    with pytest.raises(ShapeError):
        read_entry(broken)

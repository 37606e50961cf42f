"""Settlements and transactions of the simulator are of Amazon's shape, agree with each other and with the orders that
were sold (A30).
"""

from decimal import Decimal

import pytest
from amazon_api.documents import download
from amazon_reports.settlement import REPORT_TYPE, SettlementFile

from .caller import Caller, assert_valid

DE = 'A1PA6795UKMFR9'
BUYER_PAYS = {'ItemPrice', 'Promotion'}


@pytest.fixture
def caller(amazon):
    amazon.control('reset', {'speed': 100000, 'orders': 300, 'marketplaces': ['DE', 'US', 'JP']})
    return Caller(amazon)


def read_reports(amazon, region='eu', **query):
    client = amazon.client(region)
    found = client.call('getReports', reportTypes=[REPORT_TYPE], createdSince='2020-01-01T00:00:00Z', **query)
    files = []
    for report in found.payload['reports']:
        reply = client.call('getReportDocument', report['reportDocumentId']).payload
        files.append(SettlementFile(*download(amazon.transport(), reply['url'], gzipped=True)))
    return files


@pytest.mark.parametrize('region, country', [('eu', 'DE'), ('na', 'US'), ('fe', 'JP')])
def test_a_settlement_agrees_with_the_orders(caller, amazon, region, country):
    head, = amazon.control('settle', {'seller': region, 'country': country, 'reserve': '25'})
    report, = read_reports(amazon, region)
    rows = list(report.read_rows())
    assert (report.settlement_ref, report.total) == (head['ref'], Decimal(head['total'])) and report.total == sum(
        row.amount for row in rows)
    shipped = {order['orderId']: Decimal(order['proceeds']['grandTotal']['amount'])
               for order in amazon.control('orders')
               if order['fulfillment']['fulfillmentStatus'] == 'SHIPPED'
               and order['proceeds']['grandTotal']['currencyCode'] == report.currency}
    paid = dict.fromkeys(shipped, Decimal(0))
    for row in rows:
        if row.order_ref and row.amount_type in BUYER_PAYS:
            paid[row.order_ref] += row.amount
    assert shipped and paid == shipped


def test_a_second_period_has_what_is_new_and_gives_the_reserve_back(caller, amazon):
    amazon.control('settle', {'country': 'DE', 'reserve': '25'})
    order = next(order for order in amazon.control('orders') if order['fulfillment']['fulfillmentStatus'] == 'SHIPPED'
                 and order['proceeds']['grandTotal'][
                     'currencyCode'] == 'EUR')
    item = order['orderItems'][0]
    refund, = amazon.control('money', {'type': 'Refund', 'order': order['orderId'],
                                       'items': {item['orderItemId']: item['quantityOrdered']}})
    head, = amazon.control('settle',
                           {'country': 'DE',
                            'extra': [['ServiceFee', 'Cost of Advertising', 'TransactionTotalAmount', '-80.00']]})
    assert Decimal(head['total']) == Decimal(refund['total']) + 25 - 80
    third, = amazon.control('settle', {'country': 'DE'})
    assert Decimal(third['total']) == Decimal(head['total']), "what was owed is taken from the next payout"


def test_reports_are_listed_in_pages(caller, amazon):
    for _number in range(5):
        amazon.control('settle', {'country': 'DE'})
    query, refs = {'reportTypes': REPORT_TYPE, 'createdSince': '2020-01-01T00:00:00Z', 'pageSize': 2,
                   'marketplaceIds': DE}, []
    while query:
        reply = caller.get('/reports/2021-06-30/reports', **query)
        assert_valid('getReports', reply)
        refs += [report['reportId'] for report in reply.json()['reports']]
        query = {'nextToken': reply.json()['nextToken']} if 'nextToken' in reply.json() else None
    assert len(refs) == len(set(refs)) == 5
    assert caller.get('/reports/2021-06-30/reports', nextToken='gone').status_code == 400


def test_a_raw_document_is_delivered_as_it_is(caller, amazon):
    answer = amazon.control('settlements?seller=eu', b'not a settlement')
    client = amazon.client('eu')
    report = client.call('getReport', answer['reportId']).payload
    reply = client.call('getReportDocument', report['reportDocumentId']).payload
    assert download(amazon.transport(), reply['url'], gzipped=True).content == b'not a settlement'


def test_transactions_are_valid_and_agree_with_settlements(caller, amazon):
    order = next(order for order in amazon.control('orders') if order['fulfillment']['fulfillmentStatus'] == 'SHIPPED'
                 and order['proceeds']['grandTotal'][
                     'currencyCode'] == 'EUR')
    posted = '2026-01-05T10:00:00Z'
    item = order['orderItems'][0]['orderItemId']
    amazon.control('money', [
        {'type': 'Refund', 'order': order['orderId'], 'items': {item: 1}, 'posted': posted},
        {'type': 'A-to-z Guarantee Refund', 'order': order['orderId'], 'items': {item: 0.5}, 'posted': posted},
        {'type': 'ServiceFee', 'country': 'DE', 'kind': ['other-transaction', 'other-transaction', 'Storage Fee'],
         'amount': '-3.20', 'posted': posted},
        {'type': 'Adjustment', 'order': order['orderId'],
         'kind': ['other-transaction', 'FBA Inventory Reimbursement', 'WAREHOUSE_LOST'], 'amount': '9.99',
         'posted': posted}])
    query, found = {'postedAfter': '2026-01-01T00:00:00Z'}, []
    token = None
    while query:
        reply = caller.get('/finances/2024-06-19/transactions', **query, **({'nextToken': token} if token else {}))
        assert_valid('listTransactions', reply)
        found += reply.json()['payload']['transactions']
        token = reply.json()['payload'].get('nextToken')
        if not token:
            break
    assert {transaction['transactionType'] for transaction in found} == {'Shipment', 'Refund',
                                                                         'A-to-z Guarantee Refund', 'ServiceFee',
                                                                         'Adjustment'}
    head, = amazon.control('settle', {'country': 'DE'})
    assert round(sum(Decimal(str(transaction['totalAmount']['currencyAmount'])) for transaction in found),
                 2) == Decimal(head['total'])
    assert amazon.client('eu').call('listTransactions', postedAfter='2026-01-01T00:00:00Z').payload['transactions']
    assert caller.get('/finances/2024-06-19/transactions').status_code == 400

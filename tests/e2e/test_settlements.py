"""Settlements are fetched, booked and matched once, whatever fails or runs at the same time (A7, A9)."""

import datetime
import time

import pytest
from simulator.settlements import STYLES, generate, write

from .conftest import kill_after, start_flow


def book_by_itself(system, **options):
    system.set_up_accounts()
    system.call('amazon.seller.marketplace', 'write', system.call('amazon.seller.marketplace', 'search', []),
                {'settlement_auto': True, **options})


def paid(system):
    """The payment states of the invoices of all shipped orders."""
    shipped = [order['orderId'] for order in system.control('orders')
               if order['fulfillment']['fulfillmentStatus'] == 'SHIPPED']
    sales = system.call('sale.order', 'search_read', [('amazon_order_ref', 'in', shipped)], ['invoice_ids'])
    assert len(sales) == len(shipped)
    return {row['payment_state']
            for row in system.call('account.move', 'read', [move for sale in sales for move in sale['invoice_ids']],
                                   ['payment_state'])}


def test_a_payout_of_real_orders_clears_all_their_invoices(system):
    """A7, with the orders that the simulated Amazon sold, in a company of another currency."""
    head = system.sell_and_settle(extra=[['ServiceFee', 'Cost of Advertising', 'TransactionTotalAmount', '-12.34']],
                                  reserve='50')
    system.run('settlements', lambda: system.settlements('state'))
    settlement, = system.settlements('settlement_ref', 'state', 'total', 'problem')
    assert (settlement['settlement_ref'], settlement['state'], f"{settlement['total']:.2f}") == (
        head['ref'], 'ready', head['total']), settlement['problem']
    system.call('amazon.settlement', 'action_book', [settlement['id']])
    settlement, = system.settlements('state', 'open_line_ids', 'payout_line_id')
    assert (settlement['state'], settlement['open_line_ids']) == ('booked', [])
    assert paid(system) == {'paid'}
    item, = system.call('account.move.line', 'read', [settlement['payout_line_id'][0]], ['amount_currency'])
    assert f"{item['amount_currency']:.2f}" == head['total']


def test_a_refund_becomes_a_credit_note_that_the_next_settlement_clears(system):
    system.sell_and_settle()
    germany = system.call('amazon.seller.marketplace', 'search', [('country_id.code', '=', 'DE')])
    system.call('amazon.seller.marketplace', 'write', germany, {'refund_policy': 'posted'})
    order = next(order for order in system.control('orders') if order['fulfillment']['fulfillmentStatus'] == 'SHIPPED')
    item = order['orderItems'][0]
    posted = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() - 3600))
    system.control('money', {'type': 'Refund', 'order': order['orderId'],
                             'items': {item['orderItemId']: item['quantityOrdered']}, 'posted': posted})
    system.control('settle', {'country': 'DE'})
    system.run('transactions', lambda: system.call('amazon.transaction', 'search_count', [('state', '=', 'done')]))
    transaction, = system.call('amazon.transaction', 'search_read', [('transaction_type', '=', 'Refund')],
                               ['move_id', 'buyer_amount'])
    system.run('settlements', lambda: len(system.settlements('state')) == 2)
    for settlement in system.settlements('end_date'):
        system.call('amazon.settlement', 'action_book', [settlement['id']])
    note, = system.call('account.move', 'read', [transaction['move_id'][0]], ['amount_total', 'amount_residual'])
    assert (f"{note['amount_total']:.2f}", note['amount_residual']) == (f"{-transaction['buyer_amount']:.2f}", 0)
    assert [settlement['open_line_ids'] for settlement in system.settlements('open_line_ids')] == [[], []]


def test_a_month_that_is_over_is_accrued_and_a_payout_has_the_number_of_the_bank(system):
    system.sell_and_settle()
    last = datetime.date.today().replace(day=1) - datetime.timedelta(days=2)
    system.control('money',
                   {'type': 'ServiceFee', 'country': 'DE',
                    'kind': ['other-transaction', 'other-transaction', 'Storage Fee'], 'amount': '-3.20',
                    'posted': f'{last}T10:00:00Z', 'deferred': True})
    system.run('settlements', lambda: system.settlements('state'))
    system.call('amazon.settlement', 'action_book', [settlement['id'] for settlement in system.settlements('state')])
    system.run('settlements', lambda: system.call('amazon.payout', 'search_count',
                                                  [('trace_ref', '!=', False), ('settlement_ids', '!=', False)]))
    seller, = system.call('amazon.seller', 'search', [('state', '=', 'connected')])
    accrual, = system.call('amazon.accrual', 'create', [{'seller_id': seller, 'month': str(last)}])
    system.call('amazon.accrual', 'action_collect', [accrual])
    system.run('transactions',
               lambda: system.call('amazon.accrual', 'read', [accrual], ['state'])[0]['state'] == 'ready')
    fee, = system.call('amazon.accrual.line', 'search_read', [('accrual_id', '=', accrual), ('kind', '=', 'storage')],
                       ['stage', 'amount'])
    assert (fee['stage'], fee['amount']) == ('deferred', -3.2)
    assert "held" in system.call('amazon.accrual', 'read', [accrual], ['balance_note'])[0]['balance_note']


@pytest.mark.parametrize('faults', [
    [{'kind': 'error_500', 'share': 0.4, 'count': 8}, {'kind': 'error_503', 'share': 0.2, 'count': 5}],
    [{'kind': 'throttle', 'share': 0.5, 'count': 10}],
    [{'kind': 'cut', 'share': 0.5, 'count': 6}, {'kind': 'html_success', 'share': 0.3, 'count': 4}],
], ids=lambda faults: '+'.join(fault['kind'] for fault in faults))
def test_every_settlement_arrives_once_whatever_happens(system, faults):
    system.begin()
    system.connect()
    heads = {}
    for seed in range(4):
        head, rows = generate('DE', 300, seed=seed)
        heads[head.ref] = len(rows)
        for _twice in range(2):
            system.control('settlements?charset=cp1252', write(head, rows, STYLES['DE']))
    system.control('faults', faults)
    # Reports of listings arrive beside them.
    system.run('settlements', lambda: system.call('amazon.report', 'search_count', [
        ('state', '=', 'done'), ('report_type', 'like', 'SETTLEMENT')]) == 8)
    assert {row['settlement_ref']: row['row_count']
            for row in system.settlements('settlement_ref', 'row_count')} == heads


def test_a_killed_worker_loses_and_doubles_nothing(system):
    system.begin()
    system.connect()
    book_by_itself(system, settlement_split=True)
    head, rows = generate('DE', 12_000)
    system.control('settlements?charset=cp1252', write(head, rows, STYLES['DE']))
    for seconds in (5, 7, 9, 12):
        kill_after(start_flow('settlements'), seconds)
    system.run('settlements', lambda: [row['state'] for row in system.settlements('state')] == ['booked'])
    settlement, = system.settlements('row_count', 'move_ids', 'payout_line_id')
    assert settlement['row_count'] == len(rows) == system.call('amazon.settlement.line', 'search_count', [])
    months = system.call('account.move', 'read', settlement['move_ids'], ['amazon_part'])
    assert len({month['amazon_part'] for month in months}) == len(months)
    payout, = system.call('account.move.line', 'search_read', [('amazon_role', '=', 'payout')], ['amount_currency'])
    assert f"{payout['amount_currency']:.2f}" == f'{head.total:.2f}'
    carried = system.call('account.move.line', 'search_read', [('amazon_role', '=', 'carried')], ['reconciled'])
    assert all(line['reconciled'] for line in carried)


def test_two_processes_at_once_import_and_book_once(system):
    """A9"""
    system.begin()
    system.connect()
    book_by_itself(system)
    head, rows = generate('DE', 3000)
    content = write(head, rows, STYLES['DE'])
    for _time in range(3):
        system.control('settlements?charset=cp1252', content)
    for process in [start_flow('settlements') for _number in range(3)]:
        process.wait()
    system.run('settlements', lambda: [row['state'] for row in system.settlements('state')] == ['booked'])
    settlement, = system.settlements('row_count', 'move_ids')
    assert (settlement['row_count'], len(settlement['move_ids'])) == (len(rows), 1)
    assert system.call('amazon.settlement.line', 'search_count', []) == len(rows)

"""Run in Odoo's shell by bench.py: settlements from document to posted entries, and plain Odoo beside them."""

import json
import os
import resource
import time

env = env(context={**env.context, 'tracking_disable': True})  # noqa: F821
seller = env['amazon.seller'].browse(int(os.environ['BENCH_SELLER']))
market = seller.marketplace_ids.filtered(lambda market: market.marketplace_ref == 'A1PA6795UKMFR9')
settlements, result = env['amazon.settlement'], {}
PLAIN_FIELDS = {'x_name': 'char', 'x_kind': 'char', 'x_amount': 'float', 'x_date': 'datetime', 'x_order': 'char',
                'x_quantity': 'integer'}


def measure(action):
    env.flush_all()
    env.cr.commit()
    env.invalidate_all()
    start = time.perf_counter()
    action()
    env.flush_all()
    env.cr.commit()
    return time.perf_counter() - start


def import_and_book(path):
    with open(path, 'rb') as document:
        settlement = settlements._import_file(seller, document.read())
    assert settlement.state == 'ready', settlement.problem
    while settlement.stage != 'booked':
        settlement.action_book() if settlement.stage == 'ready' else settlement._process_due(
            seller.sync_ids.filtered(lambda sync: sync.flow == 'settlements'))
    assert all(move.state == 'posted' for move in settlement.move_ids)


def plain_create(rows):
    """So many rows of a model with six plain fields, by one `create`."""
    model = env['x_bench_row']
    model.create(
        [{'x_name': f'Row {number}', 'x_kind': 'Commission', 'x_amount': number / 100, 'x_date': '2026-10-20 10:00:00',
          'x_order': f'302-{number}', 'x_quantity': 1} for number in range(rows)])


def make_invoices(count):
    """Orders and their posted invoices, as many as the document of `BENCH_INVOICES` pays."""
    product = env['product.product'].create({'name': "Thing", 'type': 'service', 'taxes_id': False})
    partners = env['res.partner'].create([{'name': f'Buyer {number}'} for number in range(count)])
    with open(os.environ['BENCH_ORDERS']) as orders:
        amounts = json.load(orders)
    sales = env['sale.order'].create([{
        'partner_id': partner.id, 'amazon_order_ref': ref, 'amazon_marketplace_id': market.id,
        'pricelist_id': market.pricelist_id.id,
        'order_line': [(0, 0, {'product_id': product.id, 'price_unit': amount, 'tax_ids': False})]}
        for partner, (ref, amount) in zip(partners, amounts, strict=True)])
    invoices = env['account.move'].create([{
        'move_type': 'out_invoice', 'partner_id': sale.partner_id.id, 'invoice_date': '2026-10-20',
        'currency_id': market.currency_id.id,
        'invoice_line_ids': [
            (0, 0, {'name': "Thing", 'quantity': 1, 'price_unit': sale.order_line.price_unit, 'tax_ids': False,
                    'sale_line_ids': [(6, 0, sale.order_line.ids)]})]} for sale in sales])
    invoices.action_post()
    env.cr.commit()
    return invoices


def plain_payment(invoices):
    """One entry that pays all of these invoices, posted and reconciled in one plan."""
    receivables = invoices.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
    currency, total = market.currency_id, sum(receivables.mapped('amount_currency'))
    rate = receivables[0].balance / receivables[0].amount_currency
    lines = [{'name': line.move_id.name, 'account_id': line.account_id.id, 'partner_id': line.partner_id.id,
              'currency_id': currency.id,
              'amount_currency': -line.amount_currency, 'balance': -line.balance} for line in receivables]
    lines.append({'name': "Payout", 'account_id': market.settlement_payout_account_id.id, 'currency_id': currency.id,
                  'amount_currency': total, 'balance': -sum(line['balance'] for line in lines)})
    assert rate
    move = env['account.move'].create({'move_type': 'entry', 'journal_id': market.settlement_journal_id.id,
                                       'date': '2026-11-08', 'line_ids': [(0, 0, line) for line in lines]})
    move.action_post()
    paying = move.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
    env['account.move.line']._reconcile_plan([mine | theirs for mine, theirs in zip(paying, receivables, strict=True)])
    return move


model = env['ir.model'].create({'name': "Bench row", 'model': 'x_bench_row', 'field_id': [
    (0, 0, {'name': name, 'ttype': kind, 'field_description': name}) for name, kind in PLAIN_FIELDS.items()]})
env['ir.model.access'].create({'name': 'bench', 'model_id': model.id, 'perm_read': True, 'perm_create': True})
env['amazon.settlement.setup'].create({}).action_apply()
if market.currency_id != env.company.currency_id:
    env['res.currency.rate'].create({'currency_id': market.currency_id.id, 'name': '2020-01-01', 'rate': 0.9})
env.cr.commit()
import_and_book(os.environ['BENCH_WARM'])
plain_create(100)

result['plain_create_s'] = min(measure(lambda: plain_create(10_000)) for _attempt in range(3))
result['rows_10k_s'] = min(measure(lambda path=path: import_and_book(path))
                           for path in os.environ['BENCH_10K'].split(','))
result['rows_100k_s'] = measure(lambda: import_and_book(os.environ['BENCH_100K']))
result['peak_mb'] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000

invoices = make_invoices(2000)
moves = []
result['plain_payment_s'] = measure(lambda: moves.append(plain_payment(invoices)))
assert set(invoices.mapped('payment_state')) == {'paid'}
moves[0].line_ids.remove_move_reconcile()
moves[0].button_draft()
env.cr.commit()
assert set(invoices.mapped('payment_state')) == {'not_paid'}
result['invoices_s'] = measure(lambda: import_and_book(os.environ['BENCH_INVOICES']))
result['invoices_paid'] = sum(invoice.payment_state == 'paid' for invoice in invoices)
result['unmatched'] = len(settlements.search([], limit=1, order='id desc').open_line_ids)

with open(os.environ['BENCH_RESULT'], 'w') as output:
    json.dump(result, output)

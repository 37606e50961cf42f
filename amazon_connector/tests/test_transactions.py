import datetime
from unittest.mock import patch

from odoo.tests import tagged

from ..amazon_api.errors import Unavailable
from . import payloads
from .common import FakeAmazon, Reply
from .settlement_files import PRINCIPAL, REFUND, row
from .test_settlements import SettlementCase


def money(amount, currency='EUR'):
    return {'currencyCode': currency, 'currencyAmount': amount}


def group(kind, *leaves):
    return {'breakdownType': kind, 'breakdownAmount': money(sum(amount for _name, amount in leaves)),
            'breakdowns': [{'breakdownType': name, 'breakdownAmount': money(amount)} for name, amount in leaves]}


def refund(sale, *items, ref='T1', kind='Refund', status='RELEASED', posted='2026-10-20T10:00:00Z', **names):
    """A `Transaction`: `items` are (item id, quantity, groups); `names` are further related identifiers."""
    entries = [{
        'description': "Thing", 'totalAmount': money(sum(part['breakdownAmount']['currencyAmount'] for part in groups)),
        'breakdowns': groups,
        'relatedIdentifiers': [{'itemRelatedIdentifierName': 'ORDER_ADJUSTMENT_ITEM_ID',
                                'itemRelatedIdentifierValue': item}],
        'contexts': [{'contextType': 'ProductContext', 'sku': 'SKU-A', 'asin': 'B0', 'quantityShipped': quantity,
                      'fulfillmentNetwork': 'MFN'}]}
        for item, quantity, groups in items]
    return transaction(sale.amazon_order_ref, round(sum(entry['totalAmount']['currencyAmount'] for entry in entries),
                                                    2), ref=ref, kind=kind, status=status,
                       posted=posted, description="Refund Order", items=entries, **names)


def transaction(order_ref, amount, ref='T1', kind='Adjustment', status='RELEASED', posted='2026-10-20T10:00:00Z',
                description='WAREHOUSE_LOST', items=(), **names):
    related = [{'relatedIdentifierName': name, 'relatedIdentifierValue': value}
               for name, value in {'ORDER_ID': order_ref, **names}.items() if value]
    return {'transactionId': ref, 'transactionType': kind, 'transactionStatus': status, 'description': description,
            'postedDate': posted,
            'totalAmount': money(amount), 'relatedIdentifiers': related, 'items': list(items), 'breakdowns': [],
            'marketplaceDetails': {'marketplaceId': payloads.MARKETPLACES['DE'][0], 'marketplaceName': 'Amazon.de'}}


class TransactionCase(SettlementCase):
    """A seller whose orders are invoiced at once."""

    def setUp(self):
        super().setUp()
        self.german.write({'fbm_invoice': 'posted', 'refund_policy': 'posted'})

    def sell(self, quantity=2, total='238.00', **options):
        item = payloads.item(quantity=quantity, total=total, shipped=quantity, **options)
        return self.receive_sale(payloads.order(item, status='SHIPPED')), item['orderItemId']

    def fetch(self, *transactions, **options):
        return self.run_flow('transactions',
                             FakeAmazon(listTransactions={'transactions': list(transactions)}, **options))

    def one(self, ref='T1'):
        return self.env['amazon.transaction'].search([('transaction_ref', '=', ref)])


@tagged('post_install', '-at_install')
class TestTransactions(TransactionCase):
    """Refunds become credit notes within the hour, and the settlement clears them."""

    def test_a_refund_of_goods_and_shipping_of_other_rates(self):
        parts = [('ITEM', '107.00'), ('SHIPPING', '11.90'), ('TAX', '8.90', {'ITEM': '7.00', 'SHIPPING': '1.90'})]
        goods = payloads.item(total='118.90', parts=parts, shipped=1)
        sale = self.receive_sale(payloads.order(goods, status='SHIPPED'))
        invoice = sale.invoice_ids
        self.assertEqual((invoice.state, invoice.amount_total, invoice.amount_tax), ('posted', 118.90, 8.90))
        self.fetch(
            refund(sale,
                   (goods['orderItemId'], 1,
                    [group('ProductCharges', ('OurPricePrincipal', -100.0), ('OurPriceTax', -7.0)),
                     group('Shipping', ('ShippingPrincipal', -10.0), ('ShippingTax', -1.9))])))
        note = self.one().move_id
        self.assertEqual((note.amount_total, note.amount_tax), (118.90, 8.90), self.one().error)

    def test_a_refund_has_the_day_of_the_company(self):
        sale, item = self.sell()
        self.company.resource_calendar_id.tz = 'Europe/Berlin'
        self.fetch(
            refund(sale, (item, 1, [group('ProductCharges', ('OurPricePrincipal', -100.0), ('OurPriceTax', -19.0))]),
                   posted='2026-10-20T22:30:00Z'))
        self.assertEqual(str(self.one().move_id.invoice_date), '2026-10-21')

    def test_a_page_of_another_form_moves_nothing(self):
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'transactions')
        before = sync.cursor
        for page in ({'transactions': 'abc'}, {'transactions': {'a': 1}}, {'transactions': 5}, [], 'abc', None):
            self.run_flow('transactions', listTransactions=lambda page=page, **_query: Reply(page))
            self.assertEqual((self.env['amazon.transaction'].search_count([('seller_id', '=', self.seller.id)]),
                              sync.cursor), (0, before))
            self.assertTrue(sync.failures and sync.error and "server log" not in sync.error, sync.error)
        for page in ({'transactions': None}, {}):
            self.run_flow('transactions', listTransactions=page)
            self.assertEqual((sync.failures, sync.error), (0, False))

    def test_a_refund_of_goods_becomes_a_credit_note(self):
        sale, item = self.sell()
        self.fetch(
            refund(sale, (item, 1, [group('ProductCharges', ('OurPricePrincipal', -100.0), ('OurPriceTax', -19.0)),
                                    group('AmazonFees', ('Commission', 17.85), ('RefundCommission', -3.57))])))
        found = self.one()
        note = found.move_id
        self.assertEqual((found.state, found.amount, found.buyer_amount), ('done', -104.72, -119.0), found.error)
        self.assertEqual((note.state, note.move_type, note.amount_total, str(note.invoice_date)),
                         ('posted', 'out_refund', 119.0, '2026-10-20'))
        self.assertEqual((note.invoice_line_ids.quantity, note.invoice_line_ids.product_id,
                          note.invoice_line_ids.tax_ids),
                         (1, self.product, sale.invoice_ids[0].invoice_line_ids.tax_ids))
        self.assertIn("Refund Order", note.ref)
        self.assertIn(note, sale.invoice_ids)
        self.assertEqual(sale.order_line.qty_invoiced, 1)

    def test_the_settlement_clears_it_later(self):
        sale, item = self.sell()
        invoice = sale.invoice_ids
        self.fetch(refund(sale, (item, 1, [group('ProductCharges', ('OurPricePrincipal', -119.0))])))
        settlement = self.book([row(PRINCIPAL, '238.00', sale.amazon_order_ref),
                                row(REFUND, '-119.00', sale.amazon_order_ref)])
        self.assertEqual((invoice.payment_state, self.one().move_id.amount_residual, len(settlement.open_line_ids)),
                         ('paid', 0, 0))

    def test_a_part_of_the_price_is_no_goods(self):
        sale, item = self.sell()
        self.fetch(refund(sale, (item, 1, [group('ProductCharges', ('Goodwill', -20.0))])))
        note = self.one().move_id
        self.assertEqual((note.amount_total, note.invoice_line_ids.quantity), (20.0, 1))
        self.assertIn(note, sale.invoice_ids, "it is on the order")
        self.assertEqual(sale.order_line.qty_invoiced, 2, "but takes no goods off it")
        settlement = self.book([row(REFUND, '-20.00', sale.amazon_order_ref)])
        self.assertFalse(settlement.open_line_ids)

    def test_what_was_refunded_is_not_invoiced_again(self):
        sale, item = self.sell()
        payload = self.env['amazon.order'].sudo().search([('sale_order_id', '=', sale.id)]).payload
        self.fetch(refund(sale, (item, 2, [group('ProductCharges', ('OurPricePrincipal', -238.0))])))
        self.assertTrue(payload)
        self.receive(payloads.later({**payload, 'buyer': {}, 'recipient': {'deliveryAddress': payloads.address()}},
                                    minutes=60))
        self.assertEqual(len(sale.invoice_ids.filtered(lambda move: move.move_type == 'out_invoice')), 1)

    def test_drafts_by_choice_and_nothing_by_choice(self):
        sale, item = self.sell()
        self.german.refund_policy = 'draft'
        self.fetch(refund(sale, (item, 1, [group('ProductCharges', ('OurPricePrincipal', -119.0))])))
        self.assertEqual(self.one().move_id.state, 'draft')
        self.german.refund_policy = 'no'
        self.fetch(refund(sale, (item, 1, [group('ProductCharges', ('OurPricePrincipal', -119.0))]), ref='T2'))
        self.assertEqual((self.one('T2').state, len(self.one('T2').move_id)), ('done', 0))

    def test_a_transaction_is_stored_once(self):
        sale, item = self.sell()
        payload = refund(sale, (item, 1, [group('ProductCharges', ('OurPricePrincipal', -119.0))]))
        for _time in range(2):
            self.fetch(payload, payload)
        self.assertEqual(len(self.one()), 1)
        self.assertEqual(len(sale.invoice_ids), 2)

    def test_a_refund_waits_for_its_invoice(self):
        self.german.fbm_invoice = 'draft'
        sale, item = self.sell()
        self.fetch(refund(sale, (item, 1, [group('ProductCharges', ('OurPricePrincipal', -119.0))])))
        self.assertEqual((self.one().state, self.one().error), ('waiting', "The order has no posted invoice."))
        sale.invoice_ids.action_post()
        self.fetch()
        self.assertEqual((self.one().state, self.one().move_id.amount_total), ('done', 119.0))

    def test_a_refund_waits_for_its_order_without_work(self):
        sale, item = self.sell()
        payload = refund(sale, (item, 1, [group('ProductCharges', ('OurPricePrincipal', -119.0))]))
        sale.amazon_order_ref = '302-7777777-7777777'
        self.fetch(payload)
        self.assertEqual((self.one().state, self.one().error), ('waiting', "The order is not in Odoo."))
        with patch.object(type(self.one()), '_process') as process:
            self.fetch()
        process.assert_not_called()
        sale.amazon_order_ref = self.one().order_ref
        sale._amazon_link_money()
        self.fetch()
        self.assertEqual((self.one().state, self.one().move_id.amount_total), ('done', 119.0))

    def test_a_deferred_refund_waits_until_it_is_released(self):
        sale, item = self.sell()
        groups = [group('ProductCharges', ('OurPricePrincipal', -119.0))]
        self.fetch(refund(sale, (item, 1, groups), status='DEFERRED'))
        self.assertEqual(self.one().state, 'waiting')
        self.fetch(refund(sale, (item, 1, groups), status='DEFERRED_RELEASED'))
        self.assertEqual(self.one().state, 'done')

    def test_one_strange_refund_does_not_stop_the_others(self):
        sale, item = self.sell()
        strange = refund(sale, (item, 1, []), ref='T9')
        strange['items'][0]['breakdowns'] = [group('ProductCharges', ('OurPricePrincipal', 5.0))]
        self.fetch(strange, refund(sale, (item, 1, [group('ProductCharges', ('OurPricePrincipal', -119.0))])))
        self.assertEqual((self.one('T9').state, self.one().state), ('error', 'done'))
        self.one('T9').action_ignore()
        self.assertEqual(self.one('T9').state, 'ignored')

    def test_a_transaction_of_a_strange_shape_is_kept_and_stops_nothing(self):
        sale, item = self.sell()
        nameless = {'transactionType': 'Refund', 'description': "no id, no date, no amount"}
        undated = {**transaction(sale.amazon_order_ref, 1.0, ref='T8'), 'postedDate': 'yesterday'}
        for _time in range(2):
            self.fetch(nameless, undated,
                       refund(sale, (item, 1, [group('ProductCharges', ('OurPricePrincipal', -119.0))])))
        strange = self.env['amazon.transaction'].search([('state', '=', 'error'), ('seller_id', '=', self.seller.id)])
        self.assertEqual((len(strange), self.one('T8').payload, self.one().state), (2, undated, 'done'))
        self.assertIn("Seller Central", self.one('T8').error)
        strange.action_ignore()
        self.assertEqual(set(strange.mapped('state')), {'ignored'})

    def test_tax_that_amazon_remits_and_did_not_state_is_in_no_credit_note(self):
        american = self.marketplace('US')
        american.write({'fbm_invoice': 'posted', 'refund_policy': 'posted'})
        self.env['res.currency.rate'].create(
            {'currency_id': american.currency_id.id, 'name': '2026-10-01', 'rate': 1, 'company_id': self.company.id})
        item = payloads.item(total='40.00', currency='USD', shipped=1)
        sale = self.receive_sale(payloads.order(item, market='US', status='SHIPPED'))
        payload = refund(sale,
                         (item['orderItemId'], 1,
                          [group('ProductCharges', ('OurPricePrincipal', -40.0), ('OurPriceTax', -3.55)),
                           group('WithheldTax', ('MarketplaceFacilitatorTax-Principal', 3.55))]))
        payload['totalAmount']['currencyCode'] = 'USD'
        self.fetch(payload)
        self.assertEqual((self.one().error, self.one().move_id.amount_total), (False, 40.0))

    def test_tax_with_a_line_of_its_own_is_refunded_on_its_own(self):
        american = self.marketplace('US')
        american.write({'fbm_invoice': 'posted', 'refund_policy': 'posted'})
        self.env['res.currency.rate'].create({'currency_id': american.currency_id.id, 'name': '2026-01-01', 'rate': 1.1,
                                              'company_id': self.company.id})
        item = payloads.item(total='49.99', parts=[('ITEM', '39.99'), ('TAX', '10.00', {'ITEM': '10.00'})],
                             currency='USD', remitted=True, shipped=1)
        sale = self.receive_sale(payloads.order(item, market='US', status='SHIPPED'))
        payload = refund(sale, (item['orderItemId'], 1, [
            group('ProductCharges', ('OurPricePrincipal', -39.99), ('OurPriceTax', -10.0)),
            group('WithheldTax', ('MarketplaceFacilitatorTax-Principal', 10.0))]))
        payload['totalAmount'] = money(-39.99, 'USD')
        self.fetch(payload)
        note = self.one().move_id
        self.assertEqual((note.amount_total, sorted(note.invoice_line_ids.mapped('price_unit'))),
                         (49.99, [10.0, 39.99]), self.one().error)

    def test_reimbursements_and_claims_are_on_the_order(self):
        sale, item = self.sell()
        self.fetch(transaction(sale.amazon_order_ref, 9.99, ref='T3'),
                   refund(sale, (item, 1, [group('ProductCharges', ('OurPricePrincipal', -119.0))]),
                          kind='A-to-z Guarantee Refund', ref='T4'))
        self.assertEqual(sorted(sale.amazon_transaction_ids.mapped('transaction_type')),
                         ['A-to-z Guarantee Refund', 'Adjustment'])
        self.assertEqual(self.one('T4').move_id.amount_total, 119.0)

    def test_amounts_of_an_only_item_may_be_on_the_transaction(self):
        sale, item = self.sell()
        payload = refund(sale, (item, 1, [group('ProductCharges', ('OurPricePrincipal', -119.0))]))
        payload['breakdowns'], payload['items'][0]['breakdowns'] = payload['items'][0]['breakdowns'], None
        self.fetch(payload)
        self.assertEqual(self.one().move_id.amount_total, 119.0)

    def test_payments_of_orders_are_left_to_the_settlement(self):
        self.fetch(transaction('302-0000001-0000001', 100.0, kind='Shipment'))
        self.assertFalse(self.env['amazon.transaction'].search_count([]))

    def test_pages_and_the_time_until_which_it_is_complete(self):
        pages = [{'transactions': [transaction('', 1.0)], 'nextToken': 'more'},
                 {'transactions': [transaction('', 2.0, ref='T2')]}]
        calls = self.run_flow('transactions', FakeAmazon(listTransactions=pages))
        first, second = (call[2] for call in calls)
        self.assertEqual(second, {**first, 'nextToken': 'more'},
                         "a token comes with the arguments that it was made for")
        self.assertEqual(len(self.env['amazon.transaction'].search([])), 2)
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'transactions')
        until = datetime.datetime.fromisoformat(first['postedBefore'].rstrip('Z'))
        self.assertEqual(sync.cursor, until)
        calls = self.fetch()
        self.assertEqual(datetime.datetime.fromisoformat(calls[0][2]['postedAfter'].rstrip('Z')),
                         until - datetime.timedelta(hours=6))

    def test_a_failure_between_pages_begins_again(self):
        pages = [{'transactions': [transaction('', 1.0)], 'nextToken': 'more'}, Unavailable("gone", status=503)]
        self.run_flow('transactions', FakeAmazon(listTransactions=pages))
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'transactions')
        self.assertFalse(sync.cursor)
        self.fetch(transaction('', 1.0), transaction('', 2.0, ref='T2'))
        self.assertEqual(len(self.env['amazon.transaction'].search([])), 2)

    def test_refunds_are_read_as_far_back_as_goods_can_be_claimed(self):
        """120 days after its refund in the United States."""
        self.seller.import_from = '2020-01-01'
        calls = self.run_flow('transactions', listTransactions={'transactions': []})
        since = min(datetime.datetime.fromisoformat(query['postedAfter'].rstrip('Z')) for name, _args, query in calls
                    if name == 'listTransactions')
        self.assertGreater((datetime.datetime.now() - since).days, 120)

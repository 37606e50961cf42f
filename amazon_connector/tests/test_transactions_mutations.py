from odoo.tests import tagged

from ..amazon_api.transactions import read_transaction
from . import payloads
from .mutations import mutations
from .test_transactions import TransactionCase, group, refund, transaction

NO_WORDS = ('Error', 'Traceback', 'NoneType', 'object has no', 'Decimal', 'dict', 'psycopg2')
RIGHT = -119.0


@tagged('post_install', '-at_install')
class TestTransactionsMutations(TransactionCase):
    """A transaction that is damaged in any way harms only itself, and says in words what is wrong with it."""

    def make_original(self):
        """Return a refund with all that Amazon states of one."""
        sale, item = self.sell()
        groups = [group('ProductCharges', ('OurPricePrincipal', -100.0), ('OurPriceTax', -19.0)),
                  group('AmazonFees', ('Commission', 17.85))]
        payload = refund(sale, (item, 1, groups), status='DEFERRED_RELEASED', REFUND_ID='F1',
                         RELEASE_TRANSACTION_ID='R1')
        payload['sellingPartnerMetadata'] = {'sellingPartnerId': 'A1', 'accountType': 'Standard Orders',
                                             'marketplaceId': 'A1PA6795UKMFR9'}
        payload['breakdowns'] = groups
        return sale, payload

    def test_every_mutation_of_a_transaction(self):
        """In one page with good ones among them; of those that say the same, one is processed."""
        sale, original = self.make_original()
        damaged_ones = [self.renumber(damaged, number)
                        for number, (_what, damaged) in enumerate(mutations(original, most=5))]
        page = []
        for number, damaged in enumerate(damaged_ones):
            page += [damaged] + [transaction('', 1.0, ref=f'G{number}')] * (number % 20 == 0)
        inbox = self.env['amazon.transaction']
        with self.assertNoLogs('odoo.addons.amazon_connector', 'WARNING'):
            inbox._store(self.seller, page)
        stored = inbox.search([('seller_id', '=', self.seller.id)])
        good = stored.filtered(lambda record: record.transaction_ref.startswith('G'))
        self.assertEqual(len(good), len(range(0, len(damaged_ones), 20)), "the others arrive")
        # Mutations that leave no id are distinguished by their content, and equal ones are one.
        self.assertGreater(len(stored - good), len(damaged_ones) - 30)
        self.assert_readable_outcomes(stored - good, sale)

    def renumber(self, damaged, number):
        """Give a copy ids of its own where it still has them."""
        if damaged.get('transactionId') == 'T1':
            damaged['transactionId'] = f'T{number}'
        related = damaged.get('relatedIdentifiers')
        for entry in related if isinstance(related, list) else []:
            if isinstance(entry, dict) and entry.get('relatedIdentifierValue') == 'R1':
                entry['relatedIdentifierValue'] = f'R{number}'
        return damaged

    def assert_readable_outcomes(self, stored, sale):
        states, seen = set(), set()
        for record in stored:
            said = (None if record.state == 'error'
                    else str(read_transaction(record.payload)._replace(ref='', deferred_refs=(), release_refs=())))
            if said is None:
                self.assert_right_or_in_words(record, sale)
                states.add(record.state)
            if said is None or said in seen:
                continue
            seen.add(said)
            with self.subTest(record.payload), self.env.cr.savepoint() as savepoint:
                record._process()
                self.assert_right_or_in_words(record, sale)
                states.add(record.state)
                savepoint.rollback()
            self.env.invalidate_all()
        self.assertEqual(states, {'done', 'error', 'waiting'})

    def assert_right_or_in_words(self, found, sale):
        if found.move_id:
            self.assertEqual((found.state, found.move_id.amount_total, found.buyer_amount), ('done', -RIGHT, RIGHT))
            # Where Amazon does not say how many pieces, it is a part of the price.
            self.assertIn(found.move_id.invoice_line_ids.product_id, self.product | self.german.discount_product_id)
            self.assertEqual(found.sale_order_id, sale)
            return
        self.assertTrue(found.state == 'done' or found.error)
        for word in NO_WORDS:
            self.assertNotIn(word, found.error or '')
        if found.state == 'done':
            self.assertNotIn('refund', (found.transaction_type or '').lower(),
                             "no refund is done without a credit note")

    def test_what_is_no_transaction_at_all(self):
        for number, junk in enumerate((None, 5, 'x', [], [[]], {}, {'transactionType': ['Shipment']},
                                       {'breakdowns': [[[]]]})):
            self.env['amazon.transaction']._store(self.seller, [junk, transaction('', 1.0, ref=f'G{number}')])
            self.assertTrue(self.one(f'G{number}'))
        deep = {}
        for _level in range(400):
            deep = {'breakdowns': [deep]}
        with self.assertLogs('odoo.addons.amazon_connector', 'WARNING') as logged:
            self.env['amazon.transaction']._store(self.seller,
                                                  [{**transaction('', 1.0), **deep}, transaction('', 1.0, ref='G')])
        self.assertTrue(self.one('G'))
        self.assertIn('RecursionError', logged.output[0])

    def test_one_that_becomes_readable(self):
        sale, original = self.make_original()
        self.fetch({**original, 'postedDate': None})
        found = self.one()
        self.assertEqual(found.state, 'error')
        self.assertIn("the date (postedDate)", found.error)
        found.action_retry()
        self.assertEqual(found.state, 'error')
        self.fetch(original)
        self.assertEqual((found.state, found.move_id.amount_total, found.sale_order_id), ('done', 119, sale))
        self.fetch({**original, 'postedDate': None})
        self.assertEqual(found.state, 'done', "what was read stays as it was")

    def test_a_refund_that_is_not_explained_is_asked_about(self):
        sale, item = self.sell()
        half = refund(sale, (item, 1, [group('ProductCharges', ('OurPricePrincipal', -119.0))]))
        half['totalAmount']['currencyAmount'] = -238.0
        nothing = {**half, 'transactionId': 'T2', 'items': []}
        given = refund(sale, (item, 1, [group('ProductCharges', ('OurPricePrincipal', 119.0))]), ref='T3')
        fees = refund(sale, (item, 1, [group('AmazonFees', ('Commission', 3.0))]), ref='T4')
        self.fetch(half, nothing, given, fees)
        self.assertEqual([self.one(ref).state for ref in ('T1', 'T2', 'T3', 'T4')], ['error', 'error', 'error', 'done'])
        self.assertFalse(sale.invoice_ids.filtered(lambda move: move.move_type == 'out_refund'))
        self.assertIn("238.00", self.one('T1').error)

    def test_which_of_several_items_is_not_guessed(self):
        items = payloads.item(shipped=1), payloads.item('SKU-B', total='10.00', shipped=1)
        sale = self.receive_sale(payloads.order(*items, status='SHIPPED'))
        unnamed = refund(sale, ('', 1, [group('ProductCharges', ('OurPricePrincipal', -10.0))]))
        unnamed['items'][0]['relatedIdentifiers'] = []
        unnamed['items'][0]['contexts'][0]['sku'] = 'ELSEWHERE'
        by_sku = refund(sale, ('', 1, [group('ProductCharges', ('OurPricePrincipal', -10.0))]), ref='T2')
        by_sku['items'][0]['relatedIdentifiers'] = []
        by_sku['items'][0]['contexts'][0]['sku'] = 'SKU-B'
        self.fetch(unnamed, by_sku)
        self.assertEqual(self.one().state, 'error')
        self.assertIn("which of several items", self.one().error)
        self.assertEqual(self.one('T2').move_id.invoice_line_ids.product_id, self.other_product)

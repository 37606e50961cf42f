import copy
from unittest.mock import patch

from odoo.tests import tagged

from ..amazon_api.orders import read_order
from ..amazon_api.shapes import ShapeError
from ..amazon_api.storable import make_storable
from ..models.amazon_package import AmazonPackage
from .common import AmazonCase
from .mutations import mutations
from .payloads import address, item, order

LOGGER = 'odoo.addons.amazon_connector.models.amazon_order_fetch'
# Every so manieth mutation is made a sales order of; all of them are stored and read.
STEP = 13
UNUSABLE = [None, 'x', 7, True, [], ['x'], {}, {'orderId': None}]


def full_order(number=0):
    """An order with all that is read of orders."""
    goods = item('SKU-A', quantity=2, total='109.00', parts=[
        ('ITEM', '100.00'), ('SHIPPING', '19.00'), ('DISCOUNT', '-10.00', {'ITEM': '-10.00'}),
        ('TAX', '17.40', {'ITEM': '14.37', 'SHIPPING': '3.03'})],
        product={'serialNumbers': ['SN-1']}, programs=['TRANSPARENCY'],
        promotion={'breakdowns': [{'promotionId': 'P-1'}]},
        fulfillment={'packing': {'giftOption': {'giftMessage': "Hello", 'giftWrapLevel': 'STANDARD'}}},
        tax={'taxCollections': [{'model': 'X', 'responsibleParty': 'Amazon'}]})
    return order(
        goods, ref=f'302-{number:07d}-7777777', programs=['PRIME'],
        to=address(companyName="Werk GmbH", addressLine2="Hof", phone='0301234',
                  stateOrRegion='BE', extendedFields={'streetName': "Hof", 'streetNumber': '5'}),
        tax={
            'taxRegistrations': [{'entityType': 'BUYER', 'taxRegistrationType': 'VAT',
                                  'taxRegistrationNumber': 'DE136695976'}]},
        packages=[{'packageReferenceId': '1', 'trackingNumber': 'T1',
                   'packageItems': [{'orderItemId': goods['orderItemId'], 'quantity': 1}]}])


def odd_orders():
    """Pairs of the name of a mutation and the order, each with a number of its own unless the number is what is odd."""
    found, normal = [], full_order()
    for number, (name, payload) in enumerate(mutations(normal), 1):
        if payload.get('orderId') == normal['orderId']:
            payload['orderId'] = f'303-{number:07d}-1111111'
        found.append((name, payload))
    return found


@tagged('post_install', '-at_install')
class TestOddOrders(AmazonCase):
    """One strange order among good ones: the good ones arrive, and the strange one says in words what is wrong with it.
    """

    def setUp(self):
        super().setUp()
        self.inbox = self.env['amazon.order'].sudo()

    def store(self, payloads):
        good = [full_order(9_000_001), full_order(9_000_002)]
        self.inbox._store(self.seller, [good[0], *payloads, good[1]])
        rows = self.inbox.search([('seller_id', '=', self.seller.id)])
        stored = rows.filtered(lambda row: row.amazon_order_ref in [payload['orderId'] for payload in good])
        self.assertEqual(stored.mapped('state'), ['new', 'new'])
        return stored, rows - stored

    def test_an_order_with_all_fields_becomes_a_sale(self):
        row = self.receive(full_order())
        self.assertEqual(row.state, 'done', row.error)

    def test_every_odd_order_is_read_or_refused_in_words(self):
        normal, seen = full_order(), 0
        for name, payload in mutations(normal):
            try:
                read_order(make_storable(payload))
            except ShapeError:
                seen += 1
            except Exception as error:
                self.fail(f"{name}: {type(error).__name__}")
        self.assertGreater(seen, 100)

    def test_every_odd_order_is_stored_and_the_good_ones_of_its_page(self):
        odd = odd_orders()
        self.assertGreater(len(odd), 500)
        _good, rows = self.store([payload for _name, payload in odd])
        refs = {payload.get('orderId') for _name, payload in odd if isinstance(payload.get('orderId'), str)}
        self.assertGreaterEqual(len(rows), len(refs) - 3, "an empty and a very long number are none")
        self.assertTrue(all(row.error and row.next_step and row.next_attempt for row in rows if row.state == 'error'))
        self.assertTrue(any('lastUpdatedTime' in (row.error or '') for row in rows))
        self.assertTrue(any('orderId' in (row.error or '') for row in rows))

    def test_what_is_no_order_at_all_is_recorded_once(self):
        for _time in range(2):
            _good, rows = self.store(copy.deepcopy(UNUSABLE))
        self.assertEqual((len(rows), set(rows.mapped('state'))), (len(UNUSABLE), {'error'}))
        rows._process()
        self.assertTrue(all("something else than an order" in row.error or "is missing" in row.error for row in rows))

    def test_odd_orders_are_processed_or_say_in_words_what_is_wrong(self):
        odd = odd_orders()[::STEP]
        good, rows = self.store([payload for _name, payload in odd])
        (good | rows.filtered(lambda row: row.state == 'new')).with_context(tracking_disable=True)._process()
        names = {payload.get('orderId'): name for name, payload in odd if isinstance(payload.get('orderId'), str)}
        self.assertEqual(good.mapped('state'), ['done', 'done'], good.mapped('error'))
        unexplained = [(names.get(row.amazon_order_ref), row.error) for row in rows
                       if row.state == 'new'
                       or (row.error and ("could not process" in row.error or 'Error' in row.error))]
        self.assertFalse(unexplained)

    def test_data_that_the_database_refuses_is_left_out(self):
        payload = full_order(1)
        payload['programs'] = ['\x00']
        # As if there were a character that nobody thought of.
        as_sent = patch(f'{LOGGER}.make_storable', side_effect=lambda value: value)
        with as_sent, self.assertLogs(LOGGER, 'WARNING') as logs:
            _good, rows = self.store([payload])
        self.assertEqual((rows.amazon_order_ref, rows.state, rows.payload), (payload['orderId'], 'error', False))
        self.assertIn("database", rows.error)
        self.assertNotIn("Anna", rows.error + ''.join(logs.output))

    def test_nul_and_surrogates_become_a_sale(self):
        row = self.receive(order(item(), name="Anna\x00 \ud800 Schmidt", to=address(name="Anna\x00 \ud800 Schmidt")))
        self.assertEqual(row.state, 'done', row.error)
        self.assertIn('\ufffd', row.sale_order_id.partner_id.name)

    def test_who_learns_from_orders_and_fails_keeps_no_order(self):
        with patch.object(AmazonPackage, '_confirm_shown', side_effect=KeyError('Anna')), self.assertLogs(
                LOGGER, 'WARNING') as logs:
            good, _rows = self.store([])
        self.assertEqual(len(good), 2)
        self.assertNotIn("Anna", ''.join(logs.output))

    def test_a_corrected_order_replaces_the_odd_one(self):
        payload = full_order(5)
        self.inbox._store(self.seller, [{**payload, 'lastUpdatedTime': 'soon'}])
        row = self.inbox.search([('amazon_order_ref', '=', payload['orderId'])])
        self.assertEqual(row.state, 'error')
        self.assertEqual(self.receive(payload).state, 'done')
        self.assertFalse(row.error)

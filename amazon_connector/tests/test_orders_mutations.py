import json

from odoo.tests import tagged

from ..amazon_api.orders import read_order
from ..amazon_api.proceeds import read_proceeds
from ..amazon_api.shapes import ShapeError
from ..amazon_api.storable import make_storable
from .common import AmazonCase
from .mutations import mutations
from .payloads import item, order

NO_WORDS = ('KeyError', 'TypeError', 'AttributeError', 'ValueError', 'could not process', 'NoneType', 'object has no',
            'Traceback')


@tagged('post_install', '-at_install')
class TestOrdersMutations(AmazonCase):
    """Whatever is damaged in an order: it becomes the right sale, or an exception whose words a user understands."""

    def test_every_mutation_of_a_planned_order(self):
        """What reads the same is planned once."""
        entry = item(total='119.00', parts=[('ITEM', '119.00'), ('TAX', '19.00', {'ITEM': '19.00'})],
                     fulfillment={'packing': {'giftOption': {'giftMessage': "Hello"}}})
        original = order(entry, tax={'taxRegistrations': [
            {'entityType': 'BUYER', 'taxRegistrationType': 'VAT', 'taxRegistrationNumber': 'DE136695976'}]})
        inbox = self.env['amazon.order'].sudo()
        inbox._store(self.seller, [original])
        row = inbox.search([('amazon_order_ref', '=', original['orderId'])]).with_context(tracking_disable=True)
        seen, outcomes = set(), {}
        for what, damaged in mutations(original, most=3):
            damaged = make_storable(damaged)
            if damaged.get('orderId') != original['orderId'] or not self.is_new(damaged, seen):
                continue
            with self.subTest(what), self.env.cr.savepoint() as savepoint:
                row.payload = damaged
                row._process()
                self.assert_right_or_in_words(row)
                outcomes[row.state] = outcomes.get(row.state, 0) + 1
                savepoint.rollback()
            self.env.invalidate_all()
        self.assertEqual(set(outcomes), {'done', 'error', 'requested'}, outcomes)

    def is_new(self, damaged, seen):
        """Return whether no mutation before this one was read like it."""
        try:
            said = json.dumps(read_order(damaged), sort_keys=True)
        except ShapeError as error:
            said = f'{error.path} {error.kind} {type(error).__name__}'
        if said in seen:
            return False
        seen.add(said)
        return True

    def assert_right_or_in_words(self, row):
        if row.state == 'done':
            sale, stated = row.sale_order_id, read_order(row.payload | self.scrubbed)
            self.assertEqual(sale.currency_id.compare_amounts(sale.amount_total, float(read_proceeds(stated).total)), 0)
            self.assertEqual(sum(sale.order_line.filtered('product_id').mapped('product_uom_qty')), 1)
            return
        self.assertTrue(row.error and row.next_step)
        for word in NO_WORDS:
            self.assertNotIn(word, row.error)

    # What `_scrub` takes out of a payload that is done does not change its amounts.
    scrubbed = {'tax': {}}

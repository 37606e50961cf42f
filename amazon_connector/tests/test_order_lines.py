from psycopg2.errors import UniqueViolation

from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AmazonCase
from .payloads import item, later, order
from .test_transactions import TransactionCase, group, refund

PROMOTION = [('ITEM', '119.00'), ('SHIPPING', '5.00'), ('DISCOUNT', '25.00', {'ITEM': '20.00', 'SHIPPING': '5.00'})]
MIGRATION = 'amazon_connector/migrations/1.5.0/pre-order-lines.py'


def promoted(**more):
    """An item whose price and shipping are reduced, 99.00 in all."""
    return item(**{'total': '99.00', 'parts': PROMOTION, **more})


@tagged('post_install', '-at_install')
class TestOrderLines(AmazonCase):
    """What a line of an Amazon order is stands in fields: a discount on an item is no item."""

    def stock(self):
        return self.product.with_context(location=self.german.fba_location_id.id).qty_available

    def charges(self, sale):
        return [(line.amazon_charge, line.amazon_charge_of, line.amazon_part) for line in sale.order_line]

    def test_each_charge_is_named_by_fields(self):
        gift = {'packing': {'giftOption': {'giftMessage': "With love"}}}
        entry = promoted(
            total='120.30',
            fulfillment=gift,
            parts=[*PROMOTION, ('GIFT_WRAP', '4.00'), ('COD_FEE', '3.00'), ('OTHER', '2.00'), ('NEW_FEE', '12.30')],
        )
        sale = self.receive_sale(order(entry))
        self.assertEqual(
            self.charges(sale),
            [
                ('item', 'item', 0),
                ('discount', 'item', 0),
                ('shipping', 'shipping', 0),
                ('discount', 'shipping', 0),
                ('gift_wrap', 'gift_wrap', 0),
                ('cod_fee', 'cod_fee', 0),
                ('other', 'other', 0),
                ('other', 'other', 1),
                ('note', 'item', 0),
            ],
        )
        self.assertEqual(set(sale.order_line.mapped('amazon_item_ref')), {entry['orderItemId']})
        self.assertEqual(sale.order_line.filtered('is_delivery').amazon_charge, 'shipping')
        self.assertEqual(sale._amazon_goods().product_id, self.product)

    def test_what_is_pushed_again_changes_the_lines_that_are_there(self):
        payload = order(promoted(), promoted(sku='SKU-B'))
        sale = self.receive_sale(payload)
        lines = sale.order_line
        first, second = payload['orderItems']
        less = {
            **item(total='89.00', parts=[('ITEM', '119.00'), ('DISCOUNT', '30.00')]),
            'orderItemId': first['orderItemId'],
        }
        self.receive_sale(
            later(
                payload, orderItems=[less, second], proceeds={'grandTotal': {'amount': '188.00', 'currencyCode': 'EUR'}}
            )
        )
        self.assertEqual(sale.order_line, lines)
        self.assertEqual(sale.amount_total, 188)

    def test_money_for_nothing_is_no_goods(self):
        sale = self.receive_sale(order(item(), item('SKU-B', quantity=0, total='3.00')))
        self.assertEqual(self.charges(sale), [('item', 'item', 0), ('other', 'item', 0)])
        self.assertEqual(sale._amazon_delivered_quantities().keys(), {sale.order_line[0].amazon_item_ref})

    def test_fba_stock_leaves_once(self):
        payload = order(promoted(shipped=1), status='SHIPPED', channel='AMAZON')
        sale = self.receive_sale(payload)
        for minutes in (10, 20, 30):
            self.receive_sale(later(payload, minutes))
        self.assertEqual((self.stock(), sale._amazon_goods().qty_delivered), (99, 1))
        self.assertEqual(len(self.product.stock_move_ids.filtered(lambda move: move.sale_line_id.order_id == sale)), 1)

    def test_delivered_items_are_found_beside_a_promotion(self):
        payload = order(promoted(quantity=2, shipped=2), status='SHIPPED', channel='AMAZON')
        self.receive_sale(payload)
        less = {**promoted(), 'orderItemId': payload['orderItems'][0]['orderItemId']}
        row = self.receive(later(payload, orderItems=[less]))
        self.assertEqual(row.state, 'error')
        self.assertIn("2.0 are delivered", row.error)

    def test_a_promotion_on_delivered_products_is_invoiced_once(self):
        self.german.fba_invoice = 'posted'
        self.product.invoice_policy = 'delivery'
        payload = order(promoted(shipped=1), status='SHIPPED', channel='AMAZON')
        sale = self.receive_sale(payload)
        for minutes in (10, 20):
            self.receive_sale(later(payload, minutes))
        self.assertEqual(
            (sale.invoice_ids.mapped('state'), sale.invoice_ids.mapped('amount_total')), (['posted'], [99.0])
        )

    def test_the_delivery_of_a_promoted_item_is_its_shipment(self):
        sale = self.receive_sale(order(promoted()))
        moves = sale.picking_ids.move_ids
        self.assertEqual((len(moves), moves._amazon_is_shipment()), (1, True))

    def test_a_charge_has_one_line(self):
        sale = self.receive_sale(order(promoted()))
        discount = sale.order_line.filtered(
            lambda line: line.amazon_charge == 'discount' and line.amazon_charge_of == 'item'
        )
        with self.assertRaises(UniqueViolation), mute_logger('odoo.sql_db'):
            discount.copy(
                {
                    'order_id': sale.id,
                    'amazon_charge': 'discount',
                    'amazon_charge_of': 'item',
                    'amazon_item_ref': discount.amazon_item_ref,
                }
            )
        self.assertFalse(
            discount.copy({'order_id': sale.id}).amazon_charge, "a line that a person copies is not Amazon's"
        )

    def test_keys_of_earlier_versions_become_fields(self):
        gift = {'packing': {'giftOption': {'giftMessage': "With love"}}}
        sale = self.receive_sale(order(promoted(fulfillment=gift), promoted(sku='SKU-B')))
        fields = ['amazon_item_ref', 'amazon_charge', 'amazon_charge_of', 'amazon_part']
        before = sale.order_line.read(fields)
        self._write_keys(sale)
        for _time in range(2):
            load_script(MIGRATION, 'migration').migrate(self.env.cr, '19.0.1.4.0')
            self.env.invalidate_all()
            self.assertEqual(sale.order_line.read(fields), before)

    def _write_keys(self, sale):
        """Bring the lines of an order into the form that they had before."""
        kinds = {'item': 'ITEM', 'shipping': 'SHIPPING', 'discount': 'DISCOUNT', 'note': 'NOTE'}
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE sale_order_line ADD COLUMN amazon_line_key VARCHAR")
        for line in sale.order_line:
            reduced = {'note': '', 'item': ''}.get(line.amazon_charge, f'/{kinds[line.amazon_charge_of]}')
            self.env.cr.execute(
                """
                UPDATE sale_order_line
                   SET amazon_line_key = %s, amazon_charge = NULL, amazon_charge_of = NULL, amazon_part = NULL,
                       amazon_item_ref = CASE WHEN display_type = 'line_note' THEN NULL ELSE amazon_item_ref END
                 WHERE id = %s""",
                [f'{line.amazon_item_ref}/{kinds[line.amazon_charge]}{reduced}', line.id],
            )


@tagged('post_install', '-at_install')
class TestRefundsOfPromotions(TransactionCase):
    def test_a_refund_of_a_promoted_item_finds_what_was_sold(self):
        sale, item_ref = self.sell(1, '99.00', parts=PROMOTION)
        self.fetch(refund(sale, (item_ref, 1, [group('ProductCharges', ('OurPricePrincipal', -99.0))])))
        note, goods = self.one().move_id, sale._amazon_goods()
        self.assertEqual((self.one().state, note.amount_total), ('done', 99.0), self.one().error)
        self.assertEqual(
            (note.invoice_line_ids.product_id, goods.qty_invoiced),
            (self.product, 0),
            "all of it, not a part of the price",
        )

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import AmazonCase, FakeAmazon
from .payloads import item, later, order

PARTS = [('ITEM', '688.80'), ('SHIPPING', '3.49')]


@tagged('post_install', '-at_install')
class TestOrderInvoices(AmazonCase):
    """An invoice is of the whole order or not made yet, and has the day that it is where the company works."""

    def setUp(self):
        super().setUp()
        self.german.write({'fbm_invoice': 'posted', 'fba_invoice': 'posted'})
        (self.product | self.other_product).invoice_policy = 'delivery'
        self.payloads = {}

    def sell(self, *items, **more):
        """An order that was confirmed before Amazon reported it as shipped; return the sales order and its payload."""
        payload = order(*(items or [item(total='692.29', parts=PARTS)]), **more)
        sale = self.receive_sale(payload)
        self.payloads[sale] = payload
        return sale, payload

    def ship(self, payload, status='SHIPPED', **shipped):
        """Amazon reports what is shipped of each item, by default all."""
        items = [
            {
                **entry,
                'fulfillment': {
                    **entry['fulfillment'],
                    'quantityFulfilled': shipped.get(
                        entry['product']['sellerSku'].replace('-', '_'), entry['quantityOrdered']
                    ),
                },
            }
            for entry in payload['orderItems']
        ]
        return self.receive_sale(later(payload, status=status, orderItems=items))

    def deliver(self, sale):
        for picking in sale.picking_ids.filtered(lambda picking: picking.state not in ('done', 'cancel')):
            for move in picking.move_ids.filtered(lambda move: move.state not in ('done', 'cancel')):
                move.write({'quantity': move.product_uom_qty, 'picked': True})
            picking._action_done()

    def run_orders(self):
        self.run_flow('orders', FakeAmazon(searchOrders={'orders': []}))

    # === WAITING === #

    def test_an_order_waits_for_its_delivery_as_a_whole(self):
        sale, payload = self.sell()
        self.ship(payload)
        self.assertFalse(sale.invoice_ids, "an invoice of 3.49")
        self.assertIn("waits until it is delivered", sale.amazon_invoice_obstacle)
        self.run_orders()
        self.assertFalse(sale.invoice_ids)
        self.deliver(sale)
        self.run_orders()
        self.run_orders()
        self.assertEqual(
            sale.invoice_ids.mapped(lambda move: (move.state, move.amount_total, str(move.invoice_date))),
            [('posted', 692.29, '2026-10-01')],
        )
        self.assertFalse(sale.amazon_invoice_obstacle)

    def test_a_discount_alone_is_no_invoice(self):
        sale, payload = self.sell(item(total='99.00', parts=[('ITEM', '119.00'), ('DISCOUNT', '20.00')]))
        self.ship(payload)
        self.assertFalse(sale.invoice_ids)
        self.deliver(sale)
        self.run_orders()
        self.assertEqual(sale.invoice_ids.mapped('amount_total'), [99.0])

    def test_a_part_of_the_delivery_is_not_enough(self):
        sale, payload = self.sell(item(total='10.00'), item('SKU-B', total='20.00'))
        self.ship(payload)
        move = sale.picking_ids.move_ids.filtered(lambda move: move.product_id == self.product)
        move.write({'quantity': 1, 'picked': True})
        sale.picking_ids.with_context(skip_backorder=True)._action_done()
        self.run_orders()
        self.assertFalse(sale.invoice_ids)
        self.deliver(sale)
        self.run_orders()
        self.assertEqual(sale.invoice_ids.mapped('amount_total'), [30.0])

    def test_products_invoiced_by_the_order_wait_for_nothing(self):
        self.product.invoice_policy = 'order'
        sale, payload = self.sell()
        self.ship(payload)
        self.assertEqual(sale.invoice_ids.mapped('amount_total'), [692.29])

    def test_what_was_invoiced_by_hand_is_not_again(self):
        sale, payload = self.sell()
        self.ship(payload)
        self.deliver(sale)
        sale._create_invoices().action_post()
        self.run_orders()
        self.assertEqual(sale.invoice_ids.mapped('amount_total'), [692.29])
        self.assertFalse(sale.amazon_invoice_obstacle)

    def test_nothing_is_invoiced_without_an_exchange_rate(self):
        rates, british = self.env['res.currency.rate'], self.marketplace('GB')
        rates.search([('currency_id', '=', british.currency_id.id)]).unlink()
        british.fbm_invoice = 'posted'
        self.product.invoice_policy = 'order'
        sale, payload = self.sell(item(total='100.00', currency='GBP'), market='GB')
        self.ship(payload)
        self.assertFalse(sale.invoice_ids, "100 GBP were 100 EUR")
        self.assertIn("GBP", sale.amazon_invoice_obstacle)
        rates.create(
            {'currency_id': british.currency_id.id, 'rate': 0.8, 'name': '2026-09-30', 'company_id': self.company.id}
        )
        self.run_orders()
        self.assertEqual(
            sale.invoice_ids.mapped(lambda move: (move.state, move.amount_total, move.amount_total_signed)),
            [('posted', 100.0, 125.0)],
        )

    def test_an_invoice_in_another_currency_balances(self):
        """Odoo rounds what it converts once; an invoice that gets its day afterwards kept the total of the first day.
        """
        self.company.tax_calculation_rounding_method = 'round_globally'
        mexican = self.marketplace('MX')
        mexican.fbm_invoice = 'posted'
        self.env['res.currency.rate'].create([
            {'currency_id': mexican.currency_id.id, 'name': day, 'rate': rate, 'company_id': self.company.id}
            for day, rate in [('2026-10-01', 17.3229), ('2026-10-02', 17.2668)]])
        parts = [('ITEM', '8.87'), ('DISCOUNT', '-2.66'), ('GIFT_WRAP', '1.93'), ('TAX', '1.30')]
        goods = item(quantity=2, shipped=2, total='9.44', parts=parts, currency='MXN', remitted=True)
        sale = self.receive_sale(order(goods, market='MX', status='SHIPPED'))
        self.assertEqual((sale.invoice_ids.amount_total, sale.invoice_ids.amount_total_signed), (9.44, 0.54))
        self.assertEqual(str(sale.invoice_ids.invoice_date), '2026-10-01')

    def test_an_invoice_that_cannot_be_made_later_is_an_exception(self):
        sale, other = [self.sell()[0] for _number in range(2)]
        for one in (sale, other):
            self.ship(self.payloads[one])
            self.deliver(one)
        orders, create, reason = type(sale), type(sale)._create_invoices, "The period is locked."

        def refuse(records, **options):
            if sale in records:
                raise UserError(reason)
            return create(records, **options)

        with patch.object(orders, '_create_invoices', refuse):
            self.run_orders()
        row = sale.sudo().amazon_inbox_ids
        self.assertEqual((sale.invoice_ids.ids, row.state, row.error), ([], 'error', reason))
        self.assertEqual(other.invoice_ids.mapped('amount_total'), [692.29])

    # === DELIVERED AS AMAZON SAYS === #

    def test_delivered_as_amazon_says(self):
        self.german.fbm_shipped = 'deliver'
        sale, payload = self.sell()
        picking = sale.picking_ids
        self.ship(payload)
        self.assertEqual((picking.state, sale.picking_ids, sale._amazon_goods().qty_delivered), ('done', picking, 1))
        self.assertEqual(sale.invoice_ids.mapped('amount_total'), [692.29])
        self.assertEqual(sale.amazon_package_ids.mapped('state'), ['confirmed'],
                         "what Amazon stated is not pushed back")
        self.receive_sale(later(payload, 60, status='SHIPPED'))
        self.assertEqual(sale._amazon_goods().qty_delivered, 1)

    def test_a_part_that_amazon_reports_leaves_the_rest_open(self):
        self.german.fbm_shipped = 'deliver'
        sale, payload = self.sell(item(quantity=3, total='30.00'), item('SKU-B', total='5.00'))
        self.ship(payload, 'PARTIALLY_SHIPPED', SKU_A=2, SKU_B=0)
        self.assertEqual(sale._amazon_goods().mapped('qty_delivered'), [2, 0])
        still = sale.picking_ids.move_ids.filtered(lambda move: move.state not in ('done', 'cancel'))
        self.assertEqual(
            {move.product_id: move.product_uom_qty for move in still}, {self.product: 1, self.other_product: 1}
        )
        self.deliver(sale)
        waiting = sale.amazon_package_ids.filtered(lambda package: package.state == 'to_confirm')
        self.assertEqual(
            sorted(entry['quantity'] for entry in waiting.items), [1, 1], "what Odoo delivered, not what Amazon said"
        )

    def test_steps_in_the_warehouse_are_skipped(self):
        self.german.fbm_shipped = 'deliver'
        self.warehouse.delivery_steps = 'pick_ship'
        sale, payload = self.sell(item(quantity=3, total='30.00'))
        self.ship(payload, 'PARTIALLY_SHIPPED', SKU_A=1)
        still = sale.picking_ids.move_ids.filtered(lambda move: move.state not in ('done', 'cancel'))
        self.assertEqual((sale._amazon_goods().qty_delivered, still.product_uom_qty), (1, 2))
        self.deliver(sale)
        self.ship(later(payload))
        self.assertEqual(sale._amazon_goods().qty_delivered, 3, "two of them were picked")
        self.assertFalse(sale.picking_ids.filtered(lambda picking: picking.state not in ('done', 'cancel')))
        self.assertEqual(self.product.with_context(location=self.warehouse.lot_stock_id.id).qty_available, 97)
        self.assertEqual(self.product.with_context(location=self.warehouse.wh_output_stock_loc_id.id).qty_available, 0)

    def test_a_kit_leaves_by_its_components(self):
        if 'mrp.bom' not in self.env:
            self.skipTest("needs sale_mrp")
        self.german.fbm_shipped = 'deliver'
        kit = self._make_product('KIT', stock=0, invoice_policy='delivery')
        self.env['mrp.bom'].create(
            {
                'product_tmpl_id': kit.product_tmpl_id.id,
                'type': 'phantom',
                'bom_line_ids': [
                    Command.create({'product_id': self.product.id, 'product_qty': 2}),
                    Command.create({'product_id': self.other_product.id}),
                ],
            }
        )
        sale, payload = self.sell(item('KIT', quantity=2, total='50.00'))
        self.ship(payload, 'PARTIALLY_SHIPPED', KIT=1)
        self.assertEqual(
            (sale._amazon_goods().qty_delivered, self.product.qty_available, self.other_product.qty_available),
            (1, 98, 99),
        )
        self.ship(later(payload))
        self.assertEqual((sale._amazon_goods().qty_delivered, self.product.qty_available), (2, 96))
        self.assertEqual(sale.invoice_ids.mapped('amount_total'), [50.0])

    def test_a_service_that_was_sold_is_delivered_too(self):
        service = self._make_product('SKU-S', stock=0, type='service', is_storable=False, invoice_policy='delivery')
        sale, payload = self.sell(item('SKU-S', total='10.00', shipped=1), channel='AMAZON', status='SHIPPED')
        self.assertEqual((sale.order_line.product_id, sale.order_line.qty_delivered), (service, 1))
        self.assertEqual((sale.invoice_ids.mapped('amount_total'), payload['orderId']), ([10.0], sale.amazon_order_ref))

    # === DAYS === #

    def test_the_first_hour_of_a_month_is_of_this_month(self):
        self.product.invoice_policy = 'order'
        self.company.resource_calendar_id.tz = 'UTC'
        sale, payload = self.sell(created='2026-10-31T23:30:00Z', updated='2026-10-31T23:40:00Z')
        self.ship(payload)
        self.assertEqual(str(sale.invoice_ids.invoice_date), '2026-11-01')

    def test_the_time_zone_of_a_company(self):
        company, calendar = self.company, self.company.resource_calendar_id
        for country, zone in (
            ('de', 'Europe/Berlin'),
            ('fr', 'Europe/Paris'),
            ('us', 'America/New_York'),
            ('jp', 'Asia/Tokyo'),
        ):
            calendar.tz = 'UTC'
            company.account_fiscal_country_id = self.env.ref(f'base.{country}')
            self.assertEqual(company._amazon_get_zone(), zone)
        calendar.tz = 'Europe/Warsaw'
        self.assertEqual(company._amazon_get_zone(), 'Europe/Warsaw')

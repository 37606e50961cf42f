import datetime
import time
from decimal import Decimal
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.service.model import retrying
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.amazon_order import AmazonOrder
from ..models.amazon_sync import AmazonSync
from ..utils.amounts import to_decimal
from ..utils.locks import lock, try_lock
from ..utils.order_taxes import find_pool, get_rate
from ..utils.stock_plan import StockPlan
from . import payloads
from .settlement_files import COMMISSION, row
from .test_settlements import ORDER
from .test_transactions import TransactionCase, group, refund

SYNC = 'odoo.addons.amazon_connector.models.amazon_sync'


@tagged('post_install', '-at_install')
class TestSilentFailures(TransactionCase):
    """What would go wrong without a word where Odoo itself is another one: prices that it rounds, jobs that end, taxes
    of elsewhere.
    """

    # === MONEY === #

    def round_prices(self):
        """Let Odoo keep the prices of one piece with the digits of "Product Price", as it did for long and as other
        modules may want it.
        """
        for model in ('sale.order.line', 'account.move.line'):
            self.patch(self.env[model]._fields['price_unit'], '_digits', 'Product Price')
        self.env.ref('product.decimal_price').digits = 2

    def check_quantity(self, quantity, total, tax):
        """Sell, invoice and refund some pieces for a sum that they do not divide."""
        sale, item = self.sell(quantity, total)
        invoice = sale.invoice_ids
        self.assertEqual(payloads.cents(sale.amount_total, sale.amount_tax), (float(total), tax))
        self.assertEqual((invoice.state, *payloads.cents(invoice.amount_total, invoice.amount_tax)),
                         ('posted', float(total), tax))
        goods = sale.order_line.filtered(lambda line: line._amazon_is_goods())
        self.assertEqual((goods.product_id, goods.product_uom_qty, goods.qty_invoiced),
                         (self.product, quantity, quantity))
        self.assertAlmostEqual(goods._amazon_get_price(quantity), float(total))
        ref = f'T{sale.id}'
        self.fetch(refund(sale, (item, quantity, [group('ProductCharges', ('OurPricePrincipal', -float(total)))]),
                          ref=ref))
        note = self.one(ref).move_id
        self.assertEqual((note.state, *payloads.cents(note.amount_total, note.amount_tax)),
                         ('posted', float(total), tax), self.one(ref).error)
        returned = note.invoice_line_ids.filtered(lambda line: line.product_id == self.product)
        self.assertEqual((returned.quantity, goods.qty_invoiced), (quantity, 0))
        return sale

    def test_amounts_that_a_quantity_does_not_divide(self):
        self.assertEqual(len(self.check_quantity(2, '238.00', 38.0).order_line), 1)
        for quantity, total, tax in ((3, '10.00', 1.6), (3, '20.00', 3.19), (100, '33.50', 5.35), (7, '0.99', 0.16)):
            self.check_quantity(quantity, total, tax)

    def test_amounts_that_a_quantity_does_not_divide_where_prices_are_rounded(self):
        self.round_prices()
        self.assertEqual(len(self.check_quantity(2, '238.00', 38.0).order_line), 1)
        for quantity, total, tax, left in ((3, '10.00', 1.6, 0.01), (3, '20.00', 3.19, -0.01),
                                           (100, '33.50', 5.35, -0.5)):
            sale = self.check_quantity(quantity, total, tax)
            rounding = sale.order_line.filtered(lambda line: not line._amazon_is_goods())
            self.assertEqual((rounding.price_unit, rounding.product_uom_qty, rounding.product_id.type),
                             (left, 1, 'service'))

    def test_the_stated_tax_stays_to_the_cent_where_prices_are_rounded(self):
        self.round_prices()
        for quantity, total, tax in ((100, '33.50', '5.35'), (3, '20.00', '3.20')):
            sale, _item = self.sell(quantity, total, parts=[('ITEM', total), ('TAX', tax)])
            self.assertEqual(payloads.cents(sale.amount_total, sale.amount_tax, sale.invoice_ids.amount_tax),
                             (float(total), float(tax), float(tax)))

    def test_an_order_that_is_read_again_keeps_its_rounding(self):
        self.round_prices()
        payload = payloads.order(payloads.item(quantity=3, total='10.00'))
        sale = self.receive_sale(payload)
        lines = sale.order_line
        self.receive_sale(payloads.later(payload))
        self.assertEqual((sale.order_line, len(lines), sale.amount_total), (lines, 2, 10.0))

    def test_reverse_charge_on_fees(self):
        """The tax is computed of the whole fee."""
        taxes = self.env['account.tax'].search([('company_id', '=', self.company.id), ('type_tax_use', '=', 'purchase'),
                                                ('amount', '=', 19)])
        reverse = taxes.filtered(lambda tax: tax._amazon_get_inside_mode() == 'total_excluded')[:1]
        self.assertTrue(reverse)
        for market in self.seller.marketplace_ids:
            market.settlement_fee_tax_id = reverse
        settlement = self.book([row(COMMISSION, '-90.00', ORDER)])
        owed = settlement.move_ids.line_ids.filtered(lambda line: line.tax_line_id == reverse)
        self.assertEqual((sorted(owed.mapped('balance')), self.balance('commission')), ([-17.1, 17.1], 90.0))
        base = settlement.move_ids.line_ids.filtered(lambda line: reverse in line.tax_ids)
        self.assertEqual((base.balance, bool(base.tax_tag_ids)), (90.0, True))
        rule = self.env['amazon.settlement.rule'].search(
            [('treatment', '=', 'fee'), ('account_kind', '=', 'commission')], limit=1)
        self.assertEqual(rule._get_net_share(self.german), 1.0)

    def test_taxes_of_the_one_stop_shop_are_no_taxes_at_home(self):
        before = {get_rate(tax) for tax in self.pool()}
        self.company._map_eu_taxes()
        self.assertIn(19.0, before)
        self.assertEqual({get_rate(tax) for tax in self.pool()}, before)
        foreign = payloads.order(payloads.item(total='112.00', parts=[('ITEM', '112.00'), ('TAX', '12.00')]))
        found = self.receive(foreign)
        self.assertEqual((found.state, found.has_tax_question), ('error', True), "no rate of Germany is 12 %")

    def pool(self):
        return find_pool(self.env['account.fiscal.position'], self.company, self.company.country_id)

    def test_a_rate_is_a_rate_whatever_the_float(self):
        tax = self.env['account.tax'].search([('company_id', '=', self.company.id), ('type_tax_use', '=', 'sale'),
                                              ('amount', '=', 19)], limit=1)
        other = tax.copy({'name': "Copy", 'amount': 10.700000000000001})
        self.assertEqual(get_rate(other), 10.7)

    # === JOBS === #

    def jobs(self):
        data = self.env['ir.model.data'].search([('module', '=', 'amazon_connector'), ('model', '=', 'ir.cron')])
        return self.env['ir.cron'].browse(data.mapped('res_id'))

    def triggers(self, flow):
        return self.env['ir.cron.trigger'].search([('cron_id', '=', self.env['amazon.sync']._get_cron(flow).id),
                                                   ('call_at', '<=', fields.Datetime.now())])

    def test_no_job_ends_after_some_runs(self):
        self.run_flow('stock')
        for job in self.jobs():
            # Some versions of Odoo count calls down.
            self.assertEqual((job.active, job.read()[0].get('numbercall', -1)), (True, -1), job.name)

    def run_orders(self, *more, durations=()):
        """Run the order flow of as many sellers as there are answers of it; return whose turn it was."""
        answers, times, seen = list(more), list(durations), []
        clock = [1000.0]

        def flow(_orders, sync):
            seen.append(sync.seller_id)
            clock[0] += times.pop(0) if times else 1
            return answers.pop(0)
        limits = {'limit_time_real_cron': 100, 'limit_time_real': 100}
        with patch.object(AmazonOrder, '_sync_orders', flow), patch(f'{SYNC}.config', limits), patch(
                f'{SYNC}.time.monotonic', lambda: clock[0]):
            self.run_job('orders')
        return seen

    def test_a_job_that_leaves_work_goes_on_by_itself(self):
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'orders')
        self.triggers('orders').unlink()
        sync.next_run = False
        self.assertEqual(self.run_orders(True), [self.seller])
        self.assertTrue(self.triggers('orders'))
        self.assertLessEqual(sync.next_run, fields.Datetime.now())
        self.triggers('orders').unlink()
        self.assertEqual(self.run_orders(False), [self.seller])
        self.assertFalse(self.triggers('orders'))
        self.assertGreater(sync.next_run, fields.Datetime.now() + datetime.timedelta(minutes=4))

    def test_a_job_stops_in_time_and_another_run_takes_the_rest(self):
        other = self.seller.copy({'name': "Other", 'state': 'connected', 'selling_partner_ref': 'A1OTHER'})
        syncs = (self.seller | other).sync_ids.filtered(lambda sync: sync.flow == 'orders')
        self.env['amazon.sync.wake'].search([]).unlink()
        self.triggers('orders').unlink()
        syncs.next_run = False
        first = self.run_orders(False, durations=[70])
        self.assertEqual(len(first), 1)
        self.assertTrue(self.triggers('orders'))
        second = self.run_orders(False, durations=[70])
        self.assertEqual(first[0] | second[0], self.seller | other)

    def test_buyers_data_that_is_late_takes_no_other_job_all_its_time(self):
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'retention')
        sync.write({'last_success': '2020-01-01', 'last_run': '2020-01-01', 'failures': 0})
        in_time = []
        with patch.object(type(self.env['amazon.retention']), '_sync_retention',
                          lambda _retention, sync: in_time.append(sync._has_time())):
            self.run_orders(False, durations=[1])
            with patch.object(AmazonSync, '_start_clock',
                              lambda model: model.with_context(amazon_started=time.monotonic() - 3600)):
                sync.write({'last_success': '2020-01-01', 'last_run': '2020-01-01'})
                self.run_job('orders')
        self.assertEqual(in_time, [True, False])

    def test_who_comes_second_does_not_wait_for_a_lock(self):
        record = self.env.ref('base.module_base').sudo()
        self.assertEqual((try_lock(record), try_lock(record.browse())), (record, record.browse()))
        other = self.env.ref('base.module_web').sudo()
        with db_connect(self.cr.dbname).cursor() as cr:
            cr.execute("SELECT FROM ir_module_module WHERE id = %s FOR UPDATE", [other.id])
            self.assertEqual(try_lock(record | other), record)
            with self.assertRaisesRegex(UserError, other.display_name):
                lock(record | other)
        self.assertEqual(try_lock(record | other), record | other)

    # === GOODS === #

    def test_a_new_address_reaches_the_open_delivery(self):
        self.german.fbm_invoice = 'no'
        payload = payloads.order(payloads.item())
        sale = self.receive_sale(payload)
        self.receive_sale(
            payloads.later(payload, recipient={'deliveryAddress': payloads.address(street="Nebenstraße 9")}))
        self.assertEqual((sale.picking_ids.partner_id.street, sale.picking_ids.move_ids.partner_id.street),
                         ("Nebenstraße 9", "Nebenstraße 9"))
        self.assertFalse(sale.picking_ids.activity_ids, "nobody has to change what is changed")

    def test_the_stock_of_other_warehouses_is_not_for_sale(self):
        other = self.env['stock.warehouse'].create({'name': "Munich", 'code': 'MUC', 'company_id': self.company.id})
        self.env['stock.quant']._update_available_quantity(self.product, other.lot_stock_id, 50)
        listing = self.make_listing('SKU-A', self.product)
        for warehouse, quantity in ((self.warehouse, 100), (other, 50)):
            self.german.warehouse_id = warehouse
            self.assertEqual(StockPlan(self.german).quantity(listing), quantity)

    # === WORDS === #

    def test_an_amount_is_what_its_digits_say(self):
        """A search finds an amount by its exact value, and rounded floats of Odoo 17 lie beside it."""
        euro = self.env.ref('base.EUR')
        for amount in ('551.80', '-0.35', '19.99'):
            self.assertEqual(to_decimal(float(amount), euro), Decimal(amount))
            self.assertEqual(to_decimal(float(amount) + 2e-15, euro), Decimal(amount))

    def test_the_message_of_a_unique_index_is_shown(self):
        sale = self.receive_sale(payloads.order(payloads.item()))
        self.env['amazon.report'].create({'marketplace_id': self.german.id, 'report_type': 'OTHER', 'report_ref': 'R1'})
        cases = (
            ('sale.order', {'partner_id': sale.partner_id.id, 'amazon_order_ref': sale.amazon_order_ref,
                            'amazon_marketplace_id': self.german.id},
             "This Amazon order has a sales order already."),
            ('amazon.report', {'marketplace_id': self.german.id, 'report_type': 'OTHER', 'report_ref': 'R1'},
             "This report is already there."),
        )
        for model, vals, words in cases:
            with self.assertRaises(ValidationError) as raised, mute_logger('odoo.sql_db'), self.in_job() as env:
                retrying(lambda env=env, model=model, vals=vals: env[model].create(vals), env)
            self.assertIn(words, str(raised.exception))
            self.assertNotIn("duplicate key", str(raised.exception))

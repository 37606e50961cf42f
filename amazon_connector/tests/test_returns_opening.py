import datetime

from odoo.tests import tagged

from .ledger_common import BALANCES, START, LedgerCase, balance, document, row
from .payloads import item, order
from .returns_common import ReturnsCase, unit

BEFORE, SINCE = '2026-09-28T08:00:00+00:00', '2026-10-03T08:00:00+00:00'


@tagged('post_install', '-at_install')
class TestReturnsOpening(ReturnsCase, LedgerCase):
    """Goods that came back to Amazon cost the order nothing, once: those of before the ledger as far as somebody has
    moved them in Odoo, those of since by Amazon's report.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller.write({'ledger_state': 'off', 'ledger_start': False})
        cls.german.write({'fba_confirm': True, 'fba_deliver': True})
        cls.product.standard_price = 30.0

    def setUp(self):
        super().setUp()
        self.sale = self.receive_sale(order(item('SKU-A', 4, '476.00', shipped=4), channel='AMAZON', status='SHIPPED',
                                            created='2026-09-20T10:00:00Z'))
        self.ref = self.sale.amazon_order_ref
        self.cost = self.sale.order_line.purchase_price

    def open(self, follow=True):
        self.seller.write({'ledger_state': 'opening', 'ledger_start': START})
        self.import_report('amazon.ledger.balance', 'GET_LEDGER_SUMMARY_VIEW_DATA',
                           document(BALANCES, [balance(60, month=9, day=30)]), 0, 0)
        self.seller._open_ledger()
        if follow:
            self.follow()
        self.env.flush_all()
        self.env.invalidate_all()

    def move_back(self, quantity, date):
        """Take goods back in Odoo as somebody does without the ledger: into the FBA location that they came from."""
        sent = self.sale.order_line.move_ids.filtered(lambda move: move.location_dest_id.usage == 'customer')
        back = self.env['stock.move'].create({
            'product_id': self.product.id, 'product_uom_qty': quantity, 'product_uom': self.product.uom_id.id,
            'location_id': sent.location_dest_id.id, 'location_dest_id': sent.location_id.id,
            'company_id': self.company.id, 'sale_line_id': self.sale.order_line.id, 'origin_returned_move_id': sent.id,
            'to_refund': True})
        back._amazon_complete()
        back.date = back.move_line_ids.date = datetime.datetime.fromisoformat(date[:10])
        self.sale._amazon_update_returned()

    def check(self, units, message=None):
        self.assertAlmostEqual(self.sale.amazon_returned_cost, units * self.cost, msg=message)

    def test_what_came_back_since_the_first_day_counts_once_the_ledger_is_open(self):
        self.take_back(unit(self.ref, date=SINCE), unit(self.ref, date=BEFORE, plate='LPN2'))
        self.check(0, "the stock does not follow Amazon")
        self.open()
        self.check(1, "of before, what is there is in the opening balance")

    def test_the_opening_leaves_counting_to_the_job(self):
        """Thousands of orders in one click are too many."""
        self.take_back(unit(self.ref, date=SINCE))
        orders, counted = type(self.env['sale.order']), []
        original = orders._amazon_update_returned

        def count(found):
            counted.extend(found.ids)
            return original(found)
        self.patch(orders, '_amazon_update_returned', count)
        self.open(follow=False)
        self.assertFalse(counted)
        self.follow()
        self.assertEqual(counted, self.sale.ids)
        self.check(1)
        self.follow()
        self.assertEqual(counted, self.sale.ids, "once")

    def test_what_somebody_has_moved_since_the_first_day_is_the_same_unit(self):
        self.move_back(1, SINCE)
        self.take_back(unit(self.ref, date=SINCE))
        self.check(1)
        self.open()
        self.check(1)
        self.take_back(unit(self.ref, date=SINCE), unit(self.ref, date=SINCE, plate='LPN2'))
        self.check(2, "another unit")

    def test_what_somebody_has_moved_before_is_counted_beside_later_units(self):
        self.move_back(1, BEFORE)
        self.take_back(unit(self.ref, date=BEFORE), unit(self.ref, date=SINCE, plate='LPN2'))
        self.check(1)
        self.open()
        self.check(2)

    def test_what_was_moved_before_amazon_had_it(self):
        self.move_back(1, BEFORE)
        self.open()
        self.check(1)
        self.take_back(unit(self.ref, date=SINCE))
        self.check(1, "the opening has taken it for lost, the ledger brings it")

    def test_goods_that_came_to_the_warehouse_are_other_units(self):
        sent = self.sale.order_line.move_ids
        self.move_back(1, SINCE)
        back = self.sale.order_line.move_ids - sent
        back.location_dest_id = back.move_line_ids.location_dest_id = self.warehouse.lot_stock_id
        self.take_back(unit(self.ref, date=SINCE))
        self.open()
        self.check(2)

    def test_the_report_before_the_ledger_and_the_other_way_round(self):
        self.open()
        self.take_back(unit(self.ref, date=SINCE))
        self.check(1)
        self.book(row('CustomerReturns', 1, day=3), first=1, last=3)
        self.check(1)
        self.book(row('CustomerReturns', 1, day=3), row('CustomerReturns', 1, day=4), first=3, last=4)
        self.check(1, "nobody knows of which order")
        self.take_back(unit(self.ref, date='2026-10-04T08:00:00+00:00', plate='LPN2'))
        self.check(2)

    def test_the_first_day_begins_where_amazon_begins_it(self):
        """The company's day is not the ledger's: what the opening balance has is not counted again."""
        first = self.days._to_moment(self.seller, START)
        late, early = ((first + datetime.timedelta(minutes=minutes)).isoformat() + '+00:00' for minutes in (-1, 1))
        self.company.resource_calendar_id.tz = 'Asia/Tokyo'
        self.take_back(unit(self.ref, date=late))
        self.open()
        self.check(0)
        self.company.resource_calendar_id.tz = 'America/Los_Angeles'
        self.take_back(unit(self.ref, date=early, plate='LPN2'))
        self.check(1)

    def test_what_is_gone_at_amazon_is_not_counted(self):
        self.take_back(unit(self.ref, date=SINCE, status='Reimbursed'))
        self.open()
        self.check(0)

    def test_kits_that_came_back_are_counted_once(self):
        if 'mrp.bom' not in self.env:
            self.skipTest("Kits need Manufacturing.")
        kit = self._make_product('KIT', stock=0)
        self.env['mrp.bom'].create({'product_tmpl_id': kit.product_tmpl_id.id, 'type': 'phantom', 'bom_line_ids': [
            (0, 0, {'product_id': self.product.id, 'product_qty': 2}),
            (0, 0, {'product_id': self.other_product.id, 'product_qty': 1})]})
        kit.standard_price = 70.0
        self.env['amazon.listing'].create({'marketplace_id': self.german.id, 'sku': 'KIT', 'product_id': kit.id,
                                           'channel_code': 'AMAZON_EU'})
        self.sale = self.receive_sale(order(item('KIT', 4, '476.00', shipped=4), channel='AMAZON', status='SHIPPED',
                                            created='2026-09-20T10:00:00Z'))
        self.cost = self.sale.order_line.purchase_price
        for move in self.sale.order_line.move_ids:
            move.copy({'location_id': move.location_dest_id.id, 'location_dest_id': move.location_id.id,
                       'product_uom_qty': move.product_uom_qty / 4, 'sale_line_id': self.sale.order_line.id,
                       'origin_returned_move_id': move.id})._amazon_complete()
        self.take_back(unit(self.sale.amazon_order_ref, sku='KIT', date=SINCE))
        self.open()
        self.check(1)

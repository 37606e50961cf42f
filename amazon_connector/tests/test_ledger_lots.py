import random

from odoo import fields
from odoo.tests import tagged

from ..models.amazon_ledger_day import DAY
from .ledger_common import LedgerCase, row
from .payloads import item, order

DAMAGED = 'WAREHOUSE_DAMAGED'


class LotCase(LedgerCase):
    """A product with lots or serial numbers at Amazon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.german.fba_confirm = cls.german.fba_deliver = True
        cls.lotted = cls._make_product('LOT', tracking='lot')
        cls.serial = cls._make_product('SN', tracking='serial')

    def setUp(self):
        super().setUp()
        for product in (self.lotted, self.serial):
            self.make_listing(product.default_code, product, channel='AMAZON_EU')

    def put(self, place, name, quantity=1, product=None):
        """Let pieces of a lot lie at a place."""
        product = product or self.lotted
        lots = self.env['stock.lot']
        lot = lots.search([('product_id', '=', product.id), ('name', '=', name)]) or lots.create(
            {'name': name, 'product_id': product.id, 'company_id': self.company.id})
        self.env['stock.quant']._update_available_quantity(product, place, quantity, lot_id=lot)
        return lot

    def lots(self, kind, country=None, product=None):
        place = self.customers if kind == 'customer' else self.place(kind, country)
        quants = self.env['stock.quant'].search([
            ('product_id', '=', (product or self.lotted).id), ('location_id', '=', place.id), ('quantity', '!=', 0)])
        return {quant.lot_id.name: quant.quantity for quant in quants}

    @property
    def customers(self):
        return self.env.ref('stock.stock_location_customers')

    def give(self, name, source, product=None, quantity=1):
        """Let a lot go to a customer from a place, without an order of Amazon's."""
        product = product or self.serial
        lot = self.put(source, name, quantity, product)
        move = self.env['stock.move'].create({
            'product_id': product.id, 'product_uom_qty': quantity, 'product_uom': product.uom_id.id,
            'location_id': source.id, 'location_dest_id': self.customers.id, 'company_id': self.company.id})
        move._action_confirm(merge=False)
        move.move_line_ids.unlink()
        move.move_line_ids = [(0, 0, {**move._prepare_move_line_vals(), 'lot_id': lot.id, 'quantity': quantity})]
        move.picked = True
        move._action_done()

    def sell(self, sku='LOT', quantity=1):
        return self.receive_sale(order(item(sku, quantity, shipped=quantity), channel='AMAZON', status='SHIPPED'))

    def pair(self, quantity=1, *, sku='LOT', country='DE', day=1, before='SELLABLE', after=DAMAGED, code='E'):
        """Return the two rows of a change of condition, the one that arrives first."""
        return (row('Adjustments', quantity, sku=sku, country=country, day=day, reason='P', disposition=after),
                row('Adjustments', -quantity, sku=sku, country=country, day=day, reason=code, disposition=before))


@tagged('post_install', '-at_install')
class TestLedgerLots(LotCase):
    """The quantity and lot that leaves one place is the quantity and lot that arrives at the other."""

    def test_a_damaged_unit_keeps_its_lot(self):
        self.put(self.place('sellable', 'DE'), 'L1', 5)
        self.book(*self.pair(2))
        self.assertEqual(self.lots('sellable', 'DE'), {'L1': 3})
        self.assertEqual(self.lots('unsellable', 'DE'), {'L1': 2})
        self.assertEqual(self.lots('change'), {})

    def test_a_damaged_unit_keeps_its_serial_number(self):
        for name in ('S1', 'S2', 'S3'):
            self.put(self.place('sellable', 'DE'), name, product=self.serial)
        self.book(*self.pair(2, sku='SN'))
        self.assertEqual(self.lots('change', product=self.serial), {})
        gone = self.lots('unsellable', 'DE', self.serial)
        self.assertEqual(len(gone), 2)
        self.assertEqual({*gone, *self.lots('sellable', 'DE', self.serial)}, {'S1', 'S2', 'S3'})

    def test_pairs_of_a_day_stay_in_their_country(self):
        self.put(self.place('sellable', 'DE'), 'L1', 5)
        self.put(self.place('sellable', 'PL'), 'L2', 5)
        self.book(*self.pair(2, country='PL'), *self.pair(3))
        self.assertEqual(self.lots('unsellable', 'DE'), {'L1': 3})
        self.assertEqual(self.lots('unsellable', 'PL'), {'L2': 2})
        self.assertEqual(self.lots('change'), {})

    def test_what_is_sellable_again_is_what_was_damaged(self):
        self.put(self.place('sellable', 'DE'), 'L1', 5)
        self.put(self.place('unsellable', 'DE'), 'L2', 5)
        self.book(*self.pair(2), *self.pair(2, before=DAMAGED, after='SELLABLE', code='Q'))
        self.assertEqual(self.lots('sellable', 'DE'), {'L1': 3, 'L2': 2})
        self.assertEqual(self.lots('unsellable', 'DE'), {'L1': 2, 'L2': 3})

    def test_a_later_pair_takes_its_own_lot(self):
        self.put(self.place('sellable', 'DE'), 'L1', 1)
        self.put(self.place('change'), 'L0', 1)
        self.book(*self.pair())
        self.assertEqual(self.lots('unsellable', 'DE'), {'L1': 1})
        self.assertEqual(self.lots('change'), {'L0': 1})

    def test_a_pair_whose_rows_are_days_apart(self):
        """What arrives before it has left is what is about to leave."""
        self.put(self.place('sellable', 'DE'), 'L1', 1)
        self.put(self.place('sellable', 'PL'), 'L2', 1)
        arrives, leaves = (part.replace('10/01', f'10/0{day}') for part, day in zip(
            self.pair(country='PL'), (1, 2), strict=True))
        self.book(arrives, leaves, last=2)
        self.assertEqual(self.lots('unsellable', 'PL'), {'L2': 1})
        self.assertEqual((self.lots('change'), self.lots('sellable', 'PL')), ({}, {}))
        self.assertEqual(self.lots('sellable', 'DE'), {'L1': 1})

    def test_transfers_of_a_day_keep_their_lots(self):
        self.put(self.place('sellable', 'DE'), 'L1', 5)
        self.book(row('WhseTransfers', 3, sku='LOT', country='PL'), row('WhseTransfers', -3, sku='LOT'))
        self.assertEqual((self.lots('sellable', 'DE'), self.lots('sellable', 'PL')), ({'L1': 2}, {'L1': 3}))
        self.assertEqual(self.lots('transfer'), {})

    def test_transfers_both_ways_keep_their_lots(self):
        self.put(self.place('sellable', 'DE'), 'L1', 5)
        self.put(self.place('sellable', 'PL'), 'L2', 5)
        self.book(row('WhseTransfers', 3, sku='LOT', country='PL'), row('WhseTransfers', -3, sku='LOT'),
                  row('WhseTransfers', -1, sku='LOT', country='PL'), row('WhseTransfers', 1, sku='LOT'))
        self.assertEqual(self.lots('sellable', 'DE'), {'L1': 2, 'L2': 1})
        self.assertEqual(self.lots('sellable', 'PL'), {'L1': 3, 'L2': 4})

    def test_a_transfer_of_several_days_keeps_its_lot(self):
        self.put(self.place('sellable', 'DE'), 'L1', 5)
        self.book(row('WhseTransfers', -4, sku='LOT'), row('WhseTransfers', 1, sku='LOT', country='PL', day=2),
                  row('WhseTransfers', 3, sku='LOT', country='FR', day=3), last=3)
        self.assertEqual((self.lots('sellable', 'PL'), self.lots('sellable', 'FR')), ({'L1': 1}, {'L1': 3}))
        self.assertEqual(self.lots('transfer'), {})

    def test_what_arrives_is_shipped_damaged_and_moved_on_the_same_day(self):
        """In whatever order: a transfer arrives where nothing was, is damaged there, and is lost."""
        self.put(self.place('inbound'), 'L1', 9)
        self.book(
            row('Shipments', -1, sku='LOT', country='PL'), *self.pair(country='PL'),
            row('Adjustments', -1, sku='LOT', country='PL', reason='M'),
            row('WhseTransfers', 5, sku='LOT', country='PL'), row('WhseTransfers', -5, sku='LOT'),
            row('Shipments', -2, sku='LOT'), row('Receipts', 9, sku='LOT'))
        self.assertEqual((self.lots('sellable', 'DE'), self.lots('sellable', 'PL')), ({'L1': 2}, {'L1': 2}))
        self.assertEqual((self.lots('unsellable', 'PL'), self.lots('dispatch')), ({'L1': 1}, {'L1': 3}))
        self.assertEqual((self.lots('change'), self.lots('transfer'), self.lots('inbound')), ({}, {}, {}))

    def test_a_new_lot_is_received_and_shipped_on_one_day(self):
        self.put(self.place('inbound'), 'L1', 5)
        self.book(row('Shipments', -2, sku='LOT'), row('Receipts', 5, sku='LOT'))
        self.assertEqual((self.lots('sellable', 'DE'), self.lots('dispatch')), ({'L1': 3}, {'L1': 2}))

    def test_lost_and_found_on_one_day(self):
        self.put(self.place('sellable', 'DE'), 'L1', 5)
        self.put(self.place('loss'), 'L0', 5)
        self.book(row('Adjustments', 1, sku='LOT', reason='F'), row('Adjustments', -1, sku='LOT', reason='M'))
        self.assertEqual((self.lots('sellable', 'DE'), self.lots('loss')), ({'L1': 5}, {'L0': 5}))

    # === AGAIN === #

    def test_what_is_taken_back_has_the_lots_that_were_booked(self):
        for name in ('S1', 'S2', 'S3', 'S4'):
            self.put(self.place('sellable', 'DE'), name, product=self.serial)
        booked = [*self.pair(2, sku='SN'), row('Shipments', -1, sku='SN')]
        self.book(*booked)
        moved = self.lots('unsellable', 'DE', self.serial)
        self.book(*self.pair(1, sku='SN'), row('Shipments', -1, sku='SN'), row('Receipts', 0, sku='LOT'))
        left = self.lots('unsellable', 'DE', self.serial)
        self.assertEqual(len(left), 1)
        self.assertTrue(left.keys() < moved.keys())
        self.assertEqual(self.lots('change', product=self.serial), {})
        self.assertEqual({*left, *self.lots('sellable', 'DE', self.serial), *self.lots('dispatch', None, self.serial)},
                         {'S1', 'S2', 'S3', 'S4'})
        self.assertFalse(self.find_short(self.serial))

    def test_a_day_is_undone_and_booked_again(self):
        self.put(self.place('inbound'), 'L1', 9)
        self.put(self.place('sellable', 'DE'), 'L0', 1)
        day = self.book(*self.pair(2), row('Receipts', 9, sku='LOT'), row('Shipments', -1, sku='LOT'),
                        row('WhseTransfers', 3, sku='LOT', country='PL'), row('WhseTransfers', -3, sku='LOT'))
        day.action_undo()
        self.assertEqual((self.lots('inbound'), self.lots('sellable', 'DE')), ({'L1': 9}, {'L0': 1}))
        for kind in ('change', 'transfer', 'dispatch'):
            self.assertEqual(self.lots(kind), {}, kind)
        day.action_book()
        self.assertFalse(self.find_short(self.lotted))
        self.assertEqual((self.lots('change'), self.lots('transfer')), ({}, {}))
        self.assertEqual(sum(self.lots('unsellable', 'DE').values()), 2)
        self.assertEqual(sum(self.lots('sellable', 'PL').values()), 3)

    def test_another_country_is_booked_by_its_difference(self):
        self.put(self.place('sellable', 'DE'), 'L1', 5)
        self.put(self.place('sellable', 'PL'), 'L2', 5)
        self.book(*self.pair(2))
        self.book(*self.pair(1), *self.pair(1, country='PL'))
        self.assertEqual((self.lots('unsellable', 'DE'), self.lots('unsellable', 'PL')), ({'L1': 1}, {'L2': 1}))
        self.assertEqual((self.lots('sellable', 'DE'), self.lots('sellable', 'PL')), ({'L1': 4}, {'L2': 4}))
        self.assertEqual(self.lots('change'), {})

    def find_short(self, product):
        """Return what lies nowhere and left nevertheless, and what nobody knows the lot of."""
        quants = self.env['stock.quant'].search([('product_id', '=', product.id)])
        return quants.filtered(lambda quant: 'UNKNOWN' in (quant.lot_id.name or '') and quant.quantity
                               or quant.quantity < 0 and quant.location_id.amazon_kind)

    def test_what_has_left_since_is_not_taken_back(self):
        """Which of two serial numbers was shipped is as unknown as before, and each lies at one place."""
        self.put(self.place('inbound'), 'S1', product=self.serial)
        self.book(row('Receipts', 1, sku='SN'), row('Shipments', -1, sku='SN', day=2), last=2)
        self.put(self.place('sellable', 'DE'), 'S2', product=self.serial)
        self.book(*[row('Receipts', 0, sku='SN')] * 2)
        self.assertEqual(self.lots('inbound', None, self.serial), {'S2': 1})
        self.assertEqual(self.lots('dispatch', None, self.serial), {'S1': 1})
        self.assertEqual(self.lots('sellable', 'DE', self.serial), {})

    # === MANY === #

    def count_pairs(self, day, count):
        """Return the queries of a day with so many pairs of products of their own."""
        rows = []
        for number in range(count):
            product = self._make_product(f'MANY-{day}-{number}', tracking='lot')
            self.make_listing(product.default_code, product, channel='AMAZON_EU')
            self.put(self.place('sellable', 'DE'), 'L1', 5, product)
            rows += self.pair(sku=product.default_code, day=day)
        days = self.store(*rows, first=day, last=day)[-1]
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        days._book()
        self.env.flush_all()
        self.assertEqual(len(days.move_ids), 2 * count)
        return self.env.cr.sql_log_count - before

    def test_many_pairs_cost_no_more_queries_each(self):
        few, many = self.count_pairs(1, 2), self.count_pairs(2, 12)
        self.assertLess(many / 12, few / 2)
        self.assertLess((many - few) / 20, 40, "of a movement")

    def test_what_has_no_lots_is_booked_at_once(self):
        done, original = [], type(self.env['stock.move'])._action_done
        self.patch(type(self.env['stock.move']), '_action_done', lambda moves, *args, **options: (
            moves and done.append(len(moves)), original(moves, *args, **options))[1])
        self.book(row('Receipts', 5), *self.pair(1, sku='SKU-A'), row('Shipments', -1))
        self.assertEqual(done, [4])

    # === ORDERS BEFORE THE LEDGER === #

    def test_owed_lots_do_not_hide_the_rest_of_their_lot(self):
        self.put(self.place('sellable', 'DE'), 'L1', 10)
        self.sell()
        self.book(row('Shipments', -3, sku='LOT'))
        self.assertEqual((self.lots('sellable', 'DE'), self.lots('dispatch')), ({'L1': 7}, {'L1': 2}))

    def test_owed_lots_leave_where_they_are(self):
        for country, name in (('DE', 'S1'), ('PL', 'S2')):
            self.put(self.place('sellable', country), name, product=self.serial)
        self.sell('SN')
        self.book(row('Shipments', -1, sku='SN', country='PL'), row('Shipments', -1, sku='SN', day=2), last=2)
        self.assertEqual(self.lots('dispatch', None, self.serial), {'S2': 1})
        self.sell('SN')
        self.assertFalse(self.find_short(self.serial))
        self.assertEqual(self.lots('customer', None, self.serial), {'S1': 1, 'S2': 1})

    def test_an_order_takes_what_is_shipped_first(self):
        self.put(self.place('sellable', 'DE'), 'L1', 1)
        self.put(self.place('dispatch'), 'L1', 1)
        self.sell(quantity=2)
        self.assertEqual(self.lots('customer'), {'L1': 2})
        self.assertEqual(self.lots('dispatch'), {'L1': -1})


@tagged('post_install', '-at_install')
class TestLedgerRandomLots(LotCase):
    """Days of random rows in random order: each serial number lies at one place, and as many at each as Amazon says."""

    PLACES = [(kind, country) for kind in ('sellable', 'unsellable') for country in ('DE', 'PL')]

    def make_day(self, chance, day, stock):
        """Return rows that goods which are there at the start of the day, or come from outside, allow."""
        rows, free = [], dict(stock)
        for _event in range(chance.randint(2, 8)):
            kind, country = chance.choice(self.PLACES)
            event = chance.choice(('damage', 'transfer', 'ship', 'lose', 'return', 'dispose'))
            here = {'sku': 'SN', 'country': country, 'day': day,
                    'disposition': 'SELLABLE' if kind == 'sellable' else DAMAGED}
            other = 'unsellable' if kind == 'sellable' else 'sellable'
            if event == 'return' and free['sold']:
                rows.append(row('CustomerReturns', 1, **here))
                ends = 'sold', (kind, country)
            elif not free[kind, country] or event == 'return':
                continue
            elif event == 'damage':
                rows += [row('Adjustments', -1, reason='E', **here),
                         row('Adjustments', 1, reason='P', **{
                             **here, 'disposition': DAMAGED if kind == 'sellable' else 'SELLABLE'})]
                ends = (kind, country), (other, country)
            elif event == 'transfer':
                away = 'PL' if country == 'DE' else 'DE'
                rows += [row('WhseTransfers', -1, **here), row('WhseTransfers', 1, **{**here, 'country': away})]
                ends = (kind, country), (kind, away)
            elif event == 'ship':
                rows.append(row('Shipments', -1, **here))
                ends = (kind, country), 'dispatch'
            else:
                rows.append(row('Adjustments', -1, reason='M' if event == 'lose' else 'D', **here))
                ends = (kind, country), event
            free[ends[0]] -= 1
            stock[ends[0]] -= 1
            stock[ends[1]] = stock.get(ends[1], 0) + 1
        chance.shuffle(rows)
        return rows

    def check(self, stock, names):
        quants = self.env['stock.quant'].search([('product_id', '=', self.serial.id), ('quantity', '!=', 0)])
        self.assertEqual({quant.quantity for quant in quants}, {1})
        self.assertEqual(sorted(quants.lot_id.mapped('name')), sorted(names))
        self.assertEqual(len(quants), len(names))
        for place in self.PLACES:
            self.assertEqual(sum(self.lots(*place, self.serial).values()), stock[place], place)
        for kind in ('change', 'transfer'):
            self.assertFalse(self.lots(kind, None, self.serial), kind)

    def test_each_serial_number_lies_at_one_place(self):
        for seed in range(8):
            with self.subTest(seed=seed), self.env.cr.savepoint(flush=False) as point:
                self.book_days(random.Random(seed))
                point.rollback()
                self.env.invalidate_all()

    def book_days(self, chance):
        stock, names = {'sold': 2}, ['B0', 'B1']
        for name in names:
            self.give(name, self.place('dispatch'))
        for place in self.PLACES:
            stock[place] = chance.randint(1, 4)
            for number in range(stock[place]):
                names.append(f'{place[0]} {place[1]} {number}')
                self.put(self.place(*place), names[-1], product=self.serial)
        for day in (1, 2, 3):
            before = dict(stock)
            for time in range(2):
                # Read again with other rows.
                stock = dict(before)
                rows = self.make_day(chance, day, stock)
                filler = [row('Receipts', 0, sku='SN', day=day)] * (20 * time + 1)
                days = self.book(*rows, *filler, first=day, last=day, asked=self.asked + DAY * (day * 2 + time))
                self.assertEqual(set(days.mapped('state')), {'booked'})
                self.check(stock, names)


@tagged('post_install', '-at_install')
class TestLedgerReturnLots(LotCase):
    """Returns to Amazon bring back what this seller's FBA has sold."""

    def test_what_the_shop_has_sold_does_not_come_back_to_amazon(self):
        self.give('S1', self.warehouse.lot_stock_id)
        self.give('S2', self.place('dispatch'))
        self.book(row('CustomerReturns', 1, sku='SN'))
        self.assertEqual(self.lots('sellable', 'DE', self.serial), {'S2': 1})
        self.assertEqual(self.lots('customer', None, self.serial), {'S1': 1})

    def test_what_nobody_sold_by_amazon_is_unknown(self):
        self.give('S1', self.warehouse.lot_stock_id)
        self.book(row('CustomerReturns', 1, sku='SN'))
        self.assertEqual(self.lots('customer', None, self.serial).get('S1'), 1)
        self.assertIn('UNKNOWN', str(self.lots('sellable', 'DE', self.serial)))

    def test_returns_of_one_day_bring_back_each_serial_number_once(self):
        for name in ('S1', 'S2'):
            self.give(name, self.place('dispatch'))
        self.book(row('CustomerReturns', 1, sku='SN'),
                  row('CustomerReturns', 1, sku='SN', disposition='CUSTOMER_DAMAGED'))
        self.assertEqual({*self.lots('sellable', 'DE', self.serial), *self.lots('unsellable', 'DE', self.serial)},
                         {'S1', 'S2'})
        self.assertEqual(self.lots('customer', None, self.serial), {})

    def test_a_return_comes_back_once(self):
        self.give('L1', self.place('dispatch'), self.lotted, 1)
        self.give('L1', self.warehouse.lot_stock_id, self.lotted, 5)
        self.give('L2', self.place('dispatch'), self.lotted, 1)
        self.book(row('CustomerReturns', 1, sku='LOT'), row('CustomerReturns', 1, sku='LOT', day=2), last=2)
        self.assertEqual(self.lots('sellable', 'DE'), {'L1': 1, 'L2': 1})
        self.assertEqual(self.lots('customer'), {'L1': 5})

    def test_the_lot_of_the_order_comes_back(self):
        sales = self.env['sale.order']
        for name in ('S1', 'S2', 'S3'):
            self.put(self.place('dispatch'), name, product=self.serial)
            sales |= self.sell('SN')
        sold = sales[1].order_line.move_ids.lot_ids.name
        self.env['amazon.return'].create({
            'seller_id': self.seller.id, 'company_id': self.company.id, 'channel': 'fba', 'date': '2026-10-01',
            'received_date': '2026-10-01 12:00:00', 'sku': 'SN', 'quantity': 1, 'sale_order_id': sales[1].id,
            'sale_line_id': sales[1].order_line[:1].id, 'license_plate': 'LPN0', 'disposition': 'SELLABLE'})
        self.book(row('CustomerReturns', 1, sku='SN'))
        self.assertEqual(self.lots('sellable', 'DE', self.serial), {sold: 1})

    def test_a_return_that_is_taken_back_has_its_lot(self):
        for name in ('S1', 'S2'):
            self.give(name, self.place('dispatch'))
        day = self.book(row('CustomerReturns', 1, sku='SN'))
        day.action_undo()
        self.assertEqual(self.lots('customer', None, self.serial), {'S1': 1, 'S2': 1})


@tagged('post_install', '-at_install')
class TestLedgerLotsUnderWay(LotCase):
    """Lots that are under way are listed, though another lot makes up for them in number."""

    def test_lots_are_listed_each(self):
        self.put(self.place('change'), 'L1', 2)
        self.put(self.place('change'), 'UNKNOWN', -2)
        self.env.flush_all()
        self.env.invalidate_all()
        found = self.env['amazon.ledger.leftover'].search([('product_id', '=', self.lotted.id)])
        self.assertEqual({(entry.lot_id.name, entry.quantity) for entry in found}, {('L1', 2), ('UNKNOWN', -2)})

    def test_each_lot_has_its_age(self):
        today = fields.Date.today()
        for name, days in (('L1', 60), ('L2', 20)):
            self.put(self.place('sellable', 'DE'), name, 1)
            self.env['stock.move'].create({
                'product_id': self.lotted.id, 'product_uom_qty': 1, 'product_uom': self.lotted.uom_id.id,
                'location_id': self.place('sellable', 'DE').id, 'location_dest_id': self.place('change').id,
                'company_id': self.company.id})._amazon_complete_at(today - days * DAY)
        self.env.flush_all()
        self.env.invalidate_all()
        found = self.env['amazon.ledger.leftover'].search([('product_id', '=', self.lotted.id)])
        self.assertEqual({(entry.lot_id.name, entry.age) for entry in found}, {('L1', 60), ('L2', 20)})

"""Years at Amazon, made up at random, against a bookkeeper who has heard of the events and knows nothing of Odoo."""

import collections
import random

from odoo.tests import tagged

from ..models.amazon_ledger_day import DAY
from .books_common import SKU, BooksCase
from .claims_common import parcel, reimbursed, removal
from .ledger_common import BALANCES, START, balance, document, row
from .returns_common import AMAZON, AMAZON_COLUMNS, unit
from .settlement_files import LOST, PRINCIPAL, REFUND
from .settlement_files import row as paid

CLAWBACK = (*LOST[:2], 'REVERSAL_REIMBURSEMENT')
# So many times all of it happens, each within so many days.
ROUNDS, LENGTH = 4, 12
# What Odoo rounds: each movement to the cent.
CENT = 0.01


class Bookkeeper:
    """Pieces in layers of one cost, the oldest first, and what the accounts have: all by pieces and prices."""

    def __init__(self, method):
        self.is_fifo, self.layers, self.accounts = method == 'fifo', [], collections.Counter()
        # By how much what came back is worth more today than what it was sold for.
        self.apart, self.count = 0.0, 0

    def get_pieces(self):
        return sum(pieces for pieces, _cost in self.layers)

    def get_value(self):
        return sum(pieces * cost for pieces, cost in self.layers)

    def get_cost(self):
        return self.get_value() / self.get_pieces()

    def receive(self, pieces, cost):
        self.count += 1
        self.layers.append((pieces, cost))
        if not self.is_fifo:
            self.layers = [(self.get_pieces(), self.get_cost())]

    def take(self, pieces):
        """Return what so many pieces cost, which are there no more."""
        self.count += 1
        value = 0.0
        while pieces:
            there, cost = self.layers.pop(0)
            taken = min(there, pieces)
            value, pieces = value + taken * cost, pieces - taken
            if there > taken:
                self.layers.insert(0, (there - taken, cost))
        return value

    def lose(self, pieces, account='lost'):
        """Return what some pieces that are no more have cost."""
        value = self.take(pieces)
        self.accounts[account] += value
        return value

    def find(self, pieces, cost):
        self.accounts['lost'] -= pieces * cost
        self.receive(pieces, cost)

    def sell(self, pieces):
        """Return what one of some pieces that are sold has cost."""
        value = self.take(pieces)
        self.accounts['cost'] += value
        return value / pieces

    def take_back(self, pieces, sold_for, cost):
        """Let pieces come back: their sale is undone at its cost, and they are worth what they cost today."""
        self.accounts['cost'] -= pieces * sold_for
        self.apart += pieces * (cost - sold_for)
        self.receive(pieces, cost)


class YearCase(BooksCase):
    """What happens to one product within a year at Amazon, in Odoo and at the bookkeeper's."""

    first_day = '2026-09-15'

    def setUp(self):
        super().setUp()
        self.env['decimal.precision'].search([('name', '=', 'Product Price')]).digits = 6
        self.own, self.random = Bookkeeper(self.method), random.Random(self.method)
        self.number, self.day, self.at_amazon = 0, 0, collections.Counter()
        self.asked = self.days._get_end(self.seller, START + 400 * DAY)

    def some(self, least, most):
        return self.random.randint(least, most)

    def next_ref(self):
        self.number += 1
        return f'{20000000000 + self.number}'

    def wait(self, days):
        """Let some days pass."""
        self.day += days
        self.clock.move_to(f'{START + (self.day - 1) * DAY} 12:00:00')

    def purchase(self, pieces):
        price = self.some(500, 2500) / 100
        self.buy(pieces, price)
        self.own.receive(pieces, price)

    def report(self, *changes):
        """Book what Amazon reports of one day: event, pieces, and more of the row."""
        self.report_day(self.day, changes)
        self.wait(1)

    def report_day(self, day, changes, before=()):
        """Book what Amazon reports of a day, of which it may have reported otherwise before."""
        for reported, sign in ((changes, 1), (before, -1)):
            for _event, pieces, options in reported:
                place = options.get('country', 'DE'), options.get('disposition', 'SELLABLE') == 'SELLABLE'
                self.at_amazon[place] += sign * pieces
        self.book(*(row(event, pieces, sku=SKU, day=day, **options) for event, pieces, options in changes),
                  first=day, last=day, asked=self.asked)

    # === OPENING === #

    def open_ledger(self):
        """Start with goods in the location of the marketplace, of which Amazon has some less."""
        self.seller.ledger_state = 'opening'
        self.purchase(60)
        self.env['stock.move'].create({
            'product_id': self.goods.id, 'product_uom_qty': 50, 'product_uom': self.goods.uom_id.id,
            'location_id': self.warehouse.lot_stock_id.id, 'location_dest_id': self.german.fba_location_id.id,
            'company_id': self.company.id})._amazon_complete()
        self.wait(5)
        self.import_report('amazon.ledger.balance', 'GET_LEDGER_SUMMARY_VIEW_DATA', document(
            BALANCES, [balance(47, sku=SKU, month=9, day=30)]), 0, 0)
        opening = self.env['amazon.ledger.open']
        opening.browse(opening.action_open()['res_id']).action_start()
        self.own.lose(3)
        self.at_amazon['DE', True] = 47
        self.check()

    # === ONE ROUND === #

    def happen(self):
        """Let everything happen once, in numbers that nobody knows before."""
        self.purchase(self.some(40, 80))
        self.check()
        self.send_to_amazon(self.some(30, 40))
        self.check()
        self.lose_and_find()
        self.check()
        sales = self.sell_some()
        self.check()
        self.purchase(self.some(10, 60))
        self.return_some(*sales)
        self.check()
        self.remove_some(self.some(3, 6))
        self.check()
        self.pay()
        self.check()

    def send_to_amazon(self, pieces):
        """Of what is sent some is short, moved on to another country, and the rest of the shipment written off."""
        ref, short = f'FBA15{self.next_ref()[-7:]}', self.some(1, 3)
        inbound = self.ship_to_amazon(pieces, ref)
        self.wait(1)
        self.report(('Receipts', pieces - short, {'reference': ref}), ('WhseTransfers', -9, {}))
        self.report(('WhseTransfers', 9, {'country': 'PL'}))
        inbound._refresh()
        inbound.action_close()
        inbound.note = "Not found"
        inbound.action_write_off()
        self.own.lose(short)

    def lose_and_find(self):
        """Pieces are lost, of which one was there after all, damaged, destroyed and found; one is given back instead of
        money.
        """
        lost, damaged, destroyed = self.some(3, 6), self.some(2, 4), self.some(1, 2)
        harm = (('Adjustments', -damaged, {'reason': 'E'}),
                ('Adjustments', damaged, {'reason': 'P', 'disposition': 'WAREHOUSE_DAMAGED'}))
        first, last = ((('Adjustments', -pieces, {'reason': 'M'}), *harm) for pieces in (lost, lost - 1))
        self.report(*first)
        value = self.own.lose(lost)
        self.report_day(self.day - 1, last, before=first)
        self.own.find(1, value / lost)
        found, cost = self.some(1, 2), self.own.get_cost()
        self.report(('Adjustments', found, {'reason': 'F', 'country': 'PL'}),
                    ('Adjustments', -destroyed, {'reason': 'D', 'disposition': 'WAREHOUSE_DAMAGED'}))
        self.own.lose(destroyed, 'destroyed')
        self.own.find(found, cost)
        self.own.find(1, self.own.get_cost())
        self.report(('Adjustments', 1, {'reason': 'N'}))
        ref = self.next_ref()
        given = self.reimburse(reimbursed('Lost_Warehouse', 0, '0.00', sku=SKU, ref=ref, inventory=1))
        self.assertEqual(given.filtered(lambda one: one.reimbursement_ref == ref).amount, 0)

    def sell_some(self):
        """Sell by a settlement, and by an invoice, what Amazon ships; return what the first has sold and its cost."""
        pieces, others = self.some(3, 5), self.some(1, 4)
        self.report(('Shipments', -pieces, {}), ('Shipments', -others, {'country': 'PL'}))
        sold, item = self.sell(int(self.next_ref()) % 10 ** 7, pieces)
        cost = self.own.sell(pieces)
        own, _item = self.sell(int(self.next_ref()) % 10 ** 7, others)
        self.own.sell(others)
        own._create_invoices().action_post()
        values = {'sku': SKU, 'order_item_code': item}
        self.pay_out(paid(PRINCIPAL, f'{119 * pieces}.00', sold.amazon_order_ref, quantity_purchased=pieces, **values))
        return sold, values, cost

    def return_some(self, sold, values, cost):
        """Two pieces come back, one of them damaged, after the cost has changed, and the buyer is refunded."""
        today = self.own.get_cost()
        date = f'{START + (self.day - 1) * DAY}T08:00:00+00:00'
        self.report(('CustomerReturns', 1, {}), ('CustomerReturns', 1, {'disposition': 'CUSTOMER_DAMAGED'}))
        self.import_claims('amazon.return', AMAZON, '\t'.join(AMAZON_COLUMNS), [
            '\t'.join(unit(sold.amazon_order_ref, SKU, f'LPN{self.next_ref()}', date, disposition=disposition))
            for disposition in ('SELLABLE', 'CUSTOMER_DAMAGED')])
        self.pay_out(paid(REFUND, '-238.00', sold.amazon_order_ref, quantity_purchased=2, **values))
        self.own.take_back(2, cost, today)

    def remove_some(self, pieces):
        """Goods are sent back, of which one does not arrive."""
        ref = self.next_ref()
        self.report(('VendorReturns', -pieces, {}))
        self.remove(removal(pieces, shipped=pieces, sku=SKU, ref=ref))
        box = self.send_back(parcel(pieces, sku=SKU, ref=ref, tracking=f'T{ref}'))[-1:]
        self.complete(box.picking_ids, pieces - 1)
        box.note = "Not in the parcel"
        box.action_write_off()
        self.own.lose(1)

    def pay(self):
        """Amazon pays for lost pieces, takes the money for some back and has found them, and pays for damaged ones."""
        paid_for, again, damaged = (self.next_ref() for _number in range(3))
        unit_price = self.some(700, 1500) / 100
        self.reimburse(
            reimbursed('Lost_Warehouse', 3, f'{unit_price}', sku=SKU, ref=paid_for),
            reimbursed('Damaged_Warehouse', 1, '8.50', sku=SKU, ref=damaged),
            reimbursed('Reimbursement_Reversal', -2, f'{unit_price}', sku=SKU, ref=again, inventory=2,
                       original=paid_for, original_type='Lost_Warehouse', day=21))
        self.pay_out(*(paid(kind, f'{amount:.2f}', sku=SKU, adjustment_id=ref, quantity_purchased=abs(count))
                       for kind, ref, count, amount in (
                           (LOST, paid_for, 3, 3 * unit_price), (LOST, damaged, 1, 8.5),
                           (CLAWBACK, again, -2, -2 * unit_price))))
        self.env['amazon.reimbursement']._tie(self.seller)
        self.own.accounts['reimbursement'] -= unit_price + 8.5
        self.own.find(2, self.own.get_cost())
        self.report(('Adjustments', 2, {'reason': 'F'}))

    def pay_out(self, *rows):
        date = START + (self.day - 1) * DAY
        when = {'posted-date': f'{date}', 'posted-date-time': f'{date} 10:00:00 UTC'}
        self.settle(*({**entry, **when} for entry in rows),
                    ref=self.next_ref(), start=f'{date - 3 * DAY}', end=f'{date + DAY}')

    # === THE END OF THE YEAR === #

    def accept_difference(self):
        """Amazon has one piece less than Odoo and the ledger, which a person accepts."""
        self.at_amazon['DE', True] -= 1
        rows = [balance(quantity, sku=SKU, country=country, day=self.day,
                        disposition='SELLABLE' if is_sellable else 'WAREHOUSE_DAMAGED')
                for (country, is_sellable), quantity in self.at_amazon.items()]
        difference = self.prove(*rows, day=self.day)
        self.assertEqual((difference.product_id, difference.difference), (self.goods, -1))
        difference.note = "Counted by Amazon"
        difference.action_accept()
        self.own.lose(1)

    def check(self):
        """Compare Odoo's accounts, pieces and cost with the bookkeeper's."""
        product, accounts, near = self.goods.with_company(self.company), self.own.accounts, CENT * self.own.count
        found = {'lost': self.lost, 'destroyed': self.destroyed, 'cost': self.cost,
                 'reimbursement': self.account('reimbursement')}
        for name, account in found.items():
            self.assertAlmostEqual(self.balance(account), accounts[name], delta=near, msg=name)
        self.assertEqual(self.count_owned(), self.own.get_pieces())
        self.assertAlmostEqual(product.standard_price * self.count_owned(), self.own.get_value(), delta=near)
        self.assertAlmostEqual(self.balance(self.get_stock_accounts()), self.own.get_value() - self.own.apart,
                               delta=near)

    def check_year(self):
        self.open_ledger()
        for _number in range(ROUNDS):
            self.happen()
            self.wait(LENGTH - 9)
        self.accept_difference()
        self.check()
        paid_ones = self.env['amazon.reimbursement'].search([('seller_id', '=', self.seller.id), ('amount', '!=', 0)])
        self.assertEqual(len(paid_ones), 3 * ROUNDS)
        self.assertEqual(set(paid_ones.mapped('is_settled')), {True})
        self.assertEqual(paid_ones.filtered(lambda one: one.kind == 'reversal').original_id.mapped('kind'),
                         ['lost'] * ROUNDS)


@tagged('post_install', '-at_install')
class TestYearAtAverageCost(YearCase):
    """At average cost."""

    def test_a_year_explains_itself(self):
        self.check_year()


@tagged('post_install', '-at_install')
class TestYearFirstInFirstOut(YearCase):
    """First in, first out."""

    method = 'fifo'

    def test_a_year_explains_itself(self):
        self.check_year()

"""The books of a month at Amazon explain themselves: quantities at their cost, and what Amazon paid."""

from odoo.tests import tagged

from .books_common import REF, SKU, BooksCase
from .claims_common import parcel, reimbursed, removal
from .ledger_common import row
from .returns_common import AMAZON, AMAZON_COLUMNS, unit
from .settlement_files import LOST, PRINCIPAL, REFUND
from .settlement_files import row as paid


@tagged('post_install', '-at_install')
class TestTrialBalance(BooksCase):
    """With perpetual valuation at average cost the accounts are what stock, losses and reimbursements are worth."""

    def check(self, lost, destroyed, cost, apart=0):
        """Compare all accounts with what pieces at their cost explain.

        :param apart: by how much the cost of what came back has changed since it was sold
        """
        product = self.goods.with_company(self.company)
        self.assertEqual(self.balance(self.lost), lost)
        self.assertEqual(self.balance(self.destroyed), destroyed)
        self.assertEqual(self.balance(self.cost), cost)
        self.assertEqual(self.balance(self.get_stock_accounts()),
                         round(self.count_owned() * product.standard_price - apart, 2))

    def test_a_month_explains_itself(self):
        self.buy(100, 10.0)
        self.buy(50, 13.0)
        self.check(0, 0, 0)
        inbound = self.ship_to_amazon(120)
        self.clock.move_to('2026-10-09 12:00:00')
        self.book(row('Receipts', 118, sku=SKU, reference=REF), row('Shipments', -5, sku=SKU, day=2),
                  row('WhseTransfers', -30, sku=SKU, day=3), row('WhseTransfers', 28, sku=SKU, country='PL', day=4),
                  row('Adjustments', -4, sku=SKU, reason='M', day=5), row('Adjustments', 1, sku=SKU, reason='F', day=6),
                  row('Adjustments', -2, sku=SKU, reason='E', day=7),
                  row('Adjustments', 2, sku=SKU, reason='P', disposition='WAREHOUSE_DAMAGED', day=7),
                  row('Adjustments', -1, sku=SKU, reason='D', disposition='WAREHOUSE_DAMAGED', day=8), last=8)
        # Three lost of which one was found, and one destroyed, at 11.00 each.
        self.check(33, 11, 0)

        sold, item = self.sell(1, 2)
        own, _item = self.sell(2, 3)
        own._create_invoices().action_post()
        values = {'sku': SKU, 'order_item_code': item}
        self.settle(paid(PRINCIPAL, '238.00', sold.amazon_order_ref, quantity_purchased=2, **values), ref='111')
        self.check(33, 11, 55)

        # The rest of the month has another average: 12.00.
        owned = self.count_owned()
        self.buy(owned / 2, 14.0)
        self.assertEqual(self.goods.with_company(self.company).standard_price, 12.0)
        self.check(33, 11, 55)
        self.clock.move_to('2026-10-31 12:00:00')
        self.book(row('Adjustments', -3, sku=SKU, reason='M', day=10),
                  row('Adjustments', 2, sku=SKU, reason='N', day=10), row('VendorReturns', -6, sku=SKU, day=11),
                  row('CustomerReturns', 1, sku=SKU, day=12),
                  first=10, last=12)
        self.check_return(sold, values)
        self.receive_removal()
        self.close_inbound(inbound)
        # 33, then one at 12.00 by the ledger, one of the parcel, two of the shipment to Amazon.
        self.check(33 + 12 + 12 + 24, 11, 55 - 11, apart=1)
        self.check_reimbursements()

    def check_return(self, sold, values):
        """One of the two pieces that were sold comes back, and its buyer is refunded; another one is destroyed at once.
        """
        self.import_claims('amazon.return', AMAZON, '\t'.join(AMAZON_COLUMNS), [
            '\t'.join(unit(sold.amazon_order_ref, SKU, plate, '2026-10-12T08:00:00+00:00', status=status))
            for plate, status in (('LPN1', 'Unit returned to inventory'), ('LPN2', 'IMMEDIATE_DISPOSAL'))])
        self.assertEqual(sold.amazon_returned_cost, 11)
        self.settle(paid(REFUND, '-119.00', sold.amazon_order_ref, quantity_purchased=1, **values), ref='222')

    def receive_removal(self):
        """Six pieces are sent back, of which five arrive."""
        self.remove(removal(6, shipped=6, sku=SKU))
        box = self.send_back(parcel(6, sku=SKU))
        self.complete(box.picking_ids, 5)
        box.note = "Not in the parcel"
        box.action_write_off()

    def close_inbound(self, inbound):
        inbound._refresh()
        inbound.action_close()
        inbound.note = "Not found"
        inbound.action_write_off()

    def check_reimbursements(self):
        records = self.reimburse(reimbursed('Lost_Warehouse', 2, '9.00', sku=SKU, ref='10000000001', day=14),
                                 reimbursed('Damaged_Warehouse', 1, '8.50', sku=SKU, ref='10000000002', day=15))
        self.settle(*(paid(LOST, amount, sku=SKU, adjustment_id=ref, quantity_purchased=count)
                      for ref, amount, count in (('10000000001', '18.00', 2), ('10000000002', '8.50', 1))), ref='333')
        self.env['amazon.reimbursement']._tie(self.seller)
        self.assertEqual(records.mapped('is_settled'), [True, True])
        self.assertEqual(self.balance(self.account('reimbursement')), -sum(records.mapped('amount')))

    def test_costs_are_those_of_the_company_of_the_goods(self):
        """Whichever company the manager works in while deciding."""
        self.buy(30, 12.0)
        inbound = self.ship_to_amazon(20)
        self.clock.move_to('2026-10-09 12:00:00')
        self.book(row('Receipts', 18, sku=SKU, reference=REF), row('VendorReturns', -6, sku=SKU, day=2), last=2)
        self.remove(removal(6, shipped=6, sku=SKU))
        box = self.send_back(parcel(6, sku=SKU))
        self.complete(box.picking_ids, 5)
        inbound._refresh()
        inbound.action_close()
        inbound.note = box.note = "Not found"
        other = self.env['res.company'].create({'name': "Other"})
        self.env.user.company_ids |= other
        inbound.with_company(other).action_write_off()
        self.check(24, 0, 0)
        box.with_company(other).action_write_off()
        self.check(36, 0, 0)

"""The books of a month at Amazon explain themselves: quantities at their cost, and what Amazon paid."""

from freezegun import freeze_time

from odoo.tests import tagged

from . import payloads
from .claims_common import ClaimsCase, parcel, reimbursed, removal
from .ledger_common import row
from .returns_common import AMAZON, AMAZON_COLUMNS, unit
from .settlement_files import LOST, PRINCIPAL, REFUND
from .settlement_files import row as paid
from .test_settlements import SettlementCase

REF, SKU = 'FBA15ABCDEF0', 'AVCO'


@tagged('post_install', '-at_install')
class TestTrialBalance(ClaimsCase, SettlementCase):
    """With perpetual valuation at average cost the accounts are what stock, losses and reimbursements are worth."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.seller.company_id
        accounts = cls.env['account.account'].with_company(cls.company)
        cls.lost, cls.destroyed, cls.cost = accounts.create([
            {'name': name, 'code': code, 'account_type': 'expense_direct_cost'}
            for name, code in (("Lost", '439911'), ("Destroyed", '439912'), ("Cost of goods", '439913'))])
        cls.german.write({'fba_confirm': True, 'fba_deliver': True})

    def setUp(self):
        super().setUp()
        freezer = freeze_time('2026-09-30 12:00:00')
        self.clock = freezer.start()
        self.addCleanup(freezer.stop)
        category = self.env['product.category'].create({
            'name': "Average", 'property_valuation': 'real_time', 'property_cost_method': 'average',
            'property_account_expense_categ_id': self.cost.id})
        self.goods = self._make_product(SKU, stock=0, categ_id=category.id, standard_price=0.0)
        self.make_listing(SKU, self.goods, fnsku=f'X00{SKU}')
        for kind, account in (('loss', self.lost), ('disposed', self.destroyed)):
            location = self.place(kind)
            location.write({name: account.id for name in (
                'valuation_account_id', 'valuation_in_account_id', 'valuation_out_account_id')
                if name in location._fields})

    # === WHAT HAPPENS === #

    def buy(self, pieces, price):
        """Receive goods in the warehouse, and post the vendor's bill."""
        move = self.env['stock.move'].create({
            'product_id': self.goods.id, 'product_uom_qty': pieces, 'price_unit': price,
            'location_id': self.env.ref('stock.stock_location_suppliers').id,
            'location_dest_id': self.warehouse.lot_stock_id.id, 'company_id': self.company.id})
        move._action_confirm()
        move.quantity, move.picked = pieces, True
        move._action_done()
        move.value_manual = pieces * price
        bill = self.env['account.move'].with_company(self.company).create({
            'move_type': 'in_invoice', 'partner_id': self.company.partner_id.id, 'invoice_date': '2026-10-01',
            'invoice_line_ids': [(0, 0, {'product_id': self.goods.id, 'quantity': pieces, 'price_unit': price,
                                         'tax_ids': False})]})
        bill.action_post()

    def ship_to_amazon(self, pieces):
        kind = self.seller._make_inbound_types().filtered(lambda kind: kind.warehouse_id == self.warehouse)
        source, target = kind.default_location_src_id, kind.default_location_dest_id
        picking = self.env['stock.picking'].create({
            'picking_type_id': kind.id, 'location_id': source.id, 'location_dest_id': target.id})
        self.env['stock.move'].create({
            'picking_id': picking.id, 'product_id': self.goods.id, 'product_uom_qty': pieces,
            'product_uom': self.goods.uom_id.id, 'location_id': source.id, 'location_dest_id': target.id})
        inbounds = self.env['amazon.inbound'].with_context(default_seller_id=self.seller.id)
        picking.amazon_inbound_id = inbounds.name_create(REF)[0]
        self.complete(picking, pieces)
        return picking.amazon_inbound_id

    def complete(self, picking, pieces):
        picking.action_confirm()
        picking.move_ids.write({'quantity': pieces, 'picked': True})
        picking.with_context(cancel_backorder=True)._action_done()

    def sell(self, number, pieces):
        item = payloads.item(sku=SKU, quantity=pieces, total=f'{119 * pieces}.00', shipped=pieces)
        return self.receive_sale(payloads.order(item, ref=f'302-{number:07d}-7654321', status='SHIPPED',
                                                channel='AMAZON')), item['orderItemId']

    def settle(self, *rows, ref):
        return SettlementCase.book(self, rows, ref=ref)

    # === THE BOOKS === #

    def balance(self, accounts):
        self.env.flush_all()
        lines = self.env['account.move.line'].search([
            ('account_id', 'in', accounts.ids), ('parent_state', '=', 'posted'), ('company_id', '=', self.company.id)])
        return round(sum(lines.mapped('balance')), 2)

    def get_stock_accounts(self):
        """Return the account of the stock, and those between it and invoices where there are any."""
        found = self.goods.with_company(self.company).product_tmpl_id.get_product_accounts()
        return self.env['account.account'].union(*(
            found[name] for name in ('stock_valuation', 'stock_input', 'stock_output') if found.get(name)))

    def count_owned(self):
        quants = self.env['stock.quant'].search([('product_id', '=', self.goods.id),
                                                 ('company_id', '=', self.company.id)])
        return sum(quant.quantity for quant in quants if quant.location_id._should_be_valued())

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

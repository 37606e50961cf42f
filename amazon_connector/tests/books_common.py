"""Goods at cost in the books of a company: bought, sent to Amazon, sold, settled."""

from freezegun import freeze_time

from odoo import fields

from . import payloads
from .claims_common import ClaimsCase
from .test_settlements import SettlementCase

REF, SKU = 'FBA15ABCDEF0', 'AVCO'


class BooksCase(ClaimsCase, SettlementCase):
    """A company with perpetual valuation and accounts of its own for what is lost, destroyed and sold."""

    method, first_day = 'average', '2026-09-30'

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
        freezer = freeze_time(f'{self.first_day} 12:00:00')
        self.clock = freezer.start()
        self.addCleanup(freezer.stop)
        category = self.env['product.category'].create({
            'name': self.method, 'property_valuation': 'real_time', 'property_cost_method': self.method,
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
            'move_type': 'in_invoice', 'partner_id': self.company.partner_id.id, 'invoice_date': fields.Date.today(),
            'invoice_line_ids': [(0, 0, {'product_id': self.goods.id, 'quantity': pieces, 'price_unit': price,
                                         'tax_ids': False})]})
        bill.action_post()

    def ship_to_amazon(self, pieces, ref=REF):
        kind = self.seller._make_inbound_types().filtered(lambda kind: kind.warehouse_id == self.warehouse)
        source, target = kind.default_location_src_id, kind.default_location_dest_id
        picking = self.env['stock.picking'].create({
            'picking_type_id': kind.id, 'location_id': source.id, 'location_dest_id': target.id})
        self.env['stock.move'].create({
            'picking_id': picking.id, 'product_id': self.goods.id, 'product_uom_qty': pieces,
            'product_uom': self.goods.uom_id.id, 'location_id': source.id, 'location_dest_id': target.id})
        inbounds = self.env['amazon.inbound'].with_context(default_seller_id=self.seller.id)
        picking.amazon_inbound_id = inbounds.name_create(ref)[0]
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

    def settle(self, *rows, **options):
        return SettlementCase.book(self, rows, **options)

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

from odoo.fields import Command
from odoo.tests import tagged

from . import payloads
from .settlement_files import PRINCIPAL, REFUND, REFUND_TAX, TAX, WITHHELD, row
from .test_settlement_vat import VatCase


@tagged('post_install', '-at_install')
class TestSettlementTaxRows(VatCase):
    """Rows of tax say who pays it to the tax office only where they have an amount, and an item that is not found is
    said before.
    """

    def refund_withheld(self):
        return ('Refund', 'ItemWithheldTax', 'MarketplaceFacilitatorVAT-Principal')

    # === ZERO === #

    def test_a_row_of_zero_says_nothing_of_who_pays_the_tax(self):
        for number, kinds in enumerate((
                ((PRINCIPAL, '120.00'),), ((PRINCIPAL, '120.00'), (TAX, '0.00')),
                ((PRINCIPAL, '120.00'), (WITHHELD, '0.00')),
                ((PRINCIPAL, '120.00'), (TAX, '0.00'), (WITHHELD, '0.00'))), 1):
            settlement = self.book(self.rows(self.sell(number, self.french), *kinds), ref=f'90{number}')
            self.assertEqual((self.by_tax(settlement), self.by_tax(settlement, 'tax_ids')),
                             ({20.0: -20.0}, {20.0: -100.0}), kinds)

    def test_a_refund_with_a_row_of_zero_gives_its_tax_back(self):
        for number, kinds in enumerate((
                ((REFUND, '-120.00'), (REFUND_TAX, '0.00')), ((REFUND, '-120.00'), (self.refund_withheld(), '0.00'))),
                1):
            sale = self.sell(number, self.french)
            settlement = self.book([*self.rows(sale, *kinds), row(PRINCIPAL, '500.00', '302-8888888-8888888')],
                                   ref=f'90{number}')
            self.assertEqual((self.by_tax(settlement), self.by_tax(settlement, 'tax_ids')),
                             ({20.0: 20.0}, {20.0: 100.0}), kinds)

    def test_the_tax_of_the_marketplace_stays_beside_a_row_of_zero(self):
        self.german.settlement_sale_tax_id = self.french
        settlement = self.import_rows([row(PRINCIPAL, '120.00', '302-8888888-8888888', order_item_code='1'),
                                   row(TAX, '0.00', '302-8888888-8888888', order_item_code='1')])
        self.assertIn("1 sales", settlement.notice)
        settlement.action_book()
        self.assertEqual(self.by_tax(settlement), {20.0: -20.0})

    def test_what_amazon_remits_is_no_tax_of_the_seller(self):
        settlement = self.book(self.rows(self.sell(1, self.french), (PRINCIPAL, '100.00'), (TAX, '20.00'),
                                         (WITHHELD, '-20.00')))
        self.assertEqual((self.by_tax(settlement), self.by_tax(settlement, 'tax_ids')), ({}, {}))

    def test_a_row_of_zero_keeps_no_tax_from_its_invoice(self):
        sale = self.sell(1, self.french)
        sale.order_line.qty_delivered = 1
        invoice = sale._create_invoices()
        invoice.action_post()
        settlement = self.book(self.rows(sale, (PRINCIPAL, '100.00'), (TAX, '20.00'), (WITHHELD, '0.00')))
        self.assertEqual((invoice.amount_total, invoice.amount_residual, len(settlement.open_line_ids),
                          self.balance('tax')), (120.0, 0, 0, 0))

    # === ANOTHER TAX BESIDE THE SELLER'S === #

    def sell_in_canada(self, *names):
        """Orders of a Canadian company whose prices of 105.00 have GST inside or, by the name, GST and PST."""
        canada = self.env.ref('base.ca')
        sales = [self.sell(number, self.french, '105.00') for number, _name in enumerate(names, 1)]
        self.company.account_fiscal_country_id = canada
        group = self.env['account.tax.group'].create({'name': "Canada", 'country_id': canada.id})
        common = {'type_tax_use': 'sale', 'country_id': canada.id, 'tax_group_id': group.id,
                  'company_id': self.company.id}
        federal, provincial = self.env['account.tax'].create(
            [{**common, 'name': name, 'amount': amount} for name, amount in (("GST", 5), ("PST", 7))])
        both = federal.create({**common, 'name': "Both", 'amount_type': 'group',
                               'children_tax_ids': [Command.set((federal | provincial).ids)]})
        for sale, name in zip(sales, names, strict=True):
            sale.order_line.tax_ids = {'GST': federal, 'both': both}[name]._amazon_get_included()
        return sales

    def test_the_countrys_tax_stays_where_amazon_remits_the_provinces(self):
        """Canada, a seller without Amazon's tax calculation service: PST is on top, GST is inside of the price."""
        alone, double, foreign, same = self.sell_in_canada('GST', 'both', 'both', 'GST')
        settlement = self.book(self.rows(alone, (PRINCIPAL, '105.00'), (TAX, '7.35'), (WITHHELD, '-7.35')))
        self.assertEqual((self.by_tax(settlement), self.by_tax(settlement, 'tax_ids')), ({5.0: -5.0}, {5.0: -100.0}))
        settlement = self.book(self.rows(double, (PRINCIPAL, '105.00'), (TAX, '7.35'), (WITHHELD, '-7.35')), ref='222')
        self.assertEqual((self.by_tax(settlement), self.by_tax(settlement, 'tax_ids')), ({5.0: -5.0}, {5.0: -100.0}),
                         "GST alone")
        settlement = self.book(self.rows(foreign, (PRINCIPAL, '105.00'), (TAX, '12.60'), (WITHHELD, '-12.60')),
                               ref='333')
        self.assertEqual(self.by_tax(settlement), {}, "Amazon remits all of it")
        settlement = self.book(self.rows(same, (PRINCIPAL, '105.00'), (TAX, '5.25'), (WITHHELD, '-5.25')), ref='444')
        self.assertEqual(self.by_tax(settlement), {}, "or this tax itself")

    def test_the_tax_of_an_order_that_was_told_amazons_stays(self):
        [sale] = self.sell_in_canada('GST')
        sale.order_line.create({'order_id': sale.id, 'name': "Tax", 'product_id': self.product.id, 'price_unit': 7.35,
                                'product_uom_qty': 1,
                                'amazon_charge': 'tax', 'amazon_charge_of': 'tax', 'tax_ids': False})
        settlement = self.book(self.rows(sale, (PRINCIPAL, '105.00'), (TAX, '7.35'), (WITHHELD, '-7.35')))
        self.assertEqual((self.by_tax(settlement), self.by_tax(settlement, 'tax_ids')), ({5.0: -5.0}, {5.0: -100.0}))

    # === ITEMS THAT ARE NOT FOUND === #

    def sell_two(self, number=1):
        """An order with two products of two rates."""
        second = self.product.copy({'default_code': 'SKU-B'})
        self.env['amazon.listing'].sudo().create({'marketplace_id': self.german.id, 'sku': 'SKU-B',
                                                  'product_id': second.id})
        sale = self.receive_sale(payloads.order(payloads.item(total='120.00'), payloads.item('SKU-B', total='105.50'),
                                                ref=f'302-{number:07d}-7654321'))
        goods = sale.order_line.filtered(lambda line: line._amazon_is_goods())
        for line, tax in zip(goods, (self.french, self.reduced), strict=True):
            line.tax_ids = tax._amazon_get_included()
        return sale

    def test_an_item_under_another_number_is_found_by_its_product(self):
        """order-item-code and orderItemId may differ (issue 2848 of the Selling Partner API)."""
        sale = self.sell_two()
        settlement = self.import_rows([
            row(PRINCIPAL, '120.00', sale.amazon_order_ref, order_item_code='99999999999999', sku='SKU-A'),
            row(PRINCIPAL, '105.50', sale.amazon_order_ref, order_item_code='88888888888888', sku='SKU-B')])
        self.assertFalse(settlement.notice)
        settlement.action_book()
        self.assertEqual(self.by_tax(settlement), {20.0: -20.0, 5.5: -5.5})

    def test_an_item_that_is_not_found_is_named_before(self):
        sale = self.sell_two()
        settlement = self.import_rows(
            [row(PRINCIPAL, '225.50', sale.amazon_order_ref, order_item_code='99999999999999', sku='SKU-C')])
        self.assertIn(sale.amazon_order_ref, settlement.notice)
        self.assertIn("225.50", settlement.notice)
        self.assertNotIn("does not know the orders", settlement.notice)

    def test_a_quotation_that_waits_is_named_as_one(self):
        sale = self.sell(1, self.reduced, '105.50')
        sale.amazon_inbox_ids.sudo().write({'state': 'error', 'error': "Which tax is it?"})
        sale.state = 'draft'
        settlement = self.import_rows(self.rows(sale, (PRINCIPAL, '120.00')))
        self.assertIn(sale.amazon_order_ref, settlement.notice)
        self.assertNotIn("does not know the orders", settlement.notice)

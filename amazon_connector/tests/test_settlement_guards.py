"""What nobody may take away from the booking of settlements: each of these tests fails without one of its conditions.
"""

from odoo.fields import Command
from odoo.tests import tagged

from ..utils.settlement_plan import SettlementPlan
from . import payloads
from .settlement_files import LOST, PRINCIPAL, REFUND, REFUND_TAX, SHIPPING, STORAGE, TAX, WITHHELD, row
from .test_settlement_vat import VatCase

STORAGE_TAX = ('other-transaction-2', 'other-transaction', 'Storage CGST')
FEE_TAX = ('other-transaction', 'Referral fees', 'Referral CGST')


class GuardCase(VatCase):
    """Orders of one or two items, invoiced or not; taxes with grids of their own for refunds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.grids = cls.env['account.account.tag'].create([
            {'name': name, 'applicability': 'taxes', 'country_id': cls.company.account_fiscal_country_id.id}
            for name in ("Base sold", "Tax sold", "Base refunded", "Tax refunded")])
        cls.partner = cls.env['res.partner'].create({'name': "Somebody else"})

    def give_grids(self, tax):
        """Give a tax a grid each for base and tax of invoices and of refunds."""
        lines = tax.invoice_repartition_line_ids, tax.refund_repartition_line_ids
        for position, repartition in enumerate(lines):
            for line in repartition:
                line.tag_ids = self.grids[2 * position + (line.repartition_type == 'tax')]

    def make_purchase_tax(self, amount=20):
        return self.french.copy({'name': f"Fees {amount}", 'type_tax_use': 'purchase', 'amount': amount})

    def sell_two(self, number, first, second, totals=('120.00', '60.00')):
        """An order of two items whose taxes differ; return it with the numbers of its items at Amazon."""
        items = [payloads.item(sku=sku, total=total) for sku, total in zip(('SKU-A', 'SKU-B'), totals, strict=True)]
        sale = self.receive_sale(payloads.order(*items, ref=f'302-{number:07d}-7654321'))
        refs = [item['orderItemId'] for item in items]
        for ref, tax in zip(refs, (first, second), strict=True):
            sale.order_line.filtered(lambda line, ref=ref: line.amazon_item_ref == ref).tax_ids = [
                Command.set(tax._amazon_get_included().ids)]
        return sale, refs

    def of_item(self, sale, item, *kinds):
        return [row(kind, amount, sale.amazon_order_ref, order_item_code=item) for kind, amount in kinds]

    def add_line(self, sale, charge, tax=None, price=0.0):
        """Add a charge to the first item of an order."""
        return self.env['sale.order.line'].create({
            'order_id': sale.id, 'product_id': self.german.shipping_product_id.id or self.product.id, 'name': charge,
            'price_unit': price, 'amazon_charge': charge, 'amazon_item_ref': sale.order_line[:1].amazon_item_ref,
            'tax_ids': [Command.set(tax._amazon_get_included().ids if tax else [])]})

    def invoice(self, sale, post=True):
        sale.order_line.filtered(lambda line: not line.display_type).qty_delivered = 1
        invoice = sale._create_invoices()
        invoice.invoice_date = '2026-11-05'
        if post:
            invoice.action_post()
        return invoice

    def tagged_balance(self, settlement, tag):
        return round(sum(settlement.move_ids.line_ids.filtered(lambda line: tag in line.tax_tag_ids).mapped('balance')),
                     2)

    def cleared(self, settlement):
        """What the entries have for single orders."""
        return sorted(settlement.move_ids.line_ids.filtered('amazon_order_ref').mapped('balance'))


@tagged('post_install', '-at_install')
class TestSettlementGuardsRows(GuardCase):
    """Each row is counted once, with what belongs to its own item, kind and order."""

    def test_tax_of_one_item_says_nothing_of_another(self):
        """One item's tax is remitted by Amazon, the other's is inside of its price."""
        sale, (first, second) = self.sell_two(1, self.french, self.french)
        settlement = self.book([*self.of_item(sale, first, (PRINCIPAL, '100.00'), (TAX, '20.00'), (WITHHELD, '-20.00')),
                                *self.of_item(sale, second, (PRINCIPAL, '60.00'))])
        self.assertEqual(self.by_tax(settlement), {20.0: -10.0})
        self.assertEqual(settlement.payout_line_id.balance, 160)

    def test_two_items_with_rows_of_tax_are_counted_once(self):
        sale, (first, second) = self.sell_two(1, self.french, self.reduced)
        settlement = self.book([*self.of_item(sale, first, (PRINCIPAL, '100.00'), (TAX, '20.00')),
                                *self.of_item(sale, second, (PRINCIPAL, '200.00'), (TAX, '11.00'))])
        self.assertEqual(self.by_tax(settlement), {20.0: -20.0, 5.5: -11.0})
        self.assertEqual(self.by_tax(settlement, 'tax_ids'), {20.0: -100.0, 5.5: -200.0})

    def test_tax_of_a_refund_says_nothing_of_the_sale(self):
        sale = self.sell(1, self.french)
        settlement = self.book(self.rows(sale, (PRINCIPAL, '120.00'), (REFUND, '-50.00'), (REFUND_TAX, '-10.00')))
        self.assertEqual(self.by_tax(settlement), {20.0: -10.0})
        self.assertEqual(self.by_tax(settlement, 'tax_ids'), {20.0: -50.0})

    def test_tax_of_one_kind_of_fee_says_nothing_of_another(self):
        """The tax of storage is inside; that of other kinds and types has rows."""
        purchase = self.make_purchase_tax()
        self.german.settlement_fee_tax_id = purchase
        settlement = self.import_rows([row(STORAGE, '-12.00'), row(FEE_TAX, '-2.00'), row(STORAGE_TAX, '-1.00')])
        settlement.line_ids.rule_id.tax_id = purchase
        settlement.action_book()
        self.assertEqual(self.by_tax(settlement), {20.0: 5.0})

    def test_withheld_of_one_item_is_not_withheld_of_another(self):
        """The second item's tax is the seller's, and on the invoice."""
        sale, (first, second) = self.sell_two(1, self.export, self.french, ('100.00', '60.00'))
        invoice = self.invoice(sale)
        settlement = self.book([*self.of_item(sale, first, (PRINCIPAL, '100.00'), (TAX, '20.00'), (WITHHELD, '-20.00')),
                                *self.of_item(sale, second, (PRINCIPAL, '50.00'), (TAX, '10.00'))])
        self.assertEqual((invoice.payment_state, self.cleared(settlement)), ('paid', [-160.0]))

    def test_withheld_in_another_settlement_is_not_withheld_here(self):
        sale = self.sell(1, self.french, '170.00')
        self.invoice(sale)
        first = self.book(self.rows(sale, (PRINCIPAL, '100.00'), (TAX, '20.00'), (WITHHELD, '-20.00')))
        second = self.book(self.rows(sale, (PRINCIPAL, '50.00'), (TAX, '10.00')), ref='222')
        self.assertEqual((self.cleared(first), self.cleared(second)), ([-100.0], [-60.0]))

    def test_a_line_for_tax_of_nothing_states_no_tax(self):
        sale = self.sell(1, self.export, '100.00')
        self.add_line(sale, 'tax')
        invoice = self.invoice(sale)
        settlement = self.book(self.rows(sale, (PRINCIPAL, '100.00'), (TAX, '20.00'), (WITHHELD, '-20.00')))
        self.assertEqual((invoice.payment_state, self.cleared(settlement)), ('paid', [-100.0]))

    def test_tax_that_no_order_tells_is_not_taken_out_with_it(self):
        sale = self.sell(1, self.export, '100.00')
        settlement = self.book(self.rows(sale, (PRINCIPAL, '100.00'), (TAX, '20.00'), (WITHHELD, '-20.00')))
        invoice = self.invoice(sale)
        self.assertEqual((invoice.payment_state, self.cleared(settlement)), ('paid', [-100.0]))

    def test_sale_and_refund_of_one_settlement_clear_their_own_documents(self):
        sale = self.sell(1, self.french)
        invoice = self.invoice(sale)
        settlement = self.book(self.rows(sale, (PRINCIPAL, '120.00'), (REFUND, '-120.00')))
        self.assertEqual((self.cleared(settlement), invoice.payment_state), ([-120.0, 120.0], 'paid'))
        self.assertEqual(settlement.open_line_ids.mapped('amazon_issue'), ['no_refund'])

    def test_what_comes_to_nothing_is_no_item(self):
        sale = self.sell(1, self.french)
        self.invoice(sale)
        settlement = self.book([*self.rows(sale, (PRINCIPAL, '10.00'), (PRINCIPAL, '-10.00')), row(STORAGE, '-3.00')])
        self.assertFalse(self.cleared(settlement))

    def test_what_cleared_an_invoice_once_is_for_documents_ever_after(self):
        """Its refund would else be summed up, beside the sale that is on the customer's account."""
        sale = self.sell(1, self.french)
        invoice = self.invoice(sale)
        self.book(self.rows(sale, (PRINCIPAL, '120.00')))
        invoice.button_draft()
        settlement = self.book(self.rows(sale, (REFUND, '-60.00')), ref='222')
        self.assertEqual(self.cleared(settlement), [60.0])

    def test_a_row_after_the_end_of_its_settlement_is_of_its_last_month(self):
        settlement = self.import_rows([row(PRINCIPAL, '10.00'), row(PRINCIPAL, '5.00', posted='2026-11-02')])
        settlement.action_split()
        settlement.action_book()
        self.assertEqual(settlement.move_ids.mapped('amazon_part'), ['2026-10/0'])

    # === TAXES OF ORDERS === #

    def test_a_quotation_that_was_sent_waits_for_its_tax_too(self):
        self.german.settlement_sale_tax_id = self.french
        sale = self.sell(1, self.reduced, '105.50')
        sale.amazon_inbox_ids.sudo().write({'state': 'error', 'error': "Which tax is it?"})
        sale.state = 'sent'
        self.assertEqual(self.by_tax(self.book(self.rows(sale, (PRINCIPAL, '120.00')))), {20.0: -20.0})

    def test_a_quotation_that_waits_for_nothing_says_its_tax(self):
        self.german.settlement_sale_tax_id = self.french
        sale = self.sell(1, self.reduced, '105.50')
        sale.state = 'draft'
        self.assertEqual(self.by_tax(self.book(self.rows(sale, (PRINCIPAL, '105.50')))), {5.5: -5.5})

    def test_rows_without_an_item_of_an_order_with_two_taxes_are_not_known(self):
        self.german.settlement_sale_tax_id = self.export
        sale, _refs = self.sell_two(1, self.french, self.reduced)
        settlement = self.import_rows([row(PRINCIPAL, '100.00', sale.amazon_order_ref)])
        self.assertIn(sale.amazon_order_ref, settlement.notice)
        settlement.action_book()
        self.assertEqual(self.by_tax(settlement, 'tax_ids'), {0.0: -100.0})

    def test_shipping_at_another_rate_does_not_hide_the_tax_of_the_goods(self):
        self.german.settlement_sale_tax_id = self.export
        sale = self.sell(1, self.french)
        self.add_line(sale, 'shipping', self.reduced)
        self.assertEqual(self.by_tax(self.book([row(PRINCIPAL, '120.00', sale.amazon_order_ref)])), {20.0: -20.0})

    def test_shipping_has_its_own_tax_or_that_of_its_item(self):
        self.german.settlement_sale_tax_id = self.export
        sale, (first, _second) = self.sell_two(1, self.french, self.reduced)
        shipped = self.sell(2, self.french)
        self.add_line(shipped, 'shipping', self.reduced)
        settlement = self.book([*self.of_item(sale, first, (SHIPPING, '12.00')),
                                *self.rows(shipped, (SHIPPING, '10.55'))])
        self.assertEqual(self.by_tax(settlement), {20.0: -2.0, 5.5: -0.55})


@tagged('post_install', '-at_install')
class TestSettlementGuardsTaxes(GuardCase):
    """Taxes, their grids and accounts."""

    def test_tax_of_no_order_is_not_taxed(self):
        self.german.settlement_sale_tax_id = self.french
        settlement = self.book([row(PRINCIPAL, '120.00'), row(TAX, '19.00')])
        self.assertEqual(self.by_tax(settlement), {20.0: -20.0})

    def test_tax_of_an_order_without_one_is_no_turnover(self):
        settlement = self.book(self.rows(self.sell(1, self.export), (PRINCIPAL, '100.00'), (TAX, '20.00')))
        self.assertEqual(self.by_tax(settlement, 'tax_ids'), {0.0: -100.0})
        self.assertEqual(settlement.payout_line_id.balance, 120)

    def test_an_export_keeps_its_grid_where_amazon_remits_a_tax(self):
        kinds = (PRINCIPAL, '50.00'), (TAX, '10.00'), (WITHHELD, '-10.00')
        settlement = self.book([*self.rows(self.sell(1, self.export), *kinds),
                                *self.rows(self.sell(2, self.french), *kinds)])
        self.assertEqual((self.tagged_balance(settlement, self.tags[1]), self.by_tax(settlement, 'tax_ids')),
                         (-50.0, {0.0: -50.0}))

    def test_a_tax_of_zero_on_fees_takes_no_row_of_tax(self):
        self.german.settlement_fee_tax_id = self.make_purchase_tax(0)
        self.assertFalse(self.book([row(FEE_TAX, '-3.00')]).move_ids.line_ids.tax_ids)

    def test_fees_are_purchases_and_what_comes_back_of_them_refunds(self):
        purchase = self.make_purchase_tax()
        self.give_grids(purchase)
        self.import_rows([row(STORAGE, '-1.00')], ref='222').line_ids.rule_id.tax_id = purchase
        for ref, sign in (('333', -1), ('444', 1)):
            settlement = self.book([row(STORAGE, 12.0 * sign)], ref=ref)
            used = self.grids[:2] if sign < 0 else self.grids[2:]
            self.assertEqual([self.tagged_balance(settlement, tag) for tag in used], [-10.0 * sign, -2.0 * sign])
            self.assertEqual(settlement.move_ids.line_ids.tax_tag_ids, used)

    def test_sales_and_refunds_have_their_own_grids(self):
        self.give_grids(self.french)
        sale = self.sell(1, self.french)
        inside = self.book(self.rows(sale, (PRINCIPAL, '120.00'), (REFUND, '-60.00')))
        apart = self.book(self.rows(sale, (PRINCIPAL, '100.00'), (TAX, '20.00'), (REFUND, '-50.00'),
                                    (REFUND_TAX, '-10.00')), ref='222')
        for settlement in (inside, apart):
            self.assertEqual([self.tagged_balance(settlement, tag) for tag in self.grids], [-100.0, -20.0, 50.0, 10.0])

    def test_halves_of_a_tax_come_to_its_amount(self):
        account = self.account('other').copy({'code': '8199X'})
        halves = [Command.clear(), Command.create({'repartition_type': 'base'}), *(
            Command.create({'repartition_type': 'tax', 'factor_percent': 50, 'account_id': account.id})
            for _half in range(2))]
        self.french.write({'invoice_repartition_line_ids': halves, 'refund_repartition_line_ids': halves})
        settlement = self.book(self.rows(self.sell(1, self.french), (PRINCIPAL, '100.00'), (TAX, '20.01')))
        items = settlement.move_ids.line_ids.filtered('tax_line_id')
        self.assertEqual((len(items), round(sum(items.mapped('balance')), 2), items.account_id), (2, -20.01, account))

    def test_the_tax_of_a_rule_comes_before_that_of_the_marketplace(self):
        self.german.write({'settlement_sale_tax_id': self.french.id,
                           'settlement_fee_tax_id': self.make_purchase_tax().id})
        settlement = self.import_rows([row(PRINCIPAL, '105.50'), row(FEE_TAX, '-3.00'), row(STORAGE, '-10.55'),
                                   row(LOST, '21.10')])
        for line, tax in zip(settlement.line_ids, (self.reduced, *([self.make_purchase_tax(5.5)] * 2), self.reduced),
                             strict=True):
            line.rule_id.tax_id = tax
        settlement.action_book()
        lines = settlement.move_ids.line_ids.filtered('tax_line_id')
        self.assertEqual({line.tax_line_id.amount for line in lines}, {5.5})
        self.assertEqual(sorted(lines.mapped('balance')), [-5.5, -1.1, 0.55, 3.0])

    def test_taxes_of_another_company_are_not_known(self):
        other = self.env['res.company'].create({'name': "Other Ltd", 'country_id': self.env.ref('base.de').id})
        group = self.env['account.tax.group'].create({'name': "Other", 'company_id': other.id})
        theirs = self.env['account.tax'].with_company(other).create({
            'name': "Theirs", 'amount': 16, 'type_tax_use': 'sale', 'company_id': other.id, 'tax_group_id': group.id,
            'country_id': group.country_id.id})
        settlement = self.import_rows([row(PRINCIPAL, '120.00'), row(PRINCIPAL, '60.00', market='Amazon.fr')])
        self.german.settlement_sale_tax_id = self.french
        plan = SettlementPlan(settlement)
        german, french = plan.rows.read_groups()
        rule = settlement.line_ids.rule_id
        self.assertIsNone(plan.taxes.find_known(german._replace(taxes=(theirs.id,))))
        self.assertEqual(plan.taxes.find_known(german._replace(taxes=(self.reduced.id,))), self.reduced)
        self.env.cr.execute("UPDATE amazon_seller_marketplace SET company_id = %s, settlement_sale_tax_id = %s "
                            "WHERE id = %s", [other.id, theirs.id, french.market])
        self.env.invalidate_all()
        self.assertEqual(plan.taxes.find(french, rule, self.marketplace('FR')), self.french,
                         "that of the settlement's own marketplace")

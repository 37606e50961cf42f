from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.migration import load_script
from odoo.tests import tagged

from . import payloads
from .settlement_files import COMMISSION, PRINCIPAL, PROMOTION, REFUND, REFUND_TAX, SHIPPING, TAX, WITHHELD, row
from .test_settlements import SettlementCase


class VatCase(SettlementCase):
    """Taxes of several rates, and what a settlement books with each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make = cls.env['account.tax'].create
        group = cls.env['account.tax.group'].search([('company_id', '=', cls.company.id)], limit=1)
        cls.french, cls.reduced, cls.export = (make({
            'name': name, 'amount': amount, 'type_tax_use': 'sale', 'company_id': cls.company.id,
            'tax_group_id': group.id, 'country_id': cls.company.account_fiscal_country_id.id})
            for name, amount in (("FR 20", 20), ("FR 5.5", 5.5), ("Export", 0)))
        tags = cls.env['account.account.tag'].create(
            [{'name': name, 'applicability': 'taxes', 'country_id': cls.company.account_fiscal_country_id.id}
             for name in ("Base FR", "Base export")])
        cls.french.invoice_repartition_line_ids.filtered(lambda line: line.repartition_type == 'base').tag_ids = tags[0]
        cls.export.invoice_repartition_line_ids.filtered(lambda line: line.repartition_type == 'base').tag_ids = tags[1]
        cls.tags = tags

    def sell(self, number, tax, total='120.00', **more):
        sale = self.receive_sale(payloads.order(payloads.item(total=total, **more), ref=f'302-{number:07d}-7654321'))
        sale.order_line.tax_ids = [Command.set(tax._amazon_get_included().ids)]
        return sale

    def rows(self, sale, *kinds):
        item = sale.order_line[:1].amazon_item_ref
        return [row(kind, amount, sale.amazon_order_ref, order_item_code=item) for kind, amount in kinds]

    def by_tax(self, settlement, field='tax_line_id'):
        lines = settlement.move_ids.line_ids.filtered(field)
        found = {}
        for line in lines:
            tax = line[field]
            found[tax.amount] = round(found.get(tax.amount, 0) + line.balance, 2)
        return found


@tagged('post_install', '-at_install')
class TestSettlementVat(VatCase):
    """What a settlement sums up has the taxes of its orders, by country and rate; where Odoo does not know them, it
    says so before.
    """

    def test_sales_have_the_taxes_of_their_orders(self):
        usual, reduced, free = self.sell(1, self.french), self.sell(2, self.reduced,
                                                                    '105.50'), self.sell(3, self.export, '50.00')
        settlement = self.book([
            *self.rows(usual, (PRINCIPAL, '120.00'), (SHIPPING, '12.00'), (PROMOTION, '-12.00')),
            *self.rows(reduced, (PRINCIPAL, '105.50')),
            *self.rows(free, (PRINCIPAL, '50.00')), *self.rows(usual, (REFUND, '-60.00'))])
        self.assertEqual(self.by_tax(settlement), {20.0: -10.0, 5.5: -5.5})
        self.assertEqual(self.by_tax(settlement, 'tax_ids'), {20.0: -50.0, 5.5: -100.0, 0.0: -50.0})
        lines = settlement.move_ids.line_ids
        self.assertEqual(sum(lines.filtered(lambda line: self.tags[1] in line.tax_tag_ids).mapped('balance')), -50.0,
                         "its grid, not nothing")
        self.assertEqual(lines.tax_ids, self.french | self.reduced | self.export, "as the accountant knows them")
        self.assertEqual(settlement.payout_line_id.balance, 215.5)

    def test_items_of_taxes_are_as_odoo_makes_them(self):
        """Their base, the taxes on a tax, and the analytic distribution where the tax is part of the cost."""
        plan = self.env['account.analytic.plan'].create({'name': "Channels"})
        channel = self.env['account.analytic.account'].create(
            {'name': "Amazon", 'plan_id': plan.id, 'company_id': False})
        self.french.write({'analytic': True, 'include_base_amount': True, 'sequence': 1})
        self.reduced.sequence = 2
        self.german.settlement_fee_tax_id = self.company.account_purchase_tax_id
        rules = self.env['amazon.settlement.rule'].search([('account_kind', 'in', ('sales', 'refunds', 'commission'))])
        rules.analytic_distribution = {str(channel.id): 100}
        sale = self.sell(1, self.french | self.reduced, '126.60')
        settlement = self.book([*self.rows(sale, (PRINCIPAL, '126.60'), (REFUND, '-63.30')), row(COMMISSION, '-11.90')])
        lines = settlement.move_ids.line_ids
        bases = lines.filtered(lambda line: line.tax_ids and not line.tax_line_id)
        fields = ('account_id', 'partner_id', 'amount_currency', 'currency_id')
        values = [{name: line._fields[name].convert_to_write(line[name], line) for name in fields} for line in lines]
        by_hand = self.env['account.move'].create({'date': settlement.move_ids.date, 'line_ids': [
            Command.create({**vals, 'tax_ids': [Command.set(line.tax_ids.ids)],
                            'analytic_distribution': line.analytic_distribution})
            for line, vals in zip(lines, values, strict=True) if line in bases or not line.tax_line_id]})
        self.assertEqual(len(bases), 3)
        self.assertEqual(self.describe(lines), self.describe(by_hand.line_ids))
        upper = lines.filtered(lambda line: line.tax_line_id == self.french)
        self.assertEqual((set(map(abs, upper.mapped('tax_base_amount'))), upper.tax_ids), ({100.0, 50.0}, self.reduced))

    def describe(self, lines):
        return sorted((line.account_id.code, line.balance, line.tax_base_amount, line.tax_line_id.name or '',
                       line.tax_ids.mapped('name'), str(line.analytic_distribution), sorted(line.tax_tag_ids.ids))
                      for line in lines)

    def test_taxes_of_another_country_have_an_entry_of_their_own(self):
        """Odoo keeps them apart by the fiscal position with the tax number there."""
        britain = self.env.ref('base.uk')
        british = self.env['account.tax'].create({
            'name': "GB 20", 'amount': 20, 'type_tax_use': 'sale', 'company_id': self.company.id,
            'country_id': britain.id,
            'tax_group_id': self.env['account.tax.group'].create({'name': "VAT", 'company_id': self.company.id,
                                                                  'country_id': britain.id}).id})
        there, here = self.sell(1, british), self.sell(2, self.french)
        rows = [*self.rows(there, (PRINCIPAL, '120.00')), *self.rows(here, (PRINCIPAL, '60.00')),
                row(PRINCIPAL, '5.00')]
        settlement = self.import_rows(rows)
        with self.assertRaisesRegex(UserError, "Foreign Tax ID"), self.env.cr.savepoint():
            settlement.action_book()
        position = self.env['account.fiscal.position'].create(
            {'name': "GB", 'company_id': self.company.id, 'country_id': britain.id, 'foreign_vat': 'GB980780684'})
        settlement.action_book()
        self.assertEqual(settlement.state, 'booked')
        abroad = settlement.move_ids.filtered('fiscal_position_id')
        self.assertEqual((abroad.fiscal_position_id, abroad.line_ids.tax_line_id, len(settlement.move_ids)),
                         (position, british, 2))
        self.assertEqual(self.by_tax(settlement, 'tax_ids')[20.0], -150.0)
        carried = settlement.move_ids.line_ids.filtered(lambda line: line.amazon_role == 'carried')
        self.assertTrue(len(carried) == 2 and all(carried.mapped('reconciled')))
        self.assertEqual(settlement.payout_line_id.balance, 185)
        there.order_line.qty_delivered = 1
        there.fiscal_position_id = position
        invoice = there._create_invoices()
        invoice.action_post()
        self.assertEqual(
            sum(settlement.move_ids.line_ids.filtered(lambda line: line.tax_line_id == british).mapped('balance')), 0,
            "taken out again")
        self.assertEqual(invoice.payment_state, 'paid')

    def test_the_fiscal_position_maps_the_account(self):
        revenue, mapped = self.account('sales'), self.env['account.account'].create(
            {'name': "Revenue abroad", 'code': '8125X', 'account_type': 'income',
             'company_ids': [Command.set(self.company.ids)]})
        position = self.env['account.fiscal.position'].create({
            'name': "Abroad", 'company_id': self.company.id,
            'account_ids': [Command.create({'account_src_id': revenue.id, 'account_dest_id': mapped.id})]})
        self.export.fiscal_position_ids = position
        settlement = self.book([*self.rows(self.sell(1, self.export, '50.00'), (PRINCIPAL, '50.00')),
                                *self.rows(self.sell(2, self.french), (PRINCIPAL, '120.00'))])
        lines = settlement.move_ids.line_ids.filtered(lambda line: not line.tax_line_id)
        balances = {account: sum(of_account.mapped('balance'))
                    for account, of_account in lines.grouped('account_id').items()}
        self.assertEqual((balances[mapped], balances[revenue]), (-50, -100))

    def test_an_order_without_a_tax_has_none(self):
        self.german.settlement_sale_tax_id = self.french
        sale = self.receive_sale(payloads.order(payloads.item(total='50.00'), ref='302-0000001-7654321'))
        sale.order_line.tax_ids = False
        settlement = self.import_rows(self.rows(sale, (PRINCIPAL, '50.00')))
        self.assertFalse(settlement.notice)
        settlement.action_book()
        self.assertFalse(settlement.move_ids.line_ids.tax_ids)

    def test_tax_in_rows_of_its_own_is_of_the_orders_taxes(self):
        sale = self.sell(1, self.french)
        settlement = self.book(self.rows(sale, (PRINCIPAL, '100.00'), (TAX, '20.01'), (REFUND, '-50.00'),
                                         (REFUND_TAX, '-10.00')))
        self.assertEqual(self.by_tax(settlement), {20.0: -10.01})
        self.assertEqual(self.by_tax(settlement, 'tax_ids'), {20.0: -50.0})

    def test_a_group_of_taxes_is_divided_by_its_rates(self):
        provinces = self.env['account.tax'].create({
            'name': "GST and PST", 'amount_type': 'group', 'type_tax_use': 'sale', 'company_id': self.company.id,
            'children_tax_ids': [Command.set((self.french | self.reduced).ids)]})
        sale = self.receive_sale(payloads.order(payloads.item(total='125.50'), ref='302-0000001-7654321'))
        sale.order_line.tax_ids = provinces
        settlement = self.book(self.rows(sale, (PRINCIPAL, '100.00'), (TAX, '25.50')))
        self.assertEqual(self.by_tax(settlement), {20.0: -20.0, 5.5: -5.5})
        inside = self.book(self.rows(sale, (PRINCIPAL, '125.50')), ref='222')
        self.assertEqual(self.by_tax(inside), {20.0: -20.0, 5.5: -5.5})

    def test_tax_that_amazon_remits_in_part_is_the_sellers_in_part(self):
        """British Columbia: the province's tax is remitted by Amazon, the country's is the seller's."""
        sale = self.sell(1, self.reduced)
        settlement = self.book(self.rows(sale, (PRINCIPAL, '100.00'), (TAX, '12.50'), (WITHHELD, '-7.00')))
        self.assertEqual(self.by_tax(settlement), {5.5: -5.5})
        self.assertEqual(self.by_tax(settlement, 'tax_ids'), {5.5: -100.0})
        self.assertEqual((self.balance('tax'), settlement.payout_line_id.balance), (-5.5, 105.5),
                         "this tax has no account of its own")

    def test_what_is_not_known_is_said_before(self):
        self.german.settlement_sale_tax_id = self.french
        known = self.sell(1, self.reduced, '105.50')
        settlement = self.import_rows([*self.rows(known, (PRINCIPAL, '105.50')),
                                   row(PRINCIPAL, '120.00', '302-8888888-8888888'),
                                   row(PRINCIPAL, '12.00', '302-9999999-9999999')])
        self.assertIn("2 sales", settlement.notice)
        self.assertIn("132", settlement.notice)
        self.assertIn(self.french.display_name, settlement.notice)
        settlement.action_book()
        self.assertEqual(self.by_tax(settlement), {20.0: -22.0, 5.5: -5.5})

    def test_a_quotation_that_waits_for_its_tax_is_not_known(self):
        self.german.settlement_sale_tax_id = self.french
        sale = self.sell(1, self.reduced, '105.50')
        sale.amazon_inbox_ids.sudo().write({'state': 'error', 'error': "Which tax is it?"})
        sale.state = 'draft'
        settlement = self.import_rows(self.rows(sale, (PRINCIPAL, '120.00')))
        self.assertIn(sale.amazon_order_ref, settlement.notice)
        settlement.action_book()
        self.assertEqual(self.by_tax(settlement), {20.0: -20.0})

    def test_an_invoice_takes_out_what_was_booked(self):
        """Not what orders, rules and marketplace say when the invoice is posted."""
        self.german.settlement_sale_tax_id = self.reduced
        sale, other = self.sell(1, self.french), self.sell(2, self.french)
        sale.amazon_inbox_ids.sudo().write({'state': 'error', 'error': "Which tax is it?"})
        sale.state = 'draft'
        settlement = self.book([*self.rows(sale, (PRINCIPAL, '120.00')), *self.rows(other, (PRINCIPAL, '120.00'))])
        self.assertEqual(self.by_tax(settlement), {5.5: -6.26, 20.0: -20.0})
        rule, used = settlement.line_ids.rule_id, self.account('sales')
        rule.account_id = used.copy({'code': '409999'})
        self.german.settlement_sale_tax_id = self.export
        other.order_line.tax_ids = self.export._amazon_get_included()
        sale.state = 'sale'
        sale.order_line.qty_delivered = other.order_line.qty_delivered = 1
        (sale._create_invoices() | other._create_invoices()).action_post()
        self.assertEqual(self.by_tax(settlement), {5.5: 0, 20.0: 0})
        self.assertEqual(self.by_tax(settlement, 'tax_ids'), {5.5: 0, 20.0: 0})
        self.assertAlmostEqual(
            sum(settlement.move_ids.line_ids.filtered(lambda line: line.account_id == used).mapped('balance')), 0)
        settlement.action_cancel()
        self.assertFalse(any(settlement.line_ids.mapped('booked_as')), "decided anew")

    def test_settlements_of_before_had_the_tax_of_the_marketplace(self):
        self.german.settlement_sale_tax_id = self.reduced
        sale = self.sell(1, self.french)
        settlement = self.book(self.rows(sale, (PRINCIPAL, '120.00')))
        settlement.line_ids.booked_as = False
        migration = load_script('amazon_connector/migrations/1.5.0/post-settlement-taxes.py', 'migration')
        for _time in range(2):
            migration.migrate(self.env.cr, '19.0.1.4.0')
            self.env.invalidate_all()
        self.assertEqual(settlement.line_ids.booked_as['taxes'], self.reduced.ids)

    def test_rows_without_an_item_have_the_tax_of_an_order_with_one(self):
        sale = self.sell(1, self.reduced, '105.50')
        settlement = self.book([row(PRINCIPAL, '105.50', sale.amazon_order_ref)])
        self.assertEqual(self.by_tax(settlement), {5.5: -5.5})

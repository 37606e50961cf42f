from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .tax_common import TaxCase


@tagged('post_install', '-at_install')
class TestStatedRights(TaxCase):
    """The tax that Amazon stated is written by the connector alone; copies that users make keep it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {name: new_test_user(cls.env, f'stated_{name}', groups=groups, company_id=cls.company.id,
                                         company_ids=[Command.set(cls.company.ids)])
                     for name, groups in (('salesman', 'sales_team.group_sale_salesman_all_leads'),
                                          ('manager', 'sales_team.group_sale_manager'),
                                          ('stock', 'stock.group_stock_manager'),
                                          ('accountant', 'account.group_account_manager'))}

    def setUp(self):
        super().setUp()
        self.product.invoice_policy = 'order'
        self.sale = self.sell('11.92', '1.92', quantity=4).sale_order_id
        self.line = self.sale.order_line
        self.forged = {**self.line.extra_tax_data, 'manual_total_excluded_currency': 11.0, 'manual_tax_amounts': {
            tax: {'base_amount_currency': 11.0, 'tax_amount_currency': 0.92}
            for tax in self.line.extra_tax_data['manual_tax_amounts']}}

    def as_user(self, name, records):
        self.env.flush_all()
        return records.with_user(self.users[name]).with_context(allowed_company_ids=self.company.ids)

    def invoice(self):
        invoice = self.as_user('salesman', self.sale)._create_invoices().sudo()
        self.assertEqual((invoice.amount_total, invoice.amount_tax), (11.92, 1.92))
        return invoice

    def test_nobody_says_which_tax_amazon_stated(self):
        invoice, values = self.invoice(), {'extra_tax_data': self.forged}
        new = {'product_id': self.product.id, 'price_unit': 2.98, **values}
        for name in self.users:
            sale, line = self.as_user(name, self.sale), self.as_user(name, self.line)
            move, item = self.as_user(name, invoice), self.as_user(name, invoice.invoice_line_ids)
            for attack in (lambda line=line: line.write(values), lambda item=item: item.write(values),
                           lambda sale=sale: sale.write({'order_line': [Command.update(self.line.id, values)]}),
                           lambda sale=sale: sale.write({'order_line': [Command.create(new)]}),
                           lambda move=move: move.write({'invoice_line_ids': [Command.create(new)]}),
                           lambda sale=sale: sale.copy({'order_line': [Command.create(new)]}),
                           lambda sale=sale: sale.create({'partner_id': self.sale.partner_id.id, 'order_line': [
                               Command.create(new)]}),
                           lambda line=line: line.with_context(default_extra_tax_data=self.forged).create(
                               {'order_id': self.sale.id, 'product_id': self.product.id})):
                with self.assertRaises(AccessError):
                    attack()
        self.assertFalse(self.as_user('salesman', self.line).copy({'order_id': self.sale.id, **values}).extra_tax_data)
        self.assertEqual(self.line.price_tax, 1.92)

    def test_credit_notes_of_accountants_keep_it(self):
        invoice = self.invoice()
        move = self.as_user('accountant', invoice)
        move.action_post()
        wizard = self.as_user('accountant', self.env['account.move.reversal']).with_context(
            active_model='account.move', active_ids=invoice.ids).create({'journal_id': invoice.journal_id.id})
        note = self.env['account.move'].browse(wizard.reverse_moves()['res_id'])
        self.assertEqual((note.move_type, note.amount_total, note.amount_tax), ('out_refund', 11.92, 1.92))
        self.assertEqual(note.invoice_line_ids.extra_tax_data, self.line.extra_tax_data)

    def test_invoices_that_are_made_anew_keep_it(self):
        invoice = self.invoice()
        self.as_user('accountant', invoice).action_post()
        wizard = self.as_user('accountant', self.env['account.move.reversal']).with_context(
            active_model='account.move', active_ids=invoice.ids).create({'journal_id': invoice.journal_id.id})
        anew = self.env['account.move'].browse(wizard.modify_moves()['res_id'])
        self.assertEqual((anew.move_type, anew.amount_total, anew.amount_tax), ('out_invoice', 11.92, 1.92))

    def test_duplicates_of_users_have_the_usual_tax(self):
        for name, document in (('salesman', self.sale), ('accountant', self.invoice())):
            copied, usual = self.as_user(name, document).copy(), document.copy()
            self.assertEqual((copied.amount_total, copied.amount_tax), (usual.amount_total, usual.amount_tax), name)
            lines = copied.order_line if name == 'salesman' else copied.invoice_line_ids
            self.assertFalse(any(lines.mapped('extra_tax_data')), name)

    def test_down_payments_of_users_work(self):
        # Odoo 17 books the first one with a product, which salesmen may not create.
        if 'sale_down_payment_product_id' in self.company._fields:
            self.company.sale_down_payment_product_id = self.env['product.product'].create({
                'name': "Down payment", 'type': 'service', 'invoice_policy': 'order'})
        wizard = self.as_user('salesman', self.env['sale.advance.payment.inv']).with_context(
            active_model='sale.order', active_ids=self.sale.ids).create(
            {'advance_payment_method': 'percentage', 'amount': 50})
        wizard.create_invoices()
        first = self.sale.invoice_ids
        self.assertTrue(first.amount_total)
        self.as_user('accountant', first).action_post()
        last = self.as_user('salesman', self.sale)._create_invoices(final=True).sudo()
        self.assertAlmostEqual(first.amount_total + last.amount_total, 11.92)

    def test_lines_of_users_own_orders_are_made_as_ever(self):
        own = self.env['res.partner'].create({'name': "Own"})
        sale = self.as_user('salesman', self.env['sale.order']).create({
            'partner_id': own.id, 'order_line': [Command.create({'product_id': self.product.id,
                                                                 'extra_tax_data': False})]})
        self.assertFalse(sale.order_line.extra_tax_data)

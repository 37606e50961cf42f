from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.account.models.account_move_line import AccountMoveLine

from .tax_common import TaxCase


@tagged('post_install', '-at_install')
class TestStatedLines(TaxCase):
    """Odoo computes the tax that Amazon stated wherever it computes a line, beside what other modules want of it."""

    def setUp(self):
        super().setUp()
        self.line = self.sell('11.92', '1.92', quantity=4).sale_order_id.order_line

    def compute(self, base_line):
        """Return the net amount and the total of a line."""
        values = self.env['account.tax']._compute_taxes([base_line])['base_lines_to_update'][0][1]
        return values['price_subtotal'], values['price_total']

    def test_lines_of_bills_keep_the_context_that_other_modules_need(self):
        bill = self.env['account.move'].create({
            'move_type': 'in_invoice', 'partner_id': self.line.order_id.partner_id.id,
            'invoice_line_ids': [Command.create({
                'name': "Expense", 'price_unit': 119.0,
                'tax_ids': [Command.set(self.company.account_purchase_tax_id.ids)]})]})
        original = AccountMoveLine._convert_to_tax_base_line_dict

        def force(line):
            # As the module for expenses does, whose amounts include tax.
            return {**original(line), 'extra_context': {'force_price_include': True}}
        with patch.object(AccountMoveLine, '_convert_to_tax_base_line_dict', force):
            base_line = bill.invoice_line_ids._convert_to_tax_base_line_dict()
        self.assertEqual(self.compute(base_line), (100.0, 119.0))

    def test_lines_of_orders_keep_the_context_that_is_asked_for(self):
        quotation = self.env['sale.order'].create({
            'partner_id': self.line.order_id.partner_id.id,
            'order_line': [Command.create({
                'product_id': self.product.id, 'price_unit': 119.0,
                'tax_id': [Command.set(self.company.account_sale_tax_id.ids)]})]})
        asked = {'force_price_include': True}
        base_line = quotation.order_line._convert_to_tax_base_line_dict(extra_context=asked)
        self.assertEqual((self.compute(base_line), asked), ((100.0, 119.0), {'force_price_include': True}))
        base_line = self.line._convert_to_tax_base_line_dict(extra_context={'other': True})
        self.assertEqual((self.compute(base_line), base_line['extra_context']['other']), ((10.0, 11.92), True))

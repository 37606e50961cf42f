from odoo.fields import Command
from odoo.tests import tagged

from .tax_common import TaxCase


@tagged('post_install', '-at_install')
class TestStatedTaxes(TaxCase):
    """Amazon rounds tax by piece or by line; documents keep what it stated, to the cent."""

    def test_a_negative_invoice_that_becomes_a_credit_note_keeps_its_tax(self):
        goods = self.sell('11.92', '1.92', quantity=4).sale_order_id.order_line
        taxes = goods.tax_ids
        data = {'currency_id': goods.currency_id.id, 'price_unit': -11.92, 'discount': 0.0, 'quantity': 1.0,
                'manual_total_excluded_currency': -10.0,
                'manual_tax_amounts': {str(taxes.id): {'base_amount_currency': -10.0, 'tax_amount_currency': -1.92}}}
        invoice = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': goods.order_id.partner_id.id,
            'invoice_line_ids': [Command.create({
                'product_id': goods.product_id.id, 'quantity': 1.0, 'price_unit': -11.92,
                'tax_ids': [Command.set(taxes.ids)], 'extra_tax_data': data})]})
        self.assertEqual((invoice.amount_total, invoice.amount_tax), (-11.92, -1.92))
        invoice.action_switch_move_type()
        self.assertEqual((invoice.move_type, invoice.amount_total, invoice.amount_tax), ('out_refund', 11.92, 1.92))
        self.assertEqual(sorted(invoice.line_ids.mapped('balance')), [-11.92, 1.92, 10.0])

from odoo.fields import Command
from odoo.tests import tagged

from .tax_common import TaxCase


@tagged('post_install', '-at_install')
class TestStatedReturns(TaxCase):
    """Lines of goods that come back have the tax that Amazon stated for the sale."""

    def test_what_comes_back_has_the_tax_with_the_other_sign(self):
        goods = self.sell('11.92', '1.92', quantity=4).sale_order_id.order_line
        invoice = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': goods.order_id.partner_id.id,
            'invoice_line_ids': [Command.create(goods._prepare_invoice_line(quantity=-4))]})
        self.assertEqual((invoice.amount_total, invoice.amount_tax), (-11.92, -1.92))
        invoice.action_switch_move_type()
        self.assertEqual((invoice.move_type, invoice.amount_total, invoice.amount_tax), ('out_refund', 11.92, 1.92))

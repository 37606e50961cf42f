from odoo.tests import tagged

from .tax_common import TaxCase


@tagged('post_install', '-at_install')
class TestStatedLines(TaxCase):
    """Odoo computes the tax that Amazon stated wherever it computes a line."""

    def setUp(self):
        super().setUp()
        self.line = self.sell('11.92', '1.92', quantity=4).sale_order_id.order_line
        self.tax = str(self.line.tax_id.id)

    def prepare(self, **values):
        return self.env['account.tax']._prepare_base_line_for_taxes_computation(
            self.line, tax_ids=self.line.tax_id, quantity=self.line.product_uom_qty,
            **{'partner_id': self.line.order_id.partner_id, 'currency_id': self.line.currency_id, **values})

    def test_the_net_amount_is_stated_where_odoo_rounds_by_it(self):
        """Odoo rounds the net amount by itself since the end of 2025: 10.02 and 1.92 would make 11.94."""
        newer = self.prepare(manual_total_excluded_currency=None)
        self.assertEqual(
            (newer['manual_total_excluded_currency'], newer['manual_tax_amounts'][self.tax]['tax_amount_currency']),
            (10.0, 1.92))
        others = {self.tax: {'tax_amount_currency': 5.0}}
        forced = self.prepare(manual_total_excluded_currency=5.0, manual_tax_amounts=others)
        self.assertEqual((forced['manual_total_excluded_currency'], forced['manual_tax_amounts']), (5.0, others))

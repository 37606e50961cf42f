from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.migration import load_script
from odoo.tests import new_test_user, tagged

from .payloads import item, order
from .settlement_files import PRINCIPAL, row
from .test_settlements import SettlementCase


@tagged('post_install', '-at_install')
class TestOrderTotals(SettlementCase):
    """The total of an order is Amazon's; a salesman may change lines and taxes, but not in silence."""

    def setUp(self):
        super().setUp()
        self.german.fbm_confirm = False
        self.sale = self.receive_sale(order(item(parts=[('ITEM', '119.00'), ('TAX', '19.00')])))
        self.salesman = new_test_user(self.env, 'salesman of totals', groups='sales_team.group_sale_salesman_all_leads',
                                      company_id=self.company.id, company_ids=[Command.set(self.company.ids)])

    def as_salesman(self, records):
        return records.with_user(self.salesman).with_context(allowed_company_ids=self.company.ids)

    def test_an_order_without_its_tax_says_so(self):
        self.assertFalse(self.sale.amazon_problem)
        self.as_salesman(self.sale.order_line).tax_ids = [Command.clear()]
        self.as_salesman(self.sale.order_line).price_unit = 100
        self.assertNotEqual(self.sale.amount_total, 119.0)
        self.env.invalidate_all()
        self.assertIn("119.00", self.as_salesman(self.sale).amazon_problem)
        self.as_salesman(self.sale).action_confirm()
        self.assertEqual(self.sale.state, 'sale')
        self.assertIn("at Amazon",
                      self.sale.message_ids.filtered(lambda message: "119.00" in (message.body or ''))[:1].body)
        settlement = self.import_rows([row(PRINCIPAL, '119.00', self.sale.amazon_order_ref)])
        self.assertIn(self.sale.amazon_order_ref, settlement.notice)

    def test_an_order_as_amazon_has_it_says_nothing(self):
        self.as_salesman(self.sale).action_confirm()
        self.assertFalse(self.sale.amazon_problem)
        settlement = self.import_rows([row(PRINCIPAL, '119.00', self.sale.amazon_order_ref)])
        self.assertNotIn(self.sale.amazon_order_ref, settlement.notice or '')
        self.env.cr.execute("UPDATE sale_order SET amazon_total = NULL WHERE id = %s", [self.sale.id])
        self.env.invalidate_all()
        self.assertFalse(self.sale.amazon_problem, "what was never kept is unknown, not zero")
        load_script('amazon_connector/migrations/1.5.0/post-order-totals.py',
                    'migration').migrate(self.env.cr, '19.0.1.4.0')
        self.env.invalidate_all()
        self.assertEqual(self.sale.amazon_total, 119.0)

    def test_lines_of_amazon_stay_in_their_order(self):
        other = self.env['sale.order'].create({'partner_id': self.sale.partner_id.id})
        own = self.env['sale.order.line'].create(
            {'order_id': other.id, 'product_id': self.sale.order_line.product_id[:1].id})
        for confirmed in (False, True):
            if confirmed:
                self.sale.action_confirm()
            with self.assertRaisesRegex(UserError, "stays there"):
                self.as_salesman(self.sale.order_line[:1]).order_id = other
            with self.assertRaisesRegex(UserError, "stays there"):
                self.as_salesman(other).order_line = [Command.link(self.sale.order_line[:1].id)]
        self.as_salesman(self.sale).order_line = [Command.link(own.id)]
        self.env.invalidate_all()
        self.assertTrue(self.sale.amazon_problem)

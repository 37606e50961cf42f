class TestOrderTotals:

    # In place of 45cb6203: without its tax, a line keeps its price, so that the total is Amazon's.
    def test_an_order_without_its_tax_says_so(self):
        self.assertFalse(self.sale.amazon_problem)
        self.as_salesman(self.sale.order_line).write({'tax_id': [Command.clear()], 'price_unit': 100})
        self.env.invalidate_all()
        self.assertIn("119.00", self.as_salesman(self.sale).amazon_problem)
        self.as_salesman(self.sale).action_confirm()
        self.assertEqual(self.sale.state, 'sale')
        self.assertIn("at Amazon",
                      self.sale.message_ids.filtered(lambda message: "119.00" in (message.body or ''))[:1].body)
        settlement = self.import_rows([row(PRINCIPAL, '119.00', self.sale.amazon_order_ref)])
        self.assertIn(self.sale.amazon_order_ref, settlement.notice)

class TestItalianTaxes:

    # In place of ecfd41d6: the contribution is in the chart of another module.
    def test_four_percent_are_no_contribution_to_social_security(self):
        social = self.make_tax(self.own, "4% INPS", 4)
        self.env['ir.model.data'].create(
            {'module': 'account', 'name': f'{self.own.id}_4vinps', 'model': 'account.tax', 'res_id': social.id})
        row = self.sell('104.00', '4.00')
        if row.state == 'error':
            self.assert_waits(row, "Italy", "4.00 %")
            self.accept(row)
        self.assertEqual(self.assert_taxed(row, 4, 4), self.of_chart('4v'))
        self.assert_taxed(self.sell('122.00', '22.00'), 22, 22)

class TestCharts:

    # In place of 2942fb78: the United States have the generic chart.
    def test_charts(self):
        for chart, country in (
            ('generic_coa', 'AU'), ('fr', 'FR'), ('de_skr03', 'DE'), ('de_skr04', 'DE'), ('uk', 'UK'), ('it', 'IT'),
            ('es_pymes', 'ES'), ('es_full', 'ES'),
        ):
            with self.subTest(chart=chart):
                company = self.make_company(chart, country)
                self.check(company)
                home = company.account_fiscal_country_id.code
                self.assertEqual(
                    self.find_tax(company, country.lower()), LOCAL.get(country), f"{chart}: Amazon's branch invoices its fees")
                if home not in ('US', 'AU', 'GB'):
                    self.assertEqual(
                        self.find_tax(company, 'lu'), REVERSE_CHARGE.get(country), f"{chart}: if they came from Luxembourg")
                self.assertEqual(
                    self.find_tax(company, 'jp'), FROM_OUTSIDE.get(country), f"{chart}: if they came from outside of Europe")

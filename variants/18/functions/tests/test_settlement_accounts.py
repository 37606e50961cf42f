class TestSettlementAccounts:

    # In place of 35c4da1f: companies are checked on every change, so the marketplace moves after it.
    def test_a_marketplace_of_another_company_is_left_alone(self):
        other = self.env['res.company'].create({'name': "Elsewhere"})
        setup = self.env['amazon.settlement.setup'].create({})
        line = setup.market_ids.filtered(lambda line: line.marketplace_id == self.german)
        line.fee_tax_id = self.company.account_purchase_tax_id
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_seller_marketplace SET company_id = %s, warehouse_id = NULL WHERE id = %s",
                            (other.id, self.german.id))
        self.env.invalidate_all()
        setup.action_apply()
        self.assertFalse(self.german.settlement_fee_tax_id)

class TestCharts:

    # In place of 2942fb78: the United States have no chart of their own.
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
                    self.find_tax(company, country.lower()), LOCAL.get(country),
                    f"{chart}: Amazon's branch invoices its fees")
                if home not in ('US', 'AU', 'GB'):
                    self.assertEqual(
                        self.find_tax(company, 'lu'), REVERSE_CHARGE.get(country),
                        f"{chart}: if they came from Luxembourg")
                self.assertEqual(
                    self.find_tax(company, 'jp'), FROM_OUTSIDE.get(country),
                    f"{chart}: if they came from outside of Europe")

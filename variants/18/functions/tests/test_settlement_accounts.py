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

class TestTaxesOfEarlierVersions:

    # In place of 56da43c7: a copy of a tax is in no fiscal position.
    def copy_of(self, tax, **vals):
        return tax.copy({
            'name': f"{tax.name} (Amazon, included)", 'price_include_override': 'tax_included',
            'include_base_amount': False,
            'amazon_fiscal_position_ids': [Command.set(tax.amazon_fiscal_position_ids.ids)],
            'amazon_original_tax_ids': [Command.set(tax.amazon_original_tax_ids.ids)], **vals})

class AccountTax:

    # In place of c1647972: there is no `_get_tax_details`.
    def _amazon_get_usual_price(self, price):
        """Return what a price with these taxes is with their originals, where the buyer pays the same."""
        parts = self.with_context(round=False, round_base=False).compute_all(price)['taxes']
        return price - sum(part['amount'] for part in parts if self.browse(part['id']).amazon_original_id)

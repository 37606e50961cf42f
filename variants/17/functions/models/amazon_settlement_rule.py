class AmazonSettlementRule:

    # In place of e5947eff: there is no `_get_tax_details`.
    def _get_net_share(self, market):
        """Return the part of the amounts of this rule that is no tax which can be claimed back, at most 1."""
        taxes = self._get_purchase_tax(market)
        if not taxes:
            return 1.0
        inside = taxes._amazon_get_inside_mode() == 'total_included'
        exact = taxes.with_context(round=False, round_base=False, force_price_include=inside)
        return exact.compute_all(1.0)['total_excluded']

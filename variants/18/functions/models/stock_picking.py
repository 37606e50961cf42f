class StockPicking:

    # In place of 511a8e2c: the table has no alias.
    def _read_group_groupby(self, groupby_spec, query):
        if groupby_spec != 'amazon_risk':
            return super()._read_group_groupby(groupby_spec, query)
        self._amazon_flush_risk()
        return self._amazon_risk_sql(self._table)

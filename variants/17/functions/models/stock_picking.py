class StockPicking:

    # In place of 48009bd4: with the fields that it needs.
    def _read_group_groupby(self, groupby_spec, query):
        if groupby_spec != 'amazon_risk':
            return super()._read_group_groupby(groupby_spec, query)
        self._amazon_flush_risk()
        return self._amazon_risk_sql(self._table), ['amazon_risk']

    # New: all columns of the kanban view are shown.
    @api.model
    def _group_expand_amazon_risk(self, _values, _domain, _order):
        return [value for value, _label in self._fields['amazon_risk'].selection]

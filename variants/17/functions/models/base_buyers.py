class Base:

    # Left out 7e7203bb: `_name_search` searches as all else does.
    def _search_display_name(self, operator, value):
        pass

    # In place of ded4eecc: with the fields that it needs.
    def _read_group_groupby(self, groupby_spec, query):
        """Group buyers by their addresses for those who may read them, also where other documents are grouped by their
        partner's.
        """
        sql, names = super()._read_group_groupby(groupby_spec, query)
        return (self._amazon_hide_sql(self._table, sql) if self._amazon_find_hidden([groupby_spec]) else sql), names

    # In place of 5e000074: with the fields that it needs.
    def _read_group_select(self, aggregate_spec, query):
        """Aggregate addresses without those of buyers for users who may not read them, whether the result is shown,
        compared (`having`) or sorted by.
        """
        sql, names = super()._read_group_select(aggregate_spec, query)
        if not self._amazon_find_hidden([aggregate_spec]):
            return sql, names
        return SQL("%s FILTER (WHERE NOT %s)", sql, self._amazon_get_buyer_sql(self._table)), names

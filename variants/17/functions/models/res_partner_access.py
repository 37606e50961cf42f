class ResPartner:

    # Left out 7e7203bb: `_name_search` searches as all else does.
    def _search_display_name(self, operator, value):
        pass

    # In place of 14e906a0: with the fields that it needs.
    def _read_group_groupby(self, groupby_spec, query):
        """Group buyers by their addresses for those who may read them, also where other documents are grouped by their
        partner's.
        """
        sql, names = super()._read_group_groupby(groupby_spec, query)
        return (self._amazon_hide_sql(self._table, sql) if self._amazon_is_hidden(groupby_spec) else sql), names

    # In place of f6356f95: with the fields that it needs.
    def _read_group_select(self, aggregate_spec, query):
        """Aggregate addresses without those of buyers for users who may not read them, whether the result is shown,
        compared (`having`) or sorted by.
        """
        sql, names = super()._read_group_select(aggregate_spec, query)
        if not self._amazon_is_hidden(aggregate_spec):
            return sql, names
        return SQL("%s FILTER (WHERE NOT %s)", sql, self._amazon_get_buyer_sql(self._table)), names

    # New: the chatter reads attributes.
    def mail_partner_format(self, fields=None):
        """Return what the chatter shows of partners, without e-mail addresses that the user may not see."""
        result = super().mail_partner_format(fields=fields)
        for partner, values in result.items():
            if 'email' in values:
                values['email'] = partner._amazon_get_shown_email()
        return result

    # Left out bc7b06ac: see `mail_partner_format`.
    def _to_store(self, store, /, **options):
        pass

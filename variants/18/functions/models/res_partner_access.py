from odoo.osv import expression


class ResPartner:

    # In place of 00000000: domains are lists.
    @api.model
    def _amazon_restrict(self, domain):
        """Return a domain in which conditions on addresses match no buyers, so that nobody finds out values by
        searching for them.
        """
        if self.env.su or self._amazon_may_see():
            return domain
        visible, hidden = self._amazon_get_visible_domain(), self._amazon_get_hidden()
        parts = []
        # In its normal form each condition is at its own place: "not (a and b)" has become "not a or not b".
        for condition in expression.distribute_not(expression.normalize_domain(domain)):
            named = isinstance(condition, (list, tuple)) and str(condition[0]).split('.')[0] in hidden
            parts += ['&', *visible_part, condition] if (visible_part := named and expression.normalize_domain(visible)) else [condition]
        return parts

    # In place of 00000000: the table has no alias.
    def _read_group_groupby(self, groupby_spec, query):
        """Group buyers by their addresses for those who may read them, also where other documents are grouped by their
        partner's.
        """
        sql = super()._read_group_groupby(groupby_spec, query)
        return self._amazon_hide_sql(self._table, sql) if self._amazon_is_hidden(groupby_spec) else sql

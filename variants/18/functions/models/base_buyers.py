from odoo.osv import expression


class Base:

    # In place of a0e0a043: domains are lists.
    @api.model
    def _amazon_restrict(self, domain):
        """Return a domain in which conditions on addresses match no buyers, so that nobody finds out values by
        searching for them.
        """
        if self.env.su or self.env['res.partner']._amazon_may_read_buyers():
            return domain
        parts = []
        # `distribute_not` leaves no "not" above a condition: each keeps its place. (1, '=', 1) names no field.
        for part in expression.distribute_not(expression.normalize_domain(domain)):
            is_condition = not isinstance(part, str) and isinstance(part[0], str)
            parts += (self._amazon_restrict_condition(*part) if is_condition else []) or [part]
        return parts

    # In place of ea5fc134: the table has no alias.
    def _read_group_groupby(self, groupby_spec, query):
        """Group buyers by their addresses for those who may read them, also where other documents are grouped by their
        partner's.
        """
        sql = super()._read_group_groupby(groupby_spec, query)
        return self._amazon_hide_sql(self._table, sql) if self._amazon_find_hidden([groupby_spec]) else sql

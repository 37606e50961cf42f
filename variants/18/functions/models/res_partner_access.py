from odoo.osv import expression


class ResPartner:

    # In place of 09454940: domains are lists.
    @api.model
    def _amazon_get_visible_domain(self):
        return ['&', ('amazon_is_buyer', '!=', True),
                '|', ('parent_id', '=', False), ('parent_id.amazon_is_buyer', '!=', True)]

    # In place of ae239ca1: domains are lists.
    @api.model
    def _amazon_restrict(self, domain):
        """Return a domain in which conditions on addresses match no buyers, so that nobody finds out values by
        searching for them.
        """
        if self.env.su or self._amazon_may_read_buyers():
            return domain
        visible, hidden, parts = self._amazon_get_visible_domain(), self._amazon_get_hidden(), []
        # `distribute_not` leaves no "not" above a condition: each keeps its place.
        for condition in expression.distribute_not(expression.normalize_domain(domain)):
            is_hidden = not isinstance(condition, str) and str(condition[0]).split('.')[0] in hidden
            parts += ['&', *visible, condition] if is_hidden else [condition]
        return parts

    # In place of f9855e27: the table has no alias.
    def _read_group_groupby(self, groupby_spec, query):
        """Group buyers by their addresses for those who may read them, also where other documents are grouped by their
        partner's.
        """
        sql = super()._read_group_groupby(groupby_spec, query)
        return self._amazon_hide_sql(self._table, sql) if self._amazon_is_hidden(groupby_spec) else sql

    # Left out ab536eee: see `_to_store`.
    def _to_store_defaults(self, target):
        pass

    # New: what `_to_store_defaults` is for Odoo 19.
    def _to_store(self, store, /, **options):  # pylint: disable=missing-return
        """Add what the chatter shows of partners; it reads followers with `sudo`."""
        super()._to_store(store, **options)
        for partner in self:
            if partner.email and not partner._amazon_get_shown_email():
                store.add(partner, {'email': False})

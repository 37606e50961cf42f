import itertools
import re

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, Query, ormcache

from ..utils.domains import any_of
from ..utils.personal_data import Repeated, find_repeated


class Base(models.AbstractModel):
    """Hide buyers' addresses, in partners and in all records that repeat them, from users who may not read them: where
    values are read, exported, copied, searched, sorted by, grouped and aggregated.

    Other models cost a look into the cache for each call.
    """

    _inherit = 'base'

    # === WHAT IS HIDDEN === #

    @api.model
    @ormcache()
    def _amazon_get_repeated(self):
        """Return which fields repeat a partner's address, and where that partner is (`Repeated`)."""
        if self._abstract or not self._auto:
            return Repeated(frozenset(), ())
        return find_repeated(self.env.registry, self, self.env['res.partner']._amazon_get_hidden())

    @api.model
    def _amazon_get_hidden(self):
        """Return the names of the fields that show more of a buyer than the name."""
        return self._amazon_get_repeated().fields

    @api.model
    def _amazon_find_hidden(self, specs):
        """Return the fields among these, or aggregates or groups of them, that the user of this environment may not
        read of buyers.
        """
        hidden = self._amazon_get_hidden() if not self.env.su else ()
        found = hidden and hidden.intersection(re.split('[.:]', spec)[0] for spec in specs)
        return found if found and not self.env['res.partner']._amazon_may_read_buyers() else ()

    def _amazon_get_buyers(self):
        """Return the buyers whose address these records repeat.

        In a form that is not saved a record names whom the client says; the address is still that of whom is stored.
        """
        records, (_fields, links) = self.sudo(), self._amazon_get_repeated()
        records |= records._origin
        if links:
            return self.env['res.partner'].sudo().union(
                *(records.mapped(link) for link in links))._amazon_filter_hidden()
        return self.env['res.partner'].sudo().union(*(record._amazon_get_buyers_of_document() for record in records))

    def _amazon_get_buyers_of_document(self):
        name = next((self[name] for name in ('res_model', 'model') if name in self._fields), None)
        partners = self.env['res.partner'].sudo()
        if name not in self.env or not self.res_id:
            return partners
        document = self.env[name].sudo().browse(self.res_id).exists()
        buyers = self.env['amazon.access.log'].sudo()._filter_buyers(document)
        return buyers if buyers._name == 'res.partner' else buyers.partner_id

    def _amazon_find_addresses(self):
        """Return what names where the buyers of these records live, or how they are reached: a set of tuples of texts
        in small letters that must stand together.
        """
        return self._amazon_get_buyers()._amazon_find_addresses()

    def _amazon_check_buyers(self, message):
        if self._amazon_get_buyers() and not self.env['res.partner']._amazon_may_read_buyers():
            raise AccessError(message)

    # === READING === #

    def _read_format(self, fnames, load='_classic_read'):
        rows = super()._read_format(fnames, load)
        hidden = self._amazon_get_hidden().intersection(fnames) if not self.env.su else ()
        if not hidden or not self._amazon_get_buyers():
            return rows
        if self.env['res.partner']._amazon_may_read_buyers():
            self.env['amazon.access.log']._log('open', self._amazon_get_buyers())
            return rows
        ids = {record._ids[0] for record in self if record._amazon_get_buyers()}
        for row in rows:
            if row['id'] in ids:
                row.update({field: self._amazon_hide(row[field]) for field in hidden if row[field]})
        return rows

    @api.model
    def _amazon_hide(self, value):
        return [] if isinstance(value, list) else False

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        """Refuse to export buyers' addresses, also below other documents, to users who may not read them."""
        if not self.env.su and self._amazon_get_hidden().intersection(path[0] for path in fields if path):
            self._amazon_check_buyers(self.env._("Addresses of Amazon buyers are exported by the group \"Amazon buyer "
                                                 "data\" only."))
            self.env['amazon.access.log']._log('export', self._amazon_get_buyers())
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    def copy_data(self, default=None):
        """Return the values of copies; users who may not read buyers' addresses may not copy them."""
        vals_list = super().copy_data(default)
        if self._amazon_find_hidden(itertools.chain(*vals_list)):
            self._amazon_check_buyers(self.env._("Amazon buyers are copied by the group \"Amazon buyer data\" only."))
        return vals_list

    def write(self, vals):
        """Change records; one that repeats a buyer's address stays linked with him for users who may not read it."""
        if not self.env.su and vals and self._amazon_get_hidden():
            self._amazon_check_links(vals)
        return super().write(vals)

    def _amazon_check_links(self, vals):
        fields, links = self._amazon_get_repeated()
        links = {link.split('.')[0] for link in links} or {'res_id', 'res_model', 'model'}
        if not links.isdisjoint(vals) and self._amazon_find_hidden(name for name in fields if self._fields[name].store):
            self._amazon_check_buyers(self.env._(
                "Contacts of Amazon buyers are changed by the group \"Amazon buyer data\" only."))

    # === SEARCHING === #

    @api.model
    def _amazon_get_visible_domain(self):
        """Return the domain of the records that repeat no buyer's address."""
        return [('id', 'not in', self._amazon_search_repeating())]

    @api.model
    def _amazon_search_repeating(self):
        """Return the query of the records that repeat a buyer's address, or may do so."""
        links = [link for link in self._amazon_get_repeated().links if self._amazon_is_searchable(link)]
        domain = any_of(['|', (f'{link}.amazon_is_buyer', '=', True), (f'{link}.parent_id.amazon_is_buyer', '=', True)]
                        for link in links) if links else []
        return self.sudo().with_context(active_test=False)._search(domain)

    @api.model
    def _amazon_is_searchable(self, path):
        name, _dot, rest = path.partition('.')
        field = self._fields[name]
        return bool(field._description_searchable) and (
            not rest or self.env[field.comodel_name]._amazon_is_searchable(rest))

    @api.model
    def _amazon_get_buyer_sql(self, alias):
        """Return the SQL condition that a record repeats a buyer's address."""
        return SQL("%s IN %s", SQL.identifier(alias, 'id'), self._amazon_search_repeating().subselect())

    @api.model
    def _amazon_restrict(self, domain):
        """Return a domain in which conditions on addresses match no buyers, so that nobody finds out values by
        searching for them.
        """
        if self.env.su or self.env['res.partner']._amazon_may_read_buyers():
            return domain
        return Domain(domain).map_conditions(lambda condition: Domain(self._amazon_restrict_condition(
            condition.field_expr, condition.operator, condition.value) or condition))

    @api.model
    def _amazon_restrict_condition(self, path, operator, value):
        """Return a domain in the place of a condition, or nothing where it may stay.

        Conditions on records further away are restricted here, too: Odoo searches some of these as superuser.
        """
        name, _dot, rest = path.partition('.')
        field = self._fields.get(name)
        if name in self._amazon_get_hidden():
            return ['&', *self._amazon_get_visible_domain(), (path, operator, value)]
        if not field or not field.relational:
            return []
        comodel = self.env[field.comodel_name]
        if rest and comodel._amazon_is_hidden_path(rest):
            return [(name, 'any', comodel._amazon_restrict([(rest, operator, value)]))]
        if not rest and operator in ('any', 'not any') and not isinstance(value, (Query, SQL)):
            return [(name, operator, comodel._amazon_restrict(value))]
        return []

    @api.model
    def _amazon_is_hidden_path(self, path):
        name, _dot, rest = path.partition('.')
        field = self._fields.get(name)
        return name in self._amazon_get_hidden() or bool(
            rest and field and field.relational and self.env[field.comodel_name]._amazon_is_hidden_path(rest))

    @api.model
    def _search(self, domain, *args, **kwargs):
        return super()._search(self._amazon_restrict(domain), *args, **kwargs)

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        return domain if domain is NotImplemented else self._amazon_restrict(domain)

    def _read_group_groupby(self, alias, groupby_spec, query):
        """Group buyers by their addresses for those who may read them, also where other documents are grouped by their
        partner's.
        """
        expression = super()._read_group_groupby(alias, groupby_spec, query)
        return self._amazon_hide_sql(alias, expression) if self._amazon_find_hidden([groupby_spec]) else expression

    @api.model
    def _amazon_hide_sql(self, alias, expression):
        """Return SQL of a value that is NULL where it is a buyer's."""
        return SQL("CASE WHEN %s THEN NULL ELSE %s END", self._amazon_get_buyer_sql(alias), expression)

    def _read_group_select(self, aggregate_spec, query):
        """Aggregate addresses without those of buyers for users who may not read them, whether the result is shown,
        compared (`having`) or sorted by.
        """
        expression = super()._read_group_select(aggregate_spec, query)
        if not self._amazon_find_hidden([aggregate_spec]):
            return expression
        return SQL("%s FILTER (WHERE NOT %s)", expression, self._amazon_get_buyer_sql(self._table))

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Sort by addresses without those of buyers for users who may not read them."""
        if not self._amazon_find_hidden([field_name]):
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        expression = self._amazon_hide_sql(alias, self._field_to_sql(alias, field_name, query))
        return SQL("%s %s %s", expression, direction, nulls)

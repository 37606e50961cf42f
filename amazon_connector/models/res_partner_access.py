from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

# Who needs buyers' addresses for the work: they send parcels and write invoices, or were given the group.
GROUPS = ('amazon_connector.group_amazon_buyer_data', 'stock.group_stock_user', 'account.group_account_invoice')
HIDDEN = frozenset({
    'street', 'street2', 'street_name', 'street_number', 'street_number2', 'zip', 'city', 'contact_address', 'contact_address_complete',
    'contact_address_inline', 'partner_latitude', 'partner_longitude', 'email', 'email_formatted', 'email_normalized', 'phone', 'phone_sanitized',
    'phone_mobile_search', 'phone_sanitized_blacklisted', 'vat', 'company_registry', 'comment', 'amazon_email', 'amazon_key'})
DISPLAY_CONTEXT = ('show_address', 'show_email', 'show_vat', 'address_inline')


class ResPartner(models.Model):
    """Buyers' addresses for those who need them. What is hidden is hidden where values leave Odoo, so that jobs and
    taxes compute as ever.
    """

    _inherit = 'res.partner'

    @api.model
    def _amazon_may_see(self):
        """Whether the user of this environment may read buyers' addresses, whatever `sudo` says."""
        return self.env.uid == SUPERUSER_ID or any(self.env.user.has_group(group) for group in GROUPS)

    def _amazon_filter_hidden(self):
        """Return Amazon's buyers among these partners, and contacts below them, which repeat their address."""
        return self.filtered(lambda partner: partner.sudo().amazon_is_buyer or partner.sudo().parent_id.amazon_is_buyer)

    @api.model
    def _amazon_get_visible_domain(self):
        return Domain('amazon_is_buyer', '!=', True) & (Domain('parent_id', '=', False) | Domain('parent_id.amazon_is_buyer', '!=', True))

    # === READING === #

    def _read_format(self, fnames, load='_classic_read'):
        rows = super()._read_format(fnames, load)
        hidden = HIDDEN.intersection(fnames)
        if not hidden or self.env.su:
            return rows
        buyers = self._amazon_filter_hidden()
        if self._amazon_may_see():
            self.env['amazon.access.log']._log('open', buyers)
            return rows
        ids, text = set(buyers.ids), self.env._("(hidden)")
        for row in rows:
            if row['id'] in ids:
                row.update({field: text if isinstance(row[field], str) else False for field in hidden if row[field]})
        return rows

    @api.depends_context('uid')
    def _compute_display_name(self):  # pylint: disable=missing-return
        """Names with addresses are computed with `sudo` where other records name a partner."""
        hidden = self.browse()
        if any(self.env.context.get(key) for key in DISPLAY_CONTEXT) and not self._amazon_may_see():
            hidden = self._amazon_filter_hidden()
        super(ResPartner, self - hidden)._compute_display_name()
        plain = hidden.with_context(**dict.fromkeys(DISPLAY_CONTEXT, False))
        super(ResPartner, plain)._compute_display_name()
        for partner, named in zip(hidden, plain, strict=True):
            partner.display_name = named.display_name

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        """Export, also below other documents: whoever may not read buyers' addresses may not export them."""
        if not self.env.su and HIDDEN.intersection(path[0] for path in fields if path):
            buyers = self._amazon_filter_hidden()
            if buyers and not self._amazon_may_see():
                raise AccessError(self.env._("Addresses of Amazon buyers are exported by the group \"Amazon buyer data\" only."))
            self.env['amazon.access.log']._log('export', buyers)
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    def copy_data(self, default=None):
        """Return the values of copies; whoever may not read buyers' addresses may not copy them."""
        if not self.env.su and not self._amazon_may_see() and self._amazon_filter_hidden():
            raise AccessError(self.env._("Amazon buyers are copied by the group \"Amazon buyer data\" only."))
        return super().copy_data(default)

    # === CONTACTS BELOW BUYERS, WHICH TAKE THEIR ADDRESS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Create partners; below a buyer only by whom may read the address that is copied."""
        self._amazon_check_parents(self.browse([vals['parent_id'] for vals in vals_list if vals.get('parent_id')]))
        return super().create(vals_list)

    def write(self, vals):
        """Write partners; below a buyer, or away from there, they are moved only by whom may read its address."""
        if 'parent_id' in vals:
            self._amazon_check_parents(self.parent_id | self.browse(vals['parent_id'] or ()))
        return super().write(vals)

    @api.onchange('parent_id')
    def onchange_parent_id(self):
        """Suggest the address of the partner above, where the user may read it."""
        if not self.env.su and not self._amazon_may_see() and self.parent_id._amazon_filter_hidden():
            return {}
        return super().onchange_parent_id()

    @api.model
    def _amazon_check_parents(self, parents):
        if parents and not self.env.su and not self._amazon_may_see() and parents._amazon_filter_hidden():
            raise AccessError(self.env._("Contacts of Amazon buyers are changed by the group \"Amazon buyer data\" only."))

    # === SEARCHING === #

    @api.model
    def _amazon_restrict(self, domain):
        """Return a domain in which conditions on addresses match no buyers, so that nobody finds out values by
        searching for them.
        """
        if self.env.su or self._amazon_may_see():
            return Domain(domain)
        visible = self._amazon_get_visible_domain()
        return Domain(domain).map_conditions(
            lambda condition: condition & visible if condition.field_expr.split('.')[0] in HIDDEN else condition)

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
        if self.env.su or groupby_spec.split(':')[0] not in HIDDEN or self._amazon_may_see():
            return expression
        return SQL(
            """CASE WHEN %(buyer)s OR EXISTS (SELECT 1 FROM res_partner above
                                        WHERE above.id = %(parent)s AND above.amazon_is_buyer) THEN NULL
                    ELSE %(expression)s END""",
            buyer=SQL.identifier(alias, 'amazon_is_buyer'), parent=SQL.identifier(alias, 'parent_id'), expression=expression)

    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), *args, **kwargs):
        return super()._read_group(self._amazon_restrict_aggregates(domain, aggregates), groupby, aggregates, *args, **kwargs)

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), *args, **kwargs):
        return super()._read_grouping_sets(self._amazon_restrict_aggregates(domain, aggregates), grouping_sets, aggregates, *args, **kwargs)

    @api.model
    def _amazon_restrict_aggregates(self, domain, aggregates):
        hidden = HIDDEN.intersection(spec.split(':')[0] for spec in aggregates)
        return Domain(domain) & self._amazon_get_visible_domain() if hidden and not self.env.su and not self._amazon_may_see() else domain

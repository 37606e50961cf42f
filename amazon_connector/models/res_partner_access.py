from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, ormcache

from odoo.addons.mail.tools.discuss import Store

from ..utils.personal_data import find_hidden

# Users who need buyers' addresses for their work: they send parcels or write invoices, or were given the group.
GROUPS = ('amazon_connector.group_amazon_buyer_data', 'stock.group_stock_user', 'account.group_account_invoice')
DISPLAY_CONTEXT = ('show_address', 'show_email', 'show_vat', 'address_inline')
# What names where a buyer lives or how he is reached; a postcode does so together with its city only.
TELLING = ('street', 'street2', 'email', 'email_normalized', 'phone', 'phone_sanitized', 'mobile', 'vat',
           'company_registry', 'peppol_endpoint', 'l10n_it_codice_fiscale')
# With these it is another address, or another's.
ADDRESS = {*TELLING, 'zip', 'city', 'parent_id', 'amazon_is_buyer'}


class ResPartner(models.Model):
    """Show buyers' addresses to users who need them only. They are hidden where values leave Odoo, so that jobs and
    taxes can still compute with them.
    """

    _inherit = 'res.partner'

    @api.model
    def _amazon_may_read_buyers(self):
        """Return whether the user of this environment may read buyers' addresses, whatever `sudo` says."""
        return self.env.uid == SUPERUSER_ID or any(self.env.user.has_group(group) for group in GROUPS)

    @api.model
    @ormcache()
    def _amazon_get_hidden(self):
        """Return the names of the fields that show more of a buyer than the name, whichever modules are installed."""
        return find_hidden(self.env.registry, self)

    @api.model
    @ormcache()
    def _amazon_get_repeating(self):
        """Return the names of the models with fields that show more of a buyer than the name."""
        return [name for name in self.env if self.env[name]._auto and not self.env[name]._abstract
                and self.env[name]._amazon_get_hidden()]

    def _amazon_filter_hidden(self):
        """Return Amazon's buyers among these partners, and contacts below them, which repeat their address.

        In a form that is not saved a partner is what the client says; the address is still what is stored.
        """
        return self.filtered(lambda partner: any(
            version.amazon_is_buyer or version.parent_id.amazon_is_buyer
            for version in (partner.sudo(), partner.sudo()._origin)))

    def _amazon_get_buyers(self):
        return self._amazon_filter_hidden()

    def _amazon_find_addresses(self):
        buyers, found = self._amazon_filter_hidden(), set()
        for name in TELLING:
            found |= {(text,) for text in buyers.mapped(name)} if name in self._fields else set()
        found |= {(buyer.zip, buyer.city) for buyer in buyers}
        # Very short texts stand everywhere.
        return {tuple(text.casefold() for text in parts) for parts in found
                if all(text and len(text) > 3 for text in parts)}

    @api.model
    def _amazon_get_visible_domain(self):
        return ['&', ('amazon_is_buyer', '!=', True),
                '|', ('parent_id', '=', False), ('parent_id.amazon_is_buyer', '!=', True)]

    @api.model
    def _amazon_get_buyer_sql(self, alias):
        return SQL(
            """(%(buyer)s IS TRUE OR EXISTS (SELECT 1 FROM res_partner above
                                              WHERE above.id = %(parent)s AND above.amazon_is_buyer))""",
            buyer=SQL.identifier(alias, 'amazon_is_buyer'), parent=SQL.identifier(alias, 'parent_id'))

    # === READING === #

    @api.model
    def _amazon_hide(self, value):
        return self.env._("(hidden)") if isinstance(value, str) else super()._amazon_hide(value)

    def _to_store_defaults(self, target):
        """Return what the chatter shows of a partner; it reads followers with `sudo`."""
        return [Store.Attr('email', lambda partner: partner._amazon_get_shown_email()) if field == 'email' else field
                for field in super()._to_store_defaults(target)]

    def _amazon_get_shown_email(self):
        """Return the e-mail address of a partner where the user may see it, whatever `sudo` says."""
        return self.email if self._amazon_may_read_buyers() or not self._amazon_filter_hidden() else False

    @api.depends_context('uid')
    def _compute_display_name(self):  # pylint: disable=missing-return
        """Compute names without addresses where the user may not read them: other records name a partner with `sudo`.
        """
        hidden = self.browse()
        if any(self.env.context.get(key) for key in DISPLAY_CONTEXT):
            buyers = self._amazon_filter_hidden()
            if self._amazon_may_read_buyers():
                self.env['amazon.access.log']._log('open', buyers)
            else:
                hidden = buyers
        super(ResPartner, self - hidden)._compute_display_name()
        plain = hidden.with_context(**dict.fromkeys(DISPLAY_CONTEXT, False))
        super(ResPartner, plain)._compute_display_name()
        for partner, named in zip(hidden, plain, strict=True):
            partner.display_name = named.display_name

    def action_privacy_lookup(self):
        """Open Odoo's search for a person's data, which repeats the address; users who may not read it get none."""
        self.check_access('read')
        if not self._amazon_may_read_buyers() and self._amazon_filter_hidden():
            raise AccessError(self.env._("Data of Amazon buyers is looked up by the group \"Amazon buyer data\" only."))
        return super().action_privacy_lookup()

    def copy_data(self, default=None):
        """Return the values of copies; users who may not read buyers' addresses may not copy them."""
        if not self.env.su and not self._amazon_may_read_buyers() and self._amazon_filter_hidden():
            raise AccessError(self.env._("Amazon buyers are copied by the group \"Amazon buyer data\" only."))
        return super().copy_data(default)

    # === CONTACTS BELOW BUYERS, WHICH COPY THEIR ADDRESS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Create partners; a contact below a buyer copies its address, so only users who may read it create one."""
        partners = super().create(vals_list)
        self._amazon_check_parents(partners.parent_id)
        return partners

    def write(self, vals):
        """Write partners; texts are held against their new addresses from now on."""
        result = super().write(vals)
        if not ADDRESS.isdisjoint(vals):
            self.env['mail.render.mixin']._amazon_forget_read()
        return result

    @api.onchange('parent_id')
    def onchange_parent_id(self):
        """Suggest the address of the partner above, where the user may read it."""
        if not self.env.su and not self._amazon_may_read_buyers() and self.parent_id._amazon_filter_hidden():
            return {}
        return super().onchange_parent_id()

    @api.model
    def _amazon_check_parents(self, parents):
        if parents and not self.env.su and not self._amazon_may_read_buyers() and parents._amazon_filter_hidden():
            raise AccessError(self.env._("Contacts of Amazon buyers are changed by the group \"Amazon buyer "
                                         "data\" only."))

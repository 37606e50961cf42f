from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL


class ResPartner(models.Model):
    """Keep buyers' addresses off contacts that are not marked as buyers, where they would be neither hidden nor
    deleted.
    """

    _inherit = 'res.partner'

    def write(self, vals):
        """Write partners; buyers are moved below buyers only, and others below others: Odoo copies addresses between a
        contact and the one above it, in both directions.
        """
        if 'parent_id' in vals and not self.env.su:
            self._amazon_check_move(self.browse(vals['parent_id'] or ()))
        return super().write(vals)

    def _amazon_check_move(self, parent):
        """Check that these partners may be moved below another one, or away from where they are.

        :raises AccessError: it is about a buyer, and the user may not read its address
        :raises UserError: a buyer's address would be an unmarked contact's
        """
        hidden = self._amazon_filter_hidden() | self._amazon_find_stored_hidden()
        if not hidden and not parent._amazon_filter_hidden():
            return
        if not self._amazon_may_read_buyers():
            raise AccessError(self.env._("Contacts of Amazon buyers are changed by the group \"Amazon buyer "
                                         "data\" only."))
        stay = hidden if parent._amazon_filter_hidden() else self - hidden
        if not parent:
            stay |= self.filtered(lambda partner: partner.sudo().amazon_is_buyer)
        if self - stay:
            raise UserError(self.env._(
                "Amazon buyers and your own contacts stay apart: Odoo would copy a buyer's address to a contact from "
                "which it is not deleted in time."))

    def _amazon_find_stored_hidden(self):
        """Return the buyers among these partners and contacts below buyers, as they are in the database: where a
        contact is linked from above (`child_ids`), Odoo's cache has it moved already.
        """
        return self.browse(row[0] for row in self.env.execute_query(SQL(
            """SELECT partner.id
                 FROM res_partner partner
            LEFT JOIN res_partner above ON above.id = partner.parent_id
                WHERE partner.id = ANY(%s) AND (partner.amazon_is_buyer OR above.amazon_is_buyer)""", self.ids)))

    def _build_vcard(self):
        """Build the vCard of a contact, which is an export of its address."""
        if not self.env.su:
            buyers = self._amazon_filter_hidden()
            if buyers and not self._amazon_may_read_buyers():
                raise AccessError(self.env._("Addresses of Amazon buyers are exported by the group \"Amazon buyer "
                                             "data\" only."))
            self.env['amazon.access.log']._log('export', buyers)
        return super()._build_vcard()

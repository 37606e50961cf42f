from odoo import models
from odoo.exceptions import AccessError

from ..utils.personal_data import find_addresses, is_personal, scrub


class AmazonOrder(models.Model):
    """Access to orders as Amazon sent them: they name the buyer until they are processed, so reading is restricted and
    logged as for contacts.
    """

    _inherit = 'amazon.order'

    def _read_format(self, fnames, load='_classic_read'):
        rows = super()._read_format(fnames, load)
        if 'payload' not in fnames or self.env.su:
            return rows
        if self.env['res.partner']._amazon_may_read_buyers():
            self._amazon_log_reading('open')
            return rows
        return [{**row, 'payload': scrub(row['payload'])} if row['payload'] else row for row in rows]

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        if not self.env.su and any(path and path[0] == 'payload' for path in fields):
            if not self.env['res.partner']._amazon_may_read_buyers():
                raise AccessError(self.env._("Addresses of Amazon buyers are exported by the group \"Amazon buyer "
                                             "data\" only."))
            self._amazon_log_reading('export')
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    def write(self, vals):
        """Write orders; texts are held against their new addresses from now on."""
        result = super().write(vals)
        if 'payload' in vals:
            self.env['mail.render.mixin']._amazon_forget_read()
        return result

    def _amazon_find_addresses(self):
        return set().union(*(find_addresses(order.payload) for order in self))

    def _amazon_log_reading(self, action):
        self.env['amazon.access.log']._log(action, self.filtered(lambda order: is_personal(order.sudo().payload)))

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.base.models.ir_attachment import condition_values

from ..utils.access import is_bookkeeping

LABELS_HANG_ON = 'stock.picking'
# Fields that say of which field of which record a file is the content.
PLACE = ('res_model', 'res_id', 'res_field')


class IrAttachment(models.Model):
    _inherit = 'ir.attachment'

    @api.model
    def _has_field_access(self, field, operation):
        """Refuse users to put files into readonly fields of this addon: `ir.attachment` asks this for the field of a
        file.
        """
        if operation == 'write' and is_bookkeeping(field) and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    def write(self, vals):
        """Write files; a file can become the content of a field only where the user may write that field."""
        result = super().write(vals)
        if not self.env.su and not vals.keys().isdisjoint(PLACE):
            self._amazon_check_place()
        return result

    def _amazon_check_place(self):
        """Raise an `AccessError` if these files are the content of fields that only this addon writes."""
        for file in self.sudo().filtered(lambda file: file.res_field and file.res_model in self.env):
            field = self.env[file.res_model]._fields.get(file.res_field)
            if field and is_bookkeeping(field):
                self.env[file.res_model].sudo(False)._check_field_access(field, 'write')

    # === LABELS, WHICH NAME BUYERS === #

    def _check_access(self, operation):
        """Refuse files of labels to users who may not read buyers' addresses, whatever their rights to the delivery."""
        result = super()._check_access(operation)
        refused = (self - result[0] if result else self)._amazon_filter_refused()
        if not refused:
            return result
        return (result[0] | refused if result else refused), lambda: AccessError(
            self.env._("Labels name Amazon buyers. They are read by those who send parcels and by the group \"Amazon "
                       "buyer data\"."))

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Search files; with conditions on `res_model` Odoo asks the document alone and not `_check_access`."""
        models_named = condition_values(self, 'res_model', Domain(domain)) or ()
        if (LABELS_HANG_ON in models_named and not self.env.su and not kwargs.get('bypass_access')
            and not self.env['res.partner']._amazon_may_read_buyers()):
            domain = self._amazon_leave_fields_out(Domain(domain))
            domain &= Domain('id', 'not in', self.env['amazon.label']._get_file_sql())
        return super()._search(domain, *args, **kwargs)

    @api.model
    def _amazon_leave_fields_out(self, domain):
        """Return a domain without files that are the content of fields: Odoo leaves them out by itself only of domains
        that name neither `id` nor `res_field`.
        """
        named = {condition.field_expr for condition in domain.iter_conditions()}
        if self.env.context.get('skip_res_field_check') or not named.isdisjoint(('id', 'res_field')):
            return domain
        return domain & Domain('res_field', '=', False)

    def _amazon_filter_refused(self):
        """Return the label files among these that are hidden from the user of this environment; `sudo` reads all."""
        return self.browse() if self.env.su else self._amazon_filter_hidden()

    def _amazon_filter_hidden(self):
        """Return those of these files that are a label's, whatever `sudo` says, where the user may not read addresses.

        Every picture of a website is checked: the database is queried for files of deliveries only.
        """
        files = self.sudo().filtered(lambda file: file.res_model == LABELS_HANG_ON)
        if not files or self.env['res.partner']._amazon_may_read_buyers():
            return self.browse()
        return self.browse(file for file, in self.env.execute_query(SQL(
            "SELECT file FROM %s AS label (file) WHERE file = ANY(%s)", self.env['amazon.label']._get_file_sql(),
            files.ids)))

    def _generate_access_token(self):
        """Return a token with which anybody opens a file; for labels only where the user may read them."""
        self.check_access('read')
        return super()._generate_access_token()

    def _get_raw_access_token(self):
        """Return the token by which the chatter shows a file, called with `sudo`."""
        return False if self._amazon_filter_hidden() else super()._get_raw_access_token()

    def _get_thumbnail_token(self):
        return False if self._amazon_filter_hidden() else super()._get_thumbnail_token()

    # === THE LOG === #

    def _to_http_stream(self):
        """Return the stream of a file; a label or a file of a buyer's order, delivery or invoice is logged."""
        self._amazon_log_download()
        return super()._to_http_stream()

    def _amazon_log_download(self):
        log = self.env['amazon.access.log'].sudo()
        # Labels are attached to deliveries; every picture of a website is downloaded by this method, too.
        labels = self.env['amazon.label'].sudo()
        if self.res_model == 'stock.picking':
            labels = labels.search([('attachment_id', 'in', self.ids)])
        log._log('label', labels)
        if not labels and self.res_model in ('sale.order', 'stock.picking', 'account.move') and self.res_id:
            log._log_documents('download', self.env[self.res_model].sudo().browse(self.res_id).exists())

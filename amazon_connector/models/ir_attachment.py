from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.base.models.ir_attachment import condition_values

from ..utils.access import is_bookkeeping

LABELS_HANG_ON = 'stock.picking'
# Which field of which record a file is.
PLACE = ('res_model', 'res_id', 'res_field')


class IrAttachment(models.Model):
    _inherit = 'ir.attachment'

    @api.model
    def _has_field_access(self, field, operation):
        """Refuse users to put files into readonly fields of this addon: `ir.attachment` asks this of the field that a
        file belongs to, and writing the file is writing the field.
        """
        if operation == 'write' and is_bookkeeping(field) and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    def write(self, vals):
        """Write files; what becomes the content of a field by that is one that the user may write."""
        result = super().write(vals)
        if not self.env.su and not vals.keys().isdisjoint(PLACE):
            self._amazon_check_place()
        return result

    def _amazon_check_place(self):
        """Raise an `AccessError` if these files are the content of fields that this addon keeps: Odoo looks at the place
        of a file before it is written, and users who administrate Odoo are asked nothing.
        """
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
            self.env._("Labels name Amazon buyers. They are read by those who send parcels and by the group \"Amazon buyer data\"."))

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Search files; with conditions on `res_model` Odoo asks the document alone and not `_check_access`."""
        models_named = condition_values(self, 'res_model', Domain(domain)) or ()
        if LABELS_HANG_ON in models_named and not self.env.su and not kwargs.get('bypass_access') and not self.env['res.partner']._amazon_may_read_buyers():
            domain = Domain(domain) & Domain('id', 'not in', self.env['amazon.label']._get_file_sql())
        return super()._search(domain, *args, **kwargs)

    def _amazon_filter_refused(self):
        """Return those of these files that are a label's and hidden from the user of this environment; `sudo` sees all."""
        return self.browse() if self.env.su else self._amazon_filter_hidden()

    def _amazon_filter_hidden(self):
        """Return those of these files that are a label's, whatever `sudo` says, where the user may not read addresses.

        Every picture of a website is asked about: the database is, for files of deliveries alone.
        """
        files = self.sudo().filtered(lambda file: file.res_model == LABELS_HANG_ON)
        if not files or self.env['res.partner']._amazon_may_read_buyers():
            return self.browse()
        return self.browse(file for file, in self.env.execute_query(SQL(
            "SELECT file FROM %s AS label (file) WHERE file = ANY(%s)", self.env['amazon.label']._get_file_sql(), files.ids)))

    def _generate_access_token(self):
        """Make a key with which anybody opens a file; to labels only for those who may read them."""
        self.check_access('read')
        return super()._generate_access_token()

    def _get_raw_access_token(self):
        """Return the key that the chatter shows a file by, which it asks for with `sudo`."""
        return False if self._amazon_filter_hidden() else super()._get_raw_access_token()

    def _get_thumbnail_token(self):
        return False if self._amazon_filter_hidden() else super()._get_thumbnail_token()

    # === THE LOG === #

    def _to_http_stream(self):
        """Answer a file; a label, and what hangs on a buyer's order, delivery or invoice, leaves a line in the access
        log.
        """
        self._amazon_log_download()
        return super()._to_http_stream()

    def _amazon_log_download(self):
        log = self.env['amazon.access.log'].sudo()
        # Labels hang on deliveries; every picture of a website comes by here, too.
        labels = self.env['amazon.label'].sudo()
        if self.res_model == 'stock.picking':
            labels = labels.search([('attachment_id', 'in', self.ids)])
        log._log('label', labels)
        if not labels and self.res_model in ('sale.order', 'stock.picking', 'account.move') and self.res_id:
            log._log_documents('download', self.env[self.res_model].sudo().browse(self.res_id).exists())

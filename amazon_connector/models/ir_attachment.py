from odoo import api, models

from ..utils.access import is_bookkeeping


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

    def _to_http_stream(self):
        """Answer a file; a label, and what hangs on a buyer's order, delivery or invoice, leaves a line in the access
        log.
        """
        self._amazon_note_download()
        return super()._to_http_stream()

    def _amazon_note_download(self):
        log = self.env['amazon.access.log'].sudo()
        # Labels hang on deliveries; every picture of a website comes by here, too.
        labels = self.env['amazon.label'].sudo()
        if self.res_model == 'stock.picking':
            labels = labels.search([('attachment_id', 'in', self.ids)])
        log._log('label', labels)
        if not labels and self.res_model in ('sale.order', 'stock.picking', 'account.move') and self.res_id:
            log._log_documents('download', self.env[self.res_model].sudo().browse(self.res_id).exists())

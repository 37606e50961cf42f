from odoo import models


class IrBinary(models.AbstractModel):
    _inherit = 'ir.binary'

    def _record_to_stream(self, record, field_name):
        """Answer a file; a label, and what hangs on a buyer's order, delivery or invoice, leaves a line in the access
        log.
        """
        if record._name == 'ir.attachment':
            record._amazon_log_download()
        return super()._record_to_stream(record, field_name)

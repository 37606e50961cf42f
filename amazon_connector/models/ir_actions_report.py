from odoo import models
from odoo.exceptions import AccessError

PRINTED = ('sale.order', 'stock.picking', 'account.move', 'res.partner')


class IrActionsReport(models.Model):
    _inherit = 'ir.actions.report'

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        """Print documents and log it; documents that Odoo sends or stores without a download are printed here, too
        (`account.move.send`).
        """
        self._amazon_log_printing(report_ref, res_ids)
        return super()._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

    def _render_qweb_html(self, report_ref, docids, data=None):
        self._amazon_log_printing(report_ref, docids)
        return super()._render_qweb_html(report_ref, docids, data=data)

    def _render_qweb_text(self, report_ref, docids, data=None):
        self._amazon_log_printing(report_ref, docids)
        return super()._render_qweb_text(report_ref, docids, data=data)

    def _amazon_log_printing(self, report_ref, res_ids):
        """Add a line to the access log for each document with a buyer's address, or refuse where the user may not read
        it: pages of the portal and mails print with `sudo`, whoever asks for them.
        """
        report = self._get_report(report_ref).sudo()
        if report.model not in PRINTED or not res_ids:
            return
        documents = self.env[report.model].sudo().browse([res_ids] if isinstance(res_ids, int) else res_ids).exists()
        log = self.env['amazon.access.log'].sudo()
        buyers = log._filter_buyers(documents)
        if buyers and not self.env['res.partner']._amazon_may_read_buyers():
            raise AccessError(self.env._("Documents with addresses of Amazon buyers are printed by the group \"Amazon "
                                         "buyer data\" only."))
        log._log('print', buyers)

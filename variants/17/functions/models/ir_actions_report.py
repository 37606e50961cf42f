class IrActionsReport:

    # Left out dad023f0: `_render_qweb_pdf` does it.
    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        pass

    # New: what `_pre_render_qweb_pdf` is for later versions.
    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        """Print documents and log it; documents that Odoo sends or stores without a download are printed here, too
        (`account.move.send`).
        """
        self._amazon_log_printing(report_ref, res_ids)
        return super()._render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

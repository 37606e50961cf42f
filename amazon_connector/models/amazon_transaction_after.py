from odoo import api, models


class AmazonTransaction(models.Model):
    """After transactions were processed: collect accruals, and update the refunds in the margin of orders."""

    _inherit = 'amazon.transaction'

    @api.model
    def _process_due(self, sync):
        finished = super()._process_due(sync)
        return finished and self.env['amazon.accrual']._collect_due(sync)

    def _process(self):
        result = super()._process()
        self.exists().sale_order_id._amazon_update_refunds()
        return result

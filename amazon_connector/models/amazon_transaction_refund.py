from odoo import models


class AmazonTransaction(models.Model):
    """What buyers got back counts for the margin of their orders."""

    _inherit = 'amazon.transaction'

    def _process(self):
        result = super()._process()
        self.exists().sale_order_id._amazon_update_refunds()
        return result

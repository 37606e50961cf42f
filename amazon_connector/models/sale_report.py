from odoo import models


class SaleReport(models.Model):
    _inherit = 'sale.report'

    def _select_sale(self):
        """Return the columns; of Amazon's buyers, only country and state are shown.

        Odoo shows the postal code to everybody who sees sales, beside the customer and the order.
        """
        columns = super()._select_sale()
        return columns.replace(
            "partner.zip AS partner_zip", "CASE WHEN partner.amazon_is_buyer THEN NULL ELSE partner.zip END AS "
            "partner_zip")

    def _group_by_sale(self):
        return f"{super()._group_by_sale()}, partner.amazon_is_buyer"

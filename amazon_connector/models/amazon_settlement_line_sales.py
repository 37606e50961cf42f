from odoo import models


class AmazonSettlementLine(models.Model):
    """The latest sales of a SKU, by which the fees of open orders are estimated (`utils/fee_facts.py`)."""

    _inherit = 'amazon.settlement.line'

    _sales_of_sku = models.Index("(marketplace_id, sku, posted_date) WHERE treatment = 'revenue'")
    # For the months of the analysis: rows come in about the order of their days.
    _posted = models.Index("USING brin (posted_date)")

from odoo import fields, models


class AmazonSettlementCost(models.Model):
    """Cost of goods that a settlement booked for an item of an order which it summed up, with perpetual valuation."""

    _name = 'amazon.settlement.cost'
    _description = "Cost of Goods of a Settlement"
    _rec_name = 'product_id'
    _log_access = False
    _order = 'settlement_id desc, id'

    settlement_id = fields.Many2one('amazon.settlement', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    sale_line_id = fields.Many2one('sale.order.line', readonly=True, index='btree_not_null', ondelete='set null')
    product_id = fields.Many2one('product.product', readonly=True, index='btree_not_null', ondelete='restrict')
    kind = fields.Selection([('sale', "Sold"), ('return', "Returned"), ('offset', "Invoiced afterwards")],
                            required=True, readonly=True)
    month = fields.Date(readonly=True, help="The first day of the month that it is booked in.")
    quantity = fields.Float(readonly=True, digits='Product Unit',
                            help="In the product's unit; negative for what came back or was invoiced.")
    amount = fields.Monetary(readonly=True, help="In the company's currency; positive for a cost.")

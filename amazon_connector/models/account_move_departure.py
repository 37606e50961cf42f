from odoo import api, fields, models


class AccountMove(models.Model):
    """The country that goods of Amazon's orders left from, for the declaration of trade within the Union (Intrastat).

    Odoo's own module for that, `account_intrastat`, is part of Odoo Enterprise, which this addon does not need; what
    declares can read this field of invoices and that of sales orders.
    """

    _inherit = 'account.move'

    amazon_departure_country_id = fields.Many2one(
        'res.country', "Goods left from", compute='_compute_amazon_departure_country_id',
        search='_search_amazon_departure_country_id',
        help="The country of the fulfillment center that Amazon shipped this sale from; empty where it is not known, "
        "or where there are several.")

    @api.depends('line_ids.sale_line_ids.order_id.amazon_departure_country_id')
    def _compute_amazon_departure_country_id(self):
        for move in self:
            countries = move.sudo().line_ids.sale_line_ids.order_id.amazon_departure_country_id
            move.amazon_departure_country_id = countries if len(countries) == 1 else False

    def _search_amazon_departure_country_id(self, operator, value):
        return [('line_ids.sale_line_ids.order_id.amazon_departure_country_id', operator, value)]

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..amazon_api.marketplaces import get_order_url
from ..amazon_api.order_summary import read_summary
from ..utils.phrases import tell


class AmazonOrder(models.Model):
    """What an exception is about: the items, the amount, where it goes and until when it must be shipped."""

    _inherit = 'amazon.order'

    summary_items = fields.Text("Items", compute='_compute_summary')
    summary_amount = fields.Monetary("Amount", compute='_compute_summary', currency_field='summary_currency_id')
    summary_currency_id = fields.Many2one('res.currency', compute='_compute_summary')
    summary_country_id = fields.Many2one('res.country', "Ships to", compute='_compute_summary')
    summary_ship_by = fields.Datetime("Ship by", compute='_compute_summary')

    @api.depends('payload')
    def _compute_summary(self):
        found = {order: read_summary(order.sudo().payload or {}) for order in self}
        currencies = self.env['res.currency'].with_context(active_test=False).search(
            [('name', 'in', list({summary.currency for summary in found.values()} - {None}))]).grouped('name')
        for order, summary in found.items():
            order.summary_items = '\n'.join(
                ' '.join(str(part) for part in (quantity, '×', sku, title) if part is not None)
                for quantity, sku, title in summary.items) or False
            order.summary_currency_id = currencies.get(summary.currency)
            order.summary_amount = float(summary.total) if summary.total is not None else False
            order.summary_country_id = self.env['res.partner']._amazon_find_country(summary.country or '')
            order.summary_ship_by = summary.ship_by

    def action_open_amazon(self):
        """Open this order in Seller Central."""
        self.ensure_one()
        self.check_access('read')
        url = get_order_url(self.marketplace_ref, self.amazon_order_ref)
        if not url:
            raise UserError(tell(self.env)._("The marketplace of order %s is not known yet.", self.amazon_order_ref))
        return {'type': 'ir.actions.act_url', 'url': url, 'target': 'new'}

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unread(self):
        """Raise a `UserError` for orders that Amazon has sent: only numbers that were mistyped can be deleted."""
        for order in self:
            if order.sudo().payload or order.sale_order_id:
                raise UserError(tell(self.env)._(
                    "Order %s came from Amazon and cannot be deleted. Mark its exception as resolved.",
                    order.amazon_order_ref))

from odoo import fields, models
from odoo.exceptions import UserError


class AmazonIncidentReport(models.TransientModel):
    _name = 'amazon.incident.report'
    _description = "Orders for an Incident Report"
    _inherit = ['amazon.access.mixin']

    date_from = fields.Datetime("From", required=True)
    date_to = fields.Datetime("To", required=True, default=fields.Datetime.now)
    seller_ids = fields.Many2many('amazon.seller', string="Sellers", help="Empty: all sellers.")

    def action_show(self):
        """Return the list of orders placed in the period, without buyers' data; it can be exported."""
        self.check_access('write')
        self.seller_ids.check_access('read')
        self.ensure_one()
        if self.date_from >= self.date_to:
            raise UserError(self.env._("Enter a period that begins before it ends."))
        action = self.env['ir.actions.act_window']._for_xml_id('amazon_connector.amazon_incident_order_action')
        return {**action, 'domain': self._get_domain()}

    def _get_domain(self):
        """Return the domain of the orders; one that never became a sales order is found by Amazon's last change."""
        placed = self._in_period('sale_order_id.date_order')
        others = ['&', ('sale_order_id', '=', False), *self._in_period('last_update')]
        chosen = [('seller_id', 'in', self.seller_ids.ids)] if self.seller_ids else []
        return [*chosen, '|', *placed, *others]

    def _in_period(self, field):
        return ['&', (field, '>=', self.date_from), (field, '<=', self.date_to)]

import datetime
import re

from odoo import fields, models
from odoo.exceptions import UserError

ORDER_REF = re.compile(r'\b[A-Z0-9]{3}-\d{7}-\d{7}\b')


class AmazonOrderRecover(models.TransientModel):
    _name = 'amazon.order.recover'
    _description = "Recover Amazon Orders"
    _inherit = ['amazon.access.mixin']

    seller_id = fields.Many2one('amazon.seller', required=True, domain=[('state', '=', 'connected')],
                                default=lambda self: self.env['amazon.seller'].search(
                                    [('state', '=', 'connected')], limit=1))
    method = fields.Selection([('numbers', "By number"), ('period', "By date of the order")], required=True,
                              default='numbers')
    references = fields.Text("Amazon order numbers", help="One or many, in any form that contains them.")
    date_from = fields.Datetime("From")
    date_to = fields.Datetime("To", default=fields.Datetime.now)

    def action_recover(self):
        """Queue the orders; the job reads them from Amazon and imports missing or changed ones."""
        self.check_access('write')
        self.seller_id.check_access('write')
        self.ensure_one()
        self.seller_id.check_access('write')
        if self.method == 'numbers':
            self._request_numbers()
        else:
            self._request_period()
        return self.seller_id._notify('info', self.env._("The orders are read from Amazon in a moment."), close=True)

    def _request_numbers(self):
        references = list(dict.fromkeys(ORDER_REF.findall(self.references or '')))
        if not references:
            raise UserError(self.env._("Enter at least one Amazon order number, like 123-1234567-1234567."))
        others = [word for word in re.split(r'[\s,;]+', ORDER_REF.sub(' ', self.references)) if re.search(r'\d', word)]
        if others:
            raise UserError(self.env._("This is no Amazon order number: %s", ', '.join(others[:5])))
        self.env['amazon.order'].sudo()._request(self.seller_id, references)

    def _request_period(self):
        # Amazon refuses an end that is very near to now.
        end = min(self.date_to or fields.Datetime.now(), fields.Datetime.now() - datetime.timedelta(minutes=3))
        if not self.date_from or self.date_from >= end:
            raise UserError(self.env._("Enter a period that begins before it ends, and more than three minutes ago."))
        self.seller_id.sudo().sync_ids.filtered(lambda sync: sync.flow == 'orders')._ask_for(self.date_from, end)

from odoo import api, models


class ResCurrencyRate(models.Model):
    _inherit = 'res.currency.rate'

    @api.model_create_multi
    def create(self, vals_list):
        """Create rates and wake the job of settlements."""
        rates = super().create(vals_list)
        self._amazon_wake()
        return rates

    def write(self, vals):
        """Write rates and wake the job of settlements."""
        result = super().write(vals)
        self._amazon_wake()
        return result

    @api.model
    def _amazon_wake(self):
        """Wake the job of settlements at the end of this transaction: some may wait for a rate."""
        if self.env['amazon.settlement'].sudo().search_count([('stage', '=', 'ready'), ('problem', '!=', False)],
                                                             limit=1):
            self.env['amazon.sync'].sudo()._wake_event_flow('settlements')

from odoo import api, models


class ResCurrencyRate(models.Model):
    _inherit = 'res.currency.rate'

    @api.model_create_multi
    def create(self, vals_list):
        """Create rates; settlements that waited for one can be booked."""
        rates = super().create(vals_list)
        rates._amazon_evaluate()
        return rates

    def write(self, vals):
        """Write rates, see `create`."""
        result = super().write(vals)
        self._amazon_evaluate()
        return result

    def _amazon_evaluate(self):
        """Look again at settlements in these currencies that cannot be booked."""
        settlements = self.env['amazon.settlement'].sudo().search([('stage', '=', 'ready'), ('problem', '!=', False)])
        settlements.filtered(lambda settlement: settlement.currency_id in self.currency_id
                             or settlement.company_id.currency_id in self.currency_id)._evaluate()

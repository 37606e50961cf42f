from odoo import fields, models


class AmazonLabelBuyInput(models.TransientModel):
    _name = 'amazon.label.buy.input'
    _description = "What a Carrier Wants to Know"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'title'

    wizard_id = fields.Many2one('amazon.label.buy', required=True, readonly=True, ondelete='cascade')
    kind = fields.Selection(
        [('input', "Question"), ('service', "Extra service"), ('size', "Size")],
        required=True,
        default='input',
        readonly=True,
    )
    name = fields.Char(required=True, readonly=True)
    title = fields.Char(readonly=True)
    required = fields.Boolean(readonly=True)
    choices = fields.Json(readonly=True)
    prices = fields.Json(readonly=True)
    value = fields.Char()

    def _get_price(self):
        """Return the price of the chosen extra service, in the currency of the offer."""
        return (self.prices or {}).get(self.value, 0.0) if self.kind == 'service' else 0.0

from odoo import fields, models
from odoo.fields import Command


class AmazonLabelBuyOffer(models.TransientModel):
    _name = 'amazon.label.buy.offer'
    _description = "Offer for a Label"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'service'

    wizard_id = fields.Many2one('amazon.label.buy', required=True, ondelete='cascade', readonly=True)
    service_ref = fields.Char(required=True, readonly=True)
    carrier_ref = fields.Char(readonly=True)
    carrier = fields.Char(readonly=True)
    service = fields.Char(readonly=True)
    price = fields.Monetary(help="With the cheapest of each extra service that the carrier demands.", readonly=True)
    charge = fields.Monetary("Price without extra services", readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    extra_services = fields.Char("Includes", readonly=True)
    groups = fields.Json(readonly=True)
    sizes = fields.Json(readonly=True)
    arrives = fields.Datetime("Arrives until", readonly=True)
    in_time = fields.Boolean("In time", readonly=True)
    protection = fields.Char("Protected", readonly=True)
    lacks = fields.Char("Not protected", readonly=True)
    needs_inputs = fields.Boolean("Asks for more", readonly=True)

    def action_choose(self):
        """Request the label of this offer; where its carrier asks for more, or there is something to choose, show that
        first.
        """
        self.check_access('write')
        self.ensure_one()
        wizard = self.wizard_id
        wizard._find_parcel()
        inputs = self._prepare_inputs() if self._has_choice() else []
        wizard.sudo().write(
            {'chosen_id': self.id, 'input_ids': [Command.clear()] + [Command.create(vals) for vals in inputs]})
        return wizard._show() if inputs else wizard.action_buy()

    def _has_choice(self):
        """Return whether the carrier asks for values, demands an extra service, or offers sizes of which none is the
        printer's.
        """
        return self.needs_inputs or bool(self.sizes) or any(group['required'] for group in self.groups or [])

    # === WHAT IS TO BE FILLED IN === #

    def _prepare_inputs(self):
        """Return the values of the fields to fill in: the carrier's questions (from Amazon), extra services and the
        size of the label.
        """
        questions = self._prepare_questions() if self.needs_inputs else []
        services = [self._prepare_service(group) for group in self.groups or []]
        return questions + services + ([self._prepare_size()] if self.sizes else [])

    def _prepare_questions(self):
        wizard = self.wizard_id
        label = self.env['amazon.label'].sudo().new({
            'picking_id': wizard.picking_id.id, 'sale_order_id': wizard.sale_order_id.id,
            'stock_package_id': wizard.stock_package_id.id,
            'items': wizard.items, 'delivery_carrier_id': wizard.picking_id.carrier_id.id,
        })
        return [{
            'kind': 'input', 'name': entry.name, 'title': entry.title, 'required': entry.required,
            'choices': [[choice, choice] for choice in entry.choices] or False,
        } for entry in wizard._ask(label, self)]

    def _prepare_service(self, group):
        return {
            'kind': 'service', 'name': group['ref'], 'title': group['title'], 'required': group['required'],
            'value': group['value'],
            'choices': [[ref, f'{name} (+{price:.2f} {self.currency_id.name})']
                        for ref, name, price in group['services']],
            'prices': {ref: price for ref, _name, price in group['services']},
        }

    def _prepare_size(self):
        return {
            'kind': 'size', 'name': 'size', 'title': self.env._("Size of the label"), 'required': True,
            'value': self.sizes[0], 'choices': [[size, size] for size in self.sizes],
        }

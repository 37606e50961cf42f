from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..amazon_api.buy_shipping import make_shop
from ..amazon_api.errors import AmazonError


class AmazonLabelBuy(models.TransientModel):
    """What carriers offer for a parcel. Clicks here ask Amazon and change nothing there; the job buys."""

    _name = 'amazon.label.buy'
    _description = "Buy a Label from Amazon"

    picking_id = fields.Many2one('stock.picking', "Delivery", required=True, readonly=True)
    sale_order_id = fields.Many2one('sale.order', "Sales Order", required=True, readonly=True)
    stock_package_id = fields.Many2one('stock.package', "Package", readonly=True)
    items = fields.Json(readonly=True)
    others = fields.Integer("Further parcels without a label", readonly=True)
    deliver_by = fields.Datetime(related='sale_order_id.amazon_deliver_by', string="Promised to the buyer until")
    offer_ids = fields.One2many('amazon.label.buy.offer', 'wizard_id', readonly=True)
    refusals = fields.Text("Not offered", readonly=True)
    chosen_id = fields.Many2one('amazon.label.buy.offer', readonly=True)
    input_ids = fields.One2many('amazon.label.buy.input', 'wizard_id')

    @api.model
    def _open(self, picking):
        """Return the action that shows what is offered for the first parcel of a delivery that has no label."""
        parcels = self.env['amazon.label']._find_parcels(picking)
        if not parcels:
            raise UserError(self.env._("Every parcel of this delivery has a label."))
        order, package, items = parcels[0]
        label = self.env['amazon.label'].sudo().new({
            'picking_id': picking.id, 'sale_order_id': order.id, 'stock_package_id': package.id, 'items': items, 'delivery_carrier_id': picking.carrier_id.id})
        offers, refusals = self._ask(label)
        wizard = self.create({
            'picking_id': picking.id, 'sale_order_id': order.id, 'stock_package_id': package.id, 'items': items, 'others': len(parcels) - 1,
            'refusals': '\n'.join(refusals) or False,
            'offer_ids': [Command.create(self._prepare_offer(offer, order)) for offer in sorted(offers, key=lambda offer: offer.price)]})
        return wizard._show()

    def _ask(self, label, service_ref=None):
        """Return offers and refusals for a label, or what the carrier of one service wants to know.

        :raises UserError: Amazon refuses or cannot be reached
        """
        seller = label.sale_order_id.amazon_marketplace_id.seller_id
        parcel = label._make_parcel()
        try:
            shop = make_shop(seller.sudo()._get_client(), label.sale_order_id.amazon_marketplace_id.country_id.code)
            offers, refusals = shop.get_offers(parcel)
            if not service_ref:
                return offers, refusals
            offer = next((offer for offer in offers if offer.service_ref == service_ref), None)
            return shop.get_inputs(parcel, offer) if offer else []
        except AmazonError as error:
            raise UserError(seller._describe_error(error)) from None

    def _prepare_offer(self, offer, order):
        arrives = offer.arrives and offer.arrives.replace(tzinfo=None)
        return {
            'service_ref': offer.service_ref, 'carrier': offer.carrier, 'service': offer.service, 'price': float(offer.price), 'arrives': arrives,
            'currency_id': self.env['res.currency'].with_context(active_test=False).search([('name', '=', offer.currency)], limit=1).id,
            'in_time': not arrives or not order.amazon_deliver_by or arrives <= order.amazon_deliver_by, 'needs_inputs': offer.needs_inputs,
            'protection': ', '.join(offer.benefits), 'lacks': '; '.join(f"{name} ({', '.join(reasons)})" for name, reasons in offer.lacks.items()),
        }

    def _show(self):
        return {'type': 'ir.actions.act_window', 'name': self.env._("Buy a label from Amazon"), 'res_model': self._name, 'res_id': self.id,
                'view_mode': 'form', 'target': 'new'}

    def action_buy(self):
        """Have the chosen label bought, with what the carrier wants to know."""
        self.ensure_one()
        missing = self.input_ids.filtered(lambda entry: entry.required and not entry.value)
        if missing:
            raise UserError(self.env._("Fill in: %s", ', '.join(missing.mapped('title'))))
        self.env['amazon.label']._want_parcels(
            [(self.picking_id, self.sale_order_id, self.stock_package_id, self.items)], service_ref=self.chosen_id.service_ref,
            price_limit=self.chosen_id.price, inputs={entry.name: entry.value for entry in self.input_ids if entry.value} or False)
        return {'type': 'ir.actions.act_window_close'}


class AmazonLabelBuyOffer(models.TransientModel):
    _name = 'amazon.label.buy.offer'
    _description = "Offer for a Label"
    _rec_name = 'service'

    wizard_id = fields.Many2one('amazon.label.buy', required=True, ondelete='cascade')
    service_ref = fields.Char(required=True)
    carrier = fields.Char()
    service = fields.Char()
    price = fields.Monetary()
    currency_id = fields.Many2one('res.currency')
    arrives = fields.Datetime("Arrives until")
    in_time = fields.Boolean("In time")
    protection = fields.Char("Protected")
    lacks = fields.Char("Not protected")
    needs_inputs = fields.Boolean("Asks for more")

    def action_choose(self):
        """Buy this one; where its carrier wants to know more, ask for it first."""
        self.ensure_one()
        wizard = self.wizard_id
        if not self.needs_inputs:
            wizard.write({'chosen_id': self.id, 'input_ids': [Command.clear()]})
            return wizard.action_buy()
        label = self.env['amazon.label'].sudo().new({
            'picking_id': wizard.picking_id.id, 'sale_order_id': wizard.sale_order_id.id, 'stock_package_id': wizard.stock_package_id.id,
            'items': wizard.items, 'delivery_carrier_id': wizard.picking_id.carrier_id.id})
        inputs = wizard._ask(label, self.service_ref)
        wizard.write({'chosen_id': self.id, 'input_ids': [Command.clear()] + [Command.create({
            'name': entry.name, 'title': entry.title, 'required': entry.required, 'choices': [[choice, choice] for choice in entry.choices] or False,
        }) for entry in inputs]})
        return wizard._show()


class AmazonLabelBuyInput(models.TransientModel):
    _name = 'amazon.label.buy.input'
    _description = "What a Carrier Wants to Know"
    _rec_name = 'title'

    wizard_id = fields.Many2one('amazon.label.buy', required=True, ondelete='cascade')
    name = fields.Char(required=True, readonly=True)
    title = fields.Char(readonly=True)
    required = fields.Boolean(readonly=True)
    choices = fields.Json(readonly=True)
    value = fields.Char()

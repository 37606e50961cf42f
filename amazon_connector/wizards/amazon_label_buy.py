from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..amazon_api.buy_shipping import make_shop
from ..amazon_api.errors import AmazonError, Unreadable
from ..amazon_api.label_documents import find_sizes


class AmazonLabelBuy(models.TransientModel):
    """Offers of carriers for a parcel. Clicks here ask Amazon and change nothing there; the job buys."""

    _name = 'amazon.label.buy'
    _description = "Buy a Label from Amazon"
    _inherit = ['amazon.access.mixin']

    picking_id = fields.Many2one('stock.picking', "Delivery", required=True, readonly=True)
    sale_order_id = fields.Many2one('sale.order', "Sales Order", required=True, readonly=True)
    stock_package_id = fields.Many2one('stock.package', "Package", readonly=True)
    items = fields.Json(readonly=True)
    others = fields.Integer("Further parcels without a label", readonly=True)
    weight = fields.Float("Weight (g)", readonly=True, digits=(10, 1))
    sides = fields.Char("Size (cm)", readonly=True)
    deliver_by = fields.Datetime(related='sale_order_id.amazon_deliver_by', string="Promised to the buyer until")
    offer_ids = fields.One2many('amazon.label.buy.offer', 'wizard_id', readonly=True)
    refusals = fields.Text("Not offered", readonly=True)
    chosen_id = fields.Many2one('amazon.label.buy.offer', readonly=True)
    input_ids = fields.One2many('amazon.label.buy.input', 'wizard_id')
    currency_id = fields.Many2one(related='chosen_id.currency_id')
    total = fields.Monetary("Price with extra services", compute='_compute_total')

    @api.depends('chosen_id', 'input_ids.value')
    def _compute_total(self):
        for wizard in self:
            wizard.total = wizard.chosen_id.charge + sum(entry._get_price() for entry in wizard.input_ids)

    @api.model
    def _open(self, picking):
        """Return the action that shows the offers for the first parcel of a delivery that has no label."""
        self.env['amazon.label']._check_may_buy(picking)
        parcels = self.env['amazon.label']._find_parcels(picking)
        if not parcels:
            raise UserError(self.env._("Every parcel of this delivery has a label."))
        order, package, items = parcels[0]
        label = (
            self.env['amazon.label']
            .sudo()
            .new(
                {
                    'picking_id': picking.id,
                    'sale_order_id': order.id,
                    'stock_package_id': package.id,
                    'items': items,
                    'delivery_carrier_id': picking.carrier_id.id,
                }
            )
        )
        offers, refusals = self._ask(label)
        printer, parcel = picking.carrier_id._amazon_get_printer(), label._make_parcel()
        wizard = self.sudo().create(
            {
                'picking_id': picking.id,
                'sale_order_id': order.id,
                'stock_package_id': package.id,
                'items': items,
                'others': len(parcels) - 1,
                'weight': parcel.grams,
                'sides': ' × '.join(f'{side:g}' for side in parcel.sides),
                'refusals': '\n'.join(refusals) or False,
                'offer_ids': [
                    Command.create(self._prepare_offer(offer, order, printer))
                    for offer in sorted(offers, key=lambda offer: offer.price)
                ],
            }
        )
        return wizard._show()

    def _ask(self, label, chosen=None):
        """Return offers and refusals (texts) for a label, or the questions of the carrier of a chosen offer.

        :raises UserError: Amazon refuses or cannot be reached
        """
        seller = label.sale_order_id.amazon_marketplace_id.seller_id
        parcel = label._make_parcel()
        try:
            shop = make_shop(seller.sudo()._get_client(), label.sale_order_id.amazon_marketplace_id.country_id.code)
            offers, refusals = label._get_offers(shop, parcel)
            if not chosen:
                return offers, refusals
            offer = next(
                (
                    offer
                    for offer in offers
                    if (offer.service_ref, offer.carrier_ref) == (chosen.service_ref, chosen.carrier_ref)
                ),
                None,
            )
            return shop.get_inputs(parcel, offer) if offer else []
        except Unreadable as error:
            raise UserError(label._describe_error(error)) from None
        except AmazonError as error:
            raise UserError(seller._describe_error(error)) from None

    def _prepare_offer(self, offer, order, printer):
        """Return the values of an offer; one without a time of arrival is not in time, as for the rules."""
        arrives, promised = offer.arrives and offer.arrives.replace(tzinfo=None), order.amazon_deliver_by
        return {
            'service_ref': offer.service_ref,
            'carrier_ref': offer.carrier_ref,
            'carrier': offer.carrier,
            'service': offer.service,
            'price': float(offer.price),
            'charge': float(offer.charge),
            'arrives': arrives,
            'currency_id': self.env['amazon.label']._find_currency(offer.currency).id,
            'in_time': not promised or bool(arrives and arrives <= promised),
            'needs_inputs': offer.needs_inputs,
            'extra_services': ', '.join(service.name for service in offer.get_services({})) or False,
            'groups': [
                {
                    'ref': group.ref,
                    'title': group.title,
                    'required': group.required,
                    'value': group.required and group.cheapest.ref or False,
                    'services': [
                        [service.ref, service.name, float(service.price)]
                        for service in sorted(group.services, key=lambda one: one.price)
                    ],
                }
                for group in offer.groups
            ]
            or False,
            'sizes': find_sizes(offer.documents, printer) or False,
            'protection': ', '.join(offer.benefits),
            'lacks': '; '.join(f"{name} ({', '.join(reasons)})" for name, reasons in offer.lacks.items()),
        }

    def _show(self):
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Buy a label from Amazon"),
            'res_model': self._name,
            'res_id': self.id,
            'view_mode': 'form',
            'target': 'new',
            'context': {'dialog_size': 'extra-large'},
        }

    def _find_parcel(self):
        """Return the present delivery, order, package and items of this wizard.

        The wizard's own values are those of the request only: money is spent on what is packed.

        :raises AccessError: the user may not buy for this delivery, or the offer is one of another wizard
        :raises UserError: the delivery holds no such parcel that has no label
        """
        self.env['amazon.label']._check_may_buy(self.picking_id)
        if self.chosen_id and self.chosen_id.wizard_id != self:
            raise AccessError(self.env._("This offer is one for another parcel."))
        for order, package, items in self.env['amazon.label']._find_parcels(self.picking_id):
            if (order, package, items) == (self.sale_order_id, self.stock_package_id, self.items):
                return self.picking_id, order, package, items
        raise UserError(self.env._("The parcels of this delivery have changed since the offers were asked for. "
                                   "Ask again."))

    def action_buy(self):
        """Request the chosen label with the answers for the carrier and the chosen extra services; the job buys it."""
        self.check_access('write')
        self.ensure_one()
        parcel = self._find_parcel()
        missing = self.input_ids.filtered(lambda entry: entry.required and not entry.value)
        if missing:
            raise UserError(self.env._("Fill in: %s", ', '.join(missing.mapped('title'))))
        self.env['amazon.label']._want_parcels(
            [parcel],
            service_ref=self.chosen_id.service_ref,
            carrier_ref=self.chosen_id.carrier_ref,
            price_limit=self.total,
            inputs=self._get_values('input'),
            services=self._get_values('service'),
            document_size=self._get_values('size') and self._get_values('size')['size'],
        )
        return {'type': 'ir.actions.act_window_close'}

    def _get_values(self, kind):
        return {entry.name: entry.value for entry in self.input_ids if entry.kind == kind and entry.value} or False

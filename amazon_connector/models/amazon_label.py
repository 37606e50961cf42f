import datetime
import io
import uuid

from PIL import Image

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.pdf import merge_pdf

from ..amazon_api.buy_shipping import Address, Parcel, make_shop
from ..amazon_api.errors import NOT_OF_THE_RECORD, AmazonError, Unavailable
from ..utils.parcel_plan import ParcelPlan
from .delivery_carrier import FORMATS

# What is to do, in the order in which it is done.
OPEN_STATES = ('wanted', 'buying', 'void')
# A purchase without an answer is repeated under its key for so long; later Amazon may have forgotten the key.
REPEAT_FOR = datetime.timedelta(hours=1)
TRACK_EVERY, TRACK_FOR = datetime.timedelta(hours=6), datetime.timedelta(days=30)
TRACKING_ENDS = ('Delivered', 'Lost', 'Rejected', 'Undeliverable', 'PickupCancelled')


class AmazonLabel(models.Model):
    """One label of Amazon Buy Shipping for one parcel: asked for by a person or a delivery, bought by a job."""

    _name = 'amazon.label'
    _description = "Amazon Label"
    _order = 'id desc'

    picking_id = fields.Many2one('stock.picking', "Delivery", required=True, readonly=True, ondelete='cascade', index=True)
    sale_order_id = fields.Many2one('sale.order', "Sales Order", required=True, readonly=True, ondelete='cascade', index=True)
    stock_package_id = fields.Many2one('stock.package', "Package", readonly=True)
    batch_id = fields.Many2one('amazon.label.batch', readonly=True, ondelete='set null', index='btree_not_null')
    delivery_carrier_id = fields.Many2one('delivery.carrier', "Delivery method", required=True, readonly=True)
    marketplace_id = fields.Many2one(related='sale_order_id.amazon_marketplace_id', store=True)
    seller_id = fields.Many2one(related='marketplace_id.seller_id', store=True, index=True)
    company_id = fields.Many2one(related='marketplace_id.company_id', store=True)
    amazon_order_ref = fields.Char(related='sale_order_id.amazon_order_ref', store=True)
    items = fields.Json(required=True, readonly=True)
    state = fields.Selection([
        ('wanted', "To buy"), ('buying', "Being bought"), ('bought', "Bought"), ('void', "To cancel"), ('voided', "Cancelled"), ('failed', "Failed"),
    ], required=True, readonly=True, default='wanted', index=True)
    error = fields.Text("Reason", readonly=True)

    service_ref = fields.Char("Chosen service", readonly=True, help="Empty where the rule of the delivery method chooses.")
    price_limit = fields.Float(readonly=True, help="The price that a person agreed to.")
    inputs = fields.Json(readonly=True)
    request = fields.Json(readonly=True)
    key = fields.Char(readonly=True, help="Under which Amazon sells the label once.")

    shipment_ref = fields.Char("Amazon's shipment", readonly=True)
    carrier_ref = fields.Char(readonly=True)
    carrier_name = fields.Char("Carrier", readonly=True)
    service_name = fields.Char("Service", readonly=True)
    tracking_number = fields.Char(readonly=True)
    price = fields.Monetary("Cost", readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    arrives = fields.Datetime("Promised until", readonly=True)
    protection = fields.Char(readonly=True)
    attachment_id = fields.Many2one('ir.attachment', "Label", readonly=True, ondelete='set null')
    tracking_status = fields.Char("Tracking", readonly=True)
    next_track = fields.Datetime(readonly=True)

    _one_a_parcel = models.UniqueIndex(
        "(picking_id, COALESCE(stock_package_id, 0)) WHERE state IN ('wanted', 'buying', 'bought', 'void')", "This parcel has a label already.")

    @api.depends('amazon_order_ref', 'stock_package_id')
    def _compute_display_name(self):
        for label in self:
            label.display_name = ' '.join(filter(None, [label.amazon_order_ref, label.stock_package_id.name]))

    # === ASKING === #

    @api.model
    def _want(self, pickings, **vals):
        """Note that labels are to be bought for the parcels of deliveries that have none, and wake the job.

        :raises UserError: a delivery cannot have one
        """
        return self._want_parcels([(picking, *parcel) for picking in pickings for parcel in self._find_parcels(picking)], **vals)

    @api.model
    def _want_parcels(self, parcels, **vals):
        """Note that labels are to be bought for parcels: delivery, order, package and items."""
        labels = self.sudo().create([{
            'picking_id': picking.id, 'sale_order_id': order.id, 'stock_package_id': package.id, 'items': items,
            'delivery_carrier_id': picking.carrier_id.id, **vals,
        } for picking, order, package, items in parcels])
        if labels:
            self.env['amazon.sync']._wake_event_flow('labels')
        return labels

    @api.model
    def _find_parcels(self, picking):
        """Return order, package and items of the parcels of a delivery, done or not, that have no label."""
        if picking.carrier_id.delivery_type != 'amazon':
            raise UserError(self.env._("%s: choose the delivery method \"Amazon Buy Shipping\" first.", picking.name))
        packages = picking.sudo().amazon_package_ids
        parcels = [(package.sale_order_id, package.stock_package_id, package.items) for package in packages.sorted('id')] or [
            (parcel.order, parcel.package, parcel.items) for parcel in ParcelPlan(picking.move_ids.move_line_ids).parcels()]
        if not parcels:
            raise UserError(self.env._("%s has no goods of an Amazon order that are reserved or packed.", picking.name))
        if len({order for order, _package, _items in parcels}) > 1:
            raise UserError(self.env._("%s holds goods of several Amazon orders: a label is for one order, so split the delivery.", picking.name))
        labelled = picking.sudo().amazon_label_ids.filtered(lambda label: label.state in (*OPEN_STATES, 'bought')).mapped(
            lambda label: label.stock_package_id.id)
        return [parcel for parcel in parcels if parcel[1].id not in labelled]

    def action_retry(self):
        """Try to buy labels again that could not be bought."""
        self.check_access('read')
        for label in self.sudo().filtered(lambda label: label.state == 'failed'):
            label.write({'state': 'wanted', 'error': False, 'request': False, 'key': False, 'shipment_ref': False})
        self.env['amazon.sync']._wake_event_flow('labels')

    def action_cancel(self):
        """Cancel labels and ask for the money back; the job does it."""
        self.check_access('read')
        self.sudo().filtered(lambda label: label.state == 'bought').write({'state': 'void', 'error': False})
        self.sudo().filtered(lambda label: label.state == 'wanted').write({'state': 'voided'})
        self.env['amazon.sync']._wake_event_flow('labels')

    # === FLOW: LABELS === #

    def _sync_labels(self, sync):
        """Buy what is wanted, cancel what is not, and ask where parcels are; the contract is in `amazon_sync`."""
        client = sync.seller_id._get_client()
        for label in self.search([('seller_id', '=', sync.seller_id.id), ('state', 'in', OPEN_STATES)], order='id'):
            label._advance(sync, make_shop(client, label.marketplace_id.country_id.code))
            if not sync._commit():
                return True
        due = self.search([('seller_id', '=', sync.seller_id.id), ('state', '=', 'bought'), ('next_track', '<=', fields.Datetime.now())])
        for label in due:
            label._track(make_shop(client, label.marketplace_id.country_id.code))
            if not sync._commit():
                return True
        return False

    def _advance(self, sync, shop):
        """Do what is next for this label; what Amazon refuses fails with its words and holds nothing else."""
        resumed = self.state == 'buying'
        try:
            if self.state == 'wanted':
                self._prepare_purchase(shop)
                sync._commit()
            elif resumed and not self.shipment_ref:
                self._check_repeatable(shop)
            if self.state == 'buying':
                self._buy(sync, shop)
            elif self.state == 'void':
                self._cancel(shop)
        except NOT_OF_THE_RECORD:
            raise
        except (AmazonError, UserError) as error:
            if resumed and isinstance(error, AmazonError):
                # Had it been sold, Amazon would have answered as it did then.
                self._begin_anew()
            else:
                self._fail(error.message if isinstance(error, AmazonError) else str(error))

    def _check_repeatable(self, shop):
        """Raise a `UserError` where a purchase that was begun may have happened and a second one would be paid for, too."""
        if not shop.is_repeatable or self.write_date < fields.Datetime.now() - REPEAT_FOR:
            raise UserError(self.env._(
                "Amazon gave no answer when this was bought. Look for a label of this order in Seller Central; if there is none, retry."))

    def _begin_anew(self):
        self.write({'state': 'wanted', 'request': False, 'key': False})
        self.env['amazon.sync']._wake_event_flow('labels')

    def _prepare_purchase(self, shop):
        """Choose what to buy and note the request, before it is sent."""
        parcel = self._make_parcel()
        offers, refusals = shop.get_offers(parcel)
        offer = self._choose(offers, refusals)
        form = self.delivery_carrier_id.amazon_label_format
        if form not in offer.formats:
            raise UserError(self.env._("%(service)s has no labels as %(form)s, only as %(others)s.", service=offer.service, form=form,
                                       others=', '.join(offer.formats)))
        self.write({
            'state': 'buying', 'key': str(uuid.uuid4()), 'request': shop.make_request(parcel, offer, form, self.inputs or {}),
            'carrier_ref': offer.carrier_ref, 'carrier_name': offer.carrier, 'service_name': offer.service, 'price': float(offer.price),
            'currency_id': self.env['res.currency'].with_context(active_test=False).search([('name', '=', offer.currency)], limit=1).id,
            'arrives': offer.arrives and offer.arrives.replace(tzinfo=None), 'protection': ', '.join(offer.benefits) or False,
        })

    def _choose(self, offers, refusals):
        """Return the offer that a person chose, else that of the delivery method's rule.

        :raises UserError: there is none
        """
        if self.service_ref:
            chosen = next((offer for offer in offers if offer.service_ref == self.service_ref), None)
            if not chosen:
                raise UserError(self.env._("The chosen service is not offered any more. Choose again."))
            if float(chosen.price) > self.price_limit + 0.005:
                raise UserError(self.env._("The price rose to %(price)s %(currency)s. Choose again.", price=chosen.price, currency=chosen.currency))
            return chosen
        return self.delivery_carrier_id._amazon_choose(offers, refusals, self.sale_order_id.amazon_deliver_by)

    def _buy(self, sync, shop):
        """Buy what was noted, commit the label, and show it on the delivery, which others may hold.

        If no answer comes, a shop that sells once for a key is asked again; the other may have sold it.
        """
        if not self.shipment_ref:
            try:
                bought = shop.buy(self.request, self.key)
            except NOT_OF_THE_RECORD as error:
                if not isinstance(error, Unavailable) or error.status == 429:
                    # Amazon was not asked, or did nothing.
                    self._begin_anew()
                    sync._commit()
                raise
            self._keep(bought)
            sync._commit()
        self._set_bought()

    def _keep(self, bought):
        """Note what was paid for."""
        extension = {'PDF': 'pdf', 'PNG': 'png', 'ZPL': 'zpl'}[bought.form]
        attachment = self.env['ir.attachment'].create({
            'name': f'{self.delivery_carrier_id._get_delivery_label_prefix()}-{bought.tracking_number or bought.shipment_ref}.{extension}',
            'raw': bought.content, 'res_model': 'stock.picking', 'res_id': self.picking_id.id, 'mimetype': FORMATS[bought.form]})
        self.write({'shipment_ref': bought.shipment_ref, 'tracking_number': bought.tracking_number, 'attachment_id': attachment.id, 'request': False})

    def _set_bought(self):
        """Show the label, its tracking number and its cost on the delivery."""
        self.write({'state': 'bought', 'error': False, 'next_track': fields.Datetime.now() + TRACK_EVERY})
        self.picking_id.message_post(attachment_ids=self.attachment_id.ids, body=self.env._(
            "Label bought from Amazon: %(carrier)s %(service)s, %(tracking)s, %(price).2f %(currency)s.", carrier=self.carrier_name,
            service=self.service_name, tracking=self.tracking_number, price=self.price, currency=self.currency_id.name))
        self._show_on_delivery()

    def _show_on_delivery(self):
        """Bring tracking numbers and cost of the deliveries in line with their labels."""
        for picking in self.picking_id:
            bought = picking.amazon_label_ids.filtered(lambda label: label.state in ('bought', 'void'))
            labels = bought.sorted(lambda label: (label.stock_package_id.id, label.id))
            order = picking.sale_id
            picking.write({
                'carrier_tracking_ref': ','.join(filter(None, labels.mapped('tracking_number'))) or False,
                'carrier_price': sum(label.currency_id._convert(label.price, order.currency_id, order.company_id, fields.Date.today()) for label in labels),
            })
            picking.amazon_package_ids._take_tracking()
            picking.amazon_package_ids._note_labelled()

    def _cancel(self, shop):
        try:
            shop.cancel(self.shipment_ref)
        except NOT_OF_THE_RECORD:
            raise
        except AmazonError as error:
            self.write({'state': 'bought', 'error': self.env._("Amazon did not cancel the label: %s", error.message)})
            self.picking_id._amazon_alert(self.env._("A label could not be cancelled"), self.error)
        else:
            self.write({'state': 'voided', 'next_track': False})
            self.attachment_id.unlink()
        self._show_on_delivery()

    def _fail(self, message):
        self.write({'state': 'failed', 'error': message, 'request': False})
        if not self.batch_id:
            self.picking_id._amazon_alert(self.env._("A label could not be bought"), message)

    def _track(self, shop):
        """Ask where the parcel is, until it is somewhere for good."""
        now = fields.Datetime.now()
        try:
            status = shop.track(self.tracking_number, self.carrier_ref)
        except NOT_OF_THE_RECORD:
            raise
        except AmazonError:
            status = self.tracking_status
        over = not status or status in TRACKING_ENDS or self.create_date < now - TRACK_FOR
        self.write({'tracking_status': status, 'next_track': False if over else now + TRACK_EVERY})

    # === PARCEL === #

    def _make_parcel(self):
        """Return the parcel as Amazon wants to know it.

        :raises UserError: weight, size or the sender's address lacks something; the text says what to enter where
        """
        picking = self.picking_id
        lines = picking.move_ids.move_line_ids.filtered(lambda line: line.result_package_id == self.stock_package_id)
        package_type = self.stock_package_id.package_type_id or self.delivery_carrier_id.amazon_package_type_id
        entered = self.stock_package_id.shipping_weight if self.stock_package_id else (
            picking.shipping_weight if picking.shipping_weight != picking.weight_bulk else 0)
        weight = entered or package_type.base_weight + sum(line.quantity_product_uom * line.product_id.weight for line in lines)
        items = [(item['orderItemId'], item['quantity']) for item in self.items]
        return self._assemble_parcel(self.sale_order_id, items, weight, package_type, picking.picking_type_id.warehouse_id)

    @api.model
    def _assemble_parcel(self, order, items, weight, package_type, warehouse):
        """Return a parcel of an order: `items` are pairs of order item id and quantity, `weight` is in Odoo's unit of weight."""
        prices = {line.amazon_item_ref: line.price_unit for line in order._amazon_goods()}
        value = round(sum(prices.get(reference, 0) * quantity for reference, quantity in items), 2)
        return Parcel(order.amazon_order_ref, items, self._to_grams(weight), package_type._amazon_get_sides(), value, order.currency_id.name,
                      self._make_sender(warehouse))

    @api.model
    def _to_grams(self, weight):
        unit = self.env['product.template']._get_weight_uom_id_from_ir_config_parameter()
        grams = unit._compute_quantity(weight, self.env.ref('uom.product_uom_gram'), round=False)
        if grams <= 0:
            raise UserError(self.env._("The weight is missing: enter it on the products, on the package, or under \"Weight for shipping\" of the delivery."))
        return round(grams, 1)

    @api.model
    def _make_sender(self, warehouse):
        company = warehouse.company_id.partner_id
        partner = warehouse.partner_id or company
        address = Address(
            partner.name or '', partner.street or '', partner.street2 or '', partner.city or '', partner.state_id.code or '', partner.zip or '',
            partner.country_id.code or '', partner.email or company.email or '', partner.phone or company.phone or '')
        missing = [label for field, label in (
            ('street', self.env._("street")), ('city', self.env._("city")), ('zip', self.env._("ZIP code")), ('country', self.env._("country")),
            ('email', self.env._("e-mail")), ('phone', self.env._("phone"))) if not getattr(address, field)]
        if missing:
            raise UserError(self.env._("The address of %(name)s, from which parcels are sent, lacks: %(missing)s.", name=partner.display_name,
                                       missing=', '.join(missing)))
        return address

    # === PRINTING === #

    def _make_document(self):
        """Return all labels as one document, to be printed in one go.

        :return: content, MIME type and extension
        :raises UserError: there is none, or they are of kinds that no printer takes together
        """
        attachments = self.sudo().filtered(lambda label: label.state == 'bought').attachment_id
        kinds = set(attachments.mapped('mimetype'))
        if not attachments:
            raise UserError(self.env._("No label is bought yet."))
        if FORMATS['ZPL'] in kinds and len(kinds) > 1:
            raise UserError(self.env._("Some labels are in ZPL and some are not: print them apart."))
        if FORMATS['ZPL'] in kinds:
            return b'\n'.join(attachment.raw for attachment in attachments), FORMATS['ZPL'], 'zpl'
        return merge_pdf([_to_pdf(attachment.raw, attachment.mimetype) for attachment in attachments]), FORMATS['PDF'], 'pdf'

    def action_print(self):
        """Open the labels as one document."""
        self.check_access('read')
        self._make_document()
        return {'type': 'ir.actions.act_url', 'url': f"/amazon_connector/labels/{','.join(map(str, self.ids))}", 'target': 'new'}

    def action_open_delivery(self):
        self.ensure_one()
        return {'type': 'ir.actions.act_window', 'res_model': 'stock.picking', 'view_mode': 'form', 'res_id': self.picking_id.id}


def _to_pdf(content, mimetype):
    if mimetype == FORMATS['PDF']:
        return content
    buffer = io.BytesIO()
    image = Image.open(io.BytesIO(content))
    # Labels are four inches wide.
    image.convert('RGB').save(buffer, 'PDF', resolution=image.width / 4)
    return buffer.getvalue()

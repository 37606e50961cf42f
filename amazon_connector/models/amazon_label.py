import datetime
import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..amazon_api.buy_shipping import make_shop
from ..amazon_api.errors import NOT_OF_THE_RECORD, AmazonError, Unavailable, Unreadable
from ..amazon_api.label_documents import choose_option
from ..utils.amazon_words import label_field
from ..utils.pace import get_pause
from ..utils.parcel_plan import ParcelPlan
from ..utils.phrases import tell
from ..utils.reader_fields import ReaderChar, ReaderText
from ..utils.words import explain

# States with something to do, in the order in which it is done.
OPEN_STATES = ('wanted', 'buying', 'void')
# A purchase without an answer is repeated under its key for so long; later Amazon may have forgotten the key.
REPEAT_FOR = datetime.timedelta(hours=1)
RETRY_FIRST, RETRY_MOST = datetime.timedelta(minutes=1), datetime.timedelta(minutes=15)
TRACK_EVERY, TRACK_FOR = datetime.timedelta(hours=6), datetime.timedelta(days=30)
TRACKING_ENDS = ('Delivered', 'Lost', 'Rejected', 'Undeliverable', 'PickupCancelled')


class AmazonLabel(models.Model):
    """A label of Amazon Buy Shipping for one parcel: requested by a person or a delivery, bought by a job."""

    _name = 'amazon.label'
    _description = "Amazon Label"
    _inherit = ['amazon.delivery.mixin', 'amazon.access.mixin']
    _order = 'id desc'

    batch_id = fields.Many2one('amazon.label.batch', readonly=True, ondelete='set null', index='btree_not_null')
    delivery_carrier_id = fields.Many2one('delivery.carrier', "Delivery method", required=True, readonly=True)
    state = fields.Selection([
        ('wanted', "To buy"), ('buying', "Being bought"), ('bought', "Bought"), ('void', "To cancel"),
        ('voided', "Cancelled"), ('failed', "Failed"),
    ], required=True, readonly=True, default='wanted', index=True)
    error = ReaderText("Reason", readonly=True)

    service_ref = fields.Char("Chosen service", readonly=True,
                              help="Empty where the rule of the delivery method chooses.")
    price_limit = fields.Float(readonly=True, help="The price that a person agreed to.")
    inputs = fields.Json(readonly=True)
    services = fields.Json("Chosen extra services", readonly=True,
                           help="By group; of a required group that is not named, the cheapest is bought.")
    document_size = fields.Char("Chosen size", readonly=True)
    request = fields.Json(readonly=True)
    key = fields.Char(readonly=True, help="Under which Amazon sells the label once.")

    shipment_ref = fields.Char("Amazon's shipment", readonly=True)
    carrier_ref = fields.Char(readonly=True)
    carrier_name = fields.Char("Carrier", readonly=True)
    service_name = fields.Char("Service", readonly=True)
    extra_services = fields.Char(readonly=True, help="What the carrier adds to the service; the cost includes it.")
    tracking_number = fields.Char(readonly=True)
    price = fields.Monetary("Cost", readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    arrives = fields.Datetime("Promised until", readonly=True)
    protection = fields.Char(readonly=True)
    attachment_id = fields.Many2one('ir.attachment', "Label", readonly=True, ondelete='set null',
                                    index='btree_not_null')
    tracking_status = fields.Char("Tracking code", readonly=True)
    tracking_status_label = label_field("Tracking", 'tracking_status', 'tracking_status')
    tracking_problem = ReaderChar(readonly=True)
    next_track = fields.Datetime(readonly=True)

    _one_a_parcel = models.UniqueIndex(
        "(picking_id, COALESCE(stock_package_id, 0)) WHERE state IN ('wanted', 'buying', 'bought', 'void')",
        "This parcel has a label already.")

    # === ASKING === #

    @api.model
    def _want(self, pickings, **vals):
        """Request labels for the parcels of deliveries that have none, and wake the job.

        :raises UserError: a delivery cannot have one
        """
        self._check_may_buy(pickings)
        return self._want_parcels(
            [(picking, *parcel) for picking in pickings for parcel in self._find_parcels(picking)], **vals)

    @api.model
    def _want_parcels(self, parcels, **vals):
        """Request labels for parcels: delivery, order, package and items.

        :raises AccessError: the user may not buy for a delivery, or it is not of the company of its order, which pays
        """
        self._check_may_buy(self.env['stock.picking'].union(*(parcel[0] for parcel in parcels)))
        if any(order.sudo().company_id != picking.company_id for picking, order, _package, _items in parcels):
            raise AccessError(self.env._("A label is bought by the company that sold the goods."))
        labels = self.sudo().create([{
            'picking_id': picking.id, 'sale_order_id': order.id, 'stock_package_id': package.id, 'items': items,
            'delivery_carrier_id': picking.carrier_id.id, **vals,
        } for picking, order, package, items in parcels])
        if labels:
            self.env['amazon.sync']._wake_event_flow('labels')
        return labels

    def _check_may_buy(self, pickings):
        """Check that the user may spend money on labels: the right to process deliveries, and access to each of these.

        :raises AccessError: the user is not in the warehouse, or a delivery is not of his companies
        """
        self.check_access('write')
        pickings.check_access('write')

    @api.model
    def _find_parcels(self, picking):
        """Return order, package and items of the parcels of a delivery, done or not, that have no label."""
        if picking.carrier_id.delivery_type != 'amazon':
            raise UserError(tell(self.env)._("%s: choose the delivery method \"Amazon Buy Shipping\" first.",
                                             picking.name))
        packages = picking.sudo().amazon_package_ids
        parcels = [(package.sale_order_id, package.stock_package_id, package.items)
                   for package in packages.sorted('id')] or [
                       (parcel.order, parcel.package, parcel.items)
                       for parcel in ParcelPlan(picking.move_ids.move_line_ids).parcels()]
        if not parcels:
            raise UserError(tell(self.env)._("%s has no goods of an Amazon order that are reserved or packed.",
                                             picking.name))
        if len({order for order, _package, _items in parcels}) > 1:
            raise UserError(tell(self.env)._("%s holds goods of several Amazon orders: a label is for one order, so "
                                             "split the delivery.", picking.name))
        labelled = picking.sudo().amazon_label_ids.filtered(
            lambda label: label.state in (*OPEN_STATES, 'bought')).mapped(
                lambda label: label.stock_package_id.id)
        return [parcel for parcel in parcels if parcel[1].id not in labelled]

    def action_retry(self):
        """Try to buy labels again that could not be bought; parcels that have another label by now are left out.

        :raises UserError: all of them have
        """
        self._check_may_buy(self.picking_id)
        failed = self.sudo().filtered(lambda label: label.state == 'failed')
        open_labels = failed._leave_out_replaced()
        if failed and not open_labels:
            raise UserError(tell(self.env)._("The parcels of these labels have other labels by now."))
        for label in open_labels:
            label.write({'state': 'wanted', 'error': False, 'request': False, 'key': False, 'shipment_ref': False})
        self.env['amazon.sync']._wake_event_flow('labels')
        return self.seller_id._notify_started()

    def _leave_out_replaced(self):
        """Return one label for each parcel that has no other label that is wanted or bought."""
        taken = {(label.picking_id, label.stock_package_id) for label in self.search([
            ('picking_id', 'in', self.picking_id.ids), ('state', 'in', ('wanted', 'buying', 'bought', 'void'))])}
        parcels = self.grouped(lambda label: (label.picking_id, label.stock_package_id))
        return self.browse().union(*(labels[:1] for parcel, labels in parcels.items() if parcel not in taken))

    def action_cancel(self):
        """Mark labels so that the job cancels them and asks for the money back."""
        self._check_may_buy(self.picking_id)
        self.sudo().filtered(lambda label: label.state == 'bought').write({'state': 'void', 'error': False})
        self.sudo().filtered(lambda label: label.state == 'wanted').write({'state': 'voided'})
        self.env['amazon.sync']._wake_event_flow('labels')
        return self.seller_id._notify_started()

    # === FLOW: LABELS === #

    def _sync_labels(self, sync):
        """Buy requested labels, cancel voided ones, fetch missing documents, track parcels; the contract is in
        `amazon_sync`.
        """
        seller = ('seller_id', '=', sync.seller_id.id)
        for domain, action in (
                ([('state', 'in', OPEN_STATES)], lambda label, shop: label._advance(sync, shop)),
                ([('state', '=', 'bought'), ('document_state', '=', 'wanted')], type(self)._fetch_document),
                ([('state', '=', 'bought'), ('next_track', '<=', fields.Datetime.now())], type(self)._track)):
            if not self._do_each(sync, self.search([seller, *domain], order='id'), action):
                return True
        return self._get_next_attempt(sync)

    @api.model
    def _get_next_attempt(self, sync):
        """Return when labels without Amazon's answer are tried again (UTC), or False where there are none."""
        left = self.search_count([('seller_id', '=', sync.seller_id.id), '|', ('state', 'in', OPEN_STATES),
                                  '&', ('state', '=', 'bought'), ('document_state', '=', 'wanted')], limit=1)
        return bool(left) and fields.Datetime.now() + get_pause(RETRY_FIRST, sync.failures, RETRY_MOST)

    def _do_each(self, sync, labels, action):
        """Run an action for labels one by one: an error of one is recorded and stops no other. Return whether there is
        time for more.
        """
        client = sync.seller_id._get_client()
        for label in labels:
            with sync._isolate(label.display_name):
                action(label, make_shop(client, label.marketplace_id.country_id.code))
            if not sync._commit():
                return False
        return True

    def _advance(self, sync, shop):
        """Run the next step of this label; it fails with Amazon's reason where Amazon refuses or its answer cannot be
        read.
        """
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
                # Amazon refuses the repetition, so it did not sell the label the first time.
                self._begin_anew()
            else:
                self._fail(self._describe_error(error))

    @api.model
    def _describe_error(self, error):
        """Return an error in words."""
        if isinstance(error, Unreadable):
            return tell(self.env)._("Amazon's answer cannot be read: %s", self._describe_fault(error))
        return explain(self.env, error)

    @api.model
    def _describe_fault(self, fault):
        if not fault.found:
            return tell(self.env)._("%s is missing", fault.field)
        return tell(self.env)._("%(field)s is %(value)s", field=fault.field, value=fault.found)

    @api.model
    def _describe_refusals(self, refusals):
        """Return why services are not offered, one text each.

        :param refusals: `Refusal` objects
        """
        words = {'terms': tell(self.env)._("its terms and conditions are not accepted in Seller Central"),
                 'unavailable': tell(self.env)._("not available at present")}
        texts = [tell(self.env)._("Amazon's offer cannot be read (%s)", refusal.reason) if refusal.code == 'unreadable'
                 else words.get(refusal.code, refusal.reason)
                 for refusal in refusals]
        return [tell(self.env).join([refusal.service, text], by=': ')
                for refusal, text in zip(refusals, texts, strict=True)]

    def _check_repeatable(self, shop):
        """Raise a `UserError` where a purchase without an answer may have happened and a second one would be paid for,
        too.
        """
        if not shop.is_repeatable or self.write_date < fields.Datetime.now() - REPEAT_FOR:
            raise UserError(tell(self.env)._(
                "Amazon gave no answer when this was bought. Look for a label of this order in Seller Central; if "
                "there is none, retry."))

    def _begin_anew(self):
        self.write({'state': 'wanted', 'request': False, 'key': False})
        self.env['amazon.sync']._wake_event_flow('labels')

    def _prepare_purchase(self, shop):
        """Choose what to buy and store the request, before it is sent."""
        parcel = self._make_parcel()
        offer = self._choose(*self._get_offers(shop, parcel))
        printer = self.delivery_carrier_id._amazon_get_printer(self.document_size)
        if not choose_option(offer.documents, printer):
            raise UserError(self._describe_formats(offer, printer))
        self.write({
            'state': 'buying', 'key': str(uuid.uuid4()),
            'request': shop.make_request(parcel, offer, printer, self.inputs or {}, self.services),
            'carrier_ref': offer.carrier_ref, 'carrier_name': offer.carrier, 'service_name': offer.service,
            **self._prepare_price(offer),
            'arrives': offer.arrives and offer.arrives.replace(tzinfo=None), 'protection': ', '.join(offer.benefits)
            or False,
        })

    @api.model
    def _get_offers(self, shop, parcel):
        """Return the offers for a parcel, and as texts why other services are not offered; an offer in a currency that
        Odoo does not know is left out.

        :raises AmazonError: Amazon refuses the parcel, or its answer cannot be read
        """
        offers, refusals = shop.get_offers(parcel)
        unknown = [offer for offer in offers if not self._find_currency(offer.currency)]
        return [offer for offer in offers if offer not in unknown], self._describe_refusals(refusals) + [
            tell(self.env)._("%(carrier)s %(service)s: Odoo does not know the currency %(currency)s",
                             carrier=offer.carrier,
                             service=offer.service, currency=offer.currency) for offer in unknown]

    @api.model
    def _find_currency(self, name):
        return self.env['res.currency'].with_context(active_test=False).search([('name', '=', name)], limit=1)

    def _prepare_price(self, offer):
        """Return the values of what an offer costs with its extra services."""
        return {'price': float(offer.get_price(self.services or {})),
                'currency_id': self._find_currency(offer.currency).id,
                'extra_services': ', '.join(service.name for service in offer.get_services(self.services or {}))
                or False}

    @api.model
    def _describe_formats(self, offer, printer):
        if printer.form in offer.formats:
            return tell(self.env)._("%(service)s has no labels as ZPL for a printer of %(dpi)s dpi.",
                                    service=offer.service,
                                    dpi=printer.dpi)
        return tell(self.env)._("%(service)s has no labels as %(form)s, only as %(others)s.", service=offer.service,
                                form=printer.form, others=', '.join(offer.formats))

    def _choose(self, offers, refusals):
        """Return the offer that a person chose, else that of the delivery method's rule.

        :param list refusals: why other services are not offered, as texts
        :raises UserError: there is none
        """
        if self.service_ref:
            return self._choose_again(offers)
        return self.delivery_carrier_id._amazon_choose(offers, refusals, self.sale_order_id.amazon_deliver_by)

    def _choose_again(self, offers):
        """Return the offer of the service that a person chose; of several, the most expensive one within the agreed
        price.
        """
        same = [offer for offer in offers if offer.service_ref == self.service_ref
                and self.carrier_ref in (False, offer.carrier_ref)]
        try:
            prices = {offer.get_price(self.services or {}): offer for offer in same}
        except LookupError:
            raise UserError(
                tell(self.env)._("An extra service that was chosen is not offered any more. Choose again.")) from None
        if not prices:
            raise UserError(tell(self.env)._("The chosen service is not offered any more. Choose again."))
        agreed = [price for price in prices if float(price) <= self.price_limit + 0.005]
        if not agreed:
            raise UserError(tell(self.env)._("The price rose to %(price)s %(currency)s. Choose again.",
                                             price=min(prices),
                                             currency=same[0].currency))
        return prices[max(agreed)]

    def _buy(self, sync, shop):
        """Buy the stored request, commit the label, and show it on the delivery, which others may hold.

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
            if not self.shipment_ref:
                return
            self._attach(bought)
            sync._commit()
        self._set_bought()

    def _set_bought(self):
        """Show the label, its tracking number and its cost on the delivery."""
        trackable = self.tracking_number and make_shop(None, self.marketplace_id.country_id.code).can_track
        self.write({'state': 'bought', 'next_track': trackable and fields.Datetime.now() + TRACK_EVERY})
        self.picking_id.message_post(attachment_ids=(self.attachment_id | self.document_ids).ids, body=self.env._(
            "Label bought from Amazon: %(carrier)s %(service)s, %(tracking)s, %(price)s.", carrier=self.carrier_name,
            service=self.service_name, tracking=self.tracking_number or '', price=self.currency_id.format(self.price)))
        self._show_on_delivery()

    def _show_on_delivery(self):
        """Bring tracking numbers and cost of the deliveries in line with their labels."""
        for picking in self.picking_id:
            bought = picking.amazon_label_ids.filtered(lambda label: label.state in ('bought', 'void'))
            labels = bought.sorted(lambda label: (label.stock_package_id.id, label.id))
            order = picking.sale_id
            picking.write({
                'carrier_tracking_ref': ','.join(filter(None, labels.mapped('tracking_number'))) or False,
                'carrier_price': sum(label.currency_id._convert(label.price, order.currency_id, order.company_id,
                                                                fields.Date.today()) for label in labels),
            })
            picking.amazon_package_ids._update_tracking()
            picking.amazon_package_ids._mark_labelled()

    def _cancel(self, shop):
        try:
            shop.cancel(self.shipment_ref)
        except NOT_OF_THE_RECORD:
            raise
        except AmazonError as error:
            self.write(
                {'state': 'bought',
                 'error': tell(self.env)._("Amazon did not cancel the label: %s", explain(self.env, error))})
            told = self.picking_id._amazon_for_person()
            told._amazon_alert(told.env._("A label could not be cancelled"), self.error)
        else:
            self.write({'state': 'voided', 'next_track': False})
            (self.attachment_id | self.document_ids).unlink()
        self._show_on_delivery()

    def _fail(self, message):
        """Mark this label as failed and show why; a label that was requested by itself becomes a task."""
        self.write({'state': 'failed', 'error': message, 'request': False})
        if not self.batch_id:
            told = self.picking_id._amazon_for_person()
            told._amazon_alert(told.env._("A label could not be bought"), message)

    def _track(self, shop):
        """Read where the parcel is, until a final status."""
        now = fields.Datetime.now()
        status, problem = self.tracking_status, False
        try:
            status = shop.track(self.tracking_number, self.carrier_ref) or status
        except NOT_OF_THE_RECORD:
            raise
        except AmazonError as error:
            problem = self._describe_error(error)
        over = not shop.can_track or status in TRACKING_ENDS or self.create_date < now - TRACK_FOR
        self.write({'tracking_status': status, 'tracking_problem': problem, 'next_track': False if over
                    else now + TRACK_EVERY})

    def action_open_delivery(self):
        self.ensure_one()
        return {'type': 'ir.actions.act_window', 'res_model': 'stock.picking', 'view_mode': 'form',
                'res_id': self.picking_id.id}


import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..amazon_api.buy_shipping import make_shop
from ..amazon_api.errors import AmazonError
from ..amazon_api.label_documents import Printer, choose_option
from ..utils.phrases import tell
from ..utils.words import write_moment

FORMATS = {'PDF': 'application/pdf', 'PNG': 'image/png', 'ZPL': 'application/zpl'}


class DeliveryCarrier(models.Model):
    _inherit = 'delivery.carrier'

    delivery_type = fields.Selection(selection_add=[('amazon', "Amazon Buy Shipping")],
                                     ondelete={'amazon': 'set default'})
    amazon_mapping_ids = fields.One2many('amazon.carrier.mapping', 'delivery_carrier_id', "Carrier at Amazon",
                                         groups='amazon_connector.group_amazon_user')
    amazon_rule = fields.Selection(
        [('cheapest', "The cheapest that arrives in time"), ('fastest', "The fastest"), ('ask', "A person chooses")],
        "Which service", default='cheapest')
    amazon_protected_only = fields.Boolean("Protected only", help="Only services with Amazon's protection against "
                                           "claims (\"CLAIMS_PROTECTED\").")
    amazon_label_format = fields.Selection([('PDF', "PDF"), ('PNG', "PNG"), ('ZPL', "ZPL")], "Label format",
                                           default='PDF', help="The format of the label printer.")
    amazon_label_size = fields.Selection(
        [('label', "Labels (4 × 6 in or A6)"), ('sheet', "Sheets (A4 or Letter)")], "Label size", default='label',
        required=True,
        help="The size of the printer's labels. Where a carrier does not offer it, the nearest size is bought; "
        "it can be "
             "chosen when a label is bought by hand.")
    amazon_label_dpi = fields.Selection([('203', "203 dpi"), ('300', "300 dpi")], "Label resolution", default='203',
                                        required=True, help="Labels in ZPL are drawn for one resolution.")
    amazon_package_type_id = fields.Many2one('stock.package.type', "Default package type",
                                             help="Size of parcels that are not packed in Odoo.")

    @api.constrains('delivery_type', 'amazon_package_type_id')
    def _check_amazon_package_type(self):
        for carrier in self:
            if carrier.delivery_type == 'amazon' and not carrier.amazon_package_type_id:
                raise ValidationError(tell(self.env)._("Choose a default package type: Amazon wants to know the size "
                                                       "of every parcel."))

    def _amazon_get_printer(self, size=False):
        """Return the format, size and resolution that the labels of this delivery method are printed in.

        :param str size: the size that a person chose instead, or False
        """
        self.ensure_one()
        return Printer(self.amazon_label_format, self.amazon_label_size, int(self.amazon_label_dpi), size or '')

    def _amazon_choose(self, offers, refusals, deliver_by):
        """Return the offer that the rule of this delivery method chooses.

        :param list offers: `Offer` objects
        :param list refusals: why other services are not offered, as texts
        :param deliver_by: until when Amazon promised the buyer (naive UTC), or False
        :raises UserError: a person must choose, or none qualifies
        """
        self.ensure_one()
        if not offers:
            raise UserError(tell(self.env)._("No carrier accepts this parcel. %s",
                                             tell(self.env).join(refusals, by='; ')))
        if self.amazon_rule == 'ask':
            raise UserError(tell(self.env)._("A person chooses the service of this delivery method: use \"Buy label\" "
                                             "on the delivery."))
        printable = [offer for offer in offers if choose_option(offer.documents, self._amazon_get_printer())]
        if not printable:
            raise UserError(self.env['amazon.label']._describe_formats(offers[0], self._amazon_get_printer()))
        simple = [offer for offer in printable if not offer.needs_inputs]
        if not simple:
            raise UserError(tell(self.env)._("Carriers want to know more about this parcel: use \"Buy label\" on the "
                                             "delivery."))
        if self.amazon_protected_only:
            simple = [offer for offer in simple if 'CLAIMS_PROTECTED' in offer.benefits]
            if not simple:
                raise UserError(tell(self.env)._("No service protects this parcel against claims. Choose one on the "
                                                 "delivery."))
        if self.amazon_rule == 'fastest':
            return min(simple, key=lambda offer: (_arrival(offer), offer.price))
        in_time = [offer for offer in simple if not deliver_by or _arrival(offer) <= deliver_by]
        if not in_time:
            raise UserError(tell(self.env)._("Nothing arrives in time (until %s UTC). Choose a service on the "
                                             "delivery.",
                                             write_moment(self.env, deliver_by)))
        return min(in_time, key=lambda offer: (offer.price, _arrival(offer)))

    # === ODOO'S DELIVERY FRAMEWORK === #

    def amazon_rate_shipment(self, order):
        """Return the cost of sending an Amazon order; Amazon is asked, nothing changes."""
        self.check_access('read')
        order.check_access('write')
        try:
            parcel = self._amazon_make_parcel(order)
            shop = make_shop(order.amazon_marketplace_id.sudo().seller_id._get_client(),
                             order.amazon_marketplace_id.country_id.code)
            offer = self._amazon_choose(*self.env['amazon.label']._get_offers(shop, parcel), order.amazon_deliver_by)
        except (UserError, AmazonError) as error:
            return {'success': False, 'price': 0.0, 'warning_message': False,
                    'error_message': self.env['amazon.label']._describe_error(error)}
        return {'success': True, 'price': float(offer.price), 'error_message': False,
                'warning_message': f'{offer.carrier} {offer.service}'}

    def _amazon_make_parcel(self, order):
        if order.amazon_channel != 'fbm':
            raise UserError(tell(self.env)._("Amazon Buy Shipping is for Amazon orders that you fulfil."))
        items = [(line.amazon_item_ref, int(line.product_uom_qty)) for line in order._amazon_goods()
                 if line.product_uom_qty]
        weight = order._get_estimated_weight() + self.amazon_package_type_id.base_weight
        return self.env['amazon.label']._assemble_parcel(order, items, weight, self.amazon_package_type_id,
                                                         order.warehouse_id)

    def amazon_send_shipping(self, pickings):
        """Request the labels of deliveries; the job buys them and then sets tracking number and cost."""
        self.env['amazon.label']._want(pickings)
        return [{'exact_price': 0.0, 'tracking_number': False} for _picking in pickings]

    def amazon_get_tracking_link(self, picking):
        """Return the carrier's page where the delivery method names it, else Amazon's page of the order."""
        if self.tracking_url:
            return self.tracking_url.replace('<shipmenttrackingnumber>', picking.carrier_tracking_ref)
        return picking.sale_id._amazon_get_url()

    def amazon_cancel_shipment(self, pickings):
        """Cancel the labels of deliveries; the job cancels them at Amazon."""
        pickings.check_access('write')
        self.env['amazon.label'].search([('picking_id', 'in', pickings.ids)]).action_cancel()


def _arrival(offer):
    return offer.arrives.replace(tzinfo=None) if offer.arrives else datetime.datetime.max

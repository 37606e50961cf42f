from odoo import fields, models

from ..utils.access import check_group
from ..utils.phrases import tell
from ..utils.tax_places import TaxPlaces

# So many days an invoice waits for Amazon's report of what it shipped.
WAIT_DAYS = 4
# An object that only code can put into a context.
TAX_ANEW = object()


class SaleOrder(models.Model):
    """The country that goods of FBA orders really left from, which decides about their tax."""

    _inherit = 'sale.order'

    amazon_departure_country_id = fields.Many2one(
        'res.country', "Left from", copy=False, readonly=True, index='btree_not_null',
        help="The country of the fulfillment center that Amazon shipped this order from.")
    amazon_source_country_id = fields.Many2one(
        'res.country', "Taxed as from", copy=False, readonly=True,
        help="The country that the taxes of this order take as the one that its goods leave from.")
    amazon_departure_state = fields.Selection(
        [('right', "Taxed as it left"), ('again', "To be taxed anew"),
         ('invoiced', "Invoiced with another country's tax"), ('several', "Left from several countries"),
         ('checked', "Checked")], "Tax by departure", copy=False, readonly=True, index='btree_not_null')
    amazon_shipment_ids = fields.One2many('amazon.fba.shipment', 'sale_order_id', readonly=True,
                                          groups='amazon_connector.group_amazon_user,stock.group_stock_user,'
                                          'account.group_account_readonly')

    def _amazon_set_departure(self):
        """Set where the goods of these orders left from, and find those whose tax is another country's: orders that are
        not invoiced are read again and taxed anew, the others are listed for the accountant.
        """
        for market, orders in self.grouped('amazon_marketplace_id').items():
            places = TaxPlaces(market)
            for order in orders:
                countries = order.sudo().amazon_shipment_ids.country_id
                order.amazon_departure_country_id = countries if len(countries) == 1 else False
                order._amazon_check_departure(places)
        received = self.sudo().amazon_inbox_ids.filtered(lambda received: received.state == 'requested')
        received.seller_id._wake('orders')

    def _amazon_check_departure(self, places):
        """Find out whether this order is taxed by the country that its goods left from.

        :param places: the `TaxPlaces` of its marketplace
        """
        departure = self.amazon_departure_country_id
        if not departure:
            self.amazon_departure_state = 'several'
        elif self._amazon_is_taxed_from(places, departure):
            self.write({'amazon_departure_state': 'right', 'amazon_source_country_id': departure.id})
        elif self._amazon_is_tax_final():
            self.amazon_departure_state = 'invoiced'
        elif self.amazon_departure_state != 'again':
            self.amazon_departure_state = 'again'
            self.sudo().amazon_inbox_ids.write({'state': 'requested', 'next_attempt': False, 'attempts': 0})

    def _amazon_is_taxed_from(self, places, departure):
        """Return whether the taxes of this order are those of goods that leave from a country."""
        source = self.amazon_source_country_id or places.find_source('fba')
        if source == departure or self.amazon_marketplace_id._is_tax_apart() or places.market.fiscal_position_id:
            return True
        if self.state == 'cancel':
            return True
        if self.partner_id == places.market.anonymous_partner_id:
            # Nobody knows any more where it went.
            return False
        place = places.find(self.partner_id, self.partner_shipping_id, departure)
        return not place.question and place.position == self.fiscal_position_id

    def _amazon_is_tax_final(self):
        """Return whether a document has the tax of this order, so that it is not changed any more."""
        return (any(invoice.state != 'cancel' for invoice in self.sudo().invoice_ids) or self.amazon_is_anonymised
                or not self.sudo().amazon_inbox_ids or bool(self.env['amazon.settlement'].sudo()._find_summed_up(self)))

    def _amazon_is_taxed_anew(self, plan):
        """Return whether the taxes of this order, though it may be confirmed, are to become those of a plan."""
        return (self.amazon_departure_state == 'again'
                and plan.place.source == self.amazon_departure_country_id and not self._amazon_is_tax_final())

    def _amazon_find_departure_obstacle(self):
        """Return why the invoice of this order waits for the country that its goods left from, or None."""
        market = self.amazon_marketplace_id
        if self.amazon_departure_state == 'again':
            return tell(self.env)._("The invoice waits: the order left from %s and is taxed anew.",
                                    self.amazon_departure_country_id.name)
        if (self.amazon_channel != 'fba' or self.amazon_departure_state or not market._is_by_ledger()
                or not market.seller_id._has_several_countries()):
            return None
        unknown = self.sudo().amazon_shipment_ids.filtered(lambda shipment: not shipment.country_id).mapped('center')
        if unknown:
            return tell(self.env)._("The invoice waits: choose the country of the fulfillment center %s first.",
                                    ', '.join(sorted(set(filter(None, unknown)))))
        day = self.amazon_invoice_day
        if day and (fields.Date.today() - day).days < WAIT_DAYS:
            return tell(self.env)._("The invoice waits for Amazon's report of the country that the goods left from.")
        return None

    def action_amazon_departure_checked(self):
        """Mark that the accountant has looked at the tax of these orders that left from another country."""
        self.check_access('read')
        check_group(self.env, 'account.group_account_user', 'account.group_account_manager')
        self.sudo().filtered(lambda order: order.amazon_departure_state in ('invoiced', 'several', 'again')).write(
            {'amazon_departure_state': 'checked'})
        return True

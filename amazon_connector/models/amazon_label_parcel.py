from odoo import api, models
from odoo.exceptions import UserError

from ..amazon_api.offers import Address, Parcel
from ..utils.phrases import tell


class AmazonLabel(models.Model):
    """The parcel of a label in the form that Amazon's shipping APIs ask for."""

    _inherit = 'amazon.label'

    def _make_parcel(self):
        """Return the parcel in the form that Amazon's shipping APIs ask for.

        :raises UserError: weight, size or the sender's address lacks something; the text says what to enter where
        """
        picking = self.picking_id
        lines = picking.move_ids.move_line_ids.filtered(lambda line: line.result_package_id == self.stock_package_id)
        package_type = self.stock_package_id.package_type_id or self.delivery_carrier_id.amazon_package_type_id
        entered = self.stock_package_id.shipping_weight if self.stock_package_id else (
            picking.shipping_weight if picking.shipping_weight != picking.weight_bulk else 0)
        weight = entered or package_type.base_weight + sum(line.quantity_product_uom * line.product_id.weight
                                                           for line in lines)
        items = [(item['orderItemId'], item['quantity']) for item in self.items]
        return self._assemble_parcel(self.sale_order_id, items, weight, package_type,
                                     picking.picking_type_id.warehouse_id)

    @api.model
    def _assemble_parcel(self, order, items, weight, package_type, warehouse):
        """Return a parcel of an order: `items` are pairs of order item id and quantity, `weight` is in Odoo's unit of
        weight.
        """
        prices = {line.amazon_item_ref: line.price_unit for line in order._amazon_goods()}
        value = round(sum(prices.get(reference, 0) * quantity for reference, quantity in items), 2)
        return Parcel(order.amazon_order_ref, items, self._to_grams(weight), package_type._amazon_get_sides(), value,
                      order.currency_id.name,
                      self._make_sender(warehouse))

    @api.model
    def _to_grams(self, weight):
        unit = self.env['product.template']._get_weight_uom_id_from_ir_config_parameter()
        grams = unit._compute_quantity(weight, self.env.ref('uom.product_uom_gram'), round=False)
        if grams <= 0:
            raise UserError(tell(self.env)._("The weight is missing: enter it on the products, on the package, or "
                                             "under \"Weight for shipping\" of the delivery."))
        return round(grams, 1)

    @api.model
    def _make_sender(self, warehouse):
        company = warehouse.company_id.partner_id
        partner = warehouse.partner_id or company
        address = Address(
            partner.name or '', partner.street or '', partner.street2 or '', partner.city or '', partner.state_id.code
            or '', partner.zip or '',
            partner.country_id.code or '', partner.email or company.email or '', partner.phone or company.phone or '')
        missing = [label for field, label in (
            ('street', tell(self.env)._("street")), ('city', tell(self.env)._("city")), ('zip',
                                                                                         tell(self.env)._("ZIP code")),
            ('country', tell(self.env)._("country")),
            ('email', tell(self.env)._("e-mail")), ('phone', tell(self.env)._("phone"))) if not getattr(address, field)]
        if missing:
            raise UserError(tell(self.env)._("The address of %(name)s, from which parcels are sent, lacks: "
                                             "%(missing)s.",
                                             name=partner.display_name,
                                             missing=tell(self.env).join(missing, by=', ')))
        return address

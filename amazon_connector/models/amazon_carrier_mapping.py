import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..utils.phrases import tell
from .amazon_carrier import OTHER


class AmazonCarrierMapping(models.Model):
    """The carrier that is sent to Amazon for a delivery method of Odoo: on one marketplace, or on all."""

    _name = 'amazon.carrier.mapping'
    _description = "Amazon Carrier of a Delivery Method"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'delivery_carrier_id'
    _order = 'delivery_carrier_id, marketplace_id'

    delivery_carrier_id = fields.Many2one('delivery.carrier', "Delivery method", required=True, ondelete='cascade',
                                          index=True)
    company_id = fields.Many2one(related='delivery_carrier_id.company_id', store=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', "Only on", ondelete='cascade',
                                     help="Empty for all marketplaces.")
    carrier_id = fields.Many2one('amazon.carrier', "Carrier at Amazon", required=True, ondelete='restrict')
    carrier_code = fields.Char(related='carrier_id.code')
    carrier_name = fields.Char("Name of the carrier", help="Amazon wants it for a carrier that it does not list.")
    service_id = fields.Many2one('amazon.carrier.service', "Shipping method",
                                 domain="[('carrier_id', '=', carrier_id)]")
    is_for_prime = fields.Boolean(
        "May carry Prime", help="Amazon has approved this delivery method for your Prime orders (Seller Fulfilled "
        "Prime). Prime orders with others are shown before they are shipped.")
    is_suggested = fields.Boolean("Suggested", readonly=True)

    _mapping_unique = models.UniqueIndex("(delivery_carrier_id, COALESCE(marketplace_id, 0))",
                                         "This delivery method is mapped already.")

    @api.constrains('carrier_id', 'carrier_name')
    def _check_carrier_name(self):
        for mapping in self:
            if mapping.carrier_code == OTHER and not mapping.carrier_name:
                raise ValidationError(tell(self.env)._("Enter the name of the carrier: Amazon wants it where the "
                                                       "carrier is not on its list."))

    @api.constrains('carrier_id', 'service_id')
    def _check_service(self):
        for mapping in self:
            if mapping.service_id.carrier_id not in (mapping.carrier_id, self.env['amazon.carrier']):
                raise ValidationError(tell(self.env)._("%(service)s is no shipping method of %(carrier)s.",
                                                       service=mapping.service_id.display_name,
                                                       carrier=mapping.carrier_id.display_name))

    @api.constrains('delivery_carrier_id', 'marketplace_id')
    def _check_marketplace_company(self):
        """Raise a `ValidationError` where a delivery method of one company is mapped for a marketplace of another one.
        """
        for mapping in self.filtered('company_id'):
            if mapping.marketplace_id.company_id not in (mapping.company_id, self.env['res.company']):
                raise ValidationError(tell(self.env)._("%(method)s and %(marketplace)s belong to different companies.",
                                                       method=mapping.delivery_carrier_id.name,
                                                       marketplace=mapping.marketplace_id.name))

    @api.onchange('carrier_id', 'carrier_name', 'service_id')
    def _onchange_mapping(self):
        self.is_suggested = False
        if self.service_id.carrier_id != self.carrier_id:
            self.service_id = False

    def write(self, vals):
        """Write mappings; one that a person changes is no suggestion any more."""
        result = super().write(vals)
        if 'is_suggested' not in vals:
            super(AmazonCarrierMapping, self.sudo().filtered('is_suggested')).write({'is_suggested': False})
        return result

    @api.model
    def _find(self, delivery_carrier, marketplace):
        """Return the mapping of a delivery method on a marketplace, or none."""
        mappings = delivery_carrier.sudo().amazon_mapping_ids
        return mappings.filtered(lambda mapping: mapping.marketplace_id == marketplace)[:1] or mappings.filtered(
            lambda mapping: not mapping.marketplace_id)[:1]

    def action_suggest(self):
        """Map every delivery method whose name contains that of a carrier; a person may correct it."""
        self.check_access('create')
        carriers = self.env['amazon.carrier'].search([('code', '!=', OTHER)])
        mapped = self.sudo().search([('delivery_carrier_id', '!=', False)]).delivery_carrier_id
        methods = self.env['delivery.carrier'].search(
            [('id', 'not in', mapped.ids), ('delivery_type', '!=', 'amazon')])
        self.sudo().create([{'delivery_carrier_id': method.id, 'carrier_id': carrier.id, 'is_suggested': True}
                     for method in methods if (carrier := self._suggest(method.name, carriers))])
        return True

    @api.model
    def _suggest(self, name, carriers):
        """Return the carrier whose name or code is the longest within a name, word by word, or none."""
        wanted = f' {_normalise(name)} '
        found = [(len(_normalise(text)), carrier) for carrier in carriers for text in (carrier.name, carrier.code)
                 if f' {_normalise(text)} ' in wanted]
        return max(found, key=lambda pair: pair[0])[1] if found else carriers.browse()


def _normalise(text):
    return ' '.join(re.findall(r'\w+', text.lower()))

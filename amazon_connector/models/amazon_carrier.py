import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..utils.phrases import tell

OTHER = 'Other'


class AmazonCarrier(models.Model):
    """A carrier by Amazon's name: Amazon refuses any other spelling."""

    _name = 'amazon.carrier'
    _description = "Amazon Carrier"
    _order = 'name'

    code = fields.Char("Amazon's code", required=True, help="Exactly as Seller Central shows it, capitals and spaces "
                       "included.")
    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    country_ids = fields.Many2many('res.country', string="Marketplaces",
                                   help="Countries of the marketplaces that know it; none for all.")
    tracking_pattern = fields.Char("Form of tracking numbers", help="Regular expression; another number is warned "
                                   "about before the delivery is validated.")
    is_tracked = fields.Boolean("Has tracking numbers", default=True)
    service_ids = fields.One2many('amazon.carrier.service', 'carrier_id', "Services")

    _code_unique = models.Constraint('UNIQUE(code)', "This carrier is there already.")

    @api.constrains('tracking_pattern')
    def _check_tracking_pattern(self):
        for carrier in self:
            try:
                re.compile(carrier.tracking_pattern or '')
            except re.error as error:
                raise ValidationError(tell(self.env)._("The form of tracking numbers of %(carrier)s is not a regular "
                                                       "expression: %(error)s", carrier=carrier.name,
                                                       error=error)) from None

    def _is_known_in(self, country):
        """Return whether Amazon knows this carrier on the marketplace of a country."""
        return not self.country_ids or country in self.country_ids

    def _accepts(self, tracking_number):
        """Return whether a tracking number has the form of this carrier's; spaces do not matter."""
        return not self.tracking_pattern or bool(re.fullmatch(self.tracking_pattern, tracking_number.replace(' ', ''),
                                                              re.IGNORECASE))

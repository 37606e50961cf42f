from odoo import api, fields, models

from ..utils.access import check_companies
from .amazon_seller import amazon_marketplaces

KINDS = [
    ('lost', "Lost at Amazon"), ('damaged', "Damaged at Amazon"), ('disposed', "Disposed of without an order"),
    ('return', "Refunded or replaced, but not returned"), ('return_bad', "Returned damaged, or another item"),
    ('removal', "Removal order came short"),
    ('parcel', "Parcel of a removal came short"), ('inbound', "Shipment to Amazon came short"),
    ('below_cost', "Paid below cost"),
]
# Where no rule says otherwise: days to wait, days to claim.
DEFAULTS = {'wait_days': 30, 'window_days': 60}


class AmazonClaimPolicy(models.Model):
    """When a kind of claim can be filed: how long to wait for what turns up by itself, and until when Amazon takes it.

    The most special rule counts: a company's own before those that are built in, one of a country before one of a
    region, that before one for all.
    """

    _name = 'amazon.claim.policy'
    _description = "Amazon Claim Window"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'kind'
    _order = 'kind, region, country_id, id'

    active = fields.Boolean(default=True)
    company_id = fields.Many2one('res.company', default=lambda self: False if self.env.su else self.env.company,
                                 help="Empty: built in, for all companies. A company's own comes before it.")
    kind = fields.Selection(KINDS, required=True)
    region = fields.Selection(list(amazon_marketplaces.REGIONS.items()), help="Empty: all regions.")
    country_id = fields.Many2one('res.country', help="Of the fulfillment center, else of the seller's home; empty: "
                                 "all.")
    wait_days = fields.Integer("Wait (days)", required=True, default=30,
                               help="So many days after the event it is a claim: units turn up, and Amazon pays, by "
                               "themselves.")
    window_days = fields.Integer("Claim within (days)", required=True, default=60,
                                 help="So many days after the event Amazon takes the claim.")
    tolerance = fields.Float("Tolerance (%)", help="So much below cost is no claim.")
    certainty = fields.Selection(
        [('amazon', "Stated by Amazon"), ('open', "Open: sources differ"), ('own', "Own setting")], required=True,
        default='own')
    note = fields.Char(translate=True)

    _days_positive = models.Constraint('CHECK(wait_days >= 0 AND window_days >= wait_days)',
                                       "The time to claim cannot end before it begins.")

    @api.model_create_multi
    def create(self, vals_list):
        """Create rules; users only for their companies."""
        policies = super().create(vals_list)
        check_companies(self.env, policies.company_id.ids)
        return policies

    def write(self, vals):
        """Write rules; users only those of their companies."""
        check_companies(self.env, filter(None, [vals.get('company_id')]))
        return super().write(vals)

    @api.model
    def _find(self, seller, kind, country=None):
        """Return the rule for a kind of claim of a seller, or a new record with careful values where there is none.

        :param country: `res.country` of the event, empty for unknown
        """
        country = country or seller._get_home_market().country_id
        found = self.sudo().search([
            ('kind', '=', kind), ('company_id', 'in', (False, seller.company_id.id)),
            ('region', 'in', (False, seller.region)), ('country_id', 'in', (False, country.id))])
        best = found.sorted(lambda policy: (not policy.company_id, not policy.country_id, not policy.region, policy.id))
        return best[:1] or self.sudo().new({'kind': kind, **DEFAULTS})

from odoo import fields, models


class ProductPricelist(models.Model):
    _inherit = 'product.pricelist'

    amazon_only = fields.Boolean(
        "For Amazon only",
        help="Odoo proposes this pricelist to no customer. It is chosen on the marketplaces whose orders have it.",
    )

    def _get_partner_pricelist_multi_search_domain_hook(self, company_id):
        """Exclude pricelists of marketplaces: a customer without a pricelist gets the first one that Odoo finds."""
        return [*super()._get_partner_pricelist_multi_search_domain_hook(company_id), ('amazon_only', '=', False)]

from odoo import fields, models


class AmazonMarketplaceTax(models.Model):
    _name = 'amazon.marketplace.tax'
    _description = "Amazon Tax Mapping"
    _rec_name = 'tax_id'
    _check_company_auto = True
    _order = 'marketplace_id, rate'

    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, ondelete='cascade')
    company_id = fields.Many2one(related='marketplace_id.company_id')
    rate = fields.Float("Rate (%)", digits=(6, 4), required=True)
    tax_id = fields.Many2one(
        'account.tax', required=True, check_company=True, string="Tax in Odoo", ondelete='restrict',
        domain="[('type_tax_use', '=', 'sale'), ('company_id', 'parent_of', company_id)]",
        help="A tax that is included in prices, so that order totals equal Amazon's to the cent.")

    _rate_unique = models.Constraint('UNIQUE(marketplace_id, rate)', "A rate is mapped once per marketplace.")

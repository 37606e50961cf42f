from odoo import api, fields, models

from ..amazon_api.suppliers import get_ad_supplier
from ..utils.phrases import tell


class AmazonSellerMarketplace(models.Model):
    """The tax of Amazon's invoices for advertising, which another company of Amazon may write than those for fees."""

    _inherit = 'amazon.seller.marketplace'

    ad_supplier = fields.Char("Advertising is invoiced by", compute='_compute_ad_supplier')
    ad_country_id = fields.Many2one('res.country', "Advertising is invoiced from", compute='_compute_ad_supplier')
    settlement_ad_tax_id = fields.Many2one(
        'account.tax', "Tax on advertising", check_company=True, domain=[('type_tax_use', '=', 'purchase')],
        help="What Amazon's invoices for advertising on this marketplace show. Empty: as the tax on fees, unless "
        "advertising is invoiced from abroad and fees "
             "are not, or the other way round; then there is none.")

    @api.depends('country_id')
    def _compute_ad_supplier(self):
        suppliers = {market: get_ad_supplier(market.country_id.code) for market in self}
        codes = {supplier.country for supplier in suppliers.values() if supplier}
        countries = self.env['res.country'].search([('code', 'in', list(codes))]).grouped('code')
        for market, supplier in suppliers.items():
            market.ad_supplier = supplier and supplier.name
            market.ad_country_id = countries.get(supplier.country) if supplier else False

    def _get_ad_tax(self):
        """Return the tax inside the rows of advertising: the chosen one, else that of fees if it can be the same."""
        self.ensure_one()
        return self.settlement_ad_tax_id or (self.env['account.tax'] if self._is_ad_apart()
                                             else self.settlement_fee_tax_id)

    def _is_ad_apart(self):
        """Return whether advertising is invoiced from abroad and fees are not, or the other way round."""
        home = self.company_id.account_fiscal_country_id
        return bool(self.ad_country_id and self.fee_country_id) and (self.ad_country_id == home) != (
            self.fee_country_id == home)

    def _find_ad_tax(self):
        """Return the tax that Amazon's invoices for advertising should show; none where it is that of fees, or not
        clear.
        """
        self.ensure_one()
        return self._find_tax_from(self.ad_country_id) if self._is_ad_apart() else self.env['account.tax']

    def _describe_ad_tax(self):
        """Return in words that no tax is booked for advertising that is invoiced from abroad, or False."""
        self.ensure_one()
        if self.settlement_ad_tax_id or not self.settlement_fee_tax_id or not self._is_ad_apart():
            return False
        return tell(self.env)._(
            "%(market)s: advertising is invoiced by %(supplier)s (%(country)s), not as the fees are, and no tax on "
            "advertising is chosen on the marketplace: "
            "none is booked. As a rule it is reverse charge; Amazon's invoices say it.",
            market=self.name, supplier=self.ad_supplier, country=self.ad_country_id.name)

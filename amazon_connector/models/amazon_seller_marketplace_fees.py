import re

from odoo import api, fields, models

from ..amazon_api.suppliers import TAX_INSIDE, get_supplier
from ..utils.phrases import tell


class AmazonSellerMarketplace(models.Model):
    """The tax of Amazon's own invoices, which follows from the company of Amazon that writes them."""

    _inherit = 'amazon.seller.marketplace'

    fee_supplier = fields.Char("Fees are invoiced by", compute='_compute_fee_supplier', store=True, readonly=False,
                               help="Amazon's company on the invoices for its fees; see Tax Document Library in Seller "
                               "Central.")
    fee_country_id = fields.Many2one('res.country', "Fees are invoiced from", compute='_compute_fee_supplier',
                                     store=True, readonly=False,
                                     help="Its country or that of its branch: the tax on fees follows it.")
    settlement_fee_tax_id = fields.Many2one(
        'account.tax', "Tax on fees", check_company=True, domain=[('type_tax_use', '=', 'purchase')],
        help="What Amazon's invoices for this marketplace show: the tax of the company's country inside of Amazon's "
        "amounts, or reverse charge. Rows "
             "\"Tax on fee\" are this tax where there are some. Empty: Amazon's invoices have no tax that the company "
        "may deduct.")
    fee_tax_warning = fields.Char("Check the tax on fees", compute='_compute_fee_tax_warning')

    @api.depends('country_id', 'company_id.account_fiscal_country_id')
    def _compute_fee_supplier(self):
        codes = {}
        for market in self:
            supplier = get_supplier(market.country_id.code)
            market.fee_supplier = supplier and supplier.name
            codes[market] = supplier and supplier.get_country(market.company_id.account_fiscal_country_id.code)
        countries = {country.code: country.id
                     for country in self.env['res.country'].search(
                         [('code', 'in', list(filter(None, codes.values())))])}
        for market, code in codes.items():
            market.fee_country_id = countries.get(code)

    @api.depends('settlement_fee_tax_id', 'fee_country_id', 'company_id')
    def _compute_fee_tax_warning(self):
        for market in self:
            market.fee_tax_warning = market._describe_fee_tax(market.settlement_fee_tax_id)

    def _describe_fee_tax(self, tax):
        """Return in words what is wrong with the tax on the fees of this marketplace, or with none; False for nothing.
        """
        doubt = self._find_fee_tax_doubt(tax)
        names = {'supplier': self.fee_supplier or "Amazon", 'country': self.fee_country_id.name,
                 'home': self.company_id.account_fiscal_country_id.name}
        if doubt == 'claimed':
            return tell(self.env)._("%(supplier)s invoices from %(country)s: there is no tax of %(home)s to deduct. "
                                    "Choose reverse charge or no tax.", **names)
        return doubt == 'missing' and tell(self.env)._(
            "%(supplier)s invoices from %(country)s: as a rule you owe the tax of these services in %(home)s by "
            "reverse charge. Choose that tax under "
            "Accounting > Booking by Marketplace (it may be archived in your chart); without one, no tax is booked.",
            **names)

    def _find_fee_tax_doubt(self, tax):
        """Return what is wrong with a tax on the fees of this marketplace: `claimed` (no country has it), `missing`, or
        False.
        """
        self.ensure_one()
        home = self.company_id.account_fiscal_country_id
        if not self.fee_country_id or self.fee_country_id == home:
            return False
        if tax:
            return sum(self._get_tax_factors(tax)) > 0 and 'claimed'
        return (home in self.env.ref('base.europe').country_ids or home.code == 'GB') and 'missing'

    # === WHICH TAX === #

    def _find_fee_tax(self):
        """Return the tax that Amazon's invoices for this marketplace should show to its company; none where the chart
        has no such tax, or several.
        """
        self.ensure_one()
        return self._find_tax_from(self.fee_country_id)

    def _find_tax_from(self, country):
        """Return the tax of services that a company of Amazon invoices from a country; none where the chart has no such
        tax, or several.
        """
        company, europe = self.company_id, self.env.ref('base.europe').country_ids
        home, usual = company.account_fiscal_country_id, company.account_purchase_tax_id
        taxes = self.env['account.tax'].with_context(lang='en_US', active_test=True).search([
            ('company_id', '=', company.id), ('type_tax_use', '=', 'purchase'), ('amount', '=', usual.amount),
            ('amount', '>', 0)])
        if not country:
            taxes = taxes.browse()
        elif country == home:
            # Several of the chart deduct the same amount, and the usual one comes first.
            taxes = ((taxes.filtered(self._is_tax_of_services)[:1] or usual) if home.code in TAX_INSIDE
                     else taxes.browse())
        else:
            inside = {home, country} <= set(europe)
            taxes = taxes.filtered(self._is_reverse_charge_in_europe if inside
                                   else self._is_reverse_charge_from_outside)
            # Which of several it is, only the accountant knows.
            taxes = taxes if len(taxes) == 1 else taxes.browse()
        return taxes.with_context(lang=self.env.lang)

    @api.model
    def _is_tax_of_services(self, tax):
        """Return whether this is the usual tax of services bought at home, on top of their prices."""
        words = self._get_tax_words(tax)
        return (self._is_of_services(tax, words) and not tax.price_include and 'included' not in words
                and self._get_tax_factors(tax) == [100]
                and True in tax.fiscal_position_ids.mapped('is_domestic'))

    @api.model
    def _is_reverse_charge_in_europe(self, tax):
        """Return whether this is the tax of services from the European Union: charts say so in its scope, or else in
        its name, description or fiscal position.
        """
        words = self._get_tax_words(tax)
        from_europe = tax.fiscal_position_ids.country_group_id.country_ids & self.env.ref('base.lu') or 'eu' in words
        return self._is_reverse_charge_of_services(tax, words) and from_europe and not self._is_from_outside(tax, words)

    @api.model
    def _is_reverse_charge_from_outside(self, tax):
        """Return whether this is the tax of services from outside of the European Union, or from any other country for
        a company outside of it.
        """
        words = self._get_tax_words(tax)
        return self._is_reverse_charge_of_services(tax, words) and self._is_from_outside(tax, words)

    @api.model
    def _is_reverse_charge_of_services(self, tax, words):
        is_domestic = True in tax.fiscal_position_ids.mapped('is_domestic')
        return sum(self._get_tax_factors(tax)) == 0 and not is_domestic and self._is_of_services(tax, words)

    @api.model
    def _is_of_services(self, tax, words):
        return tax.tax_scope == 'service' or not tax.tax_scope and bool(words & {'service', 'services'})

    @api.model
    def _is_from_outside(self, tax, words):
        if words & {'noneu', 'outside'}:
            return True
        abroad = tax.fiscal_position_ids.filtered(lambda position: not (position.is_domestic or position.country_id
                                                                        or position.country_group_id))
        return bool(abroad) and 'eu' not in words

    @api.model
    def _get_tax_words(self, tax):
        """Return the set of words, in small letters, of a tax's name, description and fiscal positions."""
        text = f"{tax.name} {tax.description or ''} {' '.join(tax.fiscal_position_ids.mapped('name'))}".lower()
        return set(re.findall('[a-z]+', re.sub(r'\bnon[- ]eu\b', 'noneu', text)))

    @api.model
    def _get_tax_factors(self, tax):
        return tax.invoice_repartition_line_ids.filtered(lambda line: line.repartition_type == 'tax').mapped(
            'factor_percent')

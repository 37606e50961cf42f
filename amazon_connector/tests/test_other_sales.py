import functools

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tests.common import TransactionCase

from ..amazon_api.marketplaces import BY_COUNTRY, MARKETPLACES
from .payloads import address, item, money, order

# The usual rates of value added tax in the European Union.
RATES = {
    'AT': 20, 'BE': 21, 'BG': 20, 'CY': 19, 'CZ': 21, 'DE': 19, 'DK': 25, 'EE': 24, 'ES': 21, 'FI': 25.5, 'FR': 20,
    'GR': 24, 'HR': 25, 'HU': 27, 'IE': 23, 'IT': 22, 'LT': 21, 'LU': 17, 'LV': 21, 'MT': 18, 'NL': 21, 'PL': 23,
    'PT': 23, 'RO': 21, 'SE': 25, 'SI': 22, 'SK': 23,
}
# Of several charts of a country, the one that most companies have.
USUAL = ('de_skr03', 'es_pymes', 'generic_coa')
ABROAD = ('AT', 'CH')
# Odoo makes fiscal positions of sales over the border for these, not for the whole Union, which would take long.
NEAR = ('at', 'de', 'es', 'fr', 'it')


@tagged('post_install', '-at_install')
class TestOtherSales(TransactionCase):
    """Connecting sellers and importing their orders changes no tax of ordinary quotations and invoices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env['product.product'].create(
            {'name': "Thing", 'type': 'service', 'list_price': 100, 'invoice_policy': 'order'}
        )
        cls.companies = cls.env['res.company'].union(
            *(cls._make_company(code, country) for code, country in cls._find_charts().items())
        )
        cls.env = cls.env(
            context={**cls.env.context, 'allowed_company_ids': cls.companies.ids, 'tracking_disable': True}
        )
        cls.env.user.company_ids |= cls.companies
        cls._add_groups(cls.companies[-1])
        cls.customers = {
            country: cls.env['res.partner'].create(
                {'name': f"Customer {country}", 'country_id': cls.env.ref(f'base.{country.lower()}').id}
            )
            for country in ABROAD
        }

    @classmethod
    def _find_charts(cls):
        """Return a chart of accounts of each localisation in the database, with its country."""
        charts = {}
        for code, chart in cls.env['account.chart.template']._get_chart_template_mapping().items():
            if chart['installed'] and (chart['module'] not in charts or code in USUAL):
                charts[chart['module']] = code, chart['country_code'] or 'US'
        return dict(charts.values())

    @classmethod
    def _make_company(cls, code, country):
        companies = cls.env['res.company']
        company = companies.search([('chart_template', '=', code)], limit=1)
        if not company:
            company = companies.create({'name': f"Company {code}", 'currency_id': cls.env.ref('base.EUR').id})
            company.country_id = cls.env['res.country'].search([('code', '=', country)])
            cls.env['account.chart.template'].try_loading(code, company=company, install_demo=False)
        if not cls.env['stock.warehouse'].search_count([('company_id', '=', company.id)]):
            cls.env['stock.warehouse'].create(
                {'name': company.name, 'code': f'W{company.id}', 'company_id': company.id}
            )
        if company.account_fiscal_country_id.code in RATES:
            cls._map_neighbours(company)
        return company

    @classmethod
    def _map_neighbours(cls, company):
        europe = cls.env.ref('base.europe')
        countries = europe.country_ids
        europe.country_ids = cls.env['res.country'].union(*(cls.env.ref(f'base.{code}') for code in NEAR))
        company.with_company(company)._map_eu_taxes()
        europe.country_ids = countries

    @classmethod
    def _add_groups(cls, company):
        """Taxes as in Canada: groups that the province of the buyer replaces by others."""
        make = functools.partial(cls._make_tax, company)
        shared, own, other = (make(f"Part {amount}", amount, type_tax_use='none') for amount in (5, 7, 9.975))
        usual, foreign = (
            make(f"Group {part.name}", 0, amount_type='group', children_tax_ids=[Command.set((shared | part).ids)])
            for part in (own, other)
        )
        cls.env['account.fiscal.position'].create(
            {'name': "Province", 'company_id': company.id, 'tax_ids': [Command.link(foreign.id)]}
        )
        foreign.original_tax_ids = usual

    @classmethod
    def _make_tax(cls, company, name, amount, **vals):
        return (
            cls.env['account.tax']
            .with_company(company)
            .create({'name': name, 'amount': amount, 'type_tax_use': 'sale', 'company_id': company.id, **vals})
        )

    # === WHAT IS COMPARED === #

    def snapshot(self, company):
        """Return what Odoo makes of ordinary sales of a company: by fiscal position and tax, and in documents."""
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        taxes = (
            self.env['account.tax']
            .with_company(company)
            .search([*self.env['account.tax']._check_company_domain(company), ('type_tax_use', '=', 'sale')])
        )
        positions = self.env['account.fiscal.position'].with_company(company).search([('company_id', '=', company.id)])
        compute = functools.cache(
            lambda mapped: [
                (tax['id'], tax['amount']) for tax in mapped.compute_all(100.0, currency=company.currency_id)['taxes']
            ]
        )
        found = {
            (position.id, tax.id): (position.map_tax(tax).ids, compute(position.map_tax(tax)))
            for position in positions
            for tax in taxes
        }
        found['taxes'], found['product'] = (
            taxes.ids,
            self.product.with_company(company).taxes_id._filter_taxes_by_company(company).ids,
        )
        return {**found, **{country: self.sell(company, customer) for country, customer in self.customers.items()}}

    def sell(self, company, customer):
        """Return taxes and totals of an ordinary quotation and its invoice, which are undone."""
        with self.env.cr.savepoint() as savepoint:
            sale = (
                self.env['sale.order']
                .with_company(company)
                .create(
                    {
                        'partner_id': customer.id,
                        'company_id': company.id,
                        'order_line': [Command.create({'product_id': self.product.id, 'price_unit': 100})],
                    }
                )
            )
            sale.action_confirm()
            invoice = sale._create_invoices()
            result = (
                sale.fiscal_position_id.id,
                sale.pricelist_id.id,
                sale.team_id.id,
                sale.order_line.tax_ids.ids,
                sale.amount_total,
                invoice.invoice_line_ids.tax_ids.ids,
                invoice.amount_tax,
                invoice.amount_total,
            )
            savepoint.rollback()
        return result

    # === WHAT IS DONE MEANWHILE === #

    def connect(self, company):
        """Connect a seller of all marketplaces, and import an order from every country of the European Union."""
        seller = (
            self.env['amazon.seller']
            .with_company(company)
            .create(
                {
                    'name': company.name,
                    'company_id': company.id,
                    'home_marketplace': 'DE',
                    'state': 'connected',
                    'environment': 'custom',
                    'custom_url': 'http://127.0.0.1:9',
                    'selling_partner_ref': f'A{company.id}',
                    'import_from': '2026-10-01',
                }
            )
        )
        self.env['amazon.seller.marketplace'].with_company(company)._update_from_amazon(
            seller,
            [
                {
                    'marketplace': {
                        'id': market.id,
                        'name': market.shop,
                        'countryCode': market.country,
                        'defaultCurrencyCode': market.currency,
                        'defaultLanguageCode': 'en_US',
                        'domainName': market.shop,
                    },
                    'participation': {'isParticipating': True, 'hasSuspendedListings': False},
                    'storeName': 'Test',
                }
                for market in MARKETPLACES
            ],
        )
        seller.marketplace_ids.fbm_confirm = False
        market = seller.marketplace_ids.filtered(lambda market: market.marketplace_ref == BY_COUNTRY['DE'].id)
        self.env['amazon.listing'].create(
            {
                'marketplace_id': market.id,
                'sku': 'THING',
                'product_id': self.product.id,
                'channel_code': 'DEFAULT',
                'status': 'active',
            }
        )
        inbox = self.env['amazon.order'].with_company(company).sudo()
        inbox._store(seller, [self._make_order(country, rate) for country, rate in RATES.items()])
        rows = inbox.search([('seller_id', '=', seller.id)])
        rows._process()
        return rows

    def _make_order(self, country, rate):
        gross = 100 + rate
        return order(
            item('THING', total=f'{gross:.2f}', parts=[('ITEM', f'{gross:.2f}'), ('TAX', f'{rate:.2f}')]),
            to=address(country=country),
            email=f'{country}@marketplace.amazon.de',
            proceeds={'grandTotal': money(f'{gross:.2f}')},
        )

    def test_every_localisation(self):
        self.assertGreater(len(self.companies), 4)
        before = {company: self.snapshot(company) for company in self.companies}
        self.assertGreater(sum(map(len, before.values())), 300)
        imported = {company: self.connect(company) for company in self.companies}
        for company, rows in imported.items():
            self.assertEqual((len(rows), len(rows.seller_id.marketplace_ids)), (len(RATES), len(MARKETPLACES)))
            self.assertGreater(len(rows.sale_order_id), 0, f"{company.name}: {rows.mapped('error')}")
            # Taxes for Amazon are made of whatever an order may have.
            for tax in self.env['account.tax'].search([('company_id', '=', company.id), ('type_tax_use', '=', 'sale')]):
                tax._amazon_get_included()
        for company, state in before.items():
            now = self.snapshot(company)
            self.assertEqual(
                {
                    key: (state.get(key), now.get(key))
                    for key in state.keys() | now.keys()
                    if state.get(key) != now.get(key)
                },
                {},
                company.name,
            )

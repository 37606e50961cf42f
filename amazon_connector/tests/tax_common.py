"""Companies with sellers of their own, and orders of buyers anywhere, for the tests of taxes."""

from odoo.exceptions import UserError
from odoo.fields import Command

from ..amazon_api.marketplaces import BY_COUNTRY
from .common import AmazonCase
from .payloads import MARKETPLACES, address, item, order


def buyer(country, **more):
    """The address of a buyer in a country."""
    return address(name=f"Buyer {country}", country=country, **more)


def vat(number, name="Acheteur SA"):
    """What an order tells of a business buyer."""
    return {'taxRegistrations': [{'entityType': 'BUYER', 'legalName': name, 'taxRegistrationType': 'VAT',
                                  'taxRegistrationNumber': number}]}


class TaxCase(AmazonCase):
    """Orders of a company, by where they go and what Amazon states of their tax."""

    @classmethod
    def make_seller(cls, name, country, chart=None, currency='EUR', state=None, markets=('DE',), **vals):
        """Return company and seller; the chart of accounts takes some seconds."""
        company = cls.env['res.company'].create(
            {'name': name, 'currency_id': cls.env['res.currency'].with_context(active_test=False).search(
                [('name', '=', currency)]).id, **vals})
        company.write({'country_id': cls.env['res.country'].search([('code', '=', country)]).id, 'state_id': state
                       and cls.env.ref(state).id})
        if chart:
            cls.env['account.chart.template'].try_loading(chart, company=company, install_demo=False)
        cls.env.user.company_ids |= company
        env = cls.env(context={**cls.env.context, 'allowed_company_ids': company.ids})
        if not env['stock.warehouse'].search([('company_id', '=', company.id)], limit=1):
            env['stock.warehouse'].create({'name': name, 'code': name[:3], 'company_id': company.id})
        seller = env['amazon.seller'].create({
            'name': name, 'company_id': company.id, 'state': 'connected', 'environment': 'custom',
            'home_marketplace': country if country in BY_COUNTRY else markets[0],
            'custom_url': 'http://127.0.0.1:9', 'lwa_client_ref': 'client', 'lwa_client_secret': 'secret',
            'refresh_token': 'token', 'selling_partner_ref': f'A1{name[:8].upper()}', 'import_from': '2026-10-01'})
        env['amazon.seller.marketplace']._update_from_amazon(seller, [cls.participation(code) for code in markets])
        return company, seller

    def sell(self, total, tax=None, to='DE', market='DE', quantity=1, number=None, on_top=False, remitted=None,
             scheme=None, parts=None, seller=None, **more):
        """Receive an order of one item; return its inbox row."""
        currency = MARKETPLACES[market][1]
        parts = list(parts or [('ITEM', total if not on_top else str(round(float(total) - float(tax or 0), 2)))])
        parts += [('TAX', tax)] * (tax is not None)
        entry = item(quantity=quantity, total=total, parts=parts, currency=currency)
        if remitted:
            entry.setdefault('tax', {})['taxCollections'] = [
                {'model': 'MARKETPLACE_FACILITATOR', 'responsibleParty': 'Amazon'}]
        if scheme:
            entry.setdefault('tax', {})['taxCalculationBreakdowns'] = [{'reportingScheme': scheme}]
        where = to if isinstance(to, dict) else buyer(to)
        payload = order(entry, market=market, to=where,
                        email=more.pop('email',
                                       f'{where["name"]}{number or ""}@marketplace.amazon.de'.replace(' ', '.')),
                        name=where['name'], **({'tax': vat(number)} if number else {}), **more)
        return self.receive_by(seller or self.seller, payload)

    def receive_by(self, seller, payload):
        inbox = self.env['amazon.order'].sudo().with_context(tracking_disable=True)
        inbox._store(seller, [payload])
        row = inbox.search([('seller_id', '=', seller.id), ('amazon_order_ref', '=', payload['orderId'])])
        row._process()
        return row

    def taxes(self, row):
        """The taxes of an order as the accountant knows them, after checking that it is confirmed to the cent."""
        self.assertEqual((row.state, row.sale_order_id.state), ('done', 'sale'), row.error)
        return row.sale_order_id.order_line.tax_ids._amazon_get_original()

    def assert_taxed(self, row, rate, tax, position=None):
        """The order is confirmed with one tax of this rate, of this amount."""
        taxes = self.taxes(row)
        self.assertEqual(len(taxes), 1, taxes.mapped('name'))
        self.assertEqual(sum(taxes.flatten_taxes_hierarchy().mapped('amount')), rate)
        self.assertAlmostEqual(row.sale_order_id.amount_tax, tax)
        if position is not None:
            self.assertEqual(row.sale_order_id.fiscal_position_id, position)
        return taxes

    def assert_waits(self, row, *words):
        """The order waits as a quotation, with words, and nobody can confirm it."""
        self.assertEqual((row.state, row.sale_order_id.state), ('error', 'draft'), row.error)
        for word in words:
            self.assertIn(word, row.error)
        self.assertTrue(row.has_tax_question)
        with self.assertRaisesRegex(UserError, "cannot be confirmed before its tax is known"), self.env.cr.savepoint():
            row.sale_order_id.action_confirm()

    def accept(self, row):
        """Press the button that does what is proposed; the job then processes the order again."""
        self.assertTrue(row.has_tax_proposal, row.next_step)
        row.action_accept_tax()
        row._process()
        return row

    @classmethod
    def make_tax(cls, company, name, amount, **vals):
        group = (cls.env['account.tax.group'].search([('company_id', '=', company.id)], limit=1)
                 or cls.env['account.tax.group'].create(
                     {'name': "VAT", 'company_id': company.id}))
        return cls.env['account.tax'].create({
            'name': name, 'amount': amount, 'type_tax_use': 'sale', 'company_id': company.id,
            'country_id': company.account_fiscal_country_id.id, 'tax_group_id': group.id, **vals})

    @classmethod
    def make_position(cls, company, name, taxes=(), **vals):
        return cls.env['account.fiscal.position'].create({
            'name': name, 'company_id': company.id, 'auto_apply': True,
            'tax_ids': [Command.set([tax.id for tax in taxes])], **vals})

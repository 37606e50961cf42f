import statistics

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..utils.settlement_accounts import KINDS, find_chart

# Amazon's head office and branches in Europe invoice the sellers of their country with its tax (since August 2024).
BRANCHES = ('BE', 'DE', 'ES', 'FR', 'GB', 'IT', 'LU', 'NL', 'PL', 'SE')


class AmazonSettlementSetup(models.TransientModel):
    """Proposes the accounts that settlements need in a company's chart, and creates them when somebody agrees."""

    _name = 'amazon.settlement.setup'
    _description = "Create the Accounts of Settlements"

    company_id = fields.Many2one('res.company', required=True, readonly=True, default=lambda self: self.env.company)
    policy = fields.Selection([('invoice', "Per invoice"), ('summary', "Summary")], required=True, default=lambda self: self._default_policy())
    journal_id = fields.Many2one('account.journal', domain=[('type', '=', 'general')], check_company=True,
                                 default=lambda self: self._default_journal(), help="Empty: a journal \"Amazon\" is created.")
    fee_tax_id = fields.Many2one('account.tax', "Tax on fees", check_company=True, domain=[('type_tax_use', '=', 'purchase')],
                                 default=lambda self: self._default_fee_tax(), help="Reverse charge or local tax of the marketplaces that have none yet.")
    line_ids = fields.One2many('amazon.settlement.setup.line', 'setup_id', default=lambda self: self._default_lines())

    @api.model
    def _default_policy(self):
        return 'invoice' if self.env['amazon.seller.marketplace'].search_count(
            [('company_id', '=', self.env.company.id), '|', ('fbm_invoice', '!=', 'no'), ('fba_invoice', '!=', 'no')], limit=1) else 'summary'

    @api.model
    def _default_journal(self):
        return self.env['account.journal'].search([('company_id', '=', self.env.company.id), ('type', '=', 'general'), ('code', '=', 'AMZ')], limit=1)

    @api.model
    def _default_fee_tax(self):
        """What Amazon's invoices to a company in Europe show: the tax of its country where Amazon has a branch, else that of services from Luxembourg."""
        company = self.env.company
        country, usual = company.account_fiscal_country_id, company.account_purchase_tax_id
        taxes = self.env['account.tax'].with_context(lang='en_US').search([
            ('company_id', '=', company.id), ('type_tax_use', '=', 'purchase'), ('amount', '=', usual.amount)])
        if country.code in BRANCHES:
            taxes = taxes.filtered(self._is_tax_of_services)[:1] or usual
        elif country in self.env.ref('base.europe').country_ids:
            taxes = taxes.filtered(self._is_reverse_charge_of_services)[:1]
        else:
            taxes = taxes.browse()
        return taxes.with_context(lang=self.env.lang)

    @api.model
    def _is_tax_of_services(self, tax):
        """Whether this is the usual tax of services bought at home."""
        return (tax.tax_scope == 'service' and not tax.price_include and True in tax.fiscal_position_ids.mapped('is_domestic')
                and self._get_factors(tax) == [100])

    @api.model
    def _is_reverse_charge_of_services(self, tax):
        """Whether this is the tax of services from the European Union: charts say so in its scope, or else in its name, description or fiscal position."""
        words = f"{tax.name} {tax.description} {' '.join(tax.fiscal_position_ids.mapped('name'))}".lower()
        from_europe = tax.fiscal_position_ids.country_group_id.country_ids & self.env.ref('base.lu') or 'eu' in words and 'non-eu' not in words
        return sum(self._get_factors(tax)) == 0 and from_europe and (tax.tax_scope == 'service' or not tax.tax_scope and 'service' in words)

    @api.model
    def _get_factors(self, tax):
        return tax.invoice_repartition_line_ids.filtered(lambda line: line.repartition_type == 'tax').mapped('factor_percent')

    @api.model
    def _default_lines(self):
        company = self.env.company
        if not company.chart_template:
            raise UserError(self.env._("%s has no chart of accounts yet: choose one in the settings of Accounting.", company.name))
        accounts = self.env['account.account'].with_company(company).search([('company_ids', 'parent_of', company.id)])
        # Charts write their codes short, and Odoo fills them up with zeros to the length that the company uses.
        digits = statistics.mode(len(code) for code in accounts.mapped('code') if code)
        codes, taken = {kind: code.ljust(digits + code.count('+'), '0') for kind, code in find_chart(company.chart_template).items()}, set()
        labels = dict(self.env['amazon.settlement.rule']._fields['account_kind']._description_selection(self.env))
        return [Command.create(self._propose(kind, labels[kind], codes.get(kind), taken)) for kind in KINDS]

    @api.model
    def _propose(self, kind, label, code, taken):
        """Return the values of a line: the account that rules or marketplaces have, one of the chart, or a new one.

        :param str code: code in the chart, see `CHARTS`, or None
        :param set taken: codes that were proposed for other kinds; filled here
        """
        accounts = self.env['account.account'].with_company(self.env.company)
        used = self._get_used(kind)
        company = ('company_ids', 'parent_of', self.env.company.id)
        found = used or (accounts.search([('code', '=', code), company], limit=1) if code and not code.startswith('+') else accounts)
        if found:
            return {'kind': kind, 'account_id': found.id, 'code': found.code, 'name': found.name}
        code = (code or '').lstrip('+')
        if not code:
            like = accounts.search([('account_type', '=', KINDS[kind][1]), company], order='code desc', limit=1)
            code = accounts._search_new_account_code(like.code or '1000', taken)
        elif code in taken or accounts.search_count([('code', '=', code), company], limit=1):
            code = accounts._search_new_account_code(code, taken)
        taken.add(code)
        return {'kind': kind, 'code': code, 'name': self.env._("Amazon: %s", label)}

    @api.model
    def _get_used(self, kind):
        markets = self.env['amazon.seller.marketplace'].search([('company_id', '=', self.env.company.id)])
        field = {'payout': 'settlement_payout_account_id', 'carried': 'settlement_carried_account_id'}.get(kind)
        if field and markets[field]:
            return markets[field][:1]
        rules = self.env['amazon.settlement.rule'].with_company(self.env.company).search(
            [('account_kind', '=', kind), ('company_id', 'in', (False, self.env.company.id))])
        return rules.account_id[:1]

    def action_apply(self):
        """Create what is new, and give rules and marketplaces of the company the accounts that they do not have."""
        self.check_access('write')
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("%s is not among your companies.", self.company_id.sudo().name))
        self.ensure_one()
        accounts = {line.kind: line._get_account() for line in self.line_ids}
        rules = self.env['amazon.settlement.rule'].with_company(self.company_id).search([('company_id', 'in', (False, self.company_id.id))])
        for kind, account in accounts.items():
            rules.filtered(lambda rule, kind=kind: rule.account_kind == kind and not rule.account_id).account_id = account
        self._set_marketplaces(accounts)
        self.env['amazon.settlement'].sudo().search([('company_id', '=', self.company_id.id), ('stage', 'in', ('to_map', 'ready'))])._evaluate()
        return self.env['ir.actions.act_window']._for_xml_id('amazon_connector.amazon_settlement_action')

    def _set_marketplaces(self, accounts):
        journal = self.journal_id or self.env['account.journal'].create(
            {'name': "Amazon", 'code': 'AMZ', 'type': 'general', 'company_id': self.company_id.id, 'show_on_dashboard': False})
        partner = self.env['res.partner'].search(
            [('name', '=', 'Amazon'), ('is_company', '=', True), ('company_id', 'in', (False, self.company_id.id))], limit=1)
        defaults = {
            'settlement_journal_id': journal.id, 'settlement_payout_account_id': accounts['payout'].id,
            'settlement_carried_account_id': accounts['carried'].id, 'settlement_fee_tax_id': self.fee_tax_id.id,
            'settlement_partner_id': (partner or self.env['res.partner'].sudo().create({'name': 'Amazon', 'is_company': True})).id,
        }
        for market in self.env['amazon.seller.marketplace'].sudo().with_context(active_test=False).search([('company_id', '=', self.company_id.id)]):
            new = {**defaults, 'settlement_sale_tax_id': self._get_sale_tax(market).id}
            market.write({'settlement_policy': self.policy, **{field: value for field, value in new.items() if value and not market[field]}})
            # What an invoice shows as tax that Amazon remits, and what the settlement keeps back for it, meet on one account.
            product = market.tax_product_id.with_company(self.company_id)
            if not product.property_account_income_id:
                product.property_account_income_id = accounts['tax']

    @api.model
    def _get_sale_tax(self, market):
        """Return the tax of the usual rate of sales on a marketplace: that of its country if the company charges it (at home, OSS), else the company's own."""
        company = market.company_id
        if market.tax_policy != 'rate' or not market.price_includes_tax:
            return self.env['account.tax']
        positions = self.env['account.fiscal.position'].search([
            *self.env['account.fiscal.position']._check_company_domain(company), ('country_id', '=', market.country_id.id)])
        foreign = positions.tax_ids.filtered(lambda tax: tax.type_tax_use == 'sale' and tax.amount_type == 'percent')
        rate = company.account_sale_tax_id.amount
        if market.country_id != company.account_fiscal_country_id:
            rate = max(foreign.mapped('amount'), default=rate)
        return market.tax_mapping_ids.filtered(lambda mapping: mapping.rate == rate)[:1].tax_id

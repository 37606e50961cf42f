from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..utils.order_taxes import ItemTaxes
from ..utils.settlement_accounts import KINDS, RARE
from ..utils.settlement_chart import SettlementChart
from ..utils.tax_places import TaxPlaces

# Kind of account -> the field of the marketplaces that it is for; the others are for rules.
OF_MARKETPLACES = {'payout': 'settlement_payout_account_id', 'carried': 'settlement_carried_account_id'}


class AmazonSettlementSetup(models.TransientModel):
    """Show the accounts that settlements use in a company, propose missing ones, and apply the accepted proposals.

    Present settings are shown as they are, and are kept unless they are changed here.
    """

    _name = 'amazon.settlement.setup'
    _description = "Create the Accounts of Settlements"
    _inherit = ['amazon.access.mixin']

    company_id = fields.Many2one('res.company', required=True, readonly=True, default=lambda self: self.env.company)
    journal_id = fields.Many2one('account.journal', domain=[('type', '=', 'general')], check_company=True,
                                 default=lambda self: self._find_journal(),
                                 help="Empty: a journal \"Amazon\" is created.")
    line_ids = fields.One2many('amazon.settlement.setup.line', 'setup_id', default=lambda self: self._default_lines())
    market_ids = fields.One2many('amazon.settlement.setup.market', 'setup_id',
                                 default=lambda self: self._default_markets())
    effect = fields.Text("What happens", compute='_compute_effect')

    # === WHAT IS, AND WHAT IS PROPOSED === #

    @api.model
    def _get_markets(self, company):
        return self.env['amazon.seller.marketplace'].sudo().search([('company_id', '=', company.id)])

    @api.model
    def _get_rules(self, company):
        return self.env['amazon.settlement.rule'].with_company(company).search(
            [('company_id', 'in', (False, company.id))])

    @api.model
    def _find_journal(self):
        """Return the journal that most marketplaces have, or the one that an earlier run created."""
        company = self.env.company
        used = _find_most(self._get_markets(company), 'settlement_journal_id').sudo(False)
        return used or self.env['account.journal'].search(
            [('company_id', '=', company.id), ('type', '=', 'general'), ('code', '=', 'AMZ')], limit=1)

    @api.model
    def _default_lines(self):
        company = self.env.company
        if not company.chart_template:
            raise UserError(self.env._("%s has no chart of accounts yet: choose one in the settings of Accounting.",
                                       company.name))
        chart, used = SettlementChart(company), self._find_used_accounts(company)
        labels = dict(self.env['amazon.settlement.rule']._fields['account_kind']._description_selection(self.env))
        needed = set(self._get_rules(company).mapped('account_kind'))
        return [Command.create(self._prepare_line(kind, labels[kind], used.get(kind), chart)) for kind in KINDS
                if kind not in RARE or kind in needed]

    @api.model
    def _prepare_line(self, kind, label, used, chart):
        """Return the values of a line: the account that is used, one of the chart, or a new one."""
        found = used or chart.find_account(kind)
        if found:
            return {'kind': kind, 'account_id': found.id, 'code': found.code, 'name': found.name}
        return {'kind': kind, 'code': chart.find_new_code(kind), 'name': self.env._("Amazon: %s", label)}

    @api.model
    def _find_used_accounts(self, company):
        """Return the account of each kind that most rules, or the marketplaces, have.

        :rtype: dict of kind to `account.account`
        """
        used, markets = {}, self._get_markets(company)
        for kind, rules in self._get_rules(company).filtered('account_id').grouped('account_kind').items():
            used[kind] = _find_most(rules, 'account_id')
        for kind, field in OF_MARKETPLACES.items():
            used[kind] = _find_most(markets, field).sudo(False).with_company(company) or used.get(kind)
        return used

    @api.model
    def _default_markets(self):
        vals = []
        for market in self._get_markets(self.env.company):
            known = bool(market.settlement_journal_id)
            tax = market.settlement_fee_tax_id if known or market.settlement_fee_tax_id else market._find_fee_tax()
            ad_tax = market.settlement_ad_tax_id if known or market.settlement_ad_tax_id else market._find_ad_tax()
            vals.append({'marketplace_id': market.id, 'fee_tax_id': tax.id, 'ad_tax_id': ad_tax.id})
        return [Command.create(entry) for entry in vals]

    # === WHAT HAPPENS === #

    @api.depends('journal_id', 'line_ids.account_id', 'line_ids.code', 'line_ids.name', 'market_ids.fee_tax_id',
                 'market_ids.ad_tax_id')
    def _compute_effect(self):
        for setup in self:
            effects = [*setup.line_ids._describe(), *setup._describe_markets()]
            setup.effect = '\n'.join(effects) or setup.env._("Nothing changes.")

    def _describe_markets(self):
        """Return the changes of the marketplaces, a sentence each."""
        changes = [(line.marketplace_id, line._describe()) for line in self.market_ids]
        moved = self._get_moved_markets()
        sentences = [self.env._("%(marketplaces)s: journal %(journal)s", marketplaces=', '.join(moved.mapped('name')),
                                journal=self.journal_id.name or self.env._("Amazon (new)"))] if moved else []
        return sentences + [self.env._("%(marketplace)s: %(change)s", marketplace=market.name, change=change)
                            for market, change in changes if change]

    def _get_moved_markets(self):
        """Return the marketplaces that get the journal: those without one and, if another one was chosen here, those
        with the one that was shown.
        """
        markets = self._get_markets(self.company_id)
        shown = _find_most(markets, 'settlement_journal_id')
        return markets.filtered(lambda market: not market.settlement_journal_id or self.journal_id.id != shown.id
                                and market.settlement_journal_id == shown)

    def action_apply(self):
        """Create new accounts, apply changes, and set accounts on rules and marketplaces that have none."""
        self.check_access('write')
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("%s is not among your companies.", self.company_id.sudo().name))
        self.ensure_one()
        targets = [(line.kind, line._get_rules(), line._get_markets()) for line in self.line_ids]
        accounts = {line.kind: line._get_account() for line in self.line_ids}
        for kind, rules, markets in targets:
            rules.account_id = accounts[kind]
            if markets:
                markets[OF_MARKETPLACES[kind]] = accounts[kind]
        self._set_marketplaces(accounts['tax'])
        self.env['amazon.settlement'].sudo().search([('company_id', '=', self.company_id.id),
                                                     ('stage', 'in', ('to_map', 'ready'))])._evaluate()
        return self.env['ir.actions.act_window']._for_xml_id('amazon_connector.amazon_settlement_action')

    def _set_marketplaces(self, tax_account):
        markets = self._get_markets(self.company_id)
        moved = self._get_moved_markets()
        for market in markets.filtered(lambda market: not market.settlement_journal_id
                                       and not market.settlement_sale_tax_id):
            market.settlement_sale_tax_id = self._get_sale_tax(market)
        if moved:
            moved.settlement_journal_id = self.journal_id or self._create_journal()
        markets.filtered(lambda market: not market.settlement_partner_id).settlement_partner_id = self._find_partner()
        # The caller may name any marketplace: those of another company are left out.
        for line in self.market_ids.filtered(lambda line: line.marketplace_id in markets and line._is_changed()):
            line.marketplace_id.sudo().write({'settlement_fee_tax_id': line.fee_tax_id.id,
                                              'settlement_ad_tax_id': line.ad_tax_id.id})
        self._set_tax_products(markets, tax_account)

    @api.model
    def _get_sale_tax(self, market):
        """Return the tax of the usual rate of sales on a marketplace: that of its country if the company charges it (at
        home, OSS), else the company's own.
        """
        if market.tax_policy != 'rate' or not market.price_includes_tax:
            return self.env['account.tax']
        buyer = self.env['res.partner'].new({'country_id': market.country_id.id})
        places = TaxPlaces(market)
        place = places.find(buyer, buyer, places.home)
        taxes = self.env['account.tax'] if place.question else ItemTaxes(places,
                                                                         place).map_taxes(self.env['product.product'])
        return taxes[:1].with_env(self.env)

    def _create_journal(self):
        # Odoo takes the first journal of a type where nobody chose one.
        return self.env['account.journal'].create({
            'name': "Amazon", 'code': 'AMZ', 'type': 'general', 'company_id': self.company_id.id,
            'show_on_dashboard': False, 'sequence': 1000})

    def _find_partner(self):
        return self.env['res.partner'].search(
            [('name', '=', 'Amazon'), ('is_company', '=', True), ('company_id', 'in', (False, self.company_id.id))],
            limit=1,
        ) or self.env['res.partner'].sudo().create({'name': 'Amazon', 'is_company': True})

    def _set_tax_products(self, markets, account):
        """Set one account for tax that Amazon remits: on the product of invoices and on the rule of settlements."""
        for product in markets.tax_product_id.with_company(self.company_id):
            if not product.property_account_income_id:
                product.property_account_income_id = account


def _find_most(records, field):
    """Return the value that most of these records have in a relation, without those that have none."""
    groups = records.filtered(field).grouped(field)
    return max(groups, key=lambda value: len(groups[value]), default=records[field].browse())

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..amazon_reports.settlement_kinds import KindPattern, escape, guess_treatment, name_kind
from ..amazon_reports.text import ReportError
from ..utils.access import check_companies
from ..utils.phrases import tell
from ..utils.settlement_accounts import KINDS

TREATMENTS = [
    ('revenue', "Sales"), ('tax', "Tax payable"), ('withheld', "Tax remitted by Amazon"), ('refund', "Refunds"),
    ('fee', "Fees"), ('fee_tax', "Tax on fees"), ('advertising', "Advertising"), ('reimbursement', "Reimbursements"),
    ('reserve', "Reserve"), ('transfer', "Transfers"), ('other', "Other"),
]
# What Amazon invoices, with the tax of purchases.
PURCHASES = ('fee', 'advertising')
# Fields of a built-in rule that each company chooses for itself.
OF_COMPANY = {'account_id', 'tax_id', 'partner_id'}
# Kinds of rows that one document may bring; Amazon's has some dozens, most of them with a built-in rule.
MOST_PROPOSED = 200
PATTERNS = ('transaction_type', 'amount_type', 'amount_description')


class AmazonSettlementRule(models.Model):
    _name = 'amazon.settlement.rule'
    _description = "Amazon Settlement Rule"
    _inherit = ['analytic.mixin', 'amazon.access.mixin']
    _check_company_auto = True
    _order = 'sequence, id'

    name = fields.Char("Item label", required=True, translate=True, help="What the journal item says.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=20, help="The first rule that fits a row decides.")
    company_id = fields.Many2one('res.company', default=lambda self: False if self.env.su else self.env.company,
                                 help="Empty: built in, for all companies, each with its own account.")
    transaction_type = fields.Char(required=True, default='*',
                                   help="As Amazon writes it; * stands for anything, | is between alternatives.")
    amount_type = fields.Char(required=True, default='*')
    amount_description = fields.Char("Description", required=True, default='*')
    marketplace_id = fields.Many2one('amazon.seller.marketplace', ondelete='cascade', check_company=True,
                                     help="Empty: any marketplace.")
    country_id = fields.Many2one('res.country', "Sellers at home in",
                                 help="Only marketplaces of this country, of companies of this country: its law "
                                 "decides what Amazon withholds of them. Empty: anywhere.")
    channel = fields.Selection([('fba', "FBA"), ('fbm', "FBM")])
    of_company_id = fields.Many2one('res.company', "Rows of company", readonly=True, copy=False, ondelete='cascade',
                                    help="For the rows of this company's marketplaces in settlements of another one: "
                                    "their sum is owed to it.")
    treatment = fields.Selection(TREATMENTS, required=True, default='fee')
    account_kind = fields.Selection([(kind, label) for kind, (label, *_rest) in KINDS.items()], "Kind of account",
                                    required=True, default='fees',
                                    help="Rules of one kind get the same account when the accounts are created.")
    is_buyer = fields.Boolean("Clears invoices", help="The buyer paid or got this: it clears the order's invoices "
                              "where there are some.")
    state = fields.Selection([('proposed', "To confirm"), ('confirmed', "In use")], required=True, default='confirmed',
                             readonly=True)
    account_id = fields.Many2one('account.account', company_dependent=True, check_company=True,
                                 domain=[('account_type', 'not in', ('off_balance', 'equity_unaffected'))])
    tax_id = fields.Many2one('account.tax', company_dependent=True, check_company=True,
                             help="Instead of the tax on fees or sales of the marketplace.")
    partner_id = fields.Many2one('res.partner', company_dependent=True, check_company=True,
                                 domain=[('amazon_is_buyer', '!=', True)])
    line_ids = fields.One2many('amazon.settlement.line', 'rule_id', readonly=True)
    waiting_count = fields.Integer("Rows that wait", compute='_compute_waiting')
    waiting_amount = fields.Char("Amount that waits", compute='_compute_waiting', help="By currency.")
    waiting_example = fields.Char("Example", compute='_compute_waiting')

    @api.constrains('analytic_distribution', 'company_id')
    def _check_analytic_company(self):
        for rule in self.filtered('analytic_distribution'):
            accounts = self.env['account.analytic.account'].sudo().browse(
                {int(account) for key in rule.analytic_distribution for account in key.split(',')}).exists()
            if accounts.company_id - rule.company_id:
                raise ValidationError(tell(self.env)._(
                    "The analytic account belongs to one company, the rule to all. Duplicate the rule, choose the "
                    "company on it, and give it a lower "
                    "priority number."))

    @api.depends_context('company', 'lang')
    def _compute_waiting(self):
        groups = self.env['amazon.settlement.line']._read_group(
            [('rule_id', 'in', self.ids), ('settlement_id.state', '=', 'to_map')], ['rule_id', 'settlement_id'],
            ['__count', 'amount:sum'])
        for rule in self:
            found = [values for of_rule, *values in groups if of_rule == rule]
            amounts = {}
            for settlement, _count, amount in found:
                amounts[settlement.currency_id] = amounts.get(settlement.currency_id, 0) + amount
            rule.waiting_count = sum(count for _settlement, count, _amount in found)
            rule.waiting_amount = ', '.join(currency.format(amounts[currency]) for currency in sorted(
                amounts, key=lambda currency: currency.name))
            rule.waiting_example = ', '.join(settlement.settlement_ref for settlement, *_values in found[:3])

    @api.depends('transaction_type', 'amount_type', 'amount_description', 'name')
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = rule.name or ' / '.join(rule[name] or '*' for name in PATTERNS)

    @api.model_create_multi
    def create(self, vals_list):
        """Create rules; users only for their companies."""
        rules = super().create(vals_list)
        rules._check_shared()
        return rules

    def write(self, vals):
        """Write rules; of built-in rules, a company sets its accounts only, and copies them for other changes.

        Rules for all companies that the addon did not bring are archived by whoever may change rules.
        """
        of_companies = self.filtered('company_id')
        if not vals.keys() <= OF_COMPANY:
            (self - of_companies)._check_shared(may_go=vals == {'active': False})
        check_companies(self.env, filter(None, [vals.get('company_id')]))
        result = super().write(vals)
        of_companies._check_shared()
        if vals.keys() & {'treatment', 'account_id', 'state', 'active'}:
            self._apply_to_settlements('treatment' in vals)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shared(self):
        self._check_shared(may_go=True)

    def _check_shared(self, may_go=False):
        """Raise an `AccessError` where users write or delete a rule for all companies.

        :param may_go: whether it is to end, which is refused for what a module brought only
        :raises AccessError: one of these rules is for all companies
        """
        shared = self.browse() if self.env.su else self.filtered(lambda rule: not rule.company_id)
        if shared and not (may_go and not shared._is_brought()):
            raise AccessError(self.env._("This rule is built in, for all companies: copy it for your company, and "
                                         "change the copy."))

    def _is_brought(self):
        """Return whether a module brought one of these rules; imports and exports of users name records, too."""
        names = self.env['ir.model.data'].sudo().search([('model', '=', self._name), ('res_id', 'in', self.ids)])
        return any(not name.module.startswith('__') for name in names)

    def _apply_to_settlements(self, treatment_changed):
        """Let the settlements that are not booked yet follow these rules."""
        lines = self.env['amazon.settlement.line']
        settlements = lines._read_group(
            [('rule_id', 'in', self.ids), ('settlement_id.state', 'in', ('to_map', 'ready'))], [],
            ['settlement_id:recordset'])[0][0]
        if treatment_changed:
            for rule in self:
                lines.search([('rule_id', '=', rule.id),
                              ('settlement_id', 'in', settlements.ids)]).sudo().treatment = rule.treatment
            settlements.sudo()._update_fees()
        settlements.sudo()._evaluate()

    # === MATCHING === #

    def _is_missing(self):
        """Return whether rows of this rule cannot be booked in the current company."""
        return self.state == 'proposed' or not self.account_id or not self.active

    def _get_purchase_tax(self, market):
        """Return the tax within the rows of this rule on a marketplace in the current company, none if Amazon does not
        invoice them.
        """
        if self.treatment not in PURCHASES:
            return self.env['account.tax']
        return self.tax_id or (market._get_ad_tax() if self.treatment == 'advertising'
                               else market.settlement_fee_tax_id)

    def _get_net_share(self, market):
        """Return the part of the amounts of this rule that is no tax which can be claimed back, at most 1."""
        return self._get_share_without(self._get_purchase_tax(market))

    @api.model
    def _get_share_without(self, taxes):
        """Return the part of amounts with these taxes inside that is none of them."""
        if not taxes:
            return 1.0
        return taxes._get_tax_details(1.0, 1.0, rounding_method='round_globally',
                                      special_mode=taxes._amazon_get_inside_mode())['total_excluded']

    @api.model
    def _get_book(self, company, limited=False):
        """Return the object that finds the rule of a row in a company.

        :param bool limited: whether it refuses to propose more rules than a settlement of Amazon's may need
        """
        return RuleBook(self.with_company(company), company, MOST_PROPOSED if limited else None)

    @api.model
    def _propose(self, company, kind):
        """Create a proposed rule for a kind of row; it is used after a person's confirmation.

        :param tuple kind: transaction type, amount type, amount description
        """
        treatment, account_kind = guess_treatment(kind)
        like = self.search([('account_kind', '=', account_kind), ('account_id', '!=', False),
                            ('company_id', 'in', (False, company.id))], limit=1)
        return self.create({
            **dict(zip(PATTERNS, map(escape, kind), strict=True)), 'name': name_kind(kind), 'company_id': company.id,
            'treatment': treatment, 'account_kind': account_kind, 'state': 'proposed', 'account_id': like.account_id.id,
        })

    @api.model
    def _propose_for_company(self, company, other):
        """Create the rule for rows of another company's marketplaces: their amounts are owed to that company, and no
        revenue here.

        :param company: `res.company` that the settlement is paid to
        :param other: `res.company` that the marketplaces belong to
        """
        like = self.search([('account_kind', '=', 'company'), ('account_id', '!=', False),
                            ('company_id', '=', company.id)], limit=1)
        return self.create({
            'name': self.env._("Owed to %s", other.name), 'company_id': company.id, 'of_company_id': other.id,
            'treatment': 'transfer', 'account_kind': 'company', 'state': 'proposed', 'account_id': like.account_id.id,
        })

    # === ACTIONS === #

    def action_confirm(self):
        """Confirm the proposed rules; settlements that waited for them go on."""
        self.check_access('write')
        for rule in self:
            if not rule.account_id:
                raise ValidationError(tell(self.env)._("Choose the account of \"%s\" first.", rule.name))
        self.sudo().write({'state': 'confirmed'})
        return True

    def action_copy_for_company(self):
        """Make a copy of these rules for the current company, which goes before the built-in one, and show it."""
        self.check_access('write')
        copies = self.env[self._name].union(*(rule.copy({
            'company_id': self.env.company.id, 'account_id': rule.account_id.id, 'tax_id': rule.tax_id.id,
            'partner_id': rule.partner_id.id,
        }) for rule in self))
        return {**self.env['ir.actions.act_window']._for_xml_id('amazon_connector.amazon_settlement_rule_action'),
                'domain': [('id', 'in', copies.ids)]}

    def action_view_lines(self):
        """Show the settlement rows of this rule."""
        self.check_access('read')
        return {**self.env['ir.actions.act_window']._for_xml_id('amazon_connector.amazon_settlement_line_action'),
                'domain': [('rule_id', '=', self.id)], 'context': {}}


class RuleBook:
    """Find the rule of a row: the first by priority whose patterns fit, else a proposed one.

    A proposal is asked last: a rule that came with an update, or that somebody made, takes its place. Rows of another
    company's marketplaces have the rule of that company alone.
    """

    def __init__(self, rules, company, most=None):
        self._rules, self._company, self._found, self._most, self._proposed = rules, company, {}, most, 0
        ordered = rules.search([('company_id', 'in', (False, company.id))],
                               order='state, sequence, company_id NULLS LAST, id')
        self._entries = [(rule, self._read_patterns(rule)) for rule in ordered]

    @staticmethod
    def _read_patterns(rule):
        return KindPattern(tuple(rule[name] for name in PATTERNS))

    def find(self, kind: tuple, marketplace_id: int, channel) -> tuple[int, str]:
        """Return rule (id) and treatment of a kind of row on an `amazon.seller.marketplace` (id) in a channel ('fba',
        'fbm', None).

        :raises ReportError: there are more unknown kinds than a settlement of Amazon's has
        """
        key = kind, marketplace_id, channel
        if key not in self._found:
            rule = self._search(kind, marketplace_id, channel)
            self._found[key] = rule.id, rule.treatment
        return self._found[key]

    def _search(self, kind, marketplace_id, channel):
        rules = self._rules.sudo()
        market = rules.env['amazon.seller.marketplace'].browse(marketplace_id)
        other, home = market.company_id, market.country_id & market.company_id.account_fiscal_country_id
        other = other if other.root_id != self._company.root_id else other.browse()
        for rule, pattern in self._entries:
            if (pattern.match(kind) and rule.of_company_id == other
                and rule.marketplace_id.id in (marketplace_id, False)
                    and rule.channel in (channel, False) and rule.country_id in (home, home.browse())):
                return rule
        self._proposed += 1
        if self._most is not None and self._proposed > self._most:
            raise ReportError(tell(rules.env)._(
                "It has more than %s kinds of rows that no rule is for: that is no settlement of Amazon's. Download it "
                "again from Seller Central "
                "(Payments > Reports Repository).", self._most))
        rule = rules._propose_for_company(self._company, other) if other else rules._propose(self._company, kind)
        self._entries.append((rule, self._read_patterns(rule)))
        return rule

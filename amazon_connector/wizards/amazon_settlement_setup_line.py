from odoo import api, fields, models
from odoo.exceptions import UserError

from ..utils.settlement_accounts import KINDS
from .amazon_settlement_setup import OF_MARKETPLACES


class AmazonSettlementSetupLine(models.TransientModel):
    _name = 'amazon.settlement.setup.line'
    _description = "Account of Settlements"
    _inherit = ['amazon.access.mixin']

    setup_id = fields.Many2one('amazon.settlement.setup', required=True, ondelete='cascade')
    company_id = fields.Many2one(related='setup_id.company_id')
    kind = fields.Selection([(kind, label) for kind, (label, *_rest) in KINDS.items()], "Used for", required=True)
    used_account_id = fields.Many2one('account.account', "In use", compute='_compute_used_account_id',
                                      help="What most rules of this kind have now.")
    account_id = fields.Many2one('account.account', "Existing account", check_company=True,
                                 help="Empty: an account with this code and name is created.")
    code = fields.Char()
    name = fields.Char()
    state = fields.Selection([('used', "In use"), ('changed', "Changed"), ('found', "Found"), ('new', "To create")],
                             compute='_compute_state')

    @api.depends('kind', 'company_id')
    def _compute_used_account_id(self):
        for company, lines in self.grouped('company_id').items():
            used = self.env['amazon.settlement.setup']._find_used_accounts(company)
            for line in lines:
                line.used_account_id = used.get(line.kind)

    @api.depends('account_id', 'used_account_id')
    def _compute_state(self):
        for line in self:
            if line.used_account_id:
                line.state = 'used' if line.account_id == line.used_account_id else 'changed'
            else:
                line.state = 'found' if line.account_id else 'new'

    @api.onchange('account_id')
    def _onchange_account_id(self):
        for line in self.filtered('account_id'):
            line.code, line.name = line.account_id.code, line.account_id.name

    # === WHAT IT IS FOR === #

    def _get_rules(self):
        """Return the rules that get this account: those without one and, if it was changed here, those with the one
        before.
        """
        self.ensure_one()
        rules = self.env['amazon.settlement.setup']._get_rules(self.company_id).filtered(
            lambda rule: rule.account_kind == self.kind)
        return rules.filtered(lambda rule: not rule.account_id or self.state == 'changed'
                              and rule.account_id == self.used_account_id)

    def _get_markets(self):
        """Return the marketplaces that get this account, by the same rule."""
        self.ensure_one()
        field = OF_MARKETPLACES.get(self.kind)
        markets = self.env['amazon.settlement.setup']._get_markets(self.company_id)
        return markets.filtered(
            lambda market: field
            and (not market[field] or self.state == 'changed' and market[field] == self.used_account_id))

    def _describe(self):
        """Return the changes by these lines, a sentence each; none for lines that stay as they are."""
        sentences = []
        for line in self:
            parts = [self.env._("%s rules", len(rules))] if (rules := line._get_rules()) else []
            parts += line._get_markets().mapped('name')
            if parts:
                account = line.account_id.display_name or self.env._("%(code)s %(name)s (new)", code=line.code,
                                                                     name=line.name)
                sentences.append(self.env._("%(kind)s: %(account)s for %(what)s",
                                            kind=dict(line._fields['kind']._description_selection(self.env))[line.kind],
                                            account=account, what=', '.join(parts)))
        return sentences

    def _get_account(self):
        """Return the account of this line, created if need be.

        :raises UserError: its code is taken, or it cannot be reconciled where it must be
        """
        self.ensure_one()
        _label, account_type, reconcile = KINDS[self.kind]
        if self.account_id:
            if reconcile and not self.account_id.reconcile:
                raise UserError(self.env._("Account %s must allow reconciliation: what it holds is matched.",
                                           self.account_id.display_name))
            return self.account_id
        if not self.code or not self.name:
            raise UserError(self.env._("Every new account needs a code and a name."))
        accounts = self.env['account.account'].with_company(self.company_id)
        if accounts.search_count([('code', '=', self.code), ('company_ids', 'parent_of', self.company_id.id)], limit=1):
            raise UserError(self.env._("Account %s is there already: choose it as the existing account, or "
                                       "another code.", self.code))
        return accounts.create({'code': self.code, 'name': self.name, 'account_type': account_type,
                                'reconcile': reconcile, 'company_ids': [(6, 0, self.company_id.root_id.ids)]})

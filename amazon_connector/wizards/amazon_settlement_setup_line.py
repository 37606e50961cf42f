from odoo import api, fields, models
from odoo.exceptions import UserError

from ..utils.settlement_accounts import KINDS


class AmazonSettlementSetupLine(models.TransientModel):
    _name = 'amazon.settlement.setup.line'
    _description = "Account of Settlements"

    setup_id = fields.Many2one('amazon.settlement.setup', required=True, ondelete='cascade')
    company_id = fields.Many2one(related='setup_id.company_id')
    kind = fields.Selection([(kind, label) for kind, (label, *_rest) in KINDS.items()], "Used for", required=True)
    account_id = fields.Many2one('account.account', "Existing account", check_company=True, help="Empty: an account with this code and name is created.")
    code = fields.Char()
    name = fields.Char()

    @api.onchange('account_id')
    def _onchange_account_id(self):
        for line in self.filtered('account_id'):
            line.code, line.name = line.account_id.code, line.account_id.name

    def _get_account(self):
        """Return the account of this line, created if need be.

        :raises UserError: its code is taken, or it cannot be reconciled where it must be
        """
        self.ensure_one()
        _label, account_type, reconcile = KINDS[self.kind]
        if self.account_id:
            if reconcile and not self.account_id.reconcile:
                raise UserError(self.env._("Account %s must allow reconciliation: what it holds is matched.", self.account_id.display_name))
            return self.account_id
        if not self.code or not self.name:
            raise UserError(self.env._("Every new account needs a code and a name."))
        accounts = self.env['account.account'].with_company(self.company_id)
        if accounts.search_count([('code', '=', self.code), ('company_ids', 'parent_of', self.company_id.id)], limit=1):
            raise UserError(self.env._("Account %s is there already: choose it as the existing account, or another code.", self.code))
        return accounts.create({'code': self.code, 'name': self.name, 'account_type': account_type, 'reconcile': reconcile,
                                'company_ids': [(6, 0, self.company_id.root_id.ids)]})

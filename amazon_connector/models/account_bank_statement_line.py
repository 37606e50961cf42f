from odoo import api, models
from odoo.fields import Command


class AccountBankStatementLine(models.Model):
    _inherit = 'account.bank.statement.line'

    @api.model_create_multi
    def create(self, vals_list):
        """A payout of Amazon may be among the new lines: the job looks, not this transaction."""
        lines = super().create(vals_list)
        if self.env['amazon.settlement'].sudo().search_count([('state', '=', 'booked'), ('company_id', 'in', lines.company_id.ids)], limit=1):
            self.env['amazon.sync'].sudo()._wake_event_flow('settlements')
        return lines

    def _amazon_match(self, payout):
        """Reconcile this line of the bank with a payout (`account.move.line`), unless somebody began to match it otherwise."""
        self.ensure_one()
        _liquidity, suspense, other = self._seek_for_lines()
        if len(suspense) != 1 or other:
            return
        self.move_id.with_context(skip_readonly_check=True).write({'line_ids': [Command.update(suspense.id, {
            'account_id': payout.account_id.id, 'partner_id': payout.partner_id.id, 'name': payout.name})]})
        (suspense | payout).reconcile()

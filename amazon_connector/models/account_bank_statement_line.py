import json
import re

from odoo import api, models
from odoo.fields import Command

AMAZON = re.compile(r'\b(amazon|amzn)', re.IGNORECASE)


class AccountBankStatementLine(models.Model):
    _inherit = 'account.bank.statement.line'

    @api.model_create_multi
    def create(self, vals_list):
        """Create bank lines; a payout of Amazon may be among them, so wake the job that matches payouts."""
        lines = super().create(vals_list)
        if self.env['amazon.settlement'].sudo()._has_open_payouts(lines.company_id):
            self.env['amazon.sync'].sudo()._wake_event_flow('settlements')
        return lines

    def _amazon_get_text(self):
        """Return all texts of this bank line: reference, partner name and notes."""
        self.ensure_one()
        details = self.transaction_details and json.dumps(self.transaction_details, ensure_ascii=False)
        parts = (self.payment_ref, self.ref, self.partner_name, self.partner_id.name, self.narration,
                 self.account_number, details)
        return ' '.join(str(part) for part in parts if part)

    def _amazon_is_named(self, partner):
        """Return whether this line names Amazon, in its words or as its partner."""
        self.ensure_one()
        return (bool(AMAZON.search(self._amazon_get_text())) or bool(partner)
                and self.partner_id.commercial_partner_id == partner.commercial_partner_id)

    def _amazon_names_one(self, refs):
        """Return whether this line has one of these numbers as a word of its own."""
        text = self._amazon_get_text().lower()
        return any(re.search(rf'(?<![a-z0-9]){re.escape(ref.lower())}(?![a-z0-9])', text) for ref in refs if ref)

    def _amazon_match(self, items):
        """Reconcile this bank line with items of settlements of one account, unless somebody began to match it
        otherwise.

        :param items: `account.move.line` records whose open amount is that of the line; in the line's currency, or in
            another one that Amazon converted, so that the line gets the amount in that currency
        :return: whether they are reconciled
        :rtype: bool
        """
        self.ensure_one()
        _liquidity, suspense, other = self._seek_for_lines()
        if len(suspense) != 1 or other:
            return False
        if items.currency_id not in (self.foreign_currency_id, self.currency_id):
            self.write({'foreign_currency_id': items.currency_id.id,
                        'amount_currency': sum(items.mapped('amount_residual_currency'))})
            suspense = self._seek_for_lines()[1]
        self.move_id.with_context(skip_readonly_check=True).write({'line_ids': [Command.update(suspense.id, {
            'account_id': items.account_id.id, 'partner_id': items.partner_id[:1].id, 'name': items[0].name})]})
        (suspense | items).reconcile()
        return True

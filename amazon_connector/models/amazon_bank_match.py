import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..utils.phrases import tell
from ..utils.quiet import quiet_sql


class AmazonBankMatch(models.Model):
    """A line of the bank that may be a payout, a charge or a test deposit of a settlement, for a person to confirm."""

    _name = 'amazon.bank.match'
    _description = "Amazon Bank Line to Confirm"
    _inherit = ['amazon.access.mixin']
    _order = 'date desc, id desc'
    _rec_name = 'settlement_id'

    settlement_id = fields.Many2one('amazon.settlement', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    item_ids = fields.Many2many('account.move.line', string="Journal Items", readonly=True)
    currency_id = fields.Many2one('res.currency', required=True, readonly=True)
    amount = fields.Monetary("Amazon paid", readonly=True, help="Negative: Amazon charged it.")
    statement_line_id = fields.Many2one('account.bank.statement.line', "Bank line", required=True, readonly=True,
                                        ondelete='cascade', index=True)
    date = fields.Date(related='statement_line_id.date', store=True)
    payment_ref = fields.Char(related='statement_line_id.payment_ref', string="What the bank says")
    partner_name = fields.Char(related='statement_line_id.partner_name', string="Partner")
    journal_id = fields.Many2one(related='statement_line_id.journal_id', string="Bank")
    bank_currency_id = fields.Many2one(related='statement_line_id.currency_id', string="Currency of the bank")
    bank_amount = fields.Monetary(related='statement_line_id.amount', string="The bank has",
                                  currency_field='bank_currency_id')
    reason = fields.Selection([
        ('amount', "Only the amount fits: the line does not name Amazon"),
        ('several', "Several payouts or lines have this amount"),
        ('converted', "Amazon converted the payout"), ('refused', "Odoo refuses to match it: \"Match\" says why")],
        required=True, readonly=True)
    rate = fields.Float("Amazon's rate", digits=(16, 6), readonly=True,
                        help="Currency of the bank for one unit of the settlement's currency.")
    rate_day = fields.Float("Rate of the day", digits=(16, 6), readonly=True)
    state = fields.Selection([('proposed', "To confirm"), ('refused', "Refused")], required=True, readonly=True,
                             default='proposed')

    _match_unique = models.Constraint('UNIQUE(settlement_id, statement_line_id)', "This bank line is proposed already.")

    @api.model
    def _propose(self, settlement, items, reasons):
        """Propose bank lines for items of a settlement, each once; refused proposals stay refused.

        :param items: `account.move.line` records, which one line of the bank pays together
        :param dict reasons: line of the bank -> reason
        """
        known = self.search(
            [('settlement_id', '=', settlement.id), ('statement_line_id', 'in', [line.id for line in reasons])])
        amount = sum(items.mapped('amount_residual_currency'))
        values = [{
            'settlement_id': settlement.id, 'company_id': settlement.company_id.id, 'item_ids': items.ids,
            'currency_id': settlement.currency_id.id, 'amount': amount, 'statement_line_id': line.id, 'reason': reason,
            **self._prepare_rates(settlement, line, amount)}
            for line, reason in reasons.items() if line not in known.statement_line_id]
        try:
            with quiet_sql(), self.env.cr.savepoint():
                self.create(values)
        except psycopg2.errors.UniqueViolation:
            # Another transaction matched the same settlement at the same moment and proposed them.
            self.env.invalidate_all()

    @api.model
    def _prepare_rates(self, settlement, line, amount):
        if line.currency_id == settlement.currency_id or line.foreign_currency_id:
            return {}
        return {'rate': line.amount / amount, 'rate_day': self.env['res.currency']._get_conversion_rate(
            settlement.currency_id, line.currency_id, settlement.company_id, line.date)}

    def _drop_settled(self):
        """Delete proposals whose items or bank lines were matched meanwhile; refused ones are kept as long as the bank
        line is open.
        """
        self.filtered(lambda match: match.statement_line_id.is_reconciled or match.state == 'proposed' and (
            not match.item_ids or all(match.item_ids.mapped('reconciled')))).unlink()

    # === ACTIONS === #

    def action_accept(self):
        """Match these bank lines with the settlements that they are proposed for; a line that Amazon converted gets
        Amazon's rate.
        """
        self.check_access('write')
        for match in self.sudo():
            if match.statement_line_id.is_reconciled or any(match.item_ids.mapped('reconciled')) or not match.item_ids:
                raise UserError(tell(self.env)._("%s was matched meanwhile. Reload the page.",
                                                 match.settlement_id.settlement_ref))
            if not match.statement_line_id._amazon_match(match.item_ids):
                raise UserError(tell(self.env)._("Somebody began to match this bank line otherwise: %s.",
                                                 match.payment_ref))
        settlements = self.sudo().settlement_id
        settlements.bank_match_ids._drop_settled()
        return True

    def action_refuse(self):
        """Refuse these proposals: the bank lines are something else and are not proposed again."""
        self.check_access('write')
        self.sudo().state = 'refused'
        return True

    def action_open_settlement(self):
        """Show the settlement."""
        self.check_access('read')
        self.ensure_one()
        return {'type': 'ir.actions.act_window', 'res_model': 'amazon.settlement', 'view_mode': 'form',
                'res_id': self.settlement_id.id}

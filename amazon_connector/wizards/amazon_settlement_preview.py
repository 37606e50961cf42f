from odoo import api, fields, models
from odoo.fields import Command

from ..utils.settlement_plan import SettlementPlan


class AmazonSettlementPreview(models.TransientModel):
    """Show the entries of a settlement before they are created, as Odoo shows those of an invoice."""

    _name = 'amazon.settlement.preview'
    _description = "Preview of the Entries of a Settlement"
    _inherit = ['amazon.access.mixin']

    settlement_id = fields.Many2one('amazon.settlement', required=True, readonly=True)
    notice = fields.Text(related='settlement_id.notice')
    problem = fields.Text(readonly=True)
    line_ids = fields.One2many('amazon.settlement.preview.line', 'preview_id', readonly=True)

    @api.model
    def _open(self, settlement):
        """Compute the entries of a settlement without creating them; return the action that shows them."""
        preview = self.sudo().create({
            'settlement_id': settlement.id, 'problem': settlement._find_problem(),
            'line_ids': [Command.create(vals) for vals in self._prepare(settlement)]})
        return {'type': 'ir.actions.act_window',
                'name': self.env._("Entries of settlement %s", settlement.settlement_ref), 'res_model': self._name,
                'res_id': preview.id, 'view_mode': 'form', 'target': 'new'}

    @api.model
    def _prepare(self, settlement):
        plan = SettlementPlan(settlement)
        if plan.find_missing_rate():
            # Odoo would convert one to one; the missing rate is named above.
            return []
        return [vals for part in plan.parts for vals in self._sum_up(plan, part)]

    @api.model
    def _sum_up(self, plan, part):
        """Return the values of the items of an entry; those that clear invoices are one for each account."""
        shown, cleared = [], {}
        for _command, _id, item in plan.prepare_move(part)['line_ids']:
            vals = {name: item.get(name) for name in ('name', 'account_id', 'partner_id', 'currency_id',
                                                      'amount_currency')}
            vals.update(date=part.date, debit=max(item['balance'], 0.0), credit=max(-item['balance'], 0.0),
                        tax_ids=item.get('tax_ids'))
            if not item.get('amazon_order_ref'):
                shown.append(vals)
                continue
            total = cleared.setdefault((item['account_id'], item['balance'] > 0),
                                       {**vals, 'partner_id': False, 'count': 0, 'amount_currency': 0.0,
                                       'debit': 0.0, 'credit': 0.0})
            for name in ('amount_currency', 'debit', 'credit'):
                total[name] += vals[name]
            total['count'] += 1
        for (_account, is_debit), vals in cleared.items():
            count = vals.pop('count')
            vals['name'] = (self.env._("Credit notes of %s orders", count) if is_debit
                            else self.env._("Invoices of %s orders", count))
        return [*shown, *cleared.values()]

    def action_book(self):
        """Book the settlement as it is shown."""
        self.check_access('write')
        self.ensure_one()
        self.settlement_id.action_book()
        return {'type': 'ir.actions.act_window_close'}

    def action_draft(self):
        """Create draft entries of the settlement."""
        self.check_access('write')
        self.ensure_one()
        self.settlement_id.action_book_drafts()
        return {'type': 'ir.actions.act_window_close'}


class AmazonSettlementPreviewLine(models.TransientModel):
    _name = 'amazon.settlement.preview.line'
    _description = "Preview of an Item of a Settlement"
    _inherit = ['amazon.access.mixin']
    _order = 'date, id'

    preview_id = fields.Many2one('amazon.settlement.preview', ondelete='cascade')
    date = fields.Date(readonly=True)
    account_id = fields.Many2one('account.account', readonly=True)
    partner_id = fields.Many2one('res.partner', readonly=True)
    name = fields.Char("Item label", readonly=True)
    tax_ids = fields.Many2many('account.tax', readonly=True, context={'active_test': False})
    currency_id = fields.Many2one('res.currency', readonly=True)
    amount_currency = fields.Monetary("Amount", readonly=True)
    company_currency_id = fields.Many2one('res.currency', "Company currency",
                                          related='preview_id.settlement_id.company_id.currency_id')
    debit = fields.Monetary(currency_field='company_currency_id', readonly=True)
    credit = fields.Monetary(currency_field='company_currency_id', readonly=True)

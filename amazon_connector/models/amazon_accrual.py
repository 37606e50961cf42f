import datetime

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..utils.access import check_companies
from ..utils.phrases import tell
from ..utils.reader_fields import ReaderText
from ..utils.words import write_day

# Fields that identify an accrual: they are fixed once Amazon was asked.
KEYS = {'seller_id', 'company_id', 'month'}
CHOICES = KEYS | {'account_id', 'journal_id'}
# Amazon has transactions for so long, and some appear two days late.
LONGEST, SOON = datetime.timedelta(days=175), datetime.timedelta(hours=48)


class AmazonAccrual(models.Model):
    """Revenue and fees of a seller at the end of a month that no settlement had paid yet: booked on the last day,
    reversed on the next.
    """

    _name = 'amazon.accrual'
    _description = "Amazon Month-End Accrual"
    _inherit = ['mail.thread', 'amazon.access.mixin']
    _check_company_auto = True
    _order = 'date desc, id desc'

    seller_id = fields.Many2one('amazon.seller', required=True, ondelete='restrict',
                                default=lambda self: self._default_seller())
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company, index=True)
    company_currency_id = fields.Many2one(related='company_id.currency_id', string="Currency of the company")
    month = fields.Date(required=True, default=lambda self: fields.Date.context_today(self).replace(day=1)
                        - relativedelta(months=1), help="Any day of the month.")
    date = fields.Date("Month-end", compute='_compute_date', store=True, precompute=True)
    journal_id = fields.Many2one('account.journal', check_company=True, domain=[('type', '=', 'general')],
                                 default=lambda self: self._default_choice('journal_id'))
    account_id = fields.Many2one(
        'account.account', "Accrual account", check_company=True,
        default=lambda self: self._default_choice('account_id'),
        domain=[
            ('account_type', 'in', ('asset_current', 'asset_receivable', 'asset_prepayments', 'liability_current'))],
        help="Where what Amazon still owes stands until the first of the next month, for example accrued income.")
    state = fields.Selection([
        ('draft', "Draft"), ('collecting', "Asking Amazon"), ('ready', "To check"), ('posted', "Posted"),
        ('cancelled', "Cancelled")],
        required=True, readonly=True, default='draft', index=True, tracking=True)
    line_ids = fields.One2many('amazon.accrual.line', 'accrual_id', readonly=True)
    amount = fields.Monetary(compute='_compute_amount', currency_field='company_currency_id',
                             help="What the month's result gains by it.")
    cursor = fields.Datetime("Asked until", readonly=True)
    collected_date = fields.Datetime("Asked at", readonly=True)
    settled_until = fields.Json(readonly=True)
    sums = fields.Json(readonly=True)
    balances = fields.Json(readonly=True)
    balance_note = fields.Text("Amazon's own balance", compute='_compute_balance_note')
    problem = fields.Text("Why it cannot be posted", compute='_compute_problem')
    error = ReaderText("Why Amazon could not be asked", readonly=True)
    move_id = fields.Many2one('account.move', "Entry", readonly=True, copy=False, index='btree_not_null')
    reversal_id = fields.Many2one('account.move', readonly=True, copy=False, index='btree_not_null')

    _month_unique = models.UniqueIndex(
        "(seller_id, company_id, date) WHERE state != 'cancelled'",
        "This seller has an accrual for this month and company already.")

    @api.model
    def _default_seller(self):
        sellers = self.env['amazon.seller'].search([('marketplace_ids.company_id', '=', self.env.company.id)], limit=2)
        return sellers if len(sellers) == 1 else False

    @api.model
    def _default_choice(self, name):
        """Return the value of a field that was chosen last in this company; for the journal, else that of its
        settlements.
        """
        last = self.search([('company_id', '=', self.env.company.id), (name, '!=', False)], limit=1)
        if last or name != 'journal_id':
            return last[name]
        return self.env['amazon.seller.marketplace'].search(
            [('company_id', '=', self.env.company.id), ('settlement_journal_id', '!=', False)],
            limit=1).settlement_journal_id

    @api.depends('month')
    def _compute_date(self):
        for accrual in self:
            accrual.date = accrual.month and accrual.month + relativedelta(day=31)

    @api.depends('seller_id', 'date')
    def _compute_display_name(self):
        for accrual in self:
            month = accrual.date.strftime('%Y-%m') if accrual.date else ''
            accrual.display_name = f"{accrual.seller_id.name or ''} {month}".strip()

    @api.depends('line_ids.balance', 'line_ids.stage')
    def _compute_amount(self):
        for accrual in self:
            accrual.amount = sum(accrual.line_ids.filtered('is_booked').mapped('balance'))

    @api.model_create_multi
    def create(self, vals_list):
        """Create accruals for companies and sellers of the user."""
        accruals = super().create(vals_list)
        accruals._check_owners()
        return accruals

    def write(self, vals):
        """Write accruals; month, seller and company are fixed once Amazon was asked, the accounts once the accrual is
        posted.
        """
        if not self.env.su and self.filtered(lambda accrual: vals.keys() & accrual._get_fixed_fields()):
            raise UserError(tell(self.env)._("This accrual is for what was asked of Amazon: cancel it, and make "
                                             "another one."))
        result = super().write(vals)
        if vals.keys() & KEYS:
            self._check_owners()
        return result

    def _get_fixed_fields(self):
        """Return the names of the choices that may not change any more."""
        return set() if self.state == 'draft' else KEYS if self.state == 'ready' else CHOICES

    def _check_owners(self):
        """Raise an error unless users work for the companies of these accruals, and the sellers sell for them."""
        check_companies(self.env, self.company_id.ids)
        for accrual in self:
            if accrual.company_id not in accrual.seller_id.sudo().with_context(
                    active_test=False).marketplace_ids.company_id | accrual.seller_id.company_id:
                raise UserError(tell(self.env)._("%(seller)s does not sell for %(company)s.",
                                                 seller=accrual.seller_id.sudo().name,
                                                 company=accrual.company_id.sudo().name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        if self.filtered(lambda accrual: accrual.move_id):
            raise UserError(tell(self.env)._("An accrual with journal entries cannot be deleted."))

    # === ACTIONS === #

    def action_collect(self):
        """Mark these accruals so that the job asks Amazon for the amounts that were open at the end of the month."""
        self.check_access('write')
        for accrual in self.sudo():
            if accrual.state not in ('draft', 'ready', 'collecting'):
                raise UserError(tell(self.env)._("%s is posted already.", accrual.display_name))
            accrual._check_askable()
            accrual.line_ids.unlink()
            accrual.write({'state': 'collecting', 'cursor': False, 'sums': {}, 'balances': False, 'error': False})
            accrual.seller_id.sync_ids.filtered(lambda sync: sync.flow == 'transactions')._wake()
        return True

    def action_post(self):
        """Post the entry of the last day of the month, and its reversal of the first of the next month."""
        self.check_access('write')
        for accrual in self.sudo():
            accrual._post()
        return True

    def action_cancel(self):
        """Cancel the entry and its reversal, so that the accrual can be collected again."""
        self.check_access('write')
        for accrual in self.sudo():
            # Its entries cannot be cancelled as long as it is posted.
            accrual.state = 'cancelled'
            accrual._cancel_entries()
        # The next one for this month may come in the same transaction.
        self.flush_recordset(['state'])
        return True

    def action_view_items(self):
        """Show the items of the entry and of its reversal."""
        self.check_access('read')
        return {**self.env['ir.actions.act_window']._for_xml_id('account.action_account_moves_all_a'),
                'domain': [('move_id', 'in', (self.move_id | self.reversal_id).ids)],
                'context': {'create': False, 'search_default_group_by_move': 1, 'expand': 1}}

    def _check_askable(self):
        self.ensure_one()
        until, now = self._get_until(), fields.Datetime.now()
        if self.seller_id.state != 'connected':
            raise UserError(tell(self.env)._("%s is not connected to Amazon.", self.seller_id.name))
        if until + datetime.timedelta(minutes=5) > now:
            raise UserError(tell(self.env)._("The month is not over yet: %s is its last day.",
                                             write_day(self.env, self.date)))
        if until < now - LONGEST:
            raise UserError(tell(self.env)._("Amazon has data of the last half year only: %s is too long ago.",
                                             write_day(self.env, self.date)))

    def _get_until(self):
        """Return the moment when the month ends where the company works, naive in UTC."""
        self.ensure_one()
        return self.company_id._amazon_get_start(self.date + datetime.timedelta(days=1))

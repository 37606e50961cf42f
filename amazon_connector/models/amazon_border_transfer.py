from odoo import api, fields, models
from odoo.exceptions import UserError

from ..utils.access import check_group
from ..utils.phrases import tell

SEQUENCE = 'amazon.border.transfer'
ACCOUNTANTS = ('account.group_account_user', 'account.group_account_manager')


class AmazonBorderTransfer(models.Model):
    """Own goods that Amazon moved from one country to another in a month: for the tax office a supply there and an
    acquisition here, valued at cost.

    What is found of a month after its pro-forma invoice was issued is a further part of it, with a number of its own.
    """

    _name = 'amazon.border.transfer'
    _description = "Own Goods Moved between Countries by Amazon"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'number'
    _order = 'month desc, source_id, target_id, part'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='restrict')
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    month = fields.Date(required=True, readonly=True, help="The first day of the month in which the goods left.")
    source_id = fields.Many2one('res.country', "From", required=True, readonly=True)
    target_id = fields.Many2one('res.country', "To", required=True, readonly=True)
    part = fields.Integer(required=True, readonly=True, default=1)
    number = fields.Char(readonly=True, copy=False)
    state = fields.Selection([('draft', "Draft"), ('issued', "Issued")], required=True, readonly=True, default='draft',
                             index=True)
    issue_date = fields.Date("Issued on", readonly=True)
    line_ids = fields.One2many('amazon.border.transfer.line', 'transfer_id', readonly=True)
    quantity = fields.Float("Pieces", digits=(16, 2), compute='_compute_totals', store=True)
    value = fields.Monetary("Value at cost", compute='_compute_totals', store=True)
    weight = fields.Float("Weight (kg)", digits=(16, 3), compute='_compute_totals', store=True)
    source_vat = fields.Char("VAT number (departure)", readonly=True)
    target_vat = fields.Char("VAT number (arrival)", readonly=True)
    is_union = fields.Boolean("Within the Union", compute='_compute_is_union')
    problem = fields.Char("What is missing", compute='_compute_problem')

    _transfer_unique = models.Constraint('UNIQUE(seller_id, month, source_id, target_id, part)',
                                         "This month is already there for these countries.")
    _number_unique = models.UniqueIndex("(company_id, number) WHERE number IS NOT NULL",
                                        "This number is already given.")

    @api.depends('line_ids.quantity', 'line_ids.value', 'line_ids.weight')
    def _compute_totals(self):
        for transfer in self:
            transfer.quantity = sum(transfer.line_ids.mapped('quantity'))
            transfer.value = sum(transfer.line_ids.mapped('value'))
            transfer.weight = sum(transfer.line_ids.mapped('weight'))

    @api.depends('source_id', 'target_id')
    def _compute_is_union(self):
        union = self.env.ref('base.europe').country_ids
        for transfer in self:
            transfer.is_union = (transfer.source_id | transfer.target_id) <= union

    @api.depends('source_vat', 'target_vat', 'line_ids.product_id', 'line_ids.value')
    def _compute_problem(self):
        for transfer in self:
            lacking = [country.name for country, number in (
                (transfer.source_id, transfer.source_vat), (transfer.target_id, transfer.target_vat)) if not number]
            problems = [tell(self.env)._("no VAT number in %s", ', '.join(lacking))] if lacking else []
            if any(not line.product_id for line in transfer.line_ids):
                problems.append(tell(self.env)._("SKUs without a product"))
            elif any(not line.value for line in transfer.line_ids):
                problems.append(tell(self.env)._("products without a cost"))
            transfer.problem = ', '.join(problems) or False

    @api.depends('number', 'month', 'source_id', 'target_id')
    def _compute_display_name(self):
        for transfer in self:
            countries = f'{transfer.source_id.code} → {transfer.target_id.code}'
            transfer.display_name = transfer.number or f"{(transfer.month or '')!s:.7} {countries}"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        if self.filtered(lambda transfer: transfer.state == 'issued'):
            raise UserError(tell(self.env)._("An issued pro-forma invoice stays."))

    # === PRO-FORMA INVOICE === #

    def action_issue(self):
        """Issue the pro-forma invoices of these transfers and print them: they get their numbers and stay as they are.
        """
        self.check_access('read')
        check_group(self.env, *ACCOUNTANTS)
        transfers = self.sudo().filtered(lambda transfer: transfer.state == 'draft')
        today = fields.Date.context_today(self)
        for transfer in transfers.sorted(lambda transfer: (transfer.month, transfer.id)):
            if (transfer.month.year, transfer.month.month) >= (today.year, today.month):
                raise UserError(tell(self.env)._("%s is not over yet.", transfer.display_name))
            if transfer.problem:
                raise UserError(tell(self.env)._("%(transfer)s: %(problem)s.", transfer=transfer.display_name,
                                                 problem=transfer.problem))
            transfer.write({'number': transfer._next_number(), 'state': 'issued', 'issue_date': today})
        return self.action_print()

    def action_print(self):
        """Print the pro-forma invoices of these transfers; drafts say so."""
        self.check_access('read')
        check_group(self.env, 'account.group_account_readonly', 'account.group_account_invoice')
        return self.env.ref('amazon_connector.action_report_border_transfer').report_action(self)

    def _next_number(self):
        """Return the next number of the company's pro-forma invoices of this kind."""
        sequences = self.env['ir.sequence'].sudo()
        sequence = sequences.search([('code', '=', SEQUENCE), ('company_id', '=', self.company_id.id)], limit=1)
        sequence = sequence or sequences.create({
            'name': "Amazon: own goods moved between countries", 'code': SEQUENCE, 'prefix': 'PF-FBA/%(year)s/',
            'padding': 4, 'implementation': 'no_gap', 'company_id': self.company_id.id})
        return sequence.next_by_id()

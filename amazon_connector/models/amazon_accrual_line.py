from odoo import api, fields, models

from ..utils.settlement_accounts import KINDS


class AmazonAccrualLine(models.Model):
    """One item of an accrual's entry: amounts without tax of one marketplace and one kind of account, open at the end
    of the month.
    """

    _name = 'amazon.accrual.line'
    _description = "Amazon Accrual Item"
    _order = 'accrual_id desc, marketplace_id, stage, id'
    _rec_name = 'kind'

    accrual_id = fields.Many2one('amazon.accrual', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='accrual_id.company_id', store=True, index=True)
    company_currency_id = fields.Many2one(related='company_id.currency_id', string="Currency of the company")
    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, readonly=True, ondelete='cascade')
    stage = fields.Selection([('open', "Open settlement"), ('deferred', "Deferred by Amazon"),
                              ('unknown', "Deferred once, not booked")], required=True,
                             readonly=True, help="Deferred: Amazon pays orders some days after their delivery. Not "
                             "booked: Amazon does not say whether it "
                                                 "had released them by then.")
    kind = fields.Selection([(kind, label) for kind, (label, *_rest) in KINDS.items()], "Kind of account",
                            required=True, readonly=True)
    is_estimated = fields.Boolean("Tax estimated", readonly=True,
                                  help="The order is not in Odoo: the usual tax of the company was taken out of it.")
    currency_id = fields.Many2one('res.currency', required=True, readonly=True)
    amount = fields.Monetary("Amount without tax", readonly=True, help="Positive: income.")
    balance = fields.Monetary("In the company's currency", compute='_compute_entry',
                              currency_field='company_currency_id')
    account_id = fields.Many2one('account.account', compute='_compute_entry')
    is_booked = fields.Boolean(compute='_compute_entry')

    @api.depends('accrual_id.date', 'amount', 'kind', 'stage')
    def _compute_entry(self):
        for company, lines in self.grouped('company_id').items():
            accounts = self.env['amazon.settlement.setup'].sudo().with_company(company)._find_used_accounts(company)
            for line in lines:
                line.account_id = accounts.get(line.kind) or self.env['account.account']
                line.is_booked = line.stage != 'unknown' and bool(line.amount)
                line.balance = line.currency_id._convert(line.amount, company.currency_id, company,
                                                         line.accrual_id.date)

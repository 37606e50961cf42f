from odoo import fields, models
from odoo.exceptions import UserError

from ..utils.access import ADMIN, check_companies, check_group
from ..utils.tax_questions import TaxQuestion


class AmazonTaxSetupLine(models.TransientModel):
    _name = 'amazon.tax.setup.line'
    _description = "Tax of a Kind of Amazon Sales"
    _inherit = ['amazon.access.mixin']
    _order = 'is_missing desc, id'

    setup_id = fields.Many2one('amazon.tax.setup', required=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', readonly=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', readonly=True)
    channel = fields.Selection([('fbm', "Fulfilled by merchant"), ('fba', "Fulfilled by Amazon")], readonly=True)
    source_id = fields.Many2one('res.country', "From country", readonly=True)
    target_id = fields.Many2one('res.country', "To country", readonly=True)
    order_count = fields.Integer("Orders", readonly=True, help="Of the last 90 days.")
    position_id = fields.Many2one('account.fiscal.position', "Fiscal position", readonly=True)
    taxes = fields.Char(readonly=True)
    is_missing = fields.Boolean(readonly=True)
    question = fields.Json(readonly=True)
    reason = fields.Char(readonly=True)
    proposal = fields.Char(readonly=True)

    def action_accept(self):
        """Apply the proposal, and show the updated list.

        :raises UserError: there is nothing to propose
        """
        self.check_access('write')
        self.ensure_one()
        check_group(self.env, ADMIN, 'account.group_account_manager')
        self.setup_id.seller_id.check_access('read')
        line = self.sudo()
        check_companies(self.env, line.company_id.ids)
        question = TaxQuestion(line.company_id, line.question) if line.question else None
        proposal = question and question.propose()
        if not proposal:
            raise UserError(self.env._("There is nothing to propose here."))
        question.check_rights(self.env, proposal)
        question.answer(proposal)
        self.env['amazon.order'].sudo()._retry_tax_question(line.company_id, line.question)
        return self.setup_id._open(self.setup_id.seller_id)

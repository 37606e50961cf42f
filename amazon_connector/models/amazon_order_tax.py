from odoo import api, fields, models
from odoo.exceptions import UserError

from ..utils.access import ADMIN, check_companies, check_group
from ..utils.phrases import tell
from ..utils.tax_questions import TaxQuestion


class AmazonOrder(models.Model):
    """The decision about the tax of an order, where a person must make it."""

    _inherit = 'amazon.order'

    tax_question = fields.Json(readonly=True, copy=False)
    has_tax_question = fields.Boolean(compute='_compute_tax_question', search='_search_has_tax_question')
    has_tax_proposal = fields.Boolean(compute='_compute_tax_question')
    tax_reason = fields.Text(compute='_compute_tax_question', help="The reason in the language of who reads it.")
    tax_advice = fields.Text(compute='_compute_tax_question')

    @api.depends('tax_question', 'state')
    @api.depends_context('lang')
    def _compute_tax_question(self):
        for order in self:
            question = order.sudo()._get_tax_question() if order.tax_question and order.state == 'error' else None
            order.has_tax_question = bool(question)
            order.has_tax_proposal = bool(question and question.propose())
            order.tax_reason = question.describe() if question else False
            order.tax_advice = question.advise() if question else False

    def _search_has_tax_question(self, operator, value):
        asked = [('tax_question', '!=', False), ('state', '=', 'error')]
        wanted = True in value if operator in ('in', 'not in') else bool(value)
        return asked if wanted == (operator in ('=', 'in')) else ['!', '&', *asked]

    def _get_tax_question(self):
        self.ensure_one()
        return TaxQuestion(self.marketplace_id.company_id, self.tax_question)

    def action_accept_tax(self):
        """Apply the proposal for the tax that these orders wait for, and process all orders that wait for the same one.

        :raises UserError: there is no proposal: the tax is to be chosen
        """
        self.check_access('write')
        check_group(self.env, ADMIN, 'account.group_account_manager')
        check_companies(self.env, self.sudo().marketplace_id.company_id.ids)
        for order in self.filtered('tax_question').sudo():
            question = order._get_tax_question()
            proposal = question.propose()
            if not proposal:
                raise UserError(tell(self.env)._("There is nothing to propose for order %s: choose the tax.",
                                                 order.amazon_order_ref))
            question.check_rights(self.env, proposal)
            question.answer(proposal)
            order._retry_tax_question(order.marketplace_id.company_id, order.tax_question)

    def action_choose_tax(self):
        """Open the dialog in which the tax, or the fiscal position, of this order is chosen."""
        self.check_access('write')
        check_group(self.env, ADMIN, 'account.group_account_manager')
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'amazon.tax.choose', 'view_mode': 'form', 'target': 'new',
            'name': self.env._("Choose the tax"), 'context': {'default_order_id': self.id},
        }

    @api.model
    def _retry_tax_question(self, company, question):
        """Process the orders that wait for an answer that was given; an answer for exports may be that of other
        countries, too.
        """
        waiting = self.search([('state', '=', 'error'), ('tax_question', '!=', False),
                               ('marketplace_id.company_id', '=', company.id)])
        waiting.filtered(lambda order: order._get_tax_question().is_same(question)).action_retry()
        self.env.ref('amazon_connector.ir_cron_amazon_tax_gaps')._trigger()

    def _set_tax_question(self, question):
        if (self.tax_question or None) != question:
            self.tax_question = question or False

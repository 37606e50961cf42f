from odoo import fields, models
from odoo.exceptions import UserError

from ..utils.access import ADMIN, check_group
from ..utils.tax_questions import TaxQuestion


class AmazonOrder(models.Model):
    """What a person must say of the tax of an order."""

    _inherit = 'amazon.order'

    tax_question = fields.Json(readonly=True, copy=False)
    has_tax_question = fields.Boolean(compute='_compute_tax_question', search='_search_has_tax_question')
    has_tax_proposal = fields.Boolean(compute='_compute_tax_question')

    def _compute_tax_question(self):
        for order in self:
            asked = order.tax_question and order.state == 'error'
            order.has_tax_question = bool(asked)
            order.has_tax_proposal = bool(asked and order.sudo()._get_tax_question().propose())

    def _search_has_tax_question(self, operator, value):
        return [('tax_question', '!=' if (operator in ('=', 'in')) == bool(value) else '=', False)]

    def _get_tax_question(self):
        self.ensure_one()
        return TaxQuestion(self.marketplace_id.company_id, self.tax_question)

    def action_accept_tax(self):
        """Do what is proposed for the tax that these orders wait for, and process all orders that wait for the same.

        :raises UserError: there is no proposal: the tax is to be chosen
        """
        self.check_access('write')
        check_group(self.env, ADMIN, 'account.group_account_manager')
        for order in self.filtered('tax_question').sudo():
            question = order._get_tax_question()
            proposal = question.propose()
            if not proposal:
                raise UserError(self.env._("There is nothing to propose for order %s: choose the tax.", order.amazon_order_ref))
            question.answer(proposal)
            order._retry_same_question()

    def action_choose_tax(self):
        """Open the dialog in which the tax, or the fiscal position, of this order is chosen."""
        self.check_access('write')
        check_group(self.env, ADMIN, 'account.group_account_manager')
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'amazon.tax.choose', 'view_mode': 'form', 'target': 'new',
            'name': self.env._("Choose the tax"), 'context': {'default_order_id': self.id},
        }

    def _retry_same_question(self):
        """Process the orders that wait for the same answer."""
        same = self.search([('state', '=', 'error'), ('tax_question', '!=', False), ('seller_id.company_id', '=', self.company_id.id)])
        same.filtered(lambda order: order.tax_question == self.tax_question).action_retry()

    def _set_tax_question(self, question):
        if (self.tax_question or None) != question:
            self.tax_question = question or False

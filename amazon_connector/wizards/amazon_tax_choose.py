from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

from ..utils.access import ADMIN, check_companies, check_group
from ..utils.order_taxes import get_rate


class AmazonTaxChoose(models.TransientModel):
    _name = 'amazon.tax.choose'
    _description = "Choose the Tax of Amazon Orders"
    _inherit = ['amazon.access.mixin']
    _check_company_auto = True

    order_id = fields.Many2one('amazon.order', required=True)
    company_id = fields.Many2one(related='order_id.marketplace_id.company_id')
    reason = fields.Text(compute='_compute_question')
    kind = fields.Selection([('place', "Fiscal position"), ('rate', "Tax")], compute='_compute_question')
    asked_position_id = fields.Many2one('account.fiscal.position', "Taxes of", compute='_compute_question')
    position_id = fields.Many2one('account.fiscal.position', "Fiscal position", check_company=True)
    tax_id = fields.Many2one('account.tax', "Tax in Odoo", check_company=True, domain=[('type_tax_use', '=', 'sale')])

    @api.depends('order_id')
    def _compute_question(self):
        for wizard in self:
            asked = wizard.order_id.tax_question
            wizard.kind = asked['kind'] if asked else False
            wizard.reason = wizard.order_id.sudo()._get_tax_question().describe() if asked else False
            wizard.asked_position_id = asked and asked.get('position')

    def action_choose(self):
        """Store the choice, and process all orders that wait for it.

        :raises UserError: nothing is chosen, or a tax that cannot be the one that Amazon states
        """
        self.check_access('write')
        self.ensure_one()
        check_group(self.env, ADMIN, 'account.group_account_manager')
        order = self.order_id
        order.check_access('write')
        check_companies(self.env, order.sudo().marketplace_id.company_id.ids)
        record = self.position_id if self.kind == 'place' else self.tax_id
        if not record or not order.tax_question:
            raise UserError(self.env._("Choose what these orders are to be taxed with."))
        if self.kind == 'rate':
            self._check_tax()
        order.sudo()._get_tax_question().remember(record)
        order.sudo()._retry_tax_question(order.marketplace_id.company_id, order.tax_question)
        return {'type': 'ir.actions.act_window_close'}

    def _check_tax(self):
        rate, question = get_rate(self.tax_id), self.order_id.sudo()._get_tax_question()
        if self.tax_id.type_tax_use != 'sale' or rate is None:
            raise UserError(self.env._("%s is no tax on sales: what is withheld or fixed cannot be what Amazon "
                                       "charged.", self.tax_id.name))
        if not question.is_of_place(self.tax_id):
            raise UserError(self.env._("%(tax)s is the tax of %(positions)s: sales to another country are not "
                                       "reported there.", tax=self.tax_id.name,
                                       positions=', '.join(self.tax_id.fiscal_position_ids.mapped('name')[:3])))
        if not question.explains(self.tax_id):
            raise UserError(self.env._("Amazon charged %(asked)s %%, but %(tax)s is %(rate)s %%.", tax=self.tax_id.name,
                                       asked=formatLang(self.env, question.question['rate'], digits=2),
                                       rate=formatLang(self.env, rate, digits=2)))

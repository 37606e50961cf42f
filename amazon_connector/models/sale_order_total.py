from odoo import fields, models
from odoo.tools import SQL

from ..utils.phrases import tell


class SaleOrder(models.Model):
    """Compare the total of an Amazon order with Amazon's, to the cent: users can edit lines and taxes, but the
    difference is shown.
    """

    _inherit = 'sale.order'

    amazon_total = fields.Monetary("Total at Amazon", copy=False, readonly=True)

    def _amazon_find_differing(self):
        """Return those of these orders whose total differs from Amazon's; not those whose total at Amazon is unknown.
        """
        odd = self.filtered(lambda order: order.amazon_order_ref and order.state != 'cancel'
                            and order.currency_id.compare_amounts(
                                order.amount_total, order.amazon_total))
        if not odd:
            return odd
        self.flush_model(['amazon_total'])
        known = self.env.execute_query(SQL("SELECT id FROM sale_order WHERE id = ANY(%s) AND amazon_total IS NOT NULL",
                                           odd.ids))
        return odd & self.browse(row[0] for row in known)

    def _amazon_describe_difference(self):
        self.ensure_one()
        return tell(self.env)._(
            "The total is %(odoo)s in Odoo and %(amazon)s at Amazon: lines or their taxes were changed here. Compare "
            "them with Seller Central.",
            odoo=tell(self.env).amount(self.amount_total, self.currency_id),
            amazon=tell(self.env).amount(self.amazon_total, self.currency_id))

    def _compute_amazon_problem(self):  # pylint: disable=missing-return
        super()._compute_amazon_problem()
        for order in self.filtered(lambda order: not order.amazon_problem)._amazon_find_differing():
            order.amazon_problem = order._amazon_describe_difference()

    def _action_confirm(self):
        result = super()._action_confirm()
        for order in self._amazon_find_differing():
            order.message_post(body=order._amazon_describe_difference())
        return result

from odoo import models
from odoo.exceptions import UserError

from ..utils.phrases import tell


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    def write(self, vals):
        """Write lines; a line that Amazon charged cannot be moved to another order."""
        if 'order_id' in vals:
            self._amazon_check_order(vals['order_id'])
        return super().write(vals)

    def _amazon_check_order(self, order_id):
        for line in self.filtered(lambda line: line.amazon_charge and line.order_id.id != order_id):
            raise UserError(tell(self.env)._("%(line)s is of Amazon order %(order)s and stays there.",
                                             line=line.name.splitlines()[0], order=line.order_id.amazon_order_ref))

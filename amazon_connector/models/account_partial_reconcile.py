from odoo import models


class AccountPartialReconcile(models.Model):
    _inherit = 'account.partial.reconcile'

    def unlink(self):
        """Undo matchings and mark Amazon's payments that were part of them as open."""
        lines = (self.debit_move_id | self.credit_move_id).sudo().filtered('amazon_order_ref')
        result = super().unlink()
        lines.exists()._amazon_mark_undone()
        return result

from odoo import api


class ResCompany:

    # New: Odoo 17 keeps what it read before the lock date changed.
    @api.depends('tax_lock_date')
    def _compute_max_tax_lock_date(self):
        return super()._compute_max_tax_lock_date()

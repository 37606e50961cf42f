from odoo.fields import Command


class SaleOrder:

    # Left out 08a25420: see `copy_data`.
    def _get_copiable_order_lines(self):
        pass

    # New: what `_get_copiable_order_lines` is for later versions.
    def copy_data(self, default=None):
        """Return the values of a copy, without lines that are Amazon's own: gift messages, and tax that Amazon remits.
        """
        lines = self.order_line.filtered(lambda line: not line.is_downpayment and line.amazon_charge not in NOT_COPIED)
        return super().copy_data({'order_line': [Command.create(line.copy_data()[0]) for line in lines],
                                  **(default or {})})

from odoo import fields, models

# Lines that are no goods or services of the company's.
NOT_COPIED = ('note', 'tax')


class SaleOrder(models.Model):
    """Duplicates of Amazon orders: ordinary quotations for the same buyer, whose data ends with them."""

    _inherit = 'sale.order'

    amazon_copy_of_id = fields.Many2one(
        'sale.order', "Duplicate of Amazon's order", copy=False, readonly=True, index='btree_not_null', ondelete='set null',
        help="The buyer's data is kept for this quotation no longer than for an Amazon order.")

    def copy(self, default=None):
        """Copy orders; what is made of an Amazon order remembers whose buyer it names."""
        copies = super().copy(default)
        for order, copied in zip(self.sudo(), copies.sudo(), strict=True):
            original = order if order.amazon_order_ref else order.amazon_copy_of_id
            if original:
                copied.amazon_copy_of_id = original
        return copies

    def _get_copiable_order_lines(self):
        """Leave out what is Amazon's: gift messages, and tax that it remits."""
        return super()._get_copiable_order_lines().filtered(lambda line: line.amazon_charge not in NOT_COPIED)

    @staticmethod
    def _amazon_get_copy_domain():
        """Return what finds duplicates of Amazon orders that are still for Amazon's buyers, as one term."""
        roles = ('partner_id', 'partner_invoice_id', 'partner_shipping_id')
        buyers = ['|', '|', *((f'{role}.amazon_is_buyer', '=', True) for role in roles)]
        return ['&', ('amazon_copy_of_id', '!=', False), *buyers]

from odoo import fields, models

# Charges that are no goods or services of the company.
NOT_COPIED = ('note', 'tax')


class SaleOrder(models.Model):
    """Duplicates of Amazon orders: ordinary quotations for the same buyer, whose data is erased with the original's."""

    _inherit = 'sale.order'

    amazon_copy_of_id = fields.Many2one(
        'sale.order', "Duplicate of Amazon's order", copy=False, readonly=True, index='btree_not_null',
        ondelete='set null', help="The buyer's data is kept for this quotation no longer than for an Amazon order.")

    def copy(self, default=None):
        """Copy orders; a copy of an Amazon order keeps the link to the order whose buyer it names."""
        copies = super().copy(default)
        for order, copied in zip(self.sudo(), copies.sudo(), strict=True):
            original = order if order.amazon_order_ref else order.amazon_copy_of_id
            if original:
                copied.amazon_copy_of_id = original
        return copies

    def _get_copiable_order_lines(self):
        """Return the lines to copy, without Amazon's own: gift messages, and tax that Amazon remits."""
        return super()._get_copiable_order_lines().filtered(lambda line: line.amazon_charge not in NOT_COPIED)

    @staticmethod
    def _amazon_get_copy_domain():
        """Return the domain of duplicates of Amazon orders that are still for Amazon's buyers, as one term."""
        roles = ('partner_id', 'partner_invoice_id', 'partner_shipping_id')
        buyers = ['|', '|', *((f'{role}.amazon_is_buyer', '=', True) for role in roles)]
        return ['&', ('amazon_copy_of_id', '!=', False), *buyers]

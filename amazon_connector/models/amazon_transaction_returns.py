from odoo import fields, models


class AmazonTransaction(models.Model):
    """Refunds that are compared with the returns of their orders, see `amazon_return_unannounced`."""

    _inherit = 'amazon.transaction'

    is_compared = fields.Boolean("Compared with returns", readonly=True)

    def _compare_with_returns(self):
        """Let what these refunds gave back for goods that nobody has announced or received be returns of its own."""
        for (seller, order), _refunds in self.grouped(lambda refund: (refund.seller_id, refund.sale_order_id)).items():
            money = self.search([
                ('seller_id', '=', seller.id), ('sale_order_id', '=', order.id),
                ('transaction_type', '=ilike', 'refund'), ('is_deferred', '=', False), ('buyer_amount', '<', 0),
                ], order='posted_date, id')
            for line in order.order_line.filtered(lambda line: line._amazon_is_goods()):
                self.env['amazon.return']._compare_item(seller, line, money)
        self.is_compared = True

from odoo import api, fields, models

from .sale_order_estimate import KNOWN

# Treatments of settlement lines that the buyer got back.
REFUNDED = ['|', ('treatment', '=', 'refund'), '&', ('treatment', '=', 'tax'), ('transaction_type', 'ilike', 'refund')]


class SaleOrder(models.Model):
    """The margin of an order after Amazon's fees, refunds and labels of returns, plus the cost of returned goods."""

    _inherit = 'sale.order'

    amazon_refunds = fields.Monetary("Refunded by Amazon", copy=False, readonly=True, groups='base.group_user',
                                     help="What the buyer got back (negative), without the tax of the order, from "
                                     "transactions and settlements.")
    amazon_returned_cost = fields.Monetary("Cost of returned goods", copy=False, readonly=True,
                                           groups='base.group_user',
                                           help="Cost of the goods that came back into the stock, without those that "
                                           "were scrapped.")
    amazon_margin = fields.Monetary("Margin after Amazon", compute='_compute_amazon_margin', store=True,
                                    groups='base.group_user',
                                    help="With an estimate of Amazon's fees until they are settled; nothing as long as "
                                    "they are unknown.")

    @api.depends('state', 'margin', 'amazon_fees', 'amazon_refunds', 'amazon_returned_cost', 'amazon_return_labels',
                 'amazon_fees_estimate', 'amazon_margin_state', 'amazon_order_ref')
    def _compute_amazon_margin(self):
        unsold = self._amazon_find_unsold()
        for order in self:
            if order.amazon_order_ref and order.amazon_margin_state not in KNOWN:
                # What is not known must not count in sums.
                order.amazon_margin = 0.0
                continue
            margin = 0.0 if order in unsold else order.margin
            order.amazon_margin = (margin + order.amazon_fees + order.amazon_fees_estimate + order.amazon_refunds
                                   + order.amazon_returned_cost + order.amazon_return_labels)

    def _amazon_find_unsold(self):
        """Return those of these orders that are cancelled without a sale: what Amazon charged is all that they made."""
        cancelled = self.filtered(lambda order: order.state == 'cancel' and order.amazon_margin_state == 'settled')
        return cancelled - cancelled._amazon_find_settled(('revenue',)) if cancelled.ids else cancelled

    def _amazon_update_fees(self):
        result = super()._amazon_update_fees()
        self._amazon_update_refunds()
        return result

    def _amazon_update_refunds(self):
        """Sum up the refunds to the buyers of these orders, without the tax that is in the orders' prices.

        Settlements and transactions are about the same money, and each may lack what the other has: the larger sum
        counts.
        """
        if not self:
            return
        settled, moved = self._amazon_sum_refund_rows(), self._amazon_sum_refund_transactions()
        for order in self:
            gross = min(settled.get(order, 0.0), moved.get(order, 0.0))
            share = order.amount_untaxed / order.amount_total if order.amount_total else 1.0
            refunds = order.currency_id.round(gross * share)
            if order.currency_id.compare_amounts(order.amazon_refunds, refunds):
                order.amazon_refunds = refunds

    def _amazon_sum_refund_rows(self):
        """Return the refunds in settlement lines, tax included, by order and in its currency."""
        sums = {}
        for order, settlement, amount in self.env['amazon.settlement.line'].sudo()._read_group(
                [('sale_order_id', 'in', self.ids), *REFUNDED], ['sale_order_id', 'settlement_id'], ['amount:sum']):
            sums[order] = sums.get(order, 0.0) + order._amazon_convert(amount, settlement.currency_id)
        return sums

    def _amazon_sum_refund_transactions(self):
        """Return the refunds in transactions, tax included, by order and in its currency."""
        sums = {}
        for order, currency, amount in self.env['amazon.transaction'].sudo()._read_group(
                [('sale_order_id', 'in', self.ids), ('transaction_type', 'ilike', 'refund'),
                 ('currency_id', '!=', False)],
                ['sale_order_id', 'currency_id'], ['buyer_amount:sum']):
            sums[order] = sums.get(order, 0.0) + order._amazon_convert(amount, currency)
        return sums

    def _amazon_convert(self, amount, currency):
        return currency._convert(amount, self.currency_id, self.company_id, self.date_order, round=False)

    def _amazon_update_returned(self):
        """Sum up the cost of the goods of these orders that the buyers returned."""
        for order in self:
            cost = sum(line._amazon_get_returned_cost() for line in order.order_line)
            if order.currency_id.compare_amounts(order.amazon_returned_cost, cost):
                order.amazon_returned_cost = cost

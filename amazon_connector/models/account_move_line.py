from odoo import api, fields, models
from odoo.tools import SQL

ISSUES = [
    ('no_order', "The order is not in Odoo"), ('company', "The order is in another company"),
    ('no_invoice', "The order has no posted invoice"),
    ('no_refund', "The order has no posted credit note"), ('currency', "The invoice is in another currency"),
    ('less', "Amazon paid less than the invoice so far"), ('more', "Amazon paid more than the invoice"),
    ('otherwise', "The invoice was paid or credited otherwise"),
    ('open', "The matching was undone: it is matched again"),
]


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    amazon_rule_id = fields.Many2one('amazon.settlement.rule', readonly=True, copy=False, index='btree_not_null',
                                     ondelete='set null')
    amazon_role = fields.Selection([('payout', "Payout"), ('carried', "Carried forward")], readonly=True, copy=False)
    amazon_order_ref = fields.Char("Amazon Order", readonly=True, copy=False, index='btree_not_null')
    amazon_order_id = fields.Many2one('sale.order', "Order of Amazon's payment", readonly=True, copy=False,
                                      index='btree_not_null')
    amazon_issue = fields.Selection(ISSUES, "Why it is not matched", readonly=True, copy=False)

    def copy_data(self, default=None):
        """Return the values of copies; a duplicate that is no credit note has no gift message, and the taxes that
        everybody uses.
        """
        vals_list = super().copy_data(default)
        if self.env.context.get('include_business_fields'):
            return vals_list
        for line, vals in zip(self, vals_list, strict=True):
            if line.display_type == 'line_note' and 'note' in line.sudo().sale_line_ids.mapped('amazon_charge'):
                vals['name'] = self.env._("Gift message (not copied)")
            elif line.display_type == 'product' and line.tax_ids.amazon_original_id:
                vals.update({'extra_tax_data': False, 'tax_ids': [(6, 0, line.tax_ids._amazon_get_original().ids)],
                             'price_unit': line.tax_ids._amazon_get_usual_price(line.price_unit)})
        return vals_list

    @api.model
    def _amazon_find_receivables(self, orders):
        """Return the receivable items of the posted invoices and credit notes of sales orders, oldest first.

        :rtype: dict of sales order (id) to `account.move.line`
        """
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT sold.order_id, receivable.id, receivable.date
                 FROM sale_order_line sold
                 JOIN sale_order_line_invoice_rel link ON link.order_line_id = sold.id
                 JOIN account_move_line item ON item.id = link.invoice_line_id
                 JOIN account_move_line receivable ON receivable.move_id = item.move_id
                 JOIN account_account account ON account.id = receivable.account_id
                     AND account.account_type = 'asset_receivable'
                WHERE sold.order_id = ANY(%s) AND receivable.parent_state = 'posted'
                  AND receivable.amazon_order_ref IS NULL
                UNION
               SELECT refund.sale_order_id, receivable.id, receivable.date
                 FROM amazon_transaction refund
                 JOIN account_move_line receivable ON receivable.move_id = refund.move_id
                 JOIN account_account account ON account.id = receivable.account_id
                     AND account.account_type = 'asset_receivable'
                WHERE refund.sale_order_id = ANY(%s) AND receivable.parent_state = 'posted'
             ORDER BY 1, 3, 2""", orders.ids, orders.ids))
        found = {}
        for order, item, _date in rows:
            found.setdefault(order, []).append(item)
        together = [item for items in found.values() for item in items]
        return {order: self.browse(items).with_prefetch(together) for order, items in found.items()}

    def _amazon_match(self):
        """Clear the invoices and credit notes of orders with the items of a settlement, all in one reconciliation, and
        set on each item why it stays open.
        """
        if not self:
            return
        self._amazon_find_orders()
        receivables = self._amazon_find_receivables(self.amazon_order_id)
        plan, targets = [], {}
        for line in self:
            targets[line] = line._amazon_find_targets(receivables)
            usable = targets[line].filtered(
                lambda item, line=line: not item.reconciled and item.account_id == line.account_id
                and item.currency_id == line.currency_id)
            if usable and not line.reconciled:
                plan.append(line | usable)
        if plan:
            self._reconcile_plan(plan)
        self._amazon_match_reversed(targets)
        for line in self:
            issue = line._amazon_find_issue(targets[line])
            if line.amazon_issue != issue:
                line.amazon_issue = issue

    def _amazon_mark_undone(self):
        """Mark items of Amazon's payments whose matching was undone as open: the job matches them again."""
        undone = self.filtered(lambda line: line.amazon_order_ref and not line.amazon_issue
                               and line.parent_state == 'posted' and not line.reconciled)
        receivables = self._amazon_find_receivables(undone.amazon_order_id) if undone else {}
        for line in undone:
            line.amazon_issue = line._amazon_find_issue(line._amazon_find_targets(receivables))

    def _amazon_find_targets(self, receivables):
        """Return the items that this one may clear: amounts that are owed clear invoices, amounts taken back clear
        credit notes.

        :param dict receivables: see `_amazon_find_receivables`
        """
        return receivables.get(self.amazon_order_id.id, self.browse()).filtered(
            lambda item: (item.balance > 0) == (self.balance < 0) and item._amazon_is_of(self.company_id))

    def _amazon_is_of(self, company):
        """Return whether this item is in the books of a company, its branches included."""
        return self.company_id.root_id == company.root_id

    def _amazon_match_reversed(self, targets):
        """Match Amazon's sale with its refund where somebody has cleared the invoice with its own credit note."""
        left = self.filtered(lambda line: not line.reconciled and targets[line]
                             and all(targets[line].mapped('reconciled')))
        groups = left.grouped(lambda line: (line.amazon_order_id, line.account_id, line.currency_id)).values()
        both = [lines for lines in groups if {line.balance > 0 for line in lines} == {True, False}]
        if both:
            self._reconcile_plan(both)

    def _amazon_find_orders(self):
        """Link items with sales orders that were imported after the booking."""
        missing = self.filtered(lambda line: not line.amazon_order_id)
        for seller, lines in missing.grouped(lambda line: line.move_id.amazon_settlement_id.seller_id).items():
            orders = {order.amazon_order_ref: order
                      for order in seller._find_sale_orders(lines.mapped('amazon_order_ref'))}
            for line in lines.filtered(lambda line, orders=orders: line.amazon_order_ref in orders):
                line.amazon_order_id = orders[line.amazon_order_ref]

    def _amazon_is_cleared_otherwise(self):
        """Return whether these items of invoices or credit notes were cleared by a payment by hand or another document,
        not by Amazon's money.
        """
        others = self.matched_debit_ids.debit_move_id | self.matched_credit_ids.credit_move_id
        others = others.filtered(lambda item: item.journal_id != item.company_id.currency_exchange_journal_id)
        return any(not item.amazon_order_ref for item in others)

    def _amazon_find_issue(self, targets):
        """Return why an item does not clear its invoices to the cent, or False."""
        self.ensure_one()
        if not self.amazon_order_id:
            return 'no_order'
        if self.amazon_order_id.company_id.root_id != self.company_id.root_id:
            return 'company'
        if not targets:
            return 'no_invoice' if self.balance < 0 else 'no_refund'
        if targets.currency_id != self.currency_id and not self.reconciled:
            return 'currency'
        if not self.reconciled and targets.filtered(lambda item: not item.reconciled
                                                    and item.account_id == self.account_id):
            return 'open'
        if not self.reconciled:
            return 'otherwise' if targets._amazon_is_cleared_otherwise() else 'more'
        return 'less' if any(not item.reconciled for item in targets) else False

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..utils.phrases import tell


class AccountMove(models.Model):
    _inherit = 'account.move'

    amazon_settlement_id = fields.Many2one('amazon.settlement', readonly=True, copy=False, index='btree_not_null',
                                           ondelete='restrict')
    amazon_transaction_ids = fields.One2many('amazon.transaction', 'move_id', readonly=True)
    amazon_part = fields.Char(readonly=True, copy=False, help="Which part of the settlement this entry books; none "
                              "once it was reversed.")
    amazon_double_id = fields.Many2one('account.move', "Amazon's credit note of this amount",
                                       compute='_compute_amazon_double_id')
    amazon_is_separate = fields.Boolean("Beside Amazon's refund", copy=False,
                                        help="This credit note is for something else than the refund of this amount "
                                                                                   "that Amazon reported.")

    _amazon_part_unique = models.UniqueIndex(
        "(amazon_settlement_id, amazon_part) WHERE amazon_part IS NOT NULL",
        "This part of the settlement is booked already.")

    # Whether a buyer is named by documents that are not Amazon's is asked before its data is deleted, and by the
    # database when a partner is deleted; Odoo has no index for it.
    _amazon_shipping = models.Index("(partner_shipping_id) WHERE partner_shipping_id IS NOT NULL")
    _amazon_commercial = models.Index("(commercial_partner_id) WHERE commercial_partner_id IS NOT NULL")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_amazon_part(self):
        self._amazon_check_no_part()

    @api.ondelete(at_uninstall=False)
    def _unlink_reopen_amazon_refunds(self):
        """Mark Amazon's refunds whose credit notes are deleted as exceptions."""
        self.sudo().amazon_transaction_ids.write({
            'state': 'error',
            'error': tell(self.env)._("Its credit note was deleted. \"Retry\" makes it again, \"Ignore\" leaves it.")})

    def _amazon_check_no_part(self):
        """Raise a `UserError` if an entry books a settlement or an accrual: these would still be shown as booked."""
        parts = self.filtered(lambda move: move.amazon_part and move.amazon_settlement_id)
        if parts:
            raise UserError(tell(self.env)._("This entry is a part of settlement %s: cancel its booking there instead.",
                                             parts[:1].amazon_settlement_id.sudo().settlement_ref))
        accrual = self.ids and self.env['amazon.accrual'].sudo().search(
            [('state', '=', 'posted'), '|', ('move_id', 'in', self.ids), ('reversal_id', 'in', self.ids)], limit=1)
        if accrual:
            raise UserError(tell(self.env)._("This entry is of the month-end accrual %s: cancel it there instead.",
                                             accrual.display_name))

    def _amazon_drop_unposted(self):
        """Free a settlement of its entries that are not in the books, and return the others.

        Drafts are deleted, unless they were posted once and an audit trail forbids that; cancelled entries have nothing
        to be reversed.
        """
        unposted = self.filtered(lambda move: move.state != 'posted')
        unposted.amazon_part = False
        drafts = unposted.filtered(lambda move: move.state == 'draft')
        drafts.filtered('posted_before').button_cancel()
        drafts.filtered(lambda move: move.state == 'draft').unlink()
        return self - unposted

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Reverse entries; entries of settlements are reversed by cancelling the booking there."""
        self._amazon_check_no_part()
        return super()._reverse_moves(default_values_list, cancel)

    @api.depends('move_type', 'state', 'amount_total', 'currency_id')
    def _compute_amazon_double_id(self):
        for move in self:
            move.amazon_double_id = (move._amazon_find_doubles().sudo(False)[:1] if move.move_type == 'out_refund'
                                     and move.state == 'draft' else False)

    def action_amazon_settlement(self):
        """Show the settlement that this entry books."""
        self.check_access('read')
        self.env['amazon.settlement'].check_access('read')
        self.ensure_one()
        return {'type': 'ir.actions.act_window', 'res_model': 'amazon.settlement', 'view_mode': 'form',
                'res_id': self.amazon_settlement_id.id}

    # === NOTHING TWICE === #

    def _post(self, soft=True):
        """Post entries; refuse a document that a settlement has counted already, or take the order out of the
        settlement's sums.
        """
        documents = self.filtered(lambda move: move.is_sale_document())
        # All at once: most companies post many documents that are not Amazon's.
        documents = (documents.filtered(lambda move: move._amazon_get_orders()) if documents._amazon_get_orders()
                     else documents.browse())
        documents._amazon_check()
        posted = super()._post(soft)
        (posted & documents)._amazon_offset()
        entries = posted.filtered(lambda move: move.amazon_part and move.amazon_settlement_id.sudo().stage == 'draft')
        entries.amazon_settlement_id.sudo()._go_on(entries)
        return posted

    def button_draft(self):
        """Set entries back to draft; Amazon's payments of these invoices are open again, and their settlements show so.
        """
        self.check_access('write')
        self.filtered(lambda move: move.state == 'posted')._amazon_check_no_part()
        owed = self.filtered(lambda move: move.is_sale_document()).line_ids.filtered(
            lambda line: line.account_type == 'asset_receivable')
        paid = (owed.matched_credit_ids.credit_move_id | owed.matched_debit_ids.debit_move_id).filtered(
            'amazon_order_ref')
        result = super().button_draft()
        paid.sudo()._amazon_match()
        return result

    def button_cancel(self):
        """Cancel entries; entries of settlements are cancelled on the settlement."""
        if self:
            # Odoo cancels the invoices of an order also where there are none, whoever cancels it.
            self.check_access('write')
        self._amazon_check_no_part()
        return super().button_cancel()

    def _collect_tax_cash_basis_values(self):
        """Return no cash-basis tax for entries of settlements: they are the payment itself."""
        return None if self.amazon_settlement_id else super()._collect_tax_cash_basis_values()

    def _amazon_get_orders(self):
        """Return the Amazon orders that these invoices and credit notes are for."""
        moves = self.sudo()
        # By SQL, not by fields: the cache would show the orders to users who may not read them.
        self.env['account.move.line'].flush_model(['move_id', 'sale_line_ids'])
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT sale.id
                 FROM account_move_line item
                 JOIN sale_order_line_invoice_rel link ON link.invoice_line_id = item.id
                 JOIN sale_order_line sold ON sold.id = link.order_line_id
                 JOIN sale_order sale ON sale.id = sold.order_id
                WHERE item.move_id = ANY(%s) AND sale.amazon_order_ref IS NOT NULL
             ORDER BY sale.id""", (moves | moves.reversed_entry_id).ids))
        orders = moves.env['sale.order'].browse(row[0] for row in rows)
        return orders | moves.amazon_transaction_ids.sale_order_id

    def _amazon_check(self):
        """Raise a `UserError` if posting these documents would count what a settlement or another document has counted.
        """
        settlements = self.env['amazon.settlement'].sudo()
        settlements._check_summed_up(self._amazon_get_orders())
        for note in self.filtered(lambda move: move.move_type == 'out_refund'):
            orders = note._amazon_get_orders().filtered(lambda order: not self._amazon_is_invoiced(order))
            for settlement, mine in settlements._find_summed_up(orders).items():
                raise UserError(tell(self.env)._(
                    "Order %(orders)s has no posted invoice: settlement %(settlement)s has summed it up, with its "
                    "refunds, and a credit note would count "
                    "them twice. Post the invoice of the order first; then this credit note can be posted.",
                    orders=', '.join(mine.mapped('amazon_order_ref')), settlement=settlement.settlement_ref))
            note._amazon_check_double()

    def _amazon_is_invoiced(self, order):
        """Return whether an order has a posted invoice, or one among these documents, which are about to be posted."""
        return bool(order.invoice_ids.filtered(lambda move: move.move_type == 'out_invoice'
                                               and (move.state == 'posted' or move in self)))

    def _amazon_offset(self):
        """Take the orders of these invoices out of the sums of settlements."""
        for invoice in self.filtered(lambda move: move.move_type == 'out_invoice'):
            moves = self.env['amazon.settlement'].sudo()._offset_summed_up(invoice._amazon_get_orders(), invoice.date)
            if moves:
                invoice.sudo().message_post(body=self.env._(
                    "Settlement %(settlements)s had summed up this sale: %(moves)s takes it out again, and this "
                    "invoice is cleared with it.",
                    settlements=', '.join(moves.amazon_settlement_id.mapped('settlement_ref')),
                    moves=', '.join(moves.mapped('name'))))

    # === CREDIT NOTES === #

    def _amazon_find_doubles(self):
        """Return the credit notes of the same order and amount that were made from Amazon's refunds."""
        self.ensure_one()
        if self.sudo().amazon_transaction_ids:
            return self.browse()
        notes = self._amazon_get_orders().sudo().amazon_transaction_ids.move_id.filtered(
            lambda move: move.state != 'cancel')
        return (notes - self).filtered(
            lambda note: not self.currency_id.compare_amounts(note.amount_total, self.amount_total))

    def _amazon_check_double(self):
        """Raise a `UserError` if a credit note for the same refund was made from Amazon's data already."""
        double = self._amazon_find_doubles()[:1]
        if double and not self.amazon_is_separate:
            raise UserError(tell(self.env)._(
                "Amazon's refund of %(amount)s has the credit note %(note)s already. Delete this one, or confirm on it "
                "that it is for something else.",
                amount=self.currency_id.format(self.amount_total), note=double.display_name))

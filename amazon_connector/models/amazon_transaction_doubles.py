from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..utils.phrases import tell
from ..utils.settlement_rows import DECIDED, SUMMED_UP


class AmazonTransaction(models.Model):
    """Count a refund once: by a settlement that sums it up, by a credit note that somebody made, or by its own credit
    note.
    """

    _inherit = 'amazon.transaction'

    settlement_id = fields.Many2one('amazon.settlement', "Summed up in", readonly=True, index='btree_not_null',
                                    ondelete='set null')

    def _find_summed_up(self):
        """Return the settlement that has summed up the refunds of this one's order, because the order is not invoiced.
        """
        self.ensure_one()
        self.env['amazon.settlement.line'].flush_model()
        found = self.env.execute_query(SQL(
            """SELECT line.settlement_id
                 FROM amazon_settlement_line line
                 JOIN amazon_settlement_rule rule ON rule.id = line.rule_id
                 JOIN amazon_settlement settlement ON settlement.id = line.settlement_id
                     AND settlement.stage = ANY(%s) AND settlement.seller_id = %s
                WHERE line.order_ref = %s AND line.transaction_type ~* 'refund' AND %s
             ORDER BY 1 DESC LIMIT 1""", list(DECIDED), self.seller_id.id, self.order_ref,
            SUMMED_UP)) if self.order_ref else []
        return self.env['amazon.settlement'].browse(found[0][0] if found else [])

    @api.model
    def _mark_summed_up(self, settlement):
        """Mark refunds that waited for an invoice as done: a settlement has summed them up."""
        self.flush_model()
        self.env.cr.execute(SQL(
            """UPDATE amazon_transaction SET state = 'done', error = NULL, settlement_id = %s
                WHERE seller_id = %s AND state = 'waiting' AND NOT is_deferred AND order_ref IN (
                      SELECT line.order_ref
                        FROM amazon_settlement_line line JOIN amazon_settlement_rule rule ON rule.id = line.rule_id
                       WHERE line.settlement_id = %s AND line.transaction_type ~* 'refund' AND %s)""",
            settlement.id, settlement.seller_id.id, settlement.id, SUMMED_UP))
        self.invalidate_model()

    @api.model
    def _forget_summed_up(self, domain):
        """Mark the refunds that no settlement sums up any more as waiting for their credit notes.

        :param domain: which of those that a settlement had summed up
        """
        self.search([('settlement_id', '!=', False), ('state', '=', 'done'), ('move_id', '=', False), *domain]).write(
            {'state': 'new', 'settlement_id': False})

    def _check_made_by_hand(self):
        """Raise a `UserError` if credit notes that no transaction made have this amount, or leave too little of the
        invoices for it.
        """
        notes = self._find_notes_by_hand()
        same = notes.filtered(lambda note: not note.amazon_is_separate
                              and not self.currency_id.compare_amounts(note.amount_total, self._get_billed_amount()))
        if same:
            raise UserError(tell(self.env)._(
                "The order has a credit note of this amount: %s. If it is for this refund, ignore this; else enter "
                "the credit "
                "note by hand.",
                same[0].display_name))
        others = self.search([('sale_order_id', '=', self.sale_order_id.id), ('id', '!=', self.id)]).move_id.filtered(
            lambda move: move.state != 'cancel')
        left = sum(self._get_invoices().mapped('amount_total')) - sum((notes | others).mapped('amount_total'))
        if notes and self.currency_id.compare_amounts(left, self._get_billed_amount()) < 0:
            raise UserError(tell(self.env)._(
                "The order has credit notes already, which leave %(left)s of its invoices, and this refund is "
                "%(refund)s: %(notes)s. If one of them is for "
                "this refund, ignore this; else enter the credit note by hand.", left=self._format(left),
                refund=self._format(-self.buyer_amount), notes=', '.join(notes.mapped('display_name'))))

    def _find_notes_by_hand(self):
        """Return the credit notes of this refund's order that are not cancelled and that no transaction made."""
        order = self.sale_order_id
        notes = order.invoice_ids | order.invoice_ids.reversal_move_ids
        return notes.filtered(lambda move: move.move_type == 'out_refund' and move.state != 'cancel'
                              and not move.amazon_transaction_ids)

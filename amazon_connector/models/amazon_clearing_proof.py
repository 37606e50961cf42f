from odoo import fields, models
from odoo.tools import SQL

# Column of the proof -> condition on the items of a settlement's entries that it sums up.
OPEN = {
    'payout_open': "item.amazon_role = 'payout'", 'transfer_open': "rule.treatment = 'transfer'",
    'reserve_open': "rule.treatment = 'reserve'", 'carried_open': "item.amazon_role = 'carried'",
    'buyer_open': "item.amazon_order_ref IS NOT NULL AND item.amazon_role IS NULL AND rule.id IS NULL",
}


class AmazonClearingProof(models.Model):
    """Open amounts of each booked settlement, and other open items on the accounts where settlements are cleared.

    One row a settlement, in its currency, positive where somebody owes it to the company; and one row for each account
    and currency with what no settlement explains, so that the columns add up to the balances of the accounts.
    """

    _name = 'amazon.clearing.proof'
    _description = "Amazon Clearing Proof"
    _auto = False
    _order = 'end_date desc, id desc'
    _rec_name = 'settlement_id'

    settlement_id = fields.Many2one('amazon.settlement', readonly=True)
    account_id = fields.Many2one('account.account', readonly=True, help="Of entries that are not of settlements.")
    company_id = fields.Many2one('res.company', readonly=True)
    seller_id = fields.Many2one('amazon.seller', readonly=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    end_date = fields.Datetime("Until", readonly=True)
    deposit_date = fields.Date("Deposit", readonly=True)
    state = fields.Selection(related='settlement_id.state', string="State")
    payout_open = fields.Monetary("Payout", readonly=True, help="Not yet in the bank; negative: owed to Amazon until "
                                  "the next settlement includes it.")
    transfer_open = fields.Monetary("Charges and transfers", readonly=True,
                                    help="Not yet matched with the settlement or the bank line that they are about.")
    reserve_open = fields.Monetary("Reserve", readonly=True,
                                   help="Kept by Amazon, and not given back by a later settlement.")
    tax_open = fields.Monetary("Tax collected", readonly=True, help="Tax that Amazon remits: what came in with sales "
                               "and invoices, and did not go out again.")
    carried_open = fields.Monetary("Carried forward", readonly=True, help="Between the entries of one settlement.")
    buyer_open = fields.Monetary("Customers", readonly=True,
                                 help="Orders that do not clear their invoices: see \"Not matched\" on the settlement.")
    total_open = fields.Monetary("Open", readonly=True)
    is_open = fields.Boolean("Something is open", readonly=True)

    @property
    def _table_query(self):
        return SQL("""
            WITH part AS (%s), tax AS (%s), other AS (%s), proof AS (
                SELECT settlement.id * 2 AS id, settlement.id AS settlement_id, NULL::int AS account_id,
                       settlement.company_id, settlement.seller_id,
                       settlement.marketplace_id, settlement.currency_id, settlement.end_date, settlement.deposit_date,
                       COALESCE(part.payout_open, 0) AS payout_open, COALESCE(part.transfer_open, 0) AS transfer_open,
                       COALESCE(part.reserve_open, 0) AS reserve_open, COALESCE(tax.amount, 0) AS tax_open,
                       COALESCE(part.carried_open, 0) AS carried_open, COALESCE(part.buyer_open, 0) AS buyer_open
                  FROM amazon_settlement settlement
             LEFT JOIN part ON part.settlement_id = settlement.id
             LEFT JOIN tax ON tax.settlement_id = settlement.id
                 WHERE settlement.stage = 'booked'
                 UNION ALL SELECT * FROM other)
            SELECT proof.*,
                   payout_open + transfer_open + reserve_open + tax_open + carried_open + buyer_open AS total_open,
                   GREATEST(ABS(payout_open), ABS(transfer_open), ABS(reserve_open), ABS(tax_open), ABS(carried_open),
                            ABS(buyer_open)) >= 0.005 AS is_open
              FROM proof""", self._query_parts(), self._query_tax(), self._query_other())

    def _query_parts(self):
        """Return SQL of the open amount of the items of each settlement: the residual, or all where the account does
        not reconcile.
        """
        sums = SQL(', ').join(
            SQL("SUM(CASE WHEN %s THEN %s ELSE 0 END) AS %s", SQL(condition), SQL(OPEN_AMOUNT), SQL.identifier(name))
            for name, condition in OPEN.items())
        return SQL("""
            SELECT move.amazon_settlement_id AS settlement_id, %s
              FROM account_move move
              JOIN account_move_line item ON item.move_id = move.id
              JOIN account_account account ON account.id = item.account_id
         LEFT JOIN amazon_settlement_rule rule ON rule.id = item.amazon_rule_id
             WHERE move.amazon_settlement_id IS NOT NULL AND move.amazon_part IS NOT NULL AND move.state = 'posted'
          GROUP BY 1""", sums)

    def _query_tax(self):
        """Return SQL of the balance of tax that Amazon remits: lines of the settlement less those of the invoices of
        its orders.

        The lines of an order's invoices count for the first settlement that has its tax, those of its credit notes for
        the first that gives the tax back.
        """
        return SQL("""
            SELECT settlement_id, SUM(amount) AS amount FROM (
                SELECT move.amazon_settlement_id AS settlement_id, item.amount_currency AS amount
                  FROM account_move move JOIN account_move_line item ON item.move_id = move.id
                  JOIN amazon_settlement settlement ON settlement.id = move.amazon_settlement_id
                 WHERE move.amazon_part IS NOT NULL AND move.state = 'posted' AND item.account_id IN (%(accounts)s)
             UNION ALL
                SELECT sold.settlement_id, item.amount_currency
                  FROM (SELECT DISTINCT ON (line.sale_order_id, line.transaction_type ILIKE %(refund)s)
                               line.sale_order_id, line.transaction_type ILIKE %(refund)s AS is_refund,
                               line.settlement_id
                          FROM amazon_settlement_line line JOIN amazon_settlement settlement
                              ON settlement.id = line.settlement_id
                         WHERE line.treatment = 'withheld' AND line.amount != 0 AND line.sale_order_id IS NOT NULL
                           AND settlement.stage = 'booked'
                      ORDER BY line.sale_order_id, line.transaction_type ILIKE %(refund)s, settlement.end_date) sold
                  JOIN (SELECT DISTINCT sale_line.order_id, invoiced.move_id
                          FROM sale_order_line sale_line
                          JOIN sale_order_line_invoice_rel link ON link.order_line_id = sale_line.id
                          JOIN account_move_line invoiced ON invoiced.id = link.invoice_line_id
                         UNION
                        SELECT sale_order_id, move_id FROM amazon_transaction WHERE move_id IS NOT NULL) document
                       ON document.order_id = sold.sale_order_id
                  JOIN account_move move ON move.id = document.move_id AND move.state = 'posted'
                      AND (move.move_type = 'out_refund') = sold.is_refund
                  JOIN account_move_line item ON item.move_id = move.id
                 WHERE item.account_id IN (%(accounts)s)) amounts
          GROUP BY 1""", accounts=SQL(TAX_ACCOUNTS), refund='%refund%')

    def _query_other(self):
        """Return SQL of the open items on the accounts of payouts, reserves and carried amounts that are in no
        settlement's entries.
        """
        return SQL("""
            SELECT MIN(item.id) * 2 + 1, NULL::int, item.account_id, item.company_id, NULL::int, NULL::int,
                   item.currency_id, NULL::timestamp, NULL::date,
                   SUM(%(amount)s) AS payout_open, 0, 0, 0, 0, 0
              FROM account_move_line item
              JOIN account_move move ON move.id = item.move_id
              JOIN account_account account ON account.id = item.account_id
             WHERE item.parent_state = 'posted' AND move.amazon_part IS NULL AND item.account_id IN (%(accounts)s)
          GROUP BY item.account_id, item.company_id, item.currency_id HAVING ABS(SUM(%(amount)s)) >= 0.005""",
                   amount=SQL(OPEN_AMOUNT), accounts=SQL(CLEARING_ACCOUNTS))

    def action_open_settlement(self):
        """Show the settlement, or the items that no settlement explains."""
        self.check_access('read')
        self.ensure_one()
        if self.settlement_id:
            return {'type': 'ir.actions.act_window', 'res_model': 'amazon.settlement', 'view_mode': 'form',
                    'res_id': self.settlement_id.id}
        return {**self.env['ir.actions.act_window']._for_xml_id('account.action_account_moves_all_a'),
                'context': {'create': False},
                'domain': [('account_id', '=', self.account_id.id), ('company_id', '=', self.company_id.id),
                           ('currency_id', '=', self.currency_id.id),
                           ('reconciled', '=', False), ('parent_state', '=', 'posted'),
                           ('move_id.amazon_part', '=', False)]}


OPEN_AMOUNT = "CASE WHEN account.reconcile THEN item.amount_residual_currency ELSE item.amount_currency END"
TAX_ACCOUNTS = """
    SELECT booked.account_id FROM account_move_line booked JOIN amazon_settlement_rule rule
        ON rule.id = booked.amazon_rule_id
     WHERE rule.treatment = 'withheld'"""
CLEARING_ACCOUNTS = """
    SELECT settlement_payout_account_id FROM amazon_seller_marketplace WHERE settlement_payout_account_id IS NOT NULL
     UNION SELECT settlement_carried_account_id FROM amazon_seller_marketplace
         WHERE settlement_carried_account_id IS NOT NULL
     UNION SELECT booked.account_id FROM account_move_line booked JOIN amazon_settlement_rule rule
         ON rule.id = booked.amazon_rule_id
            WHERE rule.treatment IN ('reserve', 'transfer')"""

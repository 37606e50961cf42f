"""Reserves, and amounts that settlements carry over, are matched with what settles them."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Let accounts that only have reserves of settlements be matched, then match what settlements left open; again does
    no harm.
    """
    env = api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True})
    cr.execute("""
        SELECT item.account_id
          FROM account_move_line item
          JOIN account_move move ON move.id = item.move_id
          JOIN account_account account ON account.id = item.account_id AND NOT account.reconcile
     LEFT JOIN amazon_settlement_rule rule ON rule.id = item.amazon_rule_id
      GROUP BY item.account_id
        HAVING BOOL_AND(move.amazon_settlement_id IS NOT NULL) AND BOOL_OR(rule.treatment = 'reserve')""")
    env['account.account'].browse(row[0] for row in cr.fetchall()).filtered(
        lambda account: account.account_type == 'asset_current').reconcile = True
    env['amazon.settlement'].search([('stage', '=', 'booked')])._match_chain()

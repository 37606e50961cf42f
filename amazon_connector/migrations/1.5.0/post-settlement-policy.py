"""One policy for settlements: what an order with a posted invoice got is cleared, everything else is summed up.

What was booked per invoice before clears invoices still, those that come later too: its rows are marked. Settlements
that were refused because some of their orders have invoices can be booked now. Repeatable.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    cr.execute("""
        UPDATE amazon_settlement_line line
           SET is_cleared = TRUE
          FROM amazon_settlement_rule rule, amazon_settlement settlement
         WHERE rule.id = line.rule_id AND rule.is_buyer AND settlement.id = line.settlement_id
           AND settlement.stage IN ('booking', 'booked')
           AND line.is_cleared IS NOT TRUE
           AND EXISTS (SELECT 1 FROM account_move_line item JOIN account_move move ON move.id = item.move_id
                        WHERE move.amazon_settlement_id = settlement.id AND move.amazon_part IS NOT NULL
                          AND item.amazon_order_ref = line.order_ref)""")
    env = api.Environment(cr, SUPERUSER_ID, {})
    env['amazon.settlement'].search([('stage', 'in', ('to_map', 'ready'))])._evaluate()

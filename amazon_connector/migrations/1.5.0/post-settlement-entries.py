"""Settlements say what is in the books: their entries could be set back to draft or cancelled one by one in Accounting.

And whether a settlement was split by month is its own, not what its marketplace says today. Repeatable.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Let settlements whose entries are drafts wait for them, and free those whose entries were all cancelled; name the
    others.
    """
    cr.execute("""
        UPDATE amazon_settlement settlement
           SET split_month = TRUE
          FROM amazon_seller_marketplace market
         WHERE market.id = settlement.marketplace_id AND settlement.split_month IS NOT TRUE
           AND settlement.stage IN ('draft', 'booking', 'booked')
           AND (settlement.stage = 'booking' AND market.settlement_split
                OR 1 < (SELECT COUNT(DISTINCT LEFT(move.amazon_part, 7)) FROM account_move move
                         WHERE move.amazon_settlement_id = settlement.id AND move.amazon_part NOT LIKE 'offset/%'))""")
    env = api.Environment(cr, SUPERUSER_ID, {})
    odd = env['account.move'].search([('amazon_part', '!=', False), ('state', '!=', 'posted'),
                                      ('amazon_settlement_id.stage', '=', 'booked')])
    for settlement in odd.amazon_settlement_id:
        states = set(settlement.move_ids.filtered('amazon_part').mapped('state'))
        if states == {'cancel'}:
            settlement._cancel()
        elif 'cancel' not in states:
            settlement.stage = 'draft'
        else:
            settlement._mark_cancelled_entries()

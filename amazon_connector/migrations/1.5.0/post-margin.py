"""The margin of orders now counts what buyers got back, and goods that came back."""

from odoo import SUPERUSER_ID, api
from odoo.tools import split_every

PORTION = 1000


def migrate(cr, version):
    """Sum up refunds and returned goods of the orders that have some; again does no harm."""
    env = api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True})
    cr.execute("""
        SELECT sale_order_id FROM amazon_settlement_line WHERE sale_order_id IS NOT NULL AND treatment = 'refund'
         UNION SELECT sale_order_id FROM amazon_transaction
                WHERE sale_order_id IS NOT NULL AND transaction_type ILIKE '%refund%'""")
    for portion in split_every(PORTION, [row[0] for row in cr.fetchall()], env['sale.order'].browse):
        portion._amazon_update_refunds()
        env.flush_all()
        env.invalidate_all()
    cr.execute("""
        SELECT DISTINCT line.order_id
          FROM stock_move move
          JOIN stock_location place ON place.id = move.location_id
          JOIN sale_order_line line ON line.id = move.sale_line_id
          JOIN sale_order sale ON sale.id = line.order_id
         WHERE place.usage = 'customer' AND move.state = 'done' AND sale.amazon_order_ref IS NOT NULL""")
    for portion in split_every(PORTION, [row[0] for row in cr.fetchall()], env['sale.order'].browse):
        portion._amazon_update_returned()
        env.flush_all()
        env.invalidate_all()

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Say why settlements were set aside, and give somebody a task where two that are the same are booked; repeatable.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute("""
        SELECT aside.id, MIN(kept.id)
          FROM amazon_settlement aside JOIN amazon_settlement kept USING (settlement_ref, currency_id, end_date, total)
         WHERE aside.stage = 'elsewhere' AND aside.aside_reason IS NULL AND kept.stage NOT IN ('elsewhere', 'ignored')
      GROUP BY aside.id""")
    for aside, kept in cr.fetchall():
        settlement, other = env['amazon.settlement'].browse((aside, kept))
        settlement.write({'aside_reason': env._("%s has this settlement, too: it is kept there.", other.seller_id.name),
                          'problem': False})
    cr.execute("""
        SELECT array_agg(id ORDER BY id) FROM amazon_settlement WHERE stage IN ('draft', 'booking', 'booked')
      GROUP BY settlement_ref, currency_id, end_date, total HAVING COUNT(*) > 1""")
    for (ids,) in cr.fetchall():
        settlements = env['amazon.settlement'].browse(ids)
        seller = settlements[-1].seller_id._for_person()
        seller._alert(seller.env._("Settlement %s is booked twice", settlements[0].settlement_ref), seller.env._(
            "%s have the same settlement, and both have booked it. Cancel the booking of one, then mark it as "
            "booked elsewhere. Until then, and until the addon is updated again, the database cannot prevent other "
            "settlements from being kept twice.",
            ', '.join(settlements.seller_id.mapped('name'))))

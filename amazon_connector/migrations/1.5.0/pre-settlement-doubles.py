def migrate(cr, version):
    """Set aside settlements that two sellers of one account have, those apart that are booked: the database keeps each
    once from now on.
    """
    cr.execute(
        """UPDATE amazon_settlement SET stage = 'elsewhere', state = 'elsewhere'
            WHERE stage NOT IN ('draft', 'booking', 'booked') AND id IN (
                  SELECT id FROM (SELECT id, row_number() OVER (
                                          PARTITION BY settlement_ref, currency_id, end_date, total
                                              ORDER BY stage IN ('draft', 'booking', 'booked') DESC, id) AS number
                                    FROM amazon_settlement) AS numbered
                   WHERE number > 1)""")

"""Rows of settlements have the company and the currency of their settlement, and no columns of their own for them."""


def migrate(cr, version):
    """Drop the two columns, whose foreign keys every new row paid for, and the table of a model that is no more; done
    again, it changes nothing more.
    """
    cr.execute("ALTER TABLE amazon_settlement_line DROP COLUMN IF EXISTS company_id, DROP COLUMN IF EXISTS currency_id")
    # Its choices were kept as those by country and rate.
    cr.execute("DROP TABLE IF EXISTS amazon_marketplace_tax")

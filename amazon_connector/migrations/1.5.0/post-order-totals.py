"""What Amazon's orders came to is kept from now on: those that are here had Amazon's total when they were imported."""


def migrate(cr, version):
    """Take the present totals for Amazon's. Done again, it changes nothing."""
    cr.execute("UPDATE sale_order SET amazon_total = amount_total WHERE amazon_order_ref IS NOT NULL AND "
               "amazon_total IS NULL")

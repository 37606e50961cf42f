"""Parcels and labels are of the company that sold, also where the marketplace was given to another one since."""


def migrate(cr, version):
    """Set the companies; again does no harm."""
    for table in ('amazon_package', 'amazon_label'):
        cr.execute(f"""
            UPDATE {table} SET company_id = sale.company_id
              FROM sale_order sale
             WHERE sale.id = {table}.sale_order_id AND {table}.company_id IS DISTINCT FROM sale.company_id""")

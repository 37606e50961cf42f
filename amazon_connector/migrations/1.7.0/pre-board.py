"""Deliveries keep their marketplace, so that they can be grouped by it."""

from odoo.tools.sql import column_exists


def migrate(cr, version):
    """Fill the new column at once; Odoo would do it delivery by delivery."""
    if column_exists(cr, 'stock_picking', 'amazon_marketplace_id'):
        return
    cr.execute("ALTER TABLE stock_picking ADD COLUMN amazon_marketplace_id int4")
    cr.execute("""UPDATE stock_picking picking SET amazon_marketplace_id = sale.amazon_marketplace_id
                    FROM sale_order sale WHERE sale.id = picking.sale_id AND sale.amazon_marketplace_id IS NOT NULL""")

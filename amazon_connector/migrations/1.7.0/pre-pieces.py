"""Listings that were mapped before pieces were proposed keep theirs."""

from odoo.tools.sql import column_exists


def migrate(cr, version):
    """Mark the mapped listings of before, once; `post-pieces` takes the mark away."""
    if column_exists(cr, 'amazon_listing', 'pack_answered'):
        return
    cr.execute("ALTER TABLE amazon_listing ADD COLUMN pack_answered int4")
    cr.execute("UPDATE amazon_listing SET pack_answered = -1 WHERE product_id IS NOT NULL")

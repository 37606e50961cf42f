from odoo.addons.amazon_connector.amazon_api.product_types import ASIN, CONDITION
from odoo.addons.amazon_connector.models.amazon_listing import CONDITIONS


def migrate(cr, version):
    """Move ASIN and condition from the form of new listings, which Amazon got, to where they stand now."""
    cr.execute("""
        UPDATE amazon_listing_draft draft SET asin = line.value FROM amazon_listing_draft_line line
         WHERE line.draft_id = draft.id AND line.path = %s AND line.value != ''""", [ASIN])
    cr.execute("""
        UPDATE amazon_listing_draft draft SET condition = line.value FROM amazon_listing_draft_line line
         WHERE line.draft_id = draft.id AND line.path = %s AND line.value = ANY(%s)""",
               [CONDITION, [value for value, _label in CONDITIONS]])
    cr.execute("DELETE FROM amazon_listing_draft_line WHERE path = ANY(%s)", [[ASIN, CONDITION]])

"""Listings that were mapped before pieces were proposed keep theirs, and a person is told of those that differ."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Take what is sold already as answered: nothing of it is held back, nobody is asked one by one.

    What SKU or title contradict is named in one task for each seller. Done again, it changes nothing more.
    """
    cr.execute("SELECT seller_id, COUNT(DISTINCT sku) FROM amazon_listing "
               "WHERE pack_answered = -1 AND pack_check = 'ask' GROUP BY seller_id")
    differing = cr.fetchall()
    cr.execute("UPDATE amazon_listing SET pack_answered = pack_proposed, pack_check = CASE pack_check WHEN 'ask' "
               "THEN 'differs' END WHERE pack_answered = -1")
    cr.execute("UPDATE amazon_listing SET pack_quantity = pack_proposed WHERE product_id IS NULL AND pack_proposed > 0 "
               "AND pack_quantity = 1 AND COALESCE(pack_answered, 0) = 0")
    env = api.Environment(cr, SUPERUSER_ID, {})
    env['amazon.listing'].invalidate_model()
    for seller_id, count in differing:
        _tell(env['amazon.seller'].browse(seller_id)._for_person(), count)


def _tell(seller, count):
    seller._alert(seller.env._("Check the pieces of packs"), seller.env._(
        "Mapped SKUs whose SKU or title names other pieces than those that are set: %s. They are sold as before. Look "
        "at them once: Listings, filter \"Pieces differ from SKU or title\".", count))

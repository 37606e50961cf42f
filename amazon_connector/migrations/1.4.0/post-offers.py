"""Offers whose parts were left out, not taken away, in earlier versions: what Amazon may still have of them is known
from the messages that were kept.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools import split_every

from odoo.addons.amazon_connector.amazon_api.listing_offers import merge_offers

PORTION = 1000


def migrate(cr, version):
    """Remember every part that Amazon was told; an offer that lacks one of them now is told again, which takes it away.
    """
    env = api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True})
    listings = env['amazon.listing'].search([('price_pushed', '!=', False), ('offer_pushed', '=', False)])
    for portion in split_every(PORTION, listings.ids, env['amazon.listing'].browse):
        _remember(portion, _read_told(cr, portion.ids))
        env.flush_all()
        env.invalidate_all()


def _read_told(cr, ids):
    """Return by listing (id) all that Amazon was told of its offer, the latest last."""
    cr.execute(
        """SELECT line.listing_id, line.value
             FROM amazon_feed_line line
             JOIN amazon_feed feed ON feed.id = line.feed_id
            WHERE line.listing_id = ANY(%s) AND feed.kind = 'price' AND line.state IN ('sent', 'accepted')
         ORDER BY line.id""", [list(ids)])
    told = {}
    for listing, value in cr.fetchall():
        told[listing] = merge_offers(told.get(listing), value or {})
    return told


def _remember(listings, told):
    for listing in listings:
        pushed = merge_offers(told.get(listing.id), listing.price_pushed)
        listing.offer_pushed = pushed
        if pushed != listing.price_pushed:
            listing.write({'price_pushed': False, 'price_state': False, 'price_attempts': 0})

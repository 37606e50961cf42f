"""Offers whose parts were left out, not taken away, in earlier versions: what Amazon may still have of them is known from the messages that were kept."""

from odoo import SUPERUSER_ID, api

from odoo.addons.amazon_connector.amazon_api.listing_offers import merge_offers


def migrate(cr, version):
    """Remember every part that Amazon was told; an offer that lacks one of them now is told again, which takes it away."""
    env = api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True})
    listings = env['amazon.listing'].search([('price_sent', '!=', False), ('offer_pushed', '=', False)])
    lines = env['amazon.feed.line'].search([('listing_id', 'in', listings.ids), ('feed_id.kind', '=', 'price'), ('state', 'in', ('sent', 'accepted'))])
    told = {}
    for line in lines:
        told[line.listing_id.id] = merge_offers(told.get(line.listing_id.id), line.value or {})
    for listing in listings:
        pushed = merge_offers(told.get(listing.id), listing.price_sent)
        listing.offer_pushed = pushed
        if pushed != listing.price_sent:
            listing.write({'price_sent': False, 'price_state': False, 'price_attempts': 0})

from odoo import api, fields, models
from odoo.tools import split_every

from ..amazon_api.items import read_picture
from .amazon_listing_read import PAGE_SIZE

# Pictures of so many unmapped listings are read with each report.
PICTURES = 20 * PAGE_SIZE


class AmazonListing(models.Model):
    """The picture that Amazon shows: it tells people what an unmapped SKU is."""

    _inherit = 'amazon.listing'

    image_url = fields.Char("Picture at Amazon", readonly=True)
    image_date = fields.Datetime("Picture read on", readonly=True)

    @api.model
    def _read_pictures(self, marketplace, client):
        """Read the pictures of unmapped listings that have none yet (`searchListingsItems`), those first that were not
        asked for, or longest ago.
        """
        listings = self.search([
            ('marketplace_id', '=', marketplace.id), ('mapping_state', '=', 'unmapped'), ('image_url', '=', False),
            ('status', '!=', 'removed'), ('sku', 'not like', ',')], limit=PICTURES, order='image_date NULLS FIRST, id')
        for portion in split_every(PAGE_SIZE, listings.ids, self.browse):
            found = {item['sku']: read_picture(item, marketplace.marketplace_ref)
                     for page in self._search_items(client, marketplace, identifiers=portion.mapped('sku'),
                                                    identifiersType='SKU', includedData=['summaries'])
                     for item in page}
            for listing in portion.filtered(lambda listing, found=found: found.get(listing.sku)):
                listing.image_url = found[listing.sku]
            portion.image_date = fields.Datetime.now()
            if not self.env['amazon.sync']._commit():
                return

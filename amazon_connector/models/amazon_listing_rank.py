import re

from odoo import api, fields, models
from odoo.tools import split_every

from ..amazon_api.items import read_ranks

# `searchCatalogItems` takes so many ASINs, and lists half as many if it is not told otherwise.
PAGES = 20
# Ranks of so many pages are read with each report of listings.
RANKS = 100 * PAGES
ASIN = re.compile('[A-Z0-9]{10}')


class AmazonListing(models.Model):
    """How well the page of a listing sells, among those of its group."""

    _inherit = 'amazon.listing'

    sales_rank = fields.Integer("Sales rank", readonly=True, help="Place of the page among those of its group on this "
                                "marketplace; 0 where Amazon names none.")
    sales_rank_group = fields.Char("Ranked in", readonly=True)
    sales_rank_date = fields.Datetime("Sales rank read on", readonly=True)

    @api.model
    def _read_ranks(self, marketplace, client):
        """Read the sales ranks of the pages that mapped listings sell on (`searchCatalogItems`), those first that were
        not asked for, or longest ago.
        """
        listings = self.search([
            ('marketplace_id', '=', marketplace.id), ('mapping_state', '=', 'mapped'), ('asin', '!=', False),
            ('status', 'in', ('active', 'inactive'))], limit=RANKS, order='sales_rank_date NULLS FIRST, id')
        pages = listings.filtered(lambda listing: ASIN.fullmatch(listing.asin)).grouped('asin')
        for asins in split_every(PAGES, pages, list):
            reply = client.call('searchCatalogItems', identifiers=asins, identifiersType='ASIN', pageSize=PAGES,
                                marketplaceIds=[marketplace.marketplace_ref], includedData=['salesRanks'])
            found = read_ranks(reply.payload, marketplace.marketplace_ref)
            for asin in asins:
                rank, group = found.get(asin, (0, False))
                pages[asin].write({'sales_rank': rank, 'sales_rank_group': group,
                                   'sales_rank_date': fields.Datetime.now()})
            if not self.env['amazon.sync']._commit():
                return

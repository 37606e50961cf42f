import re

from odoo import api, fields, models
from odoo.tools import split_every

from ..amazon_api.errors import NOT_OF_THE_RECORD, AmazonError
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
        now = fields.Datetime.now()
        # They have had their turn.
        listings.filtered(lambda listing: listing.asin not in pages).sales_rank_date = now
        for asins in split_every(PAGES, pages, list):
            ranks = self._ask_ranks(client, marketplace.marketplace_ref, asins)
            for asin in asins:
                pages[asin].sales_rank_date = now
                # What Amazon leaves out is as it was.
                if asin in ranks:
                    rank, group = ranks[asin]
                    pages[asin].write({'sales_rank': rank, 'sales_rank_group': group or False})
            if not self.env['amazon.sync']._commit():
                return

    @api.model
    def _ask_ranks(self, client, marketplace, asins):
        """Return the ranks of pages by ASIN (see `read_ranks`). Where Amazon refuses them for one of them, the others
        are asked for without it.
        """
        try:
            reply = client.call('searchCatalogItems', identifiers=asins, identifiersType='ASIN', pageSize=PAGES,
                                marketplaceIds=[marketplace], includedData=['salesRanks'])
        except NOT_OF_THE_RECORD:
            raise
        except AmazonError:
            if len(asins) == 1:
                return {}
            half = len(asins) // 2
            return {**self._ask_ranks(client, marketplace, asins[:half]),
                    **self._ask_ranks(client, marketplace, asins[half:])}
        return read_ranks(reply.payload, marketplace)

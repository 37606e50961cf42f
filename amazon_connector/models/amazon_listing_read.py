from odoo import api, fields, models
from odoo.tools import split_every

from ..amazon_api.listing_offers import read_offers

# What `searchListingsItems` takes at once.
PAGE_SIZE = 20
ISSUE_PAGES = 25
DETAILS = ['summaries', 'issues', 'offers', 'fulfillmentAvailability']


class AmazonListing(models.Model):
    """Listings as the Listings Items API and the FBA Inventory API show them."""

    _inherit = 'amazon.listing'

    # === DETAILS OF SINGLE LISTINGS === #

    @api.model
    def _search_items(self, client, marketplace, **query):
        """Yield the items of `searchListingsItems` page by page."""
        token = None
        while True:
            reply = client.call('searchListingsItems', marketplace.seller_id._get_merchant_token(), marketplaceIds=[marketplace.marketplace_ref],
                                pageSize=PAGE_SIZE, **query, **({'pageToken': token} if token else {}))
            yield reply.payload['items']
            token = (reply.payload.get('pagination') or {}).get('nextToken')
            if not token:
                return

    @api.model
    def _read_issues(self, marketplace, client):
        """Read the listings for which Amazon has issues, the latest first; if these are all, the others have none."""
        texts, complete = {}, True
        pages = self._search_items(client, marketplace, includedData=['issues'], withIssueSeverity=['ERROR', 'WARNING'])
        for number, items in enumerate(pages, 1):
            texts.update({item['sku']: item.get('issues') or [] for item in items})
            if number == ISSUE_PAGES:
                complete = False
                break
        known = self.search([('marketplace_id', '=', marketplace.id), '|', ('issue_level', '!=', False), ('sku', 'in', list(texts))])
        for listing in known:
            if complete or listing.sku in texts:
                listing._set_issues(texts.get(listing.sku, []))

    def _set_issues(self, issues):
        kept = [{key: issue[key] for key in ('code', 'severity', 'message', 'attributeNames') if key in issue}
                for issue in issues if issue['severity'] != 'INFO']
        level = 'error' if any(issue['severity'] == 'ERROR' for issue in kept) else 'warning' if kept else False
        if (self.issues or []) != kept or self.issue_level != level:
            self.write({'issues': kept or False, 'issue_level': level})

    def _read(self, client):
        """Read listings of one marketplace from Amazon (`searchListingsItems`) and note what it shows.

        :return: the items by SKU; a SKU that Amazon does not know is not among them
        :rtype: dict
        """
        items = {}
        for listings in split_every(PAGE_SIZE, self.ids, self.browse):
            for page in self._search_items(client, listings.marketplace_id, identifiers=listings.mapped('sku'), identifiersType='SKU',
                                           includedData=[*DETAILS, 'attributes', 'relationships']):
                items.update({item['sku']: item for item in page})
        for listing in self:
            if listing.sku in items:
                listing._note_item(items[listing.sku])
            else:
                listing.status = 'gone'
        return items

    def _note_item(self, item):
        """Write what an `Item` of the Listings Items API says of this listing."""
        summary = (item.get('summaries') or [{}])[0]
        availability = (item.get('fulfillmentAvailability') or [{}])[0]
        vals = {}
        if 'offers' in item:
            vals['amazon_price'] = _read_price(item)
        if 'attributes' in item:
            vals['amazon_offer'] = self._read_offer(item['attributes'])
        if availability:
            vals.update(amazon_quantity=availability.get('quantity') or 0, channel_code=availability['fulfillmentChannelCode'])
        if summary:
            vals.update(
                asin=summary.get('asin') or self.asin, fnsku=summary.get('fnSku'), product_type=summary.get('productType') or self.product_type,
                condition=summary.get('conditionType') or self.condition, title=summary.get('itemName') or self.title,
                status='active' if 'BUYABLE' in summary['status'] else 'inactive')
        self._update_facts(vals)
        self.amazon_date = fields.Datetime.now()
        if 'issues' in item:
            self._set_issues(item['issues'])

    def _read_offer(self, attributes):
        """Return the whole offer that Amazon shows (see `read_offers`), False where that cannot be read."""
        try:
            return read_offers(attributes, self.marketplace_id.marketplace_ref, self.currency_id.name)
        except ValueError:
            return False

    # === FLOW: FBA INVENTORY === #

    def _sync_fba_inventory(self, sync):
        """Read what Amazon holds of each FBA listing (`getInventorySummaries`); the contract is in `amazon_sync`."""
        client = sync.seller_id._get_client()
        for marketplace in sync.seller_id.marketplace_ids:
            listings = self.search([('marketplace_id', '=', marketplace.id), ('channel', '=', 'fba')])
            if listings:
                listings._read_fba_inventory(client, marketplace)
            if not sync._commit():
                return True
        return False

    def _read_fba_inventory(self, client, marketplace):
        by_sku, summaries, token = {listing.sku: listing for listing in self}, [], None
        while True:
            reply = client.call('getInventorySummaries', granularityId=marketplace.marketplace_ref, marketplaceIds=[marketplace.marketplace_ref],
                                details=True, **({'nextToken': token} if token else {}))
            summaries += reply.payload['inventorySummaries']
            token = (reply.pagination or {}).get('nextToken')
            if not token:
                break
        for summary in summaries:
            if summary.get('sellerSku') in by_sku:
                by_sku[summary['sellerSku']]._update_facts(self._prepare_fba_vals(summary))

    @api.model
    def _prepare_fba_vals(self, summary):
        details = summary.get('inventoryDetails') or {}
        inbound = sum(details.get(key) or 0 for key in ('inboundWorkingQuantity', 'inboundShippedQuantity', 'inboundReceivingQuantity'))
        return {
            'fba_quantity': details.get('fulfillableQuantity') or 0, 'fba_inbound': inbound, 'fnsku': summary.get('fnSku'),
            'fba_reserved': (details.get('reservedQuantity') or {}).get('totalReservedQuantity') or 0,
        }


def _read_price(item) -> float:
    """Return the consumer price of an `Item`; what cannot be bought at the moment has it among its attributes only."""
    for offer in item['offers']:
        if offer['offerType'] == 'B2C':
            return float(offer['price']['amount'])
    for offer in (item.get('attributes') or {}).get('purchasable_offer') or []:
        if offer.get('audience', 'ALL') == 'ALL' and offer.get('our_price'):
            return offer['our_price'][0]['schedule'][0]['value_with_tax']
    return 0.0

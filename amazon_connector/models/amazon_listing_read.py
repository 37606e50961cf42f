import logging

from odoo import api, fields, models
from odoo.tools import split_every

from ..amazon_api.errors import AmazonError, NotFound
from ..amazon_api.items import (
    MERCHANT,
    add_inventory,
    read_entries,
    read_inventory,
    read_issues,
    read_item,
    read_items,
    read_picture,
)
from ..amazon_api.listing_offers import read_offers, read_price
from ..amazon_api.shapes import ShapeError
from ..utils.phrases import tell
from ..utils.reader_fields import ReaderChar
from ..utils.refusals import Refusals
from ..utils.words import explain

_logger = logging.getLogger(__name__)

# The most SKUs of one `searchListingsItems`.
PAGE_SIZE = 20
ISSUE_PAGES = 25
DETAILS = ['summaries', 'issues', 'offers', 'fulfillmentAvailability']
READ = [*DETAILS, 'attributes', 'relationships']


class AmazonListing(models.Model):
    """Read listings from the Listings Items API and the FBA Inventory API."""

    _inherit = 'amazon.listing'

    missing_hint = fields.Selection(
        [('report', "Not in the report of all listings"), ('search', "Not found by its SKU")], "Missing at Amazon",
        readonly=True,
        help="One hint that Amazon has this listing no longer. Nothing happens to it before there is another one.")
    missing_date = fields.Datetime("Missing since", readonly=True)
    read_problem = ReaderChar("Unreadable at Amazon", readonly=True)
    fba_date = fields.Datetime("FBA as of", readonly=True)

    # === DETAILS OF SINGLE LISTINGS === #

    @api.model
    def _search_items(self, client, marketplace, **query):
        """Yield the items of `searchListingsItems` page by page, each with its SKU."""
        for items, _nameless in self._search_pages(client, marketplace, **query):
            yield items

    @api.model
    def _search_pages(self, client, marketplace, **query):
        """Yield pairs of the items of a page of `searchListingsItems` and how many of it name no SKU.

        :raises ShapeError: a page has no list of items
        :raises AmazonError: Amazon gives the same page again and again
        """
        pages = client.pages('searchListingsItems', marketplace.seller_id._get_merchant_token(), parameter='pageToken',
                             marketplaceIds=[marketplace.marketplace_ref], pageSize=PAGE_SIZE, **query)
        for reply in pages:
            yield read_items(reply.payload)

    @api.model
    def _read_issues(self, marketplace, client):
        """Read the listings for which Amazon has issues, the latest first; where all were read, the others have none.

        :raises AmazonError: Amazon refuses a page; what was read before is kept
        :raises ShapeError: a page is none; what was read before is kept
        """
        found, complete, failure = {}, True, None
        pages = self._search_pages(client, marketplace, includedData=['issues'], withIssueSeverity=['ERROR', 'WARNING'])
        try:
            for number, (items, nameless) in enumerate(pages, 1):
                found.update({item['sku']: item for item in items})
                complete = complete and not nameless
                if number == ISSUE_PAGES:
                    complete = False
                    break
        except (AmazonError, ShapeError) as error:
            complete, failure = False, error
        self._apply_issues(marketplace, found, complete)
        if failure:
            self.env['amazon.sync']._commit()
            raise failure

    @api.model
    def _apply_issues(self, marketplace, found, complete):
        """Write the issues of items by SKU; if they are `complete`, the other listings have none."""
        known = self.search([('marketplace_id', '=', marketplace.id), '|', ('issue_level', '!=', False),
                             ('sku', 'in', list(found))])
        for listing in known:
            if complete or listing.sku in found:
                listing._read_issues_of(found.get(listing.sku, {}))

    def _read_issues_of(self, item):
        try:
            issues = read_issues(item.get('issues'))
        except ShapeError as error:
            self._set_read_problem(explain(self.env, error))
        else:
            self._set_issues(issues)

    def _set_issues(self, issues):
        """Write the issues of a listing as `read_issues` returns them; remarks are none."""
        kept = [issue for issue in issues if issue['severity'] != 'INFO']
        level = 'error' if any(issue['severity'] == 'ERROR' for issue in kept) else 'warning' if kept else False
        if (self.issues or []) != kept or self.issue_level != level:
            self.write({'issues': kept or False, 'issue_level': level})

    def _set_read_problem(self, message):
        """Set why Amazon's answer for this listing cannot be read; its values stay."""
        _logger.info("Amazon listing %s: an answer cannot be read", self.id)
        self.read_problem = message

    def _read(self, client):
        """Read listings of one marketplace from Amazon (`searchListingsItems`) and write its values.

        :return: the items by SKU; a SKU that Amazon does not know is not among them
        :rtype: dict
        """
        items, unclear = {}, self.browse()
        # Amazon's lists are separated by commas.
        single = self.filtered(lambda listing: ',' in listing.sku)
        for portion in split_every(PAGE_SIZE, (self - single).ids, self.browse):
            pages = list(self._search_pages(client, portion.marketplace_id, identifiers=portion.mapped('sku'),
                                            identifiersType='SKU', includedData=READ))
            items.update({item['sku']: item for page, _nameless in pages for item in page})
            if any(nameless for _page, nameless in pages):
                unclear |= portion
        found, refused = single._get_items(client)
        items.update(found)
        for listing, error in refused:
            listing._set_read_problem(self._describe_refusal(error))
        for listing in self - self.browse().union(*(listing for listing, _error in refused)):
            if listing.sku in items:
                listing._apply_item(items[listing.sku])
            elif listing in unclear:
                listing._set_read_problem(tell(self.env)._("Amazon's answer has an entry without a SKU, which may be "
                                                           "this one."))
            else:
                listing._mark_missing('search')
        return items

    def _get_items(self, client):
        """Read listings one by one; return the items by SKU, and the listings to which Amazon refuses access, with its
        errors.

        :raises Forbidden: Amazon refuses the operation, and not only some of the SKUs
        """
        items, refusals = {}, Refusals()
        for listing in self:
            with refusals.attempt(listing):
                items[listing.sku] = listing._get_item(client)
        return {sku: item for sku, item in items.items() if item is not None}, refusals.end(lambda _listing: False)

    def _get_item(self, client):
        """Return the `Item` of one listing (`getListingsItem`), None where Amazon does not know it."""
        try:
            return client.call('getListingsItem', self.seller_id._get_merchant_token(), self.sku,
                               marketplaceIds=[self.marketplace_id.marketplace_ref], includedData=READ).payload or {}
        except NotFound:
            return None

    def _apply_item(self, item):
        """Write the values of an `Item` of the Listings Items API on this listing, or why it cannot be read."""
        try:
            vals, issues = self._prepare_item(item)
        except ShapeError as error:
            self._set_read_problem(explain(self.env, error))
            return
        self._update_facts({**vals, 'missing_hint': False, 'read_problem': False})
        self.amazon_date = fields.Datetime.now()
        if issues is not None:
            self._set_issues(issues)

    def _prepare_item(self, item):
        """Return the values of an `Item` for this listing, and its issues (None if it states none).

        :raises ShapeError: a part of it has another form than Amazon's model describes
        """
        facts = read_item(item, self.marketplace_id.marketplace_ref)
        conditions = dict(self._fields['condition'].selection)
        vals = {field: value for field, value in (
            ('asin', facts.asin), ('fnsku', facts.fnsku), ('product_type', facts.product_type), ('title', facts.title),
            ('condition', facts.condition if facts.condition in conditions else ''), ('channel_code', facts.channel),
            ('image_url', read_picture(item, self.marketplace_id.marketplace_ref)))
            if value}
        if facts.buyable is not None:
            vals['status'] = 'active' if facts.buyable else 'inactive'
        if facts.channel and facts.channel != MERCHANT:
            vals['amazon_quantity'] = 0
        elif facts.quantity is not None:
            vals['amazon_quantity'] = facts.quantity
        if 'offers' in item:
            price = read_price(item, self.marketplace_id.marketplace_ref, self.currency_id.name)
            vals.update(self._prepare_price(price))
        if 'attributes' in item:
            vals['amazon_offer'] = self._read_offer(item['attributes'])
        return vals, facts.issues

    def _read_offer(self, attributes):
        """Return the whole offer that Amazon shows (see `read_offers`), False where that cannot be read."""
        try:
            return read_offers(attributes, self.marketplace_id.marketplace_ref, self.currency_id.name)
        except ValueError:
            return False

    # === FLOW: FBA INVENTORY === #

    def _sync_fba_inventory(self, sync):
        """Read Amazon's inventory of each FBA listing (`getInventorySummaries`); the contract is in `amazon_sync`."""
        client = sync.seller_id._get_client()
        for marketplace in sync.seller_id.marketplace_ids:
            with sync._isolate(marketplace.name):
                listings = self.search([('marketplace_id', '=', marketplace.id), ('channel', '=', 'fba')])
                problems = listings._read_fba_inventory(client, marketplace) if listings else []
                in_time = sync._commit()
                sync._add_problems(marketplace.name, problems)
                if not in_time:
                    return True
        return False

    def _read_fba_inventory(self, client, marketplace):
        """Write Amazon's inventory summaries on these listings; one that it does not mention keeps its quantities.

        :return: what could not be understood
        :rtype: list[str]
        """
        found, problems = {}, []
        for summary in self._get_summaries(client, marketplace):
            try:
                sku, facts = read_inventory(summary)
            except ShapeError as error:
                problems.append(explain(self.env, error))
            else:
                # A SKU may be there in several conditions; the same condition twice counts once.
                found.setdefault(sku, {})[facts.condition, facts.fnsku] = facts
        now = fields.Datetime.now()
        for listing in self:
            if listing.sku in found:
                first, *others = found[listing.sku].values()
                for other in others:
                    first = add_inventory(first, other)
                listing._update_facts({**self._prepare_fba_vals(first), 'fba_date': now})
        return problems

    @api.model
    def _get_summaries(self, client, marketplace):
        """Yield the inventory summaries of a marketplace, page by page.

        :raises ShapeError: a page has no list of them
        :raises AmazonError: Amazon gives the same page again and again
        """
        for reply in client.pages('getInventorySummaries', granularityId=marketplace.marketplace_ref,
                                  marketplaceIds=[marketplace.marketplace_ref], details=True):
            yield from read_entries(reply.payload, 'inventorySummaries')

    @api.model
    def _prepare_fba_vals(self, facts):
        """Return the quantities of a SKU; what Amazon does not state keeps its value."""
        vals = {'fba_quantity': facts.fulfillable, 'fba_inbound': facts.inbound, 'fba_reserved': facts.reserved,
                'fnsku': facts.fnsku or None}
        return {field: value for field, value in vals.items() if value is not None}

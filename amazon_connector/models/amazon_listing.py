import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ..amazon_api.errors import NOT_OF_THE_RECORD, AmazonError
from ..amazon_api.patches import read_issues
from ..amazon_reports.listings import REPORT_TYPE, read_listings
from ..utils.order_plan import to_datetime
from .amazon_told_mixin import FLOWS

MERCHANT = 'DEFAULT'
REPORT_INTERVAL = datetime.timedelta(days=1)
IMPORT_CHUNK = 2000
# What `searchListingsItems` takes at once.
PAGE_SIZE = 20
ISSUE_PAGES = 25
DETAILS = ['summaries', 'issues', 'offers', 'fulfillmentAvailability']
CONDITIONS = [
    ('new_new', "New"), ('new_open_box', "New, open box"), ('new_oem', "New, OEM"), ('refurbished_refurbished', "Refurbished"),
    ('used_like_new', "Used, like new"), ('used_very_good', "Used, very good"), ('used_good', "Used, good"), ('used_acceptable', "Used, acceptable"),
    ('collectible_like_new', "Collectible, like new"), ('collectible_very_good', "Collectible, very good"),
    ('collectible_good', "Collectible, good"), ('collectible_acceptable', "Collectible, acceptable"), ('club_club', "Club"),
]


class AmazonListing(models.Model):
    _name = 'amazon.listing'
    _description = "Amazon Listing"
    _inherit = ['mail.thread', 'amazon.told.mixin']
    _rec_name = 'sku'
    _order = 'mapping_state desc, sku, id'
    _check_company_auto = True

    seller_id = fields.Many2one(related='marketplace_id.seller_id', store=True, index=True)
    company_id = fields.Many2one(related='marketplace_id.company_id', store=True)
    sku = fields.Char("SKU", required=True, index=True)
    asin = fields.Char("ASIN", index=True)
    fnsku = fields.Char("FNSKU", readonly=True)
    title = fields.Char("Title at Amazon")
    barcode = fields.Char("Barcode at Amazon", readonly=True)
    product_type = fields.Char(help="Amazon's product type, like LUGGAGE.")
    condition = fields.Selection(CONDITIONS, default='new_new')
    channel_code = fields.Char("Fulfillment channel", readonly=True, help="DEFAULT is the merchant; AMAZON_EU and the like are Amazon's own.")
    channel = fields.Selection([('fbm', "FBM"), ('fba', "FBA")], compute='_compute_channel', store=True)
    status = fields.Selection(
        [('active', "Active"), ('inactive', "Inactive"), ('incomplete', "Incomplete"), ('gone', "Not at Amazon")], "Status at Amazon", readonly=True)
    issues = fields.Json("Issue data", readonly=True)
    issue_level = fields.Selection([('warning', "Warnings"), ('error', "Errors")], "Issues", readonly=True, index='btree_not_null')
    issue_text = fields.Text("Amazon says", compute='_compute_issue_text')
    report_problem = fields.Char("Unreadable in the report", readonly=True)
    shop_url = fields.Char("Shop page", compute='_compute_shop_url')

    product_id = fields.Many2one('product.product', check_company=True, index=True, tracking=True)
    product_tmpl_id = fields.Many2one(related='product_id.product_tmpl_id', store=True, index='btree_not_null')
    pack_quantity = fields.Integer("Pieces per unit", default=1, required=True, help="How many of the product one unit at Amazon is.")
    ignored = fields.Boolean(readonly=True)
    mapping_state = fields.Selection(
        [('ignored', "Ignored"), ('mapped', "Mapped"), ('unmapped', "Unmapped")], compute='_compute_mapping_state', store=True, index=True)
    suggested_product_id = fields.Many2one('product.product', "Suggestion", readonly=True)
    suggestion = fields.Char("Why", readonly=True)
    wish = fields.Selection(
        [('read', "Read from Amazon"), ('product', "Create the product"), ('close', "Close the offer"), ('delete', "Delete at Amazon")],
        "To do at Amazon", readonly=True, index='btree_not_null')
    wish_error = fields.Text("Why it failed", readonly=True)

    fba_quantity = fields.Integer("Sellable at FBA", readonly=True)
    fba_inbound = fields.Integer("On its way to FBA", readonly=True)
    fba_reserved = fields.Integer("Reserved at FBA", readonly=True)

    stock_paused = fields.Boolean("Quantity paused", tracking=True)
    own_stock_rule = fields.Boolean("Own rule for the quantity", help="Instead of the marketplace's.")
    stock_reserve = fields.Integer("Keep back")
    stock_share = fields.Integer("Share (%)", default=100)
    stock_cap = fields.Integer("Show at most")
    lead_time_days = fields.Integer("Handling time (days)", help="0 takes the marketplace's.")
    restock_date = fields.Date("Restocked on", help="Sent until that day.")

    price_paused = fields.Boolean(tracking=True)
    price_min = fields.Monetary("Lowest price", help="No lower price is sent, and Amazon is told this limit.")
    price_max = fields.Monetary("Highest price", help="No higher price is sent, and Amazon is told this limit.")
    price_history_ids = fields.One2many('amazon.listing.price', 'listing_id')
    follows_product = fields.Boolean("Texts follow the product", tracking=True,
                                     help="Title, description and picture at Amazon follow the product in Odoo, if the marketplace sends texts.")

    _sku_unique = models.Constraint('UNIQUE(marketplace_id, sku)', "A marketplace has one listing per SKU.")
    _pack_positive = models.Constraint('CHECK(pack_quantity > 0)', "A unit at Amazon has at least one piece.")

    @api.depends('channel_code')
    def _compute_channel(self):
        for listing in self:
            listing.channel = listing.channel_code and ('fbm' if listing.channel_code == MERCHANT else 'fba')

    @api.depends('product_id', 'ignored')
    def _compute_mapping_state(self):
        for listing in self:
            listing.mapping_state = 'ignored' if listing.ignored else 'mapped' if listing.product_id else 'unmapped'

    @api.depends('issues')
    def _compute_issue_text(self):
        for listing in self:
            listing.issue_text = '\n'.join(
                ': '.join(filter(None, [', '.join(issue.get('attributeNames') or []), issue['message']])) for issue in listing.issues or []) or False

    @api.depends('asin', 'marketplace_id.domain_name')
    def _compute_shop_url(self):
        for listing in self:
            listing.shop_url = listing.asin and listing.marketplace_id.domain_name and f'https://{listing.marketplace_id.domain_name}/dp/{listing.asin}'

    def write(self, vals):
        """Orders that waited for a product are tried again as soon as it is chosen."""
        if vals.get('product_id'):
            vals = {'suggested_product_id': False, 'suggestion': False, 'ignored': False, **vals}
        result = super().write(vals)
        if vals.get('product_id') and not self.env.context.get('amazon_mapping'):
            self._retry_orders()
        return result

    def _retry_orders(self):
        orders = self.env['amazon.order'].search([('listing_ids', 'in', self.ids), ('state', '=', 'error')])
        orders.filtered(lambda order: all(order.listing_ids.mapped('product_id'))).action_retry()

    def _get_uom(self):
        """Return the unit of measure that one unit at Amazon is: the product's own, or a pack of it."""
        unit, pack = self.product_id.uom_id, self.pack_quantity
        if pack == 1 or not unit:
            return unit
        uoms = self.env['uom.uom'].sudo()
        found = uoms.search([('relative_uom_id', '=', unit.id), ('relative_factor', '=', pack)], limit=1)
        return found or uoms.create({
            'name': self.env._("Pack of %s", pack), 'relative_uom_id': unit.id, 'relative_factor': pack})

    # === ACTIONS === #

    def action_accept_suggestion(self):
        """Take the suggested product."""
        for listing in self.filtered('suggested_product_id'):
            listing.product_id = listing.suggested_product_id

    def action_ignore(self):
        """Leave these listings alone: they are no work to do and nothing is sent for them."""
        self.sudo().write({'ignored': True, 'product_id': False})

    def action_unignore(self):
        self.sudo().ignored = False
        self._map()

    def action_map(self):
        """Apply the mapping rules to what is not mapped."""
        self._map()

    def action_create_products(self):
        """Let the job read these listings from Amazon and create their products, variants of one parent together."""
        self.filtered(lambda listing: not listing.product_id)._wish('product')

    def action_sync_now(self):
        """Read these listings from Amazon again, and compare stock and prices."""
        self._wish('read')
        return self.seller_id._notify('info', self.env._("Synchronization starts in a moment."))

    def action_close(self):
        """End the offer at Amazon; the listing stays there, without a price."""
        self.check_access('unlink')
        self._wish('close')

    def action_delete(self):
        """Delete the listing at Amazon."""
        self.check_access('unlink')
        self._wish('delete')

    def _wish(self, wish):
        self.sudo().write({'wish': wish, 'wish_error': False})
        self.seller_id._wake('listings')

    def action_open_shop(self):
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'url': self.shop_url, 'target': 'new'}

    # === MAPPING === #

    @api.model
    def _resolve(self, marketplace, payloads):
        """Return the listing of each order item's SKU, made where it is new, with its product where that is certain.

        A SKU of which Amazon fulfils an order is not the merchant's, if the order is newer than what was known of it.

        :param list payloads: `Order` objects of the Orders API 2026-01-01
        :return: SKU -> listing
        :rtype: dict
        """
        goods, fulfilled = {}, {}
        for payload in payloads:
            for item in payload['orderItems']:
                sku = item['product'].get('sellerSku') or item['product'].get('asin') or item['orderItemId']
                goods[sku] = item['product']
                if (payload.get('fulfillment') or {}).get('fulfilledBy') == 'AMAZON':
                    fulfilled[sku] = max(fulfilled.get(sku, ''), payload['createdTime'])
        listings = self.search([('marketplace_id', '=', marketplace.id), ('sku', 'in', list(goods))])
        listings |= self.create([{
            'marketplace_id': marketplace.id, 'sku': sku, 'asin': goods[sku].get('asin'), 'title': goods[sku].get('title'),
        } for sku in sorted(goods.keys() - set(listings.mapped('sku')))])
        for listing in listings:
            ordered = fulfilled.get(listing.sku)
            if ordered and listing.channel != 'fba' and not (listing.amazon_date and listing.amazon_date > to_datetime(ordered)):
                listing.channel_code = 'AMAZON'
        listings._map()
        return {listing.sku: listing for listing in listings}

    def _map(self):
        """Choose products for what is unmapped, by the rules of each marketplace."""
        for marketplace, listings in self.grouped('marketplace_id').items():
            unmapped = listings.filtered(lambda listing: listing.mapping_state == 'unmapped')
            for listing, vals in self.env['amazon.mapping.rule']._match(marketplace, unmapped).items():
                if any((listing[field].id if field.endswith('_id') else listing[field]) != value for field, value in vals.items()):
                    listing.with_context(amazon_mapping=True).write(vals)
            unmapped.filtered('product_id')._retry_orders()

    def _set_product(self, product):
        for listing in self:
            listing.write({'product_id': product.id, 'wish': False, 'wish_error': False})

    # === FLOW: LISTINGS === #

    def _sync_listings(self, sync):
        """Do what users wished for single listings, then bring in the report of each marketplace once a day.

        The contract is in `amazon_sync`.
        """
        client = sync.seller_id._get_client()
        if not (self.env['amazon.listing.draft']._send_waiting(sync) and self._fulfil_wishes(sync, client)):
            return True
        reports, due = self.env['amazon.report'], fields.Datetime.now() - REPORT_INTERVAL
        for marketplace in sync.seller_id.marketplace_ids:
            last = reports._get_last_date(marketplace, REPORT_TYPE)
            if not last or last < due:
                reports._want(marketplace, REPORT_TYPE)
        sync._commit()
        return reports._advance(sync, client, [REPORT_TYPE])

    @api.model
    def _import_report(self, report, sync):
        """Take in a report of all listings in chunks, each committed with its place; see `amazon_report.IMPORTERS`."""
        rows = read_listings(report._get_content(), report.charset or '')
        report.row_count = len(rows)
        while report.position < len(rows):
            chunk = rows[report.position:report.position + IMPORT_CHUNK]
            self._store_rows(report, chunk)
            report.position += len(chunk)
            if not sync._commit() and report.position < len(rows):
                return False
            self.env.invalidate_all()
        self._mark_gone(report, {row.sku for row in rows})
        sync._commit()
        if sync.seller_id.selling_partner_ref:
            self._read_issues(report.marketplace_id, sync.seller_id._get_client())
        return True

    @api.model
    def _store_rows(self, report, rows):
        """Create or update the listings of report rows, and map what is not."""
        marketplace = report.marketplace_id
        quiet = self.with_context(tracking_disable=True, mail_create_nolog=True)
        known = quiet.search_fetch([('marketplace_id', '=', marketplace.id), ('sku', 'in', [row.sku for row in rows])])
        by_sku = {listing.sku: listing for listing in known}
        new = [row for row in rows if row.sku not in by_sku]
        for row in rows:
            if row.sku in by_sku:
                by_sku[row.sku]._update_facts(self._prepare_row(report, row))
        known._compare(since=report.asked_date)
        known._map()
        matches = self.env['amazon.mapping.rule']._match(marketplace, new)
        quiet.create([{'marketplace_id': marketplace.id, 'sku': row.sku, **self._prepare_row(report, row), **matches.get(row, {})} for row in new])

    @api.model
    def _prepare_row(self, report, row):
        """Return what a row tells; what this marketplace's report lacks, or what is unreadable, says nothing of what is known."""
        told = {name: value for name, value in (
            ('title', row.title), ('asin', row.asin), ('barcode', row.barcode), ('condition', row.condition), ('channel_code', row.channel)) if value}
        if not row.problem:
            told.update(amazon_price=float(row.price or 0), amazon_quantity=row.quantity or 0)
        return {**told, 'status': row.status or False, 'amazon_date': report.asked_date, 'report_problem': row.problem or False}

    def _update_facts(self, vals):
        """Write what Amazon tells where it differs."""
        self.ensure_one()
        changed = {field: value for field, value in vals.items() if (self[field] or False) != (value or False)}
        if changed:
            self.write(changed)

    @api.model
    def _mark_gone(self, report, skus):
        """Mark what the report no longer has, unless it is newer than the report."""
        listings = self.search_fetch([('marketplace_id', '=', report.marketplace_id.id), ('status', 'not in', (False, 'gone')),
                                      ('create_date', '<=', report.asked_date)], ['sku'])
        listings.filtered(lambda listing: listing.sku not in skus).status = 'gone'

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

    # === WISHES === #

    def _fulfil_wishes(self, sync, client):
        """Do at Amazon what users asked for on single listings; return whether there was time for all."""
        for wish in ('read', 'product', 'close', 'delete'):
            wished = self.search([('seller_id', '=', sync.seller_id.id), ('wish', '=', wish)])
            for listings in wished.grouped('marketplace_id').values():
                getattr(listings, f'_fulfil_{wish}')(client)
                if not sync._commit():
                    return False
        return True

    def _fulfil_read(self, client):
        self._read(client)
        self._compare()
        self.wish = False
        for flow in FLOWS.values():
            self.env['amazon.sync']._wake_event_flow(flow)

    def _fulfil_product(self, client):
        items, templates = self._read(client), self.env['product.template']
        self.env['amazon.sync']._commit()
        families = templates._amazon_read_families(self.marketplace_id, items, client)
        templates._amazon_create(self, items, families)

    def _fulfil_close(self, client):
        marketplace = self.marketplace_id
        offer = {'marketplace_id': marketplace.marketplace_ref, 'currency': marketplace.currency_id.name, 'audience': 'ALL'}
        body = {'patches': [{'op': 'delete', 'path': '/attributes/purchasable_offer', 'value': [offer]}]}
        for listing in self:
            listing._end(client, 'patchListingsItem', {'status': 'inactive'}, body={'productType': listing._get_product_type(), **body})

    def _fulfil_delete(self, client):
        for listing in self:
            listing._end(client, 'deleteListingsItem', {'status': 'gone'})

    def _end(self, client, operation, vals, **body):
        """Call an operation that ends an offer; note the outcome."""
        try:
            answer = self._submit(client, operation, **body)
        except NOT_OF_THE_RECORD:
            raise
        except AmazonError as error:
            self.write({'wish': False, 'wish_error': error.message})
            return
        errors = ' '.join(issue['message'] for issue in answer.get('issues') or [] if issue['severity'] == 'ERROR')
        self.write({'wish': False, 'wish_error': errors} if errors else {'wish': False, 'stock_paused': True, 'price_paused': True, **vals})
        self.env['amazon.sync']._commit()

    def _send(self, client, line):
        """`patchListingsItem`; return Amazon's errors and its remarks, each False or a text."""
        answer = self._submit(client, 'patchListingsItem', body=line._get_body())
        errors, notes = read_issues(answer.get('issues') or [])
        if answer['status'] == 'INVALID' and not errors:
            errors = self.env._("Amazon refused without a reason.")
        return errors, notes

    def _submit(self, client, operation, **options):
        """Call an operation on this listing; return the `ListingsItemSubmissionResponse`."""
        return client.call(operation, self.seller_id._get_merchant_token(), self.sku, marketplaceIds=[self.marketplace_id.marketplace_ref],
                           **options).payload

    def _get_product_type(self):
        """Return the product type that Amazon wants with every change; PRODUCT fits all where only the offer changes."""
        return self.product_type or 'PRODUCT'

    @api.ondelete(at_uninstall=False)
    def _unlink_only_gone(self):
        """A listing that Amazon still has would come back with the next report."""
        if any(listing.status in ('active', 'inactive', 'incomplete') for listing in self):
            raise UserError(self.env._("These listings are at Amazon: use \"Delete at Amazon\", or \"Ignore\"."))


def _read_price(item) -> float:
    """Return the consumer price of an `Item`; what cannot be bought at the moment has it among its attributes only."""
    for offer in item['offers']:
        if offer['offerType'] == 'B2C':
            return float(offer['price']['amount'])
    for offer in (item.get('attributes') or {}).get('purchasable_offer') or []:
        if offer.get('audience', 'ALL') == 'ALL' and offer.get('our_price'):
            return offer['our_price'][0]['schedule'][0]['value_with_tax']
    return 0.0

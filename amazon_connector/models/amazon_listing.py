from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..amazon_api.errors import NOT_OF_THE_RECORD, AmazonError
from ..amazon_api.feed_messages import clean_texts, make_message
from ..amazon_api.listing_offers import PATH
from ..amazon_api.patches import read_submission
from ..utils.order_plan import to_datetime
from ..utils.phrases import tell
from ..utils.reader_fields import ReaderChar, ReaderText
from ..utils.refusals import Refusals
from ..utils.words import explain
from .amazon_push_mixin import FLOWS

MERCHANT = 'DEFAULT'
CONDITIONS = [
    ('new_new', "New"), ('new_open_box', "New, open box"), ('new_oem', "New, OEM"),
    ('refurbished_refurbished', "Refurbished"),
    ('used_like_new', "Used, like new"), ('used_very_good', "Used, very good"), ('used_good', "Used, good"),
    ('used_acceptable', "Used, acceptable"),
    ('collectible_like_new', "Collectible, like new"), ('collectible_very_good', "Collectible, very good"),
    ('collectible_good', "Collectible, good"), ('collectible_acceptable', "Collectible, acceptable"),
    ('club_club', "Club"),
]
# Fields that identify a listing at Amazon: with another of these, its values would be pushed to another offer.
IDENTITY = ('sku', 'marketplace_id')


class AmazonListing(models.Model):
    _name = 'amazon.listing'
    _description = "Amazon Listing"
    _inherit = ['mail.thread', 'amazon.push.mixin', 'amazon.access.mixin']
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
    channel_code = fields.Char("Fulfillment channel", readonly=True,
                               help="DEFAULT is the merchant; AMAZON_EU and the like are Amazon's own.")
    channel = fields.Selection([('fbm', "FBM"), ('fba', "FBA")], compute='_compute_channel', store=True)
    status = fields.Selection(
        [('active', "Active"), ('inactive', "Inactive"), ('incomplete', "Incomplete"),
         ('removed', "Removed at Amazon")], "Status at Amazon", readonly=True)
    issues = fields.Json("Issue data", readonly=True)
    issue_level = fields.Selection([('warning', "Warnings"), ('error', "Errors")], "Issues", readonly=True,
                                   index='btree_not_null')
    issue_text = fields.Text("Amazon says", compute='_compute_issue_text')
    report_problem = ReaderChar("Unreadable in the report", readonly=True)
    shop_url = fields.Char("Shop page", compute='_compute_shop_url')

    product_id = fields.Many2one('product.product', check_company=True, index=True, tracking=True)
    product_tmpl_id = fields.Many2one(related='product_id.product_tmpl_id', store=True, index='btree_not_null')
    pack_quantity = fields.Integer("Pieces per unit", default=1, required=True,
                                   help="How many of the product one unit at Amazon is.")
    ignored = fields.Boolean(readonly=True)
    mapping_state = fields.Selection(
        [('ignored', "Ignored"), ('mapped', "Mapped"), ('unmapped', "Unmapped")], compute='_compute_mapping_state',
        store=True, index=True)
    suggested_product_id = fields.Many2one('product.product', "Suggestion", readonly=True)
    suggestion = ReaderChar("Why", readonly=True)
    pending_action = fields.Selection(
        [('read', "Read from Amazon"), ('product', "Create the product"), ('close', "Close the offer"),
         ('delete', "Delete at Amazon")],
        "Pending action", readonly=True, index='btree_not_null')
    pending_action_error = ReaderText("Why it failed", readonly=True)

    fba_quantity = fields.Integer("Sellable at FBA", readonly=True)
    fba_inbound = fields.Integer("On its way to FBA", readonly=True)
    fba_reserved = fields.Integer("Reserved at FBA", readonly=True)

    stock_paused = fields.Boolean("Quantity paused", tracking=True)
    own_stock_rule = fields.Boolean("Own rule for the quantity", help="Instead of the marketplace's.")
    stock_reserve = fields.Integer("Keep back")
    stock_share = fields.Integer("Share (%)", default=100)
    stock_cap = fields.Integer("Show at most")
    lead_time_days = fields.Integer("Handling time (days)", help="0 for the marketplace's.")
    restock_date = fields.Date("Restocked on", help="Sent until that day.")

    price_paused = fields.Boolean(tracking=True)
    price_min = fields.Monetary("Lowest price", help="No lower price is sent; the limit is sent, too.")
    price_max = fields.Monetary("Highest price", help="No higher price is sent; the limit is sent, too.")
    price_history_ids = fields.One2many('amazon.listing.price', 'listing_id')
    follows_product = fields.Boolean("Texts follow the product", tracking=True,
                                     help="Title, description and picture at Amazon follow the product in Odoo, if the "
                                     "marketplace sends texts.")

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
                ': '.join(filter(None, [', '.join(issue.get('attributeNames') or []), issue['message']]))
                for issue in listing.issues or []) or False

    @api.depends('asin', 'marketplace_id.domain_name')
    def _compute_shop_url(self):
        for listing in self:
            listing.shop_url = (listing.asin and listing.marketplace_id.domain_name
                                and f'https://{listing.marketplace_id.domain_name}/dp/{listing.asin}')

    def write(self, vals):
        """Write listings; orders that waited for a product are processed again as soon as it is chosen."""
        if not self.env.su and not vals.keys().isdisjoint(IDENTITY):
            raise AccessError(self.env._("What a listing is at Amazon cannot be changed: create another listing."))
        cleared = ({name: False for name in ('suggested_product_id', 'suggestion', 'ignored') if name not in vals}
                   if vals.get('product_id') else {})
        result = super().write({**cleared, **vals} if self.env.su else vals)
        if cleared and not self.env.su:
            self.sudo().write(cleared)
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
        """Map these listings to their suggested products."""
        self.check_access('write')
        for listing in self.filtered('suggested_product_id'):
            product = listing.suggested_product_id
            listing._choose(product, *listing._find_choice(product))

    def action_ignore(self):
        """Ignore these listings: they need no product, and nothing is sent for them."""
        self.check_access('write')
        listings = self.sudo()
        for kind in FLOWS:
            listings._reset_pushed(kind)
        listings.write({'ignored': True, 'product_id': False, **{f'{kind}_error': False for kind in FLOWS}})

    def action_unignore(self):
        """No longer ignore these listings, and apply the mapping rules to them."""
        self.check_access('write')
        self.sudo().ignored = False
        self.sudo()._map()

    def action_map(self):
        """Apply the mapping rules to the unmapped ones of these listings."""
        self.check_access('write')
        self.sudo()._map()

    def action_create_products(self):
        """Let the job read these listings from Amazon and create their products, variants of one parent together."""
        self.check_access('write')
        return self.filtered(lambda listing: not listing.product_id)._set_pending_action('product')

    def action_sync_now(self):
        """Read these listings from Amazon again, and compare stock and prices."""
        self.check_access('write')
        return self._set_pending_action('read')

    def action_close(self):
        """End the offer at Amazon; the listing stays there, without a price."""
        self.check_access('unlink')
        return self._set_pending_action('close')

    def action_delete(self):
        """Delete the listing at Amazon."""
        self.check_access('unlink')
        return self._set_pending_action('delete')

    def _set_pending_action(self, action):
        self.sudo().write({'pending_action': action, 'pending_action_error': False})
        self.seller_id._wake('listings')
        return self.seller_id._notify_started()

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
            'marketplace_id': marketplace.id, 'sku': sku, 'asin': goods[sku].get('asin'),
            'title': goods[sku].get('title'),
        } for sku in sorted(goods.keys() - set(listings.mapped('sku')))])
        for listing in listings:
            ordered = fulfilled.get(listing.sku)
            if ordered and listing.channel != 'fba' and not (listing.amazon_date
                                                             and listing.amazon_date > to_datetime(ordered)):
                listing.channel_code = 'AMAZON'
        listings._map()
        return {listing.sku: listing for listing in listings}

    def _map(self):
        """Choose products for unmapped listings by the rules of each marketplace."""
        for marketplace, listings in self.grouped('marketplace_id').items():
            unmapped = listings.filtered(lambda listing: listing.mapping_state == 'unmapped')
            for listing, vals in self.env['amazon.mapping.rule']._match(marketplace, unmapped).items():
                if listing.pack_source == 'person':
                    vals = {name: value for name, value in vals.items() if not name.startswith('pack_')}
                if any((listing[field].id if field.endswith('_id') else listing[field]) != value
                       for field, value in vals.items()):
                    listing.with_context(amazon_mapping=True).write(vals)
            unmapped.filtered('product_id')._retry_orders()

    def _set_product(self, product):
        for listing in self:
            listing.write({'product_id': product.id, 'pending_action': False, 'pending_action_error': False})
        # The same SKU elsewhere is the same product.
        self.search([('seller_id', 'in', self.seller_id.ids), ('sku', 'in', self.mapped('sku')),
                     ('mapping_state', '=', 'unmapped')])._map()

    # === PENDING ACTIONS === #

    def _run_pending_actions(self, sync, client):
        """Run the actions at Amazon that users asked for on single listings; return whether there was time for all."""
        for action in ('read', 'product', 'close', 'delete'):
            pending = self.search([('seller_id', '=', sync.seller_id.id), ('pending_action', '=', action)])
            for marketplace, listings in pending.grouped('marketplace_id').items():
                label = dict(self._fields['pending_action']._description_selection(self.env))[action]
                with sync._isolate(f'{label}, {marketplace.name}'):
                    getattr(listings, f'_run_{action}')(client)
                    if not sync._commit():
                        return False
        return True

    def _run_read(self, client):
        self._read(client)
        self._compare()
        self.pending_action = False
        for flow in FLOWS.values():
            self.env['amazon.sync']._wake_event_flow(flow)

    def _run_product(self, client):
        items, templates = self._read(client), self.env['product.template']
        self.env['amazon.sync']._commit()
        families = templates._amazon_read_families(self.marketplace_id, items, client)
        templates._amazon_create(self, items, families)

    def _run_close(self, client):
        self._end_each(lambda listing: listing._end(
            client, 'patchListingsItem', {'status': 'inactive'}, body=listing._prepare_close()))

    def _prepare_close(self):
        """Return the patch that deletes the offer for every audience that has one."""
        marketplace = self.marketplace_id
        audiences = {'ALL', *(self._get_offer_pushed() or {}), *(self.amazon_offer or {})}
        offers = [{'marketplace_id': marketplace.marketplace_ref, 'currency': marketplace.currency_id.name,
                   'audience': audience}
                  for audience in sorted(audiences)]
        return {'productType': self._get_product_type(), 'patches': [{'op': 'delete', 'path': PATH, 'value': offers}]}

    def _run_delete(self, client):
        self._end_each(lambda listing: listing._end(client, 'deleteListingsItem', {'status': 'removed'}))

    def _end_each(self, end):
        """End these offers one by one; a SKU to which Amazon refuses access stops no other.

        :param end: called with each listing
        :raises Forbidden: Amazon refuses the operation, and not only some of the SKUs
        """
        refusals = Refusals()
        for listing in self:
            with refusals.attempt(listing):
                end(listing)
            self._set_end_refused(refusals.drain())
        self._set_end_refused(refusals.end(lambda _listing: False))

    def _set_end_refused(self, refused):
        for listing, error in refused:
            listing.write({'pending_action': False, 'pending_action_error': self._describe_refusal(error)})
        self.env['amazon.sync']._commit()

    @api.model
    def _describe_refusal(self, error):
        """Return in words that Amazon refuses access to one SKU."""
        return tell(self.env)._(
            "Amazon refuses this one and takes others (%(code)s): %(message)s. Look in Seller Central whether it may "
            "be changed.", code=error.code or error.status, message=explain(self.env, error))

    def _end(self, client, operation, vals, **body):
        """Call an operation that ends an offer and write its outcome."""
        try:
            errors, _notes = self._read_answer(self._submit(client, operation, **body))
        except NOT_OF_THE_RECORD:
            raise
        except AmazonError as error:
            errors = explain(self.env, error)
        ended = {'stock_paused': True, 'price_paused': True, 'price_pushed': False, 'offer_pushed': False,
                 **{f'{kind}_state': False for kind in FLOWS}, **vals}
        self.write({'pending_action': False, 'pending_action_error': errors} if errors
                   else {'pending_action': False, **ended})
        self.env['amazon.sync']._commit()

    def _send(self, client, line):
        """Push the values of a line (`patchListingsItem`); return Amazon's errors and its remarks, each False or a
        text.

        :raises MessageProblem: the message would be refused in a feed, too
        :raises Unclear: Amazon's answer says neither yes nor no
        """
        body = clean_texts(line._get_body())
        make_message(line.id, self.sku, body)
        return self._read_answer(self._submit(client, 'patchListingsItem', body=body))

    def _read_answer(self, answer):
        submission = read_submission(answer)
        errors = submission.errors or not submission.accepted and tell(self.env)._("Amazon refused without a reason.")
        return errors, submission.notes

    def _submit(self, client, operation, **options):
        """Call an operation on this listing; return the `ListingsItemSubmissionResponse`."""
        return client.call(operation, self.seller_id._get_merchant_token(), self.sku,
                           marketplaceIds=[self.marketplace_id.marketplace_ref], **options).payload

    def _get_product_type(self):
        """Return the product type, which Amazon asks for with every change; PRODUCT fits all where only the offer
        changes.
        """
        return self.product_type or 'PRODUCT'

    @api.ondelete(at_uninstall=False)
    def _unlink_except_at_amazon(self):
        """Forbid to delete a listing that Amazon still has: it would come back with the next report."""
        if any(listing.status in ('active', 'inactive', 'incomplete') for listing in self):
            raise UserError(tell(self.env)._("These listings are at Amazon: use \"Delete at Amazon\", or \"Ignore\"."))

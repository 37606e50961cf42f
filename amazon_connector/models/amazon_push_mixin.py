import datetime

from odoo import api, fields, models

from ..amazon_api.listing_offers import find_differences, is_plain, merge_offers
from ..utils.change import MAX_ATTEMPTS, write_alike
from ..utils.domains import any_of
from ..utils.phrases import tell
from ..utils.reader_fields import ReaderText

# How late an order may come in.
SALE_MARGIN = datetime.timedelta(minutes=15)
COMPARED = ('stock', 'price')
FLOWS = {'stock': 'stock', 'price': 'prices', 'content': 'content'}
# Accepted values are read back and compared after so long.
READ_BACK_AFTER = datetime.timedelta(minutes=10)
PUSH_STATES = [
    ('sent', "Sent"), ('accepted', "Accepted"), ('confirmed', "Confirmed"),
    ('mismatch', "Amazon shows another value, sent again"),
    ('held', "Held back"), ('blocked', "Cannot be sent"), ('failed', "Failed"),
]


class AmazonPushMixin(models.AbstractModel):
    """The values of a listing that were pushed to Amazon and those that Amazon shows, by kind: `stock`, `price`,
    `content`.

    For each kind `<kind>_pushed` is the value pushed last (empty: to be pushed again), `<kind>_state` its state at
    Amazon.
    """

    _name = 'amazon.push.mixin'
    _description = "Values of a Listing Pushed to Amazon"

    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, ondelete='cascade')
    currency_id = fields.Many2one(related='marketplace_id.currency_id')
    amazon_quantity = fields.Integer("Quantity at Amazon", readonly=True)
    amazon_price = fields.Monetary("Price at Amazon", readonly=True)
    amazon_price_missing = fields.Boolean(
        "No price at Amazon", readonly=True,
        help="Amazon showed no price when it was asked last; the price at Amazon is the one that it showed before.")
    amazon_date = fields.Datetime("As of", readonly=True)

    quantity_target = fields.Integer("Quantity by Odoo", readonly=True)
    quantity_pushed = fields.Integer("Pushed quantity", compute='_compute_pushed_values', store=True)
    stock_pushed = fields.Json(readonly=True)
    stock_pushed_date = fields.Datetime("Quantity pushed on", readonly=True)
    stock_counted_date = fields.Datetime("Quantity counted on", readonly=True)
    quantity_known = fields.Integer("Last known quantity", compute='_compute_quantity_known')
    stock_state = fields.Selection(PUSH_STATES, "Quantity", readonly=True, index='btree_not_null')
    stock_error = ReaderText("Quantity: reason", readonly=True)
    stock_attempts = fields.Integer(readonly=True)
    stock_approved = fields.Integer(readonly=True, help="Up to this quantity somebody agreed to a large increase.")

    price_target = fields.Monetary("Price by Odoo", readonly=True)
    price_pushed_value = fields.Monetary("Pushed price", compute='_compute_pushed_values', store=True)
    price_pushed = fields.Json(readonly=True)
    price_pushed_date = fields.Datetime("Price pushed on", readonly=True)
    offer_pushed = fields.Json(readonly=True, help="Every part of the offer that Amazon may have from Odoo: Amazon "
                               "keeps what a change leaves out.")
    amazon_offer = fields.Json("Offer at Amazon", readonly=True)
    price_state = fields.Selection(PUSH_STATES, "Price", readonly=True, index='btree_not_null')
    price_error = ReaderText("Price: reason", readonly=True)
    price_attempts = fields.Integer(readonly=True)
    price_approved = fields.Float(readonly=True, help="The price that somebody agreed to although it is a "
                                  "large change.")

    content_pushed = fields.Json(readonly=True)
    content_pushed_date = fields.Datetime("Texts pushed on", readonly=True)
    content_state = fields.Selection(PUSH_STATES, "Texts", readonly=True, index='btree_not_null')
    content_error = ReaderText("Texts: reason", readonly=True)
    content_attempts = fields.Integer(readonly=True)
    out_of_sync = fields.Boolean(compute='_compute_out_of_sync', store=True)

    @api.depends('stock_pushed', 'price_pushed')
    def _compute_pushed_values(self):
        for listing in self:
            listing.quantity_pushed = (listing.stock_pushed or {}).get('quantity', 0)
            listing.price_pushed_value = ((listing.price_pushed or {}).get('ALL') or {}).get('our_price', 0)

    @api.depends('stock_pushed', 'quantity_pushed', 'amazon_quantity', 'price_pushed', 'price_pushed_value',
                 'amazon_price', 'amazon_price_missing', 'channel')
    def _compute_out_of_sync(self):
        for listing in self:
            quantity = (listing.stock_pushed and listing.channel == 'fbm'
                        and listing.quantity_pushed != listing.amazon_quantity)
            price = listing.price_pushed and not listing._shows_price()
            listing.out_of_sync = bool(quantity or price)

    @api.depends('stock_pushed', 'stock_state', 'quantity_pushed', 'amazon_quantity')
    def _compute_quantity_known(self):
        for listing in self:
            listing.quantity_known = listing._get_quantity_known()

    def _get_quantity_known(self):
        """Return the quantity at Amazon as far as Odoo knows: that pushed last, unless Amazon refused it."""
        return self.quantity_pushed if self._has_quantity_pushed() else self.amazon_quantity

    def _has_quantity_pushed(self):
        return bool(self.stock_pushed) and not self._is_stock_refused()

    def _is_stock_refused(self):
        """Return whether Amazon did not take the quantity that was pushed last, though another is held back since."""
        held = self.stock_state == 'held' and bool(self.stock_pushed and self.stock_error)
        return self.stock_state == 'failed' or held

    # === PUSHING, AND AMAZON'S ANSWER === #

    def _prepare_message(self, kind):
        """Return the values of a message (`amazon.feed.line`) of this record, beside the value that is pushed."""
        before = self._get_offer_pushed() if kind == 'price' else self[f'{kind}_pushed']
        return {'listing_id': self.id, 'sku': self.sku, 'value_before': before or False}

    def _get_offer_pushed(self):
        return self.offer_pushed or self.price_pushed

    def _get_pushed(self, kind):
        return self[f'{kind}_pushed']

    def _is_due(self, kind, _value):
        """Return whether a planned value is still to be pushed; a target that has changed since is found by the next
        run.
        """
        return self._may_push(kind)

    def _may_push(self, kind):
        """Return whether this may still be pushed: sending was not stopped, and Amazon does not fulfil the listing."""
        return self.marketplace_id[f'{kind}_sync'] and (kind != 'stock' or self.channel == 'fbm')

    def _reset_pushed(self, kind):
        if kind == 'stock':
            self._keep_approval()
        self.write({f'{kind}_pushed': False, f'{kind}_state': False})

    def _keep_approval(self):
        """Let the quantities that were pushed be pushed again, though Amazon shows far less."""
        for listing in self:
            listing.stock_approved = max(listing.stock_approved, listing.quantity_pushed)

    @api.model
    def _mark_sent(self, kind, changes):
        """Mark values as sent, many listings with one value at once; a value pushed again keeps its count of attempts.
        """
        sent = {f'{kind}_pushed_date': fields.Datetime.now(), f'{kind}_state': 'sent', f'{kind}_error': False}
        write_alike(self.browse([change.record.id for change in changes]), {change.record.id: {
            f'{kind}_pushed': change.value, **sent,
            **({} if change.record[f'{kind}_state'] == 'mismatch' else {f'{kind}_attempts': 0}),
        } for change in changes})
        if kind == 'stock':
            self.browse([change.record.id for change in changes if change.record.stock_approved]).stock_approved = 0
        if kind == 'price':
            for change in changes:
                change.record._add_pushed(change.value)
            self.env['amazon.listing.price']._record(changes)

    def _add_pushed(self, value):
        """Add the parts of an offer that Amazon may have from now on; none is dropped that is left out later."""
        merged = merge_offers(self._get_offer_pushed(), value)
        if merged != self.offer_pushed:
            self.with_context(tracking_disable=True).offer_pushed = merged

    def _mark_accepted(self, lines):
        """Mark messages as accepted; a value that an older message may have overwritten is pushed again."""
        kind = lines.feed_id.kind
        pushed = lines.filtered(lambda line: line.listing_id[f'{kind}_pushed'])
        overtaken = pushed.filtered(lambda line: line.listing_id[f'{kind}_pushed'] != line.value)
        if kind == 'stock':
            overtaken.listing_id._keep_approval()
        for line in overtaken:
            # Feeds are slow: the newer value may have come first, so the older one is what Amazon shows now.
            line.listing_id.write({f'{kind}_pushed': line.value, f'{kind}_state': 'mismatch'})
            if kind == 'price':
                line.listing_id._add_pushed(line.value)
        if overtaken:
            self.env['amazon.sync']._wake_event_flow(FLOWS[kind])
        (pushed - overtaken).listing_id.write(
            {f'{kind}_state': 'accepted', f'{kind}_pushed_date': fields.Datetime.now()})

    def _mark_refused(self, kind, message):
        """Keep why Amazon refused; the same value is not pushed again by itself."""
        self.write({f'{kind}_state': 'failed', f'{kind}_error': message})

    def _mark_not_recorded(self, kind, message):
        """Push values again that Amazon did not record, up to `MAX_ATTEMPTS` times."""
        if kind == 'stock':
            self._keep_approval()
        for listing in self:
            attempts = listing[f'{kind}_attempts'] + 1
            if attempts < MAX_ATTEMPTS:
                listing.write({f'{kind}_pushed': False, f'{kind}_state': 'mismatch', f'{kind}_error': message,
                               f'{kind}_attempts': attempts})
            else:
                listing.write({f'{kind}_state': 'failed', f'{kind}_error': message})

    # === READ BACK === #

    @api.model
    def _get_due(self, seller):
        """Return the listings with values that were accepted some time ago and are not read back yet."""
        before = fields.Datetime.now() - READ_BACK_AFTER
        return self.search([('seller_id', '=', seller.id), ('status', '!=', 'removed'), *any_of(
            ['&', (f'{kind}_state', '=', 'accepted'), (f'{kind}_pushed_date', '<=', before)] for kind in COMPARED)])

    @api.model
    def _get_next_due(self, seller):
        """Return when the next listing is to be read back (datetime, UTC, in the future), or False."""
        dates = []
        for kind in COMPARED:
            domain = [('seller_id', '=', seller.id), (f'{kind}_state', '=', 'accepted'),
                      (f'{kind}_pushed_date', '>', fields.Datetime.now() - READ_BACK_AFTER)]
            dates += [date for (date,) in self._read_group(domain, [], [f'{kind}_pushed_date:min']) if date]
        return min(dates) + READ_BACK_AFTER if dates else False

    def _compare(self, since=None):
        """Compare what Amazon shows with what it accepted: confirm it, push it again, or after that let it fail with a
        task.

        :param datetime since: the time of the report that shows the values, now by default; values that were accepted
            shortly before or later are not compared, nor offers with more than a price, of which a report shows too
            little
        """
        latest = fields.Datetime.now() - READ_BACK_AFTER
        for kind in COMPARED:
            pushed = self.filtered(lambda listing, kind=kind: listing[f'{kind}_pushed']
                                   and listing[f'{kind}_state'] in ('accepted', 'confirmed')
                                 and listing[f'{kind}_pushed_date'] <= min(since or latest, latest))
            if since and kind == 'price':
                pushed = pushed.filtered(lambda listing: is_plain(listing._get_offer_pushed()))
            bad = pushed.filtered(lambda listing, kind=kind: getattr(listing, f'_find_{kind}_difference')(bool(since)))
            (pushed - bad)._mark_confirmed(kind)
            bad._mark_mismatch(kind, bool(since))

    def _mark_confirmed(self, kind):
        for listing in self.filtered(lambda listing: listing[f'{kind}_state'] != 'confirmed'):
            shown = {'offer_pushed': listing.price_pushed} if kind == 'price' else {}
            listing.write({f'{kind}_state': 'confirmed', f'{kind}_error': False, f'{kind}_attempts': 0, **shown})

    def _mark_mismatch(self, kind, in_report):
        for listing in self:
            listing._mark_not_recorded(kind, getattr(listing, f'_find_{kind}_difference')(in_report))
        failed = self.filtered(lambda listing: listing[f'{kind}_state'] == 'failed')
        if failed:
            seller = self.seller_id._for_person()
            seller._alert(seller.env._("Amazon does not show the values that it accepted"), seller.env._(
                "Accepted more than once and still not shown: %s. Compare with Seller Central.",
                ', '.join(failed[:20].mapped('sku'))))
        if self - failed:
            self.env['amazon.sync']._wake_event_flow(FLOWS[kind])

    def _find_stock_difference(self, _in_report):
        """Return in words how the quantity at Amazon differs from the pushed one, or False."""
        if self._shows_stock():
            return False
        return tell(self.env)._("Amazon accepted %(pushed)s and shows %(shown)s.", pushed=self.quantity_pushed,
                                shown=self.amazon_quantity)

    def _find_price_difference(self, in_report):
        """Return in words how the offer at Amazon differs from the pushed one, in any of its parts, or False."""
        if self.amazon_price_missing:
            return tell(self.env)._("Amazon accepted %s and shows no price.", self.price_pushed_value)
        if not self._shows_price():
            return tell(self.env)._("Amazon accepted %(pushed)s and shows %(shown)s.", pushed=self.price_pushed_value,
                                    shown=self.amazon_price)
        before = self._get_offer_pushed()
        if in_report or not self.amazon_offer:
            return (not in_report and not is_plain(before)
                    and tell(self.env)._("Amazon shows no offer, or none that can be read."))
        differences = find_differences(self.price_pushed, before, self.amazon_offer)
        parts = tell(self.env).join((self._describe_part(*difference) for difference in differences), by=', ')
        return parts and tell(self.env)._("Amazon accepted the offer and shows it otherwise: %s.", parts)

    def _describe_part(self, audience, part):
        names = {
            'our_price': tell(self.env)._("price"), 'discounted_price': tell(self.env)._("sale price"),
            'levels': tell(self.env)._("quantity discounts"),
            'minimum_seller_allowed_price': tell(self.env)._("lowest price"),
            'maximum_seller_allowed_price': tell(self.env)._("highest price")}
        return names[part] if audience == 'ALL' else tell(self.env)._("%(part)s for businesses", part=names[part])

    def _is_read_singly(self):
        """Return whether the report of all listings shows too little of the pushed offer."""
        return self.price_state == 'accepted' and not is_plain(self._get_offer_pushed())

    @api.model
    def _prepare_price(self, price):
        """Return the values to write for the price that Amazon shows; None, where it shows none, is no price of zero.
        """
        return {'amazon_price_missing': True} if price is None else {
            'amazon_price': float(price), 'amazon_price_missing': False}

    def _shows_price(self):
        """Return whether Amazon shows the price, or the sale price, that was pushed."""
        if self.amazon_price_missing:
            return False
        offer = (self.price_pushed or {}).get('ALL') or {}
        prices = [offer.get('our_price', 0),
                  *([offer['discounted_price']['value_with_tax']] if 'discounted_price' in offer else [])]
        return any(abs(price - self.amazon_price) < 0.001 for price in prices)

    def _shows_stock(self):
        """Return whether Amazon shows the quantity that was pushed, less what was sold since."""
        if self.channel == 'fba' or self.amazon_quantity == self.quantity_pushed:
            return True
        return (self.amazon_quantity < self.quantity_pushed
                and self.quantity_pushed - self.amazon_quantity <= self._get_sold_since(self.stock_pushed_date))

    def _get_sold_since(self, moment):
        lines = self.env['sale.order.line'].sudo().search([
            ('product_id', '=', self.product_id.id), ('order_id.amazon_marketplace_id', '=', self.marketplace_id.id),
            ('order_id.date_order', '>=', moment - SALE_MARGIN)])
        return sum(lines.mapped('product_uom_qty'))

    # === ACTIONS === #

    def action_push_again(self):
        """Push quantity, price and texts again, whatever happened before."""
        self.check_access('write')
        for kind in FLOWS:
            listings = self.sudo().filtered(lambda listing, kind=kind: listing[f'{kind}_pushed'])
            if kind == 'stock':
                listings._keep_approval()
            listings.write({f'{kind}_pushed': False, f'{kind}_state': False, f'{kind}_error': False,
                            f'{kind}_attempts': 0})
            self.seller_id._wake(FLOWS[kind])
        return self.seller_id._notify_started()

    def action_approve_price(self):
        """Send the price that was held back because the change is large."""
        self.check_access('write')
        for listing in self.sudo().filtered(lambda listing: listing.price_state == 'held'
                                            and listing.pack_check != 'ask'):
            listing.write({'price_approved': listing.price_target, 'price_state': False, 'price_error': False})
        self.seller_id._wake('prices')
        return self.seller_id._notify_started()

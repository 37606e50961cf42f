from odoo import api, fields, models
from odoo.exceptions import UserError

from ..amazon_api.listing_offers import price_patches
from ..amazon_api.patches import content_patches, stock_patches
from ..utils.phrases import tell
from ..utils.reader_fields import ReaderText

PATCHES = {'stock': stock_patches, 'price': price_patches, 'content': content_patches}


class AmazonFeedLine(models.Model):
    _name = 'amazon.feed.line'
    _description = "Amazon Submission Message"
    _order = 'id'

    feed_id = fields.Many2one('amazon.feed', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='feed_id.company_id', store=True)
    listing_id = fields.Many2one('amazon.listing', readonly=True, ondelete='cascade', index=True)
    package_id = fields.Many2one('amazon.package', readonly=True, ondelete='cascade', index='btree_not_null')
    removal_line_id = fields.Many2one('amazon.removal.request.line', readonly=True, ondelete='cascade',
                                      index='btree_not_null')
    amazon_order_ref = fields.Char(related='package_id.amazon_order_ref')
    sku = fields.Char("SKU", readonly=True)
    value = fields.Json(readonly=True)
    value_before = fields.Json(readonly=True)
    summary = fields.Char("Pushed", compute='_compute_summary')
    state = fields.Selection(
        [('waiting', "To send"), ('sent', "Sent"), ('accepted', "Accepted"), ('refused', "Refused"),
         ('not_recorded', "Not recorded, pushed again"), ('superseded', "Overtaken by a newer value")],
        required=True, readonly=True, default='waiting')
    message = ReaderText("Amazon says", readonly=True)

    @api.depends('sku', 'package_id')
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.sku or line.package_id.display_name

    @api.depends('value', 'feed_id.kind')
    def _compute_summary(self):
        for line in self:
            value = line.value or {}
            if line.feed_id.kind == 'stock':
                line.summary = str(value.get('quantity'))
            elif line.feed_id.kind == 'price':
                line.summary = ' / '.join(f"{audience} {offer['our_price']}" for audience, offer in value.items())
            elif line.feed_id.kind == 'removal':
                line.summary = f"{value.get('sellable', 0)} + {value.get('unsellable', 0)}"
            elif line.feed_id.kind == 'shipment':
                line.summary = ' '.join(
                    filter(None, [value.get('carrierName') or value.get('carrierCode'), value.get('trackingNumber')]))
            else:
                line.summary = ', '.join(value)

    def _get_record(self):
        """Return the listings, packages or lines of removal orders that these messages are about."""
        return self.package_id or self.removal_line_id or self.listing_id

    def _get_body(self):
        """Return product type and patches, as `patchListingsItem` and a feed message both want them.

        :raises UserError: a quantity of the merchant's own for a listing that Amazon fulfils would end its fulfilment
            there
        """
        self.ensure_one()
        feed, listing = self.feed_id, self.listing_id
        if feed.kind == 'stock' and listing.channel != 'fbm':
            raise UserError(tell(self.env)._("%s is fulfilled by Amazon: no quantity is sent for it.", self.sku))
        marketplace = feed.marketplace_id
        return {'productType': listing._get_product_type(), 'patches': PATCHES[feed.kind](
            self.value, marketplace.marketplace_ref, marketplace.currency_id.name, self.value_before)}

    def _is_current(self):
        """Return whether no newer value was pushed, or is due, for the same record."""
        return self._get_record()._get_pushed(self.feed_id.kind) == self.value

    def _drop_superseded(self):
        """Mark messages that must not be sent any more as superseded and return the others."""
        current = self.filtered(lambda line: line._is_current())
        allowed = current.filtered(lambda line: line._get_record()._may_push(line.feed_id.kind))
        for line in current - allowed:
            line._get_record()._reset_pushed(line.feed_id.kind)
        (self - allowed).state = 'superseded'
        return allowed

    def _accept(self, message=False):
        if self:
            self.write({'state': 'accepted', **({'message': message} if message else {})})
            self._get_record()._mark_accepted(self)

    def _mark_not_recorded(self, message):
        """Mark messages of which it is unknown whether Amazon has them; values without a newer push are pushed again, a
        few times.
        """
        for feed, lines in self.grouped('feed_id').items():
            current = lines.filtered(lambda line: line._is_current())
            current._get_record()._mark_not_recorded(feed.kind, message)
        self.write({'state': 'not_recorded', 'message': message})

    def _refuse(self, message):
        """Mark this message as refused; its record shows Amazon's reason."""
        self.write({'state': 'refused', 'message': message})
        for line in self.filtered(lambda line: line._is_current()):
            line._get_record()._mark_refused(line.feed_id.kind, message)

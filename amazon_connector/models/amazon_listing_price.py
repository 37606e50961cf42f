from odoo import api, fields, models


class AmazonListingPrice(models.Model):
    _name = 'amazon.listing.price'
    _description = "Amazon Price History"
    _order = 'id desc'

    listing_id = fields.Many2one('amazon.listing', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='listing_id.company_id', store=True)
    currency_id = fields.Many2one(related='listing_id.currency_id')
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    price = fields.Monetary(readonly=True)
    sale_price = fields.Monetary(readonly=True)
    business_price = fields.Monetary(readonly=True)

    @api.model
    def _record(self, changes):
        """Record the prices that are pushed to Amazon (see `PricePlan.value`)."""
        self.create([{
            'listing_id': change.record.id, 'price': change.value['ALL']['our_price'],
            'sale_price': (change.value['ALL'].get('discounted_price') or {}).get('value_with_tax', 0),
            'business_price': (change.value.get('B2B') or {}).get('our_price', 0)} for change in changes])

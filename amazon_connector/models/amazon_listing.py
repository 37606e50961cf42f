from odoo import api, fields, models


class AmazonListing(models.Model):
    _name = 'amazon.listing'
    _description = "Amazon Listing"
    _rec_name = 'sku'
    _order = 'product_id desc, sku'
    _check_company_auto = True

    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, ondelete='cascade')
    seller_id = fields.Many2one(related='marketplace_id.seller_id', store=True, index=True)
    company_id = fields.Many2one(related='marketplace_id.company_id', store=True)
    sku = fields.Char("SKU", required=True, index=True)
    asin = fields.Char("ASIN", index=True)
    title = fields.Char("Title at Amazon")
    product_id = fields.Many2one('product.product', check_company=True, index=True)

    _sku_unique = models.Constraint('UNIQUE(marketplace_id, sku)', "A marketplace has one listing per SKU.")

    def write(self, vals):
        """Orders that waited for a product are tried again as soon as it is chosen."""
        result = super().write(vals)
        if vals.get('product_id'):
            orders = self.env['amazon.order'].search([('listing_ids', 'in', self.ids), ('state', '=', 'error')])
            orders.filtered(lambda order: all(order.listing_ids.mapped('product_id'))).action_retry()
        return result

    @api.model
    def _resolve(self, marketplace, items):
        """Return the listing of each order item's SKU, made where it is new, with its product where that is certain.

        :param list items: `orderItems` of the Orders API 2026-01-01
        :return: SKU -> listing
        :rtype: dict
        """
        products = {}
        for item in items:
            sku = item['product'].get('sellerSku') or item['product'].get('asin') or item['orderItemId']
            products[sku] = item['product']
        listings = self.search([('marketplace_id', '=', marketplace.id), ('sku', 'in', list(products))])
        missing = products.keys() - set(listings.mapped('sku'))
        listings |= self.create([{
            'marketplace_id': marketplace.id, 'sku': sku, 'asin': products[sku].get('asin'), 'title': products[sku].get('title'),
        } for sku in sorted(missing)])
        listings.filtered(lambda listing: not listing.product_id)._match_products()
        return {listing.sku: listing for listing in listings}

    def _match_products(self):
        """Set the product of listings by internal reference, else barcode, else ASIN; what is ambiguous stays open."""
        company = self.company_id
        for field, key in (('default_code', 'sku'), ('barcode', 'sku'), ('amazon_asin', 'asin')):
            open_listings = self.filtered(lambda listing, key=key: not listing.product_id and listing[key])
            if not open_listings:
                continue
            found = self.env['product.product'].search([
                *self.env['product.product']._check_company_domain(company), (field, 'in', open_listings.mapped(key))])
            candidates = found.grouped(field)
            for listing in open_listings:
                product = candidates.get(listing[key])
                if product and len(product) == 1:
                    listing.product_id = product

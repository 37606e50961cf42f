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
        goods = {}
        for item in items:
            goods[item['product'].get('sellerSku') or item['product'].get('asin') or item['orderItemId']] = item['product']
        listings = self.search([('marketplace_id', '=', marketplace.id), ('sku', 'in', list(goods))])
        mapped = listings.filtered('product_id')
        products = self._find_products(marketplace.company_id, {
            sku: good.get('asin') for sku, good in goods.items() if sku not in mapped.mapped('sku')})
        for listing in listings - mapped:
            if listing.sku in products:
                listing.product_id = products[listing.sku]
        listings |= self.create([{
            'marketplace_id': marketplace.id, 'sku': sku, 'asin': goods[sku].get('asin'), 'title': goods[sku].get('title'),
            'product_id': products[sku].id if sku in products else False,
        } for sku in sorted(goods.keys() - set(listings.mapped('sku')))])
        return {listing.sku: listing for listing in listings}

    @api.model
    def _find_products(self, company, asins):
        """Return products by internal reference, else barcode, else ASIN; what is ambiguous is left out.

        :param dict asins: SKU -> ASIN or None
        :return: SKU -> product
        :rtype: dict
        """
        products = {}
        domain = self.env['product.product']._check_company_domain(company)
        for field in ('default_code', 'barcode', 'amazon_asin'):
            keys = {sku: asin if field == 'amazon_asin' else sku for sku, asin in asins.items() if sku not in products}
            if not any(keys.values()):
                continue
            found = self.env['product.product'].search([*domain, (field, 'in', [key for key in keys.values() if key])]).grouped(field)
            products.update({sku: found[key] for sku, key in keys.items() if len(found.get(key, ())) == 1})
        return products

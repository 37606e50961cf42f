from odoo import api, fields, models
from odoo.fields import Command

# Flow -> the marketplace's switch for it, and the fields of products that it depends on.
FOLLOWED = {
    'prices': ('price_sync', {'list_price', 'taxes_id'}), 'content': ('content_sync', {'name', 'description_sale', 'image_1920'}),
    'stock': ('stock_sync', {'active'}),
}


class ProductTemplate(models.Model):
    _inherit = 'product.template'

    amazon_listing_ids = fields.One2many('amazon.listing', 'product_tmpl_id', string="Amazon listings", groups='amazon_connector.group_amazon_user')

    def action_amazon_sync_now(self):
        """Read the listings of these products again, and compare stock and prices, at every seller that lists them."""
        return self.product_variant_ids.action_amazon_sync_now()

    def write(self, vals):
        """Prices and texts at Amazon follow the product: let their flows compare when this transaction is committed."""
        result = super().write(vals)
        self._amazon_wake(vals)
        return result

    @api.model
    def _amazon_wake(self, vals):
        for flow, (switch, followed) in FOLLOWED.items():
            if followed & vals.keys():
                self.env['amazon.sync']._wake_if_wanted(flow, switch)

    @api.model
    def _amazon_read_families(self, marketplace, items, client):
        """Read the families of variation children (`searchListingsItems`, `getListingsItem`).

        :param dict items: SKU -> `Item` of the Listings Items API with relationships
        :return: parent's SKU -> pair of the parent's item and its children's items by SKU
        :rtype: dict
        """
        families = {}
        for parent_sku in {parent for item in items.values() for parent in self._amazon_get_relation(item).get('parentSkus', [])[:1]}:
            children = {item['sku']: item for page in self.env['amazon.listing']._search_items(
                client, marketplace, variationParentSku=parent_sku, includedData=['summaries', 'attributes', 'relationships']) for item in page}
            parent = client.call('getListingsItem', marketplace.seller_id._get_merchant_token(), parent_sku,
                                 marketplaceIds=[marketplace.marketplace_ref], includedData=['summaries']).payload
            families[parent_sku] = parent, children
        return families

    @api.model
    def _amazon_create(self, listings, items, families):
        """Create the products of unmapped listings of one marketplace: one per ASIN, variants of one parent together.

        :param dict items: SKU -> `Item` of the Listings Items API with summaries, attributes and relationships
        :param dict families: see `_amazon_read_families`
        """
        singles = {}
        for listing in listings:
            item = items.get(listing.sku)
            if not item:
                listing.write({'wish': False, 'wish_error': self.env._("Amazon does not know this SKU any more.")})
            elif not self._amazon_get_relation(item).get('parentSkus'):
                key = listing.asin or listing.sku
                singles[key] = singles.get(key, listing.browse()) | listing
        for twins in singles.values():
            twins._set_product(self._amazon_find_product(twins[0]) or self._amazon_create_single(twins[0]))
        for parent, children in families.values():
            self._amazon_create_family(listings.marketplace_id, parent, children)
        listings.wish = False

    @api.model
    def _amazon_get_relation(self, item):
        return next((relation for entry in item.get('relationships') or [] for relation in entry['relationships'] if relation['type'] == 'VARIATION'), {})

    @api.model
    def _amazon_find_product(self, listing):
        """Return the product that exists already for the ASIN of a listing, if there is just one."""
        if not listing.asin:
            return self.env['product.product']
        products = self.env['product.product'].search([
            *self.env['product.product']._check_company_domain(listing.company_id), ('amazon_asin', '=', listing.asin)], limit=2)
        return products if len(products) == 1 else self.env['product.product']

    @api.model
    def _amazon_create_single(self, listing):
        product = self.env['product.product'].create({
            'name': listing.title or listing.sku, 'is_storable': True, 'company_id': False, **self._amazon_prepare_variant(listing)})
        if listing.amazon_price and product.currency_id == listing.currency_id:
            product.list_price = listing.amazon_price
        return product

    @api.model
    def _amazon_prepare_variant(self, listing):
        barcode = listing.barcode
        taken = barcode and (self.env['product.product'].search_count([('barcode', '=', barcode)], limit=1)
                             or self.env['product.uom'].search_count([('barcode', '=', barcode)], limit=1))
        return {'default_code': listing.sku, 'amazon_asin': listing.asin, **({'barcode': barcode} if barcode and not taken else {})}

    @api.model
    def _amazon_create_family(self, marketplace, parent, children):
        """Create one template with a variant for each child of a parent, and map all of the children's listings."""
        listings = self.env['amazon.listing'].search([
            ('marketplace_id', '=', marketplace.id), ('sku', 'in', list(children)), ('product_id', '=', False)])
        theme = next((relation['variationTheme']['attributes'] for item in children.values()
                      if 'variationTheme' in (relation := self._amazon_get_relation(item))), [])
        values = {sku: [self._amazon_get_value(item, name) for name in theme] for sku, item in children.items()}
        template = self.create({
            'name': (parent.get('summaries') or [{}])[0].get('itemName') or parent['sku'], 'is_storable': True, 'company_id': False,
            'attribute_line_ids': [Command.create(self._amazon_prepare_attribute(name, {row[position] for row in values.values()}))
                                   for position, name in enumerate(theme)]})
        for listing in listings:
            variant = template._amazon_create_variant(theme, values[listing.sku])
            variant.write(self._amazon_prepare_variant(listing))
            listing._set_product(variant)

    @api.model
    def _amazon_get_value(self, item, name):
        entries = (item.get('attributes') or {}).get(name) or [{}]
        return str(entries[0].get('value') or '?')

    @api.model
    def _amazon_prepare_attribute(self, name, values):
        """Return an attribute line; its attribute makes only the variants that there are at Amazon."""
        label = name.replace('_', ' ').capitalize()
        attributes = self.env['product.attribute']
        attribute = attributes.search([('name', '=ilike', label), ('create_variant', '=', 'dynamic')], limit=1) or attributes.create(
            {'name': label, 'create_variant': 'dynamic'})
        known = {value.name: value for value in attribute.value_ids}
        missing = self.env['product.attribute.value'].create(
            [{'name': value, 'attribute_id': attribute.id} for value in sorted(values) if value not in known])
        known.update({value.name: value for value in missing})
        return {'attribute_id': attribute.id, 'value_ids': [Command.set([known[value].id for value in sorted(values)])]}

    def _amazon_create_variant(self, theme, values):
        """Return the variant with these values, one for each attribute of the theme."""
        self.ensure_one()
        combination = self.env['product.template.attribute.value']
        for line, value in zip(self.attribute_line_ids.sorted('id'), values, strict=True):
            combination |= line.product_template_value_ids.filtered(lambda entry, value=value: entry.name == value)
        return self._get_variant_for_combination(combination) or self._create_product_variant(combination)

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..amazon_api.errors import NOT_OF_THE_RECORD, AmazonError
from ..amazon_api.items import read_attribute, read_item, read_relation
from ..amazon_api.shapes import ShapeError
from ..utils.access import USER, check_group
from ..utils.phrases import tell
from ..utils.quiet import concerns_record, describe, log_failure
from ..utils.words import explain

_logger = logging.getLogger(__name__)

# Flow -> the marketplace's switch for it, and the fields of products that it depends on.
FOLLOWED = {
    'prices': ('price_sync', {'list_price', 'taxes_id'}),
    'content': ('content_sync', {'name', 'description_sale', 'image_1920'}), 'stock': ('stock_sync', {'active'}),
}


class ProductTemplate(models.Model):
    _name = 'product.template'
    _inherit = ['product.template', 'amazon.return.rate.mixin']

    amazon_listing_ids = fields.One2many('amazon.listing', 'product_tmpl_id', string="Amazon listings",
                                         groups='amazon_connector.group_amazon_user')
    amazon_figure_ids = fields.One2many('amazon.product.figure', 'product_tmpl_id', string="Amazon in 30 days",
                                        readonly=True, groups='amazon_connector.group_amazon_user')
    amazon_asin = fields.Char("ASIN", compute='_compute_amazon_asin', inverse='_inverse_amazon_asin',
                              search='_search_amazon_asin',
                              help="Amazon Standard Identification Number of this product. Each variant has its own.")

    @api.depends('product_variant_ids.amazon_asin')
    def _compute_amazon_asin(self):
        self._compute_template_field_from_variant_field('amazon_asin')

    def _inverse_amazon_asin(self):
        self._set_product_variant_field('amazon_asin')

    def _search_amazon_asin(self, operator, value):
        return [('product_variant_ids.amazon_asin', operator, value)]

    def _get_related_fields_variant_template(self):
        return [*super()._get_related_fields_variant_template(), 'amazon_asin']

    def _amazon_get_variants(self):
        return self.with_context(active_test=False).product_variant_ids

    def action_amazon_sync_now(self):
        """Read the listings of these products again, and compare stock and prices, at every seller that lists them."""
        check_group(self.env, USER)
        self.check_access('read')
        return self.product_variant_ids.action_amazon_sync_now()

    def write(self, vals):
        """Write products; where prices or texts at Amazon depend on them, their flows are woken when this transaction
        is committed.
        """
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
        :return: parent's SKU -> pair of the parent's title and its children's items by SKU, or why they cannot be read
        :rtype: dict
        """
        families = {}
        for parent_sku in sorted({relation[0] for item in items.values()
                                  if (relation := self._amazon_get_relation(item)) and relation[0]}):
            try:
                families[parent_sku] = self._amazon_read_family(marketplace, parent_sku, client)
            except NOT_OF_THE_RECORD:
                raise
            except (ShapeError, AmazonError) as error:
                families[parent_sku] = explain(self.env, error)
        return families

    @api.model
    def _amazon_read_family(self, marketplace, parent_sku, client):
        children = {item['sku']: item for page in self.env['amazon.listing']._search_items(
            client, marketplace, variationParentSku=parent_sku,
            includedData=['summaries', 'attributes', 'relationships']) for item in page}
        parent = client.call('getListingsItem', marketplace.seller_id._get_merchant_token(), parent_sku,
                             marketplaceIds=[marketplace.marketplace_ref], includedData=['summaries']).payload
        return read_item(parent, marketplace.marketplace_ref).title or parent_sku, children

    @api.model
    def _amazon_create(self, listings, items, families):
        """Create the products of unmapped listings of one marketplace: one for each ASIN, variants of one parent
        together.

        What cannot be created says why on its listings, and keeps no other from it.

        :param dict items: SKU -> `Item` of the Listings Items API with summaries, attributes and relationships
        :param dict families: see `_amazon_read_families`
        """
        singles, members = {}, {}
        for listing in listings:
            item = items.get(listing.sku)
            relation = item and self._amazon_get_relation(item)
            if not item:
                self._amazon_refuse(listing, tell(self.env)._("Amazon does not know this SKU any more."))
            elif not relation:
                self._amazon_refuse(listing, listing.read_problem
                                    or tell(self.env)._("Its relationships at Amazon cannot be read."))
            elif relation[0]:
                members[relation[0]] = members.get(relation[0], listing.browse()) | listing
            else:
                key = listing.asin or listing.sku
                singles[key] = singles.get(key, listing.browse()) | listing
        for twins in singles.values():
            self._amazon_try(twins, lambda twins=twins: twins._set_product(
                self._amazon_find_product(twins[0]) or self._amazon_create_single(twins[0])))
        for parent_sku, family in families.items():
            concerned = members.get(parent_sku, listings.browse())
            if isinstance(family, str):
                self._amazon_refuse(concerned, family)
            else:
                self._amazon_try(concerned,
                                 lambda family=family: self._amazon_create_family(listings.marketplace_id, *family))
        listings.pending_action = False

    @api.model
    def _amazon_try(self, listings, create):
        """Create the products of some listings; Odoo's error is shown on these listings only."""
        try:
            with self.env.cr.savepoint():
                create()
        except UserError as error:
            self._amazon_refuse(listings, explain(self.env, error))
        except Exception as error:
            if not concerns_record(error):
                raise
            log_failure(_logger, "Amazon listings %s: no product", listings.ids, error=error)
            self._amazon_refuse(listings, tell(self.env)._("Unexpected error (%s): see the server log.",
                                                           describe(error)))

    @api.model
    def _amazon_refuse(self, listings, reason):
        listings.write({'pending_action': False, 'pending_action_error': reason})

    @api.model
    def _amazon_get_relation(self, item):
        """Return the result of `read_relation`, None where the data cannot be read."""
        try:
            return read_relation(item)
        except ShapeError:
            return None

    @api.model
    def _amazon_find_product(self, listing):
        """Return the product that exists already for the ASIN of a listing, if there is just one."""
        if not listing.asin:
            return self.env['product.product']
        products = self.env['product.product'].search([
            *self.env['product.product']._check_company_domain(listing.company_id), ('amazon_asin', '=', listing.asin)],
            limit=2)
        return products if len(products) == 1 else self.env['product.product']

    @api.model
    def _amazon_create_single(self, listing):
        product = self.env['product.product'].create({
            'name': listing.title or listing.sku, 'is_storable': True, 'company_id': False,
            **self._amazon_prepare_variant(listing)})
        if listing.amazon_price and product.currency_id == listing.currency_id:
            product.list_price = listing.amazon_price
        return product

    @api.model
    def _amazon_prepare_variant(self, listing):
        barcode = listing.barcode
        taken = barcode and (self.env['product.product'].search_count([('barcode', '=', barcode)], limit=1)
                             or self.env['product.uom'].search_count([('barcode', '=', barcode)], limit=1))
        return {'default_code': listing.sku, 'amazon_asin': listing.asin,
                **({'barcode': barcode} if barcode and not taken else {})}

    @api.model
    def _amazon_create_family(self, marketplace, title, children):
        """Create one template with a variant for each child of a parent, and map all of the children's listings."""
        listings = self.env['amazon.listing'].search([
            ('marketplace_id', '=', marketplace.id), ('sku', 'in', list(children)), ('product_id', '=', False)])
        theme = next((relation[1] for item in children.values() if (relation := self._amazon_get_relation(item))
                      and relation[1]), [])
        values = {sku: [read_attribute(item, name) for name in theme] for sku, item in children.items()}
        template = self.create({
            'name': title, 'is_storable': True, 'company_id': False,
            'attribute_line_ids': [
                Command.create(self._amazon_prepare_attribute(name, {row[position] for row in values.values()}))
                                   for position, name in enumerate(theme)]})
        for listing in listings:
            variant = template._amazon_create_variant(theme, values[listing.sku])
            variant.write(self._amazon_prepare_variant(listing))
            listing._set_product(variant)

    @api.model
    def _amazon_prepare_attribute(self, name, values):
        """Return the values of an attribute line; only variants that exist at Amazon are created."""
        label = name.replace('_', ' ').capitalize()
        attributes = self.env['product.attribute']
        attribute = (attributes.search([('name', '=ilike', label), ('create_variant', '=', 'dynamic')], limit=1)
                     or attributes.create(
                         {'name': label, 'create_variant': 'dynamic'}))
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

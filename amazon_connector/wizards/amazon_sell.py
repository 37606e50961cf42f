from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.amazon_listing_draft import REQUIREMENTS


class AmazonSell(models.TransientModel):
    _name = 'amazon.sell'
    _description = "Sell on Amazon"
    _inherit = ['amazon.access.mixin']

    product_ids = fields.Many2many('product.product', string="Products", required=True)
    marketplace_ids = fields.Many2many('amazon.seller.marketplace', string="Marketplaces", required=True)
    requirements = fields.Selection(REQUIREMENTS, "What to create", required=True, default='LISTING_OFFER_ONLY')
    asin = fields.Char("ASIN", help="Empty: the ASIN of the product, else found by its barcode.")
    product_type = fields.Char(help="Amazon's product type, like LUGGAGE. Empty: Amazon suggests some in the "
                               "next step.")
    channel = fields.Selection([('fbm', "FBM: I ship"), ('fba', "FBA: Amazon ships")], required=True, default='fbm')

    @api.model
    def default_get(self, fields_list):
        """Return the default values, with the products that the wizard was opened for."""
        values = super().default_get(fields_list)
        if self.env.context.get('active_model') == 'product.product':
            values['product_ids'] = [fields.Command.set(self.env.context.get('active_ids', []))]
        elif self.env.context.get('active_model') == 'product.template':
            templates = self.env['product.template'].browse(self.env.context.get('active_ids', []))
            values['product_ids'] = [fields.Command.set(templates.product_variant_ids.ids)]
        return values

    def action_next(self):
        """Create a draft for each product and marketplace, and open them; nothing is sent yet."""
        self.check_access('write')
        self.marketplace_ids.check_access('write')
        self.product_ids.check_access('read')
        self.env['amazon.listing.draft'].check_access('create')
        self.ensure_one()
        asins = self._find_asins() if self.requirements == 'LISTING_OFFER_ONLY' else {}
        form_is_known = self.requirements == 'LISTING_OFFER_ONLY' or self.product_type
        if form_is_known:
            self._read_types()
        drafts = self.env['amazon.listing.draft'].sudo().create([
            self._prepare_draft(product, marketplace, *asins.get((product, marketplace), (False, False)))
            for product in self.product_ids for marketplace in self.marketplace_ids])
        if form_is_known:
            drafts.filtered(lambda draft: draft.asin or draft.requirements == 'LISTING').action_load_form()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Sell on Amazon"), 'res_model': 'amazon.listing.draft',
            'view_mode': 'form' if len(drafts) == 1 else 'list,form', 'views': [(False, 'form')] if len(drafts) == 1
            else [(False, 'list'), (False, 'form')],
            **({'res_id': drafts.id} if len(drafts) == 1 else {'domain': [('id', 'in', drafts.ids)]}),
        }

    def _read_types(self):
        """Read the product types for the forms, before anything is written."""
        for marketplace in self.marketplace_ids:
            probe = self.env['amazon.listing.draft'].new({
                'marketplace_id': marketplace.id, 'requirements': self.requirements, 'product_type': self.product_type})
            probe._ask(probe._get_type)

    def _prepare_draft(self, product, marketplace, asin, title):
        if self.channel == 'fba':
            marketplace._get_amazon_channel()
        sku = product.default_code or product.barcode or f'ODOO-{product.id}'
        return {
            'marketplace_id': marketplace.id, 'product_id': product.id, 'requirements': self.requirements,
            'product_type': self.product_type,
            'asin': asin, 'asin_title': title, 'channel': self.channel, 'sku': f'{sku}-FBA' if self.channel == 'fba'
            else sku, 'price': product.list_price if product.currency_id == marketplace.currency_id else 0,
        }

    def _find_asins(self):
        """Return the page at Amazon for each product and marketplace: the ASIN named, or the one that the barcode leads
        to.
        """
        found = {}
        for marketplace in self.marketplace_ids:
            for product in self.product_ids:
                asin = self.asin or product.amazon_asin
                found[product, marketplace] = self._read_page(marketplace, product, asin)
        return found

    def _read_page(self, marketplace, product, asin):
        """Search a barcode at Amazon (`searchCatalogItems`); one that leads to several pages leads to none."""
        if not asin and not product.barcode:
            return False, False
        query = {'identifiers': [asin], 'identifiersType': 'ASIN'} if asin else {
            'identifiers': [product.barcode], 'identifiersType': 'UPC' if len(product.barcode) == 12 else 'EAN'}
        items = self.env['amazon.listing.draft'].new({'marketplace_id': marketplace.id})._ask(
            lambda **options: marketplace.seller_id._get_client().call('searchCatalogItems', **options),
            marketplaceIds=[marketplace.marketplace_ref], includedData=['summaries'], **query).payload['items']
        if asin and not items:
            raise UserError(self.env._("Amazon has no page with the ASIN %(asin)s on %(marketplace)s.", asin=asin,
                                       marketplace=marketplace.name))
        if len(items) != 1:
            return False, False
        return items[0]['asin'], (items[0].get('summaries') or [{}])[0].get('itemName')

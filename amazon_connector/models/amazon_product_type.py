import datetime
import json

from odoo import api, fields, models

from ..amazon_api.documents import download

KEEP = datetime.timedelta(days=7)


class AmazonProductType(models.Model):
    _name = 'amazon.product.type'
    _description = "Amazon Product Type"
    _order = 'name'

    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, ondelete='cascade')
    name = fields.Char(required=True)
    requirements = fields.Selection([('LISTING', "Product and offer"), ('LISTING_OFFER_ONLY', "Offer only")],
                                    required=True, default='LISTING')
    title = fields.Char()
    schema = fields.Json()
    fetch_date = fields.Datetime()

    _name_unique = models.Constraint('UNIQUE(marketplace_id, name, requirements)',
                                     "A marketplace has each product type once.")

    @api.model
    def _search_names(self, marketplace, text):
        """Return Amazon's product types for a text as pairs of name and title (`searchDefinitionsProductTypes`)."""
        reply = marketplace.seller_id._get_client().call(
            'searchDefinitionsProductTypes', marketplaceIds=[marketplace.marketplace_ref], itemName=text)
        return [[entry['name'], entry['displayName']] for entry in reply.payload['productTypes']]

    @api.model
    def _get(self, marketplace, name, requirements='LISTING'):
        """Return a product type with its JSON Schema, read again once a week (`getDefinitionsProductType`).

        :raises AmazonError: Amazon has no such product type here, or cannot be reached
        """
        known = self.search([('marketplace_id', '=', marketplace.id), ('name', '=', name),
                             ('requirements', '=', requirements)], limit=1)
        if known.fetch_date and known.fetch_date > fields.Datetime.now() - KEEP:
            return known
        seller = marketplace.seller_id
        reply = seller._get_client().call(
            'getDefinitionsProductType', name, marketplaceIds=[marketplace.marketplace_ref],
            sellerId=seller._get_merchant_token(), requirements=requirements, locale='DEFAULT').payload
        schema = json.loads(download(seller._get_transport(), reply['schema']['link']['resource']).content)
        vals = {'title': reply['displayName'], 'schema': schema, 'fetch_date': fields.Datetime.now()}
        if known:
            known.write(vals)
            return known
        return self.create({'marketplace_id': marketplace.id, 'name': name, 'requirements': requirements, **vals})

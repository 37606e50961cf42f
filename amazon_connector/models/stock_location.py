from odoo import api, fields, models

KINDS = [
    ('view', "Amazon FBA"), ('sellable', "Sellable at Amazon"), ('unsellable', "Unsellable at Amazon"),
    ('transfer', "In transit at Amazon"), ('change', "Changing its condition at Amazon"),
    ('dispatch', "Shipped to customers by Amazon"), ('inbound', "In transit to Amazon"),
    ('removal', "On its way back from Amazon"), ('loss', "Lost and found at Amazon"),
    ('disposed', "Disposed of by Amazon"),
]
# Where goods belong to the company, so that they are valued, though no warehouse of the company has them.
OWNED = ('transfer', 'change', 'dispatch', 'inbound', 'removal')
AT_AMAZON = ('sellable', 'unsellable')
LOST = ('loss', 'disposed')
# Of the valuation of a location, by whatever names Odoo has them.
ACCOUNTS = ('valuation_account_id', 'valuation_in_account_id', 'valuation_out_account_id')


class StockLocation(models.Model):
    _inherit = 'stock.location'

    amazon_fba = fields.Boolean("Held by Amazon (FBA)", help="What lies here is in Amazon's fulfilment centres.")
    amazon_seller_id = fields.Many2one('amazon.seller', "FBA stock of", readonly=True, copy=False, ondelete='set null',
                                       index='btree_not_null')
    amazon_kind = fields.Selection(KINDS, "Kind of FBA stock", readonly=True, copy=False)
    amazon_country_id = fields.Many2one('res.country', "Country of the FBA stock", readonly=True, copy=False)

    amazon_vat_warned = fields.Boolean("Warned of a missing VAT number", readonly=True, copy=False)

    _amazon_unique = models.UniqueIndex(
        "(amazon_seller_id, amazon_kind, COALESCE(amazon_country_id, 0)) WHERE amazon_seller_id IS NOT NULL",
        "A seller has each location of FBA stock once.")

    @api.model
    def _amazon_get(self, seller, kind, country=None):
        """Return the location of a seller's FBA stock, made where there is none yet.

        :param str kind: one of `KINDS`
        :param country: `res.country` of the fulfillment centers, for sellable and unsellable stock
        """
        locations = self.sudo().with_context(active_test=False)
        found = locations.search([('amazon_seller_id', '=', seller.id), ('amazon_kind', '=', kind),
                                  ('amazon_country_id', '=', country.id if country else False)], limit=1)
        return found or locations.create(self._amazon_prepare(seller, kind, country))

    @api.model
    def _amazon_prepare(self, seller, kind, country):
        # Locations have the language of the database, not that of whoever runs the job.
        label = dict(self._fields['amazon_kind']._description_selection(self.env))[kind]
        name = f'{seller.name}: {label}' if kind == 'view' else f'{label} ({country.name})' if country else label
        parent = self._amazon_get(seller, 'view') if kind in (*AT_AMAZON, *OWNED) else self._amazon_find_root(
            seller.company_id, kind)
        return {
            **(self._amazon_get_accounts(seller.company_id) if kind in LOST else {}),
            'name': name, 'location_id': parent.id, 'company_id': seller.company_id.id, 'amazon_seller_id': seller.id,
            'amazon_kind': kind, 'amazon_country_id': country.id if country else False,
            'amazon_fba': kind in AT_AMAZON,
            'usage': 'view' if kind == 'view' else 'internal' if kind in AT_AMAZON
            else 'transit' if kind in OWNED else 'inventory',
        }

    @api.model
    def _amazon_get_accounts(self, company):
        """Return the accounts of what is lost as values of a location: those of the company's own losses."""
        losses = self.sudo().search([('usage', '=', 'inventory'), ('company_id', '=', company.id),
                                     ('amazon_seller_id', '=', False)], limit=1)
        return {name: losses[name].id for name in ACCOUNTS if name in self._fields and losses[name]}

    @api.model
    def _amazon_find_root(self, company, kind):
        """Return the location below which Odoo keeps locations of a kind: those of warehouses, or virtual ones."""
        if kind == 'view':
            warehouse = self.env['stock.warehouse'].sudo().search([('company_id', '=', company.id)], limit=1)
            return warehouse.view_location_id.location_id
        return self.sudo().search([('usage', '=', 'inventory'), ('company_id', '=', company.id)],
                                  limit=1).location_id

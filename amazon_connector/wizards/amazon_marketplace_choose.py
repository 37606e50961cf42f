import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

# What a marketplace takes over from another one of its company; what depends on the country (taxes, languages) or
# belongs to accounting stays its own.
SETTINGS = (
    'warehouse_id', 'stock_location_ids', 'team_id', 'user_id', 'payment_term_id', 'order_naming', 'order_prefix',
    'fallback_product_id', 'shipping_product_id', 'gift_wrap_product_id', 'discount_product_id', 'fee_product_id',
    'tax_product_id', 'fbm_confirm', 'fba_confirm', 'fba_deliver', 'fbm_shipped', 'fbm_invoice', 'fba_invoice',
    'invoice_date', 'tracking_required', 'stock_basis', 'stock_reserve', 'stock_share', 'stock_cap', 'lead_time_days',
    'paused_policy', 'inactive_policy', 'guard_share', 'brand_name',
)
# Of one currency only.
PRICELISTS = ('pricelist_id', 'sale_pricelist_id', 'business_pricelist_id')
LATELY = datetime.timedelta(days=30)


class AmazonMarketplaceChoose(models.TransientModel):
    """Choose on which of its marketplaces a seller works with Odoo, and with whose settings."""

    _name = 'amazon.marketplace.choose'
    _description = "Choose Marketplaces"
    _inherit = ['amazon.access.mixin']
    _check_company_auto = True

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True)
    company_id = fields.Many2one(related='seller_id.company_id')
    line_ids = fields.One2many('amazon.marketplace.choose.line', 'wizard_id')
    warehouse_id = fields.Many2one('stock.warehouse', "Ships from", check_company=True,
                                   help="Of the marketplaces that are new here.")
    like_id = fields.Many2one('amazon.seller.marketplace', "Settings like", check_company=True,
                              help="Those that are ticked under \"Same settings\" take over its settings.")

    @api.model
    def _open(self, seller):
        """Return the action that shows all marketplaces of a seller, those first on which it sold lately."""
        markets = seller.with_context(active_test=False).marketplace_ids
        sold = self._find_sold(markets)
        proposed = markets.filtered('active')
        if seller.marketplace_choice == 'asked':
            home = markets.filtered(lambda market: market.country_id.code == seller.home_marketplace)
            proposed = sold or home
        ordered = markets.sorted(lambda market: (market not in sold, market not in proposed, market.name))
        wizard = self.sudo().create({
            'seller_id': seller.id, 'warehouse_id': proposed.warehouse_id[:1].id,
            'line_ids': [Command.create({'marketplace_id': market.id, 'sequence': position,
                                         'is_chosen': market in proposed, 'sold_lately': market in sold})
                         for position, market in enumerate(ordered)]})
        return {'type': 'ir.actions.act_window', 'name': self.env._("Choose marketplaces"), 'res_model': self._name,
                'res_id': wizard.id, 'view_mode': 'form', 'target': 'new'}

    @api.model
    def _find_sold(self, markets):
        """Return the marketplaces of which Amazon showed orders when the seller was connected, or of which orders came
        in lately.
        """
        since = fields.Datetime.now() - LATELY
        found = [market for market, in self.env['amazon.order'].sudo()._read_group(
            [('marketplace_id', 'in', markets.ids), ('last_update', '>=', since)], ['marketplace_id'])]
        return markets.filtered(lambda market: market.sold_lately or market in found)

    def action_choose(self):
        """Use the chosen marketplaces from now on and leave the others; the flows begin."""
        self.ensure_one()
        self.check_access('write')
        seller = self.seller_id
        seller.check_access('write')
        chosen = self.line_ids.filtered('is_chosen').marketplace_id
        if not chosen:
            raise UserError(self.env._("Choose one marketplace at least."))
        everything = self.line_ids.marketplace_id.filtered(lambda market: market.seller_id == seller)
        self._set_settings(everything & chosen)
        (everything & chosen).filtered(lambda market: not market.active).active = True
        (everything - chosen).filtered('active').active = False
        seller._set_chosen()
        return seller._notify('success', self.env._("Odoo works on %s from now on.", ', '.join(chosen.mapped('name'))),
                              close=True)

    def _set_settings(self, chosen):
        """Give new marketplaces the warehouse, and those that are ticked the settings of the named one."""
        first = self.seller_id.marketplace_choice == 'asked'
        new = chosen if first else chosen.filtered(lambda market: not market.active)
        if self.warehouse_id:
            new.filtered(lambda market: market.warehouse_id != self.warehouse_id
                         and market.company_id == self.warehouse_id.company_id).warehouse_id = self.warehouse_id
        alike = self.line_ids.filtered('same_settings').marketplace_id & chosen
        if self.like_id:
            for market in alike - self.like_id:
                self._copy_settings(market)

    def _copy_settings(self, market):
        source = self.like_id
        if source.seller_id != self.seller_id or source.company_id != market.company_id:
            raise UserError(self.env._("%(marketplace)s cannot have the settings of %(other)s, which is of another "
                                       "company.", marketplace=market.name, other=source.name))
        names = SETTINGS + (PRICELISTS if source.currency_id == market.currency_id else ())
        vals = {name: market._fields[name].convert_to_write(source[name], market) for name in names
                if source[name] != market[name]}
        levels = {level.level: level.delivery_carrier_id for level in market.service_level_ids}
        vals['service_level_ids'] = [
            Command.create({'level': level.level, 'delivery_carrier_id': level.delivery_carrier_id.id})
            for level in source.service_level_ids if level.level not in levels]
        market.write(vals)

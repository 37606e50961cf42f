from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..amazon_api.errors import NotConfigured
from ..amazon_api.marketplaces import BY_ID
from ..amazon_reports.listings import REPORT_TYPE as LISTINGS_REPORT
from ..utils.access import ADMIN, USER, check_companies, check_group
from ..utils.phrases import tell
from ..utils.reader_fields import ReaderText
from ..utils.stock_plan import GUARD_LEAST
from ..utils.words import explain
from .amazon_mapping_rule import DEFAULT_KINDS

CHARGE_PRODUCTS = {
    'SHIPPING': 'shipping_product_id', 'GIFT_WRAP': 'gift_wrap_product_id', 'DISCOUNT': 'discount_product_id',
    'DELIVERY_TIP': 'fee_product_id', 'COD_FEE': 'fee_product_id', 'OTHER': 'fee_product_id', 'TAX': 'tax_product_id',
}
# Amazon's code for its own fulfilment by region; the Far East has one a country.
AMAZON_CHANNELS = {'na': 'AMAZON_NA', 'eu': 'AMAZON_EU'}
# Accounts on which money waits for the payout or the next settlement.
BETWEEN = [('reconcile', '=', True), ('internal_group', 'in', ('asset', 'liability'))]
INVOICING = [('no', "No"), ('draft', "Draft invoice"), ('posted', "Posted invoice")]


def _default_product(xml_id):
    return lambda self: self.env.ref(f'amazon_connector.{xml_id}', raise_if_not_found=False)


class AmazonSellerMarketplace(models.Model):
    _name = 'amazon.seller.marketplace'
    _description = "Amazon Marketplace of a Seller"
    _inherit = ['amazon.access.mixin']
    _check_company_auto = True
    _order = 'seller_id, name'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade', index=True)
    name = fields.Char(required=True, readonly=True)
    marketplace_ref = fields.Char("Marketplace ID", required=True, readonly=True)
    active = fields.Boolean("In use", default=True)
    country_id = fields.Many2one('res.country', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    domain_name = fields.Char("Shop", readonly=True)
    is_suspended = fields.Boolean("Listings suspended", readonly=True)
    sold_lately = fields.Boolean(readonly=True, copy=False, help="Amazon showed an order of the last month when the "
                                 "seller was connected.")

    company_id = fields.Many2one('res.company', required=True)
    warehouse_id = fields.Many2one('stock.warehouse', check_company=True, help="Ships the merchant-fulfilled orders.")
    fba_location_id = fields.Many2one('stock.location', "FBA location", check_company=True,
                                      domain=[('usage', '=', 'internal')])
    team_id = fields.Many2one('crm.team', "Sales team", check_company=True)
    user_id = fields.Many2one('res.users', "Salesperson", check_company=True)
    pricelist_id = fields.Many2one('product.pricelist', check_company=True)
    journal_id = fields.Many2one('account.journal', "Invoice journal", check_company=True,
                                 domain=[('type', '=', 'sale')])
    payment_term_id = fields.Many2one('account.payment.term', check_company=True)

    order_naming = fields.Selection(
        [('amazon', "Amazon's number"), ('prefix', "Prefix and Amazon's number"), ('sequence', "Odoo's sequence")],
        required=True, default='amazon')
    order_prefix = fields.Char()
    fallback_product_id = fields.Many2one('product.product', check_company=True, required=True,
                                          default=_default_product('product_fallback'),
                                          help="Stands for an unknown SKU until its product is chosen.")
    shipping_product_id = fields.Many2one('product.product', check_company=True, required=True,
                                          default=_default_product('product_shipping'))
    gift_wrap_product_id = fields.Many2one('product.product', check_company=True, required=True,
                                           default=_default_product('product_gift_wrap'))
    discount_product_id = fields.Many2one('product.product', check_company=True, required=True,
                                          default=_default_product('product_discount'))
    fee_product_id = fields.Many2one('product.product', "Tips and fees product", check_company=True, required=True,
                                     default=_default_product('product_fee'))
    tax_product_id = fields.Many2one('product.product', "Collected tax product", check_company=True, required=True,
                                     default=_default_product('product_tax'))

    fbm_confirm = fields.Boolean("Confirm FBM orders", default=True)
    fba_confirm = fields.Boolean("Confirm FBA orders", default=True, help="When Amazon has shipped them.")
    fba_deliver = fields.Boolean("Deliver FBA orders", default=True,
                                 help="Take what Amazon shipped from the FBA location.")
    fbm_shipped = fields.Selection(
        [('wait', "Wait for the delivery in Odoo"), ('deliver', "Deliver as Amazon says")],
        "FBM orders shipped at Amazon only", required=True,
        default='wait', help="Orders that Amazon reports as shipped while their delivery is open in Odoo. Products "
        "that are invoiced on delivery are "
                             "invoiced when they are delivered.")
    fbm_invoice = fields.Selection(INVOICING, "Invoice FBM orders", required=True, default='no')
    fba_invoice = fields.Selection(INVOICING, "Invoice FBA orders", required=True, default='no')
    invoice_date = fields.Selection(
        [('order', "Date of the order"), ('update', "Date of the shipment"), ('today', "Date of the import")],
        required=True, default='order')
    anonymous_partner_id = fields.Many2one('res.partner', "Anonymous customer", readonly=True)

    tracking_required = fields.Boolean("Tracking number demanded", default=True,
                                       help="Deliveries by a carrier with tracking are confirmed with their "
                                                                                     "tracking number only.")
    service_level_ids = fields.One2many('amazon.service.level', 'marketplace_id', "Delivery methods",
                                        help="Delivery method of a new order by the service level that the "
                                        "buyer chose.")

    language_code = fields.Char("Language", readonly=True,
                                help="Language of the texts that buyers see, as Amazon names it.")
    mapping_rule_ids = fields.One2many('amazon.mapping.rule', 'marketplace_id', "Mapping rules")
    listing_count = fields.Integer(compute='_compute_listing_counts', groups='amazon_connector.group_amazon_user')
    unmapped_count = fields.Integer(compute='_compute_listing_counts', groups='amazon_connector.group_amazon_user')

    stock_sync = fields.Boolean("Quantities are sent", readonly=True, copy=False)
    stock_location_ids = fields.Many2many('stock.location', string="Locations", check_company=True,
                                          domain=[('usage', '=', 'internal')],
                                          help="Sold from these locations only; by default from the whole warehouse.")
    stock_basis = fields.Selection([('free', "Free to use"), ('forecast', "Forecast")], "Quantity sold", required=True,
                                   default='free')
    stock_reserve = fields.Integer("Keep back", help="Pieces of each product that are never offered here.")
    stock_share = fields.Integer("Share (%)", default=100, help="Of what is left, this share is offered here.")
    stock_cap = fields.Integer("Show at most", help="Largest quantity to show; 0 for no limit.")
    lead_time_days = fields.Integer("Handling time (days)", help="0 leaves the handling time as it is at Amazon.")
    paused_policy = fields.Selection([('keep', "Leave the quantity at Amazon"), ('zero', "Send zero")],
                                     "Paused listings", required=True, default='keep')
    inactive_policy = fields.Selection([('zero', "Send zero"), ('keep', "Leave the quantity at Amazon")],
                                       "Archived products", required=True, default='zero')
    guard_share = fields.Integer("Ask before zeroing (%)", default=20,
                                 help="A run that would set more than this share of the listings in stock to zero "
                                                                            "is not sent before somebody agrees. 0 "
                                 "never asks.")
    stock_jump_limit = fields.Integer(
        "Hold increases beyond (%)", default=300, help="A quantity that rises by more than this share of what Amazon "
        "shows, and was not received since, waits until somebody agrees. 0 never holds.")
    stock_obstacle = ReaderText("No quantity is sent", readonly=True, copy=False)
    guard_message = ReaderText("Waits for you", readonly=True, copy=False)
    guard_passed = fields.Boolean(readonly=True, copy=False)
    removal_message = ReaderText("Listings are missing", readonly=True, copy=False)

    price_sync = fields.Boolean("Send prices", copy=False, help="Prices of the pricelist, in the currency of the "
                                "marketplace, are sent when they change.")
    price_includes_tax = fields.Boolean("Prices include tax", compute='_compute_price_includes_tax', store=True,
                                        readonly=False, help="Whether buyers see prices with tax here.")
    sale_pricelist_id = fields.Many2one('product.pricelist', "Sale prices", check_company=True,
                                        help="Its rules with a start and an end date are sent as sale prices while "
                                        "they are valid.")
    business_pricelist_id = fields.Many2one('product.pricelist', "Business prices", check_company=True,
                                            help="Prices for Amazon Business; its rules by quantity become quantity "
                                            "discounts.")
    price_obstacle = ReaderText("No price is sent", readonly=True, copy=False)
    price_change_limit = fields.Integer("Hold changes beyond (%)", default=30,
                                        help="A larger change of a price waits until somebody agrees. 0 never holds.")

    content_sync = fields.Boolean("Send texts", copy=False,
                                  help="Title, description and picture of the listings that follow their product are "
                                                                 "sent when they change, in the language of the "
                                  "marketplace.")
    content_obstacle = ReaderText("No text is sent", readonly=True, copy=False)
    brand_name = fields.Char("Brand", help="Of products that have no attribute \"Brand\".")

    refund_policy = fields.Selection(
        [('no', "No"), ('draft', "Draft credit note"), ('posted', "Posted credit note")], "Refunds", required=True,
        default='draft',
        help="What becomes of refunds of orders that are invoiced, every hour; the settlement clears the credit "
        "notes later.")
    settlement_journal_id = fields.Many2one('account.journal', "Journal of settlements", check_company=True,
                                            domain=[('type', '=', 'general')])
    settlement_payout_account_id = fields.Many2one(
        'account.account', "Payouts", check_company=True, domain=BETWEEN, help="Holds a payout until the bank has it.")
    settlement_carried_account_id = fields.Many2one(
        'account.account', "Carried forward", check_company=True, domain=BETWEEN,
        help="Between the entries of one settlement.")
    settlement_partner_id = fields.Many2one('res.partner', "Amazon as a partner", check_company=True)
    settlement_split = fields.Boolean("Split by month", help="What was posted in another month than the settlement "
                                      "ends in is booked in its own month.")
    settlement_draft = fields.Boolean("Draft entries", help="The entries of settlements wait as drafts until somebody "
                                      "posts them.")
    settlement_auto = fields.Boolean("Book by itself", help="Settlements are booked as soon as every row has a rule.")
    settlement_sale_tax_id = fields.Many2one(
        'account.tax', "Tax on sales", check_company=True, domain=[('type_tax_use', '=', 'sale')],
        help="The tax of sales, refunds and promotions of orders that are not in Odoo; those in Odoo have their own. "
        "It is inside of their amounts, "
             "unless Amazon shows it in rows of its own; what Amazon itself remits is left out.")

    _marketplace_unique = models.Constraint('UNIQUE(seller_id, marketplace_ref)', "A seller has each marketplace once.")

    _share_range = models.Constraint('CHECK(stock_share BETWEEN 0 AND 100)', "The share is between 0 and 100 %.")

    def write(self, vals):
        """Write marketplaces; only companies of the user can be set, and accounts and journals only by users of
        Accounting.
        """
        check_companies(self.env, filter(None, [vals.get('company_id')]))
        self._check_who_decides(vals)
        result = super().write(vals)
        if vals.get('active'):
            for marketplace in self.sudo():
                marketplace.currency_id._amazon_activate(marketplace.seller_id)
        return result

    def _check_who_decides(self, names):
        """Raise an error where an Amazon administrator sets accounting fields, or an accountant other ones."""
        of_accounting = {name for name in names if name.startswith(('settlement_', 'fee_'))
                         or name == 'refund_policy'} - {'fee_product_id'}
        if of_accounting and not self.env.su and not self.env.user.has_group('account.group_account_manager'):
            raise AccessError(self.env._("How settlements are booked is decided by administrators of Accounting: "
                                         "ask one."))
        if set(names) - of_accounting:
            check_group(self.env, ADMIN)

    @api.depends('country_id')
    def _compute_price_includes_tax(self):
        for marketplace in self:
            marketplace.price_includes_tax = marketplace.country_id.code not in ('US', 'CA')

    def _compute_listing_counts(self):
        groups = self.env['amazon.listing']._read_group([('marketplace_id', 'in', self.ids)],
                                                        ['marketplace_id', 'mapping_state'], ['__count'])
        for marketplace in self:
            counts = {state: count for market, state, count in groups if market == marketplace}
            marketplace.listing_count, marketplace.unmapped_count = sum(counts.values()), counts.get('unmapped', 0)

    def action_import_listings(self):
        """Request the report of all listings from Amazon now."""
        self.check_access('read')
        check_group(self.env, USER)
        self.env['amazon.report'].sudo()._want(self, LISTINGS_REPORT)
        self.seller_id._wake('listings')
        return self.seller_id._notify('info',
                                      self.env._("Amazon makes the report, which takes some minutes; the listings "
                                                 "appear by themselves."))

    def action_view_listings(self):
        """Show the listings of this marketplace."""
        return self.seller_id._action_window('amazon_connector.amazon_listing_action',
                                             [('marketplace_id', '=', self.id)])

    # === SET-UP === #

    @api.model
    def _update_from_amazon(self, seller, participations):
        """Create or update the marketplaces of a seller; settings of users are kept.

        :param list participations: `MarketplaceParticipation` objects of the Sellers API
        """
        known = {marketplace.marketplace_ref: marketplace
                 for marketplace in seller.with_context(active_test=False).marketplace_ids}
        for entry in participations:
            facts = self._prepare_facts(entry)
            if facts['marketplace_ref'] in known:
                known[facts['marketplace_ref']].write(facts)
            else:
                active = entry['participation']['isParticipating'] and not entry['marketplace']['name'].startswith(
                    'Non-Amazon')
                self.create({**facts, **self._prepare_defaults(seller, facts), 'seller_id': seller.id,
                             'active': active})
        seller.marketplace_ids.currency_id._amazon_activate(seller)

    @api.model
    def _prepare_facts(self, entry):
        """Return the values that Amazon states of a marketplace, known to this code or not."""
        market = entry['marketplace']
        known = BY_ID.get(market['id'])
        code = known.country if known else {'UK': 'GB'}.get(market['countryCode'], market['countryCode'])
        currency = self.env['res.currency'].with_context(active_test=False).search(
            [('name', '=', market['defaultCurrencyCode'])], limit=1)
        return {
            'marketplace_ref': market['id'], 'name': market['name'], 'domain_name': market['domainName'],
            'currency_id': currency.id, 'country_id': self.env['res.country'].search([('code', '=', code)], limit=1).id,
            'is_suspended': entry['participation']['hasSuspendedListings'],
            'language_code': market['defaultLanguageCode'],
        }

    @api.model
    def _prepare_defaults(self, seller, facts):
        """Return the settings of a new marketplace, from its company."""
        company = seller.company_id
        warehouse = self.env['stock.warehouse'].search([('company_id', '=', company.id)], limit=1)
        return {
            'company_id': company.id, 'warehouse_id': warehouse.id, 'brand_name': company.name,
            'fba_location_id': self._find_or_create_fba_location(warehouse, company).id,
            'pricelist_id': self._find_or_create_pricelist(company, facts['currency_id']).id,
            'team_id': self._find_or_create_team(company).id,
            'tax_policy': self._get_default_tax_policy(company, facts['country_id']),
            'mapping_rule_ids': [Command.create({'kind': kind, 'sequence': 10 * position})
                                 for position, kind in enumerate(DEFAULT_KINDS, 1)],
        }

    @api.model
    def _find_or_create_fba_location(self, warehouse, company):
        locations = self.env['stock.location']
        # Those of a seller whose stock is kept by the ledger are his alone.
        found = locations.search([('amazon_fba', '=', True), ('company_id', '=', company.id),
                                  ('amazon_seller_id', '=', False)], limit=1)
        return found or locations.create({
            'name': 'FBA', 'amazon_fba': True, 'usage': 'internal', 'company_id': company.id,
            'location_id': warehouse.view_location_id.location_id.id,
        })

    @api.model
    def _find_or_create_pricelist(self, company, currency_id):
        pricelists = self.env['product.pricelist']
        found = pricelists.search([
            ('amazon_only', '=', True), ('currency_id', '=', currency_id), ('company_id', 'in', (False, company.id))],
            limit=1)
        return found or pricelists.create({
            'name': f"Amazon {self.env['res.currency'].browse(currency_id).name}", 'currency_id': currency_id,
            'company_id': company.id, 'amazon_only': True,
        })

    @api.model
    def _find_or_create_team(self, company):
        teams = self.env['crm.team']
        return (teams.search([('name', '=', 'Amazon'), ('company_id', 'in', (False, company.id))], limit=1)
                or teams.create(
                    # Odoo gives the first team to users who are in none.
                    {'name': 'Amazon', 'company_id': company.id, 'sequence': 1000}))

    # === STOCK AND PRICES === #

    def _is_by_ledger(self) -> bool:
        """Return whether the FBA stock of this marketplace is kept by Amazon's ledger: it is that of the seller's
        company.
        """
        self.ensure_one()
        return self.seller_id.ledger_state == 'on' and self.company_id == self.seller_id.company_id

    def _get_amazon_channel(self):
        """Return Amazon's code for its own fulfilment on this marketplace.

        :raises UserError: it is not known
        """
        self.ensure_one()
        code = 'AMAZON_JP' if self.country_id.code == 'JP' else AMAZON_CHANNELS.get(self.seller_id.region)
        if not code:
            raise UserError(tell(self.env)._("FBA is not known for %s.", self.name))
        return code

    def action_start_stock(self):
        """Show which quantities would change before any is sent."""
        self.check_access('write')
        check_group(self.env, ADMIN)
        self.ensure_one()
        try:
            self.seller_id._get_merchant_token()
        except NotConfigured as error:
            raise UserError(explain(self.env, error)) from None
        return self.env['amazon.stock.preview']._open(self)

    def action_stop_stock(self):
        """Send no more quantities; Amazon keeps those that were pushed last."""
        self.check_access('write')
        check_group(self.env, ADMIN)
        self.sudo().write({'stock_sync': False, 'guard_message': False, 'guard_passed': False})

    def action_pass_guard(self):
        """Send the quantities of a run that waits because it sets many listings to zero."""
        self.check_access('write')
        check_group(self.env, ADMIN)
        self.sudo().write({'guard_passed': True, 'guard_message': False})
        self.seller_id._wake('stock')

    def _for_person(self):
        """Return this marketplace in the language of whom a task about it is given to."""
        return self.with_env(self.seller_id._for_person().env)

    def _hold_stock(self, emptied, in_stock):
        """Hold a run that would set an unusual share of the listings to zero, and ask a person."""
        self.ensure_one()
        message = tell(self.env)._(
            "%(emptied)s of %(in_stock)s listings in stock would be set to zero, so nothing is sent. Check the "
            "quantities, then send them or "
            "correct the cause.", emptied=emptied, in_stock=in_stock)
        if self.guard_message != message:
            self.guard_message = message
            seller = self.seller_id._for_person()
            seller._alert(seller.env._("Quantities for %s are held back", self.name), message)

    def _guard_listings(self, missing, known, has_rows):
        """Return whether a person must agree before missing listings are marked as removed, and ask if so.

        :param int missing: listings that the report lacks
        :param int known: listings that were at Amazon before
        :param bool has_rows: whether the report has any listing: one without says nothing
        """
        self.ensure_one()
        unusual = self.guard_share and missing >= GUARD_LEAST and missing * 100 > known * self.guard_share
        message = missing and (unusual or not has_rows) and tell(self.env)._(
            "Amazon's report lacks %(missing)s of %(known)s listings. They are left as they are: import the listings "
            "again, or confirm that they are "
            "no longer at Amazon.", missing=missing, known=known)
        if (self.removal_message or False) != (message or False):
            self.removal_message = message or False
            if message:
                seller = self.seller_id._for_person()
                seller._alert(seller.env._("Listings on %s are missing in Amazon's report", self.name), message)
        return bool(message)

    def action_confirm_removal(self):
        """Mark the listings that Amazon's last report lacks as removed at Amazon."""
        self.check_access('write')
        check_group(self.env, ADMIN)
        for marketplace in self.filtered('removal_message').sudo():
            listings = self.env['amazon.listing'].sudo().search([('marketplace_id', '=', marketplace.id),
                                                                 ('missing_hint', '=', 'report')])
            listings.write({'status': 'removed', 'missing_hint': False})
            marketplace.removal_message = False

    def _set_obstacle(self, field, obstacle):
        self.ensure_one()
        if (self[field] or None) != obstacle:
            self[field] = obstacle

    # === DECISIONS FOR ONE ORDER === #

    def _get_charge_product(self, kind):
        """Return the product of a charge other than an item's price.

        :param str kind: breakdown type of the Orders API; one that is not known is a fee
        """
        return self[CHARGE_PRODUCTS.get(kind, 'fee_product_id')]

    def _get_anonymous_partner(self):
        """Return the customer of all orders of this marketplace whose buyer Amazon does not name."""
        self.ensure_one()
        if not self.anonymous_partner_id:
            self.sudo().anonymous_partner_id = self.env['res.partner'].sudo().create({
                'name': self.env._("%s customer", self.name), 'country_id': self.country_id.id,
                'company_id': self.company_id.id, 'customer_rank': 1,
            })
        return self.anonymous_partner_id

    def _get_delivery_carrier(self, level):
        """Return the delivery method of a service level (`fulfillmentServiceLevel`), or none."""
        return self.service_level_ids.filtered(lambda entry: entry.level == level).delivery_carrier_id

    def _get_order_name(self, amazon_order_ref):
        """Return the name of the sales order, or None for Odoo's own sequence."""
        return {'amazon': amazon_order_ref, 'prefix': f"{self.order_prefix or ''}{amazon_order_ref}"}.get(
            self.order_naming)

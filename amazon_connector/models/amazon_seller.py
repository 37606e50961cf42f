import datetime

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..amazon_api import marketplaces as amazon_marketplaces
from ..amazon_api.client import Client
from ..amazon_api.errors import AmazonError, Forbidden, LoginFailed, NotConfigured, RateLimited, Unavailable
from ..amazon_api.lwa import NO_CREDENTIALS, consent_url
from ..amazon_api.orders import has_street, has_tax_data, has_tax_to_explain, is_to_send
from ..amazon_reports.text import ReportError
from ..utils.access import USER, check_group
from ..utils.notices import make_notice
from ..utils.phrases import tell
from ..utils.reader_fields import ReaderText
from ..utils.words import explain, write_day
from .amazon_sync import FLOW_MODELS, USER_FLOWS

SECRET_LIFETIME = datetime.timedelta(days=180)
SECRET_WARNINGS = (30, 14, 7)
# Data that orders always have when the application has the role: paid orders that the merchant sends, and orders with
# US tax.
ROLES = {'recipient': "Direct-to-Consumer Delivery (Restricted)", 'buyer': "Buyer Communication",
         'tax': "Tax Invoicing (Restricted)"}


class AmazonSeller(models.Model):
    _name = 'amazon.seller'
    _description = "Amazon Seller"
    _inherit = ['mail.thread', 'mail.activity.mixin', 'amazon.access.mixin']
    _check_company_auto = True
    _order = 'sequence, name'

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company, tracking=True)
    home_marketplace = fields.Selection('_get_home_marketplaces', required=True,
                                        help="Decides the region and where you log in.")
    region = fields.Selection(list(amazon_marketplaces.REGIONS.items()), compute='_compute_region', store=True)
    selling_partner_ref = fields.Char("Merchant token", help="Amazon's id of the seller; Amazon states it on consent.")

    application_ref = fields.Char("Application ID", groups='base.group_system', copy=False)
    application_draft = fields.Boolean("Application is a draft", groups='base.group_system', copy=False)
    lwa_client_ref = fields.Char("Client ID", groups='base.group_system', copy=False)
    secret_expiry_date = fields.Date("Client secret expires", tracking=True, copy=False)
    secret_days_left = fields.Integer(compute='_compute_secret_days_left')

    state = fields.Selection(
        [('draft', "Not connected"), ('connected', "Connected"), ('error', "Error")],
        required=True, default='draft', readonly=True, copy=False, tracking=True)
    state_message = ReaderText("Reason", readonly=True, copy=False)
    missing_data = fields.Char(readonly=True, copy=False)
    missing_roles = fields.Char(compute='_compute_missing_roles')
    missing_rates = fields.Char("Currencies without an exchange rate", compute='_compute_missing_rates')
    import_from = fields.Datetime("Import changes since", required=True,
                                  default=lambda self: self._default_import_from(),
                                  help="Orders that changed after this moment are imported at first.")

    marketplace_ids = fields.One2many('amazon.seller.marketplace', 'seller_id')
    sync_ids = fields.One2many('amazon.sync', 'seller_id')
    bucket_ids = fields.One2many('amazon.rate.bucket', 'seller_id', readonly=True)
    order_count = fields.Integer(compute='_compute_counts', groups='amazon_connector.group_amazon_user')
    exception_count = fields.Integer(compute='_compute_counts', groups='amazon_connector.group_amazon_user')
    unmapped_count = fields.Integer(compute='_compute_counts', groups='amazon_connector.group_amazon_user')

    _seller_unique = models.UniqueIndex(
        "(selling_partner_ref, region, environment) WHERE selling_partner_ref IS NOT NULL",
        "This seller account is connected already in this region.")
    _retention_positive = models.Constraint('CHECK(retention_days > 0)',
                                            "Buyers' data must be kept for at least one day.")

    @api.model
    def _default_import_from(self):
        return fields.Datetime.now() - relativedelta(days=1)

    @api.model
    def _get_home_marketplaces(self):
        names = dict(self.env['res.country'].search_fetch([], ['code', 'name']).mapped(
            lambda country: (country.code, country.name)))
        entries = [(market.country, f'{names.get(market.country, market.country)} ({market.shop})')
                   for market in amazon_marketplaces.MARKETPLACES]
        return sorted(entries, key=lambda entry: entry[1])

    @api.depends('home_marketplace')
    def _compute_region(self):
        for seller in self:
            market = amazon_marketplaces.BY_COUNTRY.get(seller.home_marketplace)
            seller.region = market.region if market else False

    @api.depends('secret_expiry_date')
    def _compute_secret_days_left(self):
        today = fields.Date.context_today(self)
        for seller in self:
            seller.secret_days_left = (seller.secret_expiry_date - today).days if seller.secret_expiry_date else 0

    @api.depends('missing_data')
    def _compute_missing_roles(self):
        for seller in self:
            seller.missing_roles = ', '.join(ROLES[key] for key in (seller.missing_data or '').split(',') if key)

    @api.depends('marketplace_ids.currency_id')
    def _compute_missing_rates(self):
        for seller in self.sudo():
            missing = [market.currency_id._amazon_find_without_rate(market.company_id).mapped('name')
                       for market in seller.marketplace_ids]
            seller.missing_rates = ', '.join(sorted(set().union(*missing)))

    def _compute_counts(self):
        orders = dict(self.env['amazon.order']._read_group([('seller_id', 'in', self.ids)], ['seller_id'], ['__count']))
        exceptions = dict(self.env['amazon.order']._read_group(
            [('seller_id', 'in', self.ids), ('state', '=', 'error')], ['seller_id'], ['__count']))
        unmapped = dict(self.env['amazon.listing']._read_group(
            [('seller_id', 'in', self.ids), ('mapping_state', '=', 'unmapped')], ['seller_id'], ['__count']))
        for seller in self:
            seller.order_count = orders.get(seller, 0)
            seller.exception_count = exceptions.get(seller, 0)
            seller.unmapped_count = unmapped.get(seller, 0)

    @api.model_create_multi
    def create(self, vals_list):
        """Create sellers with their flows."""
        sellers = super().create(vals_list)
        self.env['amazon.sync'].sudo().create([
            {'seller_id': seller.id, 'flow': flow} for seller in sellers for flow in FLOW_MODELS])
        return sellers

    # === ACTIONS === #

    def action_test_connection(self):
        """Ask Amazon for the seller's marketplaces now, and show in words whether that works."""
        self.check_access('write')
        self.ensure_one()
        self._connect()
        if self.state == 'error':
            return self._notify('danger', self.state_message)
        return self._notify('success', self.env._("The connection works: %s marketplaces.", len(self.marketplace_ids)))

    def action_sync_now(self):
        """Wake the flows that users wait for."""
        self.check_access('read')
        check_group(self.env, USER)
        for seller in self.filtered(lambda seller: seller.state == 'error'):
            raise UserError(seller.state_message or tell(self.env)._("%s is not connected to Amazon.", seller.name))
        self._check_chosen_marketplaces()
        for flow in USER_FLOWS:
            self._wake(flow)
        return self._notify_started()

    def _wake(self, flow):
        """Make a flow of these sellers due and wake its job."""
        self.sudo().sync_ids.filtered(lambda sync: sync.flow == flow).action_sync_now()

    def action_authorize(self):
        """Send the user to Amazon's consent page."""
        self.check_access('write')
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'url': f'/amazon_connector/authorize/{self.id}', 'target': 'self'}

    def action_connect(self):
        """Test the stored credentials, then open this seller."""
        self.check_access('write')
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'url': f'/amazon_connector/connect/{self.id}', 'target': 'self'}

    def action_view_orders(self):
        """Show the orders of this seller."""
        return self._action_window('amazon_connector.amazon_order_action', [('seller_id', '=', self.id)])

    def action_view_exceptions(self):
        """Show the exceptions of this seller."""
        return self._action_window('amazon_connector.amazon_order_action',
                                   [('seller_id', '=', self.id), ('state', '=', 'error')])

    def action_view_unmapped(self):
        """Show the SKUs of this seller without a product."""
        return self._action_window('amazon_connector.amazon_listing_sku_action',
                                   [('seller_id', '=', self.id), ('mapping_state', '=', 'unmapped')])

    def _action_window(self, xml_id, domain):
        self.check_access('read')
        action = self.env['ir.actions.act_window']._for_xml_id(xml_id)
        self.env[action['res_model']].check_access('read')
        return {**action, 'domain': domain, 'context': {}}

    def _notify(self, kind, message, close=False):
        """Return the action that shows a message, and closes the dialog that it was pressed in or loads the screen
        again.
        """
        after = {'type': 'ir.actions.act_window_close'} if close else {'type': 'ir.actions.client',
                                                                       'tag': 'soft_reload'}
        return make_notice(kind, message, after)

    def _notify_started(self):
        """Return the action with the message that a job does soon what was asked for."""
        return self._notify('info', self.env._("Synchronization starts in a moment."))

    # === CONNECTION === #

    def _get_client(self):
        """Return the client of this seller, with its rate limits in the database.

        :raises NotConfigured: the credentials cannot be read
        :rtype: odoo.addons.amazon_connector.amazon_api.client.Client
        """
        self.ensure_one()
        seller = self.sudo()
        return Client(seller._get_credentials(), seller._get_endpoint(), seller._get_transport(),
                      lwa_url=seller._get_lwa_url())

    def _get_merchant_token(self):
        """Return the seller's id at Amazon, which every call on listings names.

        :raises NotConfigured: Amazon stated it on no consent, and nobody entered it
        """
        self.ensure_one()
        if not self.selling_partner_ref:
            raise NotConfigured(tell(self.env)._(
                "Enter the merchant token of %s: Seller Central shows it under Settings > Account Info > "
                "Merchant Token.", self.name))
        return self.selling_partner_ref

    def _get_redirect_uri(self):
        """Return where Amazon is to send users back after they authorised the application."""
        return f'{self.get_base_url()}/amazon_connector/return'

    def _get_consent_url(self, state, redirect_uri):
        """Return the address of Amazon's consent page for this seller's application.

        :param str state: what Amazon is to send back with the answer
        :param str redirect_uri: where Amazon is to send the user
        """
        seller = self.sudo()
        if not seller.application_ref:
            raise UserError(tell(self.env)._("Enter the application ID first: Amazon shows it in the Developer "
                                             "Console of Seller Central."))
        return consent_url(seller._get_seller_central(), seller.application_ref, state, redirect_uri,
                           draft=seller.application_draft)

    def _connect(self):
        """Read the seller's marketplaces (`getMarketplaceParticipations`) and set the state by the outcome."""
        self.ensure_one()
        try:
            reply = self._get_client().call('getMarketplaceParticipations')
        except AmazonError as error:
            self._set_error(error)
            return
        participations = reply.payload if isinstance(reply.payload, list) else reply.payload.get('payload', [])
        sold = self._find_sold(participations)
        self.env['amazon.seller.marketplace'].sudo()._update_from_amazon(self.sudo(), participations)
        self._mark_sold(sold)
        self.sudo().write({'state': 'connected', 'state_message': False})
        self.env.ref('amazon_connector.ir_cron_amazon_tax_gaps')._trigger()
        self.env.ref('amazon_connector.ir_cron_amazon_attention')._trigger()
        if self.marketplace_choice != 'asked':
            self.action_sync_now()

    def _is_refused(self):
        """Return whether Amazon refuses this account as a whole (asks `getMarketplaceParticipations`); False if it does
        not answer.
        """
        try:
            self._get_client().call('getMarketplaceParticipations')
        except (Forbidden, LoginFailed):
            return True
        except AmazonError:
            return False
        return False

    # === SETTLEMENTS === #

    def _find_sale_orders(self, order_refs):
        """Return the sales orders of this seller by Amazon's order ids; other ids (of shipments) are ignored."""
        markets = self.with_context(active_test=False).marketplace_ids
        return self.env['sale.order'].sudo().search_fetch(
            [('amazon_marketplace_id', 'in', markets.ids),
             ('amazon_order_ref', 'in', [ref for ref in order_refs if ref])],
            ['amazon_order_ref', 'amazon_marketplace_id'])

    def _get_marketplaces_by_shop(self):
        """Return the seller's marketplaces by the names that settlements have for them, in lower case: 'amazon.de'."""
        markets = self.with_context(active_test=False).marketplace_ids
        return {name.lower().removeprefix('www.'): market for market in markets
                for name in (market.name, market.domain_name) if name}

    def _find_settlement_marketplace(self, file, currency):
        """Return the marketplace of a settlement, and whether it is a guess: that of most rows or of their orders, else
        one that sells in its currency.

        :param SettlementFile file: the report
        :raises ReportError: the seller has no marketplace
        """
        if not currency:
            raise ReportError(tell(self.env)._("The settlement is in %s, a currency that Odoo does not know.",
                                               file.currency))
        shops = self._get_marketplaces_by_shop()
        named = [shops[name.lower()] for name, _count in file.shops.most_common() if name.lower() in shops]
        if named:
            return named[0], False
        orders = self._find_sale_orders(file.order_refs)
        if orders:
            return max(orders.grouped('amazon_marketplace_id').items(), key=lambda entry: len(entry[1]))[0], True
        markets = self.marketplace_ids or self.with_context(active_test=False).marketplace_ids
        if not markets:
            raise ReportError(tell(self.env)._("The seller has no marketplaces yet: test the connection first."))
        home = markets.filtered(lambda market: market.country_id.code == self.home_marketplace)
        same = markets.filtered(lambda market: market.currency_id == currency)
        return ((home & same) or same or home or markets)[:1], True

    def _set_error(self, error):
        """Show in words why the connection does not work; only an error that a person must solve stops the flows.

        :param AmazonError error: what Amazon answered
        """
        self.ensure_one()
        message = self._describe_error(error)
        if isinstance(error, Unavailable | RateLimited) and self.state == 'connected':
            self.sudo().state_message = message
        else:
            self.sudo().write({'state': 'error', 'state_message': message})
            self.env.ref('amazon_connector.ir_cron_amazon_attention')._trigger()

    def _describe_error(self, error):
        if isinstance(error, NotConfigured):
            return explain(self.env, error)
        if isinstance(error, LoginFailed) and error.code == NO_CREDENTIALS:
            return tell(self.env)._("There are no credentials: enter them with \"Replace credentials\", or authorize "
                                    "at Amazon.")
        if isinstance(error, LoginFailed) and error.code == 'invalid_client':
            return tell(self.env)._(
                "Amazon does not accept the client ID and secret. If the secret expired (they live 180 days), create a "
                "new one in "
                "the Developer Console of Seller Central and enter it with \"Replace credentials\".")
        if isinstance(error, LoginFailed):
            return tell(self.env)._("Amazon does not accept the authorization: it was withdrawn, or the refresh token "
                                    "is wrong. Authorize again.")
        if isinstance(error, Forbidden):
            return tell(self.env)._(
                "Amazon refuses access (%(code)s). Check in Seller Central that the application is authorised for this "
                "seller and has "
                "its roles, then test the connection.", code=error.code or error.status)
        if isinstance(error, RateLimited):
            return tell(self.env)._("Amazon's rate limit is reached. Try again at %s UTC.",
                                    error.until.strftime('%H:%M:%S'))
        if isinstance(error, Unavailable):
            return tell(self.env)._("Amazon cannot be reached (%s). Try again in a few minutes.", explain(self.env,
                                                                                                          error))
        return tell(self.env)._("Amazon refused: %s", explain(self.env, error))

    def _update_missing_data(self, payloads):
        """Set which personal or tax data Amazon leaves out for want of a role, and clear it when the data is there.

        :param payloads: `Order` objects as Amazon sent them
        """
        self.ensure_one()
        paid, taxed = [payload for payload in payloads if is_to_send(payload)], [payload for payload in payloads
                                                                                 if has_tax_to_explain(payload)]
        present = {}
        if paid:
            present |= {'recipient': any(map(has_street, paid)), 'buyer': any(payload.get('buyer') for payload in paid)}
        if taxed:
            present['tax'] = any(map(has_tax_data, taxed))
        missing, granted = (set(filter(None, (self[name] or '').split(','))) for name in (
            'missing_data', 'granted_data'))
        missing = missing - {key for key in present if present[key]} | {key for key in present if not present[key]}
        granted = (granted | {key for key in present if present[key]}) - missing
        self._set_changed({'missing_data': ','.join(key for key in ROLES if key in missing),
                           'granted_data': ','.join(key for key in ROLES if key in granted)})

    def _set_changed(self, vals):
        """Write texts of this seller that differ from what is there."""
        changed = {name: value for name, value in vals.items() if value != (self[name] or '')}
        if changed:
            self.sudo().write(changed)

    def _alert(self, summary, note):
        """Give somebody a task in the own language, once as long as it is open."""
        for seller in self:
            user = seller._find_person()
            reader = tell(seller.with_context(lang=user.lang or self.env.lang).env)
            if not {summary, reader.again(summary)} & set(seller.activity_ids.mapped('summary')):
                seller.activity_schedule('mail.mail_activity_data_warning', user_id=user.id,
                                         summary=reader.again(summary), note=reader.again(note))

    # === CLIENT SECRET === #

    @api.model
    def _warn_about_secrets(self):
        """Schedule an activity 30, 14 and 7 days before a client secret expires; called once a day."""
        today = fields.Date.context_today(self)
        for seller in self.search([('secret_expiry_date', '!=', False)]):
            if seller.secret_days_left not in SECRET_WARNINGS and not (
                    seller.secret_days_left < SECRET_WARNINGS[-1] and not seller.activity_ids):
                continue
            told = seller._for_person()
            told.activity_schedule(
                'amazon_connector.mail_activity_type_secret', date_deadline=max(seller.secret_expiry_date, today),
                user_id=seller._find_person().id,
                summary=told.env._("Amazon client secret expires on %s", write_day(
                    told.env, seller.secret_expiry_date)),
                note=told.env._("Create a new client secret in the Developer Console of Seller Central and enter "
                                "it with "
                                "\"Replace credentials\" on the seller. Without it, nothing is synchronized."))

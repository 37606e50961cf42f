from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..amazon_api.marketplaces import BY_COUNTRY
from ..models.amazon_seller import SECRET_LIFETIME

# Of Seller Central: where developers see their applications.
CONSOLE_PATH = '/sellingpartner/developerconsole'


class AmazonConnect(models.TransientModel):
    _name = 'amazon.connect'
    _description = "Connect to Amazon"
    _inherit = ['amazon.access.mixin']

    seller_id = fields.Many2one('amazon.seller', check_company=True,
                                help="The seller whose credentials are replaced; empty for a new one.")
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company)
    home_marketplace = fields.Selection(
        lambda self: self.env['amazon.seller']._get_home_marketplaces(), required=True,
        default=lambda self: self.env.company.country_id.code if self.env.company.country_id.code in dict(
            self.env['amazon.seller']._get_home_marketplaces()) else False)
    name = fields.Char(compute='_compute_name', store=True, precompute=True, readonly=False, required=True)
    method = fields.Selection(
        [('consent', "Authorize at Amazon"), ('token', "Refresh token of a private application")], required=True,
        default='consent')
    # Whoever decides where secrets are sent could read them there, so only system administrators set these fields.
    environment = fields.Selection(
        lambda self: self.env['amazon.seller']._fields['environment'].selection, groups='base.group_system',
        compute='_compute_address', store=True, readonly=False)
    custom_url = fields.Char(
        "Address", groups='base.group_system', compute='_compute_address', store=True, readonly=False)
    application_ref = fields.Char("Application ID")
    application_draft = fields.Boolean(
        "Draft application", help="The Developer Console shows the status \"Draft\": Amazon has not approved the "
        "application for other sellers. Without this tick it refuses the consent.")
    lwa_client_ref = fields.Char("Client ID")
    # Secrets are not stored in the wizard's table, where they would stay after an error: they are saved on the seller
    # at once.
    lwa_client_secret = fields.Char("Client secret", compute='_compute_secrets', inverse='_inverse_secrets')
    refresh_token = fields.Char(compute='_compute_secrets', inverse='_inverse_secrets')
    saved_seller_id = fields.Many2one('amazon.seller', readonly=True, ondelete='set null')
    secret_expiry_date = fields.Date("Client secret expires", default=lambda self: fields.Date.context_today(self)
                                     + SECRET_LIFETIME)
    import_from = fields.Datetime("Import orders changed since", required=True,
                                  default=lambda self: self.env['amazon.seller']._default_import_from())

    redirect_uri = fields.Char("Redirect URI", compute='_compute_redirect_uri',
                               help="Amazon sends you back there; the application must name it.")
    has_https = fields.Boolean(compute='_compute_redirect_uri')
    console_url = fields.Char("Developer Console", compute='_compute_console_url')

    @api.model
    def default_get(self, fields):
        """Return the default values; for a seller that exists, its own."""
        values = super().default_get(fields)
        seller = self.env['amazon.seller'].browse(values.get('seller_id'))
        if not seller:
            return values
        known = {'name': seller.name, 'home_marketplace': seller.home_marketplace, 'company_id': seller.company_id.id}
        return {**values, **{name: value for name, value in known.items() if name in fields}}

    @api.depends('seller_id')
    def _compute_address(self):
        default_url = self.env['ir.config_parameter'].sudo().get_param('amazon_connector.default_url')
        for wizard in self:
            seller = wizard.seller_id
            wizard.environment = seller.environment or ('custom' if default_url else 'production')
            wizard.custom_url = seller.custom_url if seller else default_url

    # Odoo 18 and 17 leave a new record's field empty that depends on nothing.
    @api.depends('method')
    def _compute_redirect_uri(self):
        self.redirect_uri = self.env['amazon.seller']._get_redirect_uri()
        for wizard in self:
            wizard.has_https = wizard.redirect_uri.startswith('https://')

    @api.depends('home_marketplace')
    def _compute_console_url(self):
        for wizard in self:
            market = BY_COUNTRY.get(wizard.home_marketplace)
            wizard.console_url = market and f'{market.seller_central_url}{CONSOLE_PATH}'

    def _compute_secrets(self):
        self.lwa_client_secret = self.refresh_token = False

    @api.depends('home_marketplace', 'company_id')
    def _compute_name(self):
        labels = dict(self.env['amazon.seller']._get_home_marketplaces())
        for wizard in self:
            if not wizard.name or wizard.name.startswith(
                    tuple(f'{company} - ' for company in wizard.company_id.mapped('name'))):
                wizard.name = f"{wizard.company_id.name} - {labels.get(wizard.home_marketplace, 'Amazon')}"

    def web_save(self, vals, specification, next_id=None):
        """Save the entered values, as the browser does before it connects.

        Errors are raised now, and all entered values stay in the form.
        """
        strict = self.with_context(amazon_connect_strict=True)
        return super(AmazonConnect, strict).web_save(vals, specification, next_id)

    def _inverse_secrets(self):
        """Save the sellers with their secrets, because the wizard has no place for these.

        Where the wizard is created by other means than the browser, `action_connect` raises the errors.
        """
        for wizard in self:
            typed = {name: (wizard[name] or '').strip() for name in ('lwa_client_secret', 'refresh_token')}
            try:
                with self.env.cr.savepoint():
                    wizard.sudo().saved_seller_id = wizard._save_seller(typed)
            except UserError:
                if self.env.context.get('amazon_connect_strict'):
                    raise
        self.invalidate_recordset(['lwa_client_secret', 'refresh_token'])

    def action_connect(self):
        """Open the next page: Amazon's consent page, or the one that tests the refresh token.

        The browser saves the form in a call before this one, so the seller is not created in the transaction in which
        Amazon is asked whether the secret is right.

        :return: an action that opens the next page
        :raises UserError: Amazon does not accept the client ID and secret
        """
        self.ensure_one()
        seller = self.sudo().saved_seller_id.sudo(False) or self._save_seller({})
        seller.check_access('write')
        if self.method == 'token':
            return seller.action_connect()
        if wrong := seller._find_wrong_secret():
            raise UserError(wrong)
        return seller.action_authorize()

    def _save_seller(self, secrets):
        """Return the seller, new or with replaced credentials.

        :param dict secrets: `lwa_client_secret` and `refresh_token` as they were typed
        :raises AccessError: the company or the seller is none of the user's
        :raises UserError: something is missing
        """
        seller = self.sudo().saved_seller_id.sudo(False) or self.seller_id
        self._check_rights(seller)
        vals = self._prepare_credentials(secrets)
        if seller:
            seller.sudo().write(vals)
            return seller
        seller = self.env['amazon.seller'].sudo().create({
            **vals, **self._prepare_address(), 'name': self.name, 'company_id': self.company_id.id,
            'home_marketplace': self.home_marketplace, 'import_from': self.import_from,
            'marketplace_choice': 'asked',
        }).sudo(False)
        seller.check_access('create')
        return seller

    def _check_rights(self, seller):
        seller.check_access('write')
        if not seller:
            self.env['amazon.seller'].check_access('create')
            if not self.env.su and self.company_id not in self.env.companies:
                raise AccessError(self.env._("You do not work for the company that you want to connect."))

    def _prepare_credentials(self, secrets):
        entered = {name: (self[name] or '').strip() for name in ('lwa_client_ref', 'application_ref')} | secrets
        third = 'application_ref' if self.method == 'consent' else 'refresh_token'
        needed = ['lwa_client_ref', 'lwa_client_secret', third]
        missing = [self._fields[name]._description_string(self.env) for name in needed if not entered.get(name)]
        if missing:
            raise UserError(self.env._(
                "Enter %s: Amazon shows it in the Developer Console of Seller Central.", ', '.join(missing)))
        address = self._prepare_address() if self.env.su or self.env.user.has_group('base.group_system') else {}
        return {**address, **{name: entered[name] for name in needed}, 'secret_expiry_date': self.secret_expiry_date,
                'application_draft': self.application_draft}

    def _prepare_address(self):
        wizard = self.sudo()
        custom_url = wizard.custom_url if wizard.environment == 'custom' else False
        return {'environment': wizard.environment, 'custom_url': custom_url}
